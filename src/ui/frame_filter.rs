//! The filter row, and the bar while a filter is typed: completions at the left, what it would leave at the right.

use crate::base::text;
use crate::base::time::Span;
use crate::model::lane::Lane;
use crate::ui::app::{App, FilterPrompt, Goal, Prompt};
use crate::ui::frame::put_right;
use crate::ui::layout::Layout;
use crate::ui::prompt::recent;
use crate::ui::theme::Meaning;
use crate::ui::view::gone;
use crate::ui::widget::{boxed, put, wrapped};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

const LABEL: &str = " filter> ";
const FIND: &str = " find> ";

/// Row 3: the filter in force and how much it hides, or the text being typed; crumbs at the right.
pub(super) fn row(app: &App, buffer: &mut Buffer, layout: &Layout) -> Option<Position> {
    let (row, theme) = (layout.filter, &app.scene.theme);
    let prompt = if let Some(Prompt::Filter(prompt)) = &app.prompt { Some(prompt) } else { None };
    let prompt = prompt.filter(|prompt| !prompt.goal.is_words());
    let label = if prompt.is_some_and(|prompt| prompt.goal == Goal::Find) { FIND } else { LABEL };
    let start = row.x + put(buffer, row.x, row.y, row.width, label, theme.style(Meaning::Text));
    if let Some(prompt) = prompt {
        return Some(typed(app, prompt, buffer, Rect { x: start, width: row.right().saturating_sub(start), ..row }));
    }
    let filter = &app.scene.filter;
    let words = match (filter.text(), filter.is_off()) {
        ("", _) => "(none)".to_owned(),
        (text, false) => text.to_owned(),
        (text, true) => format!("(off) {text}"),
    };
    let meaning = if filter.in_force().is_some() { Meaning::Strong } else { Meaning::Dim };
    let crumbs = crumbs(app, layout);
    let crumb_cells = u16::try_from(text::width(&crumbs)).unwrap_or(u16::MAX);
    let hidden = hidden(app, layout.wide).map(|words| format!("   {words}")).unwrap_or_default();
    let hidden_cells = u16::try_from(text::width(&hidden)).unwrap_or(u16::MAX);
    // The filter comes first, then what it hides; the crumbs have what is left.
    let room = row.right().saturating_sub(start);
    let least = room / 2;
    let words_room = room.saturating_sub(hidden_cells).saturating_sub((crumb_cells + 2).min(least));
    let mut x = start + put(buffer, start, row.y, words_room, &words, theme.style(meaning));
    x += put(buffer, x, row.y, row.right().saturating_sub(x), &hidden, theme.style(Meaning::Text));
    let rest = Rect { x: (x + 2).min(row.right()), width: row.right().saturating_sub(x + 2), ..row };
    if rest.width >= 6 {
        let shown = cut_left(&crumbs, usize::from(rest.width));
        put_right(buffer, rest, &shown, theme.style(Meaning::Dim));
    }
    None
}

/// `hidden 18,399 of 18,402`.
fn hidden(app: &App, wide: bool) -> Option<String> {
    app.scene.filter.in_force()?;
    let events = app.scene.snapshot.in_memory(None);
    let Some(projection) = &app.scene.projection else { return Some("counting".to_owned()) };
    let looked_at = projection.looked_at().saturating_sub(app.scene.snapshot.first_place(None)).min(events);
    let hidden = text::count(looked_at.saturating_sub(app.scene.snapshot.in_memory(Some(projection))) as u64);
    let all = text::count(events as u64);
    let sign = if looked_at < events { "~" } else { "" };
    let newest = if app.scene.snapshot.let_go.events > 0 { "the newest " } else { "" };
    Some(if wide { format!("hidden {sign}{hidden} of {newest}{all}") } else { format!("hidden {sign}{hidden}") })
}

/// Places from the first to the one on screen, at most the last four.
fn crumbs(app: &App, layout: &Layout) -> String {
    let ctx = app.scene.ctx(layout.view);
    let mut words: Vec<String> = app.nav.trail().map(|view| text::clean(&view.crumb(&ctx)).into_owned()).collect();
    if words.len() > 4 {
        let cut = words.len() - 4;
        words.drain(..cut);
        words.insert(0, "..".to_owned());
    }
    words.join(" / ") + " "
}

/// The end of a text, with `..` for what is cut before it.
fn cut_left(words: &str, cells: usize) -> String {
    if text::width(words) <= cells {
        return words.to_owned();
    }
    let mut rest = words;
    while text::width(rest) + 2 > cells {
        let mut letters = rest.chars();
        if letters.next().is_none() {
            break;
        }
        rest = letters.as_str();
    }
    format!("..{rest}")
}

