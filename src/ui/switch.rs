//! The switches of the `t` keys.

use crate::ui::action::Action;
use crate::ui::app::App;
use crate::ui::glyph::{ASCII, SETS};

/// Turns a switch and says what it did.
pub(super) fn act(app: &mut App, action: Action) {
    let scene = &mut app.scene;
    let shown = |on: bool| if on { "shown" } else { "hidden" };
    let text = match action {
        Action::ToggleUtc => {
            let at = app.zones.iter().position(|zone| *zone == scene.zone).map_or(0, |place| place + 1);
            scene.zone = app.zones.get(at).or(app.zones.first()).copied().unwrap_or_default();
            let zone = match scene.zone {
                crate::base::time::Zone::Utc => "UTC".to_owned(),
                crate::base::time::Zone::Local => "the local zone of this computer".to_owned(),
                crate::base::time::Zone::Named(zone) => zone.to_string(),
            };
            format!("times in {zone}")
        }
        Action::ToggleRelative => {
            scene.options.since = if scene.options.since.is_some() { None } else { Some(scene.snapshot.now) };
            match scene.options.since {
                Some(_) => "times count from the moment under the cursor; the axis and this row keep the clock".to_owned(),
                None => "times as the clock shows them".to_owned(),
            }
        }
        Action::ToggleAscii => {
            let next = SETS.iter().position(|set| set.name == scene.glyphs.name).map_or(0, |place| (place + 1) % SETS.len());
            scene.glyphs = SETS.get(next).copied().unwrap_or(&ASCII);
            format!("glyphs: {}", scene.glyphs.name)
        }
        Action::ToggleTheme => {
            if let Some(next) = app.setup.themes.after(&scene.theme.name) {
                let (depth, colourless) = (scene.theme.depth, next.colourless || app.no_color);
                scene.theme = next.clone();
                (scene.theme.depth, scene.theme.colourless) = (depth, colourless);
            }
            format!("theme: {}{}", scene.theme.name, if app.no_color { " (colours are off: NO_COLOR or --no-color)" } else { "" })
        }
        Action::ToggleMachine => {
            scene.options.machine_accounts = !scene.options.machine_accounts;
            format!("machine accounts {}", shown(scene.options.machine_accounts))
        }
        Action::ToggleService => {
            scene.options.built_in_accounts = !scene.options.built_in_accounts;
            format!("built-in accounts (SYSTEM, DWM-n) {}", shown(scene.options.built_in_accounts))
        }
        Action::TogglePerf => {
            app.perf.is_shown = !app.perf.is_shown;
            format!("timing {}", shown(app.perf.is_shown))
        }
        Action::ToggleLanes => {
            scene.options.empty_lanes = !scene.options.empty_lanes;
            format!("empty lanes {}", shown(scene.options.empty_lanes))
        }
        _ => {
            scene.options.wrap = !scene.options.wrap;
            format!("long lines {}", if scene.options.wrap { "wrapped" } else { "cut" })
        }
    };
    app.say(text);
}
