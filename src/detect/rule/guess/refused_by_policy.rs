//! `refused-by-policy`: the password was right and a rule shut the door.
//!
//! Most refusals are everyday: a person at a server that is not theirs, a job without the right to run as one, a roll-out of
//! deny rules. They are low, one for each host and reason. Medium is what a stolen password looks like: one account refused
//! on several hosts, several accounts refused from one source, a service account at a screen, an administrator, the internet.

use super::fail_burst_then_success::origin_number;
use super::run::is_shared;
use crate::base::net::AddressClass;
use crate::base::time::{Span, Timestamp};
use crate::detect::finding::{Finding, Findings, Key, rarely};
use crate::detect::score::Score;
use crate::detect::step::{Origin, Step, UserKey};
use crate::detect::window::{Window, shed};
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::account::AccountClass;
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::EventKind;
use crate::model::ids::{EventId, HostId};
use crate::model::logon_type::LogonType;
use crate::model::status::StatusClass;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "refused-by-policy",
    title: "Right password, refused by policy",
    severity: Severity::Low,
    attack: &["T1078"],
    needs: "4625 (0xC000006E, 6F, 70, 15B, 413), 4825, or 4768 with 0xC on domain controllers",
    requires: &[&[Needed::Records(EventKind::LogonFailed)], &[Needed::Records(EventKind::TicketGranting)]],
    check: "Somebody holds this account's password: is it its owner? If the host is none of theirs, change the password and look at the source.",
};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The same account, host and reason are told again after this long.
    pub again_after_days: i64,
    /// Hosts that refuse one account within a day.
    pub hosts: usize,
    /// Accounts that are refused from one source within a day.
    pub accounts: usize,
    pub quiet_hours: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { again_after_days: 30, hosts: 3, accounts: 3, quiet_hours: 24 }
    }
}

/// How far back hosts of an account and accounts of a source are counted.
const DAY: Span = Span::hours(24);
/// Refusals kept for one account or source.
const KEPT: usize = 64;
/// Triples, accounts and sources remembered; beyond it those silent for longest are forgotten.
const MOST: usize = 65_536;

pub struct Rule {
    settings: Settings,
    /// Account, host and reason that were told, and when.
    told: FxHashMap<(UserKey, HostId, u32), Timestamp>,
    by_account: FxHashMap<UserKey, Window<(HostId, EventId)>>,
    by_source: FxHashMap<Origin, Window<(UserKey, EventId)>>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::LogonFailed, EventKind::TicketGranting, EventKind::PreAuthFailed, EventKind::Other];
    fn new(settings: Settings) -> Self {
        Self { settings, told: FxHashMap::default(), by_account: FxHashMap::default(), by_source: FxHashMap::default() }
    }
}

/// 4825: Remote Desktop access denied, as the user is no member of the group that may.
const RDP_DENIED: u32 = 4825;

