//! The privacy mask: pressed through every view and page, no real name is drawn, copied or written.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/made.rs"]
mod made;
#[path = "support/stage.rs"]
mod stage;

use logonscope::export::{self, Format, More, Scope, What};
use logonscope::model::ids::EventId;
use logonscope::model::lane::Lane;
use logonscope::model::masking;
use logonscope::model::raw::RawRecord;
use logonscope::model::session::SessionEnd;
use logonscope::query;
use logonscope::store::{Phase, Snapshot};
use logonscope::ui::effect::{Effect, Place};
use logonscope::ui::update::Msg;
use logonscope::ui::view::Reply;
use logonscope::ui::write;
use made::{FIRST_SOURCE, at, morning, morning_now};
use stage::Stage;
use std::sync::Arc;

/// Texts of the made world that say who, where and from where.
const REAL: [&str; 24] = [
    "adm_kl",
    "jdoe",
    "svc_sql",
    "svc_backup",
    "web_pool",
    "CORP",
    "corp.example",
    "corp.local",
    "WS17",
    "WS22",
    "FS01",
    "SQL1",
    "IIS2",
    "JMP1",
    "DC01",
    "RDS3",
    "10.0.4.9",
    "10.0.9.66",
    "10.0.4.31",
    "10.0.4.17",
    "10.0.4.22",
    "177.10.0.4",
    "Ana Maria",
    "S-1-5-21-7-7-7-1104",
];

fn snapshot() -> Snapshot {
    let mut made = morning();
    let ana = made.account("Ana Maria Lopez@CORP");
    let sid = made.world.names.intern("S-1-5-21-7-7-7-1104");
    made.world.tables.accounts.get_mut(ana.index()).unwrap().sid = sid;
    let start = at("09:36:30");
    let odd = made.session(
        Lane::RemoteInteractive,
        "Ana Maria Lopez@CORP > FS01.corp.local < 10.0.9.66",
        start,
        Some((at("09:37:30"), SessionEnd::Logoff)),
    );
    let opening = made.opening(odd);
    made.anomaly(&FIRST_SOURCE, 60, "Ana Maria Lopez (S-1-5-21-7-7-7-1104) came to FS01.corp.local from 10.0.9.66", &[opening], &[odd]);
    made.snapshot(Phase::File, morning_now())
}

#[track_caller]
fn hides_all(what: &str, text: &str) {
    let lower = text.to_lowercase();
    for real in REAL {
        // A word that merely holds the letters of a name is not that name.
        let real = real.to_lowercase();
        let part = |c: char| c.is_alphanumeric() || c == '_';
        let found = lower.match_indices(&real).find(|(place, _)| {
            let before = lower[..*place].chars().next_back();
            let after = lower[place + real.len()..].chars().next();
            !before.is_some_and(part) && !after.is_some_and(part)
        });
        assert!(found.is_none(), "{what} tells {real}:\n{text}");
    }
}

/// Keys that open every view and page, and what lies over them.
const WALK: [&str; 34] = [
    "1", "j j j", "+ +", "e", "e", "o", "o", "2", "Enter", "j", "j j", "g d", "Esc", "3", "s", "j", "Enter", "Tab Tab", "Tab Tab", "q",
    "4", "Enter", "Tab", "5", "j", "Enter", "Tab Tab", "6", "7 G", "Enter", "Tab", "8", "Ctrl-p", "Esc",
];

#[test]
fn no_view_draws_a_real_name_at_any_size() {
    for (width, height) in [(120, 36), (80, 24), (200, 50), (100, 30), (61, 17), (40, 10)] {
        let mut stage = Stage::new(snapshot(), width, height);
        stage.press("t p");
        assert!(stage.app.privacy.is_on);
        for keys in WALK {
            stage.press(keys);
            hides_all(&format!("{keys} at {width}x{height}"), &stage.picture());
        }
        stage.press("7 G g a");
        hides_all("account page", &stage.picture());
        stage.press("7 G g h Tab Tab");
        hides_all("host page", &stage.picture());
        stage.press("7 G g s Tab");
        hides_all("source page", &stage.picture());
        stage.press("3 g i").press("g p");
        hides_all("path", &stage.picture());
    }
}

#[test]
fn names_stay_the_same_and_come_back() {
    let mut stage = Stage::new(snapshot(), 120, 36);
    stage.press("3");
    let before = stage.picture();
    stage.press("t p");
    let masked = stage.picture();
    assert!(masked.contains("acct-") && masked != before);
    stage.press("t p t p");
    assert_eq!(stage.picture(), masked);
    stage.press("t p Esc");
    assert_eq!(stage.picture().lines().take(30).collect::<Vec<_>>(), before.lines().take(30).collect::<Vec<_>>());
}

