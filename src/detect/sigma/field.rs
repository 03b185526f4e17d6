//! Names of fields in rules, and what is kept of them: the one table.
//!
//! Windows fields stand in the spelling of the manifests, those of Entra as Graph and Azure Monitor write them, without
//! `properties.`; case does not count. A field is kept of some records only: a rule that wants it of others is refused
//! rather than never fitting.

use super::logsource::Product;
use crate::base::intern::Symbol;
use crate::detect::step::Step;
use crate::model::event::{Identity, Outcome, SignIn, SignInCategory, Tri};
use crate::model::event_id;
use std::net::IpAddr;

/// A value of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Val<'a> {
    /// What the record writes where it says nothing: `-` in Windows, nothing in Entra.
    Absent(&'static str),
    Text(&'a str),
    Number(u64),
    /// A number that records write as `0x1f`.
    Hex(u64),
    Address(IpAddr),
}

impl Val<'_> {
    #[must_use]
    pub const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent(_))
    }
}

pub type Getter = for<'a> fn(&Step<'a>) -> Val<'a>;

/// A line of the table.
pub struct Entry {
    pub name: &'static str,
    /// Event ids of Windows records of which it is kept; none for all of them, and for sign-ins.
    pub ids: &'static [u32],
    pub get: Getter,
}

/// A field of a rule.
#[derive(Clone, Copy)]
pub struct Field {
    pub name: &'static str,
    pub ids: &'static [u32],
    pub get: Getter,
}

impl std::fmt::Debug for Field {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// # Errors
/// No such field is kept.
pub fn find(product: Product, name: &str) -> Result<Field, String> {
    let bare = match product {
        Product::Windows => name,
        Product::Entra => name.strip_prefix("properties.").unwrap_or(name),
    };
    let table = match product {
        Product::Windows => WINDOWS,
        Product::Entra => ENTRA,
    };
    let found = table.iter().find(|entry| entry.name.eq_ignore_ascii_case(bare));
    found.map(|entry| Field { name: entry.name, ids: entry.ids, get: entry.get }).ok_or_else(|| format!("the field {name} is not kept"))
}

const NOTHING: Val<'static> = Val::Absent("-");

fn text<'a>(step: &Step<'a>, symbol: Symbol) -> Val<'a> {
    if symbol.is_none() { NOTHING } else { Val::Text(step.raw(symbol)) }
}
fn sid<'a>(step: &Step<'a>, symbol: Symbol) -> Val<'a> {
    if symbol.is_none() { Val::Absent("S-1-0-0") } else { Val::Text(step.raw(symbol)) }
}
const fn yes_no(tri: Tri) -> Val<'static> {
    match tri {
        Tri::Yes => Val::Text("%%1842"),
        Tri::No => Val::Text("%%1843"),
        Tri::Unknown => NOTHING,
    }
}
fn address<'a>(step: &Step<'a>) -> Val<'a> {
    match step.event().address {
        Some(address) => Val::Address(address),
        None => text(step, step.event().address_text),
    }
}
/// 4672 and cleared logs name in their subject who the record is about.
const fn subject(step: &Step<'_>) -> Identity {
    let event = step.event();
    if event.subject.is_none() && matches!(event.event_id, 4672 | 1102 | 104) { event.account } else { event.subject }
}
/// Of records about groups the target is the group.
const fn is_of_group(step: &Step<'_>) -> bool {
    matches!(step.event().event_id, 4728 | 4732 | 4756)
}

const WITH_SUBJECT: &[u32] = &[
    104, 1102, 4616, 4624, 4625, 4648, 4672, 4719, 4720, 4722, 4723, 4724, 4725, 4726, 4728, 4732, 4740, 4756, 4767, 4781, 4800, 4801,
    4802, 4803, 4964,
];
const WITH_TARGET: &[u32] = &[
    4624, 4625, 4627, 4634, 4647, 4648, 4720, 4722, 4723, 4724, 4725, 4726, 4728, 4732, 4740, 4756, 4767, 4768, 4769, 4770, 4771, 4776,
    4781, 4800, 4801, 4802, 4803, 4964,
];
const LOGONS: &[u32] = &[4624, 4625];
const WITH_ADDRESS: &[u32] = &[302, 303, 4624, 4625, 4648, 4768, 4769, 4770, 4771];
const TICKETS: &[u32] = &[4768, 4769, 4770, 4771];
const MANAGED: &[u32] = &[4720, 4722, 4723, 4724, 4725, 4726, 4740, 4781];
const MOVED: &[u32] = &[4778, 4779];

const fn entry(name: &'static str, ids: &'static [u32], get: Getter) -> Entry {
    Entry { name, ids, get }
}