fn reason(step: &Step<'_>) -> Option<(u32, &'static str)> {
    let event = step.event();
    match event.kind {
        EventKind::Other if event.event_id == RDP_DENIED && step.host().is_some() => {
            Some((RDP_DENIED, "not allowed to use Remote Desktop"))
        }
        EventKind::LogonFailed | EventKind::TicketGranting | EventKind::PreAuthFailed if event.status.class() == StatusClass::Policy => {
            Some((event.status.code, event.status.text()))
        }
        _ => None,
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let Some((code, reason)) = reason(step) else { return };
        if step.user.is_dollar {
            return;
        }
        rarely(move || {
            let user = step.user_key();
            let is_job = matches!(step.event().logon_type, LogonType::Batch | LogonType::Service);
            let (mut hosts, mut users) = (1, 1);
            let mut records: Vec<EventId> = Vec::new();
            if step.event().account.user.is_some() && !is_job {
                let window = self.by_account.entry(user).or_default();
                window.push(step.at(), (step.row.host, step.id), DAY, KEPT);
                hosts = distinct(window.iter().map(|(_, (host, _))| *host));
                if hosts >= self.settings.hosts {
                    records.extend(window.iter().map(|(_, (_, event))| *event));
                }
                if let Some(origin) = step.origin().filter(|origin| matches!(origin, Origin::Source(_)) && !is_shared(step)) {
                    let window = self.by_source.entry(origin).or_default();
                    window.push(step.at(), (user, step.id), DAY, KEPT);
                    users = distinct(window.iter().map(|(_, (user, _))| *user));
                    if users >= self.settings.accounts {
                        records.extend(window.iter().map(|(_, (_, event))| *event));
                    }
                }
            }
            let walks = hosts >= self.settings.hosts || users >= self.settings.accounts;
            let again = Span::days(self.settings.again_after_days);
            let told = self.told.insert((user, step.row.host, code), step.at());
            if told.is_some_and(|at| step.at() - at < again) && !walks {
                return;
            }
            let tags = step.account_tags();
            let class = step.account().map(|account| account.class).unwrap_or_default();
            let at_screen = step.event().logon_type.is_interactive() || code == RDP_DENIED;
            let service = at_screen && matches!(class, AccountClass::Service | AccountClass::ManagedService);
            let public = step.address_class() == Some(AddressClass::Public) && !step.source_tags().exit;
            let score = Score::new(ABOUT.severity, "right password, refused")
                .raise_if(public, "from the internet")
                .raise_if(tags.tier0 || tags.admin || tags.watched, "the account matters most")
                .raise_if(service, "a service account at a screen")
                .raise_if(hosts >= self.settings.hosts, "several hosts refused the account")
                .raise_if(users >= self.settings.accounts, "several accounts were refused from this source");
            // What is everyday is one line for a host and a reason; what stands out is one for the account, or for its source.
            let key = match (score.severity > ABOUT.severity, step.origin()) {
                (false, _) => Key(step.row.host.index() as u64, u64::from(code)),
                (true, Some(origin)) if users >= self.settings.accounts => Key(origin_number(origin), 2 << 32),
                (true, _) => Key(user.0, 1 << 32),
            };
            let say = step.say();
            let how = say.logon_type(step.event().logon_type);
            let how = if how.is_empty() { String::new() } else { format!(", {how}") };
            let who =
                if step.event().account.user.is_none() { "An account that is not named".to_owned() } else { say.account(step.row.account) };
            let from = step.origin().filter(|origin| matches!(origin, Origin::Source(_)));
            let from = from.map_or_else(String::new, |origin| format!(" from {}", say.origin(origin)));
            let more = match (hosts >= self.settings.hosts, users >= self.settings.accounts) {
                (true, _) => format!("; {hosts} hosts refused it within a day"),
                (false, true) => format!("; {users} accounts were refused from there within a day"),
                (false, false) => String::new(),
            };
            let why = format!(
                "{who} had the right password at {}{from} at {}{how}, but was refused: {reason}{more}.",
                say.host(step.row.host),
                say.time(step.at()),
            );
            let first_at = step.at();
            out.push(Finding::new(step, key, Span::hours(self.settings.quiet_hours), score, why).since(first_at, records));
        });
    }
    fn forget(&mut self, now: Timestamp) {
        let again = now - Span::days(self.settings.again_after_days);
        self.told.retain(|_, at| *at >= again);
        shed(&mut self.told, MOST, |at| Some(*at));
        let limit = now - DAY;
        self.by_account.retain(|_, window| window.newest().is_some_and(|newest| newest >= limit));
        self.by_source.retain(|_, window| window.newest().is_some_and(|newest| newest >= limit));
        shed(&mut self.by_account, MOST, Window::newest);
        shed(&mut self.by_source, MOST, Window::newest);
    }
}

fn distinct<T: PartialEq>(values: impl Iterator<Item = T>) -> usize {
    let mut seen: Vec<T> = Vec::new();
    for value in values {
        if !seen.contains(&value) {
            seen.push(value);
        }
    }
    seen.len()
}
