//! The strip above the lanes: the whole data set in one row, with the window in brackets.

use super::lanes::{Geometry, density};
use super::window::Window;
use crate::base::time::{Span, Timestamp, Zone};
use crate::model::lane::Lane;
use crate::store::density::Cell;
use crate::ui::theme::Meaning;
use crate::ui::view::Ctx;
use crate::ui::widget::put;
use ratatui::buffer::Buffer;

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

pub fn draw(buffer: &mut Buffer, ctx: &Ctx<'_>, geometry: &Geometry, window: Window, y: u16) {
    let (Some(first), Some(last)) = (ctx.snapshot.first, ctx.snapshot.last) else { return };
    let dim = ctx.theme.style(Meaning::Dim);
    let right = geometry.area.right();
    let words = range(ctx.zone, first, last);
    let wide = u16::try_from(words.len()).unwrap_or(24);
    let columns = geometry.area.width.saturating_sub(LABEL + wide + 3);
    put(buffer, geometry.area.x, y, LABEL, " all data", dim);
    put(buffer, right.saturating_sub(wide + 1), y, wide, &words, dim);
    let all = Window::new(first, last + Span::seconds(1));
    let left = geometry.area.x + LABEL;
    let parts = if ctx.glyphs.dots { 2 } else { 1 };
    let cells = sum(ctx, all, columns * parts);
    let most = cells.iter().map(|cell| cell.events()).max().unwrap_or(0);
    for (column, cells) in (0..columns).zip(cells.chunks(usize::from(parts))) {
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
    let (from, to) = (column(window.from), column(window.to));
    let strong = ctx.theme.style(Meaning::Strong);
    // A window of one column keeps what is in it: the brackets stand round it.
    put(buffer, (left + from).saturating_sub(u16::from(from == to || from > 0)), y, 1, "[", strong);
    put(buffer, left + to + u16::from(from == to || to + 1 < columns), y, 1, "]", strong);
}
