//! `cleartext-network-logon`: a host was sent a password it could read (type 8).
//!
//! Basic authentication of web and mail servers, SSH and CredSSP do it every day, always by the same program: a program
//! that is known on the host, or on several others, says nothing more. New on a host that was watched for long is what
//! counts.

use crate::base::by_id::ById;
use crate::base::intern::Symbol;
use crate::base::net::AddressClass;
use crate::base::time::{Span, Timestamp};
use crate::detect::finding::{Finding, Findings, Key, rarely};
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::step::Step;
use crate::detect::window::shed;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::EventKind;
use crate::model::ids::{AccountId, HostId};
use crate::model::logon_type::LogonType;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "cleartext-network-logon",
    title: "Password received in clear",
    severity: Severity::Low,
    attack: &["T1552", "T1557", "T1040"],
    needs: "4624 type 8 with ProcessName",
    requires: &[&[Needed::Logons(LogonType::NetworkCleartext)]],
    check: "Is that service meant to take passwords, and is the way to it encrypted? Who can read memory on the host?",
};

/// Pairs of host and program remembered.
const PLACES: usize = 32_768;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Days the host must have been watched before a new program on it stands out.
    pub history_days: i64,
    /// Without it for so long, a program is new again.
    pub known_days: i64,
    /// Hosts with the same program that make it part of the place.
    pub common_hosts: usize,
    pub quiet_days: i64,
    /// The same for an administrator's password.
    pub admin_quiet_days: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { history_days: 14, known_days: 30, common_hosts: 3, quiet_days: 30, admin_quiet_days: 7 }
    }
}

pub struct Rule {
    settings: Settings,
    programs: FxHashMap<(HostId, Symbol), Timestamp>,
    hosts: FxHashMap<Symbol, Vec<HostId>>,
    /// Administrators whose password was sent before, to which host last.
    admins: ById<HostId>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::Logon];
    const LOGONS: &'static [LogonType] = &[LogonType::NetworkCleartext];
    fn new(settings: Settings) -> Self {
        Self { settings, programs: FxHashMap::default(), hosts: FxHashMap::default(), admins: ById::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        if !step.is_somebody() {
            return;
        }
        rarely(move || {
            let program = step.world.names.fold(event.process);
            let last = self.programs.insert((step.row.host, program), event.at);
            let known = last.is_some_and(|last| event.at - last <= Span::days(self.settings.known_days));
            let tags = step.account_tags();
            let admin = tags.tier0 || tags.admin;
            let told = admin && self.admins.get(step.row.account.index()) == Some(&step.row.host);
            if known && (!admin || told) {
                return;
            }
            if admin && let Some(host) = self.admins.entry(step.row.account.index(), || step.row.host) {
                *host = step.row.host;
            }
            let hosts = self.hosts.entry(program).or_default();
            let common = hosts.len() >= self.settings.common_hosts;
            if !common && !hosts.contains(&step.row.host) {
                hosts.push(step.row.host);
            }
            let watched = step.host().and_then(|host| host.first).map_or(Span::ZERO, |first| event.at - first);
            let mature = watched >= Span::days(self.settings.history_days);
            let public = step.address_class() == Some(AddressClass::Public);
            let score = match mature && !known && !common {
                true => Score::new(Severity::Medium, "a host that took no passwords before"),
                false => Score::new(ABOUT.severity, "a password in clear"),
            }
            .raise_if(admin, "the password of an administrator")
            .raise_if(public && mature && !known && !common, "the source is a public address");
            let say = step.say();
            let usual = match (known, mature) {
                (true, _) => "the program does so often, an administrator's password is the news".to_owned(),
                (false, true) => format!("nothing there did so in {}", say::count(self.settings.known_days.unsigned_abs() as usize, "day")),
                (false, false) => format!("learning: {} of {} days", watched.as_seconds() / 86_400, self.settings.history_days),
            };
            let by = if event.process.is_some() { format!(" by {}", say.text(event.process)) } else { String::new() };
            let from = if step.row.source.is_some() { format!(" from {}", say.source(step.row.source)) } else { String::new() };
            let why = format!(
                "{} was sent the password of {} in clear{by}{from} at {}; {usual}.",
                say.host(step.row.host),
                say.account(step.row.account),
                say.time(event.at),
            );
            let (key, quiet) = match admin {
                true => (Key::of(step.row.account.index() | 1 << 40, step.row.host.index()), self.settings.admin_quiet_days),
                false => (Key::of(step.row.host.index(), program.index()), self.settings.quiet_days),
            };
            out.push(Finding::new(step, key, Span::days(quiet), score, why));
        });
    }
    fn merge(&mut self, goes: AccountId, stays: AccountId) {
        if let Some(host) = self.admins.remove(goes.index()) {
            self.admins.entry(stays.index(), || host);
        }
    }
    fn forget(&mut self, _now: Timestamp) {
        shed(&mut self.programs, PLACES, |at| Some(*at));
        let programs = &self.programs;
        self.hosts.retain(|program, hosts| {
            hosts.retain(|host| programs.contains_key(&(*host, *program)));
            !hosts.is_empty()
        });
    }
}
