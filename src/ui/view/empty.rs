//! A view that only says its name.

use super::{Ctx, Selection, View};
use crate::ui::action::{Action, Context};
use crate::ui::effect::Effect;
use crate::ui::theme::Meaning;
use crate::ui::widget::put;
use ratatui::buffer::Buffer;

pub struct Empty {
    title: &'static str,
}

impl Empty {
    pub const fn new(title: &'static str) -> Self {
        Self { title }
    }
}

impl View for Empty {
    fn crumb(&self, _ctx: &Ctx<'_>) -> String {
        self.title.to_owned()
    }
    fn context(&self) -> Context {
        Context::Table
    }
    fn update(&mut self, _action: Action, _ctx: &Ctx<'_>) -> Vec<Effect> {
        Vec::new()
    }
    fn draw(&self, buffer: &mut Buffer, ctx: &Ctx<'_>) {
        put(buffer, ctx.area.x + 1, ctx.area.y, ctx.area.width, self.title, ctx.theme.style(Meaning::Dim));
    }
    fn selection(&self, _ctx: &Ctx<'_>) -> Selection {
        Selection::default()
    }
    fn sentence(&self, _ctx: &Ctx<'_>) -> String {
        String::new()
    }
}
