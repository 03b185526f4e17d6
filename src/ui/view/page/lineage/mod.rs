//! The pane of a token lineage: the interactive sign-in a session comes from, and where, by what and how often its tokens
//! were used since.
//!
//! Every line opens the first record of what it tells. The lines are made anew only when the lineage changed, so a frame
//! costs the lines on screen, whatever number of sign-ins they count.

mod tree;
mod words;

use super::super::Ctx;
use super::panes::Listing;
use crate::model::ids::{EventId, LineageId};
use crate::model::lineage::{Lineage, RootKind};
use crate::model::session::Session;
use crate::model::sign_in_log::SignInLog;
use crate::ui::find::scope::Scope;
use crate::ui::theme::Meaning;
use crate::ui::widget::pairs::Pair;
use crate::ui::widget::put;
use crate::ui::widget::table::{Arranged, Cell, Column, Look, SIGN, Table};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::sync::Arc;
use tree::{Kind, Node};

/// What a column shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    Words,
    SignIns,
    Refused,
    First,
    Last,
}

const COLUMNS: &[Column<Shown>] = &[
    Column::new(Shown::Words, "issued from", 30).grow(1),
    Column::new(Shown::SignIns, "sign-ins", 8).right(),
    Column::new(Shown::Refused, "refused", 7).right(),
    Column::new(Shown::First, "first", 15).drop(2),
    Column::new(Shown::Last, "last", 15).drop(1),
];

/// See the module.
#[derive(Default)]
pub struct LineagePane {
    lineage: Arc<Lineage>,
    log: Arc<SignInLog>,
    nodes: Vec<Node>,
    table: Table,
}

impl LineagePane {
    /// Takes in what changed of a lineage; no lines where there is none.
    pub fn look(&mut self, id: LineageId, ctx: &Ctx<'_>) {
        let tables = &ctx.snapshot.tables;
        let Some(lineage) = tables.lineages.get(id.index()) else {
            self.nodes.clear();
            return;
        };
        let is_same = Arc::ptr_eq(lineage, &self.lineage) && Arc::ptr_eq(&tables.sign_in_log, &self.log);
        if is_same && !self.nodes.is_empty() {
            return;
        }
        (self.lineage, self.log) = (Arc::clone(lineage), Arc::clone(&tables.sign_in_log));
        self.nodes = tree::lines(lineage, &self.log, &ctx.snapshot.names);
    }
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }
    fn node(&self) -> Option<&Node> {
        self.nodes.get(self.row()?)
    }
    /// The line under the cursor.
    #[must_use]
    pub fn row(&self) -> Option<usize> {
        Some(self.table.cursor.min(self.nodes.len().checked_sub(1)?))
    }
    /// The record of a line.
    #[must_use]
    pub fn event(&self, row: usize) -> Option<EventId> {
        self.nodes.get(row)?.event.some()
    }
    /// Its lines as they are drawn.
    #[must_use]
    pub fn finds(&self, ctx: &Ctx<'_>) -> Scope {
        Scope::words(self.nodes.iter().map(|node| words::line(node, &self.lineage, ctx)), self.table.cursor)
    }
    pub fn go_to_line(&mut self, line: usize) {
        self.table.go(line, self.nodes.len());
    }
    /// Its lines as a table of a pane; a tree has one order.
    #[must_use]
    pub fn listing(&self, area: Rect) -> Listing {
        Listing { kind: None, columns: Arranged::declared(COLUMNS).plain(), len: self.nodes.len(), area }
    }
    #[must_use]
    pub const fn table(&self) -> &Table {
        &self.table
    }
    pub const fn table_mut(&mut self) -> &mut Table {
        &mut self.table
    }
    #[must_use]
    pub fn cell_of(&self, row: usize, column: usize, ctx: &Ctx<'_>) -> Cell {
        self.nodes.get(row).zip(COLUMNS.get(column)).map_or_else(|| Cell::text(""), |(node, column)| self.cell(node, column.key, ctx))
    }
    #[must_use]
    pub fn sentence(&self, ctx: &Ctx<'_>) -> String {
        self.node().map_or_else(String::new, |node| words::sentence(node, &self.lineage, ctx))
    }
    /// The filter term of a line.
    #[must_use]
    pub fn term(&self, row: usize, ctx: &Ctx<'_>) -> Option<(&'static str, String)> {
        let branch = |index: usize| self.lineage.branches.get(index);
        let shown = |symbol| ctx.snapshot.names.shown(symbol);
        match self.nodes.get(row)?.kind {
            Kind::Place(index) => {
                let source = ctx.snapshot.tables.source(branch(index)?.point.source)?;
                Some(("source", source.name(&ctx.snapshot.names)))
            }
            Kind::App(index) => Some(("app", shown(branch(index)?.app))).filter(|(_, app)| !app.is_empty()),
            _ => None,
        }
    }
    pub fn draw(&self, buffer: &mut Buffer, area: Rect, look: Look<'_>, ctx: &Ctx<'_>) {
        self.table.draw(buffer, area, COLUMNS, self.nodes.len(), look, |row, column| {
            self.nodes.get(row).map_or_else(|| Cell::text(""), |node| self.cell(node, column, ctx))
        });
        // What is no count has the row for itself.
        for (row, y) in self.table.rows_on_screen(self.nodes.len(), area).zip(area.y.saturating_add(1)..area.bottom()) {
            let Some(node) = self.nodes.get(row).filter(|node| !node.is_counted()) else { continue };
            let Some(style) = buffer.cell((area.x.saturating_add(SIGN), y)).map(ratatui::buffer::Cell::style) else { continue };
            put(buffer, area.x.saturating_add(SIGN), y, area.width.saturating_sub(SIGN), &self.words(node, ctx), style);
        }
    }
    fn words(&self, node: &Node, ctx: &Ctx<'_>) -> String {
        format!("{}{}", rails(node, ctx), words::line(node, &self.lineage, ctx))
    }
    fn cell(&self, node: &Node, column: Shown, ctx: &Ctx<'_>) -> Cell {
        let is_counted = matches!(node.kind, Kind::Root | Kind::Place(_) | Kind::App(_) | Kind::Rest);
        match column {
            Shown::Words => {
                Cell::new(format!("{}{}", rails(node, ctx), words::line(node, &self.lineage, ctx)), meaning(node, &self.lineage))
            }
            _ if !is_counted => Cell::text(""),
            Shown::SignIns => Cell::count(u32::try_from(node.sign_ins).unwrap_or(u32::MAX)),
            Shown::Refused => {
                let cell = Cell::count(u32::try_from(node.refused).unwrap_or(u32::MAX));
                if node.refused > 0 { Cell { meaning: Meaning::Failure, ..cell } } else { cell }
            }
            Shown::First => Cell::text(ctx.day_clock(node.first)),
            Shown::Last => Cell::text(ctx.day_clock(node.last)),
        }
    }
}

