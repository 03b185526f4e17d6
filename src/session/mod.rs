//! Events become sessions: who was logged on where, from when to when, and how it ended.
//!
//! A session is one `LogonId` on one host since one boot (`key`), opened by 4624 (`open`) and ended by the first of
//! 4634, 4647, the next boot or the next logon with the same id (`close`); Entra sign-ins are grouped by their
//! `sessionId` (`entra`). What a person would call one session is a visit, made of such sessions (`visit`); records of
//! Remote Desktop and of locks find the visit of their desktop (`desktop`). On the way every event finds its account, host
//! and source (`entity`, `account`, `class`; where a source is: `atlas`) and is counted there (`count`), once for each attempt to log on, however many
//! records tell of it (`attempt`), and a session learns its credential (`credential`). A pure fold in the
//! order given: late and repeated records are survived, not reordered. Rows of earlier events are only linked, never read.
//!
//! An event costs about a dozen look-ups in hash tables, which is most of its time: keys are one or two words, an entry is
//! made only where none is found, and rows are changed without a counter (`base::segments`).

mod account;
pub mod atlas;
mod attempt;
mod attempt_clock;
mod attempt_fit;
mod attempt_open;
mod class;
mod close;
mod count;
mod credential;
mod desktop;
mod duplicate;
mod entity;
mod entra;
mod key;
mod open;
pub mod settings;
mod visit;

use crate::base::time::Timestamp;
use crate::model::event::{AuthEvent, EventKind};
use crate::model::ids::{AccountId, EventId, HostId, SourceId};
use crate::model::world::{Changes, Row, World};
use duplicate::Novelty;

/// The state that turns events into sessions. A pure fold: no clock, no I/O.
#[derive(Debug, Default)]
pub struct Sessions {
    entities: entity::Entities,
    keys: key::Keys,
    seen: duplicate::Seen,
    fold: visit::Folding,
    entra: entra::Entra,
    attempts: attempt::Attempts,
}

/// The rows an event belongs to.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    event: EventId,
    account: AccountId,
    host: HostId,
    source: SourceId,
    /// A sign-in that was counted already, by its row in another category.
    is_told_before: bool,
}

impl Sessions {
    /// By other rules.
    #[must_use]
    pub fn new(rules: settings::Rules) -> Self {
        Self { entities: entity::Entities::new(rules), ..Self::default() }
    }
    /// Takes an event (its symbols are of `world.names`) into the tables: finds or makes its account, host and source,
    /// appends the row, opens, changes or closes sessions, and says what changed.
    ///
    /// A record that was applied before (same host, log, record number, time and id) changes nothing. The row is appended
    /// last, whole: nothing on the way looks at it.
    pub fn apply(&mut self, event: AuthEvent, world: &mut World) -> Changes {
        let novelty = self.seen.novelty(&event, &mut world.names);
        if novelty == Novelty::Repeat {
            return Changes { duplicate: true, ..Changes::default() };
        }
        let host = self.entities.host(&event, world);
        let account = self.entities.account(&event, host, world);
        let source = self.entities.source(&event, host, world);
        let mut changes = Changes { event: EventId::new(world.tables.events.len()), ..Changes::default() };
        self.tell_merged(&mut changes);
        let place = Place { event: changes.event, account, host, source, is_told_before: novelty == Novelty::OtherCategory };
        let is_boot = matches!(event.kind, EventKind::Boot | EventKind::EventLogStarted);
        let alive = if is_boot { world.tables.host(host).and_then(|host| host.last) } else { None };
        let judged = self.attempts.judge(&event, place, world);
        let before = count::event(&event, place, judged.counted, world);
        changes.attempt = judged.attempt;
        self.step(&event, place, alive, world, &mut changes);
        self.attempts.settle(&judged, place.event, world, &mut changes);
        self.entities.classes().review(&event, place, changes.opened, world);
        world.tables.events.push(Row {
            account,
            host,
            source,
            event,
            counted: judged.counted,
            session: changes.session,
            visit: changes.visit,
            previous_of_account: before.of_account,
            previous_of_host: before.of_host,
            previous_of_source: before.of_source,
            previous_of_session: changes.previous_of_session,
        });
        changes
    }

    /// Accounts that turned out to be one since the last call.
    fn tell_merged(&mut self, changes: &mut Changes) {
        if self.entities.has_merged() {
            self.tell_each_merged(changes);
        }
    }
    #[cold]
    fn tell_each_merged(&mut self, changes: &mut Changes) {
        for (goes, stays) in self.entities.take_merged() {
            self.entra.merge(goes, stays);
            changes.merged.push((goes, stays));
        }
    }

    /// `alive` is when a host that boots wrote its last record before.
    fn step(&mut self, event: &AuthEvent, place: Place, alive: Option<Timestamp>, world: &mut World, changes: &mut Changes) {
        match event.kind {
            EventKind::Logon => self.logon(event, place, world, changes),
            EventKind::Logoff | EventKind::UserLogoff => self.logoff(event, place, world, changes),
            EventKind::SpecialPrivileges => self.privileges(event, place, world, changes),
            EventKind::Boot | EventKind::EventLogStarted => self.boot(event, place, alive, world, changes),
            EventKind::Shutdown => self.shutdown(event, place, world, changes),
            EventKind::UncleanRestart => self.unclean(event, place, world),
            EventKind::SessionDisconnected
            | EventKind::SessionReconnected
            | EventKind::RdpSessionLogon
            | EventKind::RdpShellStarted
            | EventKind::RdpSessionLogoff
            | EventKind::RdpSessionDisconnected
            | EventKind::RdpSessionReconnected
            | EventKind::RdpArbitration
            | EventKind::RdpSessionReplaced
            | EventKind::DesktopLogon
            | EventKind::DesktopLogoff
            | EventKind::ProfileUnloaded
            | EventKind::Locked
            | EventKind::Unlocked
            | EventKind::ScreenSaverOn
            | EventKind::ScreenSaverOff => self.desktop(event, place, world, changes),
            EventKind::RdpConnection | EventKind::RdpAuthenticated => self.on_the_way(event, place),
            EventKind::RdpRefused => self.fold.connections.refused(place.host, event.at, place.source),
            EventKind::GatewayConnected => self.through_gateway(event, place),
            EventKind::GatewayDisconnected => self.left_gateway(event, place, world, changes),
            EventKind::SignIn => self.sign_in(event, place, world, changes),
            _ => {
                let logon_id = if event.logon_id.opens_session() { event.logon_id } else { event.subject_logon_id };
                let session = self.keys.session(place.host, logon_id);
                count::join(session, place.event, world, changes);
            }
        }
    }
}
