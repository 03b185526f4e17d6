//! `disabled-account-entra`: disabled accounts are tried from one address.
//!
//! An old phone goes on asking for its owner's mail for months, so one account says little, and an address that many people
//! use says nothing. Several disabled accounts from an address that nobody is at home at are an old list in use.

use crate::base::setting::settings;
use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::{Dimension, Value};
use crate::detect::finding::{Finding, Findings, Key, rarely};
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::sign_in;
use crate::detect::step::Step;
use crate::detect::window::{Window, shed};
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::{EventKind, Outcome, SignInCategory};
use crate::model::ids::{AccountId, EventId, SourceId};
use crate::model::status::StatusClass;
use rustc_hash::FxHashMap;

const ABOUT: Detection = Detection {
    id: "disabled-account-entra",
    title: "Disabled accounts tried in Entra",
    severity: Severity::Low,
    attack: &["T1078.004"],
    needs: "Entra sign-ins with errorCode and ipAddress",
    requires: &[&[Needed::SignIns(SignInCategory::Interactive)]],
    check: "Whose accounts were they? What else came from this address, above all what succeeded?",
};

settings! {
    /// See the module.
    pub struct Settings {
        /// Disabled accounts from one address within a day.
        pub accounts: usize = 3,
        /// Accounts at home at an address above which it is shared.
        pub shared_users: usize = 10,
        /// Once for each address and so many hours.
        pub quiet_hours: i64 = 24,
        /// Addresses kept.
        pub sources: usize = 8192,
    }
}

const DAY: Span = Span::hours(24);
/// Tries kept of one address.
const KEPT: usize = 128;

#[derive(Clone, Copy)]
struct Try {
    event: EventId,
    account: AccountId,
}

pub struct Rule {
    settings: Settings,
    sources: FxHashMap<SourceId, Window<Try>>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::SignIn];
    fn new(settings: Settings) -> Self {
        Self { settings, sources: FxHashMap::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let is_disabled = step.event().status.class() == StatusClass::Disabled;
        let is_success = step.event().outcome == Outcome::Success;
        if !(is_disabled || (is_success && self.sources.contains_key(&step.row.source))) || sign_in::of_user(step).is_none() {
            return;
        }
        rarely(move || {
            let Some(source) = step.row.source.some() else { return };
            let at_home = step.usual_source().seen(Dimension::Account);
            if at_home.len() >= self.settings.shared_users || step.source_tags().exit {
                return;
            }
            let window = self.sources.entry(source).or_default();
            if is_disabled {
                window.push(step.at(), Try { event: step.id, account: step.row.account }, DAY, KEPT);
            }
            let tries: Vec<_> = window.between(step.at() - DAY, step.at()).copied().collect();
            let mut accounts: Vec<AccountId> = tries.iter().map(|(_, one)| one.account).collect();
            accounts.sort_unstable();
            accounts.dedup();
            // Somebody who gets in there for the first time, after others were tried.
            let stranger = is_success && !at_home.contains(Value::Account(step.row.account));
            if accounts.len() < self.settings.accounts || (is_success && !stranger) {
                return;
            }
            let Some((first_at, _)) = tries.first() else { return };
            let score = if stranger {
                Score::new(Severity::High, "disabled accounts tried, then somebody got in from there").raise_for(step)
            } else {
                Score::new(Severity::Medium, "several disabled accounts from one address")
            }
            .plus_if(accounts.len() >= 10, 5, "ten accounts or more");
            let say = step.say();
            let end =
                if stranger { format!("{} then signed in from there", say.account(step.row.account)) } else { "none got in".to_owned() };
            let why = format!(
                "{} tried {}, {}: {}; {end}.",
                say.source(source),
                say::count(accounts.len(), "disabled account"),
                say.stretch(*first_at, step.at()),
                say.list(accounts.iter().map(|account| say.account(*account)), 4),
            );
            out.push(
                Finding::new(step, Key::of(source.index(), 0), Span::hours(self.settings.quiet_hours), score, why)
                    .since(*first_at, tries.iter().map(|(_, one)| one.event))
                    .and_accounts(accounts),
            );
        });
    }
    fn forget(&mut self, now: Timestamp) {
        self.sources.retain(|_, window| {
            window.forget_before(now - DAY);
            !window.is_empty()
        });
        shed(&mut self.sources, self.settings.sources, Window::newest);
    }
}
