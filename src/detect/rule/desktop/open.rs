//! Desktops that are open: what rules of sessions that last look at when the clock moves.

use crate::base::time::{Span, Timestamp};
use crate::detect::say::Say;
use crate::detect::step::{Step, Tick};
use crate::detect::window::shed;
use crate::model::event::EventKind;
use crate::model::ids::{EventId, VisitId};
use crate::model::logon_type::LogonType;
use crate::model::visit::{Visit, VisitKind};
use rustc_hash::FxHashMap;

/// Desktops remembered; beyond it those unused for longest are forgotten.
const MOST: usize = 65_536;

/// Kinds of events by which a person shows at a desktop.
pub const SIGNS: &[EventKind] = &[
    EventKind::Logon,
    EventKind::Unlocked,
    EventKind::ScreenSaverOff,
    EventKind::SessionReconnected,
    EventKind::RdpSessionLogon,
    EventKind::RdpSessionReconnected,
];

/// What is remembered of one.
#[derive(Clone, Copy, Debug)]
pub struct Desk {
    /// When a person last showed, and the record.
    pub sign_at: Timestamp,
    pub sign: EventId,
    /// How often it was told, as the rule counts.
    pub told: u8,
    /// Before it, and before the next sign, there is nothing to see.
    look_at: Option<Timestamp>,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Desks {
    open: FxHashMap<VisitId, Desk>,
    /// What was told stays told when a person shows again.
    told_stays: bool,
    /// After a sign there is nothing to see for so long.
    rests: Span,
    looked_at: Option<Timestamp>,
}

/// A person showed at the desktop of the event's visit.
#[must_use]
pub fn is_sign(step: &Step<'_>) -> bool {
    let event = step.event();
    step.row.visit.is_some() && (event.kind != EventKind::Logon || event.logon_type.is_interactive())
}

impl Desks {
    /// Desktops of which a thing is told once, whoever shows there again.
    #[must_use]
    pub fn told_once() -> Self {
        Self { told_stays: true, ..Self::default() }
    }
    /// Desktops at which there is nothing to see for so long after each sign of a person.
    #[must_use]
    pub fn resting(rests: Span) -> Self {
        Self { rests, ..Self::default() }
    }
    /// Takes in an event of one of `SIGNS`.
    pub fn see(&mut self, step: &Step<'_>) {
        if !is_sign(step) || step.account().is_some_and(|account| account.class.is_machinery()) {
            return;
        }
        let (sign_at, sign) = (step.at(), step.id);
        let look_at = (self.rests > Span::ZERO).then(|| sign_at + self.rests);
        if let Some(desk) = self.open.get_mut(&step.row.visit) {
            if sign_at >= desk.sign_at {
                let told = if self.told_stays { desk.told } else { 0 };
                *desk = Desk { sign_at, sign, told, look_at };
            }
        } else if step.world.tables.visit(step.row.visit).is_some_and(|visit| visit.kind == VisitKind::Desktop) {
            self.open.insert(step.row.visit, Desk { sign_at, sign, told: 0, look_at });
        }
    }
    /// Whether it is time to look, which is each `every`.
    pub fn is_due(&mut self, now: Timestamp, every: Span) -> bool {
        if self.looked_at.is_some_and(|at| now - at < every) {
            return false;
        }
        self.looked_at = Some(now);
        true
    }
    /// There is nothing to see at a desktop before `at`, unless a person shows there.
    pub fn rest(&mut self, id: VisitId, at: Timestamp) {
        if let Some(desk) = self.open.get_mut(&id) {
            desk.look_at = Some(at);
        }
    }
    /// Those at which there may be something to see and that are open, in the order of their beginning; `closed` hears of
    /// those that are not any more.
    pub fn open<'a>(&mut self, tick: &Tick<'a>, mut closed: impl FnMut(&'a Visit)) -> Vec<(VisitId, &'a Visit, Desk)> {
        let mut open = Vec::new();
        let mut gone: Vec<(VisitId, Option<&'a Visit>)> = Vec::new();
        for (id, desk) in self.open.iter().filter(|(_, desk)| desk.look_at.is_none_or(|at| at <= tick.now)) {
            match tick.world.tables.visit(*id) {
                Some(visit) if visit.is_open() => open.push((*id, visit, *desk)),
                visit => gone.push((*id, visit)),
            }
        }
        // In an order that does not depend on the map.
        gone.sort_unstable_by_key(|(id, _)| *id);
        for (id, visit) in gone {
            self.open.remove(&id);
            if let Some(visit) = visit.filter(|visit| visit.is_shown()) {
                closed(visit);
            }
        }
        open.sort_unstable_by_key(|(id, ..)| *id);
        open
    }
    pub fn told(&mut self, id: VisitId, times: u8) {
        if let Some(desk) = self.open.get_mut(&id) {
            desk.told = times;
        }
    }
    pub fn forget(&mut self) {
        shed(&mut self.open, MOST, |desk| Some(desk.sign_at));
    }
}

/// `alice@CORP on PC01`.
#[must_use]
pub fn whose(say: &Say<'_>, visit: &Visit) -> String {
    format!("{} on {}", say.account(visit.account), say.host(visit.host))
}

/// It was begun, or is used, by Remote Desktop.
#[must_use]
pub fn is_remote(visit: &Visit) -> bool {
    visit.clients.is_some() || matches!(visit.logon_type, LogonType::RemoteInteractive | LogonType::CachedRemoteInteractive)
}
