//! The past beside the live: what earlier runs saw of an account before the logs that are open.
//!
//! It is asked for once these logs are read, by all names of the account, and marked as history wherever it stands.

use super::super::Ctx;
use super::Pane;
use crate::base::text::{clean, count};
use crate::base::time::Timestamp;
use crate::history::account::{AccountPast, MOST_MET, Met, PastEvent, Whose};
use crate::model::account::HourCounts;
use crate::model::ids::AccountId;
use crate::store::Phase;
use crate::ui::effect::Effect;
use crate::ui::theme::Meaning;
use crate::ui::view::words;
use crate::ui::widget::pairs::Pair;
use std::sync::Arc;

/// Hosts and sources that are named; the others are counted.
const NAMED: usize = 3;

/// What is known of the past of a page's account.
#[derive(Debug, Default)]
pub struct Past {
    /// What was asked for last.
    asked: Option<Whose>,
    found: Option<Result<Arc<AccountPast>, String>>,
}

/// All names of an account, and where the logs begin; nothing while they are read.
fn whose(id: AccountId, ctx: &Ctx<'_>) -> Option<Whose> {
    let snapshot = ctx.snapshot;
    let _ = snapshot.history.as_ref().filter(|_| !matches!(snapshot.phase, Phase::Loading { .. }))?;
    let names = &snapshot.names;
    let rows = snapshot.tables.rows_of_account(id).filter_map(|row| snapshot.tables.accounts.get(row.index()));
    let mut all: Vec<String> =
        rows.flat_map(|row| std::iter::once(row.key(names)).chain(row.aliases().map(|alias| alias.name.key(names)))).collect();
    all.sort_unstable();
    all.dedup();
    Some(Whose { names: all, before: snapshot.first? })
}

impl Past {
    /// Asks for the past where it is not known, or where the account or the logs are others now.
    pub fn ask(&mut self, id: AccountId, ctx: &Ctx<'_>) -> Option<Effect> {
        let whose = whose(id, ctx)?;
        if self.asked.as_ref() == Some(&whose) {
            return None;
        }
        self.asked = Some(whose.clone());
        Some(Effect::FetchPast(id, whose))
    }
    pub fn receive(&mut self, whose: &Whose, found: &Result<Arc<AccountPast>, String>) {
        if self.asked.as_ref() == Some(whose) {
            self.found = Some(found.clone());
        }
    }
    #[must_use]
    pub fn known(&self) -> Option<&AccountPast> {
        self.found.as_ref()?.as_ref().ok().map(Arc::as_ref).filter(|past| past.last.is_some() || past.days > 0)
    }
    /// Days on which it logged on in each hour of the week, in UTC.
    #[must_use]
    pub fn hours(&self) -> Option<&HourCounts> {
        self.known()?.hours.as_deref()
    }
    /// Lines of the profile.
    #[must_use]
    pub fn pairs(&self, ctx: &Ctx<'_>) -> Vec<Pair> {
        let past = match (&self.found, self.known()) {
            (Some(Err(problem)), _) => return vec![Pair::new("history", problem.clone()).meaning(Meaning::Trouble)],
            (Some(Ok(_)), None) => return vec![Pair::new("history", "nothing before these logs").meaning(Meaning::Dim)],
            (None, _) => return Vec::new(),
            (Some(Ok(_)), Some(past)) => past,
        };
        let day = |at: Timestamp| ctx.zone.local(at).format("%Y-%m-%d").to_string();
        let bounds =
            past.first.zip(past.last).map_or_else(String::new, |(first, last)| format!(", {} .. {}", day(first), ctx.date_time(last)));
        let mut pairs = vec![Pair::new("history", format!("{}{bounds}", words::plural(past.days as usize, "day")))];
        pairs.extend(past.events.first().map(|event| Pair::new("", format!("last {}", event_words(event)))));
        for (word, list) in [("hosts", &past.hosts), ("sources", &past.sources)] {
            if !list.is_empty() {
                pairs.push(Pair::new("", format!("{word} {}", listed(list, &day))));
            }
        }
        pairs
    }
    /// Days of the history with a host or source, by all its names; `None` where the history does not tell.
    #[must_use]
    pub fn days_of(&self, pane: Pane, names: &[String]) -> Option<u32> {
        let past = self.known()?;
        let list = if pane == Pane::Hosts { &past.hosts } else { &past.sources };
        let met = list.iter().find(|met| names.iter().any(|name| met.name.eq_ignore_ascii_case(name)));
        // What is not among the most recent of a full list may stand behind them.
        met.map(|met| met.days).or_else(|| (list.len() < MOST_MET).then_some(0))
    }
    /// `history: on 4 of 31 days`
    #[must_use]
    pub fn hour_words(&self, hour: usize, ahead: i64) -> Option<String> {
        let days = crate::ui::widget::heat::count(self.hours()?, hour, ahead);
        Some(format!("history: on {} of {}", count(u64::from(days)), words::plural(self.known()?.days as usize, "day")))
    }
}

/// `4624 success on fs01.corp.example from 10.0.4.11`
fn event_words(event: &PastEvent) -> String {
    let mut words = vec![clean(&event.what).into_owned()];
    if event.outcome != "-" {
        words.push(event.outcome.to_owned());
    }
    for (word, name) in [("on", &event.host), ("from", &event.source)] {
        if !name.is_empty() {
            words.push(format!("{word} {}", clean(name)));
        }
    }
    words.join(" ")
}

/// `ws1.corp.example (40 days to 2026-02-12), ... and 4 more`
fn listed(list: &[Met], day: &impl Fn(Timestamp) -> String) -> String {
    let named = list
        .iter()
        .take(NAMED)
        .map(|met| format!("{} ({} to {})", clean(&met.name), words::plural(met.days as usize, "day"), day(met.last)));
    let mut words: Vec<String> = named.collect();
    if list.len() > NAMED {
        words.push(format!("{} more", count((list.len() - NAMED) as u64)));
    }
    words.join(", ")
}
