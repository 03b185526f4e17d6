//! Reads recorded inputs on all cores and puts their events in order.
//!
//! Pieces of work go out in the order of the input and come back in any order; they are taken over in order again, so
//! the result does not depend on the number of threads. A piece that fails is a notice, never the end of the run.

use super::limits::{BLOCK_BYTES, BLOCKS_IN_FLIGHT, PROBE_BYTES};
use crate::base::intern::{Interner, Remap};
use crate::decode::{self, Sniffed, evtx, json, text};
use crate::model::event::AuthEvent;
use crate::model::fields::{RecordSink, Unreadable};
use crate::model::ids::InputId;
use crate::model::input::{Format, InputState, InputStatus, PlaceKind};
use crate::normalise::batch::Batch;
use crate::normalise::shape::SHAPES;
use crate::source::file::Mapped;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The bytes of a recorded input.
pub enum Content {
    File(Mapped),
    Memory(Arc<[u8]>),
}

impl Content {
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::File(file) => file.bytes(),
            Self::Memory(bytes) => bytes,
        }
    }
}

/// All events of all inputs in order of (time, record number, place), and what was read.
#[derive(Default)]
pub struct Loaded {
    pub events: Vec<AuthEvent>,
    pub names: Interner,
    pub inputs: Vec<InputStatus>,
    /// By number of the input; only where `Reading::keep_tail` asked for them.
    pub tails: BTreeMap<usize, Tail>,
}

