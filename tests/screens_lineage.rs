//! The token lineage on the page of an Entra session: as pictures, and what its keys do.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/notation.rs"]
mod notation;
#[path = "support/stage.rs"]
mod stage;

use logonscope::engine::Engine;
use logonscope::store::Snapshot;
use logonscope::ui::app::Setup;
use stage::Stage;

/// A device code approved at home and used elsewhere, for days, up to a device of its own that is refused at last.
const REPLAY: &str = r#"
default user=alice@corp.com sid=11111111-2222-3333-4444-555555555555 session_id=x-1
08:59:00 signin status=50074 correlation_id=c1 from=203.0.113.7 asn=8412 country=AT
09:00:00 signin status=0 correlation_id=c1 protocol=devicecode original_transfer=devicecodeflow app="Azure CLI" resource="Microsoft Graph" from=203.0.113.7 asn=8412 country=AT user_agent="Mozilla/5.0 Edg/122.0" mfa=approved
+5m x12 every=1h signin-ni status=0 app="Azure CLI" resource="Microsoft Graph" from=203.0.113.7 asn=8412 country=AT user_agent="Mozilla/5.0 Edg/123.0" incoming_token=refreshtoken
09:00:07 signin-ni status=0 original_transfer=devicecodeflow app="Azure CLI" resource="Microsoft Graph" from=198.51.100.9 asn=64500 country=RO user_agent="python-requests/2.31"
09:20:00 x1440 every=1m signin-ni status=0 original_transfer=devicecodeflow app="Microsoft Office" resource="Exchange Online" from=198.51.100.9 asn=64500 country=RO user_agent="python-requests/2.31" incoming_token=refreshtoken
+1m signin-ni status=0 app="Microsoft Authentication Broker" resource="Device Registration Service" from=198.51.100.9 asn=64500 country=RO
+1m signin-ni status=0 incoming_token=primaryrefreshtoken device_id=7d1c-new device_name=DESKTOP-4711 managed=no app="Microsoft Office" resource="SharePoint Online" from=198.51.100.9 asn=64500 country=RO
+1h x3 every=1m signin-ni status=53003 app="Azure CLI" from=198.51.100.9 asn=64500 country=RO user_agent="python-requests/2.31"
"#;

fn snapshot(text: &str) -> Snapshot {
    let (events, names) = notation::events(text);
    let mut engine = Engine::new(names);
    for event in events {
        engine.apply(event);
    }
    engine.finish(Vec::new())
}

/// The page of the session of the first event.
fn page(text: &str, width: u16, height: u16) -> Stage {
    let mut stage = Stage::new(snapshot(text), width, height);
    stage.press("7 0 g i");
    stage
}

#[test]
fn the_lineage_of_an_approval_that_was_carried_off() {
    let stage = page(REPLAY, 120, 36);
    insta::assert_snapshot!("replay_120", stage.picture());
    let mut stage = page(REPLAY, 80, 24);
    stage.press("L");
    insta::assert_snapshot!("replay_80", stage.picture());
}

#[test]
fn the_tree_in_unicode() {
    let mut stage = Stage::with(snapshot(REPLAY), &Setup { ascii: false, ..Setup::default() }, 80, 24);
    stage.press("7 0 g i L");
    insta::assert_snapshot!("replay_unicode_80", stage.picture());
}

#[test]
fn every_line_opens_a_record_of_its_own_and_says_itself_whole() {
    let mut stage = page(REPLAY, 160, 36);
    stage.press("L");
    let mut said = String::new();
    for _ in 0..13 {
        let before = stage.picture();
        stage.press("Enter");
        let record = stage.picture();
        assert!(record.contains("SignInLogs") && record != before, "{record}");
        stage.press("q");
        assert_eq!(stage.picture(), before);
        said.push_str(&stage.row_from_below(0));
        said.push('\n');
        stage.press("j");
    }
    for words in ["incomingTokenType refreshToken", "1,440 sign-ins", "incomingTokenType primaryRefreshToken", "another country, ASN"] {
        assert!(said.contains(words), "{words}:\n{said}");
    }
}

#[test]
fn a_session_without_a_known_root_says_why() {
    let late = r#"
default user=alice@corp.com sid=11111111-2222-3333-4444-555555555555 app=Teams from=203.0.113.7
2026-03-16T09:00:00 signin-ni status=0 session_id=x
2026-03-16T12:00:00 signin status=0 session_id=y user=bob@corp.com sid=11111111-2222-3333-4444-666666666666
"#;
    let mut stage = page(late, 80, 24);
    stage.press("L");
    let picture = stage.picture();
    for words in ["no interactive sign-in known", "parent unknown: interactive sign-ins are logged only from"] {
        assert!(picture.contains(words), "{words}:\n{picture}");
    }
    let windows = r#"
09:00:00 signin-ni user=alice@corp.com session_id=x app=Teams incoming_token=primaryrefreshtoken device_id=d1 managed=yes
"#;
    let mut stage = page(windows, 80, 24);
    stage.press("L");
    let picture = stage.picture();
    for words in ["Windows logon (PRT)", "inferred from the primary refresh token", "address not logged"] {
        assert!(picture.contains(words), "{words}:\n{picture}");
    }
}

#[test]
fn sessions_that_are_not_of_a_user_have_no_lineage() {
    for text in [
        "09:00:00 signin-mi user=vm-prod sid=aaaaaaaa-0000-0000-0000-000000000001",
        "09:00:00 4624 user=CORP\\alice logon=0x77 type=2 ws=SRV01",
    ] {
        let stage = page(text, 120, 36);
        assert!(!stage.picture().contains("lineage"), "{}", stage.picture());
    }
}

#[test]
fn a_filter_can_be_made_of_a_line() {
    let mut stage = page(REPLAY, 80, 24);
    stage.press("L G i");
    assert!(stage.picture().contains("app:"), "{}", stage.picture());
}

#[test]
fn a_long_session_costs_its_branches_and_not_its_sign_ins() {
    let many = "default user=a@corp.com session_id=x\n09:00:00 signin status=0 app=Portal from=203.0.113.7\n+1s x3000 every=1s signin-ni status=0 app=App{n} from=203.0.113.7";
    let mut stage = page(many, 80, 24);
    stage.press("L G");
    assert!(stage.picture().contains("more applications and places"), "{}", stage.picture());
    assert!(stage.picture().contains("2,745"), "{}", stage.picture());
}
