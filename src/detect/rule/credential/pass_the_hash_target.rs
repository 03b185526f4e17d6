//! `pass-the-hash-target`: an NTLM network logon where this account uses Kerberos, with a second sign beside it.
//!
//! NTLM alone is everyday, and KeyLength 0 says nothing (more than half of the NTLMv2 network logons in samples have it),
//! so at least two independent signs are asked for, and a profile of how the account logs on to the host.

use crate::base::by_id::ById;
use crate::base::intern::Symbol;
use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::{Activity, SeenSet, rekey};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::score::Score;
use crate::detect::step::Step;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::account::AccountClass;
use crate::model::anomaly::{Detection, Severity};
use crate::model::event::{EventKind, Outcome};
use crate::model::ids::{AccountId, HostId, SourceId};
use crate::model::logon_type::LogonType;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "pass-the-hash-target",
    title: "NTLM network logon that fits pass-the-hash",
    severity: Severity::Medium,
    attack: &["T1550.002"],
    needs: "4624 type 3 and 4672 of at least a week; 4768 makes it better",
    requires: &[],
    check: "Did the person work from that source then? Look on it for a type 9 logon (runas /netonly) just before.",
};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Days of logons of the account to the host that make its profile.
    pub history_days: i64,
    pub history_logons: u32,
    /// Share of Kerberos that makes NTLM odd.
    pub kerberos_share: f64,
    /// A ticket-granting request of the account from the source within this time explains a logon.
    pub ticket_hours: i64,
    /// Signs asked for.
    pub signs: usize,
    /// Sources remembered for one account.
    pub kept: usize,
    pub forget_days: i64,
    pub quiet_hours: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            history_days: 7,
            history_logons: 10,
            kerberos_share: 0.95,
            ticket_hours: 10,
            signs: 2,
            kept: 64,
            forget_days: 90,
            quiet_hours: 24,
        }
    }
}

#[derive(Default)]
struct Profile {
    activity: Activity,
    kerberos: u32,
}

pub struct Rule {
    settings: Settings,
    profiles: FxHashMap<(AccountId, HostId), Profile>,
    sources: ById<SeenSet<SourceId>>,
    /// Newest ticket-granting request of an account from a source.
    tickets: FxHashMap<(crate::detect::step::UserKey, SourceId), Timestamp>,
    /// Accounts that get tickets in what is seen: only for them their absence says something.
    ticketed: FxHashMap<crate::detect::step::UserKey, Timestamp>,
    /// Workstation name usually claimed from a source.
    claimed: ById<Symbol>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::Logon, EventKind::TicketGranting];
    fn new(settings: Settings) -> Self {
        Self {
            settings,
            profiles: FxHashMap::default(),
            sources: ById::default(),
            tickets: FxHashMap::default(),
            ticketed: FxHashMap::default(),
            claimed: ById::default(),
        }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        if event.outcome != Outcome::Success || step.row.account.is_none() {
            return;
        }
        if event.kind == EventKind::TicketGranting {
            if step.row.source.is_some() {
                self.tickets.insert((step.user_key(), step.row.source), event.at);
                self.ticketed.insert(step.user_key(), event.at);
            }
            return;
        }
        if event.logon_type != LogonType::Network || !step.is_remote() {
            return;
        }
        let person = step
            .account()
            .is_some_and(|account| !matches!(account.class, AccountClass::Computer | AccountClass::Anonymous | AccountClass::BuiltIn));
        if !person || step.user.is_dollar {
            return;
        }
        let package = step.raw(event.package);
        let ntlm = package.eq_ignore_ascii_case("NTLM") || step.raw(event.logon_process).eq_ignore_ascii_case("NtLmSsp");
        let odd = ntlm && self.judge(step, out);
        if !odd {
            self.learn(step, package.eq_ignore_ascii_case("Kerberos"));
        }
    }
    fn merge(&mut self, goes: AccountId, stays: AccountId) {
        let mut hosts: Vec<HostId> = self.profiles.keys().filter(|(account, _)| *account == goes).map(|(_, host)| *host).collect();
        hosts.sort_unstable();
        for host in hosts {
            rekey(&mut self.profiles, &(goes, host), (stays, host), |profile, other| {
                profile.activity.absorb(&other.activity);
                profile.kerberos = profile.kerberos.saturating_add(other.kerberos);
            });
        }
        if let Some(seen) = self.sources.remove(goes.index())
            && let Some(sources) = self.sources.entry(stays.index(), SeenSet::default)
        {
            sources.absorb(&seen, self.settings.kept);
        }
    }
    fn forget(&mut self, now: Timestamp) {
        let limit = now - Span::days(self.settings.forget_days);
        let ticket = now - Span::hours(self.settings.ticket_hours);
        self.tickets.retain(|_, at| *at >= ticket);
        self.ticketed.retain(|_, at| *at >= limit);
        self.profiles.retain(|_, profile| profile.activity.last_at() >= Some(limit));
        self.sources.retain(|seen| {
            seen.forget_before(limit);
            !seen.is_empty()
        });
    }
}