pub const WINDOWS: &[Entry] = &[
    entry("EventID", &[], |step| Val::Number(step.event().event_id.into())),
    entry("Channel", &[], |step| text(step, step.event().channel)),
    entry("Provider_Name", &[], |step| match event_id::line(step.event().known).map(event_id::KnownEvent::provider) {
        Some(provider) if !provider.is_empty() => Val::Text(provider),
        _ => NOTHING,
    }),
    entry("Computer", &[], |step| text(step, step.event().host)),
    entry("SubjectUserSid", WITH_SUBJECT, |step| sid(step, subject(step).sid)),
    entry("SubjectUserName", WITH_SUBJECT, |step| text(step, subject(step).user)),
    entry("SubjectDomainName", WITH_SUBJECT, |step| text(step, subject(step).domain)),
    entry("SubjectLogonId", WITH_SUBJECT, |step| {
        Val::Hex(if step.event().event_id == 4672 { step.event().logon_id.0 } else { step.event().subject_logon_id.0 })
    }),
    entry("TargetUserSid", &[4624, 4625, 4627, 4634, 4647, 4964], |step| sid(step, step.event().account.sid)),
    entry("TargetSid", MANAGED, |step| sid(step, step.event().account.sid)),
    entry("TargetUserName", WITH_TARGET, |step| {
        text(step, if is_of_group(step) { step.event().target } else { step.event().account.user })
    }),
    entry("TargetDomainName", WITH_TARGET, |step| {
        text(step, if step.event().event_id == 4740 { step.event().workstation } else { step.event().account.domain })
    }),
    entry("TargetLogonId", &[4624, 4634, 4647, 4800, 4801], |step| Val::Hex(step.event().logon_id.0)),
    entry("MemberSid", &[4728, 4732, 4756], |step| sid(step, step.event().account.sid)),
    entry("NewTargetUserName", &[4781], |step| text(step, step.event().account.user)),
    entry("OldTargetUserName", &[4781], |step| text(step, step.event().target)),
    entry("AccountName", MOVED, |step| text(step, step.event().account.user)),
    entry("AccountDomain", MOVED, |step| text(step, step.event().account.domain)),
    entry("LogonType", LOGONS, |step| step.event().logon_type.number().map_or(NOTHING, |number| Val::Number(number.into()))),
    entry("LogonProcessName", LOGONS, |step| text(step, step.event().logon_process)),
    entry("AuthenticationPackageName", LOGONS, |step| text(step, step.event().package)),
    entry("PackageName", &[4776], |step| text(step, step.event().package)),
    entry("LmPackageName", LOGONS, |step| text(step, step.event().lm_package)),
    entry("KeyLength", LOGONS, |step| Val::Number(step.event().key_length.into())),
    entry("ProcessName", &[4624, 4625, 4648], |step| text(step, step.event().process)),
    entry("WorkstationName", LOGONS, |step| text(step, step.event().workstation)),
    entry("Workstation", &[4776], |step| text(step, step.event().workstation)),
    entry("ClientName", MOVED, |step| text(step, step.event().workstation)),
    entry("IpAddress", WITH_ADDRESS, address),
    entry("ClientAddress", MOVED, address),
    entry("Address", &[21, 22, 23, 24, 25], address),
    entry("ClientIP", &[131], address),
    entry("IPString", &[140], address),
    entry("IpPort", &[4624, 4625, 4648, 4768, 4769, 4771], |step| Val::Number(step.event().port.into())),
    entry("Status", &[4625, 4768, 4769, 4771, 4776], |step| Val::Hex(step.event().raw_status.into())),
    entry("SubStatus", &[4625], |step| Val::Hex(step.event().raw_sub_status.into())),
    entry("ElevatedToken", &[4624], |step| yes_no(step.event().elevated)),
    entry("RestrictedAdminMode", &[4624], |step| yes_no(step.event().restricted_admin)),
    entry("RemoteCredentialGuard", &[4624], |step| yes_no(step.event().remote_credential_guard)),
    entry("TargetOutboundUserName", &[4624], |step| text(step, step.event().outbound_user)),
    entry("TargetServerName", &[4648], |step| text(step, step.event().target)),
    entry("ServiceName", &[4768, 4769, 4770, 4771], |step| text(step, step.event().target)),
    entry("TicketOptions", TICKETS, |step| Val::Hex(step.event().ticket_options.into())),
    entry("TicketEncryptionType", &[4768, 4769, 4770], |step| Val::Hex(step.event().ticket_encryption.into())),
    entry("PreAuthType", &[4768, 4771], |step| match step.event().pre_auth_type {
        u8::MAX => NOTHING,
        number => Val::Number(number.into()),
    }),
    entry("SessionName", MOVED, |step| text(step, step.event().session_name)),
    entry("SessionID", &[21, 22, 23, 24, 25], |step| step.event().ts_session.map_or(NOTHING, |number| Val::Number(number.into()))),
];

