//! Which anomalies belong together: those of one account, session, source or path within an hour of event time.
//!
//! Each anomaly leaves threads (`Thread`) at what it concerns, and joins the incidents whose threads it finds. What many
//! share leaves none, since it says nothing: addresses behind which many people are, built-in accounts, scanners, domain
//! controllers, hosts of several people. What is below medium joins one incident but never brings two together. The same
//! detection about the same entity keeps to its incident for a day, so that a flood is one line. The detection of whole
//! paths owns what its sessions were part of.
//!
//! Threads are kept for a day, at most `MOST_THREADS`; of incidents only counts grow without bound.

use super::finding::add;
use super::site::Site;
use super::wave::{Waves, is_common_ground};
use crate::base::net::{AddressClass, class};
use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::{Baselines, Dimension};
use crate::model::account::AccountClass;
use crate::model::anomaly::{Anomaly, Severity};
use crate::model::host::HostRole;
use crate::model::ids::{AccountId, AnomalyId, HostId, IncidentId, SourceId, VisitId};
use crate::model::incident::{About, Incident, LISTED, MEMBERS, STEPS, Step};
use crate::model::world::{Tables, World};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Anomalies further apart are linked by none of what they concern.
pub(super) const APART: Span = Span::minutes(60);
/// For the same detection about the same entity, and for what a path owns.
const DAY: Span = Span::days(1);
/// An incident takes nothing new after this long: a flood that never ends is a line a week.
const LONGEST: Span = Span::days(7);
/// Its members are its own, whatever else they were part of.
const OWNER: &str = "lateral-movement-chain";
/// From a source with as many usual accounts, anybody may come.
const SHARED: usize = 10;
/// A host with more usual accounts is nobody's.
const OF_FEW: usize = 3;
/// An anomaly that names more is about none of them alone.
const NAMED: usize = 4;
const MOST_THREADS: usize = 65_536;

/// What two anomalies may have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Thread {
    Account(AccountId),
    Visit(VisitId),
    Source(SourceId),
    /// A host of few people.
    Host(HostId),
    /// Somebody got to this host.
    Reached(HostId),
    /// Somebody came from this host.
    CameFrom(HostId),
    /// This detection spoke of this entity.
    Same(&'static str, About),
}

#[derive(Clone, Copy, Debug)]
struct End {
    incident: IncidentId,
    at: Timestamp,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Links {
    threads: FxHashMap<Thread, End>,
    waves: Waves,
}

/// What is known of the place while linking.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    pub usual: &'a Baselines,
    pub site: &'a Site,
}

impl Links {
    /// Puts an anomaly that was raised at `at` where it belongs.
    pub(super) fn raised(&mut self, world: &mut World, known: Known<'_>, id: AnomalyId, at: Timestamp) {
        let Some(anomaly) = world.tables.anomaly(id).map(Arc::clone) else { return };
        let (finds, leaves) = threads_of(&anomaly, world, known);
        let tables = &mut world.tables;
        let target = self.found(&finds, &anomaly, at, tables).unwrap_or_else(|| {
            let incident = Incident { first: anomaly.at, last: anomaly.end, ..Incident::default() };
            IncidentId::new(tables.incidents.push(Arc::new(incident)))
        });
        take_in(tables, target, id, &anomaly);
        self.leave(&leaves, target, at);
        if let Some(members) = self.waves.raised(tables, id, &anomaly, at) {
            gather(tables, &members);
        }
    }
    /// An anomaly grew at `at`: its incident did. `has_new`: it concerns more, or weighs more.
    pub(super) fn extended(&mut self, world: &mut World, known: Known<'_>, id: AnomalyId, at: Timestamp, has_new: bool) {
        let Some(anomaly) = world.tables.anomaly(id).map(Arc::clone) else { return };
        let own = world.tables.incident_id(anomaly.incident);
        let Some(last) = world.tables.incident(own).map(|incident| incident.last) else { return };
        if !has_new && at - last < Span::minutes(5) {
            return;
        }
        let (_, leaves) = threads_of(&anomaly, world, known);
        grow(&mut world.tables, own, &anomaly);
        self.leave(&leaves, own, at);
    }
    /// The oldest incident that has one of the threads; others that have are part of it.
    fn found(&self, finds: &[Thread], anomaly: &Anomaly, at: Timestamp, tables: &mut Tables) -> Option<IncidentId> {
        let owns = anomaly.detection.id == OWNER;
        let mut found: Vec<IncidentId> = Vec::new();
        for thread in finds {
            let Some(end) = self.threads.get(thread) else { continue };
            let reach = if owns || matches!(thread, Thread::Same(..)) { DAY } else { APART };
            let id = tables.incident_id(end.incident);
            let is_open = tables.incident(id).is_some_and(|incident| !incident.is_wave && at - incident.first <= LONGEST);
            if is_open && (at - end.at).abs() <= reach && !found.contains(&id) {
                found.push(id);
            }
        }
        if anomaly.severity < Severity::Medium {
            // In order of the threads: its own account first.
            return found.first().copied();
        }
        found.sort_unstable();
        let target = found.first().copied()?;
        for other in found.into_iter().skip(1) {
            merge(tables, target, other);
        }
        Some(target)
    }
    fn leave(&mut self, threads: &[Thread], incident: IncidentId, at: Timestamp) {
        for thread in threads {
            if self.threads.len() >= MOST_THREADS && !self.threads.contains_key(thread) {
                self.threads.retain(|_, end| at - end.at <= APART);
                if self.threads.len() >= MOST_THREADS {
                    return;
                }
            }
            let end = self.threads.entry(*thread).or_insert(End { incident, at });
            *end = End { incident, at: end.at.max(at) };
        }
    }
    pub(super) fn merge(&mut self, goes: AccountId, stays: AccountId) {
        if let Some(end) = self.threads.remove(&Thread::Account(goes)) {
            self.threads.entry(Thread::Account(stays)).or_insert(end);
        }
    }
    pub(super) fn forget(&mut self, now: Timestamp) {
        self.threads.retain(|_, end| now - end.at <= DAY);
        self.waves.forget(now);
    }
}

