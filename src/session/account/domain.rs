//! Names of domains: which NetBIOS name and which DNS name are one domain, and how that is known.
//!
//! An account's domain is looked up by its DNS name where that is known. `CORP` may be `corp.a.example` for one host and
//! `corp.b.example` for another: the host's own domain goes first, then what was learned, then the first label, which
//! counts only as long as one domain has it.

use super::super::settings::Settings;
use crate::base::intern::{Interner, Symbol};
use crate::model::alias::Evidence;
use rustc_hash::FxHashMap;

/// DNS names kept for one NetBIOS name. More tell only that it is no name of one domain.
const KEPT: usize = 8;

#[derive(Debug, Default)]
pub(super) struct Domains {
    /// From the settings: folded name to folded DNS name.
    rules: FxHashMap<Symbol, Symbol>,
    /// DNS names that one SID met together with a NetBIOS name.
    learned: FxHashMap<Symbol, Vec<Symbol>>,
    /// DNS names by their first label.
    labels: FxHashMap<Symbol, Vec<Symbol>>,
    by_label: bool,
}

/// Where a name of a domain leads, and by what; `None` where it is that name itself.
pub(super) type Place = (Symbol, Option<Evidence>);

impl Domains {
    pub fn new(settings: &Settings, names: &mut Interner) -> Self {
        let mut key = |text: &str| names.intern(&text.to_lowercase());
        let rules = settings.domains.iter().map(|(name, domain)| (key(name), key(domain))).collect();
        Self { rules, by_label: settings.join_by_first_label, ..Self::default() }
    }
    /// Where a folded name leads that a host of the domain `suffix` wrote.
    pub fn place(&self, name: Symbol, suffix: Symbol, names: &Interner) -> Place {
        if let Some(domain) = self.rules.get(&name) {
            return (*domain, Some(Evidence::Rule));
        }
        if name.is_none() || names.raw(name).contains('.') {
            return (name, None);
        }
        let learned = self.learned.get(&name).map_or(&[][..], Vec::as_slice);
        let labels = self.labels.get(&name).map_or(&[][..], Vec::as_slice);
        let suffix = self.rules.get(&suffix).copied().unwrap_or(suffix);
        match (learned, labels) {
            _ if learned.contains(&suffix) => (suffix, Some(Evidence::LearnedDomain)),
            _ if self.by_label && labels.contains(&suffix) => (suffix, Some(Evidence::FirstLabel)),
            ([one], _) => (*one, Some(Evidence::LearnedDomain)),
            ([], [one]) if self.by_label => (*one, Some(Evidence::FirstLabel)),
            _ => (name, None),
        }
    }
    /// Takes note of a DNS name. Gives the NetBIOS name that leads to it from now on.
    pub fn note(&mut self, domain: Symbol, names: &mut Interner) -> Option<Symbol> {
        if self.rules.contains_key(&domain) {
            return None;
        }
        let label = names.raw(domain).split_once('.').map(|(label, _)| label.to_owned()).filter(|label| !label.is_empty())?;
        let label = names.intern(&label);
        let known = self.labels.entry(label).or_default();
        if known.contains(&domain) || known.len() >= KEPT {
            return None;
        }
        known.push(domain);
        let leads = known.len() == 1 && self.by_label && !self.learned.contains_key(&label) && !self.rules.contains_key(&label);
        leads.then_some(label)
    }
    /// One SID and user was met under both names. Gives the NetBIOS name and the DNS name it leads to from now on.
    pub fn learn(&mut self, one: Symbol, other: Symbol, names: &Interner) -> Option<(Symbol, Symbol)> {
        let (net_bios, dns) = match (names.raw(one).contains('.'), names.raw(other).contains('.')) {
            (false, true) => (one, other),
            (true, false) => (other, one),
            _ => return None,
        };
        let dns = self.rules.get(&dns).copied().unwrap_or(dns);
        let known = self.learned.entry(net_bios).or_default();
        if net_bios.is_none() || known.contains(&dns) || known.len() >= KEPT {
            return None;
        }
        known.push(dns);
        (known.len() == 1 && !self.rules.contains_key(&net_bios)).then_some((net_bios, dns))
    }
}
