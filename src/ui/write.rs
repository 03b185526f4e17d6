//! What an export key writes: what is shown, as a file.

use crate::ui::action::Action;
use crate::ui::app::App;
use crate::ui::effect::Effect;

pub(super) fn act(app: &mut App, _action: Action) -> Vec<Effect> {
    app.say("not yet");
    Vec::new()
}
