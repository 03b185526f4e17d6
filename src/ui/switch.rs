//! The switches of the `t` keys.

use crate::base::pattern::Glob;
use crate::base::time::Zone;
use crate::ui::action::Action;
use crate::ui::app::App;
use crate::ui::glyph::{ASCII, SETS};
use crate::ui::select;
use crate::ui::update::view_area;
use crate::ui::view::words;

/// The host under the cursor and the zone of its clock, as far as the settings say it: no record is asked for it.
fn host(app: &App) -> Option<(String, Option<Zone>)> {
    let id = select::of(app).host?;
    let shown = words::host(id, &app.scene.ctx(view_area(app)));
    // The settings know the real name, also where the screen shows another.
    let names = &app.newest.names;
    let host = app.newest.tables.host(id)?;
    let mut texts: Vec<String> = host.all_names().map(|name| names.raw(name).to_lowercase()).collect();
    texts.push(host.short(names).to_lowercase());
    let fits = |patterns: &[Glob]| patterns.iter().any(|pattern| texts.iter().any(|text| pattern.matches(text)));
    Some((shown, app.setup.host_zones.iter().find(|(_, patterns)| fits(patterns)).map(|(zone, _)| *zone)))
}

/// Words for a switch that is on, and off.
const SHOWN: [&str; 2] = ["shown", "hidden"];

fn turn(switch: &mut bool, noun: &str, [on, off]: [&str; 2]) -> String {
    *switch = !*switch;
    format!("{noun} {}", if *switch { on } else { off })
}

/// Turns a switch and says what it did.
pub(super) fn act(app: &mut App, action: Action) {
    let host = if action == Action::ToggleUtc { host(app) } else { None };
    let scene = &mut app.scene;
    let text = match action {
        Action::ToggleUtc => {
            let mut zones = app.zones.clone();
            zones.extend(host.as_ref().and_then(|(_, zone)| *zone).filter(|zone| !app.zones.contains(zone)));
            let at = zones.iter().position(|zone| *zone == scene.zone).map_or(0, |place| place + 1);
            scene.zone = zones.get(at).or(zones.first()).copied().unwrap_or_default();
            let zone = match scene.zone {
                Zone::Utc => "UTC".to_owned(),
                Zone::Local => "the local zone of this computer".to_owned(),
                Zone::Named(zone) => zone.to_string(),
            };
            let of_host = match host {
                Some((name, Some(zone))) if zone == scene.zone => format!(", the zone of {name} ([site] host_zones)"),
                Some((name, None)) => format!("; that of {name} is not known ([site] host_zones)"),
                _ => String::new(),
            };
            format!("times in {zone}{of_host}")
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
        Action::ToggleMachine => turn(&mut scene.options.machine_accounts, "machine accounts", SHOWN),
        Action::ToggleService => turn(&mut scene.options.built_in_accounts, "built-in accounts (SYSTEM, DWM-n)", SHOWN),
        Action::TogglePerf => turn(&mut app.perf.is_shown, "timing", SHOWN),
        Action::ToggleLanes => turn(&mut scene.options.empty_lanes, "empty lanes", SHOWN),
        _ => turn(&mut scene.options.wrap, "long lines", ["wrapped", "cut"]),
    };
    app.say(text);
}
