//! The screen on a preview (`engine::preview`): it says so, lets nothing of it out, and leaves it when everything is read.

use crate::store::Phase;
use crate::ui::app::App;
use crate::ui::effect::{Effect, Place};
use crate::ui::link::{Opening, Start};
use crate::ui::nav::Nav;
use crate::ui::update::view_area;
use crate::ui::view::timeline::Timeline;
use crate::ui::view::{View as _, ViewId};

/// What stands where anomalies would be counted.
pub const UNLOOKED: &str = "a preview: what is odd is looked for when everything is read";

/// What the screen shows, for the message row; it stays as long as it is so.
pub(super) fn words(app: &App, wide: bool) -> Option<String> {
    let snapshot = &app.scene.snapshot;
    let (since, last) = (snapshot.preview?, snapshot.last?);
    let length = (last - since).words();
    Some(match (wide, app.newest.preview.is_some()) {
        (true, true) => format!("preview: the newest {length} alone, without anomalies; the rest is loading and takes its place by itself"),
        (true, false) => format!("preview: the newest {length} alone, without anomalies; everything is read, but the screen is held"),
        (false, _) => format!("preview: newest {length}, without anomalies; the rest loads"),
    })
}

/// Holds back what would outlive the preview.
pub(super) fn refuse(app: &mut App, effects: Vec<Effect>) -> Vec<Effect> {
    if app.scene.snapshot.preview.is_none() {
        return effects;
    }
    let before = effects.len();
    let is_kept = |effect: &Effect| matches!(effect, Effect::Write(_) | Effect::Copy(_) | Effect::Record(_) | Effect::Bundle(_));
    let left: Vec<Effect> = effects.into_iter().filter(|effect| !is_kept(effect)).collect();
    if left.len() < before {
        let done = match app.newest.phase {
            Phase::Loading { percent } => format!("{percent}% is read"),
            _ => "everything is read: let go of the screen".to_owned(),
        };
        app.complain(format!("this is a preview, of which nothing is copied, written or decided; {done}"));
    }
    left
}

/// The real state is about to be shown: sessions, events and rows of the preview mean nothing in it. What has a name is
/// opened again, with the window that was chosen.
pub(super) fn leave(app: &mut App) {
    if app.scene.snapshot.preview.is_none() || app.newest.preview.is_some() {
        return;
    }
    let ctx = app.scene.ctx(view_area(app));
    let place = app.nav.place();
    // Behind the mask names are others, which nobody could look up.
    let named = Opening::of(place, ctx.snapshot)
        .filter(|_| matches!(place, Place::Account(_) | Place::Host(_) | Place::Source(_)) && ctx.snapshot.names.mask().is_none());
    let reach = app.nav.view().filter(|_| place == Place::View(ViewId::Timeline)).and_then(|view| view.reach(&ctx));
    let chosen = reach.filter(|reach| Timeline::new().reach(&ctx) != Some(*reach));
    let is_closed = named.is_none() && !matches!(place, Place::View(_) | Place::Case);
    let tab = if place == Place::Case { Place::Case } else { Place::View(app.nav.tab()) };
    app.nav = Nav::with_timeline(Box::new(chosen.map_or_else(Timeline::new, |(from, to)| Timeline::held_on(from, to))));
    app.nav.open(tab);
    app.copying = None;
    if app.start == Start::default() {
        app.start.place = named.map(|(opening, _)| opening);
    }
    if is_closed {
        app.say("everything is read: what was open was of the preview, and is found again here");
    }
}
