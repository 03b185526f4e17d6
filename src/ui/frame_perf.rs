//! The timing overlay: over the right end of the view, while it is on.

use crate::ui::app::App;
use crate::ui::frame_popup::window;
use crate::ui::layout::Layout;
use crate::ui::theme::Meaning;
use crate::ui::widget::put;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

pub(super) fn draw(app: &App, buffer: &mut Buffer, layout: &Layout) {
    if !app.perf.is_shown {
        return;
    }
    let (view, theme) = (layout.view, &app.scene.theme);
    let lines = app.perf.lines(&app.newest);
    let height = u16::try_from(lines.len()).unwrap_or(0).saturating_add(2).min(view.height);
    let width = 46.min(view.width);
    let inner = window(app, buffer, Rect::new(view.right().saturating_sub(width), view.y, width, height), "timing");
    for (row, (word, told)) in inner.rows().zip(lines) {
        put(buffer, row.x + 1, row.y, 9.min(row.width), word, theme.style(Meaning::Dim));
        put(buffer, row.x.saturating_add(10), row.y, row.width.saturating_sub(11), &told, theme.style(Meaning::Text));
    }
}
