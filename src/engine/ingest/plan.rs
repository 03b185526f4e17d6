//! Which bytes of an input are read as one piece, and in which order.
//!
//! Pieces of one input are read from its oldest records to its newest: the chunks of an event log by the time their first
//! record was written (a full log goes on in its oldest chunk), an export that begins with the newest record from its
//! end. So that nothing large has to be sorted later.

use super::super::limits::PROBE_BYTES;
use super::super::load::Content;
use crate::base::evtx_chunk::{CHUNK, CHUNK_HEADER, ChunkHeader, FILE_HEADER, RECORD_HEADER, u64_at};
use crate::base::time::Timestamp;
use crate::decode::cut::{Part, cut};
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
    /// Where and how reading begins, as far as can be guessed, where it goes on from the piece in front; `None` where a
    /// piece is read by itself.
    pub part: Option<Part>,
}

impl Piece {
    const fn alone(number: usize, range: Range<usize>) -> Self {
        Self { number, range, line: None, part: None }
    }
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
    /// Pieces of about `size` bytes in the order of the bytes, for inputs that are sorted as a whole; `may_guess` whether
    /// borders may be ones that turn out to be wrong.
    pub fn in_place(content: &Content, format: Format, size: usize, may_guess: bool) -> Self {
        let bytes = content.bytes();
        let alone = |(number, range): (usize, Range<usize>)| Piece::alone(number, range);
        let waiting = match format {
            Format::Unknown => VecDeque::new(),
            Format::Evtx => {
                let step = size.max(CHUNK) / CHUNK * CHUNK;
                let range = |start: usize| start..(start + step).min(bytes.len());
                (FILE_HEADER..bytes.len()).step_by(step).map(range).enumerate().map(alone).collect()
            }
            Format::Text => {
                let is_json = decode::sniff(bytes) == Sniffed::Json;
                if let Some(lines) = is_json.then(|| json::split(bytes, bytes.len() / size.max(1) + 1)).flatten() {
                    lines.into_iter().enumerate().map(alone).collect()
                } else if let Some(parts) = may_guess.then(|| cut(bytes, size, SHAPES)).flatten() {
                    let piece = |(number, part): (usize, Part)| Piece { part: Some(part.clone()), ..Piece::alone(number, part.range) };
                    parts.into_iter().enumerate().map(piece).collect()
                } else {
                    std::iter::once(Piece::alone(0, 0..bytes.len())).collect()
                }
            }
        };
        Self { waiting, begins_at: Timestamp::MIN }
    }
    /// The newest pieces, of about `size` bytes each and `most` in all; nothing where they cannot be told without reading
    /// what lies before them.
    pub fn newest(content: &Content, format: Format, most: usize, size: usize) -> Option<Self> {
        let bytes = content.bytes();
        if bytes.len() <= most {
            return Some(Self::in_place(content, format, size, false));
        }
        match format {
            Format::Unknown => None,
            Format::Evtx => {
                let mut pieces = chunks_by_age(bytes, size.min(most));
                // A log has room beforehand.
                let is_empty = |piece: &Piece| bytes.get(piece.range.clone()).and_then(age).is_none();
                while pieces.waiting.back().is_some_and(is_empty) {
                    pieces.waiting.pop_back();
                }
                let more = pieces.waiting.len().saturating_sub(most / size.min(most).max(1));
                pieces.waiting.drain(..more);
                Some(pieces)
            }
            Format::Text => {
                let (head, tail) = (json::lines(bytes, 0, most)?, json::lines(bytes, bytes.len() - most, bytes.len())?);
                let part = |range: &Range<usize>, from_end: bool| {
                    let probe = if from_end {
                        json::lines(bytes, range.end.saturating_sub(PROBE_BYTES).max(range.start), range.end)?
                    } else {
                        range.start..range.end.min(range.start + PROBE_BYTES)
                    };
                    bytes.get(probe).and_then(span)
                };
                let newest = match (part(&head, false), part(&tail, true)) {
                    (Some(head_span), Some(tail_span)) if tail_span.1 < head_span.0 => head,
                    _ => tail,
                };
                let cut = json::split(bytes.get(newest.clone())?, newest.len() / size.max(1) + 1)?;
                let piece = |(number, range): (usize, Range<usize>)| {
                    let range = newest.start + range.start..newest.start + range.end;
                    Piece { line: Some(1), ..Piece::alone(number, range) }
                };
                Some(Self { waiting: cut.into_iter().enumerate().map(piece).collect(), begins_at: Timestamp::MIN })
            }
        }
    }
    /// Pieces of about `size` bytes in the order of their records; `may_guess` as in `in_place`.
    pub fn by_time(content: &Content, format: Format, size: usize, may_guess: bool) -> Self {
        match format {
            Format::Evtx => chunks_by_age(content.bytes(), size),
            Format::Text => text_by_time(content, size, may_guess),
            Format::Unknown => Self::in_place(content, format, size, may_guess),
        }
    }
}

