//! What this program took in that nobody else keeps for sure, on disk: `--resume DIR`.
//!
//! Pieces are appended to segments as frames with a checksum, before anything is done with them, so that a program that
//! is killed finds them again. A frame that was not written to its end is cut off, a damaged one is passed over, both are
//! said. Segments of the size limit's oldest end are dropped and counted. What a piece means, and whether its file still
//! holds it, is not known here. It survives the end of the program, however that comes; of a power failure it survives
//! what the system had written to the disk by then.

mod frame;
mod scan;

pub use frame::{Origin, OriginKind};
pub use scan::{Found, FoundStream, Place};

use crate::base::evtx_chunk::{CHUNK_HEADER, u64_at};
use frame::{Body, Piece};
use std::collections::{BTreeMap, VecDeque};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How much is kept.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of one segment; a piece more may be in it.
    pub segment: u64,
    /// Bytes of all segments; the oldest goes when there are more.
    pub all: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { segment: 16 << 20, all: 1 << 30 }
    }
}

/// Why a folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    #[error("--resume {0} is used by another logonscope: end that one first, or give another folder")]
    InUse(String),
    #[error("--resume {path} cannot be used: {reason}; give a folder that can be written")]
    Unusable { path: String, reason: io::Error },
}

/// A stream that pieces are appended to: one file, one listener, one run's standard input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StreamId(u64);

#[derive(Debug)]
struct Segment {
    path: PathBuf,
    bytes: u64,
    /// Records that were nowhere else, and records of files.
    only: u64,
    of_files: u64,
}

#[derive(Debug)]
struct Stream {
    origin: Origin,
    /// The segment that says who the stream is.
    said_in: u64,
    /// Chunks of a log whose beginning is in this segment: place and first record, up to where.
    chunks: BTreeMap<(u64, u64, u64), usize>,
}

#[derive(Debug)]
struct Inner {
    folder: PathBuf,
    limits: Limits,
    streams: BTreeMap<StreamId, Stream>,
    next_stream: u64,
    /// Oldest first, the current one last.
    segments: VecDeque<Segment>,
    number: u64,
    file: Option<File>,
    dropped: u64,
    said: Vec<String>,
}

/// The journal of one running program; it may be appended to from several threads.
#[derive(Debug)]
pub struct Journal {
    inner: Mutex<Inner>,
    folder: PathBuf,
    /// Held as long as the program runs; the system gives it back however that ends.
    _lock: File,
}

fn lock(folder: &Path) -> Result<File, JournalError> {
    let name = || crate::base::text::clean(&folder.to_string_lossy()).into_owned();
    let unusable = |reason| JournalError::Unusable { path: name(), reason };
    std::fs::create_dir_all(folder).map_err(unusable)?;
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(folder.join("lock")).map_err(unusable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(JournalError::InUse(name())),
        Err(TryLockError::Error(reason)) => Err(unusable(reason)),
    }
}

impl Journal {
    /// Opens the journal of a folder, which is made where it does not exist, and says what is in it.
    ///
    /// # Errors
    /// The folder is in use or cannot be written.
    pub fn open(folder: &Path, limits: Limits) -> Result<(Self, Found), JournalError> {
        let lock = lock(folder)?;
        let unusable = |reason| JournalError::Unusable { path: crate::base::text::clean(&folder.to_string_lossy()).into_owned(), reason };
        let (found, segments) = scan::scan(folder).map_err(unusable)?;
        let number = segments.last().map_or(0, |segment| segment.number);
        let mut inner = Inner {
            folder: folder.to_path_buf(),
            limits,
            streams: BTreeMap::new(),
            next_stream: found.streams.keys().next_back().map_or(0, |last| last.0 + 1),
            segments: VecDeque::new(),
            number,
            file: None,
            dropped: found.dropped,
            said: Vec::new(),
        };
        for scan::Scanned { path, bytes, only, of_files, .. } in segments {
            if only + of_files > 0 {
                inner.segments.push_back(Segment { path, bytes, only, of_files });
            } else {
                // Of a run in which nothing came.
                let _ = std::fs::remove_file(path);
            }
        }
        for (id, stream) in &found.streams {
            inner.streams.insert(*id, Stream { origin: stream.origin.clone(), said_in: u64::MAX, chunks: BTreeMap::new() });
        }
        inner.next_segment().map_err(unusable)?;
        Ok((Self { inner: Mutex::new(inner), folder: folder.to_path_buf(), _lock: lock }, found))
    }

    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new stream. It is written down with its first piece.
    pub fn stream(&self, origin: Origin) -> StreamId {
        let mut inner = self.inner();
        let id = StreamId(inner.next_stream);
        inner.next_stream += 1;
        inner.streams.insert(id, Stream { origin, said_in: u64::MAX, chunks: BTreeMap::new() });
        id
    }

    /// Appends bytes that stand at `offset` of the stream; `line` is the line they begin in. When this returns the bytes
    /// are found again by the next start.
    ///
    /// # Errors
    /// They could not be written: the disk is full, or fails. Nothing of them is kept then.
    pub fn append(&self, stream: StreamId, offset: u64, line: u32, bytes: &[u8]) -> io::Result<()> {
        let records = memchr::memchr_iter(b'\n', bytes).count();
        let piece = Piece { offset, line, from: 0, records: u32::try_from(records).unwrap_or(u32::MAX), head: &[], bytes };
        self.inner().append(stream, &piece)
    }

