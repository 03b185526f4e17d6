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

const LSM: &str = "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational";

#[test]
fn records_of_desktops_name_them_in_their_own_way() {
    let (notice, names) = record("System", 7001, &[(Field::TSId, text("3")), (Field::UserSid, text("S-1-5-21-1-2-3-1104"))]);
    assert_eq!((notice.kind, notice.ts_session), (EventKind::DesktopLogon, Some(3)));
    assert_eq!((names.raw(notice.account.sid), notice.account.user.is_none()), ("S-1-5-21-1-2-3-1104", true));
    let (replaced, _) = record(LSM, 39, &[(Field::TargetSession, text("4")), (Field::Source, text("2"))]);
    assert_eq!((replaced.kind, replaced.ts_session), (EventKind::RdpSessionReplaced, Some(4)));
    let (reason, _) = record(LSM, 40, &[(Field::Session, text("5"))]);
    assert_eq!((reason.kind, reason.ts_session), (EventKind::RdpSessionReplaced, Some(5)));
    let (arbitration, names) = record(LSM, 41, &[(Field::User, text("CORP\\alice")), (Field::SessionID, text("2"))]);
    assert_eq!((arbitration.kind, arbitration.ts_session), (EventKind::RdpArbitration, Some(2)));
    assert_eq!(names.raw(arbitration.account.user), "alice");
    let profile = record("Microsoft-Windows-User Profile Service/Operational", 4, &[(Field::Session, text("6"))]).0;
    assert_eq!((profile.kind, profile.ts_session), (EventKind::ProfileUnloaded, Some(6)));
    let saver = record("Security", 4802, &[(Field::TargetLogonId, text("0x10")), (Field::SessionId, text("1"))]).0;
    assert_eq!((saver.kind, saver.logon_id, saver.ts_session), (EventKind::ScreenSaverOn, LogonId(0x10), Some(1)));
}

#[test]
fn a_new_member_of_a_group_is_the_account_and_the_group_is_the_target() {
    let member = |group| {
        let (event, names) = record(
            "Security",
            4732,
            &[
                (Field::MemberSid, text("S-1-5-21-1-2-3-1104")),
                (Field::TargetUserName, text("Administratoren")),
                (Field::TargetSid, text(group)),
                (Field::SubjectUserName, text("bob")),
            ],
        );
        let said = [event.account.sid, event.account.user, event.target, event.subject.user].map(|text| names.raw(text).to_owned());
        (event.kind, said, event.elevated)
    };
    let said = ["S-1-5-21-1-2-3-1104", "", "Administratoren", "bob"].map(str::to_owned);
    assert_eq!(member("S-1-5-32-544"), (EventKind::GroupJoined, said.clone(), Tri::Yes));
    assert_eq!(member("S-1-5-32-545"), (EventKind::GroupJoined, said.clone(), Tri::No));
    assert_eq!(member("S-1-5-21-1-2-3-519"), (EventKind::GroupJoined, said.clone(), Tri::Yes));
    assert_eq!(member("S-1-5-21-1-2-3-1519"), (EventKind::GroupJoined, said, Tri::No));
}

#[test]
fn records_of_an_accounts_life_name_it_alike() {
    let values =
        [(Field::TargetUserName, text("alice")), (Field::TargetSid, text("S-1-5-21-1-2-3-1104")), (Field::SubjectUserName, text("bob"))];
    for (id, kind) in [
        (4722, EventKind::AccountEnabled),
        (4723, EventKind::PasswordSet),
        (4724, EventKind::PasswordSet),
        (4725, EventKind::AccountDisabled),
        (4726, EventKind::AccountDeleted),
    ] {
        let (event, names) = record("Security", id, &values);
        assert_eq!((event.kind, names.raw(event.account.user), names.raw(event.subject.user)), (kind, "alice", "bob"));
        assert_eq!(names.raw(event.account.sid), "S-1-5-21-1-2-3-1104");
    }
}

