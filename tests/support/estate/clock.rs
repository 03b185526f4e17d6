//! When it is morning where.

use super::{DAY, HOUR, Moment};
use chrono::{DateTime, Datelike, NaiveDate, Offset, TimeZone};
use chrono_tz::Tz;

/// The days of the stream: from local midnight of the first to that of the last.
#[derive(Clone, Copy, Debug)]
pub struct Calendar {
    pub first: NaiveDate,
    pub days: i64,
}

impl Calendar {
    /// Seeds begin in different weeks, so that changes to and from summer time and ends of months fall differently.
    pub fn new(seed: u64, days: i64) -> Self {
        let monday = NaiveDate::from_ymd_opt(2026, 2, 2).unwrap();
        Self { first: monday + chrono::Duration::weeks((seed % 11) as i64 * 4), days }
    }
    pub fn begin(&self) -> Moment {
        self.first.and_hms_opt(0, 0, 0).unwrap().and_utc().timestamp_millis()
    }
    pub fn end(&self) -> Moment {
        self.begin() + self.days * DAY
    }
    pub fn date(&self, day: i64) -> NaiveDate {
        self.first + chrono::Duration::days(day)
    }
    /// 0 is Monday.
    pub fn weekday(&self, day: i64) -> i64 {
        i64::from(self.date(day).weekday().num_days_from_monday())
    }
    pub fn is_weekend(&self, day: i64) -> bool {
        self.weekday(day) >= 5
    }
    /// Midnight of the day in the zone, by the offset of its noon.
    pub fn midnight(&self, zone: Tz, day: i64) -> Moment {
        let noon = self.date(day).and_hms_opt(12, 0, 0).unwrap();
        let offset = zone.offset_from_utc_datetime(&noon).fix().local_minus_utc();
        noon.and_utc().timestamp_millis() - i64::from(offset) * 1_000 - 12 * HOUR
    }
}

/// For people: `2026-03-16 09:00:00`.
pub fn shown(at: Moment) -> String {
    DateTime::from_timestamp_millis(at).map(|at| at.format("%Y-%m-%d %H:%M:%S").to_string()).unwrap_or_default()
}
