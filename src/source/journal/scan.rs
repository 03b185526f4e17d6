//! Reads the segments of a folder: which pieces of which streams are where.
//!
//! Only places are kept, not bytes; those are read again when they are wanted. The end of the last segment is cut where
//! a frame was not written to its end.

use super::StreamId;
use super::frame::{self, Origin, OriginKind, Read};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where a piece of a stream is kept.
#[derive(Clone, Debug)]
pub struct Place {
    segment: Arc<Path>,
    head: (u64, usize),
    bytes: (u64, usize),
    /// Where it stands in the stream, and the line it begins in.
    pub offset: u64,
    pub line: u32,
    /// Where its bytes stand behind `offset`.
    pub from: u32,
    /// Checksum of its bytes.
    pub sum: u32,
}

impl Place {
    #[must_use]
    pub const fn length(&self) -> usize {
        self.bytes.1
    }
    /// Whether the bytes go behind the header of a chunk that came before.
    #[must_use]
    pub const fn is_rest(&self) -> bool {
        self.head.1 > 0
    }
    /// The header of the chunk, and the bytes.
    ///
    /// # Errors
    /// The segment cannot be read any more.
    pub fn read(&self) -> io::Result<(Vec<u8>, Vec<u8>)> {
        let mut file = File::open(&self.segment)?;
        let mut part = |(at, length): (u64, usize)| {
            let mut bytes = vec![0; length];
            file.seek(SeekFrom::Start(at))?;
            file.read_exact(&mut bytes)?;
            io::Result::Ok(bytes)
        };
        Ok((part(self.head)?, part(self.bytes)?))
    }
}

/// A stream that was begun by this or an earlier run.
#[derive(Clone, Debug)]
pub struct FoundStream {
    pub origin: Origin,
    /// In the order they came.
    pub pieces: Vec<Place>,
}

/// What a folder keeps.
#[derive(Clone, Debug, Default)]
pub struct Found {
    pub streams: BTreeMap<StreamId, FoundStream>,
    /// Records dropped by earlier runs.
    pub dropped: u64,
    /// What was wrong, for people.
    pub said: Vec<String>,
}

pub(super) struct Scanned {
    pub path: PathBuf,
    pub number: u64,
    pub bytes: u64,
    /// Records that are nowhere else, and records of files; a piece without a whole record counts as one here.
    pub only: u64,
    pub of_files: u64,
}

pub(super) fn segment_path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:010}.journal"))
}

fn number_of(path: &Path) -> Option<u64> {
    let is_segment = path.extension().is_some_and(|ending| ending == "journal");
    path.file_stem()?.to_str()?.parse().ok().filter(|_| is_segment)
}

pub(super) fn scan(folder: &Path) -> io::Result<(Found, Vec<Scanned>)> {
    let mut paths: Vec<(u64, PathBuf)> = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        paths.extend(number_of(&path).map(|number| (number, path)));
    }
    paths.sort();
    let mut found = Found::default();
    let mut scanned = Vec::new();
    for (number, path) in paths {
        scanned.push(segment(number, path, &mut found)?);
    }
    Ok((found, scanned))
}

fn segment(number: u64, path: PathBuf, found: &mut Found) -> io::Result<Scanned> {
    let bytes = std::fs::read(&path)?;
    let shared: Arc<Path> = Arc::from(path.as_path());
    let mut scanned = Scanned { path, number, bytes: bytes.len() as u64, only: 0, of_files: 0 };
    let mut at = 0;
    while at < bytes.len() {
        match frame::read(&bytes, at) {
            Some((frame, next)) => {
                take(frame, &bytes, &shared, found, &mut scanned);
                at = next;
            }
            None => {
                let behind = std::iter::successors(frame::next_mark(&bytes, at + 1), |mark| frame::next_mark(&bytes, mark + 1));
                match behind.into_iter().find(|mark| frame::read(&bytes, *mark).is_some()) {
                    Some(next) => {
                        found.said.push(format!("{}: a damaged piece at byte {at} is passed over ({} bytes)", shared.display(), next - at));
                        at = next;
                    }
                    None => {
                        let rest = bytes.len() - at;
                        found.said.push(format!(
                            "{}: the last piece was not written to its end ({rest} bytes are cut off); it is read again where its source keeps it",
                            shared.display()
                        ));
                        OpenOptions::new().write(true).open(&shared)?.set_len(at as u64)?;
                        scanned.bytes = at as u64;
                        break;
                    }
                }
            }
        }
    }
    Ok(scanned)
}

fn take(frame: Read, segment: &[u8], path: &Arc<Path>, found: &mut Found, scanned: &mut Scanned) {
    match frame {
        Read::Segment(dropped) => found.dropped = found.dropped.max(dropped),
        Read::Stream(id, origin) => {
            found.streams.entry(StreamId(id)).or_insert_with(|| FoundStream { origin, pieces: Vec::new() });
        }
        Read::Piece { stream, offset, line, from, records, head, bytes } => {
            let Some(stream) = found.streams.get_mut(&StreamId(stream)) else { return };
            match stream.origin.kind {
                OriginKind::Bytes => scanned.only += u64::from(records.max(1)),
                OriginKind::Text | OriginKind::Log => scanned.of_files += u64::from(records.max(1)),
            }
            let sum = crc32fast::hash(segment.get(bytes.clone()).unwrap_or_default());
            let place = |range: std::ops::Range<usize>| (range.start as u64, range.len());
            let segment = Arc::clone(path);
            stream.pieces.push(Place { segment, head: place(head), bytes: place(bytes), offset, line, from, sum });
        }
    }
}