fn property<'a>(step: &Step<'a>, get: impl Fn(&SignIn) -> Symbol) -> Val<'a> {
    match step.sign_in().map(get) {
        Some(symbol) if symbol.is_some() => Val::Text(step.raw(symbol)),
        _ => Val::Absent(""),
    }
}
fn flag(step: &Step<'_>, get: impl Fn(&SignIn) -> Tri) -> Val<'static> {
    match step.sign_in().map(get) {
        Some(Tri::Yes) => Val::Text("true"),
        Some(Tri::No) => Val::Text("false"),
        _ => Val::Absent(""),
    }
}
fn code(step: &Step<'_>) -> Val<'static> {
    if step.event().status.is_some() { Val::Number(step.event().status.code.into()) } else { Val::Absent("") }
}
fn outcome(step: &Step<'_>) -> Val<'static> {
    match step.event().outcome {
        Outcome::Success => Val::Text("Success"),
        Outcome::Failure => Val::Text("Failure"),
        Outcome::Interrupted => Val::Text("Interrupted"),
        Outcome::None => Val::Absent(""),
    }
}
fn user<'a>(step: &Step<'a>) -> Val<'a> {
    let symbol = step.event().account.user;
    if symbol.is_some() { Val::Text(step.raw(symbol)) } else { Val::Absent("") }
}
fn from(step: &Step<'_>) -> Val<'static> {
    step.event().address.map_or(Val::Absent(""), Val::Address)
}

pub const ENTRA: &[Entry] = &[
    entry("userPrincipalName", &[], user),
    entry("userId", &[], |step| match step.event().account.sid {
        id if id.is_some() => Val::Text(step.raw(id)),
        _ => Val::Absent(""),
    }),
    entry("userType", &[], |step| property(step, |row| row.user_type)),
    entry("ipAddress", &[], from),
    entry("callerIpAddress", &[], from),
    entry("resultType", &[], code),
    entry("errorCode", &[], code),
    entry("status.errorCode", &[], code),
    entry("status", &[], outcome),
    entry("category", &[], |step| step.sign_in().map_or(Val::Absent(""), |row| Val::Text(row.category.name()))),
    entry("isInteractive", &[], |step| match step.sign_in().map(|row| row.category) {
        Some(SignInCategory::Interactive | SignInCategory::Adfs) => Val::Text("true"),
        Some(_) => Val::Text("false"),
        None => Val::Absent(""),
    }),
    entry("appId", &[], |step| property(step, |row| row.app_id)),
    entry("appDisplayName", &[], |step| property(step, |row| row.app)),
    entry("resourceId", &[], |step| property(step, |row| row.resource_id)),
    entry("resourceIdentity", &[], |step| property(step, |row| row.resource_id)),
    entry("resourceDisplayName", &[], |step| property(step, |row| row.resource)),
    entry("clientApp", &[], |step| property(step, |row| row.client_app)),
    entry("clientAppUsed", &[], |step| property(step, |row| row.client_app)),
    entry("userAgent", &[], |step| property(step, |row| row.user_agent)),
    entry("deviceDetail.deviceId", &[], |step| property(step, |row| row.device_id)),
    entry("deviceDetail.displayName", &[], |step| property(step, |row| row.device_name)),
    entry("deviceDetail.browser", &[], |step| property(step, |row| row.browser)),
    entry("deviceDetail.operatingSystem", &[], |step| property(step, |row| row.operating_system)),
    entry("deviceDetail.isManaged", &[], |step| flag(step, |row| row.is_managed)),
    entry("deviceDetail.isCompliant", &[], |step| flag(step, |row| row.is_compliant)),
    entry("location", &[], |step| property(step, |row| row.country)),
    entry("location.countryOrRegion", &[], |step| property(step, |row| row.country)),
    entry("countryOrRegion", &[], |step| property(step, |row| row.country)),
    entry("location.city", &[], |step| property(step, |row| row.city)),
    entry("autonomousSystemNumber", &[], |step| match step.sign_in().map_or(0, |row| row.asn) {
        0 => Val::Absent(""),
        number => Val::Number(number.into()),
    }),
    entry("authenticationProtocol", &[], |step| property(step, |row| row.protocol)),
    entry("originalTransferMethod", &[], |step| property(step, |row| row.original_transfer)),
    entry("incomingTokenType", &[], |step| property(step, |row| row.incoming_token)),
    entry("signInTokenProtectionStatus", &[], |step| property(step, |row| row.token_protection)),
    entry("authenticationRequirement", &[], |step| property(step, |row| row.requirement)),
    entry("conditionalAccessStatus", &[], |step| property(step, |row| row.conditional_access)),
    entry("riskLevelDuringSignIn", &[], |step| property(step, |row| row.risk)),
    entry("riskState", &[], |step| property(step, |row| row.risk_state)),
    entry("servicePrincipalId", &[], |step| property(step, |row| row.service_principal_id)),
    entry("servicePrincipalCredentialKeyId", &[], |step| property(step, |row| row.credential_key_id)),
    entry("servicePrincipalCredentialThumbprint", &[], |step| property(step, |row| row.credential_thumbprint)),
    entry("clientCredentialType", &[], |step| property(step, |row| row.credential_type)),
    entry("federatedCredentialId", &[], |step| property(step, |row| row.federated_credential_id)),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_every_case_and_stand_once() {
        assert!(find(Product::Windows, "targetusername").is_ok() && find(Product::Entra, "properties.UserPrincipalName").is_ok());
        assert!(find(Product::Windows, "CommandLine").unwrap_err().contains("CommandLine"));
        for table in [WINDOWS, ENTRA] {
            let mut names: Vec<_> = table.iter().map(|entry| entry.name.to_lowercase()).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), table.len());
        }
    }
}
