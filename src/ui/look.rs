//! What the settings file says of the screen (`[ui]`), and what a change of it does while the screen is open.

use crate::base::setting::settings;
use crate::base::time::Zone;
use crate::detect::site::ZoneName;
use crate::ui::app::{App, Setup};
use crate::ui::clipboard::Clipboard;
use crate::ui::effect::Effect;
use crate::ui::glyph::{ASCII, FINE, Glyphs, UNICODE};
use crate::ui::ground::Ground;
use crate::ui::keymap::Keymap;
use crate::ui::theme::{Depth, Theme, Themes};
use crate::ui::view::Options;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How many colours are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Colours {
    #[default]
    Auto,
    True,
    #[serde(rename = "256")]
    Cube,
    #[serde(rename = "16")]
    Ansi,
    None,
}

impl Colours {
    /// `None` where the terminal decides.
    #[must_use]
    pub const fn depth(self) -> Option<Depth> {
        match self {
            Self::Auto | Self::None => None,
            Self::True => Some(Depth::True),
            Self::Cube => Some(Depth::Cube),
            Self::Ansi => Some(Depth::Ansi),
        }
    }
}

/// Which signs are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Signs {
    /// By the locale and the terminal.
    #[default]
    Auto,
    Unicode,
    /// An overview in dots.
    Fine,
    Ascii,
}

settings! {
    /// How the screen looks and what it starts with.
    pub struct Settings {
        /// Colours: auto (for a dark or a light background, as the terminal has), default-dark, default-light, mono,
        /// high-contrast, deuteranopia, tritanopia, or NAME for the file themes/NAME.toml beside this one.
        pub theme: String = "auto".to_owned(),
        /// How many colours the terminal shows: auto, true (16 million), 256, 16 or none.
        pub colours: Colours = Colours::Auto,
        /// Signs: auto (by the locale), unicode, fine (an overview in dots; needs a font with Braille) or ascii.
        pub glyphs: Signs = Signs::Auto,
        /// Zone of times on the screen: utc, local or a name such as Europe/Vienna.
        pub zone: ZoneName = ZoneName(Zone::Utc),
        /// The mouse selects and scrolls; the terminal's own selection then needs Shift.
        pub mouse: bool = false,
        /// Copies leave by: auto (a tool of this computer, over SSH the terminal), native, osc52 (the terminal), or off.
        pub clipboard: Clipboard = Clipboard::Auto,
        /// Computer accounts are listed and counted.
        pub machine_accounts: bool = true,
        /// SYSTEM, DWM-n, UMFD-n and virtual accounts are listed and counted.
        pub built_in_accounts: bool = false,
        /// Lanes without events are drawn.
        pub empty_lanes: bool = true,
        /// Long lines are wrapped, not cut.
        pub wrap: bool = false,
        /// Lists show the details of what is under the cursor.
        pub details: bool = true,
    }
}

impl Settings {
    /// The switches as they stand at the start.
    #[must_use]
    #[allow(clippy::needless_update)] // switches without a setting
    pub fn options(&self) -> Options {
        Options {
            machine_accounts: self.machine_accounts,
            built_in_accounts: self.built_in_accounts,
            empty_lanes: self.empty_lanes,
            wrap: self.wrap,
            peek: self.details,
            ..Options::default()
        }
    }
    /// The theme that is named, unless the terminal decides.
    #[must_use]
    pub fn theme(&self) -> Option<&str> {
        (self.theme != "auto").then_some(self.theme.as_str())
    }
}

/// All that the settings file says of the screen.
#[derive(Clone, Debug)]
pub struct Look {
    pub settings: Settings,
    pub keymap: Arc<Keymap>,
    pub themes: Themes,
    /// What is wrong with theme files that are not in use.
    pub complaint: Option<String>,
}

impl Default for Look {
    fn default() -> Self {
        Self { settings: Settings::default(), keymap: Arc::new(Keymap::shipped()), themes: Themes::default(), complaint: None }
    }
}

/// The settings file was written while the screen is open.
#[derive(Clone, Debug)]
pub enum News {
    /// It can be used: the setup it leads to, and what is to be said beside.
    Setup(Box<Setup>, String),
    /// It cannot: what was in force stays.
    Wrong(String),
}

pub(super) const fn glyphs(setup: &Setup) -> &'static Glyphs {
    match (setup.ascii, setup.fine) {
        (true, _) => &ASCII,
        (false, true) => &FINE,
        (false, false) => &UNICODE,
    }
}

/// The theme a setup asks for.
pub(super) fn theme(setup: &Setup) -> Theme {
    let mut theme = setup.theme.as_deref().and_then(|name| setup.themes.find(name)).cloned().unwrap_or_default();
    theme.colourless |= setup.no_color;
    theme.depth = setup.depth.unwrap_or_default();
    theme
}

/// Takes a new setup over. What keys changed meanwhile stays, unless the setup changes it too. Says what changed.
pub(super) fn renew(app: &mut App, setup: Setup, beside: &str) -> Vec<Effect> {
    let old = std::mem::replace(&mut app.setup, setup);
    let new = &app.setup;
    let mut changed: Vec<&str> = Vec::new();
    if (&old.theme, old.no_color, old.depth, &old.themes) != (&new.theme, new.no_color, new.depth, &new.themes) {
        app.scene.theme = theme(new);
        app.no_color = new.no_color;
        changed.push("colours");
    }
    if (old.ascii, old.fine) != (new.ascii, new.fine) {
        app.scene.glyphs = glyphs(new);
        changed.push("signs");
    }
    if old.saved != new.saved {
        app.scene.filter.know(std::sync::Arc::clone(&new.saved));
        changed.push("saved filters");
    }
    if old.zone != new.zone {
        app.scene.zone = new.zone;
        app.zones = zones(new);
        changed.push("zone");
    }
    if old.options != new.options {
        app.scene.options = new.options;
        changed.push("switches");
    }
    if old.keymap != new.keymap {
        app.keymap = new.keymap();
        app.pressed.clear();
        changed.push("keys");
    }
    let mut effects = Vec::new();
    if old.mouse != new.mouse && app.mouse != new.mouse {
        app.mouse = new.mouse;
        effects.push(Effect::Mouse(new.mouse));
        changed.push("mouse");
    }
    let said = if changed.is_empty() { "nothing of the screen changed".to_owned() } else { format!("new {}", changed.join(", ")) };
    app.say(format!("settings read again: {said}{beside}"));
    effects
}

/// The terminal said what its background is. Where it decides on the theme, and no key has chosen another, that counts.
pub(super) fn ground(app: &mut App, ground: Ground) {
    app.ground = Some(ground);
    let is_as_begun = app.setup.theme.as_deref() == Some(app.scene.theme.name.as_str());
    if app.setup.theme_by_terminal && is_as_begun {
        app.setup.theme = Some(ground.theme().to_owned());
        app.scene.theme = theme(&app.setup);
    }
}

/// Zones worth changing to, each once.
pub(super) fn zones(setup: &Setup) -> Vec<Zone> {
    let mut zones = vec![setup.zone];
    for zone in [Zone::Utc, Zone::Local].into_iter().chain(setup.site_zones.iter().copied()) {
        if !zones.contains(&zone) {
            zones.push(zone);
        }
    }
    zones
}
