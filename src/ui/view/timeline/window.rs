//! The stretch of event time on screen, and its axis: columns to moments and back, round times in the zone of the screen.

use crate::base::time::{Span, Timestamp, Zone};
use chrono::{Datelike as _, Duration, Months, NaiveDateTime, NaiveTime};

/// Narrowest and widest window.
const NARROWEST: Span = Span::seconds(1);
const WIDEST: Span = Span::days(366 * 60);

/// Event time from `from` to (not with) `to`; never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub from: Timestamp,
    pub to: Timestamp,
}

impl Window {
    /// `from..to`, at least the narrowest and at most the widest window.
    #[must_use]
    pub fn new(from: Timestamp, to: Timestamp) -> Self {
        Self::sized(from, to - from)
    }
    /// From `from` on, inside what moments can say.
    fn sized(from: Timestamp, width: Span) -> Self {
        let width = width.clamp(NARROWEST, WIDEST);
        let from = from.clamp(Timestamp::MIN, Timestamp::MAX - width);
        Self { from, to: from + width }
    }
    /// All of `first..=last` with a little room at both sides.
    #[must_use]
    pub fn around(first: Timestamp, last: Timestamp) -> Self {
        let room = Span::ticks((last - first).as_ticks() / 48).max(Span::seconds(2));
        Self::new(first - room, last + room)
    }
    #[must_use]
    pub fn width(self) -> Span {
        self.to - self.from
    }
    #[must_use]
    pub fn contains(self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }
    /// The column of a moment; before the window it is negative, behind it `columns` or more.
    #[must_use]
    pub fn column(self, at: Timestamp, columns: u16) -> i64 {
        let (ticks, width) = ((at - self.from).as_ticks(), self.width().as_ticks().max(1));
        if let Some(place) = ticks.checked_mul(i64::from(columns)) {
            return place.div_euclid(width);
        }
        let place = i128::from(ticks) * i128::from(columns);
        i64::try_from(place.div_euclid(i128::from(width))).unwrap_or(i64::MAX)
    }
    /// The first moment of a column.
    #[must_use]
    pub fn begin_of(self, column: i64, columns: u16) -> Timestamp {
        let (width, columns) = (i128::from(self.width().as_ticks()), i128::from(columns.max(1)));
        // Rounded up, so that the moment lies in the column and not just before it.
        let ticks = (i128::from(column) * width + columns - 1).div_euclid(columns);
        self.from + Span::ticks(i64::try_from(ticks).unwrap_or(i64::MAX))
    }
    /// The middle of a column.
    #[must_use]
    pub fn middle_of(self, column: i64, columns: u16) -> Timestamp {
        let begin = self.begin_of(column, columns);
        begin + Span::ticks((self.begin_of(column + 1, columns) - begin).as_ticks() / 2)
    }
    /// Twice as near, or twice as far; `at` keeps its place on screen.
    #[must_use]
    pub fn zoomed(self, at: Timestamp, nearer: bool) -> Self {
        let width = self.width();
        let wanted = if nearer { Span::ticks(width.as_ticks() / 2) } else { width * 2 };
        self.resized(at, wanted)
    }
    /// As wide as asked for; `at` keeps its place on screen.
    #[must_use]
    pub fn resized(self, at: Timestamp, width: Span) -> Self {
        let width = width.clamp(NARROWEST, WIDEST);
        let at = at.clamp(self.from, self.to);
        let before = i128::from((at - self.from).as_ticks()) * i128::from(width.as_ticks()) / i128::from(self.width().as_ticks().max(1));
        let from = at - Span::ticks(i64::try_from(before).unwrap_or(0));
        Self::sized(from, width)
    }
    #[must_use]
    pub fn moved(self, by: Span) -> Self {
        Self::sized(self.from + by, self.width())
    }
    #[must_use]
    pub fn centred(self, at: Timestamp) -> Self {
        Self::sized(at - Span::ticks(self.width().as_ticks() / 2), self.width())
    }
    /// As wide as before, up to `to`.
    #[must_use]
    pub fn ending(self, to: Timestamp) -> Self {
        Self::sized(to - self.width(), self.width())
    }
    /// As wide as before, with `now` near its right edge. It moves by whole columns, so that what is counted in a column
    /// stays together while the window scrolls.
    #[must_use]
    pub fn following(self, now: Timestamp, columns: u16) -> Self {
        let column = Span::ticks((self.width().as_ticks() / i64::from(columns.max(1))).max(1));
        let room = i64::from(columns / 48) + 1;
        Self::sized(now.bucket(column) + column * room - self.width(), self.width())
    }
    /// The window itself when it shows `at` well inside, else centred on it.
    #[must_use]
    pub fn showing(self, at: Timestamp) -> Self {
        let margin = Span::ticks(self.width().as_ticks() / 40);
        if self.from + margin <= at && at < self.to - margin { self } else { self.centred(at) }
    }
}

