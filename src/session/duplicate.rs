//! Records that were applied before: a log opened twice, an archive that overlaps, one record from two collectors.
//!
//! One record of Windows is one number of one channel of one host, with the same event id and the same moment. Number and
//! log are not enough: a cleared log begins again at 1. Shippers cut moments to milliseconds or seconds, so two moments are
//! the same when they lie no further apart than the coarser of the two is written: two written to 100 ns must be equal.
//! They also write `FS01` for `fs01.corp.example`: the short name is any host of that name, two whole names that differ
//! are two hosts. The channel is never absent: `normalise` concludes it from provider and id. Where a shape leaves out the
//! host, only the very same moment makes a repeat. Records without a number are always new.
//!
//! An Entra sign-in is one `id` at one moment. Its rows in several categories tell different things and are all kept, but
//! they are one sign-in; the same category again is a repeat.
//!
//! The record met first is kept. Nothing is hashed away: a collision would drop a real record. Numbers of a log come one
//! after the other, so each is a place in a page of its log: see `pages`.

mod pages;

use super::entity::split_host;
use crate::base::intern::{Interner, Symbol};
use crate::base::time::{Span, Timestamp};
use crate::base::unique::Unique;
use crate::model::event::{AuthEvent, SignInCategory};
use pages::{PAGE, Pages};
use rustc_hash::FxHashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;

/// Different records under one number that are told apart; a log is not cleared more often in one investigation. What
/// comes beyond is new, whatever it is: a hostile log must not cost more with each record.
const VARIANTS: u16 = 64;

const TICKS_OF_MILLI: i64 = 10_000;

/// Host and channel as an event names them, and the log they mean.
#[derive(Clone, Copy, Debug)]
struct Spelling {
    log: u32,
    /// The domain of a whole name; `NONE` for a short one.
    suffix: Symbol,
    /// Another spelling of a moment does not make another record; see the module's words on absent hosts.
    is_tolerant: bool,
}

/// A log: one channel of all hosts that share a short name, nearly always one.
#[derive(Debug, Default)]
struct Log {
    /// Place of a page by number of its first record over `PAGE`.
    pages: FxHashMap<u64, u32>,
    /// The page used last, which nearly always is the next one too.
    last: Option<(u64, u32)>,
    /// The first whole name's domain.
    suffix: Symbol,
}

/// What a record is known by beside log and number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Known {
    at: Timestamp,
    event_id: u32,
    suffix: Symbol,
}

#[derive(Debug, Default)]
pub(super) struct Seen {
    spellings: FxHashMap<(Symbol, Symbol), Spelling>,
    /// The spelling used last.
    newest: Option<((Symbol, Symbol), Spelling)>,
    /// Logs by short name and channel.
    numbers: FxHashMap<(Symbol, Symbol), u32>,
    logs: Vec<Log>,
    pages: Pages,
    /// What has no place in its page: the second record of a number, and what does not fit: by log, number and variant.
    others: FxHashMap<(u32, u64, u16), Known>,
    /// Moment, and bits of the categories, by id and variant.
    sign_ins: FxHashMap<(Unique, u16), (Timestamp, u8)>,
}

/// What a record is beside those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Novelty {
    New,
    /// A sign-in that was met in another category.
    OtherCategory,
    Repeat,
}

impl Novelty {
    const fn of(is_new: bool) -> Self {
        if is_new { Self::New } else { Self::Repeat }
    }
}

/// To what a moment was cut, as far as its last digits tell.
const fn grain(at: Timestamp) -> i64 {
    let ticks = at.as_ticks();
    match () {
        () if ticks % 10_000_000 == 0 => 10_000_000,
        () if ticks % TICKS_OF_MILLI == 0 => TICKS_OF_MILLI,
        () if ticks % 10 == 0 => 10,
        () => 0,
    }
}

/// The same moment, written to different precision.
fn is_same_moment(one: Timestamp, other: Timestamp) -> bool {
    let apart = (one - other).abs();
    apart == Span::ZERO || apart.as_ticks() <= grain(one).max(grain(other))
}

impl Known {
    fn is_same(self, other: Self, is_tolerant: bool) -> bool {
        let is_same_host = self.suffix == other.suffix || self.suffix.is_none() || other.suffix.is_none();
        let is_same_time = if is_tolerant { is_same_moment(self.at, other.at) } else { self.at == other.at };
        self.event_id == other.event_id && is_same_host && is_same_time
    }
}

