//! Columns of tables: declared once by the view, arranged by the person at the keyboard, placed where there is room.
//!
//! A column is named by its title, so that what was arranged outlives a change of the declaration: names that are not
//! known any more are passed over, new columns stand where they are declared. When there is little room, columns go in
//! the order of their `drop` numbers; one that was chosen by hand goes last.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Cells before the first column: the cursor sign and a blank.
pub const SIGN: u16 = 2;

/// One column; `K` names it for the one who fills the cells.
#[derive(Clone, Copy, Debug)]
pub struct Column<K> {
    pub key: K,
    pub title: &'static str,
    pub width: u16,
    /// What the title leaves out, for the list to choose from.
    pub about: &'static str,
    pub(super) grow: u16,
    pub(super) drop: u8,
    pub(super) right: bool,
    pub(super) sortable: bool,
    extra: bool,
    /// Field of the filter language that `i` and `x` write.
    pub field: Option<&'static str>,
}

impl<K: Copy> Column<K> {
    #[must_use]
    pub const fn new(key: K, title: &'static str, width: u16) -> Self {
        Self { key, title, width, about: "", grow: 0, drop: 0, right: false, sortable: false, extra: false, field: None }
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
    /// Says in the list of columns what the title leaves out.
    #[must_use]
    pub const fn about(mut self, words: &'static str) -> Self {
        self.about = words;
        self
    }
    /// Not shown until it is chosen.
    #[must_use]
    pub const fn extra(mut self) -> Self {
        self.extra = true;
        self
    }
    /// The same for those who only place it.
    const fn plain(self) -> Column<()> {
        Column {
            key: (),
            title: self.title,
            width: self.width,
            about: self.about,
            grow: self.grow,
            drop: self.drop,
            right: self.right,
            sortable: self.sortable,
            extra: self.extra,
            field: self.field,
        }
    }
    /// What it is called: its title, or what it is about where the title is empty.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        if self.title.is_empty() { self.about } else { self.title }
    }
}

/// What a person changed about the columns of one table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Arrangement {
    /// Names in the order of the screen; those not named stand where they are declared.
    pub order: Vec<String>,
    /// Columns that were shown or hidden by hand.
    pub shown: BTreeMap<String, bool>,
    /// Cells, where they were changed.
    pub widths: BTreeMap<String, u16>,
}

/// What was arranged, by kind of table (`accounts`, `events`). This is all there is to save of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Arrangements(pub BTreeMap<String, Arrangement>);

impl Arrangements {
    /// The columns of a table as they are arranged.
    #[must_use]
    pub fn arrange<'a, K: Copy>(&self, table: &str, columns: &'a [Column<K>]) -> Arranged<'a, K> {
        let mut arranged = Arranged::declared(columns);
        let Some(arrangement) = self.0.get(table) else { return arranged };
        let place = |name: &str| columns.iter().position(|column| column.name() == name);
        for (name, shown) in &arrangement.shown {
            if let Some(spot) = place(name).and_then(|index| arranged.spots.get_mut(index)) {
                spot.by_hand = *shown && !spot.shown;
                spot.shown = *shown;
            }
        }
        for (name, width) in &arrangement.widths {
            if let Some(spot) = place(name).and_then(|index| arranged.spots.get_mut(index)) {
                spot.width = Some(*width);
            }
        }
        let mut order: Vec<usize> = arrangement.order.iter().filter_map(|name| place(name)).collect();
        let mut seen = vec![false; columns.len()];
        order.retain(|index| seen.get_mut(*index).is_some_and(|seen| !std::mem::replace(seen, true)));
        // A column that the arrangement does not know stands behind the one it is declared behind.
        for index in 0..columns.len() {
            if !order.contains(&index) {
                let before = index.checked_sub(1).and_then(|before| order.iter().position(|other| *other == before));
                order.insert(before.map_or(0, |before| before + 1), index);
            }
        }
        arranged.order = order;
        arranged
    }
}

#[derive(Clone, Copy, Debug)]
struct Spot {
    shown: bool,
    by_hand: bool,
    width: Option<u16>,
}

/// Columns in the order of the screen, with what was chosen about them.
#[derive(Clone, Debug)]
pub struct Arranged<'a, K: Copy> {
    columns: Cow<'a, [Column<K>]>,
    /// Declared positions.
    order: Vec<usize>,
    /// By declared position.
    spots: Vec<Spot>,
}