/// A label of the axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tick {
    pub column: u16,
    pub label: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Millis(i64),
    Months(u32),
}

/// In milliseconds.
const STEPS: [i64; 22] = [
    100,
    200,
    500,
    1_000,
    2_000,
    5_000,
    10_000,
    15_000,
    30_000,
    60_000,
    120_000,
    300_000,
    600_000,
    900_000,
    30 * MINUTE,
    60 * MINUTE,
    120 * MINUTE,
    180 * MINUTE,
    360 * MINUTE,
    720 * MINUTE,
    DAY,
    2 * DAY,
];
const MONTHS: [u32; 8] = [1, 2, 3, 6, 12, 24, 60, 120];
const MINUTE: i64 = 60_000;
const DAY: i64 = 1_440 * MINUTE;
const MONTH: i64 = 30 * DAY;

/// Columns from one label to the next, at least.
const APART: i64 = 13;

fn step_for(window: Window, columns: u16) -> Step {
    let millis = window.width().as_ticks() / 10_000;
    // Labels with seconds are wider.
    let apart = if millis < i64::from(columns) * MINUTE / APART { APART + 4 } else { APART };
    let least = millis.saturating_mul(apart) / i64::from(columns.max(1));
    if let Some(millis) = STEPS.into_iter().find(|step| *step >= least) {
        return Step::Millis(millis);
    }
    if least <= 7 * DAY {
        return Step::Millis(7 * DAY);
    }
    Step::Months(MONTHS.into_iter().find(|months| i64::from(*months) * MONTH >= least).unwrap_or(240))
}

fn first_tick(local: NaiveDateTime, step: Step) -> Option<NaiveDateTime> {
    match step {
        Step::Millis(millis) => {
            let from = local.and_utc().timestamp_millis();
            // Weeks begin on Monday; the epoch was a Thursday.
            let offset = if millis == 7 * DAY { 4 * DAY } else { 0 };
            let floor = (from - offset).div_euclid(millis) * millis + offset;
            chrono::DateTime::from_timestamp_millis(floor).map(|at| at.naive_utc())
        }
        Step::Months(months) => {
            let number = u32::try_from(local.year()).ok()? * 12 + local.month0();
            let floor = number / months * months;
            let date = chrono::NaiveDate::from_ymd_opt(i32::try_from(floor / 12).ok()?, floor % 12 + 1, 1)?;
            Some(date.and_time(NaiveTime::MIN))
        }
    }
}

fn next_tick(local: NaiveDateTime, step: Step) -> Option<NaiveDateTime> {
    match step {
        Step::Millis(millis) => local.checked_add_signed(Duration::milliseconds(millis)),
        Step::Months(months) => local.checked_add_months(Months::new(months)),
    }
}

/// Wall clock minus UTC, in minutes.
fn offset(zone: Zone, at: Timestamp) -> i64 {
    (zone.local(at).and_utc().timestamp() - at.as_unix_seconds()).div_euclid(60)
}

/// What a label says beside its clock time: less and less of it where there is less room, from the front.
#[derive(Clone, Copy, Default)]
struct Beside {
    year: bool,
    day: bool,
    /// Minutes by which the clocks were changed since the label before.
    change: i64,
}

