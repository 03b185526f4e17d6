//! The live timeline: a lane for each way to log on, densities above, sessions as bars below, oddities where they
//! happened.
//!
//! The state is a window on event time, a cursor, and whether the view follows the newest events. Everything on screen
//! is read again for each drawing from sums and indexes of the snapshot, so drawing costs the cells of the screen and
//! not the events of the log. The view never walks events.

mod bars;
mod brush;
#[cfg(test)]
mod cost;
mod cursor;
mod details;
mod draw;
mod finding;
mod grouping;
mod jumps;
mod lanes;
mod overview;
mod pointing;
mod strokes;
mod track;
mod window;
mod words;

use crate::base::time::{Span, Timestamp};
use crate::engine::handle::Command;
use crate::model::ids::AnomalyId;
use crate::store::Phase;
use crate::store::group::{By, Grouped};
use crate::ui::action::{Action, Context};
use crate::ui::effect::Effect;
use crate::ui::find::scope::{OnScreen, Scope, Spot};
use crate::ui::marks::Target;
use crate::ui::view::{Ctx, Reply, Selection, View};
use bars::Key;
use brush::Brush;
pub(super) use draw::level;
use lanes::{Choice, Kept, Scene};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::sync::Arc;
use track::Track;
pub use window::Window;
pub(crate) use window::{axis, fitting};

/// The first window is all data up to this, else the last part of them.
const FIRST_WINDOW: Span = Span::days(1);
/// First windows of a view that follows.
const FOLLOWED: [Span; 8] = [
    Span::minutes(5),
    Span::minutes(15),
    Span::minutes(30),
    Span::hours(1),
    Span::hours(2),
    Span::hours(4),
    Span::hours(8),
    Span::hours(16),
];

/// The view. `Default` shows all data, or their last day, and follows a live stream.
#[derive(Debug, Default)]
pub struct Timeline {
    /// Chosen by a key; until then the window fits the data.
    window: Option<Window>,
    /// A key left the newest end.
    held: bool,
    at: Option<Timestamp>,
    lane: Option<Track>,
    /// The bar or note under the cursor; none on the row of densities.
    focus: Option<Key>,
    /// The anomaly a jump went to.
    picked: Option<AnomalyId>,
    /// The replay clock when it was last seen.
    clock: Option<Timestamp>,
    choice: Choice,
    /// What lanes stand for, where it is not ways to log on.
    by: Option<By>,
    /// The newest answer to what is in them, and whether one is awaited.
    grouped: Option<Arc<Grouped>>,
    awaited: bool,
    brush: Option<Brush>,
    kept: Kept,
    /// The picture last made and what it was made of, so that a key makes it once and not again for each question.
    made: Option<(Question, Arc<Scene>)>,
}

/// All that a picture depends on.
#[derive(Clone, Debug, PartialEq)]
struct Question {
    version: u64,
    now: Timestamp,
    window: Window,
    area: Rect,
    lane: Option<Track>,
    focus: Option<Key>,
    choice: Choice,
    by: Option<By>,
    grouped: Option<(u64, crate::store::group::Question)>,
    options: [bool; 4],
    filter: Option<(String, Option<String>, usize)>,
}

