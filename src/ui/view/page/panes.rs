//! Keys and mouse in the panes of a page: panes that are tables do what the tables of the views do, on every page.

use super::super::heading;
use super::super::{Ctx, Selection, View};
use super::{Pane, Plan};
use crate::base::text;
use crate::ui::action::Action;
use crate::ui::effect::Effect;
use crate::ui::mouse::{Gesture, Mouse, thrice};
use crate::ui::widget::columns::{Arranged, ColumnList};
use crate::ui::widget::table::{Cell, Columns as _, Done, Pointed, Table};
use ratatui::layout::{Position, Rect};

/// A pane that is a table, as it stands now.
pub struct Listing {
    /// Kind of the table, where its columns are arranged; `None`: they stay as they are.
    pub kind: Option<&'static str>,
    pub columns: Arranged<'static, ()>,
    pub len: usize,
    /// The cells it is drawn in, with the row of titles.
    pub area: Rect,
}

/// The methods of `View` that every page of panes answers alike.
macro_rules! table_methods {
    () => {
        fn mouse(&mut self, mouse: crate::ui::mouse::Mouse, ctx: &Ctx<'_>) -> Vec<Effect> {
            panes::mouse(self, mouse, ctx)
        }
        fn columns(&self, ctx: &Ctx<'_>) -> Option<crate::ui::widget::columns::ColumnList> {
            panes::columns(self, ctx)
        }
        fn selected(&self, ctx: &Ctx<'_>) -> Vec<(Selection, String)> {
            panes::selected(self, ctx)
        }
        fn unselect(&mut self) {
            panes::unselect(self);
        }
    };
}
pub(super) use table_methods;

