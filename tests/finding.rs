//! Finding without hiding, pivots, saved filters and the history of the prompts: keys in, what must be on screen out.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/digest.rs"]
mod digest;
#[path = "support/made.rs"]
mod made;
#[path = "support/stage.rs"]
mod stage;

use logonscope::model::raw::RawRecord;
use logonscope::store::Phase;
use logonscope::ui::app::Setup;
use logonscope::ui::effect::{Effect, Place};
use logonscope::ui::popup::Popup;
use logonscope::ui::update::{Msg, view_area};
use logonscope::ui::view::{Reply, ViewId};
use made::{morning, morning_now};
use ratatui::style::Modifier;
use stage::Stage;

fn file() -> Stage {
    Stage::new(morning().snapshot(Phase::File, morning_now()), 120, 36)
}

/// Colours off, so that only attributes tell.
fn colourless() -> Stage {
    let setup = Setup { ascii: true, no_color: true, ..Setup::default() };
    Stage::with(morning().snapshot(Phase::File, morning_now()), &setup, 120, 36)
}

#[track_caller]
fn says(stage: &Stage, what: &str) {
    assert!(stage.row_from_below(0).contains(what), "no `{what}` in: {}", stage.row_from_below(0));
}

#[track_caller]
fn shows(stage: &Stage, what: &str) {
    let picture = stage.picture();
    assert!(picture.contains(what), "no `{what}` in\n{picture}");
}

/// The row of the cursor in a list.
fn under(stage: &Stage) -> String {
    stage.picture().lines().skip(3).find(|line| line.starts_with('>')).unwrap_or_default().to_owned()
}

/// Everything underlined in the rows of the view, row by row.
fn marked(stage: &Stage) -> Vec<String> {
    let buffer = stage.buffer();
    let row = |y: u16| {
        let cells = (0..buffer.area.width).map(|x| &buffer[(x, y)]);
        cells.filter(|cell| cell.style().add_modifier.contains(Modifier::UNDERLINED)).map(|cell| cell.symbol()).collect::<String>()
    };
    (4..buffer.area.height - 3).map(row).filter(|row| !row.is_empty()).collect()
}

#[test]
fn find_goes_from_match_to_match_hides_nothing_and_says_where_it_is() {
    let mut stage = file();
    stage.press("7 g g");
    let all = stage.row(3);
    stage.press("/").write("account:svc_backup").press("Enter");
    says(&stage, "match 1 of 2: account:svc_backup");
    assert!(under(&stage).contains("svc_backup@CORP"), "{}", under(&stage));
    assert!(stage.app.scene.filter.text().is_empty());
    let events = |row: &str| row.split(" of ").nth(1).map(str::to_owned);
    assert_eq!(
        events(&stage.row(3)).map(|row| row.split(' ').next().unwrap().to_owned()),
        events(&all).map(|row| row.split(' ').next().unwrap().to_owned())
    );
    stage.press("n");
    says(&stage, "match 2 of 2");
    stage.press("n");
    says(&stage, "match 1 of 2, wrapped to the top");
    stage.press("N");
    says(&stage, "match 2 of 2, wrapped to the bottom");
    stage.press("/").write("account:nobody").press("Enter");
    says(&stage, "nothing here matches account:nobody");
    // Enter on nothing looks for the same again.
    stage.press("/ Up");
    stage.press("Up Enter");
    says(&stage, "of 2");
}

