//! Pages of record numbers: each number has its place, with what its record is known by. Pages that were begun long ago are
//! packed (about 6 bytes for a record of a busy log): hardly anything is written to them any more.

use super::{Known, TICKS_OF_MILLI};
use crate::base::intern::Symbol;
use crate::base::packed::{Column, Packer};
use crate::base::time::{Span, Timestamp};
use std::collections::VecDeque;

/// Records of a page.
pub(super) const PAGE: usize = 64;
/// Pages that are packed together.
const GROUP: usize = 16;
/// Pages that stand open: these, and some for each log, so that the pages that a log is read into are among them.
const OPEN: usize = 1_024;
const OPEN_OF_A_LOG: usize = 4;

/// `PAGE` records. A place is 0 while empty, else (from the top) 32 bits of milliseconds since `base`, 14 of ticks in the
/// millisecond, 2 for how the host was named (`SHORT`, `WHOLE`), 16 of event id.
#[derive(Debug)]
struct Page {
    /// Milliseconds since 1970.
    base: i64,
    places: [u64; PAGE],
    /// A bit for each place that is not empty.
    taken: u64,
    /// Records of its numbers stand elsewhere too.
    has_others: bool,
}

const SHORT: u64 = 1;
const WHOLE: u64 = 2;
/// The bits of a place that are no time.
const NAMED: u32 = 18;

impl Page {
    /// The bits for a record; `None` where it does not fit.
    fn bits(&self, record: Known, suffix_of_log: Symbol) -> Option<u64> {
        let named = match record.suffix {
            Symbol::NONE => SHORT,
            suffix if suffix == suffix_of_log => WHOLE,
            _ => return None,
        };
        let ticks = record.at.as_ticks();
        let millis = u32::try_from(ticks.div_euclid(TICKS_OF_MILLI).checked_sub(self.base)?).ok()?;
        let rest = u64::try_from(ticks.rem_euclid(TICKS_OF_MILLI)).ok()?;
        let event_id = u16::try_from(record.event_id).ok()?;
        Some(u64::from(millis) << 32 | rest << NAMED | named << 16 | u64::from(event_id))
    }
    /// The ticks that bits tell.
    fn ticks(&self, bits: u64) -> i64 {
        let (millis, rest) = (bits >> 32, bits >> NAMED & 0x3fff);
        self.base.saturating_add_unsigned(millis).saturating_mul(TICKS_OF_MILLI).saturating_add_unsigned(rest)
    }
}

/// Pages in columns of packed numbers. Most numbers of a log are those of records that tell of no logon, so only places
/// that are taken are written.
#[derive(Debug)]
struct Group {
    /// A bit for each place that is taken, by page.
    taken: [u64; GROUP],
    bytes: Box<[u8]>,
    ticks: Column,
    /// How the host was named, and the event id.
    named: Column,
}

impl Group {
    /// Ticks and name at a place of a page; `None` where none stands.
    fn get(&self, page: usize, place: usize) -> Option<(i64, u64)> {
        let bit = 1_u64.checked_shl(u32::try_from(place).ok()?)?;
        let taken = self.taken.get(page).copied().filter(|taken| taken & bit != 0)?;
        let before: u32 = self.taken.iter().take(page).map(|taken| taken.count_ones()).sum();
        let place = (before + (taken & (bit - 1)).count_ones()) as usize;
        Some((self.ticks.get(place, &self.bytes).cast_signed(), self.named.get(place, &self.bytes)))
    }
}

#[derive(Debug, Default)]
pub(super) struct Pages {
    packed: Vec<Group>,
    open: VecDeque<Page>,
    packer: Packer,
    /// Ticks and names of the pages that are being packed; the room is used again.
    ticks: Vec<u64>,
    named: Vec<u64>,
}

impl Pages {
    /// Begins a page with a record of this moment, of one of `logs` logs, and gives its number.
    pub fn begin(&mut self, at: Timestamp, logs: usize) -> u32 {
        if self.open.len() >= OPEN + GROUP + logs.saturating_mul(OPEN_OF_A_LOG) {
            self.pack();
        }
        // Records may come from the last to the first: half of the range lies before.
        let base = at.as_ticks().div_euclid(TICKS_OF_MILLI) - (1 << 31);
        self.open.push_back(Page { base, places: [0; PAGE], taken: 0, has_others: false });
        u32::try_from(self.packed.len() * GROUP + self.open.len() - 1).unwrap_or(u32::MAX)
    }
    /// Packs the oldest open pages.
    #[cold]
    #[inline(never)]
    fn pack(&mut self) {
        let Self { packed, open, packer, ticks, named } = self;
        ticks.clear();
        named.clear();
        let mut taken = [0_u64; GROUP];
        for (taken, page) in taken.iter_mut().zip(open.iter()) {
            *taken = page.taken;
            let mut rest = page.taken;
            while let Some(bits) = page.places.get(rest.trailing_zeros() as usize) {
                rest &= rest - 1;
                ticks.push(page.ticks(*bits).cast_unsigned());
                named.push(bits & ((1 << NAMED) - 1));
            }
        }
        let (ticks, named) = (packer.column(ticks.iter().copied()), packer.column(named.iter().copied()));
        packed.push(Group { taken, bytes: packer.finish(), ticks, named });
        open.drain(..GROUP.min(open.len()));
    }
    fn open(&mut self, page: u32) -> Option<&mut Page> {
        self.open.get_mut((page as usize).checked_sub(self.packed.len() * GROUP)?)
    }
    /// What the record at a place of a page is known by; `None` where none stands there.
    pub fn known(&self, page: u32, place: usize, suffix_of_log: Symbol) -> Option<Known> {
        let page = page as usize;
        let (ticks, named) = match page.checked_sub(self.packed.len() * GROUP) {
            Some(open) => {
                let page = self.open.get(open)?;
                let bits = page.places.get(place).copied()?;
                if bits == 0 {
                    return None;
                }
                (page.ticks(bits), bits & ((1 << NAMED) - 1))
            }
            None => self.packed.get(page / GROUP)?.get(page % GROUP, place)?,
        };
        Some(Known {
            at: Timestamp::default() + Span::ticks(ticks),
            event_id: u32::try_from(named & 0xffff).unwrap_or(0),
            suffix: if named >> 16 == WHOLE { suffix_of_log } else { Symbol::NONE },
        })
    }
    /// Puts a record at a place where none stands; says whether it could: not at one that is taken, not into a packed page,
    /// not where another record of the page stands elsewhere, not what does not fit.
    #[inline]
    pub fn put(&mut self, page: u32, place: usize, record: Known, suffix_of_log: Symbol) -> bool {
        let Some(page) = self.open(page).filter(|page| !page.has_others) else { return false };
        let Some(bits) = page.bits(record, suffix_of_log) else { return false };
        let Some(free) = page.places.get_mut(place).filter(|bits| **bits == 0) else { return false };
        *free = bits;
        page.taken |= 1 << place;
        true
    }
    /// Records of the page stand elsewhere too, so that nothing may be put into it without a look at them.
    pub fn tell_of_others(&mut self, page: u32) {
        if let Some(page) = self.open(page) {
            page.has_others = true;
        }
    }
}
