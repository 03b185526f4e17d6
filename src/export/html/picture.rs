//! The timeline as a picture: a lane for each way to log on with its density, sessions as bars, anomalies where they began.

use super::escaped;
use crate::base::text::{count, fit};
use crate::base::time::{Span, Timestamp, Zone};
use crate::export::Scope;
use crate::export::review::words;
use crate::model::anomaly::{Anomaly, Severity};
use crate::model::event::Outcome;
use crate::model::ids::VisitId;
use crate::model::lane::Lane;
use crate::model::visit::Visit;
use crate::store::marks::lane_of;
use chrono::{Datelike as _, NaiveDate};
use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Places of the picture.
const WIDTH: i64 = 1_160;
const LEFT: i64 = 150;
const RIGHT: i64 = 10;
const AXIS: i64 = 24;
const DENSITY: i64 = 22;
const BAR: i64 = 13;
/// The row of anomalies that belong to no lane.
const WHOLE: i64 = 20;
/// Columns of the densities, and rows of bars of a lane.
const BINS: usize = 250;
const ROWS: usize = 6;
/// Letters from which a bar has room for a label.
const LETTER: i64 = 6;

struct Drawn<'a> {
    id: VisitId,
    visit: Cow<'a, Visit>,
    row: usize,
    from: i64,
    to: i64,
}

#[derive(Default)]
struct LanePicture<'a> {
    good: Vec<u32>,
    bad: Vec<u32>,
    bars: Vec<Drawn<'a>>,
    rows: usize,
    hidden: usize,
    sessions: usize,
    failures: u64,
}

/// Moments to places.
struct Scale {
    from: Timestamp,
    width: Span,
}

impl Scale {
    fn share(&self, at: Timestamp, of: i64) -> i64 {
        let place = i128::from((at - self.from).as_ticks()) * i128::from(of) / i128::from(self.width.as_ticks().max(1));
        i64::try_from(place.clamp(0, i128::from(of))).unwrap_or(0)
    }
    fn x(&self, at: Timestamp) -> i64 {
        LEFT + self.share(at, WIDTH - LEFT - RIGHT)
    }
    fn bin(&self, at: Timestamp) -> usize {
        usize::try_from(self.share(at, BINS as i64)).unwrap_or(0).min(BINS - 1)
    }
}

fn bump(bins: &mut Vec<u32>, bin: usize) {
    if bins.is_empty() {
        bins.resize(BINS, 0);
    }
    if let Some(sum) = bins.get_mut(bin) {
        *sum = sum.saturating_add(1);
    }
}

/// The lanes that hold something in the window.
fn lanes<'a>(scope: &Scope<'a>, scale: &Scale, (from, to): (Timestamp, Timestamp)) -> BTreeMap<Lane, LanePicture<'a>> {
    let tables = scope.tables;
    let mut lanes: BTreeMap<Lane, LanePicture<'a>> = BTreeMap::new();
    for (id, row) in tables.each_event() {
        let event = &row.event;
        let Some(lane) = event.lane().filter(|_| from <= event.at && event.at <= to) else { continue };
        if !scope.filter.matches_event(id, scope.names, tables) {
            continue;
        }
        let picture = lanes.entry(lane).or_default();
        let failed = event.outcome == Outcome::Failure;
        picture.failures += u64::from(failed);
        bump(if failed { &mut picture.bad } else { &mut picture.good }, scale.bin(event.at));
    }
    let mut visits = Vec::new();
    for (id, visit) in tables.visits() {
        if visit.start <= to && visit.end.unwrap_or(to) >= from && scope.has_visit(id, &visit) {
            lanes.entry(visit.lane).or_default().sessions += 1;
            visits.push((Reverse(visit.worst), Reverse(visit.end.unwrap_or(to) - visit.start), id));
        }
    }
    // What is odd has a bar first, then what lasts.
    visits.sort_unstable();
    let mut ends: BTreeMap<Lane, Vec<Vec<(i64, i64)>>> = BTreeMap::new();
    for (.., id) in visits {
        let Some(visit) = tables.visit(id) else { continue };
        let (begin, end) = (scale.x(visit.start), scale.x(visit.end.unwrap_or(to)).max(scale.x(visit.start) + 3));
        let rows = ends.entry(visit.lane).or_default();
        let free = |row: &Vec<(i64, i64)>| row.iter().all(|(from, to)| end + 2 <= *from || *to + 2 <= begin);
        let row = match rows.iter().position(free) {
            Some(row) => row,
            None if rows.len() < ROWS => {
                rows.push(Vec::new());
                rows.len() - 1
            }
            None => {
                lanes.entry(visit.lane).or_default().hidden += 1;
                continue;
            }
        };
        // A row that is full of points would be searched for ever.
        if rows.get(row).is_some_and(|row| row.len() >= 400) {
            lanes.entry(visit.lane).or_default().hidden += 1;
            continue;
        }
        if let Some(taken) = rows.get_mut(row) {
            taken.push((begin, end));
        }
        let picture = lanes.entry(visit.lane).or_default();
        picture.rows = picture.rows.max(row + 1);
        picture.bars.push(Drawn { id, visit, row, from: begin, to: end });
    }
    lanes
}

