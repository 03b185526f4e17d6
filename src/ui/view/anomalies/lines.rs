//! The lines of the queue: incidents, each open into its anomalies or not, and anomalies that stand alone.
//!
//! The anomalies of one detection about one entity are one line with a count, so a flood is never more than that. Lines
//! are made once for each snapshot; the lines of an incident stay under it whatever the order.

use super::super::Ctx;
use crate::base::time::Timestamp;
use crate::casefile::entry::State;
use crate::model::anomaly::{Anomaly, Severity};
use crate::model::ids::{AnomalyId, IncidentId};
use crate::model::incident::Incident;
use crate::store::projection::Projection;
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// What a line is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    Incident(IncidentId),
    /// One anomaly, or several of one detection about one entity.
    Anomalies,
}

#[derive(Clone, Debug)]
pub struct Line {
    pub of: Of,
    /// It stands under the line of its incident.
    pub inside: bool,
    /// What is still to be done: that of the member that is furthest from done.
    pub state: State,
    pub severity: Severity,
    pub score: u32,
    pub at: Timestamp,
    /// Anomalies of several; records of one.
    pub count: u32,
    /// The worst of them, the newest of equals: it speaks for the line.
    pub lead: AnomalyId,
    /// What a decision on the line is about.
    pub members: Vec<AnomalyId>,
}

impl Line {
    /// The line of what is listed of some anomalies; nothing for none.
    fn of(members: Vec<AnomalyId>, inside: bool, ctx: &Ctx<'_>) -> Option<Self> {
        let tables = &ctx.snapshot.tables;
        let rank = |id: &AnomalyId| tables.anomaly(*id).map(|anomaly| (anomaly.severity, anomaly.score, anomaly.end));
        let lead = members.iter().copied().max_by_key(rank)?;
        let anomaly = tables.anomaly(lead)?;
        let at = members.iter().filter_map(|id| tables.anomaly(*id)).map(|anomaly| anomaly.at).min();
        Some(Self {
            of: Of::Anomalies,
            inside,
            state: members.iter().map(|id| ctx.triage.state(*id)).min().unwrap_or_default(),
            severity: anomaly.severity,
            score: anomaly.score.into(),
            at: at.unwrap_or(anomaly.at),
            count: if members.len() == 1 { anomaly.count } else { u32::try_from(members.len()).unwrap_or(u32::MAX) },
            lead,
            members,
        })
    }
    pub fn anomaly<'a>(&self, ctx: &'a Ctx<'_>) -> Option<&'a Anomaly> {
        ctx.snapshot.tables.anomaly(self.lead).map(AsRef::as_ref)
    }
    pub fn incident<'a>(&self, ctx: &'a Ctx<'_>) -> Option<&'a Incident> {
        match self.of {
            Of::Incident(id) => ctx.snapshot.tables.incident(id).map(AsRef::as_ref),
            Of::Anomalies => None,
        }
    }
    /// The worst and newest last.
    pub fn rank(&self, other: &Self) -> Ordering {
        (self.severity, self.score, self.at).cmp(&(other.severity, other.score, other.at))
    }
}

/// A line of the first rank with the lines under it.
pub type Top = (Line, Vec<Line>);

/// All that passes the filter, in no order. `opened` are the incidents that show their anomalies.
pub fn tops(ctx: &Ctx<'_>, opened: &BTreeSet<IncidentId>) -> Vec<Top> {
    let (names, tables) = (&ctx.snapshot.names, &ctx.snapshot.tables);
    let filter = ctx.projection.and_then(|projection: &Projection| projection.filter.as_ref());
    let passes = |anomaly: &Anomaly| filter.is_none_or(|filter| filter.matches_anomaly(anomaly, names, tables));
    let mut tops: Vec<Top> = tables.each_incident().filter_map(|(id, incident)| of_incident(id, incident, &passes, opened, ctx)).collect();
    let alone = tables.anomalies.iter().enumerate().filter(|(_, anomaly)| anomaly.incident.is_none() && passes(anomaly));
    tops.extend(alone.filter_map(|(place, _)| Some((Line::of(vec![AnomalyId::new(place)], false, ctx)?, Vec::new()))));
    tops
}

fn of_incident(
    id: IncidentId,
    incident: &Incident,
    passes: &impl Fn(&Anomaly) -> bool,
    opened: &BTreeSet<IncidentId>,
    ctx: &Ctx<'_>,
) -> Option<Top> {
    let tables = &ctx.snapshot.tables;
    let shown = |id: &AnomalyId| tables.anomaly(*id).is_some_and(|anomaly| passes(anomaly));
    let steps = incident.steps.iter().map(|step| step.anomalies.iter().copied().filter(&shown).collect::<Vec<_>>());
    let mut steps: Vec<Vec<AnomalyId>> = steps.filter(|step| !step.is_empty()).collect();
    if let ([_], 1) = (steps.as_slice(), incident.steps.len()) {
        return Some((Line::of(steps.pop()?, false, ctx)?, Vec::new()));
    }
    let line = Line::of(steps.concat(), false, ctx)?;
    // What is decided counts no more, as long as something is open.
    let counts = |id: AnomalyId| !line.state.is_open() || ctx.triage.state(id).is_open();
    let severity = incident.anomalies().filter(|id| counts(*id)).filter_map(|id| tables.anomaly(id)).map(|anomaly| tables.weight(anomaly));
    let inside = if opened.contains(&id) { steps.into_iter().filter_map(|step| Line::of(step, true, ctx)).collect() } else { Vec::new() };
    let line = Line {
        of: Of::Incident(id),
        severity: severity.max().unwrap_or(incident.severity()),
        score: if ctx.triage.is_empty() { incident.score } else { tables.score_of(incident, counts) },
        at: incident.first,
        count: if filter_is_off(ctx) { incident.count } else { line.count },
        ..line
    };
    Some((line, inside))
}

fn filter_is_off(ctx: &Ctx<'_>) -> bool {
    ctx.projection.is_none_or(|projection| projection.filter.is_none())
}