#[test]
fn every_list_and_pane_is_looked_through() {
    for (open, typed, place, said) in [
        ("2", "rule:cleartext*", Place::View(ViewId::Anomalies), "match 1 of 1"),
        ("3", "svc_sql", Place::View(ViewId::Accounts), "match 1 of 1"),
        ("4", "host:RDS3", Place::View(ViewId::Hosts), "match 1 of 1"),
        ("5", "source:10.0.4.0/24", Place::View(ViewId::Sources), "of 4"),
        ("7", "type:8", Place::View(ViewId::Events), "match 1 of 1"),
        ("6", "host:FS01", Place::View(ViewId::Paths), "match"),
    ] {
        let mut stage = file();
        stage.press(open).press("g g /").write(typed).press("Enter");
        assert_eq!(stage.app.nav.place(), place, "{open}");
        assert!(stage.row_from_below(0).contains(said), "{open}: {}", stage.row_from_below(0));
    }
    // Panes of a page: the list with the keys.
    let mut stage = file();
    stage.press("3 /").write("svc_backup").press("Enter Enter");
    shows(&stage, "[anomalies (2)");
    stage.press("g g /").write("rule:explicit*").press("Enter");
    says(&stage, "match 1 of 1");
    // The hours of the week are looked through, too: those with a logon.
    let mut stage = Stage::new(digest::demo_with(&digest::ATTACK), 120, 36);
    stage.press("3 /").write("svc_backup").press("Enter Enter");
    tab_to(&mut stage, "[hour of week");
    stage.press("/").write("logon").press("Enter");
    says(&stage, "match 1 of");
    let first = stage.row_from_below(0);
    let all: usize = first.split(" of ").nth(1).unwrap().split(':').next().unwrap().trim().parse().unwrap();
    assert!((1..168).contains(&all), "{first}");
    stage.press("Esc Esc");
    assert!(!stage.row_from_below(0).contains(": 0 logons"), "the cursor stands on an hour with a logon: {}", stage.row_from_below(0));
    stage.press("/").write("sun 23h").press("Enter");
    says(&stage, "nothing here matches sun 23h");
    // And so is what came of the attempts of a source.
    stage.press("5 /").write("10.0.9.66").press("Enter Enter");
    tab_to(&mut stage, "[outcome");
    stage.press("g g /").write("failed").press("Enter");
    says(&stage, "match ");
    stage.press("Esc Esc");
    says(&stage, " failed");
    let at = stage.app.nav.view().unwrap().selection(&stage.app.scene.ctx(view_area(&stage.app))).at;
    assert!(at.is_some(), "the stretch under the cursor is a moment to go on from");
}

#[track_caller]
fn tab_to(stage: &mut Stage, title: &str) {
    for _ in 0..12 {
        if stage.picture().contains(title) {
            return;
        }
        stage.press("Tab");
    }
    panic!("no pane {title}\n{}", stage.picture());
}

#[test]
fn the_timeline_goes_to_the_next_session_or_anomaly_that_matches() {
    let mut stage = file();
    stage.press("g g /").write("account:svc_backup").press("Enter");
    // Two sessions and the two anomalies about them.
    says(&stage, "match 1 of 4");
    let mut seen = vec![stage.row_from_below(4)];
    for _ in 0..3 {
        stage.press("n");
        seen.push(stage.row_from_below(4));
    }
    says(&stage, "match 4 of 4");
    assert!(seen.iter().all(|row| row.contains("svc_backup")), "{seen:#?}");
    stage.press("n");
    says(&stage, "wrapped to the top");
    stage.press("N");
    says(&stage, "match 4 of 4, wrapped to the bottom");
}

#[test]
fn matches_are_underlined_also_without_colour_and_esc_clears_them() {
    let mut stage = colourless();
    // The cell under the cursor is underlined too: here it is the time.
    stage.press("7 h h h h h h h h g g /").write("svc_backup").press("Enter");
    let marks = marked(&stage);
    assert!(marks.iter().any(|row| row.contains("svc_backup")), "{marks:?}");
    stage.press("Esc");
    assert!(!marked(&stage).iter().any(|row| row.contains("svc_backup")));
    // The next key goes to the view again.
    stage.press("n");
    assert!(marked(&stage).iter().any(|row| row.contains("svc_backup")));
    // What matches by something else than a text is marked as a line.
    stage.press("Esc /").write("type:8").press("Enter");
    assert!(marked(&stage).iter().any(|row| row.contains("IIS2") || row.contains("web_pool")), "{:?}", marked(&stage));
    // Bars of the timeline.
    stage.press("1 z h /").write("account:adm_kl").press("Enter");
    assert!(marked(&stage).iter().any(|row| row.contains("adm_kl")), "{:?}", marked(&stage));
}

#[test]
fn what_the_filter_hides_is_not_found_and_that_is_said() {
    let mut stage = file();
    stage.press("7 f").write("type:10").press("Enter g g /").write("type:8").press("Enter");
    says(&stage, "nothing here matches type:8; the filter may hide some: F switches it off");
    stage.press("F n");
    says(&stage, "match 1 of 1");
}

#[test]
fn a_mistake_is_told_with_its_column_and_nothing_is_looked_for() {
    let mut stage = file();
    stage.press("7 /").write("acount:x").press("Enter");
    says(&stage, "find: column 1: there is no field 'acount'");
    assert!(stage.app.prompt.is_some());
    stage.press("Esc n");
    says(&stage, "nothing to find yet");
    stage.press("/").write("acc").press("Tab");
    shows(&stage, " find> account:");
}

