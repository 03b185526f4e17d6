//! What lies over a view and takes the keys: help, the syntax of filters, a question.

use crate::base::text;
use crate::detect;
use crate::query::field::FIELDS;
use crate::store::Snapshot;
use crate::ui::action::{Action, Context};
use crate::ui::effect::Effect;
use crate::ui::glyph::Glyphs;
use crate::ui::keymap::{Keymap, chords_text};
use crate::ui::widget::pairs::fold;

/// One line of a sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    Head(String),
    /// Keys, what they do, and what Enter on the line runs.
    Keys(String, String, Option<Action>),
    /// A sign of the view and what it means; the cursor passes over it.
    Sign(&'static str, &'static str),
    Blank,
}

/// A list of lines with a cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    pub title: String,
    pub lines: Vec<Line>,
    pub cursor: usize,
    /// Its lines are sentences, which want the whole width.
    pub is_prose: bool,
}

/// One line of a menu.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// Chooses the line without the cursor.
    pub key: Option<char>,
    pub text: String,
    /// What is known of it, dim, at the right.
    pub detail: String,
    pub effects: Vec<Effect>,
}

/// Things to choose from.
#[derive(Clone, Debug, PartialEq)]
pub struct Menu {
    pub title: String,
    pub choices: Vec<Choice>,
    pub cursor: usize,
}

