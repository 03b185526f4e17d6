//! Keys while a popup is open.

use crate::ui::action::{Action, Context};
use crate::ui::app::App;
use crate::ui::effect::Effect;
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
        (Action::PopupDismiss | Action::PopupRefuse, _) => app.popup = None,
        (action, Some(Popup::Sheet(sheet))) => {
            let page = isize::try_from(app.size.height.saturating_sub(8).max(1)).unwrap_or(1);
            match action {
                Action::CursorUp => sheet.step(-1),
                Action::CursorDown => sheet.step(1),
                Action::CursorPageUp => sheet.step(-page),
                Action::CursorPageDown => sheet.step(page),
                Action::CursorFirst => sheet.step(isize::MIN),
                Action::CursorLast => sheet.step(isize::MAX),
                _ => {}
            }
        }
        _ => {}
    }
    Vec::new()
}
