//! What a lane of the picture stands for: a way to log on, or one host, account or source; and where each is read from.
//!
//! Lanes by way of logging on are read from the sums and indexes of the snapshot. Those of hosts, accounts and sources
//! come from an answer that a worker makes (`store::group`); until the answer to the window on screen is there, the one
//! before is shown where its moments are.

use super::bars;
use super::lanes::density;
use super::window::Window;
use crate::base::time::{Span, Timestamp};
use crate::model::ids::{AccountId, AnomalyId, HostId, SourceId, VisitId};
use crate::model::lane::Lane;
use crate::model::visit::Visit;
use crate::store::density::Cell;
use crate::store::group::{By, Group, Grouped};
use crate::ui::view::Ctx;

/// One lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Track {
    Lane(Lane),
    /// Row of the table of hosts, accounts or sources.
    Of(By, u32),
    Others(By),
}

/// Where lanes are read from.
#[derive(Clone, Copy)]
pub struct Tracks<'a, 'b> {
    pub ctx: &'a Ctx<'b>,
    pub by: Option<By>,
    pub grouped: Option<&'a Grouped>,
}

/// Anomalies looked at for one lane, sessions of one anomaly, slices of the window, sessions of one slice.
const MARKS: usize = 256;
const NAMED: usize = 4;
const SLICES: i64 = 12;
const OF_SLICE: usize = 32;
const REACHING: usize = 48;

/// What one lane has in a window, before it is laid out.
#[derive(Default)]
pub struct Stock {
    /// By start, each once.
    pub visits: Vec<(Timestamp, VisitId)>,
    /// Anomalies without a session of the lane.
    pub notes: Vec<(Timestamp, AnomalyId)>,
    /// All anomalies, unless there are too many.
    pub marks: Option<Vec<(Timestamp, AnomalyId)>>,
    /// There are sessions that were not looked at.
    pub more: bool,
}

