//! From what the file keeps of an event to a row of a run, as far as it goes: account, host and source are those of the
//! run, what is not kept is absent.

use super::error::HistoryError;
use super::older::{Kept, Pages, Spot};
use super::row::{Records, outcome_of};
use crate::base::intern::Names;
use crate::model::event::{AuthEvent, EventKind, Provenance, SignIn};
use crate::model::event_id;
use crate::model::ids::{AccountId, EventId, HostId, InputId, SessionId, SourceId, VisitId};
use crate::model::logon_type::LogonType;
use crate::model::sign_in::SignInCategory;
use crate::model::status::Status;
use crate::model::world::{Row, Tables};
use rustc_hash::{FxHashMap, FxHashSet};

/// An event that is read from the history.
#[derive(Clone, Debug)]
pub struct OldRow {
    pub spot: Spot,
    /// Time, id, outcome, code, logon type; account, host and source of the run.
    pub row: Row,
}

/// The run to whose rows events are assigned.
#[derive(Debug)]
pub struct Run<'a> {
    tables: &'a Tables,
    accounts: FxHashMap<String, AccountId>,
    hosts: FxHashMap<String, HostId>,
    sources: FxHashMap<String, SourceId>,
    /// Numbers of the page's names that were looked up.
    met: FxHashMap<i64, Option<Who>>,
}

#[derive(Clone, Copy, Debug)]
enum Who {
    Account(AccountId),
    Host(HostId),
    Source(SourceId),
}

fn short(host: &str) -> &str {
    match host.split_once('.') {
        Some((short, _)) if host.parse::<std::net::IpAddr>().is_err() => short,
        _ => host,
    }
}

impl<'a> Run<'a> {
    #[must_use]
    pub fn new(names: &Names, tables: &'a Tables) -> Self {
        let mut run = Self {
            tables,
            accounts: FxHashMap::default(),
            hosts: FxHashMap::default(),
            sources: FxHashMap::default(),
            met: FxHashMap::default(),
        };
        for (number, account) in tables.accounts.iter().enumerate() {
            let id = tables.account_id(AccountId::new(number));
            for name in std::iter::once(account.identity()).chain(account.aliases().map(|alias| alias.name)) {
                run.accounts.entry(name.key(names)).or_insert(id);
            }
        }
        for (number, host) in tables.hosts.iter().enumerate() {
            for name in host.all_names() {
                let name = names.raw(name).to_lowercase();
                run.hosts.entry(short(&name).to_owned()).or_insert(HostId::new(number));
                run.hosts.insert(name, HostId::new(number));
            }
        }
        for (number, source) in tables.sources.iter().enumerate() {
            let name = source.address.map_or_else(|| names.raw(source.text).to_lowercase(), |address| address.to_string());
            run.sources.entry(name).or_insert(SourceId::new(number));
        }
        run
    }
    /// The rows of events; those of accounts and hosts that the run never met are of other logs and left out.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn rows(&mut self, pages: &mut Pages, events: &[Kept]) -> Result<Vec<OldRow>, HistoryError> {
        let mut rows = Vec::with_capacity(events.len());
        for kept in events {
            let account = self.who(pages, kept.account, |run, name| run.accounts.get(name).copied().map(Who::Account))?;
            let host = self.who(pages, kept.host, |run, name| run.host(name).map(Who::Host))?;
            let source = self.who(pages, kept.source, |run, name| run.sources.get(name).copied().map(Who::Source))?;
            let Some(Who::Account(account)) = account else { continue };
            let host = match host {
                Some(Who::Host(host)) => host,
                _ if kept.host == 0 => HostId::NONE,
                _ => continue,
            };
            let source = if let Some(Who::Source(source)) = source { source } else { SourceId::NONE };
            let event = self.event(pages, kept, (account, host, source))?;
            rows.push(OldRow {
                spot: kept.spot,
                row: Row {
                    event,
                    counted: Default::default(),
                    account,
                    host,
                    source,
                    session: SessionId::NONE,
                    visit: VisitId::NONE,
                    previous_of_account: EventId::NONE,
                    previous_of_host: EventId::NONE,
                    previous_of_source: EventId::NONE,
                    previous_of_session: EventId::NONE,
                },
            });
        }
        Ok(rows)
    }
    fn host(&self, name: &str) -> Option<HostId> {
        let name = name.to_lowercase();
        self.hosts.get(&name).or_else(|| self.hosts.get(short(&name))).copied()
    }
    /// Whom a name of the file names here.
    fn who(&mut self, pages: &mut Pages, number: i64, find: impl Fn(&Self, &str) -> Option<Who>) -> Result<Option<Who>, HistoryError> {
        if let Some(known) = self.met.get(&number) {
            return Ok(*known);
        }
        let found = if number == 0 { None } else { find(self, pages.name(number)?) };
        self.met.insert(number, found);
        Ok(found)
    }
    fn event(
        &self,
        pages: &mut Pages,
        kept: &Kept,
        (account, host, source): (AccountId, HostId, SourceId),
    ) -> Result<AuthEvent, HistoryError> {
        let source = self.tables.source(source);
        let mut event = AuthEvent {
            at: kept.spot.at,
            outcome: outcome_of(kept.outcome),
            logon_type: kept.logon_type.map_or(LogonType::None, |number| LogonType::from_number(number.into())),
            account: self.tables.account(account).map(|account| account.identity()).unwrap_or_default(),
            host: self.tables.host(host).map(|host| host.name).unwrap_or_default(),
            address: source.and_then(|source| source.address),
            address_text: source.map(|source| source.text).unwrap_or_default(),
            // It has no place in an input.
            provenance: Provenance { input: InputId::NONE, ..Provenance::default() },
            ..AuthEvent::default()
        };
        let what = pages.name(kept.what)?;
        match what.parse::<u32>() {
            Ok(id) => {
                event.event_id = id;
                if let Some(known) = event_id::by_id(id) {
                    (event.kind, event.known) = (known.kind, known.known);
                }
            }
            Err(_) => {
                let category = SignInCategory::ALL.into_iter().find(|category| category.name() == what).unwrap_or_default();
                event.kind = EventKind::SignIn;
                event.entra = Some(Box::new(SignIn { category, ..SignIn::default() }));
            }
        }
        event.status = Status::parse(pages.name(kept.status)?);
        Ok(event)
    }
}

/// What makes the records of a run one that a history keeps, of a stretch of time.
#[must_use]
pub fn spots(names: &Names, tables: &Tables, from: crate::base::time::Timestamp, to: crate::base::time::Timestamp) -> FxHashSet<Spot> {
    let mut records = Records::default();
    let events = &tables.events;
    let spot = |place: usize| {
        // The time alone is read of most.
        let row = events.at(place).filter(|at| (from..=to).contains(at)).and_then(|_| events.get(place)).filter(|row| super::keeps(row))?;
        let account = tables.accounts.get(row.account.index()).map(|account| account.key(names)).unwrap_or_default();
        Some(Spot { at: row.event.at, record: records.number(&row.event, &account, names) })
    };
    (events.first_kept()..events.len()).filter_map(spot).collect()
}
