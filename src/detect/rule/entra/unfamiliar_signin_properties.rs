//! `unfamiliar-signin-properties`: several things about a sign-in are new at once.
//!
//! What is new and how much it counts together is in `news`: it takes another client or device in another place, which
//! neither a trip nor a new phone brings alone. A silent sign-in of that kind is a token in other hands.

use crate::base::setting::settings;
use crate::base::time::Span;
use crate::detect::baseline::Dimension;
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::news::{News, is_rare_network};
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::sign_in;
use crate::detect::step::Step;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::cloud_app::AppKind;
use crate::model::event::{EventKind, SignIn, SignInCategory};

const ABOUT: Detection = Detection {
    id: "unfamiliar-signin-properties",
    title: "Several sign-in properties new at once",
    severity: Severity::Medium,
    attack: &["T1078.004"],
    needs: "Entra sign-ins with autonomousSystemNumber, location, deviceDetail and userAgent, of at least five days",
    requires: &[&[Needed::SignIns(SignInCategory::Interactive)], &[Needed::SignIns(SignInCategory::NonInteractive)]],
    check: "Ask the user about that device and place. If it was not them: revoke the sessions, reset the password, see what was opened.",
};

settings! {
    /// See the module.
    pub struct Settings {
        /// Points of what is new for high: network, country, device, client and hosting count 2, application and being active
        /// elsewhere 1.
        pub high_points: u8 = 9,
        /// Days of sign-ins before a network is rare in the organisation.
        pub organisation_days: i64 = 7,
        /// Once for each user, network and device and so many days.
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
        let news = News::of(step, sign_in);
        // Administrators sign in seldom, so their accounts are learned late; what they rule is worth a look sooner.
        let is_known_here = step.usual.sign_ins_for(step.at()) >= Span::days(self.settings.organisation_days);
        let is_outsider =
            news.outsider || (news.learning && is_known_here && !news.own_device && rules(step, sign_in) && is_rare_network(step));
        if !news.is_strange() && !is_outsider || (sign_in::is_silent(sign_in) && sign_in::is_confidential(step, sign_in)) {
            return;
        }
        if news.is_strange() {
            self.raise(step, sign_in, &news, out);
        } else if is_grave(step, sign_in) {
            self.raise_for_outsider(step, sign_in, news.outsider, out);
        }
    }
}

/// What somebody of whom nothing is known should not do from where nobody of the organisation ever was.
fn is_grave(step: &Step<'_>, sign_in: &SignIn) -> bool {
    rules(step, sign_in) || (step.is_from_hosting() && sign_in::is_single_factor(step, sign_in))
}

/// An administrator's account, or an administrator's work.
fn rules(step: &Step<'_>, sign_in: &SignIn) -> bool {
    let is_admin = |kind| matches!(kind, AppKind::Admin | AppKind::Tool);
    step.account_is_privileged() || is_admin(sign_in::app_kind(step, sign_in)) || is_admin(sign_in::resource_kind(step, sign_in))
}

impl Rule {
    #[cold]
    #[inline(never)]
    fn raise_for_outsider(&self, step: &Step<'_>, sign_in: &SignIn, is_outside: bool, out: &mut Findings) {
        let score = Score::new(ABOUT.severity, "nobody of the organisation was ever there, and it is a grave thing to do")
            .raise_for(step)
            .plus_if(step.is_from_hosting(), 5, "a hosting or VPN network");
        let say = step.say();
        let why = format!(
            "{} signed in to {} from {} ({}, {}) with {}; {} in that network, and little is known of the account.",
            say.account(step.row.account),
            say.text(sign_in.app.or(sign_in.app_id)),
            say.source(step.row.source),
            say.network(step.asn()),
            say.text(step.country()),
            say.client(sign_in),
            if is_outside { "nobody was ever in that country or" } else { "hardly anybody ever was" },
        );
        let key = Key(step.row.account.index() as u64, u64::from(step.asn()) << 32);
        out.push(Finding::new(step, key, Span::days(self.settings.quiet_days), score, why));
    }
    #[cold]
    #[inline(never)]
    fn raise(&self, step: &Step<'_>, sign_in: &SignIn, news: &News, out: &mut Findings) {
        let is_silent = sign_in::is_silent(sign_in);
        let score = Score::new(ABOUT.severity, "several new things that no trip and no new phone brings alone")
            .raise_if(news.points() >= self.settings.high_points, "nearly everything is new")
            .raise_for(step)
            .plus_if(is_silent, 5, "a token was used, no factor given")
            .plus_if(news.elsewhere, 3, "the user was active in another country within the hour");
        let say = step.say();
        let seen = step.usual_account().seen(Dimension::App).activity;
        let device =
            if sign_in.device_id.is_some() { format!("device {}", say.text(sign_in.device_id)) } else { "no device stated".to_owned() };
        let client = say.client(sign_in);
        let why = format!(
            "{} {} from {} ({}, {}) with {client}, {device}; new: {} ({} points), after {} over {}.",
            say.account(step.row.account),
            if is_silent { "used a token silently" } else { "signed in" },
            say.source(step.row.source),
            say.network(step.asn()),
            say.text(step.country()),
            news.words().collect::<Vec<_>>().join(", "),
            news.points(),
            say::count(seen.count as usize, "sign-in"),
            say::count(seen.days as usize, "day"),
        );
        let key = Key(step.row.account.index() as u64, (u64::from(step.asn()) << 32) | (sign_in.device_id.index() as u64 & 0xffff_ffff));
        out.push(Finding::new(step, key, Span::days(self.settings.quiet_days), score, why));
    }
}
