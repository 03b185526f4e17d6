//! Which sessions lie in a window of the timeline, without walking all of them.
//!
//! Sessions are filed by lane and by class of length. A session of a class shorter than an hour that reaches into the
//! window must have begun less than an hour before it, so each class is one short range of starts. The last class
//! (a day and longer, and what is open) is walked backwards.

use crate::base::segments::SegMap;
use crate::base::time::{Span, Timestamp};
use crate::model::ids::SessionId;
use crate::model::lane::Lane;
use crate::model::session::Session;

/// Longest session of each class but the last.
const CLASSES: [Span; 3] = [Span::minutes(1), Span::hours(1), Span::days(1)];

/// Start and session, to the end.
type Class = SegMap<(Timestamp, SessionId), Timestamp>;

/// Most sessions of the last class looked at for one lane.
const WALKED: usize = 8_192;

#[derive(Clone, Debug, Default)]
pub struct SessionIndex {
    /// By lane and class of length; the last holds the longest and the open ones.
    lanes: [[Class; CLASSES.len() + 1]; Lane::COUNT],
    open: [u32; Lane::COUNT],
}

/// The sessions found, and whether there were more than asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// By start, ties by id.
    pub sessions: Vec<SessionId>,
    pub more: bool,
}

impl SessionIndex {
    /// The index as it is now, without a copy; see `SegVec::share`.
    #[must_use]
    pub fn share(&mut self) -> Self {
        Self { lanes: self.lanes.each_mut().map(|classes| classes.each_mut().map(SegMap::share)), open: self.open }
    }
    fn class_of(length: Span) -> usize {
        CLASSES.iter().position(|longest| length < *longest).unwrap_or(CLASSES.len())
    }
    /// Files a session, or files it again after its end became known.
    pub fn put(&mut self, id: SessionId, session: &Session) {
        let key = (session.start, id);
        let Some(classes) = self.lanes.get_mut(session.lane.index()) else { return };
        let was_open = classes.last_mut().is_some_and(|class| class.remove(key));
        if let Some(open) = self.open.get_mut(session.lane.index()) {
            match (was_open, session.end) {
                (false, None) => *open += 1,
                (true, Some(_)) => *open = open.saturating_sub(1),
                _ => {}
            }
        }
        let class = session.end.map_or(CLASSES.len(), |end| Self::class_of(end - session.start));
        if let Some(class) = classes.get_mut(class) {
            class.update(key, || Timestamp::MAX, |end| *end = session.end.unwrap_or(Timestamp::MAX));
        }
    }
    fn classes(&self, lane: Lane) -> &[Class] {
        self.lanes.get(lane.index()).map_or(&[], |classes| classes)
    }
    /// Sessions of a lane that are open after all events so far.
    #[must_use]
    pub fn open(&self, lane: Lane) -> u32 {
        self.open.get(lane.index()).copied().unwrap_or(0)
    }
    /// Sessions of `lane` that began before `at` and last until it or longer: the newest `most` that `keep` wants.
    #[must_use]
    pub fn reaching(&self, lane: Lane, at: Timestamp, most: usize, mut keep: impl FnMut(SessionId) -> bool) -> Found {
        let mut found: Vec<(Timestamp, SessionId)> = Vec::new();
        let last = (at, SessionId::new(0));
        for (number, class) in self.classes(lane).iter().enumerate().rev() {
            let earliest = CLASSES.get(number).map_or(Timestamp::MIN, |longest| at - *longest);
            let walked = class.before(last).take_while(|((start, _), _)| *start >= earliest).take(WALKED);
            let hits = walked.filter(|(_, end)| **end >= at).map(|(key, _)| key).filter(|(_, id)| keep(*id));
            found.extend(hits.take((most + 1).saturating_sub(found.len())));
        }
        Self::at_most(found, most)
    }
    /// Sessions of `lane` that begin in `from..to`, longest class first: at most `most` that `keep` wants, at most
    /// `looked` asked for each class. What is left out is said by `more`.
    #[must_use]
    pub fn starting(
        &self,
        lane: Lane,
        (from, to): (Timestamp, Timestamp),
        most: usize,
        looked: usize,
        mut keep: impl FnMut(SessionId) -> bool,
    ) -> Found {
        let mut found: Vec<(Timestamp, SessionId)> = Vec::new();
        let mut more = false;
        for class in self.classes(lane).iter().rev() {
            let mut hits = class.range((from, SessionId::new(0)), (to, SessionId::new(0)));
            for ((start, id), _) in hits.by_ref().take(looked) {
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
    /// How many open sessions of `lane` `keep` wants; `None` when more than `looked` would have to be asked for.
    #[must_use]
    pub fn open_among(&self, lane: Lane, looked: usize, mut keep: impl FnMut(SessionId) -> bool) -> Option<u32> {
        if self.open(lane) == 0 {
            return Some(0);
        }
        let all = (Timestamp::MAX, SessionId::NONE);
        let mut longest = self.classes(lane).last()?.before(all);
        let open = longest.by_ref().take(looked).filter(|((_, id), end)| **end == Timestamp::MAX && keep(*id)).count();
        if longest.next().is_some() { None } else { u32::try_from(open).ok() }
    }
    fn at_most(mut found: Vec<(Timestamp, SessionId)>, most: usize) -> Found {
        let more = found.len() > most;
        found.truncate(most);
        found.sort_unstable();
        Found { sessions: found.into_iter().map(|(_, id)| id).collect(), more }
    }
    /// The first session of a lane that starts after `after`.
    #[must_use]
    pub fn next_start(&self, lane: Lane, after: Timestamp) -> Option<(Timestamp, SessionId)> {
        let from = (after + Span::ticks(1), SessionId::new(0));
        let to = (Timestamp::MAX, SessionId::NONE);
        self.classes(lane).iter().filter_map(|class| class.range(from, to).next()).map(|(key, _)| key).min()
    }
    /// The last session of a lane that starts before `before`.
    #[must_use]
    pub fn previous_start(&self, lane: Lane, before: Timestamp) -> Option<(Timestamp, SessionId)> {
        let to = (before, SessionId::new(0));
        self.classes(lane).iter().filter_map(|class| class.before(to).next()).map(|(key, _)| key).max()
    }
}
