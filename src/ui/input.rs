//! Key events of the terminal become chords, in one place.
//!
//! Terminals differ in what they report: some send Shift with an upper-case letter, some do not, Shift-Tab has a code of
//! its own, and some also report releases. A `Chord` has one spelling for each key, the one `assets/keymap.toml` uses.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use std::fmt;

/// A key without its modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    Char(char),
    F(u8),
    Enter,
    Esc,
    Tab,
    Backspace,
    Delete,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageUp,
    PageDown,
}

const NAMED: [(Key, &str); 15] = [
    (Key::Char(' '), "Space"),
    (Key::Enter, "Enter"),
    (Key::Esc, "Esc"),
    (Key::Tab, "Tab"),
    (Key::Backspace, "Backspace"),
    (Key::Delete, "Delete"),
    (Key::Up, "Up"),
    (Key::Down, "Down"),
    (Key::Left, "Left"),
    (Key::Right, "Right"),
    (Key::Home, "Home"),
    (Key::End, "End"),
    (Key::PageUp, "PageUp"),
    (Key::PageDown, "PageDown"),
    (Key::Delete, "Del"),
];

/// A key with its modifiers. Shift is never set on characters: `G` is `G`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Chord {
    pub key: Key,
    pub ctrl: bool,
    pub alt: bool,
    pub shift: bool,
}

impl Chord {
    #[must_use]
    pub const fn plain(key: Key) -> Self {
        Self { key, ctrl: false, alt: false, shift: false }
    }
    /// The character it types in a text field.
    #[must_use]
    pub const fn typed(self) -> Option<char> {
        match self.key {
            Key::Char(c) if !self.ctrl && !self.alt => Some(c),
            _ => None,
        }
    }
    /// Reads `G`, `Ctrl-u`, `Shift-Tab`, `F5`, `Space`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut chord = Self::plain(Key::Esc);
        let mut rest = text;
        loop {
            let (modifier, after) = match rest.split_once('-') {
                Some((modifier, after)) if !modifier.is_empty() && !after.is_empty() => (modifier, after),
                _ => break,
            };
            match modifier {
                "Ctrl" => chord.ctrl = true,
                "Alt" => chord.alt = true,
                "Shift" => chord.shift = true,
                _ => return None,
            }
            rest = after;
        }
        let mut letters = rest.chars();
        chord.key = match (letters.next(), letters.next()) {
            (Some(c), None) if !c.is_control() && c != ' ' => Key::Char(c),
            _ => match NAMED.iter().find(|(_, name)| *name == rest) {
                Some((key, _)) => *key,
                None => Key::F(rest.strip_prefix('F')?.parse().ok().filter(|number| (1..=12).contains(number))?),
            },
        };
        // A shifted character is another character.
        (!(chord.shift && matches!(chord.key, Key::Char(_)))).then_some(chord)
    }
    /// What a key event says; `None` for releases, lone modifiers and keys without a name here.
    #[must_use]
    pub fn of(event: KeyEvent) -> Option<Self> {
        if event.kind == KeyEventKind::Release {
            return None;
        }
        let has = |modifier| event.modifiers.contains(modifier);
        let mut chord =
            Self { key: Key::Esc, ctrl: has(KeyModifiers::CONTROL), alt: has(KeyModifiers::ALT), shift: has(KeyModifiers::SHIFT) };
        chord.key = match event.code {
            KeyCode::Char(c) => {
                let shifted = chord.shift && !chord.ctrl && c.is_ascii_lowercase();
                chord.shift = false;
                Key::Char(match (chord.ctrl, shifted) {
                    (true, _) => c.to_ascii_lowercase(),
                    (false, true) => c.to_ascii_uppercase(),
                    (false, false) => c,
                })
            }
            KeyCode::BackTab => {
                chord.shift = true;
                Key::Tab
            }
            KeyCode::F(number) => Key::F(number),
            KeyCode::Enter => Key::Enter,
            KeyCode::Esc => Key::Esc,
            KeyCode::Tab => Key::Tab,
            KeyCode::Backspace => Key::Backspace,
            KeyCode::Delete => Key::Delete,
            KeyCode::Up => Key::Up,
            KeyCode::Down => Key::Down,
            KeyCode::Left => Key::Left,
            KeyCode::Right => Key::Right,
            KeyCode::Home => Key::Home,
            KeyCode::End => Key::End,
            KeyCode::PageUp => Key::PageUp,
            KeyCode::PageDown => Key::PageDown,
            _ => return None,
        };
        Some(chord)
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (set, word) in [(self.ctrl, "Ctrl-"), (self.alt, "Alt-"), (self.shift, "Shift-")] {
            if set {
                f.write_str(word)?;
            }
        }
        match (NAMED.iter().find(|(key, _)| *key == self.key), self.key) {
            (Some((_, name)), _) => f.write_str(name),
            (None, Key::Char(c)) => write!(f, "{c}"),
            (None, Key::F(number)) => write!(f, "F{number}"),
            (None, key) => write!(f, "{key:?}"),
        }
    }
}

/// Reads chords pressed one after the other: `g a`.
#[must_use]
pub fn sequence(text: &str) -> Option<Vec<Chord>> {
    let chords: Vec<Chord> = text.split(' ').map(Chord::parse).collect::<Option<_>>()?;
    (!chords.is_empty()).then_some(chords)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(code: KeyCode, modifiers: KeyModifiers) -> Option<String> {
        Chord::of(KeyEvent::new(code, modifiers)).map(|chord| chord.to_string())
    }

    #[test]
    fn a_letter_is_one_chord_whatever_the_terminal_reports() {
        let g = Some("G".to_owned());
        assert_eq!(event(KeyCode::Char('G'), KeyModifiers::SHIFT), g);
        assert_eq!(event(KeyCode::Char('G'), KeyModifiers::NONE), g);
        assert_eq!(event(KeyCode::Char('g'), KeyModifiers::SHIFT), g);
        assert_eq!(event(KeyCode::Char('U'), KeyModifiers::CONTROL | KeyModifiers::SHIFT), Some("Ctrl-u".into()));
        assert_eq!(event(KeyCode::BackTab, KeyModifiers::SHIFT), Some("Shift-Tab".into()));
        assert_eq!(event(KeyCode::Tab, KeyModifiers::SHIFT), Some("Shift-Tab".into()));
        assert_eq!(event(KeyCode::Char('{'), KeyModifiers::SHIFT), Some("{".into()));
        assert_eq!(event(KeyCode::CapsLock, KeyModifiers::NONE), None);
        let release = KeyEvent::new_with_kind(KeyCode::Char('a'), KeyModifiers::NONE, KeyEventKind::Release);
        assert_eq!(Chord::of(release), None);
    }

    #[test]
    fn names_are_read_as_they_are_written() {
        for name in ["G", "Ctrl-u", "Shift-Tab", "Space", "F5", "-", "+", "PageDown", "Alt-b", "Ctrl-Left", "$", "F12"] {
            assert_eq!(Chord::parse(name).map(|chord| chord.to_string()).as_deref(), Some(name));
        }
        for name in ["", "Hyper-x", "F0", "F13", "Shift-g", "gg", "Ctrl-", "-x-"] {
            assert_eq!(Chord::parse(name), None, "{name}");
        }
        assert_eq!(sequence("g a").map(|chords| chords.len()), Some(2));
        assert_eq!(sequence("g  a"), None);
    }
}
