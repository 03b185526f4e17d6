//! Does a row pass a filter?
//!
//! One rule for all: a term holds when some value of the row matches it; a row without such a value does not match (so
//! `-country:GB` keeps rows without a country). What a term looks at:
//!
//! | term | event | session | anomaly | account, host, source |
//! |---|---|---|---|---|
//! | account, host, source, sid, class, ... | its own | its own | any of its accounts, hosts, sources | its own; the others by its newest events |
//! | outcome, status, id, auth, process, app, ... | its own | `outcome` is success; the rest its own or its newest events | any record kept as evidence | counts, or its newest events |
//! | type, lane | its own | its own | any of its sessions or records | lanes it was seen in, or its newest events |
//! | session, start, end, duration, state, elevated | those of its session | its own | any of its sessions | `state:open`: some session is; the rest its newest events |
//! | time | its time | it touches that stretch | it touches that stretch | it was seen from first to last |
//! | severity | worst of its session | worst of it | its own | worst of it |
//! | rule, score, incident | of its session, or with it as evidence | any of its anomalies | its own | any of its anomalies |
//! | tag, note | its own, of its account, host, source, session, or of an anomaly about it | the same, and of its events | its own, or of what it concerns | its own, or of its newest events |
//! | word | account, host, source, workstation | the same | the same, detection id and title | the same |
//!
//! A session as shown is judged by what it holds itself and by its logons (`visit`). "Newest events" are at most `LOOK_BACK`. Terms are judged one by one: `host:A type:10` on an account means "was on A,
//! and used type 10", not necessarily at once. Nothing here allocates, but for what has a remark.

mod counted;
mod odd;
mod said;
mod visit;

use crate::base::intern::{Names, Symbol};
use crate::base::time::Timestamp;
use crate::base::unique::Unique;
use crate::model::anomaly::Anomaly;
use crate::model::event::{Identity, Outcome, SignIn};
use crate::model::ids::{AccountId, EventId, HostId, InputId, SessionId, SourceId, VisitId};
use crate::model::lane::Lane;
use crate::model::place;
use crate::model::remark::Remarks;
use crate::model::session::Session;
use crate::model::world::{Row, Tables};
use crate::query::Filter;
use crate::query::ast::{Bounds, Code, Expr, Id, Place, State, Test};
use crate::query::field::Field;
use crate::query::pattern::Pattern;
use counted::{Counted, counted};
use std::fmt::Write as _;
use std::net::IpAddr;

/// Events looked at for a term that an account, host, source or session does not hold itself.
pub const LOOK_BACK: usize = 1_024;

