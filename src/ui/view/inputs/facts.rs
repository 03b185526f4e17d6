//! What is known of one input, as lines of a label and words.

use super::super::gone;
use super::Ctx;
use crate::base::text;
use crate::export::losses;
use crate::model::coverage::Coverage;
use crate::model::input::{InputState, InputStatus};
use crate::store::Remembered;
use crate::ui::theme::Meaning;
use crate::ui::widget::{boxed, put, wrapped};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Logs of one input that are listed here; `report --what inputs` has all.
const LOGS: usize = 6;

#[derive(Debug)]
pub struct Fact {
    pub label: &'static str,
    pub words: String,
    pub meaning: Meaning,
}

/// `4,194,304 bytes, 61% read`.
fn bytes(input: &InputStatus) -> String {
    let all = format!("{} bytes", text::count(input.bytes));
    match input.state {
        InputState::Reading if input.bytes > 0 => {
            format!("{all}, {}% read", input.bytes_read.min(input.bytes).saturating_mul(100) / input.bytes)
        }
        _ => all,
    }
}

/// All but the records by event id; `logs` are those of the input.
pub fn of(input: &InputStatus, logs: &[Coverage], ctx: &Ctx<'_>) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut fact = |label, words: String, meaning| facts.push(Fact { label, words, meaning });
    fact("path", input.path.display().to_string(), Meaning::Strong);
    if let Some(problem) = &input.problem {
        fact("problem", problem.clone(), Meaning::Trouble);
    }
    if input.state == InputState::Failed {
        return facts;
    }
    fact("state", format!("{}, {}", input.state.word(), bytes(input)), Meaning::Text);
    if let Some(senders) = &input.senders {
        fact("senders", senders.clone(), Meaning::Text);
    }
    if let Some((words, meaning)) = history(ctx) {
        fact("history", words, meaning);
    }
    if let Some(words) = gone::sentence(ctx) {
        let events = &ctx.snapshot.tables.events;
        let waits = if ctx.snapshot.let_go.waits { "; reading waits until the history has more" } else { "" };
        let words = format!(
            "the newest {} of {} events; {words}{waits}",
            text::count((events.len() - events.first_kept()) as u64),
            text::count(events.len() as u64)
        );
        fact("memory", words, if ctx.snapshot.let_go.waits { Meaning::Trouble } else { Meaning::Text });
    }
    let shapes: Vec<String> = input.shapes.iter().map(|(shape, count)| format!("{shape} {}", text::count(*count))).collect();
    if !shapes.is_empty() {
        fact("shapes", shapes.join(", "), Meaning::Text);
    }
    if let (Some(first), Some(last)) = (input.first, input.last) {
        let words = format!("{} .. {}  ({})", ctx.date_time(first), ctx.date_time(last), (last - first).words());
        fact("times", words, Meaning::Text);
    }
    let mut records = format!("{} read, {} on the timeline", text::count(input.records), text::count(input.events));
    if input.other > 0 {
        records.push_str(&format!(", {} no logons", text::count(input.other)));
    }
    fact("records", records, Meaning::Text);
    let counted = losses::counted(input);
    if !counted.is_empty() {
        fact("besides", counted, Meaning::Text);
    }
    for note in losses::notes(input) {
        fact("note", note, Meaning::Trouble);
    }
    for (place, log) in logs.iter().filter(|log| log.records > 0).take(LOGS).enumerate() {
        let words = format!("{}  {}: {}", log.computer, log.channel, losses::numbers(log));
        fact(if place == 0 { "logs" } else { "" }, words, if log.missing().0 > 0 { Meaning::Trouble } else { Meaning::Text });
    }
    if logs.len() > LOGS {
        fact("", format!("+{} more logs", logs.len() - LOGS), Meaning::Dim);
    }
    facts
}

/// Where the run is remembered, and how that is switched off.
fn history(ctx: &Ctx<'_>) -> Option<(String, Meaning)> {
    let Remembered { path, problem, left, too_old } = ctx.snapshot.history.as_deref()?;
    if let Some(problem) = problem {
        return Some((problem.clone(), Meaning::Trouble));
    }
    let mut words = format!("{}; --no-history keeps none", path.display());
    for (number, what) in [(*left as u64, "events still to be written"), (*too_old, "older than what is kept ([history] keep_days)")] {
        if number > 0 {
            words.push_str(&format!("; {} {what}", text::count(number)));
        }
    }
    Some((text::clean(&words).into_owned(), Meaning::Text))
}

pub fn draw(buffer: &mut Buffer, area: Rect, input: &InputStatus, facts: &[Fact], ctx: &Ctx<'_>) {
    let inner = boxed(buffer, area, &input.name(), false, ctx.glyphs, ctx.theme.style(Meaning::Dim));
    let cells = usize::from(inner.width.saturating_sub(11));
    let mut lines: Vec<(&str, String, Meaning)> = Vec::new();
    for Fact { label, words, meaning } in facts {
        // Columns of figures keep their blanks.
        let broken = if words.starts_with(' ') || text::width(words) <= cells { vec![words.clone()] } else { wrapped(words, cells) };
        for (place, line) in broken.into_iter().enumerate() {
            lines.push((if place == 0 { label } else { "" }, line, *meaning));
        }
    }
    for (row, (label, words, meaning)) in inner.rows().zip(&lines) {
        put(buffer, row.x + 1, row.y, 8, label, ctx.theme.style(Meaning::Dim));
        put(buffer, row.x + 10, row.y, row.width.saturating_sub(11), words, ctx.theme.style(*meaning));
    }
    if lines.len() > usize::from(inner.height) && inner.height > 0 {
        let more = format!(" +{} more ", lines.len() - usize::from(inner.height));
        let (y, cells) = (area.bottom().saturating_sub(1), inner.width.saturating_sub(11));
        put(buffer, inner.x + 10, y, cells, &more, ctx.theme.style(Meaning::Dim));
    }
}