/// When the first record of a chunk was written, and its number.
fn age(chunk: &[u8]) -> Option<(u64, u64)> {
    let header = ChunkHeader::read(chunk)?;
    let written = u64_at(chunk, CHUNK_HEADER + RECORD_HEADER - 8)?;
    (header.free > CHUNK_HEADER && written > 0).then_some((written, header.first))
}

/// A full log goes on in its oldest chunk: at one place, its turn, the chunks go from the newest to the oldest. A few of
/// them are asked, not all: looking at every header would have one thread map the whole file.
fn chunks_by_age(bytes: &[u8], size: usize) -> Pieces {
    let slots = bytes.len().saturating_sub(FILE_HEADER).div_ceil(CHUNK);
    let age_of = |slot: usize| bytes.get(FILE_HEADER + slot * CHUNK..).and_then(age);
    let (first, last) = ((0..slots).find_map(age_of), (0..slots).rev().find_map(age_of));
    let turn = if last < first { turn(slots, |slot| age_of(slot).is_none_or(|age| Some(age) >= first)) } else { 0 };
    let step = size.max(CHUNK) / CHUNK;
    let cut = |from: usize, to: usize| {
        let range = move |slot: usize| FILE_HEADER + slot * CHUNK..(FILE_HEADER + (slot + step).min(to) * CHUNK).min(bytes.len());
        (from..to).step_by(step).map(range)
    };
    let newer = cut(0, turn).enumerate();
    let older = cut(turn, slots).enumerate().map(|(number, range)| (turn.div_ceil(step) + number, range));
    let waiting = older.chain(newer).map(|(number, range)| Piece::alone(number, range)).collect();
    let begins = (turn..slots).find_map(age_of).and_then(|(written, _)| Timestamp::from_filetime(written));
    Pieces { waiting, begins_at: begins.unwrap_or(Timestamp::MIN) }
}

/// First of `slots` for which `is_newer` is false, where it is true for all in front of it.
fn turn(slots: usize, is_newer: impl Fn(usize) -> bool) -> usize {
    let (mut from, mut to) = (0, slots);
    while from < to {
        let middle = from + (to - from) / 2;
        if is_newer(middle) { from = middle + 1 } else { to = middle }
    }
    from
}

/// Times of the oldest and the newest event in a part of a text.
fn span(bytes: &[u8]) -> Option<(Timestamp, Timestamp)> {
    let mut batch = Batch::default();
    text::Decoder::new(SHAPES).feed(bytes, 0, 1, false, &mut batch);
    times(&batch)
}

fn times(batch: &Batch) -> Option<(Timestamp, Timestamp)> {
    let times = || batch.events.iter().map(|event| event.at);
    Some((times().min()?, times().max()?))
}

/// The same in the last of more pieces.
fn last_span(bytes: &[u8], last: &Piece) -> Option<(Timestamp, Timestamp)> {
    if let Some(part) = &last.part {
        let mut batch = Batch::default();
        text::Decoder::new(SHAPES).feed_part(bytes, part, 1, false, &mut batch);
        return times(&batch);
    }
    // The last records, from the border of a line on.
    let from = last.range.start.max(last.range.end.saturating_sub(PROBE_BYTES));
    let line = bytes.get(from..last.range.end).and_then(|rest| memchr::memchr(b'\n', rest)).map_or(from, |newline| from + newline + 1);
    bytes.get(line..last.range.end).and_then(span)
}

fn text_by_time(content: &Content, size: usize, may_guess: bool) -> Pieces {
    let mut pieces = Pieces::in_place(content, Format::Text, size, may_guess);
    let bytes = content.bytes();
    let (Some(first), Some(last)) = (pieces.waiting.front(), pieces.waiting.back()) else { return pieces };
    let head = first.range.start..first.range.end.min(first.range.start + PROBE_BYTES);
    let Some(head) = bytes.get(head).and_then(span) else { return pieces };
    pieces.begins_at = head.0;
    if first.range == last.range {
        return pieces;
    }
    if let Some(tail) = last_span(bytes, last)
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
