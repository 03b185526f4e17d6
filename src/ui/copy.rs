//! What a copy key puts on the clipboard.

use crate::ui::action::Action;
use crate::ui::app::App;
use crate::ui::effect::Effect;
use crate::ui::view::Selection;

pub(super) fn act(app: &mut App, _action: Action, _selection: &Selection) -> Vec<Effect> {
    app.say("not yet");
    Vec::new()
}
