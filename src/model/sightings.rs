//! What one host was ever seen to write: which records of the list of `event_id`, how many, since when, in how many hours,
//! and where its logs were silent.
//!
//! Counted while events are applied, so a replay shows only what was known then. Each event touches one entry by its place
//! in the list: no search. Bound: some 200 bytes for a host and 40 for each kind of record and log that it wrote.

use super::event::{AuthEvent, EventKind};
use super::event_id::{self, KNOWN_LINES, KnownEvent, KnownId, LogNumber};
use crate::base::time::{Span, Timestamp, Zone};

/// A log without a record for this long is silent; whether that is long for the host is judged from all of them.
pub const SILENCE: Span = Span::hours(1);
/// Silences kept for one log, the longest.
const SILENCES_KEPT: usize = 16;
/// A silence is long where it lasts more than this many times what is usual.
const LONG: i64 = 2;
/// The silence of this rank, from 0, is what is usual: nights come often, a lost weekend does not.
const USUAL: usize = 4;

const TICKS_OF_HOUR: i64 = Span::hours(1).as_ticks();
/// Hours before the newest one in which a late record is still counted into its own hour.
const HOURS_BACK: i64 = 63;

/// One kind of record, or all records of one log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sighting {
    pub count: u32,
    pub first: Option<Timestamp>,
    pub last: Option<Timestamp>,
    /// Different hours in which it was seen; records that come more than 63 hours late add none.
    pub hours: u32,
    /// Newest hour, since 1970, and one bit for each of the 64 hours up to it.
    newest: i64,
    recent: u64,
}

impl Sighting {
    /// `hour` is that of `at`, since 1970.
    #[inline]
    fn see(&mut self, at: Timestamp, hour: i64) {
        self.count = self.count.saturating_add(1);
        self.last = self.last.max(Some(at));
        if self.first.is_none_or(|first| at < first) {
            self.first = Some(at);
        }
        let back = self.newest - hour;
        if back < 0 || self.recent == 0 {
            self.recent = if back > -64 && self.recent != 0 { self.recent << -back } else { 0 } | 1;
            self.newest = hour;
            self.hours = self.hours.saturating_add(1);
        } else if back <= HOURS_BACK && self.recent & 1 << back == 0 {
            self.recent |= 1 << back;
            self.hours = self.hours.saturating_add(1);
        }
    }
    /// Hours with it among the hours with any record of `log`, in percent.
    #[must_use]
    pub fn share_of(&self, log: &Self) -> Option<u32> {
        (u64::from(self.hours) * 100).checked_div(log.hours.into()).and_then(|share| u32::try_from(share.min(100)).ok())
    }
}

/// A log told nothing from one record to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Silence {
    pub from: Timestamp,
    pub to: Timestamp,
    /// A boot ended it: the host was switched off.
    pub was_off: bool,
}

impl Silence {
    #[must_use]
    pub fn lasted(&self) -> Span {
        self.to - self.from
    }
}

/// One log of a host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogSighting {
    pub log: LogNumber,
    pub all: Sighting,
    /// The longest, in no order.
    silences: Vec<Silence>,
}

