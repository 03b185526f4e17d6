//! Whether a detection can speak: it works, still learns, has no data, or is switched off. "No data" is never "all is well".

use crate::base::time::Span;
use crate::detect::{Entry, Settings, entries};
use crate::model::anomaly::{Detection, Needed};
use crate::model::event::EventKind;
use crate::model::world::{Tables, Totals};

/// Settings that say how many days of an account, or of all, a detection wants before it speaks.
const HISTORY: [&str; 4] = ["history_days", "history_active_days", "learning_days", "learned_days"];

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    Works,
    /// The data reach over `days` of the days it wants to know somebody.
    Learning {
        days: u32,
        of: u32,
    },
    /// Of what it needs, this was never met.
    NoData(Vec<Needed>),
    Off,
}

impl State {
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Works => "works",
            Self::Learning { .. } => "learning",
            Self::NoData(_) => "no data",
            Self::Off => "off",
        }
    }
    /// `learning: 9 of 14 days; it says less until then`, `no data: no 4625 was met`.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Works => "works".to_owned(),
            Self::Learning { days, of } => format!("learning: {days} of {of} days; it says less until then"),
            Self::NoData(missing) if missing.is_empty() => "no data: none of its records was met".to_owned(),
            Self::NoData(missing) => {
                let names: Vec<String> = missing.iter().map(|needed| needed.words()).collect();
                format!("no data: no {} was met", names.join(" and no "))
            }
            Self::Off => "off: enabled = false in the settings".to_owned(),
        }
    }
}

/// One detection and what its settings say.
#[derive(Clone, Debug)]
pub struct Post {
    pub about: &'static Detection,
    /// None for a Sigma rule.
    entry: Option<&'static Entry>,
    pub is_off: bool,
    /// In force.
    pub settings: toml::Table,
    /// It wants as many days.
    history_days: u32,
}

impl Post {
    /// Its settings as they are when nothing is set.
    #[must_use]
    pub fn defaults(&self) -> toml::Table {
        self.entry.map(Entry::defaults).unwrap_or_default()
    }
    const fn kinds(&self) -> &'static [EventKind] {
        match self.entry {
            Some(entry) => entry.kinds,
            None => &[],
        }
    }
}

/// All detections as they are set.
#[derive(Clone, Debug)]
pub struct Roster {
    posts: Vec<Post>,
}

impl Default for Roster {
    fn default() -> Self {
        Self::of(&Settings::default(), std::iter::empty())
    }
}

impl Roster {
    #[must_use]
    pub fn of(settings: &Settings, sigma: impl Iterator<Item = &'static Detection>) -> Self {
        let post = |entry: &'static Entry| {
            let table = entry.settings(settings);
            let days = HISTORY.iter().find_map(|name| table.get(*name)?.as_integer());
            let history_days = days.and_then(|days| u32::try_from(days).ok()).unwrap_or(0);
            Post { about: entry.about, entry: Some(entry), is_off: settings.is_off(entry.about.id), settings: table, history_days }
        };
        let rule = |about| Post { about, entry: None, is_off: false, settings: toml::Table::new(), history_days: 0 };
        Self { posts: entries().map(post).chain(sigma.map(rule)).collect() }
    }
    /// Detections, then Sigma rules.
    #[must_use]
    pub fn posts(&self) -> &[Post] {
        &self.posts
    }
    /// The detection of an id, whatever its case.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&Post> {
        self.posts.iter().find(|post| post.about.id.eq_ignore_ascii_case(id))
    }
    /// Every detection and how it stands after what was met so far.
    pub fn states<'a>(&'a self, tables: &'a Tables) -> impl Iterator<Item = (&'static Detection, State)> + 'a {
        let none = Totals::default();
        let totals = tables.totals.as_deref().cloned().unwrap_or(none);
        self.posts.iter().map(move |post| (post.about, state(post, &totals)))
    }
    /// The same in short: `61 detections work, 12 learn, 20 have no data`.
    #[must_use]
    pub fn words(&self, tables: &Tables) -> String {
        let (mut works, mut learn, mut blind, mut off) = (0, 0, 0, 0);
        for (_, state) in self.states(tables) {
            match state {
                State::Works => works += 1,
                State::Learning { .. } => learn += 1,
                State::NoData(_) => blind += 1,
                State::Off => off += 1,
            }
        }
        let counts = [(works, "work"), (learn, "learn"), (blind, "have no data"), (off, "are off")];
        let words = counts.into_iter().filter(|(count, what)| *count > 0 || *what == "work");
        let mut words: Vec<String> = words.map(|(count, what)| format!("{count} {what}")).collect();
        if let Some(first) = words.first_mut() {
            *first = first.replacen(' ', " detections ", 1);
        }
        words.join(", ")
    }
}

fn state(post: &Post, totals: &Totals) -> State {
    if post.is_off {
        return State::Off;
    }
    let seen = &totals.audited;
    let missing = seen.missing(post.about.requires);
    // Without a list one of the kinds it looks at is enough; a Sigma rule that names none may look at any record.
    let kinds = post.kinds();
    let has_some = if kinds.is_empty() { totals.events > 0 } else { kinds.iter().any(|kind| seen.kind(*kind)) };
    let is_blind = totals.events == 0 || post.about.requires.is_empty() && !has_some;
    if is_blind || !missing.is_empty() {
        return State::NoData(missing);
    }
    let span = totals.first.zip(totals.last).map_or(Span::ZERO, |(first, last)| last - first);
    let days = u32::try_from(span.as_seconds().div_euclid(86_400)).unwrap_or(0);
    if days < post.history_days { State::Learning { days, of: post.history_days } } else { State::Works }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::Timestamp;
    use crate::model::event::AuthEvent;
    use crate::model::logon_type::LogonType;

    fn tables(days: i64, types: &[LogonType]) -> Tables {
        let mut totals = Totals::default();
        let first = Timestamp::parse("2026-03-01T00:00:00Z").unwrap();
        for at in [first, first + Span::days(days)] {
            for logon_type in types {
                let event = AuthEvent { at, kind: EventKind::Logon, logon_type: *logon_type, ..AuthEvent::default() };
                totals.count(&event, crate::model::attempt::Counted::default());
            }
        }
        Tables { totals: Some(Box::new(totals)), ..Tables::default() }
    }
    fn of(settings: &str, tables: &Tables, id: &str) -> String {
        let roster = Roster::of(&Settings::from_tables(settings.parse().unwrap()).unwrap(), std::iter::empty());
        let found = roster.states(tables).find(|(about, _)| about.id == id).map(|(_, state)| state.words());
        found.unwrap()
    }

    #[test]
    fn a_detection_says_how_it_stands() {
        let id = "first-seen-host-for-account";
        let nothing = Tables::default();
        assert!(of("", &nothing, id).starts_with("no data"));
        let some = tables(9, &[LogonType::Network, LogonType::RemoteInteractive, LogonType::Interactive]);
        assert_eq!(of("", &some, id), "learning: 9 of 10 days; it says less until then");
        let long = tables(60, &[LogonType::Network, LogonType::RemoteInteractive, LogonType::Interactive]);
        assert_eq!(of("", &long, id), "works");
        assert_eq!(of("[first-seen-host-for-account]\nhistory_days = 90", &long, id), "learning: 60 of 90 days; it says less until then");
        assert_eq!(of("[first-seen-host-for-account]\nenabled = false", &long, id), "off: enabled = false in the settings");
        assert!(of("", &long, "mfa-fatigue").starts_with("no data"));
        let words = Roster::default().words(&nothing);
        assert!(words.starts_with("0 detections work, ") && words.ends_with(" have no data"), "{words}");
    }
}
