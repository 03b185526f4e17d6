//! The cursor: a lane, a moment, and a bar or note; how keys move it, and what lies under it.

use super::Timeline;
use super::bars::{self, Item, Key, Shape};
use super::lanes::{self, density};
use super::window::Window;
use crate::base::time::{Span, Timestamp};
use crate::engine::handle::Command;
use crate::model::ids::{AnomalyId, VisitId};
use crate::model::lane::Lane;
use crate::store::Phase;
use crate::ui::effect::{Effect, Place};
use crate::ui::view::{Ctx, Selection};

/// What lies under the cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Under {
    pub lane: Lane,
    pub at: Timestamp,
    /// The column.
    pub from: Timestamp,
    pub to: Timestamp,
    pub visit: Option<VisitId>,
    /// The worst one.
    pub anomaly: Option<AnomalyId>,
    /// More anomalies at the same place.
    pub others: usize,
}

/// Anomalies looked at in one column or session; sessions and anomalies stepped over by a jump because of a filter.
const LOOKED: usize = 64;
const STEPPED: usize = 20_000;

fn worst(ctx: &Ctx<'_>, ids: impl Iterator<Item = AnomalyId>) -> (Option<AnomalyId>, usize) {
    let known = ids.take(LOOKED).filter_map(|id| Some((id, ctx.snapshot.tables.anomaly(id)?)));
    let mut wanted: Vec<_> = known.filter(|(_, anomaly)| bars::is_wanted(ctx, anomaly)).collect();
    wanted.sort_by_key(|(id, anomaly)| (std::cmp::Reverse((anomaly.severity, anomaly.score)), *id));
    (wanted.first().map(|(id, _)| *id), wanted.len().saturating_sub(1))
}

