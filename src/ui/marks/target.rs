//! What a bookmark or a note may be set on, between the numbers of this run and the names of the case file.

use crate::base::time::{Span, Timestamp};
use crate::casefile::subject::Subject;
use crate::casefile::thing::Thing;
use crate::model::ids::{AccountId, AnomalyId, EventId, HostId, SessionId, SourceId, VisitId};
use crate::model::world::Row;
use crate::query::Filter;
use crate::store::Snapshot;
use crate::ui::effect::Place;
use crate::ui::view::{ViewId, words};
use std::borrow::Cow;

/// One thing on screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    Event(EventId),
    /// A session as shown.
    Visit(VisitId),
    /// One of the logon sessions it is made of.
    Session(SessionId),
    Account(AccountId),
    Host(HostId),
    Source(SourceId),
    Anomaly(AnomalyId),
    Moment(Timestamp),
}

/// Rows looked at on each side of the place where a time should stand: events that came late stand further on.
const NEAR: usize = 20_000;
/// Events that are further away in time are another one; exports of one log differ by less.
const SAME_MOMENT: Span = Span::seconds(2);

impl Target {
    /// Its name in the case file.
    #[must_use]
    pub fn thing(self, snapshot: &Snapshot) -> Option<Thing> {
        let (tables, names) = (&snapshot.tables, &snapshot.names);
        Some(match self {
            Self::Event(id) => {
                let row = tables.event(id)?;
                let number = if row.event.event_id == 0 { String::new() } else { format!("{} ", row.event.event_id) };
                let who = tables.account(row.account).map(|account| format!("  {}", account.key(names))).unwrap_or_default();
                Thing::of_event(&row, names, tables, format!("{number}{}{who}", words::title(&row.event, names)))
            }
            Self::Visit(id) => Thing::of_visit(&*tables.visit(id)?, names, tables),
            Self::Session(id) => Thing::of_session(&*tables.session(id)?, names, tables),
            Self::Account(id) => Thing::of_account(tables.account(id)?, names),
            Self::Host(id) => Thing::of_host(tables.host(id)?, names),
            Self::Source(id) => Thing::of_source(tables.source(id)?, names),
            Self::Anomaly(id) => Thing::Anomaly { subject: Subject::of(tables.anomaly(id)?, names, tables) },
            Self::Moment(at) => Thing::Moment { at: at.rfc3339() },
        })
    }
    /// What the page of a place is about; nothing for places that are no one thing.
    #[must_use]
    pub const fn of(place: Place) -> Option<Self> {
        Some(match place {
            Place::Account(id) => Self::Account(id),
            Place::Host(id) => Self::Host(id),
            Place::Source(id) => Self::Source(id),
            Place::Visit(id) => Self::Visit(id),
            Place::Session(id) => Self::Session(id),
            Place::Event(id) => Self::Event(id),
            Place::Anomaly(id) => Self::Anomaly(id),
            Place::View(_) | Place::Path(..) | Place::Case => return None,
        })
    }
    /// Whether a filter leaves it. A bare moment is always left.
    #[must_use]
    pub fn passes(self, filter: &Filter, snapshot: &Snapshot) -> bool {
        let (names, tables) = (&snapshot.names, &snapshot.tables);
        match self {
            Self::Event(id) => filter.matches_event(id, names, tables),
            Self::Visit(id) => filter.matches_visit(id, names, tables),
            Self::Session(id) => filter.matches_session(id, names, tables),
            Self::Account(id) => filter.matches_account(id, names, tables),
            Self::Host(id) => filter.matches_host(id, names, tables),
            Self::Source(id) => filter.matches_source(id, names, tables),
            Self::Anomaly(id) => tables.anomaly(id).is_some_and(|anomaly| filter.matches_anomaly(anomaly, names, tables)),
            Self::Moment(_) => true,
        }
    }
    /// Where it is shown.
    #[must_use]
    pub fn place(self, snapshot: &Snapshot) -> Place {
        match self {
            Self::Event(id) => Place::Event(id),
            Self::Visit(id) => Place::Visit(id),
            Self::Session(id) => match snapshot.tables.session(id).and_then(|session| session.visit.some()) {
                Some(visit) => Place::Visit(visit),
                None => Place::Session(id),
            },
            Self::Account(id) => Place::Account(id),
            Self::Host(id) => Place::Host(id),
            Self::Source(id) => Place::Source(id),
            Self::Anomaly(id) => Place::Anomaly(id),
            Self::Moment(_) => Place::View(ViewId::Timeline),
        }
    }
    /// The thing in these logs, if they have it. Costs a halving of the events, or a walk over accounts, hosts, sources or
    /// anomalies.
    #[must_use]
    pub fn find(thing: &Thing, snapshot: &Snapshot) -> Option<Self> {
        let (tables, names) = (&snapshot.tables, &snapshot.names);
        match thing {
            Thing::Event { .. } => {
                let is_it = |id: EventId, _: &Row| Self::Event(id).thing(snapshot).is_some_and(|found| found.is(thing));
                near(thing.at()?, snapshot, is_it).map(|(id, _)| Self::Event(id))
            }
            Thing::Session { .. } => {
                let is_it = |_: EventId, row: &Row| {
                    let session = row.session.some().map(Self::Session);
                    let visit = row.visit.some().map(Self::Visit);
                    session.into_iter().chain(visit).any(|found| found.thing(snapshot).is_some_and(|found| found.is(thing)))
                };
                let (_, row) = near(thing.at()?, snapshot, is_it)?;
                let visit = row.visit.some().or_else(|| tables.session(row.session)?.visit.some());
                visit.map(Self::Visit).or_else(|| row.session.some().map(Self::Session))
            }
            Thing::Account { .. } => {
                let stands = |place: &usize| tables.accounts.get(*place).is_some_and(|account| account.merged_into.is_none());
                let mut all = (0..tables.accounts.len()).filter(stands).map(|place| Self::Account(AccountId::new(place)));
                all.find(|found| found.thing(snapshot).is_some_and(|found| found.is(thing)))
            }
            Thing::Host { name } => {
                let is_it = |host: &crate::model::host::Host| host.all_names().any(|known| names.raw(known).eq_ignore_ascii_case(name));
                tables.hosts.iter().position(is_it).map(|place| Self::Host(HostId::new(place)))
            }
            Thing::Source { .. } => {
                let mut all = (0..tables.sources.len()).map(|place| Self::Source(SourceId::new(place)));
                all.find(|found| found.thing(snapshot).is_some_and(|found| found.is(thing)))
            }
            Thing::Anomaly { subject } => {
                let at = Timestamp::parse(&subject.at)?;
                // Case files keep six digits of a second.
                let is_then = |found: Timestamp| (found - at).abs() < Span::millis(1);
                let mut all = tables.anomalies.iter().enumerate();
                all.find(|(_, found)| {
                    found.detection.id == subject.detection && is_then(found.raised_at) && Subject::of(found, names, tables).is(subject)
                })
                .map(|(place, _)| Self::Anomaly(AnomalyId::new(place)))
            }
            Thing::Moment { .. } => thing.at().map(Self::Moment),
        }
    }
}

/// The first event about a moment that `is_it`.
fn near(at: Timestamp, snapshot: &Snapshot, is_it: impl Fn(EventId, &Row) -> bool) -> Option<(EventId, Cow<'_, Row>)> {
    let events = &snapshot.tables.events;
    // Events stand nearly in the order of their time.
    let (mut low, mut high) = (0, events.len());
    while low < high {
        let middle = low + (high - low) / 2;
        if events.at(middle).is_none_or(|found| found < at - SAME_MOMENT) { low = middle + 1 } else { high = middle }
    }
    let fits = |place: usize| {
        let row = events.at(place).filter(|found| (*found - at).abs() <= SAME_MOMENT).and_then(|_| events.get(place))?;
        is_it(EventId::new(place), &row).then_some((EventId::new(place), row))
    };
    let after = (low..events.len()).take(NEAR).find_map(fits);
    after.or_else(|| (0..low).rev().take(NEAR).find_map(fits))
}
