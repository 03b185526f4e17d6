//! What the frame says while logs are unpacked and read, how the stream does, and what an empty screen says.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/made.rs"]
mod made;
#[path = "support/stage.rs"]
mod stage;
#[path = "support/waiting.rs"]
mod waiting;

use logonscope::engine::load::Opened;
use logonscope::engine::opener::Opening;
use logonscope::engine::{Mode, Plan, Rules, start_opening};
use logonscope::model::input::{InputState, InputStatus, Tally};
use logonscope::source::archive::Unpacking;
use logonscope::store::progress::Progress;
use logonscope::store::{Meters, Phase, Snapshot};
use logonscope::ui::app::Setup;
use logonscope::ui::effect::Effect;
use logonscope::ui::update::Msg;
use made::{morning, morning_now};
use stage::Stage;
use std::sync::Arc;
use std::time::Duration;

fn loading() -> Snapshot {
    let mut snapshot = morning().snapshot(Phase::Loading { percent: 61 }, morning_now());
    let progress =
        Progress { bytes: 610 << 20, of_bytes: 1000 << 20, events: 1_260_000, took: Duration::from_secs(6), ..Progress::default() };
    snapshot.progress = Some(progress);
    snapshot
}

#[test]
fn reading_says_how_far_how_fast_and_how_long() {
    let stage = Stage::new(loading(), 120, 36);
    assert!(stage.row(0).contains("[LOADING 61%]"), "{}", stage.row(0));
    let meters = stage.row_from_below(1);
    assert!(meters.starts_with(" 61% of 1000M  101M/s  210k events/s  4s left  dropped 0"), "{meters}");
    let words = stage.row_from_below(0);
    assert!(words.contains("on screen so far: 2026-03-09") && words.contains("Esc hides this"), "{words}");
    let stage = Stage::new(loading(), 80, 24);
    assert!(stage.row_from_below(1).starts_with(" 61% 101M/s 210k ev/s 4s left drop 0"), "{}", stage.row_from_below(1));
    assert!(stage.row_from_below(0).contains("on screen until 2026-03-14"), "{}", stage.row_from_below(0));
}

#[test]
fn esc_leaves_the_reading_in_the_background_and_everything_works_meanwhile() {
    let mut stage = Stage::new(loading(), 120, 36);
    stage.press("Esc");
    assert!(stage.row_from_below(0).contains("reading goes on in the background"), "{}", stage.row_from_below(0));
    stage.press("3 j");
    assert!(stage.row(1).contains("[3 Accounts]"));
    assert!(!stage.row_from_below(0).contains("on screen so far"), "the row is the cursor's again: {}", stage.row_from_below(0));
    assert!(stage.row_from_below(1).starts_with(" 61% of"), "and the numbers stay");
    // When it is done nothing of it is left.
    stage.send(Msg::Snapshot(Arc::new(Snapshot { version: 9, ..morning().snapshot(Phase::File, morning_now()) })));
    assert!(stage.row(0).contains("[FILE]") && !stage.row_from_below(1).contains('%'), "{}", stage.picture());
}

#[test]
fn unpacking_is_said_before_the_first_event() {
    let mut snapshot = Snapshot { phase: Phase::Loading { percent: 0 }, ..Snapshot::default() };
    let unpacking = Some("/case/triage.zip".into());
    snapshot.progress = Some(Progress { unpacking, bytes: 312 << 20, took: Duration::from_secs(4), ..Progress::default() });
    let stage = Stage::new(snapshot, 120, 36);
    assert!(stage.row(0).contains("[UNPACKING]"), "{}", stage.row(0));
    assert!(stage.row_from_below(1).starts_with(" unpacking triage.zip: 312M in 4s"), "{}", stage.row_from_below(1));
    assert!(stage.picture().contains("unpacking /case/triage.zip: what it holds comes next"), "{}", stage.picture());
}

fn streaming(meters: Meters, listens: bool) -> Snapshot {
    let mut snapshot = morning().snapshot(Phase::Live, morning_now());
    let senders = listens.then(|| "1 connected".to_owned());
    snapshot.inputs = Arc::new(vec![InputStatus { state: InputState::Following, senders, ..InputStatus::default() }]);
    snapshot.meters = meters;
    snapshot
}