#[test]
fn words_are_found_in_records_and_in_the_help() {
    let mut stage = file();
    stage.press("7 Enter Tab");
    let Place::Event(id) = stage.app.nav.place() else { panic!("an event is open") };
    let json = (0..200).map(|line| format!("line {line} of \"Data\"")).collect::<Vec<_>>().join("\n");
    stage.send(Msg::Reply(Reply::Raw(id, Ok(RawRecord { json, ..RawRecord::default() }))));
    stage.press("/").write("LINE 150").press("Enter");
    shows(&stage, "line 150 of");
    says(&stage, "match 1 of 1");
    stage.press("/").write("line").press("Enter");
    says(&stage, "match 152 of 200");
    stage.press("q ? /").write("palette").press("Enter");
    says(&stage, "match 1 of");
    let Some(Popup::Sheet(sheet)) = &stage.app.popup else { panic!("the help is open") };
    assert!(format!("{:?}", sheet.lines[sheet.cursor]).contains("palette"));
    stage.press("n");
    assert!(matches!(stage.app.popup, Some(Popup::Sheet(_))), "n goes to the next match here");
    stage.press("Esc ? n");
    assert!(stage.app.popup.is_none(), "n closes a sheet in which nothing is looked for");
}

#[test]
fn an_answer_for_a_view_that_was_left_changes_nothing() {
    use logonscope::ui::find::hunt::Hunt;
    use logonscope::ui::input::Chord;
    use logonscope::ui::update::update;
    let mut stage = file();
    stage.press("7 g g /").write("type:8");
    let effects = update(&mut stage.app, Msg::Key(Chord::parse("Enter").unwrap()));
    let hunt: Hunt = effects.into_iter().find_map(|effect| if let Effect::Hunt(hunt) = effect { Some(hunt) } else { None }).unwrap();
    says(&stage, "searching for type:8 ...");
    let mut answers = Vec::new();
    hunt.run(|answer| answers.push(answer));
    assert_eq!(answers.len(), 2);
    stage.press("3");
    let before = stage.picture();
    for answer in answers {
        stage.send(Msg::Reply(Reply::Found(answer)));
    }
    assert_eq!(stage.picture(), before);
    // Back there, n looks again.
    stage.press("q n");
    says(&stage, "match 1 of 1");
    stage.press("]");
    // What an older search tells is not taken.
    stage.press("/").write("svc").press("Enter");
    let before = stage.picture();
    hunt.run(|answer| stage.send(Msg::Reply(Reply::Found(answer))));
    assert_eq!(stage.picture(), before);
}

#[test]
fn pivots_are_filters_and_places_of_what_is_under_the_cursor() {
    let open = || {
        let mut stage = file();
        stage.press("7 /").write("account:svc_backup type:10").press("Enter p");
        stage
    };
    let stage = open();
    for line in
        ["a  same account", "h  same host", "s  same source", "i  same session", "t  same type of logon", "m  five minutes", "A  page of"]
    {
        shows(&stage, line);
    }
    for (key, filter) in [
        ("a", "account:svc_backup@CORP"),
        ("h", "host:fs01.corp.local"),
        ("s", "source:10.0.9.66"),
        ("t", "type:10"),
        ("e", "outcome:success"),
        ("m", "time:2026-03-14T09:26:20Z..2026-03-14T09:36:20Z"),
        ("o", "time:2026-03-14T08:31:20Z..2026-03-14T10:31:20Z"),
    ] {
        let mut stage = open();
        stage.press(key);
        assert_eq!(stage.app.scene.filter.text(), filter, "{key}");
        assert!(stage.app.scene.projection.as_ref().is_some_and(|left| !left.events.is_empty()), "{key}");
        stage.press("u");
        assert_eq!(stage.app.scene.filter.text(), "", "{key} is undone");
    }
    let mut stage = open();
    stage.press("i");
    assert!(stage.app.scene.filter.text().starts_with("session:0x"), "{}", stage.app.scene.filter.text());
    assert_eq!(stage.app.scene.projection.as_ref().unwrap().events.len(), 1);
    let mut stage = open();
    stage.press("A");
    assert!(matches!(stage.app.nav.place(), Place::Account(_)));
    let mut stage = open();
    stage.press("p");
    assert!(matches!(stage.app.nav.place(), Place::Path(..)));
}

