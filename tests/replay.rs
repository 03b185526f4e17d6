//! A replay, however it is played, ends where a reading at once ends.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/digest.rs"]
mod digest;

#[path = "support/made.rs"]
mod made;
#[path = "support/stage.rs"]
mod stage;
#[path = "support/waiting.rs"]
mod waiting;

use logonscope::base::time::{Span, Timestamp};
use logonscope::engine::handle::Command;
use logonscope::engine::replay::Replay;
use logonscope::engine::replay::settings::{PauseOn, Settings};
use logonscope::engine::{Engine, Mode, Plan, Rules, start};
use logonscope::model::anomaly::Severity;
use logonscope::source::archive::Unpacking;
use logonscope::store::{Phase, Playing, Snapshot};
use logonscope::ui::app::Setup;
use logonscope::ui::effect::{Effect, Place};
use logonscope::ui::update::Msg;
use stage::Stage;
use std::sync::Arc;
use std::time::Duration;
use waiting::wait;

fn recording(speed: f64) -> (Replay, Engine) {
    let loaded = digest::read(&digest::demo());
    let replay = Replay::new(loaded.events, loaded.names, speed);
    let engine = replay.engine();
    (replay, engine)
}

fn play_to_end(replay: &mut Replay, engine: &mut Engine, frame: Duration) {
    replay.play(true);
    let mut frames = 0;
    while replay.is_playing() {
        replay.advance(engine, frame);
        frames += 1;
        assert!(frames < 5_000_000, "the replay does not end");
    }
}

#[test]
fn every_speed_ends_with_the_sessions_and_anomalies_of_one_reading() {
    let expected = digest::of(&digest::at_once(&digest::demo()));
    assert!(expected.lines().count() > 300, "the recording has sessions");
    for (speed, frame) in [(60.0, 33), (1_000.0, 7), (7.3, 250), (f64::INFINITY, 16)] {
        let (mut replay, mut engine) = recording(speed);
        play_to_end(&mut replay, &mut engine, Duration::from_millis(frame));
        assert!(digest::of(&digest::now(&mut engine)) == expected, "speed {speed} differs");
    }
}

#[test]
fn going_back_and_forth_changes_nothing() {
    let expected = digest::of(&digest::at_once(&digest::demo()));
    let (mut replay, mut engine) = recording(60.0);
    replay.step(&mut engine, 400);
    replay.step(&mut engine, -399);
    replay.seek(&mut engine, replay.clock() + Span::hours(2));
    assert!(replay.seek_anomaly(&mut engine, true));
    assert!(replay.seek_anomaly(&mut engine, true));
    assert!(replay.seek_anomaly(&mut engine, false));
    replay.seek(&mut engine, replay.clock() - Span::hours(1));
    play_to_end(&mut replay, &mut engine, Duration::from_secs(60));
    assert!(digest::of(&digest::now(&mut engine)) == expected);
}

#[test]
fn nothing_later_than_the_clock_is_known() {
    let (mut replay, mut engine) = recording(60.0);
    for _ in 0..200 {
        replay.advance(&mut engine, Duration::from_millis(700));
        let snapshot = digest::now(&mut engine);
        assert!(snapshot.last.is_none_or(|last| last <= replay.clock()));
    }
    let there = replay.clock() - Span::minutes(30);
    replay.seek(&mut engine, there);
    assert!(digest::now(&mut engine).last.is_some_and(|last| last <= there));
}

#[test]
fn the_next_anomaly_holds_the_clock_at_the_event_that_raised_it() {
    let (mut replay, mut engine) = recording(60.0);
    assert!(replay.seek_anomaly(&mut engine, true));
    assert!(!replay.is_playing());
    let snapshot = digest::now(&mut engine);
    let anomaly = snapshot.tables.anomalies.last().unwrap();
    assert_eq!((snapshot.tables.anomalies.len(), anomaly.raised_at), (1, replay.clock()));
}

#[test]
fn a_quiet_stretch_is_skipped_and_said() {
    let loaded = digest::read(&digest::demo());
    let mut events = loaded.events;
    let cut = events.len() / 2;
    for event in &mut events[cut..] {
        event.at = event.at + Span::days(3);
    }
    let mut replay = Replay::new(events, loaded.names, 60.0);
    let mut engine = replay.engine();
    let mut skipped = Span::ZERO;
    for _ in 0..3_000 {
        skipped = skipped.max(replay.advance(&mut engine, Duration::from_millis(200)).skipped.unwrap_or_default());
    }
    assert!(skipped > Span::days(2) && !replay.is_playing(), "{}", skipped.words());
}

