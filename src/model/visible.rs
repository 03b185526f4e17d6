//! "Could I have seen it?": whether a fact of a host would stand in what was read, and why not.
//!
//! A record that is absent tells nothing by itself: the audit policy may not ask for it (reference, section 15), the log
//! may be missing, silent at that time, or a selection. The answer is concluded from what the host was ever seen to write.

use super::coverage::{Coverage, coverage_of_host};
use super::event_id;
use super::host::Host;
use super::ids::HostId;
use super::input::InputStatus;
use super::sightings::{LogSighting, Sighting, Sightings, Silence};
use super::world::Tables;
use crate::base::intern::Names;
use crate::base::text::count;
use crate::base::time::{Timestamp, Zone};

/// Something that records can tell of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fact {
    /// The end of logons of type 3.
    NetworkLogoff,
    /// Disconnect and reconnect of desktops.
    Reconnect,
    /// Lock and unlock of desktops.
    Lock,
    Failure,
    ExplicitCredentials,
    Privileges,
    Boot,
    /// The address of a Remote Desktop client that comes back; that of the first connection stands in 4624.
    RdpClient,
    /// Kerberos tickets that a domain controller gave.
    Ticket,
    KerberosFailure,
}

/// Whether a fact could have been seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Visibility {
    /// Records of it are there.
    Seen,
    /// None is there, though it would have been written.
    NotSeen,
    /// None was ever seen on this host, while other records were: the audit policy does not ask for it, as far as one
    /// can tell.
    NotAudited,
    /// There is nothing in which it could stand.
    NoData,
}

impl Visibility {
    /// The word in exports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Seen => "seen",
            Self::NotSeen => "not_seen",
            Self::NotAudited => "not_audited",
            Self::NoData => "no_data",
        }
    }
}

/// An answer with one line of words, which whoever draws or prints it cleans.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub visibility: Visibility,
    pub words: String,
}

const SECURITY: &str = "Security";
const SYSTEM: &str = "System";
const LOCAL_SESSIONS: &str = "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational";
const REMOTE_CONNECTIONS: &str = "Microsoft-Windows-TerminalServices-RemoteConnectionManager/Operational";
const RDP_TRANSPORT: &str = "Microsoft-Windows-RemoteDesktopServices-RdpCoreTS/Operational";

/// What tells a fact.
struct Rule {
    /// As in "locks and unlocks seem not to be audited".
    what: &'static str,
    /// Records of Security that tell it, where the audit policy asks for them; those of today first.
    ids: &'static [u32],
    /// How many of `ids` are of today; the others are from before Vista.
    named: usize,
    /// Records of Security that the same setting of the audit policy asks for.
    peers: &'static [u32],
    /// Records of other logs, which no audit policy governs.
    others: &'static [(&'static str, u32)],
    /// What those are called.
    others_called: &'static str,
    controllers_only: bool,
}

const RULE: Rule = Rule { what: "", ids: &[], named: 1, peers: &[], others: &[], others_called: "", controllers_only: false };

impl Fact {
    pub const ALL: [Self; 10] = [
        Self::NetworkLogoff,
        Self::Reconnect,
        Self::Lock,
        Self::Failure,
        Self::ExplicitCredentials,
        Self::Privileges,
        Self::Boot,
        Self::RdpClient,
        Self::Ticket,
        Self::KerberosFailure,
    ];