/// The threads an anomaly looks for, and those it leaves.
fn threads_of(anomaly: &Anomaly, world: &World, known: Known<'_>) -> (Vec<Thread>, Vec<Thread>) {
    let tables = &world.tables;
    let mut both: Vec<Thread> = Vec::new();
    let accounts: Vec<AccountId> = anomaly.accounts.iter().map(|id| tables.account_id(*id)).collect();
    if accounts.len() <= NAMED {
        both.extend(accounts.iter().filter(|id| is_somebody(**id, tables, known.site)).map(|id| Thread::Account(*id)));
    }
    let visits = anomaly.sessions.iter().filter_map(|id| tables.session(*id)?.visit.some());
    let visits = visits.filter(|id| tables.visit(*id).is_some_and(|visit| is_somebody(visit.account, tables, known.site)));
    both.extend(visits.take(LISTED).map(Thread::Visit));
    both.push(Thread::Same(anomaly.detection.id, About::of(anomaly, tables)));
    let sources: Vec<SourceId> = anomaly.sources.iter().copied().filter(|id| is_one_place(*id, tables, known)).take(NAMED).collect();
    if anomaly.severity < Severity::Medium {
        if accounts.is_empty() {
            both.extend(sources.into_iter().map(Thread::Source));
        }
        return (both.clone(), both);
    }
    both.extend(sources.iter().map(|id| Thread::Source(*id)));
    let hosts = || anomaly.hosts.iter().copied().filter(|_| anomaly.hosts.len() <= NAMED);
    if accounts.len() <= 1 {
        both.extend(hosts().filter(|id| is_of_few(*id, tables, known.usual)).map(Thread::Host));
    }
    let (mut finds, mut leaves) = (both.clone(), both);
    for host in hosts().filter(|id| !is_common_ground(*id, tables)) {
        finds.push(Thread::CameFrom(host));
        leaves.push(Thread::Reached(host));
    }
    for host in sources.iter().filter_map(|source| known.usual.machines.host_of(world, *source, anomaly.end)) {
        finds.push(Thread::Reached(host));
        leaves.push(Thread::CameFrom(host));
    }
    (finds, leaves)
}

/// An account that one person or one program is.
fn is_somebody(id: AccountId, tables: &Tables, site: &Site) -> bool {
    let class = tables.account(id).map_or(AccountClass::BuiltIn, |account| account.class);
    (!class.is_machinery() || class == AccountClass::Computer) && !site.account(id).scanner
}

/// A source behind which hardly anybody else is.
fn is_one_place(id: SourceId, tables: &Tables, known: Known<'_>) -> bool {
    let is_elsewhere = tables.source(id).is_some_and(|source| {
        source.address.is_none_or(|address| !matches!(class(address), AddressClass::Loopback)) && source.name_is_some()
    });
    is_elsewhere && !known.site.source(id).exit && known.usual.source(id).seen(Dimension::Account).len() < SHARED
}

fn is_of_few(id: HostId, tables: &Tables, usual: &Baselines) -> bool {
    let is_server = tables.host(id).is_none_or(|host| host.kind == HostRole::Server);
    !is_server && !is_common_ground(id, tables) && usual.host(id).seen(Dimension::Account).len() <= OF_FEW
}

