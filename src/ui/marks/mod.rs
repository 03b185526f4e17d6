//! Bookmarks, notes and the case: what the keys `m`, `'`, `"`, `c` and `C` do.
//!
//! Keys only make entries of the case file; what is marked is always read from the case, so that what another run noted
//! looks the same.

pub mod bundle;
pub mod marked;
pub mod target;

pub use marked::Marked;
pub use target::Target;

use crate::base::text;
use crate::base::time::Timestamp;
use crate::casefile::entry::Act;
use crate::casefile::noted::Noted;
use crate::casefile::thing::Thing;
use crate::ui::action::Action;
use crate::ui::app::{App, Asked};
use crate::ui::effect::{Effect, Place};
use crate::ui::prompt;
use crate::ui::update::view_area;
use crate::ui::view::Selection;

/// What is under the cursor, by the name the case file gives it.
fn under(app: &App) -> Option<Thing> {
    let view = app.nav.view()?;
    view.target(&app.scene.ctx(view_area(app))).and_then(|target| target.thing(&app.scene.snapshot))
}

/// The moment that is looked at.
fn moment(app: &App, selection: &Selection) -> Timestamp {
    selection.at.unwrap_or(app.scene.snapshot.now)
}

pub(super) fn act(app: &mut App, action: Action, selection: &Selection) -> Vec<Effect> {
    match action {
        Action::CaseOpen => return vec![Effect::Open(Place::Case)],
        Action::MarkNext | Action::MarkPrev => return jump(app, selection, action == Action::MarkNext),
        _ => {}
    }
    let Some(on) = under(app) else {
        app.say("nothing under the cursor that could be kept");
        return Vec::new();
    };
    let moment = on.at().is_none().then(|| moment(app, selection).rfc3339());
    let known = app.scene.marked.find(&on);
    if action == Action::MarkToggle {
        let set = known.is_none_or(|noted| noted.mark.is_none());
        return vec![Effect::Record(vec![Act::Mark { on, set, moment }])];
    }
    let text = known.map(Noted::text).unwrap_or_default().to_owned();
    vec![Effect::Ask(Asked::Note(on, moment), text)]
}

/// A note as it was typed.
pub(super) fn noted(app: &mut App, on: &Thing, moment: Option<&String>, text: &str) -> Vec<Effect> {
    let text = text::clean(text.trim());
    if app.scene.marked.find(on).map_or("", Noted::text) == text {
        app.say(if text.is_empty() { "no note" } else { "the note is as it was" });
        return Vec::new();
    }
    vec![Effect::Record(vec![Act::Note { on: on.clone(), text: text.into_owned(), moment: moment.cloned() }])]
}

/// Where the screen stands among the noted things: on one of them, or between two at a moment.
fn standing(app: &App, selection: &Selection) -> Result<usize, Timestamp> {
    let marked = &app.scene.marked;
    // A page shows more than the thing it was opened for.
    let came_for = app.at_mark.as_ref().filter(|(place, _)| *place == app.nav.place()).map(|(_, thing)| thing.clone());
    let on = came_for.or_else(|| under(app)).and_then(|thing| marked.place(&thing));
    on.ok_or_else(|| moment(app, selection))
}

/// Opens the next or previous bookmark or note in time; round in a ring.
fn jump(app: &mut App, selection: &Selection, forward: bool) -> Vec<Effect> {
    let list = app.scene.marked.list();
    if list.is_empty() {
        app.say("no bookmark yet: m sets one on what is under the cursor, c writes a note");
        return Vec::new();
    }
    let last = list.len() - 1;
    let is_before = |noted: &Noted, at: Timestamp| noted.at.is_some_and(|noted| noted < at);
    let (to, round) = match (standing(app, selection), forward) {
        (Ok(here), true) if here == last => (0, last > 0),
        (Ok(here), true) => (here + 1, false),
        (Ok(0), false) => (last, last > 0),
        (Ok(here), false) => (here - 1, false),
        (Err(at), true) => list.iter().position(|noted| noted.at.is_none_or(|noted| noted > at)).map_or((0, true), |place| (place, false)),
        (Err(at), false) => list.iter().rposition(|noted| is_before(noted, at)).map_or((last, true), |place| (place, false)),
    };
    let Some(noted) = list.get(to).cloned() else { return Vec::new() };
    let number = format!("{} {} of {}", if noted.mark.is_some() { "bookmark" } else { "note" }, to + 1, last + 1);
    let which = match (round, forward) {
        (false, _) => number,
        (true, true) => format!("past the last: this is {number}"),
        (true, false) => format!("before the first: this is {number}"),
    };
    let note = if noted.text().is_empty() { String::new() } else { format!(": {}", text::clean(noted.text())) };
    open(app, &noted.thing, &format!("{which}{note}"))
}

/// Opens the place of a thing and says `words`; or says why it cannot.
pub(super) fn open(app: &mut App, thing: &Thing, words: &str) -> Vec<Effect> {
    let Some(target) = Target::find(thing, &app.scene.snapshot) else {
        app.at_mark = Some((app.nav.place(), thing.clone()));
        let later = matches!(app.newest.phase, crate::store::Phase::Replay { .. });
        let why = if later { "not there yet at the clock of the replay" } else { "not in the logs that are open" };
        return vec![Effect::Say(format!("{words}: {why}: {} {}", thing.noun(), text::clean(&thing.words())))];
    };
    let said = Effect::Say(words.to_owned());
    if let Target::Moment(at) = target {
        app.at_mark = None;
        let mut effects = prompt::go_to(app, at);
        effects.push(said);
        return effects;
    }
    let place = target.place(&app.scene.snapshot);
    app.at_mark = Some((place, thing.clone()));
    vec![Effect::Open(place), said]
}
