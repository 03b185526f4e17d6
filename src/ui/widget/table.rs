//! One list for all tables: columns declared once, a cursor, a window of rows, a column to sort by.
//!
//! Only the rows on screen are asked for their cells, so drawing costs the cells and not the rows; a list of a million
//! events is an index into the snapshot and is never copied. The table keeps no rows: who owns them sorts them, the
//! table says by which column.

pub use super::columns::{Arranged, Column, ColumnList, Columns, Placed, SIGN, place};
use super::put;
use crate::base::text;
use crate::ui::action::Action;
use crate::ui::glyph::Glyphs;
use crate::ui::mouse::{Gesture, Mouse};
use crate::ui::theme::{Meaning, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Modifier;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// What stands where row and column meet.
#[derive(Clone, Debug)]
pub struct Cell {
    pub text: String,
    pub meaning: Meaning,
}

impl Cell {
    #[must_use]
    pub fn new(text: impl Into<String>, meaning: Meaning) -> Self {
        Self { text: text.into(), meaning }
    }
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::new(text, Meaning::Text)
    }
    #[must_use]
    pub fn dim(text: impl Into<String>) -> Self {
        Self::new(text, Meaning::Dim)
    }
    /// A count with separators; `-` for none, so that what is there stands out.
    #[must_use]
    pub fn count(number: u32) -> Self {
        if number == 0 { Self::dim("-") } else { Self::text(text::count(u64::from(number))) }
    }
}

/// How the table is to look here.
#[derive(Clone, Copy)]
pub struct Look<'a> {
    pub theme: &'a Theme,
    pub glyphs: &'a Glyphs,
    /// Keys go to this table.
    pub focus: bool,
}

/// What an action did to a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    Ignored,
    Moved,
    /// Another column, or the other direction: the owner sorts its rows.
    Sorted,
    /// Nothing sorts by the column under the cursor.
    Unsortable,
}

/// What the mouse did to a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pointed {
    Nothing,
    Moved,
    /// What is under the cursor is to be opened.
    Open,
    Sorted,
    Unsortable,
}

/// What the mouse points at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hit {
    /// The head of a column, by its declared position.
    Head(usize),
    /// A row, and the declared position of the column.
    Row(usize, Option<usize>),
}

/// Most rows that can be selected: what acts on a selection looks at each of them.
pub const MOST_SELECTED: usize = 5_000;

/// What the rows of a table are sorted by, as it is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowOrder {
    /// Name of the column.
    pub by: String,
    #[serde(default)]
    pub reverse: bool,
}

/// Cursor, window and order of one table.
#[derive(Clone, Debug, Default)]
pub struct Table {
    pub cursor: usize,
    top: usize,
    /// Column under the cursor, as declared.
    pub column: usize,
    /// Column the rows are sorted by, as declared.
    pub sort: Option<usize>,
    pub reverse: bool,
    /// Where the selection of rows began.
    pub anchor: Option<usize>,
}

