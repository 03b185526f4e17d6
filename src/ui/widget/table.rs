//! One list for all tables: columns declared once, a cursor, a window of rows, a column to sort by.
//!
//! Only the rows on screen are asked for their cells, so drawing costs the cells and not the rows; a list of a million
//! events is an index into the snapshot and is never copied. The table keeps no rows: who owns them sorts them, the
//! table says by which column. When there is little room, columns go in the order of their `drop` numbers.

use super::put;
use crate::base::text;
use crate::ui::action::Action;
use crate::ui::glyph::Glyphs;
use crate::ui::theme::{Meaning, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

/// Cells before the first column: the cursor sign and a blank.
pub const SIGN: u16 = 2;

/// One column; `K` names it for the one who fills the cells.
#[derive(Clone, Copy, Debug)]
pub struct Column<K> {
    pub key: K,
    pub title: &'static str,
    pub width: u16,
    grow: u16,
    drop: u8,
    right: bool,
    sortable: bool,
    /// Field of the filter language that `i` and `x` write.
    pub field: Option<&'static str>,
}

impl<K: Copy> Column<K> {
    #[must_use]
    pub const fn new(key: K, title: &'static str, width: u16) -> Self {
        Self { key, title, width, grow: 0, drop: 0, right: false, sortable: false, field: None }
    }
    /// Takes a share of the room that is left.
    #[must_use]
    pub const fn grow(mut self, share: u16) -> Self {
        self.grow = share;
        self
    }
    /// Columns with the highest number go first; those with 0 stay.
    #[must_use]
    pub const fn drop(mut self, order: u8) -> Self {
        self.drop = order;
        self
    }
    #[must_use]
    pub const fn right(mut self) -> Self {
        self.right = true;
        self
    }
    #[must_use]
    pub const fn sortable(mut self) -> Self {
        self.sortable = true;
        self
    }
    #[must_use]
    pub const fn field(mut self, field: &'static str) -> Self {
        self.field = Some(field);
        self
    }
}

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

/// Where a column ended up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Position in the declared columns.
    pub index: usize,
    /// From the left edge of the table.
    pub x: u16,
    pub width: u16,
}

/// Chooses and places the columns that have room in `width` cells.
#[must_use]
pub fn place<K: Copy>(columns: &[Column<K>], width: u16) -> Vec<Placed> {
    let mut kept: Vec<(usize, &Column<K>)> = columns.iter().enumerate().collect();
    let need = |kept: &[(usize, &Column<K>)]| {
        kept.iter().fold(SIGN, |sum, (_, column)| sum.saturating_add(column.width).saturating_add(1)).saturating_sub(1)
    };
    while need(&kept) > width {
        let worst = kept.iter().enumerate().filter(|(_, (_, column))| column.drop > 0).max_by_key(|(_, (_, column))| column.drop);
        let Some((place, _)) = worst else { break };
        kept.remove(place);
    }
    let mut spare = width.saturating_sub(need(&kept));
    let mut shares: u16 = kept.iter().map(|(_, column)| column.grow).sum();
    let mut x = SIGN;
    let mut placed = Vec::with_capacity(kept.len());
    for (index, column) in kept {
        let more = (spare * column.grow).checked_div(shares).unwrap_or(0);
        spare -= more;
        shares -= column.grow;
        let cells = column.width.saturating_add(more).min(width.saturating_sub(x));
        if cells == 0 {
            break;
        }
        placed.push(Placed { index, x, width: cells });
        x = x.saturating_add(cells).saturating_add(1);
    }
    placed
}

/// What an action did to a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    Ignored,
    Moved,
    /// Another column, or the other direction: the owner sorts its rows.
    Sorted,
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
}

