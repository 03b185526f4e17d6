//! `sp-new-country-or-asn`: a service principal signs in from a network or country it never came from.
//!
//! Workloads do not travel. A network that people of the tenant use too is a line of its own that moved; a new country of
//! the same provider is a new region. Where the old network still runs it, it was copied, not moved.

use crate::base::setting::settings;
use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::{Dimension, Enough, Novelty, Value, rekey};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::step::Step;
use crate::detect::window::shed;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::account::AccountClass;
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::{EventKind, Outcome, SignIn, SignInCategory};
use crate::model::ids::AccountId;
use rustc_hash::FxHashMap;

const ABOUT: Detection = Detection {
    id: "sp-new-country-or-asn",
    title: "Service principal from a new network or country",
    severity: Severity::High,
    attack: &["T1078.004"],
    needs: "Entra service principal sign-ins with autonomousSystemNumber or location",
    requires: &[&[Needed::SignIns(SignInCategory::ServicePrincipal)]],
    check: "Was the workload moved? If its old network still runs it, or its owner knows nothing, revoke its credentials.",
};

settings! {
    /// See the module.
    pub struct Settings {
        /// Days on which the identity must be known.
        pub history_days: u32 = 10,
        /// Sign-ins, one an hour at most, by which it must be known.
        pub history_sign_ins: u32 = 15,
        /// Good-Turing chance of a new network above which new ones are usual.
        pub novelty: f64 = 0.04,
        /// A network that so many people use belongs to the organisation.
        pub own_network: u32 = 5,
        /// The share of all people that must use it too.
        pub own_network_share: f64 = 0.01,
        /// One finding for an identity and a network in so many days.
        pub quiet_days: i64 = 14,
    }
}

/// New networks remembered, one of each identity.
const KEPT: usize = 4_096;
/// Busy workloads are told again at most so often.
const TELL_AGAIN_AFTER: Span = Span::hours(1);

#[derive(Clone, Copy)]
struct New {
    place: Value,
    dimension: Dimension,
    at: Timestamp,
    told_at: Timestamp,
    /// Sign-ins from the old network since.
    old_again: u32,
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

fn value(sign_in: &SignIn, dimension: Dimension) -> Option<Value> {
    match dimension {
        Dimension::Asn => (sign_in.asn != 0).then_some(Value::Number(sign_in.asn)),
        _ => sign_in.country.is_some().then_some(Value::Text(sign_in.country)),
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let Some(sign_in) = step.sign_in() else { return };
        if sign_in.category != SignInCategory::ServicePrincipal || step.event().outcome != Outcome::Success {
            return;
        }
        let account = step.row.account;
        if let Some(new) = self.new.get_mut(&account) {
            if value(sign_in, new.dimension) == Some(new.place) {
                if step.at() - new.told_at >= TELL_AGAIN_AFTER {
                    new.told_at = step.at();
                    let new = *new;
                    self.raise(step, sign_in, new, out);
                }
                return;
            }
            new.old_again = new.old_again.saturating_add(1);
        }
        let settings = &self.settings;
        let enough = Enough { days: settings.history_days, count: settings.history_sign_ins, novelty: settings.novelty };
        let usual = step.usual_account();
        let is_new =
            |dimension: &Dimension| value(sign_in, *dimension).is_some_and(|value| usual.judge(*dimension, value, &enough) == Novelty::New);
        let Some(dimension) = [Dimension::Asn, Dimension::Country].into_iter().find(is_new) else { return };
        let Some(place) = value(sign_in, dimension) else { return };
        let new = New { place, dimension, at: step.at(), told_at: step.at(), old_again: 0 };
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

impl Rule {
    #[cold]
    #[inline(never)]
    fn raise(&self, step: &Step<'_>, sign_in: &SignIn, new: New, out: &mut Findings) {
        if step.at() - new.at > Span::days(self.settings.quiet_days) {
            return;
        }
        let people = step.usual.share(Some(AccountClass::Human), new.dimension, new.place);
        let is_own = people.users >= self.settings.own_network && people.of_peers() >= self.settings.own_network_share;
        let is_region = new.dimension == Dimension::Country && sign_in.asn != 0;
        let others = self.new.values().filter(|other| other.place == new.place).count().saturating_sub(1);
        let score = if is_own {
            Score::new(Severity::Low, "a network that the organisation's people use")
        } else if is_region {
            Score::new(Severity::Medium, "another country of the same network: a new region")
        } else {
            Score::new(ABOUT.severity, "a network the workload never came from")
        }
        .plus_if(new.old_again > 0, 10, "the old network still runs it: copied, not moved")
        .plus_if(is_secret(step, sign_in), 5, "with a secret, which is copied easily")
        .plus_if(is_powerful(step, sign_in), 5, "for a resource that rules the tenant")
        .plus_if(others > 0, 5, "other workloads come from there since");
        let (say, usual) = (step.say(), step.usual_account());
        let networks = usual.seen(new.dimension);
        let before = networks.by_use().into_iter().filter(|(value, _)| *value != new.place).map(|(value, _)| match value {
            Value::Number(asn) => say.network(asn),
            Value::Text(country) => say.text(country),
            _ => "-".to_owned(),
        });
        let why = format!(
            "{}: {} from {}; now from {}{} ({}) to {}, since {}; the old network is {}.",
            say.account(step.row.account),
            say::count(networks.activity.count as usize, "sign-in"),
            say.list(before, 3),
            say.network(sign_in.asn),
            if sign_in.country.is_some() { format!(" {}", say.text(sign_in.country)) } else { String::new() },
            say.source(step.row.source),
            say.text(sign_in.resource.or(sign_in.resource_id)),
            say.time(new.at),
            if new.old_again > 0 { "still in use" } else { "silent since" },
        );
        let number = match new.place {
            Value::Number(asn) => u64::from(asn),
            Value::Text(country) => (1 << 40) | country.index() as u64,
            _ => 0,
        };
        let key = Key(step.row.account.index() as u64, number);
        out.push(Finding::new(step, key, Span::days(self.settings.quiet_days), score, why).since(new.at, []));
    }
}

fn is_secret(step: &Step<'_>, sign_in: &SignIn) -> bool {
    step.raw(sign_in.credential_type).contains("secret")
}

/// Microsoft Graph and Azure Resource Manager.
pub(super) fn is_powerful(step: &Step<'_>, sign_in: &SignIn) -> bool {
    const IDS: [&str; 2] = ["00000003-0000-0000-c000-000000000000", "797f4846-ba00-4fd7-ba43-dac1f8f63013"];
    let (id, name) = (step.raw(sign_in.resource_id), step.raw(sign_in.resource));
    IDS.iter().any(|known| id.eq_ignore_ascii_case(known))
        || ["Microsoft Graph", "Windows Azure Service Management API", "Azure Resource Manager"]
            .iter()
            .any(|known| name.eq_ignore_ascii_case(known))
}