/// What a filter is asked about.
#[derive(Clone, Copy)]
enum Subject<'a> {
    Event(EventId, &'a Row),
    Session(SessionId, &'a Session),
    Visit(VisitId),
    Anomaly(&'a Anomaly),
    Account(AccountId),
    Host(HostId),
    Source(SourceId),
}

impl Filter {
    #[must_use]
    pub fn matches_event(&self, id: EventId, names: &Names, tables: &Tables) -> bool {
        tables.event(id).is_some_and(|row| self.passes(Subject::Event(id, &row), names, tables))
    }
    /// Of a row that is in no table, such as one of the history: see `asks_only_of_history`.
    #[must_use]
    pub fn matches_row(&self, row: &Row, names: &Names, tables: &Tables) -> bool {
        self.passes(Subject::Event(EventId::NONE, row), names, tables)
    }
    #[must_use]
    pub fn matches_session(&self, id: SessionId, names: &Names, tables: &Tables) -> bool {
        tables.session(id).is_some_and(|session| self.passes(Subject::Session(id, &session), names, tables))
    }
    /// Of a session as shown; see `visit`.
    #[must_use]
    pub fn matches_visit(&self, id: VisitId, names: &Names, tables: &Tables) -> bool {
        self.passes(Subject::Visit(id), names, tables)
    }
    #[must_use]
    pub fn matches_anomaly(&self, anomaly: &Anomaly, names: &Names, tables: &Tables) -> bool {
        self.passes(Subject::Anomaly(anomaly), names, tables)
    }
    #[must_use]
    pub fn matches_account(&self, id: AccountId, names: &Names, tables: &Tables) -> bool {
        self.passes(Subject::Account(id), names, tables)
    }
    #[must_use]
    pub fn matches_host(&self, id: HostId, names: &Names, tables: &Tables) -> bool {
        self.passes(Subject::Host(id), names, tables)
    }
    #[must_use]
    pub fn matches_source(&self, id: SourceId, names: &Names, tables: &Tables) -> bool {
        self.passes(Subject::Source(id), names, tables)
    }
    fn passes(&self, subject: Subject<'_>, names: &Names, tables: &Tables) -> bool {
        self.expr.as_ref().is_none_or(|expr| Judge { names, tables, remarks: self.remarks.as_deref() }.expr(expr, subject))
    }
}

/// The tables a filter reads.
#[derive(Clone, Copy)]
struct Judge<'a> {
    names: &'a Names,
    tables: &'a Tables,
    /// What people said of the rows.
    remarks: Option<&'a dyn Remarks>,
}

impl Judge<'_> {
    fn expr(self, expr: &Expr, subject: Subject<'_>) -> bool {
        match expr {
            Expr::All(operands) => operands.iter().all(|operand| self.expr(operand, subject)),
            Expr::Any(operands) => operands.iter().any(|operand| self.expr(operand, subject)),
            Expr::Not(operand) => !self.expr(operand, subject),
            Expr::Term(test) => {
                self.of_anomalies(test, subject).or_else(|| self.of_remarks(test, subject)).unwrap_or_else(|| match subject {
                    Subject::Event(_, row) => self.event(test, row),
                    Subject::Session(_, session) => self.session(test, session),
                    Subject::Visit(id) => self.visit_row(test, id),
                    Subject::Anomaly(anomaly) => self.anomaly(test, anomaly),
                    Subject::Account(id) => self.account_row(test, id),
                    Subject::Host(id) => self.host_row(test, id),
                    Subject::Source(id) => self.source_row(test, id),
                })
            }
        }
    }

    // Events.

    fn event(self, test: &Test, row: &Row) -> bool {
        let event = &row.event;
        let entra = event.entra.as_deref();
        let session = || self.tables.session(row.session);
        match test {
            Test::Word(pattern) => {
                self.account_named(pattern, row.account, &event.account)
                    || self.host_named(pattern, row.host, event.host)
                    || self.source_named(pattern, row)
                    || self.text(pattern, event.workstation)
            }
            Test::Account(patterns) => any(patterns, |pattern| self.account_named(pattern, row.account, &event.account)),
            Test::Source(places) => places.iter().any(|place| match self.tables.source(row.source) {
                Some(source) => self.place(place, source.address, source.text),
                None => self.place(place, event.address, event.address_text),
            }),
            Test::Types(types) => types.has(event.logon_type.number()),
            Test::Lanes(bits) => event.lane().is_some_and(|lane| has_lane(*bits, lane)),
            Test::Outcomes(outcomes) => outcomes.contains(&event.outcome),
            Test::Status(codes) => codes.iter().any(|code| match code {
                Code::Number(number) => {
                    event.status.is_some() && event.status.code == *number || *number != 0 && event.raw_status == *number
                }
                Code::Text(pattern) => event.status.is_some() && self.status_named(pattern, event.status),
            }),
            Test::SubStatus(codes) => codes.contains(&event.raw_sub_status),
            Test::Session(ids) => {
                let own = ids.iter().any(|id| match id {
                    Id::LogonId(number) => event.logon_id.0 == *number && *number != 0,
                    Id::Text(pattern) => entra.is_some_and(|sign_in| self.unique(pattern, sign_in.session_id)),
                });
                own || session().is_some_and(|session| self.session(test, &session))
            }
            Test::Moment(Field::Time, bounds) => bounds.iter().any(|bounds| bounds.holds(event.at)),
            Test::Number(Field::Id, bounds) => event.event_id != 0 && bounds.iter().any(|bounds| bounds.holds(u64::from(event.event_id))),
            Test::Number(Field::Asn, bounds) => {
                let stated = entra.map_or(0, |sign_in| sign_in.asn);
                has_asn(bounds, if stated == 0 { self.placed(row.source).asn } else { stated })
            }
            Test::Mfa(results) => entra.is_some_and(|sign_in| results.contains(&sign_in.mfa)),
            Test::Elevated(values) => values.contains(&session().map_or(event.elevated, |session| session.elevated)),
            Test::Privileged(wanted) => session().map(|session| session.privileged) == Some(*wanted),
            Test::Moment(..) | Test::Duration(_) | Test::State(_) | Test::Severity(_) => {
                session().is_some_and(|session| self.session(test, &session))
            }
            Test::Number(..) => false,
            Test::Text(field, patterns) => any(patterns, |pattern| match field {
                Field::Host => self.host_named(pattern, row.host, event.host),
                Field::Workstation => self.text(pattern, event.workstation),
                Field::Auth => self.text(pattern, event.package) || self.text(pattern, event.lm_package),
                Field::Process => self.text(pattern, event.process) || self.text(pattern, event.logon_process),
                Field::Domain => self.text(pattern, event.account.domain) || self.account_field(*field, pattern, row.account),
                Field::Sid => self.text(pattern, event.account.sid) || self.account_field(*field, pattern, row.account),
                Field::Class => self.account_field(*field, pattern, row.account),
                Field::Country => {
                    let stated = entra.map_or(Symbol::NONE, |sign_in| sign_in.country);
                    self.text(pattern, if stated.is_some() { stated } else { self.placed(row.source).country })
                }
                Field::Input => self.input(pattern, event.provenance.input),
                Field::Credential => session().is_some_and(|session| pattern.matches(session.credential.kind.word())),
                _ => entra.is_some_and(|sign_in| self.sign_in(*field, pattern, sign_in)),
            }),
        }
    }
    fn sign_in(self, field: Field, pattern: &Pattern, sign_in: &SignIn) -> bool {
        match field {
            Field::App => self.text(pattern, sign_in.app) || self.text(pattern, sign_in.app_id),
            Field::Resource => self.text(pattern, sign_in.resource) || self.text(pattern, sign_in.resource_id),
            Field::Risk => self.text(pattern, sign_in.risk) || self.text(pattern, sign_in.risk_state),
            _ => false,
        }
    }

    // Sessions.

    fn session(self, test: &Test, session: &Session) -> bool {
        let unknown = Identity::default();
        match test {
            Test::Word(pattern) => {
                self.account_named(pattern, session.account, &unknown)
                    || self.host_named(pattern, session.host, Symbol::NONE)
                    || self.tables.source(session.source).is_some_and(|source| self.place_named(pattern, source.address, source.text))
                    || self.text(pattern, session.workstation)
            }
            Test::Account(patterns) => any(patterns, |pattern| self.account_named(pattern, session.account, &unknown)),
            Test::Source(places) => {
                let source = self.tables.source(session.source);
                source.is_some_and(|source| places.iter().any(|place| self.place(place, source.address, source.text)))
            }
            Test::Types(types) => types.has(session.logon_type.number()),
            Test::Lanes(bits) => has_lane(*bits, session.lane),
            Test::Outcomes(outcomes) => outcomes.contains(&Outcome::Success),
            Test::Session(ids) => ids.iter().any(|id| match id {
                Id::LogonId(number) => session.logon_id.0 == *number && *number != 0,
                Id::Text(pattern) => self.unique(pattern, session.entra_session()),
            }),
            Test::Moment(Field::Start, bounds) => bounds.iter().any(|bounds| bounds.holds(session.start)),
            Test::Moment(Field::End, bounds) => session.end.is_some_and(|end| bounds.iter().any(|bounds| bounds.holds(end))),
            Test::Moment(_, bounds) => {
                let end = session.end.unwrap_or(Timestamp::MAX);
                bounds.iter().any(|bounds| bounds.overlaps(session.start, end))
            }
            Test::Duration(bounds) => {
                // An open session has lasted at least until the newest event that is known.
                let newest = self.tables.events.last().map_or(session.start, |row| row.event.at);
                let lasted = session.end_or(newest) - session.start;
                bounds.iter().any(|bounds| bounds.holds(lasted))
            }
            Test::State(states) => states.iter().any(|state| match state {
                State::Open => session.is_open(),
                State::Closed => !session.is_open(),
                State::Inferred => session.end_reason.is_inferred(),
                State::Disconnected => session.is_open() && session.disconnected().last().is_some_and(|(_, end)| end.is_none()),
            }),
            Test::Severity(bounds) => session.worst.is_some_and(|worst| bounds.iter().any(|bounds| bounds.holds(worst))),
            Test::Elevated(values) => values.contains(&session.elevated),
            Test::Privileged(wanted) => session.privileged == *wanted,
            Test::Text(
                field @ (Field::Host
                | Field::Workstation
                | Field::Auth
                | Field::Credential
                | Field::Process
                | Field::Domain
                | Field::Sid
                | Field::Class),
                patterns,
            ) => any(patterns, |pattern| match field {
                Field::Host => self.host_named(pattern, session.host, Symbol::NONE),
                Field::Workstation => self.text(pattern, session.workstation),
                Field::Auth => self.text(pattern, session.package) || self.text(pattern, session.lm_package),
                Field::Credential => pattern.matches(session.credential.kind.word()),
                Field::Process => self.text(pattern, session.process) || self.text(pattern, session.logon_process),
                field => self.account_field(*field, pattern, session.account),
            }),
            Test::Text(..) | Test::Number(..) | Test::Mfa(_) | Test::Status(_) | Test::SubStatus(_) => {
                let newest = std::iter::successors(self.tables.event(session.last_event), |row| self.tables.event(row.previous_of_session));
                newest.take(LOOK_BACK).any(|row| self.event(test, &row))
            }
        }
    }

    // Anomalies.

    fn anomaly(self, test: &Test, anomaly: &Anomaly) -> bool {
        let unknown = Identity::default();
        let by_account = |pattern: &Pattern| anomaly.accounts.iter().any(|id| self.account_named(pattern, *id, &unknown));
        let by_host = |pattern: &Pattern| anomaly.hosts.iter().any(|id| self.host_named(pattern, *id, Symbol::NONE));
        let sources = || anomaly.sources.iter().filter_map(|id| self.tables.source(*id));
        let records = || anomaly.records.iter().filter_map(|id| self.tables.event(*id));
        let sessions = || anomaly.sessions.iter().filter_map(|id| self.tables.session(*id));
        match test {
            Test::Word(pattern) => {
                pattern.matches(anomaly.detection.id)
                    || pattern.matches(anomaly.detection.title)
                    || by_account(pattern)
                    || by_host(pattern)
                    || sources().any(|source| self.place_named(pattern, source.address, source.text))
                    || records().any(|row| self.text(pattern, row.event.workstation))
            }
            Test::Account(patterns) => any(patterns, by_account),
            Test::Text(Field::Host, patterns) => any(patterns, by_host),
            Test::Source(places) => sources().any(|source| places.iter().any(|place| self.place(place, source.address, source.text))),
            Test::Text(Field::Rule, patterns) => any(patterns, |pattern| pattern.matches(anomaly.detection.id)),
            Test::Text(field @ (Field::Domain | Field::Sid | Field::Class), patterns) => {
                any(patterns, |pattern| anomaly.accounts.iter().any(|id| self.account_field(*field, pattern, *id)))
            }
            Test::Severity(bounds) => bounds.iter().any(|bounds| bounds.holds(anomaly.severity)),
            Test::Number(Field::Score, bounds) => bounds.iter().any(|bounds| bounds.holds(u64::from(anomaly.score))),
            Test::Number(Field::Incident, bounds) => {
                let number = || self.tables.incident_id(anomaly.incident).index() as u64 + 1;
                anomaly.incident.is_some() && bounds.iter().any(|bounds| bounds.holds(number()))
            }
            Test::Moment(Field::Time, bounds) => bounds.iter().any(|bounds| bounds.overlaps(anomaly.at, anomaly.end)),
            Test::Moment(Field::Start, bounds) => bounds.iter().any(|bounds| bounds.holds(anomaly.at)),
            Test::Moment(_, bounds) => bounds.iter().any(|bounds| bounds.holds(anomaly.end)),
            Test::Types(_) | Test::Lanes(_) | Test::Session(_) => {
                sessions().any(|session| self.session(test, &session)) || records().any(|row| self.event(test, &row))
            }
            Test::Duration(_) | Test::State(_) | Test::Elevated(_) | Test::Privileged(_) => {
                sessions().any(|session| self.session(test, &session))
            }
            _ => records().any(|row| self.event(test, &row)),
        }
    }

    // Accounts, hosts, sources.

    fn account_row(self, test: &Test, id: AccountId) -> bool {
        let Some(account) = self.tables.account(id) else { return false };
        let newest = || self.tables.events_of_account(id).take(LOOK_BACK);
        match test {
            Test::Account(patterns) => any(patterns, |pattern| self.account_named(pattern, id, &Identity::default())),
            Test::Text(field @ (Field::Domain | Field::Sid | Field::Class), patterns) => {
                any(patterns, |pattern| self.account_field(*field, pattern, id))
            }
            Test::Privileged(wanted) => account.privileged == *wanted,
            Test::Word(pattern) => self.account_named(pattern, id, &Identity::default()),
            Test::Lanes(bits) if Lane::ALL.iter().zip(account.by_lane).any(|(lane, sessions)| sessions > 0 && has_lane(*bits, *lane)) => {
                true
            }
            _ => counted(test, &Counted::of_account(account)).unwrap_or_else(|| newest().any(|(_, row)| self.event(test, &row))),
        }
    }
    fn host_row(self, test: &Test, id: HostId) -> bool {
        let Some(host) = self.tables.host(id) else { return false };
        let newest = || self.tables.events_of_host(id).take(LOOK_BACK);
        match test {
            Test::Text(Field::Host, patterns) => any(patterns, |pattern| self.host_named(pattern, id, Symbol::NONE)),
            Test::Word(pattern) => self.host_named(pattern, id, Symbol::NONE),
            _ => counted(test, &Counted::of_host(host)).unwrap_or_else(|| newest().any(|(_, row)| self.event(test, &row))),
        }
    }
    fn source_row(self, test: &Test, id: SourceId) -> bool {
        let Some(source) = self.tables.source(id) else { return false };
        let newest = || self.tables.events_of_source(id).take(LOOK_BACK);
        match test {
            Test::Source(places) => places.iter().any(|place| self.place(place, source.address, source.text)),
            Test::Text(Field::Workstation, patterns)
                if any(patterns, |pattern| source.claims().iter().any(|claim| self.text(pattern, claim.name))) =>
            {
                true
            }
            Test::Text(Field::Country, patterns) if any(patterns, |pattern| self.text(pattern, source.whereabouts().country)) => true,
            Test::Number(Field::Asn, bounds) if has_asn(bounds, source.whereabouts().asn) => true,
            Test::Word(pattern) => self.place_named(pattern, source.address, source.text) || self.text(pattern, source.workstation),
            _ => counted(test, &Counted::of_source(source)).unwrap_or_else(|| newest().any(|(_, row)| self.event(test, &row))),
        }
    }

    /// Where the settings or a database place a source.
    fn placed(self, id: SourceId) -> place::Place {
        self.tables.source(id).map_or_else(place::Place::default, |source| source.place)
    }

    // Names.

    fn text(self, pattern: &Pattern, symbol: Symbol) -> bool {
        symbol.is_some() && pattern.matches(self.names.raw(symbol))
    }
    fn unique(&self, pattern: &Pattern, id: Unique) -> bool {
        id.is_some() && pattern.matches(id.raw(self.names, &mut [0; 48]))
    }
    fn account_named(self, pattern: &Pattern, id: AccountId, written: &Identity) -> bool {
        match self.tables.account(id) {
            // By any of its names.
            Some(account) => std::iter::once(account.identity())
                .chain(account.aliases().map(|alias| alias.name))
                .any(|name| self.identity(pattern, name.user, name.domain, name.sid)),
            None => self.identity(pattern, written.user, written.domain, written.sid),
        }
    }
    /// By the user, `user@domain`, `domain\user` or the part of a UPN before its `@`; by the SID where there is no user.
    fn identity(self, pattern: &Pattern, user: Symbol, domain: Symbol, sid: Symbol) -> bool {
        if user.is_none() {
            return self.text(pattern, sid);
        }
        let user = self.names.raw(user);
        match user.split_once('@') {
            Some((local, _)) => pattern.matches(user) || pattern.matches(local),
            None => pattern.matches_account(user, self.names.raw(domain)),
        }
    }
    fn account_field(self, field: Field, pattern: &Pattern, id: AccountId) -> bool {
        self.tables.account(id).is_some_and(|account| match field {
            Field::Domain => {
                self.text(pattern, account.domain)
                    || self.names.raw(account.user).split_once('@').is_some_and(|(_, suffix)| pattern.matches(suffix))
            }
            Field::Sid => self.text(pattern, account.sid) || self.text(pattern, account.object_id),
            Field::Class => pattern.matches(account.class.word()),
            _ => false,
        })
    }
    /// By the whole path or the file name.
    fn input(self, pattern: &Pattern, id: InputId) -> bool {
        let inputs = &self.tables.inputs;
        // Mostly they stand in the order of their numbers.
        let own = inputs.get(id.index()).filter(|input| input.id == id).or_else(|| inputs.iter().find(|input| input.id == id));
        own.is_some_and(|input| {
            let name = input.path.file_name().and_then(std::ffi::OsStr::to_str);
            name.is_some_and(|name| pattern.matches(name)) || input.path.to_str().is_some_and(|path| pattern.matches(path))
        })
    }
    /// By the whole name, or by the part before its first dot.
    fn host_named(self, pattern: &Pattern, id: HostId, written: Symbol) -> bool {
        match self.tables.host(id) {
            // By any of its names.
            Some(host) => host.all_names().any(|name| self.is_host(pattern, self.names.raw(name))),
            None => self.is_host(pattern, self.names.raw(written)),
        }
    }
    fn is_host(self, pattern: &Pattern, name: &str) -> bool {
        if name.is_empty() {
            return false;
        }
        let short = name.split_once('.').map_or(name, |(short, _)| short);
        pattern.matches(name) || (short.len() < name.len() && pattern.matches(short) && name.parse::<IpAddr>().is_err())
    }
    fn source_named(self, pattern: &Pattern, row: &Row) -> bool {
        match self.tables.source(row.source) {
            Some(source) => self.place_named(pattern, source.address, source.text),
            None => self.place_named(pattern, row.event.address, row.event.address_text),
        }
    }
    fn place_named(self, pattern: &Pattern, address: Option<IpAddr>, text: Symbol) -> bool {
        match address {
            Some(address) => pattern.matches(Short::of(address).text()),
            None => self.text(pattern, text),
        }
    }
    fn place(self, place: &Place, address: Option<IpAddr>, text: Symbol) -> bool {
        match (place, address) {
            (Place::Name(pattern), address) => self.place_named(pattern, address, text),
            (Place::Net(net, bits), Some(address)) => inside(address, *net, *bits),
            (Place::Between(low, high), Some(address)) => address.is_ipv4() == low.is_ipv4() && (*low..=*high).contains(&address),
            (_, None) => false,
        }
    }
    fn status_named(self, pattern: &Pattern, status: crate::model::status::Status) -> bool {
        let mut code = Short::default();
        let _ = match status.family {
            crate::model::status::StatusFamily::NtStatus => write!(code, "0x{:08X}", status.code),
            crate::model::status::StatusFamily::Kerberos => write!(code, "{:#x}", status.code),
            _ => write!(code, "{}", status.code),
        };
        pattern.matches(code.text()) || pattern.matches(status.text())
    }
}

