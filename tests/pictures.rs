//! The pictures of the README are what the program draws: `LOGONSCOPE_UPDATE=1 cargo test --test pictures` draws them anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/stage.rs"]
mod stage;
#[path = "support/svg.rs"]
mod svg;

use logonscope::base::time::{Timestamp, Zone};
use logonscope::engine::Engine;
use logonscope::engine::ingest::Reading;
use logonscope::engine::load::{Loaded, Opened, load};
use logonscope::store::{Meters, Phase, Snapshot};
use logonscope::ui::app::Setup;
use logonscope::ui::update::Msg;
use stage::Stage;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const SIZE: (u16, u16) = (120, 36);

fn demo() -> Loaded {
    let inputs = [
        Opened::memory("demo/windows.jsonl", Arc::from(&include_bytes!("../assets/demo/windows.jsonl")[..])),
        Opened::memory("demo/entra.jsonl", Arc::from(&include_bytes!("../assets/demo/entra.jsonl")[..])),
    ];
    load(&inputs, Reading::default(), &mut |_, _, _| true)
}

fn time(text: &str) -> Timestamp {
    logonscope::query::moment_in(text, demo_day(), Zone::Utc).unwrap()
}

/// A moment of the day of the recording.
fn demo_day() -> Timestamp {
    Timestamp::parse("2026-03-10T12:00:00Z").unwrap()
}

/// The demo as its replay shows it at a moment, held there.
struct Recording {
    engine: Engine,
    rest: std::vec::IntoIter<logonscope::model::event::AuthEvent>,
    waiting: Option<logonscope::model::event::AuthEvent>,
    inputs: Arc<Vec<logonscope::model::input::InputStatus>>,
    position: usize,
    events: usize,
    last: Option<Timestamp>,
}

impl Recording {
    fn new() -> Self {
        let Loaded { events, names, inputs, .. } = demo();
        let total = events.len();
        Self {
            engine: Engine::new(names),
            rest: events.into_iter(),
            waiting: None,
            inputs: Arc::new(inputs),
            position: 0,
            events: total,
            last: None,
        }
    }
    fn at(&mut self, now: &str, playing: bool) -> Snapshot {
        let (now, before) = (time(now), self.position);
        while let Some(event) = self.waiting.take().or_else(|| self.rest.next()) {
            if event.at > now {
                self.waiting = Some(event);
                break;
            }
            self.engine.apply(event);
            self.position += 1;
        }
        let phase = Phase::Replay { playing, speed: 60.0, position: self.position, events: self.events };
        // A minute of the recording takes a second.
        let minutes = self.last.replace(now).map_or(0.0, |last| (now - last).as_seconds_f64() / 60.0);
        let rate = if playing && minutes > 0.0 { (self.position - before) as f64 / minutes } else { 0.0 };
        let meters = Meters { events_per_second: rate, ..Meters::default() };
        self.engine.snapshot(Arc::clone(&self.inputs), meters, phase, now)
    }
}

fn stage(now: &str, (width, height): (u16, u16)) -> Stage {
    let setup = Setup { inputs: vec!["demo/windows.jsonl".into(), "demo/entra.jsonl".into()], ..Setup::default() };
    Stage::with(Recording::new().at(now, false), &setup, width, height)
}

/// What a key asked for that a running program would do.
fn settle(stage: &mut Stage) {
    stage.asked.clear();
}

fn place(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/pictures").join(name)
}

/// Writes the picture where that is asked for; otherwise it is the one that is there.
fn is_drawn(name: &str, picture: &str) {
    if std::env::var_os("LOGONSCOPE_UPDATE").is_some() {
        std::fs::create_dir_all(place("")).unwrap();
        std::fs::write(place(name), picture).unwrap();
    }
    let there = std::fs::read_to_string(place(name)).unwrap_or_default();
    assert!(there == picture, "{name} is not what the program draws now: LOGONSCOPE_UPDATE=1 cargo test --test pictures draws it anew");
}

#[test]
fn the_timeline() {
    let mut stage = stage("09:42:17", SIZE);
    stage.press("z h J J J J J J J (");
    settle(&mut stage);
    is_drawn("timeline.svg", &svg::still(&stage.buffer(), "The timeline: lanes by logon type, a spray, and the session that came of it"));
}

#[test]
fn the_queue_and_why_something_is_odd() {
    let mut stage = stage("10:30:00", SIZE);
    stage.press("2");
    is_drawn("anomalies.svg", &svg::still(&stage.buffer(), "The queue of anomalies, and why the first one is odd"));
}

#[test]
fn an_account() {
    let mut stage = stage("10:30:00", SIZE);
    stage.press("2 g a");
    is_drawn("account.svg", &svg::still(&stage.buffer(), "The page of an account: what it usually does, and what it did today"));
}

#[test]
fn the_way_it_went() {
    let mut stage = stage("10:30:00", SIZE);
    stage.press("2 g a g p j j l j");
    is_drawn("path.svg", &svg::still(&stage.buffer(), "Where it went from there, hop by hop, with the weakest link"));
}

#[test]
fn pictures_are_text_on_a_grid_and_shapes() {
    let unicode = stage("09:42:17", SIZE);
    let mut ascii = stage("09:42:17", SIZE);
    ascii.press("t a t a");
    assert!(ascii.picture().is_ascii());
    let picture = svg::still(&ascii.buffer(), "a <b> & c");
    assert!(picture.contains("<title>a &lt;b&gt; &amp; c</title>"));
    let picture = svg::still(&unicode.buffer(), "");
    for sign in ["\u{2501}", "\u{2502}", "\u{2583}", "\u{25c6}", "\u{25b6}"] {
        assert!(unicode.picture().contains(sign), "{sign} is on the screen");
        assert!(!picture.contains(sign), "{sign} is a shape");
    }
    assert!(picture.contains("font-size") && picture.contains("textLength") && !picture.contains('\u{1b}'));
}

#[test]
fn the_replay() {
    let mut recording = Recording::new();
    let setup = Setup { inputs: vec!["demo/windows.jsonl".into(), "demo/entra.jsonl".into()], ..Setup::default() };
    let mut stage = Stage::with(recording.at("09:00:00", true), &setup, 100, 30);
    stage.press("z h");
    let mut buffers = Vec::new();
    for minute in (9..47).step_by(3) {
        stage.send(Msg::Snapshot(Arc::new(recording.at(&format!("09:{minute:02}:00"), true))));
        buffers.push(stage.buffer());
    }
    let moving = svg::moving(&buffers, 0.9, "The demo is replayed: a spray, and what came of it");
    assert!(moving.len() < 300_000, "{} bytes are too many for a page", moving.len());
    is_drawn("replay.svg", &moving);
}
