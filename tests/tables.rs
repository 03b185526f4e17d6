//! Tables and lists: columns, order, selections, groups, details and the mouse, keys in and pictures out.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/notation.rs"]
mod notation;
#[path = "support/stage.rs"]
mod stage;

use logonscope::base::time::Timestamp;
use logonscope::model::world::World;
use logonscope::store::{Meters, Phase, Snapshot, Store};
use logonscope::ui::app::Setup;
use logonscope::ui::effect::{Effect, Place};
use logonscope::ui::mouse::{Gesture, Mouse};
use logonscope::ui::restore;
use logonscope::ui::update::Msg;
use logonscope::ui::view::ViewId;
use logonscope::ui::widget::columns::Arrangements;
use ratatui::layout::Position;
use ratatui::style::Modifier;
use stage::Stage;
use std::sync::Arc;

/// Some people, a service, and a spray whose tries stand between each other.
const DAY: &str = r"
default host=fs01.corp.example
07:55:00 4624 user=CORP\alice sid=S-1-5-21-1085031214-1-2-1104 logon=0x2001 type=2 ws=FS01 package=Negotiate process=User32 elevated=yes
07:55:01 4672 user=CORP\alice sid=S-1-5-21-1085031214-1-2-1104 logon=0x2001
08:00:00 4624 user=CORP\bob logon=0x2101 type=10 from=10.0.2.7 ws=WS07 package=Negotiate process=User32
08:10:00 4624 host=dc01.corp.example user=CORP\svc_backup logon=0x3001 type=3 from=10.0.2.9 ws=WS09 lm=NTLM_V2 package=NTLM process=NtLmSsp
08:11:00 4634 host=dc01.corp.example user=CORP\svc_backup logon=0x3001 type=3
09:19:40 x3 every=40s 4625 host=dc01.corp.example user=CORP\alice type=3 from=10.0.9.66 ws=KALI status=0xc000006d sub=0xc000006a
09:19:50 x3 every=40s 4625 host=dc01.corp.example user=CORP\bob type=3 from=10.0.9.66 ws=KALI status=0xc000006d sub=0xc000006a
09:20:00 x3 every=40s 4625 host=dc01.corp.example user=CORP\carol type=3 from=10.0.9.66 ws=KALI status=0xc000006d sub=0xc0000064
09:40:00 signin host= user=jdoe@corp.example from=81.2.69.142 session_id=s-77 app=Azure_Portal resource=Azure_Resource_Manager country=GB city=London asn=64496 mfa=approved status=0
";

fn at(text: &str) -> Timestamp {
    Timestamp::parse(&format!("2026-03-16T{text}Z")).unwrap()
}

fn snapshot(world: &mut World, phase: Phase, store: &mut Store) -> Snapshot {
    store.snapshot(world, Arc::default(), Meters::default(), phase, at("09:42:17"))
}

fn day(width: u16, height: u16) -> Stage {
    let (mut world, mut store) = notation::applied(DAY);
    Stage::new(snapshot(&mut world, Phase::File, &mut store), width, height)
}

#[track_caller]
fn shows(stage: &Stage, what: &str) {
    let picture = stage.picture();
    assert!(picture.contains(what), "no `{what}` in\n{picture}");
}

#[track_caller]
fn hides(stage: &Stage, what: &str) {
    let picture = stage.picture();
    assert!(!picture.contains(what), "`{what}` in\n{picture}");
}

/// The row of column titles.
fn head(stage: &Stage) -> String {
    stage.row(4)
}

fn click(stage: &mut Stage, x: u16, y: u16) {
    stage.send(Msg::Mouse(Mouse { gesture: Gesture::Press, at: Position::new(x, y) }));
    stage.send(Msg::Mouse(Mouse { gesture: Gesture::Release, at: Position::new(x, y) }));
}

fn point(stage: &mut Stage, gesture: Gesture, x: u16, y: u16) {
    stage.send(Msg::Mouse(Mouse { gesture, at: Position::new(x, y) }));
}

/// Where words stand on screen.
#[track_caller]
fn find(stage: &Stage, words: &str) -> (u16, u16) {
    let rows: Vec<String> = stage.picture().lines().map(str::to_owned).collect();
    let found = rows.iter().enumerate().find_map(|(y, row)| Some((row.find(words)?, y)));
    let (x, y) = found.unwrap_or_else(|| panic!("no `{words}` in\n{}", rows.join("\n")));
    (u16::try_from(x).unwrap(), u16::try_from(y).unwrap())
}

