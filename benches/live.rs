//! What the program does under a stream: records are sent to a listener at a rate, an engine folds them, and a screen
//! that nobody sees follows it, is drawn and has keys pressed.
//!
//! ```text
//! cargo bench --bench live                                      # 200,000 records a second for 60 s
//! cargo bench --bench live -- --rate 100000 --loaded 10000000   # key to picture with ten million events loaded
//! cargo bench --bench live -- --rate 0                          # as much as is taken: what reaches the sender
//! cargo bench --bench live -- --idle                            # the built program in a terminal, nothing happening
//! ```
//!
//! `lag` is the time from a record being written to a snapshot that holds it being on the screen. `keys` is the time
//! from the moment a key is due to the end of the drawing that shows what it did, also while the loop was busy then.
//! Memory is that of this process: events are kept, so it is told by event. A lost record ends the run.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::cast_precision_loss)]

#[path = "support/size.rs"]
mod size;
#[path = "../tests/support/tty.rs"]
mod tty;

use logonscope::engine::load::Opened;
use logonscope::engine::{Mode, Plan, start};
use logonscope::source::archive::Unpacking;
use logonscope::source::listen::address::Address;
use logonscope::source::listen::limits::Patience;
use logonscope::source::listen::{self, Secrets};
use logonscope::ui::app::{App, Setup};
use logonscope::ui::effect::Effect;
use logonscope::ui::frame;
use logonscope::ui::input::Chord;
use logonscope::ui::update::{Msg, start as begin, update};
use logonscope::ui::view::Reply;
use logonscope::ui::view::page::digest::Digest;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::collections::VecDeque;
use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Least time between two drawings, as in the program; a key does not wait for it.
const FRAME: Duration = Duration::from_millis(16);
/// How often records are written.
const BEAT: Duration = Duration::from_millis(5);
/// Between two keys.
const KEYS_APART: Duration = Duration::from_millis(130);
/// What an analyst does: the timeline, all views, an account's page and back.
const KEYS: &str = "l l h + - j k J K L H 2 j Enter Esc 3 j j Enter Tab j Esc 4 j Enter Esc 5 j Enter Esc 7 j j G g g 1";

struct Flags(Vec<String>);

impl Flags {
    fn has(&self, flag: &str) -> bool {
        self.0.iter().any(|argument| argument == flag)
    }
    fn number(&self, flag: &str, otherwise: usize) -> usize {
        let after = self.0.iter().position(|argument| argument == flag).and_then(|place| self.0.get(place + 1));
        after.map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("{flag} wants a number, not {text}")))
    }
}

/// One record: network logons of many accounts on some hosts, their ends, and failures.
fn line(number: usize, into: &mut Vec<u8>) {
    let (seconds, rest) = (number / 100_000, number % 100_000 * 100);
    let time = format!("2026-03-14T{:02}:{:02}:{:02}.{rest:07}Z", 9 + seconds / 3_600, seconds / 60 % 60, seconds % 60);
    let opened = number - number % 10;
    let (id, logon) = match number % 10 {
        0..=5 => (4624, number),
        place @ 6..=8 => (4634, opened + place - 6),
        _ => (4625, number),
    };
    writeln!(
        into,
        "{{\"EventID\":{id},\"Channel\":\"Security\",\"Computer\":\"fs{:02}.corp.example\",\"Provider\":\"Microsoft-Windows-Security-Auditing\",\"TimeCreated\":\"{time}\",\"TargetUserName\":\"u{}\",\"TargetDomainName\":\"CORP\",\"TargetLogonId\":\"{:#x}\",\"LogonType\":3,\"IpAddress\":\"10.0.{}.{}\"}}",
        opened / 10 % 40,
        opened / 10 % 2_000,
        0x10_000 + logon,
        opened / 10 % 7,
        opened / 10 % 250,
    )
    .unwrap();
}

/// How many records were written when.
type Written = Arc<Mutex<VecDeque<(usize, Instant)>>>;