#[test]
fn pivots_that_do_not_apply_are_absent_and_pages_open_the_events() {
    let mut stage = file();
    stage.press("3 p");
    assert!(!stage.picture().contains("same source"), "{}", stage.picture());
    stage.press("Esc Enter p");
    assert!(!stage.picture().contains("page of the account"), "it is open");
    stage.press("a");
    assert_eq!(stage.app.nav.place(), Place::View(ViewId::Events));
    // A filter in force is replaced; only v and x add to it.
    let mut stage = file();
    stage.press("f").write("type:(3,10)").press("Enter 7 /").write("account:svc_backup").press("Enter p x");
    assert!(stage.app.scene.filter.text().starts_with("type:(3,10) -"), "{}", stage.app.scene.filter.text());
    stage.press("u p h");
    assert!(!stage.app.scene.filter.text().contains("type:"), "{}", stage.app.scene.filter.text());
    let mut stage = file();
    stage.press("8 p");
    says(&stage, "nothing under the cursor");
}

#[test]
fn a_pivot_to_a_moment_fits_the_timeline_to_it() {
    let mut stage = file();
    stage.press("g g /").write("type:10 account:svc_backup").press("Enter p m");
    shows(&stage, "time:2026-03-14T09:26:20Z..2026-03-14T09:36:20Z");
    shows(&stage, "|09:30");
    assert!(!stage.picture().contains("|09:40"), "{}", stage.picture());
}

#[test]
fn the_history_is_searched_for_a_part_of_an_earlier_line() {
    let mut stage = file();
    stage.press("f Ctrl-r");
    says(&stage, "nothing was typed here before");
    stage.press("Esc");
    for text in ["account:svc_backup", "type:10 host:FS01", "account:jdoe type:10"] {
        stage.press("f Ctrl-u").write(text).press("Enter");
    }
    stage.press("f Ctrl-r");
    shows(&stage, "earlier lines");
    stage.write("10 host");
    shows(&stage, "> type:10 host:FS01");
    // Taken into the line, and only then applied.
    stage.press("Enter");
    assert_eq!(stage.app.scene.filter.text(), "account:jdoe type:10");
    shows(&stage, " filter> type:10 host:FS01");
    stage.press("Enter");
    assert_eq!(stage.app.scene.filter.text(), "type:10 host:FS01");
    // Ctrl-r again goes to the one before; Esc brings the line back.
    stage.press("f Ctrl-u").write("half").press("Ctrl-r").write("type").press("Ctrl-r Tab");
    shows(&stage, " filter> account:jdoe type:10");
    stage.press("Ctrl-u").write("half").press("Ctrl-r Esc");
    shows(&stage, " filter> half");
    stage.press("Ctrl-r").write("zzz").press("Enter");
    says(&stage, "no earlier line holds this");
    // What was looked for has its own.
    stage.press("Esc Esc 7 /").write("type:8").press("Enter / Ctrl-r");
    shows(&stage, "> type:8");
}

#[test]
fn saved_filters_are_offered_and_used_by_name() {
    let mut stage = file();
    stage.press("f");
    shows(&stage, "saved (@): @admins");
    stage.write("@fai").press("Tab Enter");
    assert_eq!(stage.app.scene.filter.text(), "@failures");
    assert!(stage.app.scene.projection.as_ref().is_some_and(|left| left.events.len() == 36));
    stage.press("f Ctrl-u").write("@failurs").press("Enter");
    says(&stage, "filter: column 1: there is no saved filter '@failurs'; did you mean '@failures'?");
    stage.press("Esc : %").write("rdp").press("Enter");
    assert_eq!(stage.app.scene.filter.text(), "@rdp");
    stage.press("f");
    let own = std::sync::Arc::new(logonscope::query::Saved::new([("night".to_owned(), "time:00:00..06:00".to_owned())].into()).unwrap());
    let setup = Setup { ascii: true, saved: own, filter: Some("@night".to_owned()), ..Setup::default() };
    let mut stage = Stage::with(morning().snapshot(Phase::File, morning_now()), &setup, 80, 24);
    assert_eq!(stage.app.scene.filter.text(), "@night");
    stage.press("7 / @").write("nig").press("Tab");
    shows(&stage, " find> @night");
    stage.press("Esc f");
    shows(&stage, "saved (@): @night @admins");
}

