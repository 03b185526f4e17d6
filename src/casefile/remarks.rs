//! What a case says of the rows of a run, for filters. Rows without a remark are told by their time or name alone.

use super::Case;
use super::entry::{Act, State};
use super::subject::Subject;
use super::thing::Thing;
use crate::base::intern::{Names, Symbol};
use crate::base::time::Timestamp;
use crate::model::anomaly::Anomaly;
use crate::model::involved::Entity;
use crate::model::remark::{Remark, Remarks};
use crate::model::world::Tables;
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};
use std::collections::BTreeMap;
use std::hash::Hasher as _;
use std::net::IpAddr;
use std::sync::Arc;

/// The tag of what has a bookmark.
pub const BOOKMARK: &str = "bookmark";

#[derive(Debug)]
struct Said {
    case: Arc<Case>,
    list: Vec<Remark>,
    by_key: FxHashMap<String, usize>,
    /// Seconds of events, sessions and anomalies that something was said of.
    seconds: FxHashSet<i64>,
    /// Folded names of accounts, hosts and sources.
    names: FxHashSet<u64>,
    addresses: FxHashSet<IpAddr>,
    suppresses: bool,
}

/// The same for texts that differ in case alone.
fn folded(text: &str) -> u64 {
    let mut hasher = FxHasher::default();
    text.chars().flat_map(char::to_lowercase).for_each(|c| hasher.write_u32(u32::from(c)));
    hasher.finish()
}

/// Words of a note that begin with `#`, without it.
fn hashed(text: &str) -> impl Iterator<Item = &str> {
    let is_of_tag = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let tagged = text.split_whitespace().filter_map(|word| word.strip_prefix('#'));
    tagged.map(move |word| word.split(|c| !is_of_tag(c)).next().unwrap_or_default()).filter(|word| !word.is_empty())
}

impl Case {
    /// What it says now; entries that come later are not in it.
    #[must_use]
    pub fn remarks(self: &Arc<Self>) -> Arc<dyn Remarks> {
        let mut said = Said {
            case: Arc::clone(self),
            list: Vec::new(),
            by_key: FxHashMap::default(),
            seconds: FxHashSet::default(),
            names: FxHashSet::default(),
            addresses: FxHashSet::default(),
            suppresses: self.suppressions().next().is_some(),
        };
        for noted in self.noted() {
            let mut remark = Remark::default();
            remark.tags.extend(noted.mark.is_some().then(|| BOOKMARK.to_owned()));
            remark.tags.extend(hashed(noted.text()).map(str::to_owned));
            remark.notes.extend((!noted.text().is_empty()).then(|| noted.text().to_owned()));
            said.seconds.extend(noted.thing.at().map(Timestamp::as_unix_seconds));
            match &noted.thing {
                Thing::Account { name, sid } => {
                    let user = name.rsplit('\\').next().unwrap_or(name);
                    said.names.extend([user, sid].into_iter().filter(|text| !text.is_empty()).map(folded));
                }
                Thing::Host { name } => {
                    said.names.insert(folded(name));
                }
                Thing::Source { name } => {
                    match name.parse() {
                        Ok(address) => said.addresses.insert(address),
                        Err(_) => said.names.insert(folded(name)),
                    };
                }
                Thing::Event { .. } | Thing::Session { .. } | Thing::Anomaly { .. } | Thing::Moment { .. } => {}
            }
            let place = said.list.len();
            said.by_key.extend(noted.thing.keys().into_iter().map(|key| (key, place)));
            said.list.push(remark);
        }
        let decided = self.standing().filter(|entry| matches!(entry.act, Act::Decide { .. }));
        said.seconds.extend(decided.filter_map(|entry| entry.act.thing()?.at()).map(Timestamp::as_unix_seconds));
        Arc::new(said)
    }
}

