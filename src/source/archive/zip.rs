//! Zip: finds the members of an archive in its bytes, by its directory or, where that is lost, by looking for members.
//!
//! Only finds: sizes, names and offsets are statements of the archive and are checked where they are used. Written after
//! PKWARE's APPNOTE.TXT 6.3.10; numbers in brackets are its sections.

use crate::base::evtx_chunk::{u16_at, u32_at, u64_at};
use memchr::memmem;

const LOCAL: &[u8; 4] = b"PK\x03\x04";
const CENTRAL: &[u8; 4] = b"PK\x01\x02";
pub const END: &[u8; 4] = b"PK\x05\x06";
const END64: &[u8; 4] = b"PK\x06\x06";
const LOCATOR64: &[u8; 4] = b"PK\x06\x07";
const LOCAL_HEADER: usize = 30;
const CENTRAL_HEADER: usize = 46;
/// The end record and the longest comment behind it.
pub const LAST_BYTES: usize = 22 + 0xffff;

/// One member.
#[derive(Clone, Debug, Default)]
pub struct Entry<'a> {
    pub name: &'a [u8],
    /// Compression method (4.4.5).
    pub method: u16,
    pub is_encrypted: bool,
    /// A folder or a link: nothing to read.
    pub is_other: bool,
    /// Size and CRC-32 of what is unpacked; unknown where the directory is lost and they were written behind the data.
    pub expected: Option<(u64, u32)>,
    /// Where the packed data lies in the archive.
    pub start: usize,
    pub end: usize,
    /// The data lies beyond the end of the archive, or where its header should be is none.
    pub is_cut: bool,
}

/// The members of an archive.
#[derive(Debug, Default)]
pub struct Directory<'a> {
    pub entries: Vec<Entry<'a>>,
    pub problem: Option<String>,
}

fn size(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Reads the directory of an archive.
#[must_use]
pub fn directory(bytes: &[u8]) -> Directory<'_> {
    match end_of(bytes) {
        Some(end) => by_directory(bytes, end),
        None => by_members(bytes, 0, Directory { problem: Some("is cut: its directory is missing".to_owned()), ..Directory::default() }),
    }
}

struct End {
    /// Where the directory begins, and what has to be added to every offset because something stands before the archive.
    start: usize,
    shift: usize,
    entries: u64,
}

fn end_of(bytes: &[u8]) -> Option<End> {
    let from = bytes.len().saturating_sub(LAST_BYTES);
    let last = bytes.get(from..)?;
    // A comment may hold the signature too: the record that fits is the one.
    memmem::rfind_iter(last, END).find_map(|at| end_at(bytes, from + at))
}

fn end_at(bytes: &[u8], at: usize) -> Option<End> {
    let record = bytes.get(at..)?;
    let (mut entries, mut length, mut offset) =
        (u64::from(u16_at(record, 10)?), u64::from(u32_at(record, 12)?), u64::from(u32_at(record, 16)?));
    let mut before = at;
    let locator = at.checked_sub(20).and_then(|at| bytes.get(at..)).filter(|locator| locator.starts_with(LOCATOR64));
    if let Some(locator) = locator {
        let stated = size(u64_at(locator, 8)?);
        // Where something stands before the archive the record lies right before its locator.
        let place =
            [stated, at.saturating_sub(20 + 56)].into_iter().find(|place| bytes.get(*place..).is_some_and(|r| r.starts_with(END64)))?;
        let record = bytes.get(place..)?;
        (entries, length, offset) = (u64_at(record, 32)?, u64_at(record, 40)?, u64_at(record, 48)?);
        before = place;
    }
    let start = before.checked_sub(size(length))?;
    let shift = start.checked_sub(size(offset))?;
    let is_directory = entries == 0 || bytes.get(start..)?.starts_with(CENTRAL);
    is_directory.then_some(End { start, shift, entries })
}

fn by_directory(bytes: &[u8], end: End) -> Directory<'_> {
    let mut directory = Directory::default();
    let mut at = end.start;
    for read in 0..end.entries {
        let Some((entry, length)) = bytes.get(at..).and_then(|header| central(bytes, header, end.shift)) else {
            let problem = format!("is damaged: its directory ends after {read} of {} members", end.entries);
            let from = directory.entries.iter().map(|entry| entry.end).max().unwrap_or(0);
            return by_members(bytes, from, Directory { problem: Some(problem), ..directory });
        };
        directory.entries.push(entry);
        at += length;
    }
    directory
}

