//! Files that are being written. Each look (`poll`) gives what is new since the one before; nothing is given twice.
//!
//! Windows writes an event log in place: records appear inside the last chunk, whole chunks are added behind, the file
//! header stays stale while the log is open, and a full circular log goes on in its first chunk. So the header of the
//! file is not asked; three chunk headers are: that of the chunk written last, of the one behind it and of the first.

use super::identity::{Identity, identity};
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::PathBuf;

const FILE_HEADER: u64 = 4_096;
const CHUNK: usize = 65_536;
const CHUNK_HEADER: usize = 512;

/// Most chunks, and most bytes of text, taken in one look; the rest comes with the next.
const CHUNKS_AT_ONCE: usize = 64;
const TEXT_AT_ONCE: u64 = 4 << 20;

/// New records of one chunk.
pub struct EvtxPiece {
    /// The chunk up to the end of its last complete record.
    pub bytes: Vec<u8>,
    /// Where the chunk begins in the file.
    pub offset: u64,
    /// Where the new records begin in the chunk.
    pub from: usize,
}

/// New text.
pub struct TextPiece {
    pub offset: u64,
    /// Line at `offset`, from 1; only meant when the file was begun anew.
    pub line: u32,
    pub bytes: Vec<u8>,
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at.checked_add(4)?).and_then(|word| word.try_into().ok()).map(u32::from_le_bytes)
}

fn long(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..at.checked_add(8)?).and_then(|long| long.try_into().ok()).map(u64::from_le_bytes)
}

/// What a chunk header says: the numbers of its first and last record and the checksum of its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ChunkMark {
    first: u64,
    last: u64,
    checksum: u32,
}

impl ChunkMark {
    fn of(chunk: &[u8]) -> Option<Self> {
        if !chunk.starts_with(b"ElfChnk\0") {
            return None;
        }
        Some(Self { first: long(chunk, 24)?, last: long(chunk, 32)?, checksum: word(chunk, 52)? })
    }
}

/// Where the complete records of a chunk end, walking from `from`.
fn end_of_records(chunk: &[u8], from: usize) -> usize {
    let mut at = from;
    while chunk.get(at..at + 4) == Some(b"**\0\0") {
        let size = word(chunk, at + 4).map_or(0, |size| size as usize);
        let end = at.saturating_add(size);
        // The size stands at both ends of a record: one that is half written has no second one yet.
        if size < 28 || end > chunk.len() || word(chunk, end - 4) != u32::try_from(size).ok() {
            break;
        }
        at = end;
    }
    at
}

/// An event log that Windows writes.
#[derive(Debug)]
pub struct FollowEvtx {
    path: PathBuf,
    file: Option<(File, Identity)>,
    /// Number of the chunk written last.
    slot: u64,
    /// Where its records end that were given already.
    end: usize,
    current: Option<ChunkMark>,
    first: Option<ChunkMark>,
}

