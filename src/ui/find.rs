//! Finding without hiding: a filter that moves the cursor from match to match.

use crate::ui::action::Action;
use crate::ui::app::App;
use crate::ui::effect::Effect;

pub(super) fn act(app: &mut App, _action: Action) -> Vec<Effect> {
    app.say("not yet");
    Vec::new()
}
