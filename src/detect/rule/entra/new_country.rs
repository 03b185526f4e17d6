//! `new-country`: a first sign-in from a country.
//!
//! People travel, so the country alone stays low. It counts where nobody of the organisation has been there and the client
//! is not one the user had, or where people said that nobody ever is there.

use crate::base::setting::settings;
use crate::base::time::Span;
use crate::detect::baseline::{Dimension, Enough, Novelty, Value};
use crate::detect::finding::{Finding, Findings, Key, rarely};
use crate::detect::news::{News, users_of};
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::sign_in;
use crate::detect::step::Step;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::{EventKind, SignInCategory};

const ABOUT: Detection = Detection {
    id: "new-country",
    title: "First sign-in from a country",
    severity: Severity::Medium,
    attack: &["T1078.004"],
    needs: "Entra sign-ins with location.countryOrRegion, of at least two weeks",
    requires: &[&[Needed::SignIns(SignInCategory::Interactive)]],
    check: "Is the user travelling? If not, whose device was it? See the other sign-ins from that network.",
};

settings! {
    /// See the module.
    pub struct Settings {
        /// Active days of history.
        pub history_days: u32 = 14,
        /// Share of accounts that were there, in percent, from which it is usual here.
        pub usual_percent: u32 = 5,
        /// Countries in which nobody ever is, in the words of the log: ["KP", "IR"]
        pub never: Vec<String> = Vec::new(),
        /// Once for each user and country and so many days.
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
        let Some(sign_in) = sign_in::success_of_user(step).filter(|_| step.country().is_some()) else { return };
        let country = Value::Text(step.country());
        let usual = step.usual_account();
        let is_never =
            !self.settings.never.is_empty() && self.settings.never.iter().any(|never| never.eq_ignore_ascii_case(step.raw(step.country())));
        if !is_never {
            let enough = Enough { days: self.settings.history_days, count: 20, novelty: 0.35 };
            let is_new = usual.judge(Dimension::Country, country, &enough) == Novelty::New;
            if !is_new || sign_in::is_silent(sign_in) || sign_in::is_shared_network(step) {
                return;
            }
        }
        rarely(move || {
            let (users, of) = users_of(step, Dimension::Country, country);
            if !is_never && users * 100 >= of.max(1) * self.settings.usual_percent && users > 0 {
                return;
            }
            let news = News::of(step, sign_in);
            let is_alone = users == 0 && !news.own_device && !news.fresh_factor && (news.client || news.device);
            let score = if is_never {
                Score::new(Severity::High, "a country in which nobody ever is")
            } else if is_alone {
                Score::new(ABOUT.severity, "nobody was ever there, and the client or device is new too")
            } else {
                Score::new(Severity::Low, "a first country, as on a trip")
            }
            .plus_if(news.elsewhere, 3, "the user was active in another country within the hour");
            let say = step.say();
            let why = format!(
                "{}: first sign-in from {} at {} ({}, {}); {} of {} were ever there.",
                say.account(step.row.account),
                say.place(sign_in),
                say.time(step.at()),
                say.source(step.row.source),
                say.network(step.asn()),
                users,
                say::count(of as usize, "account"),
            );
            let key = Key::of(step.row.account.index(), step.country().index());
            out.push(Finding::new(step, key, Span::days(self.settings.quiet_days), score, why));
        });
    }
}
