//! Keys while a popup is open.

use crate::ui::action::{Action, Context};
use crate::ui::app::{App, Asked, Prompt};
use crate::ui::effect::Effect;
use crate::ui::field::TextField;
use crate::ui::input::Chord;
use crate::ui::keymap::Found;
use crate::ui::popup::Popup;
use crate::ui::update::act;

pub(super) fn key(app: &mut App, chord: Chord) -> Vec<Effect> {
    let Found::Action(action) = app.keymap.find(Context::Popup, &[chord]) else { return Vec::new() };
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
        (Action::PopupAccept, Some(Popup::Scopes(scopes))) => {
            let chosen = scopes.offered.get(scopes.cursor).map(|(_, scope)| scope.clone());
            app.popup = None;
            app.prompt = chosen.map(|scope| Prompt::Line(Asked::Suppression(scope), TextField::new("30d ")));
        }
        (Action::PopupDismiss | Action::PopupRefuse, _) => app.popup = None,
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
                Popup::Scopes(scopes) => scopes.step(by),
                Popup::Quit => {}
            }
        }
        _ => {}
    }
    Vec::new()
}