#[test]
fn columns_are_chosen_from_a_list_and_the_choice_holds() {
    let mut stage = day(120, 36);
    stage.press("7");
    assert!(!head(&stage).contains("workstation"));
    stage.press("z c");
    shows(&stage, "columns: ");
    shows(&stage, "[x] account");
    shows(&stage, "[ ] workstation");
    insta::assert_snapshot!("chooser_events_120", stage.picture());
    for _ in 0..40 {
        if under_cursor(&stage).contains("workstation") {
            break;
        }
        stage.press("j");
    }
    stage.press("Space Esc");
    assert!(head(&stage).contains("workstation"), "{}", head(&stage));
    shows(&stage, "KALI");
    // The choice outlives the view, and is one thing that can be saved.
    stage.press("1 7");
    assert!(head(&stage).contains("workstation"));
    let saved = serde_json::to_string(&stage.app.scene.columns).unwrap();
    assert!(saved.contains("workstation"), "{saved}");
    assert_eq!(serde_json::from_str::<Arrangements>(&saved).unwrap(), stage.app.scene.columns);
    // Other tables keep theirs.
    stage.press("3");
    assert!(!head(&stage).contains("workstation"));
    stage.press("7 z c r Esc");
    assert!(!head(&stage).contains("workstation"));
}

/// The line of the list of columns that is drawn as the cursor.
fn under_cursor(stage: &Stage) -> String {
    let buffer = stage.buffer();
    let area = buffer.area;
    let reversed = |x: u16, y: u16| buffer[(x, y)].style().add_modifier.contains(Modifier::REVERSED);
    let row = (3..area.height - 3).find(|y| reversed(area.width - 3, *y) && buffer[(area.width - 1, *y)].symbol() == "|");
    row.map_or_else(String::new, |y| stage.row(usize::from(y)))
}

#[test]
fn a_column_is_moved_hidden_and_the_last_one_stays() {
    let mut stage = day(120, 36);
    stage.press("3 z c g J");
    // What stood first stands second now.
    let (risk, sev) = (find(&stage, "] risk").1, find(&stage, "] sev").1);
    assert_eq!((risk, sev), (4, 5), "{}", stage.picture());
    stage.press("K");
    assert_eq!(find(&stage, "] sev").1, 4);
    stage.press("Enter");
    shows(&stage, "[ ] sev");
    for _ in 0..40 {
        stage.press("j");
        if under_cursor(&stage).contains("[x]") {
            stage.press("Space");
        }
    }
    shows(&stage, "columns: 1 of ");
    stage.press("g");
    for _ in 0..40 {
        if under_cursor(&stage).contains("[x]") {
            break;
        }
        stage.press("j");
    }
    stage.press("Space");
    assert!(stage.row_from_below(0).contains("the last column stays"), "{}", stage.row_from_below(0));
    shows(&stage, "columns: 1 of ");
}

#[test]
fn columns_are_widened_and_narrowed_and_never_leave_the_screen() {
    let mut stage = day(120, 36);
    stage.press("4");
    let wide = |stage: &Stage| stage.app.scene.columns.0.get("hosts").and_then(|table| table.widths.get("host").copied());
    assert_eq!(wide(&stage), None);
    stage.press("-");
    let narrow = wide(&stage).unwrap();
    stage.press("+ +");
    assert_eq!(wide(&stage), Some(narrow + 4));
    assert!(stage.row_from_below(0).contains("host: "), "{}", stage.row_from_below(0));
    for _ in 0..100 {
        stage.press("+");
    }
    assert!((100..=118).contains(&wide(&stage).unwrap()), "{:?}", wide(&stage));
    // What has no room is said, and comes back.
    shows(&stage, "columns have no room: z c");
    for _ in 0..100 {
        stage.press("-");
    }
    assert_eq!(wide(&stage), Some(3));
    assert!(head(&stage).contains("last seen"), "{}", head(&stage));
    let mut stage = day(80, 24);
    stage.press("3");
    shows(&stage, "columns have no room: z c");
    stage.press("1 z c");
    assert!(stage.app.popup.is_none());
}

