//! Moments and spans of event time.
//!
//! Windows writes times in steps of 100 nanoseconds (FILETIME), Entra in seven digits of fraction, so one tick here is
//! 100 ns and nothing is rounded. The wall clock is not read in this file; event time comes from the records.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc};

/// Ticks of 100 ns in one second.
pub const TICKS_PER_SECOND: i64 = 10_000_000;

/// 100 ns ticks from 1601-01-01 (FILETIME epoch) to 1970-01-01 (Unix epoch).
const FILETIME_TO_UNIX: i64 = 116_444_736_000_000_000;

/// A moment in UTC, in ticks of 100 ns since 1970-01-01T00:00:00Z.
///
/// Range kept: years 1601 to 9999. What lies outside is not a moment (constructors give `None`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

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
        Self(self.0.saturating_add(span.0))
    }
}
impl std::ops::Sub<Span> for Timestamp {
    type Output = Self;
    #[inline]
    fn sub(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0))
    }
}
impl std::ops::Sub for Timestamp {
    type Output = Span;
    #[inline]
    fn sub(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}
impl std::ops::Mul<i64> for Span {
    type Output = Self;
    fn mul(self, times: i64) -> Self {
        Self(self.0.saturating_mul(times))
    }
}

impl Timestamp {
    pub const MIN: Self = Self(-FILETIME_TO_UNIX);
    /// 9999-12-31T23:59:59.9999999Z, the last moment RFC 3339 can write.
    pub const MAX: Self = Self(253_402_300_799 * TICKS_PER_SECOND + TICKS_PER_SECOND - 1);

    fn checked(ticks: i64) -> Option<Self> {
        let at = Self(ticks);
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
        self.0
    }
    #[must_use]
    #[inline]
    pub const fn as_unix_seconds(self) -> i64 {
        self.0.div_euclid(TICKS_PER_SECOND)
    }
    /// The start of the bucket of `size` that holds this moment; buckets are counted from the Unix epoch.
    #[must_use]
    #[inline]
    pub fn bucket(self, size: Span) -> Self {
        let size = size.0.max(1);
        Self(self.0.div_euclid(size).saturating_mul(size))
    }
    #[must_use]
    pub fn to_chrono(self) -> DateTime<Utc> {
        let nanos = u32::try_from(self.0.rem_euclid(TICKS_PER_SECOND) * 100).unwrap_or(0);
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
        let text = text.trim();
        parse_plain(text.as_bytes())
            .or_else(|| parse_iso(text))
            .or_else(|| parse_us(text))
            .or_else(|| parse_epoch(text))
            .or_else(|| parse_words(text))
    }
    /// Whether a text that parses says which zone it is in; epochs are UTC by what they are.
    #[must_use]
    pub fn states_zone(text: &str) -> bool {
        let text = text.trim_end();
        text.ends_with(['Z', 'z', 'C', 'c', 'T', 't']) || text.split_once(':').is_none_or(|(_, clock)| clock.contains(['+', '-']))
    }
}

fn digits(bytes: &[u8]) -> Option<i64> {
    if bytes.is_empty() || bytes.len() > 18 {
        return None;
    }
    bytes.iter().try_fold(0_i64, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0')))
}

/// Fraction digits to ticks; digits past the seventh are cut.
fn fraction(bytes: &[u8]) -> Option<i64> {
    let kept = bytes.get(..bytes.len().min(7))?;
    let scale = 10_i64.pow(u32::try_from(7 - kept.len()).ok()?);
    Some(digits(kept)? * scale)
}

fn join(date: NaiveDate, time: NaiveTime, ticks: i64, offset_seconds: i64) -> Option<Timestamp> {
    let seconds = NaiveDateTime::new(date, time).and_utc().timestamp();
    Timestamp::checked((seconds - offset_seconds).checked_mul(TICKS_PER_SECOND)?.checked_add(ticks)?)
}

fn parse_offset(text: &[u8]) -> Option<i64> {
    let text = text.trim_ascii();
    match text.split_first() {
        None | Some((b'Z' | b'z', [])) => Some(0),
        Some((sign @ (b'+' | b'-'), rest)) => {
            let (hours, minutes) = match rest {
                [h1, h2, b':', m1, m2] | [h1, h2, m1, m2] => (digits(&[*h1, *h2])?, digits(&[*m1, *m2])?),
                [h1, h2] => (digits(&[*h1, *h2])?, 0),
                _ => return None,
            };
            let seconds = hours * 3_600 + minutes * 60;
            (hours < 24 && minutes < 60).then_some(if *sign == b'-' { -seconds } else { seconds })
        }
        Some(_) => (text.eq_ignore_ascii_case(b"utc") || text.eq_ignore_ascii_case(b"gmt")).then_some(0),
    }
}

/// The spelling nearly all logs have: `2026-03-14T09:42:17.1234567Z`, with seven fraction digits at most. What it does not
/// take is looked at again by the others.
fn parse_plain(bytes: &[u8]) -> Option<Timestamp> {
    let [y1, y2, y3, y4, b'-', mo1, mo2, b'-', d1, d2, b'T', h1, h2, b':', m1, m2, b':', s1, s2, rest @ .., b'Z'] = bytes else {
        return None;
    };
    let pair = |tens: &u8, ones: &u8| {
        let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
        (tens < 10 && ones < 10).then(|| i64::from(tens) * 10 + i64::from(ones))
    };
    let (year, month, day) = (pair(y1, y2)? * 100 + pair(y3, y4)?, pair(mo1, mo2)?, pair(d1, d2)?);
    let (hour, minute, second) = (pair(h1, h2)?, pair(m1, m2)?, pair(s1, s2)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let longest = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=longest).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let ticks = match rest {
        [] => 0,
        [b'.', part @ ..] if part.len() <= 7 => fraction(part)?,
        _ => return None,
    };
    // Days since 1970 of the proleptic Gregorian calendar; years begin in March, so that the leap day is their last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (century, of_century) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * month + 2) / 5 + day - 1;
    let days = century * 146_097 + of_century * 365 + of_century / 4 - of_century / 100 + of_year - 719_468;
    let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second;
    Timestamp::checked(seconds * TICKS_PER_SECOND + ticks)
}

fn parse_iso(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let [y1, y2, y3, y4, b'-', mo1, mo2, b'-', d1, d2, b'T' | b't' | b' ', rest @ ..] = bytes else { return None };
    let date = NaiveDate::from_ymd_opt(
        i32::try_from(digits(&[*y1, *y2, *y3, *y4])?).ok()?,
        u32::try_from(digits(&[*mo1, *mo2])?).ok()?,
        u32::try_from(digits(&[*d1, *d2])?).ok()?,
    )?;
    let [h1, h2, b':', m1, m2, rest @ ..] = rest else { return None };
    let (second, rest) = match rest {
        [b':', s1, s2, rest @ ..] => (digits(&[*s1, *s2])?, rest),
        rest => (0, rest),
    };
    let (ticks, rest) = match rest {
        [b'.' | b',', rest @ ..] => {
            let end = rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len());
            (fraction(rest.get(..end)?)?, rest.get(end..)?)
        }
        rest => (0, rest),
    };
    let time = NaiveTime::from_hms_opt(
        u32::try_from(digits(&[*h1, *h2])?).ok()?,
        u32::try_from(digits(&[*m1, *m2])?).ok()?,
        u32::try_from(second.min(59)).ok()?,
    )?;
    join(date, time, ticks, parse_offset(rest)?)
}

fn parse_us(text: &str) -> Option<Timestamp> {
    let (date, time) = text.split_once(' ')?;
    let mut parts = date.trim_end_matches(',').split('/');
    let (month, day, year) = (parts.next()?, parts.next()?, parts.next()?);
    let date = NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)?;
    let (time, offset) = match time.rsplit_once(' ') {
        Some((time, zone)) if zone.starts_with(['+', '-']) => (time, parse_offset(zone.as_bytes())?),
        _ => (time, 0),
    };
    let (clock, half) = match time.trim().split_once([' ', '\u{202f}']) {
        Some((clock, half)) => (clock, half.trim()),
        None => (time.trim(), ""),
    };
    let (clock, ticks) = match clock.split_once('.') {
        Some((clock, rest)) => (clock, fraction(rest.as_bytes())?),
        None => (clock, 0),
    };
    let mut parts = clock.split(':');
    let mut hour: u32 = parts.next()?.parse().ok()?;
    let minute = parts.next()?.parse().ok()?;
    let second = parts.next().map_or(Ok(0), str::parse).ok()?;
    if half.eq_ignore_ascii_case("PM") && hour < 12 {
        hour += 12;
    } else if half.eq_ignore_ascii_case("AM") && hour == 12 {
        hour = 0;
    } else if !half.is_empty() && !half.eq_ignore_ascii_case("AM") && !half.eq_ignore_ascii_case("PM") {
        return None;
    }
    join(date, NaiveTime::from_hms_opt(hour, minute, second)?, ticks, offset)
}

