//! What each edge came out of. The rule and its evidence are in the module comment of `path`.

use super::edge::{Gathered, Named, shown};
use super::place::Places;
use super::{Before, Edge, Join, MachineId, Quality, Spot, Way, Web, When, Who, limits};
use crate::base::intern::Symbol;
use crate::base::time::{Span, Timestamp};
use crate::model::ids::{AccountId, VisitId};
use crate::model::logon_type::LogonType;
use crate::model::visit::RUN_GAP;
use rustc_hash::FxHashMap;

/// A 4648 may be written this long after the logon it brought about: two hosts, two clocks.
const CLOCKS: Span = Span::seconds(5);
/// Accounts of a run of failures that are looked for.
const ACCOUNTS: usize = 8;
const DAY: i64 = 86_400;

/// Edges joined so far, by what is asked for.
#[derive(Default)]
struct Index {
    /// By host reached and account, by start.
    of: FxHashMap<(MachineId, AccountId), Vec<usize>>,
    /// Type 9 logons of a host, by start.
    netonly: FxHashMap<MachineId, Vec<usize>>,
    /// 4648 written on a host, by the account they name, by time.
    named: FxHashMap<(MachineId, AccountId), Vec<Named>>,
    /// How often an account went a way.
    ways: FxHashMap<(AccountId, Spot, MachineId), (Before, i64)>,
}

/// One edge that another may have come out of.
struct Candidate {
    from: usize,
    who: Who,
    when: When,
}

impl Candidate {
    fn quality(&self) -> Quality {
        self.who.quality().max(self.when.quality())
    }
}

pub fn all(places: &Places<'_>, gathered: Gathered) -> Web {
    let Gathered { mut edges, of_visit, named, since, machinery, unseen } = gathered;
    let mut index = Index::default();
    let mut by_event = FxHashMap::default();
    for one in named {
        by_event.insert(one.event, one.by);
        if let Some(edge) = edges.get(one.by) {
            index.named.entry((edge.to, one.account)).or_default().push(one);
        }
    }
    let mut next = vec![Vec::new(); edges.len()];
    for number in 0..edges.len() {
        let Some(edge) = edges.get(number) else { break };
        let join = match edge.way {
            Way::Explicit => by_event.get(&edge.event).and_then(|by| written_in(&edges, *by, edge)),
            _ if edge.is_local => started_by(places, &edges, &of_visit, edge),
            _ => index.find(places, &edges, number, edge),
        }
        .filter(|join| join.from < number);
        let before = index.went(edge);
        index.add(number, edge);
        if let Some(list) = join.and_then(|join| next.get_mut(join.from)) {
            list.push(number);
        }
        if let Some(edge) = edges.get_mut(number) {
            (edge.join, edge.before) = (join, before);
        }
    }
    Web { machines: places.machines.clone(), edges, next, of_visit, of_host: places.of_host.clone(), since, machinery, unseen }
}

/// A 4648 without an answer came out of the session that wrote it.
fn written_in(edges: &[Edge], by: usize, edge: &Edge) -> Option<Join> {
    let when = active(edges.get(by)?, edge.start)?;
    Some(Join { from: by, who: Who::Explicit(edge.event), when, others: 0 })
}

/// A logon on the same host that names the session it was started from: runas, runas /netonly.
fn started_by(places: &Places<'_>, edges: &[Edge], of_visit: &FxHashMap<VisitId, usize>, edge: &Edge) -> Option<Join> {
    let parent = shown(places.ground.tables, places.ground.tables.visit(edge.visit)?.parent);
    let from = of_visit.get(&parent).copied()?;
    let when = active(edges.get(from)?, edge.start)?;
    Some(Join { from, who: Who::Started, when, others: 0 })
}

/// Whether something can come out of an edge at a time.
fn active(edge: &Edge, at: Timestamp) -> Option<When> {
    if edge.way == Way::Failed || edge.start > at {
        return None;
    }
    let is_short = edge.way == Way::Ticket || matches!(edge.logon_type, LogonType::Network | LogonType::NetworkCleartext);
    match edge.end {
        None => Some(When::Inside),
        Some(end) if at <= end && edge.end_is_inferred => Some(When::InsideInferred),
        Some(end) if at <= end => Some(When::Inside),
        Some(end) if is_short && at <= end.max(edge.last) + RUN_GAP => Some(When::After(at - end.max(edge.last))),
        Some(_) => None,
    }
}

