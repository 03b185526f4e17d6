//! The figures of Entra sign-ins.

use crate::base::intern::{Interner, Symbol};
use crate::base::time::Timestamp;
use crate::base::unique::Unique;
use crate::model::event::{AuthEvent, Outcome, SignInCategory};
use rustc_hash::FxHashSet;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

#[derive(Debug, Default)]
pub(super) struct SignIns {
    count: u64,
    distinct: FxHashSet<(Unique, SignInCategory)>,
    without_id: u64,
    by_kind: BTreeMap<SignInCategory, u64>,
    by_outcome: BTreeMap<Outcome, u64>,
    /// `None` for rows that state no code.
    by_code: BTreeMap<Option<u32>, u64>,
    users: FxHashSet<Symbol>,
    principals: FxHashSet<Symbol>,
    addresses: FxHashSet<IpAddr>,
    countries: FxHashSet<Symbol>,
    apps: FxHashSet<Symbol>,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
}

impl SignIns {
    pub fn observe(&mut self, event: &AuthEvent) {
        let Some(sign_in) = event.entra.as_deref() else { return };
        self.count += 1;
        if sign_in.id.is_some() {
            self.distinct.insert((sign_in.id, sign_in.category));
        } else {
            self.without_id += 1;
        }
        *self.by_kind.entry(sign_in.category).or_default() += 1;
        *self.by_outcome.entry(event.outcome).or_default() += 1;
        let code = event.status.is_some().then_some(event.status.code);
        *self.by_code.entry(code).or_default() += 1;
        // A row of a workload category without a service principal states a user after all.
        let is_workload = matches!(sign_in.category, SignInCategory::ServicePrincipal | SignInCategory::ManagedIdentity);
        let named = if is_workload && sign_in.service_principal_id.is_some() { &mut self.principals } else { &mut self.users };
        named.insert(event.account.user);
        self.addresses.extend(event.address);
        self.countries.insert(sign_in.country);
        self.apps.insert(sign_in.app);
        self.first = Some(self.first.map_or(event.at, |first| first.min(event.at)));
        self.last = self.last.max(Some(event.at));
    }

    /// `None` without any sign-in.
    pub fn finish(&self, names: &Interner) -> Option<Value> {
        if self.count == 0 {
            return None;
        }
        let texts = |symbols: &FxHashSet<Symbol>| -> BTreeSet<String> {
            symbols.iter().filter(|symbol| symbol.is_some()).map(|symbol| names.raw(*symbol).to_owned()).collect()
        };
        let by_kind: BTreeMap<_, _> = self.by_kind.iter().map(|(kind, count)| (kind_name(*kind), count)).collect();
        let by_outcome: BTreeMap<_, _> = self.by_outcome.iter().map(|(outcome, count)| (outcome_name(*outcome), count)).collect();
        let by_code: BTreeMap<_, _> =
            self.by_code.iter().map(|(code, count)| (code.map_or("None".to_owned(), |code| code.to_string()), count)).collect();
        let addresses: BTreeSet<_> = self.addresses.iter().map(ToString::to_string).collect();
        Some(json!({
            "sign_ins": self.count,
            "distinct": self.distinct.len() as u64 + self.without_id,
            "by_kind": by_kind,
            "by_outcome": by_outcome,
            "by_code": by_code,
            "users": texts(&self.users),
            "principals": texts(&self.principals),
            "ips": addresses,
            "countries": texts(&self.countries),
            "apps": texts(&self.apps),
            "no_time": 0,
            "first": self.first.map(Timestamp::rfc3339),
            "last": self.last.map(Timestamp::rfc3339),
        }))
    }
}

const fn kind_name(category: SignInCategory) -> &'static str {
    match category {
        SignInCategory::Interactive => "interactive",
        SignInCategory::NonInteractive => "nonInteractive",
        SignInCategory::ServicePrincipal => "servicePrincipal",
        SignInCategory::ManagedIdentity => "managedIdentity",
        SignInCategory::Adfs => "adfs",
    }
}

const fn outcome_name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::None => "None",
        outcome => outcome.word(),
    }
}
