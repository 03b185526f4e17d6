//! `noncompliant-device-signin`: a device that is not compliant, or none where the user always has one.
//!
//! Low by itself: it is a private phone, or a laptop whose agent is late. Administrators should not, so theirs counts more.
//! A record that says nothing of compliance says nothing.

use crate::base::setting::settings;
use crate::base::time::Span;
use crate::detect::baseline::{Dimension, Value, lesson};
use crate::detect::finding::{Finding, Findings, Key, rarely};
use crate::detect::news::News;
use crate::detect::score::Score;
use crate::detect::sign_in;
use crate::detect::step::Step;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::{EventKind, SignInCategory, Tri};

const ABOUT: Detection = Detection {
    id: "noncompliant-device-signin",
    title: "Sign-in from an unmanaged or non-compliant device",
    severity: Severity::Low,
    attack: &["T1078.004"],
    needs: "Entra sign-ins with deviceDetail, of at least two weeks",
    requires: &[&[Needed::SignIns(SignInCategory::Interactive)]],
    check: "Whose device is it? Should conditional access have asked for a compliant one?",
};

settings! {
    /// See the module.
    pub struct Settings {
        /// Active days of history.
        pub history_days: u32 = 14,
        /// Once for each user and device or client and so many days.
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
        let Some(sign_in) = sign_in::success_of_user(step).filter(|sign_in| !sign_in::is_silent(sign_in)) else { return };
        let is_refused = sign_in.is_compliant == Tri::No;
        if (!is_refused && sign_in.device_id.is_some()) || step.usual_account().activity.days < self.settings.history_days {
            return;
        }
        let usual = step.usual_account();
        // A device or client that the user has had for a while is theirs.
        let is_known = match sign_in.device_id.is_some() {
            true => usual.seen(Dimension::Device).contains(Value::Text(sign_in.device_id)),
            false => lesson::client(sign_in).is_none_or(|client| usual.seen(Dimension::Client).contains(client)),
        };
        if is_known {
            return;
        }
        rarely(move || {
            let news = News::of(step, sign_in);
            if !(is_refused || news.device) {
                return;
            }
            let policy = step.raw(sign_in.conditional_access).eq_ignore_ascii_case("notApplied");
            let score = Score::new(ABOUT.severity, "a device that is not the organisation's")
                .raise_for(step)
                .plus_if(policy, 3, "no policy applied")
                .plus_if(news.is_new_place(), 3, "a place the user never had");
            let say = step.say();
            let sign_ins = usual.seen(Dimension::App).activity.count.max(1);
            let share = u64::from(usual.seen(Dimension::Device).activity.count) * 100 / u64::from(sign_ins);
            let device = match (sign_in.device_id.is_some(), is_refused) {
                (true, _) => format!("device {}, not compliant", say.text(sign_in.device_id)),
                (false, true) => "a device without id, not compliant".to_owned(),
                (false, false) => "no device stated".to_owned(),
            };
            let why = format!(
                "{} signed in to {} from {} with {}, {device}; {}% of {} sign-ins before stated one.",
                say.account(step.row.account),
                say.text(sign_in.app.or(sign_in.app_id)),
                say.source(step.row.source),
                say.client(sign_in),
                share.min(100),
                sign_ins,
            );
            let what = sign_in.device_id.or(sign_in.client);
            let key = Key::of(step.row.account.index(), what.index());
            out.push(Finding::new(step, key, Span::days(self.settings.quiet_days), score, why));
        });
    }
}