const fn class(severity: Option<Severity>) -> &'static str {
    match severity {
        Some(Severity::Critical) => "critical",
        Some(Severity::High) => "high",
        Some(Severity::Medium) => "medium",
        Some(Severity::Low) => "low",
        Some(Severity::Info) => "info",
        None => "plain",
    }
}

/// Round times of the zone in a window: at most ten.
fn ticks(zone: Zone, from: Timestamp, to: Timestamp) -> Vec<Timestamp> {
    const STEPS: [Span; 14] = [
        Span::seconds(1),
        Span::seconds(5),
        Span::seconds(15),
        Span::minutes(1),
        Span::minutes(5),
        Span::minutes(15),
        Span::minutes(30),
        Span::hours(1),
        Span::hours(3),
        Span::hours(6),
        Span::hours(12),
        Span::days(1),
        Span::days(2),
        Span::days(7),
    ];
    let Some(step) = STEPS.into_iter().find(|step| (to - from) <= *step * 10) else { return months(zone, from, to) };
    // Clock times of the zone are round, not those of UTC.
    let ahead = Span::seconds((zone.local(from) - Zone::Utc.local(from)).num_seconds());
    let mut at = (from + ahead).bucket(step) - ahead;
    let mut found = Vec::new();
    while at <= to && found.len() < 40 {
        if at >= from {
            found.push(at);
        }
        at = at + step;
    }
    found
}

/// First days of months or years in a window: at most a dozen.
fn months(zone: Zone, from: Timestamp, to: Timestamp) -> Vec<Timestamp> {
    let months = (to - from).as_seconds_f64() / (30.4 * 86_400.0);
    let step = [1, 2, 3, 6, 12, 24, 60, 120].into_iter().find(|step| months <= f64::from(*step) * 11.0).unwrap_or(600);
    let first = zone.local(from);
    let mut month = (first.year() * 12 + first.month0().cast_signed()).div_euclid(step) * step;
    let mut found = Vec::new();
    while found.len() < 40 {
        let day = NaiveDate::from_ymd_opt(month.div_euclid(12), month.rem_euclid(12).cast_unsigned() + 1, 1);
        let Some(at) = day.and_then(|day| zone.moment(day.into())) else { break };
        if at > to {
            break;
        }
        if at >= from {
            found.push(at);
        }
        month += step;
    }
    found
}

/// `09:30`, or with the day where the picture is longer than one.
fn tick(zone: Zone, at: Timestamp, width: Span) -> String {
    let local = zone.local(at);
    let form = match width {
        width if width > Span::days(4_000) => return local.format("%Y").to_string(),
        width if width > Span::days(70) => return local.format("%Y-%m").to_string(),
        width if width > Span::days(20) => "%Y-%m-%d",
        width if width > Span::days(1) => "%m-%d %H:%M",
        width if width > Span::minutes(10) => "%H:%M",
        _ => "%H:%M:%S",
    };
    format!("{}{}", local.format(form), zone.suffix())
}

