//! Incidents: anomalies that belong together, as one line an analyst can take up.
//!
//! They are linked while events pass (`detect::link`) and only grow. Two that turn out to be one keep their rows: the one
//! that goes says into which (`merged_into`), and `Tables::incident` follows.

use crate::base::time::Timestamp;
use crate::model::anomaly::{Anomaly, Detection, Severity};
use crate::model::attack::Tactic;
use crate::model::ids::{AccountId, AnomalyId, HostId, IncidentId, SourceId};
use crate::model::risk::{self, Hit, Risk};
use crate::model::world::Tables;
use std::sync::Arc;

/// Entities of each sort, steps, and anomalies that one incident lists; more are counted.
pub const LISTED: usize = 256;
pub const STEPS: usize = 64;
pub const MEMBERS: usize = 1_024;

/// Who or what an anomaly is about first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum About {
    Account(AccountId),
    Source(SourceId),
    Host(HostId),
    Nothing,
}

impl About {
    #[must_use]
    pub fn of(anomaly: &Anomaly, tables: &Tables) -> Self {
        // Many accounts at once are what a source did.
        match (anomaly.accounts.as_slice(), anomaly.sources.first(), anomaly.hosts.first()) {
            ([one], _, _) => Self::Account(tables.account_id(*one)),
            (_, Some(source), _) => Self::Source(*source),
            ([first, ..], None, _) => Self::Account(tables.account_id(*first)),
            ([], None, Some(host)) => Self::Host(*host),
            ([], None, None) => Self::Nothing,
        }
    }
}

/// The anomalies of one detection about one entity: one line, however many they are.
#[derive(Clone, Debug)]
pub struct Step {
    pub detection: &'static Detection,
    pub about: About,
    pub severity: Severity,
    pub first: Timestamp,
    /// In order of joining.
    pub anomalies: Vec<AnomalyId>,
    /// Also those that are not listed.
    pub count: u32,
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct Incident {
    /// That of the worst member; low for a wave.
    pub severity: Option<Severity>,
    /// The same detection spoke of many at once: a change of the place rather than an attack.
    pub is_wave: bool,
    /// What the members weigh together, unfaded.
    pub score: u32,
    pub first: Timestamp,
    pub last: Timestamp,
    pub accounts: Vec<AccountId>,
    pub hosts: Vec<HostId>,
    pub sources: Vec<SourceId>,
    /// In order of their first evidence.
    pub steps: Vec<Step>,
    /// Anomalies, also those that are not listed.
    pub count: u32,
    /// The incident it turned out to be part of; `NONE` for one that stands for itself.
    pub merged_into: IncidentId,
}

impl Incident {
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.severity.unwrap_or(Severity::Info)
    }
    /// Listed members, in order of steps.
    pub fn anomalies(&self) -> impl Iterator<Item = AnomalyId> {
        self.steps.iter().flat_map(|step| step.anomalies.iter().copied())
    }
    /// Detections in the order in which they first spoke, each once.
    #[must_use]
    pub fn detections(&self) -> Vec<&'static Detection> {
        let mut found: Vec<&'static Detection> = Vec::new();
        for step in &self.steps {
            if !found.iter().any(|known| known.id == step.detection.id) {
                found.push(step.detection);
            }
        }
        found
    }
    /// Tactics in the order in which they showed, each once.
    #[must_use]
    pub fn tactics(&self) -> Vec<Tactic> {
        let mut found = Vec::new();
        for tactic in self.steps.iter().filter_map(|step| risk::first_tactic(step.detection)) {
            if !found.contains(&tactic) {
                found.push(tactic);
            }
        }
        found
    }
    /// What happened, in words of its detections in order of time. Lesser signs are counted where there are worse.
    #[must_use]
    pub fn title(&self) -> String {
        let worst = |detection: &Detection| {
            self.steps.iter().filter(|step| step.detection.id == detection.id).map(|step| step.severity).max().unwrap_or(Severity::Info)
        };
        let all = self.detections();
        let floor = self.steps.iter().map(|step| step.severity).max().map_or(Severity::Info, |worst| worst.min(Severity::Medium));
        let (named, lesser): (Vec<_>, Vec<_>) = all.into_iter().partition(|detection| worst(detection) >= floor);
        let mut words: Vec<String> = Vec::new();
        for (place, detection) in named.iter().enumerate() {
            words.push(if place == 0 { detection.title.to_owned() } else { lower_first(detection.title) });
        }
        let mut title = words.join("; ");
        if self.is_wave {
            title = format!("Wave: {} for {} accounts", lower_first(&title), self.accounts.len());
        }
        match lesser.len() {
            0 => title,
            1 => format!("{title}; and a lesser sign"),
            more => format!("{title}; and {more} lesser signs"),
        }
    }
}

