//! The path view as pictures, and what its keys do.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/notation.rs"]
mod notation;
#[path = "support/stage.rs"]
mod stage;

use logonscope::base::time::Timestamp;
use logonscope::store::path::pick::Focus;
use logonscope::store::{Meters, Phase, Snapshot};
use logonscope::ui::app::Setup;
use logonscope::ui::effect::Place;
use logonscope::ui::update::Msg;
use logonscope::ui::view::ViewId;
use stage::Stage;
use std::sync::Arc;

/// A spray, the account that gave in, and where it went; two people who do what they always do.
const DAY: &str = r#"
2026-03-14T08:00:00 4769 host=dc01.corp.example user=FS01$@CORP.EXAMPLE from=10.0.2.31 target=DC01$
2026-03-16T07:00:00 4769 host=dc01.corp.example user=WS22$@CORP.EXAMPLE from=10.0.4.22 target=DC01$
2026-03-16T07:02:00 4624 host=ws22.corp.example user=CORP\jdoe logon=0x900 type=2
2026-03-16T07:03:00 4624 host=rds3.corp.example user=CORP\jdoe logon=0x901 type=10 from=10.0.4.22 ws=WS22
2026-03-16T09:00:00 4769 host=dc01.corp.example user=FS01$@CORP.EXAMPLE from=10.0.2.31 target=DC01$
2026-03-16T09:19:40 x12 every=5s 4625 host=dc01.corp.example user=CORP\user{n} type=3 from=10.0.9.66 ws=KALI
2026-03-16T09:22:58 4624 host=fs01.corp.example user=CORP\svc_backup logon=0x1 type=3 from=10.0.9.66 ws=KALI lm="NTLM V2"
2026-03-16T09:23:00 4634 host=fs01.corp.example user=CORP\svc_backup logon=0x1 type=3
2026-03-16T09:29:55 4624 host=iis2.corp.example user=CORP\web_pool logon=0x2 type=8 from=10.0.9.66 ws=WS41
2026-03-16T09:31:20 4624 host=fs01.corp.example user=CORP\svc_backup logon=0x3 type=10 from=10.0.9.66 ws=WS41 lm="NTLM V2"
2026-03-16T09:31:22 4648 host=fs01.corp.example by=CORP\svc_backup by_logon=0x3 user=CORP\adm_sql target=SQL1.corp.example
2026-03-16T09:35:44 x3 every=20s 4624 host=iis2.corp.example user=CORP\svc_backup logon=0x4 type=3 from=10.0.2.31
2026-03-16T09:36:02 4672 host=dc01.corp.example user=CORP\svc_backup logon=0x5
2026-03-16T09:36:02 4624 host=dc01.corp.example user=CORP\svc_backup logon=0x5 type=3 from=10.0.2.31
2026-03-16T09:42:00 4634 host=dc01.corp.example user=CORP\svc_backup logon=0x5 type=3
"#;

fn snapshot(text: &str) -> Snapshot {
    let (mut world, mut store) = notation::applied(text);
    let now = Timestamp::parse("2026-03-16T09:42:17Z").unwrap();
    store.snapshot(&mut world, Arc::default(), Meters::default(), Phase::File, now)
}

fn open(width: u16, height: u16) -> Stage {
    Stage::new(snapshot(DAY), width, height)
}

/// The host under the cursor, as the message row names it.
fn under(stage: &Stage) -> String {
    stage.row_from_below(0)
}

#[test]
fn all_paths_stand_with_their_reasons_and_their_order() {
    for (width, height) in [(120, 36), (80, 24)] {
        let mut stage = open(width, height);
        stage.press("6 j j l j");
        insta::assert_snapshot!(format!("paths_{width}"), stage.picture());
    }
}

#[test]
fn narrow_screens_have_a_tab_for_each_pane() {
    let mut stage = open(80, 24);
    stage.press("6 j j j l j Tab");
    insta::assert_snapshot!("paths_why_80", stage.picture());
    stage.press("Tab");
    insta::assert_snapshot!("paths_order_80", stage.picture());
    stage.press("Tab");
    assert!(stage.row(4).contains("[tree]"));
    stage.press("Shift-Tab");
    assert!(stage.row(4).contains("[time order]"));
}

#[test]
fn a_middle_width_has_one_box_and_o_gives_its_room_to_the_tree() {
    let mut stage = open(100, 36);
    stage.press("6");
    assert!(stage.picture().contains("why this path is joined") && !stage.picture().contains("time order"));
    stage.press("Tab Tab");
    assert!(stage.picture().contains("time order") && !stage.picture().contains("why this path is joined"));
    stage.press("o");
    assert!(!stage.picture().contains("time order"));
}

#[test]
fn a_path_in_unicode() {
    let setup = Setup { ascii: false, ..Setup::default() };
    let mut stage = Stage::with(snapshot(DAY), &setup, 120, 36);
    stage.press("6 j j l");
    insta::assert_snapshot!("paths_unicode", stage.picture());
}

#[test]
fn keys_walk_hops_and_branches() {
    let mut stage = open(120, 36);
    stage.press("6");
    assert!(under(&stage).contains("failures"), "{}", under(&stage));
    stage.press("j j j l");
    assert!(under(&stage).contains("FS01 > SQL1"), "{}", under(&stage));
    stage.press("j");
    assert!(under(&stage).contains("FS01 > IIS2"), "{}", under(&stage));
    stage.press("k h");
    assert!(under(&stage).contains("10.0.9.66 > FS01"), "{}", under(&stage));
    stage.press("End");
    assert!(under(&stage).contains("FS01 > DC01"), "{}", under(&stage));
    stage.press("g g");
    assert!(under(&stage).contains("failures"), "{}", under(&stage));
}

