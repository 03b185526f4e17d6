//! How the panes of the page of an account, host or source are drawn.

use super::super::{Ctx, rows, words};
use super::digest::Subject;
use super::entity::{EntityPage, Met, met_name};
use super::entity_panes::anomaly_cell;
use super::panes::Paned as _;
use super::tally::Tally;
use super::{Pane, account};
use crate::base::time::Timestamp;
use crate::model::ids::SourceId;
use crate::ui::marks::marked;
use crate::ui::theme::Meaning;
use crate::ui::view::rows::SessionColumn;
use crate::ui::widget::gantt::{self, Window};
use crate::ui::widget::heat::{self, Week};
use crate::ui::widget::pairs;
use crate::ui::widget::put;
use crate::ui::widget::table::{self, Cell, Column, Columns as _, Look};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

#[derive(Clone, Copy, Debug)]
pub(super) enum Fact {
    Severity,
    Score,
    At,
    Rule,
    Why,
}

pub(super) const ANOMALIES: &[Column<Fact>] = &[
    Column::new(Fact::Severity, "", 1).about("severity").sortable(),
    Column::new(Fact::Score, "", 3).about("score").right().sortable(),
    Column::new(Fact::At, "first seen", 15).sortable(),
    Column::new(Fact::Rule, "rule", 20).grow(1).field("rule").sortable(),
    Column::new(Fact::Why, "what is odd", 14).grow(2).drop(1),
];

