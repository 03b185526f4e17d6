//! What the writer's thread costs for each event: sessions and detections over events that are decoded already.
//!
//! ```text
//! cargo bench --bench fold                             # a made log of 64 MB
//! cargo bench --bench fold -- Security.evtx 5 rows     # median of 5 runs; all (the default), rows or recent
//! ```
//!
//! Times are those of the thread on its core, so that a busy machine disturbs less; `grew` is what the engine holds at the
//! end, without the events it was given. Then all rows that are kept are read once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../tests/support/evtx_writer.rs"]
mod evtx_writer;
#[path = "support/made_evtx.rs"]
#[allow(dead_code)]
mod made_evtx;
#[path = "support/size.rs"]
mod size;

use logonscope::engine::load::{Opened, Reading, load};
use logonscope::engine::{Engine, Keep};
use logonscope::model::event::Outcome;
use logonscope::model::session::Session;
use logonscope::model::world::Row;
use std::time::Duration;

/// Time on a core that this thread had.
fn cpu() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(text.split_whitespace().next().and_then(|text| text.parse().ok()).unwrap_or(0))
}

/// Memory that no file stands behind, in KiB.
fn memory() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("RssAnon")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|text| text.parse().ok()).unwrap_or(0)
}

fn main() {
    let mut arguments = size::arguments().into_iter();
    let (made, named) = (size::place("fold.evtx"), arguments.next());
    if named.is_none() {
        made_evtx::write(&made, size::of(64_000_000, 1_000_000)).expect("room for the log");
    }
    let path = named.as_ref().map_or(made.as_path(), std::path::Path::new);
    let runs: usize = arguments.next().map_or(size::of(3, 1), |text| text.parse().expect("a number of runs"));
    let keep = match arguments.next().as_deref() {
        None | Some("all") => Keep::All,
        Some("rows") => Keep::Rows,
        Some(_) => Keep::Recent(4_096),
    };
    let loaded = load(&[Opened::file(path.into())], Reading::default(), &mut |_, _, _| true);
    assert!(!loaded.events.is_empty(), "{} holds no logons", path.display());
    if named.is_none() {
        std::fs::remove_file(&made).expect("the log can be removed");
    }
    let (row, session) = (size_of::<Row>(), size_of::<Session>());
    println!("{} events, {} names; a row has {row} bytes, a session {session}", loaded.events.len(), loaded.names.len());
    let mut times: Vec<f64> = (0..runs)
        .map(|_| {
            let before = memory();
            let events = loaded.events.clone();
            let start = cpu();
            let mut engine = Engine::keeping(loaded.names.clone(), keep);
            let found: usize = events.into_iter().map(|event| engine.apply(event).len()).sum();
            let each = (cpu() - start).as_nanos() as f64 / loaded.events.len().max(1) as f64;
            let tables = &engine.world().tables;
            assert!(matches!(keep, Keep::Recent(_)) || !tables.events.is_empty());
            let grew = memory().saturating_sub(before) * 1_024;
            let (kept, sessions) = ((tables.events.len() - tables.events.first_kept()).max(1), tables.sessions.len());
            let each_of = |(items, bytes): (usize, usize)| bytes / items.max(1);
            println!(
                "of the older ones a session takes {} bytes, a session as shown {}",
                each_of(tables.sessions.sealed()),
                each_of(tables.visits.sealed())
            );
            let read = cpu();
            let failures = tables.events.iter().filter(|row| row.event.outcome == Outcome::Failure).count();
            let read = (cpu() - read).as_nanos() as f64 / kept as f64;
            println!(
                "{each:.0} ns for each event; {sessions} sessions, {found} anomalies, grew {} MiB, {} bytes for each event; reading a kept row \
                 {read:.0} ns ({failures} failures)",
                grew >> 20,
                grew / kept as u64
            );
            each
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!("median {:.0} ns", times[times.len() / 2]);
}
