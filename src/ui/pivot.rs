//! From what is under the cursor to what belongs to it: a menu of filters and places.

use crate::ui::app::App;
use crate::ui::effect::Effect;
use crate::ui::view::Selection;

pub(super) fn open(app: &mut App, _selection: &Selection) -> Vec<Effect> {
    app.say("not yet");
    Vec::new()
}
