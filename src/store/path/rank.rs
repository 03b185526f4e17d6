//! What a tree is worth looking at.
//!
//! Rank = novelty x reach x privilege.
//! - Novelty, the highest of its steps: 1 where the account never went that way in at least a day of log before, 0.6 where
//!   the log reaches back less, 0.5 where it was seen before, 0.2 where it was seen on two earlier days or more.
//! - Reach: hosts got on, three more for each domain controller, one for each account after the first.
//! - Privilege: 3 for privileges on a domain controller, 2 for privileges anywhere, else 1.
//!
//! Failures, tickets and unanswered 4648 reach nothing. Equals stand by their worst anomaly, then the newest first.

use super::pick::Node;
use super::{MachineId, Spot, Way, Web};
use crate::base::time::{Span, Timestamp};
use crate::model::anomaly::Severity;
use crate::model::ids::AccountId;
use std::collections::BTreeSet;

/// Log that must lie before a step for "never before" to say much.
const ENOUGH: Span = Span::days(1);

/// How usual a step is for its account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Novelty {
    /// Never before; the span is the log before it.
    First(Span),
    Seen(u32),
    /// On two earlier days or more.
    Usual(u32),
}

impl Novelty {
    /// Of an edge and of the `newest` one that went the same way: what became usual in the course of them is usual.
    /// `None` for failures and for what stays on its host.
    #[must_use]
    pub fn of(web: &Web, edge: usize, newest: usize) -> Option<Self> {
        let (edge, newest) = (web.edge(edge)?, web.edge(newest)?);
        if edge.way == Way::Failed || edge.is_local {
            return None;
        }
        let days = edge.before.days.max(newest.before.days);
        Some(match edge.before.times {
            _ if days >= 2 => Self::Usual(days),
            0 => Self::First(edge.start - web.since),
            times => Self::Seen(times),
        })
    }
    #[must_use]
    pub fn of_node(web: &Web, node: &Node) -> Option<Self> {
        Self::of(web, node.edge, node.newest)
    }
    /// See the module comment.
    #[must_use]
    pub fn weight(self) -> f64 {
        match self {
            Self::First(reach) if reach >= ENOUGH => 1.0,
            Self::First(_) => 0.6,
            Self::Seen(_) => 0.5,
            Self::Usual(_) => 0.2,
        }
    }
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::First(_) => "first",
            Self::Seen(_) => "seen",
            Self::Usual(_) => "usual",
        }
    }
}

/// What a tree reached.
#[derive(Clone, Debug, Default)]
pub struct Worth {
    pub hosts: usize,
    pub controllers: usize,
    pub accounts: usize,
    /// Accounts that had special privileges on the way.
    pub privileged: usize,
    pub failures: u64,
    pub novelty: f64,
    pub worst: Option<Severity>,
    pub from: Timestamp,
    pub to: Timestamp,
    pub score: f64,
}

impl Worth {
    /// Of a tree; where it begins is not reached.
    #[must_use]
    pub fn of(web: &Web, begin: Option<Spot>, nodes: &[Node]) -> Self {
        let mut worth = Self::default();
        let (mut hosts, mut controllers) = (BTreeSet::<MachineId>::new(), BTreeSet::new());
        let (mut accounts, mut privileged) = (BTreeSet::<AccountId>::new(), BTreeSet::new());
        let (mut first, mut privileged_there) = (None::<Timestamp>, false);
        for (node, edge) in nodes.iter().filter_map(|node| Some((node, web.edge(node.edge)?))) {
            first = Some(first.map_or(edge.start, |first| first.min(edge.start)));
            worth.to = worth.to.max(node.last);
            worth.worst = worth.worst.max(edge.worst);
            if edge.way == Way::Failed {
                worth.failures += u64::from(edge.count);
                continue;
            }
            accounts.insert(edge.account);
            if edge.privileged {
                privileged.insert(edge.account);
            }
            if edge.way.is_attempt() {
                continue;
            }
            if !edge.is_local {
                worth.novelty = worth.novelty.max(Novelty::of_node(web, node).map_or(0.0, Novelty::weight));
                privileged_there |= edge.privileged && edge.controller;
            }
            if Some(Spot::Machine(edge.to)) != begin {
                hosts.insert(edge.to);
                if edge.controller {
                    controllers.insert(edge.to);
                }
            }
        }
        worth.from = first.unwrap_or_default();
        worth.hosts = hosts.len();
        worth.controllers = controllers.len();
        worth.accounts = accounts.len();
        worth.privileged = privileged.len();
        let reach = count(worth.hosts) + 3.0 * count(worth.controllers) + count(worth.accounts.saturating_sub(1));
        let privilege = match (privileged_there, worth.privileged) {
            (true, _) => 3.0,
            (false, 0) => 1.0,
            (false, _) => 2.0,
        };
        worth.score = worth.novelty * reach * privilege;
        worth
    }
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}
