//! Times and lengths of time as people type them.
//!
//! A time names a stretch: `09:30` is the minute, `2026-03-14` the day, `-2h` a moment. `time:09:30` is anything in that
//! minute, `time>09:30` anything after it, `a..b` reaches to the end of `b`.

use crate::base::time::{Span, Timestamp, Zone};
use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime};

/// What relative times count from, and the zone clock times are meant in.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    pub now: Timestamp,
    pub zone: Zone,
}

/// From the first to the last tick that a text names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    pub first: Timestamp,
    pub last: Timestamp,
}

impl Stretch {
    fn of(first: Timestamp, length: Span) -> Self {
        Self { first, last: first + length - Span::ticks(1) }
    }
}

/// Is the text a whole day, so that a clock time may follow?
pub fn is_day(text: &str) -> bool {
    matches!(text.to_ascii_lowercase().as_str(), "today" | "yesterday") || NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok()
}

impl Clock {
    fn day(&self, text: &str) -> Option<NaiveDate> {
        let today = self.zone.local(self.now).date();
        match text.to_ascii_lowercase().as_str() {
            "today" => Some(today),
            "yesterday" => today.checked_sub_days(Days::new(1)),
            _ if text.len() == 10 => NaiveDate::parse_from_str(text, "%Y-%m-%d").ok(),
            _ => None,
        }
    }
    fn stretch(&self, day: NaiveDate, clock: &str) -> Option<Stretch> {
        let (time, length) = match NaiveTime::parse_from_str(clock, "%H:%M") {
            Ok(time) => (time, Span::minutes(1)),
            Err(_) => (NaiveTime::parse_from_str(clock, "%H:%M:%S").ok()?, Span::seconds(1)),
        };
        Some(Stretch::of(self.zone.moment(NaiveDateTime::new(day, time))?, length))
    }
    /// `now`, `-2h`, `09:30`, `09:30:15`, `today`, `yesterday`, `yesterday 18:00`, `2026-03-14`, `2026-03-14 09:30`,
    /// `2026-03-14T09:30Z` and every other RFC 3339 spelling. A time without a zone is meant in the zone of the clock.
    pub fn parse(&self, text: &str) -> Option<Stretch> {
        let text = text.trim();
        if text.eq_ignore_ascii_case("now") {
            return Some(Stretch { first: self.now, last: self.now });
        }
        if let Some(rest) = text.strip_prefix('-') {
            let at = self.now - span(rest)?;
            return Some(Stretch { first: at, last: at });
        }
        if let Some(day) = self.day(text) {
            let first = self.zone.moment(day.and_time(NaiveTime::MIN))?;
            let next = self.zone.moment(day.checked_add_days(Days::new(1))?.and_time(NaiveTime::MIN))?;
            return Some(Stretch::of(first, next - first));
        }
        if let Some(stretch) = self.stretch(self.zone.local(self.now).date(), text) {
            return Some(stretch);
        }
        if let Some((day, clock)) = text.split_once(' ').or_else(|| text.split_once(['T', 't']))
            && let Some(stretch) = self.day(day).and_then(|day| self.stretch(day, clock.trim()))
        {
            return Some(stretch);
        }
        // With a zone or a fraction of a second.
        let at = Timestamp::parse(text).filter(|_| text.contains([':', '/']))?;
        let length = match text.matches(':').count() {
            _ if text.contains(['.', ',', '/']) => Span::ticks(1),
            _ if text.trim_end_matches(['Z', 'z']).len() <= 16 => Span::minutes(1),
            _ => Span::seconds(1),
        };
        Some(Stretch::of(at, length))
    }
}

/// `90s`, `10m`, `1h30m`, `2d`, `1w`, `500ms`; a bare number is seconds.
pub fn span(text: &str) -> Option<Span> {
    let mut rest = text.trim();
    let mut sum = 0_i64;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (number, tail) = rest.split_at(end);
        let number: i64 = number.parse().ok()?;
        let end = tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(end);
        let unit = match unit.to_ascii_lowercase().as_str() {
            "ms" => Span::millis(1),
            "" | "s" | "sec" => Span::seconds(1),
            "m" | "min" => Span::minutes(1),
            "h" => Span::hours(1),
            "d" => Span::days(1),
            "w" => Span::days(7),
            _ => return None,
        };
        sum = sum.checked_add(number.checked_mul(unit.as_ticks())?)?;
        rest = tail.trim_start();
    }
    Some(Span::ticks(sum))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        let now = Timestamp::parse("2026-03-14T09:42:17Z").unwrap();
        let utc = Clock { now, zone: Zone::Utc };
        for (text, first, last) in [
            ("09:30", "2026-03-14T09:30:00Z", "2026-03-14T09:30:59.9999999Z"),
            ("09:30:15", "2026-03-14T09:30:15Z", "2026-03-14T09:30:15.9999999Z"),
            ("-2h", "2026-03-14T07:42:17Z", "2026-03-14T07:42:17Z"),
            ("-1h30m", "2026-03-14T08:12:17Z", "2026-03-14T08:12:17Z"),
            ("now", "2026-03-14T09:42:17Z", "2026-03-14T09:42:17Z"),
            ("yesterday", "2026-03-13T00:00:00Z", "2026-03-13T23:59:59.9999999Z"),
            ("Yesterday 18:00", "2026-03-13T18:00:00Z", "2026-03-13T18:00:59.9999999Z"),
            ("2026-03-12", "2026-03-12T00:00:00Z", "2026-03-12T23:59:59.9999999Z"),
            ("2026-03-14T09:30Z", "2026-03-14T09:30:00Z", "2026-03-14T09:30:59.9999999Z"),
            ("2026-03-14T09:30:05Z", "2026-03-14T09:30:05Z", "2026-03-14T09:30:05.9999999Z"),
            ("2026-03-14T11:30:05+02:00", "2026-03-14T09:30:05Z", "2026-03-14T09:30:05.9999999Z"),
            ("2026-03-14T09:30:05.1234567Z", "2026-03-14T09:30:05.1234567Z", "2026-03-14T09:30:05.1234567Z"),
        ] {
            let stretch = utc.parse(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(Some(stretch.first), Timestamp::parse(first), "{text}");
            assert_eq!(Some(stretch.last), Timestamp::parse(last), "{text}");
        }
        for text in ["", "-", "25:00", "09:61", "-2x", "soon", "2026-13-01", "12"] {
            assert_eq!(utc.parse(text), None, "{text}");
        }
        let vienna = Clock { now, zone: Zone::parse("Europe/Vienna").unwrap() };
        assert_eq!(vienna.parse("10:30").unwrap().first, Timestamp::parse("2026-03-14T09:30:00Z").unwrap());
    }
}
