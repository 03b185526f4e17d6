//! Draws the whole screen: the frame round every view, and what lies over it.
//!
//! Drawing changes nothing. Rows one to three say what is open and what is hidden, the last rows which keys work, how
//! the stream does and what is under the cursor.

use crate::base::text;
use crate::ui::app::{App, Prompt};
use crate::ui::layout::Layout;
use crate::ui::theme::Meaning;
use crate::ui::view::{Ctx, Options, ViewId};
use crate::ui::widget::put;
use crate::ui::{find, frame_filter, frame_hints, frame_meters, frame_palette, frame_perf, frame_popup, frame_replay, privacy};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

/// Draws `app` and says where the terminal's cursor belongs, if it is to be seen.
pub fn draw(app: &App, buffer: &mut Buffer) -> Option<Position> {
    let layout = Layout::of(app.size.intersection(*buffer.area()), &app.newest.phase);
    let base = app.scene.theme.style(Meaning::Text);
    if base != Style::default() {
        buffer.set_style(*buffer.area(), base);
    }
    if layout.tiny {
        small(app, buffer, layout);
        return None;
    }
    title(app, buffer, &layout);
    tabs(app, buffer, &layout);
    let ctx = app.scene.ctx(layout.view);
    if let Some(view) = app.nav.view() {
        view.draw(buffer, &ctx);
    }
    find::mark(app, buffer, layout.view);
    frame_replay::draw(app, buffer, layout.replay);
    frame_hints::draw(app, buffer, layout.hints);
    frame_meters::draw(app, buffer, layout.meters);
    let mut cursor = frame_filter::row(app, buffer, &layout);
    if let Some(at) = message(app, buffer, &layout) {
        cursor = Some(at);
    }
    frame_filter::open(app, buffer, &layout);
    cursor = frame_palette::draw(app, buffer, &layout).or(cursor);
    frame_popup::draw(app, buffer, &layout);
    privacy::cover(app, buffer);
    frame_perf::draw(app, buffer, &layout);
    cursor.filter(|_| app.popup.is_none())
}

/// One sentence that asks for room, with what must not be missed.
fn small(app: &App, buffer: &mut Buffer, layout: Layout) {
    let area = buffer.area().intersection(app.size);
    let words = [
        format!("logonscope needs 60x16, this is {}x{}", area.width, area.height),
        format!("[{}] {} anomalies", app.mode(), app.scene.triage.open()),
        "Q quits".to_owned(),
    ];
    for (row, text) in (layout.title.y..area.bottom()).zip(words) {
        put(buffer, area.x, row, area.width, &text, app.scene.theme.style(Meaning::Text));
    }
}

/// Writes words that end at the right border; says where they begin.
pub(super) fn put_right(buffer: &mut Buffer, row: Rect, words: &str, style: Style) -> u16 {
    let cells = u16::try_from(text::width(&text::clean(words))).unwrap_or(u16::MAX).min(row.width);
    let x = row.right().saturating_sub(cells);
    put(buffer, x, row.y, cells, words, style);
    x
}

/// Program, mode, inputs; the clock of the data at the right.
fn title(app: &App, buffer: &mut Buffer, layout: &Layout) {
    let (row, theme) = (layout.title, &app.scene.theme);
    let snapshot = &app.scene.snapshot;
    let replay = matches!(app.newest.phase, crate::store::Phase::Replay { .. });
    let clock = match (snapshot.last, layout.wide) {
        (None, _) => String::new(),
        (_, true) if app.scene.options.since.is_some() => {
            let since = app.scene.options.since.unwrap_or_default();
            format!("times since {} ", app.scene.zone.date_time(since))
        }
        (_, false) if app.scene.options.since.is_some() => {
            format!("since {} ", app.scene.zone.day_clock(app.scene.options.since.unwrap_or_default()))
        }
        (_, true) if replay => format!("replay clock {} ", app.scene.zone.date_time(snapshot.now)),
        (_, true) => format!("{} ", app.scene.zone.date_time(snapshot.now)),
        (_, false) => format!("{} ", app.scene.zone.day_clock(snapshot.now)),
    };
    let right = put_right(buffer, row, &clock, theme.style(Meaning::Text));
    let mut x = row.x + 1;
    let mut write = |words: &str, meaning: Meaning| {
        x += put(buffer, x, row.y, right.saturating_sub(x + 1), words, theme.style(meaning));
    };
    write("logonscope", Meaning::Strong);
    write("  ", Meaning::Text);
    write(&format!("[{}]", app.mode()), if app.frozen { Meaning::Trouble } else { Meaning::Strong });
    write("  ", Meaning::Text);
    write(&inputs(app), Meaning::Text);
}