/// A replay of what a run holds, from a moment on.
fn of_run(rules: Rules) -> (Replay, Engine) {
    let loaded = digest::read(&digest::demo());
    let names = loaded.names.clone();
    let mut run = Engine::new(loaded.names);
    for event in loaded.events {
        run.apply(event);
    }
    let mut rows = run.world().tables.clone();
    let replay = Replay::of_rows(rows.events.share(), run.world().names.clone(), 60.0).by_rules(rules);
    drop(names);
    let engine = replay.engine();
    (replay, engine)
}

#[test]
fn what_a_run_holds_replays_to_the_same_sessions_and_anomalies() {
    let expected = digest::of(&digest::at_once(&digest::demo()));
    let (mut replay, mut engine) = of_run(Rules::default());
    let from = Timestamp::parse("2026-03-10T09:00:00Z").unwrap();
    replay.begin_at(from);
    while replay.playing().goal.is_some() {
        replay.advance(&mut engine, Duration::from_millis(16));
    }
    assert_eq!(replay.clock(), from);
    assert!(digest::now(&mut engine).last.is_some_and(|last| last <= from) && replay.is_playing());
    play_to_end(&mut replay, &mut engine, Duration::from_millis(33));
    assert!(digest::of(&digest::now(&mut engine)) == expected);
}

#[test]
fn an_anomaly_bad_enough_holds_the_clock_and_space_goes_on() {
    for least in [Severity::Low, Severity::High] {
        let rules = Rules { replay: Settings { pause_on: PauseOn(Some(least)), ..Settings::default() }, ..Rules::default() };
        let (mut replay, mut engine) = of_run(rules);
        let mut held = 0;
        loop {
            replay.play(true);
            while replay.is_playing() {
                let progress = replay.advance(&mut engine, Duration::from_millis(33));
                let Some(id) = progress.paused else { continue };
                held += 1;
                let anomaly = Arc::clone(engine.world().tables.anomaly(id).unwrap());
                assert!(anomaly.severity >= least && anomaly.raised_at == replay.clock());
                assert_eq!(replay.playing().paused, Some(id));
            }
            if matches!(replay.phase(), Phase::Replay { position, events, .. } if position == events) {
                break;
            }
        }
        // Each moment that raised one, once; what grew worse later was told when it was raised.
        let tables = &engine.world().tables;
        let all = tables.anomalies.iter().filter(|anomaly| anomaly.severity >= least).count();
        assert!(held > 0 && held <= all, "{held} of {all}");
        assert!(digest::of(&digest::now(&mut engine)) == digest::of(&digest::at_once(&digest::demo())));
    }
}

#[test]
fn a_range_is_played_again_and_again() {
    let (mut replay, mut engine) = recording(600.0);
    let range = (Timestamp::parse("2026-03-10T09:00:00Z").unwrap(), Timestamp::parse("2026-03-10T09:30:00Z").unwrap());
    replay.set_loop(&mut engine, Some(range));
    let (mut rounds, mut before) = (0, replay.clock());
    assert_eq!(before, range.0);
    for _ in 0..400 {
        replay.advance(&mut engine, Duration::from_millis(33));
        assert!(replay.clock() >= range.0 && replay.clock() < range.1, "{}", replay.clock().rfc3339());
        rounds += usize::from(replay.clock() < before);
        before = replay.clock();
    }
    assert!(rounds >= 3, "{rounds}");
    replay.set_loop(&mut engine, None);
    play_to_end(&mut replay, &mut engine, Duration::from_millis(33));
    assert!(digest::of(&digest::now(&mut engine)) == digest::of(&digest::at_once(&digest::demo())));
}

#[test]
fn a_loop_reaches_beyond_the_last_event_too() {
    let (mut replay, mut engine) = recording(f64::INFINITY);
    let last = replay.playing().to.unwrap();
    replay.set_loop(&mut engine, Some((last - Span::minutes(5), last + Span::minutes(5))));
    let epoch = replay.epoch();
    for _ in 0..10 {
        replay.advance(&mut engine, Duration::from_millis(33));
        assert!(replay.is_playing());
    }
    assert!(replay.epoch() > epoch);
}

