//! Heat map of the hours of a week: seven rows, twenty-four columns, darker where more was logged on.
//!
//! Hours without a logon now in which there was one before, as the history tells, have an h; where what is usual is shown,
//! hours with logons that are not usual have an o. Counts are kept in UTC; another zone shifts them by its offset in whole hours, which is the best that hourly counts
//! allow.

use super::put;
use super::table::Look;
use crate::base::time::{Timestamp, Zone};
use crate::model::account::HourCounts;
use crate::ui::action::Action;
use crate::ui::theme::Meaning;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
/// A logon before the logs that are open.
const PAST: &str = "h";
/// Logons in an hour that is not usual.
pub const UNUSUAL: &str = "o";
/// Cells before the first hour.
const LABEL: u16 = 5;

/// The hour of the week under the cursor, 0 = Monday 00 h, in the zone shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hour(pub usize);

impl Hour {
    /// Moves; says whether the action was one of moving.
    pub const fn update(&mut self, action: Action) -> bool {
        let (day, hour) = (self.0 / 24, self.0 % 24);
        let (day, hour) = match action {
            Action::CursorUp => (day.saturating_sub(1), hour),
            Action::CursorDown => (if day < 6 { day + 1 } else { 6 }, hour),
            Action::CursorLeft => (day, hour.saturating_sub(1)),
            Action::CursorRight => (day, if hour < 23 { hour + 1 } else { 23 }),
            Action::CursorFirst => (0, 0),
            Action::CursorLast => (6, 23),
            _ => return false,
        };
        self.0 = day * 24 + hour;
        true
    }
    /// `Mon 03h`
    #[must_use]
    pub fn words(self) -> String {
        format!("{} {:02}h", DAYS.get(self.0 / 24).copied().unwrap_or_default(), self.0 % 24)
    }
}

/// Whole hours the zone is ahead of UTC at `now`.
#[must_use]
pub fn offset(zone: Zone, now: Timestamp) -> i64 {
    (zone.local(now) - Zone::Utc.local(now)).num_hours()
}

/// Logons in an hour of the week as the zone shows it, `ahead` hours before UTC.
#[must_use]
pub fn count(hours: &HourCounts, hour: usize, ahead: i64) -> u32 {
    let place = i64::try_from(hour).unwrap_or(0).saturating_sub(ahead).rem_euclid(168);
    usize::try_from(place).ok().and_then(|place| hours.get(place)).copied().unwrap_or(0)
}

/// Nothing, up to 5 %, 20 %, 50 %, and more of the busiest hour.
const fn level(count: u32, most: u32) -> usize {
    let (count, most) = (count as u64, most as u64);
    match count {
        0 => 0,
        _ if count * 20 <= most => 1,
        _ if count * 5 <= most => 2,
        _ if count * 2 <= most => 3,
        _ => 4,
    }
}

/// Cells of one hour.
const fn step(area: Rect) -> u16 {
    if area.width >= LABEL + 48 { 2 } else { 1 }
}

/// The hour at a place of the screen.
#[must_use]
pub fn hit(area: Rect, at: Position) -> Option<Hour> {
    let (x, y) = (at.x.checked_sub(area.x + LABEL)?, at.y.checked_sub(area.y + 1)?);
    let (hour, day) = (x / step(area), y);
    (area.contains(at) && hour < 24 && day < 7).then(|| Hour(usize::from(day * 24 + hour)))
}

/// What the map shows.
#[derive(Clone, Copy, Debug)]
pub struct Week<'a> {
    pub hours: &'a HourCounts,
    /// Before the logs that are open.
    pub past: Option<&'a HourCounts>,
    /// Usual hours as the zone shows them, where they are to be told from the others.
    pub usual: Option<&'a [bool; 168]>,
    /// Whole hours the zone is ahead of UTC.
    pub ahead: i64,
}

pub fn draw(buffer: &mut Buffer, area: Rect, week: &Week<'_>, cursor: Hour, look: Look<'_>) {
    let Week { hours, past, usual, ahead } = *week;
    let step = step(area);
    let dim = look.theme.style(Meaning::Dim);
    let most = hours.iter().copied().max().unwrap_or(0);
    if area.height == 0 {
        return;
    }
    for hour in (0..24_u16).step_by(3) {
        put(buffer, area.x + LABEL + hour * step, area.y, 2, &format!("{hour:02}"), dim);
    }
    for (day, y) in (area.y + 1..area.bottom()).take(7).enumerate() {
        put(buffer, area.x + 1, y, 3, DAYS.get(day).copied().unwrap_or_default(), dim);
        for hour in 0..24 {
            let place = day * 24 + hour;
            let now = level(count(hours, place, ahead), most);
            let is_past = now == 0 && past.is_some_and(|past| count(past, place, ahead) > 0);
            let is_odd = now > 0 && usual.is_some_and(|usual| !usual.get(place).copied().unwrap_or(false));
            let sign = if is_odd {
                UNUSUAL
            } else if is_past {
                PAST
            } else {
                look.glyphs.heat.get(now).copied().unwrap_or(" ")
            };
            let here = look.focus && cursor.0 == place;
            let style = look.theme.style(match (here, is_past) {
                (true, _) => Meaning::Cursor,
                (false, true) => Meaning::Dim,
                (false, false) if is_odd => Meaning::Strong,
                (false, false) => Meaning::Text,
            });
            let x = area.x + LABEL + u16::try_from(hour).unwrap_or(0) * step;
            for cell in 0..step {
                if x + cell < area.right() {
                    put(buffer, x + cell, y, 1, sign, style);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_zone_moves_the_hours_round_the_week() {
        let mut hours = [0; 168];
        hours[167] = 3; // Sunday 23 h UTC
        assert_eq!(count(&hours, 167, 0), 3);
        assert_eq!(count(&hours, 1, 2), 3); // Monday 01 h, two hours ahead
        assert_eq!(count(&hours, 162, -5), 3);
        let summer = Timestamp::parse("2026-07-01T00:00:00Z").unwrap();
        assert_eq!(offset(Zone::parse("Europe/Vienna").unwrap(), summer), 2);
    }

    #[test]
    fn steps_follow_the_busiest_hour() {
        assert_eq!([0, 1, 5, 6, 20, 50, 51, 100].map(|count| level(count, 100)), [0, 1, 1, 2, 2, 3, 4, 4]);
        assert_eq!(level(1, 1), 4);
    }
}