/// The text being typed, scrolled so that the cursor is seen, the place of an error marked.
fn typed(app: &App, prompt: &FilterPrompt, buffer: &mut Buffer, row: Rect) -> Position {
    let theme = &app.scene.theme;
    let letters: Vec<char> = prompt.field.text().chars().collect();
    let cells = usize::from(row.width.saturating_sub(1));
    let cursor = prompt.field.cursor();
    let first = cursor.saturating_sub(cells.saturating_sub(1));
    let wrong = prompt.error.as_ref().map(|error| error.column.saturating_sub(1));
    let mut x = row.x;
    let mut at = row.x;
    for (place, c) in letters.iter().enumerate().skip(first) {
        if place == cursor {
            at = x;
        }
        let meaning = if wrong.is_some_and(|wrong| place >= wrong) { Meaning::Failure } else { Meaning::Strong };
        x += put(buffer, x, row.y, row.right().saturating_sub(x), &c.to_string(), theme.style(meaning));
    }
    if cursor >= letters.len() {
        at = x;
    }
    Position::new(at.min(row.right().saturating_sub(1)), row.y)
}

/// Completions on screen, and the first of them.
fn listed(layout: &Layout, prompt: &FilterPrompt) -> (u16, usize) {
    let choices = u16::try_from(prompt.completions.len()).unwrap_or(u16::MAX);
    let list = if layout.wide { choices.clamp(4, 8) } else { choices.clamp(1, 4) };
    (list, prompt.chosen.saturating_sub(usize::from(list).saturating_sub(1)))
}

/// The completion at a place of the screen.
pub(super) fn hit(layout: &Layout, prompt: &FilterPrompt, at: Position) -> Option<usize> {
    let (list, first) = listed(layout, prompt);
    let row = at.y.checked_sub(layout.view.y.saturating_add(1)).filter(|row| *row < list)?;
    let width = if layout.wide { layout.view.width * 3 / 5 } else { layout.view.width };
    let place = first + usize::from(row);
    (at.x > layout.view.x && at.x < layout.view.x + width && place < prompt.completions.len()).then_some(place)
}

/// The boxes under the row while a filter is typed.
pub(super) fn open(app: &App, buffer: &mut Buffer, layout: &Layout) {
    let Some(Prompt::Filter(prompt)) = &app.prompt else { return };
    if prompt.goal.is_words() {
        return;
    }
    let theme = &app.scene.theme;
    let view = layout.view;
    let (list, first) = listed(layout, prompt);
    let height = (list + 5).min(view.height);
    let area = Rect { height, ..view };
    for row in area.rows() {
        for x in row.left()..row.right() {
            if let Some(cell) = buffer.cell_mut((x, row.y)) {
                cell.reset();
                cell.set_style(theme.style(Meaning::Text));
            }
        }
    }
    let left = Rect { width: if layout.wide { area.width * 3 / 5 } else { area.width }, ..area };
    let word = match (prompt.searching.is_some(), prompt.completions.is_empty()) {
        (true, true) => "no earlier line holds this",
        (true, false) => "earlier lines: Enter takes, Ctrl-r the one before",
        (false, true) => "no completion",
        (false, false) => "Tab takes, Up/Down choose",
    };
    let inner = boxed(buffer, left, word, false, app.scene.glyphs, theme.style(Meaning::Dim));
    let widest = prompt.completions.iter().map(|completion| text::width(&completion.label)).max().unwrap_or(0);
    let label_cells = (widest + 1).min(usize::from(inner.width / 2));
    for (row, (place, completion)) in inner.rows().take(usize::from(list)).zip(prompt.completions.iter().enumerate().skip(first)) {
        let chosen = place == prompt.chosen;
        let style = theme.style(if chosen { Meaning::Cursor } else { Meaning::Text });
        let sign = if chosen { app.scene.glyphs.cursor_row } else { " " };
        let label = text::pad(&completion.label, label_cells);
        put(buffer, row.x, row.y, row.width, &text::pad(&format!("{sign} {label} {}", completion.hint), usize::from(row.width)), style);
    }
    let mut notes: Vec<(String, Meaning)> = Vec::new();
    match &prompt.error {
        Some(error) => {
            notes.push((format!("column {}: {}", error.column, error.message), Meaning::Failure));
            notes.push((error.fix.clone(), Meaning::Text));
        }
        None if prompt.searching.is_some() => notes.push(("type a part of an earlier line; Esc goes back".into(), Meaning::Text)),
        None if prompt.goal == Goal::Find => {
            notes.push(("Enter goes to the next match, n and N go on; nothing is hidden".into(), Meaning::Text));
        }
        None => notes.extend(preview(app, prompt).into_iter().map(|words| (words, Meaning::Text))),
    }
    if layout.wide {
        let right = Rect { x: left.right(), width: area.right().saturating_sub(left.right()), ..area };
        let inner = boxed(
            buffer,
            right,
            if prompt.goal == Goal::Find { "find" } else { "preview, not applied yet" },
            false,
            app.scene.glyphs,
            theme.style(Meaning::Dim),
        );
        let cells = usize::from(inner.width.saturating_sub(2));
        let lines = notes.iter().flat_map(|(words, meaning)| wrapped(words, cells).into_iter().map(move |line| (line, *meaning)));
        for (row, (words, meaning)) in inner.rows().zip(lines) {
            put(buffer, row.x + 1, row.y, row.width.saturating_sub(2), &words, theme.style(meaning));
        }
    } else if let Some(row) = inner.rows().nth(usize::from(list)) {
        let words: Vec<&str> = notes.iter().map(|(words, _)| words.as_str()).collect();
        let meaning = notes.first().map_or(Meaning::Text, |(_, meaning)| *meaning);
        put(buffer, row.x + 1, row.y, row.width.saturating_sub(2), &words.join("; "), theme.style(meaning));
    }
    let below: Vec<Rect> = inner.rows().skip(usize::from(list) + usize::from(!layout.wide)).collect();
    for (row, words) in below.iter().rev().zip([saved(app), recently(app, prompt.goal)].into_iter().flatten()) {
        put(buffer, row.x + 1, row.y, row.width.saturating_sub(2), &words, theme.style(Meaning::Dim));
    }
}

