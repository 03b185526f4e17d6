//! Which bytes of an input are read as one piece, and in which order.
//!
//! Pieces of one input are read from its oldest records to its newest: the chunks of an event log by the time their first
//! record was written (a full log goes on in its oldest chunk), an export that begins with the newest record from its
//! end. So that nothing large has to be sorted later.

use super::super::limits::PROBE_BYTES;
use super::super::load::Content;
use crate::base::evtx_chunk::{CHUNK, CHUNK_HEADER, ChunkHeader, FILE_HEADER, RECORD_HEADER, u64_at};
use crate::base::time::Timestamp;
use crate::decode::{self, Sniffed, json, text};
use crate::model::input::Format;
use crate::normalise::batch::Batch;
use crate::normalise::shape::SHAPES;
use std::collections::VecDeque;
use std::ops::Range;

/// One piece of an input.
#[derive(Debug)]
pub struct Piece {
    /// Its place among the pieces in the order of the bytes.
    pub number: usize,
    pub range: Range<usize>,
    /// Line at which it begins, from 1, where that is known before the pieces in front of it are read.
    pub line: Option<u32>,
}

/// The pieces of one input.
#[derive(Debug, Default)]
pub struct Pieces {
    /// In the order in which they are to be read.
    pub waiting: VecDeque<Piece>,
    /// No record is older, as far as can be told without reading; `Timestamp::MIN` when it cannot.
    pub begins_at: Timestamp,
}

impl Pieces {
    /// Pieces of about `size` bytes in the order of the bytes, for inputs that are sorted as a whole.
    pub fn in_place(content: &Content, format: Format, size: usize) -> Self {
        let ranges = ranges(content, format, size);
        let piece = |(number, range)| Piece { number, range, line: None };
        Self { waiting: ranges.into_iter().enumerate().map(piece).collect(), begins_at: Timestamp::MIN }
    }
    /// Pieces of about `size` bytes in the order of their records.
    pub fn by_time(content: &Content, format: Format, size: usize) -> Self {
        match format {
            Format::Evtx => chunks_by_age(content.bytes(), size),
            Format::Text => text_by_time(content, size),
            Format::Unknown => Self::in_place(content, format, size),
        }
    }
}

fn ranges(content: &Content, format: Format, size: usize) -> Vec<Range<usize>> {
    let bytes = content.bytes();
    match format {
        Format::Unknown => Vec::new(),
        Format::Evtx => {
            let step = size.max(CHUNK) / CHUNK * CHUNK;
            (FILE_HEADER..bytes.len()).step_by(step).map(|start| start..(start + step).min(bytes.len())).collect()
        }
        Format::Text => {
            let pieces = if decode::sniff(bytes) == Sniffed::Json { json::split(bytes, bytes.len() / size.max(1) + 1) } else { None };
            pieces.unwrap_or_else(|| std::iter::once(0..bytes.len()).collect())
        }
    }
}

/// When the first record of a chunk was written, and its number.
fn age(chunk: &[u8]) -> Option<(u64, u64)> {
    let header = ChunkHeader::read(chunk)?;
    let written = u64_at(chunk, CHUNK_HEADER + RECORD_HEADER - 8)?;
    (header.free > CHUNK_HEADER && written > 0).then_some((written, header.first))
}

fn chunks_by_age(bytes: &[u8], size: usize) -> Pieces {
    // A chunk that does not say its age stands where the one before it stands.
    let mut known = (0, 0);
    let mut chunks: Vec<((u64, u64), usize)> = (FILE_HEADER..bytes.len())
        .step_by(CHUNK)
        .map(|start| {
            known = bytes.get(start..).and_then(age).unwrap_or(known);
            (known, start)
        })
        .collect();
    chunks.sort_by_key(|(age, _)| *age);
    let first = chunks.iter().map(|((written, _), _)| *written).find(|written| *written > 0);
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for (_, start) in chunks {
        let end = (start + CHUNK).min(bytes.len());
        match ranges.last_mut() {
            Some(last) if last.end == start && last.len() < size => last.end = end,
            _ => ranges.push(start..end),
        }
    }
    let mut order: Vec<usize> = (0..ranges.len()).collect();
    order.sort_by_key(|place| ranges.get(*place).map(|range| range.start));
    let mut numbers = vec![0; ranges.len()];
    for (number, place) in order.into_iter().enumerate() {
        if let Some(slot) = numbers.get_mut(place) {
            *slot = number;
        }
    }
    let waiting = ranges.into_iter().zip(numbers).map(|(range, number)| Piece { number, range, line: None }).collect();
    Pieces { waiting, begins_at: first.and_then(Timestamp::from_filetime).unwrap_or(Timestamp::MIN) }
}

/// Times of the oldest and the newest event in a part of a text.
fn span(bytes: &[u8]) -> Option<(Timestamp, Timestamp)> {
    let mut batch = Batch::default();
    text::Decoder::new(SHAPES).feed(bytes, 0, 1, false, &mut batch);
    let times = || batch.events.iter().map(|event| event.at);
    Some((times().min()?, times().max()?))
}

fn text_by_time(content: &Content, size: usize) -> Pieces {
    let mut pieces = Pieces::in_place(content, Format::Text, size);
    let bytes = content.bytes();
    let part = |range: Range<usize>| bytes.get(range).and_then(span);
    let (Some(first), Some(last)) = (pieces.waiting.front(), pieces.waiting.back()) else { return pieces };
    let Some(head) = part(first.range.start..first.range.end.min(first.range.start + PROBE_BYTES)) else { return pieces };
    pieces.begins_at = head.0;
    if first.range == last.range {
        return pieces;
    }
    // The last records, from the border of a line on.
    let from = last.range.start.max(last.range.end.saturating_sub(PROBE_BYTES));
    let line = bytes.get(from..last.range.end).and_then(|rest| memchr::memchr(b'\n', rest)).map_or(from, |newline| from + newline + 1);
    if let Some(tail) = part(line..last.range.end)
        && tail.1 < head.0
    {
        let mut line = 1_u32;
        for piece in &mut pieces.waiting {
            piece.line = Some(line);
            let newlines = memchr::memchr_iter(b'\n', bytes.get(piece.range.clone()).unwrap_or_default()).count();
            line = line.saturating_add(u32::try_from(newlines).unwrap_or(u32::MAX));
        }
        pieces.waiting.make_contiguous().reverse();
        pieces.begins_at = tail.0;
    }
    pieces
}