impl<'a, K: Copy> Arranged<'a, K> {
    /// As they are declared.
    #[must_use]
    pub fn declared(columns: &'a [Column<K>]) -> Self {
        let spots = columns.iter().map(|column| Spot { shown: !column.extra, by_hand: false, width: None }).collect();
        Self { columns: Cow::Borrowed(columns), order: (0..columns.len()).collect(), spots }
    }
    /// Shows columns whatever was chosen.
    pub fn force(&mut self, keys: impl Fn(K) -> bool) {
        for (column, spot) in self.columns.iter().zip(&mut self.spots) {
            spot.shown |= keys(column.key);
        }
    }
    /// Leaves out columns that this table does not have now.
    pub fn without(&mut self, keys: impl Fn(K) -> bool) {
        let columns = &self.columns;
        self.order.retain(|index| columns.get(*index).is_some_and(|column| !keys(column.key)));
    }
    /// The same for those who only place them: what they show is left out.
    #[must_use]
    pub fn plain(&self) -> Arranged<'static, ()> {
        let columns = self.columns.iter().map(|column| column.plain()).collect();
        Arranged { columns: Cow::Owned(columns), order: self.order.clone(), spots: self.spots.clone() }
    }
    /// Declared positions of the columns that are wanted, in the order of the screen.
    pub fn wanted(&self) -> impl Iterator<Item = usize> + '_ {
        self.order.iter().copied().filter(|index| self.spots.get(*index).is_some_and(|spot| spot.shown))
    }
    /// All of them for the list to choose from; `width` is that of the table, `under` the declared position of the column
    /// under the cursor.
    #[must_use]
    pub fn list(&self, table: &'static str, width: u16, under: usize) -> ColumnList {
        let placed = place(self, width);
        let listed = |index: &usize| {
            let (column, spot) = (self.columns.get(*index)?, self.spots.get(*index)?);
            Some(Listed {
                name: column.name(),
                about: if column.title.is_empty() { "" } else { column.about },
                shown: spot.shown,
                placed: placed.iter().find(|placed| placed.index == *index).map(|placed| placed.width),
            })
        };
        let cursor = self.order.iter().position(|index| *index == under).unwrap_or(0);
        ColumnList { table, columns: self.order.iter().filter_map(listed).collect(), cursor, room: width.saturating_sub(SIGN) }
    }
}

/// The columns of a table, as the list to choose from shows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnList {
    /// Kind of the table, as `Arrangements` names it.
    pub table: &'static str,
    pub columns: Vec<Listed>,
    /// The one under the cursor of the table.
    pub cursor: usize,
    /// Widest a column can be.
    pub room: u16,
}

impl ColumnList {
    /// Columns that are wanted and have no room.
    #[must_use]
    pub fn left_out(&self) -> usize {
        self.columns.iter().filter(|column| column.shown && column.placed.is_none()).count()
    }
}

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed {
    pub name: &'static str,
    pub about: &'static str,
    /// It is wanted; it may have no room all the same.
    pub shown: bool,
    /// Cells it has on screen.
    pub placed: Option<u16>,
}

/// Columns as a table takes them: declared ones, or arranged ones.
pub trait Columns {
    type Key: Copy;
    fn all(&self) -> &[Column<Self::Key>];
    /// Declared positions in the order of the screen, with the width that was chosen and whether the column was.
    fn shown(&self) -> Vec<(usize, Option<u16>, bool)>;
}

impl<K: Copy> Columns for [Column<K>] {
    type Key = K;
    fn all(&self) -> &[Column<K>] {
        self
    }
    fn shown(&self) -> Vec<(usize, Option<u16>, bool)> {
        self.iter().enumerate().filter(|(_, column)| !column.extra).map(|(index, _)| (index, None, false)).collect()
    }
}

impl<K: Copy, const N: usize> Columns for [Column<K>; N] {
    type Key = K;
    fn all(&self) -> &[Column<K>] {
        self
    }
    fn shown(&self) -> Vec<(usize, Option<u16>, bool)> {
        self.as_slice().shown()
    }
}

impl<K: Copy> Columns for Vec<Column<K>> {
    type Key = K;
    fn all(&self) -> &[Column<K>] {
        self
    }
    fn shown(&self) -> Vec<(usize, Option<u16>, bool)> {
        self.as_slice().shown()
    }
}

impl<K: Copy> Columns for Arranged<'_, K> {
    type Key = K;
    fn all(&self) -> &[Column<K>] {
        &self.columns
    }
    fn shown(&self) -> Vec<(usize, Option<u16>, bool)> {
        let spot = |index: usize| self.spots.get(index).map(|spot| (index, spot.width, spot.by_hand));
        self.wanted().filter_map(spot).collect()
    }
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

struct Wanted {
    index: usize,
    width: u16,
    grow: u16,
    drop: u8,
}

