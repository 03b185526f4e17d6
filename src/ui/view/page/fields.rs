//! The values of an event under the names its vendor gives them, as far as they were kept; and which of them the filter
//! language knows.
//!
//! Shown until the record itself is read again, and where it cannot be.

use super::super::words;
use crate::base::intern::{Names, Symbol};
use crate::base::unique::Unique;
use crate::model::event::{AuthEvent, EventKind, MfaResult, SignIn, Tri};

/// A name and its value, cleaned.
pub type Field = (String, String);

struct List<'a> {
    names: &'a Names,
    out: Vec<Field>,
}

impl List<'_> {
    fn text(&mut self, name: &str, symbol: Symbol) {
        if symbol.is_some() {
            self.out.push((name.to_owned(), self.names.shown(symbol)));
        }
    }
    fn unique(&mut self, name: &str, id: Unique) {
        self.value(name, id.shown(self.names), id.is_some());
    }
    fn value(&mut self, name: &str, value: impl ToString, is_there: bool) {
        if is_there {
            self.out.push((name.to_owned(), value.to_string()));
        }
    }
    fn tri(&mut self, name: &str, tri: Tri) {
        self.value(name, tri.word(), tri != Tri::Unknown);
    }
}

/// What is kept of an event.
#[must_use]
pub fn kept(event: &AuthEvent, names: &Names) -> Vec<Field> {
    let mut list = List { names, out: Vec::new() };
    if event.kind == EventKind::SignIn {
        sign_in_fields(event, &mut list);
        return list.out;
    }
    list.value("EventID", event.event_id, event.event_id != 0);
    list.value("EventRecordID", event.record, event.record != 0);
    list.value("TimeCreated", event.at.rfc3339(), true);
    list.text("Computer", event.host);
    list.text("Channel", event.channel);
    list.text("TargetUserName", event.account.user);
    list.text("TargetDomainName", event.account.domain);
    list.text("TargetUserSid", event.account.sid);
    list.value("TargetLogonId", event.logon_id, event.logon_id.0 != 0);
    list.value("LogonType", words::lane_long(event), event.logon_type.number().is_some());
    list.text("IpAddress", event.address_text);
    list.value("IpAddress", event.address.map(|address| address.to_string()).unwrap_or_default(), event.address.is_some());
    list.value("IpPort", event.port, event.port != 0);
    list.text("WorkstationName", event.workstation);
    list.value("Status", format!("0x{:08X}", event.raw_status), event.raw_status != 0);
    list.value("SubStatus", format!("0x{:08X}", event.raw_sub_status), event.raw_sub_status != 0);
    list.value("status means", words::status(event), event.status.is_some() && event.status.code != 0);
    list.text("LogonProcessName", event.logon_process);
    list.text("AuthenticationPackageName", event.package);
    list.text("LmPackageName", event.lm_package);
    list.value("KeyLength", event.key_length, event.key_length != 0);
    list.text("ProcessName", event.process);
    list.tri("ElevatedToken", event.elevated);
    list.value("TargetLinkedLogonId", event.linked_logon_id, event.linked_logon_id.0 != 0);
    list.unique("LogonGuid", event.logon_guid);
    list.text("SubjectUserName", event.subject.user);
    list.text("SubjectDomainName", event.subject.domain);
    list.text("SubjectUserSid", event.subject.sid);
    list.value("SubjectLogonId", event.subject_logon_id, event.subject_logon_id.0 != 0);
    list.text("TargetServerName", event.target);
    list.value("TicketEncryptionType", format!("{:#x}", event.ticket_encryption), event.ticket_encryption != 0);
    list.value("TicketOptions", format!("{:#x}", event.ticket_options), event.ticket_options != 0);
    list.value("PreAuthType", event.pre_auth_type, event.pre_auth_type != u8::MAX);
    list.text("certificate", event.certificate);
    list.tri("RestrictedAdminMode", event.restricted_admin);
    list.tri("RemoteCredentialGuard", event.remote_credential_guard);
    list.text("TargetOutboundUserName", event.outbound_user);
    list.text("SessionName", event.session_name);
    list.value("SessionID", event.ts_session.unwrap_or(0), event.ts_session.is_some());
    list.out
}

