//! Theme files: `themes/NAME.toml` in the folder of the settings file.

use super::SettingsError;
use super::read::Mistake;
use crate::ui::look::Look;
use crate::ui::theme::Themes;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::DeTable;

/// The folder of theme files beside a settings file.
pub(super) fn folder(beside: &Path) -> PathBuf {
    beside.join("themes")
}

/// Adds the themes of the folder. A file with a mistake is a complaint; where the settings name its theme, an error.
///
/// # Errors
/// The theme that the settings name is not there, or its file has a mistake.
pub(super) fn add(look: &mut Look, beside: &Path, (settings, text): (&Path, &str)) -> Result<(), SettingsError> {
    let folder = folder(beside);
    let mut files: Vec<(String, String)> = Vec::new();
    let mut unread = Vec::new();
    for entry in walkdir::WalkDir::new(&folder).max_depth(1).sort_by_file_name().into_iter().filter_map(Result::ok) {
        let path = entry.path();
        if entry.file_type().is_dir() || path.extension().is_none_or(|end| end != "toml") {
            continue;
        }
        let Some(name) = path.file_stem().and_then(|stem| stem.to_str()) else { continue };
        match std::fs::read_to_string(path) {
            Ok(text) => files.push((name.to_owned(), text)),
            Err(error) => unread.push(format!("{}: cannot be read: {error}", path.display())),
        }
    }
    let (themes, wrong) = Themes::with(&files);
    let wanted = look.settings.theme();
    for (name, error) in &wrong {
        let path = folder.join(format!("{name}.toml"));
        if wanted == Some(name) {
            return Err(SettingsError::Mistake { path, line: error.line, column: 1, message: error.message.clone() });
        }
        unread.push(format!("{}:{}: {}", path.display(), error.line, error.message));
    }
    if let Some(name) = wanted.filter(|name| themes.find(name).is_none()) {
        let names: Vec<&str> = themes.names().collect();
        let message = format!("no theme '{name}'; write one of auto, {}", names.join(", "));
        return Err(Mistake::new(text, place(text), message).at(settings.to_path_buf()));
    }
    look.themes = themes;
    look.complaint = unread.into_iter().next();
    Ok(())
}

/// Where the settings name a theme.
fn place(text: &str) -> Option<std::ops::Range<usize>> {
    DeTable::parse(text).ok()?.get_ref().get("ui")?.get_ref().get("theme").map(Spanned::span)
}
