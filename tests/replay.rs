//! A replay, however it is played, ends where a reading at once ends.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/digest.rs"]
mod digest;

use logonscope::base::time::Span;
use logonscope::engine::Engine;
use logonscope::engine::replay::Replay;
use std::time::Duration;

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
