//! The list of accounts, of hosts, of sources: one view, told apart by what `Kind` says.
//!
//! Rows are numbers of table rows. They are chosen and sorted in `refresh`, at most once for each snapshot, and the
//! last order is what is sorted next, which is nearly in order already; drawing looks up the rows on screen only.

use super::{Ctx, Selection, View};
use crate::base::text;
use crate::model::world::Tables;
use crate::store::projection::Projection;
use crate::ui::action::{Action, Context};
use crate::ui::effect::{Effect, Place};
use crate::ui::find::scope::{OnScreen, Scope, Spot, Thing};
use crate::ui::marks::{Target, marked};
use crate::ui::theme::Meaning;
use crate::ui::widget::put;
use crate::ui::widget::table::{Cell, Column, Done, Look, Table};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::cmp::Ordering;

/// What tells one list from another. Rows are named by their number in the table.
pub trait Kind: 'static {
    type Column: Copy + 'static;
    const TITLE: &'static str;
    /// The noun of the count: `accounts`.
    const NOUN: &'static str;
    const FIELD: &'static str;
    const COLUMNS: &'static [Column<Self::Column>];
    /// The column the list is sorted by at first, and whether downwards.
    const SORT: (usize, bool);
    fn rows(tables: &Tables) -> usize;
    /// The row stands for itself: it was not merged into another.
    fn stands(_row: usize, _tables: &Tables) -> bool {
        true
    }
    /// Later events do not change this column of rows that are there: it is not sorted again for them.
    fn is_fixed(_column: Self::Column) -> bool {
        false
    }
    /// Hidden by an option (machine accounts, built-in accounts).
    fn is_hidden(_row: usize, _ctx: &Ctx<'_>) -> bool {
        false
    }
    /// Why rows are hidden, for the count.
    const HIDDEN_BY: &'static str = "";
    /// Whether events of it pass the filter.
    fn matches(projection: &Projection, row: usize, tables: &Tables) -> bool;
    fn cell(row: usize, column: Self::Column, ctx: &Ctx<'_>) -> Cell;
    fn compare(a: usize, b: usize, column: Self::Column, ctx: &Ctx<'_>) -> Ordering;
    fn select(row: usize, ctx: &Ctx<'_>) -> Selection;
    fn place(row: usize) -> Place;
    fn sentence(row: usize, ctx: &Ctx<'_>) -> String;
}

/// What the rows were made of; they are made again when it changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Made {
    version: u64,
    rows: usize,
    looked_at: Option<usize>,
    machine: bool,
    built_in: bool,
    sort: Option<usize>,
    reverse: bool,
}

pub struct List<K: Kind> {
    table: Table,
    rows: Vec<usize>,
    hidden: usize,
    /// Rows there are.
    total: usize,
    /// Text of the filter the rows were chosen by.
    filter: Option<String>,
    made: Made,
    kind: std::marker::PhantomData<K>,
}

impl<K: Kind> Default for List<K> {
    fn default() -> Self {
        let (sort, reverse) = K::SORT;
        Self {
            table: Table::sorted_by(sort, reverse),
            rows: Vec::new(),
            hidden: 0,
            total: 0,
            filter: None,
            made: Made::default(),
            kind: std::marker::PhantomData,
        }
    }
}

impl<K: Kind> List<K> {
    fn row(&self) -> Option<usize> {
        self.rows.get(self.table.cursor.min(self.rows.len().checked_sub(1)?)).copied()
    }
    fn area(ctx: &Ctx<'_>) -> Rect {
        Rect { y: ctx.area.y.saturating_add(1), height: ctx.area.height.saturating_sub(1), ..ctx.area }
    }
    fn make(&mut self, ctx: &Ctx<'_>) {
        let made = Made {
            version: ctx.snapshot.version,
            rows: K::rows(&ctx.snapshot.tables),
            looked_at: ctx.projection.map(Projection::looked_at),
            machine: ctx.options.machine_accounts,
            built_in: ctx.options.built_in_accounts,
            sort: self.table.sort,
            reverse: self.table.reverse,
        };
        let filter = ctx.projection.map(|projection| projection.text.clone());
        let column = self.table.sort.and_then(|sort| K::COLUMNS.get(sort));
        let fixed = filter.is_none() && column.is_some_and(|column| K::is_fixed(column.key));
        let same = if fixed { Made { version: self.made.version, ..made } } else { made };
        if same == self.made && filter == self.filter {
            return;
        }
        let under = self.row();
        let total = K::rows(&ctx.snapshot.tables);
        let shown = |row: &usize| ctx.projection.is_none_or(|projection| K::matches(projection, *row, &ctx.snapshot.tables));
        // What was sorted is sorted fastest: old rows first, in their order.
        let mut seen = vec![false; total];
        let mut rows: Vec<usize> = std::mem::take(&mut self.rows);
        rows.retain(|row| *row < total);
        for row in &rows {
            if let Some(seen) = seen.get_mut(*row) {
                *seen = true;
            }
        }
        rows.extend((0..total).filter(|row| !seen.get(*row).copied().unwrap_or(false)));
        rows.retain(|row| K::stands(*row, &ctx.snapshot.tables));
        let before = rows.len();
        self.total = before;
        rows.retain(|row| !K::is_hidden(*row, ctx));
        self.hidden = before - rows.len();
        rows.retain(shown);
        if let Some(column) = column {
            let reverse = self.table.reverse;
            rows.sort_by(|a, b| {
                let order = K::compare(*a, *b, column.key, ctx);
                (if reverse { order.reverse() } else { order }).then(a.cmp(b))
            });
        }
        self.rows = rows;
        (self.made, self.filter) = (made, filter);
        // The cursor stays with its row; at the top it stays at the top, where the newest or worst arrives.
        let under = under.filter(|_| self.table.cursor > 0);
        if let Some(place) = under.and_then(|under| self.rows.iter().position(|row| *row == under)) {
            self.table.go(place, self.rows.len());
        }
    }
    fn heading(&self) -> String {
        let all = text::count(self.total as u64);
        let mut words = format!("{} of {all} {} shown", text::count(self.rows.len() as u64), K::NOUN);
        if self.hidden > 0 {
            words.push_str(&format!("   {} {}", text::count(self.hidden as u64), K::HIDDEN_BY));
        }
        words
    }
    fn why_empty(&self, ctx: &Ctx<'_>) -> String {
        let events = ctx.snapshot.tables.events.len();
        if events == 0 {
            return "no events yet: the inputs view (8) says what was read".to_owned();
        }
        if ctx.projection.is_some() {
            return format!(
                "no {} has an event that the filter lets through; u takes the last filter change back",
                K::NOUN.trim_end_matches('s')
            );
        }
        if self.hidden > 0 {
            return format!("all {} are {}", K::NOUN, K::HIDDEN_BY);
        }
        format!("none of {} events names one of the {}", text::count(events as u64), K::NOUN)
    }
}

/// What a bookmark on a row is about.
const fn target_of(place: Place) -> Option<Target> {
    match place {
        Place::Account(id) => Some(Target::Account(id)),
        Place::Host(id) => Some(Target::Host(id)),
        Place::Source(id) => Some(Target::Source(id)),
        _ => None,
    }
}

impl<K: Kind> View for List<K> {
    fn crumb(&self, _ctx: &Ctx<'_>) -> String {
        K::TITLE.to_owned()
    }
    fn context(&self) -> Context {
        Context::Table
    }
    fn update(&mut self, action: Action, ctx: &Ctx<'_>) -> Vec<Effect> {
        self.make(ctx);
        match self.table.update(action, K::COLUMNS, self.rows.len(), Self::area(ctx)) {
            Done::Sorted => self.make(ctx),
            Done::Ignored if action == Action::NavOpen => return self.row().map(|row| Effect::Open(K::place(row))).into_iter().collect(),
            Done::Moved | Done::Ignored => {}
        }
        Vec::new()
    }
    fn refresh(&mut self, ctx: &Ctx<'_>) -> Vec<Effect> {
        self.make(ctx);
        Vec::new()
    }
    fn finds(&self, _ctx: &Ctx<'_>) -> Option<Scope> {
        Some(Scope::Rows { rows: self.rows.clone(), place: K::place, at: self.table.cursor })
    }
    fn found(&mut self, spot: &Spot, ctx: &Ctx<'_>) -> Vec<Effect> {
        // Rows may have been sorted anew since the search began.
        let own = |row: &usize| Thing::of(K::place(*row)) == spot.thing;
        let place = if self.rows.get(spot.line).is_some_and(own) { Some(spot.line) } else { self.rows.iter().position(own) };
        if let Some(place) = place {
            self.table.show(place, self.rows.len(), Self::area(ctx));
        }
        Vec::new()
    }
    fn on_screen(&self, ctx: &Ctx<'_>) -> Vec<OnScreen> {
        let thing = |row: usize| self.rows.get(row).map(|row| Thing::of(K::place(*row)));
        OnScreen::rows(&self.table, self.rows.len(), Self::area(ctx), thing)
    }
    fn draw(&self, buffer: &mut Buffer, ctx: &Ctx<'_>) {
        let area = ctx.area;
        put(buffer, area.x + 1, area.y, area.width.saturating_sub(1), &self.heading(), ctx.theme.style(Meaning::Dim));
        let look = Look { theme: ctx.theme, glyphs: ctx.glyphs, focus: true };
        let below = Self::area(ctx);
        self.table.draw(buffer, below, K::COLUMNS, self.rows.len(), look, |row, column| {
            self.rows.get(row).map_or_else(|| Cell::text(""), |row| K::cell(*row, column, ctx))
        });
        marked::signs(buffer, below, &self.table, self.rows.len(), look, ctx, |row| {
            self.rows.get(row).and_then(|row| target_of(K::place(*row)))
        });
        if self.rows.is_empty() {
            put(buffer, below.x + 2, below.y + 2, below.width.saturating_sub(2), &self.why_empty(ctx), ctx.theme.style(Meaning::Text));
        }
    }
    fn selection(&self, ctx: &Ctx<'_>) -> Selection {
        self.row().map_or_else(Selection::default, |row| K::select(row, ctx))
    }
    fn target(&self, _ctx: &Ctx<'_>) -> Option<Target> {
        self.row().and_then(|row| target_of(K::place(row)))
    }
    fn sentence(&self, ctx: &Ctx<'_>) -> String {
        self.row().map_or_else(|| self.why_empty(ctx), |row| K::sentence(row, ctx))
    }
}