impl Menu {
    /// Moves the cursor by lines.
    pub fn step(&mut self, by: isize) {
        self.cursor = self.cursor.saturating_add_signed(by).min(self.choices.len().saturating_sub(1));
    }
    /// The line that a letter chooses.
    #[must_use]
    pub fn keyed(&self, letter: char) -> Option<&Choice> {
        self.choices.iter().find(|choice| choice.key == Some(letter))
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum Popup {
    Sheet(Sheet),
    Menu(Menu),
    /// Columns of the table behind it to choose from; its cursor.
    Columns(usize),
    /// Quit?
    Quit,
}

/// Titles of the global keys in the help, by the beginning of the action id.
const GROUPS: [(&str, &[&str]); 11] = [
    ("go and open", &["nav.", "pane.", "go.", "pivot."]),
    ("views", &["view."]),
    ("move", &["cursor."]),
    ("filter and find", &["filter.", "find."]),
    ("anomalies", &["anomaly."]),
    ("time and replay", &["clock.", "replay."]),
    ("bookmarks and notes", &["mark.", "note.", "case.", "triage."]),
    ("copy", &["copy."]),
    ("write to a file", &["export."]),
    ("show", &["toggle."]),
    ("program", &["help.", "palette.", "inputs.", "screen.", "app.", "popup."]),
];

impl Sheet {
    /// The keys that work in a context, its own first.
    #[must_use]
    pub fn help(keymap: &Keymap, context: Context, view: &str, glyphs: &Glyphs) -> Self {
        let mut lines = Vec::new();
        let group = |lines: &mut Vec<Line>, title: &str, wanted: &dyn Fn(Context, Action) -> bool| {
            let mut actions: Vec<(Action, Vec<String>)> = Vec::new();
            for binding in keymap.bindings(context).filter(|binding| wanted(binding.context, binding.action)) {
                // What the user's settings changed is marked.
                let keys = if binding.is_changed { format!("*{}", binding.keys()) } else { binding.keys() };
                match actions.iter_mut().find(|(action, _)| *action == binding.action) {
                    Some((_, known)) => known.push(keys),
                    None => actions.push((binding.action, vec![keys])),
                }
            }
            if actions.is_empty() {
                return;
            }
            if !lines.is_empty() {
                lines.push(Line::Blank);
            }
            lines.push(Line::Head(title.to_uppercase()));
            for (action, keys) in actions {
                lines.push(Line::Keys(keys.join(" "), action.text().to_owned(), Some(action)));
            }
        };
        for layer in context.layers().iter().filter(|layer| **layer != Context::Global) {
            group(&mut lines, layer.name(), &|of, _| of == *layer);
        }
        if matches!(context, Context::Timeline | Context::Page | Context::Entity) {
            lines.extend([Line::Blank, Line::Head("SIGNS OF SESSIONS".to_owned())]);
            lines.extend(glyphs.legend().into_iter().map(|(sign, means)| Line::Sign(sign, means)));
        }
        for (title, prefixes) in GROUPS {
            group(&mut lines, title, &|of, action| of == Context::Global && prefixes.iter().any(|prefix| action.id().starts_with(prefix)));
        }
        let cursor = lines.iter().position(|line| matches!(line, Line::Keys(..))).unwrap_or(0);
        Self { title: format!("help: {view}"), lines, cursor, is_prose: false }
    }
    /// What can be written in a filter.
    #[must_use]
    pub fn syntax() -> Self {
        let line = |left: &str, right: &str| Line::Keys(left.to_owned(), right.to_owned(), None);
        let mut lines = vec![
            Line::Head("TERMS".into()),
            line("account:svc_*", "a field and what it must match; * and ? are wild"),
            line("-host:FS01", "hides what matches; 'not' does the same"),
            line("type:(3,10)", "one of several"),
            line("severity>=high", "= != > < >= <="),
            line("time:09:00..09:30", "a range; either end may be missing"),
            line("process~powershell", "the text anywhere inside"),
            line("account:/^svc_\\d+$/", "a regular expression between slashes, without case"),
            line("source:10.0.9.0/24", "a network; 10.0.9.1..10.0.9.80 a range of addresses"),
            line("time:today 09:00..", "times: 09:30, -2h, yesterday 18:00, 2026-03-14T09:30Z"),
            line("@failures", "a saved filter; @ lists them, the settings add more"),
            line("\"two words\"", "quotes keep blanks, commas and slashes in a value"),
            line("backup", "a word: in accounts, hosts, sources, detections"),
            line("a b, a or b, (a b)", "terms stand together (and), or 'or' between them"),
            Line::Blank,
            Line::Head("FIELDS".into()),
        ];
        lines.extend(FIELDS.iter().map(|entry| line(entry.name, entry.hint)));
        Self { title: "what a filter may say".into(), lines, cursor: 1, is_prose: false }
    }
    /// The page of a detection, folded for a screen of `width` cells.
    #[must_use]
    pub fn detection(id: &str, snapshot: &Snapshot, width: u16) -> Option<Self> {
        const LABEL: usize = 10;
        let post = snapshot.roster.find(id)?;
        let state = snapshot.roster.states(&snapshot.tables).find(|(about, _)| about.id == id).map(|(_, state)| state.words());
        let room = usize::from(width).saturating_sub(LABEL + 6);
        let mut lines = Vec::new();
        for (label, words) in detect::page::lines(post, state) {
            for (place, line) in fold(&text::clean(&words), room).into_iter().enumerate() {
                lines.push(Line::Keys(text::pad(if place == 0 { label } else { "" }, LABEL), line, None));
            }
        }
        Some(Self { title: format!("detection: {id}"), lines, cursor: 0, is_prose: true })
    }
    /// Moves the cursor by lines, over titles and blanks.
    pub fn step(&mut self, by: isize) {
        let stands = |place: usize| matches!(self.lines.get(place), Some(Line::Keys(..)));
        let last = self.lines.len().saturating_sub(1);
        let mut place = self.cursor.saturating_add_signed(by).min(last);
        while !stands(place) && place > 0 && place < last {
            place = place.saturating_add_signed(by.signum());
        }
        if !stands(place) {
            let rest = 0..=last;
            let near = if by < 0 { rest.clone().find(|place| stands(*place)) } else { rest.rev().find(|place| stands(*place)) };
            place = near.unwrap_or(self.cursor);
        }
        self.cursor = place;
    }
    /// What Enter on the line under the cursor runs.
    #[must_use]
    pub fn action(&self) -> Option<Action> {
        match self.lines.get(self.cursor) {
            Some(Line::Keys(_, _, action)) => *action,
            _ => None,
        }
    }
}

/// What may follow a prefix key: `a` and the text of its action.
#[must_use]
pub fn which_key(keymap: &Keymap, context: Context, pressed: &[crate::ui::input::Chord]) -> Vec<(String, &'static str)> {
    keymap.after(context, pressed).into_iter().map(|(chord, action)| (chords_text(&[chord]), action.text())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_lists_every_key_of_the_context_and_its_cursor_stands_on_keys() {
        let keymap = Keymap::shipped();
        for context in [Context::Timeline, Context::Table, Context::Queue, Context::Page, Context::Entity] {
            let mut sheet = Sheet::help(&keymap, context, "Events", &crate::ui::glyph::ASCII);
            for binding in keymap.bindings(context) {
                let found = sheet.lines.iter().filter(|line| {
                    matches!(line, Line::Keys(keys, _, Some(action)) if *action == binding.action && keys.split(' ').any(|key| binding.keys().starts_with(key)))
                });
                assert_eq!(found.count(), 1, "{}", binding.action.id());
            }
            for by in [1, 1, 1, 7, 500, -1, -9, -500] {
                sheet.step(by);
                assert!(sheet.action().is_some(), "{by}");
            }
            assert_eq!(sheet.cursor, 1);
        }
    }
}
