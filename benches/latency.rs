//! How long a record takes from being written to being in a snapshot, while 5,000 records a second are written; and what
//! watching costs while nothing is written.
//!
//! `cargo bench --bench latency` prints median and 99th percentile for an event log and for a JSON file. Every record is
//! looked for: a lost or repeated one ends the run. The figures are wall time and want a machine that is not busy.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../tests/support/evtx_writer.rs"]
mod evtx_writer;
#[path = "support/size.rs"]
mod size;

use evtx_writer::{CHUNK, FILE_HEADER, Record, Val, Writer};
use logonscope::engine::handle::{Command, Handle};
use logonscope::engine::load::Opened;
use logonscope::engine::{Mode, Plan, start};
use logonscope::model::input::InputState;
use logonscope::source::archive::Unpacking;
use std::fs::{File, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const PER_SECOND: usize = 5_000;
/// Records are written in handfuls, as services and shippers do.
const HANDFUL: usize = 5;
const SECONDS: usize = 6;

/// Puts records into a file, from a first state on.
trait Growth: Send {
    fn begin(&mut self, path: &Path);
    fn put(&mut self, numbers: std::ops::Range<usize>);
}

#[derive(Default)]
struct Json(Option<File>);

impl Growth for Json {
    fn begin(&mut self, path: &Path) {
        self.0 = Some(OpenOptions::new().create(true).append(true).open(path).unwrap());
    }
    fn put(&mut self, numbers: std::ops::Range<usize>) {
        let line = |number: usize| {
            format!(
                "{{\"EventID\":4624,\"Channel\":\"Security\",\"Computer\":\"fs01.corp.example\",\"Provider\":\"Microsoft-Windows-Security-Auditing\",\"TimeCreated\":\"2026-03-14T09:{:02}:{:02}.{:04}Z\",\"TargetUserName\":\"u{}\",\"TargetDomainName\":\"CORP\",\"TargetLogonId\":\"{:#x}\",\"LogonType\":3}}\n",
                number / PER_SECOND / 60,
                number / PER_SECOND % 60,
                number % PER_SECOND * 2,
                number % 300,
                0x10_000 + number
            )
        };
        self.0.as_mut().unwrap().write_all(numbers.map(line).collect::<String>().as_bytes()).unwrap();
    }
}

#[derive(Default)]
struct Log {
    writer: Writer,
    file: Option<File>,
    slot: u64,
}

impl Growth for Log {
    fn begin(&mut self, path: &Path) {
        self.file = Some(OpenOptions::new().create(true).truncate(false).write(true).open(path).unwrap());
        let header = self.writer.drain();
        self.file.as_mut().unwrap().write_all(&header).unwrap();
    }
    fn put(&mut self, numbers: std::ops::Range<usize>) {
        for number in numbers {
            let (user, id) = (format!("u{}", number % 300), format!("{:#x}", 0x1_0000 + number));
            let data = [
                ("TargetUserName", Val::Text(&user)),
                ("TargetDomainName", Val::Text("CORP")),
                ("TargetLogonId", Val::Text(&id)),
                ("LogonType", Val::Text("3")),
            ];
            let time = 132_576_067_510_354_251 + number as u64 * 2_000;
            self.writer.record(&Record { record_id: number as u64 + 1, time, data: &data, ..Record::default() });
        }
        // As Windows does: full chunks as they are, the one at hand over its last state.
        let full = self.writer.drain();
        let open = self.writer.file().split_off(FILE_HEADER);
        let file = self.file.as_mut().unwrap();
        file.seek(SeekFrom::Start(FILE_HEADER as u64 + self.slot * CHUNK as u64)).unwrap();
        file.write_all(&[full.as_slice(), open.as_slice()].concat()).unwrap();
        self.slot += (full.len() / CHUNK) as u64;
    }
}

/// Processor time of this process so far, where the system tells.
fn busy() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
    let ticks: u64 = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 10))
}

fn wait(handle: &mut Handle, mut is_enough: impl FnMut(usize, bool) -> bool) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        loop {
            let now = Arc::clone(&handle.snapshots.borrow_and_update());
            let followed = now.inputs.iter().any(|input| input.state == InputState::Following);
            assert_eq!(now.meters.duplicates, 0);
            if is_enough(now.tables.events.len(), followed) {
                return;
            }
            handle.snapshots.changed().await.expect("the engine is alive");
        }
    });
}

fn measure(name: &str, growth: &mut dyn Growth) {
    let all = size::of(PER_SECOND * SECONDS, 20 * HANDFUL);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    growth.begin(&path);
    growth.put(0..HANDFUL);
    let plan = Plan {
        inputs: vec![Opened::file(path.clone())],
        arguments: vec![path],
        unpacking: Unpacking::default(),
        mode: Mode::Open { follow: true },
    };
    let mut handle = start(plan);
    wait(&mut handle, |events, followed| followed && events == HANDFUL);
    let written: Mutex<Vec<Instant>> = Mutex::new(vec![Instant::now(); HANDFUL]);
    let mut taken = Vec::with_capacity(all);
    let mut busy_before = busy();
    let begun = Instant::now();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for first in (HANDFUL..all).step_by(HANDFUL) {
                let due = Duration::from_secs_f64(first as f64 / PER_SECOND as f64);
                std::thread::sleep(due.saturating_sub(begun.elapsed()));
                growth.put(first..first + HANDFUL);
                let now = Instant::now();
                written.lock().unwrap().extend([now; HANDFUL]);
            }
        });
        let mut seen = HANDFUL;
        wait(&mut handle, |events, _| {
            let now = Instant::now();
            assert!(events <= all, "{events} events of {all}");
            while seen < events {
                // Seen before its writer had looked at the clock: no time at all.
                let at = written.lock().unwrap().get(seen).copied().unwrap_or(now);
                taken.push(now.saturating_duration_since(at));
                seen += 1;
            }
            seen == all
        });
    });
    let spent = busy().zip(busy_before).map(|(now, before)| (now - before).as_secs_f64() / begun.elapsed().as_secs_f64());
    taken.sort_unstable();
    let at = |share: f64| taken[((taken.len() - 1) as f64 * share) as usize].as_secs_f64() * 1_000.0;
    busy_before = busy();
    let idle = Duration::from_secs(size::of(3, 0));
    std::thread::sleep(idle);
    let quiet = busy().zip(busy_before).map(|(now, before)| (now - before).as_secs_f64() / idle.as_secs_f64().max(f64::EPSILON));
    let share = |part: Option<f64>| part.map_or("not told".to_owned(), |part| format!("{:.1} %", part * 100.0));
    println!(
        "{name:<14} {all} records, {PER_SECOND} a second: median {:.1} ms, p99 {:.1} ms, longest {:.1} ms; one core busy {} (with the writer), idle {}",
        at(0.5),
        at(0.99),
        at(1.0),
        share(spent),
        share(quiet)
    );
    handle.command(Command::Stop).unwrap();
}

fn main() {
    measure("Security.evtx", &mut Log::default());
    measure("logons.jsonl", &mut Json::default());
}
