//! What is wrong with one input: gaps, log clears, clocks that went back, places that could not be read.

use super::{Ctx, words};
use crate::base::text;
use crate::export::losses;
use crate::model::coverage::Coverage;
use crate::model::input::{InputState, InputStatus};
use crate::ui::theme::Meaning;
use crate::ui::widget::table::{Cell, Column, Look, Table};
use crate::ui::widget::{boxed, put};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

#[derive(Clone, Copy, Debug)]
pub enum By {
    Kind,
    Place,
    What,
}

pub const COLUMNS: &[Column<By>] =
    &[Column::new(By::Kind, "what", 10), Column::new(By::Place, "place", 20), Column::new(By::What, "why", 14).grow(1)];

/// One thing that is wrong.
#[derive(Debug)]
pub struct Wrong {
    kind: &'static str,
    place: String,
    what: String,
    /// All of it, for the row of messages.
    pub sentence: String,
}

/// `logs` are those of the input. Gaps and clears come first: they may be somebody's work.
pub fn of(input: &InputStatus, logs: &[Coverage], ctx: &Ctx<'_>) -> Vec<Wrong> {
    let names = &ctx.snapshot.names;
    let mut all = Vec::new();
    for log in logs {
        let name = format!("{} {}", log.computer, log.channel);
        for (_, clear) in log.clears.iter().filter(|(told, _)| *told == input.id) {
            let who = losses::who(clear, names);
            all.push(Wrong {
                kind: "cleared",
                place: words::moment(Some(clear.at), ctx),
                what: if who.is_empty() { log.channel.clone() } else { format!("{} by {who}", log.channel) },
                sentence: format!("{name}: {}", losses::clear(clear, names, ctx.zone)),
            });
        }
        for gap in log.gaps() {
            all.push(Wrong {
                kind: "gap",
                place: format!("{}..{}", text::count(gap.first), text::count(gap.last)),
                what: format!("{} records, to {}", text::count(gap.missing()), words::moment(Some(gap.before), ctx)),
                sentence: format!("{name}: {}", losses::gap(gap, log, names, ctx.zone)),
            });
        }
        for step in &log.steps {
            all.push(Wrong {
                kind: "clock back",
                place: format!("record {}", text::count(step.record)),
                what: format!("{} at {}", step.by().words(), words::moment(Some(step.from), ctx)),
                sentence: format!("{name}: {}", losses::step(step, ctx.zone)),
            });
        }
    }
    for place in input.places.all() {
        let at = losses::place(&place.at);
        all.push(Wrong {
            kind: place.kind.word(),
            sentence: format!("{at}: {}", place.at.reason),
            place: at,
            what: place.at.reason.clone(),
        });
    }
    all
}

/// `wrong` is what there is, the list and whether keys go to it.
pub fn draw(buffer: &mut Buffer, area: Rect, input: &InputStatus, wrong: (&[Wrong], &Table, bool), ctx: &Ctx<'_>) {
    let (all, list, focus) = wrong;
    let title = match all.len() {
        _ if input.state == InputState::Failed => "not read: all of it".to_owned(),
        0 => "wrong: nothing".to_owned(),
        listed => format!("wrong: {}", text::count(listed as u64)),
    };
    let inner = boxed(buffer, area, &title, focus, ctx.glyphs, ctx.theme.style(Meaning::Dim));
    if all.is_empty() {
        let words = match input.state {
            InputState::Failed => "the input could not be opened; F5 tries again",
            _ => "every record could be read; no record number is missing",
        };
        put(buffer, inner.x + 1, inner.y, inner.width.saturating_sub(2), words, ctx.theme.style(Meaning::Text));
        return;
    }
    let look = Look { theme: ctx.theme, glyphs: ctx.glyphs, focus };
    list.draw(buffer, inner, COLUMNS, all.len(), look, |row, column| match (all.get(row), column) {
        (Some(wrong), By::Kind) => Cell::text(wrong.kind),
        (Some(wrong), By::Place) => Cell::text(wrong.place.clone()),
        (Some(wrong), By::What) => Cell::text(wrong.what.clone()),
        (None, _) => Cell::text(""),
    });
}
