//! Floor 2: what people decided about anomalies, what they marked and what they wrote beside it.
//!
//! Nothing of it is written into logs or removes anything. It is entries of a case file, which only grows
//! (`file`): the newest entry about a thing counts, and an undo is an entry too. Anomalies are named by what they say
//! (`subject`), other things by what their records say (`thing`), so that all of it holds when the same records are read
//! again, in another order or together with others.

pub mod entry;
pub mod file;
pub mod noted;
pub mod remarks;
pub mod subject;
pub mod thing;

use entry::{Act, Entry, State};
use rustc_hash::FxHashMap;
use subject::Subject;

/// What holds for one anomaly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict<'a> {
    pub state: State,
    /// The entry that says so; none for an anomaly nobody looked at.
    pub entry: Option<&'a Entry>,
}

/// All entries, and what follows from them.
#[derive(Clone, Debug, Default)]
pub struct Case {
    /// Oldest first.
    entries: Vec<Entry>,
    /// Entries that were taken back, by place.
    undone: Vec<bool>,
    /// Entries that a standing `Delete` names, by place.
    deleted: Vec<bool>,
    /// Places of decisions about single anomalies, by detection and time.
    decided: FxHashMap<(String, String), Vec<usize>>,
    suppressions: Vec<usize>,
}

