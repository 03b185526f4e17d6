//! The panes of the page of an account, host or source as tables: their columns, their rows in order, what a row stands for.

use super::super::order::{Held, Key};
use super::super::rows::{self, EventColumn, SessionColumn};
use super::super::{Ctx, Selection, words};
use super::digest::Subject;
use super::entity::{EntityPage, Met};
use super::paint::{ANOMALIES, Fact};
use super::panes::{self, Listing, Paned};
use super::tally::Tally;
use super::{Pane, Plan};
use crate::model::anomaly::Anomaly;
use crate::model::ids::{AccountId, AnomalyId, EventId, HostId, SourceId, VisitId};
use crate::ui::theme::Meaning;
use crate::ui::widget::heat;
use crate::ui::widget::table::{Arranged, Cell, Column, Columns as _, Table};
use ratatui::layout::Position;

impl EntityPage {
    /// Kind of a table, where its columns are arranged; `None` for panes that are none.
    pub(super) const fn kind(&self, pane: Pane) -> Option<&'static str> {
        Some(match (pane, self.subject) {
            (Pane::Anomalies, _) => "anomalies of a page",
            (Pane::Events, Subject::Account(_)) => "events of an account",
            (Pane::Events, Subject::Host(_)) => "events of a host",
            (Pane::Events, Subject::Source(_)) => "events of a source",
            (Pane::Sessions, Subject::Account(_)) => "sessions of an account",
            (Pane::Sessions, Subject::Host(_)) => "sessions of a host",
            (Pane::Sessions, Subject::Source(_)) => "sessions of a source",
            (Pane::Hosts, Subject::Source(_)) => "hosts of a source",
            (Pane::Hosts, _) => "hosts of an account",
            (Pane::Sources, Subject::Host(_)) => "sources of a host",
            (Pane::Sources, _) => "sources of an account",
            (Pane::Accounts, Subject::Host(_)) => "accounts of a host",
            (Pane::Accounts, _) => "accounts of a source",
            _ => return None,
        })
    }
    fn arranged<'a, K: Copy>(&self, pane: Pane, columns: &'a [Column<K>], ctx: &Ctx<'_>) -> Arranged<'a, K> {
        ctx.columns.arrange(self.kind(pane).unwrap_or_default(), columns)
    }
    pub(super) fn event_columns(&self, ctx: &Ctx<'_>) -> Arranged<'static, EventColumn> {
        let mut columns = self.arranged(Pane::Events, self.shape().events, ctx);
        columns.without(rows::is_of_groups);
        columns
    }
    pub(super) fn session_columns(&self, ctx: &Ctx<'_>) -> Arranged<'static, SessionColumn> {
        self.arranged(Pane::Sessions, self.shape().sessions, ctx)
    }
    pub(super) fn anomaly_columns(&self, ctx: &Ctx<'_>) -> Arranged<'static, Fact> {
        self.arranged(Pane::Anomalies, ANOMALIES, ctx)
    }
    pub(super) fn met_columns(&self, pane: Pane, ctx: &Ctx<'_>) -> Arranged<'_, Met> {
        let mut columns = self.arranged(pane, self.declared(pane), ctx);
        if self.baseline {
            columns.force(|column| column == Met::Usual);
            columns.without(|column| matches!(column, Met::Failures | Met::Meter | Met::Last));
        }
        columns
    }
    /// Shows or hides what is usual, and says so.
    pub(super) fn turn_baseline(&mut self, ctx: &Ctx<'_>) -> String {
        let Subject::Account(id) = self.subject else { return "what is usual is known of accounts: g a opens one".to_owned() };
        self.baseline = !self.baseline;
        if !self.baseline {
            return "what is usual is hidden".to_owned();
        }
        let by = match self.past.known() {
            Some(past) => format!("the history, {}, and these logs", words::plural(past.days as usize, "day")),
            None => ctx
                .snapshot
                .tables
                .account(id)
                .map_or_else(String::new, |account| format!("these logs alone, {}", words::plural(account.learned.days.into(), "day"))),
        };
        format!("what is usual is shown, by {by}")
    }
    /// `9 days` or `new` by the history; `since 03-14` by these logs.
    pub(super) fn usual_cell(&self, pane: Pane, tally: &Tally, ctx: &Ctx<'_>) -> Cell {
        let (names, tables) = (&ctx.snapshot.names, &ctx.snapshot.tables);
        let known_as: Vec<String> = match pane {
            Pane::Hosts => tables
                .host(HostId::new(tally.row))
                .map(|host| host.all_names().map(|name| names.raw(name).to_lowercase()).collect())
                .unwrap_or_default(),
            _ => tables.source(SourceId::new(tally.row)).map(|source| vec![source.name(names).to_lowercase()]).unwrap_or_default(),
        };
        match self.past.days_of(pane, &known_as) {
            Some(0) => Cell::new("new", Meaning::Strong),
            Some(days) => Cell::text(words::plural(days as usize, "day")),
            None => Cell::dim(
                tally.first.map_or_else(|| words::ABSENT.to_owned(), |first| format!("since {}", ctx.zone.local(first).format("%m-%d"))),
            ),
        }
    }
    fn declared(&self, pane: Pane) -> &[Column<Met>] {
        if pane == Pane::Accounts && !self.types.is_empty() { &self.types } else { (self.shape().met)(pane) }
    }
    pub(super) fn rows(&self, pane: Pane) -> usize {
        match pane {
            Pane::Anomalies => self.digest.anomalies.len(),
            Pane::Sessions => self.digest.visits(),
            Pane::Events => self.digest.events(),
            pane => self.tallies(pane).len(),
        }
    }
    fn place(&self, pane: Pane, row: usize) -> usize {
        self.tables.get(pane.index()).map_or(row, |table| table.place(row))
    }
    pub(super) fn met(&self, pane: Pane, row: usize) -> Option<&Tally> {
        self.tallies(pane).get(self.place(pane, row))
    }
    pub(super) fn visit(&self, row: usize) -> Option<VisitId> {
        self.digest.visit(self.place(Pane::Sessions, row))
    }
    pub(super) fn event(&self, row: usize) -> Option<EventId> {
        self.digest.event(self.place(Pane::Events, row))
    }
    pub(super) fn anomaly(&self, row: usize) -> Option<AnomalyId> {
        self.digest.anomalies.get(self.place(Pane::Anomalies, row)).copied()
    }
    /// The row under the cursor of a pane.
    pub(super) fn cursor(&self, pane: Pane) -> Option<usize> {
        Some(self.tables.get(pane.index())?.table.cursor.min(self.rows(pane).checked_sub(1)?))
    }
    /// Names the thing at a place of a pane by a number that outlives a change of the rows.
    fn identity(&self, pane: Pane, place: usize) -> Option<usize> {
        match pane {
            Pane::Anomalies => self.digest.anomalies.get(place).map(|id| id.index()),
            Pane::Sessions => self.digest.visit(place).map(VisitId::index),
            Pane::Events => self.digest.event(place).map(EventId::index),
            pane => self.tallies(pane).get(place).map(|tally| tally.row),
        }
    }
    fn key(&self, pane: Pane, column: usize, place: usize, ctx: &Ctx<'_>) -> Key {
        let tables = &ctx.snapshot.tables;
        let key = match pane {
            Pane::Anomalies => self.digest.anomalies.get(place).and_then(|id| tables.anomaly(*id)).and_then(|anomaly| {
                ANOMALIES.get(column).map(|column| match column.key {
                    Fact::Severity => Key::Number(anomaly.severity as i64),
                    Fact::At => Key::time(Some(anomaly.at)),
                    fact => Key::of(&anomaly_cell(anomaly, fact, ctx)),
                })
            }),
            Pane::Sessions => {
                self.digest.visit(place).zip(self.shape().sessions.get(column)).map(|(id, column)| rows::visit_key(id, column.key, ctx))
            }
            Pane::Events => {
                self.digest.event(place).zip(self.shape().events.get(column)).map(|(id, column)| rows::event_key(id, column.key, ctx))
            }
            pane => self
                .tallies(pane)
                .get(place)
                .zip(self.declared(pane).get(column))
                .map(|(tally, column)| self.met_key(pane, tally, column.key, ctx)),
        };
        key.unwrap_or(Key::Nothing)
    }
    fn met_key(&self, pane: Pane, tally: &Tally, column: Met, ctx: &Ctx<'_>) -> Key {
        match column {
            Met::Severity => tally.worst.map_or(Key::Nothing, |worst| Key::Number(worst as i64)),
            Met::Meter => Key::Number(tally.sessions.max(tally.events).into()),
            Met::FirstFailure => Key::time(tally.first_failure),
            Met::FirstSuccess => Key::time(tally.first_success),
            Met::Last => Key::time(tally.last),
            Met::Usual if self.past.known().is_none() => Key::time(tally.first),
            column => Key::of(&self.met_cell(pane, tally, 0, column, ctx)),
        }
    }
    /// What cursors and selections stand on, before the rows change.
    pub(super) fn hold(&self) -> Vec<(Pane, Held)> {
        let panes = self.shape().plan.panes.iter().filter(|pane| self.kind(**pane).is_some());
        let held = panes.filter_map(|pane| {
            let held = self.tables.get(pane.index())?.hold(self.rows(*pane), |place| self.identity(*pane, place));
            Some((*pane, held))
        });
        held.collect()
    }
    pub(super) fn settle(&mut self, held: &[(Pane, Held)], ctx: &Ctx<'_>) {
        for (pane, held) in held {
            self.reorder(*pane, ctx);
            let Some(mut table) = self.tables.get_mut(pane.index()).map(std::mem::take) else { continue };
            table.settle(held, self.rows(*pane), |place| self.identity(*pane, place));
            if let Some(kept) = self.tables.get_mut(pane.index()) {
                *kept = table;
            }
        }
    }
}

pub(super) fn anomaly_cell(anomaly: &Anomaly, fact: Fact, ctx: &Ctx<'_>) -> Cell {
    match fact {
        Fact::Severity => words::severity(Some(anomaly.severity)),
        Fact::Score => Cell::text(anomaly.score.to_string()),
        Fact::At => Cell::text(ctx.day_clock(anomaly.at)),
        Fact::Rule => Cell::text(anomaly.detection.id),
        Fact::Why => Cell::dim(anomaly.why.clone()),
    }
}

impl Paned for EntityPage {
    fn plan(&self) -> &'static Plan {
        self.shape().plan
    }
    fn focus(&self) -> Pane {
        self.focus
    }
    fn set_focus(&mut self, pane: Pane) {
        self.focus = pane;
    }
    fn listing(&self, pane: Pane, ctx: &Ctx<'_>) -> Option<Listing> {
        let kind = self.kind(pane)?;
        let columns = match pane {
            Pane::Anomalies => self.anomaly_columns(ctx).plain(),
            Pane::Sessions => self.session_columns(ctx).plain(),
            Pane::Events => self.event_columns(ctx).plain(),
            pane => self.met_columns(pane, ctx).plain(),
        };
        Some(Listing { kind: Some(kind), columns, len: self.rows(pane), area: self.shape().plan.inside(pane, ctx.area) })
    }
    fn table(&self, pane: Pane) -> Option<&Table> {
        self.kind(pane)?;
        self.tables.get(pane.index()).map(|table| &table.table)
    }
    fn table_mut(&mut self, pane: Pane) -> Option<&mut Table> {
        self.kind(pane)?;
        self.tables.get_mut(pane.index()).map(|table| &mut table.table)
    }
    fn cell(&self, pane: Pane, row: usize, column: usize, ctx: &Ctx<'_>) -> Cell {
        let cell = match pane {
            Pane::Anomalies => {
                let anomaly = self.anomaly(row).and_then(|id| ctx.snapshot.tables.anomaly(id));
                anomaly.zip(ANOMALIES.get(column)).map(|(anomaly, column)| anomaly_cell(anomaly, column.key, ctx))
            }
            Pane::Sessions => {
                self.visit(row).zip(self.shape().sessions.get(column)).map(|(id, column)| rows::visit_cell(id, column.key, ctx))
            }
            Pane::Events => self.event(row).zip(self.shape().events.get(column)).map(|(id, column)| rows::event_cell(id, column.key, ctx)),
            // A meter says nothing as text.
            pane => self
                .met(pane, row)
                .zip(self.declared(pane).get(column))
                .filter(|(_, column)| column.key != Met::Meter)
                .map(|(tally, column)| self.met_cell(pane, tally, 0, column.key, ctx)),
        };
        cell.unwrap_or_else(|| Cell::text(""))
    }
    fn select(&self, pane: Pane, row: usize, ctx: &Ctx<'_>) -> Selection {
        let own = self.own(ctx);
        let (names, tables) = (&ctx.snapshot.names, &ctx.snapshot.tables);
        let tally = || self.met(pane, row);
        let selection = match pane {
            Pane::Anomalies => self.anomaly(row).and_then(|id| Some((id, tables.anomaly(id)?))).map(|(id, anomaly)| Selection {
                account: own.account.or(anomaly.accounts.first().copied()),
                host: own.host.or(anomaly.hosts.first().copied()),
                source: own.source.or(anomaly.sources.first().copied()),
                visit: anomaly.sessions.first().and_then(|id| tables.session(*id)?.visit.some()),
                session: anomaly.sessions.first().copied(),
                event: anomaly.records.last().copied(),
                anomaly: Some(id),
                decided_with: vec![id],
                at: Some(anomaly.at),
                term: Some(("rule", anomaly.detection.id.to_owned())),
                ..Selection::default()
            }),
            Pane::Accounts => tally().map(|tally| {
                let id = AccountId::new(tally.row);
                let term = tables.account(id).map(|account| ("account", account.name(names)));
                Selection { account: Some(id), at: tally.last, term, ..own.clone() }
            }),
            Pane::Hosts => tally().map(|tally| {
                let id = HostId::new(tally.row);
                let term = tables.host(id).map(|host| ("host", names.shown(host.name)));
                Selection { host: Some(id), at: tally.last, term, ..own.clone() }
            }),
            Pane::Sources => tally().map(|tally| {
                let id = SourceId::new(tally.row);
                let term = tables.source(id).map(|source| ("source", source.name(names)));
                Selection { source: Some(id), at: tally.last, term, ..own.clone() }
            }),
            Pane::Sessions => self.visit(row).map(|id| {
                let selection = rows::visit_selection(id, ctx);
                Selection { term: selection.term.clone().or(own.term.clone()), ..selection }
            }),
            Pane::Events => self.event(row).map(|id| {
                let columns = self.event_columns(ctx);
                let width = self.shape().plan.inside(pane, ctx.area).width;
                let column =
                    self.table(pane).and_then(|table| table.index_under(&columns, width)).and_then(|index| columns.all().get(index));
                rows::event_selection(id, column.map(|column| column.key), ctx)
            }),
            _ => None,
        };
        let text = panes::text_under(self, pane, row, ctx);
        selection.map_or(own, |selection| Selection { text, ..selection })
    }
    fn reorder(&mut self, pane: Pane, ctx: &Ctx<'_>) {
        let len = self.rows(pane);
        let Some(mut table) = self.tables.get_mut(pane.index()).map(std::mem::take) else { return };
        table.make(len, |column, place| self.key(pane, column, place, ctx));
        if let Some(kept) = self.tables.get_mut(pane.index()) {
            *kept = table;
        }
    }
    fn click(&mut self, pane: Pane, at: Position, ctx: &Ctx<'_>) {
        let area = self.shape().plan.inside(pane, ctx.area);
        match (pane, heat::hit(area, at)) {
            (Pane::Hours, Some(hour)) => self.hour = hour,
            (Pane::Outcomes, _) => self.cell = self.digest.strip.hit(area, at).unwrap_or(self.cell),
            _ => {}
        }
    }
}
