//! A segment of rows that is written into columns.
//!
//! Rows point backwards, so a row that it points to is kept as the distance to it.

use super::Standing;
use super::sign_ins::SignIns;
use super::uniques::{Pool, Uniques};
use super::words::{Detail, Origin, Person, Place, Sort, Words};
use crate::base::packed::{Column, Packer};
use crate::base::time::{Span, Timestamp};
use crate::model::event::{AuthEvent, LogonId, Provenance};
use crate::model::ids::{EventId, SessionId, VisitId};
use crate::model::world::Row;

/// What is used again from segment to segment.
#[derive(Clone, Debug, Default)]
pub(super) struct Press {
    pub packer: Packer,
    pub pool: Pool,
}

#[derive(Debug)]
pub(super) struct Sealed {
    /// What all columns stand in.
    bytes: Box<[u8]>,
    at: Column,
    record: Column,
    offset: Column,
    line: Column,
    sort: Column,
    person: Column,
    subject: Column,
    place: Column,
    origin: Column,
    detail: Column,
    logon_id: Column,
    subject_logon_id: Column,
    linked_logon_id: Column,
    port: Column,
    ts_session: Column,
    session: Column,
    visit: Column,
    of_account: Column,
    of_host: Column,
    of_source: Column,
    of_session: Column,
    logon_guid: Column,
    /// Of rows that have one: its number among the sign-ins, from 1.
    sign_in: Column,
    sign_ins: Option<Box<SignIns>>,
    uniques: Uniques,
}

#[allow(clippy::cast_possible_truncation)] // ids have 32 bits
const fn narrow(number: usize) -> u32 {
    number as u32
}

/// How far a row lies behind `number`; 0 for none. A row does not point to itself: that stands for the distance that none
/// would have.
fn distance(number: usize, to: EventId) -> u64 {
    let own = EventId::new(number);
    let to = if to.is_none() {
        own
    } else if to == own {
        EventId::NONE
    } else {
        to
    };
    narrow(number).wrapping_sub(narrow(to.index())).into()
}

#[allow(clippy::cast_possible_truncation)] // a distance has 32 bits
fn at_distance(number: usize, distance: u64) -> EventId {
    let (own, to) = (EventId::new(number), EventId::new(narrow(number).wrapping_sub(distance as u32) as usize));
    if to == own {
        EventId::NONE
    } else if to.is_none() {
        own
    } else {
        to
    }
}

/// 0 for none.
fn session_number(session: SessionId) -> u32 {
    narrow(session.index()).wrapping_add(1)
}

/// Sessions as shown are mostly begun with their first logon session, so the number of one is kept by that of the other.
fn visit_number(visit: VisitId, session: SessionId) -> u64 {
    let visit = narrow(visit.index()).wrapping_add(1);
    visit.wrapping_sub(session_number(session)).into()
}

impl Sealed {
    /// Rows, the first of which has the number `first`.
    pub fn of(rows: &[Row], first: usize, words: &mut Words, press: &mut Press) -> Self {
        let Press { packer, pool } = press;
        pool.clear();
        macro_rules! column {
            (|$row:ident| $number:expr) => {
                packer.column(rows.iter().map(|$row| $number))
            };
            (|$number:ident, $row:ident| $value:expr) => {
                packer.column((first..).zip(rows).map(|($number, $row)| $value))
            };
        }
        #[allow(clippy::cast_sign_loss)] // read back as it was
        let at = column!(|row| row.event.at.as_ticks() as u64);
        let mut sign_ins = 0;
        let has_sign_ins = rows.iter().any(|row| row.event.entra.is_some());
        Self {
            at,
            record: column!(|row| row.event.record),
            offset: column!(|row| row.event.provenance.offset),
            line: column!(|row| row.event.provenance.line.into()),
            sort: column!(|row| words.sorts.number(sort_of(row))),
            person: column!(|row| words.people.number(Person { identity: row.event.account, account: row.account })),
            subject: column!(|row| words.subjects.number(row.event.subject)),
            place: column!(|row| words.places.number(place_of(row))),
            origin: column!(|row| words.origins.number(origin_of(row))),
            detail: column!(|row| words.details.number(detail_of(&row.event))),
            logon_id: column!(|row| row.event.logon_id.0),
            subject_logon_id: column!(|row| row.event.subject_logon_id.0),
            linked_logon_id: column!(|row| row.event.linked_logon_id.0),
            port: column!(|row| row.event.port.into()),
            ts_session: column!(|row| row.event.ts_session.map_or(0, |session| u64::from(session) + 1)),
            session: column!(|row| session_number(row.session).into()),
            visit: column!(|row| visit_number(row.visit, row.session)),
            of_account: column!(|number, row| distance(number, row.previous_of_account)),
            of_host: column!(|number, row| distance(number, row.previous_of_host)),
            of_source: column!(|number, row| distance(number, row.previous_of_source)),
            of_session: column!(|number, row| distance(number, row.previous_of_session)),
            logon_guid: column!(|row| pool.number(row.event.logon_guid)),
            sign_in: column!(|row| {
                sign_ins += u64::from(row.event.entra.is_some());
                if row.event.entra.is_some() { sign_ins } else { 0 }
            }),
            sign_ins: has_sign_ins.then(|| Box::new(SignIns::of(rows, words, pool, packer))),
            uniques: pool.pack(packer),
            bytes: packer.finish(),
        }
    }

