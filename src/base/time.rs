//! Moments and spans of event time.
//!
//! Windows writes times in steps of 100 nanoseconds (FILETIME), Entra in seven digits of fraction, so one tick here is
//! 100 ns and nothing is rounded. The wall clock is not read in this file; event time comes from the records.

mod spelling;

use chrono::{DateTime, Datelike, NaiveDateTime, Timelike, Utc};
use std::num::NonZeroU64;

/// Ticks of 100 ns in one second.
pub const TICKS_PER_SECOND: i64 = 10_000_000;

/// 100 ns ticks from 1601-01-01 (FILETIME epoch) to 1970-01-01 (Unix epoch).
const FILETIME_TO_UNIX: i64 = 116_444_736_000_000_000;

/// A moment in UTC, in ticks of 100 ns since 1970-01-01T00:00:00Z.
///
/// Range kept: years 1601 to 9999. What lies outside is not a moment (constructors give `None`).
///
/// Kept as the ticks since the least number, so that the order is that of time and nothing is 0: `Option<Timestamp>` is no
/// larger than a `Timestamp`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(NonZeroU64);

/// A length of time in ticks of 100 ns; may be negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(i64);

impl Span {
    pub const ZERO: Self = Self(0);

    #[must_use]
    #[inline]
    pub const fn ticks(ticks: i64) -> Self {
        Self(ticks)
    }
    #[must_use]
    #[inline]
    pub const fn millis(millis: i64) -> Self {
        Self(millis.saturating_mul(10_000))
    }
    #[must_use]
    #[inline]
    pub const fn seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(TICKS_PER_SECOND))
    }
    #[must_use]
    #[inline]
    pub const fn minutes(minutes: i64) -> Self {
        Self::seconds(minutes.saturating_mul(60))
    }
    #[must_use]
    #[inline]
    pub const fn hours(hours: i64) -> Self {
        Self::minutes(hours.saturating_mul(60))
    }
    #[must_use]
    #[inline]
    pub const fn days(days: i64) -> Self {
        Self::hours(days.saturating_mul(24))
    }
    #[must_use]
    #[inline]
    pub const fn as_ticks(self) -> i64 {
        self.0
    }
    #[must_use]
    #[inline]
    pub const fn as_seconds(self) -> i64 {
        self.0.div_euclid(TICKS_PER_SECOND)
    }
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // a span of centuries still keeps microseconds in an f64
    #[inline]
    pub fn as_seconds_f64(self) -> f64 {
        self.0 as f64 / TICKS_PER_SECOND as f64
    }
    #[must_use]
    #[inline]
    pub const fn abs(self) -> Self {
        Self(self.0.saturating_abs())
    }
    /// Short words for people: `0.4s`, `12s`, `3m 18s`, `10m`, `5h 02m`, `12d 4h`, `297d`.
    #[must_use]
    pub fn words(self) -> String {
        let seconds = self.abs().as_seconds();
        let sign = if self.0 < 0 { "-" } else { "" };
        let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
        if self.abs().0 < 10 * TICKS_PER_SECOND && self.0 % TICKS_PER_SECOND != 0 {
            format!("{sign}{:.1}s", self.abs().as_seconds_f64())
        } else if seconds < 60 {
            format!("{sign}{seconds}s")
        } else if seconds < 3_600 {
            match seconds % 60 {
                0 => format!("{sign}{minutes}m"),
                rest => format!("{sign}{minutes}m {rest:02}s"),
            }
        } else if days == 0 {
            format!("{sign}{hours}h {minutes:02}m")
        } else if days < 100 {
            format!("{sign}{days}d {hours}h")
        } else {
            format!("{sign}{days}d")
        }
    }
}

impl std::ops::Add<Span> for Timestamp {
    type Output = Self;
    #[inline]
    fn add(self, span: Span) -> Self {
        Self::at(self.as_ticks().saturating_add(span.0))
    }
}
impl std::ops::Sub<Span> for Timestamp {
    type Output = Self;
    #[inline]
    fn sub(self, span: Span) -> Self {
        Self::at(self.as_ticks().saturating_sub(span.0))
    }
}
impl std::ops::Sub for Timestamp {
    type Output = Span;
    #[inline]
    fn sub(self, earlier: Self) -> Span {
        Span(self.as_ticks().saturating_sub(earlier.as_ticks()))
    }
}
impl std::ops::Mul<i64> for Span {
    type Output = Self;
    fn mul(self, times: i64) -> Self {
        Self(self.0.saturating_mul(times))
    }
}

