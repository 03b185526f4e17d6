//! Which key means what, by context. The map that ships is `assets/keymap.toml`.
//!
//! Help, hints, the box after a prefix key and the printed list are all made from here, so they cannot disagree with
//! what a key does. A map with a chord bound twice, or with a chord that begins another, is refused with its line.

use crate::ui::action::{ACTIONS, Action, Context};
use crate::ui::input::{self, Chord};
use std::collections::BTreeMap;

const SHIPPED: &str = include_str!("../../assets/keymap.toml");

/// One way to an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    pub context: Context,
    pub chords: Vec<Chord>,
    pub action: Action,
    line: usize,
}

impl Binding {
    /// As people read it: `ga`, `Ctrl-u`.
    #[must_use]
    pub fn keys(&self) -> String {
        chords_text(&self.chords)
    }
}

/// Chords as people read them: short ones without a blank between.
#[must_use]
pub fn chords_text(chords: &[Chord]) -> String {
    let words: Vec<String> = chords.iter().map(Chord::to_string).collect();
    words.join(if words.iter().all(|word| word.chars().count() == 1) { "" } else { " " })
}

/// What some chords, pressed one after the other, mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    Action(Action),
    /// The beginning of something longer.
    Prefix,
    Nothing,
}

/// What is wrong with a map.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("keymap, line {line}: {message}")]
pub struct KeymapError {
    pub line: usize,
    pub message: String,
}

#[derive(Clone, Debug, Default)]
pub struct Keymap {
    bindings: Vec<Binding>,
}

impl Keymap {
    /// The map that ships. It is checked by a test; should it ever be broken, no key but Ctrl-c works.
    #[must_use]
    pub fn shipped() -> Self {
        Self::parse(SHIPPED).unwrap_or_default()
    }

    /// Reads a map and checks it in every context.
    ///
    /// # Errors
    /// The first line that cannot be read, names an unknown context, action or key, or clashes with another.
    pub fn parse(text: &str) -> Result<Self, KeymapError> {
        type Sections = BTreeMap<toml::Spanned<String>, BTreeMap<toml::Spanned<String>, Vec<toml::Spanned<String>>>>;
        let line_of = |place: usize| text.get(..place).map_or(1, |before| before.matches('\n').count() + 1);
        let sections: Sections = toml::from_str(text).map_err(|error| KeymapError {
            line: error.span().map_or(1, |span| line_of(span.start)),
            message: error.message().to_owned(),
        })?;
        let mut map = Self::default();
        for (section, actions) in &sections {
            let at = |spanned: &toml::Spanned<String>, message: String| KeymapError { line: line_of(spanned.span().start), message };
            let context = Context::ALL.into_iter().find(|context| context.name() == section.get_ref());
            let context = context.ok_or_else(|| at(section, format!("unknown context [{}]", section.get_ref())))?;
            for (id, keys) in actions {
                let action = Action::find(id.get_ref()).ok_or_else(|| at(id, format!("unknown action '{}'", id.get_ref())))?;
                for key in keys {
                    let chords = input::sequence(key.get_ref()).ok_or_else(|| at(key, format!("unknown key '{}'", key.get_ref())))?;
                    map.bindings.push(Binding { context, chords, action, line: line_of(key.span().start) });
                }
            }
        }
        map.bindings.sort_by_key(|binding| (binding.context, binding.action, binding.line));
        map.check()?;
        Ok(map)
    }

    fn check(&self) -> Result<(), KeymapError> {
        for context in Context::ALL {
            let flat: Vec<&Binding> = self.layered(context).collect();
            for (place, binding) in flat.iter().enumerate() {
                for other in flat.iter().skip(place + 1) {
                    if binding.chords.starts_with(&other.chords) || other.chords.starts_with(&binding.chords) {
                        let line = binding.line.max(other.line);
                        let (keys, action) = (binding.keys(), binding.action.id());
                        let message =
                            format!("{}: {keys} ({action}) clashes with {} ({})", context.name(), other.keys(), other.action.id());
                        return Err(KeymapError { line, message });
                    }
                }
            }
        }
        Ok(())
    }