#[test]
fn the_column_under_the_cursor_is_seen_and_the_head_tells_the_order() {
    let mut stage = day(120, 36);
    stage.press("3");
    let title = |stage: &Stage, words: &str| {
        let (x, y) = find(stage, words);
        stage.buffer()[(x, y)].style().add_modifier.contains(Modifier::REVERSED)
    };
    assert!(title(&stage, "account ") && !title(&stage, "class "), "{}", stage.styled());
    assert!(head(&stage).contains("sev-"), "{}", head(&stage));
    stage.press("l");
    assert!(title(&stage, "class ") && !title(&stage, "account "));
    stage.press("h s");
    assert!(head(&stage).contains("account+"), "{}", head(&stage));
    assert!(stage.row(5).contains("alice@CORP"), "{}", stage.picture());
    stage.press("s");
    assert!(head(&stage).contains("account-"), "{}", head(&stage));
    assert!(!stage.row(5).contains("alice@CORP"));
    // A column that nothing sorts by says so.
    stage.press("z c G Space Esc");
    let list: Vec<&str> = head(&stage).split_whitespace().map(|_| "").collect();
    for _ in 0..list.len() + 4 {
        stage.press("l");
    }
    stage.press("s");
    assert!(stage.row_from_below(0).contains("nothing sorts by this column"), "{}", stage.row_from_below(0));
}

#[test]
fn selected_rows_are_counted_narrowed_to_and_copied_as_lines() {
    let mut stage = day(120, 36);
    stage.press("3 s v j j");
    shows(&stage, "3 rows selected (v ends)");
    let marked = stage.picture().lines().filter(|line| line.starts_with('*')).count();
    assert_eq!(marked, 2, "{}", stage.picture());
    stage.press("i");
    assert_eq!(stage.app.scene.filter.text(), "account:(alice@CORP,bob@CORP,carol@CORP)");
    shows(&stage, "3 of ");
    hides(&stage, "selected");
    stage.press("u g g v j x");
    assert_eq!(stage.app.scene.filter.text(), "-account:(alice@CORP,bob@CORP)");
    stage.press("u v j Esc");
    hides(&stage, "selected");
    stage.press("v");
    shows(&stage, "1 row selected");
    stage.press("v");
    hides(&stage, "selected");
}

#[test]
fn a_selection_of_events_narrows_by_the_column_under_the_cursor() {
    let mut stage = day(120, 36);
    // Newest at the end: the last tries of the spray are above the sign-in.
    stage.press("7 k v k k k k i");
    let text = stage.app.scene.filter.text().to_owned();
    assert!(text.starts_with("account:(") && text.contains("carol@CORP") && text.contains("bob@CORP"), "{text}");
    stage.press("u g g l v j j i");
    assert_eq!(stage.app.scene.filter.text(), "host:fs01.corp.example");
}

#[test]
fn rows_stand_still_while_they_are_selected() {
    let (mut world, mut store) = notation::applied(DAY);
    let mut stage = Stage::new(snapshot(&mut world, Phase::Live, &mut store), 120, 36);
    stage.press("3 g g l l s v j");
    let before: Vec<String> = (5..8).map(|y| stage.row(y)[2..40].to_owned()).collect();
    let more = format!("{DAY}\n09:41:00 x9 every=1s 4624 user=CORP\\zoe logon=0x77{{n}} type=3 from=10.0.2.9\n");
    let (mut world, mut store) = notation::applied(&more);
    let _ = snapshot(&mut world, Phase::Live, &mut store);
    stage.send(Msg::Snapshot(Arc::new(snapshot(&mut world, Phase::Live, &mut store))));
    let after: Vec<String> = (5..8).map(|y| stage.row(y)[2..40].to_owned()).collect();
    assert_eq!(before, after);
    shows(&stage, "order held while rows are selected");
    stage.press("v j");
    hides(&stage, "order held");
    shows(&stage, "zoe@CORP");
}

