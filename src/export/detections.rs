//! Detections: one row each, as the catalogue in the program describes them, with how they stand; and their pages.

use crate::base::setting::written;
use crate::base::text::clean;
use crate::detect::page::{self, unit};
use crate::detect::state::{Roster, State};
use crate::export::cell::{Cell, Column, Report};
use crate::export::page::Page;
use crate::model::anomaly::Detection;
use crate::model::world::Tables;
use std::io::{self, Write};
use toml::Value;

const COLUMNS: &[Column] = &[
    Column::new("id").shown(2, "detection", 32).at_least(32),
    Column::new("title").shown(5, "what is odd", 60),
    Column::new("severity").shown(1, "severity", 8),
    Column::new("attack").shown(4, "ATT&CK", 30).spare(3),
    Column::new("needs").shown(6, "needs", 70).spare(2),
    Column::new("check").shown(7, "check next", 90).spare(1),
    Column::new("state").shown(3, "state", 8),
    Column::new("because").shown(8, "because", 70).spare(4),
    Column::new("settings"),
];

/// Detections with how they stand on some data; without data only what is off is known.
pub fn report<'a>(roster: &'a Roster, tables: Option<&'a Tables>, wanted: impl Fn(&Detection) -> bool + 'a) -> Report<'a> {
    let states: Vec<Option<State>> = match tables {
        Some(tables) => roster.states(tables).map(|(_, state)| Some(state)).collect(),
        None => roster.posts().iter().map(|post| post.is_off.then_some(State::Off)).collect(),
    };
    let rows = roster.posts().iter().zip(states).filter(move |(post, _)| wanted(post.about));
    let rows = rows.map(|(post, state)| {
        let about = post.about;
        vec![
            Cell::Word(about.id),
            Cell::Word(about.title),
            Cell::Word(about.severity.word()),
            Cell::List(about.attack.iter().map(|technique| Cell::Word(technique)).collect()),
            Cell::Word(about.needs),
            Cell::Word(about.check),
            Cell::Word(state.as_ref().map_or("on", State::word)),
            state.filter(|state| *state != State::Works).map_or(Cell::Null, |state| Cell::Text(state.words())),
            Cell::List(post.settings.iter().map(|(name, value)| setting(name, value)).collect()),
        ]
    });
    Report { columns: COLUMNS, rows: Box::new(rows), empty: "No detection." }
}

fn setting(name: &str, value: &Value) -> Cell {
    let number = value.as_integer().and_then(|number| u64::try_from(number).ok());
    let written = number.map_or_else(|| value.as_str().map_or_else(|| Cell::Text(written(value)), Cell::text), Cell::Number);
    Cell::Object(vec![("name", Cell::text(name)), ("value", written), ("unit", Cell::text(unit(name, value)))])
}

/// Writes the pages of some detections.
///
/// # Errors
/// `out` cannot be written to.
pub fn pages(roster: &Roster, wanted: impl Fn(&Detection) -> bool, out: &mut dyn Write) -> io::Result<()> {
    for (place, post) in roster.posts().iter().filter(|post| wanted(post.about)).enumerate() {
        if place > 0 {
            writeln!(out)?;
        }
        let mut page = Page::new(None);
        page.text.push_str(&clean(post.about.id));
        page.text.push('\n');
        for (label, words) in page::lines(post, None) {
            page.labelled(label, &clean(&words));
        }
        page.write(out)?;
    }
    Ok(())
}
