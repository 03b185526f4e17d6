//! Colours by meaning. A view asks for a meaning, never for a colour; each meaning also has an attribute or a sign, so
//! that nothing is lost without colour.

use crate::model::anomaly::Severity;
use ratatui::style::{Color, Modifier, Style};

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

/// A set of styles. (Reading of theme files and the light, mono and colour-blind sets live in `theme` too.)
#[derive(Clone, Debug, Default)]
pub struct Theme {
    pub name: String,
    /// No colour goes into the buffer at all: under `NO_COLOR` a colour change would also reset the attributes.
    pub colourless: bool,
}

impl Theme {
    #[must_use]
    pub fn style(&self, meaning: Meaning) -> Style {
        let (colour, modifier) = match meaning {
            Meaning::Text | Meaning::Success => (None, Modifier::empty()),
            Meaning::Dim | Meaning::Severity(Severity::Info) | Meaning::Uncertain => (None, Modifier::DIM),
            Meaning::Strong | Meaning::Privileged | Meaning::Key => (None, Modifier::BOLD),
            Meaning::Severity(Severity::Low) => (Some(Color::Rgb(0x56, 0xB4, 0xE9)), Modifier::empty()),
            Meaning::Severity(Severity::Medium) => (Some(Color::Rgb(0xCC, 0x79, 0xA7)), Modifier::UNDERLINED),
            Meaning::Severity(Severity::High) => (Some(Color::Rgb(0xE6, 0x9F, 0x00)), Modifier::BOLD),
            Meaning::Severity(Severity::Critical) => (Some(Color::Rgb(0xD5, 0x5E, 0x00)), Modifier::BOLD.union(Modifier::REVERSED)),
            Meaning::Failure => (Some(Color::Rgb(0xD5, 0x5E, 0x00)), Modifier::empty()),
            Meaning::Open => (Some(Color::Rgb(0x00, 0x9E, 0x73)), Modifier::empty()),
            Meaning::Cursor => (None, Modifier::REVERSED),
            Meaning::Match => (Some(Color::Rgb(0xF0, 0xE4, 0x42)), Modifier::UNDERLINED),
            Meaning::Trouble => (Some(Color::Rgb(0xD5, 0x5E, 0x00)), Modifier::REVERSED),
        };
        let style = Style::default().add_modifier(modifier);
        match colour {
            Some(colour) if !self.colourless => style.fg(colour),
            _ => style,
        }
    }
}