impl Default for Timestamp {
    /// 1970-01-01T00:00:00Z.
    fn default() -> Self {
        Self::at(0)
    }
}

impl std::fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Timestamp").field(&self.as_ticks()).finish()
    }
}

impl std::hash::Hash for Timestamp {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.as_ticks().hash(state);
    }
}

impl Timestamp {
    pub const MIN: Self = Self::at(-FILETIME_TO_UNIX);
    /// 9999-12-31T23:59:59.9999999Z, the last moment RFC 3339 can write.
    pub const MAX: Self = Self::at(253_402_300_799 * TICKS_PER_SECOND + TICKS_PER_SECOND - 1);

    /// Of any number of ticks; the least is as good as the next.
    #[inline]
    const fn at(ticks: i64) -> Self {
        match NonZeroU64::new((ticks ^ i64::MIN).cast_unsigned()) {
            Some(since_least) => Self(since_least),
            None => Self(NonZeroU64::MIN),
        }
    }

    fn checked(ticks: i64) -> Option<Self> {
        let at = Self::at(ticks);
        (Self::MIN..=Self::MAX).contains(&at).then_some(at)
    }
    /// From a Windows FILETIME: 100 ns since 1601-01-01. `None` for zero and for years past 9999.
    #[must_use]
    pub fn from_filetime(filetime: u64) -> Option<Self> {
        let ticks = i64::try_from(filetime).ok()?;
        if ticks == 0 {
            return None;
        }
        Self::checked(ticks - FILETIME_TO_UNIX)
    }
    #[must_use]
    pub fn from_unix_seconds(seconds: i64) -> Option<Self> {
        Self::checked(seconds.checked_mul(TICKS_PER_SECOND)?)
    }
    #[must_use]
    pub fn from_unix_millis(millis: i64) -> Option<Self> {
        Self::checked(millis.checked_mul(10_000)?)
    }
    /// From 100 ns ticks since the Unix epoch.
    #[must_use]
    pub fn from_ticks(ticks: i64) -> Option<Self> {
        Self::checked(ticks)
    }
    #[must_use]
    pub fn from_chrono(at: DateTime<Utc>) -> Option<Self> {
        let ticks = at.timestamp().checked_mul(TICKS_PER_SECOND)?;
        Self::checked(ticks.checked_add(i64::from(at.timestamp_subsec_nanos()) / 100)?)
    }
    #[must_use]
    #[inline]
    pub const fn as_ticks(self) -> i64 {
        self.0.get().cast_signed() ^ i64::MIN
    }
    #[must_use]
    #[inline]
    pub const fn as_unix_seconds(self) -> i64 {
        self.as_ticks().div_euclid(TICKS_PER_SECOND)
    }
    /// The start of the bucket of `size` that holds this moment; buckets are counted from the Unix epoch.
    #[must_use]
    #[inline]
    pub fn bucket(self, size: Span) -> Self {
        let size = size.0.max(1);
        Self::at(self.as_ticks().div_euclid(size).saturating_mul(size))
    }
    #[must_use]
    pub fn to_chrono(self) -> DateTime<Utc> {
        let nanos = u32::try_from(self.as_ticks().rem_euclid(TICKS_PER_SECOND) * 100).unwrap_or(0);
        DateTime::from_timestamp(self.as_unix_seconds(), nanos).unwrap_or_default()
    }
    /// Hour of the week in UTC, 0 = Monday 00:00-00:59 .. 167 = Sunday 23:00-23:59.
    #[must_use]
    #[inline]
    pub fn hour_of_week(self) -> usize {
        // 1970-01-01 was a Thursday, day 3 of a week that starts on Monday.
        let hours = self.as_unix_seconds().div_euclid(3_600) + 3 * 24;
        usize::try_from(hours.rem_euclid(168)).unwrap_or(0)
    }
    /// RFC 3339 in UTC with six digits of fraction: `2021-02-12T12:32:31.035425Z`.
    #[must_use]
    pub fn rfc3339(self) -> String {
        // By hand: reports write millions of these, and a format string is read anew each time.
        let at = self.to_chrono();
        let mut text = String::with_capacity(27);
        let mut digits = |number: u32, places: u32, before: &str| {
            text.push_str(before);
            for place in (0..places).rev() {
                text.push(char::from_digit(number / 10_u32.pow(place) % 10, 10).unwrap_or('0'));
            }
        };
        digits(at.year().unsigned_abs(), 4, "");
        digits(at.month(), 2, "-");
        digits(at.day(), 2, "-");
        digits(at.hour(), 2, "T");
        digits(at.minute(), 2, ":");
        digits(at.second(), 2, ":");
        digits(at.timestamp_subsec_micros(), 6, ".");
        text.push('Z');
        text
    }
    /// Parses the ways times are written in logs; a text without a zone is taken as UTC.
    ///
    /// Understood: RFC 3339 with any number of fraction digits and `T` or blank between date and time, offsets `Z`,
    /// `+02:00`, `+0200`, ` +0200`; `12/12/2025 3:03:58 PM` and `4/28/2021, 2:08:45.221 PM` (month first, as Azure
    /// writes them); `14.03.2026 09:42:17` (day first); `Mar 14, 2026 @ 09:42:17.123` of Kibana; `/Date(1613133151035)/`; decimal epoch seconds or
    /// milliseconds.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        spelling::parse(text.trim())
    }
    /// Whether a text that parses says which zone it is in; epochs are UTC by what they are.
    #[must_use]
    pub fn states_zone(text: &str) -> bool {
        let text = text.trim_end();
        text.ends_with(['Z', 'z', 'C', 'c', 'T', 't']) || text.split_once(':').is_none_or(|(_, clock)| clock.contains(['+', '-']))
    }
}

