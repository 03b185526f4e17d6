//! `relay-name-mismatch`: a client says a workstation name that belongs elsewhere, or one that tools make up.
//!
//! In a relay the name is the victim's and the address the attacker's. Leases move names too, so both sides must hold: the
//! name's computer is alive at its own address, and the address is that of another computer, both within a day. Computers
//! that come from many addresses, and addresses of many computers (VPN, NAT), say nothing.

use super::names;
use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::machines::Sighting;
use crate::detect::baseline::{ComputerKey, Machines};
use crate::detect::finding::{Finding, Findings, Key, rarely};
use crate::detect::score::Score;
use crate::detect::step::Step;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::{EventKind, Outcome};
use crate::model::ids::SourceId;
use crate::model::logon_type::LogonType;
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "relay-name-mismatch",
    title: "Workstation name does not fit the address",
    severity: Severity::Medium,
    attack: &["T1557.001"],
    needs: "4624 and 4625 type 3 with WorkstationName and IpAddress; 4768 and 4769 of computers tell who has which address",
    requires: &[&[Needed::Logons(LogonType::Network)], &[Needed::Records(EventKind::LogonFailed)]],
    check: "Which machine has that address? Was the named workstation made to log on there (responder, mail, share) just before?",
};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Days and sightings of the name elsewhere before it is bound there.
    pub history_days: u32,
    pub sightings: u32,
    /// Addresses of a name beyond which it moves about.
    pub addresses: usize,
    /// Days on which the other computer was met at the address.
    pub holder_days: u32,
    /// How fresh both bindings must be.
    pub fresh_hours: i64,
    pub quiet_hours: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { history_days: 7, sightings: 10, addresses: 3, holder_days: 3, fresh_hours: 24, quiet_hours: 24 }
    }
}

pub struct Rule {
    settings: Settings,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::Logon, EventKind::LogonFailed];
    const LOGONS: &'static [LogonType] = &[LogonType::Network];
    fn new(settings: Settings) -> Self {
        Self { settings }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        if event.workstation.is_none() || !step.is_remote() || !step.is_ntlm() {
            return;
        }
        let name = step.raw(event.workstation);
        if names::is_made_up_workstation(name) {
            return self.made_up(step, out);
        }
        if event.outcome != Outcome::Success || !step.is_somebody() || step.source_tags().exit {
            return;
        }
        let Some(key) = ComputerKey::of(name) else { return };
        let machines = &step.usual.machines;
        let Some(holder) = self.holder(machines, key, step) else { return };
        let Some(places) = self.bound_elsewhere(machines, key, step) else { return };
        rarely(move || {
            let rights = step.session().is_some_and(|session| session.privileged);
            let score = Score::new(ABOUT.severity, "the name of one computer at the address of another")
                .raise_if(rights, "administrator rights in the session")
                .raise_for(step);
            let say = step.say();
            let why = format!(
                "{} logged on to {} at {} as if from workstation {}, but came from {}, which is {}; {} is at {}.",
                say.account(step.row.account),
                say.host(step.row.host),
                say.time(event.at),
                say.text(event.workstation),
                say.source(step.row.source),
                say.text(holder.name).trim_end_matches('$'),
                say.text(event.workstation),
                say.list(places.into_iter().map(|place| say.source(place)), 3),
            );
            let key = Key(key.0, step.row.source.index() as u64);
            out.push(Finding::new(step, key, Span::hours(self.settings.quiet_hours), score, why));
        });
    }
}

impl Rule {
    fn is_fresh(&self, last: Option<Timestamp>, now: Timestamp) -> bool {
        last.is_some_and(|last| now - last <= Span::hours(self.settings.fresh_hours))
    }
    /// The other computer that has the address, where the named one was never met.
    fn holder<'a>(&self, machines: &'a Machines, key: ComputerKey, step: &Step<'_>) -> Option<&'a Sighting> {
        let met = machines.met_at(step.row.source);
        if met.iter().any(|met| met.key == key) {
            return None;
        }
        let mut others = met.iter().filter(|met| self.is_fresh(met.activity.last_at(), step.at()));
        let holder = others.clone().max_by_key(|met| (met.own, met.activity.days))?;
        // Several computers at once: a gateway.
        let shared = others.any(|other| other.key != holder.key);
        (!shared && holder.activity.days >= self.settings.holder_days).then_some(holder)
    }
    /// The addresses that the name is bound to, where it is alive now.
    fn bound_elsewhere(&self, machines: &Machines, key: ComputerKey, step: &Step<'_>) -> Option<Vec<SourceId>> {
        let computer = machines.computer(key)?;
        // What the computer's own account tells counts more than claims.
        let places = if computer.own.is_empty() { &computer.claimed } else { &computer.own };
        let activity = &places.activity;
        let bound = activity.days >= self.settings.history_days && activity.count >= self.settings.sightings;
        let alive = self.is_fresh(activity.last_at(), step.at());
        let steady = places.len() <= self.settings.addresses;
        (bound && alive && steady).then(|| places.by_use().into_iter().map(|(place, _)| place).collect())
    }
    /// A name out of a generator: nobody's workstation, whether it got in or not.
    fn made_up(&self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        let success = event.outcome == Outcome::Success;
        let score = match success {
            true => Score::new(ABOUT.severity, "a workstation name that tools make up").raise_for(step),
            false => Score::new(Severity::Low, "a workstation name that tools make up"),
        };
        let say = step.say();
        let why = format!(
            "{} {} to {} from {} at {} as workstation {}, a name that tools make up.",
            if step.event().account.is_none() { "Somebody".to_owned() } else { say.account(step.row.account) },
            if success { "logged on" } else { "tried to log on" },
            say.host(step.row.host),
            say.source(step.row.source),
            say.time(event.at),
            say.text(event.workstation),
        );
        // Each try has another name.
        let key = Key::of(1 << 40 | usize::from(success), step.row.source.index());
        out.push(Finding::new(step, key, Span::hours(self.settings.quiet_hours), score, why));
    }
}