    /// The key in exports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::NetworkLogoff => "network_logoff",
            Self::Reconnect => "reconnect",
            Self::Lock => "lock",
            Self::Failure => "failure",
            Self::ExplicitCredentials => "explicit_credentials",
            Self::Privileges => "privileges",
            Self::Boot => "boot",
            Self::RdpClient => "rdp_client",
            Self::Ticket => "ticket",
            Self::KerberosFailure => "kerberos_failure",
        }
    }

    const fn rule(self) -> Rule {
        match self {
            Self::NetworkLogoff => Rule { what: "logoffs", ids: &[4634, 538], peers: &[4647, 551], ..RULE },
            Self::Reconnect => Rule {
                what: "disconnects and reconnects",
                ids: &[4778, 4779, 682, 683],
                named: 2,
                peers: &[4800, 4801, 4802, 4803, 4649, 5378],
                others: &[(LOCAL_SESSIONS, 24), (LOCAL_SESSIONS, 25)],
                others_called: "TS-LSM 24/25",
                ..RULE
            },
            Self::Lock => {
                Rule { what: "locks and unlocks", ids: &[4800, 4801], named: 2, peers: &[4778, 4779, 4802, 4803, 4649, 5378], ..RULE }
            }
            Self::Failure => Rule { what: "failed logons", ids: &[4625, 529, 530, 531, 532, 533, 534, 535, 536, 537, 539], ..RULE },
            // The setting that asks for 4624 asks for 4648.
            Self::ExplicitCredentials => Rule { what: "explicit credentials", ids: &[4648, 552], peers: &[4624, 528, 540], ..RULE },
            Self::Privileges => Rule { what: "special privileges", ids: &[4672, 576], peers: &[4964], ..RULE },
            Self::Boot => Rule {
                what: "boots",
                ids: &[4608, 512],
                peers: &[4616],
                others: &[(SYSTEM, 12), (SYSTEM, 6005), (SYSTEM, 6009)],
                others_called: "System 12 and 6005",
                ..RULE
            },
            Self::RdpClient => Rule {
                what: "client addresses of reconnections",
                ids: &[4778, 4779, 682, 683],
                named: 2,
                peers: &[4800, 4801, 4802, 4803, 4649, 5378],
                others: &[(REMOTE_CONNECTIONS, 1149), (LOCAL_SESSIONS, 21), (LOCAL_SESSIONS, 25), (RDP_TRANSPORT, 131)],
                others_called: "1149, TS-LSM 21/25 and RdpCoreTS 131",
                ..RULE
            },
            Self::Ticket => Rule { what: "tickets", ids: &[4768, 4769, 4770, 672, 673], named: 3, controllers_only: true, ..RULE },
            Self::KerberosFailure => {
                Rule { what: "Kerberos pre-authentication failures", ids: &[4771, 675], controllers_only: true, ..RULE }
            }
        }
    }
}

/// `4778/4779`.
fn joined(ids: &[u32]) -> String {
    ids.iter().map(u32::to_string).collect::<Vec<_>>().join("/")
}

/// What is known of the logs of one host.
#[derive(Debug)]
pub struct HostCoverage<'a> {
    pub host: &'a Host,
    /// As people say it: `FS01`.
    pub name: String,
    /// `None` where no record of the list was seen: the tenant of sign-ins.
    pub seen: Option<&'a Sightings>,
    /// Its logs over all inputs.
    pub logs: Vec<Coverage>,
    /// Of the times in words.
    zone: Zone,
}