#[test]
fn equal_events_are_one_line_that_opens() {
    let mut stage = day(120, 36);
    stage.press("7");
    let lines = |stage: &Stage| {
        stage
            .picture()
            .lines()
            .filter(|line| line.get(2..).is_some_and(|line| line.starts_with("2026-")) && line.contains(" 4625 "))
            .count()
    };
    assert_eq!(lines(&stage), 9);
    stage.press("z g");
    assert_eq!(lines(&stage), 3, "{}", stage.picture());
    shows(&stage, "equal ones of each 1,000 in one line");
    assert!(head(&stage).contains("since") && head(&stage).contains(" n "), "{}", head(&stage));
    insta::assert_snapshot!("events_grouped_120", stage.picture());
    // First and last time of the three tries of alice stand in her line.
    let line = stage.picture().lines().find(|line| line.contains("alice@CORP") && line.contains("4625")).unwrap().to_owned();
    assert!(line.contains("09:21:00Z") && line.contains("09:19:40Z") && line.contains("+3"), "{line}");
    // Up from the sign-in to the line of carol, which opens and closes.
    stage.press("k Enter");
    assert_eq!(lines(&stage), 6, "{}", stage.picture());
    shows(&stage, "-3");
    stage.press("j j");
    assert!(stage.row_from_below(0).starts_with(" 2026-03-16 09:20:40Z"), "{}", stage.row_from_below(0));
    stage.press("k k");
    assert!(stage.row_from_below(0).contains("the last of 3 equal events"), "{}", stage.row_from_below(0));
    stage.press("Enter");
    assert_eq!(lines(&stage), 3);
    // Selected lines are their cells with tabs, and one event opens as ever.
    stage.press("v k");
    shows(&stage, "2 rows selected");
    stage.press("i");
    assert_eq!(stage.app.scene.filter.text(), "account:(bob@CORP,carol@CORP)");
    stage.press("u z g");
    assert_eq!(lines(&stage), 9);
    assert!(!head(&stage).contains("since"));
    stage.press("G Enter");
    assert!(matches!(stage.app.nav.place(), Place::Event(_)));
}

#[test]
fn groups_keep_up_with_the_stream_and_reach_over_blocks() {
    let text = |count: usize| {
        format!(
            "09:00:00 x{count} every=1ms 4625 host=dc01 user=CORP\\alice type=3 from=10.0.9.66 sub=0xc000006a\n\
             +0s 4624 host=dc01 user=CORP\\bob type=3 from=10.0.9.66 logon=0x77"
        )
    };
    let (mut world, mut store) = notation::applied(&text(2_500));
    let mut stage = Stage::new(snapshot(&mut world, Phase::Live, &mut store), 120, 36);
    stage.press("7 z g");
    // Three blocks: 1,000, 1,000, 500 tries; and the logon.
    for count in ["+1,000", "+500"] {
        shows(&stage, count);
    }
    let lines = |stage: &Stage| stage.picture().lines().filter(|line| line.get(2..).is_some_and(|line| line.starts_with("2026-"))).count();
    assert_eq!(lines(&stage), 4);
    stage.press("g g");
    assert!(stage.row_from_below(0).contains("the last of 1,000 equal events"));
    stage.press("j j j j");
    assert!(stage.row_from_below(0).contains("bob@CORP"), "{}", stage.row_from_below(0));
    let (mut world, mut store) = notation::applied(&text(2_600));
    let _ = snapshot(&mut world, Phase::Live, &mut store);
    stage.send(Msg::Snapshot(Arc::new(snapshot(&mut world, Phase::Live, &mut store))));
    shows(&stage, "+600");
    shows(&stage, "following the end");
    // An open block of a thousand is walked like any list.
    stage.press("g g Enter PageDown PageDown");
    assert!(stage.row_from_below(0).contains("09:00:00Z  4625"), "{}", stage.row_from_below(0));
    assert_eq!(lines(&stage), 28, "{}", stage.picture());
    stage.press("G g t").write("09:00:01").press("Enter");
    assert!(stage.row_from_below(0).contains("equal events"), "{}", stage.row_from_below(0));
}

