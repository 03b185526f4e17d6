//! Where rows of a table begin, as far as a look at a place can tell: a newline may also be one in a quoted cell.

use super::{Decoder, row};
use crate::model::fields::{Fields, RecordSink, Unreadable};
use crate::model::shape::Shapes;

/// What a decoder knows at the beginning of a row, besides the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// The shape that is tried first.
    pub(super) shape: usize,
}

impl State {
    /// At the first byte of an input.
    pub const START: Self = Self { shape: 0 };
}

/// Bytes behind a place that are looked at for rows.
const LOOKED_AT: usize = 256 << 10;
/// Bytes of the first rows, which tell the shape.
const FIRST_ROWS: usize = 16 << 10;
/// Newlines of one stretch that are tried.
const TRIED: usize = 1_000;
/// Rows behind a place that have as many cells as the header.
const ROWS: usize = 4;

/// How the rows of an input lie in it.
pub struct Layout<'b> {
    bytes: &'b [u8],
    state: State,
    /// Where the rows begin.
    first: usize,
    width: usize,
    has_more: bool,
}

struct Nothing;

impl RecordSink for Nothing {
    fn record(&mut self, _: &Fields<'_>) {}
    fn unreadable(&mut self, _: Unreadable) {}
    fn unknown(&mut self, _: u64, _: u32, _: &str) {}
}

impl<'b> Layout<'b> {
    /// By the header; `None` where there is none.
    #[must_use]
    pub fn of(bytes: &'b [u8], shapes: Shapes) -> Option<Self> {
        let mut decoder = Decoder::new(shapes);
        let first = decoder.learn(bytes)?;
        let rows = bytes.get(first..bytes.len().min(first.saturating_add(FIRST_ROWS)))?;
        decoder.feed(rows, 0, 1, false, &mut Nothing);
        Some(Self { bytes, state: State { shape: decoder.current }, first, width: decoder.width, has_more: decoder.has_more })
    }
    /// What a decoder knows where a row begins.
    #[must_use]
    pub const fn state(&self) -> State {
        self.state
    }
    /// Where a row seems to begin, soon behind `near`.
    #[must_use]
    pub fn border(&self, near: usize) -> Option<usize> {
        let near = near.max(self.first);
        let part = self.bytes.get(near..self.bytes.len().min(near.saturating_add(LOOKED_AT)))?;
        memchr::memchr_iter(b'\n', part).map(|newline| near + newline + 1).take(TRIED).find(|place| self.begins(*place))
    }
    /// Whether the rows behind a place are like those of the table.
    fn begins(&self, place: usize) -> bool {
        let end = self.bytes.len().min(place.saturating_add(LOOKED_AT));
        let Some(mut rest) = self.bytes.get(place..end).filter(|rest| !rest.is_empty()) else { return false };
        let mut cells = Vec::new();
        for _ in 0..ROWS {
            cells.clear();
            let taken = row(rest, end == self.bytes.len(), &mut cells);
            let fits = cells.len() == self.width || (self.has_more && cells.len() == self.width + 1);
            match taken.and_then(|taken| rest.get(taken..)).filter(|_| fits) {
                Some(behind) => rest = behind,
                None => return false,
            }
            if rest.is_empty() {
                break;
            }
        }
        true
    }
}
