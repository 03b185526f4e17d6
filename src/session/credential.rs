//! Which credential a logon used, from its own record and from what the authority wrote of it.
//!
//! Network logons state their package. Those at a desktop state nothing of the kind: there 4768 tells (a password's
//! timestamp, or a certificate), and without it nothing does.

use crate::model::account::AccountClass;
use crate::model::attempt::Match;
use crate::model::credential::{Credential, CredentialKind, Evidence};
use crate::model::event::{AuthEvent, EventKind, SignIn, SignInCategory, Tri};
use crate::model::ids::{AccountId, HostId, SessionId};
use crate::model::logon_type::LogonType;
use crate::model::world::World;

/// What a record of the authority tells of the credential.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Proof {
    #[default]
    Nothing,
    Password,
    Certificate,
    HelloCertificate,
    Ntlm,
}

impl Proof {
    /// `PreAuthType` 2 and 138 are made of a password, 15 to 17 of a certificate (reference, Kerberos codes).
    pub fn of(event: &AuthEvent, world: &World) -> Self {
        match (event.kind, event.pre_auth_type) {
            (EventKind::CredentialValidation, _) => Self::Ntlm,
            (EventKind::TicketGranting, _) if event.certificate.is_some() => {
                let issuer = world.raw(event.certificate).to_ascii_lowercase();
                if issuer.contains("login.windows.net") { Self::HelloCertificate } else { Self::Certificate }
            }
            (EventKind::TicketGranting, 15..=17) => Self::Certificate,
            (EventKind::TicketGranting, 2 | 138) => Self::Password,
            _ => Self::Nothing,
        }
    }
}

/// Both halves of a UAC pair were opened with one credential: what was learnt of the first holds for the second.
pub(super) fn share(first: SessionId, second: SessionId, world: &mut World) {
    let Some((credential, authority)) = world.tables.session(first).map(|row| (row.credential, row.authority)) else { return };
    if let Some(row) = world.tables.sessions.get_mut(second.index()) {
        (row.credential, row.authority) = (credential, authority);
    }
}

/// What the 4624 itself tells.
pub(super) fn of_logon(event: &AuthEvent, account: AccountId, host: HostId, world: &World) -> Credential {
    use CredentialKind as Kind;
    let exact = |kind, by| Credential::new(kind, by);
    match event.logon_type {
        LogonType::CachedInteractive | LogonType::CachedRemoteInteractive | LogonType::CachedUnlock => {
            return exact(Kind::Cached, Evidence::LogonType);
        }
        LogonType::NewCredentials => return exact(Kind::Token, Evidence::LogonType),
        LogonType::System => return exact(Kind::None, Evidence::Account),
        _ => {}
    }
    let class = world.tables.account(account).map(|row| row.class);
    if matches!(class, Some(AccountClass::BuiltIn | AccountClass::Virtual | AccountClass::Anonymous)) {
        return exact(Kind::None, Evidence::Account);
    }
    if event.restricted_admin == Tri::Yes {
        return exact(Kind::RestrictedAdmin, Evidence::RestrictedAdminMode);
    }
    if event.remote_credential_guard == Tri::Yes {
        return exact(Kind::RemoteCredentialGuard, Evidence::RemoteCredentialGuard);
    }
    if event.is_delegated {
        return exact(Kind::Token, Evidence::TransmittedServices);
    }
    match event.logon_type {
        LogonType::NetworkCleartext => exact(Kind::Password, Evidence::LogonType),
        LogonType::Batch | LogonType::Service => exact(Kind::Password, Evidence::StoredSecret),
        LogonType::Network => of_network_logon(event, world),
        LogonType::Interactive | LogonType::Unlock | LogonType::RemoteInteractive => of_desktop_logon(event, host, world),
        _ => Credential::default(),
    }
}

fn of_network_logon(event: &AuthEvent, world: &World) -> Credential {
    let is = |text: &str, word: &str| text.eq_ignore_ascii_case(word);
    let (version, package) = (world.raw(event.lm_package), world.raw(event.package));
    let (kind, by) = match () {
        () if is(version, "NTLM V2") => (CredentialKind::NtlmV2, Evidence::LmPackage),
        () if is(version, "NTLM V1") => (CredentialKind::NtlmV1, Evidence::LmPackage),
        () if is(package, "NTLM") => (CredentialKind::Ntlm, Evidence::Package),
        () if is(package, "Kerberos") => (CredentialKind::Ticket, Evidence::Package),
        () if is(package, "Schannel") => (CredentialKind::Certificate, Evidence::Package),
        () => return Credential::default(),
    };
    Credential::new(kind, by)
}