#[test]
fn the_row_of_meters_says_what_comes_waits_and_is_lost() {
    let meters =
        Meters { events_per_second: 812.0, lag_seconds: Some(0.4), queue_percent: 3, memory: Some(412 << 20), ..Meters::default() };
    let stage = Stage::new(streaming(meters, true), 120, 36);
    let row = stage.row_from_below(1);
    assert!(row.starts_with(" in 812 ev/s  lag 0.4s  queue 3%  spill 0B  dropped 0  bad 0  late 0"), "{row}");
    assert!(row.ends_with("events  mem 412M"), "nothing to list: {row}");
    let narrow = Stage::new(streaming(meters, true), 80, 24).row_from_below(1);
    assert!(narrow.starts_with(" 812 ev/s lag 0.4s q 3% spill 0B drop 0 bad 0 late 0") && narrow.ends_with(" ev 412M"), "{narrow}");
    let without = Stage::new(streaming(meters, false), 120, 36).row_from_below(1);
    assert!(!without.contains("spill"), "nothing is sent to us, nothing can wait: {without}");
}

#[test]
fn what_is_wrong_is_marked_and_leads_to_its_list() {
    let meters = Meters { bad: 2, dropped: 7, late: 14, ..Meters::default() };
    let mut stage = Stage::new(streaming(meters, false), 120, 36);
    let row = stage.row_from_below(1);
    assert!(row.contains("dropped 7  bad 2  late 14") && row.ends_with("8 lists them"), "{row}");
    let at = u16::try_from(row.find("dropped").unwrap()).unwrap();
    let buffer = stage.buffer();
    assert_ne!(buffer[(at, 34)].style(), buffer[(1, 34)].style(), "it is styled as trouble");
    stage.press("8");
    assert!(stage.row(1).contains("[8 Inputs]"));
}

#[test]
fn a_row_that_is_full_gets_shorter_instead_of_cut() {
    let meters = Meters {
        events_per_second: 120_812.0,
        lag_seconds: Some(12.0),
        queue_percent: 100,
        spilled: 512 << 20,
        dropped: 1_234,
        bad: 56_789,
        late: 123_456,
        duplicates: 0,
        memory: Some(3 << 30),
    };
    for (width, height) in [(120, 36), (112, 30), (200, 50)] {
        let row = Stage::new(streaming(meters, true), width, height).row_from_below(1);
        for part in ["spill 512M", "3.0G", "120,812 ev/s"] {
            assert!(row.contains(part), "{width}: {row}");
        }
    }
}

#[test]
fn inputs_that_take_long_to_open_are_opened_while_the_screen_says_so() {
    let (go, wait) = crossbeam_channel::bounded::<()>(1);
    let plan = || Plan { inputs: Vec::new(), arguments: Vec::new(), unpacking: Unpacking::default(), mode: Mode::Open { follow: false } };
    let opening = Opening::begin(move |_| {
        wait.recv().unwrap();
        Ok(vec![Opened::memory("events.jsonl", Arc::from(&include_bytes!("../assets/demo/windows.jsonl")[..]))])
    });
    let mut handle = start_opening(plan(), Some(opening), None, Rules::default(), None);
    waiting::wait(&mut handle, "as wanted", |snapshot| matches!(snapshot.phase, Phase::Loading { .. }) && snapshot.progress.is_some());
    go.send(()).unwrap();
    let read = waiting::wait(&mut handle, "as wanted", |snapshot| snapshot.phase == Phase::File && snapshot.last.is_some());
    assert_eq!((read.progress.clone(), read.inputs.len()), (None, 1));
    let event = read.tables.events.iter().next().unwrap();
    assert!(handle.raw.raw(event.event.provenance).is_ok(), "its records can be read again");
    // What cannot be used ends the engine and says why.
    let opening = Opening::begin(|_| Err(vec!["none of it is a log".to_owned()]));
    let handle = start_opening(plan(), Some(opening), None, Rules::default(), None);
    while handle.failure.get().is_none() {
        std::thread::yield_now();
    }
    assert_eq!(handle.failure.get(), Some(&vec!["none of it is a log".to_owned()]));
}