/// Chooses and places the columns that have room in `width` cells.
#[must_use]
pub fn place<C: Columns + ?Sized>(columns: &C, width: u16) -> Vec<Placed> {
    let all = columns.all();
    let wanted = |(index, cells, by_hand): (usize, Option<u16>, bool)| {
        let column = all.get(index)?;
        Some(Wanted {
            index,
            // No column is wider than the table.
            width: cells.unwrap_or(column.width).min(width.saturating_sub(SIGN)),
            grow: if cells.is_some() { 0 } else { column.grow },
            // What was chosen by hand goes after what was not.
            drop: match column.drop {
                0 => 0,
                _ if by_hand => 1,
                order => order.saturating_add(1),
            },
        })
    };
    let mut kept: Vec<Wanted> = columns.shown().into_iter().filter_map(wanted).collect();
    let need = |kept: &[Wanted]| kept.iter().fold(SIGN, |sum, column| sum.saturating_add(column.width).saturating_add(1)).saturating_sub(1);
    while need(&kept) > width {
        let worst = kept.iter().enumerate().filter(|(_, column)| column.drop > 0).max_by_key(|(_, column)| column.drop);
        let Some((place, _)) = worst else { break };
        kept.remove(place);
    }
    let mut spare = width.saturating_sub(need(&kept));
    let mut shares: u16 = kept.iter().map(|column| column.grow).sum();
    let mut x = SIGN;
    let mut placed = Vec::with_capacity(kept.len());
    for column in kept {
        let more = u16::try_from(u32::from(spare) * u32::from(column.grow) / u32::from(shares.max(1))).unwrap_or(spare);
        spare -= more;
        shares -= column.grow;
        let cells = column.width.saturating_add(more).min(width.saturating_sub(x));
        if cells == 0 {
            break;
        }
        placed.push(Placed { index: column.index, x, width: cells });
        x = x.saturating_add(cells).saturating_add(1);
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &[Column<u8>] = &[
        Column::new(0, "sev", 3),
        Column::new(1, "name", 6).grow(2),
        Column::new(2, "n", 5).right().drop(1),
        Column::new(3, "why", 8).grow(1).drop(2),
        Column::new(4, "more", 4).drop(9).extra(),
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

    fn arrangement(order: &[&str], shown: &[(&str, bool)], widths: &[(&str, u16)]) -> Arrangements {
        let arrangement = Arrangement {
            order: order.iter().map(|name| (*name).to_owned()).collect(),
            shown: shown.iter().map(|(name, shown)| ((*name).to_owned(), *shown)).collect(),
            widths: widths.iter().map(|(name, width)| ((*name).to_owned(), *width)).collect(),
        };
        Arrangements([("t".to_owned(), arrangement)].into())
    }

    fn keys(all: &Arrangements, width: u16) -> Vec<(usize, u16)> {
        place(&all.arrange("t", COLUMNS), width).into_iter().map(|placed| (placed.index, placed.width)).collect()
    }

    #[test]
    fn what_is_arranged_holds_and_unknown_names_are_passed_over() {
        let all = arrangement(&["why", "gone", "sev"], &[("n", false), ("more", true), ("gone", true)], &[("why", 5), ("gone", 3)]);
        assert_eq!(keys(&all, 40), [(3, 5), (4, 4), (0, 3), (1, 23)]);
        // A column that was chosen by hand stays longer than others.
        let all = arrangement(&[], &[("more", true)], &[]);
        assert_eq!(keys(&all, 27), [(0, 3), (1, 10), (2, 5), (4, 4)]);
        assert_eq!(all.arrange("t", COLUMNS).list("t", 27, 1).left_out(), 1);
        assert_eq!(keys(&Arrangements::default(), 27).len(), 4);
    }

    #[test]
    fn no_column_is_wider_than_the_table() {
        let all = arrangement(&[], &[], &[("name", u16::MAX), ("sev", 60)]);
        for width in 0..80 {
            let placed = place(&all.arrange("t", COLUMNS), width);
            assert!(placed.iter().all(|placed| placed.x + placed.width <= width), "{width}: {placed:?}");
        }
    }

    #[test]
    fn an_arrangement_is_saved_and_read_again() {
        let all = arrangement(&["why"], &[("n", false)], &[("why", 5)]);
        let text = serde_json::to_string(&all).unwrap();
        assert_eq!(serde_json::from_str::<Arrangements>(&text).unwrap(), all);
        assert_eq!(serde_json::from_str::<Arrangements>(r#"{"t":{}}"#).unwrap().0.len(), 1);
    }
}
