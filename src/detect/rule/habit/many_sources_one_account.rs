//! `many-sources-one-account`: a credential is used from more places in a day than it ever was.
//!
//! Places are networks: the AS of a sign-in (phones change addresses all day), the /24 or /48 of an address else; exits of
//! VPNs and proxies are no places. What is usual is the account's own: its daily number of places, with a half-life of two
//! weeks, as a Gamma-Poisson rate.

use crate::base::setting::settings;
use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::{Value, rekey, subnet};
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::rate::DailyRate;
use crate::detect::score::Score;
use crate::detect::step::Step;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::SignInCategory;
use crate::model::event::{EventKind, Outcome};
use crate::model::ids::{AccountId, EventId, SourceId};
use crate::model::logon_type::LogonType;
use rustc_hash::FxHashMap;

const ABOUT: Detection = Detection {
    id: "many-sources-one-account",
    title: "Account used from unusually many places",
    severity: Severity::Medium,
    attack: &["T1078", "T1110.004"],
    needs: "4624 types 3 and 10, 4768, 4776 or Entra sign-ins of at least two weeks",
    requires: &[
        &[Needed::Logons(LogonType::Network)],
        &[Needed::Records(EventKind::TicketGranting)],
        &[Needed::SignIns(SignInCategory::Interactive)],
    ],
    check: "Is the account lent out, rolled out to new machines, or sold? Ask its owner which of the places are theirs.",
};

settings! {
    /// See the module.
    pub struct Settings {
        /// Places in a day below which nothing is said.
        pub places: u32 = 5,
        /// Chance of so many places, given the account's history.
        pub chance: f64 = 1e-4,
        /// The account must be known for so long.
        pub history_days: u32 = 14,
        /// One finding for an account in so many hours.
        pub quiet_hours: i64 = 24,
    }
}

/// Places of one account in a day that are counted.
const PLACES: usize = 64;
/// An account not heard of for longer is forgotten.
const FORGET_AFTER: Span = Span::days(90);
const DAY: Span = Span::days(1);

#[derive(Clone, Copy)]
struct Seen {
    place: Value,
    source: SourceId,
    event: EventId,
    last_at: Timestamp,
}

/// The places of the last day, and how many are usual.
#[derive(Default)]
struct Places {
    today: Vec<Seen>,
    rate: DailyRate,
    last_at: Option<Timestamp>,
}

pub struct Rule {
    settings: Settings,
    accounts: FxHashMap<AccountId, Places>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] =
        &[EventKind::Logon, EventKind::TicketGranting, EventKind::CredentialValidation, EventKind::SignIn, EventKind::SessionReconnected];
    fn new(settings: Settings) -> Self {
        Self { settings, accounts: FxHashMap::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let event = step.event();
        if !step.is_remote() || event.outcome == Outcome::Failure || step.user.is_dollar || step.row.account.is_none() {
            return;
        }
        let Some(place) = place(step) else { return };
        let places = self.accounts.entry(step.row.account).or_default();
        places.last_at = places.last_at.max(Some(event.at));
        // Mostly the place is that of the event before.
        if let Some(seen) = places.today.last_mut()
            && seen.place == place
            && event.at - seen.last_at < DAY
        {
            seen.last_at = seen.last_at.max(event.at);
            return;
        }
        if step.source_tags().exit || step.account_tags().scanner || step.account().is_none_or(|account| account.class.is_machinery()) {
            return;
        }
        if places.add(step, place)
            && let Some(chance) = self.oddness(step)
        {
            self.raise(step, chance, out);
        }
    }
    fn merge(&mut self, goes: AccountId, stays: AccountId) {
        rekey(&mut self.accounts, &goes, stays, |there, more| {
            there.rate.absorb(&more.rate);
            there.last_at = there.last_at.max(more.last_at);
        });
    }
    fn forget(&mut self, now: Timestamp) {
        self.accounts.retain(|_, places| places.last_at.is_some_and(|last| now - last < FORGET_AFTER));
    }
}

fn place(step: &Step<'_>) -> Option<Value> {
    match step.sign_in() {
        Some(sign_in) if sign_in.asn != 0 => Some(Value::Number(sign_in.asn)),
        _ => step.event().address.map(subnet),
    }
}

impl Places {
    /// Whether the place is a new one of the day.
    fn add(&mut self, step: &Step<'_>, place: Value) -> bool {
        let at = step.at();
        self.today.retain(|seen| at - seen.last_at < DAY);
        let known = self.today.iter().position(|seen| seen.place == place);
        if let Some(mut seen) = known.map(|known| self.today.remove(known)) {
            seen.last_at = seen.last_at.max(at);
            self.today.push(seen);
            return false;
        }
        if self.today.len() >= PLACES {
            self.today.remove(0);
        }
        self.today.push(Seen { place, source: step.row.source, event: step.id, last_at: at });
        self.rate.add(at);
        true
    }
}

impl Rule {
    /// The chance of as many places, where it is small enough to speak.
    fn oddness(&self, step: &Step<'_>) -> Option<f64> {
        let places = self.accounts.get(&step.row.account)?;
        let count = u32::try_from(places.today.len()).unwrap_or(u32::MAX);
        if count < self.settings.places || places.rate.days(step.at()) < f64::from(self.settings.history_days) {
            return None;
        }
        let chance = places.rate.tail(count, count, step.at());
        (chance < self.settings.chance).then_some(chance)
    }
    #[cold]
    #[inline(never)]
    fn raise(&self, step: &Step<'_>, chance: f64, out: &mut Findings) {
        let Some(places) = self.accounts.get(&step.row.account) else { return };
        let say = step.say();
        let score = Score::new(ABOUT.severity, "more places in a day than the account ever had").raise_for(step);
        let why = format!(
            "{} was used from {} networks within a day ({}), usual {:.1} (p={chance:.6}).",
            say.account(step.row.account),
            places.today.len(),
            say.list(places.today.iter().map(|seen| say.source(seen.source)), 5),
            places.usual(step.at()),
        );
        let first_at = places.today.iter().map(|seen| seen.last_at).min().unwrap_or(step.at());
        let key = Key::of(step.row.account.index(), 0);
        out.push(
            Finding::new(step, key, Span::hours(self.settings.quiet_hours), score, why)
                .since(first_at, places.today.iter().map(|seen| seen.event))
                .and_sources(places.today.iter().map(|seen| seen.source)),
        );
    }
}

impl Places {
    /// Places of a usual day.
    fn usual(&self, at: Timestamp) -> f64 {
        #[allow(clippy::cast_precision_loss)] // at most PLACES
        let today = self.today.len() as f64;
        let days = self.rate.days(at).max(1.0);
        (self.rate.per_day(at) - today / days).max(0.0)
    }
}
