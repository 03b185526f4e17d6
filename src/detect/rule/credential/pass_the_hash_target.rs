//! `pass-the-hash-target`: an NTLM network logon where this account uses Kerberos, from where it does not belong.
//!
//! NTLM alone is everyday, and KeyLength 0 says nothing (more than half of the NTLMv2 network logons in samples have it).
//! Administrators reach hosts by address, which forces NTLM, with all their rights; so beside the habit of Kerberos a sign of
//! the source is asked for: no ticket request from there, a source the account never used, another workstation name.

use crate::base::intern::Symbol;
use crate::base::net::AddressClass;
use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::{ComputerKey, Dimension, Enough, Novelty, Profile, Value};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::score::Score;
use crate::detect::step::{Step, UserKey};
use crate::detect::window::shed;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::{EventKind, Outcome};
use crate::model::ids::{AccountId, EventId, HostId, SessionId, SourceId};
use crate::model::logon_type::LogonType;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "pass-the-hash-target",
    title: "NTLM network logon that fits pass-the-hash",
    severity: Severity::Medium,
    attack: &["T1550.002"],
    needs: "4624 type 3 and 4672 of at least a week; 4768 makes it better",
    requires: &[&[Needed::Logons(LogonType::Network)]],
    check: "Did the person work from that source then? Look on it for a type 9 logon (runas /netonly) just before.",
};

/// Pairs of user and source with a ticket request that are remembered.
const TICKETS: usize = 131_072;
/// Logons that wait for their 4672, and for how long.
const WAITING: usize = 1_024;
const RIGHTS_WITHIN: Span = Span::seconds(5);

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Days of logons of the account to the host that make its profile.
    pub history_days: i64,
    pub history_logons: u32,
    /// Logons of the account to all hosts that speak for it where it never came to this one.
    pub account_logons: u32,
    /// Share of Kerberos that makes NTLM odd: to the host, and to all hosts.
    pub kerberos_share: f64,
    pub account_kerberos_share: f64,
    /// A ticket-granting request of the account from the source within this time explains a logon.
    pub ticket_hours: i64,
    /// Good-Turing chance of a new source above which a new one says nothing.
    pub wanderer: f64,
    pub quiet_hours: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            history_days: 7,
            history_logons: 10,
            account_logons: 30,
            kerberos_share: 0.95,
            account_kerberos_share: 0.90,
            ticket_hours: 10,
            wanderer: 0.10,
            quiet_hours: 24,
        }
    }
}

/// How the account logs on: to this host, or anywhere.
#[derive(Clone, Copy)]
struct Habit {
    logons: u32,
    kerberos: u32,
    here: bool,
}

/// An NTLM logon with what is odd about it.
#[derive(Clone, Copy)]
struct Odd {
    event: EventId,
    at: Timestamp,
    account: AccountId,
    host: HostId,
    source: SourceId,
    lm_package: Symbol,
    workstation: Symbol,
    habit: Habit,
    no_ticket: bool,
    new_source: bool,
    misnamed: bool,
}

impl Odd {
    fn signs(&self) -> usize {
        usize::from(self.no_ticket) + usize::from(self.new_source) + usize::from(self.misnamed)
    }
    /// A host the account never came to asks for one more.
    fn is_enough(&self, privileged: bool) -> bool {
        self.signs() + usize::from(privileged && !self.habit.here) >= if self.habit.here { 1 } else { 2 } && self.signs() > 0
    }
}

pub struct Rule {
    settings: Settings,
    /// Newest ticket-granting request of an account from a source.
    tickets: FxHashMap<(UserKey, SourceId), Timestamp>,
    /// Accounts that get tickets in what is seen: only for them their absence says something.
    ticketed: FxHashMap<UserKey, Timestamp>,
    /// Rights are mostly told right after the logon.
    waiting: FxHashMap<SessionId, Odd>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::Logon, EventKind::TicketGranting, EventKind::SpecialPrivileges];
    const LOGONS: &'static [LogonType] = &[LogonType::Network];
    fn new(settings: Settings) -> Self {
        Self { settings, tickets: FxHashMap::default(), ticketed: FxHashMap::default(), waiting: FxHashMap::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        match event.kind {
            EventKind::TicketGranting => {
                if event.outcome == Outcome::Success && !step.user.is_dollar && step.row.source.is_some() {
                    self.tickets.insert((step.user_key(), step.row.source), event.at);
                    self.ticketed.insert(step.user_key(), event.at);
                }
            }
            EventKind::SpecialPrivileges => {
                if !self.waiting.is_empty()
                    && let Some(odd) = self.waiting.remove(&step.row.session)
                    && event.at - odd.at <= RIGHTS_WITHIN
                    && odd.is_enough(true)
                {
                    self.report(step, &odd, true, out);
                }
            }
            _ => {
                if event.logon_type == LogonType::Network
                    && step.is_remote()
                    && step.is_somebody()
                    // Out there no controller answers, so everybody comes by NTLM.
                    && step.address_class() != Some(AddressClass::Public)
                    && step.is_ntlm()
                {
                    self.ntlm(step, out);
                }
            }
        }
    }
    fn forget(&mut self, now: Timestamp) {
        let ticket = now - Span::hours(self.settings.ticket_hours);
        self.tickets.retain(|_, at| *at >= ticket);
        shed(&mut self.tickets, TICKETS, |at| Some(*at));
        shed(&mut self.ticketed, TICKETS, |at| Some(*at));
        self.waiting.retain(|_, odd| now - odd.at <= RIGHTS_WITHIN);
        shed(&mut self.waiting, WAITING, |odd| Some(odd.at));
    }
}

