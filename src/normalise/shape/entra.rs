//! What all exports of Entra sign-ins share: the property names of Microsoft Graph `signIn`.
//!
//! Letter case differs between Graph, Azure Monitor and Log Analytics and is ignored. `deviceDetail`, `location`, `status`
//! and `authenticationDetails` are objects or JSON text; both are read.

use crate::model::fields::Field;
use crate::model::shape::{Paths, Slot};

const fn field(field: Field) -> Slot {
    Slot::Field(field)
}

/// Properties of a sign-in, in Graph's spelling.
pub const PROPERTIES: Paths = &[
    ("id", field(Field::Id)),
    ("createdDateTime", Slot::Time(1)),
    ("signInEventTypes", field(Field::SignInEventTypes)),
    ("isInteractive", field(Field::IsInteractive)),
    ("userId", field(Field::UserId)),
    ("userPrincipalName", field(Field::UserPrincipalName)),
    ("userDisplayName", field(Field::UserDisplayName)),
    ("userType", field(Field::UserType)),
    ("appId", field(Field::AppId)),
    ("appDisplayName", field(Field::AppDisplayName)),
    ("resourceDisplayName", field(Field::ResourceDisplayName)),
    ("homeTenantId", field(Field::HomeTenantId)),
    ("crossTenantAccessType", field(Field::CrossTenantAccessType)),
    ("resourceTenantId", Slot::Else(Field::TenantId)),
    ("ipAddress", field(Field::IpAddressEntra)),
    ("autonomousSystemNumber", field(Field::AutonomousSystemNumber)),
    ("location/city", field(Field::City)),
    ("location/countryOrRegion", field(Field::CountryOrRegion)),
    ("location/geoCoordinates/latitude", field(Field::Latitude)),
    ("location/geoCoordinates/longitude", field(Field::Longitude)),
    ("clientAppUsed", field(Field::ClientAppUsed)),
    ("userAgent", field(Field::UserAgent)),
    ("signInTokenProtectionStatus", field(Field::SignInTokenProtectionStatus)),
    ("tokenProtectionStatusDetails/signInSessionStatus", Slot::Else(Field::SignInTokenProtectionStatus)),
    ("authenticationProtocol", field(Field::AuthenticationProtocol)),
    ("originalTransferMethod", field(Field::OriginalTransferMethod)),
    ("incomingTokenType", field(Field::IncomingTokenType)),
    ("authenticationRequirement", field(Field::AuthenticationRequirement)),
    ("authenticationDetails/authenticationMethod", field(Field::AuthenticationMethod)),
    ("authenticationDetails/succeeded", Slot::AnyTrue(Field::AuthenticationSucceeded)),
    ("authenticationDetails/authenticationStepResultDetail", field(Field::AuthenticationStepResultDetail)),
    ("conditionalAccessStatus", field(Field::ConditionalAccessStatus)),
    ("riskLevelDuringSignIn", field(Field::RiskLevelDuringSignIn)),
    ("riskState", field(Field::RiskState)),
    ("riskEventTypes_v2", field(Field::RiskEventTypes)),
    ("riskEventTypes", Slot::Else(Field::RiskEventTypes)),
    ("correlationId", field(Field::CorrelationId)),
    ("originalRequestId", field(Field::OriginalRequestId)),
    ("sessionId", field(Field::EntraSessionId)),
    ("uniqueTokenIdentifier", field(Field::UniqueTokenIdentifier)),
    ("servicePrincipalId", field(Field::ServicePrincipalId)),
    ("servicePrincipalName", field(Field::ServicePrincipalName)),
    ("servicePrincipalCredentialKeyId", field(Field::ServicePrincipalCredentialKeyId)),
    ("servicePrincipalCredentialThumbprint", field(Field::ServicePrincipalCredentialThumbprint)),
    ("clientCredentialType", field(Field::ClientCredentialType)),
    ("federatedCredentialId", field(Field::FederatedCredentialId)),
    ("tokenIssuerType", field(Field::TokenIssuerType)),
    ("managedServiceIdentity/msiType", field(Field::ManagedIdentityType)),
    ("deviceDetail/deviceId", field(Field::DeviceId)),
    ("deviceDetail/displayName", field(Field::DeviceDisplayName)),
    ("deviceDetail/browser", field(Field::Browser)),
    ("deviceDetail/operatingSystem", field(Field::OperatingSystem)),
    ("deviceDetail/isManaged", field(Field::IsManaged)),
    ("deviceDetail/isCompliant", field(Field::IsCompliant)),
    ("deviceDetail/trustType", field(Field::TrustType)),
    ("status/errorCode", field(Field::ErrorCode)),
];
