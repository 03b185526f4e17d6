//! Where records of an array, of pages or of an envelope begin, as far as a look at a place can tell.

use super::frame::{Frame, envelope, skip_blank};
use super::scan::Scan;

/// What a decoder knows at the beginning of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    pub(super) frame: Frame,
    pub(super) envelopes: bool,
}

impl State {
    /// At the first byte of an input.
    pub const START: Self = Self { frame: Frame::Top, envelopes: true };
}

/// Bytes behind a place that are looked at for a border.
const LOOKED_AT: usize = 1 << 20;
/// Places of one stretch that are tried.
const TRIED: usize = 256;
/// Of a part, so much is walked behind a place in the middle of a line: lists inside of records look like records too, but
/// end soon.
const WALKED: usize = 32;

/// How the records of an input lie in it.
pub struct Layout<'b> {
    bytes: &'b [u8],
    state: State,
    /// Where the first record begins.
    first: usize,
    /// What a record on a line of its own begins with, from the line border on, and where in that the record itself begins.
    line: Option<(&'b [u8], usize)>,
    /// What a record in the middle of a line begins with, up to its first key.
    key: &'b [u8],
    walked: usize,
}

impl<'b> Layout<'b> {
    /// By the first record; `None` where there is none.
    #[must_use]
    pub fn of(bytes: &'b [u8], size: usize) -> Option<Self> {
        let start = skip_blank(bytes, if bytes.starts_with("\u{feff}".as_bytes()) { 3 } else { 0 });
        let array = |closers| State { frame: Frame::Array { closers }, envelopes: true };
        let top = |envelopes| State { frame: Frame::Top, envelopes };
        let (state, first) = match bytes.get(start)? {
            b'[' => (array(0), skip_blank(bytes, start + 1)),
            b'{' => match envelope(bytes.get(start..)?) {
                // Small pages are parts themselves.
                Some(_) if ends_within(bytes, start, size) => (top(true), start),
                Some((inside, closers)) => (array(closers), skip_blank(bytes, start + inside)),
                None => (top(false), start),
            },
            // `evtx_dump -o json` puts a line with a number in front of each record.
            b'R' if bytes.get(start..)?.starts_with(b"Record ") => {
                return Some(Self { bytes, state: top(false), first: start, line: Some((b"\nRecord ", 1)), key: b"", walked: 0 });
            }
            _ => return None,
        };
        if bytes.get(first) != Some(&b'{') {
            return None;
        }
        let mut scan = Scan::new(bytes, first);
        scan.expect(b'{', "").ok()?;
        let key_ends = scan.key().ok()?.to + 1;
        let line = memchr::memrchr(b'\n', bytes.get(..first)?).filter(|line| skip_blank(bytes, *line) == first);
        let line = line.and_then(|line| Some((bytes.get(line..=first)?, first - line)));
        Some(Self { bytes, state, first, line, key: bytes.get(first..key_ends)?, walked: size / WALKED })
    }
    /// What a decoder knows where a record begins.
    #[must_use]
    pub const fn state(&self) -> State {
        self.state
    }
    /// Where a record seems to begin, soon behind `near`.
    #[must_use]
    pub fn border(&self, near: usize) -> Option<usize> {
        let near = near.max(self.first + 1);
        let part = self.bytes.get(near..self.bytes.len().min(near.saturating_add(LOOKED_AT)))?;
        let places = |begins| memchr::memmem::find_iter(part, begins).map(move |found| near + found);
        let on_line = self.line.and_then(|(begins, inside)| places(begins).map(|found| found + inside).find(|place| self.follows(*place)));
        if on_line.is_some() || self.key.is_empty() {
            return on_line;
        }
        // Only the first record may have a line of its own.
        places(self.key).take(TRIED).find(|place| self.follows(*place) && self.goes_on(*place))
    }
    /// Whether what stands before a place fits.
    fn follows(&self, place: usize) -> bool {
        let before = |place: usize| self.bytes.get(..place).unwrap_or_default().trim_ascii_end();
        match self.state.frame {
            Frame::Top => before(place).ends_with(b"}"),
            _ => before(place).strip_suffix(b",").is_some_and(|element| element.trim_ascii_end().ends_with(b"}")),
        }
    }
    /// Whether enough records follow one another from a place on.
    fn goes_on(&self, place: usize) -> bool {
        if self.state.frame == Frame::Top {
            return true;
        }
        let end = place.saturating_add(self.walked);
        let within = self.bytes.len().min(end.saturating_add(LOOKED_AT / 4));
        let mut scan = Scan::new(self.bytes.get(..within).unwrap_or_default(), place);
        loop {
            if scan.token() != Ok(b'{') || scan.skip().is_err() {
                return false;
            }
            if scan.at >= end {
                return true;
            }
            if scan.expect(b',', "").is_err() {
                return false;
            }
        }
    }
}

/// Whether the value at `start` is complete in `size` bytes.
fn ends_within(bytes: &[u8], start: usize, size: usize) -> bool {
    let part = bytes.get(..start.saturating_add(size)).unwrap_or(bytes);
    Scan::new(part, start).skip().is_ok()
}
