//! Which sessions as shown lie in a window of the timeline, without walking all of them.
//!
//! Visits are filed by lane and by class of length. A visit of a class shorter than an hour that reaches into the window
//! must have begun less than an hour before it, so each class is one short range of starts. The last two classes (a day
//! and longer; open) are walked backwards. Only classes are kept, no ends: a run of network logons grows with every
//! logon, and is filed anew only when it begins, ends or outgrows its class. Who asks looks the end up in the table.

use crate::base::segments::{SegMap, SegVec};
use crate::base::time::{Span, Timestamp};
use crate::model::ids::VisitId;
use crate::model::lane::Lane;
use crate::model::visit::{LENGTHS, Visit, VisitKind};

/// Of the visits that have ended, the longest.
const LONG: usize = LENGTHS.len();
const OPEN: usize = LONG + 1;
const CLASSES: usize = OPEN + 1;

/// Start and visit.
type Class = SegMap<(Timestamp, VisitId), ()>;

/// Most visits of each of the last two classes looked at for one lane.
const WALKED: usize = 8_192;

/// Where a visit is filed.
#[derive(Clone, Copy, Debug)]
struct Place {
    lane: Lane,
    class: u8,
    start: Timestamp,
}

#[allow(clippy::cast_possible_truncation)] // lanes and classes are few
impl Place {
    const fn shelf(self) -> u8 {
        self.lane.index() as u8 * CLASSES as u8 + self.class
    }
    fn of(shelf: u8, start: Timestamp) -> Option<Self> {
        let lane = Lane::ALL.get(usize::from(shelf) / CLASSES).copied()?;
        Some(Self { lane, class: shelf % CLASSES as u8, start })
    }
}

/// Where each visit is filed: 9 bytes for one, side by side.
#[derive(Clone, Debug, Default)]
struct Filed {
    /// The number of the lane and the class among all, from 1; 0 for what is filed nowhere.
    shelves: SegVec<u8>,
    starts: SegVec<Timestamp>,
}

impl Filed {
    /// Files it there, and says where it was.
    fn replace(&mut self, id: VisitId, place: Option<Place>) -> Option<Place> {
        while self.shelves.len() <= id.index() {
            self.shelves.push(0);
            self.starts.push(Timestamp::default());
        }
        let (shelf, start) = (self.shelves.get_mut(id.index())?, self.starts.get_mut(id.index())?);
        let before = shelf.checked_sub(1).and_then(|shelf| Place::of(shelf, *start));
        (*shelf, *start) = place.map_or((0, *start), |place| (place.shelf() + 1, place.start));
        before
    }
}

#[derive(Clone, Debug, Default)]
pub struct VisitIndex {
    lanes: [[Class; CLASSES]; Lane::COUNT],
    open: [u32; Lane::COUNT],
    /// By number of the visit; only the writer has it.
    filed: Filed,
}

/// The visits found, and whether there were more than asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// By start, ties by id.
    pub visits: Vec<VisitId>,
    pub more: bool,
}

fn class_of(visit: &Visit) -> usize {
    match visit.end {
        // The end of a run is that of its newest logon: its bar goes no further, also while a logon of it is open.
        Some(end) if visit.kind == VisitKind::Run || !visit.is_open() => {
            LENGTHS.iter().position(|longest| end - visit.start < *longest).unwrap_or(LONG)
        }
        _ => OPEN,
    }
}