fn sign_in_fields(event: &AuthEvent, list: &mut List<'_>) {
    let none = SignIn::default();
    let entra = event.entra.as_deref().unwrap_or(&none);
    list.value("createdDateTime", event.at.rfc3339(), true);
    list.value("category", entra.category.name(), true);
    list.text("userPrincipalName", event.account.user);
    list.text("userId", event.account.sid);
    list.text("userType", entra.user_type);
    list.value("result", event.outcome.word(), true);
    list.value("errorCode", words::status(event), event.status.is_some());
    list.value("ipAddress", event.address.map(|address| address.to_string()).unwrap_or_default(), event.address.is_some());
    for (name, symbol) in [("location.countryOrRegion", entra.country), ("location.city", entra.city)] {
        list.text(name, symbol);
    }
    list.value("autonomousSystemNumber", entra.asn, entra.asn != 0);
    for (name, symbol) in [
        ("appDisplayName", entra.app),
        ("appId", entra.app_id),
        ("resourceDisplayName", entra.resource),
        ("resourceId", entra.resource_id),
        ("clientAppUsed", entra.client_app),
        ("userAgent", entra.user_agent),
        ("deviceDetail.displayName", entra.device_name),
        ("deviceDetail.deviceId", entra.device_id),
        ("deviceDetail.operatingSystem", entra.operating_system),
        ("deviceDetail.browser", entra.browser),
    ] {
        list.text(name, symbol);
    }
    list.tri("deviceDetail.isManaged", entra.is_managed);
    list.tri("deviceDetail.isCompliant", entra.is_compliant);
    list.value("second factor", mfa(entra), entra.mfa != MfaResult::None);
    for (name, symbol) in [
        ("authenticationRequirement", entra.requirement),
        ("authenticationProtocol", entra.protocol),
        ("originalTransferMethod", entra.original_transfer),
        ("incomingTokenType", entra.incoming_token),
        ("signInTokenProtectionStatus", entra.token_protection),
        ("conditionalAccessStatus", entra.conditional_access),
        ("riskLevelDuringSignIn", entra.risk),
        ("riskState", entra.risk_state),
    ] {
        list.text(name, symbol);
    }
    for (name, id) in [
        ("sessionId", entra.session_id),
        ("correlationId", entra.correlation_id),
        ("originalRequestId", entra.original_request_id),
        ("uniqueTokenIdentifier", entra.unique_token_id),
    ] {
        list.unique(name, id);
    }
    for (name, symbol) in [
        ("servicePrincipalId", entra.service_principal_id),
        ("servicePrincipalCredentialKeyId", entra.credential_key_id),
        ("servicePrincipalCredentialThumbprint", entra.credential_thumbprint),
        ("clientCredentialType", entra.credential_type),
        ("federatedCredentialId", entra.federated_credential_id),
        ("resourceTenantId", entra.tenant),
    ] {
        list.text(name, symbol);
    }
    list.unique("id", entra.id);
}

/// What became of the prompt for a second factor.
#[must_use]
pub const fn mfa(entra: &SignIn) -> &'static str {
    match entra.mfa {
        MfaResult::Approved => "approved",
        MfaResult::Denied => "denied",
        MfaResult::None => "none asked",
    }
}

/// Fields of records by the last part of their name, and the filter field they are.
const TERMS: &[(&str, &str)] = &[
    ("targetusername", "account"),
    ("subjectusername", "account"),
    ("userprincipalname", "account"),
    ("targetdomainname", "domain"),
    ("targetusersid", "sid"),
    ("subjectusersid", "sid"),
    ("userid", "sid"),
    ("targetlogonid", "session"),
    ("subjectlogonid", "session"),
    ("sessionid", "session"),
    ("computer", "host"),
    ("eventid", "id"),
    ("ipaddress", "source"),
    ("calleripaddress", "source"),
    ("clientaddress", "source"),
    ("workstationname", "workstation"),
    ("workstation", "workstation"),
    ("clientname", "workstation"),
    ("status", "status"),
    ("substatus", "status.sub"),
    ("errorcode", "status"),
    ("authenticationpackagename", "auth"),
    ("lmpackagename", "auth"),
    ("packagename", "auth"),
    ("processname", "process"),
    ("logonprocessname", "process"),
    ("appdisplayname", "app"),
    ("resourcedisplayname", "resource"),
    ("countryorregion", "country"),
    ("autonomoussystemnumber", "asn"),
    ("risklevelduringsignin", "risk"),
    ("riskstate", "risk"),
];

/// The filter term of a field, if the filter language has one for it.
#[must_use]
pub fn term(name: &str, value: &str) -> Option<(&'static str, String)> {
    if value.is_empty() || value == words::ABSENT {
        return None;
    }
    let last = name.rsplit(['.', '/']).next().unwrap_or(name).to_ascii_lowercase();
    // Values with words behind the code keep the code.
    let first = || value.split_whitespace().next().unwrap_or(value).to_owned();
    if last == "logontype" {
        return Some(("type", first()));
    }
    let (_, field) = TERMS.iter().find(|(name, _)| *name == last)?;
    Some((*field, if matches!(*field, "status" | "status.sub") { first() } else { value.to_owned() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_term_is_a_field_of_the_filter_language() {
        for (name, field) in TERMS {
            assert!(crate::query::field::find(field).is_some(), "{name}: {field}");
            assert!(name.chars().all(|c| c.is_ascii_lowercase()), "{name}");
        }
        assert_eq!(term("Event.EventData.LogonType", "10 RemoteInteractive"), Some(("type", "10".to_owned())));
        assert_eq!(term("IpAddress", "-"), None);
        assert_eq!(term("KeyLength", "128"), None);
    }
}
