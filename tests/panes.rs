//! The panes of pages work like the tables of the views: mouse, selection of rows, order and columns.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/notation.rs"]
mod notation;
#[path = "support/stage.rs"]
mod stage;

use logonscope::base::time::Timestamp;
use logonscope::model::world::World;
use logonscope::store::{Meters, Phase, Snapshot, Store};
use logonscope::ui::effect::{Effect, Place};
use logonscope::ui::mouse::{Gesture, Mouse};
use logonscope::ui::update::Msg;
use ratatui::layout::Position;
use ratatui::style::Modifier;
use stage::Stage;
use std::sync::Arc;

/// One host that three people and a spray reach; one of them has a session with a story.
const DAY: &str = r"
default host=fs01.corp.example
07:55:00 4624 user=CORP\alice logon=0x2001 type=2 ws=FS01 package=Negotiate process=User32 elevated=yes
07:55:01 4672 user=CORP\alice logon=0x2001
08:00:00 4624 user=CORP\bob logon=0x2101 type=10 from=10.0.2.7 ws=WS07 package=Negotiate process=User32
08:10:00 4624 user=CORP\svc_backup logon=0x3001 type=3 from=10.0.2.9 ws=WS09 lm=NTLM_V2 package=NTLM process=NtLmSsp
08:11:00 4634 user=CORP\svc_backup logon=0x3001 type=3
08:20:00 4624 user=CORP\bob logon=0x3101 type=3 from=10.0.2.9 ws=WS09 lm=NTLM_V2 package=NTLM process=NtLmSsp
09:19:40 x3 every=40s 4625 user=CORP\alice type=3 from=10.0.9.66 ws=KALI status=0xc000006d sub=0xc000006a
09:19:50 4625 user=CORP\bob type=3 from=10.0.9.66 ws=KALI status=0xc000006d sub=0xc000006a
";

fn snapshot(world: &mut World, store: &mut Store) -> Snapshot {
    let now = Timestamp::parse("2026-03-16T09:42:17Z").unwrap();
    store.snapshot(world, Arc::default(), Meters::default(), Phase::File, now)
}

/// The page of the only host, or of what stands first in a list.
fn page(keys: &str, width: u16, height: u16) -> Stage {
    let (mut world, mut store) = notation::applied(DAY);
    let mut stage = Stage::new(snapshot(&mut world, &mut store), width, height);
    // The message goes with the next key.
    stage.press(keys).press("t o Esc");
    stage
}

/// A place a word stands at: the first, or the first at or below a row.
#[track_caller]
fn find_below(stage: &Stage, words: &str, top: usize) -> (u16, u16) {
    let picture = stage.picture();
    let found = picture.lines().enumerate().skip(top).find_map(|(y, row)| Some((row.find(words)?, y)));
    let (x, y) = found.unwrap_or_else(|| panic!("no `{words}` below {top} in\n{picture}"));
    (u16::try_from(x).unwrap(), u16::try_from(y).unwrap())
}

#[track_caller]
fn find(stage: &Stage, words: &str) -> (u16, u16) {
    find_below(stage, words, 0)
}

fn point(stage: &mut Stage, gesture: Gesture, (x, y): (u16, u16)) {
    stage.send(Msg::Mouse(Mouse { gesture, at: Position::new(x, y) }));
}

fn click(stage: &mut Stage, at: (u16, u16)) {
    point(stage, Gesture::Press, at);
    point(stage, Gesture::Release, at);
}

/// The words of a column of a table, below its title.
#[track_caller]
fn column(stage: &Stage, title: &str, top: usize) -> Vec<String> {
    let (x, y) = find_below(stage, title, top);
    let rows = (usize::from(y) + 1..).map(|y| stage.row(y));
    let word = |row: String| row.chars().skip(usize::from(x)).collect::<String>().split_whitespace().next().unwrap_or_default().to_owned();
    rows.map(word).take_while(|word| !word.is_empty() && !word.starts_with(['+', '|', '-'])).collect()
}

#[test]
fn a_click_gives_the_keys_to_a_pane_and_chooses_a_row_and_again_opens_it() {
    let mut stage = page("4 Enter", 120, 36);
    let bob = find_below(&stage, "bob@CORP", 12);
    click(&mut stage, bob);
    assert!(stage.row(usize::from(bob.1)).contains("> "), "{}", stage.picture());
    assert!(stage.row_from_below(0).starts_with(" bob@CORP"), "{}", stage.row_from_below(0));
    click(&mut stage, bob);
    assert!(matches!(stage.app.nav.place(), Place::Account(_)), "{}", stage.picture());
    stage.press("q");
    // The first click in another pane only gives it the keys, also on the row its cursor is on.
    let source = find_below(&stage, "10.0.9.66", 12);
    click(&mut stage, source);
    assert!(matches!(stage.app.nav.place(), Place::Host(_)));
    assert!(stage.picture().contains("[from where (3)]"), "{}", stage.picture());
    click(&mut stage, source);
    assert!(matches!(stage.app.nav.place(), Place::Source(_)), "{}", stage.picture());
}

