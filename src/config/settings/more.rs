//! Files that the settings and the command line name: databases of places, folders of Sigma rules.

use crate::detect::{sigma, site};
use crate::model::place::Place;
use crate::session::atlas::{Atlas, AtlasError};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// A file that is named and cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoreError {
    #[error("{option}: cannot read {}: {problem}", .path.display())]
    Unreadable { option: &'static str, path: PathBuf, problem: String },
    #[error("--geo: {0}")]
    Database(#[from] AtlasError),
    #[error("--rules: {} has no .yml or .yaml file: name a folder of Sigma rules", .0.display())]
    NoRules(PathBuf),
}

fn unreadable(option: &'static str, path: &Path, error: &io::Error) -> MoreError {
    MoreError::Unreadable { option, path: path.to_path_buf(), problem: error.to_string() }
}

/// # Errors
/// A database cannot be read or used.
pub fn atlas(site: &site::Settings, geo: &[PathBuf]) -> Result<Atlas, MoreError> {
    let placed = site.places.iter().filter_map(|(network, at)| Some((network.0, Place::on_earth(at.0, at.1)?)));
    let mut atlas = Atlas::new(placed.collect());
    for path in geo.iter().cloned().chain(site.geo.iter().map(PathBuf::from)) {
        let bytes = std::fs::read(&path).map_err(|error| unreadable("--geo", &path, &error))?;
        atlas.add(&path.display().to_string(), bytes)?;
    }
    Ok(atlas)
}

/// Files of rules that are read; a folder with more is a mistake.
const MOST_FILES: usize = 20_000;

/// Rules that cannot be run are told in `Rules::refused`; they stop nothing.
///
/// # Errors
/// A folder cannot be read, or there is no rule in it.
pub fn sigma(site: &site::Settings, rules: &[PathBuf]) -> Result<sigma::Rules, MoreError> {
    let mut texts: Vec<(String, String)> = Vec::new();
    let mut refused: Vec<(String, String)> = Vec::new();
    for path in rules.iter().cloned().chain(site.rules.iter().map(PathBuf::from)) {
        std::fs::metadata(&path).map_err(|error| unreadable("--rules", &path, &error))?;
        let before = texts.len() + refused.len();
        for entry in walkdir::WalkDir::new(&path).sort_by_file_name() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    let place = error.path().unwrap_or(&path).display().to_string();
                    refused.push((place, format!("cannot be read: {error}")));
                    continue;
                }
            };
            let is_rule = entry.path().extension().is_some_and(|end| end.eq_ignore_ascii_case("yml") || end.eq_ignore_ascii_case("yaml"));
            if !is_rule || !entry.file_type().is_file() {
                continue;
            }
            let name = entry.path().display().to_string();
            if texts.len() >= MOST_FILES {
                refused.push((name, format!("more than {MOST_FILES} files of rules: this one and those after it are not read")));
                break;
            }
            match text(entry.path()) {
                Ok(text) => texts.push((name, text)),
                Err(reason) => refused.push((name, reason)),
            }
        }
        if texts.len() + refused.len() == before {
            return Err(MoreError::NoRules(path));
        }
    }
    let mut rules = sigma::Rules::read(texts.iter().map(|(name, text)| (name.as_str(), text.as_str())));
    refused.into_iter().for_each(|(name, reason)| rules.refuse(&name, 1, "", reason));
    Ok(rules)
}

fn text(path: &Path) -> Result<String, String> {
    let mut bytes = Vec::new();
    let most = sigma::MOST_BYTES as u64 + 1;
    let read = std::fs::File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes));
    read.map_err(|error| format!("cannot be read: {error}"))?;
    if bytes.len() > sigma::MOST_BYTES {
        return Err(format!("larger than {} KiB: no rule", sigma::MOST_BYTES >> 10));
    }
    String::from_utf8(bytes).map_err(|_| "no UTF-8 text".to_owned())
}
