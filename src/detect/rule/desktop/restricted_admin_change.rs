//! `restricted-admin-change`: Remote Desktop in Restricted Admin mode by an account that never used it, or without it by
//! one that always did.
//!
//! In this mode no password is sent, so a stolen hash opens a desktop. The first use is medium; administrators who adopt
//! it are known after that. The reverse leaves the password in the host's memory and is low.

use crate::base::time::Span;
use crate::detect::baseline::{Dimension, Value};
use crate::detect::finding::{Finding, Findings, Key, rarely};
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::step::Step;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::{EventKind, Tri};
use crate::model::logon_type::LogonType;
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "restricted-admin-change",
    title: "Restricted Admin mode changed",
    severity: Severity::Medium,
    attack: &["T1550.002", "T1021.001"],
    needs: "4624 type 10 with RestrictedAdminMode (Windows 8.1 and Server 2012 R2 on)",
    requires: &[&[Needed::Logons(LogonType::RemoteInteractive)]],
    check: "Did the administrator mean to use /restrictedAdmin? If not, the account's hash was stolen: look where it was logged on before.",
};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Remote Desktop logons that an account must have; one an hour and host counts.
    pub history_logons: u32,
    pub history_days: u32,
    /// Uses of a mode from which on it is the account's way.
    pub adopted: u32,
    /// Restricted logons without exception, from which on the mode counts as required of the account.
    pub required: u32,
    pub quiet_days: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { history_logons: 5, history_days: 3, adopted: 3, required: 10, quiet_days: 30 }
    }
}

pub struct Rule {
    settings: Settings,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::Logon];
    const LOGONS: &'static [LogonType] = &[LogonType::RemoteInteractive];
    fn new(settings: Settings) -> Self {
        Self { settings }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        if event.restricted_admin == Tri::Unknown {
            return;
        }
        let settings = &self.settings;
        let seen = step.usual_account().seen(Dimension::RdpMode);
        let count = |mode: Tri| seen.get(Value::Number(mode as u32)).map_or(0, |seen| seen.count);
        let (restricted, plain) = (count(Tri::Yes), count(Tri::No));
        if seen.activity.count < settings.history_logons || seen.activity.days < settings.history_days {
            return;
        }
        rarely(move || {
            let is_restricted = event.restricted_admin == Tri::Yes;
            let say = step.say();
            let (score, what) = if is_restricted && restricted < settings.adopted {
                let by_ntlm = say.text(event.package).eq_ignore_ascii_case("NTLM") || event.lm_package.is_some();
                let score = Score::new(ABOUT.severity, "Restricted Admin by an account that does not use it")
                    .raise_if(step.host_is_domain_controller(), "the host is a domain controller")
                    .plus_if(by_ntlm, 10, "with NTLM, as a stolen hash would");
                let times = if restricted == 0 {
                    "for the first time".to_owned()
                } else {
                    format!("used {} before", say::count(restricted as usize, "time"))
                };
                (score, format!("in Restricted Admin mode, {times}; {} without it", say::count(plain as usize, "earlier logon")))
            } else if !is_restricted && plain == 0 && restricted >= settings.required {
                let score = Score::new(Severity::Low, "without Restricted Admin, by an account that always used it");
                (
                    score,
                    format!(
                        "without Restricted Admin mode, after {} with it: its password is in the host's memory",
                        say::count(restricted as usize, "logon")
                    ),
                )
            } else {
                return;
            };
            let from = step.row.source.some().map_or_else(String::new, |source| format!(" from {}", say.source(source)));
            let why = format!(
                "{} opened Remote Desktop to {}{from} at {} {what}.",
                say.account(step.row.account),
                say.host(step.row.host),
                say.time(step.at()),
            );
            let key = Key::of(step.row.account.index(), step.row.host.index());
            out.push(Finding::new(step, key, Span::days(settings.quiet_days), score, why));
        });
    }
}
