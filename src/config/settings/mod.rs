//! The settings file: rules for accounts, kinds of hosts, names of networks, what is known of the site, what is
//! remembered, how the screen looks, its keys, thresholds of detections.
//!
//! Each setting is declared once, beside the code that uses it (`base::setting`, the `Settings` of a detection); what the
//! file may hold, what `logonscope settings` prints and what is told of a mistake all come from there.

mod more;
mod near;
mod print;
mod read;
mod themes;
mod watch;

pub use more::MoreError;
pub use print::print;
pub use read::read;
pub use watch::{Watch, watch};

use crate::config::command::More;
use crate::detect;
use crate::engine::{self, Rules, memory, replay};
use crate::history;
use crate::query::Saved;
use crate::session::settings as session;
use crate::ui::look::Look;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What the file says, with defaults for the rest.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    pub accounts: session::Settings,
    pub hosts: session::Hosts,
    pub sources: session::Sources,
    pub site: detect::site::Settings,
    pub history: history::Settings,
    pub replay: replay::settings::Settings,
    pub memory: memory::settings::Settings,
    pub detections: detect::Settings,
    /// Filters that can be named.
    pub filters: Arc<Saved>,
    pub look: Look,
    /// The sections that are not the screen's, as they are written: what changes there holds after a restart.
    pub others: toml::Table,
}

/// Sections whose changes hold at once.
const OF_THE_SCREEN: [&str; 3] = ["ui", "keys", "filters"];

impl Settings {
    /// Names of the sections that differ from `before` and hold only after a restart.
    #[must_use]
    pub fn waiting_for_a_restart(&self, before: &Self) -> Vec<String> {
        let names = self.others.keys().chain(before.others.keys());
        let mut changed: Vec<String> = names.filter(|name| self.others.get(*name) != before.others.get(*name)).cloned().collect();
        changed.sort();
        changed.dedup();
        changed
    }
    /// As the engine takes them, with the files that these and the command line name.
    ///
    /// # Errors
    /// One of the files cannot be read or used.
    pub fn rules(self, more: &More) -> Result<Rules, MoreError> {
        let Self { accounts, hosts, sources, site, history: _, replay, memory, detections, look: _, others: _, filters: _ } = self;
        let atlas = Arc::new(more::atlas(&site, &more.geo)?);
        let sigma = Arc::new(more::sigma(&site, &more.rules)?);
        let sessions = session::Rules { accounts: Arc::new(accounts), hosts: Arc::new(hosts), sources: Arc::new(sources), atlas };
        Ok(Rules { sessions, detections: Arc::new(detections), site, sigma, replay, memory, preview: engine::preview::Bounds::default() })
    }
}

/// A file that cannot be used: where the mistake is, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    #[error("{}:{line}:{column}: {message}", .path.display())]
    Mistake { path: PathBuf, line: usize, column: usize, message: String },
    #[error("cannot read {}: {problem}; `logonscope settings > FILE` writes one", .path.display())]
    Unreadable { path: PathBuf, problem: String },
}

/// Where the file lies unless it is named: `logonscope/settings.toml` in the folder for settings of the system.
#[must_use]
pub fn place(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let folder = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base =
        if cfg!(windows) { folder("APPDATA")? } else { folder("XDG_CONFIG_HOME").or_else(|| Some(folder("HOME")?.join(".config")))? };
    Some(base.join("logonscope").join("settings.toml"))
}

/// Reads the named file, which must be there, or else the one in its usual place, which need not.
///
/// # Errors
/// The named file cannot be read, or what is in one cannot be used.
pub fn load(named: Option<&Path>, usual: Option<PathBuf>) -> Result<Settings, SettingsError> {
    let (path, must_be_there) = match (named, usual) {
        (Some(named), _) => (named.to_path_buf(), true),
        (None, Some(usual)) => (usual, false),
        (None, None) => return Ok(Settings::default()),
    };
    match std::fs::read_to_string(&path) {
        Ok(text) => match read(&text) {
            Ok(mut settings) => {
                let folder = path.parent().unwrap_or(Path::new(""));
                settings
                    .site
                    .geo
                    .iter_mut()
                    .chain(&mut settings.site.rules)
                    .for_each(|file| *file = folder.join(&*file).to_string_lossy().into_owned());
                themes::add(&mut settings.look, folder, (&path, &text))?;
                Ok(settings)
            }
            Err(mistake) => Err(mistake.at(path)),
        },
        Err(error) if !must_be_there && error.kind() == std::io::ErrorKind::NotFound => {
            let mut settings = Settings::default();
            themes::add(&mut settings.look, path.parent().unwrap_or(Path::new("")), (&path, ""))?;
            Ok(settings)
        }
        Err(error) => Err(SettingsError::Unreadable { path, problem: error.to_string() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_place_is_the_one_of_the_system() {
        let set = |pairs: &'static [(&str, &str)]| {
            place(move |name| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value)))
        };
        if !cfg!(windows) {
            assert_eq!(set(&[("XDG_CONFIG_HOME", "/x"), ("HOME", "/h")]), Some("/x/logonscope/settings.toml".into()));
            assert_eq!(set(&[("XDG_CONFIG_HOME", "x"), ("HOME", "/h")]), Some("/h/.config/logonscope/settings.toml".into()));
            assert_eq!(set(&[]), None);
        }
    }

    #[test]
    fn a_usual_file_may_be_missing_and_a_named_one_may_not() {
        let none = PathBuf::from("/nowhere/settings.toml");
        assert!(load(None, Some(none.clone())).is_ok());
        assert!(matches!(load(Some(&none), None), Err(SettingsError::Unreadable { .. })));
    }
}