#[test]
fn a_click_on_a_frame_or_a_tab_opens_the_pane() {
    let mut stage = page("4 Enter", 120, 36);
    let frame = find(&stage, "what could be seen here");
    click(&mut stage, frame);
    assert!(stage.picture().contains("[what could be seen here"), "{}", stage.picture());
    // What stands in the same place is reached by its top.
    click(&mut stage, frame);
    assert!(stage.picture().contains("[anomalies ("), "{}", stage.picture());
    let mut stage = page("4 Enter", 80, 24);
    for tab in ["sources", "events", "profile", "sessions"] {
        let at = find(&stage, tab);
        click(&mut stage, at);
        assert!(stage.picture().contains(&format!("[{tab}]")), "{}", stage.picture());
    }
}

#[test]
fn the_wheel_scrolls_the_pane_under_the_pointer() {
    let mut stage = page("4 Enter", 120, 36);
    let events = find_below(&stage, "4625", 20);
    let before = stage.row_from_below(0);
    point(&mut stage, Gesture::WheelDown, events);
    assert!(stage.picture().contains("[events ("), "{}", stage.picture());
    let down = stage.row_from_below(0);
    assert_ne!(down, before);
    point(&mut stage, Gesture::WheelUp, events);
    assert_ne!(stage.row_from_below(0), down);
}

#[test]
fn rows_of_a_pane_are_selected_and_keys_act_on_all_of_them() {
    for (width, height) in [(120, 36), (80, 24)] {
        let mut stage = page("4 Enter", width, height);
        stage.press("v j");
        assert!(stage.picture().contains("2 rows selected (v ends)"), "{}", stage.picture());
        stage.asked.clear();
        stage.press("y y");
        let copied = stage.asked.iter().find_map(|effect| match effect {
            Effect::Copy(copied) => Some(copied.text.clone()),
            _ => None,
        });
        let lines: Vec<String> = copied.unwrap().lines().map(str::to_owned).collect();
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(lines.iter().all(|line| line.contains("@CORP") && line.contains('\t')), "{lines:?}");
        stage.press("i");
        let filter = stage.row(2);
        assert!(filter.contains("account:") && filter.matches("@corp").count() + filter.matches("@CORP").count() == 2, "{filter}");
        assert!(!stage.picture().contains("selected"), "{}", stage.picture());
        // A selection ends where the keys go to another pane.
        stage.press("u v j Tab Shift-Tab");
        assert!(!stage.picture().contains("selected"), "{}", stage.picture());
    }
}

#[test]
fn a_click_in_the_hours_of_a_week_says_what_was_then() {
    let mut stage = page("3 Enter", 120, 36);
    let (x, y) = find_below(&stage, "Tue", 10);
    click(&mut stage, (x + 4 + 3, y));
    assert!(stage.row_from_below(0).starts_with(" Tue 03h: 0 logons"), "{}", stage.picture());
}

#[test]
fn rows_are_dragged_over() {
    let mut stage = page("4 Enter", 120, 36);
    let (x, y) = find_below(&stage, "08:20:00", 20);
    point(&mut stage, Gesture::Press, (x, y));
    point(&mut stage, Gesture::Drag, (x, y + 1));
    // Another pane below the pointer changes nothing.
    point(&mut stage, Gesture::Drag, (x, 5));
    point(&mut stage, Gesture::Release, (x, 5));
    assert!(stage.picture().contains("2 rows selected"), "{}", stage.picture());
}

