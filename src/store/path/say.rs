//! Paths in words: the same on screen and in reports. Everything here is cleaned.

use super::pick::{Direction, Node, Tree};
use super::rank::Novelty;
use super::{Address, Edge, Ground, MachineId, Quality, Spot, Way, Web, When, Who};
use crate::base::text::count;
use crate::base::time::Zone;
use crate::model::attempt::Match;
use crate::model::ids::{AccountId, EventId};
use crate::model::logon_type::LogonType;
use crate::model::visit::RUN_GAP;

/// Answers to "why is this joined", with how well each is known.
pub type Reason = (String, Option<Quality>);

/// Says things about one web.
#[derive(Clone, Copy)]
pub struct Teller<'a> {
    pub web: &'a Web,
    pub ground: Ground<'a>,
    pub zone: Zone,
}

impl Teller<'_> {
    /// `FS01`.
    #[must_use]
    pub fn machine(&self, machine: MachineId) -> String {
        let Some(row) = self.web.machine(machine) else { return String::new() };
        match self.ground.tables.host(row.host) {
            Some(host) => host.short(self.ground.names),
            None => crate::base::text::clean(&row.short).to_uppercase(),
        }
    }
    /// The machine, or the address or name behind which none is known.
    #[must_use]
    pub fn spot(&self, spot: Spot) -> String {
        match spot {
            Spot::Machine(machine) => self.machine(machine),
            Spot::Source(source) => match self.ground.tables.source(source).map(|row| row.name(self.ground.names)) {
                Some(name) if !name.is_empty() => name,
                _ => "source not stated".to_owned(),
            },
        }
    }
    /// `user@domain`.
    #[must_use]
    pub fn account(&self, id: AccountId) -> String {
        self.ground.tables.account(id).map_or_else(|| "-".to_owned(), |account| account.name(self.ground.names))
    }
    /// The account of an edge without its domain, or how many there are.
    #[must_use]
    pub fn who(&self, edge: &Edge) -> String {
        if !edge.others.is_empty() {
            return format!("{} accounts", edge.accounts());
        }
        match self.ground.tables.account(edge.account) {
            Some(account) if account.user.is_some() => self.ground.names.shown(account.user),
            Some(account) => account.name(self.ground.names),
            None => "no account".to_owned(),
        }
    }
    /// `10`, `3`, `x`, `4648`.
    #[must_use]
    pub fn code(&self, edge: &Edge) -> String {
        match edge.way {
            Way::Failed => "x".to_owned(),
            Way::Explicit => "4648".to_owned(),
            Way::Ticket => "4769".to_owned(),
            Way::Logon => edge.logon_type.number().map_or_else(|| "?".to_owned(), |number| number.to_string()),
        }
    }
    /// What else tells a step that was taken so many `times`: `12x`, `NTLM V2`, `cleartext`.
    #[must_use]
    pub fn marks(&self, edge: &Edge, times: u32) -> Vec<String> {
        let mut marks = Vec::new();
        let session = self.ground.tables.session(edge.session);
        match edge.way {
            Way::Failed => marks.push(format!("{} failed", count(u64::from(times)))),
            Way::Explicit | Way::Ticket => marks.push("no logon seen".to_owned()),
            Way::Logon => {
                if edge.is_reconnect {
                    marks.push("reconnect".to_owned());
                } else if times > 1 {
                    marks.push(format!("{}x", count(u64::from(times))));
                }
                if let Some(session) = session {
                    marks.extend((session.lm_package.is_some()).then(|| self.ground.names.shown(session.lm_package)));
                }
                if edge.logon_type == LogonType::NetworkCleartext {
                    marks.push("cleartext".to_owned());
                }
            }
        }
        marks
    }
    fn record(&self, id: EventId) -> String {
        let Some(row) = self.ground.tables.event(id) else { return "the record".to_owned() };
        match (row.event.event_id, row.event.record) {
            (0, _) => "the record".to_owned(),
            (id, 0) => id.to_string(),
            (id, record) => format!("{id} rec {record}"),
        }
    }
    /// What proves a step: the record on the host it leads to, or on the one it begins at.
    #[must_use]
    pub fn proof(&self, edge: &Edge) -> Reason {
        let (to, record) = (self.machine(edge.to), self.record(edge.event));
        match edge.way {
            Way::Logon if edge.is_reconnect => {
                (format!("the session on {to} is used from {}", self.spot(Spot::Source(edge.source))), Some(Quality::Exact))
            }
            Way::Logon => {
                // The type is that of the record: a desktop need not have been opened by a 4624 of its own type.
                let kind = self.ground.tables.event(edge.event).and_then(|row| row.event.logon_type.number());
                let kind = kind.map_or_else(String::new, |number| format!(" type {number}"));
                let from = if edge.source.is_some() { format!(", from {}", self.spot(Spot::Source(edge.source))) } else { String::new() };
                (format!("{record}{kind} on {to}{from}"), Some(Quality::Exact))
            }
            Way::Failed => (format!("{} x 4625 on {to}", count(u64::from(edge.count))), Some(Quality::Exact)),
            Way::Ticket => (format!("{record}: a ticket for {to}, of which no log was read"), Some(Quality::Likely)),
            Way::Explicit => (format!("{record} on {} names {to}; no logon was seen on {to}", self.spot(edge.from)), Some(Quality::Likely)),
        }
    }
    fn address(&self, edge: &Edge, address: Address) -> Reason {
        let machine = self.spot(edge.from);
        let text = match address {
            Address::Own(account) => format!("{machine} had it: {} was met there", self.account(account)),
            Address::OwnNear(account, away) | Address::OwnFar(account, away) => {
                format!("{machine} had it: {} was met there {} away", self.account(account), away.words())
            }
            Address::Shared(account, others) => {
                format!("shared: {} and {} more were met there about then", self.account(account), count(u64::from(others)))
            }
            Address::Claimed => format!("the logon names {machine} as its workstation"),
            Address::ClaimedElsewhere => format!("other logons from there name {machine} as their workstation"),
            Address::Named => format!("the source is the name {machine}, no address"),
            Address::Here => format!("written on {machine}"),
        };
        (text, Some(address.quality()))
    }
    fn joined_by(&self, edge: &Edge, who: Who) -> Reason {
        let text = match who {
            Who::Same => "same account".to_owned(),
            Who::Explicit(event) => {
                format!("{} in that session names {} for {}", self.record(event), self.who(edge), self.machine(edge.to))
            }
            Who::ExplicitElsewhere(event) => format!("{} in that session names {}, for another server", self.record(event), self.who(edge)),
            Who::Outbound => format!("the type 9 logon took the credentials of {}", self.who(edge)),
            Who::OutboundUnknown => "a type 9 logon took other credentials; the log does not say whose".to_owned(),
            Who::Started => "SubjectLogonId names the session it was started from".to_owned(),
        };
        (text, Some(who.quality()))
    }
    /// What a domain controller wrote of the same logon; it supports the step and is no link of its own.
    fn authority(&self, edge: &Edge) -> Option<String> {
        let how = match self.ground.tables.session(edge.session)?.authority {
            Match::LogonGuid => "the same LogonGuid",
            Match::Service => "names this host",
            Match::Address => "the same address",
            Match::None | Match::Account | Match::Workstation => return None,
        };
        Some(format!("a domain controller wrote of it too: {how}"))
    }
    /// Why a step is joined to the one before, each reason with its quality; of the first step of a path (`joined` is
    /// false) only what tells the machine it came from.
    #[must_use]
    pub fn reasons(&self, edge: &Edge, joined: bool) -> Vec<Reason> {
        let mut reasons = Vec::new();
        reasons.extend(edge.address.filter(|address| *address != Address::Here).map(|address| self.address(edge, address)));
        let Some(join) = edge.join.filter(|_| joined) else { return reasons };
        reasons.push(self.joined_by(edge, join.who));
        let when = match join.when {
            When::Inside => "starts inside that session".to_owned(),
            When::InsideInferred => "starts inside that session, whose end is inferred".to_owned(),
            When::After(after) => format!("starts {} after that network logon (up to {} counts)", after.words(), RUN_GAP.words()),
        };
        reasons.push((when, Some(join.when.quality())));
        reasons.extend(self.authority(edge).map(|words| (words, None)));
        if join.others > 0 {
            let words = format!("{} other session{} there would do as well", join.others, if join.others == 1 { "" } else { "s" });
            reasons.push((words, Some(Quality::Likely)));
        }
        reasons
    }
    /// The least certain of the reasons on the way to a step; `None` where nothing is joined or all is exact.
    #[must_use]
    pub fn weakest(&self, tree: &Tree, node: usize) -> Option<Reason> {
        let mut weakest: Option<Reason> = None;
        for (number, joined) in tree.links(self.web, node) {
            let Some(edge) = self.web.edge(number) else { continue };
            let own = edge.way.is_attempt().then(|| self.proof(edge));
            for reason in self.reasons(edge, joined).into_iter().chain(own) {
                if reason.1 > weakest.as_ref().map_or(Some(Quality::Exact), |weakest| weakest.1) {
                    weakest = Some((format!("{} > {}: {}", self.spot(edge.from), self.machine(edge.to), reason.0), reason.1));
                }
            }
        }
        weakest
    }
    /// `first seen`, `usual`, with what that rests on.
    #[must_use]
    pub fn novelty(&self, node: &Node) -> String {
        let (Some(edge), Some(novelty)) = (self.web.edge(node.edge), Novelty::of_node(self.web, node)) else { return String::new() };
        let way = format!("{} > {}", self.spot(edge.from), self.machine(edge.to));
        match novelty {
            Novelty::First(reach) if reach.as_seconds() < 60 => format!("first seen: {way}; there is no log before it to compare with"),
            Novelty::First(reach) => format!("first seen: this account never went {way} in the {} of log before", reach.words()),
            Novelty::Seen(times) => format!("seen: this account went {way} {times} time{} before", if times == 1 { "" } else { "s" }),
            Novelty::Usual(days) => format!("usual: this account went {way} on {days} days before"),
        }
    }
    /// `3 hosts, 1 DC, 2 accounts, 1 privileged in 16m 20s`.
    #[must_use]
    pub fn reach(&self, tree: &Tree) -> String {
        let worth = &tree.worth;
        let plural = |number: usize, noun: &str| format!("{number} {noun}{}", if number == 1 { "" } else { "s" });
        let mut parts = vec![plural(worth.hosts, "host")];
        if worth.controllers > 0 {
            parts.push(plural(worth.controllers, "DC"));
        }
        parts.push(plural(worth.accounts, "account"));
        parts.push(format!("{} privileged", worth.privileged));
        format!("{} in {}", parts.join(", "), (worth.to - worth.from).words())
    }
    /// `svc_backup 10.0.9.66 > FS01`, for lists of trees; `svc_backup DC01 < FS01` of a question how they got there.
    #[must_use]
    pub fn summary(&self, tree: &Tree, direction: Direction) -> String {
        let root = self.spot(tree.root);
        let edges = || tree.nodes.iter().filter_map(|node| self.web.edge(node.edge));
        let who = edges().find(|edge| edge.way != Way::Failed).map_or_else(String::new, |edge| format!("{} ", self.who(edge)));
        let mut beside: Vec<String> = Vec::new();
        for edge in edges().filter(|edge| edge.way != Way::Failed) {
            let spot = if direction == Direction::Forward { Spot::Machine(edge.to) } else { edge.from };
            let name = self.spot(spot);
            if spot != tree.root && !beside.contains(&name) {
                beside.push(name);
            }
        }
        let sign = if direction == Direction::Forward { ">" } else { "<" };
        format!("{who}{root} {sign} {}", if beside.is_empty() { "-".to_owned() } else { beside.join(", ") })
    }
}
