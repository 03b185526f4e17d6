//! Keys of the timeline on the whole screen: ranges, folded lanes, lanes by host, account and source, the ends of the
//! data, and rows that do not jump.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/made.rs"]
mod made;
#[path = "support/stage.rs"]
mod stage;

use logonscope::base::time::Span;
use logonscope::engine::handle::Command;
use logonscope::model::lane::Lane;
use logonscope::model::session::SessionEnd;
use logonscope::store::{Phase, Snapshot};
use logonscope::ui::effect::{Effect, Place};
use logonscope::ui::view::ViewId;
use made::{Made, at, morning, morning_now};
use stage::Stage;
use std::collections::BTreeMap;

fn snapshot(phase: Phase) -> Snapshot {
    morning().snapshot(phase, morning_now())
}

/// The half hour round the spray, the cursor at 09:20 in the lane of the network logons.
fn spray(width: u16, height: u16) -> Stage {
    let mut stage = Stage::new(snapshot(Phase::File), width, height);
    stage.press("g t").write("09:20").press("Enter z m J");
    stage
}

#[track_caller]
fn shows(stage: &Stage, what: &str) {
    let picture = stage.picture();
    assert!(picture.contains(what), "no `{what}` in\n{picture}");
}

#[test]
fn a_range_grows_with_the_cursor_and_says_what_is_in_it() {
    let mut stage = spray(120, 36);
    stage.press("v");
    let one = stage.row_from_below(0);
    assert!(one.contains("(Enter: filter"), "{one}");
    stage.press("l l l L");
    let more = stage.row_from_below(0);
    assert!(more.contains("03-14 09:") && more.contains(" events, 2") && more.contains(" failures, "), "{more}");
    insta::assert_snapshot!("range_120", stage.picture());
    // Back over the beginning it grows to the other side.
    stage.press("H H H");
    assert!(stage.row_from_below(0) > one || stage.row_from_below(0) != more);
    stage.press("Esc");
    assert!(!stage.row_from_below(0).contains("(Enter: filter"));
    assert!(stage.asked.is_empty());
}

#[test]
fn the_number_said_of_a_range_is_what_its_filter_leaves() {
    let mut stage = spray(120, 36);
    stage.press("f").write("account:* or -account:*").press("Enter u");
    stage.press("v l l l l L");
    let said = stage.row_from_below(0);
    let events: usize = said.split(" events").next().unwrap().rsplit(' ').next().unwrap().parse().unwrap();
    stage.press("Enter");
    let text = stage.app.scene.filter.text().to_owned();
    assert!(text.starts_with("time:2026-03-14T09:") && text.contains("Z..2026-03-14T09:"), "{text}");
    assert_eq!(stage.app.scene.projection.as_ref().unwrap().events.len(), events, "{said} {text}");
    assert!(stage.row_from_below(0).contains("u takes the filter back"));
    // Another range replaces the time and keeps the rest.
    stage.press("i v l Enter");
    let text = stage.app.scene.filter.text();
    assert_eq!(text.matches("time:").count(), 1, "{text}");
    assert!(text.contains("lane:network"), "{text}");
    stage.press("u u u");
    assert_eq!(stage.app.scene.filter.text(), "");
}

#[test]
fn a_range_is_zoomed_to_and_a_file_cannot_loop_it() {
    let mut stage = spray(80, 24);
    stage.press("z v");
    shows(&stage, "no range is selected: v begins one");
    stage.press("v L L");
    insta::assert_snapshot!("range_80", stage.picture());
    stage.press("B");
    shows(&stage, "only a replay can be looped");
    let before = stage.picture();
    stage.press("z v");
    assert!(stage.row_from_below(0).contains("- zooms out"), "{}", stage.row_from_below(0));
    assert_ne!(stage.picture(), before);
}

