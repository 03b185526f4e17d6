//! The flat list of events, newest at the end; with a filter, those that it lets through.
//!
//! It is an index into the snapshot and is never copied or sorted: events stand in the order in which they came. While
//! the cursor is on the last row it follows the stream.

use super::rows::{event_cell, event_columns, event_selection};
use super::{Ctx, Selection, View, words};
use crate::base::text;
use crate::base::time::Timestamp;
use crate::model::ids::EventId;
use crate::ui::action::{Action, Context};
use crate::ui::effect::{Effect, Place};
use crate::ui::find::scope::{OnScreen, Scope, Spot, Thing};
use crate::ui::marks::{Target, marked};
use crate::ui::theme::Meaning;
use crate::ui::widget::put;
use crate::ui::widget::table::{Cell, Done, Look, Table};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

pub struct Events {
    table: Table,
    /// The cursor keeps to the end as the list grows.
    follow: bool,
}

impl Default for Events {
    fn default() -> Self {
        Self { table: Table::default(), follow: true }
    }
}

fn len(ctx: &Ctx<'_>) -> usize {
    ctx.projection.map_or(ctx.snapshot.tables.events.len(), |projection| projection.events.len())
}

fn id(row: usize, ctx: &Ctx<'_>) -> Option<EventId> {
    match ctx.projection {
        Some(projection) => projection.events.get(row).copied(),
        None => (row < ctx.snapshot.tables.events.len()).then(|| EventId::new(row)),
    }
}

fn below(ctx: &Ctx<'_>) -> Rect {
    Rect { y: ctx.area.y.saturating_add(1), height: ctx.area.height.saturating_sub(1), ..ctx.area }
}

impl Events {
    fn under(&self, ctx: &Ctx<'_>) -> Option<EventId> {
        id(self.table.cursor.min(len(ctx).checked_sub(1)?), ctx)
    }
    fn why_empty(ctx: &Ctx<'_>) -> String {
        match ctx.snapshot.tables.events.len() {
            0 => "no events yet: the inputs view (8) says what was read".to_owned(),
            all => format!("the filter hides all {} events; u takes the last filter change back", text::count(all as u64)),
        }
    }
}

impl View for Events {
    fn crumb(&self, _ctx: &Ctx<'_>) -> String {
        "Events".to_owned()
    }
    fn context(&self) -> Context {
        Context::Table
    }
    fn update(&mut self, action: Action, ctx: &Ctx<'_>) -> Vec<Effect> {
        let columns = event_columns(ctx.area.width);
        match self.table.update(action, columns, len(ctx), below(ctx)) {
            Done::Ignored if action == Action::NavOpen => {
                return self.under(ctx).map(|id| Effect::Open(Place::Event(id))).into_iter().collect();
            }
            Done::Ignored => {}
            Done::Sorted => {
                self.table.sort = None;
                self.table.reverse = false;
                return vec![Effect::Say("events stand in the order of their time; narrow them with i, x or /".to_owned())];
            }
            Done::Moved => self.follow = self.table.cursor + 1 >= len(ctx),
        }
        Vec::new()
    }
    fn go_to(&mut self, at: Timestamp, ctx: &Ctx<'_>) -> Option<Vec<Effect>> {
        // Events stand nearly in the order of their time: halving finds the place to within the late ones.
        let (mut low, mut high) = (0, len(ctx));
        while low < high {
            let middle = low + (high - low) / 2;
            let before = id(middle, ctx).and_then(|id| ctx.snapshot.tables.event(id)).is_some_and(|row| row.event.at < at);
            if before { low = middle + 1 } else { high = middle }
        }
        self.table.go(low, len(ctx));
        self.follow = false;
        Some(Vec::new())
    }
    fn finds(&self, _ctx: &Ctx<'_>) -> Option<Scope> {
        Some(Scope::Events { at: self.table.cursor })
    }
    fn found(&mut self, spot: &Spot, ctx: &Ctx<'_>) -> Vec<Effect> {
        self.table.show(spot.line, len(ctx), below(ctx));
        self.follow = false;
        Vec::new()
    }
    fn on_screen(&self, ctx: &Ctx<'_>) -> Vec<OnScreen> {
        OnScreen::rows(&self.table, len(ctx), below(ctx), |row| id(row, ctx).map(Thing::Event))
    }
    fn refresh(&mut self, ctx: &Ctx<'_>) -> Vec<Effect> {
        if self.follow {
            self.table.update(Action::CursorLast, event_columns(ctx.area.width), len(ctx), below(ctx));
        }
        Vec::new()
    }
    fn draw(&self, buffer: &mut Buffer, ctx: &Ctx<'_>) {
        let (area, shown, all) = (ctx.area, len(ctx), ctx.snapshot.tables.events.len());
        let following = if self.follow { "   following the end" } else { "" };
        let heading = format!("{} of {} events shown{following}", text::count(shown as u64), text::count(all as u64));
        put(buffer, area.x + 1, area.y, area.width.saturating_sub(1), &heading, ctx.theme.style(Meaning::Dim));
        let look = Look { theme: ctx.theme, glyphs: ctx.glyphs, focus: true };
        self.table.draw(buffer, below(ctx), event_columns(area.width), shown, look, |row, column| {
            id(row, ctx).map_or_else(|| Cell::text(""), |id| event_cell(id, column, ctx))
        });
        marked::signs(buffer, below(ctx), &self.table, shown, look, ctx, |row| id(row, ctx).map(Target::Event));
        if shown == 0 {
            put(buffer, area.x + 2, area.y + 3, area.width.saturating_sub(2), &Self::why_empty(ctx), ctx.theme.style(Meaning::Text));
        }
    }
    fn selection(&self, ctx: &Ctx<'_>) -> Selection {
        let column = event_columns(ctx.area.width).get(self.table.column).map(|column| column.key);
        self.under(ctx).map_or_else(Selection::default, |id| event_selection(id, column, ctx))
    }
    fn target(&self, ctx: &Ctx<'_>) -> Option<Target> {
        self.under(ctx).map(Target::Event)
    }
    fn sentence(&self, ctx: &Ctx<'_>) -> String {
        self.under(ctx).map_or_else(|| Self::why_empty(ctx), |id| words::event_sentence(id, ctx))
    }
}