/// Adds an anomaly to an incident.
fn take_in(tables: &mut Tables, target: IncidentId, id: AnomalyId, anomaly: &Anomaly) {
    if let Some(row) = tables.anomalies.get_mut(id.index()) {
        Arc::make_mut(row).incident = target;
    }
    let about = About::of(anomaly, tables);
    if let Some(incident) = tables.incidents.get_mut(target.index()).map(Arc::make_mut) {
        let step =
            Step { detection: anomaly.detection, about, severity: anomaly.severity, first: anomaly.at, anomalies: vec![id], count: 1 };
        incident.count = incident.count.saturating_add(1);
        put_step(incident, step);
    }
    grow(tables, target, anomaly);
}

/// Adds to the step of the same detection and entity, or appends one.
fn put_step(incident: &mut Incident, step: Step) {
    let listed: usize = incident.steps.iter().map(|step| step.anomalies.len()).sum();
    let room = MEMBERS.saturating_sub(listed);
    let has_room = incident.steps.len() < STEPS;
    match incident.steps.iter_mut().find(|known| known.detection.id == step.detection.id && known.about == step.about) {
        Some(known) => {
            known.severity = known.severity.max(step.severity);
            known.first = known.first.min(step.first);
            known.count = known.count.saturating_add(step.count);
            known.anomalies.extend(step.anomalies.into_iter().take(room));
        }
        None if has_room => {
            incident.steps.push(step);
            incident.steps.sort_by_key(|step| step.first);
        }
        None => {}
    }
}

/// Lets an incident know what one of its anomalies is now.
fn grow(tables: &mut Tables, id: IncidentId, anomaly: &Anomaly) {
    let accounts: Vec<AccountId> = anomaly.accounts.iter().map(|id| tables.account_id(*id)).collect();
    let about = About::of(anomaly, tables);
    let Some(incident) = tables.incidents.get_mut(id.index()).map(Arc::make_mut) else { return };
    incident.first = incident.first.min(anomaly.at);
    incident.last = incident.last.max(anomaly.end);
    let severity = if incident.is_wave { Severity::Low } else { anomaly.severity };
    incident.severity = incident.severity.max(Some(severity));
    add(&mut incident.accounts, accounts, AccountId::is_some);
    add(&mut incident.hosts, anomaly.hosts.iter().copied(), HostId::is_some);
    add(&mut incident.sources, anomaly.sources.iter().copied(), SourceId::is_some);
    if let Some(step) = incident.steps.iter_mut().find(|step| step.detection.id == anomaly.detection.id && step.about == about) {
        step.severity = step.severity.max(anomaly.severity);
    }
    rate(tables, id);
}

/// Weighs an incident anew.
fn rate(tables: &mut Tables, id: IncidentId) {
    let Some(incident) = tables.incidents.get(id.index()).map(Arc::clone) else { return };
    let score = tables.score_of(&incident, |_| true);
    drop(incident);
    if let Some(incident) = tables.incidents.get_mut(id.index()).map(Arc::make_mut) {
        incident.score = score;
    }
}

/// Two incidents turned out to be one; the row that goes stays and says so.
fn merge(tables: &mut Tables, stays: IncidentId, goes: IncidentId) {
    let Some(gone) = tables.incidents.get_mut(goes.index()).map(Arc::make_mut) else { return };
    gone.merged_into = stays;
    let gone = gone.clone();
    let Some(incident) = tables.incidents.get_mut(stays.index()).map(Arc::make_mut) else { return };
    incident.first = incident.first.min(gone.first);
    incident.last = incident.last.max(gone.last);
    incident.severity = incident.severity.max(gone.severity);
    incident.count = incident.count.saturating_add(gone.count);
    add(&mut incident.accounts, gone.accounts, AccountId::is_some);
    add(&mut incident.hosts, gone.hosts, HostId::is_some);
    add(&mut incident.sources, gone.sources, SourceId::is_some);
    for step in gone.steps {
        put_step(incident, step);
    }
    rate(tables, stays);
}

/// Makes one wave of what these anomalies are part of.
fn gather(tables: &mut Tables, members: &[AnomalyId]) {
    let mut incidents: Vec<IncidentId> =
        members.iter().filter_map(|id| tables.anomaly(*id)).map(|anomaly| tables.incident_id(anomaly.incident)).collect();
    incidents.sort_unstable();
    incidents.dedup();
    let Some(wave) = incidents.first().copied() else { return };
    for other in incidents.into_iter().skip(1) {
        merge(tables, wave, other);
    }
    if let Some(incident) = tables.incidents.get_mut(wave.index()).map(Arc::make_mut) {
        incident.is_wave = true;
        incident.severity = Some(Severity::Low);
    }
    rate(tables, wave);
}

#[cfg(test)]
mod tests;
