//! Entra sign-ins as Elastic's Azure integration stores them: `azure.signinlogs.*` in snake_case, places and addresses in
//! ECS fields; nested or with dots in the keys.
//!
//! `created_at` is when it happened. Fields: pipeline and test records of the repository elastic/integrations
//! (`packages/azure/data_stream/signinlogs`), and its rules in elastic/detection-rules for the later ones.

use crate::model::fields::{Family, Field};
use crate::model::shape::{Paths, Rule, Shape, Slot};

pub const ENTRA_ELASTIC: Shape = Shape {
    name: "entra-elastic",
    about: "Entra sign-ins of Elastic's Azure integration",
    note: "",
    family: Family::Entra,
    rule: Rule {
        all: &[],
        any: &[
            "azure/signinlogs/category",
            "azure/signinlogs/properties/id",
            "azure/signinlogs/properties/app_id",
            "azure/signinlogs/properties/user_principal_name",
        ],
        none: &[],
        any_ending: &[],
    },
    tables: &[("", ECS), ("azure/signinlogs/", LOG), ("azure/signinlogs/properties/", PROPERTIES)],
};

const ECS: Paths = &[
    ("@timestamp", Slot::LocalTime(2)),
    ("azure/correlation_id", Slot::Else(Field::CorrelationId)),
    ("azure/tenant_id", Slot::Field(Field::TenantId)),
    ("source/ip", Slot::Field(Field::IpAddressEntra)),
    ("client/ip", Slot::Else(Field::IpAddressEntra)),
    ("source/as/number", Slot::Else(Field::AutonomousSystemNumber)),
    ("source/geo/city_name", Slot::Field(Field::City)),
    ("source/geo/country_iso_code", Slot::Field(Field::CountryOrRegion)),
    ("source/geo/location/lat", Slot::Field(Field::Latitude)),
    ("source/geo/location/lon", Slot::Field(Field::Longitude)),
    ("geo/city_name", Slot::Else(Field::City)),
    ("geo/country_iso_code", Slot::Else(Field::CountryOrRegion)),
    ("geo/location/lat", Slot::Else(Field::Latitude)),
    ("geo/location/lon", Slot::Else(Field::Longitude)),
    ("user_agent/original", Slot::Field(Field::UserAgent)),
];

const LOG: Paths = &[
    ("category", Slot::Field(Field::Category)),
    ("caller_ip_address", Slot::Else(Field::IpAddressEntra)),
    ("result_type", Slot::Field(Field::ResultType)),
    ("result_description", Slot::Field(Field::ResultDescription)),
];

const PROPERTIES: Paths = &[
    ("id", Slot::Field(Field::Id)),
    ("created_at", Slot::Time(1)),
    ("is_interactive", Slot::Field(Field::IsInteractive)),
    ("user_id", Slot::Field(Field::UserId)),
    ("user_principal_name", Slot::Field(Field::UserPrincipalName)),
    ("user_display_name", Slot::Field(Field::UserDisplayName)),
    ("user_type", Slot::Field(Field::UserType)),
    ("app_id", Slot::Field(Field::AppId)),
    ("app_display_name", Slot::Field(Field::AppDisplayName)),
    ("resource_id", Slot::Field(Field::ResourceId)),
    ("resource_display_name", Slot::Field(Field::ResourceDisplayName)),
    ("home_tenant_id", Slot::Field(Field::HomeTenantId)),
    ("cross_tenant_access_type", Slot::Field(Field::CrossTenantAccessType)),
    ("ip_address", Slot::Else(Field::IpAddressEntra)),
    ("autonomous_system_number", Slot::Field(Field::AutonomousSystemNumber)),
    ("client_app_used", Slot::Field(Field::ClientAppUsed)),
    ("user_agent", Slot::Else(Field::UserAgent)),
    ("sign_in_token_protection_status", Slot::Field(Field::SignInTokenProtectionStatus)),
    ("token_protection_status_details/sign_in_session_status", Slot::Else(Field::SignInTokenProtectionStatus)),
    ("authentication_protocol", Slot::Field(Field::AuthenticationProtocol)),
    ("original_transfer_method", Slot::Field(Field::OriginalTransferMethod)),
    ("incoming_token_type", Slot::Field(Field::IncomingTokenType)),
    ("authentication_requirement", Slot::Field(Field::AuthenticationRequirement)),
    ("authentication_details/authentication_method", Slot::Field(Field::AuthenticationMethod)),
    ("authentication_details/succeeded", Slot::AnyTrue(Field::AuthenticationSucceeded)),
    ("authentication_details/authentication_step_result_detail", Slot::Field(Field::AuthenticationStepResultDetail)),
    ("conditional_access_status", Slot::Field(Field::ConditionalAccessStatus)),
    ("risk_level_during_signin", Slot::Field(Field::RiskLevelDuringSignIn)),
    ("risk_state", Slot::Field(Field::RiskState)),
    ("risk_event_types_v2", Slot::Field(Field::RiskEventTypes)),
    ("risk_event_types", Slot::Else(Field::RiskEventTypes)),
    ("correlation_id", Slot::Field(Field::CorrelationId)),
    ("original_request_id", Slot::Field(Field::OriginalRequestId)),
    ("session_id", Slot::Field(Field::EntraSessionId)),
    ("unique_token_identifier", Slot::Field(Field::UniqueTokenIdentifier)),
    ("service_principal_id", Slot::Field(Field::ServicePrincipalId)),
    ("service_principal_name", Slot::Field(Field::ServicePrincipalName)),
    ("service_principal_credential_key_id", Slot::Field(Field::ServicePrincipalCredentialKeyId)),
    ("service_principal_credential_thumbprint", Slot::Field(Field::ServicePrincipalCredentialThumbprint)),
    ("client_credential_type", Slot::Field(Field::ClientCredentialType)),
    ("federated_credential_id", Slot::Field(Field::FederatedCredentialId)),
    ("token_issuer_type", Slot::Field(Field::TokenIssuerType)),
    ("device_detail/device_id", Slot::Field(Field::DeviceId)),
    ("device_detail/display_name", Slot::Field(Field::DeviceDisplayName)),
    ("device_detail/browser", Slot::Field(Field::Browser)),
    ("device_detail/operating_system", Slot::Field(Field::OperatingSystem)),
    ("device_detail/is_managed", Slot::Field(Field::IsManaged)),
    ("device_detail/is_compliant", Slot::Field(Field::IsCompliant)),
    ("device_detail/trust_type", Slot::Field(Field::TrustType)),
    ("status/error_code", Slot::Field(Field::ErrorCode)),
];
