//! Keys of the replay: how it begins and ends, its clock, its speed, its steps, its bar.
//!
//! A replay that is begun from a run has a world of its own: rows and names of the run mean nothing there. So the places
//! of the run are put aside as a whole, and come back as they were when the replay is left.

use crate::base::text;
use crate::base::time::{Span, Timestamp};
use crate::engine::handle::Command;
use crate::store::{Phase, Snapshot};
use crate::ui::action::Action;
use crate::ui::app::{App, SPEEDS, speed_text};
use crate::ui::effect::Effect;
use crate::ui::nav::Nav;
use crate::ui::update;
use crate::ui::view::timeline::Timeline;
use crate::ui::view::{ViewId, gone};
use std::sync::Arc;

/// The run that a replay was begun from, as it was on screen.
pub struct Former {
    /// `None` until the replay is there.
    nav: Option<Nav>,
    snapshot: Arc<Snapshot>,
    frozen: bool,
    filter: String,
    /// The window of the timeline, for that of the replay.
    stretch: Option<(Timestamp, Timestamp)>,
}

const fn is_replay(snapshot: &Snapshot) -> bool {
    matches!(snapshot.phase, Phase::Replay { .. })
}

pub(super) fn act(app: &mut App, action: Action) -> Vec<Effect> {
    match action {
        Action::ReplayStart => return begin(app),
        Action::ReplayLeave => return leave(app),
        _ => {}
    }
    let Phase::Replay { speed, .. } = app.newest.phase else {
        app.say("this is no replay: r starts one from the cursor");
        return Vec::new();
    };
    let command = match action {
        Action::ReplayStep => Command::Step(1),
        Action::ReplayStepBack => Command::Step(-1),
        Action::ReplayFaster => Command::Speed(SPEEDS.into_iter().find(|other| *other > speed).unwrap_or(f64::INFINITY)),
        _ => Command::Speed(SPEEDS.into_iter().rev().find(|other| *other < speed).unwrap_or(speed)),
    };
    if let Command::Speed(speed) = command {
        app.say(format!("speed {}", speed_text(speed)));
    }
    vec![Effect::Engine(command)]
}

/// Asks for a replay of what is there, from the cursor on; where the cursor stands at the end, from the start of the
/// window.
fn begin(app: &mut App) -> Vec<Effect> {
    match app.newest.phase {
        Phase::Replay { .. } => {
            app.say("this is a replay: gt goes to a time, R leaves it");
            return Vec::new();
        }
        Phase::Loading { percent } => {
            app.say(format!("still reading ({percent}%): a replay can begin when everything is read"));
            return Vec::new();
        }
        Phase::File | Phase::Live => {}
    }
    // What went from memory cannot be played.
    let oldest = app.newest.tables.events.at(app.newest.first_place(None)).filter(|_| app.newest.let_go.events > 0);
    let (Some(first), Some(last)) = (oldest.or(app.newest.first), app.newest.last) else {
        app.say("no event yet: there is nothing to replay");
        return Vec::new();
    };
    let ctx = app.scene.ctx(update::view_area(app));
    let stretch = app.nav.view().and_then(|view| view.reach(&ctx));
    // A cursor in the last columns stands where the view was opened, not where somebody put it.
    let rest = stretch.map_or(Span::ZERO, |(from, to)| Span::ticks((to - from).as_ticks() / 32));
    let cursor = app.nav.view().and_then(|view| view.selection(&ctx).at).filter(|at| *at + rest < last);
    let from = cursor.or(stretch.map(|(from, _)| from)).unwrap_or(first).clamp(first, last);
    // At the very end there would be nothing to see.
    let from = if from + rest >= last { first } else { from };
    let events = text::count(app.newest.in_memory(None) as u64);
    let gone = gone::words(&app.newest.let_go, app.scene.zone).map_or_else(String::new, |gone| format!("; {gone} and not played"));
    let where_ = if cursor.is_some() { "from the cursor" } else { "from the start of what is on screen" };
    app.former = Some(Former {
        nav: None,
        snapshot: Arc::clone(&app.scene.snapshot),
        frozen: app.frozen,
        filter: app.scene.filter.text().to_owned(),
        stretch,
    });
    app.say(format!("replay {where_}: {} of {events} events{gone}; Space holds, < > speed, R leaves", app.scene.zone.date_time(from)));
    vec![Effect::Engine(Command::Replay(from))]
}