fn any(patterns: &[Pattern], matches: impl FnMut(&Pattern) -> bool) -> bool {
    patterns.iter().any(matches)
}

fn has_asn(bounds: &[Bounds<u64>], asn: u32) -> bool {
    asn != 0 && bounds.iter().any(|bounds| bounds.holds(u64::from(asn)))
}

const fn has_lane(bits: u16, lane: Lane) -> bool {
    bits & (1 << lane.index()) != 0
}

/// `address` lies in the network of the first `bits` bits of `net`.
fn inside(address: IpAddr, net: IpAddr, bits: u8) -> bool {
    match (address, net) {
        (IpAddr::V4(address), IpAddr::V4(net)) => {
            let mask = u32::MAX.checked_shl(32_u32.saturating_sub(u32::from(bits))).unwrap_or(0);
            address.to_bits() & mask == net.to_bits() & mask
        }
        (IpAddr::V6(address), IpAddr::V6(net)) => {
            let mask = u128::MAX.checked_shl(128_u32.saturating_sub(u32::from(bits))).unwrap_or(0);
            address.to_bits() & mask == net.to_bits() & mask
        }
        _ => false,
    }
}

/// A text of at most 48 bytes on the stack: addresses and codes. What does not fit is left out.
struct Short {
    bytes: [u8; 48],
    len: usize,
}

impl Default for Short {
    fn default() -> Self {
        Self { bytes: [0; 48], len: 0 }
    }
}

impl Short {
    fn of(address: IpAddr) -> Self {
        let mut short = Self::default();
        let _ = write!(short, "{address}"); // every address fits
        short
    }
    fn text(&self) -> &str {
        self.bytes.get(..self.len).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or("")
    }
}

impl std::fmt::Write for Short {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let end = self.len + text.len();
        self.bytes.get_mut(self.len..end).ok_or(std::fmt::Error)?.copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}
