//! `machine-account-wrong-ip`: a computer account authenticates from an address that is not its computer's.
//!
//! Addresses of a computer are learned from its Kerberos traffic. Without enough of it only NTLM speaks, and low: a
//! computer of a domain that uses NTLM across the network is rare, and relays do nothing else.

use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::SeenSet;
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::score::Score;
use crate::detect::step::{Step, UserKey, computer};
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Severity};
use crate::model::event::{EventKind, Outcome};
use crate::model::ids::SourceId;
use crate::model::logon_type::LogonType;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "machine-account-wrong-ip",
    title: "Computer account from a foreign address",
    severity: Severity::High,
    attack: &["T1557.001", "T1187", "T1003.006"],
    needs: "4624 type 3 with IpAddress; 4768 and 4769 to learn the computer's addresses",
    requires: &[],
    check: "Which machine has that address? If it is not the computer, its secret was relayed, coerced or stolen.",
};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Days on which addresses of the computer were seen before a new one is foreign.
    pub history_days: u32,
    /// Good-Turing chance of a new address above which the computer roams (DHCP) and a new one says nothing.
    pub roaming: f64,
    /// Addresses remembered for one computer.
    pub kept: usize,
    pub forget_days: i64,
    pub quiet_hours: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { history_days: 3, roaming: 0.10, kept: 32, forget_days: 90, quiet_hours: 24 }
    }
}

pub struct Rule {
    settings: Settings,
    addresses: FxHashMap<UserKey, SeenSet<SourceId>>,
    /// Computers by name that are domain controllers.
    controllers: FxHashSet<UserKey>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] =
        &[EventKind::Logon, EventKind::TicketGranting, EventKind::ServiceTicket, EventKind::CredentialValidation];
    fn new(settings: Settings) -> Self {
        Self { settings, addresses: FxHashMap::default(), controllers: FxHashSet::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        if !step.user.is_computer {
            return;
        }
        let Some(computer) = computer(step.raw(event.account.user)) else { return };
        if event.outcome != Outcome::Success {
            return;
        }
        let key = step.user_key();
        let on_itself = step.host().is_some_and(|host| same_name(step.raw(host.name), computer));
        if on_itself && step.host_is_domain_controller() {
            self.controllers.insert(key);
        }
        if !step.is_remote() {
            return;
        }
        let ntlm = is_ntlm(step);
        match event.kind {
            EventKind::Logon if event.logon_type == LogonType::Network => {}
            // Tickets are asked for by the computer itself: they teach.
            EventKind::TicketGranting | EventKind::ServiceTicket => return self.learn(step, key),
            _ => return,
        }
        let known = self.addresses.get(&key);
        if known.is_some_and(|known| known.contains(step.row.source)) {
            return;
        }
        let mature = known.is_some_and(|known| known.activity.days >= self.settings.history_days);
        let roams = known.is_some_and(|known| known.novelty() > self.settings.roaming);
        let speaks = ntlm || (mature && !roams);
        if !speaks {
            return self.learn(step, key);
        }
        let controller = self.controllers.contains(&key);
        let workstation = step.raw(event.workstation);
        let misnamed = !workstation.is_empty() && !same_name(workstation, computer);
        let score = if mature {
            Score::new(ABOUT.severity, "an address the computer never had")
        } else {
            Score::new(Severity::Low, "its addresses are not learned yet")
        }
        .raise_if(controller, "the account of a domain controller")
        .raise_if(ntlm && !mature, "NTLM, where computers use Kerberos")
        .raise_if(step.host_is_domain_controller(), "the target is a domain controller")
        .plus_if(ntlm && mature, 10, "NTLM, where computers use Kerberos")
        .plus_if(misnamed, 10, "the client gave another computer's name")
        .plus_if(on_itself, 10, "relayed to the computer itself");
        let say = step.say();
        let at = match known.map(SeenSet::by_use) {
            Some(places) if !places.is_empty() => {
                let list = say.list(places.into_iter().map(|(source, _)| say.source(source)), 3);
                if mature {
                    format!("is at {list}")
                } else {
                    format!("was seen at {list} (learning: {} of {} days)", self.days(key), self.settings.history_days)
                }
            }
            _ => "has no known address yet".to_owned(),
        };
        let claimed = if misnamed { format!(" as {}", say.text(event.workstation)) } else { String::new() };
        let how = if ntlm { " with NTLM" } else { "" };
        let why = format!(
            "{} authenticated to {} from {}{claimed}{how} at {}; {} {at}.",
            say.account(step.row.account),
            say.host(step.row.host),
            say.source(step.row.source),
            say.time(event.at),
            say.text(event.account.user).trim_end_matches('$'),
        );
        let place = Key(key.0, step.row.source.index() as u64);
        out.push(Finding::new(step, place, Span::hours(self.settings.quiet_hours), score, why));
    }
    fn forget(&mut self, now: Timestamp) {
        let limit = now - Span::days(self.settings.forget_days);
        self.addresses.retain(|_, known| {
            known.forget_before(limit);
            !known.is_empty()
        });
    }
}

impl Rule {
    fn learn(&mut self, step: &Step<'_>, key: UserKey) {
        if step.row.source.is_some() && !is_ntlm(step) {
            self.addresses.entry(key).or_default().add(step.row.source, step.at(), self.settings.kept);
        }
    }
    fn days(&self, key: UserKey) -> u32 {
        self.addresses.get(&key).map_or(0, |known| known.activity.days)
    }
}

fn same_name(host: &str, computer: &str) -> bool {
    host.split('.').next().unwrap_or(host).eq_ignore_ascii_case(computer)
}

fn is_ntlm(step: &Step<'_>) -> bool {
    let event = step.event();
    step.raw(event.package).to_ascii_uppercase().starts_with("NTLM") || step.raw(event.logon_process).eq_ignore_ascii_case("NtLmSsp")
}
