//! Lanes by host, account or source: when the worker is asked for them, and how its answers are taken.
//!
//! One question is on its way at a time, so that a stream of snapshots does not make a queue; a key that moves the window
//! asks at once, and the worker leaves what is not wanted any more.

use super::lanes::Geometry;
use super::{Timeline, bars};
use crate::store::group::{By, Grouped, Question};
use crate::ui::effect::Effect;
use crate::ui::view::{Ctx, gone};
use std::sync::Arc;

impl Timeline {
    /// The next way to make lanes: ways to log on, hosts, accounts, sources.
    pub(super) fn regroup(&mut self, ctx: &Ctx<'_>) -> Vec<Effect> {
        let next = match self.by {
            None => By::ALL.first().copied(),
            Some(by) => By::ALL.iter().position(|other| *other == by).and_then(|place| By::ALL.get(place + 1)).copied(),
        };
        self.by = next;
        (self.grouped, self.awaited) = (None, false);
        (self.lane, self.focus, self.picked) = (None, None, None);
        self.choice = super::lanes::Choice::default();
        let words = match next {
            None => "lanes by logon type".to_owned(),
            Some(by) => format!(
                "lanes by {}: those with anomalies, then the busiest in the window (z g: {})",
                by.word(),
                match by {
                    By::Host => "by account",
                    By::Account => "by source",
                    By::Source => "by logon type",
                }
            ),
        };
        let gone = gone::sentence(ctx).filter(|_| next.is_some()).map_or_else(String::new, |gone| format!("; not counted: {gone}"));
        vec![Effect::Say(words + &gone)]
    }
    /// Asks for what is in the lanes, where the answer at hand is not about what is on screen.
    pub(super) fn ask(&mut self, ctx: &Ctx<'_>, at_once: bool) -> Vec<Effect> {
        let (Some(by), Some(window)) = (self.by, self.window(ctx)) else { return Vec::new() };
        if self.awaited && !at_once {
            return Vec::new();
        }
        let geometry = Geometry::of(ctx);
        let question = Question {
            by,
            from: window.from,
            to: window.to,
            columns: geometry.columns,
            most: usize::from(geometry.body().1 / 3).clamp(4, 16),
            hidden: bars::hidden(ctx),
        };
        let filter = ctx.filter.map(|filter| (filter.key(), filter.clone()));
        let text = filter.as_ref().map(|(text, _)| text);
        let is_answered = self.grouped.as_ref().is_some_and(|grouped| {
            grouped.question == question && grouped.version == ctx.snapshot.version && grouped.filter.as_ref() == text
        });
        if is_answered {
            return Vec::new();
        }
        self.awaited = true;
        vec![Effect::Group(question, filter)]
    }
    /// Takes an answer over. Lanes that were there keep their order, so that none jumps.
    pub(super) fn take(&mut self, grouped: &Arc<Grouped>) {
        self.awaited = false;
        if self.by != Some(grouped.question.by) {
            return;
        }
        let mut grouped = Grouped::clone(grouped);
        if let Some(before) = &self.grouped {
            let place = |who: Option<u32>| match who {
                None => usize::MAX,
                Some(_) => before.groups.iter().position(|group| group.who == who).unwrap_or(usize::MAX - 1),
            };
            grouped.groups.sort_by_key(|group| place(group.who));
        }
        self.grouped = Some(Arc::new(grouped));
    }
}
