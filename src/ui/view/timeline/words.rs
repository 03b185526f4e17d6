//! What is under the cursor and why it is marked, in sentences.

use super::cursor::Under;
use super::lanes::{Scene, severities};
use super::overview::range;
use super::strokes::who;
use super::track::{Track, Tracks};
use crate::base::text;
use crate::model::anomaly::{Anomaly, Severity};
use crate::model::event::Tri;
use crate::model::ids::{AnomalyId, VisitId};
use crate::model::lane::Lane;
use crate::model::visit::{Visit, VisitKind};
use crate::ui::preview::UNLOOKED;
use crate::ui::theme::Meaning;
use crate::ui::view::{Ctx, empty};
use crate::ui::widget::put;
use ratatui::buffer::Buffer;

/// Why there is nothing to draw, and the next step; `None` when there is something.
#[must_use]
pub fn nothing(ctx: &Ctx<'_>) -> Option<[String; 2]> {
    let snapshot = ctx.snapshot;
    if let Some(why) = empty::why(ctx) {
        return Some(why);
    }
    let (first, last) = (snapshot.first?, snapshot.last?);
    let end = last + crate::base::time::Span::seconds(1);
    let holds = |density: &crate::store::density::Density| Lane::ALL.into_iter().any(|lane| density.total(lane, first, end).events() > 0);
    if !holds(&snapshot.density) && snapshot.marks.between(first, end).next().is_none() {
        let events = text::count(snapshot.tables.events.len() as u64);
        return Some([
            format!("{events} events, none of them a logon, a ticket or a sign-in"),
            "the events: 7; inputs and what they miss: 8".to_owned(),
        ]);
    }
    let projection = ctx.projection?;
    if projection.events.is_empty() && projection.looked_at() >= snapshot.tables.events.len() {
        let events = text::count(snapshot.tables.events.len() as u64);
        return Some([
            format!("the filter hides all {events} events"),
            "u takes the last change back, f changes it, F switches it off".to_owned(),
        ]);
    }
    None
}

pub fn draw_nothing(buffer: &mut Buffer, ctx: &Ctx<'_>, lines: &[String]) {
    let area = ctx.area;
    let top = area.y + (area.height / 2).saturating_sub(1);
    for ((line, y), meaning) in lines.iter().zip(top..area.bottom()).zip([Meaning::Strong, Meaning::Dim]) {
        let wide = u16::try_from(text::width(line)).unwrap_or(area.width);
        put(buffer, area.x + area.width.saturating_sub(wide) / 2, y, area.width, line, ctx.theme.style(meaning));
    }
}

/// `open 10m`, `41m, ended by logoff`, `2h 00m, end inferred (boot)`.
fn length(ctx: &Ctx<'_>, visit: &Visit) -> String {
    let until = super::bars::known_until(ctx, visit);
    let words = (until - visit.start).words();
    if visit.is_open() {
        return if until < ctx.now() { format!("open {words}, when its log ends") } else { format!("open {words}") };
    }
    match visit.end_reason {
        reason if reason.is_inferred() && visit.kind == VisitKind::Run => format!("{words} at least, end inferred ({})", reason.word()),
        reason if reason.is_inferred() => format!("{words} at most, end inferred ({})", reason.word()),
        _ if visit.kind == VisitKind::Run => format!("over {words}, all ended"),
        reason => format!("{words}, ended by {}", reason.word()),
    }
}

fn from(ctx: &Ctx<'_>, visit: &Visit) -> String {
    let names = &ctx.snapshot.names;
    let source = ctx.snapshot.tables.source(visit.source).map(|source| source.name(names)).filter(|name| !name.is_empty());
    let workstation = Some(names.shown(visit.workstation)).filter(|name| !name.is_empty() && source.as_ref() != Some(name));
    match (source, workstation) {
        (Some(source), Some(workstation)) => format!("  from {source} {workstation}"),
        (Some(name), None) | (None, Some(name)) => format!("  from {name}"),
        (None, None) => String::new(),
    }
}