impl Table {
    #[must_use]
    pub fn sorted_by(column: usize, reverse: bool) -> Self {
        Self { sort: Some(column), reverse, ..Self::default() }
    }
    /// The same with the cursor on a column.
    #[must_use]
    pub const fn with_column(mut self, column: usize) -> Self {
        self.column = column;
        self
    }
    #[must_use]
    pub fn on_column(column: usize) -> Self {
        Self { column, ..Self::default() }
    }
    /// First row on screen, for a list of `len` rows in `height` cells (without the head).
    fn window(&self, len: usize, height: usize) -> usize {
        let cursor = self.cursor.min(len.saturating_sub(1));
        let lowest = (cursor + 1).saturating_sub(height);
        self.top.clamp(lowest, cursor.max(lowest)).min(len.saturating_sub(height.min(len)))
    }
    /// Rows that `draw` shows in the same area.
    pub fn rows_on_screen(&self, len: usize, area: Rect) -> Range<usize> {
        let height = usize::from(area.height.saturating_sub(1));
        let first = self.window(len, height);
        first..first.saturating_add(height).min(len)
    }
    /// Puts the cursor on a row.
    pub fn go(&mut self, row: usize, len: usize) {
        self.cursor = row.min(len.saturating_sub(1));
    }
    /// Declared position of the column under the cursor, among those that are on screen.
    fn column_of(&self, placed: &[Placed]) -> Option<usize> {
        let here = placed.iter().find(|placed| placed.index == self.column);
        here.or(placed.first()).map(|placed| placed.index)
    }
    /// Declared position of the column under the cursor, in a table of this width.
    #[must_use]
    pub fn index_under<C: Columns + ?Sized>(&self, columns: &C, width: u16) -> Option<usize> {
        self.column_of(&place(columns, width))
    }
    /// What that column is.
    #[must_use]
    pub fn under<C: Columns + ?Sized>(&self, columns: &C, width: u16) -> Option<C::Key> {
        columns.all().get(self.index_under(columns, width)?).map(|column| column.key)
    }
    /// What the rows are sorted by.
    #[must_use]
    pub fn order<K: Copy>(&self, columns: &[Column<K>]) -> Option<RowOrder> {
        let column = columns.get(self.sort?)?;
        Some(RowOrder { by: column.name().to_owned(), reverse: self.reverse })
    }
    /// Sorts by what was kept; columns that nothing sorts by, or that are not known any more, are passed over.
    pub fn set_order<K: Copy>(&mut self, columns: &[Column<K>], order: &RowOrder) {
        if let Some(place) = columns.iter().position(|column| column.sortable && column.name() == order.by) {
            (self.sort, self.reverse) = (Some(place), order.reverse);
        }
    }
    /// Sorts by a column; by the same again the other way round.
    pub fn sort_by<C: Columns + ?Sized>(&mut self, index: usize, columns: &C) -> Done {
        let Some(column) = columns.all().get(index).filter(|column| column.sortable) else { return Done::Unsortable };
        // Names begin with the first, numbers with the greatest.
        self.reverse = if self.sort == Some(index) { !self.reverse } else { column.right };
        self.sort = Some(index);
        Done::Sorted
    }
    /// Begins to select rows at the cursor, or ends it.
    pub fn select(&mut self) {
        self.anchor = if self.anchor.is_some() { None } else { Some(self.cursor) };
    }
    /// Rows selected from-to: those nearest to the cursor where there are more than may be.
    #[must_use]
    pub fn selected(&self, len: usize) -> Option<Range<usize>> {
        let last = len.checked_sub(1)?;
        let (from, to) = (self.anchor?.min(last), self.cursor.min(last));
        Some(if from <= to { from.max(to.saturating_sub(MOST_SELECTED - 1))..to + 1 } else { to..(from + 1).min(to + MOST_SELECTED) })
    }
    /// Rows came before that of the cursor, or went: cursor, window and selection stay with theirs.
    pub fn shift(&mut self, by: isize) {
        self.cursor = self.cursor.saturating_add_signed(by);
        self.top = self.top.saturating_add_signed(by);
        self.anchor = self.anchor.map(|anchor| anchor.saturating_add_signed(by));
    }
    /// The same for a part of the rows, from the first on screen: where the cursor and the selection are in it.
    #[must_use]
    pub const fn part(&self, cursor: usize, anchor: Option<usize>) -> Self {
        Self { cursor, top: 0, column: self.column, sort: self.sort, reverse: self.reverse, anchor }
    }
    /// Puts the cursor on a row that may lie far away: in the middle of the screen then.
    pub fn show(&mut self, row: usize, len: usize, area: Rect) {
        let height = usize::from(area.height.saturating_sub(1)).max(1);
        if !self.rows_on_screen(len, area).contains(&row) {
            self.top = row.saturating_sub(height / 2);
        }
        self.go(row, len);
    }
    /// Moves by an action; `area` is what `draw` gets.
    pub fn update<C: Columns + ?Sized>(&mut self, action: Action, columns: &C, len: usize, area: Rect) -> Done {
        let height = usize::from(area.height.saturating_sub(1)).max(1);
        self.top = self.window(len, height);
        let cursor = self.cursor.min(len.saturating_sub(1));
        let to = match action {
            Action::CursorUp => cursor.saturating_sub(1),
            Action::CursorDown => cursor.saturating_add(1),
            Action::CursorPageUp => cursor.saturating_sub(height),
            Action::CursorPageDown => cursor.saturating_add(height),
            Action::CursorHalfUp => cursor.saturating_sub(height.div_ceil(2)),
            Action::CursorHalfDown => cursor.saturating_add(height.div_ceil(2)),
            Action::CursorFirst | Action::WindowStart => 0,
            Action::CursorLast => len,
            Action::CursorLeft | Action::CursorRight => {
                let placed = place(columns, area.width);
                let under = self.column_of(&placed);
                let now = placed.iter().position(|placed| Some(placed.index) == under).unwrap_or(0);
                let to = if action == Action::CursorLeft { now.saturating_sub(1) } else { now + 1 };
                self.column = placed.get(to).or(placed.last()).map_or(0, |placed| placed.index);
                return Done::Moved;
            }
            Action::TableSort => {
                let under = self.column_of(&place(columns, area.width));
                return under.map_or(Done::Unsortable, |index| self.sort_by(index, columns));
            }
            Action::TableReverse if self.sort.is_some() => {
                self.reverse = !self.reverse;
                return Done::Sorted;
            }
            Action::PopupDismiss if self.anchor.is_some() => {
                self.anchor = None;
                return Done::Moved;
            }
            _ => return Done::Ignored,
        };
        self.cursor = to.min(len.saturating_sub(1));
        self.top = self.window(len, height);
        Done::Moved
    }
    /// What is at a place of the screen.
    #[must_use]
    pub fn hit<C: Columns + ?Sized>(&self, columns: &C, len: usize, area: Rect, at: Position) -> Option<Hit> {
        if !area.contains(at) {
            return None;
        }
        let placed = place(columns, area.width);
        let x = at.x - area.x;
        // A blank behind a column belongs to it, so that no click falls between.
        let column = placed.iter().rev().find(|placed| placed.x <= x).or(placed.first()).map(|placed| placed.index);
        if at.y == area.y {
            return column.map(Hit::Head);
        }
        let row = self.rows_on_screen(len, area).nth(usize::from(at.y - area.y - 1))?;
        Some(Hit::Row(row, column))
    }
    /// What the mouse does: a click moves the cursor, again opens; on a head it sorts; dragging selects rows.
    pub fn mouse<C: Columns + ?Sized>(&mut self, mouse: Mouse, columns: &C, len: usize, area: Rect) -> Pointed {
        if let Some(action) = mouse.wheel() {
            for _ in 0..3 {
                self.update(action, columns, len, area);
            }
            return Pointed::Moved;
        }
        match (mouse.gesture, self.hit(columns, len, area, mouse.at)) {
            (Gesture::Press, Some(Hit::Head(index))) => {
                self.column = index;
                match self.sort_by(index, columns) {
                    Done::Sorted => Pointed::Sorted,
                    _ => Pointed::Unsortable,
                }
            }
            (Gesture::Press, Some(Hit::Row(row, column))) => {
                let is_here = row == self.cursor.min(len.saturating_sub(1)) && self.anchor.is_none();
                self.anchor = None;
                self.column = column.unwrap_or(self.column);
                self.top = self.rows_on_screen(len, area).start;
                self.go(row, len);
                if is_here { Pointed::Open } else { Pointed::Moved }
            }
            (Gesture::Drag, Some(Hit::Row(row, _))) if row != self.cursor || self.anchor.is_some() => {
                self.anchor.get_or_insert(self.cursor);
                self.top = self.rows_on_screen(len, area).start;
                self.go(row, len);
                Pointed::Moved
            }
            _ => Pointed::Nothing,
        }
    }
    /// Draws the head and the rows that have room.
    pub fn draw<C: Columns + ?Sized>(
        &self,
        buffer: &mut Buffer,
        area: Rect,
        columns: &C,
        len: usize,
        look: Look<'_>,
        cell: impl Fn(usize, C::Key) -> Cell,
    ) {
        if area.height == 0 || area.width <= SIGN {
            return;
        }
        let placed = place(columns, area.width);
        let under = self.column_of(&placed);
        for spot in &placed {
            let Some(column) = columns.all().get(spot.index) else { continue };
            let mark = if self.sort == Some(spot.index) { look.glyphs.sorted_mark(self.reverse) } else { "" };
            let here = look.focus && under == Some(spot.index);
            let style = look.theme.style(if here { Meaning::Strong } else { Meaning::Dim });
            let style = if here { style.patch(look.theme.style(Meaning::Cursor)) } else { style };
            // The mark stays where the title is cut.
            let room = usize::from(spot.width).saturating_sub(text::width(mark));
            let title: String = if mark.is_empty() { column.title.to_owned() } else { column.title.chars().take(room).collect() };
            let words = format!("{title}{mark}");
            let shift = if column.right { spot.width.saturating_sub(cells_of(&words)) } else { 0 };
            put(buffer, area.x + spot.x + shift, area.y, spot.width - shift, &words, style);
        }
        let height = usize::from(area.height - 1);
        let first = self.window(len, height);
        let cursor = self.cursor.min(len.saturating_sub(1));
        let selected = self.selected(len).unwrap_or(0..0);
        for (y, row) in (area.y + 1..area.bottom()).zip(first..len) {
            let here = look.focus && row == cursor;
            let marked = here || selected.contains(&row);
            if marked {
                let style = look.theme.style(Meaning::Cursor);
                for x in area.left()..area.right() {
                    put(buffer, x, y, 1, " ", style);
                }
                put(buffer, area.x, y, 1, if here { look.glyphs.cursor_row } else { look.glyphs.cursor_bar }, style);
            }
            for spot in &placed {
                let Some(column) = columns.all().get(spot.index) else { continue };
                let cell = cell(row, column.key);
                let mut style = look.theme.style(cell.meaning);
                if marked {
                    style = style.patch(look.theme.style(Meaning::Cursor));
                }
                if here && under == Some(spot.index) {
                    style = style.add_modifier(Modifier::BOLD | Modifier::UNDERLINED);
                }
                let shift = if column.right { spot.width.saturating_sub(cells_of(&cell.text)) } else { 0 };
                put(buffer, area.x + spot.x + shift, y, spot.width - shift, &cell.text, style);
            }
        }
    }
}