fn label(local: NaiveDateTime, step: Step, beside: Beside) -> String {
    let day = if beside.year { "%a %Y-%m-%d" } else { "%a %m-%d" };
    let clock = match step {
        Step::Millis(millis) if millis < 1_000 => "%H:%M:%S.",
        Step::Millis(millis) if millis < MINUTE => "%H:%M:%S",
        Step::Millis(millis) if millis < DAY => "%H:%M",
        Step::Millis(_) => return local.format(day).to_string(),
        Step::Months(months) if months >= 12 => return local.format("%Y").to_string(),
        Step::Months(_) => return local.format("%Y-%m").to_string(),
    };
    let mut words = String::new();
    if beside.change != 0 {
        let sign = if beside.change > 0 { '+' } else { '-' };
        let (hours, minutes) = (beside.change.abs() / 60, beside.change.abs() % 60);
        let minutes = if minutes == 0 { "h".to_owned() } else { format!(":{minutes:02}") };
        words = format!("({sign}{hours}{minutes}) ");
    }
    if beside.day {
        words.push_str(&local.format("%a %m-%d ").to_string());
    }
    words.push_str(&local.format(clock).to_string());
    if clock.ends_with('.') {
        words.push_str(&(local.and_utc().timestamp_subsec_millis() / 100).to_string());
    }
    words
}

/// The longest end of a label, by words, that leaves one of `room` cells free; nothing where none does.
#[must_use]
pub fn fitting(label: &str, room: u16) -> &str {
    let mut rest = label;
    while rest.len() >= usize::from(room) {
        let Some((_, shorter)) = rest.split_once(' ') else { return "" };
        rest = shorter;
    }
    rest
}