/// Lines typed before.
fn recently(app: &App, goal: Goal) -> Option<String> {
    let words: Vec<String> = recent(app, goal).iter().take(4).enumerate().map(|(place, text)| format!("{} {text}", place + 1)).collect();
    (!words.is_empty()).then(|| format!("recent (Up): {}", words.join("   ")))
}

/// Saved filters; one's own first.
fn saved(app: &App) -> Option<String> {
    let mut entries: Vec<_> = app.scene.filter.saved().all().collect();
    entries.sort_by_key(|entry| !entry.about.is_empty());
    let words: Vec<String> = entries.iter().map(|entry| format!("@{}", entry.name)).collect();
    (!words.is_empty()).then(|| format!("saved (@): {}", words.join(" ")))
}

/// What the typed filter would leave.
fn preview(app: &App, prompt: &FilterPrompt) -> Vec<String> {
    let snapshot = &app.scene.snapshot;
    let all = snapshot.in_memory(None);
    let count = |number: usize| text::count(number as u64);
    let Some(projection) = &prompt.preview else {
        return vec![if prompt.field.text().trim().is_empty() {
            format!("{} events, nothing hidden", count(all))
        } else {
            "counting".into()
        }];
    };
    let looked_at = projection.looked_at().saturating_sub(snapshot.first_place(None)).min(all);
    let left = snapshot.in_memory(Some(projection));
    let sign = if looked_at < all { "~" } else { "" };
    let mut notes = vec![
        format!("matches {sign}{} events", count(left)),
        format!("hides {sign}{} of {}", count(looked_at.saturating_sub(left)), count(all)),
        format!("anomalies {} of {} stay", count(prompt.anomalies), count(snapshot.tables.anomalies.len())),
    ];
    notes.extend(gone::words(&snapshot.let_go, app.scene.zone).map(|gone| format!("not counted: {gone}")));
    if let (Some(first), Some(last)) = (snapshot.first, snapshot.last) {
        let lanes = Lane::ALL.into_iter().filter_map(|lane| {
            let events = projection.density.total(lane, first, last + Span::seconds(1)).events();
            (events > 0).then(|| format!("{}: {}", if lane.is_entra() { lane.name() } else { lane.code() }, text::count(u64::from(events))))
        });
        notes.push(format!("lanes {}", lanes.collect::<Vec<_>>().join("   ")));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crumbs_lose_their_beginning_first() {
        assert_eq!(cut_left("Timeline / Accounts / svc_backup", 14), "..svc_backup".to_owned().replace("..", "../ "));
        assert_eq!(cut_left("Timeline", 20), "Timeline");
        assert_eq!(cut_left("Timeline", 0), "..");
    }
}
