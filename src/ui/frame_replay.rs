//! The replay bar: where in the recording the clock stands, how fast it runs.

use crate::base::text;
use crate::base::time::Span;
use crate::store::Phase;
use crate::ui::app::{App, SPEEDS, speed_text};
use crate::ui::frame::put_right;
use crate::ui::theme::Meaning;
use crate::ui::widget::put;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

pub(super) fn draw(app: &App, buffer: &mut Buffer, area: Rect) {
    let Phase::Replay { speed, position, events, .. } = app.newest.phase else { return };
    let (theme, glyphs) = (&app.scene.theme, app.scene.glyphs);
    let percent = position.min(events).saturating_mul(100).checked_div(events).unwrap_or(0);
    let mut rows = area.rows();
    if area.height >= 3
        && let Some(row) = rows.next()
    {
        for x in row.left()..row.right() {
            put(buffer, x, row.y, 1, glyphs.horizontal, theme.style(Meaning::Dim));
        }
    }
    let tail = format!(" {percent:>3}%  {} ", speed_text(speed));
    if let Some(row) = rows.next() {
        let head = format!(" {} ", app.scene.zone.clock(app.newest.now));
        let start = row.x + put(buffer, row.x, row.y, row.width, &head, theme.style(Meaning::Strong));
        let end = put_right(buffer, row, &tail, theme.style(Meaning::Strong));
        let cells = end.saturating_sub(start).saturating_sub(2);
        let at = u16::try_from(usize::from(cells.saturating_sub(1)) * percent / 100).unwrap_or(0);
        put(buffer, start, row.y, 1, glyphs.vertical, theme.style(Meaning::Dim));
        for cell in 0..cells {
            let (sign, meaning) = match cell.cmp(&at) {
                std::cmp::Ordering::Less => (glyphs.bar, Meaning::Open),
                std::cmp::Ordering::Equal => (glyphs.cursor_bar, Meaning::Strong),
                std::cmp::Ordering::Greater => (glyphs.horizontal, Meaning::Dim),
            };
            put(buffer, start + 1 + cell, row.y, 1, sign, theme.style(meaning));
        }
        put(buffer, end.saturating_sub(1), row.y, 1, glyphs.vertical, theme.style(Meaning::Dim));
    }
    if let Some(row) = rows.next() {
        let speeds: Vec<String> =
            SPEEDS.iter().map(|other| if *other == speed { format!("[{}]", speed_text(*other)) } else { speed_text(*other) }).collect();
        let elapsed = app.newest.first.map_or(Span::default(), |first| app.newest.now - first);
        let played = format!(
            " speed {}   event {} of {}   {} in",
            speeds.join(" "),
            text::count(position as u64),
            text::count(events as u64),
            elapsed.words()
        );
        put(buffer, row.x, row.y, row.width, &played, theme.style(Meaning::Text));
    }
}
