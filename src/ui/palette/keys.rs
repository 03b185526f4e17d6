//! Keys while the palette is open.

use super::{Chosen, Palette, Target};
use crate::ui::action::Action;
use crate::ui::app::{App, Prompt};
use crate::ui::effect::Effect;
use crate::ui::input::Chord;
use crate::ui::marks;
use crate::ui::prompt::edit;
use crate::ui::update::{act, view_area};

pub(in crate::ui) fn open(app: &mut App) {
    let saved = app.scene.filter.saved();
    let palette = Palette::new(&app.scene.snapshot, (&app.scene.marked, saved), &app.keymap, app.view_context(), &app.chosen);
    app.prompt = Some(Prompt::Palette(palette));
}

pub(in crate::ui) fn paste(palette: &mut Palette, text: &str, chosen: &Chosen) {
    palette.field.paste(text);
    palette.search(chosen);
}

pub(in crate::ui) fn key(app: &mut App, mut palette: Palette, action: Option<Action>, chord: Chord) -> Vec<Effect> {
    let page = isize::try_from(view_area(app).height.saturating_sub(6).max(1)).unwrap_or(1);
    match action {
        Some(Action::TextCancel) => return Vec::new(),
        Some(Action::TextAccept) => {
            let Some((_, item)) = palette.found(palette.cursor).next() else {
                app.say("nothing is called that");
                app.prompt = Some(Prompt::Palette(palette));
                return Vec::new();
            };
            app.chosen.add(&item.name);
            return match &item.target {
                Target::Run(action) => act(app, *action),
                Target::Open(place) => vec![Effect::Open(*place)],
                Target::Filter(text) => vec![Effect::SetFilter(text.clone())],
                Target::Noted(place) => {
                    let thing = app.scene.marked.list().get(*place).map(|noted| noted.thing.clone());
                    thing.map(|thing| marks::open(app, &thing, "from the list of bookmarks")).unwrap_or_default()
                }
            };
        }
        Some(Action::TextChoiceNext | Action::TextComplete) => palette.step(1),
        Some(Action::TextChoicePrev) => palette.step(-1),
        Some(Action::TextPageNext) => palette.step(page),
        Some(Action::TextPagePrev) => palette.step(-page),
        action => {
            let before = palette.field.text();
            edit(&mut palette.field, action, chord.typed());
            if palette.field.text() != before {
                palette.search(&app.chosen);
            }
        }
    }
    app.prompt = Some(Prompt::Palette(palette));
    Vec::new()
}