/// Puts a value behind those of the same name, unless it is one of them.
fn is_new_variant<K: Eq + Hash, V>(map: &mut FxHashMap<K, V>, key: impl Fn(u16) -> K, value: V, is_same: impl Fn(&V) -> bool) -> bool {
    for variant in 0..VARIANTS {
        match map.entry(key(variant)) {
            Entry::Occupied(known) if is_same(known.get()) => return false,
            Entry::Occupied(_) => {}
            Entry::Vacant(free) => {
                free.insert(value);
                return true;
            }
        }
    }
    true
}

impl Seen {
    /// Remembers the record, and says whether it was there before.
    pub fn novelty(&mut self, event: &AuthEvent, names: &mut Interner) -> Novelty {
        match event.entra.as_deref() {
            Some(sign_in) if sign_in.id.is_some() => self.sign_in(sign_in.id, sign_in.category, event.at),
            Some(_) => Novelty::New,
            None => Novelty::of(event.record == 0 || self.is_new(event, names)),
        }
    }

    fn is_new(&mut self, event: &AuthEvent, names: &mut Interner) -> bool {
        let spelling = self.spelling(event, names);
        let record = Known { at: event.at, event_id: event.event_id, suffix: spelling.suffix };
        let logs = self.logs.len();
        let Some(log) = self.logs.get_mut(spelling.log as usize) else { return true };
        if log.suffix.is_none() {
            log.suffix = spelling.suffix;
        }
        let (number, place) = (event.record / PAGE as u64, usize::try_from(event.record % PAGE as u64).unwrap_or(0));
        let page = match log.last.filter(|(known, _)| *known == number) {
            Some((_, page)) => page,
            None => *log.pages.entry(number).or_insert_with(|| self.pages.begin(event.at, logs)),
        };
        log.last = Some((number, page));
        self.pages.put(page, place, record, log.suffix) || self.is_new_elsewhere(page, place, event.record, spelling, record)
    }

    /// The record's place is taken, or not to be had.
    #[cold]
    #[inline(never)]
    fn is_new_elsewhere(&mut self, page: u32, place: usize, number: u64, spelling: Spelling, record: Known) -> bool {
        let suffix = self.logs.get(spelling.log as usize).map_or(Symbol::NONE, |log| log.suffix);
        if self.pages.known(page, place, suffix).is_some_and(|known| known.is_same(record, spelling.is_tolerant)) {
            return false;
        }
        self.pages.tell_of_others(page);
        self.is_new_other(spelling, number, record)
    }

    fn is_new_other(&mut self, spelling: Spelling, number: u64, record: Known) -> bool {
        is_new_variant(
            &mut self.others,
            |variant| (spelling.log, number, variant),
            record,
            |known| known.is_same(record, spelling.is_tolerant),
        )
    }

    fn sign_in(&mut self, id: Unique, category: SignInCategory, at: Timestamp) -> Novelty {
        let category = 1_u8 << category as u8;
        for variant in 0..VARIANTS {
            match self.sign_ins.entry((id, variant)) {
                Entry::Occupied(known) if is_same_moment(known.get().0, at) => {
                    let (_, categories) = known.into_mut();
                    let is_repeat = *categories & category != 0;
                    *categories |= category;
                    return if is_repeat { Novelty::Repeat } else { Novelty::OtherCategory };
                }
                Entry::Occupied(_) => {}
                Entry::Vacant(free) => {
                    free.insert((at, category));
                    return Novelty::New;
                }
            }
        }
        Novelty::New
    }

    fn spelling(&mut self, event: &AuthEvent, names: &mut Interner) -> Spelling {
        let named = (event.host, event.channel);
        if let Some((_, known)) = self.newest.filter(|(newest, _)| *newest == named) {
            return known;
        }
        let spelling = match self.spellings.get(&named) {
            Some(known) => *known,
            None => self.meet(event, names),
        };
        self.newest = Some((named, spelling));
        spelling
    }

