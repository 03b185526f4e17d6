//! `break-glass-signin`: an account for emergencies is used, or somebody tries to.
//!
//! Nobody uses it in ordinary life, so there is nothing to learn. On premises it is the same account: logons and what
//! domain controllers saw count too.

use crate::base::setting::settings;
use crate::base::time::Span;
use crate::detect::finding::{Finding, Findings, Key, rarely};
use crate::detect::score::Score;
use crate::detect::sign_in;
use crate::detect::step::Step;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::{EventKind, Outcome, SignInCategory};

const ABOUT: Detection = Detection {
    id: "break-glass-signin",
    title: "Emergency account used",
    severity: Severity::Critical,
    attack: &["T1078.004"],
    needs: "Entra sign-ins or 4624 and 4625, and the accounts in the setting break_glass of [site]",
    requires: &[&[Needed::SignIns(SignInCategory::Interactive)], &[Needed::Records(EventKind::Logon)]],
    check: "Is there an emergency or a drill? If not, change its credentials at once and see what it did.",
};

settings! {
    /// See the module.
    pub struct Settings {
        /// Uses from one source within this time are one.
        pub quiet_minutes: i64 = 60,
    }
}

pub struct Rule {
    settings: Settings,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[
        EventKind::SignIn,
        EventKind::Logon,
        EventKind::LogonFailed,
        EventKind::TicketGranting,
        EventKind::PreAuthFailed,
        EventKind::CredentialValidation,
    ];
    fn new(settings: Settings) -> Self {
        Self { settings }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        if !step.account_tags().break_glass {
            return;
        }
        rarely(move || {
            let event = step.event();
            let is_in = event.outcome == Outcome::Success;
            let (severity, did) = if is_in {
                (ABOUT.severity, "signed in")
            } else if step.sign_in().is_some() && sign_in::password_was_right(step) {
                (ABOUT.severity, "was stopped after the right password")
            } else {
                (Severity::High, "was tried without success")
            };
            let score = Score::new(severity, "an account for emergencies only");
            let say = step.say();
            let code = if is_in { String::new() } else { format!(" ({} {})", event.status.code_text(), event.status.text()) };
            let target = match (step.sign_in(), step.row.host.some()) {
                (Some(sign_in), _) => say.text(sign_in.app.or(sign_in.app_id)),
                (None, Some(host)) => say.host(host),
                (None, None) => "an unnamed host".to_owned(),
            };
            let why = format!(
                "Emergency account {} {did}{code} from {} to {target} at {}.",
                say.account(step.row.account),
                say.source(step.row.source),
                say.time(step.at()),
            );
            let key = Key::of(step.row.account.index(), step.row.source.index());
            out.push(Finding::new(step, key, Span::minutes(self.settings.quiet_minutes), score, why));
        });
    }
}