impl FollowEvtx {
    /// Watches from the beginning.
    #[must_use]
    pub const fn new(path: PathBuf) -> Self {
        Self { path, file: None, slot: 0, end: CHUNK_HEADER, current: None, first: None }
    }
    /// Watches from behind the records in `bytes`, the file as it was read.
    #[must_use]
    pub fn after(path: PathBuf, bytes: &[u8]) -> Self {
        let mut follow = Self::new(path);
        follow.file =
            File::open(&follow.path).ok().and_then(|file| Some((identity(&file.metadata().ok()?), file))).map(|(id, file)| (file, id));
        let chunks = bytes.get(usize::try_from(FILE_HEADER).unwrap_or(usize::MAX)..).unwrap_or_default().chunks(CHUNK);
        for (slot, chunk) in chunks.enumerate() {
            let Some(mark) = ChunkMark::of(chunk) else { continue };
            if slot == 0 {
                follow.first = Some(mark);
            }
            if follow.current.is_none_or(|current| mark.last >= current.last) {
                (follow.slot, follow.current) = (slot as u64, Some(mark));
                follow.end = end_of_records(chunk, CHUNK_HEADER);
            }
        }
        follow
    }
    fn start_over(&mut self) {
        (self.slot, self.end, self.current, self.first) = (0, CHUNK_HEADER, None, None);
    }
    /// New records since the last look.
    ///
    /// # Errors
    /// The file cannot be read now; the next look tries again.
    pub fn poll(&mut self) -> io::Result<Vec<EvtxPiece>> {
        let mut pieces = Vec::new();
        let on_disk = std::fs::metadata(&self.path).map(|metadata| identity(&metadata));
        if let Some((mut file, id)) = self.file.take() {
            self.look(&mut file, &mut pieces)?;
            match on_disk {
                // The log was archived under another name; what follows is in the new file.
                Ok(new) if new != id => self.start_over(),
                // Gone: perhaps the new one is about to appear. The old one is kept until then.
                _ => {
                    self.file = Some((file, id));
                    return Ok(pieces);
                }
            }
        }
        let mut file = File::open(&self.path)?;
        let id = identity(&file.metadata()?);
        self.look(&mut file, &mut pieces)?;
        self.file = Some((file, id));
        Ok(pieces)
    }
    fn header(file: &mut File, slot: u64) -> io::Result<Option<ChunkMark>> {
        let mut header = [0; 128];
        file.seek(SeekFrom::Start(FILE_HEADER + slot * CHUNK as u64))?;
        let mut read = 0;
        while let Some(rest) = header.get_mut(read..).filter(|rest| !rest.is_empty()) {
            match file.read(rest)? {
                0 => return Ok(None),
                more => read += more,
            }
        }
        Ok(ChunkMark::of(&header))
    }
    fn look(&mut self, file: &mut File, pieces: &mut Vec<EvtxPiece>) -> io::Result<()> {
        let first = Self::header(file, 0)?;
        if let Some(known) = self.first {
            let begun_anew = match first {
                // Emptied: cleared, and nothing written since.
                None => true,
                Some(first) => first.first != known.first || first.last < known.last || (self.slot > 0 && first.checksum != known.checksum),
            };
            if begun_anew {
                // Cleared, or a full circular log that goes on in front: either way the newest records are there.
                self.start_over();
            }
        }
        self.first = first;
        while pieces.len() < CHUNKS_AT_ONCE {
            let mark = Self::header(file, self.slot)?;
            if mark.is_some() && (mark != self.current || self.end == CHUNK_HEADER) {
                self.take(file, mark, pieces)?;
            }
            let newest = self.current.map_or(0, |current| current.last);
            match Self::header(file, self.slot + 1)? {
                Some(next) if self.current.is_some() && next.first > newest => {
                    self.slot += 1;
                    (self.end, self.current) = (CHUNK_HEADER, None);
                }
                _ => break,
            }
        }
        Ok(())
    }
    fn take(&mut self, file: &mut File, mark: Option<ChunkMark>, pieces: &mut Vec<EvtxPiece>) -> io::Result<()> {
        let offset = FILE_HEADER + self.slot * CHUNK as u64;
        let mut bytes = Vec::with_capacity(CHUNK);
        file.seek(SeekFrom::Start(offset))?;
        file.take(CHUNK as u64).read_to_end(&mut bytes)?;
        if ChunkMark::of(&bytes) != mark {
            // Written between the two reads: the next look sees it whole.
            return Ok(());
        }
        let end = end_of_records(&bytes, self.end);
        if end > self.end {
            bytes.truncate(end);
            pieces.push(EvtxPiece { bytes, offset, from: self.end });
            self.end = end;
        }
        self.current = mark;
        Ok(())
    }
}

/// A text file that something appends to.
#[derive(Debug)]
pub struct FollowText {
    path: PathBuf,
    file: Option<(File, Identity)>,
    offset: u64,
    line: u32,
}

impl FollowText {
    /// Watches from `offset`, where line `line` begins.
    #[must_use]
    pub fn after(path: PathBuf, offset: u64, line: u32) -> Self {
        let file = File::open(&path).ok().and_then(|file| Some((identity(&file.metadata().ok()?), file))).map(|(id, file)| (file, id));
        Self { path, file, offset, line }
    }
    /// New text since the last look.
    ///
    /// # Errors
    /// The file cannot be read now; the next look tries again.
    pub fn poll(&mut self) -> io::Result<Vec<TextPiece>> {
        let mut pieces = Vec::new();
        let on_disk = std::fs::metadata(&self.path).map(|metadata| identity(&metadata));
        if let Some((mut file, id)) = self.file.take() {
            self.read(&mut file, &mut pieces)?;
            match on_disk {
                Ok(new) if new != id => (self.offset, self.line) = (0, 1),
                _ => {
                    self.file = Some((file, id));
                    return Ok(pieces);
                }
            }
        }
        let mut file = File::open(&self.path)?;
        let id = identity(&file.metadata()?);
        self.read(&mut file, &mut pieces)?;
        self.file = Some((file, id));
        Ok(pieces)
    }
    fn read(&mut self, file: &mut File, pieces: &mut Vec<TextPiece>) -> io::Result<()> {
        let length = file.metadata()?.len();
        if length < self.offset {
            // Cut short in place (copytruncate): what is there now is new.
            (self.offset, self.line) = (0, 1);
        }
        if length == self.offset {
            return Ok(());
        }
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(self.offset))?;
        file.take(TEXT_AT_ONCE).read_to_end(&mut bytes)?;
        if !bytes.is_empty() {
            let lines = memchr::memchr_iter(b'\n', &bytes).count();
            let (offset, line) = (self.offset, self.line);
            self.offset += bytes.len() as u64;
            self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
            pieces.push(TextPiece { offset, line, bytes });
        }
        Ok(())
    }
}
