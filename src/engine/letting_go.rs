//! Keeps to the most events that stay in memory: the oldest rows go, those that a history is to have only when it has them.
//!
//! A history that is slower than the reading holds rows up; when twice as many wait as may stay, reading waits for it. So
//! memory is bounded and nothing is lost. Without a history, or after it failed, rows go for good and are counted.

use super::Engine;
use super::limits::ROWS_AWAITING_HISTORY;
use crate::base::segments::SEGMENT;
use crate::base::time::Timestamp;
use crate::history;
use crate::store::LetGo;

/// How far a history is with the rows of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stand {
    /// Rows in front of this one are in the file, or are none that it keeps.
    pub written: usize,
    /// The file keeps nothing older than this.
    pub since: Option<Timestamp>,
}

impl Engine {
    /// Rows beyond what may stay.
    #[must_use]
    pub fn beyond(&self) -> usize {
        let events = &self.world.tables.events;
        match usize::try_from(self.rules.memory.keep_events) {
            Ok(0) | Err(_) => 0,
            Ok(most) => (events.len() - events.first_kept()).saturating_sub(most),
        }
    }
    /// Lets go of what is beyond the limit, in whole segments, as far as the history is; without one, all of it. Says
    /// whether reading has to wait for the history.
    pub fn let_go(&mut self, history: Option<Stand>) -> bool {
        let beyond = self.beyond();
        let events = &mut self.world.tables.events;
        let (first, len) = (events.first_kept(), events.len());
        let wanted = first + beyond;
        let may = history.map_or(wanted, |stand| stand.written.clamp(first, wanted));
        let to = may - may % SEGMENT;
        if to > first {
            let gone = &mut self.let_go;
            for row in events.iter_from(first).take(to - first) {
                gone.until = gone.until.max(Some(row.event.at));
                match history {
                    Some(stand) if history::keeps(&row) && stand.since.is_none_or(|since| row.event.at >= since) => gone.remembered += 1,
                    Some(_) => gone.unkept += 1,
                    None => {}
                }
            }
            events.keep_newest(len - to);
            gone.events = events.first_kept() as u64;
        }
        let most = usize::try_from(self.rules.memory.keep_events).unwrap_or(usize::MAX);
        self.let_go.waits = history.is_some() && self.beyond() > most.max(ROWS_AWAITING_HISTORY);
        self.let_go.waits
    }
    /// What was let go so far.
    #[must_use]
    pub const fn gone(&self) -> LetGo {
        self.let_go
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::Span;
    use crate::engine::Rules;
    use crate::model::event::{AuthEvent, EventKind};
    use crate::model::ids::{AccountId, EventId};
    use crate::model::world::Row;

    /// An engine with so many rows, one a second, each third of a kind that no history keeps.
    fn engine(rows: usize, keep_events: u64) -> Engine {
        let mut rules = Rules::default();
        rules.memory.keep_events = keep_events;
        let mut engine = Engine::default().by_rules(rules);
        for number in 0..rows {
            let at = Timestamp::default() + Span::seconds(i64::try_from(number).unwrap());
            let kind = if number % 3 == 0 { EventKind::Other } else { EventKind::Logon };
            engine.world.tables.events.push(Row {
                event: AuthEvent { at, kind, ..AuthEvent::default() },
                counted: Default::default(),
                account: AccountId::new(0),
                host: Default::default(),
                source: Default::default(),
                session: Default::default(),
                visit: Default::default(),
                previous_of_account: EventId::NONE,
                previous_of_host: EventId::NONE,
                previous_of_source: EventId::NONE,
                previous_of_session: EventId::NONE,
            });
        }
        engine
    }

    fn stand(written: usize) -> Option<Stand> {
        Some(Stand { written, since: None })
    }

    #[test]
    fn rows_go_in_whole_segments_and_not_before_the_history_has_them() {
        let mut engine = engine(5_000, 1_000);
        assert_eq!(engine.beyond(), 4_000);
        assert!(!engine.let_go(stand(0)));
        assert_eq!(engine.gone(), LetGo::default());
        engine.let_go(stand(1_500));
        let gone = engine.gone();
        assert_eq!((gone.events, gone.remembered, gone.unkept, gone.lost()), (1_024, 682, 342, 342));
        assert_eq!(gone.until, engine.world.tables.events.at(1_024).map(|at| at - Span::seconds(1)));
        // What is too old for the file is not in it.
        let since = engine.world.tables.events.at(1_536);
        engine.let_go(Some(Stand { written: 2_100, since }));
        assert_eq!((engine.gone().events, engine.gone().remembered), (2_048, 682 + 341));
        engine.let_go(stand(5_000));
        assert_eq!((engine.gone().events, engine.beyond()), (3_584, 416), "no more than is beyond the limit");
        // The history failed: what is beyond goes all the same and is counted apart.
        let mut alone = self::engine(5_000, 1_000);
        alone.let_go(None);
        assert_eq!((alone.gone().events, alone.gone().remembered, alone.gone().unkept), (3_584, 0, 0));
    }

    #[test]
    fn nothing_goes_without_a_limit() {
        let mut engine = engine(3_000, 0);
        assert!(!engine.let_go(None) && !engine.let_go(stand(3_000)));
        assert_eq!((engine.beyond(), engine.world.tables.events.first_kept()), (0, 0));
    }

    #[test]
    fn reading_waits_when_too_much_awaits_the_history() {
        let mut engine = engine(ROWS_AWAITING_HISTORY + 2_000, 1_000);
        assert!(engine.let_go(stand(0)) && engine.gone().waits);
        assert!(!engine.let_go(stand(1_024)) && !engine.gone().waits);
        assert!(!engine.let_go(None));
    }
}
