//! What the mouse points at in the frame, and what follows: tabs, hints, the filter row, what lies over the view. What is
//! in the view is the view's own.

use crate::ui::action::{Action, Context};
use crate::ui::app::{App, Prompt};
use crate::ui::columns;
use crate::ui::effect::{Effect, Place};
use crate::ui::layout::Layout;
use crate::ui::mouse::{Gesture, Mouse, thrice};
use crate::ui::popup::Popup;
use crate::ui::popup_keys::popup_act;
use crate::ui::update::{act as run, view_area};
use crate::ui::{frame, frame_columns, frame_filter, frame_hints, frame_palette, frame_popup, prompt};

pub(super) fn act(app: &mut App, mouse: Mouse) -> Vec<Effect> {
    let layout = Layout::of(app.size, &app.newest.phase);
    if !app.mouse || layout.tiny {
        return Vec::new();
    }
    if mouse.gesture == Gesture::Press {
        app.message = None;
        app.pressed.clear();
        if let Some(action) = frame_hints::hit(app, layout.hints, mouse.at) {
            return hint(app, action);
        }
    }
    match (app.popup.is_some(), app.prompt.is_some()) {
        (true, _) => popup(app, mouse, &layout),
        (false, true) => typing(app, mouse, &layout),
        (false, false) => view(app, mouse, &layout),
    }
}

/// A key of the row of hints.
fn hint(app: &mut App, action: Action) -> Vec<Effect> {
    match (app.popup.is_some(), app.prompt.is_some()) {
        (true, _) => popup_act(app, action),
        (false, true) => typed(app, action),
        (false, false) => run(app, action),
    }
}

/// What the key of an action does while a line is typed.
fn typed(app: &mut App, action: Action) -> Vec<Effect> {
    let chord = app.keymap.bindings(Context::Prompt).find(|binding| binding.action == action).and_then(|binding| binding.chords.first());
    let Some(chord) = chord.copied() else { return Vec::new() };
    prompt::key(app, chord)
}

fn popup(app: &mut App, mouse: Mouse, layout: &Layout) -> Vec<Effect> {
    if let Some(action) = mouse.wheel() {
        return thrice(|| popup_act(app, action));
    }
    if mouse.gesture != Gesture::Press {
        return Vec::new();
    }
    match &mut app.popup {
        Some(Popup::Menu(menu)) => match frame_popup::menu_hit(layout, menu, mouse.at) {
            Some(place) => {
                menu.cursor = place;
                return popup_act(app, Action::PopupAccept);
            }
            None => app.popup = None,
        },
        Some(Popup::Sheet(sheet)) => {
            if let Some(place) = frame_popup::sheet_hit(layout, sheet, mouse.at) {
                // The first click chooses: the keys of a help page do things.
                if sheet.cursor == place {
                    return popup_act(app, Action::PopupAccept);
                }
                sheet.cursor = place;
            }
        }
        Some(Popup::Columns(cursor)) => {
            let cursor = *cursor;
            match frame_columns::hit(app, layout, cursor, mouse.at) {
                Some(place) => return columns::act(app, Action::ColumnsToggle, place),
                None => app.popup = None,
            }
        }
        _ => app.popup = None,
    }
    Vec::new()
}

fn typing(app: &mut App, mouse: Mouse, layout: &Layout) -> Vec<Effect> {
    if let Some(wheel) = mouse.wheel() {
        let action = if wheel == Action::CursorUp { Action::TextChoicePrev } else { Action::TextChoiceNext };
        // In a line without choices these walk its history, which a wheel should not.
        return if matches!(app.prompt, Some(Prompt::Line(..))) { Vec::new() } else { typed(app, action) };
    }
    if mouse.gesture != Gesture::Press {
        return Vec::new();
    }
    match &mut app.prompt {
        Some(Prompt::Filter(filter)) => {
            if let Some(place) = frame_filter::hit(layout, filter, mouse.at) {
                filter.chosen = place;
                return typed(app, Action::TextComplete);
            }
        }
        Some(Prompt::Palette(palette)) => {
            if let Some(place) = frame_palette::hit(layout, palette, mouse.at) {
                palette.cursor = place;
                return typed(app, Action::TextAccept);
            }
        }
        _ => {}
    }
    Vec::new()
}

fn view(app: &mut App, mouse: Mouse, layout: &Layout) -> Vec<Effect> {
    if mouse.gesture == Gesture::Press {
        if let Some(id) = frame::tab_hit(app, layout, mouse.at) {
            return vec![Effect::Open(Place::View(id))];
        }
        if layout.filter.contains(mouse.at) {
            return run(app, Action::FilterEdit);
        }
        if !layout.view.contains(mouse.at) {
            return Vec::new();
        }
    }
    let ctx = app.scene.ctx(view_area(app));
    app.nav.view_mut().map(|view| view.mouse(mouse, &ctx)).unwrap_or_default()
}
