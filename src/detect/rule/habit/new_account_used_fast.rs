//! `new-account-used-fast`: an account is created and used, or deleted, at once.
//!
//! Somebody who creates accounts on several days does it by trade, and a new colleague sits down at a desk: both are told
//! low. A local account, one used over the network by RDP, or one that is put among the administrators, is a back door.

use crate::base::intern::Symbol;
use crate::base::setting::settings;
use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::rekey;
use crate::detect::baseline::seen::day;
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::step::{Step, UserKey};
use crate::detect::window::shed;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::EventKind;
use crate::model::ids::{AccountId, EventId, HostId};
use crate::model::logon_type::LogonType;
use rustc_hash::FxHashMap;

const ABOUT: Detection = Detection {
    id: "new-account-used-fast",
    title: "Account created and used at once",
    severity: Severity::Medium,
    attack: &["T1136"],
    needs: "4720, 4726, 4728, 4732, 4756 and 4624",
    requires: &[&[Needed::Records(EventKind::AccountCreated)]],
    check: "Is there a ticket for the account? Who created it, from which session, and what else did that session do?",
};

settings! {
    /// See the module.
    pub struct Settings {
        /// Use within so many minutes of its creation is fast.
        pub fast_minutes: i64 = 60,
        /// Later use, and deletion, is told low within so many hours.
        pub window_hours: i64 = 24,
        /// An actor who created accounts on so many days before does it by trade.
        pub provisioner_days: u32 = 3,
    }
}

/// Creations and actors remembered.
const KEPT: usize = 4_096;

#[derive(Clone, Copy)]
struct Creation {
    at: Timestamp,
    event: EventId,
    host: HostId,
    actor: Symbol,
    by_trade: bool,
    /// It is of the list of a host that is no domain controller.
    local: bool,
    used: bool,
    /// The record that put it among administrators, and the group.
    rules: Option<(EventId, Symbol)>,
}

#[derive(Clone, Copy)]
struct Actor {
    days: u32,
    last_at: Timestamp,
}

pub struct Rule {
    settings: Settings,
    created: FxHashMap<AccountId, Creation>,
    actors: FxHashMap<UserKey, Actor>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::AccountCreated, EventKind::AccountDeleted, EventKind::GroupJoined, EventKind::Logon];
    fn new(settings: Settings) -> Self {
        Self { settings, created: FxHashMap::default(), actors: FxHashMap::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let (event, account) = (step.event(), step.row.account);
        match event.kind {
            EventKind::AccountCreated => self.create(step),
            EventKind::GroupJoined if event.elevated.known() == Some(true) => {
                if let Some(creation) = self.created.get_mut(&account) {
                    creation.rules = Some((step.id, event.target));
                }
            }
            EventKind::Logon if !self.created.is_empty() => {
                if let Some(creation) = self.created.get_mut(&account)
                    && is_use(event.logon_type)
                {
                    creation.used = true;
                    let creation = *creation;
                    self.used(step, creation, out);
                }
            }
            EventKind::AccountDeleted => {
                if let Some(creation) = self.created.remove(&account) {
                    self.deleted(step, creation, out);
                }
            }
            _ => {}
        }
    }
    fn merge(&mut self, goes: AccountId, stays: AccountId) {
        rekey(&mut self.created, &goes, stays, |_, _| {});
    }
    fn forget(&mut self, now: Timestamp) {
        let limit = now - Span::hours(self.settings.window_hours);
        self.created.retain(|_, creation| creation.at >= limit);
        shed(&mut self.created, KEPT, |creation| Some(creation.at));
        shed(&mut self.actors, KEPT, |actor| Some(actor.last_at));
    }
}

fn is_use(logon_type: LogonType) -> bool {
    logon_type.begins_desktop() || matches!(logon_type, LogonType::Network | LogonType::NetworkCleartext)
}