#[test]
fn events_turn_round_and_newer_ones_come_above_what_is_looked_at() {
    let mut stage = day(120, 36);
    stage.press("7 h h h h h h h h s");
    assert!(stage.row(5).contains("jdoe@corp.example"), "{}", stage.picture());
    shows(&stage, "following, newest first");
    let (mut world, mut store) = notation::applied(DAY);
    let mut stage = Stage::new(snapshot(&mut world, Phase::Live, &mut store), 120, 36);
    stage.press("7 S j j");
    let under = stage.row_from_below(0);
    let (mut world, mut store) = notation::applied(&format!("{DAY}\n09:41:00 4624 user=CORP\\zoe logon=0x77 type=3 from=10.0.2.9"));
    let _ = snapshot(&mut world, Phase::Live, &mut store);
    stage.send(Msg::Snapshot(Arc::new(snapshot(&mut world, Phase::Live, &mut store))));
    assert_eq!(stage.row_from_below(0), under);
    stage.press("g g");
    assert!(stage.row_from_below(0).contains("zoe@CORP"), "{}", stage.row_from_below(0));
    stage.press("l l s");
    assert!(stage.row_from_below(0).contains("events stand in the order of their time"), "{}", stage.row_from_below(0));
}

#[test]
fn a_wide_screen_has_the_details_at_the_right_and_a_key_has_them_below() {
    let mut stage = day(200, 60);
    stage.press("3");
    for words in ["newest events", "class", "known", "tried"] {
        shows(&stage, words);
    }
    insta::assert_snapshot!("accounts_200", stage.picture());
    stage.press("o");
    hides(&stage, "newest events");
    stage.press("o 4");
    shows(&stage, "newest events");
    stage.press("5");
    shows(&stage, "newest events");
    stage.press("7 k");
    shows(&stage, "before it, same account");
    let mut stage = day(120, 36);
    stage.press("3");
    hides(&stage, "newest events");
    stage.press("o");
    shows(&stage, "newest events");
    stage.send(Msg::Resize(80, 24));
    shows(&stage, "class");
    stage.send(Msg::Resize(60, 16));
    stage.buffer();
    stage.send(Msg::Resize(1, 1));
    stage.buffer();
}

#[test]
fn a_list_of_many_accounts_is_in_order_a_moment_later_while_events_pour_in() {
    let text = |count: usize| format!("09:00:00 x{count} every=1ms 4625 user=CORP\\user{{n}} type=3 from=10.0.9.66 sub=0xc000006a");
    let (mut world, mut store) = notation::applied(&text(45_000));
    let mut stage = Stage::new(snapshot(&mut world, Phase::Live, &mut store), 120, 36);
    stage.press("3");
    shows(&stage, "45,000 of 45,000 accounts shown");
    // Every snapshot pays for 20,000 rows: the third one has the order of now.
    for (round, behind) in [true, true, false, true].into_iter().enumerate() {
        let last = world.tables.accounts.len() - 1 - round;
        world.tables.accounts.get_mut(last).unwrap().last = Some(at("09:42:00"));
        let made = snapshot(&mut world, Phase::Live, &mut store);
        stage.send(Msg::Snapshot(Arc::new(made)));
        assert_eq!(stage.picture().contains("order a moment behind"), behind, "{round}");
    }
    // A key that sorts does it at once.
    stage.press("s");
    hides(&stage, "order a moment behind");
    assert!(stage.row(5).contains("user1@CORP"), "{}", stage.row(5));
}

#[test]
fn the_mouse_is_off_until_a_key_turns_it_on() {
    let mut stage = day(120, 36);
    let (x, y) = find(&stage, "3 Accounts");
    click(&mut stage, x, y);
    assert_eq!(stage.app.nav.place(), Place::View(ViewId::Timeline));
    stage.press("t o");
    assert_eq!(stage.asked, [Effect::Mouse(true)]);
    click(&mut stage, x, y);
    assert_eq!(stage.app.nav.place(), Place::View(ViewId::Accounts));
    stage.press("t o");
    assert_eq!(stage.asked, [Effect::Mouse(true), Effect::Mouse(false)]);
    click(&mut stage, 2, 1);
    assert_eq!(stage.app.nav.place(), Place::View(ViewId::Accounts));
    // The settings may want it from the start.
    let (mut world, mut store) = notation::applied(DAY);
    let setup = Setup { mouse: true, ..Setup::default() };
    let stage = Stage::with(snapshot(&mut world, Phase::File, &mut store), &setup, 120, 36);
    assert!(stage.app.mouse && stage.asked == [Effect::Mouse(true)]);
}

