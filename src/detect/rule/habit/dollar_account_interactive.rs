//! `dollar-account-interactive`: a name that ends in `$` acts like a person.
//!
//! Computers log on with types 3 and 5 only. A user whose name ends in `$` hides from many lists; a computer account at a
//! desktop is used by hand. Group-managed service accounts belong to `service-account-interactive`.

use crate::base::time::Span;
use crate::detect::finding::{Finding, Findings, Key, rarely};
use crate::detect::score::Score;
use crate::detect::step::{Step, UserKey};
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::account::AccountClass;
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::EventKind;
use crate::model::ids::{AccountId, EventId};
use crate::model::logon_type::LogonType;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

const ABOUT: Detection = Detection {
    id: "dollar-account-interactive",
    title: "An account named like a computer acts like a person",
    severity: Severity::Critical,
    attack: &["T1564.002", "T1136"],
    needs: "4624 (types 2, 10, 11, 12), 4720",
    requires: &[&[Needed::Logons(LogonType::Interactive)], &[Needed::Records(EventKind::AccountCreated)]],
    check: "Who created the account (4720), and is there a computer of that name? Nothing legitimate looks so.",
};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    pub quiet_hours: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { quiet_hours: 24 }
    }
}

/// Created `$` accounts remembered.
const KEPT: usize = 4_096;

pub struct Rule {
    settings: Settings,
    created: FxHashMap<UserKey, EventId>,
    /// Group-managed service accounts, as they were known before a logon made them look otherwise.
    managed: FxHashSet<AccountId>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::Logon, EventKind::AccountCreated];
    fn new(settings: Settings) -> Self {
        Self { settings, created: FxHashMap::default(), managed: FxHashSet::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        if !step.user.is_dollar {
            return;
        }
        let desktop = event.logon_type.begins_desktop();
        let created = event.kind == EventKind::AccountCreated;
        if created && self.created.len() < KEPT {
            self.created.insert(step.user_key(), step.id);
        }
        if step.account().is_some_and(|account| account.class == AccountClass::ManagedService) && self.managed.len() < KEPT {
            self.managed.insert(step.row.account);
        }
        if !(created || desktop) || event.logon_id.is_built_in() || self.managed.contains(&step.row.account) {
            return;
        }
        rarely(move || {
            let creation = self.created.get(&step.user_key()).copied();
            let score = Score::new(ABOUT.severity, "a $ account is used or made by hand").plus_if(
                desktop && creation.is_some(),
                5,
                "created as a user, then used",
            );
            let say = step.say();
            let name = say.account(step.row.account);
            let why = if created {
                format!("{name} was created as a user (4720) on {} at {}.", say.host(step.row.host), say.time(event.at))
            } else {
                let from = step.origin().map_or_else(String::new, |origin| format!(" from {}", say.origin(origin)));
                let yes = if creation.is_some() { "yes" } else { "not seen" };
                let how = say.logon_type(event.logon_type);
                format!("{name} logged on {how} to {}{from} at {}; created by 4720: {yes}.", say.host(step.row.host), say.time(event.at))
            };
            let key = Key(step.user_key().0, 0);
            out.push(Finding::new(step, key, Span::hours(self.settings.quiet_hours), score, why).since(event.at, creation));
        });
    }
    fn merge(&mut self, goes: AccountId, stays: AccountId) {
        if self.managed.remove(&goes) {
            self.managed.insert(stays);
        }
    }
}