impl LogSighting {
    #[inline]
    fn see(&mut self, at: Timestamp, hour: i64, kind: EventKind) {
        match self.all.last {
            Some(last) if at - last >= SILENCE => {
                let was_off = matches!(kind, EventKind::Boot | EventKind::EventLogStarted);
                self.keep(Silence { from: last, to: at, was_off });
            }
            Some(last) if at < last && !self.silences.is_empty() => self.break_silence(at),
            _ => {}
        }
        self.all.see(at, hour);
    }
    #[cold]
    fn keep(&mut self, silence: Silence) {
        self.silences.push(silence);
        if self.silences.len() > SILENCES_KEPT
            && let Some((shortest, _)) = self.silences.iter().enumerate().min_by_key(|(_, silence)| silence.lasted())
        {
            self.silences.swap_remove(shortest);
        }
    }
    /// A late record lies in a silence: there are two now, or none.
    #[cold]
    fn break_silence(&mut self, at: Timestamp) {
        let Some(place) = self.silences.iter().position(|silence| silence.from < at && at < silence.to) else { return };
        let whole = self.silences.swap_remove(place);
        for part in [Silence { to: at, was_off: false, ..whole }, Silence { from: at, ..whole }] {
            if part.lasted() >= SILENCE {
                self.keep(part);
            }
        }
    }
    /// What is usual for this log: of its silences the fifth longest, or an hour.
    #[must_use]
    pub fn usual_silence(&self) -> Span {
        let mut lasted: Vec<Span> = self.silences.iter().filter(|silence| !silence.was_off).map(Silence::lasted).collect();
        lasted.sort_by(|one, other| other.cmp(one));
        lasted.get(USUAL).copied().unwrap_or(SILENCE)
    }
    /// `no logon record for 2d 12h, TIME to TIME (usually at most 12h 00m)`.
    #[must_use]
    pub fn words(&self, silence: &Silence, zone: Zone) -> String {
        format!(
            "no logon record for {}, {} to {} (usually at most {})",
            silence.lasted().words(),
            zone.date_time(silence.from),
            zone.date_time(silence.to),
            self.usual_silence().words()
        )
    }
    /// Silences that are long for this log, oldest first. Those of a host that was switched off lose nothing.
    #[must_use]
    pub fn long_silences(&self) -> Vec<Silence> {
        let usual = self.usual_silence();
        let is_long = |silence: &&Silence| !silence.was_off && silence.lasted() > usual * LONG;
        let mut long: Vec<Silence> = self.silences.iter().filter(is_long).copied().collect();
        long.sort_by_key(|silence| silence.from);
        long
    }
}

/// Places of the kinds of records and of the logs in their lists, from 1; 0 for what was never seen.
#[derive(Clone, Debug)]
pub struct Sightings {
    places: [u8; KNOWN_LINES + 1],
    kinds: Vec<(KnownId, Sighting)>,
    logs: Vec<LogSighting>,
    /// The clock was set by a minute or more.
    pub clock_steps: Sighting,
}

impl Default for Sightings {
    fn default() -> Self {
        Self { places: [0; KNOWN_LINES + 1], kinds: Vec::new(), logs: Vec::new(), clock_steps: Sighting::default() }
    }
}

impl Sightings {
    /// Counts one event; nothing for those that are not in the list (sign-ins).
    #[inline]
    pub fn see(&mut self, event: &AuthEvent) {
        let known = event.known;
        let Some(place) = self.places.get(known.index()).copied().filter(|_| known.is_some()) else { return };
        let hour = event.at.as_ticks().div_euclid(TICKS_OF_HOUR);
        match self.kinds.get_mut(usize::from(place).wrapping_sub(1)) {
            Some((_, sighting)) => sighting.see(event.at, hour),
            None => self.add(known, event.at, hour),
        }
        let log = known.log();
        // A host writes a handful of logs; the one used last stands first.
        let place = self.logs.iter().position(|known| known.log == log).unwrap_or_else(|| {
            self.logs.push(LogSighting { log, ..LogSighting::default() });
            self.logs.len() - 1
        });
        self.logs.swap(0, place);
        if let Some(first) = self.logs.first_mut() {
            first.see(event.at, hour, event.kind);
        }
        if event.kind == EventKind::ClockStep {
            self.clock_steps.see(event.at, hour);
        }
    }
    #[cold]
    fn add(&mut self, known: KnownId, at: Timestamp, hour: i64) {
        let mut sighting = Sighting::default();
        sighting.see(at, hour);
        self.kinds.push((known, sighting));
        if let (Some(place), Ok(number)) = (self.places.get_mut(known.index()), u8::try_from(self.kinds.len())) {
            *place = number;
        }
    }
    /// The record of this log with this id; `None` where it was never seen.
    #[must_use]
    pub fn of(&self, channel: &str, id: u32) -> Option<&Sighting> {
        let known = event_id::find(channel, "", id)?.known;
        let place = usize::from(*self.places.get(known.index())?).checked_sub(1)?;
        self.kinds.get(place).map(|(_, sighting)| sighting)
    }
    /// What was seen of a log; `None` where nothing was.
    #[must_use]
    pub fn log(&self, channel: &str) -> Option<&LogSighting> {
        self.logs.iter().find(|log| event_id::channel(log.log).eq_ignore_ascii_case(channel))
    }
    /// Every log, in the order of the list.
    #[must_use]
    pub fn logs(&self) -> Vec<&LogSighting> {
        let mut logs: Vec<&LogSighting> = self.logs.iter().collect();
        logs.sort_by_key(|log| log.log);
        logs
    }
    /// Every kind of record that was seen, in the order of the list.
    #[must_use]
    pub fn kinds(&self) -> Vec<(&'static KnownEvent, Sighting)> {
        let mut kinds: Vec<_> = self.kinds.iter().filter_map(|(known, sighting)| Some((event_id::line(*known)?, *sighting))).collect();
        kinds.sort_by_key(|(event, _)| event.known);
        kinds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }
    fn event(channel: &str, id: u32, time: &str) -> AuthEvent {
        let known = event_id::find(channel, "", id).unwrap();
        AuthEvent { at: at(time), kind: known.kind, known: known.known, event_id: id, ..AuthEvent::default() }
    }
    fn seen(events: &[(&str, u32, &str)]) -> Sightings {
        let mut seen = Sightings::default();
        events.iter().for_each(|(channel, id, time)| seen.see(&event(channel, *id, time)));
        seen
    }