#[test]
fn the_mouse_selects_opens_sorts_scrolls_and_drags() {
    let mut stage = day(120, 36);
    stage.press("3 s t o");
    let (x, y) = find(&stage, "bob@CORP");
    click(&mut stage, x, y);
    assert!(stage.row(usize::from(y)).starts_with("> "), "{}", stage.picture());
    // What is under the cursor opens.
    click(&mut stage, x, y);
    assert!(matches!(stage.app.nav.place(), Place::Account(_)));
    stage.press("q");
    let (x, y) = find(&stage, "sessions");
    click(&mut stage, x, y);
    assert!(head(&stage).contains("sessions-"), "{}", head(&stage));
    click(&mut stage, x, y);
    assert!(head(&stage).contains("sessions+"), "{}", head(&stage));
    point(&mut stage, Gesture::Press, 10, 5);
    point(&mut stage, Gesture::Drag, 10, 7);
    point(&mut stage, Gesture::Release, 10, 7);
    shows(&stage, "3 rows selected");
    click(&mut stage, 10, 6);
    hides(&stage, "selected");
    let before = stage.row_from_below(0);
    point(&mut stage, Gesture::WheelDown, 10, 10);
    assert_ne!(stage.row_from_below(0), before);
    // Events, one by one and in groups.
    stage.press("7");
    let (x, y) = find(&stage, "carol@CORP");
    click(&mut stage, x, y);
    assert!(stage.row_from_below(0).contains("carol@CORP"));
    click(&mut stage, x, y);
    assert!(matches!(stage.app.nav.place(), Place::Event(_)));
    stage.press("q z g");
    let (x, y) = find(&stage, "+3  4625");
    click(&mut stage, x, y);
    click(&mut stage, x, y);
    assert!(stage.row_from_below(0).contains("the last of 3 equal events"), "{}", stage.row_from_below(0));
    assert_eq!(find(&stage, "-3  4625"), (x, y));
    point(&mut stage, Gesture::Drag, x, y + 2);
    shows(&stage, "3 rows selected");
    for view in ["2", "4", "5", "8", "6"] {
        stage.press(view);
        for y in 0..36 {
            for gesture in [Gesture::Press, Gesture::Drag, Gesture::Release, Gesture::WheelUp, Gesture::WheelDown] {
                point(&mut stage, gesture, 70, y);
                if stage.app.popup.is_some() || stage.app.prompt.is_some() {
                    stage.press("Esc");
                }
            }
        }
        stage.buffer();
    }
}

#[test]
fn the_mouse_works_what_lies_over_the_view() {
    let mut stage = day(120, 36);
    stage.press("3 t o");
    // Hints: the word stands for its first key, and each key for itself.
    let (x, y) = find(&stage, "? help");
    click(&mut stage, x, y);
    shows(&stage, "help: Accounts");
    let (x, y) = find(&stage, "choose columns");
    click(&mut stage, x, y);
    click(&mut stage, x, y);
    shows(&stage, "columns: ");
    let (x, y) = find(&stage, "[ ] types");
    click(&mut stage, x, y);
    shows(&stage, "[x] types");
    click(&mut stage, 2, 20);
    assert!(stage.app.popup.is_none());
    // The filter row, a completion, and the key that applies.
    click(&mut stage, 20, 2);
    assert!(stage.app.prompt.is_some());
    stage.write("acc");
    let (x, y) = find(&stage, "account");
    click(&mut stage, x, y);
    shows(&stage, "filter> account:");
    let (x, y) = find(&stage, "Esc/Ctrl-c cancel".split('/').next().unwrap());
    click(&mut stage, x, y);
    assert!(stage.app.prompt.is_none(), "{}", stage.picture());
    // The palette.
    stage.press("Ctrl-p").write("> hosts");
    let (x, y) = find(&stage, "command");
    click(&mut stage, x + 12, y);
    assert!(stage.app.prompt.is_none());
    assert_eq!(stage.app.nav.place(), Place::View(ViewId::Hosts));
    // The question: outside of it, and its hint that says yes.
    stage.press("q q q q q");
    shows(&stage, "Quit logonscope?");
    click(&mut stage, 3, 20);
    assert!(stage.app.popup.is_none());
    stage.press("q");
    let (_, y) = find(&stage, "Enter yes");
    click(&mut stage, 1, y);
    assert_eq!(stage.asked.last(), Some(&Effect::Quit));
}