impl Timeline {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
    /// One that follows with a window as wide as this.
    #[must_use]
    pub fn of_width(from: Timestamp, to: Timestamp) -> Self {
        Self { window: Some(Window::new(from, to)), ..Self::default() }
    }
    /// One that stays on this window.
    #[must_use]
    pub fn held_on(from: Timestamp, to: Timestamp) -> Self {
        Self { held: true, ..Self::of_width(from, to) }
    }
    /// The right edge is now.
    fn follows(&self, ctx: &Ctx<'_>) -> bool {
        !self.held && matches!(ctx.snapshot.phase, Phase::Live | Phase::Replay { .. })
    }
    /// The window on screen; `None` without data.
    #[must_use]
    pub fn window(&self, ctx: &Ctx<'_>) -> Option<Window> {
        let follows = self.follows(ctx);
        let columns = lanes::Geometry::of(ctx).columns;
        if let Some(window) = self.window {
            return Some(if follows { window.following(ctx.now(), columns) } else { window });
        }
        let (first, last) = (ctx.snapshot.first?, ctx.snapshot.last?);
        if follows {
            let now = ctx.now().max(last);
            // Steps, so that the picture does not shrink a little with every event.
            // A quarter may lie before the window: better than half of it empty.
            let width = FOLLOWED.into_iter().find(|width| *width * 4 >= (now - first) * 3).unwrap_or(FIRST_WINDOW);
            return Some(Window::new(now - width, now).following(now, columns));
        }
        if last - first <= FIRST_WINDOW {
            return Some(Window::around(first, last));
        }
        // The last day with something in a lane; boots alone would be an empty picture.
        let last = lanes::density(ctx).last().or(ctx.snapshot.density.last()).unwrap_or(last);
        Some(Window::around(first.max(last - FIRST_WINDOW), last))
    }
    /// Keeps the window as it is from now on.
    fn hold(&mut self, ctx: &Ctx<'_>, window: Window) {
        if self.follows(ctx) || self.window(ctx) != Some(window) {
            self.window = Some(window);
            self.held = true;
        }
    }
    /// Another width round the cursor. A view that follows goes on following.
    fn zoom(&mut self, ctx: &Ctx<'_>, window: Window, nearer: bool) {
        self.at = Some(self.at(ctx, window));
        self.window = Some(window.zoomed(self.at(ctx, window), nearer));
    }
    fn widen(&mut self, ctx: &Ctx<'_>, window: Window, width: Span) {
        let at = self.at(ctx, window);
        self.at = Some(at);
        self.window = Some(window.resized(at, width));
    }
    fn pan(&mut self, ctx: &Ctx<'_>, window: Window, by: Span, exact: bool) -> Vec<Effect> {
        let at = self.at(ctx, window);
        let moved = self.within(ctx, window, by, exact);
        if moved == window {
            return cursor::ends(ctx, by < Span::ZERO);
        }
        self.put(ctx, moved, at + (moved.from - window.from));
        self.focus = None;
        Vec::new()
    }
    fn end(&mut self, ctx: &Ctx<'_>, window: Window) {
        self.held = false;
        self.focus = None;
        self.picked = None;
        if !self.follows(ctx) {
            let last = ctx.snapshot.last.unwrap_or(window.to);
            let room = Span::ticks(window.width().as_ticks() / 48);
            self.window = Some(if window.contains(last) { window } else { window.ending(last + room) });
            self.at = Some(last);
        }
    }
    fn fit_session(&mut self, ctx: &Ctx<'_>, window: Window) -> Vec<Effect> {
        let under = self.under(ctx, window);
        let Some(visit) = under.visit.and_then(|id| ctx.snapshot.tables.visit(id)) else {
            return vec![Effect::Say("no session under the cursor: j and k go to the bars, ) to the next session".to_owned())];
        };
        self.focus = under.visit.map(Key::Visit);
        let end = visit.end_or(ctx.now());
        self.put(ctx, Window::around(visit.start, end), visit.start);
        self.lane = Some(self.tracks(ctx).of_visit(&visit));
        Vec::new()
    }
    fn solo(&mut self, ctx: &Ctx<'_>) -> Vec<Effect> {
        let Some(track) = self.track(ctx) else { return Vec::new() };
        self.lane = Some(track);
        self.choice.solo = if self.choice.solo.is_some() { None } else { Some(track) };
        let words = match self.choice.solo {
            Some(track) => format!("only {} (z o shows all lanes again)", self.tracks(ctx).words(track)),
            None => "all lanes".to_owned(),
        };
        vec![Effect::Say(words)]
    }
    fn fold(&mut self, ctx: &Ctx<'_>) -> Vec<Effect> {
        let Some(track) = self.track(ctx) else { return Vec::new() };
        self.lane = Some(track);
        self.focus = None;
        let words = self.tracks(ctx).words(track);
        let folded = !self.choice.folded.remove(&track) && self.choice.folded.insert(track);
        vec![Effect::Say(if folded { format!("{words} folded: z f unfolds it") } else { format!("{words} unfolded") })]
    }
}