    fn layered(&self, context: Context) -> impl Iterator<Item = &Binding> {
        context.layers().iter().flat_map(|layer| self.bindings.iter().filter(move |binding| binding.context == *layer))
    }
    /// All bindings that hold in a context, its own first, in the order of the actions.
    pub fn bindings(&self, context: Context) -> impl Iterator<Item = &Binding> {
        self.layered(context)
    }
    /// What the chords pressed so far mean in a context.
    #[must_use]
    pub fn find(&self, context: Context, pressed: &[Chord]) -> Found {
        let mut prefix = false;
        for binding in self.layered(context) {
            if binding.chords == pressed {
                return Found::Action(binding.action);
            }
            prefix |= binding.chords.starts_with(pressed);
        }
        if prefix { Found::Prefix } else { Found::Nothing }
    }
    /// What may follow the chords pressed so far: the next chord and its action.
    pub fn after(&self, context: Context, pressed: &[Chord]) -> Vec<(Chord, Action)> {
        let rest = self.layered(context).filter_map(|binding| {
            let (next, []) = binding.chords.strip_prefix(pressed)?.split_first()? else { return None };
            Some((*next, binding.action))
        });
        rest.collect()
    }
    /// The first key of an action in a context, for hints.
    #[must_use]
    pub fn key(&self, context: Context, action: Action) -> Option<String> {
        self.layered(context).find(|binding| binding.action == action).map(Binding::keys)
    }
    /// The list for people: context, keys, action id and text, one a line.
    #[must_use]
    pub fn list(&self) -> String {
        let mut out = String::new();
        for context in Context::ALL {
            for (action, id, text) in ACTIONS {
                let own = self.bindings.iter().filter(|binding| binding.context == context && binding.action == *action);
                let keys: Vec<String> = own.map(Binding::keys).collect();
                if !keys.is_empty() {
                    out.push_str(&format!("{:<9} {:<20} {id:<20} {text}\n", context.name(), keys.join(" ")));
                }
            }
        }
        out
    }
}

/// The keys that ship, for `logonscope keys`.
#[must_use]
pub fn listing() -> String {
    Keymap::shipped().list()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pressed(text: &str) -> Vec<Chord> {
        input::sequence(text).unwrap()
    }

    #[test]
    fn the_shipped_map_is_read_and_clashes_nowhere() {
        Keymap::parse(SHIPPED).unwrap();
    }

    #[test]
    fn every_action_has_an_id_a_text_and_a_key() {
        let map = Keymap::shipped();
        for (action, id, text) in ACTIONS {
            assert_eq!((action.id(), action.text()), (*id, *text));
            assert!(!text.is_empty());
            assert!(map.bindings.iter().any(|binding| binding.action == *action), "no key for {id}");
        }
    }

    #[test]
    fn keys_that_terminals_cannot_tell_apart_are_not_used() {
        for binding in Keymap::shipped().bindings {
            for chord in &binding.chords {
                let text = chord.to_string();
                assert!(!["i", "m", "j", "[", "h", "b", "s", "q"].iter().any(|key| text == format!("Ctrl-{key}")), "{text}");
                assert!(text != "Ctrl-a" || binding.context == Context::Prompt);
            }
        }
    }

    #[test]
    fn contexts_look_into_their_layers() {
        let map = Keymap::shipped();
        assert_eq!(map.find(Context::Timeline, &pressed("z h")), Found::Action(Action::WindowHour));
        assert_eq!(map.find(Context::Timeline, &pressed("z")), Found::Prefix);
        assert_eq!(map.find(Context::Path, &pressed("z")), Found::Nothing);
        assert_eq!(map.find(Context::Page, &pressed("J")), Found::Action(Action::PageEventNext));
        assert_eq!(map.find(Context::Page, &pressed("s")), Found::Action(Action::TableSort));
        assert_eq!(map.find(Context::Popup, &pressed("Q")), Found::Nothing);
        assert_eq!(map.key(Context::Table, Action::GoAccount).as_deref(), Some("ga"));
        assert!(
            map.after(Context::Table, &pressed("g"))
                .iter()
                .any(|(chord, action)| (chord.to_string().as_str(), *action) == ("a", Action::GoAccount))
        );
    }

    #[test]
    fn a_broken_map_is_refused_with_its_line() {
        let error = |text: &str| Keymap::parse(text).unwrap_err();
        assert_eq!(error("[global]\n\"nav.back\" = [\"q\"]\n\"app.quit\" = [\"q\"]\n").line, 3);
        assert_eq!(error("[global]\n\"cursor.first\" = [\"g g\"]\n\"go.time\" = [\"g\"]\n").line, 3);
        assert_eq!(error("[global]\n\n\"no.such\" = [\"q\"]\n").to_string(), "keymap, line 3: unknown action 'no.such'");
        assert_eq!(error("[global]\n\"nav.back\" = [\"Hyper-q\"]\n").to_string(), "keymap, line 2: unknown key 'Hyper-q'");
        assert_eq!(error("[nowhere]\n").to_string(), "keymap, line 1: unknown context [nowhere]");
        assert_eq!(error("[global]\n\"nav.back\" = 3\n").line, 2);
    }
}
