//! Jumps of the timeline: to the next session of a lane, to the next anomaly, to the one a replay stopped at.

use super::Timeline;
use super::bars::{self, Key};
use super::window::Window;
use crate::base::time::Timestamp;
use crate::engine::handle::Command;
use crate::model::ids::AnomalyId;
use crate::store::Phase;
use crate::ui::effect::Effect;
use crate::ui::view::Ctx;

/// Sessions and anomalies stepped over by a jump because of a filter.
const STEPPED: usize = 20_000;

impl Timeline {
    /// The next session that starts in the lane, or the one before.
    pub(super) fn session_start(&mut self, ctx: &Ctx<'_>, window: Window, forward: bool) -> Vec<Effect> {
        let Some(track) = self.track(ctx) else { return Vec::new() };
        let tables = &ctx.snapshot.tables;
        let mut at = match self.focus {
            Some(Key::Visit(id)) => tables.visit(id).map_or(self.at(ctx, window), |visit| visit.start),
            _ => self.at(ctx, window),
        };
        for _ in 0..STEPPED {
            let Some((start, id)) = self.tracks(ctx).start(track, at, forward) else { break };
            if tables.visit(id).is_some_and(|visit| bars::is_shown(ctx, id, &visit)) {
                self.put(ctx, window.showing(start), start);
                self.focus = Some(Key::Visit(id));
                return Vec::new();
            }
            at = start;
        }
        let which = if forward { "later" } else { "earlier" };
        let here = if self.by.is_some() { " in this window" } else { "" };
        vec![Effect::Say(format!("no session starts {which} in {}{here}", self.tracks(ctx).words(track)))]
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
        let track = self.tracks(ctx).of_anomaly(id);
        self.picked = Some(id);
        self.lane = track.or_else(|| self.track(ctx));
        if self.choice.solo.is_some() {
            self.choice.solo = self.lane;
        }
        let folded = self.lane.is_some_and(|lane| self.choice.folded.contains(&lane));
        let bar = self.visit_of(ctx, id, track).map(Key::Visit).or(track.map(|_| Key::Anomaly(id)));
        self.focus = bar.filter(|_| !folded);
    }
}