/// Labels at round times of `zone`. The first one, and the first of each day, says the date; the first one after the
/// clocks were changed says by how much.
#[must_use]
pub fn axis(window: Window, columns: u16, zone: Zone) -> Vec<Tick> {
    let step = step_for(window, columns);
    let mut ticks = Vec::new();
    let mut place = first_tick(zone.local(window.from), step);
    let mut moment = place.and_then(|local| zone.moment(local));
    let (mut day, mut year, mut before) = (None, None, offset(zone, window.from));
    // An hour that comes twice has its labels twice: short steps walk on the moments, long ones on the calendar.
    let short = match step {
        Step::Millis(millis) if millis <= 30 * MINUTE => Some(Span::millis(millis)),
        _ => None,
    };
    // No axis has more labels than columns; the bound also ends odd calendars.
    for _ in 0..=columns {
        let (local, at) = match (short, moment, place) {
            (Some(step), Some(at), _) => {
                moment = Some(at + step);
                (zone.local(at), at)
            }
            (_, _, Some(local)) => {
                place = next_tick(local, step);
                // A wall-clock time that a clock change leaves out has no moment and no label.
                let Some(at) = zone.moment(local) else { continue };
                (local, at)
            }
            _ => break,
        };
        if at >= window.to {
            break;
        }
        if let (true, Ok(column)) = (at >= window.from, u16::try_from(window.column(at, columns))) {
            let now = offset(zone, at);
            let beside = Beside { year: year != Some(local.year()), day: day != Some(local.date()), change: now - before };
            (day, year, before) = (Some(local.date()), Some(local.year()), now);
            ticks.push(Tick { column, label: label(local, step, beside) });
        }
    }
    ticks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn every_column_holds_its_own_moments() {
        let window = Window::new(at("2026-03-14T09:13:40Z"), at("2026-03-14T09:41:21.7Z"));
        for columns in [1_u16, 7, 62, 95] {
            for column in 0..i64::from(columns) {
                assert_eq!(window.column(window.begin_of(column, columns), columns), column);
                assert_eq!(window.column(window.middle_of(column, columns), columns), column);
            }
        }
        assert!(window.column(window.from - Span::ticks(1), 95) < 0);
        assert_eq!(window.column(window.to, 95), 95);
    }

    #[test]
    fn zooming_keeps_the_moment_in_its_column() {
        let window = Window::new(at("2026-03-14T00:00:00Z"), at("2026-03-15T00:00:00Z"));
        let cursor = at("2026-03-14T18:00:00Z");
        let near = window.zoomed(cursor, true);
        assert_eq!(near.width(), Span::hours(12));
        assert_eq!(near.column(cursor, 96), window.column(cursor, 96));
        assert_eq!(near.zoomed(cursor, false), window);
        let mut narrow = window;
        for _ in 0..60 {
            narrow = narrow.zoomed(cursor, true);
        }
        assert_eq!(narrow.width(), NARROWEST);
        for _ in 0..90 {
            narrow = narrow.zoomed(cursor, false);
        }
        assert_eq!(narrow.width(), WIDEST);
    }

    #[test]
    fn labels_stand_at_round_times_of_the_zone() {
        let window = Window::new(at("2026-03-14T09:13:40Z"), at("2026-03-14T09:41:20Z"));
        let labels: Vec<String> = axis(window, 95, Zone::Utc).into_iter().map(|tick| tick.label).collect();
        assert_eq!(labels, ["Sat 03-14 09:15", "09:20", "09:25", "09:30", "09:35", "09:40"]);
        let vienna = Zone::parse("Europe/Vienna").unwrap();
        let days = Window::new(at("2026-03-27T22:00:00Z"), at("2026-03-29T22:00:00Z"));
        let labels: Vec<String> = axis(days, 95, vienna).into_iter().map(|tick| tick.label).collect();
        assert_eq!(labels, ["Sat 03-28 00:00", "12:00", "Sun 03-29 00:00", "(+1h) 12:00"]);
        let years = Window::new(at("2019-02-01T00:00:00Z"), at("2026-03-01T00:00:00Z"));
        let labels: Vec<String> = axis(years, 95, Zone::Utc).into_iter().map(|tick| tick.label).collect();
        assert_eq!(labels, ["2020", "2021", "2022", "2023", "2024", "2025", "2026"]);
    }

    #[test]
    fn every_zoom_has_labels_and_they_are_right() {
        let cursor = at("2026-03-14T09:31:20.25Z");
        let mut window = Window::new(cursor - Span::millis(500), cursor + Span::millis(500));
        assert_eq!(window.width(), Span::seconds(1));
        let labels: Vec<String> = axis(window, 95, Zone::Utc).into_iter().map(|tick| tick.label).collect();
        assert_eq!(labels, ["Sat 03-14 09:31:19.8", "09:31:20.0", "09:31:20.2", "09:31:20.4", "09:31:20.6"]);
        for zone in ["utc", "Europe/Vienna", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns"] {
            let zone = Zone::parse(zone).unwrap();
            let mut near = window;
            while near.width() < Span::days(366 * 20) {
                let ticks = axis(near, 95, zone);
                assert!(ticks.len() >= 2 && ticks.len() < 20, "{}: {ticks:?}", near.width().words());
                assert!(ticks.windows(2).all(|pair| pair[0].column < pair[1].column));
                for tick in &ticks {
                    // The label is what the wall clock shows in its column.
                    let begin = zone.local(near.begin_of(i64::from(tick.column), 95));
                    let end = zone.local(near.begin_of(i64::from(tick.column) + 1, 95));
                    let clock = tick.label.rsplit(' ').next().unwrap().to_owned();
                    let shown = |at: NaiveDateTime| {
                        let format = match clock.len() {
                            4 => "%Y",
                            5 if clock.contains(':') => "%H:%M",
                            5 => "%m-%d",
                            7 => "%Y-%m",
                            8 => "%H:%M:%S",
                            _ => "%Y-%m-%d",
                        };
                        at.format(format).to_string()
                    };
                    let tenths = clock.contains('.');
                    assert!(tenths || (shown(begin)..=shown(end)).contains(&clock) || begin.date() != end.date(), "{clock}");
                }
                near = near.zoomed(cursor, false);
            }
        }
        window = Window::new(at("2026-10-25T00:10:00Z"), at("2026-10-25T02:20:00Z"));
        let labels: Vec<String> = axis(window, 95, Zone::parse("Europe/Vienna").unwrap()).into_iter().map(|tick| tick.label).collect();
        // The hour from two to three comes twice.
        assert_eq!(labels, ["Sun 10-25 02:30", "(-1h) 02:00", "02:30", "03:00"]);
        assert_eq!(fitting("(+1h) Sun 03-29 12:00", 12), "03-29 12:00");
        assert_eq!((fitting("12:00", 6), fitting("12:00", 5)), ("12:00", ""));
    }

    #[test]
    fn no_window_is_too_odd_for_the_axis() {
        for (from, to) in [(Timestamp::MIN, Timestamp::MAX), (Timestamp::MAX, Timestamp::MAX), (Timestamp::MIN, Timestamp::MIN)] {
            for columns in [0, 1, 300] {
                let window = Window::new(from, to);
                assert!(axis(window, columns, Zone::Utc).len() <= usize::from(columns) + 1);
                for by in [Span::days(-366 * 10_000), Span::days(366 * 10_000)] {
                    assert_eq!(window.moved(by).width(), window.width());
                }
            }
        }
    }
}
