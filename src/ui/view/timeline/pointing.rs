//! The mouse on the timeline: a click puts the cursor on a moment, a lane, a bar; again it opens. The wheel zooms where the
//! pointer is, dragging selects a range.

use super::Timeline;
use super::bars::{Item, Key};
use super::lanes::{Line, Scene};
use super::track::Track;
use super::window::Window;
use crate::base::time::Timestamp;
use crate::ui::action::Action;
use crate::ui::effect::Effect;
use crate::ui::mouse::{Gesture, Mouse};
use crate::ui::view::{Ctx, View as _};
use ratatui::layout::Position;

/// The column of time at a place of the screen; none on the heads of the lanes.
fn column(scene: &Scene, at: Position) -> Option<u16> {
    let column = at.x.checked_sub(scene.geometry.x(0))?;
    (column < scene.geometry.columns).then_some(column)
}

/// Cells behind a bar that its label may have where it has no room inside.
const LABEL: u16 = 20;

/// The lane of a row of the screen, and the bar or note at the column or with its label there, with its own column.
fn thing(scene: &Scene, at: Position) -> Option<(Track, Option<(Key, u16)>)> {
    let (top, height) = scene.geometry.body();
    let line = at.y.checked_sub(top).filter(|line| *line < height)?;
    match scene.lines.get(usize::from(line))? {
        Line::Density(place) => Some((scene.lanes.get(*place)?.track, None)),
        Line::Bars(place, row) => {
            let lane = scene.lanes.get(*place)?;
            let items = lane.rows.get(*row)?;
            let found = column(scene, at).and_then(|column| {
                let here = items.iter().find(|item| item.from <= column && column <= item.to);
                let label = || items.iter().rev().find(|item| item.to < column && column - item.to <= LABEL);
                here.or_else(label).map(|item: &Item| (item.key(), column.min(item.to)))
            });
            Some((lane.track, found))
        }
        Line::Separator => None,
    }
}

impl Timeline {
    pub(super) fn pointed(&mut self, mouse: Mouse, ctx: &Ctx<'_>) -> Vec<Effect> {
        let Some(window) = self.window(ctx) else { return Vec::new() };
        let scene = self.scene(ctx, window);
        let moment = column(&scene, mouse.at).map(|column| window.middle_of(i64::from(column), scene.geometry.columns));
        match mouse.gesture {
            Gesture::Press => return self.click(mouse.at, moment, &scene, window, ctx),
            Gesture::Drag => {
                let Some(moment) = moment else { return Vec::new() };
                let columns = scene.geometry.columns;
                if self.brush.is_none() && window.column(self.at(ctx, window), columns) != window.column(moment, columns) {
                    self.select(ctx, window);
                }
                if self.brush.is_some() {
                    self.put(ctx, window, moment);
                }
            }
            Gesture::WheelUp | Gesture::WheelDown => {
                if let Some(moment) = moment.filter(|_| !self.follows(ctx)) {
                    self.at = Some(moment);
                    self.focus = None;
                }
                return self.update(if mouse.gesture == Gesture::WheelUp { Action::ZoomIn } else { Action::ZoomOut }, ctx);
            }
            Gesture::Release => {}
        }
        self.remember(ctx);
        Vec::new()
    }
    fn click(&mut self, at: Position, moment: Option<Timestamp>, scene: &Scene, window: Window, ctx: &Ctx<'_>) -> Vec<Effect> {
        let (was, now) = ((self.track(ctx), self.focus), thing(scene, at));
        let is_axis = at.y == scene.geometry.axis();
        if now.is_none() && !is_axis {
            return Vec::new();
        }
        self.brush = None;
        let mut moment = moment;
        if let Some((track, found)) = now {
            let key = found.map(|(key, _)| key);
            // What is under the cursor opens.
            if key.is_some() && was == (Some(track), key) {
                return self.update(Action::NavOpen, ctx);
            }
            self.lane = Some(track);
            self.focus = key;
            moment = found.map(|(_, column)| window.middle_of(i64::from(column), scene.geometry.columns)).or(moment);
        }
        if let Some(moment) = moment {
            self.put(ctx, window, moment);
        }
        self.remember(ctx);
        Vec::new()
    }
}
