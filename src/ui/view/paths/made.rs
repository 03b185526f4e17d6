//! The paths of a view, worked out when the data or the question changed and not before.
//!
//! While data flow in, the web is worked out anew only after every so much of them, or every other second of the wall
//! clock of the data: its cost is that of all sessions it looks at, which no frame may pay.

use crate::base::time::{Span, Timestamp};
use crate::query::Filter;
use crate::store::Phase;
use crate::store::path::Web;
use crate::store::path::pick::{Ask, Direction, Focus, Found, pick};
use crate::ui::view::Ctx;

/// Live: how old the paths may be.
const AGE: Span = Span::seconds(2);
/// They are worked out anew when the events grew by one part in this many.
const PART: usize = 64;

/// What is asked, beside the filter in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    pub focus: Focus,
    pub direction: Direction,
    pub depth: usize,
    pub window: Option<(Timestamp, Timestamp)>,
}

/// What the web was made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stand {
    version: u64,
    epoch: u64,
    events: usize,
    now: Timestamp,
    until: Timestamp,
}

#[derive(Debug, Default)]
pub struct Made {
    stand: Option<Stand>,
    question: Option<(Question, Option<String>)>,
    pub web: Web,
    pub found: Found,
}

impl Made {
    fn is_stale(&self, next: Stand, phase: Phase) -> bool {
        let Some(stand) = self.stand else { return true };
        if stand.epoch != next.epoch || stand.until != next.until {
            return true;
        }
        if stand.version == next.version {
            return false;
        }
        let grown = next.events.saturating_sub(stand.events) > stand.events / PART;
        match phase {
            Phase::File | Phase::Replay { playing: false, .. } => true,
            Phase::Live => grown || next.now >= stand.now + AGE,
            Phase::Loading { .. } | Phase::Replay { .. } => grown,
        }
    }
    /// Answers the question anew where the answer may have changed; says whether it did.
    pub fn look(&mut self, question: Question, ctx: &Ctx<'_>) -> bool {
        let snapshot = ctx.snapshot;
        let until = question.window.map_or(Timestamp::MAX, |(_, to)| to);
        let next =
            Stand { version: snapshot.version, epoch: snapshot.epoch, events: snapshot.tables.events.len(), now: snapshot.now, until };
        let stale = self.is_stale(next, snapshot.phase);
        if stale {
            self.web = Web::of(snapshot.ground(), until);
            self.stand = Some(next);
        }
        let filter = ctx.filter.filter(|filter| !filter.is_all());
        let asked = Some((question, filter.map(Filter::key)));
        if !stale && self.question == asked {
            return false;
        }
        let Question { focus, direction, depth, window } = question;
        self.found = pick(&self.web, snapshot.ground(), Ask { focus, direction, depth, window, filter });
        self.question = asked;
        true
    }
}
