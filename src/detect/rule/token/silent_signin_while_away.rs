//! `silent-signin-while-away`: a token is used as from a device that was locked, off, or had nobody logged on.
//!
//! Only the logs of both sides show it. Computers renew tokens while they are locked, at the place where they are, and a
//! laptop on the road may send its Windows log much later; so it counts only in a network that the user never had, and most
//! where the host itself tells of the moment.

use crate::base::intern::Symbol;
use crate::base::setting::settings;
use crate::base::time::{Span, Timestamp};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::news::News;
use crate::detect::rule::token::device::{DeviceKey, Hosts, desktops};
use crate::detect::score::Score;
use crate::detect::sign_in;
use crate::detect::step::Step;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::{EventKind, SignInCategory};
use crate::model::ids::{AccountId, HostId};
use crate::model::logon_type::LogonType;
use crate::model::visit::State;
use rustc_hash::FxHashMap;

const ABOUT: Detection = Detection {
    id: "silent-signin-while-away",
    title: "Token renews while its device is locked, off or empty",
    severity: Severity::Medium,
    attack: &["T1550.004", "T1539"],
    needs: "Entra non-interactive sign-ins with deviceDetail, and the Security and System logs of the same computers",
    requires: &[&[Needed::SignIns(SignInCategory::NonInteractive), Needed::Records(EventKind::Logon)]],
    check: "Where was the computer at that moment? If it was where its log says, somebody else has its token: revoke the sessions.",
};

settings! {
    /// See the module.
    pub struct Settings {
        /// Sign-ins that fitted the log of the computer before.
        pub matched: u32 = 5,
        /// The computer must have been locked for so long.
        pub locked_minutes: i64 = 30,
        /// Clocks differ.
        pub skew_minutes: i64 = 5,
        /// Once for each user and device and so many hours.
        pub quiet_hours: i64 = 24,
        /// Pairs of user and device remembered.
        pub kept: usize = 131072,
    }
}

pub struct Rule {
    settings: Settings,
    hosts: Hosts,
    off: FxHashMap<HostId, Timestamp>,
    matched: FxHashMap<(AccountId, HostId), u32>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::SignIn, EventKind::Logon, EventKind::Shutdown, EventKind::Boot];
    const LOGONS: &'static [LogonType] =
        &[LogonType::Interactive, LogonType::RemoteInteractive, LogonType::CachedInteractive, LogonType::Unlock];
    fn new(settings: Settings) -> Self {
        Self { settings, hosts: Hosts::default(), off: FxHashMap::default(), matched: FxHashMap::default() }
    }
}

/// Why the device cannot have done it, and since when.
type Away = (&'static str, Timestamp);

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        match event.kind {
            EventKind::Logon => {
                let is_desk = matches!(
                    event.logon_type,
                    LogonType::Interactive | LogonType::RemoteInteractive | LogonType::CachedInteractive | LogonType::Unlock
                );
                if is_desk {
                    self.hosts.learn(step);
                    self.off.remove(&step.row.host);
                }
            }
            EventKind::Shutdown => _ = self.off.insert(step.row.host, event.at),
            EventKind::Boot => _ = self.off.remove(&step.row.host),
            _ => self.sign_in(step, out),
        }
    }
    fn merge(&mut self, goes: AccountId, stays: AccountId) {
        let gone: Vec<_> = self.matched.extract_if(|(account, _), _| *account == goes).collect();
        for ((_, host), count) in gone {
            *self.matched.entry((stays, host)).or_default() += count;
        }
    }
    fn forget(&mut self, _now: Timestamp) {
        if self.matched.len() > self.settings.kept {
            self.matched.retain(|_, count| *count >= self.settings.matched);
        }
    }
}

impl Rule {
    fn sign_in(&mut self, step: &Step<'_>, out: &mut Findings) {
        let Some(sign_in) = sign_in::success_of_user(step).filter(|sign_in| sign_in::is_silent(sign_in)) else { return };
        let Some(host) = DeviceKey::of_sign_in(step).and_then(|key| self.hosts.get(key)) else { return };
        let matched = self.matched.get(&(step.row.account, host));
        if matched.is_some_and(|count| *count >= self.settings.matched) {
            // Where the user was before is asked last: it is a search through the desktops of the host.
            let news = News::of(step, sign_in);
            if let Some(away) = news.network.then(|| self.away(step, host)).flatten() {
                self.raise(step, (sign_in.device_name, news), host, away, out);
            }
        } else if self.away(step, host).is_none() {
            let count = self.matched.entry((step.row.account, host)).or_default();
            *count = count.saturating_add(1);
        }
    }
    fn away(&self, step: &Step<'_>, host: HostId) -> Option<Away> {
        let at = step.at();
        let skew = Span::minutes(self.settings.skew_minutes);
        if let Some(off) = self.off.get(&host).filter(|off| at - **off > skew) {
            return Some(("off", *off));
        }
        let mut last_end = None;
        for visit in desktops(step, host).filter(|visit| visit.start <= at + skew) {
            if visit.is_open() || visit.end.is_some_and(|end| at - end <= skew) {
                let (since, state) = visit.states().last().copied()?;
                let is_away = matches!(state, State::Locked | State::Disconnected);
                return (is_away && at - since > Span::minutes(self.settings.locked_minutes)).then_some((state.word(), since));
            }
            last_end = last_end.max(visit.end);
        }
        last_end.map(|end| ("without a session of the user", end))
    }
    #[cold]
    #[inline(never)]
    fn raise(&self, step: &Step<'_>, (device, news): (Symbol, News), host: HostId, (state, since): Away, out: &mut Findings) {
        let last = step.world.tables.host(host).and_then(|host| host.last);
        let tells = state != "off" && last.is_some_and(|last| step.at() - last <= Span::minutes(self.settings.locked_minutes));
        let score = Score::new(ABOUT.severity, "the device cannot have done it, in a network that the user never had")
            .raise_if(tells, "the computer itself tells of the moment")
            .raise_for(step)
            .plus_if(news.country, 5, "a country the user never was in")
            .plus_if(news.rented, 5, "a hosting or VPN network");
        let say = step.say();
        let why = format!(
            "{}: a token of device {} was used at {} from {} ({}, {}), but {} was {state} since {}.",
            say.account(step.row.account),
            say.text(device),
            say.time(step.at()),
            say.source(step.row.source),
            say.network(step.asn()),
            say.text(step.country()),
            say.host(host),
            say.time(since),
        );
        let key = Key::of(step.row.account.index(), host.index());
        out.push(Finding::new(step, key, Span::hours(self.settings.quiet_hours), score, why).and_hosts([host]));
    }
}
