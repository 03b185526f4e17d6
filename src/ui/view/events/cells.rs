//! What stands in the lines of the list: events in memory, events of the history, groups, and lines that are no events.

use super::group::Line as GroupLine;
use super::older::Line;
use super::{Events, id};
use crate::base::text;
use crate::model::ids::EventId;
use crate::ui::theme::Meaning;
use crate::ui::view::event_cells::{
    EventColumn, NOT_KEPT, count_cell, event_cell, event_columns, event_selection, is_of_groups, old_cell, old_selection,
};
use crate::ui::view::{Ctx, Selection, words};
use crate::ui::widget::columns::Column;
use crate::ui::widget::pairs::Pair;
use crate::ui::widget::put;
use crate::ui::widget::table::Cell;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Where a line begins, the cells of one group, and how the rest of it is told.
pub(super) fn group_cell(line: &GroupLine, column: EventColumn, is_opened: bool, ctx: &Ctx<'_>) -> Cell {
    match column {
        EventColumn::Count if line.inside => Cell::dim(ctx.glyphs.tree_branch),
        EventColumn::Count if line.count > 1 => {
            let cell = count_cell(line.count);
            Cell { text: format!("{}{}", if is_opened { "-" } else { "+" }, cell.text), ..cell }
        }
        EventColumn::Count => count_cell(1),
        EventColumn::Since if line.count == 1 => Cell::text(""),
        EventColumn::Since => id(line.first, ctx).map_or_else(|| Cell::text(""), |id| event_cell(id, column, ctx)),
        column => id(line.event, ctx).map_or_else(|| Cell::text(""), |id| event_cell(id, column, ctx)),
    }
}

impl Events {
    pub(super) fn cell(&self, row: usize, column: EventColumn, ctx: &Ctx<'_>) -> Cell {
        match self.line(row, ctx) {
            Some(Line::Kept(place)) => id(place, ctx).map_or_else(|| Cell::text(""), |id| event_cell(id, column, ctx)),
            Some(Line::Old(place)) => self.old.row(place).map_or_else(|| Cell::text(""), |old| old_cell(&old.row, column, ctx)),
            _ => Cell::text(""),
        }
    }
    pub(super) fn chosen(&self, row: usize, column: Option<EventColumn>, ctx: &Ctx<'_>) -> Option<Selection> {
        match self.line(row, ctx)? {
            Line::Kept(place) => id(place, ctx).map(|id| event_selection(id, column, ctx)),
            Line::Old(place) => self.old.row(place).map(|old| old_selection(&old.row, column, ctx)),
            _ => None,
        }
    }
    /// All that the record states, for the details pane.
    pub(super) fn details(id: EventId, ctx: &Ctx<'_>) -> Vec<Pair> {
        Self::pairs(|column| event_cell(id, column, ctx))
    }
    pub(super) fn pairs(cell: impl Fn(EventColumn) -> Cell) -> Vec<Pair> {
        let known = event_columns(u16::MAX).iter().filter(|column| !is_of_groups(column.key));
        let pair = |column: &Column<EventColumn>| {
            let cell = cell(column.key);
            let words = text::clean(&cell.text).trim().to_owned();
            (!words.is_empty() && words != words::ABSENT && words != NOT_KEPT && column.key != EventColumn::Exact).then(|| Pair {
                label: column.title,
                words,
                meaning: if cell.meaning == Meaning::Dim { Meaning::Text } else { cell.meaning },
            })
        };
        known.filter_map(pair).collect()
    }
    /// Lines that are no events.
    pub(super) fn draw_words(&self, buffer: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
        let rows = self.table.rows_on_screen(self.lines(ctx), area);
        for (row, y) in rows.zip(area.y.saturating_add(1)..area.bottom()) {
            if let Some(line @ (Line::Top | Line::Gap)) = self.line(row, ctx) {
                let style = ctx.theme.style(if row == self.table.cursor { Meaning::Cursor } else { Meaning::Dim });
                put(buffer, area.x + 2, y, area.width.saturating_sub(2), &self.old.words(line, ctx), style);
            }
        }
    }
    /// Events of the same account before this one, newest first.
    pub(super) fn before(event: EventId, most: usize, ctx: &Ctx<'_>) -> Vec<EventId> {
        let tables = &ctx.snapshot.tables;
        let previous = |id: &EventId| tables.event(*id).and_then(|row| row.previous_of_account.some());
        std::iter::successors(previous(&event), previous).take(most).collect()
    }
}
