//! Puts a picture into cells. Costs the cells it fills: what it shows was read and laid out before.

use super::lanes::{Geometry, LaneRows, Line, Scene};
use super::strokes::Strokes;
use super::track::{Track, Tracks};
use super::window::{Tick, axis, fitting};
use crate::base::text;
use crate::base::time::Timestamp;
use crate::model::lane::Lane;
use crate::store::Phase;
use crate::store::density::Cell;
use crate::ui::theme::Meaning;
use crate::ui::view::Ctx;
use crate::ui::widget::put;
use ratatui::buffer::Buffer;
use ratatui::style::Style;

/// Where the cursor stands.
#[derive(Clone, Copy, Debug)]
pub struct Cursor {
    pub track: Option<Track>,
    pub focus: Option<super::bars::Key>,
    pub at: Timestamp,
}

/// Lanes with fewer events a column than this are drawn low, not as if they were busy.
const QUIET: u32 = 20;

/// The level of a count: 0 for none, then 1 to `levels`, by its logarithm.
#[must_use]
pub fn level(count: u32, most: u32, levels: usize) -> usize {
    if count == 0 {
        return 0;
    }
    let part = f64::from(count).ln_1p() / f64::from(most.max(QUIET)).ln_1p();
    // Small whole numbers, far from any limit.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
    let level = (part * levels as f64).ceil() as usize;
    level.clamp(1, levels)
}

/// One of the product's own signs in one cell; outside the buffer nothing happens. Cheaper than `put`, which cleans.
pub fn sign(buffer: &mut Buffer, x: u16, y: u16, sign: &'static str, style: Style) {
    if let Some(cell) = buffer.cell_mut((x, y)) {
        cell.set_symbol(sign).set_style(style);
    }
}

/// One column of a lane: an anomaly, leading failures, or how many events.
pub fn density_cell(buffer: &mut Buffer, ctx: &Ctx<'_>, x: u16, y: u16, cell: &Cell, most: u32) {
    if let Some(severity) = cell.worst {
        sign(buffer, x, y, ctx.glyphs.anomaly, ctx.theme.style(Meaning::Severity(severity)));
    } else if cell.failures > cell.others {
        sign(buffer, x, y, ctx.glyphs.failure, ctx.theme.style(Meaning::Failure));
    } else {
        let level = level(cell.events(), most, ctx.glyphs.density.len());
        if let Some(glyph) = level.checked_sub(1).and_then(|level| ctx.glyphs.density.get(level)) {
            sign(buffer, x, y, glyph, ctx.theme.style(Meaning::Success));
        }
    }
}

/// A count in few cells: `211`, `18k`, `1.2M`.
#[must_use]
pub fn short_count(count: u64, cells: usize) -> String {
    let text = count.to_string();
    if text.len() <= cells {
        return text;
    }
    let scaled = [(1_000, 'k'), (1_000_000, 'M'), (1_000_000_000, 'G'), (1_000_000_000_000, 'T')];
    let fits = scaled.into_iter().map(|(unit, sign)| format!("{}{sign}", count / unit)).find(|text| text.len() <= cells);
    fits.unwrap_or_else(|| "+".repeat(cells))
}

/// The name of a lane in eleven cells or fewer.
const fn title(lane: Lane) -> &'static str {
    match lane {
        Lane::NetworkCleartext => "NetClear",
        Lane::NewCredentials => "NewCred",
        Lane::RemoteInteractive => "RemoteInt",
        Lane::EntraNonInteractive => "non-interac",
        Lane::EntraServicePrincipal => "service pri",
        Lane::EntraManagedIdentity => "managed id",
        _ => lane.name(),
    }
}

