//! `legacy-auth-signin`: an old protocol that knows no second factor lets somebody in.
//!
//! A first use alone is a new phone or a printer and stays low. From a network that the user never had, or with a client
//! that hardly anybody here uses, it is what a stolen password is good for.

use crate::base::intern::Symbol;
use crate::base::setting::settings;
use crate::base::time::Span;
use crate::detect::baseline::{Dimension, Value};
use crate::detect::finding::{Finding, Findings, Key, rarely};
use crate::detect::news::{News, used_lately, users_of};
use crate::detect::rule::read::Read;
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::sign_in;
use crate::detect::step::Step;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::account::AccountClass;
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::{EventKind, SignInCategory};

const ABOUT: Detection = Detection {
    id: "legacy-auth-signin",
    title: "Sign-in by a legacy protocol",
    severity: Severity::Medium,
    attack: &["T1078.004", "T1556.006"],
    needs: "Entra sign-ins with clientAppUsed, of at least a week",
    requires: &[&[Needed::SignIns(SignInCategory::Interactive)], &[Needed::SignIns(SignInCategory::NonInteractive)]],
    check: "Does the user have an old mail program or device? If not, the password is known: reset it; block legacy protocols.",
};

settings! {
    /// See the module.
    pub struct Settings {
        /// Days without this client before it counts as first.
        pub first_in_days: i64 = 30,
        /// Days of log before anything is rare.
        pub learning_days: i64 = 7,
        /// Users of a client below which it is rare here.
        pub few_users: u32 = 3,
        /// Once for each user and client and so many days.
        pub quiet_days: i64 = 7,
    }
}

pub struct Rule {
    settings: Settings,
    /// Which clients know no second factor.
    legacy: Read<Symbol, bool>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::SignIn];
    fn new(settings: Settings) -> Self {
        Self { settings, legacy: Read::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let Some(sign_in) = sign_in::success_of_user(step) else { return };
        if !self.legacy.of(sign_in.client_app, || sign_in::is_legacy(step, sign_in)) {
            return;
        }
        rarely(move || {
            let settings = &self.settings;
            let client = Value::Text(sign_in.client_app);
            let news = News::of(step, sign_in);
            let is_known = used_lately(step, step.row.account, Dimension::ClientApp, client, settings.first_in_days);
            // An old phone on a trip is an old phone.
            if is_known && !(news.rented || (news.network && news.country && news.client)) {
                return;
            }
            let is_old = step.usual.sign_ins_for(step.at()) >= Span::days(settings.learning_days);
            let (users, of) = users_of(step, Dimension::ClientApp, client);
            let is_rare = is_old && users < settings.few_users;
            let is_service = step.account().is_some_and(|account| account.class == AccountClass::Service);
            let rented = news.rented || (news.learning && step.is_from_hosting());
            let signs = [
                (news.network, "a network the user never had"),
                (news.country, "a country the user never was in"),
                (is_rare && !news.learning, "hardly anybody uses this client"),
                (rented, "a hosting or VPN network"),
            ];
            let count = signs.iter().filter(|(is, _)| *is).count();
            let is_told = count > 0 && is_old && !is_service;
            let severity = if is_told { ABOUT.severity } else { Severity::Low };
            let mut score = Score::new(severity, "a protocol without a second factor");
            if is_told {
                score = score.raise_if(count >= 3, "several signs at once").raise_for(step);
            }
            for (is, reason) in signs {
                score = score.plus_if(is, 2, reason);
            }
            let say = step.say();
            let days = step.usual_account().activity.age(step.at()).as_seconds() / 86_400;
            let before = if is_known { "in use before, but not from there".to_owned() } else { format!("never before in {days} days") };
            let why = format!(
                "{} signed in by {} from {} ({}, {}), {before}; {} of {} use it.",
                say.account(step.row.account),
                say.text(sign_in.client_app),
                say.source(step.row.source),
                say.network(step.asn()),
                say.text(step.country()),
                users,
                say::count(of as usize, "account"),
            );
            let key = Key::of(step.row.account.index(), sign_in.client_app.index());
            out.push(Finding::new(step, key, Span::days(settings.quiet_days), score, why));
        });
    }
}