impl View for Timeline {
    fn reach(&self, ctx: &Ctx<'_>) -> Option<(Timestamp, Timestamp)> {
        self.window(ctx).map(|window| (window.from, window.to))
    }
    fn set_reach(&mut self, from: Timestamp, to: Timestamp, _ctx: &Ctx<'_>) {
        self.window = Some(Window::new(from, to));
        self.held = true;
    }
    fn crumb(&self, ctx: &Ctx<'_>) -> String {
        match (self.choice.solo, self.by) {
            (Some(track), _) => format!("Timeline, {}", self.tracks(ctx).words(track)),
            (None, Some(by)) => format!("Timeline by {}", by.word()),
            (None, None) => "Timeline".to_owned(),
        }
    }
    fn context(&self) -> Context {
        Context::Timeline
    }
    fn update(&mut self, action: Action, ctx: &Ctx<'_>) -> Vec<Effect> {
        let Some(window) = self.window(ctx) else { return Vec::new() };
        let half = Span::ticks(window.width().as_ticks() / 2);
        let mut effects = Vec::new();
        if let Some(done) = self.brushing(action, ctx, window) {
            self.remember(ctx);
            return done;
        }
        match action {
            Action::CursorLeft => effects = self.step(ctx, window, -1),
            Action::CursorRight => effects = self.step(ctx, window, 1),
            Action::CursorUp => self.row(ctx, window, false),
            Action::CursorDown => self.row(ctx, window, true),
            Action::LaneNext => self.change_lane(ctx, 1),
            Action::LanePrev => self.change_lane(ctx, -1),
            Action::CursorHalfDown => self.change_lane(ctx, 4),
            Action::CursorHalfUp => self.change_lane(ctx, -4),
            Action::CursorPageDown => self.change_lane(ctx, isize::MAX),
            Action::CursorPageUp => self.change_lane(ctx, isize::MIN),
            Action::CursorFirst => {
                if let Some(first) = ctx.snapshot.first {
                    self.focus = None;
                    self.put(ctx, if window.contains(first) { window } else { window.moved(first - window.from) }, first);
                }
            }
            Action::CursorLast => self.end(ctx, window),
            Action::WindowStart => {
                self.focus = None;
                self.put(ctx, window, window.from);
            }
            Action::WindowEnd if self.follows(ctx) => {}
            Action::WindowEnd => {
                self.focus = None;
                self.put(ctx, window, window.to - Span::ticks(1));
            }
            Action::ZoomIn => self.zoom(ctx, window, true),
            Action::ZoomOut => self.zoom(ctx, window, false),
            Action::WindowDay => self.widen(ctx, window, Span::days(1)),
            Action::WindowHour => self.widen(ctx, window, Span::hours(1)),
            Action::WindowQuarter => self.widen(ctx, window, Span::minutes(15)),
            Action::WindowCentre => {
                let at = self.at(ctx, window);
                self.hold(ctx, window.centred(at));
                self.at = Some(at);
            }
            Action::FitAll => {
                if let (Some(first), Some(last)) = (ctx.snapshot.first, ctx.snapshot.last) {
                    let at = self.at(ctx, window);
                    self.put(ctx, Window::around(first, last), at);
                }
            }
            Action::FitSession => effects = self.fit_session(ctx, window),
            Action::PanLeft => effects = self.pan(ctx, window, half * -1, false),
            Action::PanRight if self.follows(ctx) => {}
            Action::PanRight => effects = self.pan(ctx, window, half, false),
            Action::DayPrev => effects = self.pan(ctx, window, Span::days(-1), true),
            Action::DayNext if self.follows(ctx) => {}
            Action::DayNext => effects = self.pan(ctx, window, Span::days(1), true),
            Action::LaneEventNext => effects = self.session_start(ctx, window, true),
            Action::LaneEventPrev => effects = self.session_start(ctx, window, false),
            Action::AnomalyNext => effects = self.anomaly(ctx, window, true),
            Action::AnomalyPrev => effects = self.anomaly(ctx, window, false),
            Action::LaneSolo => effects = self.solo(ctx),
            Action::LaneFold => effects = self.fold(ctx),
            Action::LaneGroup => effects = self.regroup(ctx),
            Action::TimeSelect => effects = self.select(ctx, window),
            Action::WindowRange => effects = vec![Effect::Say("no range is selected: v begins one at the cursor".to_owned())],
            Action::ReplayLoop if matches!(ctx.snapshot.phase, Phase::Replay { .. }) => {
                let words = "no loop: v selects a range, B loops it".to_owned();
                effects = vec![Effect::Engine(Command::Loop(None)), Effect::Say(words)];
            }
            Action::ReplayLoop => effects = vec![Effect::Say("only a replay can be looped: r starts one from the cursor".to_owned())],
            Action::NavOpen => effects = self.open(ctx, window),
            Action::PopupDismiss => {
                self.focus = None;
                self.picked = None;
                self.choice.solo = None;
            }
            _ => {}
        }
        effects.extend(self.ask(ctx, true));
        self.remember(ctx);
        effects
    }
    fn refresh(&mut self, ctx: &Ctx<'_>) -> Vec<Effect> {
        self.meet(ctx);
        let asked = self.ask(ctx, false);
        self.remember(ctx);
        asked
    }
    fn mouse(&mut self, mouse: crate::ui::mouse::Mouse, ctx: &Ctx<'_>) -> Vec<Effect> {
        self.pointed(mouse, ctx)
    }
    fn is_selecting(&self) -> bool {
        self.brush.is_some()
    }
    fn receive(&mut self, reply: &Reply, _ctx: &Ctx<'_>) {
        if let Reply::Grouped(grouped) = reply {
            self.take(grouped);
        }
    }
    fn go_to(&mut self, at: Timestamp, ctx: &Ctx<'_>) -> Option<Vec<Effect>> {
        let window = self.window(ctx)?;
        self.focus = None;
        self.put(ctx, window.centred(at), at);
        self.remember(ctx);
        Some(Vec::new())
    }
    fn finds(&self, ctx: &Ctx<'_>) -> Option<Scope> {
        self.scope(ctx)
    }
    fn found(&mut self, spot: &Spot, ctx: &Ctx<'_>) -> Vec<Effect> {
        self.point(&spot.thing, ctx);
        self.remember(ctx);
        Vec::new()
    }
    fn on_screen(&self, ctx: &Ctx<'_>) -> Vec<OnScreen> {
        self.bars_on_screen(ctx)
    }
    fn draw(&self, buffer: &mut Buffer, ctx: &Ctx<'_>) {
        if let Some(lines) = words::nothing(ctx) {
            words::draw_nothing(buffer, ctx, &lines);
            return;
        }
        let Some(window) = self.window(ctx) else { return };
        let scene = self.scene(ctx, window);
        if let Some(y) = scene.geometry.overview() {
            overview::draw(buffer, ctx, &scene, y);
        }
        let under = self.under(ctx, window);
        let tracks = self.tracks(ctx);
        draw::draw(buffer, &tracks, &scene, draw::Cursor { track: under.track, focus: self.focus, at: under.at });
        words::draw(buffer, &tracks, &scene, &under);
        if let Some(pane) = scene.geometry.details {
            details::draw(buffer, &tracks, &scene, &under, pane);
        }
        if let Some(range) = self.range(ctx, window) {
            brush::draw(buffer, ctx, &scene, range);
        }
    }
    fn selection(&self, ctx: &Ctx<'_>) -> Selection {
        self.selected(ctx)
    }
    fn target(&self, ctx: &Ctx<'_>) -> Option<Target> {
        let under = self.under(ctx, self.window(ctx)?);
        Some(match (self.focus, under.anomaly) {
            (Some(Key::Visit(id)), _) if self.picked.is_none() => Target::Visit(id),
            (_, Some(id)) => Target::Anomaly(id),
            (Some(Key::Visit(id)), None) => Target::Visit(id),
            _ => Target::Moment(under.at),
        })
    }
    fn sentence(&self, ctx: &Ctx<'_>) -> String {
        if let Some([why, next]) = words::nothing(ctx) {
            return format!("{why}: {next}");
        }
        let Some(window) = self.window(ctx) else { return String::new() };
        self.told(ctx, window).unwrap_or_else(|| words::sentence(&self.tracks(ctx), &self.under(ctx, window)))
    }
}

