//! The spellings of a moment in logs. The usual one is read byte by byte: nearly every record has it.

use super::{TICKS_PER_SECOND, Timestamp};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

/// The moment that a text without spaces around it states, in any of the spellings.
pub(super) fn parse(text: &str) -> Option<Timestamp> {
    parse_plain(text.as_bytes())
        .or_else(|| parse_iso(text))
        .or_else(|| parse_us(text))
        .or_else(|| parse_epoch(text))
        .or_else(|| parse_words(text))
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