impl<'a> Tracks<'a, '_> {
    fn group(&self, track: Track) -> Option<&'a Group> {
        let who = match track {
            Track::Lane(_) => return None,
            Track::Of(_, who) => Some(who),
            Track::Others(_) => None,
        };
        self.grouped?.groups.iter().find(|group| group.who == who)
    }
    /// All of them, in their order.
    #[must_use]
    pub fn all(&self) -> Vec<Track> {
        match (self.by, self.grouped) {
            (None, _) => Lane::ALL.into_iter().map(Track::Lane).collect(),
            (Some(by), Some(grouped)) => {
                grouped.groups.iter().map(|group| group.who.map_or(Track::Others(by), |who| Track::Of(by, who))).collect()
            }
            (Some(_), None) => Vec::new(),
        }
    }
    /// The lane is one of these.
    #[must_use]
    pub fn knows(&self, track: Track) -> bool {
        match track {
            Track::Lane(_) => self.by.is_none(),
            _ => self.all().contains(&track),
        }
    }
    /// There is something in it, in the whole log or in what the filter leaves.
    #[must_use]
    pub fn holds(&self, track: Track) -> bool {
        match track {
            Track::Lane(lane) => density(self.ctx).holds(lane) || self.ctx.snapshot.visits.open(lane) > 0,
            Track::Of(..) => true,
            Track::Others(_) => {
                self.group(track).is_some_and(|group| group.entities > 0 || group.cells.iter().any(|cell| cell.events() > 0))
            }
        }
    }
    #[must_use]
    pub fn cells(&self, track: Track, window: Window, columns: u16) -> Vec<Cell> {
        if let Track::Lane(lane) = track {
            return density(self.ctx).columns(lane, window.from, window.to, usize::from(columns));
        }
        let mut out = vec![Cell::default(); usize::from(columns)];
        let (Some(group), Some(grouped)) = (self.group(track), self.grouped) else { return out };
        let asked = Window { from: grouped.question.from, to: grouped.question.to };
        if asked == window && grouped.question.columns == columns {
            return group.cells.clone();
        }
        for (column, cell) in (0..i64::from(columns)).zip(&mut out) {
            let place = asked.column(window.middle_of(column, columns), grouped.question.columns);
            *cell = usize::try_from(place).ok().and_then(|place| group.cells.get(place)).copied().unwrap_or_default();
        }
        out
    }
    /// Events between two moments; of hosts and the like those of the columns between them.
    #[must_use]
    pub fn total(&self, track: Track, from: Timestamp, to: Timestamp) -> Cell {
        let Track::Lane(lane) = track else {
            let (Some(group), Some(grouped)) = (self.group(track), self.grouped) else { return Cell::default() };
            let asked = Window { from: grouped.question.from, to: grouped.question.to };
            let columns = grouped.question.columns;
            let place = |at: Timestamp| usize::try_from(asked.column(at, columns).clamp(0, i64::from(columns))).unwrap_or(0);
            let (first, behind) = (place(from), place(to - Span::ticks(1)) + 1);
            let cells = group.cells.iter().skip(first).take(behind.saturating_sub(first));
            return cells.fold(Cell::default(), |sum, cell| Cell {
                others: sum.others.saturating_add(cell.others),
                failures: sum.failures.saturating_add(cell.failures),
                worst: None,
            });
        };
        density(self.ctx).total(lane, from, to)
    }
    /// Anomalies of a lane, in order of time.
    #[must_use]
    pub fn marks(&self, track: Track, from: Timestamp, to: Timestamp, most: usize) -> Vec<(Timestamp, AnomalyId)> {
        match track {
            Track::Lane(lane) => self.ctx.snapshot.marks.in_lane(Some(lane), from, to).take(most).collect(),
            _ => {
                let marks = self.group(track).map_or(&[][..], |group| &group.marks);
                marks.iter().copied().filter(|(at, _)| (from..to).contains(at)).take(most).collect()
            }
        }
    }
    #[must_use]
    pub fn is_of(&self, track: Track, visit: &Visit) -> bool {
        match track {
            Track::Lane(lane) => visit.lane == lane,
            Track::Of(by, who) => by.of_visit(&self.ctx.snapshot.tables, visit) == Some(who),
            Track::Others(by) => {
                let who = by.of_visit(&self.ctx.snapshot.tables, visit);
                !self.all().into_iter().any(|track| matches!(track, Track::Of(_, other) if who == Some(other)))
            }
        }
    }
    /// The lane a session is drawn in.
    #[must_use]
    pub fn of_visit(&self, visit: &Visit) -> Track {
        let Some(by) = self.by else { return Track::Lane(visit.lane) };
        self.all().into_iter().find(|track| self.is_of(*track, visit)).unwrap_or(Track::Others(by))
    }
    /// The lane an anomaly stands in; none for what concerns a whole host.
    #[must_use]
    pub fn of_anomaly(&self, id: AnomalyId) -> Option<Track> {
        let Some(by) = self.by else { return self.ctx.snapshot.marks.place(id)?.0.map(Track::Lane) };
        let who = by.of_anomaly(&self.ctx.snapshot.tables, self.ctx.snapshot.tables.anomaly(id)?);
        let track = self.all().into_iter().find(|track| matches!(track, Track::Of(_, one) if who.contains(one)));
        Some(track.unwrap_or(Track::Others(by)))
    }
    /// The first session that starts in a lane after a moment, or the last one before it.
    #[must_use]
    pub fn start(&self, track: Track, at: Timestamp, forward: bool) -> Option<(Timestamp, VisitId)> {
        if let Track::Lane(lane) = track {
            let index = &self.ctx.snapshot.visits;
            return if forward { index.next_start(lane, at) } else { index.previous_start(lane, at) };
        }
        let known = self.group(track)?.visits.iter().filter_map(|id| Some((self.ctx.snapshot.tables.visit(*id)?.start, *id)));
        if forward { known.filter(|(start, _)| *start > at).min() } else { known.filter(|(start, _)| *start < at).max() }
    }
    /// The first session that starts in a stretch of time.
    #[must_use]
    pub fn begins(&self, track: Track, from: Timestamp, to: Timestamp) -> Option<VisitId> {
        let keep = |id: VisitId| self.ctx.snapshot.tables.visit(id).is_some_and(|visit| bars::is_shown(self.ctx, id, &visit));
        if let Track::Lane(lane) = track {
            return self.ctx.snapshot.visits.starting(lane, (from, to), 1, 64, keep).visits.first().copied();
        }
        let (_, id) = self.start(track, from - Span::ticks(1), true).filter(|(start, _)| *start < to)?;
        keep(id).then_some(id)
    }
    /// Reads the sessions and anomalies of a lane, a bounded number of each.
    #[must_use]
    pub fn stock(&self, track: Track, window: Window) -> Stock {
        let (ctx, tables) = (self.ctx, &self.ctx.snapshot.tables);
        let mut stock = Stock::default();
        let all = self.marks(track, window.from, window.to, MARKS);
        let full = all.len() == MARKS;
        let mut marks = Vec::new();
        for (at, id) in all {
            let Some(anomaly) = tables.anomaly(id).filter(|anomaly| bars::is_wanted(ctx, anomaly)) else { continue };
            marks.push((at, id));
            let named = anomaly.sessions.iter().filter_map(|id| tables.session(*id)?.visit.some());
            let named = named.filter_map(|id| Some((id, tables.visit(id)?))).filter(|(_, visit)| self.is_of(track, visit));
            let mut of_lane = named.peekable();
            let is_elsewhere = of_lane.peek().is_none();
            let here = of_lane.filter(|(_, visit)| visit.start < window.to && bars::known_until(ctx, visit) >= window.from);
            stock.visits.extend(here.take(NAMED).map(|(id, visit)| (visit.start, id)));
            if is_elsewhere {
                stock.notes.push((at, id));
            }
        }
        stock.marks = (!full).then_some(marks);
        let keep = |id: VisitId| {
            tables.visit(id).is_some_and(|visit| bars::known_until(ctx, &visit) >= window.from && bars::is_shown(ctx, id, &visit))
        };
        let Track::Lane(lane) = track else {
            if let Some(group) = self.group(track) {
                stock.more = group.more;
                let starts = group.visits.iter().filter(|id| keep(**id)).filter_map(|id| Some((tables.visit(*id)?.start, *id)));
                stock.visits.extend(starts.filter(|(start, _)| *start < window.to));
            }
            stock.visits.sort_unstable();
            stock.visits.dedup();
            return stock;
        };
        let index = &ctx.snapshot.visits;
        let mut take = |hits: crate::store::index::Found| {
            stock.more |= hits.more;
            stock.visits.extend(hits.visits.iter().filter_map(|id| Some((tables.visit(*id)?.start, *id))));
        };
        take(index.reaching(lane, window.from, REACHING, keep));
        // Slices are as wide as a power of two and counted from the epoch, so that panning asks the same questions again.
        let wide = Span::ticks((window.width().as_ticks() / SLICES).max(1).cast_unsigned().next_power_of_two().cast_signed());
        let mut from = window.from.bucket(wide);
        while from < window.to {
            let (begin, end) = (from.max(window.from), (from + wide).min(window.to));
            take(index.starting(lane, (begin, end), OF_SLICE, OF_SLICE * 4, keep));
            from = from + wide;
        }
        stock.visits.sort_unstable();
        stock.visits.dedup();
        stock
    }
    /// `lane 3 Network`, `host FS01`.
    #[must_use]
    pub fn words(&self, track: Track) -> String {
        match track {
            Track::Lane(lane) => format!("lane {} {}", lane.code(), lane.name()),
            Track::Of(by, _) => format!("{} {}", by.word(), self.name(track)),
            Track::Others(by) => format!("all other {}", by.plural()),
        }
    }
    /// The name of the entity, cleaned; `3 others`.
    #[must_use]
    pub fn name(&self, track: Track) -> String {
        let (tables, names) = (&self.ctx.snapshot.tables, &self.ctx.snapshot.names);
        let name = match track {
            Track::Lane(lane) => lane.name().to_owned(),
            Track::Of(By::Host, who) => tables.host(HostId::new(who as usize)).map_or_else(String::new, |host| host.short(names)),
            Track::Of(By::Account, who) => {
                tables.account(AccountId::new(who as usize)).map_or_else(String::new, |account| account.name(names))
            }
            Track::Of(By::Source, who) => tables.source(SourceId::new(who as usize)).map_or_else(String::new, |source| source.name(names)),
            Track::Others(by) => {
                let others = self.group(track).map_or(0, |group| group.entities);
                match others {
                    0 => format!("no {}", by.word()),
                    1 => "1 other".to_owned(),
                    _ => format!("{} others", crate::base::text::count(others as u64)),
                }
            }
        };
        if name.is_empty() { "(no name)".to_owned() } else { name }
    }
    /// The term of the filter language that leaves this lane.
    #[must_use]
    pub fn term(&self, track: Track) -> Option<(&'static str, String)> {
        match track {
            Track::Lane(lane) => Some(("lane", lane.word().to_owned())),
            Track::Of(by, _) => Some((by.word(), self.name(track))),
            Track::Others(_) => None,
        }
    }
}