impl<'a> HostCoverage<'a> {
    #[must_use]
    pub fn of(id: HostId, tables: &'a Tables, inputs: &[InputStatus], names: &Names, zone: Zone) -> Option<Self> {
        let host = tables.host(id)?;
        Some(Self::with(
            host,
            coverage_of_host(&host.all_names().map(|name| names.raw(name)).collect::<Vec<_>>(), inputs, names),
            names,
            zone,
        ))
    }
    /// As `of`, for all hosts one after the other: `logs` are those of the host.
    #[must_use]
    pub fn with(host: &'a Host, logs: Vec<Coverage>, names: &Names, zone: Zone) -> Self {
        Self { host, name: host.short(names), seen: host.seen.as_deref(), logs, zone }
    }
    fn sighting(&self, log: &str, id: u32) -> Option<&'a Sighting> {
        self.seen?.of(log, id)
    }
    fn log(&self, channel: &str) -> Option<&Coverage> {
        self.logs.iter().find(|log| log.channel.eq_ignore_ascii_case(channel))
    }
    /// What was seen of one of its logs.
    #[must_use]
    pub fn sighted(&self, log: &Coverage) -> Option<&'a LogSighting> {
        self.seen?.log(&log.channel)
    }
    fn sum(&self, log: &str, ids: &[u32]) -> u64 {
        ids.iter().filter_map(|id| self.sighting(log, *id)).map(|sighting| u64::from(sighting.count)).sum()
    }

    /// Whether the fact could have been seen at all, or at a time.
    #[must_use]
    pub fn could_see(&self, fact: Fact, at: Option<Timestamp>) -> Answer {
        let rule = fact.rule();
        let host = &self.name;
        let ids = joined(rule.ids.get(..rule.named).unwrap_or(rule.ids));
        let answer = |visibility, words| Answer { visibility, words };
        if rule.controllers_only && !self.host.domain_controller {
            return answer(Visibility::NoData, format!("{host} is no domain controller: {ids} stand in the logs of one"));
        }
        if let Some(why) = at.and_then(|at| self.blind(&rule, at)) {
            return answer(Visibility::NoData, why);
        }
        let told = self.sum(SECURITY, rule.ids);
        let by_others: u64 = rule.others.iter().map(|(log, id)| self.sum(log, &[*id])).sum();
        let has_other_log = rule.others.iter().any(|(log, _)| self.seen.is_some_and(|seen| seen.log(log).is_some()));
        let Some(security) = self.seen.and_then(|seen| seen.log(SECURITY)) else {
            return match (by_others, has_other_log) {
                (0, false) => answer(Visibility::NoData, format!("no Security log of {host}: {} cannot be seen", rule.what)),
                (0, true) => answer(Visibility::NotSeen, format!("no {} on {host} in {}", rule.what, rule.others_called)),
                _ => answer(Visibility::Seen, format!("no Security log of {host}; {} come from {}", rule.what, rule.others_called)),
            };
        };
        let is_selection = self.log(SECURITY).is_some_and(Coverage::is_selection);
        match () {
            () if told > 0 => answer(Visibility::Seen, self.seen_words(fact, &ids, told)),
            () if by_others > 0 => {
                let why = if is_selection { "not among the chosen records" } else { "not audited" };
                let words = format!("{ids} never seen on {host}: {why}; {} come from {}", rule.what, rule.others_called);
                answer(Visibility::Seen, words)
            }
            () if is_selection => {
                answer(Visibility::NoData, format!("{ids} never seen on {host}: only chosen records of its Security log were given"))
            }
            () if self.sum(SECURITY, rule.peers) > 0 => {
                let peer = rule.peers.iter().find(|id| self.sighting(SECURITY, **id).is_some()).copied().unwrap_or_default();
                let words = format!("{ids} never seen on {host}, though {peer}, which is audited with it, was: no {}", rule.what);
                answer(Visibility::NotSeen, words)
            }
            () if has_other_log => answer(Visibility::NotSeen, format!("no {} on {host} in {}", rule.what, rule.others_called)),
            () => {
                let among = count(security.all.count.into());
                let words = format!("{ids} never seen on {host} among {among} records: {} seem not to be audited", rule.what);
                answer(Visibility::NotAudited, words)
            }
        }
    }

    fn seen_words(&self, fact: Fact, ids: &str, told: u64) -> String {
        let host = &self.name;
        match (fact, self.network_logoffs()) {
            (Fact::NetworkLogoff, Some(share)) => {
                format!("{ids} seen for {share}% of type-3 sessions on {host}")
            }
            _ if told == 1 => format!("{ids} seen once on {host}"),
            _ => format!("{ids} seen {} times on {host}", count(told)),
        }
    }

    /// Logon sessions of type 3 that a logoff ended, in percent; `None` where there were none.
    #[must_use]
    pub fn network_logoffs(&self) -> Option<u32> {
        let (logoffs, all) = (u64::from(self.host.network_logoffs), u64::from(self.host.network_sessions));
        (logoffs * 100).checked_div(all).and_then(|share| u32::try_from(share).ok())
    }

    /// Why nothing of the rule could be seen at a time; `None` where one of its logs was written.
    fn blind(&self, rule: &Rule, at: Timestamp) -> Option<String> {
        let mut logs: Vec<&str> = vec![SECURITY];
        logs.extend(rule.others.iter().map(|(log, _)| *log));
        logs.dedup();
        let mut whys = logs.into_iter().filter_map(|log| self.blind_in(log, at));
        let first = whys.next();
        match first {
            Some(Ok(why)) => whys.all(|why| why.is_ok()).then_some(why),
            _ => None,
        }
    }

    /// What hides a time in one log: `Err` where nothing does, `None` where there is no such log.
    fn blind_in(&self, channel: &str, at: Timestamp) -> Option<Result<String, ()>> {
        let seen = self.seen?.log(channel)?;
        let log = self.log(channel);
        let first = log.and_then(|log| log.first).min(seen.all.first).or(seen.all.first)?;
        let last = log.and_then(|log| log.last).max(seen.all.last)?;
        let host = &self.name;
        let moment = |at: Timestamp| self.zone.date_time(at);
        if at < first {
            return Some(Ok(format!("the {channel} log of {host} begins {}", moment(first))));
        }
        if at > last {
            return Some(Ok(format!("the {channel} log of {host} ends {}", moment(last))));
        }
        if let Some(gap) = log.and_then(|log| log.gaps().iter().find(|gap| gap.after <= at && at <= gap.before)) {
            return Some(Ok(format!(
                "{} records of the {channel} log of {host} are missing from {} to {}",
                count(gap.missing()),
                moment(gap.after),
                moment(gap.before)
            )));
        }
        let is_silent = |silence: &Silence| silence.from < at && at < silence.to;
        if let Some(silence) = seen.long_silences().into_iter().find(is_silent) {
            return Some(Ok(format!("the {channel} log of {host} was silent from {} to {}", moment(silence.from), moment(silence.to))));
        }
        Some(Err(()))
    }

    /// What happened to the logs themselves, one line each: policy changes, lost records, stops, clock changes, silences.
    #[must_use]
    pub fn incidents(&self) -> Vec<String> {
        let zone = self.zone;
        let words = |what: &str, sighting: &Sighting| {
            let last = sighting.last.map(|at| zone.date_time(at)).unwrap_or_default();
            match sighting.count {
                1 => format!("{what} {last}"),
                times => format!("{what} {} times, last {last}", count(times.into())),
            }
        };
        let told = INCIDENTS.iter().filter_map(|(log, id, what)| Some(words(&format!("{what} ({id})"), self.sighting(log, *id)?)));
        let mut lines: Vec<String> = told.collect();
        if let Some(steps) = self.seen.map(|seen| &seen.clock_steps).filter(|steps| steps.count > 0) {
            lines.push(words("clock set by a minute or more (4616, Kernel-General 1)", steps));
        }
        for log in self.seen.map(Sightings::logs).unwrap_or_default() {
            let channel = event_id::channel(log.log);
            lines.extend(log.long_silences().iter().map(|silence| format!("{channel}: {}", log.words(silence, zone))));
        }
        lines
    }
}