    #[cold]
    #[inline(never)]
    fn meet(&mut self, event: &AuthEvent, names: &mut Interner) -> Spelling {
        let host = names.raw(event.host).to_owned();
        let (short, suffix) = split_host(&host);
        let (short, suffix) = (names.intern(short), names.intern(suffix));
        let log = *self.numbers.entry((short, event.channel)).or_insert_with(|| {
            self.logs.push(Log::default());
            u32::try_from(self.logs.len() - 1).unwrap_or(u32::MAX)
        });
        let spelling = Spelling { log, suffix, is_tolerant: event.host.is_some() };
        self.spellings.insert((event.host, event.channel), spelling);
        spelling
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::event::SignIn;

    struct Logs {
        names: Interner,
        seen: Seen,
    }

    impl Logs {
        fn new() -> Self {
            Self { names: Interner::default(), seen: Seen::default() }
        }
        fn event(&mut self, host: &str, record: u64, event_id: u32, at: &str) -> bool {
            let event = AuthEvent {
                at: Timestamp::parse(at).unwrap(),
                record,
                event_id,
                host: self.names.intern(host),
                channel: self.names.intern("Security"),
                ..AuthEvent::default()
            };
            self.seen.novelty(&event, &mut self.names) == Novelty::New
        }
        fn sign_in(&mut self, id: &str, category: SignInCategory, at: &str) -> Novelty {
            let sign_in = SignIn { id: Unique::read(id, &mut self.names), category, ..SignIn::default() };
            let event = AuthEvent { at: Timestamp::parse(at).unwrap(), entra: Some(Box::new(sign_in)), record: 7, ..AuthEvent::default() };
            self.seen.novelty(&event, &mut self.names)
        }
    }

    #[test]
    fn the_same_record_is_one_however_exactly_its_moment_was_written() {
        for (first, again) in [
            ("2026-03-14T09:00:00.1234567Z", "2026-03-14T09:00:00.1234567Z"),
            ("2026-03-14T09:00:00.1234567Z", "2026-03-14T09:00:00.123Z"),
            ("2026-03-14T09:00:00.1238567Z", "2026-03-14T09:00:00.124Z"),
            ("2026-03-14T09:00:00.123Z", "2026-03-14T09:00:00.1234567Z"),
            ("2026-03-14T09:00:00.1234567Z", "2026-03-14T09:00:00.123456Z"),
            ("2026-03-14T09:00:00.9234567Z", "2026-03-14T09:00:00Z"),
            ("2026-03-14T09:00:01Z", "2026-03-14T09:00:00.923Z"),
        ] {
            let mut logs = Logs::new();
            assert!(logs.event("fs01.corp.example", 41, 4624, first));
            assert!(!logs.event("fs01.corp.example", 41, 4624, again), "{first} {again}");
            assert!(logs.event("fs01.corp.example", 42, 4624, again));
        }
    }

    #[test]
    fn a_log_that_was_cleared_numbers_again() {
        let mut logs = Logs::new();
        assert!(logs.event("fs01", 1, 1102, "2026-03-14T09:00:00.1234567Z"));
        // Cleared again within the second: both moments are exact, so they are two.
        assert!(logs.event("fs01", 1, 1102, "2026-03-14T09:00:00.4234561Z"));
        assert!(logs.event("fs01", 1, 1102, "2026-03-14T10:00:00Z"));
        assert!(logs.event("fs01", 1, 4624, "2026-03-14T09:00:00.1234567Z"));
        for at in ["2026-03-14T09:00:00.1234567Z", "2026-03-14T09:00:00.423Z", "2026-03-14T10:00:00.3Z"] {
            assert!(!logs.event("fs01", 1, 1102, at), "{at}");
        }
    }

    #[test]
    fn short_and_whole_names_are_one_host_and_two_whole_ones_are_two() {
        let mut logs = Logs::new();
        let at = "2026-03-14T09:00:00.1234567Z";
        assert!(logs.event("fs01.corp.example", 5, 4624, at));
        assert!(!logs.event("fs01", 5, 4624, at));
        assert!(logs.event("fs01.other.example", 5, 4624, at));
        assert!(!logs.event("fs01.other.example", 5, 4624, at));
        assert!(logs.event("fs02", 5, 4624, at));
        assert!(!logs.event("fs02.corp.example", 5, 4624, at));
        assert!(logs.event("10.0.0.1", 5, 4624, at) && logs.event("10.0.0.2", 5, 4624, at));
    }

    #[test]
    fn without_a_host_only_the_very_same_moment_repeats() {
        let mut logs = Logs::new();
        assert!(logs.event("", 5, 4624, "2026-03-14T09:00:00.1234567Z"));
        assert!(logs.event("", 5, 4624, "2026-03-14T09:00:00.123Z"));
        assert!(!logs.event("", 5, 4624, "2026-03-14T09:00:00.123Z"));
        assert!(logs.event("", 0, 4624, "2026-03-14T09:00:00Z") && logs.event("", 0, 4624, "2026-03-14T09:00:00Z"));
    }

    #[test]
    fn pages_hold_any_order_and_any_age() {
        let mut logs = Logs::new();
        let moment = |record: u64| format!("20{:02}-03-14T09:00:00.{:07}Z", 10 + record % 17, record * 7);
        let records: Vec<u64> = (1..400).chain([u64::MAX, u64::MAX - 1, 1 << 40]).collect();
        for record in records.iter().rev() {
            assert!(logs.event("fs01", *record, 4624, &moment(*record % 1_000)), "{record}");
        }
        for record in &records {
            assert!(!logs.event("fs01", *record, 4624, &moment(*record % 1_000)), "{record}");
            assert!(logs.event("fs01", *record, 70_000, &moment(*record % 1_000)), "{record}");
            assert!(!logs.event("fs01", *record, 70_000, &moment(*record % 1_000)), "{record}");
        }
    }

    #[test]
    fn packed_pages_know_their_records_and_take_no_new_ones() {
        let mut logs = Logs::new();
        let moment = |record: u64| Timestamp::from_unix_millis(i64::try_from(record).unwrap() * 1_700).unwrap().rfc3339();
        // Every other number of more pages than stand open, by two names of the host.
        let records = || (1..300_000_u64).step_by(2);
        let host = |record: u64| if record.is_multiple_of(3) { "fs01" } else { "fs01.corp.example" };
        for record in records() {
            assert!(logs.event(host(record), record, 4624, &moment(record)));
        }
        assert!(logs.seen.others.is_empty());
        for record in records().step_by(97) {
            assert!(!logs.event(host(record), record, 4624, &moment(record)), "{record}");
            assert!(logs.event(host(record), record, 4634, &moment(record)), "{record}");
            assert!(!logs.event(host(record), record, 4634, &moment(record)), "{record}");
            assert!(logs.event(host(record), record + 1, 4624, &moment(record)), "{record}");
            assert!(!logs.event(host(record), record + 1, 4624, &moment(record)), "{record}");
        }
    }

    #[test]
    fn a_hostile_number_costs_no_more_and_loses_nothing() {
        let mut logs = Logs::new();
        for second in 0..3_000_i64 {
            let at = Timestamp::from_unix_seconds(1_600_000_000 + second * 10).unwrap();
            assert!(logs.event("fs01", 9, 4624, &at.rfc3339()));
        }
        assert!(logs.seen.others.len() <= usize::from(VARIANTS));
    }

    #[test]
    fn a_sign_in_is_one_in_all_categories() {
        use Novelty::{New, OtherCategory, Repeat};
        let mut logs = Logs::new();
        let id = "54849625-5478-4994-a5ba-3e3b0328c30d";
        let at = "2026-03-14T09:00:00.1234567Z";
        assert_eq!(logs.sign_in(id, SignInCategory::Interactive, at), New);
        assert_eq!(logs.sign_in(&id.to_uppercase(), SignInCategory::Interactive, "2026-03-14T09:00:00Z"), Repeat);
        assert_eq!(logs.sign_in(id, SignInCategory::NonInteractive, at), OtherCategory);
        assert_eq!(logs.sign_in(id, SignInCategory::NonInteractive, at), Repeat);
        assert_eq!(logs.sign_in(id, SignInCategory::Interactive, "2026-03-14T09:05:00Z"), New);
        assert_eq!(logs.sign_in("other", SignInCategory::Interactive, at), New);
        assert_eq!(logs.sign_in("other", SignInCategory::Interactive, at), Repeat);
        assert_eq!(logs.sign_in("", SignInCategory::Interactive, at), New);
        assert_eq!(logs.sign_in("", SignInCategory::Interactive, at), New);
    }
}