#[test]
fn the_first_start_is_greeted_until_the_first_key() {
    let setup = |welcome: Option<&str>| Setup { welcome: welcome.map(Into::into), ..Setup::default() };
    let snapshot = || morning().snapshot(Phase::File, morning_now());
    for (width, height) in [(120, 36), (80, 24)] {
        let mut stage = Stage::with(snapshot(), &setup(Some("/data/logonscope/welcomed")), width, height);
        let row = stage.row_from_below(0);
        assert!(row.contains("? shows the keys") && row.contains("q goes back"), "{row}");
        stage.press("j");
        assert!(!stage.row_from_below(0).contains("welcome"));
        stage.press("j");
        assert_eq!(stage.asked.iter().filter(|effect| **effect == Effect::Welcomed).count(), 1, "it is remembered once");
    }
    let mut stage = Stage::with(snapshot(), &setup(None), 120, 36);
    assert!(!stage.row_from_below(0).contains("welcome"));
    stage.press("j");
    assert!(!stage.asked.contains(&Effect::Welcomed));
}

/// All views, and what they say when there is nothing.
fn said_everywhere(snapshot: &Snapshot, filter: Option<&str>) -> Vec<(char, String)> {
    let mut all = Vec::new();
    for view in '1'..='8' {
        let setup = Setup { ascii: true, filter: filter.map(str::to_owned), ..Setup::default() };
        let mut stage = Stage::with(snapshot.clone(), &setup, 120, 36);
        stage.press(&view.to_string());
        all.push((view, stage.picture()));
    }
    all
}

fn read(tally: Tally, bytes: u64, state: InputState) -> Snapshot {
    let input = InputStatus { path: "a.json".into(), state, bytes, tally, ..InputStatus::default() };
    Snapshot { inputs: Arc::new(vec![input]), ..Snapshot::default() }
}

#[test]
fn an_empty_screen_says_why_and_what_to_do_in_every_view() {
    let live = Snapshot { phase: Phase::Live, ..read(Tally::default(), 10, InputState::Following) };
    let before = Snapshot {
        phase: Phase::Replay { playing: false, speed: 60.0, position: 0, events: 3 },
        ..read(Tally { records: 3, events: 3, ..Tally::default() }, 10, InputState::Done)
    };
    let reading = Snapshot { phase: Phase::Loading { percent: 7 }, ..read(Tally::default(), 10, InputState::Reading) };
    for (snapshot, why, next) in [
        (read(Tally::default(), 0, InputState::Done), "the inputs are empty", "inputs: 8"),
        (read(Tally::default(), 10, InputState::Failed), "none of the inputs can be read", "F5 tries again"),
        (read(Tally { records: 77, unknown: 77, ..Tally::default() }, 10, InputState::Done), "77 records of no known shape", "--help"),
        (
            read(Tally { records: 5, other: 5, ..Tally::default() }, 10, InputState::Done),
            "5 records, none of a logon",
            "is logon auditing on",
        ),
        (read(Tally { unreadable: 4, ..Tally::default() }, 10, InputState::Done), "4 places are damaged", "8 lists them"),
        (live, "waiting for the first one", "8"),
        (before, "the replay clock stands before the first event", "Space plays"),
        (reading, "reading, 7% done", "8"),
    ] {
        for (view, picture) in said_everywhere(&snapshot, None) {
            // The inputs themselves are where the others lead to.
            assert!(view == '8' || (picture.contains(why) && picture.contains(next)), "{view} does not say {why}, {next}:\n{picture}");
        }
    }
}

#[test]
fn a_filter_that_hides_everything_says_so_in_every_view() {
    let snapshot = morning().snapshot(Phase::File, morning_now());
    for (view, picture) in said_everywhere(&snapshot, Some("account:nobody")) {
        let says = picture.contains("filter hides all") || picture.contains("the filter lets through");
        assert!(view == '8' || (says && picture.contains("u takes the last")), "{view}:\n{picture}");
    }
}