/// The zone times are shown in; event time itself stays UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Zone {
    #[default]
    Utc,
    Local,
    Named(chrono_tz::Tz),
}

impl Zone {
    /// Wall-clock time in this zone.
    #[must_use]
    pub fn local(self, at: Timestamp) -> NaiveDateTime {
        let at = at.to_chrono();
        match self {
            Self::Utc => at.naive_utc(),
            Self::Local => at.with_timezone(&chrono::Local).naive_local(),
            Self::Named(zone) => at.with_timezone(&zone).naive_local(),
        }
    }
    /// As `parse` reads it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Utc => "utc",
            Self::Local => "local",
            Self::Named(zone) => zone.name(),
        }
    }
    /// The same for people: `UTC`.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Utc => "UTC",
            Self::Local => "local time",
            Self::Named(zone) => zone.name(),
        }
    }
    /// Suffix that marks the zone behind a time: `Z` for UTC, nothing else is claimed.
    #[must_use]
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::Utc => "Z",
            Self::Local | Self::Named(_) => "",
        }
    }
    /// `2026-03-14 09:42:17`, with `Z` in UTC.
    #[must_use]
    pub fn date_time(self, at: Timestamp) -> String {
        format!("{}{}", self.local(at).format("%Y-%m-%d %H:%M:%S"), self.suffix())
    }
    /// `09:42:17`, with `Z` in UTC.
    #[must_use]
    pub fn clock(self, at: Timestamp) -> String {
        format!("{}{}", self.local(at).format("%H:%M:%S"), self.suffix())
    }
    /// `03-14 09:42:17`, with `Z` in UTC.
    #[must_use]
    pub fn day_clock(self, at: Timestamp) -> String {
        format!("{}{}", self.local(at).format("%m-%d %H:%M:%S"), self.suffix())
    }
    /// `26-03-14 09:42`, with `Z` in UTC: as wide as `day_clock`, for data of more than a year.
    #[must_use]
    pub fn year_clock(self, at: Timestamp) -> String {
        format!("{}{}", self.local(at).format("%y-%m-%d %H:%M"), self.suffix())
    }
    /// Hour of the week in this zone, 0 = Monday 00 h .. 167 = Sunday 23 h.
    #[must_use]
    pub fn hour_of_week(self, at: Timestamp) -> usize {
        let local = self.local(at);
        let day = usize::try_from(local.weekday().num_days_from_monday()).unwrap_or(0);
        day * 24 + usize::try_from(local.hour()).unwrap_or(0)
    }
    /// Reads `utc`, `local` or an IANA name such as `Europe/Vienna`.
    ///
    /// # Errors
    /// The name is none of these; the text says what to write.
    pub fn parse(name: &str) -> Result<Self, String> {
        match name.to_ascii_lowercase().as_str() {
            "utc" | "z" => Ok(Self::Utc),
            "local" => Ok(Self::Local),
            _ => name
                .parse()
                .map(Self::Named)
                .map_err(|_| format!("unknown time zone '{name}': write utc, local or a name such as Europe/Vienna")),
        }
    }
    /// The moment a wall-clock time in this zone stands for; the earlier one where a clock change makes it double.
    #[must_use]
    pub fn moment(self, local: NaiveDateTime) -> Option<Timestamp> {
        use chrono::TimeZone as _;
        let at = match self {
            Self::Utc => local.and_utc(),
            Self::Local => chrono::Local.from_local_datetime(&local).earliest()?.with_timezone(&Utc),
            Self::Named(zone) => zone.from_local_datetime(&local).earliest()?.with_timezone(&Utc),
        };
        Timestamp::from_chrono(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_one_moment_is_the_same_moment() {
        let expected = Timestamp::parse("2025-12-12T15:03:58Z").unwrap();
        for text in [
            "2025-12-12 15:03:58",
            "2025-12-12T15:03:58.0000000Z",
            "2025-12-12T15:03:58+00:00",
            "2025-12-12T10:03:58-05:00",
            "2025-12-12 17:03:58 +0200",
            "12/12/2025 3:03:58 PM",
            "12/12/2025, 3:03:58.000 PM",
            "Dec 12, 2025 @ 15:03:58.000",
            "12.12.2025 15:03:58",
            "/Date(1765551838000)/",
            "1765551838",
            "1765551838.0",
            "1765551838000",
        ] {
            assert_eq!(Timestamp::parse(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn a_time_says_its_zone_or_not() {
        for text in
            ["2025-12-12T15:03:58Z", "2025-12-12 15:03:58 +0200", "2025-12-12T15:03:58-05:00", "1765551838", "/Date(1765551838000)/"]
        {
            assert!(Timestamp::states_zone(text), "{text}");
        }
        for text in ["2025-12-12 15:03:58", "2025-12-12T15:03:58.123", "12/12/2025 3:03:58 PM", "Dec 12, 2025 @ 15:03:58.000"] {
            assert!(!Timestamp::states_zone(text), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in
            ["", "-", "yesterday", "2025-13-01T00:00:00Z", "2025-12-12T25:00:00Z", "99999999999999999999", "2025-12-12T15:03:58+99:00"]
        {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }

    #[test]
    fn rfc3339_is_written_as_the_calendar_says() {
        for ticks in [Timestamp::MIN.as_ticks(), -1, 0, 9_999_999, 17_734_812_345_678_901, Timestamp::MAX.as_ticks()] {
            let at = Timestamp::from_ticks(ticks).unwrap();
            assert_eq!(at.rfc3339(), at.to_chrono().format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string());
        }
    }

    #[test]
    fn filetime_keeps_all_seven_digits() {
        let at = Timestamp::from_filetime(132_576_067_510_354_251).unwrap();
        assert_eq!(at.rfc3339(), "2021-02-12T12:32:31.035425Z");
        assert_eq!(at.as_ticks() % 10, 1);
        assert_eq!(Timestamp::from_filetime(0), None);
        assert_eq!(Timestamp::from_filetime(u64::MAX), None);
    }

    #[test]
    fn hour_of_week_starts_on_monday() {
        assert_eq!(Timestamp::parse("2026-03-16T00:10:00Z").unwrap().hour_of_week(), 0);
        assert_eq!(Timestamp::parse("2026-03-15T23:10:00Z").unwrap().hour_of_week(), 167);
        assert_eq!(Zone::Utc.hour_of_week(Timestamp::parse("2026-03-14T09:00:00Z").unwrap()), 5 * 24 + 9);
    }

    #[test]
    fn spans_read_well() {
        for (span, words) in [
            (Span::millis(400), "0.4s"),
            (Span::seconds(12), "12s"),
            (Span::seconds(198), "3m 18s"),
            (Span::minutes(10), "10m"),
            (Span::minutes(302), "5h 02m"),
            (Span::hours(12 * 24 + 4), "12d 4h"),
            (Span::hours(297 * 24 + 8), "297d"),
        ] {
            assert_eq!(span.words(), words);
        }
    }
}