impl Index {
    fn add(&mut self, number: usize, edge: &Edge) {
        if edge.way == Way::Failed {
            return;
        }
        // Who a type 9 logon is on the network, its account does not say.
        if edge.logon_type == LogonType::NewCredentials {
            self.netonly.entry(edge.to).or_default().push(number);
        } else {
            self.of.entry((edge.to, edge.account)).or_default().push(number);
        }
    }

    fn find(&self, places: &Places<'_>, edges: &[Edge], number: usize, edge: &Edge) -> Option<Join> {
        let Spot::Machine(host) = edge.from else { return None };
        let mut found: Vec<Candidate> = Vec::new();
        let mut add = |from: usize, who: Who| {
            if from < number
                && !found.iter().any(|known| known.from == from)
                && let Some(when) = edges.get(from).and_then(|edge_before| active(edge_before, edge.start))
            {
                found.push(Candidate { from, who, when });
            }
        };
        for account in std::iter::once(edge.account).chain(edge.others.iter().copied()).take(ACCOUNTS) {
            for named in self.named.get(&(host, account)).into_iter().flatten().rev().take(limits::CANDIDATES) {
                if named.at > edge.start + CLOCKS {
                    continue;
                }
                let who = if named.server == Some(edge.to) { Who::Explicit(named.event) } else { Who::ExplicitElsewhere(named.event) };
                add(named.by, who);
            }
            for from in self.of.get(&(host, account)).into_iter().flatten().rev().take(limits::CANDIDATES) {
                add(*from, Who::Same);
            }
        }
        for from in self.netonly.get(&host).into_iter().flatten().rev().take(limits::CANDIDATES) {
            if let Some(who) = edges.get(*from).and_then(|netonly| outbound(places, netonly, edge)) {
                add(*from, who);
            }
        }
        choose(edges, &found)
    }

    /// Notes that an account goes a way, and says how often it did before.
    fn went(&mut self, edge: &Edge) -> Before {
        if edge.way == Way::Failed || edge.is_local {
            return Before::default();
        }
        let today = edge.start.as_unix_seconds().div_euclid(DAY);
        let (known, last_day) = self.ways.entry((edge.account, edge.from, edge.to)).or_insert((Before::default(), today));
        // `known.days` counts the days before the one of the newest edge.
        if *last_day != today {
            known.days = known.days.saturating_add(1);
            *last_day = today;
        }
        let before = *known;
        known.times = known.times.saturating_add(1);
        before
    }
}

/// Whether a type 9 logon can have brought an account to another host.
fn outbound(places: &Places<'_>, netonly: &Edge, edge: &Edge) -> Option<Who> {
    let (tables, names) = (places.ground.tables, places.ground.names);
    let stated = tables.event(netonly.event).map_or(Symbol::NONE, |row| row.event.outbound_user);
    if stated.is_none() {
        // Without a name it may be anybody but the account itself, which needs no other credentials.
        return (netonly.account != edge.account).then_some(Who::OutboundUnknown);
    }
    let user = tables.account(edge.account).map_or("", |account| names.raw(account.user));
    names.raw(stated).eq_ignore_ascii_case(user).then_some(Who::Outbound)
}

/// The best known; of equals the one that began last. Those that it came out of itself are no others.
fn choose(edges: &[Edge], found: &[Candidate]) -> Option<Join> {
    let best = found.iter().min_by_key(|candidate| (candidate.quality(), std::cmp::Reverse(candidate.from)))?;
    let mut line = Vec::new();
    let mut at = Some(best.from);
    while let Some(number) = at {
        line.push(number);
        at = edges.get(number).and_then(|edge| edge.join).map(|join| join.from);
    }
    let visit = |number: usize| edges.get(number).map(|edge| edge.visit).filter(|visit| visit.is_some());
    let is_other = |other: &&Candidate| {
        let same_session = visit(other.from).is_some() && visit(other.from) == visit(best.from);
        other.quality() == best.quality() && !line.contains(&other.from) && !same_session
    };
    let others = found.iter().filter(is_other).count();
    Some(Join { from: best.from, who: best.who, when: best.when, others: u32::try_from(others).unwrap_or(u32::MAX) })
}
