//! What only rows of Entra ID have: the properties of a sign-in.

use crate::base::intern::Symbol;
use crate::base::unique::Unique;
use crate::model::event::Tri;
use crate::model::lane::Lane;

/// The four sign-in categories, and AD FS rows that come with them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SignInCategory {
    #[default]
    Interactive,
    NonInteractive,
    ServicePrincipal,
    ManagedIdentity,
    Adfs,
}

impl SignInCategory {
    pub const ALL: [Self; 5] = [Self::Interactive, Self::NonInteractive, Self::ServicePrincipal, Self::ManagedIdentity, Self::Adfs];
    #[must_use]
    pub const fn lane(self) -> Lane {
        match self {
            Self::Interactive | Self::Adfs => Lane::EntraInteractive,
            Self::NonInteractive => Lane::EntraNonInteractive,
            Self::ServicePrincipal => Lane::EntraServicePrincipal,
            Self::ManagedIdentity => Lane::EntraManagedIdentity,
        }
    }
    /// The name of the category in Azure Monitor.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Interactive => "SignInLogs",
            Self::NonInteractive => "NonInteractiveUserSignInLogs",
            Self::ServicePrincipal => "ServicePrincipalSignInLogs",
            Self::ManagedIdentity => "ManagedIdentitySignInLogs",
            Self::Adfs => "ADFSSignInLogs",
        }
    }
}

/// What happened to a prompt for a second factor, as `authenticationDetails` and the error code tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MfaResult {
    Approved,
    /// Denied, timed out or failed (500121 and the like).
    Denied,
    #[default]
    None,
}

/// The properties of an Entra sign-in (Microsoft Graph `signIn`), beside what every event has.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SignIn {
    pub category: SignInCategory,
    /// `id`: the same in every category that repeats the sign-in.
    pub id: Unique,
    pub session_id: Unique,
    pub correlation_id: Unique,
    pub original_request_id: Unique,
    pub unique_token_id: Unique,
    pub app_id: Symbol,
    pub app: Symbol,
    pub resource_id: Symbol,
    pub resource: Symbol,
    /// `clientAppUsed`.
    pub client_app: Symbol,
    pub user_agent: Symbol,
    pub device_id: Symbol,
    pub device_name: Symbol,
    pub browser: Symbol,
    pub operating_system: Symbol,
    /// The two without versions, which change with every update: see `client::symbols`.
    pub client: Symbol,
    pub system: Symbol,
    pub is_managed: Tri,
    pub is_compliant: Tri,
    pub country: Symbol,
    pub city: Symbol,
    /// Latitude and longitude in degrees; 0/0 with no city is absent.
    pub coordinates: Option<(f64, f64)>,
    /// `autonomousSystemNumber`; 0 where there is none.
    pub asn: u32,
    /// `authenticationProtocol`, lower case: `devicecode`, `ropc`, `oauth2`, ...
    pub protocol: Symbol,
    /// `originalTransferMethod`, lower case.
    pub original_transfer: Symbol,
    /// `incomingTokenType`, lower case.
    pub incoming_token: Symbol,
    /// `signInTokenProtectionStatus`, lower case: `bound`, `unbound`, `none`.
    pub token_protection: Symbol,
    /// `authenticationRequirement`.
    pub requirement: Symbol,
    /// `authenticationMethod` of the last step, lower case.
    pub method: Symbol,
    /// `authenticationStepResultDetail` of the last step, lower case.
    pub step_detail: Symbol,
    pub conditional_access: Symbol,
    /// `riskLevelDuringSignIn`; `hidden` means "not licensed", never "none".
    pub risk: Symbol,
    pub risk_state: Symbol,
    /// `riskEventTypes_v2`, lower case; the last one of a list.
    pub risk_event: Symbol,
    pub mfa: MfaResult,
    pub service_principal_id: Symbol,
    /// `servicePrincipalCredentialKeyId`.
    pub credential_key_id: Symbol,
    /// `servicePrincipalCredentialThumbprint`.
    pub credential_thumbprint: Symbol,
    /// `clientCredentialType`, lower case.
    pub credential_type: Symbol,
    pub federated_credential_id: Symbol,
    pub tenant: Symbol,
    /// `homeTenantId`: where the account is from.
    pub home_tenant: Symbol,
    /// `crossTenantAccessType`, lower case: `none`, `b2bcollaboration`, `serviceprovider`, `microsoftsupport`, ...
    pub cross_tenant: Symbol,
    pub user_type: Symbol,
}

impl SignIn {
    /// What a workload proved itself with: key id, else thumbprint, else federated credential.
    #[must_use]
    pub fn credential(&self) -> Option<Symbol> {
        let credential = self.credential_key_id.or(self.credential_thumbprint).or(self.federated_credential_id);
        credential.is_some().then_some(credential)
    }
    /// Every symbol of the sign-in, so that it can change tables. A new text field must be added here.
    pub fn translate(&mut self, mut symbol: impl FnMut(Symbol) -> Symbol) {
        for place in [
            &mut self.app_id,
            &mut self.app,
            &mut self.resource_id,
            &mut self.resource,
            &mut self.client_app,
            &mut self.user_agent,
            &mut self.device_id,
            &mut self.device_name,
            &mut self.browser,
            &mut self.operating_system,
            &mut self.client,
            &mut self.system,
            &mut self.country,
            &mut self.city,
            &mut self.protocol,
            &mut self.original_transfer,
            &mut self.incoming_token,
            &mut self.token_protection,
            &mut self.requirement,
            &mut self.method,
            &mut self.step_detail,
            &mut self.conditional_access,
            &mut self.risk,
            &mut self.risk_state,
            &mut self.risk_event,
            &mut self.service_principal_id,
            &mut self.credential_key_id,
            &mut self.credential_thumbprint,
            &mut self.credential_type,
            &mut self.federated_credential_id,
            &mut self.tenant,
            &mut self.home_tenant,
            &mut self.cross_tenant,
            &mut self.user_type,
        ] {
            *place = symbol(*place);
        }
        for place in
            [&mut self.id, &mut self.session_id, &mut self.correlation_id, &mut self.original_request_id, &mut self.unique_token_id]
        {
            place.translate(&mut symbol);
        }
    }
}
