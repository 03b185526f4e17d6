//! Colours by meaning. A view asks for a meaning, never for a colour; each meaning also has an attribute or a sign, so
//! that nothing is lost without colour.
//!
//! Themes are data (`assets/themes/*.toml`). Where colours are off, none goes into the buffer at all: a colour change
//! that the terminal library suppresses would also reset bold and reverse.

use crate::model::anomaly::Severity;
use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Meaning {
    Text,
    /// Labels, frames, what matters less.
    Dim,
    /// Titles, names of the open view.
    Strong,
    Severity(Severity),
    Failure,
    Success,
    /// A session that is open.
    Open,
    /// Inferred, disconnected.
    Uncertain,
    /// Under the cursor.
    Cursor,
    Match,
    /// Lag, losses, bad records.
    Trouble,
    Privileged,
    /// A key in a hint.
    Key,
}

/// Every meaning with its name in theme files.
pub const MEANINGS: [(Meaning, &str); 17] = [
    (Meaning::Text, "text"),
    (Meaning::Dim, "dim"),
    (Meaning::Strong, "strong"),
    (Meaning::Severity(Severity::Info), "severity.info"),
    (Meaning::Severity(Severity::Low), "severity.low"),
    (Meaning::Severity(Severity::Medium), "severity.medium"),
    (Meaning::Severity(Severity::High), "severity.high"),
    (Meaning::Severity(Severity::Critical), "severity.critical"),
    (Meaning::Failure, "failure"),
    (Meaning::Success, "success"),
    (Meaning::Open, "open"),
    (Meaning::Uncertain, "uncertain"),
    (Meaning::Cursor, "cursor"),
    (Meaning::Match, "match"),
    (Meaning::Trouble, "trouble"),
    (Meaning::Privileged, "privileged"),
    (Meaning::Key, "key"),
];

const SHIPPED: [(&str, &str); 5] = [
    ("default-dark", include_str!("../../assets/themes/default-dark.toml")),
    ("default-light", include_str!("../../assets/themes/default-light.toml")),
    ("mono", include_str!("../../assets/themes/mono.toml")),
    ("high-contrast", include_str!("../../assets/themes/high-contrast.toml")),
    ("deuteranopia", include_str!("../../assets/themes/deuteranopia.toml")),
];

/// Names of the themes that ship, in the order of the theme key.
pub fn names() -> impl Iterator<Item = &'static str> {
    SHIPPED.iter().map(|(name, _)| *name)
}

/// How many colours a terminal shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Depth {
    #[default]
    True,
    /// The cube of 256.
    Cube,
    Ansi,
}

