//! Keys of the replay: its clock, its speed, its steps.

use crate::engine::handle::Command;
use crate::store::Phase;
use crate::ui::action::Action;
use crate::ui::app::{App, SPEEDS, speed_text};
use crate::ui::effect::Effect;

pub(super) fn act(app: &mut App, action: Action) -> Vec<Effect> {
    let Phase::Replay { speed, .. } = app.newest.phase else {
        app.say("this is no replay: logonscope replay INPUT... plays a recording");
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
