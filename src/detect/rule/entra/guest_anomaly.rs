//! `guest-anomaly`: a guest opens what guests do not.
//!
//! Tools and portals of administrators are nothing for partners. The first guest to use one counts; where several of one
//! organisation come to it together, a project begins, and one more guest is no news.

use crate::base::intern::Symbol;
use crate::base::setting::settings;
use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::{Dimension, Value};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::news::News;
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::sign_in;
use crate::detect::step::Step;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::cloud_app::AppKind;
use crate::model::event::{EventKind, SignIn, SignInCategory};
use crate::model::ids::AccountId;
use rustc_hash::{FxHashMap, FxHashSet};

const ABOUT: Detection = Detection {
    id: "guest-anomaly",
    title: "Guest does more than guests do",
    severity: Severity::Medium,
    attack: &["T1078.004", "T1199"],
    needs: "Entra sign-ins with userType and appId, of at least two weeks of guests",
    requires: &[&[Needed::SignIns(SignInCategory::Interactive)]],
    check: "Who invited the guest, and what for? Does the guest hold a role it should not?",
};

settings! {
    /// See the module.
    pub struct Settings {
        /// Days of guests in the log before anything is unusual for one.
        pub learning_days: i64 = 14,
        /// And their number.
        pub fewest_guests: usize = 3,
        /// Days of silence after which a guest has been asleep.
        pub asleep_days: i64 = 90,
        /// Once for each guest and application and so many days.
        pub quiet_days: i64 = 30,
        /// Guests remembered, in all and of one application.
        pub kept: usize = 16384,
    }
}

pub struct Rule {
    settings: Settings,
    first_at: Option<Timestamp>,
    guests: FxHashSet<AccountId>,
    /// Guests of a tool or portal, with their home.
    users: FxHashMap<Symbol, FxHashMap<AccountId, Symbol>>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::SignIn];
    fn new(settings: Settings) -> Self {
        Self { settings, first_at: None, guests: FxHashSet::default(), users: FxHashMap::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let Some(sign_in) = sign_in::success_of_user(step) else { return };
        if !step.raw(sign_in.user_type).eq_ignore_ascii_case("guest") {
            return;
        }
        let at = step.at();
        let first_at = *self.first_at.get_or_insert(at);
        if self.guests.len() < self.settings.kept {
            self.guests.insert(step.row.account);
        }
        let is_admin = |kind| matches!(kind, AppKind::Admin | AppKind::Tool);
        if !is_admin(sign_in::app_kind(step, sign_in)) && !is_admin(sign_in::resource_kind(step, sign_in)) {
            return;
        }
        let app = sign_in.app_id.or(sign_in.app);
        let users = self.users.entry(app).or_default();
        let is_first = !users.contains_key(&step.row.account) && !step.usual_account().seen(Dimension::App).contains(Value::Text(app));
        let of_home = users.values().filter(|home| **home == sign_in.home_tenant).count();
        let others = users.len();
        if users.len() < self.settings.kept {
            users.insert(step.row.account, sign_in.home_tenant);
        }
        let is_ready = at - first_at >= Span::days(self.settings.learning_days) && self.guests.len() >= self.settings.fewest_guests;
        if is_first && (is_ready || News::of(step, sign_in).outsider || step.is_from_hosting()) {
            self.raise(step, sign_in, others, of_home, out);
        }
    }
    fn merge(&mut self, goes: AccountId, stays: AccountId) {
        if self.guests.remove(&goes) {
            self.guests.insert(stays);
        }
        for users in self.users.values_mut() {
            if let Some(home) = users.remove(&goes) {
                users.insert(stays, home);
            }
        }
    }
}

impl Rule {
    #[cold]
    #[inline(never)]
    fn raise(&self, step: &Step<'_>, sign_in: &SignIn, others: usize, of_home: usize, out: &mut Findings) {
        let news = News::of(step, sign_in);
        let last_at = step.usual_account().activity.last_at();
        let asleep = last_at.filter(|last| step.at() - *last >= Span::days(self.settings.asleep_days));
        let is_common = of_home > 0 || others * 20 >= self.guests.len();
        // Guests come seldom, so a few sign-ins have to do to know where one is at home.
        let networks = step.usual_account().seen(Dimension::Asn);
        let is_elsewhere =
            step.is_from_hosting() || news.outsider || (!networks.is_empty() && !networks.contains(Value::Number(step.asn())));
        let is_told = !is_common || asleep.is_some() || news.is_strange() || is_elsewhere;
        let score = if is_told {
            Score::new(ABOUT.severity, "a guest with a tool or portal of administrators").raise_for(step)
        } else {
            Score::new(Severity::Low, "other guests use this tool or portal")
        }
        .plus_if(asleep.is_some(), 5, "the guest was not here for long")
        .plus_if(news.is_new_place(), 3, "a place the guest never had");
        let say = step.say();
        let home = if sign_in.home_tenant.is_some() { format!(" of tenant {}", say.text(sign_in.home_tenant)) } else { String::new() };
        let why = format!(
            "Guest {}{home} used {} from {} for the first time; {} of {} ever did.",
            say.account(step.row.account),
            say.text(sign_in.app.or(sign_in.app_id)),
            say.source(step.row.source),
            others,
            say::count(self.guests.len(), "guest"),
        );
        let key = Key::of(step.row.account.index(), sign_in.app_id.or(sign_in.app).index());
        out.push(Finding::new(step, key, Span::days(self.settings.quiet_days), score, why));
    }
}
