//! `cached-credential-logon`: somebody logged on without a domain controller.
//!
//! On laptops that is every journey, and with fast logon every other morning, so a cached logon alone says nothing. It is
//! told where it should not be: on a server or a domain controller; by an account that was disabled, or got a new password,
//! before; by an administrator's account on a host where it never did; and, low, by an account that never did it anywhere
//! on a host that spoke with the domain minutes before.

use crate::base::by_id::ById;
use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::{Dimension, Enough, Novelty, Value};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::rule::desktop::contact::{self, is_contact};
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::step::{Step, UserKey};
use crate::detect::window::shed;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::EventKind;
use crate::model::host::HostRole;
use crate::model::logon_type::LogonType;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "cached-credential-logon",
    title: "Logon without a domain controller",
    severity: Severity::Medium,
    attack: &["T1078.002", "T1003.005"],
    needs: "4624 types 11, 12, 13; 4724 and 4725 on domain controllers",
    requires: &[&[Needed::Logons(LogonType::CachedInteractive)]],
    check: "Was the host cut off from the network, and by whom? Cached secrets work although the account is disabled or has a new password.",
};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The host spoke with a domain controller so shortly before.
    pub online_minutes: i64,
    pub history_days: u32,
    pub history_logons: u32,
    pub quiet_hours: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { online_minutes: 10, history_days: 14, history_logons: 30, quiet_hours: 24 }
    }
}

/// What happened to an account since which its cached secret is worth more than its password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lost {
    Disabled,
    NewPassword,
}

/// Accounts of which that is remembered, for at most this long; beyond it the oldest are forgotten.
const ACCOUNTS_KEPT: usize = 65_536;
const LOST_FOR: Span = Span::days(30);
/// How exactly a host's last word from a domain controller is known.
const MINUTE: Span = Span::minutes(1);
/// A new password is not in the cache until its owner has logged on with it: so long nobody wonders.
const SETTLES: Span = Span::hours(12);

pub struct Rule {
    settings: Settings,
    lost: FxHashMap<UserKey, (Timestamp, Lost)>,
    /// When a host spoke with a domain controller last, to the minute.
    contacts: ById<Timestamp>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::Logon, EventKind::AccountDisabled, EventKind::AccountEnabled, EventKind::PasswordSet];
    const LOGONS: &'static [LogonType] = contact::LOGONS;
    fn new(settings: Settings) -> Self {
        Self { settings, lost: FxHashMap::default(), contacts: ById::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        match event.kind {
            EventKind::AccountDisabled => _ = self.lost.insert(step.user_key(), (step.at(), Lost::Disabled)),
            // 4723 is the owner's own change: the cache of the host where it was made has it.
            EventKind::PasswordSet if event.event_id == 4724 => {
                self.lost.entry(step.user_key()).or_insert((step.at(), Lost::NewPassword));
            }
            EventKind::AccountEnabled => _ = self.lost.remove(&step.user_key()),
            EventKind::Logon => match event.logon_type {
                LogonType::CachedInteractive | LogonType::CachedRemoteInteractive | LogonType::CachedUnlock => self.judge(step, out),
                _ => self.contact(step),
            },
            _ => {}
        }
    }
    fn forget(&mut self, now: Timestamp) {
        self.lost.retain(|_, (at, _)| *at >= now - LOST_FOR);
        shed(&mut self.lost, ACCOUNTS_KEPT, |(at, _)| Some(*at));
    }
}

impl Rule {
    /// Most logons of a minute tell what one of them did.
    fn contact(&mut self, step: &Step<'_>) {
        let Some(at) = self.contacts.entry(step.row.host.index(), || Timestamp::MIN) else { return };
        let was_lost = !self.lost.is_empty() && self.lost.contains_key(&step.user_key());
        if (step.at() - *at < MINUTE && !was_lost) || !is_contact(step) {
            return;
        }
        *at = step.at().max(*at);
        // It logged on with what is valid now.
        if was_lost {
            self.lost.remove(&step.user_key());
        }
    }
    #[cold]
    #[inline(never)]
    fn judge(&self, step: &Step<'_>, out: &mut Findings) {
        let (Some(account), Some(host)) = (step.account(), step.host()) else { return };
        if account.class.is_machinery() {
            return;
        }
        let settings = &self.settings;
        let (usual, value) = (step.usual_account(), Value::LogonType(LogonType::CachedInteractive));
        let lost = self.lost.get(&step.user_key()).filter(|(at, what)| *what == Lost::Disabled || step.at() - *at >= SETTLES);
        let tags = step.account_tags();
        let never_here = !usual.seen(Dimension::Host).contains(Value::Host(step.row.host));
        let contact = self.contacts.get(step.row.host.index()).copied().filter(|at| *at > Timestamp::MIN);
        let online = contact.is_some_and(|at| step.at() - at <= Span::minutes(settings.online_minutes));
        let enough = Enough { days: settings.history_days, count: settings.history_logons, novelty: 1.1 };
        let never = usual.judge(Dimension::LogonType, value, &enough) == Novelty::New;
        let (score, reason) = match (host.kind, lost) {
            (_, Some((_, Lost::Disabled))) => (Score::new(Severity::High, "the account is disabled"), "although the account was disabled"),
            (HostRole::DomainController, _) => (Score::new(Severity::High, "on a domain controller"), "on a domain controller"),
            _ if step.usual.is_server(step.row.host, host) => (
                Score::new(ABOUT.severity, "on a server").raise_if(tags.tier0 || tags.admin, "the account holds administrator rights"),
                "on a server",
            ),
            (_, Some((_, Lost::NewPassword))) => {
                (Score::new(Severity::Low, "the password was reset"), "with the password from before it was reset")
            }
            _ if (tags.tier0 || tags.admin) && never_here => {
                (Score::new(ABOUT.severity, "an administrator, where they never were"), "by an administrator who was never there")
            }
            _ if online && never => (Score::new(Severity::Low, "cached, though the host is online"), "though the host was online"),
            _ => return,
        };
        let say = step.say();
        let past = match (lost, contact) {
            (Some((at, _)), _) => format!("; that was {}", say.time(*at)),
            (None, Some(at)) => format!("; a domain controller checked a logon there {} before", say::span(step.at() - at)),
            (None, None) => "; the logs hold no logon there that a domain controller checked".to_owned(),
        };
        let why = format!(
            "{} logged on to {} with cached credentials ({}) at {} {reason}{past}.",
            say.account(step.row.account),
            say.host(step.row.host),
            say.logon_type(step.event().logon_type),
            say.time(step.at()),
        );
        let key = Key::of(step.row.account.index(), step.row.host.index());
        out.push(Finding::new(step, key, Span::hours(settings.quiet_hours), score, why));
    }
}
