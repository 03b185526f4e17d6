//! From the text of a theme file to a theme; a mistake is told with its line.

use super::{Look, MEANINGS, Theme};
use crate::ui::theme::Depth;
use ratatui::style::{Color, Modifier};
use serde::Deserialize;
use std::collections::BTreeMap;

/// What is wrong with a theme file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("theme, line {line}: {message}")]
pub struct ThemeError {
    pub line: usize,
    pub message: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    parent: Option<toml::Spanned<String>>,
    #[serde(default)]
    colourless: bool,
    #[serde(default)]
    meanings: BTreeMap<toml::Spanned<String>, toml::Spanned<Line>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    fg: Option<String>,
    bg: Option<String>,
    ansi: Option<String>,
    #[serde(default)]
    add: Vec<String>,
}

fn rgb(text: &str) -> Option<(u8, u8, u8)> {
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
    let part = |range| u8::from_str_radix(digits.get(range)?, 16).ok();
    Some((part(0..2)?, part(2..4)?, part(4..6)?))
}

fn ansi(name: &str) -> Option<Color> {
    Some(match name {
        "red" => Color::Red,
        "green" => Color::Green,
        "yellow" => Color::Yellow,
        "blue" => Color::Blue,
        "magenta" => Color::Magenta,
        "cyan" => Color::Cyan,
        "white" => Color::White,
        "black" => Color::Black,
        _ => return None,
    })
}

fn modifier(name: &str) -> Option<Modifier> {
    Some(match name {
        "bold" => Modifier::BOLD,
        "dim" => Modifier::DIM,
        "underline" => Modifier::UNDERLINED,
        "reverse" => Modifier::REVERSED,
        _ => return None,
    })
}

impl Line {
    fn look(&self) -> Result<Look, String> {
        fn read<T>(what: Option<&String>, by: fn(&str) -> Option<T>, wanted: &str) -> Result<Option<T>, String> {
            what.map(|text| by(text).ok_or_else(|| format!("'{text}' is not {wanted}"))).transpose()
        }
        let mut add = Modifier::empty();
        for name in &self.add {
            add |= modifier(name).ok_or_else(|| format!("'{name}' is not bold, dim, underline or reverse"))?;
        }
        Ok(Look {
            fg: read(self.fg.as_ref(), rgb, "a colour such as #56B4E9")?,
            bg: read(self.bg.as_ref(), rgb, "a colour such as #56B4E9")?,
            ansi: read(self.ansi.as_ref(), ansi, "one of red green yellow blue magenta cyan white black")?,
            add,
        })
    }
}

impl Theme {
    /// Reads a theme file; a parent is one of the themes that ship.
    ///
    /// # Errors
    /// The first line that cannot be read or names an unknown parent, meaning, colour or attribute.
    pub fn parse(name: &str, text: &str) -> Result<Self, ThemeError> {
        Self::parse_with(name, text, |parent| Self::shipped(parent).filter(|_| parent != name).ok_or_else(|| unknown(parent)))
    }
    /// The same with parents from elsewhere; `parent` says why one cannot be had.
    pub(super) fn parse_with(name: &str, text: &str, mut parent_of: impl FnMut(&str) -> Result<Self, String>) -> Result<Self, ThemeError> {
        let line_of = |place: usize| text.get(..place).map_or(1, |before| before.matches('\n').count() + 1);
        let file: File = toml::from_str(text).map_err(|error| ThemeError {
            line: error.span().map_or(1, |span| line_of(span.start)),
            message: error.message().trim().to_owned(),
        })?;
        let (mut looks, mut colourless) = (BTreeMap::new(), file.colourless);
        if let Some(parent) = &file.parent {
            let line = line_of(parent.span().start);
            let parent = parent_of(parent.get_ref()).map_err(|message| ThemeError { line, message })?;
            (looks, colourless) = (parent.looks, colourless || parent.colourless);
        }
        for (key, line) in &file.meanings {
            let at = |message: String| ThemeError { line: line_of(key.span().start), message };
            let meaning = MEANINGS.iter().find(|(_, name)| name == key.get_ref());
            let (meaning, _) = meaning.ok_or_else(|| {
                let known: Vec<&str> = MEANINGS.iter().map(|(_, name)| *name).collect();
                at(format!("unknown meaning '{}': write one of {}", key.get_ref(), known.join(", ")))
            })?;
            looks.insert(*meaning, line.get_ref().look().map_err(at)?);
        }
        Ok(Self { name: name.to_owned(), colourless, depth: Depth::True, looks })
    }
}

pub(super) fn unknown(parent: &str) -> String {
    format!("no theme '{parent}' to take the rest from")
}
