//! One attempt to log on, however many records tell of it.
//!
//! A host writes 4624 or 4625, the authority that checked it 4768, 4769, 4771, 4776 and 8004: on a domain controller, or on
//! the host for its own accounts. They come in any order. What was seen of a user name in the last minutes waits here; a
//! record that fits (`attempt_fit`) joins it and is not counted again, and an attempt counted at the controller moves to the
//! host once that tells of it. The controller's records become events of the session they let in.
//!
//! Not attempts: 4769 (use of a ticket), 4768 with 0x19 (the first half of two that make one), 8004 (states no outcome). A bad
//! password may be tried over Kerberos and then NTLM, and be handed on to another controller: still one.
//!
//! Bounds: `KEPT` attempts of a name, for `WAIT`; names are forgotten once nothing waits for them. Where no authority's
//! record waits, a logon costs one place in a list.

use super::Place;
use super::attempt_fit::{Logon, Part, Places};
use super::attempt_open::{Open, Pending, Stand};
use super::count;
use super::credential::{self, Proof};
use super::open::is_other_half;
use super::visit::{is_old_half, may_be_old_half};
use crate::base::intern::Symbol;
use crate::base::net::{self, AddressClass};
use crate::base::time::Timestamp;
use crate::model::attempt::{Attempt, Counted, Match};
use crate::model::event::{AuthEvent, EventKind, Outcome};
use crate::model::ids::{EventId, SessionId, SourceId};
use crate::model::logon_type::LogonType;
use crate::model::status::StatusClass;
use crate::model::world::{Changes, World};
use rustc_hash::FxHashMap;

/// Records of the authority for one attempt.
const PARTS: usize = 8;
/// Attempts between two rounds of forgetting.
const FORGET_EVERY: usize = 8_192;

#[derive(Debug, Default)]
pub(super) struct Attempts {
    /// Number of the name in `pending`, plus one, by symbol of a user name as written; 0 where it was not asked for yet.
    numbers: Vec<u32>,
    by_name: FxHashMap<Symbol, u32>,
    pending: Vec<Pending>,
    places: Places,
    until_forget: usize,
    newest: Option<Timestamp>,
}

/// What became of one record.
#[derive(Debug, Default)]
pub(super) struct Judged {
    pub attempt: Option<Attempt>,
    pub counted: Counted,
    /// Records of the authority that wait for the session of this logon.
    claimed: Vec<(EventId, Proof, Match)>,
    /// The name whose newest attempt is this logon.
    newest_of: Option<usize>,
    /// The session that the authority's record let in; of the second half of a UAC pair, the first half.
    session: SessionId,
    joined: Option<(Proof, Match)>,
}

impl Judged {
    fn alone(attempt: Option<StatusClass>, success: bool) -> Self {
        let attempt = attempt.map(|class| Attempt { class, repeat: false });
        Self { attempt, counted: Counted::everywhere(success), ..Self::default() }
    }
}

/// The address; loopback is the host itself and says nothing.
fn source(event: &AuthEvent, place: Place) -> SourceId {
    match event.address.map(net::class) {
        None | Some(AddressClass::Loopback) => SourceId::NONE,
        Some(_) => place.source,
    }
}

impl Attempts {
    /// Which attempt the record tells of, and where it counts. Before it is counted and before its session is known.
    pub fn judge(&mut self, event: &AuthEvent, place: Place, world: &mut World) -> Judged {
        match event.kind {
            EventKind::Logon => self.logon(event, StatusClass::Success, place, world),
            EventKind::LogonFailed => self.logon(event, event.status.class(), place, world),
            EventKind::SignIn if place.is_told_before => Judged::default(),
            EventKind::SignIn => match event.outcome {
                Outcome::Success => Judged::alone(None, true),
                Outcome::Failure => Judged::alone(None, false),
                Outcome::Interrupted | Outcome::None => Judged::default(),
            },
            EventKind::TicketGranting
            | EventKind::PreAuthFailed
            | EventKind::CredentialValidation
            | EventKind::ServiceTicket
            | EventKind::NtlmPassedOn => self.part(event, place, world),
            _ => Judged::default(),
        }
    }

