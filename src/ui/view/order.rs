//! A table of a pane and the order of its rows.
//!
//! Rows have a place in the pane's own order: newest first, most first. Another order is a list of such places, made anew
//! when rows change; cursor and selection stay with what they stood on.

use crate::base::text;
use crate::base::time::Timestamp;
use crate::ui::view::words;
use crate::ui::widget::table::{Cell, Table};

/// What a row is sorted by; nothing comes first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    Nothing,
    Number(i64),
    Text(String),
}

impl Key {
    /// What the cell shows: as a number where it is one, else without regard to case.
    #[must_use]
    pub fn of(cell: &Cell) -> Self {
        let words = cell.text.trim();
        if words.is_empty() || words == words::ABSENT {
            return Self::Nothing;
        }
        words.replace(',', "").parse().map_or_else(|_| Self::Text(text::clean(words).to_lowercase()), Self::Number)
    }
    #[must_use]
    pub fn time(at: Option<Timestamp>) -> Self {
        at.map_or(Self::Nothing, |at| Self::Number(at.as_ticks()))
    }
}

/// See the module.
#[derive(Debug, Default)]
pub struct Ordered {
    pub table: Table,
    /// Places by row; empty for the pane's own order.
    places: Vec<usize>,
}

/// What cursor and selection stood on, by numbers that outlive a change of the rows.
#[derive(Debug, Default)]
pub struct Held {
    under: Option<usize>,
    /// From the anchor to the cursor.
    chosen: Vec<usize>,
}

impl Ordered {
    /// The place of a row in the pane's own order.
    #[must_use]
    pub fn place(&self, row: usize) -> usize {
        self.places.get(row).copied().unwrap_or(row)
    }
    /// The row on which a place is shown.
    #[must_use]
    pub fn row(&self, place: usize) -> usize {
        self.places.iter().position(|other| *other == place).unwrap_or(place)
    }
    /// The place under the cursor, of `len` rows.
    #[must_use]
    pub fn under(&self, len: usize) -> Option<usize> {
        Some(self.place(self.table.cursor.min(len.checked_sub(1)?)))
    }
    /// Puts the rows in the order that the table asks for; `key` gets a declared column and a place.
    pub fn make(&mut self, len: usize, key: impl Fn(usize, usize) -> Key) {
        self.places.clear();
        let Some(column) = self.table.sort else { return };
        self.places.extend(0..len);
        if self.table.reverse {
            self.places.sort_by_cached_key(|place| std::cmp::Reverse(key(column, *place)));
        } else {
            self.places.sort_by_cached_key(|place| key(column, *place));
        }
    }
    /// To be asked before the rows change; `id` names the thing at a place.
    #[must_use]
    pub fn hold(&self, len: usize, id: impl Fn(usize) -> Option<usize>) -> Held {
        let id = |row: usize| id(self.place(row));
        let chosen = self.table.selected(len).map(|range| range.filter_map(id).collect()).unwrap_or_default();
        // At the top the cursor stays at the top, where the newest or worst arrives.
        let row = Some(self.table.cursor).filter(|row| *row > 0 || self.table.anchor.is_some());
        Held { under: row.and_then(|row| id(row.min(len.checked_sub(1)?))), chosen }
    }
    /// Finds again what was held. A selection that is no longer the same rows ends.
    pub fn settle(&mut self, held: &Held, len: usize, id: impl Fn(usize) -> Option<usize>) {
        let find = |thing: usize, near: usize| {
            let is = |row: &usize| id(self.place(*row)) == Some(thing);
            Some(near).filter(is).or_else(|| (0..len).find(is))
        };
        let Some(row) = held.under.and_then(|under| find(under, self.table.cursor)) else {
            self.table.anchor = self.table.anchor.filter(|_| held.under.is_none());
            return;
        };
        let Some(anchor) = self.table.anchor else { return self.table.go(row, len) };
        let up = anchor > self.table.cursor;
        let other = if up { held.chosen.last() } else { held.chosen.first() };
        let anchor = other.and_then(|other| find(*other, anchor));
        self.table.go(row, len);
        self.table.anchor = anchor;
        let now = self.table.selected(len).map(|range| range.filter_map(|row| id(self.place(row))).collect::<Vec<_>>());
        if now.as_ref() != Some(&held.chosen) {
            self.table.anchor = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(list: &[usize]) -> impl Fn(usize) -> Option<usize> + '_ {
        |place| list.get(place).copied()
    }

    fn table(cursor: usize, anchor: Option<usize>) -> Ordered {
        let mut ordered = Ordered::default();
        ordered.table.cursor = cursor;
        ordered.table.anchor = anchor;
        ordered
    }

    #[test]
    fn cells_are_compared_as_what_they_are() {
        let keys = ["-", "2", "1,204", "alice", "Bob"].map(|text| Key::of(&Cell::text(text)));
        assert!(keys.is_sorted(), "{keys:?}");
        assert!(Key::of(&Cell::text("ALICE")) == Key::of(&Cell::text("alice")));
    }

    #[test]
    fn rows_stand_in_the_order_of_a_column_and_the_other_way_round() {
        let values = [3, 1, 3, 2];
        let key = |_: usize, place: usize| Key::Number(values[place]);
        let mut ordered = Ordered::default();
        for (sort, reverse, expected) in
            [(None, false, [0, 1, 2, 3]), (Some(0), false, [1, 3, 0, 2]), (Some(0), true, [0, 2, 3, 1]), (None, true, [0, 1, 2, 3])]
        {
            (ordered.table.sort, ordered.table.reverse) = (sort, reverse);
            ordered.make(values.len(), key);
            assert_eq!([0, 1, 2, 3].map(|row| ordered.place(row)), expected);
            assert!((0..4).all(|place| ordered.place(ordered.row(place)) == place));
        }
    }

    #[test]
    fn cursor_and_selection_stay_with_what_they_stood_on() {
        // Cursor and anchor before, things before and after, cursor and anchor after.
        type Case = ((usize, Option<usize>), &'static [usize], &'static [usize], (usize, Option<usize>));
        let cases: &[Case] = &[
            ((0, None), &[7, 8], &[6, 7, 8], (0, None)),
            ((1, None), &[7, 8], &[6, 7, 8], (2, None)),
            ((1, Some(0)), &[7, 8, 9], &[5, 6, 7, 8, 9], (3, Some(2))),
            ((0, Some(1)), &[7, 8, 9], &[5, 6, 7, 8, 9], (2, Some(3))),
            // Another one slipped between them.
            ((1, Some(0)), &[7, 8], &[7, 6, 8], (2, None)),
            // What was under the cursor is gone.
            ((1, Some(0)), &[7, 8], &[7], (1, None)),
        ];
        for (before, old, new, after) in cases {
            let mut ordered = table(before.0, before.1);
            let held = ordered.hold(old.len(), numbers(old));
            ordered.settle(&held, new.len(), numbers(new));
            assert_eq!((ordered.table.cursor, ordered.table.anchor), *after, "{before:?} {old:?} {new:?}");
        }
    }
}