fn leave(app: &mut App) -> Vec<Effect> {
    if !is_replay(&app.newest) && app.former.is_none() {
        app.say("this is no replay: r starts one from the cursor");
        return Vec::new();
    }
    app.scrubbing = false;
    if app.former.is_none() {
        app.say("the whole recording is here now: r replays it from the cursor");
    } else {
        app.say("back where the replay began");
    }
    vec![Effect::Engine(Command::LeaveReplay)]
}

/// A new state is about to be shown: changes worlds where a replay begins or ends, and says what held its clock.
pub(super) fn meet(app: &mut App, before: &Snapshot) -> Vec<Effect> {
    let replay = is_replay(&app.newest);
    let mut effects = Vec::new();
    match (&mut app.former, replay) {
        (Some(former), true) if former.nav.is_none() => {
            let timeline = former.stretch.map_or_else(Timeline::new, |(from, to)| Timeline::of_width(from, to));
            let nav = Nav::with_timeline(Box::new(timeline)).sorted(app.nav.orders());
            former.nav = Some(std::mem::replace(&mut app.nav, nav));
            app.frozen = false;
        }
        (Some(former), false) if former.nav.is_some() => {
            if let Some(Former { nav: Some(nav), snapshot, frozen, filter, .. }) = app.former.take() {
                app.nav = nav;
                app.frozen = frozen;
                if frozen {
                    app.scene.snapshot = snapshot;
                }
                if app.scene.filter.text() != filter {
                    effects.push(Effect::SetFilter(filter));
                }
            }
            app.scrubbing = false;
        }
        _ => {}
    }
    let told = app.newest.playing.paused.filter(|_| before.playing.paused != app.newest.playing.paused);
    if let Some(anomaly) = told.and_then(|id| app.newest.tables.anomaly(id)) {
        let words = format!(
            "paused at anomaly: {} {} {}: {}  (Space goes on)",
            anomaly.severity.letter(),
            anomaly.detection.id,
            anomaly.score,
            anomaly.why
        );
        app.say(words);
    }
    effects
}

/// Part of the recording that one key of the bar moves the clock by.
const FINE: i64 = 100;
const COARSE: i64 = 10;

/// Keys while the bar has the focus; `None`: what they always do.
pub(super) fn scrub(app: &mut App, action: Action) -> Option<Vec<Effect>> {
    let on_timeline = is_replay(&app.newest) && app.nav.tab() == ViewId::Timeline;
    if !on_timeline {
        app.scrubbing = false;
        return None;
    }
    if matches!(action, Action::PaneNext | Action::PanePrev) {
        app.scrubbing = !app.scrubbing;
        app.say(if app.scrubbing {
            "the bar has the keys: h l and H L move the clock, 0 $ go to its ends, Tab gives them back"
        } else {
            "the lanes have the keys"
        });
        return Some(Vec::new());
    }
    if !app.scrubbing {
        return None;
    }
    let (from, to) = (app.newest.playing.from?, app.newest.playing.to?);
    let part = |parts: i64| Span::ticks(((to - from).as_ticks() / parts).max(1));
    let at = match action {
        Action::CursorLeft => app.newest.now - part(FINE),
        Action::CursorRight => app.newest.now + part(FINE),
        Action::PanLeft => app.newest.now - part(COARSE),
        Action::PanRight => app.newest.now + part(COARSE),
        Action::WindowStart | Action::CursorFirst => from,
        Action::WindowEnd | Action::CursorLast => to,
        Action::PopupDismiss => {
            app.scrubbing = false;
            return Some(Vec::new());
        }
        _ => return None,
    };
    Some(vec![Effect::Engine(Command::Seek(at.clamp(from, to)))])
}