/// The root of a session in one labelled line; nothing where it has no lineage, or began like any other.
#[must_use]
pub fn pair(session: &Session, ctx: &Ctx<'_>) -> Option<Pair> {
    let lineage = ctx.snapshot.tables.lineage(session.lineage())?;
    let link = words::link(lineage, ctx);
    let Some(root) = lineage.root else { return Some(Pair::new("root", link).meaning(Meaning::Uncertain)) };
    if root.kind == RootKind::Interactive && root.event == session.first_event {
        return None;
    }
    let pair = Pair::new("root", format!("{} {}, {link}", root.kind.name(), ctx.date_time(root.at)));
    Some(if root.tie.quality().is_inferred() { pair.meaning(Meaning::Uncertain) } else { pair })
}

/// The lines that lead to a node.
fn rails(node: &Node, ctx: &Ctx<'_>) -> String {
    let glyphs = ctx.glyphs;
    let corner = if node.is_last { glyphs.tree_last } else { glyphs.tree_branch };
    match node.depth {
        0 => String::new(),
        1 => format!("{corner}{} ", glyphs.horizontal),
        _ => format!("{}  {corner}{} ", if node.has_rail { glyphs.vertical } else { " " }, glyphs.horizontal),
    }
}

fn meaning(node: &Node, lineage: &Lineage) -> Meaning {
    let is_inferred = lineage.root.is_none_or(|root| root.tie.quality().is_inferred());
    match node.kind {
        Kind::Root => Meaning::Strong,
        Kind::Link if is_inferred => Meaning::Uncertain,
        Kind::Unparented(_) => Meaning::Uncertain,
        Kind::Place(_) | Kind::Differs(_) if node.is_elsewhere => Meaning::Strong,
        Kind::Began | Kind::Link | Kind::Differs(_) | Kind::Nothing => Meaning::Dim,
        Kind::Place(_) | Kind::App(_) | Kind::Rest => Meaning::Text,
    }
}