impl Case {
    pub fn add(&mut self, entry: Entry) {
        let place = self.entries.len();
        match &entry.act {
            Act::Decide { anomaly, .. } => self.decided.entry(anomaly.key()).or_default().push(place),
            Act::Suppress { .. } => self.suppressions.push(place),
            Act::Mark { .. } | Act::Note { .. } => {}
            Act::Delete { of } => {
                if let Some(deleted) = self.place_of(of).and_then(|place| self.deleted.get_mut(place)) {
                    *deleted = true;
                }
            }
            Act::Undo { of } => {
                let taken_back = self.place_of(of);
                if let Some(undone) = taken_back.and_then(|place| self.undone.get_mut(place)) {
                    *undone = true;
                }
                if let Some(Act::Delete { of }) = taken_back.and_then(|place| self.entries.get(place)).map(|entry| &entry.act)
                    && let Some(deleted) = self.place_of(of).and_then(|place| self.deleted.get_mut(place))
                {
                    *deleted = false;
                }
            }
        }
        self.entries.push(entry);
        self.undone.push(false);
        self.deleted.push(false);
    }
    fn place_of(&self, id: &str) -> Option<usize> {
        self.entries.iter().position(|entry| entry.id == *id)
    }
    /// The entry of an id.
    #[must_use]
    pub fn entry(&self, id: &str) -> Option<&Entry> {
        self.place_of(id).and_then(|place| self.entries.get(place))
    }
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }
    fn holds(&self, place: usize) -> Option<&Entry> {
        let counts = self.undone.get(place) == Some(&false) && self.deleted.get(place) == Some(&false);
        self.entries.get(place).filter(|_| counts)
    }
    /// Suppressions that were not taken back, oldest first; also those that have run out.
    pub fn suppressions(&self) -> impl Iterator<Item = &Entry> {
        self.suppressions.iter().filter_map(|place| self.holds(*place))
    }
    /// What holds for an anomaly: the newest decision about it, else the newest suppression that covers it.
    #[must_use]
    pub fn verdict(&self, anomaly: &Subject) -> Verdict<'_> {
        let about = self.decided.get(&anomaly.key()).map(Vec::as_slice).unwrap_or_default();
        let decided = about.iter().rev().filter_map(|place| self.holds(*place)).find_map(|entry| match &entry.act {
            Act::Decide { anomaly: named, state, .. } if named.is(anomaly) => Some((*state, entry)),
            _ => None,
        });
        let suppressed = || {
            let covers = |entry: &&Entry| matches!(&entry.act, Act::Suppress { scope, .. } if scope.covers(anomaly));
            let newest = self.suppressions.iter().rev().filter_map(|place| self.holds(*place)).find(covers)?;
            Some((State::Suppressed, newest))
        };
        match decided.or_else(suppressed) {
            Some((state, entry)) => Verdict { state, entry: Some(entry) },
            None => Verdict { state: State::New, entry: None },
        }
    }
    /// Entries that were not taken back and are no undo, newest first.
    pub fn standing(&self) -> impl Iterator<Item = &Entry> {
        (0..self.entries.len()).rev().filter_map(|place| self.holds(place)).filter(|entry| !matches!(entry.act, Act::Undo { .. }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use entry::Scope;

    fn subject(at: &str, account: &str) -> Subject {
        Subject {
            detection: "off-hours-logon".into(),
            at: at.into(),
            accounts: vec![account.into()],
            hosts: vec!["fs01".into()],
            sources: Vec::new(),
        }
    }
    fn entry(id: &str, act: Act) -> Entry {
        Entry { id: id.into(), at: "2026-03-14T10:00:00Z".into(), by: "kl".into(), act }
    }
    fn decide(id: &str, anomaly: &Subject, state: State) -> Entry {
        entry(id, Act::Decide { anomaly: anomaly.clone(), state, reason: String::new() })
    }
    fn state(case: &Case, anomaly: &Subject) -> State {
        case.verdict(anomaly).state
    }

    #[test]
    fn the_newest_decision_counts_and_an_undo_brings_back_the_one_before() {
        let (one, other) = (subject("2026-03-14T09:31:20Z", "corp\\a"), subject("2026-03-14T09:31:20Z", "corp\\b"));
        let mut case = Case::default();
        assert_eq!(state(&case, &one), State::New);
        case.add(decide("1", &one, State::Acknowledged));
        case.add(decide("2", &one, State::Dismissed));
        assert_eq!(state(&case, &one), State::Dismissed);
        assert_eq!(state(&case, &other), State::New);
        assert_eq!(case.standing().next().unwrap().id, "2");
        case.add(entry("3", Act::Undo { of: "2".into() }));
        assert_eq!(state(&case, &one), State::Acknowledged);
        assert_eq!(case.standing().next().unwrap().id, "1");
        case.add(decide("4", &one, State::New));
        assert_eq!(state(&case, &one), State::New);
    }

    #[test]
    fn a_deleted_decision_comes_back_when_the_deletion_is_taken_back() {
        let one = subject("2026-03-14T09:31:20Z", "corp\\a");
        let mut case = Case::default();
        case.add(decide("1", &one, State::Dismissed));
        case.add(entry("2", Act::Delete { of: "1".into() }));
        assert_eq!(state(&case, &one), State::New);
        assert_eq!(case.standing().map(|entry| entry.id.as_str()).collect::<Vec<_>>(), ["2"]);
        case.add(entry("3", Act::Undo { of: "2".into() }));
        assert_eq!(state(&case, &one), State::Dismissed);
        assert_eq!(case.standing().next().unwrap().id, "1");
    }

    #[test]
    fn a_suppression_covers_what_it_names_until_it_runs_out_and_a_decision_outweighs_it() {
        let scope = Scope {
            detection: Some("off-hours-logon".into()),
            account: Some("CORP\\A".into()),
            until: Some("2026-04-01T00:00:00Z".into()),
            ..Scope::default()
        };
        let mut case = Case::default();
        case.add(entry("1", Act::Suppress { scope, reason: "shift".into() }));
        let covered = subject("2026-03-14T09:31:20Z", "corp\\a");
        assert_eq!(state(&case, &covered), State::Suppressed);
        assert_eq!(case.verdict(&covered).entry.unwrap().id, "1");
        assert_eq!(state(&case, &subject("2026-03-14T09:31:20Z", "corp\\b")), State::New, "another account");
        assert_eq!(state(&case, &subject("2026-04-01T00:00:00.000Z", "corp\\a")), State::New, "run out");
        assert_eq!(state(&case, &Subject { detection: "mfa-fatigue".into(), ..covered.clone() }), State::New, "another detection");
        let of_many = Subject { accounts: vec!["corp\\a".into(), "corp\\b".into()], ..covered.clone() };
        assert_eq!(state(&case, &of_many), State::New, "another account is concerned too");
        case.add(decide("2", &covered, State::Confirmed));
        assert_eq!(state(&case, &covered), State::Confirmed);
        case.add(entry("3", Act::Undo { of: "1".into() }));
        assert_eq!(case.suppressions().count(), 0);
        assert_eq!(state(&case, &subject("2026-03-15T09:31:20Z", "corp\\a")), State::New);
    }
}
