//! `workload-secret-changed`: a workload that always used one credential uses another.
//!
//! Adding a key to an application is the usual cloud back door; the sign-in shows the use of it. A new key from the usual
//! network is how every rotation looks, with both in use for a while, so it is told low; a weaker sort of credential is told
//! medium; a key that is used from elsewhere is not a rotation.

use crate::base::intern::Symbol;
use crate::base::setting::settings;
use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::{Dimension, Profile, Value, rekey};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::score::Score;
use crate::detect::step::Step;
use crate::detect::window::shed;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::{EventKind, Outcome, SignIn, SignInCategory};
use crate::model::ids::AccountId;
use rustc_hash::FxHashMap;

const ABOUT: Detection = Detection {
    id: "workload-secret-changed",
    title: "Scheduled workload uses another credential",
    severity: Severity::High,
    attack: &["T1098.001", "T1552"],
    needs: "Entra service principal sign-ins with servicePrincipalCredentialKeyId or thumbprint",
    requires: &[&[Needed::SignIns(SignInCategory::ServicePrincipal)]],
    check: "Who added the credential to the application, and when (audit log)? Is the old one still in use beside it?",
};

settings! {
    /// See the module.
    pub struct Settings {
        /// Days for which the identity must have used its old credential.
        pub stable_days: i64 = 14,
        /// Sign-ins, one an hour at most, with the old credential.
        pub stable_sign_ins: u32 = 10,
        /// Good-Turing chance of a new address above which an address tells nothing.
        pub novelty: f64 = 0.10,
        /// One finding for an identity and a credential in so many days.
        pub quiet_days: i64 = 7,
    }
}

/// New credentials remembered, one of each identity.
const KEPT: usize = 16_384;
/// Busy workloads are told again at most so often.
const TELL_AGAIN_AFTER: Span = Span::hours(1);

#[derive(Clone, Copy)]
struct New {
    credential: Symbol,
    old: Symbol,
    old_used: u32,
    old_since: Timestamp,
    at: Timestamp,
    weaker: bool,
    place: Place,
    told_at: Timestamp,
    /// Sign-ins with the old credential since.
    old_again: u32,
}

/// Whether the new credential came from where the workload is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Usual,
    /// Another address in the usual network.
    Beside,
    Elsewhere,
}

pub struct Rule {
    settings: Settings,
    new: FxHashMap<AccountId, New>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::SignIn];
    fn new(settings: Settings) -> Self {
        Self { settings, new: FxHashMap::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let Some(sign_in) = step.sign_in() else { return };
        if sign_in.category != SignInCategory::ServicePrincipal || step.event().outcome != Outcome::Success {
            return;
        }
        let (Some(credential), at) = (sign_in.credential(), step.at()) else { return };
        let account = step.row.account;
        if let Some(new) = self.new.get_mut(&account) {
            if new.credential == credential {
                if at - new.told_at >= TELL_AGAIN_AFTER {
                    new.told_at = at;
                    let new = *new;
                    self.raise(step, sign_in, new, out);
                }
                return;
            }
            new.old_again = new.old_again.saturating_add(u32::from(new.old == credential && at > new.at));
        }
        let usual = step.usual_account();
        let credentials = usual.seen(Dimension::Credential);
        if credentials.contains(Value::Text(credential)) {
            return;
        }
        let Some((Value::Text(old), seen)) = credentials.by_use().first().copied() else { return };
        if at - seen.first_at < Span::days(self.settings.stable_days) || seen.count < self.settings.stable_sign_ins {
            return;
        }
        let weaker = was_certificate(step, usual) && !is_certificate(step.raw(sign_in.credential_type));
        let place = self.place(step, usual);
        let new = New { credential, old, old_used: seen.count, old_since: seen.first_at, at, weaker, place, told_at: at, old_again: 0 };
        self.new.insert(account, new);
        self.raise(step, sign_in, new, out);
    }
    fn merge(&mut self, goes: AccountId, stays: AccountId) {
        rekey(&mut self.new, &goes, stays, |_, _| {});
    }
    fn forget(&mut self, now: Timestamp) {
        let limit = now - Span::days(self.settings.quiet_days);
        self.new.retain(|_, new| new.at >= limit);
        shed(&mut self.new, KEPT, |new| Some(new.at));
    }
}

fn is_certificate(sort: &str) -> bool {
    sort.contains("certificate") || sort.contains("assertion")
}

/// The sort of credential it used most.
fn was_certificate(step: &Step<'_>, usual: &Profile) -> bool {
    match usual.seen(Dimension::CredentialType).by_use().first() {
        Some((Value::Text(sort), _)) => is_certificate(step.raw(*sort)),
        _ => false,
    }
}

impl Rule {
    fn place(&self, step: &Step<'_>, usual: &Profile) -> Place {
        let sources = usual.seen(Dimension::Source);
        let Some(source) = step.row.source.some() else { return Place::Usual };
        if sources.contains(Value::Source(source)) {
            return Place::Usual;
        }
        match step.asn() {
            0 => Place::Elsewhere,
            asn if !usual.seen(Dimension::Asn).contains(Value::Number(asn)) => Place::Elsewhere,
            _ if sources.novelty() >= self.settings.novelty => Place::Usual,
            _ => Place::Beside,
        }
    }
    #[cold]
    #[inline(never)]
    fn raise(&self, step: &Step<'_>, sign_in: &SignIn, new: New, out: &mut Findings) {
        if step.at() - new.at > Span::days(self.settings.quiet_days) {
            return;
        }
        let score = match (new.place, new.weaker) {
            (Place::Elsewhere, _) => Score::new(Severity::Critical, "another credential from another network"),
            (Place::Beside, _) => Score::new(ABOUT.severity, "another credential from another address of the usual network"),
            (Place::Usual, true) => Score::new(Severity::Medium, "a weaker sort of credential than before"),
            (Place::Usual, false) => Score::new(Severity::Low, "another credential from the usual place: a rotation looks so"),
        }
        .plus_if(new.old_again > 0, 5, "the old credential is still in use")
        .plus_if(new.weaker && new.place != Place::Usual, 5, "a weaker sort of credential than before");
        let say = step.say();
        let note = match new.place {
            Place::Usual => "a usual place",
            Place::Beside => "not a usual address",
            Place::Elsewhere => "not a usual network",
        };
        let sort = if sign_in.credential_type.is_some() { format!(" ({})", say.text(sign_in.credential_type)) } else { String::new() };
        let why = format!(
            "{}: key {} used {} times since {}; now {}{sort} from {}, {note}, since {}; old key {}.",
            say.account(step.row.account),
            say.text(new.old),
            new.old_used,
            say.date(new.old_since),
            say.text(new.credential),
            say.source(step.row.source),
            say.time(new.at),
            if new.old_again > 0 { "still used" } else { "not used since" },
        );
        let key = Key::of(step.row.account.index(), new.credential.index());
        out.push(Finding::new(step, key, Span::days(self.settings.quiet_days), score, why).since(new.at, []));
    }
}