fn of_desktop_logon(event: &AuthEvent, host: HostId, world: &World) -> Credential {
    let is = |text: &str, word: &str| text.eq_ignore_ascii_case(word);
    let process = world.raw(event.logon_process);
    if ["seclogo", "Advapi", "Chrome"].iter().any(|known| is(process, known)) {
        return Credential::new(CredentialKind::Password, Evidence::LogonProcess);
    }
    if event.lm_package.is_some() || is(world.raw(event.package), "NTLM") {
        return Credential::new(CredentialKind::Password, Evidence::Ntlm);
    }
    let name = world.tables.host(host).map_or("", |row| world.raw(row.name));
    let domain = world.raw(event.account.domain);
    // Most are of another domain, and that is seen before the name is taken apart.
    let begins = || name.get(..domain.len()).is_some_and(|begin| is(begin, domain));
    if !domain.is_empty() && (domain == "." || (begins() && is(super::entity::split_host(name).0, domain))) {
        return Credential::new(CredentialKind::Password, Evidence::LocalAccount);
    }
    Credential::default()
}

/// What an Entra sign-in tells.
pub(super) fn of_sign_in(sign_in: &SignIn, world: &World) -> Credential {
    use CredentialKind as Kind;
    if matches!(sign_in.category, SignInCategory::ServicePrincipal | SignInCategory::ManagedIdentity) {
        let kind = match world.raw(sign_in.credential_type) {
            "clientsecret" => Kind::Secret,
            "certificate" | "clientassertion" => Kind::Certificate,
            "federatedidentitycredential" | "managedidentity" => Kind::Token,
            _ => return Credential::default(),
        };
        return Credential::new(kind, Evidence::ClientCredentialType);
    }
    let method = world.raw(sign_in.method);
    let kind = match () {
        () if method == "password" || method.starts_with("password (") || method == "password hash sync" => Some(Kind::Password),
        () if method.contains("windows hello") => Some(Kind::WindowsHello),
        () if method.contains("fido2") || method.contains("passkey") => Some(Kind::SecurityKey),
        () if method.contains("certificate") => Some(Kind::Certificate),
        () if method.contains("previously satisfied") => Some(Kind::Token),
        () => None,
    };
    if let Some(kind) = kind {
        return Credential::new(kind, Evidence::AuthenticationMethod);
    }
    if !matches!(world.raw(sign_in.incoming_token), "" | "none") {
        return Credential::new(Kind::Token, Evidence::IncomingTokenType);
    }
    if world.raw(sign_in.protocol) == "ropc" {
        return Credential::new(Kind::Password, Evidence::AuthenticationProtocol);
    }
    Credential::default()
}

/// A record of the authority was joined to a session (and to the other half of its pair): the session knows how well, and
/// where its own record did not tell the credential, what this one says.
pub(super) fn learn(session: SessionId, proof: Proof, by: Match, world: &mut World) {
    let linked = world.tables.session(session).map_or(SessionId::NONE, |row| row.linked);
    for id in [session, linked] {
        let Some(row) = world.tables.sessions.get_mut(id.index()) else { continue };
        row.authority = row.authority.max(by);
        if row.credential.by.is_exact() {
            continue;
        }
        // Over the network a hash passes the same check.
        let is_network = row.logon_type == LogonType::Network;
        let (kind, by) = match proof {
            Proof::Nothing => continue,
            Proof::Ntlm if is_network => (CredentialKind::Ntlm, Evidence::Ntlm),
            Proof::Ntlm => (CredentialKind::Password, Evidence::Ntlm),
            _ if is_network => continue,
            Proof::Password => (CredentialKind::Password, Evidence::PreAuthentication),
            Proof::Certificate => (CredentialKind::SmartCard, Evidence::Pkinit),
            Proof::HelloCertificate => (CredentialKind::WindowsHello, Evidence::HelloIssuer),
        };
        // In the order of what they tell: the certificate more than the check that follows it.
        if by > row.credential.by {
            row.credential = Credential::new(kind, by);
        }
    }
}