impl Rule {
    fn learn(&mut self, step: &Step<'_>, kerberos: bool) {
        let key = (step.row.account, step.row.host);
        let profile = match self.profiles.get_mut(&key) {
            Some(profile) => profile,
            None => self.profiles.entry(key).or_default(),
        };
        profile.activity.add(step.at());
        profile.kerberos = profile.kerberos.saturating_add(u32::from(kerberos));
        if step.row.source.is_some() {
            if let Some(sources) = self.sources.entry(step.row.account.index(), SeenSet::default) {
                sources.add(step.row.source, step.at(), self.settings.kept);
            }
            let workstation = step.world.names.fold(step.event().workstation);
            if workstation.is_some() {
                self.claimed.entry(step.row.source.index(), || workstation);
            }
        }
    }
    /// Says whether the logon was reported.
    fn judge(&self, step: &Step<'_>, out: &mut Findings) -> bool {
        let settings = &self.settings;
        let event = step.event();
        let Some(profile) = self.profiles.get(&(step.row.account, step.row.host)) else { return false };
        if profile.activity.age(event.at) < Span::days(settings.history_days) || profile.activity.count < settings.history_logons {
            return false;
        }
        let share = f64::from(profile.kerberos) / f64::from(profile.activity.count.max(1));
        let user = step.user_key();
        let privileged = step.session().is_some_and(|session| session.privileged);
        let ticket = self.tickets.get(&(user, step.row.source)).is_some_and(|at| event.at - *at <= Span::hours(settings.ticket_hours));
        let no_ticket = self.ticketed.contains_key(&user) && !ticket;
        let new_source = self.sources.get(step.row.account.index()).is_some_and(|seen| !seen.contains(step.row.source));
        let workstation = step.world.names.fold(event.workstation);
        let misnamed = workstation.is_some() && self.claimed.get(step.row.source.index()).is_some_and(|claimed| *claimed != workstation);
        let signs = [
            (share >= settings.kerberos_share, "the account uses Kerberos here"),
            (privileged, "administrator rights in the session"),
            (no_ticket, "no ticket request from that source"),
            (new_source, "a source the account never used"),
            (misnamed, "another workstation name than this source gave before"),
        ];
        if signs.iter().filter(|(is, _)| *is).count() < settings.signs {
            return false;
        }
        let mut score = Score::new(ABOUT.severity, "NTLM with two signs or more")
            .raise_if(privileged, "administrator rights in the session")
            .raise_if(step.host_is_domain_controller(), "the host is a domain controller");
        for (is, reason) in signs {
            score = score.plus_if(is, 4, reason);
        }
        let say = step.say();
        let rights = if privileged { ", administrator rights" } else { "" };
        let ticket = if no_ticket { format!("; no ticket request from {}", say.source(step.row.source)) } else { String::new() };
        let source = if new_source { "; the account never used this source" } else { "" };
        let name = if misnamed { format!("; it called itself {}", say.text(event.workstation)) } else { String::new() };
        let why = format!(
            "{} from {} to {} at {}: {}{rights}; {:.0}% of {} earlier logons used Kerberos{ticket}{source}{name}.",
            say.account(step.row.account),
            say.source(step.row.source),
            say.host(step.row.host),
            say.time(event.at),
            if event.lm_package.is_some() { say.text(event.lm_package) } else { "NTLM".to_owned() },
            share * 100.0,
            profile.activity.count,
        );
        let key = Key((step.row.account.index() as u64) << 32 | step.row.host.index() as u64, step.row.source.index() as u64);
        out.push(Finding::new(step, key, Span::hours(settings.quiet_hours), score, why));
        true
    }
}
