//! `entra-user-enumeration`: names are tried that the directory does not have.
//!
//! It comes before a spray and does no harm by itself. One unknown domain in all names is a typing error that is repeated,
//! as after a rename.

use crate::base::setting::settings;
use crate::base::time::{Span, Timestamp};
use crate::detect::finding::{Finding, Findings, Key, rarely};
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::sign_in;
use crate::detect::step::Step;
use crate::detect::window::{Window, shed};
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::{EventKind, SignInCategory};
use crate::model::ids::{AccountId, EventId, SourceId};
use crate::model::status::StatusClass;
use rustc_hash::{FxHashMap, FxHashSet};

const ABOUT: Detection = Detection {
    id: "entra-user-enumeration",
    title: "Unknown names tried in Entra",
    severity: Severity::Low,
    attack: &["T1087.004"],
    needs: "Entra sign-ins with errorCode and ipAddress",
    requires: &[&[Needed::SignIns(SignInCategory::Interactive)]],
    check: "Are the names those of people who are or were here? Watch the address: a spray mostly follows.",
};

settings! {
    /// See the module.
    pub struct Settings {
        /// Unknown names from one address within an hour.
        pub names: usize = 20,
        /// Once for each address and so many hours.
        pub quiet_hours: i64 = 12,
        /// Names kept of one address.
        pub kept: usize = 512,
        /// Addresses kept.
        pub sources: usize = 8192,
    }
}

const WITHIN: Span = Span::hours(1);

#[derive(Clone, Copy)]
struct Name {
    event: EventId,
    account: AccountId,
}

pub struct Rule {
    settings: Settings,
    sources: FxHashMap<SourceId, Window<Name>>,
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
        if step.event().status.class() != StatusClass::UnknownAccount || sign_in::of_user(step).is_none() {
            return;
        }
        rarely(move || {
            let Some(source) = step.row.source.some() else { return };
            let window = self.sources.entry(source).or_default();
            window.push(step.at(), Name { event: step.id, account: step.row.account }, WITHIN, self.settings.kept);
            let recent: Vec<_> = window.between(step.at() - WITHIN, step.at()).copied().collect();
            let accounts: FxHashSet<AccountId> = recent.iter().map(|(_, name)| name.account).collect();
            if accounts.len() < self.settings.names {
                return;
            }
            let Some((first_at, _)) = recent.first() else { return };
            let domain = |account: &AccountId| {
                let name = step.world.tables.account(*account).map_or("", |account| step.raw(account.user));
                name.rsplit_once('@').map_or("", |(_, domain)| domain)
            };
            let domains: FxHashSet<&str> = accounts.iter().map(domain).collect();
            let own = step.usual.account(step.row.account).activity.count > 0;
            let is_typo = domains.len() == 1 && !own && !step.source_tags().watched && step.usual_source().activity.count > 0;
            let score = if is_typo {
                Score::new(Severity::Info, "unknown names of one domain, from an address that people use")
            } else {
                Score::new(ABOUT.severity, "many names that the directory does not have")
            }
            .plus_if(accounts.len() >= 100, 5, "100 names or more");
            let say = step.say();
            let why = format!(
                "{} tried {} that the directory does not have, {}.",
                say.source(source),
                say::count(accounts.len(), "name"),
                say.stretch(*first_at, step.at()),
            );
            out.push(
                Finding::new(step, Key::of(source.index(), 0), Span::hours(self.settings.quiet_hours), score, why)
                    .since(*first_at, recent.iter().map(|(_, name)| name.event))
                    .and_accounts(recent.iter().map(|(_, name)| name.account)),
            );
        });
    }
    fn forget(&mut self, now: Timestamp) {
        self.sources.retain(|_, window| {
            window.forget_before(now - WITHIN);
            !window.is_empty()
        });
        shed(&mut self.sources, self.settings.sources, Window::newest);
    }
}