/// A page made of panes, of which one has the keys.
pub trait Paned: View {
    fn plan(&self) -> &'static Plan;
    fn focus(&self) -> Pane;
    fn set_focus(&mut self, pane: Pane);
    /// The pane as a table; `None`: it is none.
    fn listing(&self, pane: Pane, ctx: &Ctx<'_>) -> Option<Listing>;
    fn table(&self, pane: Pane) -> Option<&Table>;
    fn table_mut(&mut self, pane: Pane) -> Option<&mut Table>;
    /// What stands in a row, in a column by its declared position.
    fn cell(&self, pane: Pane, row: usize, column: usize, ctx: &Ctx<'_>) -> Cell;
    /// A row as if the cursor stood on it.
    fn select(&self, pane: Pane, row: usize, ctx: &Ctx<'_>) -> Selection;
    /// The rows are to stand in another order. Without more they have but one.
    fn reorder(&mut self, pane: Pane, _ctx: &Ctx<'_>) {
        if let Some(table) = self.table_mut(pane) {
            (table.sort, table.reverse) = (None, false);
        }
    }
    /// A click in a pane that is no table.
    fn click(&mut self, _pane: Pane, _at: Position, _ctx: &Ctx<'_>) {}
    /// The cursor stands elsewhere now.
    fn moved(&mut self, _ctx: &Ctx<'_>) -> Vec<Effect> {
        Vec::new()
    }
}

/// Gives the keys to a pane; a selection of rows stays behind with none.
pub fn turn_to<P: Paned>(page: &mut P, pane: Pane) {
    if page.focus() != pane {
        page.unselect();
        page.set_focus(pane);
    }
}

/// What a key does in the table that has the keys. `None`: the pane is no table.
pub fn act<P: Paned>(page: &mut P, action: Action, ctx: &Ctx<'_>) -> Option<Vec<Effect>> {
    let pane = page.focus();
    let listing = page.listing(pane, ctx)?;
    let table = page.table_mut(pane)?;
    if action == Action::TableSelect {
        table.select();
        return Some(Vec::new());
    }
    Some(match table.update(action, &listing.columns, listing.len, listing.area) {
        Done::Sorted => {
            page.reorder(pane, ctx);
            page.moved(ctx)
        }
        Done::Moved => page.moved(ctx),
        Done::Unsortable => vec![heading::unsortable()],
        Done::Ignored if action == Action::TableGroup => vec![Effect::Say("z g groups the list of events (7)".to_owned())],
        Done::Ignored => Vec::new(),
    })
}

/// What the mouse does: it gives the keys to the pane under it, and in a table does what it does in the tables of views.
pub fn mouse<P: Paned>(page: &mut P, mouse: Mouse, ctx: &Ctx<'_>) -> Vec<Effect> {
    let before = page.focus();
    let is_held = matches!(mouse.gesture, Gesture::Drag | Gesture::Release);
    let (pane, is_inside) = match page.plan().at(ctx.area, before, mouse.at) {
        // What is dragged stays in the pane where it began.
        _ if is_held => (before, true),
        Some(hit) => hit,
        None => return Vec::new(),
    };
    turn_to(page, pane);
    if !is_inside {
        return page.moved(ctx);
    }
    let listing = page.listing(pane, ctx);
    let (Some(listing), Some(table)) = (listing, page.table_mut(pane)) else {
        if let Some(action) = mouse.wheel() {
            return thrice(|| page.update(action, ctx));
        }
        if mouse.gesture == Gesture::Press {
            page.click(pane, mouse.at, ctx);
        }
        return page.moved(ctx);
    };
    match table.mouse(mouse, &listing.columns, listing.len, listing.area) {
        // The first click only gives the keys to the pane.
        Pointed::Open if before == pane => return page.update(Action::NavOpen, ctx),
        Pointed::Sorted => page.reorder(pane, ctx),
        Pointed::Unsortable => return vec![heading::unsortable()],
        Pointed::Open | Pointed::Moved | Pointed::Nothing => {}
    }
    page.moved(ctx)
}

/// The columns of the table that has the keys, for the list to choose from.
pub fn columns<P: Paned>(page: &P, ctx: &Ctx<'_>) -> Option<ColumnList> {
    let listing = page.listing(page.focus(), ctx)?;
    Some(listing.columns.list(listing.kind?, listing.area.width, page.table(page.focus())?.column))
}

/// Text of the cell under the cursor, cleaned; nothing where it is empty.
pub fn text_under<P: Paned>(page: &P, pane: Pane, row: usize, ctx: &Ctx<'_>) -> Option<String> {
    let listing = page.listing(pane, ctx)?;
    let column = page.table(pane)?.index_under(&listing.columns, listing.area.width)?;
    Some(text::clean(&page.cell(pane, row, column, ctx).text).into_owned()).filter(|text| !text.trim().is_empty())
}

/// Rows selected in the table that has the keys, each with the line that stands for it.
pub fn selected<P: Paned>(page: &P, ctx: &Ctx<'_>) -> Vec<(Selection, String)> {
    let pane = page.focus();
    let (Some(listing), Some(table)) = (page.listing(pane, ctx), page.table(pane)) else { return Vec::new() };
    let columns: Vec<usize> = listing.columns.wanted().filter(|index| *index < listing.columns.all().len()).collect();
    let line = |row: usize| heading::line(columns.iter().map(|column| page.cell(pane, row, *column, ctx).text));
    let rows = table.selected(listing.len).unwrap_or(0..0);
    rows.map(|row| (page.select(pane, row, ctx), line(row))).collect()
}

/// How many rows of a pane are selected, to stand before its title; nothing where none is.
pub fn selected_words<P: Paned>(page: &P, pane: Pane, ctx: &Ctx<'_>) -> String {
    let (Some(table), Some(listing)) = (page.table(pane).filter(|table| table.anchor.is_some()), page.listing(pane, ctx)) else {
        return String::new();
    };
    format!("{}  ", heading::selected(table, listing.len))
}

/// Ends the selection of rows in the table that has the keys.
pub fn unselect<P: Paned>(page: &mut P) {
    let pane = page.focus();
    if let Some(table) = page.table_mut(pane) {
        table.anchor = None;
    }
}
