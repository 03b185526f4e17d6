//! The story of a session as shown: a short list of dated lines in words, each with the record it was read from.
//!
//! One thing that happened is one line, however many records tell of it: a reconnect is written by Security 4778,
//! LocalSessionManager 25 and the throw-away logon that unlocks the desktop. The line names the ids of all of them. What
//! was concluded and not written says so. The list is bounded: a run of ten thousand logons is its first, its last and
//! what differs between them.

mod beat;
mod run;
mod sign_in;

use crate::base::intern::Names;
use crate::base::time::{Span, Timestamp};
use crate::model::ids::{EventId, SessionId, VisitId};
use crate::model::quality::Quality;
use crate::model::session::SessionEnd;
use crate::model::visit::{Visit, VisitKind};
use crate::model::world::Tables;
use beat::{Beat, Beats};

/// Most records of a visit that are read, the newest.
pub const READ: usize = 10_000;
/// Most lines told.
pub const LINES: usize = 64;
/// Records of one happening lie within this.
const TOGETHER: Span = Span::seconds(10);

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub at: Timestamp,
    /// Cleaned: it may be drawn.
    pub words: String,
    /// The record that tells most of it; `NONE` for what was concluded.
    pub event: EventId,
    /// Concluded, not written.
    pub is_inferred: bool,
}

/// The records of a visit, oldest first: those of its logons and those of none of them. At most `most`, the newest; says
/// whether older ones were left out.
#[must_use]
pub fn events(id: VisitId, tables: &Tables, most: usize) -> (Vec<EventId>, bool) {
    let mut found: Vec<(Timestamp, EventId)> = Vec::new();
    let loose = tables.loose_events_of_visit(id);
    let of_logons = tables.sessions_of_visit(id).flat_map(|(session, _)| tables.events_of_session(session));
    found.extend(loose.chain(of_logons).take(most + 1).map(|(id, row)| (row.event.at, id)));
    found.sort_unstable();
    let cut = found.len() > most;
    let skipped = found.len().saturating_sub(most);
    (found.into_iter().skip(skipped).map(|(_, id)| id).collect(), cut)
}

/// Tells a visit from its records, as `events` gives them.
#[must_use]
pub fn tell(id: VisitId, events: &[EventId], names: &Names, tables: &Tables) -> Vec<Line> {
    let Some(visit) = tables.visit(id) else { return Vec::new() };
    let teller = Teller { id, visit: &visit, events, names, tables };
    let mut beats = match visit.kind {
        VisitKind::SignIn => sign_in::beats(&teller),
        VisitKind::Run if visit.logons > run::FEW => run::beats(&teller),
        _ => teller.desktop(),
    };
    if visit.start_quality == Quality::Missing {
        beats.insert(0, Beat::inferred(visit.start, "it was there already: its beginning is not in the logs"));
    }
    beats.extend(teller.end());
    shorten(beats.into_iter().map(Beat::line).collect())
}

/// What a story is told from.
struct Teller<'a> {
    id: VisitId,
    visit: &'a Visit,
    events: &'a [EventId],
    names: &'a Names,
    tables: &'a Tables,
}

impl Teller<'_> {
    fn desktop(&self) -> Vec<Beat> {
        let mut beats = Beats::new(self);
        for id in self.events {
            beats.take(*id);
        }
        beats.done()
    }
    /// An end that no record of the session tells.
    fn end(&self) -> Option<Beat> {
        let words = match self.visit.end_reason {
            _ if self.visit.kind == VisitKind::Run => return None,
            SessionEnd::Boot => "the last record before the host restarted: it ended about then",
            SessionEnd::Unclean => "the last record before the host restarted without a shutdown: it ended about then",
            SessionEnd::Shutdown => "the host was shut down: it ended then or before",
            SessionEnd::Reused => "its LogonId was given to another logon: it ended before",
            SessionEnd::Open | SessionEnd::Logoff | SessionEnd::UserLogoff | SessionEnd::Desktop => return None,
        };
        Some(Beat::inferred(self.visit.end?, words))
    }
}

/// Keeps the beginning and the end of what is too long, and counts what lies between.
fn shorten(mut lines: Vec<Line>) -> Vec<Line> {
    if lines.len() <= LINES {
        return lines;
    }
    let (head, tail) = (LINES / 2, LINES / 2 - 1);
    let left_out = lines.len() - head - tail;
    let between = lines.get(head).map(|line| (line.at, line.event)).unwrap_or_default();
    let words = format!("and {} more things until the next line", crate::base::text::count(left_out as u64));
    lines.splice(head..lines.len() - tail, [Line { at: between.0, words, event: between.1, is_inferred: false }]);
    lines
}

/// The first record of a logon session.
fn opening(tables: &Tables, session: SessionId) -> Option<EventId> {
    tables.session(session)?.first_event.some()
}
