//! What can be found on a page: the lines of the pane that has the keys.

use super::super::{Ctx, words};
use super::digest::Subject;
use super::entity::EntityPage;
use super::panes::Paned as _;
use super::{Pane, Plan};
use crate::model::ids::{AccountId, HostId, SourceId};
use crate::ui::find::scope::{OnScreen, Scope, Thing};
use crate::ui::marks::Target;
use crate::ui::widget::heat::{self, Hour};
use ratatui::layout::Rect;

impl EntityPage {
    /// What a row of a pane stands for.
    pub(super) fn target_in(&self, pane: Pane, row: usize) -> Option<Target> {
        let met = || self.met(pane, row).map(|tally| tally.row);
        Some(match pane {
            Pane::Anomalies => Target::Anomaly(self.anomaly(row)?),
            Pane::Sessions => Target::Visit(self.visit(row)?),
            Pane::Events => Target::Event(self.event(row)?),
            Pane::Accounts => Target::Account(AccountId::new(met()?)),
            Pane::Hosts => Target::Host(HostId::new(met()?)),
            Pane::Sources => Target::Source(SourceId::new(met()?)),
            _ => return None,
        })
    }
    /// Labelled lines as words; those of the profile need the data.
    fn lines(&self, pane: Pane, ctx: Option<&Ctx<'_>>) -> Vec<String> {
        let pairs = match (pane, ctx) {
            (Pane::Profile, Some(ctx)) => self.profile(ctx),
            (Pane::Coverage, _) => self.logs.lines.clone(),
            _ => Vec::new(),
        };
        pairs.into_iter().map(|pair| format!("{} {}", pair.label, pair.words)).collect()
    }
    /// Each hour of the week in which there was a logon, in words; the others are empty.
    fn hours(&self, ctx: &Ctx<'_>) -> impl Iterator<Item = String> {
        let hours = match self.subject {
            Subject::Account(id) => ctx.snapshot.tables.account(id).and_then(|account| account.hours.clone()),
            _ => None,
        };
        let ahead = heat::offset(ctx.zone, ctx.now());
        let past = self.past.hours();
        (0..168).map(move |hour| {
            let now = hours.as_ref().map_or(0, |hours| heat::count(hours, hour, ahead));
            let before = past.map_or(0, |past| heat::count(past, hour, ahead));
            let told = |count: u32, words: &str| {
                if count > 0 { format!(" {}{words}", words::plural(count as usize, "logon")) } else { String::new() }
            };
            if now == 0 && before == 0 {
                String::new()
            } else {
                format!("{}:{}{}", Hour(hour).words(), told(now, ""), told(before, " before"))
            }
        })
    }
    pub(super) fn scope(&self, pane: Pane, ctx: &Ctx<'_>) -> Option<Scope> {
        match pane {
            Pane::Profile => return Some(Scope::words(self.lines(pane, Some(ctx)).into_iter(), self.scroll)),
            Pane::Coverage => return Some(Scope::words(self.lines(pane, None).into_iter(), self.covered)),
            Pane::Outcomes => return Some(Scope::words(self.digest.strip.lines(ctx), self.cell)),
            Pane::Hours => return Some(Scope::words(self.hours(ctx), self.hour.0)),
            _ => {}
        }
        Some(listed(self.rows(pane), self.cursor(pane).unwrap_or(0), |row| self.target_in(pane, row)))
    }
    pub(super) fn go_to_line(&mut self, pane: Pane, line: usize, ctx: &Ctx<'_>) {
        let (len, area) = (self.rows(pane), self.shape().plan.inside(pane, ctx.area));
        match pane {
            Pane::Profile => self.scroll = line,
            Pane::Coverage => self.covered = line,
            Pane::Outcomes => self.cell = line,
            Pane::Hours => self.hour = Hour(line),
            _ => {
                if let Some(table) = self.table_mut(pane) {
                    table.show(line, len, area);
                }
            }
        }
    }
    pub(super) fn parts(&self, pane: Pane, ctx: &Ctx<'_>) -> Vec<OnScreen> {
        let area = self.shape().plan.inside(pane, ctx.area);
        match pane {
            Pane::Profile | Pane::Coverage => vec![OnScreen::words(area)],
            // Cells are no words: the cursor shows what was found.
            Pane::Outcomes | Pane::Hours => Vec::new(),
            _ => {
                let rows = |table| OnScreen::rows(table, self.rows(pane), area, |row| self.target_in(pane, row));
                self.table(pane).map(rows).unwrap_or_default()
            }
        }
    }
}

/// A table of a pane as something to look through; the cursor is on row `at`.
pub fn listed(len: usize, at: usize, target: impl Fn(usize) -> Option<Target>) -> Scope {
    Scope::List { things: (0..len).filter_map(target).map(Thing::One).collect(), at: at.min(len.saturating_sub(1)) }
}

/// Words of a pane, marked wherever they stand in it.
pub fn words_in(plan: &Plan, pane: Pane, area: Rect) -> Vec<OnScreen> {
    vec![OnScreen::words(plan.inside(pane, area))]
}
