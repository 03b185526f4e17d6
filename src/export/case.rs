//! The case: bookmarks, notes and decisions that stand, in the order of the time they are about.

use crate::base::time::Timestamp;
use crate::casefile::entry::{Act, Entry};
use crate::casefile::thing::Thing;
use crate::export::Scope;
use crate::export::cell::{Cell, Column, Report};

const COLUMNS: &[Column] = &[
    Column::new("moment").shown(1, "about", 20),
    Column::new("kind").shown(2, "kind", 12),
    Column::new("thing"),
    Column::new("what").shown(3, "what", 70).at_least(30),
    Column::new("words").shown(4, "words", 120).at_least(20),
    Column::new("by").shown(5, "by", 20).spare(2),
    Column::new("at").shown(6, "noted", 20).spare(1),
    Column::new("identity"),
    Column::new("id"),
];

pub fn report<'a>(scope: &'a Scope<'_>) -> Report<'a> {
    let rows = scope.case.standing_by_time().into_iter().map(|entry| row(&entry));
    Report { columns: COLUMNS, rows: Box::new(rows), empty: "Nothing was marked, noted or decided." }
}

/// `bookmark`, `note`, the state that was decided, `suppression`.
#[must_use]
pub const fn kind(entry: &Entry) -> &'static str {
    match &entry.act {
        Act::Decide { state, .. } => state.word(),
        Act::Suppress { .. } => "suppression",
        Act::Mark { .. } => "bookmark",
        Act::Note { .. } => "note",
        Act::Delete { .. } => "deletion",
        Act::Undo { .. } => "undo",
    }
}

/// What it is about, in words.
#[must_use]
pub fn about(entry: &Entry) -> String {
    match (&entry.act, entry.act.thing()) {
        (Act::Suppress { scope, .. }, _) => scope.words(),
        (_, Some(thing)) => format!("{} {}", thing.noun(), thing.words()),
        (_, None) => String::new(),
    }
}

fn time(text: &str) -> Cell {
    Timestamp::parse(text).map_or_else(|| Cell::text(text), Cell::Time)
}

fn row(entry: &Entry) -> Vec<Cell> {
    let thing = entry.act.thing();
    vec![
        entry.act.moment().map_or(Cell::Null, Cell::Time),
        Cell::Word(kind(entry)),
        thing.as_ref().map_or(Cell::Null, |thing| Cell::Word(thing.noun())),
        Cell::text(&about(entry)),
        Cell::text(entry.act.reason()),
        Cell::text(&entry.by),
        time(&entry.at),
        thing.as_ref().map_or(Cell::Null, identity),
        Cell::text(&entry.id),
    ]
}

/// By what a thing is known again.
fn identity(thing: &Thing) -> Cell {
    let fields = match thing {
        Thing::Event { at, host, channel, record, id, .. } => vec![
            ("time", time(at)),
            ("host", Cell::text(host)),
            ("channel", Cell::text(channel)),
            ("record", if *record == 0 { Cell::Null } else { Cell::Number(*record) }),
            ("id", Cell::text(id)),
        ],
        Thing::Session { at, host, logon_id, id, account } => vec![
            ("start", time(at)),
            ("host", Cell::text(host)),
            ("logon_id", Cell::text(logon_id)),
            ("id", Cell::text(id)),
            ("account", Cell::text(account)),
        ],
        Thing::Account { name, sid } => vec![("name", Cell::text(name)), ("sid", Cell::text(sid))],
        Thing::Host { name } | Thing::Source { name } => vec![("name", Cell::text(name))],
        Thing::Anomaly { subject } => {
            let list = |names: &[String]| Cell::List(names.iter().map(|name| Cell::text(name)).collect());
            vec![
                ("detection", Cell::text(&subject.detection)),
                ("raised_at", time(&subject.at)),
                ("accounts", list(&subject.accounts)),
                ("hosts", list(&subject.hosts)),
                ("sources", list(&subject.sources)),
            ]
        }
        Thing::Moment { at } => vec![("time", time(at))],
    };
    Cell::Object(fields)
}
