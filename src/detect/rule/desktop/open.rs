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
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::hash_map::Entry;

/// Desktops remembered; beyond it those unused for longest are forgotten.
const MOST: usize = 65_536;

/// Entries that count no more and may stay.
const SPARE: usize = 1_024;
/// Between two looks at a desktop of which nothing new is to be expected soon.
pub const REST: Span = Span::hours(6);

/// Kinds of events by which a person shows at a desktop, and by which one leaves it.
pub const COMES_AND_GOES: &[EventKind] = &[
    EventKind::Logon,
    EventKind::Unlocked,
    EventKind::ScreenSaverOff,
    EventKind::SessionReconnected,
    EventKind::RdpSessionLogon,
    EventKind::RdpSessionReconnected,
    EventKind::SessionDisconnected,
    EventKind::RdpSessionDisconnected,
    EventKind::GatewayDisconnected,
];
/// Those by which a person shows.
pub const SIGNS: &[EventKind] = COMES_AND_GOES.split_at(6).0;

/// What is remembered of one.
#[derive(Clone, Copy, Debug)]
pub struct Desk {
    /// When a person last showed, and the record.
    pub sign_at: Timestamp,
    pub sign: EventId,
    /// How often it was told, as the rule counts.
    pub told: u8,
    /// Before it there is nothing to see.
    look_at: Timestamp,
}

/// Times at which to look at desktops, by stretches of `Due::WIDTH`: what is due goes as a whole, where a heap would look at
/// seventeen places that nothing else touches for each of a hundred thousand.
#[derive(Debug, Default)]
struct Due {
    stretches: BTreeMap<Timestamp, Vec<(Timestamp, VisitId)>>,
    /// What is for the stretch that was written to last, which is mostly that of the next.
    hand: Vec<(Timestamp, VisitId)>,
    hand_at: Timestamp,
    len: usize,
}

impl Due {
    const WIDTH: Span = Span::minutes(10);

    fn push(&mut self, at: Timestamp, id: VisitId) {
        if at < self.hand_at || at - self.hand_at >= Self::WIDTH {
            self.put_away();
            self.hand_at = at.bucket(Self::WIDTH);
        }
        self.hand.push((at, id));
        self.len += 1;
    }
    fn put_away(&mut self) {
        if !self.hand.is_empty() {
            self.stretches.entry(self.hand_at).or_default().append(&mut self.hand);
        }
    }
    /// Takes out what is due by `now`.
    fn take(&mut self, now: Timestamp, into: &mut Vec<VisitId>) {
        self.put_away();
        while let Some(mut first) = self.stretches.first_entry().filter(|first| *first.key() <= now) {
            let before = first.get().len();
            if *first.key() + Self::WIDTH <= now {
                into.extend(first.remove().into_iter().map(|(_, id)| id));
                self.len -= before;
                continue;
            }
            first.get_mut().retain(|(at, id)| {
                if *at <= now {
                    into.push(*id);
                }
                *at > now
            });
            self.len -= before - first.get().len();
            if first.get().is_empty() {
                first.remove();
            }
            return;
        }
    }
}

