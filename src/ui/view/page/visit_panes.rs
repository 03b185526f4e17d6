//! The panes of the page of a session as tables.

use super::super::order::Key;
use super::super::{Ctx, Selection, rows};
use super::panes::{self, Listing, Paned};
use super::visit::{EVENTS, LOGONS, VisitPage};
use super::{Pane, Plan};
use crate::ui::effect::Effect;
use crate::ui::widget::table::{Arranged, Cell, Table};

use Pane::{Events, Fields, Lineage, Logons, Raw, Story};

impl VisitPage {
    /// The cell, the whole line of the story, or the record.
    fn copied(&self, pane: Pane, row: usize, ctx: &Ctx<'_>) -> Option<String> {
        match pane {
            Raw => self.record.copied(),
            Story => self.line_of(row).map(|line| format!("{}  {}", ctx.date_time(line.at), line.words)),
            _ => panes::text_under(self, pane, row, ctx),
        }
    }
}

impl Paned for VisitPage {
    fn plan(&self) -> &'static Plan {
        Self::plan(self)
    }
    fn focus(&self) -> Pane {
        self.focus
    }
    fn set_focus(&mut self, pane: Pane) {
        self.focus = pane;
        if matches!(pane, Story | Logons | Lineage | Events) {
            self.lead = pane;
        }
    }
    fn listing(&self, pane: Pane, ctx: &Ctx<'_>) -> Option<Listing> {
        let area = self.plan().inside(pane, ctx.area);
        let (kind, columns, area) = match pane {
            Story => (None, Arranged::declared(self.story_columns(ctx)).plain(), self.story_parts(area, ctx).0),
            Logons => (Some(LOGONS), Self::logon_columns(ctx).plain(), area),
            Events => (Some(EVENTS), Self::event_columns(ctx).plain(), area),
            Lineage => return Some(self.lineage.listing(area)),
            Fields => return Some(self.record.listing(area, ctx)),
            _ => return None,
        };
        Some(Listing { kind, columns, len: self.len(pane), area })
    }
    fn table(&self, pane: Pane) -> Option<&Table> {
        match pane {
            Lineage => Some(self.lineage.table()),
            Fields => Some(self.record.table()),
            pane => self.ordered(pane).map(|table| &table.table),
        }
    }
    fn table_mut(&mut self, pane: Pane) -> Option<&mut Table> {
        match pane {
            Lineage => Some(self.lineage.table_mut()),
            Fields => Some(self.record.table_mut()),
            pane => self.ordered_mut(pane).map(|table| &mut table.table),
        }
    }
    fn cell(&self, pane: Pane, row: usize, column: usize, ctx: &Ctx<'_>) -> Cell {
        let cell = match pane {
            Story => self.line_of(row).zip(self.story_columns(ctx).get(column)).map(|(line, column)| self.told(line, column.key, ctx)),
            Logons => self.logon_of(row).zip(rows::LOGONS.get(column)).map(|(id, column)| rows::logon_cell(id, column.key, ctx)),
            Lineage => Some(self.lineage.cell_of(row, column, ctx)),
            Fields => Some(self.record.cell(row, column)),
            _ => self.event_of(row).zip(rows::OWN_EVENTS.get(column)).map(|(id, column)| rows::event_cell(id, column.key, ctx)),
        };
        cell.unwrap_or_else(|| Cell::text(""))
    }
    fn select(&self, pane: Pane, row: usize, ctx: &Ctx<'_>) -> Selection {
        let tables = &ctx.snapshot.tables;
        let Some(visit) = self.visit(ctx) else { return Selection::default() };
        let own = rows::visit_selection(self.id, ctx);
        let account = || tables.account(visit.account).map(|account| ("account", account.name(&ctx.snapshot.names)));
        let is_list = matches!(pane, Story | Logons | Lineage | Events);
        let event = if is_list { self.record_of(pane, row, ctx) } else { self.event(ctx) };
        let record = event.and_then(|id| Some((id, tables.event(id)?)));
        let session = match (pane, &record) {
            (Logons, _) => self.logon_of(row),
            (_, Some((_, row))) if row.session.is_some() => Some(row.session),
            _ => own.session,
        };
        let of_session = || session.and_then(|id| tables.session(id)).filter(|session| session.logon_id.0 != 0);
        let cell = match pane {
            Fields => self.record.term_of(row),
            Events => {
                let width = self.plan().inside(Events, ctx.area).width;
                let column = self.table(Events).and_then(|table| table.under(&Self::event_columns(ctx), width));
                record.as_ref().zip(column).and_then(|((_, row), column)| rows::event_term(row, column, ctx))
            }
            Lineage => self.lineage.term(row, ctx),
            Logons => of_session().map(|session| ("session", session.logon_id.to_string())),
            _ => None,
        };
        Selection {
            session,
            event: record.as_ref().map(|(id, _)| *id).or(own.event),
            at: record.map(|(_, row)| row.event.at).or(own.at),
            term: cell.or(own.term).or_else(account),
            text: self.copied(pane, row, ctx),
            ..own
        }
    }
    fn reorder(&mut self, pane: Pane, ctx: &Ctx<'_>) {
        let len = self.len(pane);
        let Some(mut table) = self.ordered_mut(pane).map(std::mem::take) else { return };
        table.make(len, |column, place| {
            let key = match pane {
                Logons => self.logons.get(place).zip(rows::LOGONS.get(column)).map(|(id, column)| rows::logon_key(*id, column.key, ctx)),
                _ => self.events.get(place).zip(rows::OWN_EVENTS.get(column)).map(|(id, column)| rows::event_key(*id, column.key, ctx)),
            };
            key.unwrap_or(Key::Nothing)
        });
        if let Some(kept) = self.ordered_mut(pane) {
            *kept = table;
        }
    }
    fn moved(&mut self, ctx: &Ctx<'_>) -> Vec<Effect> {
        self.record.show(self.event(ctx), ctx)
    }
}
