//! Waves: one detection speaks of so many at once that the place changed, not they: a roll-out, a new proxy, a new agent.
//!
//! What an attacker does must not hide in one. So a wave is of anomalies of medium base severity at most that stand in no
//! incident with another detection, and its accounts come from about as many places: an attacker comes from one. Many at
//! one address make a wave only where they are a fifth of all accounts.

use super::link::APART;
use crate::base::time::Timestamp;
use crate::model::anomaly::{Anomaly, Severity};
use crate::model::ids::{AccountId, AnomalyId, HostId, SourceId};
use crate::model::world::Tables;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::VecDeque;

/// Accounts of a wave, and their share of all in percent.
const ACCOUNTS: usize = 5;
const SHARE: usize = 5;
/// The same for accounts that come from few places.
const ACCOUNTS_TOGETHER: usize = 20;
const SHARE_TOGETHER: usize = 20;
/// Anomalies of one detection that are remembered.
const REMEMBERED: usize = 1_024;

#[derive(Clone, Copy, Debug)]
struct Recent {
    at: Timestamp,
    anomaly: AnomalyId,
    account: AccountId,
    host: Option<HostId>,
    source: Option<SourceId>,
}

/// The anomalies of the last hour that may become a wave, by detection.
#[derive(Debug, Default)]
pub(super) struct Waves {
    recent: FxHashMap<&'static str, VecDeque<Recent>>,
}

/// A host that everybody's anomalies name: a domain controller, the tenant of sign-ins.
pub(super) fn is_common_ground(id: HostId, tables: &Tables) -> bool {
    tables.host(id).is_none_or(|host| host.domain_controller || host.seen.is_none())
}

impl Waves {
    /// The members of the wave that this anomaly makes or joins.
    pub(super) fn raised(&mut self, tables: &Tables, id: AnomalyId, anomaly: &Anomaly, at: Timestamp) -> Option<Vec<AnomalyId>> {
        let is_exempt = anomaly.detection.severity > Severity::Medium || anomaly.severity == Severity::Critical;
        let account = tables.account_id(*anomaly.accounts.first()?);
        if is_exempt || anomaly.accounts.len() > 1 {
            return None;
        }
        let host = anomaly.hosts.first().copied().filter(|id| !is_common_ground(*id, tables));
        let recent = self.recent.entry(anomaly.detection.id).or_default();
        if recent.len() >= REMEMBERED {
            recent.pop_front();
        }
        recent.push_back(Recent { at, anomaly: id, account, host, source: anomaly.sources.first().copied() });
        recent.retain(|other| (at - other.at).abs() <= APART);
        if recent.len() < ACCOUNTS {
            return None;
        }
        let alone: Vec<Recent> = recent.iter().filter(|other| is_alone(other.anomaly, tables)).copied().collect();
        if !alone.iter().any(|other| other.anomaly == id) {
            return None;
        }
        let all = tables.accounts.len().saturating_sub(tables.merged_accounts);
        let at_host: Vec<Recent> = alone.iter().filter(|other| host.is_some() && other.host == host).copied().collect();
        let members = match () {
            () if is_wave(&alone, all) => alone,
            () if is_wave(&at_host, 0) => at_host,
            () => return None,
        };
        Some(members.iter().map(|member| member.anomaly).collect())
    }
    pub(super) fn forget(&mut self, now: Timestamp) {
        self.recent.retain(|_, recent| {
            recent.retain(|other| now - other.at <= APART);
            !recent.is_empty()
        });
    }
}

/// No other detection spoke in its incident.
fn is_alone(id: AnomalyId, tables: &Tables) -> bool {
    let Some(anomaly) = tables.anomaly(id) else { return false };
    let Some(incident) = tables.incident(anomaly.incident) else { return false };
    incident.steps.iter().all(|step| step.detection.id == anomaly.detection.id)
}

fn is_wave(members: &[Recent], of: usize) -> bool {
    let accounts = members.iter().map(|member| member.account).collect::<FxHashSet<_>>().len();
    let places = members.iter().filter_map(|member| member.source).collect::<FxHashSet<_>>().len();
    let together = places > 0 && places * 2 < accounts;
    let (least, share) = if together { (ACCOUNTS_TOGETHER, SHARE_TOGETHER) } else { (ACCOUNTS, SHARE) };
    accounts >= least && accounts * 100 >= of * share
}
