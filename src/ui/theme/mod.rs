//! Colours by meaning. A view asks for a meaning, never for a colour; each meaning also has an attribute or a sign, so
//! that nothing is lost without colour.
//!
//! Themes are data: those that ship (`assets/themes/*.toml`), and those in the folder `themes` beside the settings. Where
//! colours are off, none goes into the buffer at all: a colour change that the terminal library suppresses would also
//! reset bold and reverse.

mod depth;
mod file;
mod set;

pub use depth::Depth;
pub use file::ThemeError;
pub use set::Themes;

use crate::model::anomaly::Severity;
use ratatui::style::{Color, Modifier, Style};
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

const SHIPPED: [(&str, &str); 6] = [
    ("default-dark", include_str!("../../../assets/themes/default-dark.toml")),
    ("default-light", include_str!("../../../assets/themes/default-light.toml")),
    ("mono", include_str!("../../../assets/themes/mono.toml")),
    ("high-contrast", include_str!("../../../assets/themes/high-contrast.toml")),
    ("deuteranopia", include_str!("../../../assets/themes/deuteranopia.toml")),
    ("tritanopia", include_str!("../../../assets/themes/tritanopia.toml")),
];

/// Names of the themes that ship, in the order of the theme key.
pub fn names() -> impl Iterator<Item = &'static str> {
    SHIPPED.iter().map(|(name, _)| *name)
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Look {
    fg: Option<(u8, u8, u8)>,
    bg: Option<(u8, u8, u8)>,
    ansi: Option<Color>,
    add: Modifier,
}

/// A set of styles.
#[derive(Clone, Debug, PartialEq, Eq)]
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

impl Theme {
    /// A theme that ships; `None` for another name.
    #[must_use]
    pub fn shipped(name: &str) -> Option<Self> {
        let (_, text) = SHIPPED.iter().find(|(other, _)| *other == name)?;
        Self::parse(name, text).ok()
    }
    #[must_use]
    pub fn style(&self, meaning: Meaning) -> Style {
        let look = self.looks.get(&meaning).copied().unwrap_or_default();
        let mut style = Style::default().add_modifier(look.add);
        if self.colourless {
            return style;
        }
        if let Some(fg) = look.fg {
            style = style.fg(look.ansi.filter(|_| self.depth == Depth::Ansi).unwrap_or_else(|| self.depth.nearest(fg)));
        }
        if let Some(bg) = look.bg {
            style = style.bg(self.depth.nearest(bg));
        }
        style
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_theme_styles_every_meaning() {
        for (name, _) in SHIPPED {
            let theme = Theme::shipped(name).unwrap();
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
        assert!(
            error("[meanings]\ntext = {}\nfailures = {}\n")
                .starts_with("theme, line 3: unknown meaning 'failures': write one of text, dim")
        );
        assert_eq!(error("[meanings]\ntext = { fg = \"red\" }\n"), "theme, line 2: 'red' is not a colour such as #56B4E9");
        assert_eq!(error("parent = \"no\"\n"), "theme, line 1: no theme 'no' to take the rest from");
        assert!(error("[meanings]\ntext = { colour = 3 }\n").starts_with("theme, line 2: unknown field"));
    }
}
