//! Rules at work: an event goes to the rules that can be about it, and what fits becomes findings.

use super::correlation::{Correlation, Memory};
use super::field::Val;
use super::logsource::Logs;
use super::matcher::with_text;
use super::read::Single;
use super::{Kind, Rule, Rules};
use crate::base::text::clean;
use crate::base::time::{Span, Timestamp};
use crate::detect::finding::{Finding, Key};
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::step::Step;
use crate::model::event_id::{self, KNOWN_LINES, KnownId};
use std::sync::Arc;

/// A hit of one rule for one account and host within this is the same thing again.
const QUIET: Span = Span::hours(1);
/// Fields told in a sentence.
const TOLD: usize = 6;
/// Longest value told.
const LONGEST: usize = 80;

/// See the module.
#[derive(Debug, Default)]
pub struct Running {
    rules: Arc<Rules>,
    /// Rules by line of the list of event ids.
    by_line: Vec<Vec<u16>>,
    by_category: [Vec<u16>; 5],
    /// Correlations that a rule is part of, with its place in them.
    feeds: Vec<Vec<(u16, usize)>>,
    memories: Vec<Memory>,
}

impl Running {
    #[must_use]
    pub fn new(rules: Arc<Rules>) -> Self {
        let mut running = Self {
            by_line: vec![Vec::new(); if rules.rules.is_empty() { 0 } else { KNOWN_LINES + 1 }],
            feeds: vec![Vec::new(); rules.rules.len()],
            memories: rules.rules.iter().map(|_| Memory::default()).collect(),
            ..Self::default()
        };
        for (number, rule) in (0_u16..).zip(&rules.rules) {
            match &rule.kind {
                Kind::Single(single) => running.route(number, single),
                Kind::Correlation(correlation) => {
                    for (place, part) in correlation.parts.iter().enumerate() {
                        if let Some(feeds) = running.feeds.get_mut(*part) {
                            feeds.push((number, place));
                        }
                    }
                }
            }
        }
        running.rules = rules;
        running
    }
    fn route(&mut self, number: u16, single: &Single) {
        match &single.logs {
            Logs::Categories(categories) => {
                for category in categories {
                    if let Some(rules) = self.by_category.get_mut(*category as usize) {
                        rules.push(number);
                    }
                }
            }
            Logs::Channels(channels) => {
                let lines: Vec<KnownId> = match &single.ids {
                    Some(ids) => {
                        let line = |channel: &&'static str, id: &u32| event_id::find(channel, "", *id).map(|event| event.known);
                        channels.iter().flat_map(|channel| ids.iter().filter_map(move |id| line(channel, id))).collect()
                    }
                    None => channels.iter().flat_map(|channel| event_id::lines_of(channel)).collect(),
                };
                for line in lines {
                    if let Some(rules) = self.by_line.get_mut(line.index())
                        && rules.last() != Some(&number)
                    {
                        rules.push(number);
                    }
                }
            }
        }
    }
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules.rules
    }
    /// Looks at one event; `tell` takes the number of a rule and what it found.
    pub fn observe(&mut self, step: &Step<'_>, tell: &mut impl FnMut(usize, Finding)) {
        let event = step.event();
        let numbers = match event.entra.as_deref() {
            Some(sign_in) => self.by_category.get(sign_in.category as usize),
            None => self.by_line.get(event.known.index()).filter(|_| event.known.is_some()),
        };
        for number in numbers.into_iter().flatten() {
            let number = usize::from(*number);
            let Some(rule) = self.rules.rules.get(number) else { continue };
            let Kind::Single(single) = &rule.kind else { continue };
            if !single.holds(step) {
                continue;
            }
            if !rule.is_part {
                tell(number, finding(rule, single, step));
            }
            for (correlated, part) in self.feeds.get(number).into_iter().flatten() {
                let correlated = usize::from(*correlated);
                let (Some(rule), Some(memory)) = (self.rules.rules.get(correlated), self.memories.get_mut(correlated)) else { continue };
                if let Kind::Correlation(correlation) = &rule.kind
                    && let Some(finding) = correlated_finding(rule, correlation, memory, *part, step)
                {
                    tell(correlated, finding);
                }
            }
        }
    }
    pub fn forget(&mut self, now: Timestamp) {
        for (rule, memory) in self.rules.rules.iter().zip(&mut self.memories) {
            if let Kind::Correlation(correlation) = &rule.kind {
                correlation.forget(memory, now);
            }
        }
    }
}

/// `LogonType 10, IpAddress 203.0.113.7`
fn told<'a>(values: impl Iterator<Item = (&'a str, Val<'a>)>) -> String {
    let cut = |text: &str| {
        if text.chars().count() <= LONGEST { text.to_owned() } else { text.chars().take(LONGEST).chain(['\u{2026}']).collect() }
    };
    let word = |(name, value): (&str, Val<'_>)| match value {
        Val::Absent(_) => format!("{} absent", clean(name)),
        value => format!("{} {}", clean(name), with_text(&value, |text| cut(&clean(text)))),
    };
    values.take(TOLD).map(word).collect::<Vec<_>>().join(", ")
}

fn what(step: &Step<'_>) -> String {
    match step.event().event_id {
        0 => "a sign-in".to_owned(),
        id => format!("event {id}"),
    }
}

fn who(step: &Step<'_>) -> String {
    let say = step.say();
    let mut words = vec![format!("of {}", say.account(step.row.account))];
    if step.row.host.is_some() {
        words.push(format!("on {}", say.host(step.row.host)));
    }
    if step.row.source.is_some() {
        words.push(format!("from {}", say.source(step.row.source)));
    }
    words.join(" ")
}

fn score(rule: &Rule) -> Score {
    Score::new(rule.about.severity, "as the Sigma rule says")
}

fn finding(rule: &Rule, single: &Single, step: &Step<'_>) -> Finding {
    let fields = told(single.shown(step).into_iter());
    let fields = if fields.is_empty() { String::new() } else { format!(": {fields}") };
    let why = format!("{} {} fits the Sigma rule '{}'{fields}.", capital(&what(step)), who(step), rule.about.title);
    Finding::new(step, Key::of(step.row.account.index(), step.row.host.index()), QUIET, score(rule), why)
}

fn correlated_finding(rule: &Rule, correlation: &Correlation, memory: &mut Memory, part: usize, step: &Step<'_>) -> Option<Finding> {
    let (group, hits) = correlation.hit(memory, part, step)?;
    let (hits, events) = correlation.evidence(hits, step.at());
    let first = events.iter().map(|(at, _)| *at).min()?;
    let by = told(correlation.group(part, step));
    let by = if by.is_empty() { String::new() } else { format!(" with {by}") };
    let counted = if correlation.value_name.is_empty() {
        say::count(events.len(), "event")
    } else {
        format!("{} of {}", say::count(hits.len(), "value"), clean(&correlation.value_name))
    };
    let why = format!(
        "{counted} within {}{by} fit the Sigma rule '{}'; the last is {} {}.",
        say::span(step.at() - first),
        rule.about.title,
        what(step),
        who(step),
    );
    let finding = Finding::new(step, Key(group, 0), QUIET.max(correlation.timespan), score(rule), why);
    Some(
        finding
            .since(first, events.into_iter().map(|(_, event)| event))
            .and_accounts(hits.iter().map(|hit| hit.account))
            .and_hosts(hits.iter().map(|hit| hit.host))
            .and_sources(hits.iter().map(|hit| hit.source)),
    )
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
