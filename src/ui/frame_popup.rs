//! Draws what lies over a view: help and other sheets, the question before quitting, and what may follow a prefix key.

use crate::base::text;
use crate::ui::app::App;
use crate::ui::find::scope::OnScreen;
use crate::ui::find::wanted::Wanted;
use crate::ui::frame_columns;
use crate::ui::keymap::chords_text;
use crate::ui::layout::Layout;
use crate::ui::popup::{Line, Menu, Popup, Sheet, which_key};
use crate::ui::theme::Meaning;
use crate::ui::widget::{boxed, put};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

pub(super) fn draw(app: &App, buffer: &mut Buffer, layout: &Layout) {
    match &app.popup {
        Some(Popup::Sheet(page)) => sheet(app, buffer, layout, page),
        Some(Popup::Menu(list)) => menu(app, buffer, layout, list),
        Some(Popup::Columns(cursor)) => frame_columns::draw(app, buffer, layout, *cursor),
        Some(Popup::Quit) => question(app, buffer, layout),
        None if !app.pressed.is_empty() => followers(app, buffer, layout),
        None => {}
    }
}

/// Empties an area and frames it; gives the area inside.
pub(super) fn window(app: &App, buffer: &mut Buffer, area: Rect, title: &str) -> Rect {
    for row in area.rows() {
        for x in row.left()..row.right() {
            if let Some(cell) = buffer.cell_mut((x, row.y)) {
                cell.reset();
                cell.set_style(app.scene.theme.style(Meaning::Text));
            }
        }
    }
    boxed(buffer, area, title, true, app.scene.glyphs, app.scene.theme.style(Meaning::Text))
}

fn question(app: &App, buffer: &mut Buffer, layout: &Layout) {
    let (width, height) = (44.min(layout.view.width), 5.min(layout.view.height));
    let x = layout.view.x + (layout.view.width - width) / 2;
    let y = layout.view.y + (layout.view.height - height) / 2;
    let inner = window(app, buffer, Rect::new(x, y, width, height), "quit");
    for (row, words) in inner.rows().skip(1).zip(["Quit logonscope?   y yes   n no"]) {
        put(buffer, row.x + 2, row.y, row.width.saturating_sub(2), words, app.scene.theme.style(Meaning::Strong));
    }
}

/// The box of a menu.
fn menu_area(layout: &Layout, menu: &Menu) -> Rect {
    let view = layout.view;
    let width = 76.min(view.width);
    let height = u16::try_from(menu.choices.len()).unwrap_or(u16::MAX).saturating_add(2).min(view.height);
    Rect::new(view.x + (view.width - width) / 2, view.y + (view.height - height) / 2, width, height)
}

/// The area inside a frame.
const fn inside(area: Rect) -> Rect {
    Rect {
        x: area.x.saturating_add(1),
        y: area.y.saturating_add(1),
        width: area.width.saturating_sub(2),
        height: area.height.saturating_sub(2),
    }
}

/// The choice at a place of the screen.
pub(super) fn menu_hit(layout: &Layout, menu: &Menu, at: Position) -> Option<usize> {
    let inner = inside(menu_area(layout, menu));
    let first = (menu.cursor + 1).saturating_sub(usize::from(inner.height));
    let place = first + usize::from(at.y.checked_sub(inner.y)?);
    (inner.contains(at) && place < menu.choices.len()).then_some(place)
}

/// The line of a sheet at a place of the screen, if the cursor may stand there.
pub(super) fn sheet_hit(layout: &Layout, sheet: &Sheet, at: Position) -> Option<usize> {
    let inner = inside(sheet_area(layout));
    let columns: u16 = if layout.wide && !sheet.is_prose { 2 } else { 1 };
    let rows = usize::from(inner.height.saturating_sub(1)).max(1);
    let a_page = rows * usize::from(columns);
    let column = usize::from((at.x.checked_sub(inner.x)?).checked_div(inner.width / columns)?);
    let row = usize::from(at.y.checked_sub(inner.y)?);
    let place = sheet.cursor / a_page * a_page + column * rows + row;
    (inner.contains(at) && row < rows && matches!(sheet.lines.get(place), Some(Line::Keys(..)))).then_some(place)
}

fn sheet_area(layout: &Layout) -> Rect {
    Rect { y: layout.tabs.y, height: layout.view.bottom().saturating_sub(layout.tabs.y), ..layout.view }
}

