//! `builtin-identity-misuse`: SYSTEM and its like where they never are, or an account that is called like one.
//!
//! SYSTEM, LOCAL SERVICE and NETWORK SERVICE have no password. They start with types 0 and 5 and never sit at a desktop;
//! the window manager and the font driver (DWM, UMFD) do, and are not meant. A SID says what a name claims.

use crate::base::setting::settings;
use crate::base::time::Span;
use crate::detect::finding::{Finding, Findings, Key, rarely};
use crate::detect::score::Score;
use crate::detect::step::{Step, computer};
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::account::AccountClass;
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::EventKind;
use crate::model::logon_type::LogonType;

const ABOUT: Detection = Detection {
    id: "builtin-identity-misuse",
    title: "Built-in identity where it never is",
    severity: Severity::High,
    attack: &["T1134", "T1078.001"],
    needs: "4624, 4720, 4781",
    requires: &[
        &[Needed::Logons(LogonType::Interactive)],
        &[Needed::Logons(LogonType::Network)],
        &[Needed::Records(EventKind::AccountCreated)],
    ],
    check: "Is the SID the one the name promises? If the account is made up, who created it; if not, which process stole the token?",
};

settings! {
    /// See the module.
    pub struct Settings {
        /// One finding for an identity and a host in so many hours.
        pub quiet_hours: i64 = 24,
    }
}

pub struct Rule {
    settings: Settings,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::Logon, EventKind::AccountCreated, EventKind::AccountRenamed];
    fn new(settings: Settings) -> Self {
        Self { settings }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        let wrong = match event.kind {
            EventKind::Logon => {
                let class = step.account().map(|account| account.class);
                if !matches!(class, Some(AccountClass::BuiltIn | AccountClass::Anonymous)) {
                    return;
                }
                logon(step)
            }
            _ => is_called_built_in(step.raw(event.account.user)).then_some("a user was given the name of a built-in account"),
        };
        let Some(reason) = wrong else { return };
        rarely(move || {
            let say = step.say();
            let sid = if event.account.sid.is_some() { say.text(event.account.sid) } else { "no SID".to_owned() };
            let (host, time) = (say.host(step.row.host), say.time(event.at));
            let what = match event.kind {
                EventKind::Logon => {
                    let from = step.origin().map_or_else(String::new, |origin| format!(" from {}", say.origin(origin)));
                    format!("appeared with logon {} on {host}{from} at {time}", say.logon_type(event.logon_type))
                }
                EventKind::AccountRenamed => format!("has its name since {time} on {host}"),
                _ => format!("was created on {host} at {time}"),
            };
            let why = format!("{} ({sid}) {what}: {reason}; built-in accounts use types 0 and 5.", say.account(step.row.account));
            let score = Score::new(ABOUT.severity, reason).raise_if(step.host_is_domain_controller(), "the host is a domain controller");
            let key = Key(step.user_key().0, step.row.host.index() as u64);
            out.push(Finding::new(step, key, Span::hours(self.settings.quiet_hours), score, why));
        });
    }
}

/// What is wrong with a logon of an account of this name, domain or SID.
fn logon(step: &Step<'_>) -> Option<&'static str> {
    let event = step.event();
    let sid = step.raw(event.account.sid);
    if sid.starts_with("S-1-5-21-") {
        return Some("its SID is that of a common account");
    }
    if !(matches!(sid, "S-1-5-18" | "S-1-5-19" | "S-1-5-20") || sid.is_empty() && event.logon_id.is_built_in()) {
        return None;
    }
    match event.logon_type {
        LogonType::Interactive
        | LogonType::Unlock
        | LogonType::RemoteInteractive
        | LogonType::CachedInteractive
        | LogonType::CachedRemoteInteractive => Some("nobody can log on so with an account that has no password"),
        // The computer's own account stands for it where a service of the host calls the host.
        LogonType::Network if sid == "S-1-5-18" && step.is_remote() && !is_the_host_itself(step) => {
            Some("SYSTEM of one host is nobody on another")
        }
        _ => None,
    }
}

fn is_the_host_itself(step: &Step<'_>) -> bool {
    let event = step.event();
    let host = step.raw(event.host);
    let short = host.split('.').next().unwrap_or(host);
    let is_short = |name: &str| name.eq_ignore_ascii_case(short);
    computer(step.raw(event.account.user)).is_some_and(is_short) || is_short(step.raw(event.workstation))
}

/// `SYSTEM`, `LOCAL SERVICE`, `DWM-3` and so on.
fn is_called_built_in(name: &str) -> bool {
    const NAMES: [&str; 5] = ["system", "local service", "network service", "anonymous logon", "iusr"];
    let name = name.trim().to_lowercase();
    let is_numbered =
        |start: &str| name.strip_prefix(start).is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()));
    NAMES.contains(&name.as_str()) || is_numbered("dwm-") || is_numbered("umfd-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_built_in_accounts_are_known_in_any_spelling() {
        assert!(["SYSTEM", "system ", "Local Service", "DWM-1", "umfd-0", "ANONYMOUS LOGON"].iter().all(|name| is_called_built_in(name)));
        assert!(["systemadm", "dwm-", "dwm-x", "alice", ""].iter().all(|name| !is_called_built_in(name)));
    }
}
