//! `ropc-signin`: a password is posted straight to the token endpoint.
//!
//! The flow has no page and so no second factor; scripts and sprayers use it. Old programs do too, for years and for the same
//! users: what is first for a user counts fully only with a sign besides, such as another network.

use crate::base::intern::Symbol;
use crate::base::setting::settings;
use crate::base::time::Span;
use crate::detect::baseline::{Dimension, Value};
use crate::detect::finding::{Finding, Findings, Key, rarely};
use crate::detect::news::{News, used_lately, users_of};
use crate::detect::rule::read::Read;
use crate::detect::score::Score;
use crate::detect::sign_in;
use crate::detect::step::Step;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::{EventKind, SignInCategory};

const ABOUT: Detection = Detection {
    id: "ropc-signin",
    title: "Password posted to the token endpoint",
    severity: Severity::Medium,
    attack: &["T1078.004", "T1110"],
    needs: "Entra sign-ins with authenticationProtocol or userAgent, of at least a week",
    requires: &[&[Needed::SignIns(SignInCategory::Interactive)], &[Needed::SignIns(SignInCategory::NonInteractive)]],
    check: "Which program of the user does this? If none is known: reset the password, and see what the token was used for.",
};

settings! {
    /// See the module.
    pub struct Settings {
        /// Days without the flow, or the application, before it counts as first.
        pub first_in_days: i64 = 30,
        /// Days of log before anything is rare.
        pub learning_days: i64 = 7,
        /// Users of the flow below which it is rare here.
        pub few_users: u32 = 3,
        /// Once for each user and so many days.
        pub quiet_days: i64 = 7,
    }
}

pub struct Rule {
    settings: Settings,
    /// Which protocols and user agents post passwords.
    ropc: Read<(Symbol, Symbol), bool>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::SignIn];
    fn new(settings: Settings) -> Self {
        Self { settings, ropc: Read::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let Some(sign_in) = sign_in::success_of_user(step) else { return };
        // Legacy protocols come over the same bridge and have a detection of their own.
        let is_ropc = self.ropc.of((sign_in.protocol, sign_in.user_agent), || sign_in::is_ropc(step, sign_in));
        if !is_ropc || sign_in::is_legacy(step, sign_in) || !sign_in::is_single_factor(step, sign_in) {
            return;
        }
        rarely(move || {
            let settings = &self.settings;
            let flow = Value::Text(sign_in.protocol);
            let app = Value::Text(sign_in.app_id.or(sign_in.app));
            let lately = |dimension, value| used_lately(step, step.row.account, dimension, value, settings.first_in_days);
            let news = News::of(step, sign_in);
            let is_known = lately(Dimension::Protocol, flow) && lately(Dimension::App, app);
            if is_known && !news.rented {
                return;
            }
            let is_old = step.usual.sign_ins_for(step.at()) >= Span::days(settings.learning_days);
            let (users, _) = users_of(step, Dimension::Protocol, flow);
            let rented = news.rented || (news.learning && step.is_from_hosting());
            let signs = [
                (news.network, "a network the user never had"),
                (news.country, "a country the user never was in"),
                (is_old && !news.learning && users < settings.few_users, "hardly anybody uses this flow"),
                (rented, "a hosting or VPN network"),
            ];
            let count = signs.iter().filter(|(is, _)| *is).count();
            let is_told = count > 0 && is_old;
            let mut score = Score::new(if is_told { ABOUT.severity } else { Severity::Low }, "a password without a second factor");
            if is_told {
                score = score.raise_if(count >= 3, "several signs at once").raise_for(step);
            }
            for (is, reason) in signs {
                score = score.plus_if(is, 2, reason);
            }
            let say = step.say();
            let why = format!(
                "{}: password posted to the token endpoint (ROPC) by {} from {} ({}, {}), single factor; {}.",
                say.account(step.row.account),
                say.text(sign_in.app.or(sign_in.app_id)),
                say.source(step.row.source),
                say.network(step.asn()),
                say.text(step.country()),
                if is_known {
                    "the flow is known, the network is not".to_owned()
                } else {
                    format!("first in {} days", settings.first_in_days)
                },
            );
            out.push(Finding::new(step, Key::of(step.row.account.index(), 0), Span::days(settings.quiet_days), score, why));
        });
    }
}