    /// Once the session of the event is known: the records that belong together are joined.
    #[inline]
    pub fn settle(&mut self, judged: &Judged, event: EventId, world: &mut World, changes: &mut Changes) {
        if changes.opened || judged.joined.is_some() {
            self.join(judged, event, world, changes);
        }
    }
    fn join(&mut self, judged: &Judged, event: EventId, world: &mut World, changes: &mut Changes) {
        if let Some((proof, by)) = judged.joined {
            count::join(judged.session, event, world, changes);
            credential::learn(judged.session, proof, by, world);
            return;
        }
        if judged.session.is_some() {
            credential::share(judged.session, changes.session, world);
        }
        let newest = judged.newest_of.and_then(|user| self.pending.get_mut(user)).and_then(|pending| pending.list.back_mut());
        if let Some(logon) = newest.and_then(|open| open.logon.as_mut()) {
            logon.session = changes.session;
        }
        for (event, proof, by) in &judged.claimed {
            count::join_earlier(changes.session, *event, world);
            credential::learn(changes.session, *proof, *by, world);
        }
    }

    /// What waits for records of this user name, whatever its case, domain and suffix.
    fn user(&mut self, name: Symbol, world: &mut World) -> Option<usize> {
        if name.is_none() {
            return None;
        }
        if let Some(known) = self.numbers.get(name.index()).filter(|number| **number != 0) {
            return Some(*known as usize - 1);
        }
        self.meet(name, world)
    }

    /// A user name that was not asked for yet.
    #[cold]
    #[inline(never)]
    fn meet(&mut self, name: Symbol, world: &mut World) -> Option<usize> {
        let folded = world.raw(world.names.fold(name)).to_owned();
        let bare = world.names.intern(folded.split('@').next().filter(|bare| !bare.is_empty()).unwrap_or(&folded));
        let fresh = u32::try_from(self.pending.len()).ok()?;
        let number = *self.by_name.entry(bare).or_insert(fresh);
        if number == fresh {
            self.pending.push(Pending::default());
        }
        if self.numbers.len() <= name.index() {
            self.numbers.resize(name.index() + 1, 0);
        }
        *self.numbers.get_mut(name.index())? = number.checked_add(1)?;
        Some(number as usize)
    }

    /// 4624 and 4625.
    fn logon(&mut self, event: &AuthEvent, class: StatusClass, place: Place, world: &mut World) -> Judged {
        let success = event.kind == EventKind::Logon;
        // SYSTEM and its like log on all day, and nobody else tells of it.
        if event.logon_id.is_built_in() {
            return Judged::alone(None, success);
        }
        let Some(user) = self.user(event.account.user, world) else { return Judged::alone(Some(class), success) };
        self.forget(event.at);
        let logon = Logon {
            at: event.at,
            account: place.account,
            host: place.host,
            short: self.places.short(event.host, world),
            source: source(event, place),
            workstation: world.names.fold(event.workstation),
            guid: event.logon_guid,
            logon_type: event.logon_type,
            package: event.package,
            session: SessionId::NONE,
        };
        let Some(pending) = self.pending.get_mut(user) else { return Judged::alone(Some(class), success) };
        pending.forget(event.at);
        let mut judged = Judged { newest_of: Some(user), ..Judged::alone(Some(class), success) };
        if success && let Some(first) = first_half(pending, event, place, world) {
            let attempt = Some(Attempt { class, repeat: true });
            return Judged { attempt, session: first, ..Judged::default() };
        }
        let mut open =
            Open { at: event.at, success: Some(success), logon: Some(logon), parts: Vec::new(), counted: Some(Stand::at(place)) };
        if pending.loose > 0 {
            claim(pending, &mut self.places, &mut open, &logon, &mut judged, place, world);
        }
        pending.push(open);
        judged
    }