impl Timeline {
    pub(super) fn under(&self, ctx: &Ctx<'_>, window: Window) -> Under {
        let columns = lanes::Geometry::of(ctx.area).columns;
        let (lane, at) = (self.lane(ctx), self.at(ctx, window));
        let column = window.column(at, columns);
        let (from, to) = (window.begin_of(column, columns), window.begin_of(column + 1, columns));
        let mut under = Under { lane, at, from, to, visit: None, anomaly: None, others: 0 };
        match self.focus {
            Some(Key::Visit(id)) => {
                under.visit = Some(id);
                (under.anomaly, under.others) = worst(ctx, ctx.snapshot.marks.of_visit(id));
                under.anomaly = self.picked.or(under.anomaly);
            }
            Some(Key::Anomaly(id)) => {
                under.anomaly = Some(id);
                under.visit = self.visit_of(ctx, id, None);
            }
            None => {
                (under.anomaly, under.others) = worst(ctx, ctx.snapshot.marks.in_lane(Some(lane), from, to).map(|(_, id)| id));
                under.anomaly = self.picked.or(under.anomaly);
                let keep = |id: VisitId| ctx.snapshot.tables.visit(id).is_some_and(|visit| bars::is_shown(ctx, id, visit));
                let begins = || ctx.snapshot.visits.starting(lane, (from, to), 1, LOOKED, keep).visits.first().copied();
                under.visit = match under.anomaly {
                    Some(id) => self.visit_of(ctx, id, Some(lane)),
                    None => begins(),
                };
            }
        }
        under
    }
    /// The first session an anomaly names; one of `lane`, if a lane is given.
    fn visit_of(&self, ctx: &Ctx<'_>, id: AnomalyId, lane: Option<Lane>) -> Option<VisitId> {
        let tables = &ctx.snapshot.tables;
        let visits = tables.anomaly(id)?.sessions.iter().filter_map(|id| tables.session(*id)?.visit.some());
        let known = |id: &VisitId| tables.visit(*id).is_some_and(|visit| lane.is_none_or(|lane| visit.lane == lane));
        visits.into_iter().find(known)
    }
    /// Puts the cursor on a moment; leaves the newest end of a live view when that lies in the past.
    pub(super) fn put(&mut self, ctx: &Ctx<'_>, window: Window, at: Timestamp) {
        self.at = Some(at);
        self.picked = None;
        self.hold(ctx, window);
    }
    /// One column earlier or later; the window goes along at its edges.
    pub(super) fn step(&mut self, ctx: &Ctx<'_>, window: Window, by: i64) {
        let scene = self.scene(ctx, window);
        let columns = scene.geometry.columns;
        let column = window.column(self.at(ctx, window), columns) + by;
        if by > 0 && self.follows(ctx) {
            return;
        }
        let window = if (0..i64::from(columns)).contains(&column) {
            window
        } else {
            let column = Span::ticks(window.width().as_ticks() / i64::from(columns.max(1)));
            window.moved(column * by)
        };
        let at = window.middle_of(column.clamp(0, i64::from(columns) - 1), columns);
        self.put(ctx, window, at);
        // In a row of bars the cursor goes to the nearest bar of that row.
        if let (Some(key), Some(rows)) = (self.focus, scene.lanes.iter().find(|lane| Some(lane.lane) == self.lane)) {
            let row = rows.row_of(key).and_then(|row| rows.rows.get(row));
            self.focus = row.and_then(|row| nearest(row, column.clamp(0, i64::from(columns) - 1)));
        }
    }
    /// One row up or down, through lanes and their bars.
    pub(super) fn row(&mut self, ctx: &Ctx<'_>, window: Window, down: bool) {
        let scene = self.scene(ctx, window);
        let lane = self.lane(ctx);
        let column = window.column(self.at(ctx, window), scene.geometry.columns);
        let Some(place) = scene.lanes.iter().position(|rows| rows.lane == lane) else { return };
        let Some(rows) = scene.lanes.get(place) else { return };
        // 0 is the row of densities.
        let now = self.focus.and_then(|key| rows.row_of(key)).map_or(0, |row| row + 1);
        self.picked = None;
        let bars = |row: usize| rows.rows.get(row).and_then(|row| nearest(row, column));
        match (down, now) {
            (true, now) if bars(now).is_some() => self.focus = bars(now),
            (false, 1..) => self.focus = now.checked_sub(2).and_then(bars),
            (true, _) => self.change_lane(ctx, 1),
            (false, 0) => {
                self.change_lane(ctx, -1);
                let above = self.scene(ctx, window);
                let rows = above.lanes.iter().find(|rows| Some(rows.lane) == self.lane);
                self.focus = rows.and_then(|rows| rows.rows.last()).and_then(|row| nearest(row, column));
            }
        }
        self.lane = self.lane.or(Some(lane));
    }
    /// That many lanes down, or up when negative; stops at the ends.
    pub(super) fn change_lane(&mut self, ctx: &Ctx<'_>, by: isize) {
        let lane = self.lane(ctx);
        let shown = lanes::shown(ctx, lane, self.solo);
        let place = shown.iter().position(|other| *other == lane).unwrap_or(0);
        let wanted = place.saturating_add_signed(by).min(shown.len().saturating_sub(1));
        if wanted != place {
            self.lane = shown.get(wanted).copied();
            self.focus = None;
            self.picked = None;
        }
    }
    /// The next session that starts in the lane, or the one before.
    pub(super) fn session_start(&mut self, ctx: &Ctx<'_>, window: Window, forward: bool) -> Vec<Effect> {
        let (lane, index) = (self.lane(ctx), &ctx.snapshot.visits);
        let tables = &ctx.snapshot.tables;
        let mut at = match self.focus {
            Some(Key::Visit(id)) => tables.visit(id).map_or(self.at(ctx, window), |visit| visit.start),
            _ => self.at(ctx, window),
        };
        for _ in 0..STEPPED {
            let next = if forward { index.next_start(lane, at) } else { index.previous_start(lane, at) };
            let Some((start, id)) = next else { break };
            if tables.visit(id).is_some_and(|visit| bars::is_shown(ctx, id, visit)) {
                self.put(ctx, window.showing(start), start);
                self.focus = Some(Key::Visit(id));
                return Vec::new();
            }
            at = start;
        }
        let which = if forward { "later" } else { "earlier" };
        vec![Effect::Say(format!("no session starts {which} in lane {} {}", lane.code(), lane.name()))]
    }
    /// The next anomaly in time, or the one before: window, lane and bar go there.
    pub(super) fn anomaly(&mut self, ctx: &Ctx<'_>, window: Window, forward: bool) -> Vec<Effect> {
        let marks = &ctx.snapshot.marks;
        let current = self.picked.or(match self.focus {
            Some(Key::Anomaly(id)) => Some(id),
            _ => None,
        });
        let (at, id) = match current.and_then(|id| Some((marks.place(id)?.1, id))) {
            Some(place) => place,
            // From a moment: those in the cursor's column count as ahead in both directions but not as behind.
            None => (self.at(ctx, window), if forward { AnomalyId::NONE } else { AnomalyId::new(0) }),
        };
        let wanted = |id: &AnomalyId| ctx.snapshot.tables.anomaly(*id).is_some_and(|anomaly| bars::is_wanted(ctx, anomaly));
        let found = if forward {
            marks.after(at, id).map(|(_, id)| id).take(STEPPED).find(wanted)
        } else {
            marks.before(at, id).map(|(_, id)| id).take(STEPPED).find(wanted)
        };
        if let Some(id) = found {
            self.show(ctx, id);
            return Vec::new();
        }
        if matches!(ctx.snapshot.phase, Phase::Replay { .. }) {
            return vec![Effect::Engine(Command::SeekAnomaly { forward })];
        }
        // Once round: a recording opens with the cursor at its end, where nothing lies ahead.
        let (other_end, words) = if forward {
            (
                marks.after(Timestamp::MIN, AnomalyId::new(0)).map(|(_, id)| id).take(STEPPED).find(wanted),
                "past the last anomaly: this is the first",
            )
        } else {
            (
                marks.before(Timestamp::MAX, AnomalyId::NONE).map(|(_, id)| id).take(STEPPED).find(wanted),
                "before the first anomaly: this is the last",
            )
        };
        let Some(id) = other_end else {
            let where_ = if ctx.filter.is_some() { " that the filter shows" } else { "" };
            return vec![Effect::Say(format!("no anomaly{where_}"))];
        };
        self.show(ctx, id);
        vec![Effect::Say(words.to_owned())]
    }
    /// Goes to an anomaly: its moment, its lane, its session.
    pub fn show(&mut self, ctx: &Ctx<'_>, id: AnomalyId) {
        let Some((_, at)) = ctx.snapshot.marks.place(id) else { return };
        let Some(window) = self.window(ctx) else { return };
        self.put(ctx, window.showing(at), at);
        self.point_to(ctx, id);
    }
    /// A replay whose clock was stopped on an anomaly: the cursor goes there, and the view goes on following.
    pub(super) fn meet(&mut self, ctx: &Ctx<'_>) {
        let now = ctx.now();
        if self.clock == Some(now) || !self.follows(ctx) || !matches!(ctx.snapshot.phase, Phase::Replay { .. }) {
            return;
        }
        self.clock = Some(now);
        self.picked = None;
        let newest = ctx.snapshot.marks.before(Timestamp::MAX, AnomalyId::NONE).next();
        let held = matches!(ctx.snapshot.phase, Phase::Replay { playing: false, .. });
        if let Some((_, id)) = newest.filter(|(at, _)| held && *at == now) {
            self.point_to(ctx, id);
        }
    }
    fn point_to(&mut self, ctx: &Ctx<'_>, id: AnomalyId) {
        let lane = ctx.snapshot.marks.place(id).and_then(|(lane, _)| lane);
        self.picked = Some(id);
        self.lane = Some(lane.unwrap_or_else(|| self.lane(ctx)));
        if self.solo.is_some() {
            self.solo = self.lane;
        }
        self.focus = self.visit_of(ctx, id, lane).map(Key::Visit).or(lane.map(|_| Key::Anomaly(id)));
    }
    /// Opens what lies under the cursor, or looks nearer.
    pub(super) fn open(&mut self, ctx: &Ctx<'_>, window: Window) -> Vec<Effect> {
        let under = self.under(ctx, window);
        if let Some(id) = under.visit {
            return vec![Effect::Open(Place::Visit(id))];
        }
        if let Some(id) = under.anomaly {
            return vec![Effect::Open(Place::Anomaly(id))];
        }
        self.zoom(ctx, window, true);
        vec![Effect::Say("no session or anomaly here: zoomed in (- zooms out)".to_owned())]
    }
    pub(super) fn selected(&self, ctx: &Ctx<'_>) -> Selection {
        let Some(window) = self.window(ctx) else { return Selection::default() };
        let under = self.under(ctx, window);
        let tables = &ctx.snapshot.tables;
        let visit = under.visit.and_then(|id| tables.visit(id));
        let session = visit.and_then(|visit| tables.session(visit.first_session));
        let anomaly = under.anomaly.and_then(|id| tables.anomaly(id));
        let account = visit.and_then(|visit| visit.account.some()).or_else(|| anomaly?.accounts.first().copied());
        let term = account.and_then(|id| tables.account(id)).map(|account| ("account", account.name(&ctx.snapshot.names)));
        Selection {
            account,
            host: visit.and_then(|visit| visit.host.some()).or_else(|| anomaly?.hosts.first().copied()),
            source: visit.and_then(|visit| visit.source.some()).or_else(|| anomaly?.sources.first().copied()),
            visit: under.visit,
            session: visit.and_then(|visit| visit.first_session.some()),
            event: session
                .and_then(|session| session.first_event.some())
                .or_else(|| visit?.last_event.some())
                .or_else(|| anomaly?.records.last().copied()),
            anomaly: under.anomaly,
            at: Some(under.at),
            term: Some(term.unwrap_or_else(|| ("lane", under.lane.word().to_owned()))),
            ..Selection::default()
        }
    }
    /// The lane the cursor is in: the first one that holds something until a key chose another.
    pub(super) fn lane(&self, ctx: &Ctx<'_>) -> Lane {
        let holds = |lane: &Lane| {
            let (first, last) = (ctx.snapshot.first.unwrap_or_default(), ctx.snapshot.last.unwrap_or_default());
            density(ctx).total(*lane, first, last + Span::seconds(1)).events() > 0
        };
        self.solo.or(self.lane).unwrap_or_else(|| Lane::ALL.into_iter().find(holds).unwrap_or(Lane::Interactive))
    }
    /// The moment of the cursor: now while the view follows, else where it was put, always in the window.
    pub(super) fn at(&self, ctx: &Ctx<'_>, window: Window) -> Timestamp {
        let end = window.to - Span::ticks(1);
        if self.follows(ctx) {
            return ctx.now().clamp(window.from, end);
        }
        self.at.or_else(|| density(ctx).last()).or(ctx.snapshot.last).unwrap_or(end).clamp(window.from, end)
    }
}

/// The item of a row that lies nearest to a column.
fn nearest(row: &[Item], column: i64) -> Option<Key> {
    let span = |item: &Item| match &item.shape {
        Shape::Bar(bar) => (i64::from(bar.first) - column).max(column - i64::from(bar.last)).max(0),
        Shape::Note(note) => (i64::from(note.column) - column).abs(),
    };
    row.iter().min_by_key(|item| span(item)).map(Item::key)
}