#[test]
fn next_and_previous_path_go_through_the_ranking() {
    let mut stage = open(120, 36);
    stage.press("6");
    assert!(stage.row(3).contains("path 1 of 2"), "{}", stage.row(3));
    stage.press("J");
    assert!(stage.row(3).contains("path 2 of 2") && under(&stage).contains("jdoe"), "{}", stage.picture());
    stage.press("J");
    assert_eq!(under(&stage), " no further path");
    stage.press("K K");
    assert_eq!(under(&stage), " this is the first path");
}

#[test]
fn depth_is_asked_for_hop_by_hop() {
    let mut stage = open(120, 36);
    stage.press("6 - - -");
    assert!(stage.row(3).contains("depth 1"), "{}", stage.row(3));
    assert!(stage.picture().contains("FS01 +3") && !stage.picture().contains("SQL1"), "{}", stage.picture());
    stage.press("-");
    assert_eq!(under(&stage), " one hop is the least");
    stage.press("+");
    assert!(stage.picture().contains("SQL1"));
    stage.press("+ + + + + + + +");
    assert_eq!(under(&stage), " 9 hops are the most");
}

#[test]
fn direction_turns_the_question_and_keeps_the_step_under_the_cursor() {
    let mut stage = open(120, 36);
    stage.press("6 End D");
    let picture = stage.picture();
    assert!(picture.contains("how they got there"), "{picture}");
    assert!(stage.row(5).starts_with(" DC01"), "{picture}");
    insta::assert_snapshot!("paths_backward_120", picture);
    stage.press("D");
    assert!(stage.row(3).contains("where they went"));
}

#[test]
fn enter_opens_the_session_or_the_record_of_a_step() {
    let mut stage = open(120, 36);
    stage.press("6 End Enter");
    assert!(matches!(stage.app.nav.place(), Place::Visit(_)), "{:?}", stage.app.nav.place());
    stage.press("q");
    assert_eq!(stage.app.nav.place(), Place::View(ViewId::Paths));
    assert!(under(&stage).contains("FS01 > DC01"), "{}", under(&stage));
    stage.press("g g Enter");
    assert!(matches!(stage.app.nav.place(), Place::Event(_)));
    for (keys, place) in [("g a", "Account"), ("g h", "Host"), ("g s", "Source"), ("g i", "Visit"), ("g r", "Event")] {
        let mut stage = open(120, 36);
        stage.press("6 End").press(keys);
        assert!(format!("{:?}", stage.app.nav.place()).starts_with(place), "{keys}");
    }
}

#[test]
fn go_path_asks_about_what_is_under_the_cursor() {
    for (keys, says) in [
        ("3 G g p", "path of "),
        ("4 Home g p", "path of "),
        ("5 Home g p", "path of 10.0.9.66"),
        ("3 Enter g p", "path of "),
        ("7 G g p", "path of session 0x5"),
        ("1 z a $ ( g p", "path of session"),
    ] {
        let mut stage = open(120, 36);
        stage.press(keys);
        assert!(matches!(stage.app.nav.place(), Place::Path(..)), "{keys}: {:?}\n{}", stage.app.nav.place(), stage.picture());
        assert!(stage.row(2).contains(says), "{keys}: {}", stage.row(2));
    }
    let mut stage = open(120, 36);
    stage.press("4 Home g p");
    assert!(matches!(stage.app.nav.place(), Place::Path(Focus::Host(_), Some(_))));
    stage.press("8 g p");
    assert_eq!(under(&stage), " no account, host, source or session under the cursor");
}

#[test]
fn a_window_is_a_day_round_a_moment_and_goes_with_escape() {
    let mut stage = open(120, 36);
    stage.press("6 g t").write("2026-03-15T12:00Z").press("Enter");
    assert!(stage.row(3).contains("2026-03-15 00:00:00Z .. 2026-03-16 00:00:00Z"), "{}", stage.row(3));
    assert!(stage.picture().contains("no path"), "{}", stage.picture());
    stage.press("Esc");
    assert!(stage.row(3).contains("path 1 of 2"), "{}", stage.row(3));
}

#[test]
fn a_filter_leaves_the_paths_that_have_a_step_in_it() {
    let mut stage = open(120, 36);
    stage.press("6 f").write("host:RDS3").press("Enter");
    assert!(stage.row(3).contains("path 1 of 1") && stage.picture().contains("jdoe"), "{}", stage.picture());
    stage.press("f Ctrl-u").write("host:NOWHERE").press("Enter");
    assert!(stage.picture().contains("no step that the filter lets through"), "{}", stage.picture());
}

#[test]
fn the_cursor_stays_with_its_step_while_events_come_in() {
    let mut stage = open(120, 36);
    stage.press("6 End");
    let before = under(&stage);
    let more = format!("{DAY}2026-03-16T09:45:00 4624 host=a.corp.example user=CORP\\svc_backup logon=0x77 type=3 from=10.0.2.31\n");
    let mut next = snapshot(&more);
    next.version = 99;
    stage.send(Msg::Snapshot(Arc::new(next)));
    assert_eq!(under(&stage), before);
    assert!(stage.picture().contains("> A"), "{}", stage.picture());
}

#[test]
fn nothing_to_show_says_why() {
    let mut stage = Stage::new(Snapshot::default(), 80, 24);
    stage.press("6");
    assert!(stage.picture().contains("no input"), "{}", stage.picture());
    let mut stage = Stage::new(snapshot("09:00:00 4624 host=a.corp.local user=CORP\\x logon=1 type=10 from=10.0.9.66\n"), 80, 24);
    stage.press("6");
    assert!(stage.picture().contains("no path of more than one step in 1 session"), "{}", stage.picture());
    stage.press("5 g p D");
    assert!(stage.picture().contains("no log tells which machine had this address"), "{}", stage.picture());
}