#[test]
fn quiet_stretches_are_skipped_only_when_wanted() {
    let rules = Rules { replay: Settings { skip_after_seconds: 0.0, ..Settings::default() }, ..Rules::default() };
    let (mut replay, mut engine) = of_run(rules);
    replay.play(true);
    for _ in 0..2_000 {
        assert_eq!(replay.advance(&mut engine, Duration::from_millis(33)).skipped, None);
    }
}

/// All pictures of a replay of the demo.
fn pictures() -> Vec<String> {
    let (mut replay, mut engine) = recording(600.0);
    let setup = Setup { ascii: true, inputs: vec!["demo".into()], ..Setup::default() };
    let mut stage = Stage::with(Snapshot::default(), &setup, 120, 36);
    let mut pictures = Vec::new();
    let mut version = 0;
    replay.play(true);
    while replay.is_playing() && version < 300 {
        replay.advance(&mut engine, Duration::from_millis(100));
        version += 1;
        let made = engine.snapshot(Arc::default(), Default::default(), replay.phase(), replay.clock());
        stage.send(Msg::Snapshot(Arc::new(Snapshot { version, epoch: replay.epoch(), playing: replay.playing(), ..made })));
        if version == 40 {
            stage.press("z h J J");
        }
        pictures.push(stage.picture());
    }
    pictures
}

#[test]
fn the_same_recording_gives_the_same_pictures_twice() {
    let first = pictures();
    assert!(first.len() > 50 && first.windows(2).filter(|pair| pair[0] != pair[1]).count() > 40);
    assert!(first == pictures());
    insta::assert_snapshot!("replay_120", first[60]);
}

/// The demo on disk, opened as a file is.
fn opened(follow: bool) -> (logonscope::engine::handle::Handle, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("windows.jsonl");
    std::fs::write(&path, include_bytes!("../assets/demo/windows.jsonl")).unwrap();
    let handle = start(Plan {
        inputs: vec![logonscope::engine::load::Opened::file(path.clone())],
        arguments: vec![path],
        unpacking: Unpacking::default(),
        mode: Mode::Open { follow },
    });
    (handle, folder)
}

#[test]
fn a_file_is_replayed_from_a_moment_and_left_again() {
    for follow in [false, true] {
        let (mut handle, _folder) = opened(follow);
        let read = wait(&mut handle, "read", |now| now.phase == Phase::File && !now.tables.events.is_empty());
        let from = Timestamp::parse("2026-03-10T09:00:00Z").unwrap();
        handle.command(Command::Replay(from)).unwrap();
        let played = wait(&mut handle, "played", |now| matches!(now.phase, Phase::Replay { playing: true, .. }));
        assert!(played.now >= from && played.last.is_some_and(|last| last <= played.now) && played.epoch != read.epoch);
        assert_eq!((played.playing.from, played.playing.to), (read.first, read.last));
        assert!(played.tables.events.len() < read.tables.events.len());
        handle.command(Command::Speed(f64::INFINITY)).unwrap();
        let ended = wait(
            &mut handle,
            "ended",
            |now| matches!(now.phase, Phase::Replay { playing: false, position, events, .. } if position == events),
        );
        assert!(digest::of(&ended) == digest::of(&read));
        handle.command(Command::LeaveReplay).unwrap();
        let left = wait(&mut handle, "left", |now| now.phase == Phase::File);
        assert_eq!((left.epoch, left.tables.events.len()), (read.epoch, read.tables.events.len()));
        // A second one has an epoch of its own.
        handle.command(Command::Replay(from)).unwrap();
        let again = wait(&mut handle, "again", |now| matches!(now.phase, Phase::Replay { .. }));
        assert!(again.epoch > played.epoch);
    }
}

