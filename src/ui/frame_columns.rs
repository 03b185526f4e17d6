//! Draws the list of columns to choose from, beside the table that changes under it.

use crate::base::text;
use crate::ui::app::App;
use crate::ui::columns;
use crate::ui::frame_popup::window;
use crate::ui::layout::Layout;
use crate::ui::theme::Meaning;
use crate::ui::widget::put;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Widest box.
const WIDEST: u16 = 52;

/// The box; it leaves the left of the table to be seen.
fn area(layout: &Layout, lines: usize) -> Rect {
    let view = layout.view;
    let width = WIDEST.min(view.width);
    let height = u16::try_from(lines).unwrap_or(u16::MAX).saturating_add(2).min(view.height);
    Rect::new(view.right().saturating_sub(width), view.y, width, height)
}

/// First line that is drawn.
fn first(cursor: usize, rows: u16) -> usize {
    (cursor + 1).saturating_sub(usize::from(rows))
}

/// The line at a place of the screen.
pub(super) fn hit(app: &App, layout: &Layout, cursor: usize, at: ratatui::layout::Position) -> Option<usize> {
    let list = columns::list(app)?;
    let area = area(layout, list.columns.len());
    let inner = Rect { x: area.x + 1, y: area.y + 1, width: area.width.saturating_sub(2), height: area.height.saturating_sub(2) };
    let line = first(cursor, inner.height) + usize::from(at.y.checked_sub(inner.y)?);
    (inner.contains(at) && line < list.columns.len()).then_some(line)
}

pub(super) fn draw(app: &App, buffer: &mut Buffer, layout: &Layout, cursor: usize) {
    let Some(list) = columns::list(app) else { return };
    let theme = &app.scene.theme;
    let area = area(layout, list.columns.len());
    let shown = list.columns.iter().filter(|column| column.shown).count();
    let no_room = match list.left_out() {
        0 => String::new(),
        count => format!(", {count} without room"),
    };
    let title = format!("columns: {shown} of {}{no_room}", list.columns.len());
    let inner = window(app, buffer, area, &title);
    let cursor = cursor.min(list.columns.len().saturating_sub(1));
    let name_cells = list.columns.iter().map(|column| text::width(column.name)).max().unwrap_or(0).min(16);
    for ((place, column), row) in list.columns.iter().enumerate().skip(first(cursor, inner.height)).zip(inner.rows()) {
        let here = place == cursor;
        let style = |meaning| theme.style(if here { Meaning::Cursor } else { meaning });
        let mark = if column.shown { "[x]" } else { "[ ]" };
        let why = match (column.shown, column.placed) {
            (true, None) => "no room",
            _ => column.about,
        };
        let room = usize::from(row.width.saturating_sub(2));
        let words = format!("{mark} {}  {why}", text::pad(column.name, name_cells));
        let meaning = if column.shown { Meaning::Text } else { Meaning::Dim };
        put(buffer, row.x + 1, row.y, row.width.saturating_sub(2), &text::pad(&words, room), style(meaning));
    }
}
