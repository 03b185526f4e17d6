//! The cursor: a lane, a moment, and a bar or note; how keys move it, and what lies under it.

use super::Timeline;
use super::bars::{self, Item, Key, Shape};
use super::lanes::{self, density};
use super::track::{Track, Tracks};
use super::window::Window;
use crate::base::time::{Span, Timestamp};
use crate::model::ids::{AnomalyId, VisitId};
use crate::model::lane::Lane;
use crate::ui::effect::{Effect, Place};
use crate::ui::view::{Ctx, Selection, ViewId};

/// What lies under the cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Under {
    /// None while lanes are being counted.
    pub track: Option<Track>,
    pub at: Timestamp,
    /// The column.
    pub from: Timestamp,
    pub to: Timestamp,
    pub visit: Option<VisitId>,
    /// The worst one.
    pub anomaly: Option<AnomalyId>,
    /// More anomalies at the same place.
    pub others: usize,
    /// The cursor is on what has no row.
    pub more: bool,
}

/// Anomalies looked at in one column or session.
const LOOKED: usize = 64;

fn worst(ctx: &Ctx<'_>, ids: impl Iterator<Item = AnomalyId>) -> (Option<AnomalyId>, usize) {
    let known = ids.take(LOOKED).filter_map(|id| Some((id, ctx.snapshot.tables.anomaly(id)?)));
    let mut wanted: Vec<_> = known.filter(|(_, anomaly)| bars::is_wanted(ctx, anomaly)).collect();
    wanted.sort_by_key(|(id, anomaly)| (std::cmp::Reverse((anomaly.severity, anomaly.score)), *id));
    (wanted.first().map(|(id, _)| *id), wanted.len().saturating_sub(1))
}