/// See the module.
#[derive(Debug, Default)]
pub struct Desks {
    open: FxHashMap<VisitId, Desk>,
    /// When to look at which; an entry of another time than the desk's own counts no more.
    due: Due,
    /// Those of the last look: they are looked at again, unless they were let rest.
    again: Vec<VisitId>,
    /// What was told stays told when a person shows again, and a sign is no reason to look sooner.
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
        let (id, look_at) = (step.row.visit, sign_at + self.rests);
        match self.open.entry(id) {
            Entry::Occupied(desk) if sign_at < desk.get().sign_at => return,
            Entry::Occupied(mut desk) if self.told_stays => {
                let desk = desk.get_mut();
                (desk.sign_at, desk.sign) = (sign_at, sign);
                return;
            }
            Entry::Occupied(mut desk) => *desk.get_mut() = Desk { sign_at, sign, told: 0, look_at },
            Entry::Vacant(_) if step.world.tables.visit(id).is_none_or(|visit| visit.kind != VisitKind::Desktop) => return,
            Entry::Vacant(place) => _ = place.insert(Desk { sign_at, sign, told: 0, look_at }),
        }
        self.due.push(look_at, id);
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
            desk.look_at = at;
            self.due.push(at, id);
        }
    }
    /// There may be something to see at a desktop at `at`, however long it was to rest.
    pub fn wake(&mut self, id: VisitId, at: Timestamp) {
        if self.open.get(&id).is_some_and(|desk| at < desk.look_at) {
            self.rest(id, at);
        }
    }
    /// There is nothing to see at a desktop until a person shows there. Not for what is told once.
    pub fn leave(&mut self, id: VisitId) {
        self.open.remove(&id);
    }
    /// Those at which there may be something to see and that are open, in the order of their beginning; `closed` hears of
    /// those that are not any more. The next look is at them again, unless they are let rest.
    ///
    /// Logs that tell of no logoff leave desktops open by the ten thousand (88,000 in 20 days of one host), so a rule lets
    /// them rest for longer the older they are: what it looks at then grows with the logarithm of their age.
    pub fn open<'a>(&mut self, tick: &Tick<'a>, mut closed: impl FnMut(&Visit)) -> Vec<(VisitId, Cow<'a, Visit>, Desk)> {
        let mut looked_at = std::mem::take(&mut self.again);
        self.due.take(tick.now, &mut looked_at);
        // Stable, since what is looked at again is in order and so are most stretches: that is seen, and they are merged.
        looked_at.sort();
        looked_at.dedup();
        let mut open = Vec::with_capacity(looked_at.len());
        for id in looked_at {
            let Some(desk) = self.open.get_mut(&id).filter(|desk| desk.look_at <= tick.now) else { continue };
            match tick.world.tables.visit(id) {
                Some(visit) if visit.is_open() => {
                    desk.look_at = tick.now;
                    open.push((id, visit, *desk));
                    self.again.push(id);
                }
                visit => {
                    self.open.remove(&id);
                    if let Some(visit) = visit.filter(|visit| visit.is_shown()) {
                        closed(&visit);
                    }
                }
            }
        }
        open
    }
    /// Whether it is remembered.
    #[must_use]
    pub fn knows(&self, id: VisitId) -> bool {
        self.open.contains_key(&id)
    }
    pub fn told(&mut self, id: VisitId, times: u8) {
        if let Some(desk) = self.open.get_mut(&id) {
            desk.told = times;
        }
    }
    /// Entries of a list of desktops beyond which those that count no more are let go.
    #[must_use]
    pub fn spare(&self) -> usize {
        2 * self.open.len() + SPARE
    }
    pub fn forget(&mut self) {
        shed(&mut self.open, MOST, |desk| Some(desk.sign_at));
        if self.due.len > self.spare() {
            self.due = Due::default();
            self.open.iter().for_each(|(id, desk)| self.due.push(desk.look_at, *id));
        }
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
    !visit.clients().is_empty() || matches!(visit.logon_type, LogonType::RemoteInteractive | LogonType::CachedRemoteInteractive)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::baseline::Baselines;
    use crate::detect::site::Site;
    use crate::model::world::World;

    #[test]
    fn a_look_is_at_what_is_due_alone() {
        let start = Timestamp::parse("2026-03-14T09:00:00Z").unwrap();
        let mut desks = Desks::default();
        for number in 0..1_000 {
            let (id, look_at) = (VisitId::new(number), start + Span::hours(i64::try_from(number).unwrap()));
            desks.open.insert(id, Desk { sign_at: start, sign: EventId::new(0), told: 0, look_at });
            desks.due.push(look_at, id);
        }
        // Let rest, and not due at its former time any more.
        desks.rest(VisitId::new(0), start + Span::hours(500));
        let (world, usual, site) = (World::default(), Baselines::default(), Site::default());
        let mut left_after = |hours| {
            // No visit is known to this world: what is looked at is gone.
            let open = desks.open(&Tick { world: &world, now: start + Span::hours(hours), usual: &usual, site: &site }, |_| {});
            assert!(open.is_empty());
            desks.open.len()
        };
        assert_eq!([left_after(0), left_after(9), left_after(500)], [1_000, 991, 499]);
        (0..5_000).for_each(|_| desks.rest(VisitId::new(999), start + Span::hours(999)));
        desks.forget();
        assert_eq!(desks.due.len, desks.open.len(), "what counts no more is let go");
    }
}
