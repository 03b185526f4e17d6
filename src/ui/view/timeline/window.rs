//! The stretch of event time on screen, and its axis: columns to moments and back, round times in the zone of the screen.

use crate::base::time::{Span, Timestamp, Zone};
use chrono::{Datelike as _, Duration, Months, NaiveDateTime, NaiveTime};

/// Narrowest and widest window.
const NARROWEST: Span = Span::seconds(5);
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
        let place = i128::from((at - self.from).as_ticks()) * i128::from(columns);
        i64::try_from(place.div_euclid(i128::from(self.width().as_ticks().max(1)))).unwrap_or(i64::MAX)
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
    Seconds(i64),
    Months(u32),
}

const STEPS: [i64; 19] = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 2 * 86_400];
const MONTHS: [u32; 8] = [1, 2, 3, 6, 12, 24, 60, 120];
const DAY: i64 = 86_400;
const MONTH: i64 = 30 * DAY;

/// Columns from one label to the next, at least.
const APART: i64 = 13;

fn step_for(window: Window, columns: u16) -> Step {
    let seconds = window.width().as_seconds();
    // Labels with seconds are wider.
    let apart = if seconds < i64::from(columns) * 60 / APART { APART + 4 } else { APART };
    let least = seconds.saturating_mul(apart) / i64::from(columns.max(1));
    if let Some(seconds) = STEPS.into_iter().find(|step| *step >= least) {
        return Step::Seconds(seconds);
    }
    if least <= 7 * DAY {
        return Step::Seconds(7 * DAY);
    }
    Step::Months(MONTHS.into_iter().find(|months| i64::from(*months) * MONTH >= least).unwrap_or(240))
}

fn first_tick(local: NaiveDateTime, step: Step) -> Option<NaiveDateTime> {
    match step {
        Step::Seconds(seconds) => {
            let from = local.and_utc().timestamp();
            // Weeks begin on Monday; the epoch was a Thursday.
            let offset = if seconds == 7 * DAY { 4 * DAY } else { 0 };
            let floor = (from - offset).div_euclid(seconds) * seconds + offset;
            chrono::DateTime::from_timestamp(floor, 0).map(|at| at.naive_utc())
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
        Step::Seconds(seconds) => local.checked_add_signed(Duration::seconds(seconds)),
        Step::Months(months) => local.checked_add_months(Months::new(months)),
    }
}

fn label(local: NaiveDateTime, step: Step, dated: bool) -> String {
    let clock = match step {
        Step::Seconds(seconds) if seconds < 60 => "%H:%M:%S",
        Step::Seconds(seconds) if seconds < DAY => "%H:%M",
        Step::Seconds(_) => return local.format("%Y-%m-%d").to_string(),
        Step::Months(months) if months >= 12 => return local.format("%Y").to_string(),
        Step::Months(_) => return local.format("%Y-%m").to_string(),
    };
    if dated { local.format(&format!("%m-%d {clock}")).to_string() } else { local.format(clock).to_string() }
}

/// Labels at round times of `zone`. The first one, and the first of each day, says the date.
#[must_use]
pub fn axis(window: Window, columns: u16, zone: Zone) -> Vec<Tick> {
    let step = step_for(window, columns);
    let mut ticks = Vec::new();
    let mut place = first_tick(zone.local(window.from), step);
    let mut day = None;
    // No axis has more labels than columns; the bound also ends odd calendars.
    for _ in 0..=columns {
        let Some(local) = place else { break };
        place = next_tick(local, step);
        // A wall-clock time that a clock change leaves out has no moment and no label.
        let Some(at) = zone.moment(local) else { continue };
        if at >= window.to {
            break;
        }
        if let (true, Ok(column)) = (at >= window.from, u16::try_from(window.column(at, columns))) {
            let dated = day != Some(local.date());
            day = Some(local.date());
            ticks.push(Tick { column, label: label(local, step, dated) });
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
        assert_eq!(labels, ["03-14 09:15", "09:20", "09:25", "09:30", "09:35", "09:40"]);
        let vienna = Zone::parse("Europe/Vienna").unwrap();
        let days = Window::new(at("2026-03-27T22:00:00Z"), at("2026-03-29T22:00:00Z"));
        let labels: Vec<String> = axis(days, 95, vienna).into_iter().map(|tick| tick.label).collect();
        assert_eq!(labels, ["03-28 00:00", "12:00", "03-29 00:00", "12:00"]);
        let years = Window::new(at("2019-02-01T00:00:00Z"), at("2026-03-01T00:00:00Z"));
        let labels: Vec<String> = axis(years, 95, Zone::Utc).into_iter().map(|tick| tick.label).collect();
        assert_eq!(labels, ["2020", "2021", "2022", "2023", "2024", "2025", "2026"]);
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
