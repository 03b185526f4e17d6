//! Inputs made ready for reading, and what a reading of all of them gives.

use super::ingest::{self, Taker};
pub use super::ingest::{Finished, Reading};
use super::limits::PROBE_BYTES;
use super::raw::Pieces;
use crate::base::intern::{Interner, Remap};
use crate::decode::{self, Sniffed, text};
use crate::model::event::AuthEvent;
use crate::model::input::{Format, InputStatus};
use crate::normalise::batch::Batch;
use crate::normalise::shape::SHAPES;
use crate::source::file::{Mapped, Part};
use crate::source::listen::Listener;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

/// The bytes of a recorded input.
pub enum Content {
    /// The file of the input's own path, which may grow.
    File(Mapped),
    /// What was unpacked or came on standard input: its path names no file.
    Unpacked(Part),
    Memory(Arc<[u8]>),
    /// What comes on a listener, and what is kept of it for raw records.
    Listener(Arc<Listener>, Arc<Mutex<Pieces>>),
}

impl Content {
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::File(file) => file.bytes(),
            Self::Unpacked(part) => part.bytes(),
            Self::Memory(bytes) => bytes,
            Self::Listener(..) => &[],
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

/// What the bytes are, by a look at their beginning.
///
/// # Errors
/// They are no logon source; the text says what to do.
pub fn format_of(bytes: &[u8], name: &str) -> Result<Format, String> {
    match decode::sniff(bytes) {
        Sniffed::Evtx => Ok(Format::Evtx),
        Sniffed::PreVistaEvt => {
            Err(format!("{name} is a log of before Windows Vista (.evt): convert it first, for example with `wevtutil epl` on Windows"))
        }
        Sniffed::Empty => Ok(Format::Unknown),
        Sniffed::Unknown => {
            Err(format!("{name} is no Windows event log (.evtx), no JSON, XML or CSV: give a log, or a folder that holds logs"))
        }
        Sniffed::Json | Sniffed::Xml | Sniffed::Csv | Sniffed::Utf16Text => Ok(Format::Text),
    }
}

/// What is said of an input in which no record was of a known shape.
#[must_use]
pub fn nothing_known(status: &InputStatus) -> String {
    let first =
        status.places.all().first().map(|first| format!(" (line {}: {})", first.at.line.max(1), first.at.reason)).unwrap_or_default();
    format!(
        "{} holds no Windows logon events or Entra sign-ins in a known shape{first}: `logonscope --help` lists the shapes",
        status.path.display()
    )
}

/// Where the reading of a text input stopped, so that it goes on there when the input grows: the decoder knows the
/// header of a CSV, the envelope it is in and the shape in force.
pub struct Tail {
    pub decoder: text::Decoder,
    /// First byte that was not taken, and its line.
    pub offset: u64,
    pub line: u32,
}

/// What is said of a place where a decoder panicked.
pub const DEFECT: &str = "the decoder failed here, which is a defect of logonscope: please report it with this place";

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
    /// What is missing of a content that could be read in part.
    pub problem: Option<String>,
}

impl Opened {
    #[must_use]
    pub fn file(path: PathBuf) -> Self {
        match Mapped::open(&path) {
            Ok(file) => Self::content(path, Content::File(file), None),
            Err(error) => Self::unreadable(path, &error),
        }
    }
    /// Bytes that are at hand, under this path.
    #[must_use]
    pub fn content(path: PathBuf, content: Content, problem: Option<String>) -> Self {
        let content = match problem {
            Some(problem) if content.bytes().is_empty() => return Self { path, content: Err(problem), problem: None },
            _ => format_of(content.bytes(), &path.display().to_string()).map(|format| (content, format)),
        };
        Self { path, content, problem }
    }
    /// A file that the system does not give.
    #[must_use]
    pub fn unreadable(path: PathBuf, error: &std::io::Error) -> Self {
        Self { content: Err(format!("cannot read {}: {error}", path.display())), path, problem: None }
    }
    /// Why the input as a whole is no logon source, where its beginning shows that: small texts without any known record.
    #[must_use]
    pub fn refusal(&self) -> Option<String> {
        let Ok((content, Format::Text)) = &self.content else { return None };
        let bytes = content.bytes();
        if bytes.len() > PROBE_BYTES {
            return None;
        }
        let mut probe = Batch::default();
        text::Decoder::new(SHAPES).feed(bytes, 0, 1, true, &mut probe);
        let status = InputStatus { path: self.path.clone(), tally: probe.tally, ..InputStatus::default() };
        (status.records == status.unknown).then(|| nothing_known(&status))
    }
    /// Bytes that are in memory: standard input read to its end, an embedded recording.
    #[must_use]
    pub fn memory(name: &str, bytes: Arc<[u8]>) -> Self {
        Self::content(PathBuf::from(name), Content::Memory(bytes), None)
    }
    /// An address that is listened on.
    #[must_use]
    pub fn listener(listener: Listener) -> Self {
        let path = PathBuf::from(listener.address().to_string());
        Self { path, content: Ok((Content::Listener(Arc::new(listener), Arc::default()), Format::Unknown)), problem: None }
    }
    /// A stream that is read later, as it comes.
    #[must_use]
    pub fn stream(name: &str) -> Self {
        Self { path: PathBuf::from(name), content: Ok((Content::Memory(Arc::from([])), Format::Unknown)), problem: None }
    }
}

/// Hears of bytes done, bytes in all and the inputs; `false` stops the reading.
type Progress<'a> = &'a mut dyn FnMut(u64, u64, &[InputStatus]) -> bool;

/// Collects everything, for what needs all events at hand: a replay.
#[derive(Default)]
struct Collected<'a> {
    events: Vec<AuthEvent>,
    names: Interner,
    progress: Option<Progress<'a>>,
}

impl Taker for Collected<'_> {
    fn names(&mut self) -> &mut Interner {
        &mut self.names
    }
    fn take(&mut self, event: AuthEvent) {
        self.events.push(event);
    }
    fn start_over(&mut self) {
        self.events.clear();
    }
    fn progress(&mut self, done: u64, total: u64, inputs: &[InputStatus]) -> bool {
        self.progress.as_mut().is_none_or(|progress| progress(done, total, inputs))
    }
}

/// Reads all inputs to their ends.
pub fn load(opened: &[Opened], reading: Reading, progress: Progress<'_>) -> Loaded {
    let mut collected = Collected { progress: Some(progress), ..Collected::default() };
    let Finished { inputs, tails } = ingest::read(opened, reading, &mut collected);
    Loaded { events: collected.events, names: collected.names, inputs, tails }
}
