//! `guest-or-default-logon`: Guest, DefaultAccount or WDAGUtilityAccount logs on.
//!
//! They are known by their SID (RID 501, 503, 504), else by their name. Storage devices fall back to Guest over the network,
//! so type 3 is told one step lower, and once a host is known for it, low. `defaultuser0` belongs to the set-up of Windows.

use crate::base::setting::settings;
use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::{Dimension, Value};
use crate::detect::finding::{Finding, Findings, Key, rarely};
use crate::detect::score::Score;
use crate::detect::step::Step;
use crate::detect::window::{Window, shed};
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::account::AccountClass;
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::EventKind;
use crate::model::ids::{EventId, HostId};
use crate::model::logon_type::LogonType;
use rustc_hash::FxHashMap;

const ABOUT: Detection = Detection {
    id: "guest-or-default-logon",
    title: "Guest or default account logs on",
    severity: Severity::High,
    attack: &["T1078.001"],
    needs: "4624 and 4625 types 2, 3, 10",
    requires: &[&[Needed::Logons(LogonType::Interactive)], &[Needed::Logons(LogonType::Network)]],
    check: "These accounts are disabled as delivered: who enabled it (4722), and what does it open? Disable it again.",
};

settings! {
    /// See the module.
    pub struct Settings {
        /// Failures on one host within an hour that are told, low.
        pub failures: usize = 3,
        /// One finding for a host in so many hours.
        pub quiet_hours: i64 = 24,
    }
}

/// Hosts with failures remembered, and failures of each.
const KEPT: usize = 1_024;
const FAILURES: usize = 64;
const FAILED_WITHIN: Span = Span::hours(1);

pub struct Rule {
    settings: Settings,
    failed: FxHashMap<HostId, Window<EventId>>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::Logon, EventKind::LogonFailed];
    const LOGONS: &'static [LogonType] = &[
        LogonType::Network,
        LogonType::NetworkCleartext,
        LogonType::Interactive,
        LogonType::RemoteInteractive,
        LogonType::CachedInteractive,
        LogonType::CachedRemoteInteractive,
    ];
    fn new(settings: Settings) -> Self {
        Self { settings, failed: FxHashMap::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        let is_network = matches!(event.logon_type, LogonType::Network | LogonType::NetworkCleartext);
        if step.account().is_none_or(|account| account.class != AccountClass::Guest) || !(is_network || event.logon_type.begins_desktop()) {
            return;
        }
        rarely(move || {
            if step.raw(event.account.user).eq_ignore_ascii_case("defaultuser0") {
                return;
            }
            if event.kind == EventKind::LogonFailed {
                self.failed(step, out);
                return;
            }
            let is_known = step.usual_account().seen(Dimension::Reached).contains(Value::Host(step.row.host));
            let score = match (is_network, is_known) {
                (true, true) => Score::new(Severity::Low, "guest access over the network, as before on this host"),
                (true, false) => Score::new(Severity::Medium, "guest access over the network, for the first time on this host"),
                (false, _) => Score::new(ABOUT.severity, "a desktop of an account that should be disabled"),
            }
            .raise_if(step.host_is_domain_controller(), "the host is a domain controller");
            let what = format!("logged on {}", step.say().logon_type(event.logon_type));
            self.raise(step, score, &what, "", out);
        });
    }
    fn forget(&mut self, now: Timestamp) {
        self.failed.retain(|_, window| {
            window.forget_before(now - FAILED_WITHIN);
            !window.is_empty()
        });
        shed(&mut self.failed, KEPT, Window::newest);
    }
}

impl Rule {
    fn failed(&mut self, step: &Step<'_>, out: &mut Findings) {
        let window = self.failed.entry(step.row.host).or_default();
        window.push(step.at(), step.id, FAILED_WITHIN, FAILURES);
        let count = window.len();
        if count >= self.settings.failures {
            let what = format!("failed to log on {count} times in an hour");
            self.raise(step, Score::new(Severity::Low, "somebody tries a default account"), &what, "f", out);
        }
    }
    #[cold]
    #[inline(never)]
    fn raise(&self, step: &Step<'_>, score: Score, what: &str, sort: &str, out: &mut Findings) {
        let say = step.say();
        let from = step.origin().map_or_else(String::new, |origin| format!(" from {}", say.origin(origin)));
        let why = format!("{} {what} to {}{from} at {}.", say.account(step.row.account), say.host(step.row.host), say.time(step.at()));
        let key = Key::of(step.row.host.index(), sort.len());
        let earlier = self.failed.get(&step.row.host).into_iter().flat_map(Window::iter).filter(|_| !sort.is_empty());
        let finding = Finding::new(step, key, Span::hours(self.settings.quiet_hours), score, why);
        out.push(earlier.fold(finding, |finding, (at, event)| finding.since(*at, [*event])));
    }
}
