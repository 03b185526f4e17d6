//! Which key means what, by context. The map that ships is `assets/keymap.toml`.
//!
//! Help, hints, the box after a prefix key and the printed list are all made from here, so they cannot disagree with
//! what a key does. A map with a chord bound twice, or with a chord that begins another, is refused with its line.

use crate::ui::action::{ACTIONS, Action, Context};
use crate::ui::input::{self, Chord};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use toml::Spanned;

const SHIPPED: &str = include_str!("../../assets/keymap.toml");

/// One way to an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    pub context: Context,
    pub chords: Vec<Chord>,
    pub action: Action,
    /// The user's settings say so.
    pub is_changed: bool,
    /// Where it stands in its file.
    place: Range<usize>,
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

/// What a user's map may not be without: a way out of everything.
const MUST_HAVE: [(Context, Action); 4] = [
    (Context::Global, Action::AppQuit),
    (Context::Popup, Action::PopupDismiss),
    (Context::Prompt, Action::TextAccept),
    (Context::Prompt, Action::TextCancel),
];

/// What is wrong with a map.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("keymap, line {line}: {message}")]
pub struct KeymapError {
    pub line: usize,
    pub message: String,
}

/// Keys as a file says them: context, action, keys.
pub type Sections = BTreeMap<Spanned<String>, BTreeMap<Spanned<String>, Vec<Spanned<String>>>>;

