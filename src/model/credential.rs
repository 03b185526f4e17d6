//! What somebody showed to get in: a password, a smart card, a ticket, a hash over NTLM.
//!
//! The record of a logon seldom says it; the domain controller's 4768 does. Each kind stands with what it was read from,
//! and where nothing tells it, it is not observable: that is no kind, and never a password by default.

/// The kind of credential a session was opened with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CredentialKind {
    /// No record at hand tells it.
    #[default]
    NotObservable,
    /// None is needed: built-in and virtual accounts, anonymous logons.
    None,
    Password,
    /// A certificate over PKINIT: a smart card, or a certificate taken from somewhere.
    SmartCard,
    WindowsHello,
    /// FIDO2 key or passkey.
    SecurityKey,
    /// A certificate of an application, or one mapped by Schannel.
    Certificate,
    /// The secret of an application.
    Secret,
    /// A Kerberos ticket that was there already.
    Ticket,
    NtlmV1,
    NtlmV2,
    /// NTLM whose version the record does not state.
    Ntlm,
    /// Credentials cached on the host; no domain controller was asked.
    Cached,
    /// Something issued before: the caller's own token (runas /netonly), S4U, a refresh token.
    Token,
    /// Remote Desktop in Restricted Admin mode: a network logon, for which a hash is enough.
    RestrictedAdmin,
    /// Remote Credential Guard: the credentials stay on the client.
    RemoteCredentialGuard,
}

impl CredentialKind {
    pub const ALL: [Self; 16] = [
        Self::NotObservable,
        Self::None,
        Self::Password,
        Self::SmartCard,
        Self::WindowsHello,
        Self::SecurityKey,
        Self::Certificate,
        Self::Secret,
        Self::Ticket,
        Self::NtlmV1,
        Self::NtlmV2,
        Self::Ntlm,
        Self::Cached,
        Self::Token,
        Self::RestrictedAdmin,
        Self::RemoteCredentialGuard,
    ];

    /// The word in exports and in the filter language.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::NotObservable => "not_observable",
            Self::None => "none",
            Self::Password => "password",
            Self::SmartCard => "smart_card",
            Self::WindowsHello => "windows_hello",
            Self::SecurityKey => "security_key",
            Self::Certificate => "certificate",
            Self::Secret => "secret",
            Self::Ticket => "ticket",
            Self::NtlmV1 => "ntlm_v1",
            Self::NtlmV2 => "ntlm_v2",
            Self::Ntlm => "ntlm",
            Self::Cached => "cached",
            Self::Token => "token",
            Self::RestrictedAdmin => "restricted_admin",
            Self::RemoteCredentialGuard => "remote_credential_guard",
        }
    }
    /// What it is, for people.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::NotObservable => "not observable",
            Self::None => "none needed",
            Self::Password => "password",
            Self::SmartCard => "smart card or other certificate",
            Self::WindowsHello => "Windows Hello",
            Self::SecurityKey => "security key or passkey",
            Self::Certificate => "certificate",
            Self::Secret => "application secret",
            Self::Ticket => "Kerberos ticket",
            Self::NtlmV1 => "NTLM v1 (password or hash)",
            Self::NtlmV2 => "NTLM v2 (password or hash)",
            Self::Ntlm => "NTLM (password or hash), version not stated",
            Self::Cached => "cached on the host",
            Self::Token => "token issued before",
            Self::RestrictedAdmin => "Restricted Admin (a hash is enough)",
            Self::RemoteCredentialGuard => "Remote Credential Guard",
        }
    }
}

/// What the kind was read from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Evidence {
    #[default]
    Nothing,
    Account,
    LogonType,
    Package,
    LmPackage,
    RestrictedAdminMode,
    RemoteCredentialGuard,
    TransmittedServices,
    AuthenticationMethod,
    AuthenticationProtocol,
    IncomingTokenType,
    ClientCredentialType,
    /// The program that asked: runas and callers of LogonUser hand over a password.
    LogonProcess,
    /// Types 4 and 5 use the password that Windows stores; a task without one (S4U) looks the same.
    StoredSecret,
    /// An account of the host itself.
    LocalAccount,
    /// NTLM checked it, which neither a card nor Hello can.
    Ntlm,
    /// `PreAuthType` 2 or 138 of the 4768.
    PreAuthentication,
    /// `PreAuthType` 15, 16, 17 or the certificate of the 4768.
    Pkinit,
    /// The certificate of the 4768 was issued by `login.windows.net`, as those of Windows Hello for Business are.
    HelloIssuer,
}

impl Evidence {
    /// A few words for people.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Nothing => "",
            Self::Account => "account without credentials",
            Self::LogonType => "LogonType",
            Self::Package => "AuthenticationPackageName",
            Self::LmPackage => "LmPackageName",
            Self::RestrictedAdminMode => "RestrictedAdminMode",
            Self::RemoteCredentialGuard => "RemoteCredentialGuard",
            Self::TransmittedServices => "TransmittedServices (S4U)",
            Self::AuthenticationMethod => "authenticationMethod",
            Self::AuthenticationProtocol => "authenticationProtocol",
            Self::IncomingTokenType => "incomingTokenType",
            Self::ClientCredentialType => "clientCredentialType",
            Self::LogonProcess => "the program that asked",
            Self::StoredSecret => "stored by Windows; S4U looks the same",
            Self::LocalAccount => "account of the host",
            Self::Ntlm => "checked by NTLM",
            Self::PreAuthentication => "4768 PreAuthType",
            Self::Pkinit => "4768 certificate",
            Self::HelloIssuer => "4768 certificate issuer",
        }
    }
    /// The record of the logon itself states the kind; all else is concluded, or rests on a record that was joined to it.
    #[must_use]
    pub const fn is_exact(self) -> bool {
        matches!(
            self,
            Self::Account
                | Self::LogonType
                | Self::Package
                | Self::LmPackage
                | Self::RestrictedAdminMode
                | Self::RemoteCredentialGuard
                | Self::TransmittedServices
                | Self::AuthenticationMethod
                | Self::AuthenticationProtocol
                | Self::IncomingTokenType
                | Self::ClientCredentialType
        )
    }
}

/// A kind with what it was read from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Credential {
    pub kind: CredentialKind,
    pub by: Evidence,
}

impl Credential {
    #[must_use]
    pub const fn new(kind: CredentialKind, by: Evidence) -> Self {
        Self { kind, by }
    }
    /// `exact`, `inferred`, or `missing`.
    #[must_use]
    pub const fn quality(self) -> &'static str {
        match self.by {
            Evidence::Nothing => "missing",
            by if by.is_exact() => "exact",
            _ => "inferred",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_kind_has_a_word_of_its_own() {
        let words: BTreeSet<_> = CredentialKind::ALL.iter().map(|kind| kind.word()).collect();
        assert_eq!(words.len(), CredentialKind::ALL.len());
        assert_eq!(Credential::default().quality(), "missing");
    }
}
