//! The mouse where equal events are one line.

use super::Events;
use crate::ui::effect::Effect;
use crate::ui::mouse::{Gesture, Mouse};
use crate::ui::view::{Ctx, peek};
use crate::ui::widget::table::{Hit, Table};

impl Events {
    pub(super) fn mouse_in_groups(&mut self, mouse: Mouse, ctx: &Ctx<'_>) -> Vec<Effect> {
        let area = peek::parts(ctx).list;
        let columns = self.columns(ctx);
        let Some(grouped) = &mut self.grouped else { return Vec::new() };
        if let Some(action) = mouse.wheel() {
            for _ in 0..3 {
                grouped.update(action, Self::height(ctx), ctx);
            }
            self.follow = grouped.is_last(ctx);
            return Vec::new();
        }
        let (lines, on) = grouped.window(Self::height(ctx), ctx);
        match Table::default().hit(&columns, lines.len(), area, mouse.at) {
            Some(Hit::Head(column)) if mouse.gesture == Gesture::Press => return self.sort(Some(column), ctx),
            Some(Hit::Row(row, column)) => {
                let (Some(line), here) = (lines.get(row), row == on && !grouped.selects()) else { return Vec::new() };
                match mouse.gesture {
                    Gesture::Press => {
                        grouped.unselect();
                        grouped.go_line(*line);
                        self.table.column = column.unwrap_or(self.table.column);
                        self.follow = grouped.is_last(ctx);
                        if here {
                            return self.open(ctx);
                        }
                    }
                    Gesture::Drag if row != on || grouped.selects() => {
                        if let Some(from) = lines.get(on) {
                            grouped.select_from(*from);
                        }
                        grouped.go_line(*line);
                    }
                    _ => {}
                }
            }
            _ => {}
        }
        Vec::new()
    }
}