impl Said {
    fn find(&self, thing: &Thing) -> Option<&Remark> {
        thing.keys().iter().find_map(|key| self.list.get(*self.by_key.get(key)?))
    }
    fn knows(&self, at: Timestamp) -> bool {
        self.seconds.contains(&at.as_unix_seconds())
    }
    fn names(&self, names: &Names, symbol: Symbol) -> bool {
        symbol.is_some() && self.names.contains(&folded(names.raw(symbol)))
    }
}

impl Remarks for Said {
    fn about(&self, entity: Entity, names: &Names, tables: &Tables) -> Option<&Remark> {
        match entity {
            Entity::Event(id) => {
                let row = tables.event(id).filter(|row| self.knows(row.event.at))?;
                self.find(&Thing::of_event(&row, names, tables, String::new()))
            }
            Entity::Session(id) => {
                let session = tables.session(id).filter(|session| self.knows(session.start))?;
                self.find(&Thing::of_session(&session, names, tables))
            }
            Entity::Visit(id) => {
                let visit = tables.visit(id)?;
                let start = tables.session(visit.first_session).map_or(visit.start, |session| session.start);
                self.knows(start).then(|| self.find(&Thing::of_visit(&visit, names, tables))).flatten()
            }
            Entity::Account(id) => {
                let account = tables.account(id)?;
                let known = [account.user, account.sid, account.object_id].into_iter().any(|symbol| self.names(names, symbol));
                known.then(|| self.find(&Thing::of_account(account, names))).flatten()
            }
            Entity::Host(id) => {
                // By any of its names: the long one may have become known later.
                let known = tables.host(id)?.all_names().filter(|name| self.names(names, *name));
                known.map(|name| Thing::Host { name: names.raw(name).to_owned() }).find_map(|thing| self.find(&thing))
            }
            Entity::Source(id) => {
                let source = tables.source(id)?;
                let known = match source.address {
                    Some(address) => self.addresses.contains(&address),
                    None => self.names(names, source.text),
                };
                known.then(|| self.find(&Thing::of_source(source, names))).flatten()
            }
        }
    }
    fn about_anomaly(&self, anomaly: &Anomaly, names: &Names, tables: &Tables) -> Option<Remark> {
        if !self.suppresses && !self.knows(anomaly.raised_at) {
            return None;
        }
        let subject = Subject::of(anomaly, names, tables);
        let verdict = self.case.verdict(&subject);
        let decided = verdict.entry.filter(|_| verdict.state != State::New);
        let state = decided.map(|_| verdict.state.word().to_owned());
        let reason = decided.map(|entry| entry.act.reason()).filter(|reason| !reason.is_empty());
        let mut remark = self.find(&Thing::Anomaly { subject }).cloned().unwrap_or_default();
        remark.tags.extend(state);
        remark.tags.extend(reason.into_iter().flat_map(hashed).map(str::to_owned));
        remark.notes.extend(reason.map(str::to_owned));
        (!remark.is_empty()).then_some(remark)
    }
    fn tags(&self) -> Vec<(String, u64)> {
        let mut tags: BTreeMap<String, u64> = BTreeMap::new();
        let of_things = self.list.iter().flat_map(|remark| remark.tags.iter().cloned());
        let of_decisions = self.case.standing().flat_map(|entry| {
            let word = match &entry.act {
                Act::Decide { state, .. } => Some(*state),
                Act::Suppress { .. } => Some(State::Suppressed),
                _ => None,
            };
            let word = word.filter(|state| *state != State::New);
            word.into_iter().flat_map(|state| std::iter::once(state.word()).chain(hashed(entry.act.reason()))).map(str::to_owned)
        });
        of_things.chain(of_decisions).for_each(|tag| *tags.entry(tag).or_default() += 1);
        tags.into_iter().collect()
    }
    fn version(&self) -> u64 {
        self.case.entries().len() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_with_a_hash_are_tags() {
        let tags = |text| hashed(text).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(tags("asked #backup-team, #lateral: waiting (#3) # #"), ["backup-team", "lateral"]);
        assert!(tags("ticket no#4").is_empty());
        assert_eq!(folded("SVC_\u{c4}"), folded("svc_\u{e4}"));
    }
}
