//! The strip above the lanes: the whole data set in one row, with the window in brackets.
//!
//! Its sums are kept from frame to frame: they are those of the whole log, whatever the window is.

use super::lanes::{Geometry, Scene, density};
use super::window::Window;
use crate::base::time::{Span, Timestamp, Zone};
use crate::model::lane::Lane;
use crate::store::density::Cell;
use crate::ui::theme::Meaning;
use crate::ui::view::Ctx;
use crate::ui::widget::put;
use ratatui::buffer::Buffer;
use std::sync::Arc;

const LABEL: u16 = 13;

/// `03-09 .. 03-14`, with the years where they differ, with hours where it is one day.
#[must_use]
pub fn range(zone: Zone, from: Timestamp, to: Timestamp) -> String {
    let (a, b) = (zone.local(from), zone.local(to));
    let same = |pattern: &str| a.format(pattern).to_string() == b.format(pattern).to_string();
    if same("%Y-%m-%d") {
        let clock = if to - from < Span::minutes(20) { "%H:%M:%S" } else { "%H:%M" };
        format!("{} {} .. {}", a.format("%Y-%m-%d"), a.format(clock), b.format(clock))
    } else if same("%Y") {
        format!("{} .. {}", a.format("%Y-%m-%d"), b.format("%m-%d"))
    } else {
        format!("{} .. {}", a.format("%Y-%m-%d"), b.format("%Y-%m-%d"))
    }
}

/// All lanes together.
fn sum(ctx: &Ctx<'_>, all: Window, columns: u16) -> Vec<Cell> {
    let mut out = vec![Cell::default(); usize::from(columns)];
    for lane in Lane::ALL {
        for (into, cell) in out.iter_mut().zip(density(ctx).columns(lane, all.from, all.to, usize::from(columns))) {
            into.others = into.others.saturating_add(cell.others);
            into.failures = into.failures.saturating_add(cell.failures);
            into.worst = into.worst.max(cell.worst);
        }
    }
    out
}

/// What the sums depend on.
#[derive(Clone, Debug, PartialEq)]
struct Asked {
    version: u64,
    /// Key of the projection and rows it was made of.
    projection: Option<(String, usize)>,
    all: Window,
    /// Sums for each cell of the row.
    parts: u16,
    columns: u16,
}

/// The strip before it is drawn.
#[derive(Debug)]
pub struct Strip {
    asked: Asked,
    /// First and last day.
    words: String,
    cells: Vec<Cell>,
}

impl Strip {
    /// The strip of a screen; the one before where nothing changed. `None` without data, or where there is no room.
    #[must_use]
    pub fn of(ctx: &Ctx<'_>, geometry: &Geometry, before: Option<&Arc<Self>>) -> Option<Arc<Self>> {
        let (first, last) = (ctx.snapshot.first?, ctx.snapshot.last?);
        geometry.overview()?;
        let words = range(ctx.zone, first, last);
        let wide = u16::try_from(words.len()).unwrap_or(24);
        let asked = Asked {
            version: ctx.snapshot.version,
            projection: ctx.projection.map(|projection| (projection.key.clone(), projection.looked_at())),
            all: Window::new(first, last + Span::seconds(1)),
            parts: if ctx.glyphs.dots { 2 } else { 1 },
            columns: geometry.area.width.saturating_sub(LABEL + wide + 3),
        };
        if let Some(before) = before.filter(|before| before.asked == asked && before.words == words) {
            return Some(Arc::clone(before));
        }
        let cells = sum(ctx, asked.all, asked.columns * asked.parts);
        Some(Arc::new(Self { asked, words, cells }))
    }
}

pub fn draw(buffer: &mut Buffer, ctx: &Ctx<'_>, scene: &Scene, y: u16) {
    let geometry = &scene.geometry;
    // Zone and glyphs may have changed since the picture was made.
    let Some(strip) = Strip::of(ctx, geometry, scene.overview.as_ref()) else { return };
    let Strip { asked: Asked { all, parts, columns, .. }, words, cells } = strip.as_ref();
    let columns = *columns;
    let dim = ctx.theme.style(Meaning::Dim);
    let right = geometry.area.right();
    let wide = u16::try_from(words.len()).unwrap_or(24);
    put(buffer, geometry.area.x, y, LABEL, " all data", dim);
    put(buffer, right.saturating_sub(wide + 1), y, wide, words, dim);
    let left = geometry.area.x + LABEL;
    let most = cells.iter().map(|cell| cell.events()).max().unwrap_or(0);
    for (column, cells) in (0..columns).zip(cells.chunks(usize::from(*parts))) {
        match cells {
            [one] => super::draw::density_cell(buffer, ctx, left + column, y, one, most),
            // What is odd has its own sign at any fineness.
            [one, other]
                if one.worst.max(other.worst).is_some()
                    || u64::from(one.failures) + u64::from(other.failures) > u64::from(one.others) + u64::from(other.others) =>
            {
                let mut both = *one;
                (both.others, both.failures) = (one.others.saturating_add(other.others), one.failures.saturating_add(other.failures));
                both.worst = one.worst.max(other.worst);
                super::draw::density_cell(buffer, ctx, left + column, y, &both, most);
            }
            [one, other] if one.events().max(other.events()) > 0 => {
                let high = |cell: &Cell| super::draw::level(cell.events(), most, 4);
                let dots = crate::ui::glyph::dots(high(one), high(other)).to_string();
                put(buffer, left + column, y, 1, &dots, ctx.theme.style(Meaning::Success));
            }
            _ => {}
        }
    }
    let column = |at: Timestamp| u16::try_from(all.column(at, columns).clamp(0, i64::from(columns.saturating_sub(1)))).unwrap_or(0);
    let (from, to) = (column(scene.window.from), column(scene.window.to));
    let strong = ctx.theme.style(Meaning::Strong);
    // A window of one column keeps what is in it: the brackets stand round it.
    put(buffer, (left + from).saturating_sub(u16::from(from == to || from > 0)), y, 1, "[", strong);
    put(buffer, left + to + u16::from(from == to || to + 1 < columns), y, 1, "]", strong);
}
