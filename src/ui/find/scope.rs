//! What a view can be searched for: its lines in their order, and what each line stands for.

use crate::base::time::Timestamp;
use crate::model::ids::AnomalyId;
use crate::model::lane::Lane;
use crate::ui::effect::Place;
use crate::ui::marks::Target;
use crate::ui::widget::table::Table;
use ratatui::layout::Rect;

/// What one line of a view stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Thing {
    One(Target),
    /// One line of several: it matches where one of them does.
    Anomalies(Vec<AnomalyId>),
    /// Cleaned words: what is typed is looked for in them as it is.
    Words(String),
}

impl From<Target> for Thing {
    fn from(target: Target) -> Self {
        Self::One(target)
    }
}

impl Thing {
    /// What the page of a place is about; words that match nothing for places that are no one thing.
    #[must_use]
    pub fn of(place: Place) -> Self {
        Target::of(place).map_or_else(|| Self::Words(String::new()), Self::One)
    }
}

/// All that is looked through, and where the cursor stands in it.
#[derive(Clone, Debug)]
pub enum Scope {
    /// Events in their order, those that the filter leaves; `reverse` where the newest stands on top.
    Events {
        at: usize,
        reverse: bool,
    },
    /// Rows of a table of accounts, hosts or sources, as they are sorted.
    Rows {
        rows: Vec<usize>,
        place: fn(usize) -> Place,
        at: usize,
    },
    List {
        things: Vec<Thing>,
        at: usize,
    },
    /// Sessions and anomalies by their time, of one lane where it stands alone.
    Time {
        at: Timestamp,
        on: Option<Thing>,
        lane: Option<Lane>,
    },
}

impl Scope {
    #[must_use]
    pub fn words(lines: impl Iterator<Item = String>, at: usize) -> Self {
        Self::List { things: lines.map(Thing::Words).collect(), at }
    }
    /// What is typed is no filter here but words.
    #[must_use]
    pub fn is_words(&self) -> bool {
        matches!(self, Self::List { things, .. } if matches!(things.first(), Some(Thing::Words(_))))
    }
}

/// Where a match stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// Number of its line; 0 in time.
    pub line: usize,
    pub thing: Thing,
}

/// A part of the screen in which matches are marked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnScreen {
    /// What is drawn there; without it every text that was looked for is marked.
    pub thing: Option<Thing>,
    /// Lines are texts: what is typed are words.
    pub is_words: bool,
    /// It is a line of a table, whose colours say something.
    pub is_line: bool,
    pub area: Rect,
}

impl OnScreen {
    /// The texts of a filter, wherever they stand in an area.
    #[must_use]
    pub const fn all(area: Rect) -> Self {
        Self { thing: None, is_words: false, is_line: false, area }
    }
    /// Words, wherever they stand in an area.
    #[must_use]
    pub const fn words(area: Rect) -> Self {
        Self { thing: None, is_words: true, is_line: false, area }
    }
    #[must_use]
    pub const fn of(thing: Thing, area: Rect) -> Self {
        Self { thing: Some(thing), is_words: false, is_line: false, area }
    }
    /// The rows that a table draws in `area`, with what stands in each.
    #[must_use]
    pub fn rows<T: Into<Thing>>(table: &Table, len: usize, area: Rect, thing: impl Fn(usize) -> Option<T>) -> Vec<Self> {
        let rows = table.rows_on_screen(len, area).zip(area.y.saturating_add(1)..area.bottom());
        rows.filter_map(|(row, y)| Some(Self { is_line: true, ..Self::of(thing(row)?.into(), Rect { y, height: 1, ..area }) })).collect()
    }
}