impl Rule {
    fn create(&mut self, step: &Step<'_>) {
        let event = step.event();
        let actor = self.actors.entry(UserKey::of(step.world, event.subject.user)).or_insert(Actor { days: 0, last_at: event.at });
        let is_today = actor.days > 0 && day(actor.last_at) == day(event.at);
        let before = actor.days - u32::from(is_today);
        actor.days += u32::from(!is_today);
        actor.last_at = actor.last_at.max(event.at);
        let creation = Creation {
            at: event.at,
            event: step.id,
            host: step.row.host,
            actor: event.subject.user,
            by_trade: before >= self.settings.provisioner_days,
            local: !step.host_is_domain_controller() && is_of_the_host(step),
            used: false,
            rules: None,
        };
        self.created.insert(step.row.account, creation);
    }
    #[cold]
    #[inline(never)]
    fn used(&self, step: &Step<'_>, creation: Creation, out: &mut Findings) {
        let event = step.event();
        let age = event.at - creation.at;
        if age < Span::ZERO || age > Span::hours(self.settings.window_hours) {
            return;
        }
        let is_fast = age <= Span::minutes(self.settings.fast_minutes);
        let from_afar = step.is_remote() && event.logon_type != LogonType::Interactive;
        // A local account that its maker tries at the screen is how a machine is set up.
        let is_odd = creation.rules.is_some() || from_afar && (creation.local || !creation.by_trade);
        let score = if is_odd && (is_fast || creation.rules.is_some()) {
            Score::new(ABOUT.severity, "a new account that rules, or one used from another machine at once")
                .raise_if(creation.rules.is_some(), "it was made an administrator")
                .plus_if(creation.local, 5, "an account of one host only")
        } else {
            Score::new(Severity::Low, "a new account is used for the first time")
        };
        let say = step.say();
        let from = step.origin().map_or_else(String::new, |origin| format!(" from {}", say.origin(origin)));
        let joined = creation.rules.map_or_else(String::new, |(_, group)| format!(", put into {}", say.text(group)));
        let why = format!(
            "{} was created at {} on {} by {}{joined}, and used {} later{from}: {} on {}.",
            say.account(step.row.account),
            say.time(creation.at),
            say.host(creation.host),
            say.text(creation.actor),
            say::span(age),
            say.logon_type(event.logon_type),
            say.host(step.row.host),
        );
        out.push(self.finding(step, score, why, creation));
    }
    #[cold]
    #[inline(never)]
    fn deleted(&self, step: &Step<'_>, creation: Creation, out: &mut Findings) {
        let age = step.at() - creation.at;
        if age > Span::hours(self.settings.window_hours) || creation.by_trade {
            return;
        }
        let score = Score::new(Severity::Low, "created and deleted within a day")
            .raise_if(creation.used, "it was used in between")
            .plus_if(creation.rules.is_some(), 5, "it was made an administrator");
        let say = step.say();
        let why = format!(
            "{} was created at {} by {} and deleted {} later by {}; it was {} in between.",
            say.account(step.row.account),
            say.time(creation.at),
            say.text(creation.actor),
            say::span(age),
            say.text(step.event().subject.user),
            if creation.used { "used" } else { "not used" },
        );
        out.push(self.finding(step, score, why, creation));
    }
    fn finding(&self, step: &Step<'_>, score: Score, why: String, creation: Creation) -> Finding {
        let key = Key::of(step.row.account.index(), creation.event.index());
        let records = [Some(creation.event), creation.rules.map(|(event, _)| event)].into_iter().flatten();
        Finding::new(step, key, Span::hours(self.settings.window_hours), score, why).since(creation.at, records).and_hosts([creation.host])
    }
}

/// `TargetDomainName` of 4720 is the host's own name.
fn is_of_the_host(step: &Step<'_>) -> bool {
    let (domain, host) = (step.raw(step.event().account.domain), step.raw(step.event().host));
    host.split('.').next().is_some_and(|short| short.eq_ignore_ascii_case(domain))
}