fn cells_of(words: &str) -> u16 {
    u16::try_from(text::width(words)).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::glyph;

    const COLUMNS: &[Column<u8>] = &[
        Column::new(0, "sev", 3).sortable(),
        Column::new(1, "name", 6).grow(2).sortable(),
        Column::new(2, "n", 5).right().drop(1).sortable(),
        Column::new(3, "why", 8).grow(1).drop(2),
    ];

    #[test]
    fn the_cursor_stays_inside_and_on_screen() {
        let area = Rect::new(0, 0, 30, 6);
        let mut table = Table::default();
        for (action, len, cursor, top) in [
            (Action::CursorUp, 100, 0, 0),
            (Action::CursorPageDown, 100, 5, 1),
            (Action::CursorUp, 100, 4, 1),
            (Action::CursorLast, 100, 99, 95),
            (Action::CursorDown, 100, 99, 95),
            (Action::CursorHalfUp, 100, 96, 95),
            (Action::CursorDown, 3, 2, 0),
            (Action::CursorFirst, 100, 0, 0),
            (Action::CursorDown, 0, 0, 0),
        ] {
            assert_eq!(table.update(action, COLUMNS, len, area), Done::Moved);
            assert_eq!((table.cursor, table.top), (cursor, top), "{action:?}");
        }
        assert_eq!(table.update(Action::NavOpen, COLUMNS, 3, area), Done::Ignored);
    }

    #[test]
    fn the_column_under_the_cursor_sorts_and_again_the_other_way_round() {
        let mut table = Table::default();
        let area = Rect::new(0, 0, 60, 6);
        for (action, done, sort, reverse) in [
            (Action::TableReverse, Done::Ignored, None, false),
            (Action::TableSort, Done::Sorted, Some(0), false),
            (Action::TableSort, Done::Sorted, Some(0), true),
            (Action::CursorRight, Done::Moved, Some(0), true),
            (Action::CursorRight, Done::Moved, Some(0), true),
            // Numbers begin with the greatest.
            (Action::TableSort, Done::Sorted, Some(2), true),
            (Action::TableReverse, Done::Sorted, Some(2), false),
            (Action::CursorRight, Done::Moved, Some(2), false),
            (Action::TableSort, Done::Unsortable, Some(2), false),
        ] {
            assert_eq!(table.update(action, COLUMNS, 3, area), done, "{action:?}");
            assert_eq!((table.sort, table.reverse), (sort, reverse), "{action:?}");
        }
        // A column without room is not under the cursor.
        assert_eq!(table.under(COLUMNS, 60), Some(3));
        assert_eq!(table.under(COLUMNS, 12), Some(0));
    }

    #[test]
    fn rows_are_selected_from_to_and_never_too_many() {
        let mut table = Table::default();
        assert_eq!(table.selected(10), None);
        table.go(4, 10);
        table.select();
        table.go(6, 10);
        assert_eq!(table.selected(10), Some(4..7));
        table.go(1, 10);
        assert_eq!(table.selected(10), Some(1..5));
        assert_eq!(table.selected(2), Some(1..2));
        assert_eq!(table.selected(0), None);
        for cursor in [0, 1_000_000] {
            table.anchor = Some(500_000);
            table.go(cursor, 1_000_001);
            let selected = table.selected(1_000_001).unwrap();
            assert!(selected.len() == MOST_SELECTED && selected.contains(&cursor), "{selected:?}");
        }
        table.select();
        assert_eq!(table.selected(10), None);
    }

    #[test]
    fn the_mouse_points_at_heads_and_rows() {
        let (table, area) = (Table::default(), Rect::new(5, 3, 30, 6));
        let hit = |x, y| table.hit(COLUMNS, 3, area, Position::new(x, y));
        assert_eq!(hit(5, 3), Some(Hit::Head(0)));
        assert_eq!(hit(12, 3), Some(Hit::Head(1)));
        assert_eq!(hit(11, 5), Some(Hit::Row(1, Some(1))));
        assert_eq!(hit(10, 4), Some(Hit::Row(0, Some(0))));
        assert_eq!((hit(12, 7), hit(12, 9), hit(4, 4)), (None, None, None));
    }

    #[test]
    fn only_rows_on_screen_are_asked_for() {
        let area = Rect::new(0, 0, 30, 6);
        let mut buffer = Buffer::empty(area);
        let asked = std::cell::RefCell::new(Vec::new());
        let mut table = Table::default();
        table.go(500_000, 1_000_000);
        let look = Look { theme: &Theme::default(), glyphs: &glyph::ASCII, focus: true };
        table.draw(&mut buffer, area, COLUMNS, 1_000_000, look, |row, _| {
            asked.borrow_mut().push(row);
            Cell::text("x")
        });
        let mut asked = asked.into_inner();
        asked.dedup();
        assert_eq!(asked, (499_996..=500_000).collect::<Vec<_>>());
    }
}
