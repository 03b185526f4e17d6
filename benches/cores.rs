//! How much faster reading is on two cores than on one, and how busy the thread is that takes everything over.
//!
//! ```text
//! cargo bench --bench cores                                  # 128 MB of each kind, medians of 5 runs
//! cargo bench --bench cores -- --megabytes 512 --runs 9 --only evtx # winlogbeat, entra, array, csv
//! ```
//!
//! `1 thread` and `2 threads` is reading to the end with so many threads that decode, what is read being thrown away; the
//! runs take turns. `writer` is how long the thread had a core that takes pieces over and folds them as a report of
//! anomalies does, with a decoding thread for each core, by how long that took (Linux). The data is the same on every
//! machine (seeded) and goes to the folder for temporary files.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, dead_code)]

#[path = "../tests/support/evtx_writer.rs"]
mod evtx_writer;
#[path = "support/made_csv.rs"]
mod made_csv;
#[path = "support/made_evtx.rs"]
mod made_evtx;
#[path = "support/made_json.rs"]
mod made_json;
#[path = "support/size.rs"]
mod size;

use logonscope::base::intern::Interner;
use logonscope::engine::ingest::{self, Reading, Taker};
use logonscope::engine::load::Opened;
use logonscope::engine::{Engine, Keep};
use logonscope::model::event::AuthEvent;
use made_json::{Kind, Maker};
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

/// Takes events and keeps nothing.
#[derive(Default)]
struct Counting {
    names: Interner,
    events: u64,
}

impl Taker for Counting {
    fn names(&mut self) -> &mut Interner {
        &mut self.names
    }
    fn take(&mut self, _event: AuthEvent) {
        self.events += 1;
    }
    fn start_over(&mut self) {
        self.events = 0;
    }
}

/// Folds, as reports do.
struct Folding(Engine);

impl Taker for Folding {
    fn names(&mut self) -> &mut Interner {
        self.0.names()
    }
    fn take(&mut self, event: AuthEvent) {
        self.0.apply(event);
    }
    fn start_over(&mut self) {
        self.0 = self.0.anew();
    }
}

/// Time this thread has had a core, where the system tells (Linux).
fn on_core() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

/// One page of Graph with all records, without a line border.
fn write_array(path: &Path, bytes: u64) -> std::io::Result<u64> {
    let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
    let (mut maker, mut line) = (Maker::new(Kind::EntraGraph), String::new());
    let (mut written, mut records) = (0, 0);
    write!(file, "{{\"@odata.context\":\"auditLogs/signIns\",\"value\":[")?;
    while written < bytes {
        line.clear();
        maker.line(&mut line);
        written += line.len() as u64;
        write!(file, "{}{}", if records > 0 { "," } else { "" }, line.trim_end())?;
        records += 1;
    }
    file.write_all(b"]}\n")?;
    file.flush()?;
    Ok(records)
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_unstable_by(f64::total_cmp);
    times[times.len() / 2]
}

fn measure(name: &str, path: &Path, runs: u64) {
    let open = || [Opened::file(path.to_path_buf())];
    let bytes = path.metadata().expect("the data").len();
    let (mut times, mut busy, mut read) = ([Vec::new(), Vec::new()], Vec::new(), Vec::new());
    for _ in 0..runs {
        for (threads, times) in [1, 2].into_iter().zip(&mut times) {
            let (opened, start, mut counting) = (open(), Instant::now(), Counting::default());
            ingest::read(&opened, Reading { threads, ..Reading::default() }, &mut counting);
            times.push(start.elapsed().as_secs_f64());
            read.push(counting.events);
        }
        let (opened, start, before) = (open(), Instant::now(), on_core());
        let mut folding = Folding(Engine::keeping(Interner::default(), Keep::Rows));
        let finished = ingest::read(&opened, Reading::default(), &mut folding);
        let on_core = before.and_then(|before| Some(on_core()? - before));
        let wall = start.elapsed();
        assert!(!folding.0.finish(finished.inputs).tables.events.is_empty(), "{name}");
        busy.push(on_core.map_or(f64::NAN, |on_core| on_core.as_secs_f64() / wall.as_secs_f64()));
    }
    assert!(read.iter().all(|events| *events == read[0] && *events > 0), "{name}: {read:?}");
    let [one, two] = times.each_mut().map(|times| median(times));
    #[allow(clippy::cast_precision_loss)]
    let rate = |seconds: f64| bytes as f64 / 1e6 / seconds;
    println!(
        "{name:<11} 1 thread {:>6.0} MB/s   2 threads {:>6.0} MB/s   {:>5.2} x   writer {:>3.0} % busy   {:>9} events",
        rate(one),
        rate(two),
        one / two,
        median(&mut busy) * 100.0,
        read[0]
    );
}

/// Writes about so many bytes of data; says how many records.
type Write = fn(&Path, u64) -> std::io::Result<u64>;

fn main() {
    let arguments = size::arguments();
    let after = |flag: &str| arguments.iter().position(|argument| argument == flag).and_then(|place| arguments.get(place + 1));
    let number = |flag: &str, otherwise: u64| after(flag).map_or(otherwise, |text| text.parse().expect("a number"));
    let (megabytes, runs) = (number("--megabytes", size::of(128, 1)), number("--runs", size::of(5, 1)));
    let kinds: [(&str, Write); 5] = [
        ("evtx", made_evtx::write),
        ("winlogbeat", |path, bytes| made_json::write(Kind::Winlogbeat, path, bytes)),
        ("entra", |path, bytes| made_json::write(Kind::EntraDiagnostic, path, bytes)),
        ("array", write_array),
        ("csv", made_csv::write),
    ];
    for (name, write) in kinds {
        if after("--only").is_some_and(|only| only != name) {
            continue;
        }
        let path = size::place(&format!("cores.{name}"));
        write(&path, megabytes * 1_000_000).expect("room for the data");
        measure(name, &path, runs);
        std::fs::remove_file(&path).expect("the data can be removed");
    }
}