/// An entry of the directory and its length there (4.3.12).
fn central<'a>(bytes: &'a [u8], header: &'a [u8], shift: usize) -> Option<(Entry<'a>, usize)> {
    if !header.starts_with(CENTRAL) {
        return None;
    }
    let (flags, method) = (u16_at(header, 8)?, u16_at(header, 10)?);
    let (crc, mut packed, mut unpacked) = (u32_at(header, 16)?, u64::from(u32_at(header, 20)?), u64::from(u32_at(header, 24)?));
    let lengths = [28, 30, 32].map(|at| u16_at(header, at).map_or(0, usize::from));
    let [name_length, extra_length, comment_length] = lengths;
    let (made_by, attributes, mut offset) = (u16_at(header, 4)?, u32_at(header, 38)?, u64::from(u32_at(header, 42)?));
    let name = header.get(CENTRAL_HEADER..CENTRAL_HEADER + name_length)?;
    let extra = header.get(CENTRAL_HEADER + name_length..)?.get(..extra_length)?;
    wide(extra, &mut [&mut unpacked, &mut packed, &mut offset]);
    // Made on Unix: the upper half of the attributes is the mode.
    let is_link = made_by >> 8 == 3 && attributes >> 28 == 0xa;
    let start = data_start(bytes, size(offset).saturating_add(shift));
    let end = start.map_or(0, |start| start.saturating_add(size(packed)));
    let entry = Entry {
        name,
        method,
        is_encrypted: flags & 1 != 0,
        is_other: name.ends_with(b"/") || is_link,
        expected: Some((unpacked, crc)),
        start: start.unwrap_or(0),
        end: end.min(bytes.len()),
        is_cut: start.is_none() || end > bytes.len(),
    };
    Some((entry, CENTRAL_HEADER + name_length + extra_length + comment_length))
}

/// Where the data behind the header of a member begins (4.3.7).
fn data_start(bytes: &[u8], at: usize) -> Option<usize> {
    let header = bytes.get(at..).filter(|header| header.starts_with(LOCAL))?;
    Some(at + LOCAL_HEADER + usize::from(u16_at(header, 26)?) + usize::from(u16_at(header, 28)?))
}

/// Takes numbers that did not fit into 32 bits from the extra field (4.5.3), in their order.
fn wide(mut extra: &[u8], numbers: &mut [&mut u64]) {
    while let (Some(tag), Some(length)) = (u16_at(extra, 0), u16_at(extra, 2)) {
        let Some(data) = extra.get(4..4 + usize::from(length)) else { return };
        if tag == 1 {
            let missing = numbers.iter_mut().filter(|number| ***number == u64::from(u32::MAX));
            for (place, number) in missing.enumerate() {
                if let Some(value) = u64_at(data, place * 8) {
                    **number = value;
                }
            }
            return;
        }
        extra = extra.get(4 + usize::from(length)..).unwrap_or_default();
    }
}

/// Members found by their own headers, from `from` on.
fn by_members<'a>(bytes: &'a [u8], from: usize, mut directory: Directory<'a>) -> Directory<'a> {
    let mut from = from;
    while let Some(at) = bytes.get(from..).and_then(|rest| memmem::find(rest, LOCAL)).map(|at| from + at) {
        from = at + LOCAL.len();
        if let Some(entry) = local(bytes, at) {
            // A member whose size is not known ends where the next one is found; unpacking it knows its end itself.
            if entry.expected.is_some() {
                from = entry.end.max(from);
            }
            directory.entries.push(entry);
        }
    }
    directory
}

fn local(bytes: &[u8], at: usize) -> Option<Entry<'_>> {
    let header = bytes.get(at..)?;
    let (version, flags, method) = (u16_at(header, 4)?, u16_at(header, 6)?, u16_at(header, 8)?);
    let (crc, mut packed, mut unpacked) = (u32_at(header, 14)?, u64::from(u32_at(header, 18)?), u64::from(u32_at(header, 22)?));
    let (name_length, extra_length) = (usize::from(u16_at(header, 26)?), usize::from(u16_at(header, 28)?));
    let name = header.get(LOCAL_HEADER..LOCAL_HEADER + name_length)?;
    let extra = header.get(LOCAL_HEADER + name_length..)?.get(..extra_length)?;
    wide(extra, &mut [&mut unpacked, &mut packed]);
    // The signature may stand in packed data by chance; a header says something that can be.
    if version & 0xff > 63 || method > 99 || name.is_empty() || name.contains(&0) {
        return None;
    }
    let is_behind = flags & 8 != 0 && packed == 0;
    let start = at + LOCAL_HEADER + name_length + extra_length;
    let end = if is_behind { bytes.len() } else { start.saturating_add(size(packed)) };
    Some(Entry {
        name,
        method,
        is_encrypted: flags & 1 != 0,
        is_other: name.ends_with(b"/"),
        expected: (!is_behind).then_some((unpacked, crc)),
        start,
        end: end.min(bytes.len()),
        is_cut: end > bytes.len(),
    })
}

/// What a compression method is called (4.4.5).
#[must_use]
pub const fn method_name(method: u16) -> &'static str {
    match method {
        1 => "shrink",
        2..=5 => "reduce",
        6 => "implode",
        12 => "bzip2",
        14 => "LZMA",
        95 => "xz",
        98 => "PPMd",
        99 => "AES",
        _ => "an unknown method",
    }
}