impl Timeline {
    fn question(&self, ctx: &Ctx<'_>, window: Window) -> Question {
        let looked_at = ctx.projection.map_or(usize::MAX, crate::store::projection::Projection::looked_at);
        Question {
            version: ctx.snapshot.version,
            now: ctx.now(),
            window,
            area: ctx.area,
            lane: self.track(ctx),
            focus: self.focus,
            choice: self.choice.clone(),
            by: self.by,
            grouped: self.grouped.as_ref().map(|grouped| (grouped.version, grouped.question)),
            options: [ctx.options.machine_accounts, ctx.options.built_in_accounts, ctx.options.empty_lanes, ctx.options.peek],
            // The projection of the filter before stays until the new one is there.
            filter: ctx.filter.map(|filter| (filter.key(), ctx.projection.map(|projection| projection.key.clone()), looked_at)),
        }
    }
    /// The picture of the window.
    fn scene(&self, ctx: &Ctx<'_>, window: Window) -> Arc<Scene> {
        let question = self.question(ctx, window);
        match &self.made {
            Some((made_of, scene)) if *made_of == question => Arc::clone(scene),
            _ => Arc::new(Scene::new(&self.tracks(ctx), window, (question.lane, self.focus), &self.choice, &self.kept)),
        }
    }
    /// Notes the row of every bar, so that it keeps it in the next frame.
    fn remember(&mut self, ctx: &Ctx<'_>) {
        if let Some(window) = self.window(ctx) {
            let scene = self.scene(ctx, window);
            self.kept = scene.kept(std::mem::take(&mut self.kept));
            self.made = Some((self.question(ctx, window), scene));
        }
    }
}