/// Opens an input and says what it is; a problem is a sentence that says what to do.
///
/// # Errors
/// The input cannot be opened or is no logon source.
pub fn open(path: &Path) -> Result<(Content, Format), String> {
    let file = Mapped::open(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    let format = format_of(file.bytes(), &path.display().to_string())?;
    Ok((Content::File(file), format))
}

/// What the bytes are.
///
/// # Errors
/// They are no logon source; the text says what to do.
pub fn format_of(bytes: &[u8], name: &str) -> Result<Format, String> {
    match decode::sniff(bytes) {
        Sniffed::Evtx => Ok(Format::Evtx),
        Sniffed::PreVistaEvt => {
            Err(format!("{name} is a log of before Windows Vista (.evt): convert it first, for example with `wevtutil epl` on Windows"))
        }
        Sniffed::Gzip | Sniffed::Zip => Err(format!("{name} is compressed: unpack it first, then open what is inside")),
        Sniffed::Empty => Ok(Format::Unknown),
        Sniffed::Unknown => {
            Err(format!("{name} is no Windows event log (.evtx), no JSON, XML or CSV: give a log, or a folder that holds logs"))
        }
        Sniffed::Json | Sniffed::Xml | Sniffed::Csv | Sniffed::Utf16Text => {
            let mut probe = Batch::default();
            let part = bytes.get(..bytes.len().min(PROBE_BYTES)).unwrap_or_default();
            decode_text(part, 0, 1, part.len() == bytes.len(), &mut probe);
            let probe = &probe.tally;
            let known = probe.records - probe.unknown;
            if known == 0 && part.len() == bytes.len() {
                let first = probe.places.of(PlaceKind::Unreadable).chain(probe.places.of(PlaceKind::Unknown)).next();
                let first = first.map(|first| format!(" (line {}: {})", first.line.max(1), first.reason)).unwrap_or_default();
                return Err(format!(
                    "{name} holds no Windows logon events or Entra sign-ins in a known shape{first}: `logonscope --help` lists the shapes"
                ));
            }
            Ok(Format::Text)
        }
    }
}

fn decode_text(bytes: &[u8], offset: u64, line: u32, last: bool, sink: &mut dyn RecordSink) -> usize {
    text::Decoder::new(SHAPES).feed(bytes, offset, line, last, sink)
}

/// One piece of work.
struct Task {
    number: usize,
    input: usize,
    range: Range<usize>,
    /// Line at which the piece begins, from 1.
    line: u32,
}

fn pieces(content: &Content, format: Format) -> Vec<(Range<usize>, u32)> {
    let bytes = content.bytes();
    match format {
        Format::Unknown => Vec::new(),
        Format::Evtx => {
            let step = BLOCK_BYTES / evtx::CHUNK * evtx::CHUNK;
            let starts = (evtx::FILE_HEADER..bytes.len()).step_by(step);
            starts.map(|start| (start..(start + step).min(bytes.len()), 0)).collect()
        }
        Format::Text => {
            let pieces = if decode::sniff(bytes) == Sniffed::Json { json::split(bytes, bytes.len() / BLOCK_BYTES + 1) } else { None };
            let ranges = pieces.unwrap_or_else(|| std::iter::once(0..bytes.len()).collect());
            let mut line = 1_u32;
            ranges
                .into_iter()
                .map(|range| {
                    let first = line;
                    let lines = memchr::memchr_iter(b'\n', bytes.get(range.clone()).unwrap_or_default()).count();
                    line = line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
                    (range, first)
                })
                .collect()
        }
    }
}

/// Where the reading of a text input stopped, so that it goes on there when the input grows: the decoder knows the
/// header of a CSV, the envelope it is in and the shape in force.
pub struct Tail {
    pub decoder: text::Decoder,
    /// First byte that was not taken, and its line.
    pub offset: u64,
    pub line: u32,
}

fn work(task: &Task, content: &Content, format: Format, keep_tail: bool) -> (Batch, Option<Tail>) {
    let mut tail = None;
    let mut batch = Batch::new(InputId::new(task.input));
    let bytes = content.bytes().get(task.range.clone()).unwrap_or_default();
    let offset = task.range.start as u64;
    match format {
        Format::Evtx => {
            let mut decoder = evtx::Decoder::new();
            for (number, chunk) in bytes.chunks(evtx::CHUNK).enumerate() {
                decoder.chunk(chunk, offset + (number * evtx::CHUNK) as u64, &mut batch);
            }
        }
        Format::Text => {
            let mut decoder = text::Decoder::new(SHAPES);
            let grows = keep_tail && task.range.end == content.bytes().len();
            let taken = decoder.feed(bytes, offset, task.line, !grows, &mut batch).min(bytes.len());
            if grows {
                let lines = memchr::memchr_iter(b'\n', bytes.get(..taken).unwrap_or_default()).count();
                let line = task.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
                tail = Some(Tail { decoder, offset: offset + taken as u64, line });
            }
        }
        Format::Unknown => {}
    }
    (batch, tail)
}

/// What is said of a place where a decoder panicked.
pub const DEFECT: &str = "the decoder failed here, which is a defect of logonscope: please report it with this place";

/// Runs a piece of work; a defect of a decoder becomes an unreadable place instead of the end of the run.
fn work_guarded(task: &Task, content: &Content, format: Format, keep_tail: bool) -> (Batch, Option<Tail>) {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work(task, content, format, keep_tail))).unwrap_or_else(|_| {
        let mut batch = Batch::new(InputId::new(task.input));
        batch.unreadable(Unreadable { offset: task.range.start as u64, line: task.line, record: 0, reason: DEFECT.to_owned() });
        (batch, None)
    })
}

/// Moves a batch into the tables of the run.
pub fn take_over(batch: Batch, names: &mut Interner, status: &mut InputStatus, into: &mut Vec<AuthEvent>) {
    let mut remap = Remap::default();
    let (from, events, tally) = batch.finish();
    status.tally.merge(&tally, |symbol| remap.translate(&from, names, symbol));
    into.extend(events.into_iter().map(|mut event| {
        event.translate(|symbol| remap.translate(&from, names, symbol));
        event
    }));
}

/// The order of events: time, then record number, then place in the inputs.
pub fn sort(events: &mut [AuthEvent]) {
    events.sort_by_key(|event| (event.at, event.record));
}

/// An input made ready for reading.
pub struct Opened {
    pub path: PathBuf,
    /// What is in it, or why it cannot be read and what to do.
    pub content: Result<(Content, Format), String>,
}

impl Opened {
    #[must_use]
    pub fn file(path: PathBuf) -> Self {
        Self { content: open(&path), path }
    }
    /// Bytes that are in memory: standard input read to its end, an embedded recording.
    #[must_use]
    pub fn memory(name: &str, bytes: Arc<[u8]>) -> Self {
        let content = format_of(&bytes, name).map(|format| (Content::Memory(bytes), format));
        Self { path: PathBuf::from(name), content }
    }
    /// A stream that is read later, as it comes.
    #[must_use]
    pub fn stream(name: &str) -> Self {
        Self { path: PathBuf::from(name), content: Ok((Content::Memory(Arc::from([])), Format::Unknown)) }
    }
}

