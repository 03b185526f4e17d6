//! Draws the palette.

use crate::base::text;
use crate::ui::app::{App, Prompt};
use crate::ui::frame::put_right;
use crate::ui::frame_popup::window;
use crate::ui::layout::Layout;
use crate::ui::palette::{Palette, Sort};
use crate::ui::theme::Meaning;
use crate::ui::widget::put;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

/// Widest box.
const WIDEST: u16 = 92;
/// Cells of the column that says what a line is.
const SORTS: usize = 10;

/// Draws it where it is open, and says where the terminal's cursor belongs.
pub(super) fn draw(app: &App, buffer: &mut Buffer, layout: &Layout) -> Option<Position> {
    let Some(Prompt::Palette(palette)) = &app.prompt else { return None };
    let view = layout.view;
    let width = if layout.wide { WIDEST.min(view.width) } else { view.width };
    let area = Rect { x: view.x + (view.width - width) / 2, width, ..view };
    let inner = window(app, buffer, area, "palette");
    let (mut rows, theme) = (inner.rows(), &app.scene.theme);
    let typed = rows.next()?;
    let (found, all) = palette.counts();
    let more = match palette.left_out() {
        0 => String::new(),
        more => format!(", {} quieter ones not listed", text::count(more as u64)),
    };
    let counts = format!("{} of {}{more} ", text::count(found as u64), text::count(all as u64));
    let right = put_right(buffer, typed, &counts, theme.style(Meaning::Dim));
    let x = typed.x + 1 + put(buffer, typed.x + 1, typed.y, 2, "> ", theme.style(Meaning::Key));
    put(buffer, x, typed.y, right.saturating_sub(x + 1), &palette.field.text(), theme.style(Meaning::Strong));
    let before = u16::try_from(text::width(&palette.field.before())).unwrap_or(u16::MAX);
    if let Some(rule) = rows.next() {
        let line = app.scene.glyphs.horizontal.repeat(usize::from(rule.width));
        put(buffer, rule.x, rule.y, rule.width, &line, theme.style(Meaning::Dim));
    }
    let mut rows: Vec<Rect> = rows.collect();
    if rows.len() > 2
        && let Some(foot) = rows.pop()
    {
        let prefixes = Sort::ALL.map(|sort| format!("{}{}", sort.prefix(), sort.word())).join("  ");
        put(buffer, foot.x + 1, foot.y, foot.width.saturating_sub(2), &format!("first: {prefixes}"), theme.style(Meaning::Dim));
    }
    lines(app, buffer, palette, &rows);
    Some(Position::new(x.saturating_add(before).min(right.saturating_sub(1)), typed.y))
}

/// The line at a place of the screen.
pub(super) fn hit(layout: &Layout, palette: &Palette, at: Position) -> Option<usize> {
    let view = layout.view;
    let width = if layout.wide { WIDEST.min(view.width) } else { view.width };
    let x = view.x + (view.width - width) / 2;
    // Frame, what is typed and a rule above; the prefixes and the frame below.
    let (top, rows) = (view.y.saturating_add(3), view.height.saturating_sub(5));
    let row = at.y.checked_sub(top).filter(|row| *row < rows && at.x > x && at.x < x + width.saturating_sub(1))?;
    let page = palette.cursor / usize::from(rows).max(1);
    let place = page * usize::from(rows) + usize::from(row);
    (place < palette.counts().0).then_some(place)
}

fn lines(app: &App, buffer: &mut Buffer, palette: &Palette, rows: &[Rect]) {
    let theme = &app.scene.theme;
    // The cursor stays in sight; a page at a time, so that lines do not run under the eye.
    let page = palette.cursor / rows.len().max(1);
    for (row, (place, item)) in rows.iter().zip(palette.found(page * rows.len())) {
        let here = place == palette.cursor;
        let style = |meaning| theme.style(if here { Meaning::Cursor } else { meaning });
        let room = usize::from(row.width.saturating_sub(2));
        put(buffer, row.x + 1, row.y, row.width.saturating_sub(2), &text::pad(item.sort.word(), room), style(Meaning::Dim));
        let x = row.x + 1 + u16::try_from(SORTS).unwrap_or(0);
        let edge = put_right(buffer, Rect { width: row.width.saturating_sub(1), ..*row }, &item.keys, style(Meaning::Key));
        let edge = edge.min(row.right().saturating_sub(1));
        let detail_cells = u16::try_from(text::width(&item.detail)).unwrap_or(u16::MAX);
        let detail = edge.saturating_sub(detail_cells + if item.keys.is_empty() { 0 } else { 2 });
        let name_room = detail.saturating_sub(x + 2);
        put(buffer, x, row.y, name_room, &text::fit(&item.name, usize::from(name_room)), style(Meaning::Text));
        if detail > x {
            put(buffer, detail, row.y, edge.saturating_sub(detail), &item.detail, style(Meaning::Text));
        }
    }
}