impl Table {
    #[must_use]
    pub fn sorted_by(column: usize, reverse: bool) -> Self {
        Self { sort: Some(column), reverse, ..Self::default() }
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
    pub fn rows_on_screen(&self, len: usize, area: Rect) -> std::ops::Range<usize> {
        let height = usize::from(area.height.saturating_sub(1));
        let first = self.window(len, height);
        first..first.saturating_add(height).min(len)
    }
    /// Puts the cursor on a row.
    pub fn go(&mut self, row: usize, len: usize) {
        self.cursor = row.min(len.saturating_sub(1));
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
    pub fn update<K: Copy>(&mut self, action: Action, columns: &[Column<K>], len: usize, area: Rect) -> Done {
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
                let now = placed.iter().position(|placed| placed.index >= self.column).unwrap_or(0);
                let to = if action == Action::CursorLeft { now.saturating_sub(1) } else { now + 1 };
                self.column = placed.get(to).or(placed.last()).map_or(0, |placed| placed.index);
                return Done::Moved;
            }
            Action::TableSort => {
                let from = self.sort.map_or(0, |sort| sort + 1);
                let next = (from..columns.len()).chain(0..from).find(|index| columns.get(*index).is_some_and(|column| column.sortable));
                if next.is_none() {
                    return Done::Ignored;
                }
                self.sort = next;
                // Names begin with the first, numbers with the greatest.
                self.reverse = next.and_then(|index| columns.get(index)).is_some_and(|column| column.right);
                return Done::Sorted;
            }
            Action::TableReverse => {
                self.reverse = !self.reverse;
                return Done::Sorted;
            }
            _ => return Done::Ignored,
        };
        self.cursor = to.min(len.saturating_sub(1));
        self.top = self.window(len, height);
        Done::Moved
    }
    /// Draws the head and the rows that have room.
    pub fn draw<K: Copy>(
        &self,
        buffer: &mut Buffer,
        area: Rect,
        columns: &[Column<K>],
        len: usize,
        look: Look<'_>,
        cell: impl Fn(usize, K) -> Cell,
    ) {
        if area.height == 0 || area.width <= SIGN {
            return;
        }
        let placed = place(columns, area.width);
        let head = look.theme.style(Meaning::Dim);
        for spot in &placed {
            let Some(column) = columns.get(spot.index) else { continue };
            let mut title = column.title.to_owned();
            if self.sort == Some(spot.index) && !title.is_empty() {
                title.push(if self.reverse { '-' } else { '+' });
            }
            let style = if look.focus && spot.index == self.column { look.theme.style(Meaning::Strong) } else { head };
            let shift = if column.right { spot.width.saturating_sub(cells_of(&title)) } else { 0 };
            put(buffer, area.x + spot.x + shift, area.y, spot.width - shift, &title, style);
        }
        let height = usize::from(area.height - 1);
        let first = self.window(len, height);
        let cursor = self.cursor.min(len.saturating_sub(1));
        for (y, row) in (area.y + 1..area.bottom()).zip(first..len) {
            let here = look.focus && row == cursor;
            if here {
                let style = look.theme.style(Meaning::Cursor);
                for x in area.left()..area.right() {
                    put(buffer, x, y, 1, " ", style);
                }
                put(buffer, area.x, y, 1, look.glyphs.cursor_row, style);
            }
            for spot in &placed {
                let Some(column) = columns.get(spot.index) else { continue };
                let cell = cell(row, column.key);
                let mut style = look.theme.style(cell.meaning);
                if here {
                    style = style.patch(look.theme.style(Meaning::Cursor));
                    if spot.index == self.column {
                        style = style.add_modifier(Modifier::BOLD | Modifier::UNDERLINED);
                    }
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

    fn spots(width: u16) -> Vec<(usize, u16, u16)> {
        place(COLUMNS, width).into_iter().map(|placed| (placed.index, placed.x, placed.width)).collect()
    }

    #[test]
    fn columns_grow_into_the_room_and_go_in_their_order() {
        assert_eq!(spots(33), [(0, 2, 3), (1, 6, 10), (2, 17, 5), (3, 23, 10)]);
        assert_eq!(spots(27), [(0, 2, 3), (1, 6, 6), (2, 13, 5), (3, 19, 8)]);
        assert_eq!(spots(26), [(0, 2, 3), (1, 6, 14), (2, 21, 5)]);
        assert_eq!(spots(12), [(0, 2, 3), (1, 6, 6)]);
        assert_eq!(spots(7), [(0, 2, 3), (1, 6, 1)]);
        assert_eq!(spots(0), []);
    }

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
    fn sorting_goes_round_the_sortable_columns_and_turns_round() {
        let mut table = Table::default();
        let area = Rect::new(0, 0, 30, 6);
        let mut seen = Vec::new();
        for action in [Action::TableSort, Action::TableSort, Action::TableReverse, Action::TableSort, Action::TableSort] {
            assert_eq!(table.update(action, COLUMNS, 3, area), Done::Sorted);
            seen.push((table.sort.unwrap(), table.reverse));
        }
        assert_eq!(seen, [(0, false), (1, false), (1, true), (2, true), (0, false)]);
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