#[test]
fn a_replay_loops_the_range() {
    let phase = Phase::Replay { playing: false, speed: 60.0, position: 90, events: 100 };
    let mut stage = Stage::new(snapshot(phase), 120, 36);
    stage.press("h h h v h h h B");
    let [Effect::Engine(Command::Loop(Some((from, to))))] = stage.asked.as_slice() else { panic!("{:?}", stage.asked) };
    assert!(*from < *to && *to <= morning_now() + Span::minutes(1));
    assert!(stage.row_from_below(0).contains("looping 03-14 0"), "{}", stage.row_from_below(0));
    stage.press("B");
    assert_eq!(stage.asked.last(), Some(&Effect::Engine(Command::Loop(None))));
}

#[test]
fn a_folded_lane_is_one_row_that_says_what_it_hides() {
    let mut stage = spray(120, 36);
    shows(&stage, "svc_sql@SQL1");
    stage.press("z f");
    assert!(!stage.picture().contains("svc_sql@SQL1"));
    shows(&stage, "> 3 Network +3");
    shows(&stage, "lane 3 Network folded: z f unfolds it");
    // j goes on to the next lane, K comes back.
    stage.press("j");
    shows(&stage, "> 4 Batch");
    stage.press("K z f");
    shows(&stage, "svc_sql@SQL1");
    // Alone it has its bars whether it is folded or not.
    stage.press("z f z o");
    shows(&stage, "svc_sql@SQL1");
    stage.press("z o");
    assert!(!stage.picture().contains("svc_sql@SQL1"));
}

#[test]
fn lanes_by_host_account_and_source() {
    let mut stage = Stage::new(snapshot(Phase::File), 120, 36);
    stage.press("g t").write("09:30").press("Enter z h z g");
    insta::assert_snapshot!("by_host_120", stage.picture());
    shows(&stage, "Timeline by host");
    stage.press("z g");
    insta::assert_snapshot!("by_account_120", stage.picture());
    stage.press("z g");
    shows(&stage, "10.0.9.66");
    shows(&stage, "Timeline by source");
    stage.press("z g");
    shows(&stage, "lanes by logon type");
    shows(&stage, "3 Network");
}

#[test]
fn keys_work_in_lanes_by_host_as_in_the_others() {
    let mut stage = Stage::new(snapshot(Phase::File), 120, 36);
    stage.press("g t").write("09:30").press("Enter z h z g");
    // The anomaly leads into the lane of its host.
    stage.press("e");
    assert!(stage.picture().lines().any(|line| line.starts_with('>')), "{}", stage.picture());
    stage.press("PageUp 0 )");
    let row = stage.row_from_below(0);
    assert!(row.contains("@") && row.contains("host "), "{row}");
    stage.press("g a");
    assert!(matches!(stage.app.nav.place(), Place::Account(_)));
    stage.press("q g h");
    assert!(matches!(stage.app.nav.place(), Place::Host(_)));
    stage.press("q Esc PageUp i");
    assert!(stage.app.scene.filter.text().starts_with("host:") || stage.app.scene.filter.text().starts_with("account:"));
    stage.press("u z o");
    shows(&stage, "Timeline, host ");
    stage.press("z o z f");
    shows(&stage, " folded: z f unfolds it");
}

#[test]
fn lanes_by_host_count_every_event_once() {
    let snapshot = snapshot(Phase::File);
    let events = snapshot.tables.events.iter().filter(|row| row.event.lane().is_some()).count() as u64;
    for by in logonscope::store::group::By::ALL {
        let mut index = logonscope::store::group::Index::new(by, 0, None);
        assert!(!index.extend(&snapshot, 10) && index.extend(&snapshot, usize::MAX));
        for (columns, most) in [(95, 3), (7, 100), (300, 0)] {
            for from in [snapshot.first.unwrap(), at("09:17:03")] {
                let to = snapshot.last.unwrap() + Span::seconds(1);
                let hidden = Default::default();
                let grouped = index.answer(&snapshot, logonscope::store::group::Question { by, from, to, columns, most, hidden });
                assert!(grouped.groups.len() <= most + 1 && grouped.groups.last().unwrap().who.is_none());
                let sum: u64 = grouped.groups.iter().flat_map(|group| &group.cells).map(|cell| u64::from(cell.events())).sum();
                let expected =
                    snapshot.tables.events.iter().filter(|row| row.event.lane().is_some() && row.event.at >= from).count() as u64;
                assert_eq!(sum, expected, "{by:?} {columns} {events}");
            }
        }
    }
}