impl VisitIndex {
    /// The index as it is now, without a copy; see `SegVec::share`.
    #[must_use]
    pub fn share(&mut self) -> Self {
        let lanes = self.lanes.each_mut().map(|classes| classes.each_mut().map(SegMap::share));
        Self { lanes, open: self.open, filed: Filed::default() }
    }
    /// Files a visit, or files it again where its bounds changed; costs nothing when its class and start are the same.
    pub fn put(&mut self, id: VisitId, visit: &Visit) {
        let place = Place { lane: visit.lane, class: u8::try_from(class_of(visit)).unwrap_or(u8::MAX), start: visit.start };
        if id.is_none() {
            return;
        }
        let before = self.filed.replace(id, visit.is_shown().then_some(place));
        if let Some(before) = before {
            if visit.is_shown() && (before.class, before.start, before.lane) == (place.class, place.start, place.lane) {
                return;
            }
            if let Some(class) = self.class_mut(before) {
                class.remove((before.start, id));
            }
        }
        let now = visit.is_shown().then_some(place);
        if let Some(class) = now.and_then(|place| self.class_mut(place)) {
            class.update((place.start, id), || (), |()| ());
        }
        for (place, opens) in before.map(|place| (place, false)).into_iter().chain(now.map(|place| (place, true))) {
            if let Some(open) = self.open.get_mut(place.lane.index()).filter(|_| usize::from(place.class) == OPEN) {
                *open = if opens { open.saturating_add(1) } else { open.saturating_sub(1) };
            }
        }
    }
    fn class_mut(&mut self, place: Place) -> Option<&mut Class> {
        self.lanes.get_mut(place.lane.index())?.get_mut(usize::from(place.class))
    }
    fn classes(&self, lane: Lane) -> &[Class] {
        self.lanes.get(lane.index()).map_or(&[], |classes| classes)
    }
    /// Visits of a lane that are open after all events so far, without runs: see `Tables::open_runs`.
    #[must_use]
    pub fn open(&self, lane: Lane) -> u32 {
        self.open.get(lane.index()).copied().unwrap_or(0)
    }
    /// Visits of `lane` that began before `at` and may last until it or longer: the newest `most` that `keep`, which
    /// knows their ends, wants. Open ones first.
    #[must_use]
    pub fn reaching(&self, lane: Lane, at: Timestamp, most: usize, mut keep: impl FnMut(VisitId) -> bool) -> Found {
        let mut found: Vec<(Timestamp, VisitId)> = Vec::new();
        let last = (at, VisitId::new(0));
        for (number, class) in self.classes(lane).iter().enumerate().rev() {
            let earliest = LENGTHS.get(number).map_or(Timestamp::MIN, |longest| at - *longest);
            let walked = class.before(last).map(|(key, ())| key).take_while(|(start, _)| *start >= earliest).take(WALKED);
            found.extend(walked.filter(|(_, id)| keep(*id)).take((most + 1).saturating_sub(found.len())));
        }
        Self::at_most(found, most)
    }
    /// Visits of `lane` that begin in `from..to`, longest class first: at most `most` that `keep` wants, at most
    /// `looked` asked for each class. What is left out is said by `more`.
    #[must_use]
    pub fn starting(
        &self,
        lane: Lane,
        (from, to): (Timestamp, Timestamp),
        most: usize,
        looked: usize,
        mut keep: impl FnMut(VisitId) -> bool,
    ) -> Found {
        let mut found: Vec<(Timestamp, VisitId)> = Vec::new();
        let mut more = false;
        for class in self.classes(lane).iter().rev() {
            let mut hits = class.range((from, VisitId::new(0)), (to, VisitId::new(0)));
            for ((start, id), ()) in hits.by_ref().take(looked) {
                if keep(id) {
                    found.push((start, id));
                }
                if found.len() > most {
                    return Self::at_most(found, most);
                }
            }
            more |= hits.next().is_some();
        }
        let found = Self::at_most(found, most);
        Found { more: found.more || more, ..found }
    }
    /// How many open visits of `lane` `keep` wants; `None` when more than `looked` would have to be asked for.
    #[must_use]
    pub fn open_among(&self, lane: Lane, looked: usize, mut keep: impl FnMut(VisitId) -> bool) -> Option<u32> {
        let mut open = self.classes(lane).get(OPEN)?.before((Timestamp::MAX, VisitId::NONE));
        let wanted = open.by_ref().take(looked).filter(|((_, id), ())| keep(*id)).count();
        if open.next().is_some() { None } else { u32::try_from(wanted).ok() }
    }
    fn at_most(mut found: Vec<(Timestamp, VisitId)>, most: usize) -> Found {
        let more = found.len() > most;
        found.truncate(most);
        found.sort_unstable();
        Found { visits: found.into_iter().map(|(_, id)| id).collect(), more }
    }
    /// The first visit of a lane that starts after `after`.
    #[must_use]
    pub fn next_start(&self, lane: Lane, after: Timestamp) -> Option<(Timestamp, VisitId)> {
        let from = (after + Span::ticks(1), VisitId::new(0));
        let to = (Timestamp::MAX, VisitId::NONE);
        self.classes(lane).iter().filter_map(|class| class.range(from, to).next()).map(|(key, ())| key).min()
    }
    /// The last visit of a lane that starts before `before`.
    #[must_use]
    pub fn previous_start(&self, lane: Lane, before: Timestamp) -> Option<(Timestamp, VisitId)> {
        let to = (before, VisitId::new(0));
        self.classes(lane).iter().filter_map(|class| class.before(to).next()).map(|(key, ())| key).max()
    }
}