/// With a small letter in front, unless the word is an abbreviation or a name: `RDP`, `MFA`, `NTLM`.
fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    match (letters.next(), letters.next()) {
        (Some(first), Some(second)) if first.is_uppercase() && !second.is_uppercase() => {
            first.to_lowercase().chain(std::iter::once(second)).chain(letters).collect()
        }
        _ => text.to_owned(),
    }
}

impl Tables {
    /// The incident an id stands for now: itself, or the one it was merged into.
    #[must_use]
    pub fn incident_id(&self, id: IncidentId) -> IncidentId {
        let mut id = id;
        // A row that is merged points to a row that was there before it, so this ends.
        while let Some(row) = self.incidents.get(id.index())
            && row.merged_into.is_some()
            && row.merged_into < id
        {
            id = row.merged_into;
        }
        id
    }
    #[must_use]
    pub fn incident(&self, id: IncidentId) -> Option<&Arc<Incident>> {
        self.incidents.get(self.incident_id(id).index())
    }
    /// Incidents that stand for themselves, oldest first.
    pub fn each_incident(&self) -> impl Iterator<Item = (IncidentId, &Arc<Incident>)> {
        let rows = self.incidents.iter().enumerate().map(|(place, row)| (IncidentId::new(place), row));
        rows.filter(|(_, row)| row.merged_into.is_none())
    }
    /// How much an anomaly weighs: one of a wave is low, whatever it is alone.
    #[must_use]
    pub fn weight(&self, anomaly: &Anomaly) -> Severity {
        match self.incident(anomaly.incident) {
            Some(incident) if incident.is_wave => anomaly.severity.min(Severity::Low),
            _ => anomaly.severity,
        }
    }
    /// What the listed members of an incident that `counts` weigh together, unfaded.
    #[must_use]
    pub fn score_of(&self, incident: &Incident, counts: impl Fn(AnomalyId) -> bool) -> u32 {
        let counting = || incident.anomalies().filter(|id| counts(*id)).filter_map(|id| self.anomaly(id));
        match incident.is_wave {
            true => counting().next().map_or(0, |_| u32::from(Severity::Low.points())),
            false => Risk::of(counting().map(|anomaly| Hit::whole(anomaly))).points,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn detection(id: &'static str, title: &'static str) -> Detection {
        Detection { id, title, severity: Severity::Medium, attack: &["T1110"], needs: "", requires: &[], check: "" }
    }
    static GUESS: Detection = detection("guess", "Failures, then in");
    static DESK: Detection = detection("desk", "RDP from a new client");
    static ODD: Detection = detection("odd", "Odd hour");

    fn step(detection: &'static Detection, severity: Severity) -> Step {
        Step { detection, about: About::Nothing, severity, first: Timestamp::default(), anomalies: Vec::new(), count: 1 }
    }

    #[test]
    fn the_title_says_what_happened_in_order_and_counts_lesser_signs() {
        let mut incident = Incident { steps: vec![step(&GUESS, Severity::High), step(&ODD, Severity::Low)], ..Incident::default() };
        assert_eq!(incident.title(), "Failures, then in; and a lesser sign");
        incident.steps.push(step(&DESK, Severity::Medium));
        incident.steps.push(step(&GUESS, Severity::High));
        assert_eq!(incident.title(), "Failures, then in; RDP from a new client; and a lesser sign");
        let low = Incident { steps: vec![step(&ODD, Severity::Low), step(&GUESS, Severity::Low)], ..Incident::default() };
        assert_eq!(low.title(), "Odd hour; failures, then in");
        assert_eq!(low.tactics(), [Tactic::CredentialAccess]);
    }

    #[test]
    fn merged_rows_are_followed() {
        let mut tables = Tables::default();
        for into in [IncidentId::NONE, IncidentId::new(0), IncidentId::new(1)] {
            tables.incidents.push(Arc::new(Incident { merged_into: into, ..Incident::default() }));
        }
        assert_eq!(tables.incident_id(IncidentId::new(2)), IncidentId::new(0));
        assert_eq!(tables.each_incident().count(), 1);
        assert_eq!(tables.incident_id(IncidentId::NONE), IncidentId::NONE);
    }
}
