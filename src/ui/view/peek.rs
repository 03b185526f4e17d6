//! The details of the row under the cursor, beside the list on wide screens or under it.
//!
//! From `WIDE` columns on the pane opens by itself and stays; elsewhere `o` opens it.

use super::{Ctx, WIDE, words};
use crate::model::event::Outcome;
use crate::model::ids::EventId;
use crate::ui::theme::Meaning;
use crate::ui::widget::pairs::{self, Pair};
use crate::ui::widget::table::Look;
use crate::ui::widget::{boxed, put};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Cells of the pane beside a list.
const BESIDE: u16 = 62;
/// Rows of the pane under a list, at most, and the least that the list keeps.
const UNDER: u16 = 14;
const LIST: u16 = 6;
/// Cells of the labels.
const LABEL: u16 = 12;

pub struct Parts {
    pub list: Rect,
    pub details: Option<Rect>,
}

/// The list below the heading, and the pane where there is one.
#[must_use]
pub fn parts(ctx: &Ctx<'_>) -> Parts {
    let area = Rect { y: ctx.area.y.saturating_add(1), height: ctx.area.height.saturating_sub(1), ..ctx.area };
    if !ctx.peeks() {
        return Parts { list: area, details: None };
    }
    if area.width >= WIDE {
        let list = Rect { width: area.width - BESIDE - 1, ..area };
        return Parts { list, details: Some(Rect { x: list.right() + 1, width: BESIDE, ..area }) };
    }
    let under = UNDER.min(area.height.saturating_sub(LIST));
    if under < 4 {
        return Parts { list: area, details: None };
    }
    let list = Rect { height: area.height - under, ..area };
    Parts { list, details: Some(Rect { y: list.bottom(), height: under, ..area }) }
}

/// The events under what is known, newest first.
pub struct Newest<'a> {
    pub title: &'static str,
    /// At most so many of them.
    pub events: &'a dyn Fn(usize) -> Vec<EventId>,
}

/// Draws the pane: what is known, and below it events.
pub fn draw(buffer: &mut Buffer, area: Rect, title: &str, known: &[Pair], newest: &Newest<'_>, ctx: &Ctx<'_>) {
    let inside = boxed(buffer, area, title, false, ctx.glyphs, ctx.theme.style(Meaning::Dim));
    let inside = Rect { x: inside.x + 1, width: inside.width.saturating_sub(2), ..inside };
    let look = Look { theme: ctx.theme, glyphs: ctx.glyphs, focus: false };
    // A low pane shows both halves beside each other.
    let (left, right) = if inside.width >= 100 {
        let left = Rect { width: inside.width / 2 - 1, ..inside };
        (left, Rect { x: left.right() + 2, width: inside.width - left.width - 2, ..inside })
    } else {
        let room = usize::from(inside.width.saturating_sub(LABEL));
        let lines: usize = known.iter().map(|pair| pairs::fold(&pair.words, room).len()).sum();
        let height = u16::try_from(lines).unwrap_or(u16::MAX).min(inside.height);
        let left = Rect { height, ..inside };
        (left, Rect { y: left.bottom().saturating_add(1), height: inside.height.saturating_sub(height + 1), ..inside })
    };
    pairs::draw(buffer, left, known, LABEL, 0, look);
    let Some(lines) = right.height.checked_sub(1) else { return };
    let events = (newest.events)(usize::from(lines));
    if events.is_empty() {
        return;
    }
    put(buffer, right.x, right.y, right.width, newest.title, ctx.theme.style(Meaning::Dim));
    for (y, id) in (right.y + 1..right.bottom()).zip(events) {
        let Some(row) = ctx.snapshot.tables.event(id) else { continue };
        let event = &row.event;
        let failed = event.outcome == Outcome::Failure;
        let what = words::outcome(event, ctx.glyphs.failure).text;
        let who = [words::account(row.account, ctx), words::host(row.host, ctx), words::source(row.source, ctx)];
        let line =
            format!("{} {:>5} {:>5} {}  {what}", ctx.day_clock(event.at), words::event_id(event), words::lane_code(event), who.join(" "));
        put(buffer, right.x, y, right.width, &line, ctx.theme.style(if failed { Meaning::Failure } else { Meaning::Text }));
    }
}