/// Writes records at a rate, or as fast as they are taken; gives how many, and how long it had to wait for room.
fn send(at: SocketAddr, (from, to): (usize, usize), rate: usize, written: &Written, ends: &AtomicBool) -> (usize, Duration) {
    let mut stream = TcpStream::connect(at).unwrap();
    let (begun, mut waited, mut text, mut next) = (Instant::now(), Duration::ZERO, Vec::new(), from);
    while next < to && !ends.load(Ordering::Relaxed) {
        let due = if rate == 0 { next + 2_000 } else { from + (begun.elapsed().as_secs_f64() * rate as f64) as usize };
        text.clear();
        // What was held up is not made up for in one piece: the sender is one that writes record by record.
        let until = due.min(to).min(next + 20_000);
        (next..until).for_each(|number| line(number, &mut text));
        let before = Instant::now();
        stream.write_all(&text).unwrap();
        let took = before.elapsed();
        if took > BEAT {
            waited += took;
        }
        next = until;
        written.lock().unwrap().push_back((next, Instant::now()));
        if rate > 0 && until == due.min(to) {
            std::thread::sleep(BEAT);
        }
    }
    (next, waited)
}

/// Bytes of memory of this process, where the system tells.
fn memory() -> f64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm.split(' ').nth(1).and_then(|pages| pages.parse::<f64>().ok()).unwrap_or(0.0) * 4_096.0
}

/// Processor time of a process, where the system tells.
fn busy(process: &str) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |place: usize| fields.get(place).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
    Duration::from_millis((ticks(11) + ticks(12)) * 10)
}

/// Median, 99th percentile and longest.
fn told(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |share: f64| times.get(((times.len().max(1) - 1) as f64 * share) as usize).map_or(0.0, |time| time.as_secs_f64() * 1_000.0);
    format!("median {:7.2}  p99 {:7.2}  longest {:7.2} ms  ({})", at(0.5), at(0.99), at(1.0), times.len())
}

struct Screen {
    app: App,
    buffer: Buffer,
    replies: Receiver<Reply>,
    send_reply: Sender<Reply>,
    drawn: Instant,
    frames: Vec<Duration>,
}

impl Screen {
    fn new(snapshot: Arc<logonscope::store::Snapshot>, (width, height): (u16, u16)) -> Self {
        let size = Rect::new(0, 0, width, height);
        let (send_reply, replies) = channel();
        let mut app = App::new(snapshot, &Setup::default(), size);
        begin(&mut app, None);
        Self { app, buffer: Buffer::empty(size), replies, send_reply, drawn: Instant::now(), frames: Vec::new() }
    }
    fn send(&mut self, msg: Msg) {
        for effect in update(&mut self.app, msg) {
            if let Effect::Digest(subject) = effect {
                let (snapshot, send) = (Arc::clone(&self.app.scene.snapshot), self.send_reply.clone());
                std::thread::spawn(move || {
                    let digest = Arc::new(Digest::whole(subject, &snapshot.tables));
                    let _ = send.send(Reply::Digest(subject, snapshot.epoch, digest));
                });
            }
        }
    }
    fn draw(&mut self) {
        let begun = Instant::now();
        self.buffer.reset();
        frame::draw(&self.app, &mut self.buffer);
        self.drawn = Instant::now();
        self.frames.push(begun.elapsed());
    }
}