#[test]
fn the_mouse_selects_moments_bars_and_ranges_of_the_timeline() {
    let mut stage = day(120, 36);
    stage.press("1 t o");
    let (x, y) = find(&stage, "bob@");
    click(&mut stage, x + 2, y);
    assert!(stage.row_from_below(0).contains("bob@FS01"), "{}", stage.row_from_below(0));
    click(&mut stage, x + 2, y);
    assert!(matches!(stage.app.nav.place(), Place::Visit(_)), "{:?}", stage.app.nav.place());
    stage.press("q");
    // The wheel zooms, and back.
    let before = stage.picture();
    point(&mut stage, Gesture::WheelUp, 60, 10);
    assert_ne!(stage.picture(), before);
    point(&mut stage, Gesture::WheelDown, 60, 10);
    // Dragging selects from where the button went down; a click ends it.
    let axis = 4;
    point(&mut stage, Gesture::Press, 60, axis);
    assert!(!stage.row_from_below(0).contains("Enter: filter"));
    point(&mut stage, Gesture::Drag, 80, axis);
    point(&mut stage, Gesture::Release, 80, axis);
    assert!(stage.row_from_below(0).contains("Enter: filter"), "{}", stage.row_from_below(0));
    stage.press("Enter");
    assert!(stage.app.scene.filter.text().starts_with("time:"), "{}", stage.app.scene.filter.text());
    stage.press("u");
    point(&mut stage, Gesture::Press, 60, axis);
    point(&mut stage, Gesture::Drag, 90, axis);
    click(&mut stage, 70, axis);
    assert!(!stage.row_from_below(0).contains("Enter: filter"), "{}", stage.row_from_below(0));
    for y in 0..36 {
        for x in [0, 20, 60, 119] {
            for gesture in [Gesture::Press, Gesture::Drag, Gesture::Release, Gesture::WheelUp, Gesture::WheelDown] {
                point(&mut stage, gesture, x, y);
            }
            stage.press("Esc 1");
        }
        stage.buffer();
    }
}

#[test]
fn columns_and_orders_come_back_with_the_screen() {
    for (view, keys) in [("3", "l s + +"), ("4", "s - z c j j x Esc"), ("5", "l l s s +"), ("7", "0 S +"), ("8", "l l s - -")] {
        let mut first = day(120, 36);
        first.press(view);
        let plain = first.picture();
        first.press(keys).press("0 g g");
        let rows = |stage: &Stage| stage.picture().lines().skip(3).take(28).map(str::to_owned).collect::<Vec<_>>();
        assert_ne!(rows(&first), plain.lines().skip(3).take(28).collect::<Vec<_>>(), "{view} {keys} changed something");
        let left = restore::left(&first.app);
        let kept: restore::Left = serde_json::from_str(&serde_json::to_string(&left).unwrap()).unwrap();
        assert_eq!(kept, left);
        let mut setup = Setup { ascii: true, inputs: vec!["SEC@DC01".into()], ..Setup::default() };
        kept.onto(&mut setup);
        assert!(setup.greeting.as_deref().is_some_and(|said| said.contains("columns and order of lists")), "{:?}", setup.greeting);
        let (mut world, mut store) = notation::applied(DAY);
        let mut second = Stage::with(snapshot(&mut world, Phase::File, &mut store), &setup, 120, 36);
        assert_eq!(restore::left(&second.app).orders, left.orders, "also before the view is opened");
        second.press(view).press("0 g g");
        assert_eq!(rows(&second), rows(&first), "{view} {keys}");
    }
}

#[test]
fn orders_by_columns_that_are_not_known_are_passed_over() {
    let kept: restore::Left = serde_json::from_str(
        r#"{"orders":{"hosts":{"by":"nothing"},"nowhere":{"by":"host"},"host:A":{"by":"host"}},"columns":{"hosts":{}}}"#,
    )
    .unwrap();
    let mut setup = Setup { ascii: true, ..Setup::default() };
    kept.onto(&mut setup);
    let (mut world, mut store) = notation::applied(DAY);
    let mut stage = Stage::with(snapshot(&mut world, Phase::File, &mut store), &setup, 120, 36);
    let mut plain = day(120, 36);
    assert_eq!(stage.press("4").row(6), plain.press("4").row(6));
}