    /// Appends what is new in the chunk of a log that stands at `offset`; `records` is how many.
    ///
    /// # Errors
    /// As `append`.
    pub fn append_chunk(&self, stream: StreamId, offset: u64, chunk: &[u8], records: u32) -> io::Result<()> {
        let mut inner = self.inner();
        inner.make_room()?;
        let key = (offset, u64_at(chunk, 24).unwrap_or(0), u64_at(chunk, CHUNK_HEADER + 16).unwrap_or(0));
        // Names and templates stand where the chunk first used them: each segment has every chunk from its beginning.
        let known = inner.streams.get(&stream).and_then(|stream| stream.chunks.get(&key).copied());
        let (head, start) = match known {
            Some(end) if end <= chunk.len() => (chunk.get(..CHUNK_HEADER).unwrap_or_default(), end),
            _ => (&[][..], 0),
        };
        let bytes = chunk.get(start..).unwrap_or_default();
        let from = u32::try_from(start).unwrap_or(0);
        inner.append(stream, &Piece { offset, line: 0, from, records, head, bytes })?;
        if let Some(stream) = inner.streams.get_mut(&stream) {
            stream.chunks.insert(key, chunk.len());
        }
        Ok(())
    }

    /// Records that were kept here alone and went with the oldest segments, since the folder is used.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.inner().dropped
    }

    /// What is to be said to people since the last call.
    #[must_use]
    pub fn take_said(&self) -> Vec<String> {
        std::mem::take(&mut self.inner().said)
    }
}

impl Inner {
    fn make_room(&mut self) -> io::Result<()> {
        let is_full = self.segments.back().is_some_and(|segment| segment.bytes >= self.limits.segment);
        if is_full || self.file.is_none() { self.next_segment() } else { Ok(()) }
    }

    fn append(&mut self, id: StreamId, piece: &Piece<'_>) -> io::Result<()> {
        self.make_room()?;
        let Some(stream) = self.streams.get_mut(&id) else { return Err(io::Error::other("a stream that was not begun")) };
        let mut bytes = Vec::with_capacity(piece.bytes.len() + piece.head.len() + 64);
        if stream.said_in != self.number {
            frame::put(&mut bytes, &Body::Stream(id.0, &stream.origin));
        }
        frame::put(&mut bytes, &Body::Piece(id.0, piece));
        self.write(&bytes)?;
        let Some(stream) = self.streams.get_mut(&id) else { return Ok(()) };
        stream.said_in = self.number;
        if let Some(segment) = self.segments.back_mut() {
            match stream.origin.kind {
                OriginKind::Bytes => segment.only += u64::from(piece.records),
                OriginKind::Text | OriginKind::Log => segment.of_files += u64::from(piece.records),
            }
        }
        Ok(())
    }

    /// Writes whole frames, or nothing.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let (Some(file), Some(segment)) = (&mut self.file, self.segments.back_mut()) else { return Err(io::Error::other("no segment")) };
        let written = file.write_all(bytes);
        if written.is_ok() {
            segment.bytes += bytes.len() as u64;
        } else if file.set_len(segment.bytes).is_err() {
            // Its end is torn now: nothing more is written behind it.
            self.file = None;
        }
        written
    }

    fn next_segment(&mut self) -> io::Result<()> {
        self.drop_oldest();
        let number = self.number + 1;
        let path = scan::segment_path(&self.folder, number);
        let mut file = OpenOptions::new().append(true).create_new(true).open(&path)?;
        let mut head = Vec::new();
        frame::put(&mut head, &Body::Segment(self.dropped));
        if let Err(error) = file.write_all(&head) {
            // The next try makes it anew.
            let _ = std::fs::remove_file(&path);
            return Err(error);
        }
        self.number = number;
        self.file = Some(file);
        self.segments.push_back(Segment { path, bytes: head.len() as u64, only: 0, of_files: 0 });
        self.streams.values_mut().for_each(|stream| stream.chunks.clear());
        Ok(())
    }

    fn drop_oldest(&mut self) {
        let mut bytes: u64 = self.segments.iter().map(|segment| segment.bytes).sum();
        while bytes > self.limits.all && self.segments.len() > 1 {
            let Some(oldest) = self.segments.pop_front() else { break };
            bytes -= oldest.bytes;
            if let Err(error) = std::fs::remove_file(&oldest.path) {
                self.said.push(format!("{} could not be removed: {error}", oldest.path.display()));
            }
            self.dropped += oldest.only;
            if oldest.only + oldest.of_files > 0 {
                self.said.push(format!(
                    "the resume folder is full: its oldest {} records of streams are dropped, and {} of files, which are missed only where the file is gone",
                    oldest.only, oldest.of_files
                ));
            }
        }
        // Nobody takes them while nothing is watched.
        let excess = self.said.len().saturating_sub(SAID_KEPT);
        self.said.drain(..excess);
    }
}

/// Sentences that wait for somebody to say them.
const SAID_KEPT: usize = 16;
