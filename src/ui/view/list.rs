//! The list of accounts, of hosts, of sources: one view, told apart by what `Kind` says.
//!
//! Rows are numbers of table rows. They are chosen and sorted in `refresh`, at most once for each snapshot, and the
//! last order is what is sorted next, which is nearly in order already; drawing looks up the rows on screen only. A long
//! list is sorted less often than snapshots come (`AFFORDED`): its cells are always those of now, only their order waits,
//! and the heading says so. While rows are selected the order is held, so that nothing slips into the selection.

use super::heading::{self, Heading};
use super::peek;
use super::{Ctx, Selection, View, empty};
use crate::base::text;
use crate::model::ids::EventId;
use crate::model::world::Tables;
use crate::store::projection::Projection;
use crate::ui::action::{Action, Context};
use crate::ui::effect::{Effect, Place};
use crate::ui::find::scope::{OnScreen, Scope, Spot, Thing};
use crate::ui::marks::{Target, marked};
use crate::ui::mouse::Mouse;
use crate::ui::theme::Meaning;
use crate::ui::widget::pairs::Pair;
use crate::ui::widget::put;
use crate::ui::widget::table::{Arranged, Cell, Column, ColumnList, Done, Look, Pointed, RowOrder, Table};
use ratatui::buffer::Buffer;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// Rows that one snapshot may cost to sort; longer lists save up for several.
const AFFORDED: usize = 20_000;