    /// 4768, 4769, 4771, 4776 and 8004.
    fn part(&mut self, event: &AuthEvent, place: Place, world: &mut World) -> Judged {
        let class = if event.outcome == Outcome::Success { StatusClass::Success } else { event.status.class() };
        let is_verdict = !matches!(event.kind, EventKind::ServiceTicket | EventKind::NtlmPassedOn);
        let success = (event.kind != EventKind::NtlmPassedOn).then_some(event.outcome == Outcome::Success);
        if (is_verdict && class == StatusClass::Interrupt) || (event.kind == EventKind::ServiceTicket && success == Some(false)) {
            return Judged::default();
        }
        let alone = if is_verdict { Judged::alone(Some(class), success == Some(true)) } else { Judged::default() };
        // A record that names a session of its own has its place.
        if event.logon_id.opens_session() || event.subject_logon_id.opens_session() {
            return alone;
        }
        let Some(user) = self.user(event.account.user, world) else { return alone };
        self.forget(event.at);
        let part = self.part_of(event, place, world);
        let Some(pending) = self.pending.get_mut(user) else { return alone };
        pending.forget(event.at);
        let mut best: Option<(usize, Match)> = None;
        for (number, open) in pending.list.iter().enumerate() {
            let Some(logon) = open.logon.as_ref().filter(|logon| open.may_be(success) && open.takes(&part, logon)) else { continue };
            let by = self.places.fit(logon, &part, open.success == Some(true), world);
            if by > best.map_or(Match::None, |(_, best)| best) {
                best = Some((number, by));
            }
        }
        let group = || pending.list.iter().position(|open| part.kind != EventKind::ServiceTicket && open.is_same(&part, success));
        let Some((found, by)) = best.or_else(|| group().map(|found| (found, Match::None))) else {
            let counted = is_verdict.then_some(Stand::at(place));
            pending.push(Open { at: event.at, success, logon: None, parts: vec![part], counted });
            return alone;
        };
        let Some(open) = pending.list.get_mut(found) else { return alone };
        if open.parts.len() < PARTS {
            open.parts.push(part);
        }
        open.success = open.success.or(success);
        let mut judged = Judged { attempt: alone.attempt, ..Judged::default() };
        match open.counted.as_mut() {
            None if is_verdict => {
                open.counted = Some(Stand::at(place));
                judged.counted = alone.counted;
            }
            None => {}
            Some(counted) => {
                judged.attempt = judged.attempt.map(|attempt| Attempt { repeat: true, ..attempt });
                // At a screen the host's record has no address; the controller's has.
                if is_verdict && counted.place.source.is_none() && place.source.is_some() {
                    (counted.place.source, counted.source_by) = (place.source, place.event);
                    judged.counted = Counted { success: success == Some(true), source: true, ..Counted::default() };
                }
            }
        }
        if let Some(logon) = open.logon.as_ref().filter(|logon| logon.session.is_some()) {
            judged.session = logon.session;
            judged.joined = Some((part.proof, by));
            if by == Match::LogonGuid {
                self.places.clocks.learn(part.host, logon.host, logon.at - part.at, world);
            }
        }
        judged
    }

    fn part_of(&mut self, event: &AuthEvent, place: Place, world: &mut World) -> Part {
        let source = source(event, place);
        let is_computer = world.raw(event.account.user).bytes().take_while(|byte| *byte != b'@').last() == Some(b'$');
        let is_ticket = matches!(event.kind, EventKind::TicketGranting | EventKind::ServiceTicket);
        if is_computer && is_ticket && event.outcome == Outcome::Success {
            let short = self.places.service(event.account.user, world);
            self.places.learn_home(source, short);
        }
        let names_host = matches!(event.kind, EventKind::ServiceTicket | EventKind::NtlmPassedOn);
        Part {
            at: event.at,
            event: place.event,
            kind: event.kind,
            account: place.account,
            host: place.host,
            source,
            workstation: world.names.fold(event.workstation),
            service: if names_host { self.places.service(event.target, world) } else { Symbol::NONE },
            guid: event.logon_guid,
            proof: Proof::of(event, world),
        }
    }

    /// Now and then, drops what can get no more records.
    fn forget(&mut self, at: Timestamp) {
        self.newest = self.newest.max(Some(at));
        if self.until_forget > 0 {
            self.until_forget -= 1;
            return;
        }
        self.forget_all();
    }

    #[cold]
    #[inline(never)]
    fn forget_all(&mut self) {
        self.until_forget = FORGET_EVERY;
        let Some(now) = self.newest else { return };
        for pending in &mut self.pending {
            pending.forget(now);
            if pending.list.is_empty() {
                *pending = Pending::default();
            }
        }
    }
}