#[test]
fn panning_stops_where_the_data_end() {
    let mut stage = Stage::new(snapshot(Phase::File), 120, 36);
    stage.press("z h");
    for _ in 0..3_000 {
        stage.press("H");
        if stage.row_from_below(0).contains("there is nothing earlier") {
            break;
        }
    }
    assert_eq!(stage.row_from_below(0), " the data begin at 03-09 08:00:00Z: there is nothing earlier (z a shows all)");
    let before = stage.picture();
    stage.press("{ H");
    assert_eq!(stage.picture(), before);
    // The cursor goes to the edge and no further.
    for _ in 0..120 {
        stage.press("h");
    }
    shows(&stage, "there is nothing earlier");
    stage.press("G L L L");
    shows(&stage, "there is nothing later");
}

/// Thousands of sessions on two hosts within an hour.
fn busy() -> Made {
    let mut made = Made::default();
    for number in 0..3_000_i64 {
        let start = at("09:00:00") + Span::millis(number * 1_200);
        let who = format!("user{}@CORP > HOST{} < 10.0.1.{}", number % 700, number % 2, number % 9);
        made.session(Lane::RemoteInteractive, &who, start, Some((start + Span::minutes(20), SessionEnd::Logoff)));
    }
    made
}

#[test]
fn what_has_no_row_is_counted_and_opened() {
    for (width, height) in [(120, 36), (80, 24)] {
        let mut stage = Stage::new(busy().snapshot(Phase::File, at("10:20:00")), width, height);
        stage.press("z a");
        let more = || stage.picture().lines().find(|line| line.contains(" more")).map(str::to_owned);
        assert!(more().is_some_and(|line| line.contains('+')), "{}", stage.picture());
        let mut steps = 0;
        while !stage.row_from_below(0).contains("more sessions than rows") {
            stage.press("j");
            steps += 1;
            assert!(steps < 60, "{}", stage.picture());
        }
        stage.press("Enter");
        assert_eq!(stage.app.nav.place(), Place::View(ViewId::Events));
        let filter = stage.app.scene.filter.text();
        assert!(filter.starts_with("lane:rdp time:2026-03-14T"), "{filter}");
        stage.press("u q");
        assert_eq!((stage.app.nav.place(), stage.app.scene.filter.text()), (Place::View(ViewId::Timeline), ""));
    }
}

/// The row of each name on screen.
fn rows_of(stage: &Stage, names: &[String]) -> BTreeMap<String, usize> {
    let picture = stage.picture();
    let found = names.iter().filter_map(|name| Some((name.clone(), picture.lines().position(|line| line.contains(name.as_str()))?)));
    found.collect()
}

/// Sessions that lie over each other in one lane with all rows for itself, with what is written in their bars.
fn crowd(width: u16, mut random: impl FnMut(u64) -> u64) -> (Stage, Vec<String>) {
    let mut made = Made::default();
    let mut names = Vec::new();
    for number in 0..60 {
        let start = at("06:00:00") + Span::minutes(i64::try_from(random(240)).unwrap());
        let end = start + Span::minutes(30 + i64::try_from(random(60)).unwrap());
        names.push(format!("[u{number:02}@H"));
        made.session(Lane::Interactive, &format!("u{number:02}@CORP > H"), start, Some((end, SessionEnd::Logoff)));
    }
    let mut stage = Stage::new(made.snapshot(Phase::File, at("11:30:00")), width, 60);
    // One lane has all rows: nothing has to give way.
    stage.press("z a z o");
    (stage, names)
}

/// Numbers that look like chance, the same in every run.
fn random() -> impl FnMut(u64) -> u64 + Clone {
    let mut state = 11_u64;
    move |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    }
}

