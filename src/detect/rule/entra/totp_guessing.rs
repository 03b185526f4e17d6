//! `totp-guessing`: one-time codes are tried one after the other.
//!
//! Somebody who knows the password runs through six digits, often over many sessions at once. A person with a drifting
//! token fails a few times, where they are at home.

use crate::base::intern::Symbol;
use crate::base::setting::settings;
use crate::base::time::{Span, Timestamp};
use crate::base::unique::Unique;
use crate::detect::baseline::{Dimension, Value, rekey};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::rule::read::Read;
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::sign_in;
use crate::detect::step::Step;
use crate::detect::window::Window;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::{EventKind, MfaResult, Outcome, SignIn, SignInCategory};
use crate::model::ids::{AccountId, EventId, SourceId};
use crate::model::status::StatusClass;
use rustc_hash::{FxHashMap, FxHashSet};

const ABOUT: Detection = Detection {
    id: "totp-guessing",
    title: "One-time codes are guessed",
    severity: Severity::High,
    attack: &["T1110.001", "T1621"],
    needs: "Entra sign-ins with error 500121 and authenticationDetails",
    requires: &[&[Needed::SignIns(SignInCategory::Interactive)]],
    check: "The password is known to somebody: reset it. Was a code right in the end? Then revoke the sessions.",
};

settings! {
    /// See the module.
    pub struct Settings {
        /// Wrong codes within ten minutes.
        pub codes: usize = 10,
        /// Different sessions with wrong codes within an hour.
        pub sessions: usize = 5,
        /// Once for each user and so many hours.
        pub quiet_hours: i64 = 6,
        /// Wrong codes kept for one user.
        pub kept: usize = 256,
    }
}

const SHORT: Span = Span::minutes(10);
const LONG: Span = Span::hours(1);

#[derive(Clone, Copy)]
struct Wrong {
    event: EventId,
    source: SourceId,
    session: Unique,
    at_home: bool,
}

pub struct Rule {
    settings: Settings,
    /// Which methods are codes.
    codes: Read<Symbol, bool>,
    users: FxHashMap<AccountId, Window<Wrong>>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::SignIn];
    fn new(settings: Settings) -> Self {
        Self { settings, codes: Read::default(), users: FxHashMap::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let Some(sign_in) = sign_in::of_user(step) else { return };
        let event = step.event();
        let guessed = event.outcome == Outcome::Success && sign_in.mfa == MfaResult::Approved;
        if guessed {
            if !self.users.contains_key(&step.row.account) {
                return;
            }
        } else if sign_in.method.is_none()
            || event.status.class() != StatusClass::MfaDenied
            || !self.codes.of(sign_in.method, || is_code(step.raw(sign_in.method)))
        {
            return;
        }
        self.tried(step, sign_in, guessed, out);
    }
    fn merge(&mut self, goes: AccountId, stays: AccountId) {
        rekey(&mut self.users, &goes, stays, |_, _| {});
    }
    fn forget(&mut self, now: Timestamp) {
        self.users.retain(|_, window| {
            window.forget_before(now - LONG);
            !window.is_empty()
        });
    }
}

impl Rule {
    /// A wrong code, or a right one after wrong ones.
    #[inline(never)]
    fn tried(&mut self, step: &Step<'_>, sign_in: &SignIn, guessed: bool, out: &mut Findings) {
        let event = step.event();
        let window = self.users.entry(step.row.account).or_default();
        if !guessed {
            let usual = step.usual_account();
            let at_home = usual.seen(Dimension::Asn).contains(Value::Number(step.asn()))
                || usual.seen(Dimension::Source).contains(Value::Source(step.row.source));
            let wrong = Wrong { event: step.id, source: step.row.source, session: sign_in.session_id, at_home };
            window.push(event.at, wrong, LONG, self.settings.kept);
        }
        let codes: Vec<_> = window.between(event.at - LONG, event.at).copied().collect();
        let dense = codes.windows(self.settings.codes.max(1)).any(|some| match (some.first(), some.last()) {
            (Some((first, _)), Some((last, _))) => *last - *first <= SHORT,
            _ => false,
        });
        let sessions: FxHashSet<Unique> = codes.iter().map(|(_, wrong)| wrong.session).filter(|session| session.is_some()).collect();
        if dense || sessions.len() >= self.settings.sessions {
            self.raise(step, &codes, sessions.len(), guessed, out);
        }
    }
    #[cold]
    #[inline(never)]
    fn raise(&self, step: &Step<'_>, codes: &[(Timestamp, Wrong)], sessions: usize, guessed: bool, out: &mut Findings) {
        let (Some((first_at, first)), Some((last_at, _))) = (codes.first(), codes.last()) else { return };
        let score = if codes.iter().all(|(_, wrong)| wrong.at_home) {
            Score::new(Severity::Low, "wrong codes, all from networks where the user is at home")
        } else if guessed {
            Score::new(Severity::Critical, "wrong codes, then a right one")
        } else {
            Score::new(ABOUT.severity, "wrong codes: the password is known").raise_for(step)
        }
        .plus_if(codes.len() >= 50, 5, "50 codes or more");
        let say = step.say();
        let over = if sessions > 1 { format!(" over {}", say::count(sessions, "session")) } else { String::new() };
        let end = if guessed { format!("the right one at {}", say.time(step.at())) } else { "none was right so far".to_owned() };
        let why = format!(
            "{}: {}{over} {} from {}; {end}.",
            say.account(step.row.account),
            say::count(codes.len(), "wrong one-time code"),
            say.stretch(*first_at, *last_at),
            say.source(first.source),
        );
        out.push(
            Finding::new(step, Key::of(step.row.account.index(), 0), Span::hours(self.settings.quiet_hours), score, why)
                .since(*first_at, codes.iter().map(|(_, wrong)| wrong.event))
                .and_sources(codes.iter().map(|(_, wrong)| wrong.source)),
        );
    }
}

/// Methods in which digits are typed: `OATH verification code from app`, `Mobile app verification code`, `Text message`.
fn is_code(method: &str) -> bool {
    ["oath", "verification code", "one-time", "totp", "text message"].iter().any(|word| method.contains(word))
}