/// How inputs are read.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// Leave an incomplete last record of a text input alone: it is still being written.
    pub keep_tail: bool,
    /// Threads that decode, at least 1. What is read does not depend on it.
    pub threads: usize,
}

impl Default for Reading {
    fn default() -> Self {
        Self { keep_tail: false, threads: std::thread::available_parallelism().map_or(1, usize::from) }
    }
}

/// Reads all inputs to their ends. `progress` hears of bytes done and bytes in all; returning `false` stops early.
pub fn load(opened: &[Opened], reading: Reading, progress: &mut dyn FnMut(u64, u64, &[InputStatus]) -> bool) -> Loaded {
    let mut loaded = Loaded::default();
    for (number, input) in opened.iter().enumerate() {
        let mut status =
            InputStatus { id: InputId::new(number), path: input.path.clone(), state: InputState::Reading, ..InputStatus::default() };
        match &input.content {
            Ok((content, format)) => {
                status.bytes = content.bytes().len() as u64;
                status.format = *format;
            }
            Err(problem) => {
                status.state = InputState::Failed;
                status.problem = Some(problem.clone());
            }
        }
        loaded.inputs.push(status);
    }
    read_all(opened, reading, &mut loaded, progress);
    for status in loaded.inputs.iter_mut().filter(|status| status.state == InputState::Reading) {
        status.state = InputState::Done;
        if status.records > 0 && status.unknown == status.records && status.format == Format::Text {
            status.state = InputState::Failed;
            status.problem = Some(format!("{} holds no logon events in a known shape", status.path.display()));
        }
    }
    sort(&mut loaded.events);
    loaded
}

fn read_all(opened: &[Opened], reading: Reading, loaded: &mut Loaded, progress: &mut dyn FnMut(u64, u64, &[InputStatus]) -> bool) {
    let (threads, keep_tail) = (reading.threads.max(1), reading.keep_tail);
    let total: u64 = loaded.inputs.iter().map(|status| status.bytes).sum();
    let (tasks, waiting) = crossbeam_channel::bounded::<Task>(threads);
    let (results, done) = crossbeam_channel::bounded::<(Task, Batch, Option<Tail>)>(threads);
    // A credit is taken for each piece sent out and given back when the piece was taken over in its turn.
    let (credits, spent) = crossbeam_channel::bounded::<()>(threads * BLOCKS_IN_FLIGHT);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let mut number = 0;
            for (input, content) in opened.iter().enumerate() {
                let Ok((content, format)) = &content.content else { continue };
                for (range, line) in pieces(content, *format) {
                    if credits.send(()).is_err() || tasks.send(Task { number, input, range, line }).is_err() {
                        return;
                    }
                    number += 1;
                }
            }
        });
        for _ in 0..threads {
            let (waiting, results) = (waiting.clone(), results.clone());
            scope.spawn(move || {
                for task in waiting {
                    let Some(Ok((content, format))) = opened.get(task.input).map(|opened| &opened.content) else { continue };
                    let (batch, tail) = work_guarded(&task, content, *format, keep_tail);
                    if results.send((task, batch, tail)).is_err() {
                        return;
                    }
                }
            });
        }
        drop((waiting, results));
        let mut next = 0;
        let mut early: BTreeMap<usize, (Task, Batch)> = BTreeMap::new();
        let mut bytes_done = 0;
        for (task, batch, tail) in &done {
            if let Some(tail) = tail {
                loaded.tails.insert(task.input, tail);
            }
            early.insert(task.number, (task, batch));
            while let Some((task, batch)) = early.remove(&next) {
                next += 1;
                let _ = spent.recv();
                let read = task.range.len() as u64;
                bytes_done += read;
                if let Some(status) = loaded.inputs.get_mut(task.input) {
                    status.bytes_read += read;
                    take_over(batch, &mut loaded.names, status, &mut loaded.events);
                }
            }
            if !progress(bytes_done, total, &loaded.inputs) {
                break;
            }
        }
        drop((done, spent));
    });
}