#[test]
fn bars_that_left_the_view_come_back_to_their_rows() {
    let mut random = random();
    // Without room for a details pane, which would take columns away.
    let (mut stage, names) = crowd(150, random.clone());
    let mut compared = 0;
    for step in 0..60 {
        stage.press(["l", "h", "L", "H", "+", "-", "z h", "z a"][usize::try_from(random(8)).unwrap()]);
        let (before, window) = (rows_of(&stage, &names), stage.row(4));
        let there_and_back = ["+ -", "+ + - -", "L H", "H L"][usize::try_from(random(4)).unwrap()];
        stage.press(there_and_back);
        // At the ends of the data there is no way back to the same window.
        if stage.row(4) == window {
            compared += 1;
            assert_eq!(rows_of(&stage, &names), before, "step {step}: {there_and_back}\n{}", stage.picture());
        }
    }
    assert!(compared > 20, "{compared} windows were come back to");
}

#[test]
fn a_bar_keeps_its_row_as_long_as_it_stays_in_view() {
    let mut random = random();
    let (mut stage, names) = crowd(200, random.clone());
    let mut before = rows_of(&stage, &names);
    assert!(before.len() > 20, "{}", stage.picture());
    for step in 0..200 {
        let key = ["l", "h", "L", "H", "+", "-", "z h", "z d", "0", "$"][usize::try_from(random(10)).unwrap()];
        stage.press(key);
        let now = rows_of(&stage, &names);
        // Farther away two bars of a row may come to lie on one column: then one has to go elsewhere.
        if matches!(key, "-" | "z h" | "z d") {
            before = now;
            continue;
        }
        for (name, row) in &now {
            if let Some(was) = before.get(name) {
                assert_eq!(row, was, "{name} jumped at step {step} by {key}\n{}", stage.picture());
            }
        }
        before = now;
    }
}

#[test]
fn a_wide_screen_has_a_pane_for_what_is_under_the_cursor() {
    let mut stage = Stage::new(snapshot(Phase::File), 200, 60);
    stage.press("g t").write("09:31").press("Enter z h E");
    insta::assert_snapshot!("wide_200", stage.picture());
    shows(&stage, "score ");
    stage.press("o");
    assert!(!stage.picture().contains("under the cursor"));
    let stage = Stage::new(snapshot(Phase::File), 160, 60);
    assert!(!stage.picture().contains("under the cursor"));
}

#[test]
fn names_of_every_script_keep_the_lanes_straight() {
    let mut made = Made::default();
    let names = ["\u{7530}\u{4e2d}\u{592a}\u{90ce}", "e\u{301}lodie\u{308}", "\u{5d3}\u{5e0}\u{5d4}", "plain", "\u{1f600}\u{1f600}"];
    for (number, name) in (0..).zip(names) {
        let start = at("09:00:00") + Span::minutes(number * 7);
        made.session(Lane::Interactive, &format!("{name}@CORP > HOST"), start, Some((start + Span::minutes(30), SessionEnd::Logoff)));
    }
    let mut stage = Stage::new(made.snapshot(Phase::File, at("10:00:00")), 120, 36);
    for keys in ["z a", "z h", "z m", "H", "H", "z g", "z g"] {
        stage.press(keys);
        let buffer = stage.buffer();
        for y in 0..buffer.area.height {
            // Each row has as many cells as the screen: what is wide covers the cell behind it.
            let (mut x, mut cells) = (0, 0);
            while x < buffer.area.width {
                let wide = logonscope::base::text::width(buffer[(x, y)].symbol()).max(1);
                cells += wide;
                x += u16::try_from(wide).unwrap();
            }
            assert_eq!(cells, usize::from(buffer.area.width), "row {y}\n{}", stage.picture());
        }
    }
    stage.press("z g z g z a");
    // Each name is there whole: in its bar or behind it.
    let picture = stage.picture().replace(' ', "");
    for name in &names[..4] {
        assert!(picture.contains(name), "{name}\n{picture}");
    }
}
