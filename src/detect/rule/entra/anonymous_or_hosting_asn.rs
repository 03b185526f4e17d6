//! `anonymous-or-hosting-asn`: a person comes from rented machines, a VPN service or Tor.
//!
//! People do not live in data centres, but some hide behind a VPN, with the phone or laptop they always use: then it stays
//! low. A network that several use on the organisation's devices is its own proxy or cloud desktop.

use crate::base::setting::settings;
use crate::base::time::Span;
use crate::detect::baseline::{Dimension, Value};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::news::News;
use crate::detect::score::Score;
use crate::detect::sign_in;
use crate::detect::step::Step;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::cloud_app::AppKind;
use crate::model::event::{EventKind, SignIn, SignInCategory};
use crate::model::ids::AccountId;
use crate::model::network;
use rustc_hash::{FxHashMap, FxHashSet};

const ABOUT: Detection = Detection {
    id: "anonymous-or-hosting-asn",
    title: "Sign-in from hosting, VPN or Tor",
    severity: Severity::Medium,
    attack: &["T1090.003", "T1078.004"],
    needs: "Entra sign-ins with autonomousSystemNumber, or riskEventTypes",
    requires: &[&[Needed::SignIns(SignInCategory::Interactive)], &[Needed::SignIns(SignInCategory::NonInteractive)]],
    check: "Does the user have a VPN or a cloud desktop? If not: phishing proxies stand in such networks; revoke the sessions.",
};

settings! {
    /// See the module.
    pub struct Settings {
        /// Users of a network on the organisation's devices that make it one of its own.
        pub own_users: usize = 5,
        /// Once for each user and network and so many days.
        pub quiet_days: i64 = 14,
    }
}

pub struct Rule {
    settings: Settings,
    /// Users of a rented network on the organisation's devices, up to `own_users`.
    own: FxHashMap<u32, FxHashSet<AccountId>>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::SignIn];
    fn new(settings: Settings) -> Self {
        Self { settings, own: FxHashMap::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let Some(sign_in) = sign_in::success_of_user(step) else { return };
        let is_flagged = sign_in.risk_event.is_some() && step.raw(sign_in.risk_event).contains("anonymizedipaddress");
        let class = sign_in::network_class(step);
        if !class.is_rented() && !is_flagged {
            return;
        }
        if step.source_tags().exit || step.usual_account().seen(Dimension::Asn).contains(Value::Number(step.asn())) {
            return;
        }
        if sign_in::is_own_device(sign_in) && !is_flagged {
            let users = self.own.entry(step.asn()).or_default();
            if users.len() < self.settings.own_users {
                users.insert(step.row.account);
            }
        }
        let is_own = self.own.get(&step.asn()).is_some_and(|users| users.len() >= self.settings.own_users);
        // The back end of a web application lives in such a network by right.
        if is_own || (sign_in::is_silent(sign_in) && sign_in::is_confidential(step, sign_in)) {
            return;
        }
        self.raise(step, sign_in, is_flagged, out);
    }
}

impl Rule {
    #[cold]
    #[inline(never)]
    fn raise(&self, step: &Step<'_>, sign_in: &SignIn, is_flagged: bool, out: &mut Findings) {
        let news = News::of(step, sign_in);
        let is_other = news.device || news.client;
        let class = sign_in::network_class(step);
        let single = sign_in::is_single_factor(step, sign_in);
        let is_admin = matches!(sign_in::app_kind(step, sign_in), AppKind::Admin | AppKind::Tool) || step.account_is_privileged();
        let is_young = news.learning && (news.own_device || !is_admin);
        let score = if news.own_device || is_young || !(is_other || is_admin) {
            let reason = match (news.own_device, is_young) {
                (true, _) => "the user's own device behind a VPN",
                (_, true) => "too little is known of the user",
                _ => "a client that the user has",
            };
            Score::new(Severity::Low, reason)
        } else {
            Score::new(ABOUT.severity, "a device or client that is not the user's, or an administrator's work, from where nobody lives")
                .raise_if(single && news.country && !sign_in::is_silent(sign_in), "the password alone was enough, in a new country")
                .raise_for(step)
        }
        .plus_if(news.country, 3, "a country the user never was in")
        .plus_if(is_flagged, 3, "Entra states an anonymous address");
        let say = step.say();
        let owner = network::owner(step.asn());
        let what = if class.is_rented() { class.word() } else { "anonymous" };
        let why = format!(
            "{} came from {} ({}{}{owner}, {what}, {}), {}, {}; the user never did.",
            say.account(step.row.account),
            say.source(step.row.source),
            say.network(step.asn()),
            if owner.is_empty() { "" } else { " " },
            say.text(step.country()),
            if news.own_device { "with a device of theirs" } else { "with no device that is known" },
            if single { "single factor" } else { "second factor given" },
        );
        let key = Key::of(step.row.account.index(), step.asn() as usize);
        out.push(Finding::new(step, key, Span::days(self.settings.quiet_days), score, why));
    }
}
