//! `anonymous-network-logon`: ANONYMOUS LOGON over the network.
//!
//! Windows does it by itself: at every boot without an address, when it looks for shares, before many a real logon. So all
//! of it is one line of information, which tells of the newest day. Low is a server or domain controller reached from a source that nobody ever
//! logged on from; medium, where an administrator or several accounts get in from that source within minutes.

use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::seen;
use crate::detect::baseline::{Dimension, Value};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::step::Step;
use crate::detect::window::shed;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::account::AccountClass;
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::EventKind;
use crate::model::ids::{AccountId, EventId, HostId, SourceId};
use crate::model::logon_type::LogonType;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "anonymous-network-logon",
    title: "Anonymous logon over the network",
    severity: Severity::Low,
    attack: &["T1021.002", "T1087"],
    needs: "4624 type 3 on servers and domain controllers",
    requires: &[&[Needed::Logons(LogonType::Network)]],
    check: "Is that source a known device? Look at what it did next, and whether machine account passwords changed on the controller (4742).",
};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// How long a host must be known before a source is new to it.
    pub history_days: i64,
    /// How long after it a real logon from the source counts.
    pub followed_within_minutes: i64,
    /// Accounts that then got in from there.
    pub accounts: usize,
    pub quiet_hours: i64,
    /// The line about what is everyday grows as long as it is not silent for this long.
    pub quiet_days_everyday: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { history_days: 7, followed_within_minutes: 10, accounts: 3, quiet_hours: 24, quiet_days_everyday: 30 }
    }
}

/// An anonymous logon from a source that nobody used before.
struct Stranger {
    at: Timestamp,
    host: HostId,
    event: EventId,
    /// Who got in from there since.
    accounts: Vec<AccountId>,
}

/// Strangers remembered; beyond it the oldest are forgotten.
const STRANGERS_KEPT: usize = 4_096;
/// Hosts named in the line of a day.
const NAMED: usize = 3;

pub struct Rule {
    settings: Settings,
    strangers: FxHashMap<SourceId, Stranger>,
    /// The day on which an anonymous logon to the host was counted last. One entry a host.
    counted: FxHashMap<HostId, i64>,
    /// Hosts of the newest day, those that are named.
    today: (i64, usize, Vec<HostId>),
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::Logon];
    const LOGONS: &'static [LogonType] = &[LogonType::Network];
    fn new(settings: Settings) -> Self {
        Self { settings, strangers: FxHashMap::default(), counted: FxHashMap::default(), today: (i64::MIN, 0, Vec::new()) }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let Some(account) = step.account() else { return };
        if account.class == AccountClass::Anonymous {
            self.anonymous(step, out);
        } else if !self.strangers.is_empty() && !account.class.is_machinery() {
            self.followed(step, out);
        }
    }
    fn forget(&mut self, now: Timestamp) {
        let limit = now - Span::minutes(self.settings.followed_within_minutes);
        self.strangers.retain(|_, stranger| stranger.at >= limit);
        shed(&mut self.strangers, STRANGERS_KEPT, |stranger| Some(stranger.at));
    }
}

impl Rule {
    #[cold]
    #[inline(never)]
    fn anonymous(&mut self, step: &Step<'_>, out: &mut Findings) {
        let source = step.row.source.some().filter(|_| step.is_remote());
        if let Some(source) = source
            && self.is_strange(step)
        {
            let fresh = Stranger { at: step.at(), host: step.row.host, event: step.id, accounts: Vec::new() };
            self.strangers.entry(source).or_insert(fresh);
            let say = step.say();
            let why = format!(
                "{} logged on anonymously to {} at {}; nobody ever logged on from there.",
                say.source(source),
                say.host(step.row.host),
                say.time(step.at()),
            );
            let score = Score::new(ABOUT.severity, "anonymous, from a source nobody uses");
            out.push(Finding::new(step, Key::of(source.index(), 1), Span::hours(self.settings.quiet_hours), score, why));
            return;
        }
        self.everyday(step, out);
    }
    /// The source is new, the host known for longer and worth it.
    fn is_strange(&self, step: &Step<'_>) -> bool {
        let worth = step.host().is_some_and(|host| {
            step.usual.is_server(step.row.host, host)
                && host.first.is_some_and(|first| step.at() - first >= Span::days(self.settings.history_days))
        });
        worth && !step.source_tags().exit && step.usual_source().activity.count == 0
    }
    #[cold]
    #[inline(never)]
    fn everyday(&mut self, step: &Step<'_>, out: &mut Findings) {
        let today = seen::day(step.at());
        if self.counted.insert(step.row.host, today).is_some_and(|day| day >= today) {
            return;
        }
        if self.today.0 != today {
            self.today = (today, 0, Vec::new());
        }
        self.today.1 += 1;
        if self.today.2.len() < NAMED {
            self.today.2.push(step.row.host);
        }
        let say = step.say();
        let more = self.today.1.saturating_sub(self.today.2.len());
        let names = say.list(self.today.2.iter().map(|host| say.host(*host)), NAMED);
        let rest = if more == 0 { String::new() } else { format!(" and {more} more") };
        let why = format!(
            "{} had anonymous network logons on {}: {names}{rest}. Windows does so at boot and when it looks for shares.",
            say::count(self.today.1, "host"),
            say.date(step.at()),
        );
        let score = Score::new(Severity::Info, "anonymous logons, as everywhere");
        out.push(Finding::new(step, Key(0, 0), Span::days(self.settings.quiet_days_everyday), score, why));
    }
    #[cold]
    #[inline(never)]
    fn followed(&mut self, step: &Step<'_>, out: &mut Findings) {
        let Some(source) = step.row.source.some() else { return };
        let Some(stranger) = self.strangers.get_mut(&source) else { return };
        let usual = step.usual_account().seen(Dimension::Source).contains(Value::Source(source));
        if usual || step.at() - stranger.at > Span::minutes(self.settings.followed_within_minutes) {
            return;
        }
        if !stranger.accounts.contains(&step.row.account) && stranger.accounts.len() < 64 {
            stranger.accounts.push(step.row.account);
        }
        let tags = step.account_tags();
        let rights = tags.tier0 || tags.admin || step.session().is_some_and(|session| session.privileged);
        if !rights && stranger.accounts.len() < self.settings.accounts {
            return;
        }
        let say = step.say();
        let with = if rights { " with administrator rights" } else { "" };
        let why = format!(
            "{} logged on anonymously to {} at {}, and nobody ever logged on from there; then {} got in from there{with} on {} at {}.",
            say.source(source),
            say.host(stranger.host),
            say.time(stranger.at),
            say.list(stranger.accounts.iter().map(|account| say.account(*account)), 3),
            say.host(step.row.host),
            say.time(step.at()),
        );
        let score = Score::new(Severity::Medium, "anonymous, then in, from a source nobody uses");
        let finding = Finding::new(step, Key::of(source.index(), 1), Span::hours(self.settings.quiet_hours), score, why);
        out.push(finding.since(stranger.at, [stranger.event]).and_hosts([stranger.host]).and_accounts(stranger.accounts.iter().copied()));
    }
}