/// What tells one list from another. Rows are named by their number in the table.
pub trait Kind: 'static {
    type Column: Copy + 'static;
    const TITLE: &'static str;
    /// The noun of the count: `accounts`. Also the name of the table where its columns are arranged.
    const NOUN: &'static str;
    const FIELD: &'static str;
    const COLUMNS: &'static [Column<Self::Column>];
    /// The column the list is sorted by at first, and whether downwards.
    const SORT: (usize, bool);
    /// The column of the name, where the cursor stands at first.
    const NAME: usize;
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
    /// For columns whose value is too dear to be worked out for every comparison: the value of each row that has one.
    fn weights(_column: Self::Column, _rows: &[usize], _ctx: &Ctx<'_>) -> Option<BTreeMap<usize, u64>> {
        None
    }
    fn select(row: usize, ctx: &Ctx<'_>) -> Selection;
    /// The filter term of a cell; `None`: that of the row.
    fn term(_row: usize, _column: Self::Column, _ctx: &Ctx<'_>) -> Option<(&'static str, String)> {
        None
    }
    fn place(row: usize) -> Place;
    fn sentence(row: usize, ctx: &Ctx<'_>) -> String;
    /// What the details pane says.
    fn details(row: usize, ctx: &Ctx<'_>) -> Vec<Pair>;
    /// Its newest events, newest first, at most `most`.
    fn newest(row: usize, most: usize, tables: &Tables) -> Vec<EventId>;
}

/// What the rows were made of; they are made again when it changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Made {
    version: u64,
    /// Decisions about anomalies.
    triage: u64,
    epoch: u64,
    rows: usize,
    looked_at: Option<usize>,
    machine: bool,
    built_in: bool,
    sort: Option<usize>,
    reverse: bool,
}

impl Made {
    /// Only events came since.
    fn is_older(&self, now: &Self) -> bool {
        let timeless = Self { version: 0, rows: 0, looked_at: None, ..*self };
        timeless == Self { version: 0, rows: 0, looked_at: None, ..*now } && self.rows <= now.rows
    }
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
    /// Rows that snapshots since then may cost; `None`: the order is that of the snapshot.
    saved: Option<usize>,
    kind: std::marker::PhantomData<K>,
}

impl<K: Kind> Default for List<K> {
    fn default() -> Self {
        let (sort, reverse) = K::SORT;
        Self {
            table: Table::sorted_by(sort, reverse).with_column(K::NAME),
            rows: Vec::new(),
            hidden: 0,
            total: 0,
            filter: None,
            made: Made::default(),
            saved: None,
            kind: std::marker::PhantomData,
        }
    }
}

impl<K: Kind> List<K> {
    fn row(&self) -> Option<usize> {
        self.rows.get(self.table.cursor.min(self.rows.len().checked_sub(1)?)).copied()
    }
    fn columns(ctx: &Ctx<'_>) -> Arranged<'static, K::Column> {
        ctx.columns.arrange(K::NOUN, K::COLUMNS)
    }
    /// Another question, or events that the list can afford to be sorted for.
    fn is_due(&mut self, made: &Made, filter: Option<&String>) -> bool {
        if filter != self.filter.as_ref() || !self.made.is_older(made) {
            return true;
        }
        if *made == self.made {
            return false;
        }
        let saved = self.saved.unwrap_or(0).saturating_add(AFFORDED);
        self.saved = Some(saved);
        // A selection holds the order.
        saved >= made.rows && self.table.anchor.is_none()
    }
    fn make(&mut self, ctx: &Ctx<'_>) {
        let made = Made {
            version: ctx.snapshot.version,
            triage: ctx.triage.version(),
            epoch: ctx.snapshot.epoch,
            rows: K::rows(&ctx.snapshot.tables),
            looked_at: ctx.projection.map(Projection::looked_at),
            machine: ctx.options.machine_accounts,
            built_in: ctx.options.built_in_accounts,
            sort: self.table.sort,
            reverse: self.table.reverse,
        };
        let filter = ctx.projection.map(|projection| projection.key.clone());
        let column = self.table.sort.and_then(|sort| K::COLUMNS.get(sort));
        let fixed = filter.is_none() && column.is_some_and(|column| K::is_fixed(column.key));
        let same = if fixed { Made { version: self.made.version, ..made } } else { made };
        if !self.is_due(&same, filter.as_ref()) {
            return;
        }
        if filter != self.filter || !self.made.is_older(&made) {
            self.table.anchor = None;
        }
        self.saved = None;
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
            let weights = K::weights(column.key, &rows, ctx);
            rows.sort_by(|a, b| {
                let order = match &weights {
                    Some(weights) => weights.get(a).cmp(&weights.get(b)),
                    None => K::compare(*a, *b, column.key, ctx),
                };
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
    fn heading(&self, ctx: &Ctx<'_>) -> Heading {
        let all = text::count(self.total as u64);
        let mut words = format!("{} of {all} {} shown", text::count(self.rows.len() as u64), K::NOUN);
        if self.hidden > 0 {
            words.push_str(&format!("   {} {}", text::count(self.hidden as u64), K::HIDDEN_BY));
        }
        if self.saved.is_some() {
            let why = if self.table.anchor.is_some() { "held while rows are selected" } else { "a moment behind" };
            words.push_str(&format!("   order {why}"));
        }
        let left_out = View::columns(self, ctx).map_or(0, |list| list.left_out());
        Heading { words, left_out, selected: heading::selected(&self.table, self.rows.len()) }
    }
    fn why_empty(&self, ctx: &Ctx<'_>) -> String {
        let events = ctx.snapshot.tables.events.len();
        if let Some(why) = empty::sentence(ctx) {
            return why;
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
    /// One row as if the cursor stood on it.
    fn select(&self, row: usize, ctx: &Ctx<'_>) -> Selection {
        let selection = K::select(row, ctx);
        let column = self.table.under(&Self::columns(ctx), peek::parts(ctx).list.width);
        let own = column.and_then(|column| K::term(row, column, ctx));
        let is_name = self.table.column == K::NAME;
        // Without the signs that stand beside a name.
        let text = match own.as_ref().or(selection.term.as_ref().filter(|_| is_name)) {
            Some((_, value)) => Some(value.clone()),
            None => column.map(|column| text::clean(&K::cell(row, column, ctx).text).into_owned()),
        };
        let term = own.or_else(|| selection.term.clone());
        Selection { term, text, ..selection }
    }
    fn open(&self) -> Vec<Effect> {
        self.row().map(|row| Effect::Open(K::place(row))).into_iter().collect()
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
        if action == Action::TableSelect {
            self.table.select();
            return Vec::new();
        }
        match self.table.update(action, &Self::columns(ctx), self.rows.len(), peek::parts(ctx).list) {
            Done::Sorted => self.make(ctx),
            Done::Unsortable => return vec![heading::unsortable()],
            Done::Ignored if action == Action::NavOpen => return self.open(),
            Done::Ignored if action == Action::TableGroup => {
                return vec![Effect::Say(format!("each of the {} is one row already; z g groups events (7)", K::NOUN))];
            }
            Done::Moved | Done::Ignored => {}
        }
        Vec::new()
    }
    fn refresh(&mut self, ctx: &Ctx<'_>) -> Vec<Effect> {
        self.make(ctx);
        Vec::new()
    }
    fn mouse(&mut self, mouse: Mouse, ctx: &Ctx<'_>) -> Vec<Effect> {
        self.make(ctx);
        match self.table.mouse(mouse, &Self::columns(ctx), self.rows.len(), peek::parts(ctx).list) {
            Pointed::Open => self.open(),
            Pointed::Unsortable => vec![heading::unsortable()],
            Pointed::Sorted => {
                self.make(ctx);
                Vec::new()
            }
            Pointed::Moved | Pointed::Nothing => Vec::new(),
        }
    }
    fn finds(&self, _ctx: &Ctx<'_>) -> Option<Scope> {
        Some(Scope::Rows { rows: self.rows.clone(), place: K::place, at: self.table.cursor })
    }
    fn found(&mut self, spot: &Spot, ctx: &Ctx<'_>) -> Vec<Effect> {
        // Rows may have been sorted anew since the search began.
        let own = |row: &usize| Thing::of(K::place(*row)) == spot.thing;
        let place = if self.rows.get(spot.line).is_some_and(own) { Some(spot.line) } else { self.rows.iter().position(own) };
        if let Some(place) = place {
            self.table.show(place, self.rows.len(), peek::parts(ctx).list);
        }
        Vec::new()
    }
    fn on_screen(&self, ctx: &Ctx<'_>) -> Vec<OnScreen> {
        let thing = |row: usize| self.rows.get(row).map(|row| Thing::of(K::place(*row)));
        OnScreen::rows(&self.table, self.rows.len(), peek::parts(ctx).list, thing)
    }
    fn draw(&self, buffer: &mut Buffer, ctx: &Ctx<'_>) {
        heading::draw(buffer, &self.heading(ctx), ctx);
        let look = Look { theme: ctx.theme, glyphs: ctx.glyphs, focus: true };
        let parts = peek::parts(ctx);
        self.table.draw(buffer, parts.list, &Self::columns(ctx), self.rows.len(), look, |row, column| {
            self.rows.get(row).map_or_else(|| Cell::text(""), |row| K::cell(*row, column, ctx))
        });
        marked::signs(buffer, parts.list, &self.table, self.rows.len(), look, ctx, |row| {
            self.rows.get(row).and_then(|row| Target::of(K::place(*row)))
        });
        if self.rows.is_empty() {
            let list = parts.list;
            put(buffer, list.x + 2, list.y + 2, list.width.saturating_sub(2), &self.why_empty(ctx), ctx.theme.style(Meaning::Text));
        }
        if let (Some(area), Some(row)) = (parts.details, self.row()) {
            let title = K::COLUMNS.get(K::NAME).map_or_else(String::new, |column| K::cell(row, column.key, ctx).text);
            let newest = |most| K::newest(row, most, &ctx.snapshot.tables);
            let newest = peek::Newest { title: "newest events", events: &newest };
            peek::draw(buffer, area, &title, &K::details(row, ctx), &newest, ctx);
        }
    }
    fn rows(&self, _ctx: &Ctx<'_>) -> Option<Vec<usize>> {
        Some(self.rows.clone())
    }
    fn selection(&self, ctx: &Ctx<'_>) -> Selection {
        self.row().map_or_else(Selection::default, |row| self.select(row, ctx))
    }
    fn selected(&self, ctx: &Ctx<'_>) -> Vec<(Selection, String)> {
        let Some(range) = self.table.selected(self.rows.len()) else { return Vec::new() };
        let columns = Self::columns(ctx);
        let line = |row: usize| {
            let cells = columns.wanted().filter_map(|index| K::COLUMNS.get(index)).map(|column| K::cell(row, column.key, ctx).text);
            heading::line(cells)
        };
        self.rows.get(range).unwrap_or_default().iter().map(|row| (self.select(*row, ctx), line(*row))).collect()
    }
    fn unselect(&mut self) {
        self.table.anchor = None;
    }
    fn order(&self) -> Option<RowOrder> {
        self.table.order(K::COLUMNS)
    }
    fn set_order(&mut self, order: &RowOrder) {
        self.table.set_order(K::COLUMNS, order);
    }
    fn columns(&self, ctx: &Ctx<'_>) -> Option<ColumnList> {
        Some(Self::columns(ctx).list(K::NOUN, peek::parts(ctx).list.width, self.table.column))
    }
    fn target(&self, _ctx: &Ctx<'_>) -> Option<Target> {
        self.row().and_then(|row| Target::of(K::place(row)))
    }
    fn sentence(&self, ctx: &Ctx<'_>) -> String {
        self.row().map_or_else(|| self.why_empty(ctx), |row| K::sentence(row, ctx))
    }
}
