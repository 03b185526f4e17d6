//! `machine-account-wrong-ip`: a computer account authenticates from an address that is not its computer's.
//!
//! Addresses of a computer are learned from its Kerberos traffic (`Machines`). Relays do nothing but NTLM, so a new address
//! with Kerberos is mostly a new lease, and stays low unless the address is another computer's. A computer that roams (DHCP,
//! VPN) gets new addresses by nature: for it, too, the address must be another's. Without enough history only NTLM speaks.

use crate::base::time::Span;
use crate::detect::baseline::{ComputerKey, SeenSet};
use crate::detect::finding::{Finding, Findings, Key, rarely};
use crate::detect::score::Score;
use crate::detect::step::{Step, computer};
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::account::AccountClass;
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::EventKind;
use crate::model::ids::SourceId;
use crate::model::logon_type::LogonType;
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "machine-account-wrong-ip",
    title: "Computer account from a foreign address",
    severity: Severity::High,
    attack: &["T1557.001", "T1187", "T1003.006"],
    needs: "4624 type 3 with IpAddress; 4768 and 4769 to learn the computer's addresses",
    requires: &[&[Needed::Logons(LogonType::Network)]],
    check: "Which machine has that address? If it is not the computer, its secret was relayed, coerced or stolen.",
};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Days on which addresses of the computer were seen before a new one is foreign.
    pub history_days: u32,
    /// Good-Turing chance of a new address above which the computer roams.
    pub roaming: f64,
    /// Days on which another computer was met at the address before it is that one's.
    pub holder_days: u32,
    pub quiet_hours: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { history_days: 3, roaming: 0.10, holder_days: 2, quiet_hours: 24 }
    }
}

pub struct Rule {
    settings: Settings,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::Logon];
    const LOGONS: &'static [LogonType] = &[LogonType::Network];
    fn new(settings: Settings) -> Self {
        Self { settings }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        if !step.user.is_computer || !step.is_remote() || step.source_tags().exit {
            return;
        }
        // A group managed service account ends in $ too and works from every computer it is given to.
        if step.account().is_some_and(|account| account.class == AccountClass::ManagedService) {
            return;
        }
        let Some(key) = ComputerKey::of(step.raw(event.account.user)) else { return };
        let (settings, machines) = (&self.settings, &step.usual.machines);
        static NOWHERE: SeenSet<SourceId> = SeenSet::EMPTY;
        let known = machines.computer(key).map_or(&NOWHERE, |computer| &computer.own);
        if known.contains(step.row.source) {
            return;
        }
        let ntlm = step.is_ntlm();
        let mature = known.activity.days >= settings.history_days;
        let roams = known.novelty() > settings.roaming;
        let holder =
            machines.at(step.row.source, event.at).filter(|met| met.own && met.key != key && met.activity.days >= settings.holder_days);
        // Without NTLM and without another computer there, it is a new lease.
        if !(ntlm || (mature && holder.is_some())) {
            return;
        }
        rarely(move || {
            let on_itself = machines.key_of(step.row.host) == Some(key);
            let controller = machines.host(key).and_then(|host| step.world.tables.host(host)).is_some_and(|host| host.domain_controller);
            let misnamed = ComputerKey::of(step.raw(event.workstation)).is_some_and(|claimed| claimed != key);
            let score = if mature && (!roams || holder.is_some() || controller) {
                Score::new(ABOUT.severity, "an address the computer never had")
            } else if mature {
                Score::new(Severity::Low, "the computer roams, and new addresses are usual for it")
            } else {
                Score::new(Severity::Low, "its addresses are not learned yet")
            }
            .raise_if(controller, "the account of a domain controller")
            .raise_if(ntlm && !mature, "NTLM, where computers use Kerberos")
            .raise_if(mature && !roams && step.host_is_domain_controller(), "the target is a domain controller")
            .plus_if(ntlm && mature, 10, "NTLM, where computers use Kerberos")
            .plus_if(misnamed, 10, "the client gave another computer's name")
            .plus_if(holder.is_some(), 10, "the address is another computer's")
            .plus_if(on_itself, 10, "relayed to the computer itself");
            let say = step.say();
            let list = || say.list(known.by_use().into_iter().map(|(source, _)| say.source(source)), 3);
            let at = match (known.is_empty(), mature) {
                (true, _) => "has no known address yet".to_owned(),
                (false, true) => format!("is at {}", list()),
                (false, false) => format!("was seen at {} (learning: {} of {} days)", list(), known.activity.days, settings.history_days),
            };
            let claimed = if misnamed { format!(" as {}", say.text(event.workstation)) } else { String::new() };
            let whose = holder.map_or_else(String::new, |met| format!(", which is {},", say.text(met.name).trim_end_matches('$')));
            let how = if ntlm { " with NTLM" } else { "" };
            let name = say.text(event.account.user);
            let why = format!(
                "{} authenticated to {} from {}{whose}{claimed}{how} at {}; {} {at}.",
                say.account(step.row.account),
                say.host(step.row.host),
                say.source(step.row.source),
                say.time(event.at),
                computer(&name).unwrap_or(&name),
            );
            let place = Key(key.0, step.row.source.index() as u64);
            out.push(Finding::new(step, place, Span::hours(settings.quiet_hours), score, why));
        });
    }
}