#[test]
fn panes_are_sorted_by_the_column_under_the_cursor() {
    let mut stage = page("4 Enter", 120, 36);
    let accounts = |stage: &Stage| column(stage, "name", 12);
    let first = accounts(&stage);
    assert_eq!(first.len(), 3);
    stage.press("s");
    assert_eq!(accounts(&stage), ["alice@CORP", "bob@CORP", "svc_backup@CORP"], "{}", stage.picture());
    stage.press("s");
    assert_eq!(accounts(&stage), ["svc_backup@CORP", "bob@CORP", "alice@CORP"]);
    // What opens is what is seen.
    stage.press("g g Enter");
    assert!(stage.picture().contains("svc_backup@CORP  service"), "{}", stage.picture());
    // Numbers begin with the greatest; a click on the title sorts too.
    stage.press("q");
    let title = find_below(&stage, "failed", 12);
    click(&mut stage, title);
    assert_eq!(accounts(&stage)[0], "alice@CORP", "{}", stage.picture());
    // Events by time: oldest first, then newest first again.
    let newest = stage.picture();
    stage.press("Tab Tab Tab s");
    let times = column(&stage, "time", 20);
    assert!(stage.picture() != newest && !times.is_empty(), "{}", stage.picture());
    let (_, y) = find_below(&stage, "time", 20);
    assert!(stage.row(usize::from(y) + 1).contains("07:55:00"), "{}", stage.picture());
    stage.press("s");
    assert!(stage.row(usize::from(y) + 1).contains("09:21:00"), "{}", stage.picture());
    // A chart is not sorted by.
    stage.press("Shift-Tab l l l l l l l l s");
    assert!(stage.row_from_below(0).contains("nothing sorts by this column"), "{}", stage.row_from_below(0));
}

/// The line of the list of columns that is drawn as the cursor.
fn under_cursor(stage: &Stage) -> String {
    let buffer = stage.buffer();
    let is_reversed = |x, y| buffer[(x, y)].style().add_modifier.contains(Modifier::REVERSED);
    let row = |y| (0..120).filter(|x| is_reversed(*x, y)).map(|x| buffer[(x, y)].symbol()).collect::<String>();
    (0..36).map(row).find(|row| row.contains('[')).unwrap_or_default()
}

#[test]
fn columns_of_a_pane_are_chosen_and_sized() {
    let mut stage = page("4 Enter", 120, 36);
    stage.press("Tab Tab Tab z c");
    let picture = stage.picture();
    assert!(picture.contains("columns: 7 of 33") && picture.contains("[ ] workstation"), "{picture}");
    for _ in 0..40 {
        stage.press("j");
        if under_cursor(&stage).contains("workstation") {
            break;
        }
    }
    stage.press("Space Esc");
    assert!(stage.picture().contains("KALI"), "{}", stage.picture());
    // The list of events keeps its own.
    stage.press("7");
    assert!(!stage.row(4).contains("workstation"), "{}", stage.picture());
    stage.press("4 Enter");
    assert!(stage.picture().contains("workstation"), "{}", stage.picture());
    // Wider and narrower.
    stage.press("+");
    assert!(stage.row_from_below(0).contains("cells wide"), "{}", stage.row_from_below(0));
}

#[test]
fn the_pages_of_sessions_and_records_work_alike() {
    // A session: a click on a line of its list of logons shows the record.
    let mut stage = page("7 g g", 120, 36);
    stage.press("g i");
    assert!(matches!(stage.app.nav.place(), Place::Visit(_) | Place::Session(_)), "{}", stage.picture());
    let (x, y) = find_below(&stage, "4672", 10);
    click(&mut stage, (x, y));
    assert!(stage.row_from_below(0).contains("4672") || stage.picture().contains("[events"), "{}", stage.picture());
    stage.press("z c");
    assert!(stage.picture().contains("columns: 4 of 33"), "{}", stage.picture());
    stage.press("Esc v k");
    assert!(stage.picture().contains("2 rows selected"), "{}", stage.picture());
    // A tree and a story have one order and their columns.
    let story = find(&stage, "what happened");
    click(&mut stage, story);
    assert!(stage.row_from_below(0).contains("nothing sorts by this column"), "{}", stage.row_from_below(0));
    stage.press("z c");
    assert!(stage.row_from_below(0).contains("no table here"), "{}", stage.row_from_below(0));
    // A record: fields are chosen by a click, and selected.
    let mut stage = page("7 g g g r", 120, 36);
    let field = find_below(&stage, "TargetUserName", 4);
    click(&mut stage, field);
    assert!(stage.row_from_below(0).contains("TargetUserName: alice"), "{}", stage.picture());
    stage.press("v j");
    assert!(stage.picture().contains("2 rows selected"), "{}", stage.picture());
}

#[test]
fn the_mouse_may_do_anything_anywhere_on_every_page() {
    for keys in ["3 Enter", "4 Enter", "5 Enter", "7 g g g i", "7 g g g r"] {
        for (width, height) in [(120, 36), (80, 24), (60, 16)] {
            let mut stage = page(keys, width, height);
            for y in 0..height {
                for x in [0, 1, width / 2, width - 1] {
                    for gesture in [Gesture::Press, Gesture::Drag, Gesture::Release, Gesture::WheelUp, Gesture::WheelDown] {
                        point(&mut stage, gesture, (x, y));
                        if stage.app.popup.is_some() || stage.app.prompt.is_some() {
                            stage.press("Esc");
                        }
                    }
                }
            }
            stage.buffer();
        }
    }
}
