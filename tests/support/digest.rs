//! What a reading found, as text that can be compared byte for byte.
#![allow(dead_code)] // each test uses its part

use logonscope::detect;
use logonscope::engine::load::{Loaded, Opened, Reading, load};
use logonscope::engine::{Engine, Rules};
use logonscope::export::{self, Format, Scope, What};
use logonscope::model::input::InputStatus;
use logonscope::query::Filter;
use logonscope::store::Snapshot;
use std::sync::Arc;

/// Sessions and anomalies of a state, as JSON lines.
pub fn of(snapshot: &Snapshot) -> String {
    let filter = Filter::default();
    let scope = Scope {
        names: &snapshot.names,
        tables: &snapshot.tables,
        trails: &snapshot.trails,
        inputs: &snapshot.inputs,
        filter: &filter,
        case: &logonscope::casefile::Case::default(),
        zone: logonscope::base::time::Zone::Utc,
        width: None,
        more: Default::default(),
    };
    let mut out = Vec::new();
    for what in [What::Sessions, What::Anomalies] {
        export::write(what, Format::Jsonl, &scope, &mut out).unwrap();
    }
    String::from_utf8(out).unwrap()
}

/// The embedded recording, as the demo opens it.
pub fn demo() -> Vec<Opened> {
    vec![
        Opened::memory("windows.jsonl", Arc::from(include_bytes!("../../assets/demo/windows.jsonl").as_slice())),
        Opened::memory("entra.jsonl", Arc::from(include_bytes!("../../assets/demo/entra.jsonl").as_slice())),
    ]
}

/// Detections that speak of the attack in the embedded recording: six anomalies of one incident, and two lone ones.
pub const ATTACK: [&str; 7] = [
    "password-spray-windows",
    "fail-burst-then-success",
    "service-account-interactive",
    "rdp-session-hijack",
    "log-cleared-in-session",
    "mfa-fatigue",
    "token-replay-after-device-code",
];

/// The state after the embedded recording, with only these detections switched on: what others find changes nothing.
pub fn demo_with(ids: &[&str]) -> Snapshot {
    let off = |id: &&str| !ids.contains(id);
    let mut tables = toml::Table::new();
    for id in detect::all().map(|about| about.id).filter(off) {
        tables.insert(id.to_owned(), toml::Value::Table("enabled = false".parse().unwrap()));
    }
    let detections = Arc::new(detect::Settings::from_tables(tables).unwrap());
    let Loaded { events, names, inputs, .. } = read(&demo());
    let mut engine = Engine::new(names).by_rules(Rules { detections, ..Rules::default() });
    for event in events {
        engine.apply(event);
    }
    engine.finish(inputs)
}

pub fn read(inputs: &[Opened]) -> Loaded {
    load(inputs, Reading::default(), &mut |_, _, _| true)
}

/// The state after everything was read at once.
pub fn at_once(inputs: &[Opened]) -> Snapshot {
    folded(read(inputs))
}

/// The state after everything was read with this many threads.
pub fn at_once_by(threads: usize, inputs: &[Opened]) -> Snapshot {
    folded(load(inputs, Reading { threads, ..Reading::default() }, &mut |_, _, _| true))
}

fn folded(loaded: Loaded) -> Snapshot {
    let Loaded { events, names, inputs, .. } = loaded;
    let mut engine = Engine::new(names);
    for event in events {
        engine.apply(event);
    }
    engine.finish(inputs)
}

/// The state of an engine in the middle of something.
pub fn now(engine: &mut Engine) -> Snapshot {
    engine.finish(Vec::<InputStatus>::new())
}
