//! `app-first-for-user-silent`: a token is used by an application that the user never had, and hardly anybody has.
//!
//! Stolen tokens are traded for other client ids, and a consent that was phished is used by the other side. Microsoft's own
//! ids change often, so an application counts only where it is rare in the whole tenant, and fully only from a place or client
//! that is not the user's.

use crate::base::setting::settings;
use crate::base::time::Span;
use crate::detect::baseline::{Dimension, Value};
use crate::detect::finding::{Finding, Findings, Key, rarely};
use crate::detect::news::{News, used_lately, users_of};
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::sign_in;
use crate::detect::step::Step;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::cloud_app::AppKind;
use crate::model::event::{EventKind, SignInCategory};

const ABOUT: Detection = Detection {
    id: "app-first-for-user-silent",
    title: "Rare application in silent sign-ins",
    severity: Severity::Low,
    attack: &["T1550.001"],
    needs: "Entra non-interactive sign-ins with appId, of at least two weeks",
    requires: &[&[Needed::SignIns(SignInCategory::NonInteractive)]],
    check: "Does the user know the application, and who consented to it? Remove the consent and revoke the tokens if not.",
};

settings! {
    /// See the module.
    pub struct Settings {
        /// Active days of the user before an application is new.
        pub history_days: u32 = 14,
        /// Days without the application that make it new again.
        pub first_in_days: i64 = 30,
        /// Share of accounts that use it, in per cent, below which it is rare.
        pub rare_percent: u32 = 1,
        /// And their number.
        pub few_users: u32 = 5,
        /// Once for each user and application and so many days.
        pub quiet_days: i64 = 30,
    }
}

pub struct Rule {
    settings: Settings,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::SignIn];
    fn new(settings: Settings) -> Self {
        Self { settings }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let Some(sign_in) = sign_in::success_of_user(step).filter(|sign_in| sign_in::is_silent(sign_in)) else { return };
        let app = sign_in.app_id.or(sign_in.app);
        let settings = &self.settings;
        let (usual, value) = (step.usual_account().seen(Dimension::App), Value::Text(app));
        if app.is_none()
            || usual.activity.days < settings.history_days
            || used_lately(step, step.row.account, Dimension::App, value, settings.first_in_days)
        {
            return;
        }
        let (users, of) = users_of(step, Dimension::App, value);
        let is_rare = users < settings.few_users && (users == 0 || users * 100 < of * settings.rare_percent.max(1));
        if !is_rare {
            return;
        }
        rarely(move || {
            let kind = sign_in::app_kind(step, sign_in);
            if kind == AppKind::Broker {
                return;
            }
            let news = News::of(step, sign_in);
            let is_tool = kind == AppKind::Tool;
            // The back end of a web application states the address of the sign-in that began it.
            let is_elsewhere = news.is_new_place() && !news.own_device && !sign_in::is_confidential(step, sign_in);
            if !is_tool && !is_elsewhere {
                return;
            }
            let score = if is_elsewhere {
                Score::new(Severity::Medium, "an application nobody has, in a place that is not the user's")
                    .raise_if(
                        is_tool && (news.device || news.client || news.rented),
                        "a command-line tool on a machine that is not the user's",
                    )
                    .raise_for(step)
            } else {
                Score::new(ABOUT.severity, "a command-line tool that hardly anybody has, where the user is at home")
            };
            let say = step.say();
            let why = format!(
                "{}: {} used a token silently for the first time, from {} ({}, {}) with {}; {} of {} ever used it.",
                say.account(step.row.account),
                say.text(sign_in.app.or(sign_in.app_id)),
                say.source(step.row.source),
                say.network(step.asn()),
                say.text(step.country()),
                say.client(sign_in),
                users,
                say::count(of as usize, "account"),
            );
            let key = Key::of(step.row.account.index(), app.index());
            out.push(Finding::new(step, key, Span::days(settings.quiet_days), score, why));
        });
    }
}
