//! `token-after-revocation`: tokens of a user are refused, and an older session still gets new ones.
//!
//! After a password change that is everyday: a laptop that signs in without a password goes on, where it always is. It is
//! an eviction that is not complete where the session that goes on is not at home, or nothing in the log began it. A user
//! who signs in again is back.

use crate::base::setting::settings;
use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::rekey;
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::news::News;
use crate::detect::score::Score;
use crate::detect::sign_in;
use crate::detect::step::Step;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::{EventKind, Outcome, SignIn, SignInCategory};
use crate::model::ids::{AccountId, EventId, SourceId};
use crate::model::lineage::{Parent, SKEW};
use crate::model::status::Status;
use rustc_hash::FxHashMap;

const ABOUT: Detection = Detection {
    id: "token-after-revocation",
    title: "Tokens work after they were revoked",
    severity: Severity::High,
    attack: &["T1550.001"],
    needs: "Entra non-interactive sign-ins with errorCode and sessionId, of successes and failures",
    requires: &[&[Needed::SignIns(SignInCategory::NonInteractive)]],
    check: "Revoke once more, disable the devices of that session, and see what it opened since.",
};

/// Grant revoked; session over, or password changed; account disabled.
const REVOKED: [u32; 3] = [50_173, 50_132, 50_133];
const DISABLED: u32 = 50_057;

settings! {
    /// See the module.
    pub struct Settings {
        /// Access tokens live on for a while; only tokens that are issued so long after the refusal count.
        pub from_minutes: i64 = 10,
        /// How long after the refusal a session that goes on counts.
        pub within_hours: i64 = 24,
        /// Once for each user and so many hours.
        pub quiet_hours: i64 = 24,
    }
}

#[derive(Clone, Copy)]
struct Refusal {
    at: Timestamp,
    event: EventId,
    source: SourceId,
    status: Status,
}

pub struct Rule {
    settings: Settings,
    refusals: FxHashMap<AccountId, Refusal>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::SignIn];
    fn new(settings: Settings) -> Self {
        Self { settings, refusals: FxHashMap::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        if event.outcome != Outcome::Success {
            if (REVOKED.contains(&event.status.code) || event.status.code == DISABLED) && sign_in::of_user(step).is_some() {
                let refusal = Refusal { at: event.at, event: step.id, source: step.row.source, status: event.status };
                let known = self.refusals.entry(step.row.account).or_insert(refusal);
                if event.at - known.at > Span::hours(self.settings.within_hours) {
                    *known = refusal;
                }
            }
            return;
        }
        let Some(refusal) = self.refusals.get(&step.row.account).copied() else { return };
        let Some(sign_in) = sign_in::of_user(step) else { return };
        if !sign_in::is_silent(sign_in) {
            if event.at > refusal.at {
                self.refusals.remove(&step.row.account);
            }
            return;
        }
        let lag = event.at - refusal.at;
        let is_in_time = lag >= Span::minutes(self.settings.from_minutes) && lag <= Span::hours(self.settings.within_hours);
        let began = step.session().filter(|_| sign_in.session_id.is_some()).map(|session| session.start);
        let Some(began) = began.filter(|began| is_in_time && *began + SKEW < refusal.at) else { return };
        self.raise(step, sign_in, refusal, began, out);
    }
    fn merge(&mut self, goes: AccountId, stays: AccountId) {
        rekey(&mut self.refusals, &goes, stays, |_, _| {});
    }
    fn forget(&mut self, now: Timestamp) {
        let within = Span::hours(self.settings.within_hours);
        self.refusals.retain(|_, refusal| now - refusal.at <= within);
    }
}

impl Rule {
    #[cold]
    #[inline(never)]
    fn raise(&self, step: &Step<'_>, sign_in: &SignIn, refusal: Refusal, began: Timestamp, out: &mut Findings) {
        let news = News::of(step, sign_in);
        let is_orphan = step.world.tables.token_parent(step.row) == Some(Parent::Orphan);
        let rented = step.is_from_hosting();
        let is_odd = news.is_new_place() || news.device || is_orphan || (rented && !news.own_device);
        let score = if is_odd {
            Score::new(ABOUT.severity, "refused, and a session that is not at home goes on").raise_for(step)
        } else {
            Score::new(Severity::Low, "refused, and a session of the user's own goes on")
        }
        .plus_if(refusal.status.code == DISABLED, 5, "the account was disabled")
        .plus_if(is_orphan, 5, "nothing in the log began this session");
        let say = step.say();
        let why = format!(
            "{}: refused at {} ({} {}), but session {} of {} still got a token for {} at {} from {} ({}, {}).",
            say.account(step.row.account),
            say.time(refusal.at),
            refusal.status.code_text(),
            refusal.status.text(),
            say.unique(sign_in.session_id),
            say.time(began),
            say.text(sign_in.resource.or(sign_in.app)),
            say.time(step.at()),
            say.source(step.row.source),
            say.network(step.asn()),
            say.text(step.country()),
        );
        out.push(
            Finding::new(step, Key::of(step.row.account.index(), 0), Span::hours(self.settings.quiet_hours), score, why)
                .since(refusal.at, [refusal.event])
                .and_sources([refusal.source]),
        );
    }
}