    #[test]
    fn each_kind_of_record_is_counted_with_its_hours() {
        let seen = seen(&[
            ("Security", 4624, "2026-03-14T09:00:00Z"),
            ("Security", 4624, "2026-03-14T09:59:59Z"),
            ("Security", 4634, "2026-03-14T10:00:00Z"),
            // Two hours late: an hour of its own, once.
            ("Security", 4624, "2026-03-14T08:00:00Z"),
            ("Security", 4624, "2026-03-14T08:30:00Z"),
            ("System", 12, "2026-03-14T10:30:00Z"),
        ]);
        let logons = seen.of("Security", 4624).unwrap();
        assert_eq!((logons.count, logons.hours), (4, 2));
        assert_eq!((logons.first, logons.last), (Some(at("2026-03-14T08:00:00Z")), Some(at("2026-03-14T09:59:59Z"))));
        let log = &seen.log("Security").unwrap().all;
        assert_eq!((log.count, log.hours, logons.share_of(log)), (5, 3, Some(66)));
        assert_eq!(seen.of("Security", 4625), None);
        assert_eq!(seen.kinds().iter().map(|(event, _)| event.id).collect::<Vec<_>>(), [Some(4624), Some(4634), Some(12)]);
        assert_eq!(seen.logs().len(), 2);
    }

    #[test]
    fn sign_ins_leave_no_trace() {
        let mut seen = Sightings::default();
        seen.see(&AuthEvent { at: at("2026-03-14T09:00:00Z"), kind: EventKind::SignIn, ..AuthEvent::default() });
        assert!(seen.kinds().is_empty() && seen.logs().is_empty());
    }

    #[test]
    fn a_silence_is_long_by_what_is_usual_for_the_host() {
        // Off every night for 12 hours, six times; then once for 60.
        let mut events: Vec<(&str, u32, String)> = Vec::new();
        for day in 1..=7 {
            events.extend((8..=20).map(|hour| ("Security", 4624, format!("2026-03-{day:02}T{hour:02}:00:00Z"))));
        }
        let mut night = Sightings::default();
        events.iter().for_each(|(channel, id, time)| night.see(&event(channel, *id, time)));
        assert_eq!(night.log("Security").unwrap().usual_silence(), Span::hours(12));
        assert!(night.log("Security").unwrap().long_silences().is_empty());
        night.see(&event("Security", 4624, "2026-03-10T08:00:00Z"));
        let long = night.log("Security").unwrap().long_silences();
        assert_eq!(long.iter().map(Silence::lasted).collect::<Vec<_>>(), [Span::hours(60)]);
        // A record that comes late breaks it.
        night.see(&event("Security", 4624, "2026-03-09T02:00:00Z"));
        let parts = night.log("Security").unwrap().long_silences();
        assert_eq!(parts.iter().map(Silence::lasted).collect::<Vec<_>>(), [Span::hours(30), Span::hours(30)]);
    }

    #[test]
    fn a_host_that_was_switched_off_was_not_silent() {
        let seen = seen(&[("Security", 4624, "2026-03-14T09:00:00Z"), ("Security", 4608, "2026-03-16T09:00:00Z")]);
        assert!(seen.log("Security").unwrap().long_silences().is_empty());
    }
}
