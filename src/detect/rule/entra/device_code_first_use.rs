//! `device-code-first-use`: a user who never did types a code that another device showed.
//!
//! Engineers on servers and meeting rooms do it all the time, so a first use alone stays low. Phishing brings more: a place
//! that is not the user's, an application that is not, the broker or the registration of a device.

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
    id: "device-code-first-use",
    title: "First device code approved by a user",
    severity: Severity::Medium,
    attack: &["T1528", "T1566.002"],
    needs: "Entra sign-ins with authenticationProtocol or originalTransferMethod, of at least a week",
    requires: &[&[Needed::SignIns(SignInCategory::Interactive)]],
    check: "Ask the user whether they typed a code, and who sent it. If nobody they know: revoke the sessions, look for new devices.",
};

settings! {
    /// See the module.
    pub struct Settings {
        /// Days without a device code before one counts as first.
        pub first_in_days: i64 = 30,
        /// Days of log before anything is rare.
        pub learning_days: i64 = 7,
        /// Share of users with device codes, in percent, below which they are rare here.
        pub rare_percent: u32 = 2,
        /// And their number.
        pub few_users: u32 = 5,
        /// Once for each user and so many days.
        pub quiet_days: i64 = 7,
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
        let Some(sign_in) = sign_in::success_of_user(step) else { return };
        if !sign_in::is_device_code(step, sign_in) {
            return;
        }
        rarely(move || {
            let settings = &self.settings;
            let news = News::of(step, sign_in);
            let flow = Value::Text(sign_in.protocol);
            if used_lately(step, step.row.account, Dimension::Protocol, flow, settings.first_in_days) && !news.rented {
                return;
            }
            let is_old = step.usual.sign_ins_for(step.at()) >= Span::days(settings.learning_days);
            let (users, of) = users_of(step, Dimension::Protocol, flow);
            let is_rare = is_old && !news.learning && users < settings.few_users && users * 100 < of.max(1) * settings.rare_percent;
            let is_broker =
                sign_in::app_kind(step, sign_in) == AppKind::Broker || sign_in::resource_kind(step, sign_in) == AppKind::Registration;
            let rented = news.rented || (news.learning && step.is_from_hosting());
            let signs = [
                (is_broker, "the broker or the registration of a device"),
                (news.network, "a network the user never had"),
                (news.country, "a country the user never was in"),
                (rented, "a hosting or VPN network"),
                (news.app, "an application the user never used"),
                (is_rare, "hardly anybody here uses device codes"),
            ];
            let count = signs.iter().filter(|(is, _)| *is).count();
            let is_told = is_old && (count >= 2 || (is_broker && !news.learning));
            let mut score = Score::new(if is_told { ABOUT.severity } else { Severity::Low }, "a first device code");
            if is_told {
                score = score.raise_if(count >= 3 || (is_broker && count >= 2), "several signs at once").raise_for(step);
            }
            for (is, reason) in signs {
                score = score.plus_if(is, 2, reason);
            }
            let say = step.say();
            let why = format!(
                "{} approved a device code for {} from {} ({}, {}), first in {} days; {} of {} ever did.",
                say.account(step.row.account),
                say.text(sign_in.app.or(sign_in.app_id)),
                say.source(step.row.source),
                say.network(step.asn()),
                say.text(step.country()),
                settings.first_in_days,
                users,
                say::count(of as usize, "account"),
            );
            out.push(Finding::new(step, Key::of(step.row.account.index(), 0), Span::days(settings.quiet_days), score, why));
        });
    }
}