/// A mistake and where it stands in the text.
pub type Misplaced = (Range<usize>, String);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keymap {
    bindings: Vec<Binding>,
    /// Actions whose keys the user's settings name, also those without any.
    freed: BTreeSet<(Context, Action)>,
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
        let error = |place: usize, message: String| {
            let line = text.get(..place).map_or(1, |before| before.matches('\n').count() + 1);
            KeymapError { line, message }
        };
        let sections: Sections =
            toml::from_str(text).map_err(|wrong| error(wrong.span().map_or(0, |span| span.start), wrong.message().to_owned()))?;
        let mut map = Self::default();
        let read = map.put(&sections, false).and_then(|()| map.check());
        read.map_err(|(place, message)| error(place.start, message))?;
        Ok(map)
    }

    /// This map with the actions that `sections` name on other keys. An empty list takes all keys away.
    ///
    /// # Errors
    /// The first mistake, as of `parse`, or that nothing would be left to leave a screen by.
    pub fn changed(&self, sections: &Sections) -> Result<Self, Misplaced> {
        let mut map = self.clone();
        map.put(sections, true)?;
        map.check()?;
        for (context, action) in MUST_HAVE {
            if map.key(context, action).is_none() {
                let section = sections.iter().find(|(section, _)| section.get_ref() == context.name());
                let id = section.and_then(|(_, actions)| actions.keys().find(|id| id.get_ref() == action.id()));
                let place = id.map(Spanned::span).unwrap_or_default();
                return Err((place, format!("{} ({}) needs a key in {}", action.id(), action.text(), context.name())));
            }
        }
        Ok(map)
    }

    fn put(&mut self, sections: &Sections, is_changed: bool) -> Result<(), Misplaced> {
        let at = |spanned: &Spanned<String>, message: String| (spanned.span(), message);
        for (section, actions) in sections {
            let context = Context::ALL.into_iter().find(|context| context.name() == section.get_ref());
            let context = context.ok_or_else(|| {
                let known = Context::ALL.map(Context::name).join(", ");
                at(section, format!("unknown context [{}]: write one of {known}", section.get_ref()))
            })?;
            for (id, keys) in actions {
                let action = Action::find(id.get_ref())
                    .ok_or_else(|| at(id, format!("unknown action '{}': `logonscope keys` lists them", id.get_ref())))?;
                if is_changed {
                    self.bindings.retain(|binding| (binding.context, binding.action) != (context, action));
                    self.freed.insert((context, action));
                }
                for key in keys {
                    let chords = input::sequence(key.get_ref()).ok_or_else(|| {
                        at(key, format!("unknown key '{}': write it like G, g a, Ctrl-u, Shift-Tab, F5 or Space", key.get_ref()))
                    })?;
                    self.bindings.push(Binding { context, chords, action, is_changed, place: key.span() });
                }
            }
        }
        self.bindings.sort_by_key(|binding| (binding.context, binding.action, binding.place.start));
        Ok(())
    }

    fn check(&self) -> Result<(), Misplaced> {
        for context in Context::ALL {
            let flat: Vec<&Binding> = self.layered(context).collect();
            for (place, binding) in flat.iter().enumerate() {
                for other in flat.iter().skip(place + 1) {
                    if binding.chords == other.chords && binding.action == other.action && binding.context != other.context {
                        continue;
                    }
                    if binding.chords.starts_with(&other.chords) || other.chords.starts_with(&binding.chords) {
                        // The mistake is in what the user wrote, or else in what comes later.
                        let is_later = (other.is_changed, other.place.start) >= (binding.is_changed, binding.place.start);
                        let (wrong, before) = if is_later { (other, binding) } else { (binding, other) };
                        let (keys, action) = (wrong.keys(), wrong.action.id());
                        let mut message =
                            format!("{}: {keys} ({action}) clashes with {} ({})", context.name(), before.keys(), before.action.id());
                        if wrong.is_changed && !before.is_changed {
                            message += &format!("; \"{}\" = [] under [keys.{}] frees it", before.action.id(), before.context.name());
                        }
                        return Err((wrong.place.clone(), message));
                    }
                }
            }
        }
        Ok(())
    }

    /// The user's settings changed the keys of an action in a context.
    #[must_use]
    pub fn is_changed(&self, context: Context, action: Action) -> bool {
        self.freed.contains(&(context, action))
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
    /// The list for people: context, keys, action id and text, one a line; `*` marks what the settings changed.
    #[must_use]
    pub fn list(&self) -> String {
        let mut out = String::new();
        for context in Context::ALL {
            for (action, id, text) in ACTIONS {
                let own = self.bindings.iter().filter(|binding| binding.context == context && binding.action == *action);
                let mut keys: Vec<String> = own.map(Binding::keys).collect();
                let is_changed = self.is_changed(context, *action);
                if keys.is_empty() && is_changed {
                    keys.push("(none)".to_owned());
                }
                if !keys.is_empty() {
                    let mark = if is_changed { '*' } else { ' ' };
                    out.push_str(&format!("{mark}{:<9} {:<20} {id:<20} {text}\n", context.name(), keys.join(" ")));
                }
            }
        }
        out
    }
    /// The keys of each action by context, as a settings file writes them.
    pub fn written(&self) -> impl Iterator<Item = (Context, Action, Vec<String>)> {
        let mut all: Vec<(Context, Action, Vec<String>)> = Vec::new();
        for binding in &self.bindings {
            let words: Vec<String> = binding.chords.iter().map(Chord::to_string).collect();
            match all.last_mut() {
                Some((context, action, keys)) if (*context, *action) == (binding.context, binding.action) => keys.push(words.join(" ")),
                _ => all.push((binding.context, binding.action, vec![words.join(" ")])),
            }
        }
        all.into_iter()
    }
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
        assert_eq!(
            error("[global]\n\n\"no.such\" = [\"q\"]\n").to_string(),
            "keymap, line 3: unknown action 'no.such': `logonscope keys` lists them"
        );
        assert!(error("[global]\n\"nav.back\" = [\"Hyper-q\"]\n").to_string().starts_with("keymap, line 2: unknown key 'Hyper-q'"));
        assert!(error("[nowhere]\n").to_string().starts_with("keymap, line 1: unknown context [nowhere]"));
        assert_eq!(error("[global]\n\"nav.back\" = 3\n").line, 2);
    }

    fn changed(text: &str) -> Result<Keymap, String> {
        let sections: Sections = toml::from_str(text).unwrap();
        let line = |place: usize| text[..place].matches('\n').count() + 1;
        Keymap::shipped().changed(&sections).map_err(|(place, message)| format!("{}: {message}", line(place.start)))
    }

    #[test]
    fn settings_put_actions_on_other_keys_and_take_keys_away() {
        let map =
            changed("[global]\n\"filter.edit\" = [\"Ctrl-f\", \"f\"]\n\"find.next\" = []\n[timeline]\n\"find.next\" = [\"n\"]\n").unwrap();
        assert_eq!(map.find(Context::Table, &pressed("Ctrl-f")), Found::Action(Action::FilterEdit));
        assert_eq!(map.key(Context::Table, Action::FilterEdit).as_deref(), Some("Ctrl-f"));
        assert_eq!(map.find(Context::Table, &pressed("n")), Found::Nothing);
        assert_eq!(map.find(Context::Timeline, &pressed("n")), Found::Action(Action::FindNext));
        let marked: Vec<String> = map.list().lines().filter(|line| line.starts_with('*')).map(str::to_owned).collect();
        assert_eq!(marked.len(), 3, "{marked:#?}");
        assert!(marked.iter().any(|line| line.contains("(none)") && line.contains("find.next")));
    }

    #[test]
    fn a_change_that_clashes_or_locks_in_is_refused_with_its_line() {
        for (text, told) in [
            (
                "[global]\n\"find.next\" = [\"q\"]\n",
                "2: global: q (find.next) clashes with q (nav.back); \"nav.back\" = [] under [keys.global] frees it",
            ),
            ("[table]\n\n\"table.sort\" = [\"g\"]\n", "3: table: g (table.sort) clashes with gg (cursor.first)"),
            ("[global]\n\"find.next\" = [\"é\"]\n\"find.prev\" = [\"é\"]\n", "3: global: é (find.prev) clashes with é (find.next)"),
            ("[global]\n\"app.quit\" = []\n", "2: app.quit (quit; the terminal is always restored) needs a key in global"),
            ("[prompt]\n\"text.cancel\" = []\n", "2: text.cancel"),
            ("[popups]\n", "1: unknown context [popups]: write one of global, timeline"),
        ] {
            let found = changed(text).unwrap_err();
            assert!(found.starts_with(told), "{text}\nexpected {told}\nfound    {found}");
        }
    }
}
