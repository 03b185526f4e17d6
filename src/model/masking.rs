//! The privacy mask of a state: accounts, hosts and sources get names of their kind by their numbers, so that the same logs
//! are masked the same way on the screen and in a report.

use crate::base::intern::Names;
use crate::base::mask::{Kind, Mask};
use crate::model::ids::{AccountId, HostId};
use crate::model::world::Tables;

/// How far a mask has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reached {
    accounts: usize,
    hosts: usize,
    sources: usize,
}

/// Takes what is new into the mask.
pub fn extend(mask: &mut Mask, reached: &mut Reached, names: &Names, tables: &Tables) {
    // Hosts first: computer accounts and sources are called after them.
    for place in reached.hosts..tables.hosts.len() {
        let Some(host) = tables.host(HostId::new(place)) else { continue };
        for name in std::iter::once(host.name).chain(host.all_names()) {
            let text = names.raw(name);
            mask.name(Kind::Host, place + 1, text);
            // Its short name is written as often as the whole one.
            if let Some((short, _)) = text.split_once('.').filter(|(short, _)| short.parse::<u8>().is_err()) {
                mask.name(Kind::Host, place + 1, short);
            }
        }
    }
    for place in reached.accounts..tables.accounts.len() {
        let Some(account) = tables.accounts.get(place) else { continue };
        let number = tables.account_id(AccountId::new(place)).index() + 1;
        for identity in std::iter::once(account.identity()).chain(account.aliases().map(|alias| alias.name)) {
            mask.name(Kind::Domain, 0, names.raw(identity.domain));
            mask.name(Kind::Account, number, names.raw(identity.user));
            mask.name(Kind::Id, 0, names.raw(identity.sid));
        }
        mask.name(Kind::Id, 0, names.raw(account.object_id));
    }
    for source in tables.sources.iter_from(reached.sources) {
        if let Some(address) = source.address {
            mask.address(address);
        }
        mask.name(Kind::Other, 0, names.raw(source.text));
        mask.name(Kind::Other, 0, names.raw(source.workstation));
    }
    for text in names.from(mask.len()) {
        mask.push(text);
    }
    *reached = Reached { accounts: tables.accounts.len(), hosts: tables.hosts.len(), sources: tables.sources.len() };
}

/// Whether the mask knows all of a state.
#[must_use]
pub fn covers(mask: &Mask, reached: Reached, names: &Names, tables: &Tables) -> bool {
    reached == (Reached { accounts: tables.accounts.len(), hosts: tables.hosts.len(), sources: tables.sources.len() })
        && mask.len() >= names.len()
}

/// The mask of a state that changes no more.
#[must_use]
pub fn whole(names: &Names, tables: &Tables) -> Mask {
    let mut mask = Mask::default();
    extend(&mut mask, &mut Reached::default(), names, tables);
    mask
}