    fn read(&self, column: &Column, place: usize) -> u64 {
        column.get(place, &self.bytes)
    }
    #[allow(clippy::cast_possible_wrap)] // written as it was
    pub fn at(&self, place: usize) -> Timestamp {
        Timestamp::default() + Span::ticks(self.read(&self.at, place) as i64)
    }
    #[allow(clippy::cast_possible_truncation)] // ids have 32 bits
    pub fn standing(&self, place: usize, number: usize, words: &Words) -> Standing {
        let session = self.read(&self.session, place) as u32;
        let visit = (self.read(&self.visit, place) as u32).wrapping_add(session);
        Standing {
            counted: words.sorts.get(self.read(&self.sort, place)).counted,
            session: SessionId::new(session.wrapping_sub(1) as usize),
            visit: VisitId::new(visit.wrapping_sub(1) as usize),
            previous_of_session: at_distance(number, self.read(&self.of_session, place)),
        }
    }
    /// A row as it was when it was sealed; `number` is that of the row, `place` its place in the segment.
    #[allow(clippy::cast_possible_truncation)] // nothing is wider than it was
    pub fn row(&self, place: usize, number: usize, words: &Words) -> Row {
        let read = |column: &Column| self.read(column, place);
        let sort = words.sorts.get(read(&self.sort));
        let person = words.people.get(read(&self.person));
        let written = words.places.get(read(&self.place));
        let origin = words.origins.get(read(&self.origin));
        let detail = words.details.get(read(&self.detail));
        let unique = |number: u64| self.uniques.get(number, &self.bytes);
        let sign_in = self.sign_ins.as_ref().zip(usize::try_from(read(&self.sign_in)).ok().and_then(|number| number.checked_sub(1)));
        let Standing { session, visit, previous_of_session, .. } = self.standing(place, number, words);
        Row {
            event: AuthEvent {
                at: self.at(place),
                kind: sort.kind,
                event_id: sort.event_id,
                known: sort.known,
                record: read(&self.record),
                provenance: Provenance { input: written.input, offset: read(&self.offset), line: read(&self.line) as u32 },
                host: written.name,
                channel: written.channel,
                outcome: sort.outcome,
                status: sort.status,
                raw_status: sort.raw_status,
                raw_sub_status: sort.raw_sub_status,
                logon_type: sort.logon_type,
                account: person.identity,
                subject: words.subjects.get(read(&self.subject)),
                logon_id: LogonId(read(&self.logon_id)),
                subject_logon_id: LogonId(read(&self.subject_logon_id)),
                linked_logon_id: LogonId(read(&self.linked_logon_id)),
                logon_guid: unique(read(&self.logon_guid)),
                address: origin.address,
                address_text: origin.address_text,
                port: read(&self.port) as u16,
                workstation: origin.workstation,
                logon_process: sort.logon_process,
                package: sort.package,
                lm_package: sort.lm_package,
                key_length: sort.key_length,
                process: detail.process,
                elevated: sort.elevated,
                target: detail.target,
                ticket_encryption: sort.ticket_encryption,
                ticket_options: sort.ticket_options,
                certificate: detail.certificate,
                outbound_user: detail.outbound_user,
                restricted_admin: sort.restricted_admin,
                remote_credential_guard: sort.remote_credential_guard,
                is_delegated: sort.is_delegated,
                pre_auth_type: sort.pre_auth_type,
                session_name: detail.session_name,
                ts_session: read(&self.ts_session).checked_sub(1).map(|session| session as u32),
                entra: sign_in.map(|(sign_ins, place)| Box::new(sign_ins.get(place, &self.bytes, words, unique))),
            },
            counted: sort.counted,
            account: person.account,
            host: written.host,
            source: origin.source,
            session,
            visit,
            previous_of_account: at_distance(number, read(&self.of_account)),
            previous_of_host: at_distance(number, read(&self.of_host)),
            previous_of_source: at_distance(number, read(&self.of_source)),
            previous_of_session,
        }
    }
}

/// Every field of an event must stand in a column or in one of the combinations: a new one is missed by name here.
fn sort_of(row: &Row) -> Sort {
    let AuthEvent {
        at: _,
        kind,
        event_id,
        known,
        record: _,
        provenance: _,
        host: _,
        channel: _,
        outcome,
        status,
        raw_status,
        raw_sub_status,
        logon_type,
        account: _,
        subject: _,
        logon_id: _,
        subject_logon_id: _,
        linked_logon_id: _,
        logon_guid: _,
        address: _,
        address_text: _,
        port: _,
        workstation: _,
        logon_process,
        package,
        lm_package,
        key_length,
        process: _,
        elevated,
        target: _,
        ticket_encryption,
        ticket_options,
        certificate: _,
        outbound_user: _,
        restricted_admin,
        remote_credential_guard,
        is_delegated,
        pre_auth_type,
        session_name: _,
        ts_session: _,
        entra: _,
    } = row.event;
    Sort {
        kind,
        event_id,
        known,
        outcome,
        status,
        raw_status,
        raw_sub_status,
        logon_type,
        logon_process,
        package,
        lm_package,
        key_length,
        elevated,
        ticket_encryption,
        ticket_options,
        restricted_admin,
        remote_credential_guard,
        is_delegated,
        pre_auth_type,
        counted: row.counted,
    }
}

fn place_of(row: &Row) -> Place {
    Place { name: row.event.host, channel: row.event.channel, host: row.host, input: row.event.provenance.input }
}

fn origin_of(row: &Row) -> Origin {
    let AuthEvent { address, address_text, workstation, .. } = row.event;
    Origin { address, address_text, workstation, source: row.source }
}

const fn detail_of(event: &AuthEvent) -> Detail {
    let AuthEvent { target, process, certificate, outbound_user, session_name, .. } = *event;
    Detail { target, process, certificate, outbound_user, session_name }
}
