//! The themes that can be chosen: those that ship, and the user's own.

use super::file::unknown;
use super::{SHIPPED, Theme, ThemeError};

/// Themes in the order of the theme key. One of the user's stands for a shipped one of the same name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Themes(Vec<Theme>);

impl Default for Themes {
    fn default() -> Self {
        Self(SHIPPED.iter().filter_map(|(name, _)| Theme::shipped(name)).collect())
    }
}

impl Themes {
    /// Those that ship and those in `files`, which are names and texts; and what is wrong with files that cannot be used.
    #[must_use]
    pub fn with(files: &[(String, String)]) -> (Self, Vec<(String, ThemeError)>) {
        let (mut themes, mut wrong) = (Self::default(), Vec::new());
        for (name, _) in files {
            match read(name, files, &mut Vec::new()) {
                Ok(theme) => match themes.0.iter_mut().find(|other| other.name == *name) {
                    Some(shipped) => *shipped = theme,
                    None => themes.0.push(theme),
                },
                Err(error) => wrong.push((name.clone(), error)),
            }
        }
        (themes, wrong)
    }
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Theme> {
        self.0.iter().find(|theme| theme.name == name)
    }
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|theme| theme.name.as_str())
    }
    /// The one after `name`, and after the last the first.
    #[must_use]
    pub fn after(&self, name: &str) -> Option<&Theme> {
        let place = self.0.iter().position(|theme| theme.name == name).map_or(0, |place| (place + 1) % self.0.len());
        self.0.get(place)
    }
}

/// Reads one of `files`. `open` are the ones whose parents are looked for, so that two that name each other end.
fn read(name: &str, files: &[(String, String)], open: &mut Vec<String>) -> Result<Theme, ThemeError> {
    let Some((_, text)) = files.iter().find(|(other, _)| other == name) else {
        return Theme::shipped(name).ok_or_else(|| ThemeError { line: 1, message: unknown(name) });
    };
    open.push(name.to_owned());
    let theme = Theme::parse_with(name, text, |parent| {
        if open.iter().any(|other| other == parent) {
            // A file may stand for a shipped theme and take the rest from it.
            return Theme::shipped(parent).ok_or_else(|| format!("'{parent}' takes the rest from itself"));
        }
        let is_own = files.iter().any(|(other, _)| other == parent);
        read(parent, files, open)
            .map_err(|error| if is_own { format!("parent '{parent}', line {}: {}", error.line, error.message) } else { error.message })
    });
    open.pop();
    theme
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::theme::Meaning;
    use ratatui::style::Color;

    fn files(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn own_themes_come_after_those_that_ship_and_may_have_parents_among_themselves() {
        let (themes, wrong) = Themes::with(&files(&[
            ("night", "parent = \"dusk\"\n[meanings]\nfailure = { fg = \"#ff0000\" }\n"),
            ("dusk", "parent = \"default-dark\"\n[meanings]\nopen = { fg = \"#00ff00\" }\n"),
            ("mono", "parent = \"mono\"\n[meanings]\nkey = { add = [\"underline\"] }\n"),
        ]));
        assert_eq!(wrong, []);
        let night = themes.find("night").unwrap();
        assert_eq!(night.style(Meaning::Failure).fg, Some(Color::Rgb(255, 0, 0)));
        assert_eq!(night.style(Meaning::Open).fg, Some(Color::Rgb(0, 255, 0)));
        assert_eq!(night.style(Meaning::Match), Theme::default().style(Meaning::Match));
        assert!(themes.find("mono").unwrap().colourless);
        let names: Vec<&str> = themes.names().collect();
        assert_eq!(names.len(), SHIPPED.len() + 2);
        assert_eq!(themes.after("dusk").map(|theme| theme.name.as_str()), Some("default-dark"));
        assert_eq!(themes.after("no such").map(|theme| theme.name.as_str()), Some("default-dark"));
    }

    #[test]
    fn mistakes_are_told_and_the_others_stay() {
        let (themes, wrong) = Themes::with(&files(&[
            ("a", "parent = \"b\"\n"),
            ("b", "\nparent = \"a\"\n"),
            ("c", "parent = \"pink\"\n"),
            ("d", "[meanings]\n\nfailures = {}\n"),
        ]));
        assert_eq!(themes, Themes::default());
        let told: Vec<String> = wrong.iter().map(|(name, error)| format!("{name}: {error}")).collect();
        assert_eq!(told[0], "a: theme, line 1: parent 'b', line 2: 'a' takes the rest from itself");
        assert_eq!(told[2], "c: theme, line 1: no theme 'pink' to take the rest from");
        assert!(told[3].starts_with("d: theme, line 3: unknown meaning 'failures': write one of text, dim"), "{}", told[3]);
    }
}