impl Timeline {
    /// Where the lanes on screen are read from.
    pub(super) fn tracks<'a, 'b>(&'a self, ctx: &'a Ctx<'b>) -> Tracks<'a, 'b> {
        Tracks { ctx, by: self.by, grouped: self.grouped.as_deref() }
    }
    pub(super) fn under(&self, ctx: &Ctx<'_>, window: Window) -> Under {
        let columns = lanes::Geometry::of(ctx).columns;
        let (track, at) = (self.track(ctx), self.at(ctx, window));
        let column = window.column(at, columns);
        let (from, to) = (window.begin_of(column, columns), window.begin_of(column + 1, columns));
        let mut under = Under { track, at, from, to, visit: None, anomaly: None, others: 0, more: self.focus == Some(Key::More) };
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
            Some(Key::More) => {}
            None => {
                let tracks = self.tracks(ctx);
                let marks = track.map(|track| tracks.marks(track, from, to, LOOKED)).unwrap_or_default();
                (under.anomaly, under.others) = worst(ctx, marks.into_iter().map(|(_, id)| id));
                under.anomaly = self.picked.or(under.anomaly);
                under.visit = match under.anomaly {
                    Some(id) => self.visit_of(ctx, id, track),
                    None => track.and_then(|track| tracks.begins(track, from, to)),
                };
            }
        }
        under
    }
    /// The first session an anomaly names; one of `lane`, if a lane is given.
    pub(super) fn visit_of(&self, ctx: &Ctx<'_>, id: AnomalyId, track: Option<Track>) -> Option<VisitId> {
        let (tables, tracks) = (&ctx.snapshot.tables, self.tracks(ctx));
        let visits = tables.anomaly(id)?.sessions.iter().filter_map(|id| tables.session(*id)?.visit.some());
        let known = |id: &VisitId| tables.visit(*id).is_some_and(|visit| track.is_none_or(|track| tracks.is_of(track, &visit)));
        visits.into_iter().find(known)
    }
    /// Puts the cursor on a moment; leaves the newest end of a live view when that lies in the past.
    pub(super) fn put(&mut self, ctx: &Ctx<'_>, window: Window, at: Timestamp) {
        self.at = Some(at);
        self.picked = None;
        self.hold(ctx, window);
    }
    /// So many columns earlier or later; the window goes along at its edges, up to the ends of the data.
    pub(super) fn step(&mut self, ctx: &Ctx<'_>, window: Window, by: i64) -> Vec<Effect> {
        let scene = self.scene(ctx, window);
        let columns = scene.geometry.columns;
        let column = window.column(self.at(ctx, window), columns) + by;
        if by > 0 && self.follows(ctx) {
            return Vec::new();
        }
        let last = i64::from(columns) - 1;
        let (mut moved, mut said) = (window, Vec::new());
        if column < 0 || column > last {
            let over = if column < 0 { column } else { column - last };
            let one = Span::ticks(window.width().as_ticks() / i64::from(columns.max(1)));
            moved = self.within(ctx, window, one * over, false);
            if moved == window {
                said = ends(ctx, by < 0);
            }
        }
        let column = column.clamp(0, last);
        self.put(ctx, moved, moved.middle_of(column, columns));
        // In a row of bars the cursor goes to the nearest bar of that row.
        if let (Some(key), Some(rows)) = (self.focus, scene.lanes.iter().find(|lane| Some(lane.track) == self.lane))
            && key != Key::More
        {
            let row = rows.row_of(key).and_then(|row| rows.rows.get(row));
            self.focus = row.and_then(|row| nearest(row, column));
        }
        said
    }
    /// The window moved, but not beyond the data; by whole columns unless it is to be exact.
    pub(super) fn within(&self, ctx: &Ctx<'_>, window: Window, by: Span, exact: bool) -> Window {
        let (Some(first), Some(last)) = (ctx.snapshot.first, ctx.snapshot.last) else { return window };
        let room = Span::ticks(window.width().as_ticks() / 48);
        let (earliest, latest) = (first - room, last.max(ctx.now()) + room - window.width());
        let (left, sign) = if by < Span::ZERO { (window.from - earliest, -1) } else { (latest - window.from, 1) };
        if left <= Span::ZERO {
            return window;
        }
        if by.abs() <= left && exact {
            return window.moved(by);
        }
        // By whole columns: what lies in one stays together, and no bar comes to touch its neighbour.
        let one = (window.width().as_ticks() / i64::from(lanes::Geometry::of(ctx).columns.max(1))).max(1);
        let columns = |span: Span| (span.as_ticks() + one - 1) / one;
        window.moved(Span::ticks(one) * (sign * columns(by.abs()).min(columns(left))))
    }
    /// One row up or down, through lanes, their bars and what has no row.
    pub(super) fn row(&mut self, ctx: &Ctx<'_>, window: Window, down: bool) {
        let scene = self.scene(ctx, window);
        let Some(track) = self.track(ctx) else { return };
        let column = window.column(self.at(ctx, window), scene.geometry.columns);
        let Some(rows) = scene.lanes.iter().find(|rows| rows.track == track) else { return };
        let all = stops(rows, column);
        let now = self.focus.and_then(|key| {
            all.iter().position(|stop| rows.row_of(*stop) == rows.row_of(key) && (*stop == Key::More) == (key == Key::More))
        });
        self.picked = None;
        match (down, now) {
            (true, None) if !all.is_empty() => self.focus = all.first().copied(),
            (true, Some(now)) if now + 1 < all.len() => self.focus = all.get(now + 1).copied(),
            (true, _) => self.change_lane(ctx, 1),
            (false, Some(now)) => self.focus = now.checked_sub(1).and_then(|above| all.get(above)).copied(),
            (false, None) => {
                self.change_lane(ctx, -1);
                if self.track(ctx) != Some(track) {
                    let above = self.scene(ctx, window);
                    let rows = above.lanes.iter().find(|rows| Some(rows.track) == self.lane);
                    self.focus = rows.and_then(|rows| stops(rows, column).last().copied());
                }
            }
        }
        self.lane = self.lane.or(Some(track));
    }
    /// That many lanes down, or up when negative; stops at the ends.
    pub(super) fn change_lane(&mut self, ctx: &Ctx<'_>, by: isize) {
        let track = self.track(ctx);
        let shown = lanes::shown(&self.tracks(ctx), track, self.choice.solo);
        let place = shown.iter().position(|other| Some(*other) == track).unwrap_or(0);
        let wanted = place.saturating_add_signed(by).min(shown.len().saturating_sub(1));
        if wanted != place {
            self.lane = shown.get(wanted).copied();
            self.focus = None;
            self.picked = None;
        }
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
        if under.more {
            return self.list(ctx, window);
        }
        self.zoom(ctx, window, true);
        vec![Effect::Say("no session or anomaly here: zoomed in (- zooms out)".to_owned())]
    }
    pub(super) fn selected(&self, ctx: &Ctx<'_>) -> Selection {
        let Some(window) = self.window(ctx) else { return Selection::default() };
        let under = self.under(ctx, window);
        let tables = &ctx.snapshot.tables;
        let visit = under.visit.and_then(|id| tables.visit(id));
        let visit = visit.as_deref();
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
            term: term.or_else(|| self.tracks(ctx).term(under.track?)),
            ..Selection::default()
        }
    }
    /// Opens the events of the sessions that have no row here.
    fn list(&mut self, ctx: &Ctx<'_>, window: Window) -> Vec<Effect> {
        let Some(track) = self.track(ctx) else { return Vec::new() };
        let words = self.tracks(ctx).words(track);
        let mut text = ctx.filter.map(|filter| filter.text().to_owned()).unwrap_or_default();
        if let Some((field, value)) = self.tracks(ctx).term(track) {
            text = crate::query::narrow(&text, field, &value, false);
        }
        text = super::brush::timed(&text, window.from, window.to);
        vec![
            Effect::SetFilter(text),
            Effect::Open(Place::View(ViewId::Events)),
            Effect::Say(format!("all of {words} in that window, as events: Enter opens one, u takes the filter back")),
        ]
    }
    /// The lane the cursor is in: the first one that holds something until a key chose another.
    pub(super) fn track(&self, ctx: &Ctx<'_>) -> Option<Track> {
        let tracks = self.tracks(ctx);
        if let Some(track) = self.choice.solo.or(self.lane).filter(|track| tracks.knows(*track)) {
            return Some(track);
        }
        let holds = |track: &Track| match track {
            Track::Lane(lane) => density(ctx).holds(*lane),
            _ => true,
        };
        let first = tracks.all().into_iter().find(holds);
        if tracks.by.is_none() { first.or(Some(Track::Lane(Lane::Interactive))) } else { first }
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

/// The places of a lane below its densities that the cursor can be in, from the top.
fn stops(rows: &lanes::LaneRows, column: i64) -> Vec<Key> {
    let more = rows.overflows().then_some(Key::More);
    rows.rows.iter().filter_map(|row| nearest(row, column)).chain(more).collect()
}

/// That the data end there, and what to do.
pub(super) fn ends(ctx: &Ctx<'_>, earlier: bool) -> Vec<Effect> {
    let (Some(first), Some(last)) = (ctx.snapshot.first, ctx.snapshot.last) else { return Vec::new() };
    let words = if earlier {
        format!("the data begin at {}: there is nothing earlier (z a shows all)", ctx.day_clock(first))
    } else {
        format!("the data end at {}: there is nothing later (z a shows all)", ctx.day_clock(last))
    };
    vec![Effect::Say(words)]
}

/// The item of a row that lies nearest to a column.
fn nearest(row: &[Item], column: i64) -> Option<Key> {
    let span = |item: &Item| match &item.shape {
        Shape::Bar(bar) => (i64::from(bar.first) - column).max(column - i64::from(bar.last)).max(0),
        Shape::Note(note) => (i64::from(note.column) - column).abs(),
    };
    row.iter().min_by_key(|item| span(item)).map(Item::key)
}
