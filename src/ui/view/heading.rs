//! The row over a list: how many rows are shown of how many, what is selected, which columns have no room.

use super::Ctx;
use crate::base::text;
use crate::ui::effect::Effect;
use crate::ui::theme::Meaning;
use crate::ui::widget::put;
use crate::ui::widget::table::{MOST_SELECTED, Table};
use ratatui::buffer::Buffer;

pub struct Heading {
    pub words: String,
    /// Columns that are wanted and have no room.
    pub left_out: usize,
    pub selected: String,
}

/// How many rows are selected; nothing where none is.
#[must_use]
pub fn selected(table: &Table, len: usize) -> String {
    selected_of(table.selected(len).map_or(0, |range| range.len()))
}

/// The same of a number.
#[must_use]
pub fn selected_of(count: usize) -> String {
    if count == 0 {
        return String::new();
    }
    let most = if count == MOST_SELECTED { ", the most that can be" } else { "" };
    let rows = if count == 1 { "row" } else { "rows" };
    format!("{} {rows} selected{most} (v ends)", text::count(count as u64))
}

pub fn draw(buffer: &mut Buffer, heading: &Heading, ctx: &Ctx<'_>) {
    let area = ctx.area;
    let mut x = area.x + 1;
    if !heading.selected.is_empty() {
        let room = area.right().saturating_sub(x);
        x += put(buffer, x, area.y, room, &heading.selected, ctx.theme.style(Meaning::Strong)) + 3;
    }
    let dim = ctx.theme.style(Meaning::Dim);
    let room = usize::from(area.right().saturating_sub(x));
    let left_out = match heading.left_out {
        0 => String::new(),
        1 => "1 column has no room: z c".to_owned(),
        count => format!("{count} columns have no room: z c"),
    };
    // In a narrow heading the counts of rows give way.
    let fits = text::width(&heading.words) + text::width(&left_out) + 3 <= room;
    let left_out = if fits || left_out.is_empty() { left_out } else { format!("+{} columns: z c", heading.left_out) };
    let right = text::width(&left_out) + usize::from(!left_out.is_empty()) * 3;
    let left = u16::try_from(room.saturating_sub(right)).unwrap_or(u16::MAX);
    put(buffer, x, area.y, left, &heading.words, dim);
    let cells = u16::try_from(text::width(&left_out)).unwrap_or(u16::MAX);
    put(buffer, area.right().saturating_sub(cells.saturating_add(1)).max(x), area.y, cells, &left_out, dim);
}

/// What is said of a column that nothing sorts by.
#[must_use]
pub fn unsortable() -> Effect {
    Effect::Say("nothing sorts by this column: h and l choose another one".to_owned())
}

/// Cells of one row as a line for the clipboard: cleaned, with tabs between them.
#[must_use]
pub fn line(cells: impl Iterator<Item = String>) -> String {
    cells.map(|cell| text::clean(&cell).trim().to_owned()).collect::<Vec<_>>().join("\t")
}
