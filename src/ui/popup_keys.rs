//! Keys while a popup is open.

use crate::ui::action::Action;
use crate::ui::app::App;
use crate::ui::columns;
use crate::ui::effect::Effect;
use crate::ui::find;
use crate::ui::input::Chord;
use crate::ui::keymap::Found;
use crate::ui::popup::Popup;
use crate::ui::update::act;

pub(super) fn key(app: &mut App, chord: Chord) -> Vec<Effect> {
    let effects = pressed(app, chord);
    if app.popup.is_none() {
        app.find.leave_sheet();
    }
    effects
}

fn pressed(app: &mut App, chord: Chord) -> Vec<Effect> {
    // A letter of the menu means what the menu says, whatever else it would do in a popup.
    if let (Some(Popup::Menu(menu)), Some(letter)) = (&app.popup, chord.typed())
        && let Some(choice) = menu.keyed(letter)
    {
        let effects = choice.effects.clone();
        app.popup = None;
        return effects;
    }
    let Found::Action(action) = app.keymap.find(app.context(), &[chord]) else { return Vec::new() };
    popup_act(app, action)
}

/// Does what an action says while a popup is open.
pub(super) fn popup_act(app: &mut App, action: Action) -> Vec<Effect> {
    match (action, &mut app.popup) {
        (Action::AppQuit, _) => return vec![Effect::Quit],
        (Action::AppSuspend, _) => return vec![Effect::Suspend],
        (Action::ScreenRedraw, _) => return vec![Effect::Redraw],
        (Action::PopupAccept, Some(Popup::Quit)) => return vec![Effect::Quit],
        (Action::PopupAccept, Some(Popup::Sheet(sheet))) => {
            let chosen = sheet.action();
            app.popup = None;
            return chosen.map(|action| act(app, action)).unwrap_or_default();
        }
        (Action::PopupAccept, Some(Popup::Menu(menu))) => {
            let chosen = menu.choices.get(menu.cursor).map(|choice| choice.effects.clone());
            app.popup = None;
            return chosen.unwrap_or_default();
        }
        (Action::FindOpen, Some(Popup::Sheet(_))) => find::open_in_sheet(app),
        (Action::PopupRefuse | Action::FindPrev, Some(Popup::Sheet(_))) if !app.find.in_sheet().is_empty() => {
            find::step_in_sheet(app, action == Action::PopupRefuse);
        }
        (Action::PopupDismiss | Action::PopupRefuse, _) => app.popup = None,
        (action, Some(Popup::Columns(cursor))) => {
            let cursor = *cursor;
            return columns::act(app, action, cursor);
        }
        (action, Some(popup)) => {
            let page = isize::try_from(app.size.height.saturating_sub(8).max(1)).unwrap_or(1);
            let by = match action {
                Action::CursorUp => -1,
                Action::CursorDown => 1,
                Action::CursorPageUp => -page,
                Action::CursorPageDown => page,
                Action::CursorFirst => isize::MIN,
                Action::CursorLast => isize::MAX,
                _ => return Vec::new(),
            };
            match popup {
                Popup::Sheet(sheet) => sheet.step(by),
                Popup::Menu(menu) => menu.step(by),
                Popup::Columns(_) | Popup::Quit => {}
            }
        }
        _ => {}
    }
    Vec::new()
}
