//! `provider-access`: somebody of a service provider enters, and it is not as usual.
//!
//! One person at the provider reaches many customers. A new name or a new network alone is staff and travel; both at once
//! count, and so does one who enters several tenants in a row from a network that no one of the provider had.

use crate::base::intern::Symbol;
use crate::base::setting::settings;
use crate::base::time::{Span, Timestamp};
use crate::detect::baseline::rekey;
use crate::detect::finding::{Finding, Findings, Key};
use crate::detect::say;
use crate::detect::score::Score;
use crate::detect::sign_in;
use crate::detect::step::Step;
use crate::detect::window::Window;
use crate::detect::{Detector, Rule as RuleFile};
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::{EventKind, SignIn, SignInCategory};
use crate::model::ids::{AccountId, EventId};
use rustc_hash::{FxHashMap, FxHashSet};

const ABOUT: Detection = Detection {
    id: "provider-access",
    title: "Service provider enters in an unusual way",
    severity: Severity::Medium,
    attack: &["T1199"],
    needs: "Entra sign-ins with crossTenantAccessType, of at least two weeks",
    requires: &[&[Needed::SignIns(SignInCategory::Interactive)]],
    check: "Ask the provider whether this person had work here. If not, every customer of theirs is concerned.",
};

settings! {
    /// See the module.
    pub struct Settings {
        /// Days of the provider in the log before anything is new.
        pub learning_days: i64 = 14,
        /// Tenants entered by one person within half an hour.
        pub tenants: usize = 3,
        /// Once for each user and tenant and so many days.
        pub quiet_days: i64 = 7,
        /// People, networks and visits remembered, of each.
        pub kept: usize = 4096,
    }
}

const WITHIN: Span = Span::minutes(30);

pub struct Rule {
    settings: Settings,
    first_at: Option<Timestamp>,
    people: FxHashSet<(AccountId, Symbol)>,
    networks: FxHashSet<u32>,
    visits: FxHashMap<AccountId, Window<(Symbol, EventId)>>,
}

impl RuleFile for Rule {
    type Settings = Settings;
    const ABOUT: &'static Detection = &ABOUT;
    const KINDS: &'static [EventKind] = &[EventKind::SignIn];
    fn new(settings: Settings) -> Self {
        Self { settings, first_at: None, people: FxHashSet::default(), networks: FxHashSet::default(), visits: FxHashMap::default() }
    }
}

impl Detector for Rule {
    fn observe(&mut self, step: &Step<'_>, out: &mut Findings) {
        let Some(sign_in) = sign_in::success_of_user(step) else { return };
        if !matches!(step.raw(sign_in.cross_tenant), "serviceprovider" | "microsoftsupport") {
            return;
        }
        let at = step.at();
        let is_old = at - *self.first_at.get_or_insert(at) >= Span::days(self.settings.learning_days);
        let has_room = self.people.len() < self.settings.kept;
        let person = (step.row.account, sign_in.tenant);
        let new_person = !self.people.contains(&person);
        let new_network = step.asn() != 0 && !self.networks.contains(&step.asn()) && !sign_in::is_shared_network(step);
        let visits = self.visits.entry(step.row.account).or_default();
        if new_network || visits.iter().any(|(_, (tenant, _))| *tenant != sign_in.tenant) {
            visits.push(at, (sign_in.tenant, step.id), WITHIN, 64);
        }
        let tenants: FxHashSet<Symbol> = visits.between(at - WITHIN, at).map(|(_, (tenant, _))| *tenant).collect();
        let is_tour = tenants.len() >= self.settings.tenants;
        if is_old && (new_person || new_network || is_tour) {
            self.raise(step, sign_in, (new_person, new_network), tenants.len(), out);
        }
        // What a tour comes from stays new, so that its next stop is part of it.
        if has_room {
            self.people.insert(person);
        }
        if step.asn() != 0 && self.networks.len() < self.settings.kept && !is_tour {
            self.networks.insert(step.asn());
        }
    }
    fn merge(&mut self, goes: AccountId, stays: AccountId) {
        rekey(&mut self.visits, &goes, stays, |_, _| {});
        let gone: Vec<_> = self.people.iter().filter(|(account, _)| *account == goes).copied().collect();
        for (account, tenant) in gone {
            self.people.remove(&(account, tenant));
            self.people.insert((stays, tenant));
        }
    }
    fn forget(&mut self, now: Timestamp) {
        self.visits.retain(|_, visits| {
            visits.forget_before(now - WITHIN);
            !visits.is_empty()
        });
    }
}

impl Rule {
    #[cold]
    #[inline(never)]
    fn raise(&self, step: &Step<'_>, sign_in: &SignIn, (new_person, new_network): (bool, bool), tenants: usize, out: &mut Findings) {
        let is_tour = tenants >= self.settings.tenants;
        let on_call = step.account_tags().on_call;
        let score = if is_tour && !on_call {
            Score::new(Severity::High, "several customers in a row from a network that the provider never had")
        } else if new_person && new_network && !on_call {
            Score::new(ABOUT.severity, "a new person of the provider in a new network").raise_for(step)
        } else {
            Score::new(Severity::Low, if on_call { "on call" } else { "a new person or a new network of the provider" })
        };
        let say = step.say();
        let who = if step.raw(sign_in.cross_tenant) == "microsoftsupport" { "Microsoft's support" } else { "the service provider" };
        let what = match (is_tour, new_person, new_network) {
            (true, ..) => format!("{} within half an hour", say::count(tenants, "tenant")),
            (_, true, true) => "neither the person nor the network was ever seen".to_owned(),
            (_, true, false) => "the person was never seen there".to_owned(),
            _ => "the network was never seen".to_owned(),
        };
        let why = format!(
            "{} of {who} entered tenant {} from {} ({}, {}); {what}.",
            say.account(step.row.account),
            say.text(sign_in.tenant),
            say.source(step.row.source),
            say.network(step.asn()),
            say.text(step.country()),
        );
        let what = if is_tour { usize::MAX } else { sign_in.tenant.index() };
        let earlier = self.visits.get(&step.row.account).into_iter().flat_map(Window::iter);
        let earlier: Vec<(Timestamp, EventId)> = earlier.filter(|_| is_tour).map(|(at, (_, event))| (*at, *event)).collect();
        let first_at = earlier.first().map_or(step.at(), |(at, _)| *at);
        out.push(
            Finding::new(step, Key::of(step.row.account.index(), what), Span::days(self.settings.quiet_days), score, why)
                .since(first_at, earlier.into_iter().map(|(_, event)| event)),
        );
    }
}