pub fn draw(buffer: &mut Buffer, tracks: &Tracks<'_, '_>, scene: &Scene, cursor: Cursor) {
    let (ctx, geometry) = (tracks.ctx, &scene.geometry);
    head(buffer, tracks, scene);
    let (top, height) = geometry.body();
    let line = scene.line_of(cursor.track, cursor.focus);
    for (number, (what, y)) in scene.lines.iter().zip(top..top.saturating_add(height)).enumerate() {
        match *what {
            Line::Separator => separator(buffer, ctx, geometry, y),
            Line::Density(place) => {
                if let Some(lane) = scene.lanes.get(place) {
                    density(buffer, tracks, scene, lane, y, (Some(lane.track) == cursor.track).then_some(cursor), number == line);
                }
            }
            Line::Bars(place, row) => {
                if let Some(lane) = scene.lanes.get(place) {
                    let focus = (Some(lane.track) == cursor.track && number == line).then_some(cursor);
                    Strokes { buffer, ctx, scene, y }.row(lane, row, focus);
                }
            }
        }
    }
    clock(buffer, ctx, scene);
}

fn head(buffer: &mut Buffer, tracks: &Tracks<'_, '_>, scene: &Scene) {
    let ctx = tracks.ctx;
    let (geometry, dim) = (&scene.geometry, ctx.theme.style(Meaning::Dim));
    let y = geometry.axis();
    let words = match (tracks.by, geometry.narrow) {
        (None, true) => " lane     act  fl".to_owned(),
        (None, false) => " lane            act  fl".to_owned(),
        (Some(by), true) => format!(" {:<8} ev  fl", by.word()),
        (Some(by), false) => format!(" {:<16}ev  fl", by.word()),
    };
    put(buffer, geometry.area.x, y, geometry.left, &words, dim);
    // What concerns a whole host stands on the axis itself; a label that it would cut is left out.
    let mut marks = Vec::new();
    for (at, id) in ctx.snapshot.marks.in_lane(None, scene.window.from, scene.window.to).take(usize::from(geometry.columns) * 4) {
        let Some(anomaly) = ctx.snapshot.tables.anomaly(id).filter(|anomaly| super::bars::is_wanted(ctx, anomaly)) else { continue };
        if let Ok(column) = u16::try_from(scene.window.column(at, geometry.columns)) {
            marks.push((column, anomaly.severity));
        }
    }
    // Bookmarks and notes stand there too, whatever lane they are about.
    let mut noted_at = Vec::new();
    for noted in ctx.marked.list() {
        let Some(at) = noted.at.filter(|at| scene.window.contains(*at)) else { continue };
        if let Ok(column) = u16::try_from(scene.window.column(at, geometry.columns)) {
            noted_at.push((column, if noted.mark.is_some() { ctx.glyphs.mark } else { ctx.glyphs.note }));
        }
    }
    let ticks = axis(scene.window, geometry.columns, ctx.zone);
    for (number, Tick { column, label }) in ticks.iter().enumerate() {
        let next = ticks.get(number + 1).map_or(geometry.columns, |next| next.column);
        let next = marks
            .iter()
            .map(|(mark, _)| *mark)
            .chain(noted_at.iter().map(|(mark, _)| *mark))
            .filter(|mark| mark > column)
            .fold(next, u16::min);
        put(buffer, geometry.x(*column), y, 1, ctx.glyphs.vertical, dim);
        let label = fitting(label, next - column);
        put(buffer, geometry.x(*column) + 1, y, next - column, label, dim);
    }
    for (column, glyph) in noted_at {
        put(buffer, geometry.x(column), y, 1, glyph, ctx.theme.style(Meaning::Strong));
    }
    for (column, severity) in marks {
        put(buffer, geometry.x(column), y, 1, ctx.glyphs.anomaly, ctx.theme.style(Meaning::Severity(severity)));
    }
}

fn separator(buffer: &mut Buffer, ctx: &Ctx<'_>, geometry: &Geometry, y: u16) {
    let dim = ctx.theme.style(Meaning::Dim);
    let words = format!(" Entra{}", ctx.glyphs.horizontal.repeat(usize::from(geometry.area.width)));
    buffer.set_stringn(geometry.area.x, y, words, usize::from(geometry.area.width), dim);
}

