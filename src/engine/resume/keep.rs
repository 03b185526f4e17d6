//! Writes down what followed inputs give, before it is decoded.
//!
//! A file that is followed for the first time is kept from where its reading ended; one that an earlier run followed
//! already from where that run stopped, so that nothing is missing when it is gone one day.

use super::home::Home;
use crate::base::evtx_chunk::{CHUNK, CHUNK_HEADER, ChunkHeader, FILE_HEADER, Found, record_at, u64_at};
use crate::source::follow::{EvtxPiece, FollowEvtx, FollowText, TextPiece};
use crate::source::identity::Identity;
use crate::source::journal::{FoundStream, Journal, Origin, OriginKind, StreamId};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// First record of a chunk: when it was written, and its number.
type Who = (u64, u64);

/// How far an earlier run kept a file that is still there.
struct Known {
    stream: StreamId,
    /// Of a text.
    end: u64,
    /// Of the chunks of a log.
    chunks: BTreeMap<Who, usize>,
}

/// The journal, and which stream each followed file is.
pub struct Keeping {
    journal: Arc<Journal>,
    known: BTreeMap<PathBuf, Known>,
    /// By number of the input and of the file that stands or stood under its name.
    streams: BTreeMap<(usize, u32), StreamId>,
    stdin: Option<StreamId>,
    /// By number of the listener's input and layout, with where the next bytes go.
    sent: BTreeMap<(usize, bool), (StreamId, u64)>,
}

/// Bytes kept as one piece of what was read already.
const STEP: usize = 1 << 20;

fn origin(kind: OriginKind, path: &Path, file: Option<(Identity, &[u8])>) -> Origin {
    let (id, head) = file.map_or((None, Vec::new()), |(id, head)| (Some(id), head.to_vec()));
    Origin { kind, name: path.to_string_lossy().into_owned(), file: id, head }
}

fn who(chunk: &[u8]) -> Option<(Who, usize)> {
    let header = ChunkHeader::read(chunk)?;
    let written = u64_at(chunk, CHUNK_HEADER + 16)?;
    (header.free > CHUNK_HEADER && written > 0).then_some(((written, header.first), header.free.min(chunk.len())))
}

/// Records of a chunk that begin at `from` or later.
fn records(chunk: &[u8], mut from: usize) -> u32 {
    let mut count = 0;
    while let Found::Record { size, .. } = record_at(chunk, from) {
        count += 1;
        from += size;
    }
    count
}

impl Keeping {
    pub(super) const fn new(journal: Arc<Journal>) -> Self {
        Self { journal, known: BTreeMap::new(), streams: BTreeMap::new(), stdin: None, sent: BTreeMap::new() }
    }

    /// The journal, for those that take in bytes elsewhere.
    #[must_use]
    pub fn journal(&self) -> Arc<Journal> {
        Arc::clone(&self.journal)
    }

    /// Whether a path is of what was put together for this start.
    #[must_use]
    pub fn is_made(&self, path: &Path) -> bool {
        path.starts_with(self.journal.folder().join(super::KEPT))
    }

    /// A stream of an earlier run, and the files that may go on with it.
    pub(super) fn known(&mut self, stream: StreamId, found: &FoundStream, homes: &mut [Home]) -> io::Result<()> {
        let Some(last) = found.pieces.last() else { return Ok(()) };
        let mut chunks = BTreeMap::new();
        if found.origin.kind == OriginKind::Log {
            for chunk in super::chunks(found)? {
                let (first, written) = chunk.who;
                chunks.insert((written, first), chunk.length());
            }
        }
        for home in homes {
            let is_it = Some(home.id) == found.origin.file
                && match found.origin.kind {
                    OriginKind::Log => true,
                    _ => home.holds(last.offset, last) && home.common(0, &found.origin.head) == found.origin.head.len(),
                };
            if is_it {
                let end = last.offset + last.length() as u64;
                self.known.insert(home.path.clone(), Known { stream, end, chunks: chunks.clone() });
            }
        }
        Ok(())
    }