fn visit_line(ctx: &Ctx<'_>, id: VisitId, members: usize) -> Option<String> {
    let (tables, names) = (&ctx.snapshot.tables, &ctx.snapshot.names);
    let visit = tables.visit(id)?;
    let account = tables.account(visit.account).map_or_else(String::new, |account| account.name(names));
    let host = tables.host(visit.host).map_or_else(String::new, |host| format!(" > {}", host.short(names)));
    let first = tables.session(visit.first_session);
    let first = first.as_deref();
    let number = match (visit.logons, first) {
        (2.., _) => format!(" of {} logons", text::count(u64::from(visit.logons))),
        (1, Some(session)) if session.logon_id.0 != 0 => format!(" {}", session.logon_id),
        _ => String::new(),
    };
    let package = first.map_or_else(String::new, |session| match (names.shown(session.lm_package), names.shown(session.package)) {
        (lm, _) if lm.len() > 1 => format!("  {lm}"),
        (_, package) if package.len() > 1 => format!("  {package}"),
        _ => String::new(),
    });
    let elevated = if first.is_some_and(|session| session.elevated == Tri::Yes) { "  elevated" } else { "" };
    let privileged = if visit.privileged || first.is_some_and(|session| session.privileged) { "  privileged" } else { "" };
    let many = if members > 1 { format!("  (one of {members} here)") } else { String::new() };
    Some(format!(
        "session{number}  {} {}  {account}{host}{}{package}{elevated}{privileged}  {}{many}",
        visit.lane.code(),
        visit.lane.name(),
        from(ctx, &visit),
        length(ctx, &visit)
    ))
}

fn anomaly_of<'a>(ctx: &Ctx<'a>, id: AnomalyId) -> Option<&'a Anomaly> {
    ctx.snapshot.tables.anomaly(id).map(AsRef::as_ref)
}

/// A line of the description. The next step is kept when the words are too long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub words: String,
    pub next: &'static str,
    pub severity: Option<Severity>,
}

impl Told {
    const fn new(words: String) -> Self {
        Self { words, next: "", severity: None }
    }
}

/// Two lines about what is under the cursor.
#[must_use]
pub fn lines(tracks: &Tracks<'_, '_>, scene: &Scene, under: &Under) -> [Told; 2] {
    let ctx = tracks.ctx;
    let members = scene
        .lanes
        .iter()
        .flat_map(|lane| lane.rows.iter().flatten())
        .find(|item| under.visit.is_some_and(|id| item.is(super::bars::Key::Visit(id))))
        .map_or(1, super::bars::Item::count);
    let first = under.visit.and_then(|id| visit_line(ctx, id, members));
    if let Some(anomaly) = under.anomaly.and_then(|id| anomaly_of(ctx, id)) {
        let also = if under.others > 0 { format!("  and {} more here", under.others) } else { String::new() };
        let why = format!("why {} {}: {}{also}", anomaly.severity.letter(), anomaly.score, anomaly.why);
        let first = first.unwrap_or_else(|| {
            let records =
                if anomaly.count == 1 { "1 record".to_owned() } else { format!("{} records", text::count(u64::from(anomaly.count))) };
            let length = (anomaly.end - anomaly.at).words();
            format!(
                "{}  {}  {}  {records} in {length}  {}",
                anomaly.severity.word(),
                anomaly.detection.id,
                ctx.day_clock(anomaly.at),
                anomaly.detection.title
            )
        });
        return [Told::new(first), Told { words: why, next: "  (Enter: details)", severity: Some(anomaly.severity) }];
    }
    if let Some(first) = first {
        let is_preview = ctx.snapshot.preview.is_some();
        let words = if is_preview { UNLOOKED } else { "nothing odd was found in this session" }.to_owned();
        return [Told::new(first), Told { words, next: "  (Enter: details)", severity: None }];
    }
    let Some(track) = under.track else {
        let by = tracks.by.map_or("lane", crate::store::group::By::word);
        return [Told::new(format!("counting events by {by} ...")), Told::new("z g goes on to the next kind of lanes".to_owned())];
    };
    let lane = tracks.words(track);
    if let Some(rows) = scene.lanes.iter().find(|rows| under.more && rows.track == track) {
        let words = format!("{lane}  {} more sessions and findings in this window that have no row", rows.more_words());
        let next =
            Told { words: "z o gives the lane all rows".to_owned(), next: "  (Enter: all its events in this window)", severity: None };
        return [Told::new(words), next];
    }
    let total = tracks.total(track, under.from, under.to);
    let column = format!("{} .. {}", ctx.day_clock(under.from), ctx.clock(under.to));
    let events = match (total.events(), total.failures) {
        (0, _) => "no events".to_owned(),
        (1, 0) => "1 event".to_owned(),
        (1, _) => "1 event, a failure".to_owned(),
        (events, failures) => format!("{} events, {} failures", text::count(u64::from(events)), text::count(u64::from(failures))),
    };
    let next = if scene.events() == 0 {
        "nothing in this window: z a shows all data, ) and ( go to the next session, e to the next anomaly"
    } else if total.events() == 0 {
        "nothing here: ) and ( go to the next session of the lane, e to the next anomaly"
    } else if ctx.snapshot.preview.is_some() {
        UNLOOKED
    } else {
        "nothing odd was found here  (Enter: zoom in)"
    };
    [Told::new(format!("{lane}  {column}  {events}")), Told::new(next.to_owned())]
}

