//! From the text of the file to settings; a mistake is told with its place.

use super::near::suggestion;
use super::print::SECTIONS;
use super::{OF_THE_SCREEN, Settings, SettingsError};
use crate::detect::{self, Watch};
use crate::engine::{memory, replay};
use crate::history;
use crate::query::Saved;
use crate::session::settings as session;
use crate::ui::keymap::{self, Keymap};
use crate::ui::look::{self, Look};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table, Value};

/// A mistake before the name of the file is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    line: usize,
    /// In characters, from 1.
    column: usize,
    message: String,
}

impl Mistake {
    pub(super) fn at(self, path: PathBuf) -> SettingsError {
        let Self { line, column, message } = self;
        SettingsError::Mistake { path, line, column, message }
    }
    pub(super) fn new(text: &str, span: Option<Range<usize>>, message: String) -> Self {
        let before = span.and_then(|span| text.get(..span.start)).unwrap_or_default();
        let last = before.rsplit('\n').next().unwrap_or_default();
        Self { line: before.matches('\n').count() + 1, column: last.chars().count() + 1, message }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct File {
    accounts: session::Settings,
    hosts: session::Hosts,
    sources: session::Sources,
    site: detect::site::Settings,
    history: history::Settings,
    replay: replay::settings::Settings,
    memory: memory::settings::Settings,
    ui: look::Settings,
    keys: keymap::Sections,
    detections: Table,
    filters: BTreeMap<String, String>,
}

/// All settings as they are when nothing is set: section, setting, value; of detections `detections`, id, setting, value.
pub(super) fn defaults() -> Table {
    let mut detections = Table::new();
    for entry in detect::entries() {
        let mut table = entry.defaults();
        table.insert("enabled".to_owned(), Value::Boolean(true));
        detections.insert(entry.about.id.to_owned(), Value::Table(table));
    }
    let section = |table: Result<Table, _>| Value::Table(table.unwrap_or_else(|_: toml::ser::Error| Table::new()));
    let mut all = Table::new();
    all.insert("accounts".to_owned(), section(Table::try_from(session::Settings::default())));
    all.insert("hosts".to_owned(), section(Table::try_from(session::Hosts::default())));
    all.insert("sources".to_owned(), section(Table::try_from(session::Sources::default())));
    all.insert("site".to_owned(), section(Table::try_from(detect::site::Settings::default())));
    all.insert("history".to_owned(), section(Table::try_from(history::Settings::default())));
    all.insert("replay".to_owned(), section(Table::try_from(replay::settings::Settings::default())));
    all.insert("memory".to_owned(), section(Table::try_from(memory::settings::Settings::default())));
    all.insert("ui".to_owned(), section(Table::try_from(look::Settings::default())));
    all.insert("keys".to_owned(), Value::Table(Table::new()));
    all.insert("detections".to_owned(), Value::Table(detections));
    all.insert("filters".to_owned(), Value::Table(Table::new()));
    all
}

/// # Errors
/// The first mistake.
pub fn read(text: &str) -> Result<Settings, Mistake> {
    let wrong = |error: &toml::de::Error| Mistake::new(text, error.span(), error.message().trim().to_owned());
    let tables = DeTable::parse(text).map_err(|error| wrong(&error))?;
    check(text, tables.get_ref())?;
    let File { accounts, hosts, sources, site, history, replay, memory, ui, keys, detections, filters } =
        toml::from_str(text).map_err(|error| wrong(&error))?;
    if let Some(span) = lonely(tables.get_ref()) {
        return Err(Mistake::new(text, Some(span), "accounts that are one are two or more: write [[\"one\", \"other\"]]".to_owned()));
    }
    let place = |id: &str| tables.get_ref().get("detections").and_then(|section| section.get_ref().get(id)).map(Spanned::span);
    let told = |error: detect::SettingError| {
        let span = match &error {
            detect::SettingError::Value { detection, .. } | detect::SettingError::UnknownDetection(detection) => place(detection),
        };
        Mistake::new(text, span, error.to_string())
    };
    let detections = detect::Settings::from_tables(detections).map_err(told)?;
    Watch::new(&detections).map_err(told)?;
    let filters = Saved::new(filters).map_err(|(name, problem)| {
        let section = tables.get_ref().get("filters").and_then(|section| section.get_ref().as_table());
        let span = section.and_then(|section| section.get(name.as_str())).map(Spanned::span);
        Mistake::new(text, span, format!("filter '{name}': {problem}"))
    })?;
    let keymap = Keymap::shipped().changed(&keys).map_err(|(span, message)| Mistake::new(text, Some(span), message))?;
    let look = Look { settings: ui, keymap: Arc::new(keymap), ..Look::default() };
    let mut others: Table = toml::from_str(text).map_err(|error| wrong(&error))?;
    others.retain(|section, _| !OF_THE_SCREEN.contains(&section));
    Ok(Settings { accounts, hosts, sources, site, history, replay, memory, detections, look, others, filters: Arc::new(filters) })
}

/// Names that are no section, no detection or no setting, and values of detections that are of another kind.
fn check(text: &str, file: &DeTable<'_>) -> Result<(), Mistake> {
    let defaults = defaults();
    let sections = SECTIONS.map(|(name, _)| name);
    names(text, file, &defaults, "section", "the file")?;
    for (name, section) in file {
        let (Some(known), Some(section)) = (defaults.get(name.get_ref().as_ref()).and_then(Value::as_table), section.get_ref().as_table())
        else {
            return Err(Mistake::new(text, Some(name.span()), format!("{0} is a section: write [{0}]", name.get_ref())));
        };
        // Names of filters are one's own; the keymap knows best which contexts, actions and keys there are.
        if matches!(name.get_ref().as_ref(), "filters" | "keys") {
            continue;
        }
        if sections.contains(&name.get_ref().as_ref()) {
            names(text, section, known, "setting", &format!("[{}]", name.get_ref()))?;
            continue;
        }
        names(text, section, known, "detection", "`logonscope detections`")?;
        for (id, settings) in section {
            let Some(known) = known.get(id.get_ref().as_ref()).and_then(Value::as_table) else { continue };
            let Some(table) = settings.get_ref().as_table() else {
                let message = format!("a detection has settings: write [detections.{}] and {} = ... below", id.get_ref(), "enabled");
                return Err(Mistake::new(text, Some(settings.span()), message));
            };
            names(text, table, known, "setting", &format!("[detections.{}]", id.get_ref()))?;
            for (setting, value) in table {
                if let Some(default) = known.get(setting.get_ref().as_ref()) {
                    kind(text, setting.get_ref(), value, default)?;
                }
            }
        }
    }
    Ok(())
}

fn names(text: &str, written: &DeTable<'_>, known: &Table, what: &str, place: &str) -> Result<(), Mistake> {
    let unknown = written.keys().filter(|name| !known.contains_key(name.get_ref().as_ref()));
    let Some(name) = unknown.min_by_key(|name| name.span().start) else { return Ok(()) };
    let near = suggestion(name.get_ref(), known.keys().map(String::as_str));
    Err(Mistake::new(text, Some(name.span()), format!("no {what} of {place} is called '{}'{near}", name.get_ref())))
}

fn kind(text: &str, setting: &str, value: &Spanned<DeValue<'_>>, default: &Value) -> Result<(), Mistake> {
    let is_right = match default {
        Value::Integer(_) => value.get_ref().is_integer(),
        Value::Float(_) => value.get_ref().is_integer() || value.get_ref().is_float(),
        Value::String(_) => value.get_ref().is_str(),
        Value::Boolean(_) => value.get_ref().is_bool(),
        Value::Array(_) => value.get_ref().is_array(),
        Value::Table(_) => value.get_ref().is_table(),
        Value::Datetime(_) => value.get_ref().is_datetime(),
    };
    if is_right {
        return Ok(());
    }
    let message = format!("{setting} is {}: the default is {}", named(default), crate::base::setting::written(default));
    Err(Mistake::new(text, Some(value.span()), message))
}

const fn named(value: &Value) -> &'static str {
    match value {
        Value::Integer(_) => "a whole number",
        Value::Float(_) => "a number",
        Value::String(_) => "a text in quotes",
        Value::Boolean(_) => "true or false",
        Value::Array(_) => "a list",
        Value::Table(_) => "a table",
        Value::Datetime(_) => "a time",
    }
}

/// A line of `same` with one name alone.
fn lonely(file: &DeTable<'_>) -> Option<Range<usize>> {
    let groups = file.get("accounts")?.get_ref().get("same")?.get_ref().as_array()?;
    groups.iter().find(|group| group.get_ref().as_array().is_some_and(|names| names.len() < 2)).map(Spanned::span)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistake(text: &str) -> String {
        let Mistake { line, column, message } = read(text).unwrap_err();
        format!("{line}:{column}: {message}")
    }

    #[test]
    fn settings_are_read() {
        let text = "[accounts]\ndomains = { CORP = \"corp.example\" }\nsame = [['corp\\x', 'x@corp.example']]\n\
                    [accounts.classes]\nservice = ['corp\\run-*']\n[hosts]\nkinds = { workstation = [\"ws*\"] }\n[sources]\nnetworks = { \"10.0.2.0/24\" = \"servers\" }\n\
                    [detections.fail-burst-then-success]\nfailures = 7\n[detections.mfa-fatigue]\nenabled = false\n";
        let settings = read(text).unwrap();
        assert_eq!(settings.accounts.domains["CORP"], "corp.example");
        assert_eq!(settings.accounts.same, [["corp\\x", "x@corp.example"]]);
        assert_eq!(settings.accounts.classes.len(), 1);
        assert_eq!((settings.hosts.kinds.len(), settings.sources.networks.len()), (1, 1));
        assert!(settings.detections.is_off("mfa-fatigue"));
        assert!(read("").is_ok());
    }

    #[test]
    fn mistakes_are_told_with_their_place_and_what_to_write() {
        for (text, told) in [
            ("[account]\n", "1:2: no section of the file is called 'account'; did you mean 'accounts'?"),
            ("[accounts]\n  domain = {}\n", "2:3: no setting of [accounts] is called 'domain'; did you mean 'domains'?"),
            ("[accounts]\njoin_by_upn = 1\n", "2:15: invalid type: integer `1`, expected a boolean"),
            ("[accounts.classes]\nrobot = ['x']\n", "no class is called 'robot': write one of human, service"),
            ("[accounts.classes]\nservice = ['[']\n", "2:11: '[' is no pattern"),
            ("[accounts]\nsame = [['corp\\x']]\n", "2:9: accounts that are one are two or more"),
            ("[accounts\n", "1:10: "),
            ("accounts = 1\n", "1:1: accounts is a section: write [accounts]"),
            ("[sources]\nnetworks = { \"10.0.2.0/99\" = \"x\" }", "'10.0.2.0/99' is no network: write it like 10.0.2.0/24"),
            ("[replay]\npause_on = \"bad\"\n", "'bad' is no severity: write never, info, low, medium, high, critical"),
            ("[filters]\nnight = \"time:(\"\n", "2:9: filter 'night': column 7: a value is expected"),
            ("[filters]\na = \"@a\"\n", "2:5: filter 'a': column 1: in @a: '@a' is made of too many saved filters, or of itself"),
            ("[filters]\n\"a b\" = \"x\"\n", "'a b' is no name of a filter"),
            ("[filters]\na = 1\n", "2:5: invalid type: integer `1`, expected a string"),
            ("[detections.mfa]\n", "1:13: no detection of `logonscope detections` is called 'mfa'"),
            ("[detections]\nmfa-fatigue = 1\n", "2:15: a detection has settings"),
            (
                "[detections.mfa-fatigue]\ndenial = 3\n",
                "2:1: no setting of [detections.mfa-fatigue] is called 'denial'; did you mean 'denials'?",
            ),
            ("[detections.mfa-fatigue]\ndenials = \"three\"\n", "2:11: denials is a whole number: the default is"),
            ("[ui]\ntheme = 3\n", "2:9: invalid type: integer `3`, expected a string"),
            ("[ui]\nglyphs = \"emoji\"\n", "2:10: unknown variant `emoji`, expected one of `auto`, `unicode`, `fine`, `ascii`"),
            ("[ui]\nzone = \"Nowhere\"\n", "2:8: "),
            ("[ui]\n themes = 1\n", "2:2: no setting of [ui] is called 'themes'; did you mean 'theme'?"),
            ("[keys]\nglobal = 3\n", "2:10: invalid type: integer `3`, expected a map"),
            ("[keys.global]\n\n\"find.next\" = [\"q\"]\n", "3:16: global: q (find.next) clashes with q (nav.back)"),
            ("[keys.gobal]\n", "1:7: unknown context [gobal]: write one of global"),
            ("[keys.global]\n\"nav.bak\" = []\n", "2:1: unknown action 'nav.bak': `logonscope keys` lists them"),
            ("[detections.mfa-fatigue]\ndenials = -1\n", "settings of detection mfa-fatigue"),
        ] {
            let found = mistake(text);
            assert!(found.contains(told), "{text}\nexpected {told}\nfound    {found}");
        }
    }
}
