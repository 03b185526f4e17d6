//! Two rows turn out to be one account: the older takes the counts, the names and the chains of the younger.
//!
//! No event or session is changed: `Tables::account` leads from the younger row to the older one. A merge costs the length
//! of what was joined before, and of the anomalies where either has some.

use crate::base::intern::{Interner, Symbol};
use crate::base::time::Timestamp;
use crate::model::account::{Account, AccountClass, HourCounts};
use crate::model::alias::{Alias, Evidence, Joined, Part};
use crate::model::event::Identity;
use crate::model::ids::AccountId;
use crate::model::world::{Tables, World};
use std::sync::Arc;

/// Joins two accounts; gives the one that stays and the one that became it.
pub(super) fn merge(one: AccountId, other: AccountId, by: Evidence, at: Timestamp, world: &mut World) -> Option<(AccountId, AccountId)> {
    let (stays, goes) = (one.min(other), one.max(other));
    if stays == goes {
        return None;
    }
    let gone = world.tables.accounts.get(goes.index())?.clone();
    let mut row = world.tables.accounts.get(stays.index())?.clone();
    take_counts(&mut row, &gone);
    let mut joined = row.joined.as_deref().cloned().unwrap_or_default();
    take_names(&mut row, &gone, &mut joined, Alias { name: gone.identity(), since: gone.first.unwrap_or(at), by }, &world.names);
    take_chains(&mut row, &gone, goes, &mut joined);
    for part in &joined.parts {
        if let Some(part) = world.tables.accounts.get_mut(part.account.index()) {
            part.merged_into = stays;
        }
    }
    row.joined = Some(Arc::new(joined));
    world.tables.merged_accounts += 1;
    if row.anomalies > 0 && gone.anomalies > 0 {
        row.anomalies = anomalies_of(stays, goes, &world.tables);
    } else {
        row.anomalies += gone.anomalies;
    }
    if let Some(place) = world.tables.accounts.get_mut(stays.index()) {
        *place = row;
    }
    Some((stays, goes))
}

/// Anomalies that name both are one for the account.
fn anomalies_of(stays: AccountId, goes: AccountId, tables: &Tables) -> u32 {
    let is_of = |id: &AccountId| [stays, goes].contains(&tables.account_id(*id));
    let count = tables.anomalies.iter().filter(|anomaly| anomaly.accounts.iter().any(is_of)).count();
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn take_counts(row: &mut Account, gone: &Account) {
    row.privileged |= gone.privileged;
    row.first = row.first.into_iter().chain(gone.first).min();
    row.last = row.last.max(gone.last);
    row.worst = row.worst.max(gone.worst);
    if row.class == AccountClass::Unknown {
        (row.class, row.class_reason) = (gone.class, gone.class_reason);
    }
    let pairs: [(&mut u32, u32); 7] = [
        (&mut row.events, gone.events),
        (&mut row.successes, gone.successes),
        (&mut row.failures, gone.failures),
        (&mut row.sessions, gone.sessions),
        (&mut row.open_sessions, gone.open_sessions),
        (&mut row.visits, gone.visits),
        (&mut row.open_visits, gone.open_visits),
    ];
    let lanes = row.by_lane.iter_mut().zip(gone.by_lane);
    for (count, more) in pairs.into_iter().chain(lanes) {
        *count = count.saturating_add(more);
    }
    row.hours = match (row.hours.take(), &gone.hours) {
        (Some(mut hours), Some(more)) => {
            let own: &mut HourCounts = Arc::make_mut(&mut hours);
            for (count, more) in own.iter_mut().zip(more.iter()) {
                *count = count.saturating_add(*more);
            }
            Some(hours)
        }
        (hours, more) => hours.or_else(|| more.clone()),
    };
}

fn take_names(row: &mut Account, gone: &Account, joined: &mut Joined, alias: Alias, names: &Interner) {
    let is_sid = |sid: Symbol| super::written::is_sid(names.raw(sid));
    if row.sid.is_none() || is_sid(gone.sid) && !is_sid(row.sid) {
        row.sid = gone.sid;
    }
    row.object_id = row.object_id.or(gone.object_id);
    if row.user.is_none() {
        (row.user, row.domain) = (gone.user, gone.domain);
    }
    // A row without a domain is named better by the other.
    if row.domain.is_none() && gone.domain.is_some() && names.fold(row.user) == names.fold(gone.user) {
        row.domain = gone.domain;
    }
    for alias in std::iter::once(alias).chain(gone.aliases().copied()) {
        add_alias(row.identity(), joined, alias, names);
    }
    joined.more = joined.more.saturating_add(gone.joined.as_deref().map_or(0, |joined| joined.more));
}

/// Adds a name that is not known yet.
pub(super) fn add_alias(own: Identity, joined: &mut Joined, alias: Alias, names: &Interner) {
    let fold = |symbol| names.fold(symbol);
    let (user, domain) = (fold(alias.name.user), fold(alias.name.domain));
    let is_own = (fold(own.user), fold(own.domain)) == (user, domain) || user == fold(alias.name.sid);
    if user.is_some() && !is_own && !joined.has(user, domain, fold) {
        joined.add(alias);
    }
}

/// The chains of events, sessions and visits that begin with the newest go on; the others are kept beside.
fn take_chains(row: &mut Account, gone: &Account, goes: AccountId, joined: &mut Joined) {
    /// Newest and other; none is the greatest number.
    fn order<I: Copy + Ord>(one: I, other: I, none: I) -> (I, I) {
        if one == none || other != none && other > one { (other, one) } else { (one, other) }
    }
    let mut part = Part { account: goes, event: gone.last_event, session: gone.last_session, visit: gone.last_visit };
    (row.last_event, part.event) = order(row.last_event, gone.last_event, Default::default());
    (row.last_session, part.session) = order(row.last_session, gone.last_session, Default::default());
    (row.last_visit, part.visit) = order(row.last_visit, gone.last_visit, Default::default());
    joined.parts.push(part);
    joined.parts.extend(gone.joined.iter().flat_map(|joined| joined.parts.iter().copied()));
}