impl Rule {
    #[inline(never)]
    fn ntlm(&mut self, step: &Step<'_>, out: &mut Findings) {
        let Some(odd) = self.judge(step) else { return };
        let privileged = step.session().is_some_and(|session| session.privileged);
        if odd.is_enough(privileged) {
            self.report(step, &odd, privileged, out);
        }
        if !privileged && step.row.session.is_some() {
            self.waiting.insert(step.row.session, odd);
        }
    }
    fn judge(&self, step: &Step<'_>) -> Option<Odd> {
        let (settings, event) = (&self.settings, step.event());
        let usual = step.usual_account();
        let habit = self.habit(usual, step.row.host, event.at)?;
        let user = step.user_key();
        let ticket = self.tickets.get(&(user, step.row.source)).is_some_and(|at| event.at - *at <= Span::hours(settings.ticket_hours));
        let enough =
            Enough { days: u32::try_from(settings.history_days).unwrap_or(0), count: settings.history_logons, novelty: settings.wanderer };
        let claimed = ComputerKey::of(step.raw(event.workstation));
        let met = step.usual.machines.met_at(step.row.source);
        Some(Odd {
            event: step.id,
            at: event.at,
            account: step.row.account,
            host: step.row.host,
            source: step.row.source,
            lm_package: event.lm_package,
            workstation: event.workstation,
            habit,
            no_ticket: self.ticketed.contains_key(&user) && !ticket,
            new_source: usual.judge(Dimension::Source, Value::Source(step.row.source), &enough) == Novelty::New,
            misnamed: claimed.is_some_and(|key| !met.is_empty() && met.iter().all(|met| met.key != key)),
        })
    }
    /// How often the account came with Kerberos, where that is the rule.
    fn habit(&self, usual: &Profile, host: HostId, now: Timestamp) -> Option<Habit> {
        let settings = &self.settings;
        let (with, without) = (usual.seen(Dimension::Kerberos), usual.seen(Dimension::Ntlm));
        let (one, other) = (with.get(Value::Host(host)), without.get(Value::Host(host)));
        let habit = match (one, other) {
            (None, None) => {
                let (kerberos, ntlm) = (with.activity.count, without.activity.count);
                let habit = Habit { logons: kerberos.saturating_add(ntlm), kerberos, here: false };
                (with.activity.age(now) >= Span::days(settings.history_days)).then_some(habit)?
            }
            _ => {
                let first = one.into_iter().chain(other).map(|seen| seen.first_at).min()?;
                let count = |seen: Option<&crate::detect::baseline::Seen>| seen.map_or(0, |seen| seen.count);
                let habit = Habit { logons: count(one).saturating_add(count(other)), kerberos: count(one), here: true };
                (now - first >= Span::days(settings.history_days)).then_some(habit)?
            }
        };
        let (least, wanted) = match habit.here {
            true => (settings.history_logons, settings.kerberos_share),
            false => (settings.account_logons, settings.account_kerberos_share),
        };
        let share = f64::from(habit.kerberos) / f64::from(habit.logons.max(1));
        (habit.logons >= least && share >= wanted).then_some(habit)
    }
    #[cold]
    #[inline(never)]
    fn report(&self, step: &Step<'_>, odd: &Odd, privileged: bool, out: &mut Findings) {
        let signs = [
            (true, "the account uses Kerberos"),
            (privileged, "administrator rights in the session"),
            (odd.no_ticket, "no ticket request from that source"),
            (odd.new_source, "a source the account never used"),
            (odd.misnamed, "another workstation name than this source gave before"),
        ];
        let mut score = Score::new(ABOUT.severity, "NTLM with two signs or more")
            .raise_if(privileged, "administrator rights in the session")
            .raise_if(step.host_is_domain_controller(), "the host is a domain controller");
        for (is, reason) in signs {
            score = score.plus_if(is, 4, reason);
        }
        let say = step.say();
        let rights = if privileged { ", administrator rights" } else { "" };
        let ticket = if odd.no_ticket { format!("; no ticket request from {}", say.source(odd.source)) } else { String::new() };
        let source = if odd.new_source { "; the account never used this source" } else { "" };
        let name = if odd.misnamed { format!("; it called itself {}", say.text(odd.workstation)) } else { String::new() };
        let share = f64::from(odd.habit.kerberos) / f64::from(odd.habit.logons.max(1));
        let why = format!(
            "{} from {} to {} at {}: {}{rights}; {:.0}% of {} earlier logons {}used Kerberos{ticket}{source}{name}.",
            say.account(odd.account),
            say.source(odd.source),
            say.host(odd.host),
            say.time(odd.at),
            if odd.lm_package.is_some() { say.text(odd.lm_package) } else { "NTLM".to_owned() },
            share * 100.0,
            odd.habit.logons,
            if odd.habit.here { "" } else { "to other hosts " },
        );
        let key = Key((odd.account.index() as u64) << 32 | odd.host.index() as u64, odd.source.index() as u64);
        let finding = Finding::new(step, key, Span::hours(self.settings.quiet_hours), score, why);
        out.push(finding.since(odd.at, [odd.event]).and_accounts([odd.account]).and_sources([odd.source]));
    }
}