/// `Mar 14, 2026 @ 09:42:17.123`, the form Kibana shows and exports times in unless told otherwise.
fn parse_words(text: &str) -> Option<Timestamp> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let Some((date, clock)) = text.split_once(" @ ") else { return parse_dotted(text) };
    let mut parts = date.split([' ', ',']).filter(|part| !part.is_empty());
    let (month, day, year) = (parts.next()?, parts.next()?, parts.next()?);
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    parse_iso(&format!("{year:0>4}-{month:02}-{day:0>2} {clock}"))
}

/// `14.03.2026 09:42:17`, as Windows shows times to people in much of Europe.
fn parse_dotted(text: &str) -> Option<Timestamp> {
    let (date, clock) = text.split_once(' ')?;
    let mut parts = date.split('.');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    parse_iso(&format!("{year:0>4}-{month:0>2}-{day:0>2} {clock:0>8}"))
}

fn parse_epoch(text: &str) -> Option<Timestamp> {
    if let Some(inner) = text.strip_prefix("/Date(").and_then(|rest| rest.strip_suffix(")/")) {
        return Timestamp::from_unix_millis(inner.parse().ok()?);
    }
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let value = digits(whole.as_bytes())?;
    match whole.len() {
        9..=11 => {
            let ticks = if part.is_empty() { 0 } else { fraction(part.as_bytes())? };
            Timestamp::checked(value.checked_mul(TICKS_PER_SECOND)?.checked_add(ticks)?)
        }
        12..=14 => Timestamp::from_unix_millis(value),
        _ => None,
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
    fn the_usual_spelling_is_read_as_the_calendar_says() {
        for year in [1601, 1700, 1899, 1900, 1970, 1999, 2000, 2024, 2026, 2100, 9999] {
            for date in ["01-01", "02-28", "02-29", "02-30", "03-01", "04-31", "06-30", "12-31", "13-01", "00-10"] {
                let text = format!("{year}-{date}T23:59:58.1234567Z");
                assert_eq!(parse_plain(text.as_bytes()), parse_iso(&text), "{text}");
            }
        }
        assert_eq!(parse_plain(b"2026-03-14T24:00:00Z"), None);
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
