//! `first-admin-logon`: an account that always logged on without administrator rights has them.
//!
//! 4672 stands for the rights: Windows writes it for a person's logon only where the token holds one of the privileges that
//! rule the host. Rights differ by host, so workstations, servers and domain controllers are told apart. A change of a group
//! shortly before explains it.

use crate::base::by_id::ById;
use crate::base::intern::Symbol;
use crate::base::setting::settings;
use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::{Dimension, Value, rekey};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::step::Step;
use crate::detect::window::shed;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::EventKind;
use crate::model::host::HostRole;
use crate::model::ids::{AccountId, EventId};
use rustc_hash::FxHashMap;

const ABOUT: Detection = Detection {
    id: "first-admin-logon",
    title: "First logon with administrator rights",
    severity: Severity::Medium,
    attack: &["T1078.002", "T1098"],
    needs: "4672 and 4624 of at least two weeks, or 4964; 4728, 4732, 4756 explain it",
    requires: &[&[Needed::Records(EventKind::SpecialPrivileges)], &[Needed::Records(EventKind::SpecialGroups)]],
    check: "Which group gave the rights, and who changed it? Without a change: is it a richer account under a known name?",
};

settings! {
    /// See the module.
    pub struct Settings {
        /// Active days the account must be known for.
        pub history_days: u32 = 14,
        /// Logons on hosts of this role that came without rights.
        pub history_logons: u32 = 30,
        /// A change of a group explains new rights for so long.
        pub explained_days: i64 = 7,
        /// One finding for an account and a role of hosts in so many days.
        pub quiet_days: i64 = 30,
    }
}

/// Group changes remembered.
const KEPT: usize = 16_384;
/// A logon of a watched group was told.
const SPECIAL: u8 = 1 << 7;

#[derive(Clone, Copy)]
struct Joined {
    at: Timestamp,
    event: EventId,
    group: Symbol,
}

pub struct Rule {
    settings: Settings,
    /// Roles of hosts on which an account had rights, as bits.
    held: ById<u8>,
    joined: FxHashMap<AccountId, Joined>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::SpecialPrivileges, EventKind::SpecialGroups, EventKind::GroupJoined];
    fn new(settings: Settings) -> Self {
        Self { settings, held: ById::default(), joined: FxHashMap::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let (event, account) = (step.event(), step.row.account);
        if event.kind == EventKind::GroupJoined {
            self.joined.insert(account, Joined { at: event.at, event: step.id, group: event.target });
            return;
        }
        let Some(role) = step.host().map(|host| host.kind) else { return };
        let bit = if event.kind == EventKind::SpecialGroups { SPECIAL } else { 1 << role as u8 };
        let Some(held) = self.held.entry(account.index(), || 0) else { return };
        if *held & bit != 0 {
            return;
        }
        *held |= bit;
        if event.kind == EventKind::SpecialGroups {
            self.special(step, out);
        } else if step.is_a_persons() {
            self.rights(step, role, out);
        }
    }
    fn merge(&mut self, goes: AccountId, stays: AccountId) {
        if let (Some(gone), Some(held)) = (self.held.remove(goes.index()), self.held.entry(stays.index(), || 0)) {
            *held |= gone;
        }
        rekey(&mut self.joined, &goes, stays, |there, more| *there = if more.at > there.at { more } else { *there });
    }
    fn forget(&mut self, now: Timestamp) {
        let limit = now - Span::days(self.settings.explained_days);
        self.joined.retain(|_, joined| joined.at >= limit);
        shed(&mut self.joined, KEPT, |joined| Some(joined.at));
    }
}

impl Rule {
    fn rights(&self, step: &Step<'_>, role: HostRole, out: &mut Findings) {
        let usual = step.usual_account();
        if usual.activity.days < self.settings.history_days {
            return;
        }
        let without = logons_on(step, role);
        if without < self.settings.history_logons {
            return;
        }
        let joined = self.joined.get(&step.row.account).filter(|joined| step.at() - joined.at <= Span::days(self.settings.explained_days));
        let score = match joined {
            Some(_) => Score::new(Severity::Low, "first administrator rights, after a change of its groups"),
            None => Score::new(ABOUT.severity, "first administrator rights, and no change of a group was seen")
                .raise_if(step.host_is_domain_controller(), "the host is a domain controller"),
        };
        let say = step.say();
        let change = joined.map_or_else(
            || "group change: none seen".to_owned(),
            |joined| format!("group change: added to {} at {}", say.text(joined.group), say.time(joined.at)),
        );
        let why = format!(
            "{} got administrator rights (4672) on {} ({}) at {}; {} on such hosts had none; {change}.",
            say.account(step.row.account),
            say.host(step.row.host),
            role.word(),
            say.time(step.at()),
            say::count(without as usize, "earlier logon"),
        );
        let key = Key::of(step.row.account.index(), role as usize);
        let finding = Finding::new(step, key, Span::days(self.settings.quiet_days), score, why);
        out.push(match joined {
            Some(joined) => finding.since(joined.at, [joined.event]),
            None => finding,
        });
    }
    /// The policy names groups to watch; that one of them logged on is worth a line.
    fn special(&self, step: &Step<'_>, out: &mut Findings) {
        let say = step.say();
        let why = format!(
            "{}, of a group that the audit policy watches (4964), logged on to {} at {}, for the first time in the log.",
            say.account(step.row.account),
            say.host(step.row.host),
            say.time(step.at()),
        );
        let score = Score::new(Severity::Low, "a group that the audit policy watches");
        out.push(Finding::new(
            step,
            Key::of(step.row.account.index(), usize::from(SPECIAL)),
            Span::days(self.settings.quiet_days),
            score,
            why,
        ));
    }
}

/// Logons of the account on hosts of a role, before this one.
fn logons_on(step: &Step<'_>, role: HostRole) -> u32 {
    let usual = step.usual_account();
    let is_role = |value: &Value| matches!(value, Value::Host(host) if step.world.tables.host(*host).is_some_and(|host| host.kind == role));
    [Dimension::Host, Dimension::Reached]
        .into_iter()
        .flat_map(|dimension| usual.seen(dimension).by_use())
        .filter(|(value, _)| is_role(value))
        .map(|(_, seen)| seen.count)
        .sum()
}
