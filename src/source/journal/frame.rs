//! How a piece lies in a segment: a mark, the length, a checksum, and the body. Numbers are little-endian.
//!
//! The mark makes it possible to go on behind a damaged frame; the checksum is over length and body, so a frame is either
//! what was written or none.

use crate::source::identity::Identity;

const MARK: [u8; 4] = *b"\xf5LSJ";
/// Bytes of mark, length and checksum.
pub(super) const FRAME_HEAD: usize = 12;
/// No body is longer: what says so is damage.
const LONGEST: usize = 64 << 20;

/// What kind of thing a stream is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OriginKind {
    /// A listener or standard input: nobody else has the bytes.
    Bytes,
    /// A text file.
    Text,
    /// An event log.
    Log,
}

/// Where the bytes of a stream came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    pub kind: OriginKind,
    /// The path of the file as it was given, or the name of the input.
    pub name: String,
    /// The file, for finding it under another name.
    pub file: Option<Identity>,
    /// The first bytes of the file: the header of a table, a byte order mark.
    pub head: Vec<u8>,
}

/// Part of a stream.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece<'a> {
    pub offset: u64,
    pub line: u32,
    /// Where the bytes stand behind `offset`, for pieces of a chunk that is in the segment already.
    pub from: u32,
    pub records: u32,
    /// The chunk's header as it is now; empty when the bytes are the whole chunk.
    pub head: &'a [u8],
    pub bytes: &'a [u8],
}

pub(super) enum Body<'a> {
    /// First of a segment: records dropped before it.
    Segment(u64),
    Stream(u64, &'a Origin),
    Piece(u64, &'a Piece<'a>),
}

/// A frame as it was read.
pub(super) enum Read {
    Segment(u64),
    Stream(u64, Origin),
    Piece { stream: u64, offset: u64, line: u32, from: u32, records: u32, head: std::ops::Range<usize>, bytes: std::ops::Range<usize> },
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend_from_slice(bytes);
}

/// Appends a frame.
pub(super) fn put(out: &mut Vec<u8>, body: &Body<'_>) {
    let start = out.len();
    out.extend_from_slice(&[0; FRAME_HEAD]);
    match body {
        Body::Segment(dropped) => {
            out.push(0);
            out.extend_from_slice(&dropped.to_le_bytes());
        }
        Body::Stream(id, origin) => {
            out.push(1);
            out.extend_from_slice(&id.to_le_bytes());
            out.push(origin.kind as u8);
            for part in origin.file.map_or([u64::MAX; 3], Identity::to_parts) {
                out.extend_from_slice(&part.to_le_bytes());
            }
            put_bytes(out, origin.name.as_bytes());
            put_bytes(out, &origin.head);
        }
        Body::Piece(id, piece) => {
            out.push(2);
            out.extend_from_slice(&id.to_le_bytes());
            out.extend_from_slice(&piece.offset.to_le_bytes());
            out.extend_from_slice(&piece.line.to_le_bytes());
            out.extend_from_slice(&piece.from.to_le_bytes());
            out.extend_from_slice(&piece.records.to_le_bytes());
            put_bytes(out, piece.head);
            put_bytes(out, piece.bytes);
        }
    }
    let length = out.len() - start - FRAME_HEAD;
    let mut head = Vec::with_capacity(FRAME_HEAD);
    head.extend_from_slice(&MARK);
    head.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
    let sum = checksum(length, out.get(start + FRAME_HEAD..).unwrap_or_default());
    head.extend_from_slice(&sum.to_le_bytes());
    if let Some(place) = out.get_mut(start..start + FRAME_HEAD) {
        place.copy_from_slice(&head);
    }
}

fn checksum(length: usize, body: &[u8]) -> u32 {
    let mut sum = crc32fast::Hasher::new();
    sum.update(&(length as u64).to_le_bytes());
    sum.update(body);
    sum.finalize()
}

/// Reads numbers and bytes off a body.
struct Cursor<'a> {
    segment: &'a [u8],
    at: usize,
    end: usize,
}

impl Cursor<'_> {
    fn range(&mut self, length: usize) -> Option<std::ops::Range<usize>> {
        let end = self.at.checked_add(length).filter(|end| *end <= self.end)?;
        Some(std::mem::replace(&mut self.at, end)..end)
    }
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let range = self.range(N)?;
        self.segment.get(range)?.try_into().ok()
    }
    fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }
    fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }
    fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }
    fn sized(&mut self) -> Option<std::ops::Range<usize>> {
        let length = self.u32()? as usize;
        self.range(length)
    }
}

/// The frame at `at` of a segment, and where the next one begins. `None` where there is no whole and sound frame.
pub(super) fn read(segment: &[u8], at: usize) -> Option<(Read, usize)> {
    let mut cursor = Cursor { segment, at, end: segment.len() };
    if cursor.array()? != MARK {
        return None;
    }
    let (length, sum) = (cursor.u32()? as usize, cursor.u32()?);
    let end = cursor.at.checked_add(length).filter(|end| *end <= segment.len() && length <= LONGEST)?;
    if checksum(length, segment.get(cursor.at..end)?) != sum {
        return None;
    }
    cursor.end = end;
    let frame = match cursor.u8()? {
        0 => Read::Segment(cursor.u64()?),
        1 => {
            let id = cursor.u64()?;
            let kind = match cursor.u8()? {
                0 => OriginKind::Bytes,
                1 => OriginKind::Text,
                2 => OriginKind::Log,
                _ => return None,
            };
            let parts = [cursor.u64()?, cursor.u64()?, cursor.u64()?];
            let (name, head) = (cursor.sized()?, cursor.sized()?);
            let name = String::from_utf8_lossy(segment.get(name)?).into_owned();
            let file = (parts != [u64::MAX; 3]).then(|| Identity::from_parts(parts));
            Read::Stream(id, Origin { kind, name, file, head: segment.get(head)?.to_vec() })
        }
        2 => {
            let (stream, offset, line, from, records) = (cursor.u64()?, cursor.u64()?, cursor.u32()?, cursor.u32()?, cursor.u32()?);
            Read::Piece { stream, offset, line, from, records, head: cursor.sized()?, bytes: cursor.sized()? }
        }
        _ => return None,
    };
    Some((frame, end))
}

/// Where the next frame may begin behind `at`.
pub(super) fn next_mark(segment: &[u8], at: usize) -> Option<usize> {
    memchr::memmem::find(segment.get(at..)?, &MARK).map(|found| at + found)
}