#[test]
fn what_comes_during_a_replay_is_there_when_it_is_left() {
    let (mut handle, folder) = opened(true);
    let follows = |now: &Snapshot| now.inputs.iter().any(|input| input.state == logonscope::model::input::InputState::Following);
    let read = wait(&mut handle, "followed", |now| now.phase == Phase::File && follows(now) && !now.tables.events.is_empty());
    handle.command(Command::Replay(read.first.unwrap())).unwrap();
    wait(&mut handle, "played", |now| matches!(now.phase, Phase::Replay { .. }));
    let text = std::fs::read_to_string(folder.path().join("windows.jsonl")).unwrap();
    let later = text.lines().last().unwrap().replace("2026-03-10T", "2026-03-11T").replace("\"RecordNumber\":", "\"RecordNumber\":77");
    use std::io::Write as _;
    let mut file = std::fs::OpenOptions::new().append(true).open(folder.path().join("windows.jsonl")).unwrap();
    writeln!(file, "{later}").unwrap();
    drop(file);
    // The replay goes on meanwhile; leaving it shows both.
    handle.command(Command::LeaveReplay).unwrap();
    wait(&mut handle, "the new event", |now| {
        !matches!(now.phase, Phase::Replay { .. }) && now.tables.events.len() > read.tables.events.len()
    });
}

#[test]
fn leaving_a_replay_of_the_command_line_gives_the_whole_recording() {
    let mut handle = start(Plan {
        inputs: digest::demo(),
        arguments: Vec::new(),
        unpacking: Unpacking::default(),
        mode: Mode::Replay { speed: 60.0, from: None },
    });
    wait(&mut handle, "played", |now| matches!(now.phase, Phase::Replay { .. }));
    handle.command(Command::LeaveReplay).unwrap();
    let whole = wait(&mut handle, "left", |now| now.phase == Phase::File);
    assert!(digest::of(&whole) == digest::of(&digest::at_once(&digest::demo())));
    handle.command(Command::Replay(whole.first.unwrap())).unwrap();
    wait(&mut handle, "played again", |now| matches!(now.phase, Phase::Replay { .. }));
}

fn morning(phase: Phase) -> Snapshot {
    made::morning().snapshot(phase, made::morning_now())
}

const PLAYED: Phase = Phase::Replay { playing: true, speed: 60.0, position: 10, events: 100 };

fn playing() -> Playing {
    Playing { from: Some(made::at("09:00:00")), to: Some(made::at("10:40:00")), ..Playing::default() }
}

