//! Accounts that the settings call one.

use super::super::settings::Settings;
use super::written::{id_key, parts_of_upn};
use crate::base::intern::{Interner, Symbol};
use crate::model::ids::AccountId;
use rustc_hash::FxHashMap;

/// How a line of the settings names an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Member {
    Id(Symbol),
    /// Folded domain as written, and user.
    Name(Symbol, Symbol),
}

#[derive(Debug, Default)]
pub(super) struct Same {
    groups: FxHashMap<Member, usize>,
    /// By group: the account that one of its names was given.
    met: Vec<AccountId>,
}

fn member(text: &str, names: &mut Interner) -> Member {
    let text = text.trim().to_lowercase();
    let (domain, user) = match text.split_once('\\') {
        Some(parts) => parts,
        None => match parts_of_upn(&text) {
            Some((user, domain)) => (domain, user),
            None => {
                let upper = text.to_uppercase();
                let id = names.intern(if upper.starts_with("S-1-") { &upper } else { &text });
                return Member::Id(id_key(id, names).0);
            }
        },
    };
    Member::Name(names.intern(domain), names.intern(user))
}

impl Same {
    pub fn new(settings: &Settings, names: &mut Interner) -> Self {
        let members = settings.same.iter().enumerate().flat_map(|(group, texts)| texts.iter().map(move |text| (group, text)));
        let groups = members.map(|(group, text)| (member(text, names), group)).collect();
        Self { groups, met: vec![AccountId::NONE; settings.same.len()] }
    }
    /// The group of a name or an id.
    pub fn group(&self, members: &[Member]) -> Option<usize> {
        if self.groups.is_empty() {
            return None;
        }
        members.iter().find_map(|member| self.groups.get(member)).copied()
    }
    pub fn met(&self, group: Option<usize>) -> Option<AccountId> {
        self.met.get(group?).copied().filter(|account| account.is_some())
    }
    pub fn meet(&mut self, group: Option<usize>, account: AccountId) {
        if let Some(met) = group.and_then(|group| self.met.get_mut(group)) {
            *met = account;
        }
    }
}