/// Writes the picture; nothing where there is no event.
pub fn write(scope: &Scope<'_>, reach: Option<(Timestamp, Timestamp)>, out: &mut dyn Write) -> io::Result<()> {
    let Some((from, to)) = reach else { return Ok(()) };
    let room = Span::ticks((to - from).as_ticks() / 100).max(Span::seconds(1));
    let (from, to) = if scope.more.window.is_some() { (from, to) } else { (from - room, to + room) };
    let scale = Scale { from, width: to - from };
    let lanes = lanes(scope, &scale, (from, to));
    let marks = scope.tables.anomalies.iter().map(|anomaly| &**anomaly).filter(|anomaly| scope.has_anomaly(anomaly));
    let of_lane = |anomaly: &Anomaly| lane_of(scope.tables, anomaly).filter(|lane| lanes.contains_key(lane));
    let marks = marks.filter(|anomaly| from <= anomaly.at && anomaly.at <= to);
    let marks: Vec<(Option<Lane>, &Anomaly)> = marks.map(|anomaly| (of_lane(anomaly), anomaly)).collect();
    let whole = if marks.iter().any(|(lane, _)| lane.is_none()) { WHOLE } else { 0 };
    let height = AXIS + whole + lanes.values().map(lane_height).sum::<i64>() + 6;
    writeln!(
        out,
        "<figure class=\"timeline\"><svg viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" role=\"img\" aria-labelledby=\"timeline-title timeline-desc\">"
    )?;
    let label = format!("Logons by lane, {} to {}", scope.zone.date_time(from), scope.zone.date_time(to));
    writeln!(out, "<title id=\"timeline-title\">{}</title>", escaped(&label))?;
    let told: Vec<String> = lanes
        .iter()
        .map(|(lane, picture)| format!("{}: {} sessions, {} failures", name(*lane), picture.sessions, picture.failures))
        .collect();
    writeln!(out, "<desc id=\"timeline-desc\">{}</desc>", escaped(&told.join("; ")))?;
    for at in ticks(scope.zone, from, to) {
        let x = scale.x(at);
        let anchor = if x > WIDTH - 60 { "end" } else { "middle" };
        writeln!(out, "<line class=\"grid\" x1=\"{x}\" y1=\"{AXIS}\" x2=\"{x}\" y2=\"{height}\"/>")?;
        writeln!(
            out,
            "<text class=\"tick\" x=\"{x}\" y=\"14\" text-anchor=\"{anchor}\">{}</text>",
            escaped(&tick(scope.zone, at, scale.width))
        )?;
    }
    if whole > 0 {
        writeln!(out, "<text class=\"name\" x=\"0\" y=\"{}\">no lane</text>", AXIS + 13)?;
    }
    for (_, anomaly) in marks.iter().filter(|(lane, _)| lane.is_none()) {
        write_mark(scope, &scale, anomaly, AXIS + WHOLE / 2, out)?;
    }
    let mut y = AXIS + whole;
    for (lane, picture) in &lanes {
        write_lane(scope, &scale, *lane, picture, y, out)?;
        for (_, anomaly) in marks.iter().filter(|(of, _)| *of == Some(*lane)) {
            write_mark(scope, &scale, anomaly, y + DENSITY - 8, out)?;
        }
        y += lane_height(picture);
    }
    writeln!(
        out,
        "</svg>\n<figcaption>Above each lane how much happened (<span class=\"key ok\"></span> successes, <span class=\"key bad\"></span> failures), below it sessions as bars; those with something odd in the colour of its severity. A diamond is the beginning of an anomaly. An open end fades.</figcaption></figure>"
    )
}

fn name(lane: Lane) -> String {
    format!("{} {}", lane.code(), lane.name())
}

fn lane_height(picture: &LanePicture<'_>) -> i64 {
    DENSITY + 8 + i64::try_from(picture.rows).unwrap_or(0) * (BAR + 2) + if picture.hidden > 0 { 12 } else { 0 }
}