#[test]
fn every_line_of_a_pivot_is_whole_also_on_a_small_screen() {
    let mut stage = Stage::new(morning().snapshot(Phase::File, morning_now()), 80, 24);
    stage.press("1 g g /").write("account:svc_backup type:10").press("Enter p");
    for line in
        ["a  same account ", "i  same session ", "m  five minutes before and after ", "v  only this value ", "I  page of the session "]
    {
        shows(&stage, line);
    }
    // The letter or the cursor chooses.
    stage.press("j Enter");
    assert_eq!(stage.app.scene.filter.text(), "host:fs01.corp.local");
}

#[test]
fn what_switches_hide_is_said_when_nothing_is_found() {
    let mut stage = file();
    stage.press("3 /").write("account:SYSTEM").press("Enter");
    says(&stage, "nothing here matches account:SYSTEM; hidden accounts are left out: t m, t s show them");
    stage.press("t s n");
    says(&stage, "match 1 of 1");
}

#[test]
fn a_search_that_passes_the_whole_list_stops_for_a_newer_one() {
    use logonscope::ui::find::hunt::{Answer, Hunt};
    use logonscope::ui::find::scope::{Scope, Thing};
    use logonscope::ui::find::wanted::Wanted;
    use std::sync::Arc;
    use std::sync::atomic::AtomicU64;
    let things: Vec<Thing> = (0..100_000).map(|line| Thing::Words(format!("line {line}"))).collect();
    let hunt = |typed: &str, newest: u64, forward: bool| {
        let hunt = Hunt {
            ticket: 7,
            snapshot: Arc::default(),
            projection: None,
            filter: None,
            options: Default::default(),
            scope: Scope::List { things: things.clone(), at: 50 },
            wanted: Wanted::words(typed),
            forward,
            newest: Arc::new(AtomicU64::new(newest)),
        };
        let mut answers = Vec::new();
        hunt.run(|answer| answers.push(answer));
        answers
    };
    assert_eq!(hunt("nowhere", 8, true), [], "nobody waits for the answer");
    assert_eq!(hunt("nowhere", 7, true), [Answer::Nothing { ticket: 7 }]);
    let found = |answers: &[Answer]| match &answers[0] {
        Answer::Found { spot, wrapped, .. } => (spot.line, *wrapped),
        other => panic!("{other:?}"),
    };
    assert_eq!(found(&hunt("\"line 99999\"", 7, true)), (99_999, false));
    assert_eq!(found(&hunt("\"line 99999\"", 7, false)), (99_999, true));
    assert_eq!(found(&hunt("\"line 50\"", 7, true)), (500, false));
    assert_eq!(found(&hunt("\"line 50\"", 7, false)), (50_999, true), "the line under the cursor is the last to be looked at");
}

#[test]
fn keys_that_come_before_the_answer_each_go_one_match_on() {
    use logonscope::ui::input::Chord;
    use logonscope::ui::update::update;
    let mut stage = file();
    stage.press("7 g g /").write("web_pool").press("Enter");
    says(&stage, "match 1 of 13");
    let mut waiting = Vec::new();
    for _ in 0..3 {
        waiting.extend(update(&mut stage.app, Msg::Key(Chord::parse("n").unwrap())));
    }
    while let Some(effect) = waiting.pop() {
        if let Effect::Hunt(hunt) = effect {
            let mut answers = Vec::new();
            hunt.run(|answer| answers.push(answer));
            for answer in answers {
                waiting.extend(update(&mut stage.app, Msg::Reply(Reply::Found(answer))));
            }
        }
    }
    says(&stage, "match 4 of 13");
}

#[test]
fn the_next_match_stands_below_also_where_the_newest_is_on_top() {
    let mut stage = file();
    stage.press("7 S g g /").write("web_pool").press("Enter");
    says(&stage, "match 1 of 13");
    let event = |stage: &mut Stage| {
        stage.press("Enter");
        let Place::Event(id) = stage.app.nav.place() else { panic!("an event is open") };
        stage.press("q");
        id
    };
    let first = event(&mut stage);
    stage.press("n");
    says(&stage, "match 2 of 13");
    assert!(event(&mut stage) < first, "the next one came before");
    stage.press("N N");
    says(&stage, "match 13 of 13, wrapped to the bottom");
}