    /// Begins to keep a text that was read as `bytes`, of which nothing from `rest` on was a whole record yet.
    ///
    /// # Errors
    /// It could not be kept.
    pub fn begin_text(
        &mut self,
        input: usize,
        path: &Path,
        file: Option<(Identity, &[u8])>,
        bytes: &[u8],
        rest: (u64, u32),
    ) -> io::Result<()> {
        let known = self.known.remove(path).filter(|known| known.end <= bytes.len() as u64);
        let (stream, start, line) = match known {
            Some(known) => (known.stream, known.end, 0),
            None => (self.journal.stream(origin(OriginKind::Text, path, file)), rest.0, rest.1),
        };
        self.streams.insert((input, 0), stream);
        let behind = usize::try_from(start).ok().and_then(|start| bytes.get(start..)).unwrap_or_default();
        let mut at = start;
        // A piece without bytes says where the watching began.
        for step in behind.chunks(STEP).chain(behind.is_empty().then_some(behind)) {
            self.journal.append(stream, at, line, step)?;
            at += step.len() as u64;
        }
        Ok(())
    }

    /// Begins to keep a log that was read as `bytes`.
    ///
    /// # Errors
    /// It could not be kept.
    pub fn begin_log(&mut self, input: usize, path: &Path, file: Option<(Identity, &[u8])>, bytes: &[u8]) -> io::Result<()> {
        let slots = || bytes.get(FILE_HEADER..).unwrap_or_default().chunks(CHUNK).zip((FILE_HEADER as u64..).step_by(CHUNK));
        let known = self.known.remove(path);
        let newest = match &known {
            Some(known) => known.chunks.keys().next_back().copied(),
            // Nothing was kept yet: the newest chunk says where the watching began.
            None => slots().filter_map(|(chunk, _)| Some(who(chunk)?.0)).max(),
        };
        let stream = known.as_ref().map_or_else(|| self.journal.stream(origin(OriginKind::Log, path, file)), |known| known.stream);
        self.streams.insert((input, 0), stream);
        for (chunk, offset) in slots() {
            let Some((who, end)) = who(chunk) else { continue };
            let is_kept = match known.as_ref().and_then(|known| known.chunks.get(&who)) {
                Some(kept) => *kept >= end,
                None => newest.is_some_and(|newest| who < newest),
            };
            if !is_kept {
                let chunk = chunk.get(..end).unwrap_or_default();
                self.journal.append_chunk(stream, offset, chunk, records(chunk, CHUNK_HEADER))?;
            }
        }
        Ok(())
    }

    /// Keeps new text.
    ///
    /// # Errors
    /// It could not be kept.
    pub fn text(&mut self, input: usize, path: &Path, followed: &FollowText, piece: &TextPiece) -> io::Result<()> {
        let begin = || {
            let file = followed.file(piece.file).map(|(id, head)| (id, if head.is_empty() { piece.bytes.as_slice() } else { head }));
            self.journal.stream(origin(OriginKind::Text, path, file))
        };
        let stream = *self.streams.entry((input, piece.file)).or_insert_with(begin);
        self.journal.append(stream, piece.offset, piece.line, &piece.bytes)
    }

    /// Keeps new records of a log.
    ///
    /// # Errors
    /// They could not be kept.
    pub fn log(&mut self, input: usize, path: &Path, followed: &FollowEvtx, piece: &EvtxPiece) -> io::Result<()> {
        let begin = || self.journal.stream(origin(OriginKind::Log, path, followed.file(piece.file)));
        let stream = *self.streams.entry((input, piece.file)).or_insert_with(begin);
        let chunk = piece.bytes.get(..piece.end).unwrap_or_default();
        self.journal.append_chunk(stream, piece.offset, chunk, records(chunk, piece.from))
    }

    /// Keeps what came on standard input at `offset`.
    ///
    /// # Errors
    /// It could not be kept.
    pub fn stdin(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let stream = *self.stdin.get_or_insert_with(|| self.journal.stream(origin(OriginKind::Bytes, Path::new("-"), None)));
        self.journal.append(stream, offset, 0, bytes)
    }
    /// Keeps records that came on a listener; XML and JSON apart, since they are read from one file each.
    ///
    /// # Errors
    /// They could not be kept.
    pub fn sent(&mut self, input: usize, name: &Path, is_xml: bool, bytes: &[u8]) -> io::Result<()> {
        let begin = || (self.journal.stream(origin(OriginKind::Bytes, name, None)), 0);
        let (stream, end) = self.sent.entry((input, is_xml)).or_insert_with(begin);
        // The next piece begins a line, also behind a body without an end of line.
        for bytes in [bytes, if bytes.ends_with(b"\n") { b"" } else { b"\n" }].into_iter().filter(|bytes| !bytes.is_empty()) {
            self.journal.append(*stream, *end, 0, bytes)?;
            *end += bytes.len() as u64;
        }
        Ok(())
    }
}
