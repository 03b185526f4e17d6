//! What is new since the last look: inputs, losses, anomalies, sessions that began or ended.

use crate::base::time::Timestamp;
use crate::model::account::AccountClass;
use crate::model::ids::{AnomalyId, VisitId};
use crate::model::input::{InputState, InputStatus};
use crate::model::visit::Visit;
use crate::store::{Phase, Snapshot};
use crate::ui::app::App;
use std::io;

/// One thing of note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// An input, by its place in the list, came into another state.
    Input(usize),
    /// Something of an input was lost.
    Loss(usize),
    Anomaly(AnomalyId),
    Open(VisitId),
    End(VisitId),
}

/// What was told already.
#[derive(Debug, Default)]
pub struct Told {
    epoch: u64,
    inputs: Vec<(InputState, u64)>,
    anomalies: usize,
    visits: usize,
    /// Sessions whose beginning was told and whose end was not.
    open: Vec<VisitId>,
    /// Sessions of computers and of Windows itself, which are counted and not told.
    pub machinery: u64,
    pub sessions: u64,
    pub alerts: u64,
}

/// Records that were lost or could not be read.
#[must_use]
pub fn lost(input: &InputStatus) -> u64 {
    input.unreadable + input.dropped + input.checksum_mismatches
}

fn is_machinery(visit: &Visit, snapshot: &Snapshot) -> bool {
    let class = snapshot.tables.account(visit.account).map_or(AccountClass::Unknown, |account| account.class);
    class.is_machinery() && visit.anomalies == 0
}

impl Told {
    /// Tells what is new, in the order of time; first what concerns the inputs.
    ///
    /// # Errors
    /// As `tell`.
    pub fn look(&mut self, app: &App, mut tell: impl FnMut(News) -> io::Result<()>) -> io::Result<()> {
        let snapshot = app.newest.as_ref();
        // While recordings are read, what is known of a session changes with each piece: it is told once all of it is there.
        if matches!(snapshot.phase, Phase::Loading { .. }) || snapshot.version == 0 {
            return Ok(());
        }
        if self.epoch != snapshot.epoch {
            *self = Self { epoch: snapshot.epoch, inputs: std::mem::take(&mut self.inputs), ..Self::default() };
        }
        for (place, input) in snapshot.inputs.iter().enumerate() {
            let known = self.inputs.get(place).copied();
            let now = (input.state, lost(input));
            if known.map(|(state, _)| state) != Some(now.0) && !matches!(now.0, InputState::Waiting | InputState::Reading) {
                tell(News::Input(place))?;
            }
            if known.map_or(0, |(_, lost)| lost) < now.1 {
                tell(News::Loss(place))?;
            }
            match self.inputs.get_mut(place) {
                Some(kept) => *kept = now,
                None => self.inputs.push(now),
            }
        }
        let mut news = self.anomalies(app);
        news.extend(self.sessions(app));
        // What happened at one moment: the session begins, then what is odd about it, then it ends.
        let rank = |news: &News| match news {
            News::Open(_) => 0,
            News::End(_) => 2,
            _ => 1,
        };
        news.sort_by_key(|(at, news)| (*at, rank(news)));
        news.into_iter().try_for_each(|(_, news)| tell(news))
    }
    fn anomalies(&mut self, app: &App) -> Vec<(Timestamp, News)> {
        let (filter, snapshot) = (app.scene.filter.in_force(), app.newest.as_ref());
        let tables = &snapshot.tables;
        let fresh = tables.anomalies.iter_from(self.anomalies).enumerate().map(|(place, anomaly)| (self.anomalies + place, anomaly));
        let wanted = fresh.filter(|(_, anomaly)| filter.is_none_or(|filter| filter.matches_anomaly(anomaly, &snapshot.names, tables)));
        let news: Vec<_> = wanted.map(|(place, anomaly)| (anomaly.raised_at, News::Anomaly(AnomalyId::new(place)))).collect();
        self.anomalies = tables.anomalies.len();
        self.alerts += news.len() as u64;
        news
    }
    fn sessions(&mut self, app: &App) -> Vec<(Timestamp, News)> {
        let (filter, snapshot) = (app.scene.filter.in_force(), app.newest.as_ref());
        let tables = &snapshot.tables;
        let mut news = Vec::new();
        for place in self.visits..tables.visits.len() {
            let id = VisitId::new(place);
            let Some(visit) = tables.visit(id).filter(|visit| visit.is_shown()) else { continue };
            if filter.is_some_and(|filter| !filter.matches_visit(id, &snapshot.names, tables)) {
                continue;
            }
            if is_machinery(&visit, snapshot) {
                self.machinery += 1;
                continue;
            }
            self.sessions += 1;
            news.push((visit.start, News::Open(id)));
            self.open.push(id);
        }
        self.visits = tables.visits.len();
        self.open.retain(|id| {
            let Some(visit) = tables.visit(*id).filter(|visit| visit.is_shown()) else { return false };
            if !visit.is_open() {
                news.push((visit.end_or(snapshot.now), News::End(*id)));
            }
            visit.is_open()
        });
        news
    }
}
