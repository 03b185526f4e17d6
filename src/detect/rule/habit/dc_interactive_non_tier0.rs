//! `dc-interactive-non-tier0`: a desktop on a domain controller by an account that does not rule it.
//!
//! Who rules it is said (`[site] tier0`), or learned: accounts that had administrator rights (4672) on a domain controller
//! on several days, and those whose desktops on it are usual. Without a list an administrator of other hosts is told low.
//! `runas` on the controller is no desktop.

use crate::base::by_id::ById;
use crate::base::setting::settings;
use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::{Activity, Dimension, Value};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::step::Step;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::EventKind;
use crate::model::ids::AccountId;
use crate::model::logon_type::LogonType;

const ABOUT: Detection = Detection {
    id: "dc-interactive-non-tier0",
    title: "Desktop on a domain controller by a common account",
    severity: Severity::High,
    attack: &["T1078.002", "T1021.001"],
    needs: "4624 types 2, 10, 11, 12 and 4672 of the domain controllers",
    requires: &[
        &[Needed::Logons(LogonType::Interactive), Needed::Records(EventKind::SpecialPrivileges)],
        &[Needed::Logons(LogonType::RemoteInteractive), Needed::Records(EventKind::SpecialPrivileges)],
    ],
    check: "Who let this account log on there? Treat the secrets of the domain as read until the session is explained.",
};

settings! {
    /// See the module.
    pub struct Settings {
        /// Without a list nothing is said before rights on domain controllers were watched for so long.
        pub history_days: i64 = 14,
        /// Days with rights on a domain controller from which on an account rules it.
        pub ruling_days: u32 = 3,
        /// One finding for an account and a host in so many hours.
        pub quiet_hours: i64 = 24,
    }
}

pub struct Rule {
    settings: Settings,
    /// Rights on domain controllers, by account.
    rights: ById<Activity>,
    /// Rights on other hosts, by account.
    elsewhere: ById<Activity>,
    first_at: Option<Timestamp>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::Logon, EventKind::SpecialPrivileges];
    const LOGONS: &'static [LogonType] = LogonType::DESKTOPS;
    fn new(settings: Settings) -> Self {
        Self { settings, rights: ById::default(), elsewhere: ById::default(), first_at: None }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        if event.kind == EventKind::SpecialPrivileges {
            let there = match step.host_is_domain_controller() {
                true => &mut self.rights,
                false => &mut self.elsewhere,
            };
            if let Some(rights) = there.entry(step.row.account.index(), Activity::default) {
                rights.add(event.at);
            }
            if step.host_is_domain_controller() {
                self.first_at.get_or_insert(event.at);
            }
            return;
        }
        if !event.logon_type.begins_desktop() || !step.host_is_domain_controller() {
            return;
        }
        let is_machinery = step.account().is_none_or(|account| account.class.is_machinery());
        let is_run_as = step.raw(event.logon_process).eq_ignore_ascii_case("seclogo");
        if is_machinery || is_run_as || step.account_tags().tier0 {
            return;
        }
        let is_listed = !step.site.settings().tier0.is_empty();
        if is_listed || self.is_new_there(step) {
            self.raise(step, is_listed, out);
        }
    }
    fn merge(&mut self, goes: AccountId, stays: AccountId) {
        for there in [&mut self.rights, &mut self.elsewhere] {
            if let Some(gone) = there.remove(goes.index())
                && let Some(rights) = there.entry(stays.index(), Activity::default)
            {
                rights.absorb(&gone);
            }
        }
    }
}

impl Rule {
    fn rules(&self, account: AccountId) -> bool {
        self.rights.get(account.index()).is_some_and(|rights| rights.days >= self.settings.ruling_days)
    }
    /// Without a list: enough is known, and neither its rights nor its desktops here are usual.
    fn is_new_there(&self, step: &Step<'_>) -> bool {
        let history = Span::days(self.settings.history_days);
        let is_known = step.usual_host().seen(Dimension::Account).contains(Value::Account(step.row.account));
        self.first_at.is_some_and(|first| step.at() - first >= history) && !is_known && !self.rules(step.row.account)
    }
    #[cold]
    #[inline(never)]
    fn raise(&self, step: &Step<'_>, is_listed: bool, out: &mut Findings) {
        let is_admin = self.elsewhere.get(step.row.account.index()).is_some_and(|rights| rights.days >= self.settings.ruling_days);
        let score = match is_admin && !is_listed {
            true => Score::new(Severity::Low, "an administrator of other hosts: without a list it may rule this one too"),
            false => Score::new(ABOUT.severity, "a desktop on a domain controller by an account that does not rule it"),
        };
        let say = step.say();
        let from = step.origin().map_or_else(String::new, |origin| format!(" from {}", say.origin(origin)));
        let among = if is_listed {
            "it is not in tier0 of the settings".to_owned()
        } else {
            let ruling = self.rights.iter().filter(|(_, rights)| rights.days >= self.settings.ruling_days).count();
            format!("{} had rights on domain controllers until now, not this one", say::count(ruling, "account"))
        };
        let why = format!(
            "{} opened a desktop on domain controller {}{from} at {}, {}; {among}.",
            say.account(step.row.account),
            say.host(step.row.host),
            say.time(step.at()),
            say.logon_type(step.event().logon_type),
        );
        let key = Key::of(step.row.account.index(), step.row.host.index());
        out.push(Finding::new(step, key, Span::hours(self.settings.quiet_hours), score, why));
    }
}