fn stream(flags: &Flags) {
    let (rate, seconds) = (flags.number("--rate", size::of(200_000, 2_000)), flags.number("--seconds", size::of(60, 1)));
    let loaded = flags.number("--loaded", 0);
    let size = (flags.number("--columns", 200) as u16, flags.number("--rows", 60) as u16);
    let listeners = listen::start(&[Address::parse("tcp://127.0.0.1:0").unwrap()], &Secrets::default(), Patience::default()).unwrap();
    let at = listeners[0].address().at;
    let inputs = listeners.into_iter().map(Opened::listener).collect();
    let mut handle = start(Plan { inputs, arguments: Vec::new(), unpacking: Unpacking::default(), mode: Mode::Open { follow: true } });
    let (written, ends) = (Written::default(), AtomicBool::new(false));
    let newest = |handle: &mut logonscope::engine::handle::Handle| Arc::clone(&handle.snapshots.borrow_and_update());
    if loaded > 0 {
        let (begun, before) = (Instant::now(), memory());
        std::thread::scope(|scope| {
            scope.spawn(|| send(at, (0, loaded), 0, &written, &ends));
            while newest(&mut handle).tables.events.len() < loaded {
                std::thread::sleep(Duration::from_millis(20));
            }
        });
        let took = begun.elapsed().as_secs_f64();
        println!(
            "loaded {loaded} events in {took:.1} s, {:.0} a second, {:.0} bytes each",
            loaded as f64 / took,
            (memory() - before) / loaded as f64
        );
        written.lock().unwrap().clear();
    }
    let keys: Vec<Chord> = KEYS.split_whitespace().map(|key| Chord::parse(key).unwrap_or_else(|| panic!("no key {key}"))).collect();
    let mut screen = Screen::new(newest(&mut handle), size);
    let (mut lag, mut pressed, mut worst) = (Vec::new(), Vec::new(), (Duration::ZERO, String::new()));
    let (before, busy_before, begun) = (memory(), busy("self"), Instant::now());
    let all = Duration::from_secs(seconds as u64);
    let (mut next_key, mut key_number) = (KEYS_APART, 0);
    let to = if rate == 0 { usize::MAX } else { loaded + rate * seconds };
    let mut last_beat = Instant::now();
    let (sent, waited) = std::thread::scope(|scope| {
        let sender = scope.spawn(|| send(at, (loaded, to), rate, &written, &ends));
        loop {
            let elapsed = begun.elapsed();
            ends.store(elapsed > all, Ordering::Relaxed);
            let mut is_new = false;
            while let Ok(reply) = screen.replies.try_recv() {
                screen.send(Msg::Reply(reply));
                is_new = true;
            }
            let is_key = elapsed >= next_key && elapsed < all;
            if is_key {
                screen.send(Msg::Key(keys[key_number % keys.len()]));
            }
            if handle.snapshots.has_changed().unwrap_or(false) && (is_key || screen.drawn.elapsed() >= FRAME) {
                let snapshot = newest(&mut handle);
                screen.send(Msg::Snapshot(snapshot));
                is_new = true;
            }
            if is_key || is_new {
                screen.draw();
                let now = Instant::now();
                let events = screen.app.newest.tables.events.len();
                let mut written = written.lock().unwrap();
                while let Some((_, at)) = written.front().filter(|(count, _)| *count <= events) {
                    lag.push(now - *at);
                    written.pop_front();
                }
            }
            if is_key {
                let took = begun.elapsed() - next_key;
                if took > worst.0 {
                    worst = (
                        took,
                        format!("{} on {}", KEYS.split_whitespace().nth(key_number % keys.len()).unwrap(), screen.app.nav.tab().title()),
                    );
                }
                pressed.push(took);
                key_number += 1;
                next_key = (next_key + KEYS_APART).max(begun.elapsed());
            }
            if sender.is_finished() && written.lock().unwrap().is_empty() {
                break sender.join().unwrap();
            }
            assert!(begun.elapsed() < all * 3 + Duration::from_secs(60), "{} events behind", written.lock().unwrap().len());
            if last_beat.elapsed() > Duration::from_secs(10) {
                last_beat = Instant::now();
                let events = screen.app.newest.tables.events.len();
                println!("  {:4.0} s  {events} events  memory {:.0} MB", elapsed.as_secs_f64(), memory() / 1e6);
            }
            std::thread::sleep(Duration::from_micros(500));
        }
    });
    let took = begun.elapsed().as_secs_f64();
    let now = newest(&mut handle);
    let (events, meters) = (now.tables.events.len(), now.meters);
    assert_eq!((events, meters.dropped, meters.duplicates, meters.bad), (sent, 0, 0, 0), "events, dropped, duplicates, bad");
    println!("{} records in {took:.1} s: {:.0} a second; lost 0", sent - loaded, (sent - loaded) as f64 / took);
    println!("lag    {}", told(lag));
    println!("keys   {}; longest: {}", told(pressed), worst.1);
    println!("frames {}, {:.1} a second", told(screen.frames.clone()), screen.frames.len() as f64 / took);
    println!(
        "memory {:.0} MB at the start, {:.0} MB at the end: {:.0} bytes for each event; the sender waited {:.1} s for room",
        before / 1e6,
        memory() / 1e6,
        (memory() - before) / (sent - loaded).max(1) as f64,
        waited.as_secs_f64()
    );
    println!("cores busy {:.2} (with the sender)", (busy("self") - busy_before).as_secs_f64() / took);
}

/// The program in a terminal on a log that does not grow.
fn idle() {
    let mut run = tty::start(&[], &[]);
    run.shows("Timeline");
    let process = run.child.process_id().unwrap().to_string();
    std::thread::sleep(Duration::from_secs(3));
    let (before, begun) = (busy(&process), Instant::now());
    std::thread::sleep(Duration::from_secs(10));
    let share = (busy(&process) - before).as_secs_f64() / begun.elapsed().as_secs_f64();
    println!("idle: {:.2} % of a core over 10 s", share * 100.0);
    run.press("q");
    let _ = run.child.kill();
}

fn main() {
    let flags = Flags(size::arguments());
    if flags.has("--idle") {
        idle();
    } else {
        stream(&flags);
    }
}
