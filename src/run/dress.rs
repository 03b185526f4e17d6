//! How the screen is set up: flags win over the settings file, the settings file over what ships; and what a change of
//! the file does while the screen is open.

use crate::base::time::Zone;
use crate::config::look::Look;
use crate::config::settings::{self, Settings, SettingsError};
use crate::ui::look::{self, Colours, News, Signs};
use crate::ui::run::Setup;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::mpsc;

/// What the command line and the settings file say of the screen.
pub(super) struct Dress {
    pub flags: Look,
    pub settings: Settings,
    /// The settings file, where it is named.
    pub named: Option<PathBuf>,
    /// The words of a command line that opens the same inputs again.
    pub again: Vec<String>,
}

/// Where the settings lie unless they are named.
pub(super) fn usual() -> Option<PathBuf> {
    settings::place(|name| std::env::var_os(name))
}

/// Reads the settings file.
///
/// # Errors
/// As `settings::load`.
pub(super) fn load(named: Option<&Path>) -> Result<Settings, SettingsError> {
    settings::load(named, usual())
}

impl Dress {
    #[must_use]
    pub fn zone(&self) -> Zone {
        zone(&self.flags, &self.settings.look)
    }
    /// The setup, without what comes from elsewhere.
    #[must_use]
    pub fn setup(&self) -> Setup {
        Setup { again: self.again.clone(), start: self.flags.shown.start(), ..setup(&self.flags, &self.settings) }
    }
    /// Watches the settings file as long as the second part lives; what it says arrives at the receiver.
    #[must_use]
    pub fn watch(&self) -> (mpsc::UnboundedReceiver<News>, Option<settings::Watch>) {
        let (send, news) = mpsc::unbounded_channel();
        let (flags, before, named) = (self.flags.clone(), self.settings.clone(), self.named.clone());
        let watching = self.named.clone().or_else(usual).and_then(|path| {
            settings::watch(&path, move || {
                // Nobody waits for it any more when the screen was left.
                let _ = send.send(read_again(&flags, &before, named.as_deref()));
            })
        });
        (news, watching)
    }
}

fn read_again(flags: &Look, before: &Settings, named: Option<&Path>) -> News {
    match load(named) {
        Ok(settings) => {
            tracing::info!("settings were changed and read again");
            let waiting = settings.waiting_for_a_restart(before);
            let mut beside = match waiting.as_slice() {
                [] => String::new(),
                names => format!("; [{}] after a restart", names.join("], [")),
            };
            if let Some(complaint) = &settings.look.complaint {
                beside += &format!("; {complaint}");
            }
            News::Setup(Box::new(setup(flags, &settings)), beside)
        }
        Err(error) => {
            tracing::warn!(%error, "settings were changed and cannot be used");
            News::Wrong(error.to_string())
        }
    }
}

fn zone(flags: &Look, look: &look::Look) -> Zone {
    flags.zone.unwrap_or(look.settings.zone.0)
}

fn setup(flags: &Look, of: &Settings) -> Setup {
    let (look, settings) = (&of.look, &of.look.settings);
    let signs = match flags.glyphs.as_deref() {
        _ if flags.ascii => Signs::Ascii,
        Some("ascii") => Signs::Ascii,
        Some("unicode") => Signs::Unicode,
        Some("fine") => Signs::Fine,
        _ => settings.glyphs,
    };
    Setup {
        saved: of.filters.clone(),
        complaint: look.complaint.clone(),
        zone: zone(flags, look),
        ascii: signs == Signs::Ascii,
        unicode: matches!(signs, Signs::Unicode | Signs::Fine),
        fine: signs == Signs::Fine,
        no_color: flags.no_color || settings.colours == Colours::None,
        theme: flags.theme.clone().or_else(|| settings.theme().map(str::to_owned)),
        depth: settings.colours.depth(),
        options: settings.options(),
        themes: look.themes.clone(),
        keymap: Some(look.keymap.clone()),
        mouse: settings.mouse,
        mask: flags.mask,
        clipboard: settings.clipboard,
        filter: flags.filter.clone(),
        site_zones: std::iter::once(of.site.zone.0).chain(of.site.zones.keys().map(|zone| zone.0)).collect(),
        host_zones: Arc::new(of.site.host_zones.iter().map(|(zone, hosts)| (zone.0, hosts.clone())).collect()),
        ..Setup::default()
    }
}