/// Records that tell of the log.
const INCIDENTS: &[(&str, u32, &str)] = &[
    (SECURITY, 1102, "Security log cleared"),
    (SECURITY, 517, "Security log cleared"),
    (SYSTEM, 104, "a log was cleared"),
    (SECURITY, 4719, "audit policy changed"),
    (SECURITY, 1101, "audit records lost"),
    (SECURITY, 1104, "Security log full"),
    (SECURITY, 1108, "record could not be written"),
    (SECURITY, 1100, "event log service stopped"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::event::AuthEvent;
    use std::sync::Arc;

    fn at(time: &str) -> Timestamp {
        Timestamp::parse(&format!("2026-03-14T{time}Z")).unwrap()
    }
    /// A host that wrote these, one a minute from 09:00.
    fn host(records: &[(&str, u32)]) -> Host {
        let mut seen = Sightings::default();
        for (minute, (channel, id)) in records.iter().enumerate() {
            let known = event_id::find(channel, "", *id).unwrap();
            let at = at(&format!("09:{minute:02}:00"));
            seen.see(&AuthEvent { at, kind: known.kind, known: known.known, event_id: *id, ..AuthEvent::default() });
        }
        Host { seen: Some(Arc::new(seen)), ..Host::default() }
    }
    fn answer(host: &Host, fact: Fact, at: Option<Timestamp>) -> Answer {
        let coverage = HostCoverage { host, name: "FS01".to_owned(), seen: host.seen.as_deref(), logs: Vec::new(), zone: Zone::Utc };
        coverage.could_see(fact, at)
    }

    #[test]
    fn what_was_never_seen_is_not_audited_only_where_it_could_have_stood() {
        use Visibility::{NoData, NotAudited, NotSeen, Seen};
        let logons = &[(SECURITY, 4624), (SECURITY, 4634)][..];
        let with_locks = &[(SECURITY, 4624), (SECURITY, 4800)][..];
        let with_desktops = &[(SECURITY, 4624), (LOCAL_SESSIONS, 21), (LOCAL_SESSIONS, 24)][..];
        let with_no_moves = &[(SECURITY, 4624), (LOCAL_SESSIONS, 21)][..];
        let desktops = &[(LOCAL_SESSIONS, 21)][..];
        for (records, fact, expected, words) in [
            (logons, Fact::NetworkLogoff, Seen, "4634 seen once on FS01"),
            (
                logons,
                Fact::Reconnect,
                NotAudited,
                "4778/4779 never seen on FS01 among 2 records: disconnects and reconnects seem not to be audited",
            ),
            (logons, Fact::Failure, NotAudited, "4625 never seen on FS01 among 2 records: failed logons seem not to be audited"),
            (
                logons,
                Fact::ExplicitCredentials,
                NotSeen,
                "4648 never seen on FS01, though 4624, which is audited with it, was: no explicit credentials",
            ),
            (logons, Fact::Ticket, NoData, "FS01 is no domain controller: 4768/4769/4770 stand in the logs of one"),
            (
                with_locks,
                Fact::Reconnect,
                NotSeen,
                "4778/4779 never seen on FS01, though 4800, which is audited with it, was: no disconnects and reconnects",
            ),
            (
                with_desktops,
                Fact::Reconnect,
                Seen,
                "4778/4779 never seen on FS01: not audited; disconnects and reconnects come from TS-LSM 24/25",
            ),
            (with_no_moves, Fact::Reconnect, NotSeen, "no disconnects and reconnects on FS01 in TS-LSM 24/25"),
            (desktops, Fact::Lock, NoData, "no Security log of FS01: locks and unlocks cannot be seen"),
            (
                desktops,
                Fact::RdpClient,
                Seen,
                "no Security log of FS01; client addresses of reconnections come from 1149, TS-LSM 21/25 and RdpCoreTS 131",
            ),
        ] {
            let found = answer(&host(records), fact, None);
            assert_eq!((found.visibility, found.words.as_str()), (expected, words), "{fact:?}");
        }
    }

    #[test]
    fn outside_of_the_log_nothing_could_be_seen() {
        let host = host(&[(SECURITY, 4624), (SECURITY, 4634)]);
        assert_eq!(answer(&host, Fact::NetworkLogoff, Some(at("09:00:30"))).visibility, Visibility::Seen);
        for (time, words) in [("08:00:00", "begins"), ("10:00:00", "ends")] {
            let found = answer(&host, Fact::NetworkLogoff, Some(at(time)));
            assert_eq!(found.visibility, Visibility::NoData);
            assert!(found.words.contains(words), "{}", found.words);
        }
    }

    #[test]
    fn the_share_of_network_logons_that_a_logoff_ended_is_told() {
        let host = Host { network_sessions: 7, network_logoffs: 5, ..host(&[(SECURITY, 4634)]) };
        assert_eq!(answer(&host, Fact::NetworkLogoff, None).words, "4634 seen for 71% of type-3 sessions on FS01");
    }
}
