//! Spellings and traps of single records; whole recordings are compared in `tests/figures.rs`.

use super::*;
use crate::base::time::Timestamp;
use crate::model::event::{LogonId, Outcome, Tri};
use crate::model::fields::{Field, Value};
use crate::model::logon_type::LogonType;
use crate::model::status::Status;

fn record(channel: &'static str, id: u32, values: &[(Field, Value<'static>)]) -> (AuthEvent, Interner) {
    let mut fields = Fields::default();
    fields.event_id = id;
    fields.channel = channel;
    fields.computer = "DC.Windomain.Local";
    fields.at = Timestamp::parse("2021-02-12T12:32:31Z");
    fields.record = 7;
    for (field, value) in values {
        fields.set(*field, *value);
    }
    let mut names = Interner::default();
    let event = event(&fields, &mut names).unwrap();
    (event, names)
}

const fn text(text: &str) -> Value<'_> {
    Value::Text(text)
}

#[test]
fn a_logon_says_the_same_in_texts_and_in_numbers() {
    let texts = [
        (Field::TargetUserName, text("vagrant")),
        (Field::TargetDomainName, text("WINDOMAIN")),
        (Field::TargetLogonId, text("0x0000000308fabb0c")),
        (Field::LogonType, text("3")),
        (Field::IpAddress, text("::ffff:10.0.0.9")),
        (Field::IpPort, text("-")),
        (Field::LogonProcessName, text("Advapi  ")),
        (Field::WorkstationName, text("-")),
        (Field::LogonGuid, text("{00000000-0000-0000-0000-000000000000}")),
        (Field::SubjectUserSid, text("S-1-0-0")),
        (Field::ElevatedToken, text("%%1842")),
    ];
    let numbers = [
        (Field::TargetUserName, text("vagrant")),
        (Field::TargetDomainName, text("WINDOMAIN")),
        (Field::TargetLogonId, Value::Number(13_035_551_500)),
        (Field::LogonType, Value::Number(3)),
        (Field::IpAddress, text("10.0.0.9")),
        (Field::LogonProcessName, text("Advapi")),
        (Field::ElevatedToken, text("Yes")),
    ];
    for (event, names) in [record("Security", 4624, &texts), record("security", 4624, &numbers)] {
        assert_eq!((event.kind, event.outcome, event.logon_type), (EventKind::Logon, Outcome::Success, LogonType::Network));
        assert_eq!(event.logon_id, LogonId(0x3_08fa_bb0c));
        assert_eq!(event.address.unwrap().to_string(), "10.0.0.9");
        assert_eq!((event.elevated, event.port), (Tri::Yes, 0));
        assert_eq!(names.raw(event.logon_process), "Advapi");
        assert_eq!((names.raw(event.host), names.raw(event.channel)), ("dc.windomain.local", "Security"));
        assert!(event.workstation.is_none() && event.logon_guid.is_none() && event.subject.is_none());
    }
}

#[test]
fn the_sub_status_counts_unless_it_is_zero() {
    let (event, _) = record("Security", 4625, &[(Field::Status, text("0xc000006d")), (Field::SubStatus, text("0xc000006a"))]);
    assert_eq!((event.status, event.outcome), (Status::nt(0xC000_006A), Outcome::Failure));
    let (event, _) = record("Security", 4625, &[(Field::Status, text("-1073741715")), (Field::SubStatus, text("0x0"))]);
    assert_eq!((event.status, event.raw_sub_status), (Status::nt(0xC000_006D), 0));
}

#[test]
fn privileges_name_the_session_in_the_subject_fields() {
    let (event, names) = record("Security", 4672, &[(Field::SubjectUserName, text("alice")), (Field::SubjectLogonId, text("0x1234"))]);
    assert_eq!((names.raw(event.account.user), event.logon_id), ("alice", LogonId(0x1234)));
}

#[test]
fn one_id_is_success_and_failure_of_tickets_and_ntlm() {
    for (status, outcome) in [("0x0", Outcome::Success), ("0x6", Outcome::Failure)] {
        assert_eq!(record("Security", 4768, &[(Field::Status, text(status))]).0.outcome, outcome);
        assert_eq!(record("Security", 4776, &[(Field::Status, text(status))]).0.outcome, outcome);
    }
    let (event, _) = record("Security", 4768, &[(Field::PreAuthType, text("-"))]);
    assert_eq!(event.pre_auth_type, u8::MAX);
}

#[test]
fn a_lockout_names_the_caller_computer_in_the_domain_field() {
    let (event, names) = record("Security", 4740, &[(Field::TargetUserName, text("bob")), (Field::TargetDomainName, text("WKS-0142"))]);
    assert_eq!((names.raw(event.workstation), event.account.domain.is_none()), ("WKS-0142", true));
}

#[test]
fn local_is_no_source_and_other_texts_are_kept() {
    const LSM: &str = "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational";
    let (event, names) =
        record(LSM, 21, &[(Field::User, text("CORP\\alice")), (Field::SessionID, text("2")), (Field::Address, text("LOCAL"))]);
    assert_eq!((names.raw(event.account.user), names.raw(event.account.domain), event.ts_session), ("alice", "CORP", Some(2)));
    assert!(event.address.is_none() && event.address_text.is_none());
    let (event, names) = record(LSM, 25, &[(Field::Address, text("16777216"))]);
    assert_eq!((event.address, names.raw(event.address_text)), (None, "16777216"));
}

#[test]
fn a_cleared_log_says_which_and_by_whom() {
    let (event, names) = record("Security", 1102, &[(Field::SubjectUserName, text("mallory"))]);
    assert_eq!((names.raw(event.target), names.raw(event.account.user)), ("Security", "mallory"));
    let (event, names) = record("System", 104, &[(Field::Channel, text("Windows PowerShell"))]);
    assert_eq!(names.raw(event.target), "Windows PowerShell");
}

#[test]
fn records_without_time_or_outside_the_list_are_no_events() {
    let mut names = Interner::default();
    let mut fields = Fields::default();
    fields.event_id = 4624;
    fields.channel = "Security";
    assert!(event(&fields, &mut names).is_none());
    fields.at = Timestamp::parse("2021-02-12T12:32:31Z");
    assert!(event(&fields, &mut names).is_some());
    fields.event_id = 4688;
    assert!(event(&fields, &mut names).is_none());
}