/// As `Span::words`; in years where it is several.
fn length_words(length: crate::base::time::Span) -> String {
    let days = length.as_seconds() / 86_400;
    let tenths = days * 1_000 / 36_525;
    if tenths < 20 { length.words() } else { format!("{}.{} years", tenths / 10, tenths % 10) }
}

/// The row with the cursor's column, and the description.
pub fn draw(buffer: &mut Buffer, tracks: &Tracks<'_, '_>, scene: &Scene, under: &Under) {
    let ctx = tracks.ctx;
    let geometry = &scene.geometry;
    let Some(y) = geometry.foot() else { return };
    let dim = ctx.theme.style(Meaning::Dim);
    let x = geometry.area.x;
    let end = x + geometry.left - 1;
    let mut at = x + put(buffer, x, y, geometry.left, " in view", dim);
    let (counts, capped) = severities(ctx, scene.window.from, scene.window.to);
    for (severity, count) in &counts {
        let words = format!(" {count}{}", severity.0.letter());
        // Worst first: a number is there whole or not at all.
        if at + u16::try_from(words.len()).unwrap_or(end) > end {
            break;
        }
        at += put(buffer, at, y, end - at, &words, ctx.theme.style(Meaning::Severity(severity.0)));
    }
    if counts.is_empty() {
        let words = if ctx.snapshot.preview.is_some() { " preview" } else { " nothing odd" };
        put(buffer, at, y, geometry.left.saturating_sub(9), words, dim);
    } else if capped {
        put(buffer, at, y, 2, " +", dim);
    }
    let column = scene.window.column(under.at, geometry.columns).clamp(0, i64::from(geometry.columns.saturating_sub(1)));
    let column = u16::try_from(column).unwrap_or(0);
    let words = format!("{}  ({})", range(ctx.zone, scene.window.from, scene.window.to), length_words(scene.window.width()));
    let wide = u16::try_from(words.len()).unwrap_or(geometry.columns);
    // The window stands where the cursor is not.
    let place = if column > geometry.columns / 2 { 0 } else { geometry.columns.saturating_sub(wide + 1) };
    put(buffer, geometry.x(place), y, wide, &words, dim);
    put(buffer, geometry.x(column), y, 1, ctx.glyphs.cursor_column, ctx.theme.style(Meaning::Strong));
    for (told, y) in lines(tracks, scene, under).iter().zip(y + 1..geometry.area.bottom()) {
        let style = ctx.theme.style(Meaning::Text);
        let room = geometry.area.width.saturating_sub(2 + u16::try_from(told.next.len()).unwrap_or(0));
        let used = put(buffer, x + 1, y, room, &told.words, style);
        put(buffer, x + 1 + used, y, 20, told.next, dim);
        if let Some(severity) = told.severity {
            put(buffer, x + 5, y, 1, &severity.letter().to_string(), ctx.theme.style(Meaning::Severity(severity)));
        }
    }
}

/// One line for the message row.
#[must_use]
pub fn sentence(tracks: &Tracks<'_, '_>, under: &Under) -> String {
    let ctx = tracks.ctx;
    let half = crate::base::time::Span::ticks((under.to - under.from).as_ticks() / 2).words();
    let mut words = format!("{} +-{half}", ctx.clock(under.at));
    match under.track {
        Some(Track::Lane(lane)) if matches!(lane.code(), "-" | "E") => words = format!("{words}  {}", tracks.words(Track::Lane(lane))),
        Some(Track::Lane(lane)) => words = format!("{words}  lane {}", lane.code()),
        Some(track) => words = format!("{words}  {}", tracks.words(track)),
        None => return format!("{words}  counting events by {} ...", tracks.by.map_or("lane", crate::store::group::By::word)),
    }
    if under.more {
        return format!("{words}  more sessions than rows: Enter lists all, z o gives the lane all rows");
    }
    let tables = &ctx.snapshot.tables;
    if let Some(visit) = under.visit.and_then(|id| tables.visit(id)) {
        let who = who(ctx, visit.account, visit.host);
        words = format!("{words}  {who}{}  {}", from(ctx, &visit), length(ctx, &visit));
    }
    if let Some(anomaly) = under.anomaly.and_then(|id| anomaly_of(ctx, id)) {
        words = format!("{words}  {} {} {}", anomaly.severity.letter(), anomaly.detection.id, anomaly.score);
    }
    if under.visit.is_none() && under.anomaly.is_none() {
        let total = under.track.map(|track| tracks.total(track, under.from, under.to)).unwrap_or_default();
        words = format!("{words}  {} events, {} failures", total.events(), total.failures);
    }
    words
}
