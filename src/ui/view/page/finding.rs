//! What can be found on a page: the lines of the pane that has the keys.

use super::super::Ctx;
use super::entity::EntityPage;
use super::panes::Paned as _;
use super::{Pane, Plan};
use crate::model::ids::{AccountId, HostId, SourceId};
use crate::ui::find::scope::{OnScreen, Scope, Thing};
use ratatui::layout::Rect;

impl EntityPage {
    fn thing(&self, pane: Pane, row: usize) -> Option<Thing> {
        let met = || self.met(pane, row).map(|tally| tally.row);
        Some(match pane {
            Pane::Anomalies => Thing::Anomalies(vec![self.anomaly(row)?]),
            Pane::Sessions => Thing::Visit(self.visit(row)?),
            Pane::Events => Thing::Event(self.event(row)?),
            Pane::Accounts => Thing::Account(AccountId::new(met()?)),
            Pane::Hosts => Thing::Host(HostId::new(met()?)),
            Pane::Sources => Thing::Source(SourceId::new(met()?)),
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
    pub(super) fn scope(&self, pane: Pane, ctx: &Ctx<'_>) -> Option<Scope> {
        match pane {
            Pane::Profile => return Some(Scope::words(self.lines(pane, Some(ctx)).into_iter(), self.scroll)),
            Pane::Coverage => return Some(Scope::words(self.lines(pane, None).into_iter(), self.covered)),
            Pane::Outcomes | Pane::Hours => return None,
            _ => {}
        }
        let things = (0..self.rows(pane)).filter_map(|row| self.thing(pane, row)).collect();
        Some(Scope::List { things, at: self.cursor(pane).unwrap_or(0) })
    }
    pub(super) fn go_to_line(&mut self, pane: Pane, line: usize, ctx: &Ctx<'_>) {
        let (len, area) = (self.rows(pane), self.shape().plan.inside(pane, ctx.area));
        match pane {
            Pane::Profile => self.scroll = line,
            Pane::Coverage => self.covered = line,
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
            Pane::Outcomes | Pane::Hours => Vec::new(),
            _ => {
                self.table(pane).map(|table| OnScreen::rows(table, self.rows(pane), area, |row| self.thing(pane, row))).unwrap_or_default()
            }
        }
    }
}

/// A table of a pane as something to look through; the cursor is on row `at`.
pub fn listed(len: usize, at: usize, thing: impl Fn(usize) -> Option<Thing>) -> Scope {
    Scope::List { things: (0..len).filter_map(thing).collect(), at: at.min(len.saturating_sub(1)) }
}

/// Words of a pane, marked wherever they stand in it.
pub fn words_in(plan: &Plan, pane: Pane, area: Rect) -> Vec<OnScreen> {
    vec![OnScreen::words(plan.inside(pane, area))]
}