impl EntityPage {
    pub(super) fn met_cell(&self, pane: Pane, tally: &Tally, most: u32, column: Met, ctx: &Ctx<'_>) -> Cell {
        let moment = |at: Option<Timestamp>| match (at, self.subject) {
            (Some(at), Subject::Source(_)) if pane == Pane::Accounts && super::entity::is_one_day(self.subject, ctx) => ctx.clock(at),
            (at, _) => words::moment(at, ctx),
        };
        match column {
            Met::Severity => words::severity(tally.worst),
            Met::Name => rows::named(met_name(pane, tally.row, ctx)),
            Met::Events => Cell::count(tally.events),
            Met::Sessions => Cell::count(tally.sessions),
            Met::Successes => Cell::count(tally.successes),
            Met::Failures => super::super::accounts::failures(tally.failures),
            Met::FirstFailure => Cell::text(moment(tally.first_failure)),
            Met::FirstSuccess => Cell::text(moment(tally.first_success)),
            Met::Last => Cell::text(words::moment(tally.last, ctx)),
            Met::Usual => self.usual_cell(pane, tally, ctx),
            Met::Lane(lane) => match tally.by_lane.get(lane.index()).copied().unwrap_or(0) {
                0 => Cell::dim(words::ABSENT),
                count => Cell::count(count),
            },
            Met::Lanes => rows::named(words::or_absent(tally.lanes())),
            Met::Class => {
                let source = ctx.snapshot.tables.source(SourceId::new(tally.row));
                Cell::dim(source.map_or_else(String::new, |source| super::super::sources::class(source, ctx)))
            }
            Met::Status => match tally.status {
                None => Cell::dim(words::ABSENT),
                Some((_, status)) if status.text().is_empty() => Cell::text(words::or_absent(status.code_text())),
                Some((_, status)) => Cell::text(status.text()),
            },
            Met::Meter => {
                let share = u64::from(tally.sessions.max(tally.events)) * 8;
                let cells = share.div_ceil(u64::from(most.max(1))).min(8);
                Cell::dim(ctx.glyphs.meter.repeat(usize::try_from(cells).unwrap_or(0)))
            }
        }
    }
    fn draw_met(&self, buffer: &mut Buffer, pane: Pane, area: Rect, ctx: &Ctx<'_>, look: Look<'_>) {
        let Some(table) = self.table(pane) else { return };
        let tallies = self.tallies(pane);
        let most = tallies.iter().map(|tally| tally.sessions.max(tally.events)).max().unwrap_or(0);
        table.draw(buffer, area, &self.met_columns(pane, ctx), tallies.len(), look, |row, column| {
            self.met(pane, row).map_or_else(|| Cell::text(""), |tally| self.met_cell(pane, tally, most, column, ctx))
        });
        marked::signs(buffer, area, table, tallies.len(), look, ctx, |row| self.target_in(pane, row));
    }
    fn draw_sessions(&self, buffer: &mut Buffer, area: Rect, ctx: &Ctx<'_>, look: Look<'_>) {
        let Some(table) = self.table(Pane::Sessions) else { return };
        let (columns, len) = (self.session_columns(ctx), self.digest.visits());
        let rows: Vec<_> = table.rows_on_screen(len, area).filter_map(|row| self.visit(row)).collect();
        table.draw(buffer, area, &columns, len, look, |row, column| {
            self.visit(row).map_or_else(|| Cell::text(""), |id| rows::visit_cell(id, column, ctx))
        });
        marked::signs(buffer, area, table, len, look, ctx, |row| self.target_in(Pane::Sessions, row));
        let Some(bar) = table::place(&columns, area.width).into_iter().find(|placed| is_bar(columns.all(), placed.index)) else { return };
        let visits: Vec<_> = rows.iter().filter_map(|id| ctx.snapshot.tables.visit(*id)).collect();
        let from = visits.iter().map(|visit| visit.start).min();
        let to = visits.iter().map(|visit| visit.end_or(ctx.now())).max();
        let (Some(from), Some(to)) = (from, to) else { return };
        let window = Window { from, to };
        let words = chart_title(from, to, bar.width, ctx);
        put(buffer, area.x + bar.x, area.y, bar.width, &words, ctx.theme.style(Meaning::Dim));
        for (y, visit) in (area.y + 1..area.bottom()).zip(visits) {
            let row = Rect { x: area.x + bar.x, y, width: bar.width, height: 1 };
            gantt::draw(buffer, row, &visit, window, ctx.now(), look);
        }
    }
    fn draw_outcomes(&self, buffer: &mut Buffer, area: Rect, ctx: &Ctx<'_>, look: Look<'_>) {
        self.digest.strip.draw(buffer, area, look.focus.then_some(self.cell), ctx);
        let below = Rect { y: area.y.saturating_add(4), height: area.height.saturating_sub(4), ..area };
        for (pair, y) in super::source::notes(&self.digest, ctx).iter().zip(below.y..below.bottom()) {
            put(buffer, area.x + 1, y, area.width.saturating_sub(2), &pair.words, ctx.theme.style(pair.meaning));
        }
    }
    fn draw_hours(&self, buffer: &mut Buffer, area: Rect, ctx: &Ctx<'_>, look: Look<'_>) {
        let hours = match self.subject {
            Subject::Account(id) => ctx.snapshot.tables.account(id).and_then(|account| account.hours.clone()),
            _ => None,
        };
        let ahead = heat::offset(ctx.zone, ctx.now());
        let past = self.past.hours();
        let Some(hours) = hours.or_else(|| past.map(|_| std::sync::Arc::new([0; 168]))) else {
            put(buffer, area.x + 1, area.y, area.width.saturating_sub(1), "no logon yet, so no hours", ctx.theme.style(Meaning::Dim));
            return;
        };
        let usual = self.baseline.then(|| account::usual(&hours, past, ahead));
        heat::draw(buffer, area, &Week { hours: &hours, past, usual: usual.as_ref(), ahead }, self.hour, look);
        let below = Rect { y: area.y.saturating_add(8), height: area.height.saturating_sub(8), ..area };
        if below.height > 0 {
            let words = usual.as_ref().map_or_else(|| account::busiest(&hours, ahead), account::usual_words);
            put(buffer, area.x + 1, below.y, area.width.saturating_sub(1), &words, ctx.theme.style(Meaning::Dim));
        }
        if below.height > 1 && past.is_some() {
            let words = "h: no logon now, one in this hour before these logs (history)";
            put(buffer, area.x + 1, below.y + 1, area.width.saturating_sub(1), words, ctx.theme.style(Meaning::Dim));
        }
    }
    pub(super) fn paint(&self, buffer: &mut Buffer, pane: Pane, area: Rect, focus: bool, ctx: &Ctx<'_>) {
        let look = Look { theme: ctx.theme, glyphs: ctx.glyphs, focus };
        match pane {
            Pane::Profile => {
                let area = Rect { x: area.x + 1, width: area.width.saturating_sub(1), ..area };
                pairs::draw(buffer, area, &self.profile(ctx), 9, self.scroll, look);
            }
            Pane::Anomalies => {
                let (Some(table), len) = (self.table(pane), self.rows(pane)) else { return };
                table.draw(buffer, area, &self.anomaly_columns(ctx), len, look, |row, column| {
                    let anomaly = self.anomaly(row).and_then(|id| ctx.snapshot.tables.anomaly(id));
                    anomaly.map_or_else(|| Cell::text(""), |anomaly| anomaly_cell(anomaly, column, ctx))
                });
                marked::signs(buffer, area, table, len, look, ctx, |row| self.target_in(pane, row));
                if len == 0 {
                    put(buffer, area.x + 2, area.y + 1, area.width.saturating_sub(2), "none", ctx.theme.style(Meaning::Dim));
                }
            }
            Pane::Coverage => {
                let area = Rect { x: area.x + 1, width: area.width.saturating_sub(1), ..area };
                if self.logs.lines.is_empty() {
                    put(buffer, area.x, area.y, area.width, "no record of this host", ctx.theme.style(Meaning::Dim));
                }
                pairs::draw(buffer, area, &self.logs.lines, 9, self.covered, look);
            }
            Pane::Outcomes => self.draw_outcomes(buffer, area, ctx, look),
            Pane::Hours => self.draw_hours(buffer, area, ctx, look),
            Pane::Accounts | Pane::Hosts | Pane::Sources => self.draw_met(buffer, pane, area, ctx, look),
            Pane::Sessions => self.draw_sessions(buffer, area, ctx, look),
            Pane::Events => {
                let (Some(table), len) = (self.table(pane), self.rows(pane)) else { return };
                table.draw(buffer, area, &self.event_columns(ctx), len, look, |row, column| {
                    self.event(row).map_or_else(|| Cell::text(""), |id| rows::event_cell(id, column, ctx))
                });
                marked::signs(buffer, area, table, len, look, ctx, |row| self.target_in(pane, row));
            }
            Pane::Story | Pane::Logons | Pane::Lineage | Pane::Fields | Pane::Raw => {}
        }
    }
}

fn is_bar(columns: &[Column<SessionColumn>], index: usize) -> bool {
    columns.get(index).is_some_and(|column| column.key == SessionColumn::Bar)
}

/// The window of the chart in at most `cells` cells; days are named where it is longer than one.
fn chart_title(from: Timestamp, to: Timestamp, cells: u16, ctx: &Ctx<'_>) -> String {
    let long = (to - from).as_seconds() >= 86_400;
    let word = |at| if long { ctx.day_clock(at) } else { ctx.clock(at) };
    let whole = format!("{} .. {}", word(from), word(to));
    if whole.len() <= usize::from(cells) {
        return whole;
    }
    let short = |at| ctx.zone.local(at).format(if long { "%m-%d" } else { "%H:%M" }).to_string();
    format!("{}..{}", short(from), short(to))
}

pub(super) fn zone_word(ctx: &Ctx<'_>) -> &'static str {
    if ctx.zone.suffix() == "Z" { "UTC" } else { "zone in use" }
}