impl Depth {
    /// By `COLORTERM` and `TERM`.
    #[must_use]
    pub fn of_terminal(colorterm: Option<&str>, term: Option<&str>) -> Self {
        match (colorterm, term) {
            (Some("truecolor" | "24bit"), _) => Self::True,
            (_, Some(term)) if term.contains("direct") => Self::True,
            (_, Some(term)) if term.contains("256") => Self::Cube,
            _ => Self::Ansi,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Look {
    fg: Option<(u8, u8, u8)>,
    bg: Option<(u8, u8, u8)>,
    ansi: Option<Color>,
    add: Modifier,
}

/// A set of styles.
#[derive(Clone, Debug)]
pub struct Theme {
    pub name: String,
    /// No colour goes into the buffer at all.
    pub colourless: bool,
    pub depth: Depth,
    looks: BTreeMap<Meaning, Look>,
}

impl Default for Theme {
    fn default() -> Self {
        let bare = || Self { name: "bare".into(), colourless: true, depth: Depth::True, looks: BTreeMap::new() };
        Self::shipped("default-dark").unwrap_or_else(bare)
    }
}

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
    /// A theme that ships; `None` for another name.
    #[must_use]
    pub fn shipped(name: &str) -> Option<Self> {
        let (_, text) = SHIPPED.iter().find(|(other, _)| *other == name)?;
        Self::parse(name, text).ok()
    }
    /// Reads a theme file.
    ///
    /// # Errors
    /// The first line that cannot be read or names an unknown parent, meaning, colour or attribute.
    pub fn parse(name: &str, text: &str) -> Result<Self, ThemeError> {
        let line_of = |place: usize| text.get(..place).map_or(1, |before| before.matches('\n').count() + 1);
        let file: File = toml::from_str(text).map_err(|error| ThemeError {
            line: error.span().map_or(1, |span| line_of(span.start)),
            message: error.message().to_owned(),
        })?;
        let mut looks = match &file.parent {
            None => BTreeMap::new(),
            Some(parent) if parent.get_ref() == name => BTreeMap::new(),
            Some(parent) => {
                let line = line_of(parent.span().start);
                let missing = || ThemeError { line, message: format!("no theme '{}' to take the rest from", parent.get_ref()) };
                Self::shipped(parent.get_ref()).ok_or_else(missing)?.looks
            }
        };
        for (key, line) in &file.meanings {
            let at = |message: String| ThemeError { line: line_of(key.span().start), message };
            let meaning = MEANINGS.iter().find(|(_, name)| name == key.get_ref());
            let (meaning, _) = meaning.ok_or_else(|| at(format!("unknown meaning '{}'", key.get_ref())))?;
            looks.insert(*meaning, line.get_ref().look().map_err(at)?);
        }
        Ok(Self { name: name.to_owned(), colourless: file.colourless, depth: Depth::True, looks })
    }
    #[must_use]
    pub fn style(&self, meaning: Meaning) -> Style {
        let look = self.looks.get(&meaning).copied().unwrap_or_default();
        let mut style = Style::default().add_modifier(look.add);
        if self.colourless {
            return style;
        }
        let colour = |(r, g, b)| match self.depth {
            Depth::True => Color::Rgb(r, g, b),
            Depth::Cube => Color::Indexed(cube(r, g, b)),
            Depth::Ansi => look.ansi.unwrap_or(Color::Reset),
        };
        if let Some(fg) = look.fg {
            style = style.fg(colour(fg));
        }
        if let Some(bg) = look.bg {
            style = style.bg(if self.depth == Depth::Ansi { Color::Black } else { colour(bg) });
        }
        style
    }
}

/// The nearest colour of the 6x6x6 cube.
fn cube(r: u8, g: u8, b: u8) -> u8 {
    let step = |value: u8| match value {
        0..=47 => 0,
        48..=114 => 1,
        _ => (value - 35) / 40,
    };
    16 + 36 * step(r) + 6 * step(g) + step(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_theme_styles_every_meaning() {
        for (name, text) in SHIPPED {
            let theme = Theme::parse(name, text).unwrap();
            for (meaning, word) in MEANINGS {
                assert!(theme.looks.contains_key(&meaning), "{name}: {word}");
            }
        }
    }

    #[test]
    fn severities_differ_without_colour() {
        for name in names() {
            let mut theme = Theme::shipped(name).unwrap();
            theme.colourless = true;
            let critical = theme.style(Meaning::Severity(Severity::Critical));
            assert_ne!(critical, theme.style(Meaning::Severity(Severity::High)), "{name}");
            assert_eq!((critical.fg, critical.bg), (None, None));
        }
        assert!(Theme::shipped("mono").unwrap().colourless);
    }

    #[test]
    fn colours_follow_what_the_terminal_shows() {
        let mut theme = Theme::default();
        let failure = |theme: &Theme| theme.style(Meaning::Failure).fg;
        assert_eq!(failure(&theme), Some(Color::Rgb(0xD5, 0x5E, 0x00)));
        theme.depth = Depth::of_terminal(None, Some("screen-256color"));
        assert_eq!(failure(&theme), Some(Color::Indexed(166)));
        theme.depth = Depth::of_terminal(None, Some("linux"));
        assert_eq!(failure(&theme), Some(Color::Red));
        assert_eq!(Depth::of_terminal(Some("truecolor"), Some("xterm")), Depth::True);
    }

    #[test]
    fn mistakes_are_named_with_their_line() {
        let error = |text: &str| Theme::parse("mine", text).unwrap_err().to_string();
        assert_eq!(error("[meanings]\ntext = {}\nfailures = {}\n"), "theme, line 3: unknown meaning 'failures'");
        assert_eq!(error("[meanings]\ntext = { fg = \"red\" }\n"), "theme, line 2: 'red' is not a colour such as #56B4E9");
        assert_eq!(error("parent = \"no\"\n"), "theme, line 1: no theme 'no' to take the rest from");
        assert!(error("[meanings]\ntext = { colour = 3 }\n").starts_with("theme, line 2: unknown field"));
    }
}