/// The first input by its file name, and how many there are beside it.
fn inputs(app: &App) -> String {
    let name = |path: &str| path.rsplit(['/', '\\']).find(|part| !part.is_empty()).unwrap_or(path).to_owned();
    match app.inputs.as_slice() {
        [] => String::new(),
        [one] => name(one),
        [first, rest @ ..] => format!("{} +{}", name(first), rest.len()),
    }
}

/// The views with their numbers; names of all where there is room.
fn tab_words(app: &App, layout: &Layout) -> impl Iterator<Item = (ViewId, String)> {
    let (open, anomalies, wide) = (app.nav.tab(), app.scene.triage.open(), layout.wide);
    ViewId::ALL.into_iter().map(move |id| {
        let count = if id == ViewId::Anomalies && anomalies > 0 { format!("({anomalies})") } else { String::new() };
        let name = if wide || id == open { format!(" {}", id.title()) } else { String::new() };
        let label = format!("{}{name}{count}", id.digit());
        (id, if id == open { format!(" [{label}]") } else { format!("  {label} ") })
    })
}

fn tabs(app: &App, buffer: &mut Buffer, layout: &Layout) {
    let (row, theme) = (layout.tabs, &app.scene.theme);
    let mut x = row.x;
    for (id, words) in tab_words(app, layout) {
        let meaning = if id == app.nav.tab() { Meaning::Strong } else { Meaning::Text };
        x += put(buffer, x, row.y, row.right().saturating_sub(x), &words, theme.style(meaning));
    }
}

/// The view whose number is at a place of the screen.
pub(super) fn tab_hit(app: &App, layout: &Layout, at: Position) -> Option<ViewId> {
    if !layout.tabs.contains(at) {
        return None;
    }
    let mut x = usize::from(layout.tabs.x);
    for (id, words) in tab_words(app, layout) {
        x += text::width(&words);
        if usize::from(at.x) < x {
            return Some(id);
        }
    }
    None
}

/// The last row: what is typed, a message, or what is under the cursor.
fn message(app: &App, buffer: &mut Buffer, layout: &Layout) -> Option<Position> {
    let (row, theme) = (layout.message, &app.scene.theme);
    let room = row.width.saturating_sub(2);
    let typed = match &app.prompt {
        Some(Prompt::Line(asked, field)) => Some((asked.label(), field)),
        Some(Prompt::Filter(prompt)) if prompt.goal.is_words() => {
            Some((("find these words (Enter goes to the next line with all of them): ", "find words: "), &prompt.field))
        }
        _ => None,
    };
    if let Some(((label, short), field)) = typed {
        let mut x = row.x + 1;
        x += put(buffer, x, row.y, room, if layout.wide { label } else { short }, theme.style(Meaning::Key));
        put(buffer, x, row.y, row.right().saturating_sub(x), &field.text(), theme.style(Meaning::Text));
        let before = u16::try_from(text::width(&field.before())).unwrap_or(u16::MAX);
        let complaint = x.saturating_add(before).saturating_add(4);
        if let Some(message) = &app.message {
            put(buffer, complaint, row.y, row.right().saturating_sub(complaint), &message.text, theme.style(Meaning::Trouble));
        }
        return Some(Position::new(x.saturating_add(before).min(row.right().saturating_sub(1)), row.y));
    }
    let (words, meaning) = match (&app.message, frame_meters::reading(app, layout.wide)) {
        (None, Some(words)) => (words, Meaning::Dim),
        (Some(message), _) => (message.text.clone(), if message.is_trouble { Meaning::Trouble } else { Meaning::Strong }),
        (None, None) => {
            let ctx = app.scene.ctx(layout.view);
            // The sentence keeps the hour of the clock, from which the others count.
            let ctx = Ctx { options: Options { since: None, ..ctx.options }, ..ctx };
            let view = app.nav.view();
            let sentence = view.map(|view| view.sentence(&ctx)).unwrap_or_default();
            let noted = view.and_then(|view| view.target(&ctx)).and_then(|target| crate::ui::marks::marked::note(target, &ctx));
            let note = noted.map_or_else(String::new, |note| format!("note: {}   ", note.words));
            (format!("{note}{sentence}"), Meaning::Text)
        }
    };
    put(buffer, row.x + 1, row.y, room, &words, theme.style(meaning));
    None
}