#[test]
fn the_console_is_no_client() {
    let client = |name| [(Field::SessionName, text("Console")), (Field::ClientName, text(name)), (Field::ClientAddress, text("Unknown"))];
    let (event, _) = record("Security", 4779, &client("Unknown"));
    assert!(event.workstation.is_none() && event.address_text.is_none());
    let (event, names) = record("Security", 4779, &client("HOTEL"));
    assert_eq!(names.raw(event.workstation), "HOTEL");
}

#[test]
fn records_of_connections_name_the_client() {
    let channel = "Microsoft-Windows-RemoteDesktopServices-RdpCoreTS/Operational";
    let (accepted, _) = record(channel, 131, &[(Field::ClientIP, text("10.0.2.16:52202"))]);
    assert_eq!((accepted.kind, accepted.address.unwrap().to_string().as_str()), (EventKind::RdpConnection, "10.0.2.16"));
    let gateway = "Microsoft-Windows-TerminalServices-Gateway/Operational";
    let values =
        [(Field::Username, text("CORP\\alice")), (Field::IpAddress, text("203.0.113.9")), (Field::Resource, text("srv01.corp.local"))];
    let (passed, names) = record(gateway, 302, &values);
    assert_eq!((passed.kind, passed.address.unwrap().to_string().as_str()), (EventKind::GatewayConnected, "203.0.113.9"));
    assert_eq!((names.raw(passed.account.user), names.raw(passed.target)), ("alice", "srv01.corp.local"));
}