fn menu(app: &App, buffer: &mut Buffer, layout: &Layout, menu: &Menu) {
    let theme = &app.scene.theme;
    let area = menu_area(layout, menu);
    let inner = window(app, buffer, area, &menu.title);
    let room = usize::from(inner.width.saturating_sub(2));
    let has_keys = menu.choices.iter().any(|choice| choice.key.is_some());
    let first = (menu.cursor + 1).saturating_sub(usize::from(inner.height));
    for ((place, choice), row) in menu.choices.iter().enumerate().skip(first).zip(inner.rows()) {
        let here = place == menu.cursor;
        let style = |meaning| theme.style(if here { Meaning::Cursor } else { meaning });
        let key = if has_keys { choice.key.map_or_else(|| "   ".to_owned(), |key| format!("{key}  ")) } else { String::new() };
        // What the line does is said whole; what is known of it has the rest.
        let (words, detail) = (text::clean(&choice.text), text::clean(&choice.detail));
        let left = room.saturating_sub(text::width(&key));
        let detail = text::fit(&detail, left.saturating_sub(text::width(&words) + 2));
        let words = text::pad(&words, left.saturating_sub(text::width(&detail)));
        let mut x = row.x + 1;
        for (part, meaning) in [(&*key, Meaning::Key), (&*words, Meaning::Text), (&*detail, Meaning::Dim)] {
            x += put(buffer, x, row.y, row.right().saturating_sub(x), part, style(meaning));
        }
    }
}

/// The box after a prefix key.
fn followers(app: &App, buffer: &mut Buffer, layout: &Layout) {
    let choices = which_key(&app.keymap, app.view_context(), &app.pressed);
    let columns: u16 = if layout.wide { 3 } else { 2 };
    let lines = u16::try_from(choices.len()).unwrap_or(u16::MAX).div_ceil(columns);
    let view = layout.view;
    let height = (lines + 2).min(view.height);
    let area = Rect::new(view.x, view.bottom().saturating_sub(height), view.width, height);
    let inner = window(app, buffer, area, &format!("{} ...", chords_text(&app.pressed)));
    let width = inner.width / columns;
    for (place, (key, words)) in choices.iter().enumerate() {
        let place = u16::try_from(place).unwrap_or(u16::MAX);
        let (x, y) = (inner.x + (place / lines.max(1)) * width + 1, inner.y + place % lines.max(1));
        if y < inner.bottom() {
            let used = put(buffer, x, y, width, key, app.scene.theme.style(Meaning::Key));
            put(buffer, x + used.max(1) + 1, y, width.saturating_sub(used + 3), words, app.scene.theme.style(Meaning::Text));
        }
    }
}

/// A sheet over the view; in two columns where there is room.
fn sheet(app: &App, buffer: &mut Buffer, layout: &Layout, sheet: &Sheet) {
    let theme = &app.scene.theme;
    let inner = window(app, buffer, sheet_area(layout), &sheet.title);
    let columns: u16 = if layout.wide && !sheet.is_prose { 2 } else { 1 };
    let rows = usize::from(inner.height.saturating_sub(1)).max(1);
    let a_page = rows * usize::from(columns);
    let (page, pages) = (sheet.cursor / a_page, sheet.lines.len().div_ceil(a_page).max(1));
    let width = inner.width / columns;
    let longest = sheet.lines.iter().map(|line| if let Line::Keys(keys, ..) = line { text::width(keys) } else { 0 }).max();
    let key_cells = longest.unwrap_or(0).min(20);
    for (place, line) in sheet.lines.iter().enumerate().skip(page * a_page).take(a_page) {
        let on_page = place - page * a_page;
        let column = u16::try_from(on_page / rows).unwrap_or(u16::MAX);
        let x = inner.x + column * width + 1;
        let y = inner.y + u16::try_from(on_page % rows).unwrap_or(u16::MAX);
        match line {
            Line::Blank => {}
            Line::Head(words) => {
                put(buffer, x, y, width.saturating_sub(2), words, theme.style(Meaning::Strong));
            }
            Line::Sign(sign, words) => {
                let line = format!("{} {words}", text::pad(sign, key_cells));
                put(buffer, x, y, width.saturating_sub(2), &line, theme.style(Meaning::Text));
            }
            Line::Keys(keys, words, _) => {
                let here = place == sheet.cursor;
                let left = text::pad(keys, key_cells);
                let style = |meaning| theme.style(if here { Meaning::Cursor } else { meaning });
                let used = put(buffer, x, y, width.saturating_sub(2), &format!("{left} "), style(Meaning::Key));
                let room = width.saturating_sub(2).saturating_sub(used);
                put(buffer, x + used, y, room, &text::pad(words, usize::from(room)), style(Meaning::Text));
            }
        }
    }
    if !app.find.in_sheet().is_empty() {
        let part = OnScreen::words(inner);
        Wanted::words(app.find.in_sheet()).mark(buffer, &part, &app.scene.snapshot, theme.style(Meaning::Match));
    }
    let foot = format!("page {} of {pages}", page + 1);
    put(buffer, inner.x + 1, inner.bottom().saturating_sub(1), inner.width.saturating_sub(2), &foot, theme.style(Meaning::Dim));
}
