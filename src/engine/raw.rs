//! Reads a record again for people to see.

use super::handle::RawSource;
use super::load::{Content, Opened};
use crate::decode::{Sniffed, evtx, sniff, text};
use crate::model::event::Provenance;
use crate::model::input::Format;
use crate::model::raw::RawRecord;
use crate::source::file::{Mapped, Part};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, RwLock};

/// Where the records of one input can be read again.
#[derive(Clone)]
pub enum Kept {
    /// What it is is looked up when it is read: it may have been empty at first.
    File(PathBuf),
    Unpacked(Part, Format),
    Memory(Arc<[u8]>, Format),
    /// Standard input as it came: pieces by offset, the oldest may be gone.
    Stream(Arc<Mutex<Pieces>>),
    /// What came on a listener: pieces by offset, each record tells its format itself.
    Listened(Arc<Mutex<Pieces>>),
}

/// First bytes of a stream that are always kept: they hold the header line of CSV.
const HEAD: usize = 4_096;

/// The newest bytes of a stream.
#[derive(Default)]
pub struct Pieces {
    pieces: std::collections::VecDeque<(u64, Vec<u8>)>,
    bytes: usize,
    head: Vec<u8>,
}

impl Pieces {
    pub fn push(&mut self, offset: u64, bytes: Vec<u8>, most: usize) {
        if self.head.len() < HEAD {
            self.head.extend(bytes.iter().take(HEAD - self.head.len()));
        }
        self.bytes += bytes.len();
        self.pieces.push_back((offset, bytes));
        while self.bytes > most && self.pieces.len() > 1 {
            self.bytes -= self.pieces.pop_front().map_or(0, |(_, piece)| piece.len());
        }
    }
    /// The first bytes of the stream, which tell its format.
    fn first(&self) -> &[u8] {
        &self.head
    }
    fn from(&self, offset: u64) -> Option<&[u8]> {
        self.pieces
            .iter()
            .find_map(|(start, piece)| piece.get(usize::try_from(offset.checked_sub(*start)?).ok()?..))
            .filter(|rest| !rest.is_empty())
    }
}

/// Raw records of all inputs, by input number.
pub struct Records(RwLock<Vec<Option<Kept>>>);

fn read(bytes: &[u8], format: Format, offset: u64) -> Result<RawRecord, String> {
    match format {
        Format::Evtx => evtx::raw_record(bytes, offset),
        Format::Text | Format::Unknown => {
            let rest = usize::try_from(offset).ok().and_then(|offset| bytes.get(offset..));
            text::raw_record(bytes, rest.ok_or("the input is shorter now than when it was read: press F5 to read it again")?)
        }
    }
}

impl RawSource for Records {
    fn raw(&self, at: Provenance) -> Result<RawRecord, String> {
        let kept = self.0.read().ok().and_then(|list| list.get(at.input.index()).cloned().flatten());
        match kept {
            Some(Kept::File(path)) => {
                let file = Mapped::open(&path).map_err(|error| format!("cannot read {} again: {error}", path.display()))?;
                let format = if sniff(file.bytes()) == Sniffed::Evtx { Format::Evtx } else { Format::Text };
                read(file.bytes(), format, at.offset)
            }
            Some(Kept::Unpacked(part, format)) => read(part.bytes(), format, at.offset),
            Some(Kept::Memory(bytes, format)) => read(&bytes, format, at.offset),
            Some(Kept::Stream(pieces)) => {
                let pieces = pieces.lock().map_err(|_| "the stream's reader failed".to_owned())?;
                let rest = pieces.from(at.offset).ok_or("this record came long ago on standard input and is no longer kept")?;
                text::raw_record(pieces.first(), rest)
            }
            Some(Kept::Listened(pieces)) => {
                let pieces = pieces.lock().map_err(|_| "the stream's reader failed".to_owned())?;
                let rest = pieces.from(at.offset).ok_or("this record was sent long ago and is no longer kept")?;
                text::raw_record(rest, rest)
            }
            None => Err("the input of this record is not known".to_owned()),
        }
    }
}

impl Records {
    /// Where the records of these inputs can be read again.
    #[must_use]
    pub fn of(inputs: &[Opened], stream: &Arc<Mutex<Pieces>>) -> Self {
        Self(RwLock::new(inputs.iter().map(|input| kept(input, stream)).collect()))
    }
    /// One more input that was read, after the last.
    pub fn add_opened(&self, input: &Opened) {
        if let Ok(mut list) = self.0.write() {
            list.push(kept(input, &Arc::default()));
        }
    }
    /// The inputs of a run whose opening took its time; `stream` keeps what comes on standard input.
    pub fn begin(&self, inputs: &[Opened], stream: &Arc<Mutex<Pieces>>) {
        if let Ok(mut list) = self.0.write() {
            list.extend(inputs.iter().map(|input| kept(input, stream)));
        }
    }
    /// One more file, after the last input.
    pub fn add(&self, path: PathBuf) {
        if let Ok(mut list) = self.0.write() {
            list.push(Some(Kept::File(path)));
        }
    }
}

fn kept(input: &Opened, stream: &Arc<Mutex<Pieces>>) -> Option<Kept> {
    match &input.content {
        Ok((Content::File(_), _)) => Some(Kept::File(input.path.clone())),
        Ok((Content::Listener(_, pieces), _)) => Some(Kept::Listened(Arc::clone(pieces))),
        Ok((Content::Unpacked(part), format)) => Some(Kept::Unpacked(part.clone(), *format)),
        Ok((Content::Memory(_), Format::Unknown)) => Some(Kept::Stream(Arc::clone(stream))),
        Ok((Content::Memory(bytes), format)) => Some(Kept::Memory(Arc::clone(bytes), *format)),
        Err(_) => None,
    }
}