/// The head of a lane: 25 cells, or 18 on narrow screens. What a folded lane hides stands behind its name.
fn label(tracks: &Tracks<'_, '_>, lane: &LaneRows, narrow: bool) -> String {
    let failures = short_count(lane.failures, 3);
    let hidden = if lane.folded && (lane.left_over > 0 || lane.more) { format!(" {}", lane.more_words()) } else { String::new() };
    let named = |name: &str, cells: usize| {
        let room = cells.saturating_sub(hidden.len());
        let cut: String = text::fit(name, room).into_owned();
        text::pad(&format!("{cut}{hidden}"), cells)
    };
    let Track::Lane(kind) = lane.track else {
        let name = tracks.name(lane.track);
        let events = short_count(lane.events, 4);
        return if narrow {
            format!(" {}{events:>4} {failures:>3}", named(&name, 8))
        } else {
            format!(" {}{events:>4} {failures:>3}", named(&name, 15))
        };
    };
    let open = lane.open.map_or_else(|| "-".to_owned(), |open| short_count(u64::from(open), 4));
    let name = if narrow { kind.short() } else { title(kind) };
    let code = kind.code();
    match (narrow, kind) {
        (true, Lane::DomainController) => format!(" {}{open:>4} {failures:>3}", named("DC auth", 8)),
        (true, Lane::Cached) => format!(" {}{open:>4} {failures:>3}", named(code, 8)),
        (true, lane) if lane.is_entra() => format!(" {code} {}{open:>4} {failures:>3}", named(name, 6)),
        (true, _) => format!(" {code:>2} {}{open:>4} {failures:>3}", named(name, 5)),
        (false, Lane::Cached) => format!(" {code} {}{open:>5} {failures:>3}", named(name, 8)),
        (false, _) => format!(" {code:>2} {}{open:>5} {failures:>3}", named(name, 11)),
    }
}

fn density(buffer: &mut Buffer, tracks: &Tracks<'_, '_>, scene: &Scene, lane: &LaneRows, y: u16, cursor: Option<Cursor>, here: bool) {
    let (ctx, geometry) = (tracks.ctx, &scene.geometry);
    let label = label(tracks, lane, geometry.narrow);
    let quiet = lane.events == 0 && lane.open.unwrap_or(0) == 0 && lane.rows.iter().all(Vec::is_empty);
    let style = match (cursor.is_some(), quiet) {
        (true, _) => ctx.theme.style(Meaning::Strong),
        (false, true) => ctx.theme.style(Meaning::Dim),
        (false, false) => ctx.theme.style(Meaning::Text),
    };
    put(buffer, geometry.area.x, y, geometry.left, &label, style);
    if cursor.is_some() {
        put(buffer, geometry.area.x, y, 1, ctx.glyphs.cursor_row, style);
    }
    let most = lane.cells.iter().map(|cell| cell.events()).max().unwrap_or(0);
    for (column, cell) in (0..geometry.columns).zip(&lane.cells) {
        density_cell(buffer, ctx, geometry.x(column), y, cell, most);
    }
    if let (Some(cursor), true) = (cursor, here) {
        reverse(buffer, ctx, geometry, scene.window.column(cursor.at, geometry.columns), y);
    }
}

fn reverse(buffer: &mut Buffer, ctx: &Ctx<'_>, geometry: &Geometry, column: i64, y: u16) {
    if let Some(cell) =
        u16::try_from(column).ok().filter(|column| *column < geometry.columns).and_then(|column| buffer.cell_mut((geometry.x(column), y)))
    {
        cell.set_style(ctx.theme.style(Meaning::Cursor));
    }
}

/// The clock of a live view or a replay, where the window reaches beyond it.
fn clock(buffer: &mut Buffer, ctx: &Ctx<'_>, scene: &Scene) {
    let geometry = &scene.geometry;
    if !matches!(ctx.snapshot.phase, Phase::Live | Phase::Replay { .. }) || !scene.window.contains(ctx.now()) {
        return;
    }
    let Ok(column) = u16::try_from(scene.window.column(ctx.now(), geometry.columns)) else { return };
    let (top, height) = geometry.body();
    for y in (top..top.saturating_add(height)).take(scene.lines.len()) {
        let blank = buffer.cell((geometry.x(column), y)).is_some_and(|cell| cell.symbol() == " ");
        if blank {
            sign(buffer, geometry.x(column), y, ctx.glyphs.vertical, ctx.theme.style(Meaning::Dim));
        }
    }
}