/// The records of the authority that wait for this logon are of its attempt.
#[inline(never)]
fn claim(pending: &mut Pending, places: &mut Places, open: &mut Open, logon: &Logon, judged: &mut Judged, place: Place, world: &mut World) {
    let success = open.success == Some(true);
    for _ in 0..PARTS {
        if pending.loose == 0 {
            break;
        }
        let Some((found, by)) = pending.best_loose(open, logon, places, success, world) else { break };
        let Some(told) = pending.take(found) else { break };
        if let Some(counted) = told.counted {
            let is_better_known = place.source.is_some();
            let taken = Counted { source: is_better_known, ..Counted::everywhere(success) };
            count::take_back(counted, told.at, taken, world);
            if !is_better_known {
                let place = Place { source: counted.place.source, ..place };
                open.counted = Some(Stand { place, source_by: counted.source_by });
            }
            judged.attempt = judged.attempt.map(|attempt| Attempt { repeat: true, ..attempt });
        }
        for part in told.parts {
            if logon.has_guid_of(&part) {
                places.clocks.learn(part.host, place.host, logon.at - part.at, world);
            }
            judged.claimed.push((part.event, part.proof, by));
            open.parts.push(part);
        }
    }
}

/// The session of the UAC pair's other half that came before; the two are one attempt. Logons without a desktop have no pairs.
fn first_half(pending: &Pending, event: &AuthEvent, place: Place, world: &World) -> Option<SessionId> {
    let is_named = event.linked_logon_id.opens_session();
    let comes_alone = matches!(event.logon_type, LogonType::Network | LogonType::NetworkCleartext | LogonType::Batch);
    if comes_alone || !(is_named || may_be_old_half(event)) {
        return None;
    }
    let sessions = pending.list.iter().rev().filter_map(|open| open.logon.as_ref()?.session.some());
    let is_half = |id: &SessionId| {
        world.tables.session(*id).is_some_and(|other| match is_named {
            true => other.host == place.host && is_other_half(&other, event),
            false => is_old_half(&other, event, place),
        })
    };
    sessions.into_iter().find(is_half)
}

#[cfg(test)]
mod tests {
    use super::super::attempt_open::{KEPT, WAIT};
    use super::*;
    use crate::base::time::Span;
    use crate::model::event::Identity;
    use crate::model::ids::AccountId;

    fn event(world: &mut World, kind: EventKind, user: &str, second: i64) -> AuthEvent {
        let user = world.names.intern(user);
        let at = Timestamp::from_unix_seconds(1_600_000_000 + second).unwrap();
        AuthEvent { at, kind, outcome: Outcome::Failure, account: Identity { user, ..Identity::default() }, ..AuthEvent::default() }
    }

    #[test]
    fn floods_of_attempts_and_of_names_stay_bounded() {
        let (mut world, mut attempts) = (World::default(), Attempts::default());
        let place = Place { account: AccountId::new(0), ..Place::default() };
        for number in 0..2_000 {
            for kind in [EventKind::LogonFailed, EventKind::PreAuthFailed, EventKind::ServiceTicket] {
                let one = event(&mut world, kind, "alice", number / 100);
                attempts.judge(&one, place, &mut world);
            }
        }
        assert!(attempts.pending.iter().all(|pending| pending.list.len() <= KEPT && pending.loose <= pending.list.len()));
        let names = i64::try_from(FORGET_EVERY * 3).unwrap();
        for number in 0..names {
            let one = event(&mut world, EventKind::LogonFailed, &format!("user{number}"), number);
            attempts.judge(&one, place, &mut world);
        }
        let waiting: usize = attempts.pending.iter().map(|pending| pending.list.len()).sum();
        assert!(waiting <= FORGET_EVERY + WAIT.as_ticks() as usize / Span::seconds(1).as_ticks() as usize + 1, "{waiting}");
    }

    #[test]
    fn one_name_in_any_spelling_is_one() {
        let (mut world, mut attempts) = (World::default(), Attempts::default());
        let mut user = |name: &str| {
            let name = world.names.intern(name);
            attempts.user(name, &mut world)
        };
        assert_eq!(user("Alice"), user("alice@CORP.EXAMPLE"));
        assert!(user("alice").is_some() && user("alice") != user("bob") && user("").is_none());
    }
}
