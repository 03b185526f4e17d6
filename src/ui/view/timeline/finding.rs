//! What can be found on the timeline: sessions by their start, anomalies by their time, in every lane that is shown.

use super::Timeline;
use super::bars::{Key, Shape};
use super::lanes::Line;
use super::track::Track;
use crate::model::ids::AnomalyId;
use crate::ui::find::scope::{OnScreen, Scope, Thing};
use crate::ui::marks::Target;
use crate::ui::view::Ctx;
use ratatui::layout::Rect;

impl Timeline {
    pub(super) fn scope(&self, ctx: &Ctx<'_>) -> Option<Scope> {
        let window = self.window(ctx)?;
        let under = self.under(ctx, window);
        let anomaly = |id: AnomalyId| Some((ctx.snapshot.marks.place(id)?.1, Thing::One(Target::Anomaly(id))));
        // What the cursor was put on, not what happens to lie in its column.
        let on = match (self.picked, self.focus) {
            (Some(id), _) | (None, Some(Key::Anomaly(id))) => anomaly(id),
            (None, Some(Key::Visit(id))) => ctx.snapshot.tables.visit(id).map(|visit| (visit.start, Thing::One(Target::Visit(id)))),
            (None, None | Some(Key::More)) => None,
        };
        let (at, on) = on.map_or((under.at, None), |(at, thing)| (at, Some(thing)));
        let lane = match self.choice.solo {
            Some(Track::Lane(lane)) => Some(lane),
            _ => None,
        };
        Some(Scope::Time { at, on, lane })
    }
    /// Puts the cursor on a session or an anomaly.
    pub(super) fn point(&mut self, thing: &Thing, ctx: &Ctx<'_>) {
        match thing {
            Thing::One(Target::Anomaly(id)) => {
                self.show(ctx, *id);
            }
            Thing::One(Target::Visit(id)) => {
                if let (Some(visit), Some(window)) = (ctx.snapshot.tables.visit(*id), self.window(ctx)) {
                    self.put(ctx, window.showing(visit.start), visit.start);
                    self.lane = Some(self.tracks(ctx).of_visit(&visit));
                    self.focus = Some(Key::Visit(*id));
                }
            }
            _ => {}
        }
    }
    /// Bars and notes with their cells; texts of the words below too.
    pub(super) fn bars_on_screen(&self, ctx: &Ctx<'_>) -> Vec<OnScreen> {
        let Some(window) = self.window(ctx) else { return Vec::new() };
        let scene = self.scene(ctx, window);
        let (top, height) = scene.geometry.body();
        let mut parts = vec![OnScreen::all(Rect { y: top, height, width: scene.geometry.left, ..ctx.area })];
        for (line, y) in scene.lines.iter().zip(top..top.saturating_add(height)) {
            let Line::Bars(lane, row) = line else { continue };
            let items = scene.lanes.get(*lane).and_then(|lane| lane.rows.get(*row)).into_iter().flatten();
            parts.extend(items.flat_map(|item| {
                let (from, to) = (scene.geometry.x(item.from), scene.geometry.x(item.to));
                let area = Rect { x: from, y, width: to.saturating_sub(from).saturating_add(1), height: 1 };
                let things = match &item.shape {
                    // Several sessions in one bar: it is marked when one of them matches.
                    Shape::Bar(bar) => bar.members.iter().take(LOOKED).map(|id| Thing::One(Target::Visit(*id))).collect(),
                    Shape::Note(note) => vec![Thing::One(Target::Anomaly(note.anomaly))],
                };
                things.into_iter().map(move |thing| OnScreen::of(thing, area))
            }));
        }
        parts
    }
}

/// Sessions of one bar that are looked at.
const LOOKED: usize = 8;