#[test]
fn what_an_id_said_before_vista_is_a_code() {
    let failed = |id, values: &[(Field, Value<'static>)]| record("Security", id, values).0;
    let locked_out = failed(539, &[(Field::TargetUserName, text("alice"))]);
    assert_eq!((locked_out.kind, locked_out.status, locked_out.raw_status), (EventKind::LogonFailed, Status::nt(0xC000_0234), 0));
    assert_eq!(failed(537, &[]).status, Status::default());
    assert_eq!(failed(537, &[(Field::Status, text("0xC000005E"))]).status, Status::nt(0xC000_005E));
    let network = record("Security", 540, &[(Field::TargetLogonId, text("(0x0,0x1A2B)"))]).0;
    assert_eq!((network.kind, network.logon_type, network.logon_id), (EventKind::Logon, LogonType::Network, LogonId(0x1A2B)));
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
fn tickets_say_how_the_client_proved_itself() {
    let fields = [
        (Field::TargetUserName, text("alice")),
        (Field::Status, text("0x0")),
        (Field::PreAuthType, text("16")),
        (Field::TicketOptions, text("0x40810010")),
        (Field::CertIssuerName, text("Corp Issuing CA")),
        (Field::CertThumbprint, text("AB01")),
    ];
    let (event, names) = record("Security", 4768, &fields);
    assert_eq!((event.pre_auth_type, event.ticket_options), (16, 0x4081_0010));
    assert_eq!(names.raw(event.certificate), "Corp Issuing CA");
    let (event, names) = record("Security", 4771, &[(Field::CertIssuerName, text("-")), (Field::CertThumbprint, text("AB01"))]);
    assert_eq!((event.outcome, names.raw(event.certificate)), (Outcome::Failure, "AB01"));
    let (event, names) = record("Security", 4770, &[(Field::TargetUserName, text("alice@CORP")), (Field::ServiceName, text("krbtgt"))]);
    assert_eq!((event.kind, event.outcome, event.status.is_some()), (EventKind::TicketRenewed, Outcome::None, false));
    assert_eq!((names.raw(event.account.user), names.raw(event.target)), ("alice@CORP", "krbtgt"));
    let (event, _) = record("Security", 4769, &[(Field::Status, text("0x0")), (Field::TransmittedServices, text("http/web01"))]);
    assert!(event.is_delegated);
}

#[test]
fn a_logon_says_restricted_admin_guard_and_whose_credentials_go_out() {
    let fields = [
        (Field::RestrictedAdminMode, text("%%1842")),
        (Field::RemoteCredentialGuard, text("%%1843")),
        (Field::TargetOutboundUserName, text("CORP\\admin")),
        (Field::TransmittedServices, text("-")),
    ];
    let (event, names) = record("Security", 4624, &fields);
    assert_eq!((event.restricted_admin, event.remote_credential_guard, event.is_delegated), (Tri::Yes, Tri::No, false));
    assert_eq!(names.raw(event.outbound_user), "CORP\\admin");
}

#[test]
fn ntlm_records_name_server_client_and_session() {
    const NTLM: &str = "Microsoft-Windows-NTLM/Operational";
    let fields = [
        (Field::SChannelName, text("FS01")),
        (Field::UserName, text("alice")),
        (Field::DomainName, text("CORP")),
        (Field::WorkstationName, text("\\\\WS5")),
    ];
    let (event, names) = record(NTLM, 8004, &fields);
    assert_eq!((event.kind, event.outcome), (EventKind::NtlmPassedOn, Outcome::None));
    assert_eq!((names.raw(event.account.user), names.raw(event.account.domain)), ("alice", "CORP"));
    assert_eq!((names.raw(event.target), names.raw(event.workstation)), ("FS01", "WS5"));
    let fields = [(Field::UserName, text("alice")), (Field::TargetName, text("TERMSRV/fs01")), (Field::ClientLUID, text("0x3e8a1"))];
    let (event, names) = record(NTLM, 8001, &fields);
    assert_eq!((event.subject_logon_id, names.raw(event.target)), (LogonId(0x3_e8a1), "TERMSRV/fs01"));
}

#[test]
fn a_lockout_names_the_caller_computer_in_the_domain_field() {
    let (event, names) = record("Security", 4740, &[(Field::TargetUserName, text("bob")), (Field::TargetDomainName, text("WKS-0142"))]);
    assert_eq!((names.raw(event.workstation), event.account.domain.is_none()), ("WKS-0142", true));
}

#[test]
fn local_is_no_source_and_other_texts_are_kept() {
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

#[test]
fn a_clock_that_is_set_by_a_minute_or_more_is_a_step() {
    let at = Timestamp::parse("2021-02-12T13:40:00Z").unwrap();
    for (channel, id, values, expected) in [
        (
            "Security",
            4616,
            [(Field::PreviousTime, text("2021-02-12T12:32:31.1234567Z")), (Field::NewTime, Value::Time(at))],
            EventKind::ClockStep,
        ),
        ("System", 1, [(Field::NewTime, text("2021-02-12T12:32:31Z")), (Field::OldTime, Value::Time(at))], EventKind::ClockStep),
        ("System", 1, [(Field::NewTime, text("2021-02-12T13:40:31Z")), (Field::OldTime, Value::Time(at))], EventKind::Other),
        ("Security", 4616, [(Field::PreviousTime, text("12:32:31")), (Field::NewTime, text("13:32:31"))], EventKind::Other),
    ] {
        assert_eq!(record(channel, id, &values).0.kind, expected, "{channel} {id} {values:?}");
    }
}

#[test]
fn it_is_known_by_how_much_the_clock_was_set() {
    let at = Timestamp::parse("2021-02-12T13:40:00Z").unwrap();
    let back = [(Field::PreviousTime, Value::Time(at)), (Field::NewTime, text("2021-02-12T12:40:00Z"))];
    let (event, names) = record("Security", 4616, &back);
    assert_eq!(names.raw(event.target), "-3600");
}

#[test]
fn a_change_of_audit_says_what_is_audited_no_more_where_it_is_about_logons() {
    for (values, expected) in [
        (
            vec![(Field::SubcategoryId, text("%%12544")), (Field::AuditPolicyChanges, text("%%8448, %%8450"))],
            "Logon: success removed, failure removed",
        ),
        (
            vec![
                (Field::SubcategoryGuid, text("{0CCE9242-69AE-11D9-BED3-505054503030}")),
                (Field::AuditPolicyChanges, text("Success Added")),
            ],
            "Kerberos Authentication Service: success added",
        ),
        (vec![(Field::SubcategoryId, text("%%12800")), (Field::AuditPolicyChanges, text("%%8448"))], ""),
    ] {
        let (event, names) = record("Security", 4719, &values);
        assert_eq!((event.kind, names.raw(event.target)), (EventKind::AuditPolicyChanged, expected));
    }
}