#[test]
fn r_asks_for_a_replay_from_the_cursor_and_leaving_brings_everything_back() {
    let mut stage = Stage::new(morning(Phase::File), 120, 36);
    stage.press("f").write("-account:jdoe*").press("Enter");
    stage.press("g t").write("09:31").press("Enter z h J J 3");
    stage.press("1");
    let before = stage.picture();
    stage.press("r");
    let [Effect::Engine(Command::Replay(from))] = stage.asked.as_slice() else { panic!("{:?}", stage.asked) };
    assert!((*from - made::at("09:31:00")).abs() <= Span::minutes(1));
    assert!(stage.row_from_below(0).contains("replay from the cursor: 2026-03-14 09:3"), "{}", stage.row_from_below(0));
    // Until it is there nothing changes.
    assert_eq!(stage.picture().lines().take(30).collect::<Vec<_>>(), before.lines().take(30).collect::<Vec<_>>());
    let played = Snapshot { version: 100, epoch: 7, playing: playing(), ..made::morning().snapshot(PLAYED, made::at("09:31:00")) };
    stage.send(Msg::Snapshot(Arc::new(played.clone())));
    assert!(stage.row(0).contains("[REPLAY > x60]"));
    // What was opened in the replay is gone with it.
    stage.press("3 Enter r");
    assert!(stage.row_from_below(0).contains("this is a replay"), "{}", stage.row_from_below(0));
    stage.press("R");
    assert_eq!(stage.asked.last(), Some(&Effect::Engine(Command::LeaveReplay)));
    stage.send(Msg::Snapshot(Arc::new(Snapshot { version: 101, ..morning(Phase::File) })));
    stage.press("Esc");
    assert_eq!(stage.app.nav.place(), Place::View(logonscope::ui::view::ViewId::Timeline));
    let whole = |picture: &str| {
        picture.lines().filter(|line| !line.contains(" inputs") && !line.contains("events")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(whole(&stage.picture()), whole(&before));
    stage.press("R");
    assert!(stage.row_from_below(0).contains("this is no replay"));
}

#[test]
fn a_filter_of_the_replay_ends_with_it() {
    let mut stage = Stage::new(morning(Phase::File), 120, 36);
    stage.press("f").write("-account:jdoe*").press("Enter r");
    let played = Snapshot { version: 100, epoch: 7, playing: playing(), ..made::morning().snapshot(PLAYED, made::at("09:31:00")) };
    stage.send(Msg::Snapshot(Arc::new(played)));
    assert_eq!(stage.app.scene.filter.text(), "-account:jdoe*");
    stage.press("f Ctrl-u").write("host:FS01").press("Enter R");
    stage.send(Msg::Snapshot(Arc::new(Snapshot { version: 101, ..morning(Phase::File) })));
    assert_eq!(stage.app.scene.filter.text(), "-account:jdoe*");
    // The densities are those of the filter that is in force again.
    assert!(stage.picture().contains("3 Network        0  36"), "{}", stage.picture());
}

#[test]
fn a_view_at_its_end_is_replayed_from_the_start_of_its_window() {
    let mut stage = Stage::new(morning(Phase::Live), 120, 36);
    stage.press("z m r");
    let [Effect::Engine(Command::Replay(from))] = stage.asked.as_slice() else { panic!("{:?}", stage.asked) };
    assert!(*from > made::at("09:25:00") && *from < made::at("09:30:00"), "{}", from.rfc3339());
    let mut stage = Stage::new(morning(Phase::Loading { percent: 3 }), 120, 36);
    stage.press("r");
    assert!(stage.asked.is_empty() && stage.row_from_below(0).contains("still reading (3%)"));
    let mut stage = Stage::new(Snapshot::default(), 120, 36);
    stage.press("r");
    assert!(stage.asked.is_empty() && stage.row_from_below(0).contains("nothing to replay"));
}

#[test]
fn the_bar_takes_the_keys_and_moves_the_clock() {
    let mut stage = Stage::new(Snapshot { playing: playing(), ..morning(PLAYED) }, 120, 36);
    stage.press("Tab");
    assert!(stage.app.scrubbing);
    stage.press("h l H L 0 $");
    let sought: Vec<Timestamp> =
        stage.asked.iter().map(|effect| if let Effect::Engine(Command::Seek(at)) = effect { *at } else { panic!("{effect:?}") }).collect();
    let now = made::morning_now();
    assert_eq!(
        sought,
        [
            now - Span::minutes(1),
            now + Span::minutes(1),
            now - Span::minutes(10),
            now + Span::minutes(10),
            made::at("09:00:00"),
            made::at("10:40:00")
        ]
    );
    stage.press("Tab h");
    assert!(!stage.app.scrubbing && stage.asked.len() == 6);
    // In another view Tab is the view's own.
    stage.press("3 Tab h");
    assert!(!stage.app.scrubbing && stage.asked.len() == 6);
}

#[test]
fn the_bar_says_what_is_looped_skipped_and_paused() {
    let with = |playing: Playing, width: u16, height: u16| {
        let mut stage = Stage::new(Snapshot { playing: self::playing(), ..morning(PLAYED) }, width, height);
        let held = Phase::Replay { playing: false, speed: 60.0, position: 10, events: 100 };
        stage.send(Msg::Snapshot(Arc::new(Snapshot { version: 9, playing, ..morning(held) })));
        stage
    };
    let looped = Playing { looped: Some((made::at("09:20:00"), made::at("09:35:00"))), ..playing() };
    let stage = with(looped, 120, 36);
    assert!(stage.picture().contains("loop 09:20:00 .. 09:35:00Z (B ends it)"), "{}", stage.picture());
    insta::assert_snapshot!("bar_loop_120", stage.picture());
    assert!(with(looped, 80, 24).picture().contains("x60  loop"));
    let skipped = Playing { skipped: Some((made::at("09:30:00"), Span::hours(3))), ..playing() };
    assert!(with(skipped, 120, 36).picture().contains("3h 00m of quiet skipped"));
    let goal = Playing { goal: Some(made::at("09:50:00")), ..playing() };
    assert!(with(goal, 120, 36).picture().contains("the state at 2026-03-14 09:50:00Z is being built: event 10 of 100"));
    let id = morning(PLAYED).marks.before(Timestamp::MAX, logonscope::model::ids::AnomalyId::NONE).next().unwrap().1;
    let stage = with(Playing { paused: Some(id), ..playing() }, 120, 36);
    assert!(stage.row_from_below(0).starts_with(" paused at anomaly: H log-cleared 70"), "{}", stage.row_from_below(0));
    insta::assert_snapshot!("bar_80", with(playing(), 80, 24).picture());
    insta::assert_snapshot!("bar_60", with(playing(), 60, 16).picture());
}