fn write_lane(scope: &Scope<'_>, scale: &Scale, lane: Lane, picture: &LanePicture<'_>, y: i64, out: &mut dyn Write) -> io::Result<()> {
    let (zone, tables) = (scope.zone, scope.tables);
    writeln!(out, "<g>\n<line class=\"lane\" x1=\"0\" y1=\"{y}\" x2=\"{WIDTH}\" y2=\"{y}\"/>")?;
    writeln!(out, "<text class=\"name\" x=\"0\" y=\"{}\">{}</text>", y + 13, escaped(&name(lane)))?;
    writeln!(
        out,
        "<text class=\"tick\" x=\"0\" y=\"{}\">{} sessions, {} failed</text>",
        y + 25,
        count(picture.sessions as u64),
        count(picture.failures)
    )?;
    let most = (0..BINS).map(|bin| at(&picture.good, bin) + at(&picture.bad, bin)).max().unwrap_or(0).max(1);
    // Roots, so that a few stand out beside many.
    #[allow(clippy::cast_possible_truncation)]
    let tall =
        |number: u32| if number == 0 { 0 } else { ((f64::from(number) / f64::from(most)).sqrt() * (DENSITY - 2) as f64).ceil() as i64 };
    let step = (WIDTH - LEFT - RIGHT) as f64 / BINS as f64;
    for bin in 0..BINS {
        let (good, bad) = (at(&picture.good, bin), at(&picture.bad, bin));
        if good + bad == 0 {
            continue;
        }
        let all = tall(good + bad);
        let red = if good == 0 { all } else { (all * i64::from(bad) / i64::from(good + bad)).max(i64::from(bad > 0) * 2) };
        let x = LEFT as f64 + step * bin as f64;
        let base = y + DENSITY + 2;
        let moment = scale.from + Span::ticks(scale.width.as_ticks() / BINS as i64 * bin as i64);
        write!(
            out,
            "<g><title>{}: {} events, {} failed</title>",
            escaped(&zone.date_time(moment)),
            count(u64::from(good) + u64::from(bad)),
            count(bad.into())
        )?;
        if all > red {
            write!(out, "<rect class=\"ok\" x=\"{x:.1}\" y=\"{}\" width=\"{:.1}\" height=\"{}\"/>", base - all, step - 0.4, all - red)?;
        }
        if red > 0 {
            write!(out, "<rect class=\"bad\" x=\"{x:.1}\" y=\"{}\" width=\"{:.1}\" height=\"{red}\"/>", base - red, step - 0.4)?;
        }
        writeln!(out, "</g>")?;
    }
    let top = y + DENSITY + 6;
    for bar in &picture.bars {
        let visit = &bar.visit;
        let mut who = tables.account(visit.account).map_or_else(String::new, |account| words(scope, &account.name(scope.names)));
        if let Some(host) = tables.host(visit.host) {
            who.push_str(&format!(" on {}", words(scope, &host.short(scope.names))));
        }
        let short = who.clone();
        if let Some(source) = tables.source(visit.source) {
            who.push_str(&format!(" from {}", words(scope, &source.name(scope.names))));
        }
        let end = visit.end.map_or_else(|| "open".to_owned(), |end| zone.date_time(end));
        let row = top + i64::try_from(bar.row).unwrap_or(0) * (BAR + 2);
        let open = if visit.is_open() { " open" } else { "" };
        let width = bar.to - bar.from;
        writeln!(
            out,
            "<g><title>session {}: {}, {} .. {}{}</title><rect class=\"bar {}{open}\" x=\"{}\" y=\"{row}\" width=\"{width}\" height=\"{BAR}\" rx=\"2\"/>",
            bar.id.index() + 1,
            escaped(&who),
            escaped(&zone.date_time(visit.start)),
            escaped(&end),
            visit.worst.map_or_else(String::new, |worst| format!(", {}", worst.word())),
            class(visit.worst),
            bar.from
        )?;
        let room = usize::try_from((width - 8) / LETTER).unwrap_or(0);
        if room >= 6 {
            writeln!(out, "<text class=\"in\" x=\"{}\" y=\"{}\">{}</text>", bar.from + 4, row + 10, escaped(&fit(&short, room)))?;
        }
        writeln!(out, "</g>")?;
    }
    if picture.hidden > 0 {
        let row = top + i64::try_from(picture.rows).unwrap_or(0) * (BAR + 2) + 9;
        writeln!(out, "<text class=\"tick\" x=\"{LEFT}\" y=\"{row}\">+{} more sessions</text>", count(picture.hidden as u64))?;
    }
    writeln!(out, "</g>")
}

/// A diamond where an anomaly began.
fn write_mark(scope: &Scope<'_>, scale: &Scale, anomaly: &Anomaly, middle: i64, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<path class=\"mark {}\" d=\"M{} {} l5 6 l-5 6 l-5 -6 z\"><title>{}: {} {} {}</title></path>",
        class(Some(anomaly.severity)),
        scale.x(anomaly.at),
        middle - 6,
        escaped(&scope.zone.date_time(anomaly.at)),
        anomaly.severity.word(),
        escaped(anomaly.detection.id),
        escaped(&words(scope, &anomaly.why))
    )
}

fn at(bins: &[u32], bin: usize) -> u32 {
    bins.get(bin).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_pictures_have_months_and_years_for_ticks() {
        let labels = |zone: &str, from: &str, to: &str| {
            let (zone, from, to) = (Zone::parse(zone).unwrap(), Timestamp::parse(from).unwrap(), Timestamp::parse(to).unwrap());
            ticks(zone, from, to).into_iter().map(|at| tick(zone, at, to - from)).collect::<Vec<_>>().join(" ")
        };
        let (from, to) = ("2012-11-20T00:00:00Z", "2024-11-20T00:00:00Z");
        assert_eq!(labels("utc", from, to), "2014 2016 2018 2020 2022 2024");
        assert_eq!(
            labels("Europe/Vienna", "2026-01-15T00:00:00Z", "2026-12-15T00:00:00Z"),
            "2026-02 2026-03 2026-04 2026-05 2026-06 2026-07 2026-08 2026-09 2026-10 2026-11 2026-12"
        );
        let months = ticks(
            Zone::parse("Europe/Vienna").unwrap(),
            Timestamp::parse("2026-05-15T00:00:00Z").unwrap(),
            Timestamp::parse("2026-08-15T00:00:00Z").unwrap(),
        );
        assert_eq!(months.first().map(|at| at.rfc3339()).as_deref(), Some("2026-05-31T22:00:00.000000Z"));
        assert_eq!(labels("utc", "2026-05-15T00:00:00Z", "2026-06-15T00:00:00Z").split(' ').count(), 4);
    }
}
