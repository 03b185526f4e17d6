//! `entra-windows-mismatch`: Entra states a logon to a computer, and the computer states none.
//!
//! `Windows Sign In` in Entra goes with a 4624 on the computer. Where the two agreed for that computer nearly always, and
//! its log goes on after the moment, a sign-in without its logon was made with a copy of its certificate or token.

use crate::base::setting::settings;
use crate::base::time::{Span, Timestamp};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::rule::token::device::{DeviceKey, Hosts};
use crate::detect::score::Score;
use crate::detect::sign_in;
use crate::detect::step::{Step, Tick, UserKey};
use crate::detect::window::{Window, shed};
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::{EventKind, SignInCategory};
use crate::model::ids::{AccountId, EventId, SourceId};
use crate::model::logon_type::LogonType;
use rustc_hash::FxHashMap;

const ABOUT: Detection = Detection {
    id: "entra-windows-mismatch",
    title: "Entra says logon here, Windows says no",
    severity: Severity::Medium,
    attack: &["T1550", "T1606"],
    needs: "Entra sign-ins of the application Windows Sign In, and the Security log of the same computers",
    requires: &[&[Needed::SignIns(SignInCategory::Interactive), Needed::Records(EventKind::Logon)]],
    check: "Was the computer's log complete at that time? If it was, delete the device in Entra and register it anew.",
};

settings! {
    /// See the module.
    pub struct Settings {
        /// Sign-ins that must have had their logon on that computer before.
        pub pairs: u32 = 20,
        /// Share of them, in percent.
        pub paired_percent: u32 = 90,
        /// How far apart the two records may be.
        pub apart_minutes: i64 = 5,
        /// Once for each user and computer and so many hours.
        pub quiet_hours: i64 = 24,
        /// Sign-ins that wait for their logon, and computers remembered.
        pub kept: usize = 65536,
    }
}

#[derive(Clone, Copy)]
struct Waiting {
    at: Timestamp,
    event: EventId,
    account: AccountId,
    user: UserKey,
    source: SourceId,
    device: DeviceKey,
}

#[derive(Clone, Copy, Default)]
struct Pairs {
    paired: u32,
    all: u32,
}

pub struct Rule {
    settings: Settings,
    hosts: Hosts,
    waiting: Vec<Waiting>,
    /// Logons at the screen, by computer and user.
    logons: FxHashMap<(DeviceKey, UserKey), Window<()>>,
    pairs: FxHashMap<DeviceKey, Pairs>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::SignIn, EventKind::Logon];
    const LOGONS: &'static [LogonType] =
        &[LogonType::Interactive, LogonType::Unlock, LogonType::CachedInteractive, LogonType::CachedUnlock];
    fn new(settings: Settings) -> Self {
        Self { settings, hosts: Hosts::default(), waiting: Vec::new(), logons: FxHashMap::default(), pairs: FxHashMap::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, _out: &mut Findings) {
        let event = step.event();
        if event.kind == EventKind::Logon {
            let is_desk = matches!(
                event.logon_type,
                LogonType::Interactive | LogonType::Unlock | LogonType::CachedInteractive | LogonType::CachedUnlock
            );
            if is_desk && let Some(device) = DeviceKey::of_host(step) {
                self.hosts.learn(step);
                self.logons.entry((device, step.user_key())).or_default().push(event.at, (), Span::hours(1), 64);
            }
            return;
        }
        let Some(sign_in) = sign_in::success_of_user(step) else { return };
        if !step.raw(sign_in.app).eq_ignore_ascii_case("Windows Sign In") || self.waiting.len() >= self.settings.kept {
            return;
        }
        let Some(device) = DeviceKey::of_sign_in(step) else { return };
        let row = step.row;
        let (account, source) = (row.account, row.source);
        self.waiting.push(Waiting { at: event.at, event: step.id, account, user: step.user_key(), source, device });
    }
    fn tick(&mut self, tick: &Tick<'_>, out: &mut Findings) {
        if self.waiting.is_empty() {
            return;
        }
        let apart = Span::minutes(self.settings.apart_minutes);
        let due: Vec<Waiting> = self.waiting.extract_if(.., |waiting| tick.now - waiting.at > apart * 2).collect();
        for waiting in due {
            self.judge(tick, waiting, apart, out);
        }
    }
    fn merge(&mut self, goes: AccountId, stays: AccountId) {
        for waiting in self.waiting.iter_mut().filter(|waiting| waiting.account == goes) {
            waiting.account = stays;
        }
    }
    fn forget(&mut self, now: Timestamp) {
        self.logons.retain(|_, logons| {
            logons.forget_before(now - Span::hours(2));
            !logons.is_empty()
        });
        shed(&mut self.logons, self.settings.kept, Window::newest);
        if self.pairs.len() > self.settings.kept {
            self.pairs.retain(|_, pairs| pairs.paired >= self.settings.pairs);
        }
    }
}

impl Rule {
    fn judge(&mut self, tick: &Tick<'_>, waiting: Waiting, apart: Span, out: &mut Findings) {
        // A computer whose log is not read, or has not come so far, says nothing.
        let host = self.hosts.get(waiting.device);
        let last = host.and_then(|host| tick.world.tables.host(host)).and_then(|host| host.last);
        let (Some(host), true) = (host, last.is_some_and(|last| last > waiting.at + apart)) else { return };
        let logons = self.logons.get(&(waiting.device, waiting.user));
        let is_paired = logons.is_some_and(|logons| logons.between(waiting.at - apart, waiting.at + apart).next().is_some());
        let pairs = self.pairs.entry(waiting.device).or_default();
        let is_sure = pairs.paired >= self.settings.pairs && pairs.paired * 100 >= pairs.all * self.settings.paired_percent;
        let before = *pairs;
        pairs.all = pairs.all.saturating_add(1);
        pairs.paired = pairs.paired.saturating_add(u32::from(is_paired));
        if is_paired || !is_sure {
            return;
        }
        let score = Score::new(ABOUT.severity, "a logon that the computer knows nothing of").plus_if(
            tick.site.account(waiting.account).tier0,
            10,
            "an account that rules the tenant",
        );
        let say = tick.say();
        let why = format!(
            "{}: Entra states a logon to {} at {} from {}, its own log shows none within {} minutes; {} of {} before had one.",
            say.account(waiting.account),
            say.host(host),
            say.time(waiting.at),
            say.source(waiting.source),
            self.settings.apart_minutes,
            before.paired,
            before.all,
        );
        let key = Key::of(waiting.account.index(), host.index());
        out.push(
            Finding::at_tick(key, Span::hours(self.settings.quiet_hours), score, why, waiting.at, vec![waiting.event])
                .and_accounts([waiting.account])
                .and_hosts([host])
                .and_sources([waiting.source]),
        );
    }
}