#[test]
fn copies_are_masked_and_what_cannot_be_is_refused() {
    let mut stage = Stage::new(snapshot(), 120, 36);
    stage.app.again = vec!["logonscope".into(), "/case/FS01.evtx".into()];
    stage.press("f").write("account:svc_backup@CORP").press("Enter t p");
    let mut copies = 0;
    for view in ["1", "2", "3", "4", "5", "7 G"] {
        stage.press(view);
        for keys in ["y y", "y a", "y h", "y s", "y i", "y r", "y f", "y l"] {
            stage.asked.clear();
            stage.press(keys);
            hides_all(&format!("{view} {keys}"), &stage.picture());
            for effect in &stage.asked {
                match effect {
                    Effect::Copy(copied) => {
                        copies += 1;
                        hides_all(&format!("{view} {keys}"), &copied.text);
                    }
                    Effect::FetchRaw(_) => panic!("{keys} asks for the record"),
                    _ => {}
                }
            }
        }
    }
    assert!(copies > 12, "{copies}");
    stage.press("y r");
    assert!(stage.row_from_below(0).contains("hidden by the privacy mask (t p)"), "{}", stage.row_from_below(0));
}

#[test]
fn a_raw_record_is_not_shown_also_when_it_was_on_screen_before() {
    let mut stage = Stage::new(snapshot(), 120, 36);
    stage.press("7 G k k k Enter");
    let Place::Event(id) = stage.app.nav.place() else { panic!("{:?}", stage.app.nav.place()) };
    let raw = || {
        Ok(RawRecord {
            json: "{ \"secret\": \"svc_backup of payroll\" }".into(),
            fields: vec![("TargetUserName".into(), "payroll".into())],
            ..RawRecord::default()
        })
    };
    stage.send(Msg::Reply(Reply::Raw(id, raw())));
    assert!(stage.picture().contains("payroll"));
    stage.press("t p");
    assert!(!stage.picture().contains("payroll"), "{}", stage.picture());
    stage.send(Msg::Reply(Reply::Raw(id, raw())));
    let picture = stage.picture();
    assert!(!picture.contains("payroll") && picture.contains("hidden by the privacy mask"), "{picture}");
    stage.press("t p");
    stage.send(Msg::Reply(Reply::Raw(EventId::new(id.index()), raw())));
    assert!(stage.picture().contains("payroll"));
}

#[test]
fn filters_are_written_by_what_is_on_screen() {
    let mut stage = Stage::new(snapshot(), 120, 36);
    stage.press("3 t p j i");
    let real = stage.app.scene.filter.text().to_owned();
    assert!(real.starts_with("account:") && !real.contains("acct-"), "{real}");
    let picture = stage.picture();
    hides_all("the filter row", &picture);
    assert!(picture.contains("filter> account:acct-"), "{picture}");
    assert!(picture.contains("1 of"), "{picture}");
    // The prompt begins with what is shown, and accepts it.
    stage.press("f");
    hides_all("the filter prompt", &stage.picture());
    stage.press("Enter");
    assert_eq!(stage.app.scene.filter.text(), real);
}

#[test]
fn what_is_typed_blindly_is_hidden_too() {
    let mut stage = Stage::new(snapshot(), 120, 36);
    stage.press("t p f").write("account:svc_backup");
    hides_all("typing", &stage.picture());
    stage.press("Enter");
    assert_eq!(stage.app.scene.filter.text(), "account:svc_backup");
}

#[test]
fn every_report_is_masked() {
    let snapshot = snapshot();
    let names = snapshot.names.behind(Some(Arc::new(masking::whole(&snapshot.names, &snapshot.tables))));
    let filter = query::parse("-account:nobody", snapshot.now).unwrap();
    let case = logonscope::casefile::Case::default();
    for what in [
        What::Summary,
        What::Sessions,
        What::Timeline,
        What::Anomalies,
        What::Incidents,
        What::Paths,
        What::Accounts,
        What::Hosts,
        What::Sources,
        What::Events,
        What::Inputs,
    ] {
        for format in [Format::Table, Format::Json, Format::Jsonl, Format::Csv, Format::Markdown, Format::Html] {
            let scope = Scope {
                names: &names,
                tables: &snapshot.tables,
                trails: &snapshot.trails,
                inputs: &snapshot.inputs,
                filter: &filter,
                case: &case,
                zone: logonscope::base::time::Zone::Utc,
                width: Some(100),
                more: More::default(),
            };
            let mut out = Vec::new();
            export::write(what, format, &scope, &mut out).unwrap();
            let text = String::from_utf8(out).unwrap();
            hides_all(&format!("{what:?} {format:?}"), &text);
        }
    }
}

#[test]
fn files_from_the_screen_are_masked() {
    let folder = tempfile::tempdir().unwrap();
    let mut stage = Stage::new(snapshot(), 120, 36);
    stage.press("t p");
    for (number, keys) in ["1", "2", "3", "4", "5", "6", "7", "8", "3 Enter"].into_iter().enumerate() {
        for write in ["w c", "w j", "w m", "w h", "w s"] {
            stage.asked.clear();
            stage.press(keys).press(write).press("Ctrl-u");
            let path = folder.path().join(format!("{number}{}", write.replace(' ', "")));
            stage.write(&path.display().to_string()).press("Enter");
            let Some(Effect::Write(order)) = stage.asked.pop() else { panic!("{keys} {write}: {}", stage.row_from_below(0)) };
            write::carry_out(&order).unwrap();
            hides_all(&format!("{keys} {write}"), &std::fs::read_to_string(&path).unwrap());
        }
    }
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        hides_all("a text beside", &std::fs::read_to_string(entry.unwrap().path()).unwrap());
    }
}
