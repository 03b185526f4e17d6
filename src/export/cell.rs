//! Columns and cells: what every format writes.

use crate::base::intern::{Names, Symbol};
use crate::base::text::clean;
use crate::base::time::{Timestamp, Zone};
use crate::model::event::{LogonId, Tri};
use crate::model::ids::{HostId, SourceId};
use crate::model::world::Tables;
use serde::ser::{Serialize, SerializeMap as _, SerializeSeq as _, Serializer};
use std::borrow::Cow;

/// One value. Texts are raw: every writer escapes or cleans them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Not stated.
    Null,
    Text(String),
    Word(&'static str),
    Number(u64),
    Flag(bool),
    Time(Timestamp),
    List(Vec<Cell>),
    Object(Vec<(&'static str, Cell)>),
}

/// How a column stands in a table.
#[derive(Clone, Copy, Debug)]
pub struct Head {
    /// Order in the table, from 1; columns of JSON and CSV keep the order of the list.
    pub place: u8,
    pub title: &'static str,
    /// Cells it takes at most; longer values are cut.
    pub most: usize,
    /// Cells below which it says nothing: it is not made narrower to fit a terminal.
    pub least: usize,
    /// Left out of lines that do not fit: 1 goes first, 0 never.
    pub spare: u8,
    /// Numbers stand right.
    pub right: bool,
}

/// One column of a report.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Key in JSON, heading in CSV.
    pub key: &'static str,
    /// `None`: not in tables.
    pub head: Option<Head>,
}

impl Column {
    pub const fn new(key: &'static str) -> Self {
        Self { key, head: None }
    }
    /// It stands in tables too. Up to 20 cells hold times and words, which are not cut; longer ones hold names.
    #[must_use]
    pub const fn shown(self, place: u8, title: &'static str, most: usize) -> Self {
        let least = if most <= 20 { most } else { 14 };
        Self { head: Some(Head { place, title, most, least, spare: 0, right: false }), ..self }
    }
    /// It stands in tables too, to the right.
    #[must_use]
    pub const fn number(self, place: u8, title: &'static str) -> Self {
        Self { head: Some(Head { place, title, most: 12, least: 12, spare: 0, right: true }), ..self }
    }
    /// See `Head::least`.
    #[must_use]
    pub const fn at_least(self, least: usize) -> Self {
        match self.head {
            Some(head) => Self { head: Some(Head { least, ..head }), ..self },
            None => self,
        }
    }
    /// See `Head::spare`.
    #[must_use]
    pub const fn spare(self, spare: u8) -> Self {
        match self.head {
            Some(head) => Self { head: Some(Head { spare, ..head }), ..self },
            None => self,
        }
    }
}

/// Columns and the rows under them; each row has as many cells as there are columns.
pub struct Report<'a> {
    pub columns: &'static [Column],
    pub rows: Box<dyn Iterator<Item = Vec<Cell>> + 'a>,
    /// What a table says when there is no row.
    pub empty: &'static str,
}

impl Cell {
    #[must_use]
    pub fn text(text: &str) -> Self {
        if text.is_empty() { Self::Null } else { Self::Text(text.to_owned()) }
    }
    #[must_use]
    pub fn symbol(names: &Names, symbol: Symbol) -> Self {
        Self::text(names.text(symbol).raw())
    }
    #[must_use]
    pub fn time(at: Option<Timestamp>) -> Self {
        at.map_or(Self::Null, Self::Time)
    }
    #[must_use]
    pub fn tri(tri: Tri) -> Self {
        tri.known().map_or(Self::Null, Self::Flag)
    }
    #[must_use]
    pub fn logon_id(id: LogonId) -> Self {
        if id == LogonId::NONE { Self::Null } else { Self::Text(id.to_string()) }
    }
    #[must_use]
    pub fn host(names: &Names, tables: &Tables, id: HostId) -> Self {
        tables.host(id).map_or(Self::Null, |host| Self::symbol(names, host.name))
    }
    #[must_use]
    pub fn source(names: &Names, tables: &Tables, id: SourceId) -> Self {
        tables.source(id).map_or(Self::Null, |source| match source.address {
            Some(address) => Self::Text(address.to_string()),
            None => Self::symbol(names, source.text),
        })
    }
    /// Puts the mask before every text in it.
    pub fn hide(&mut self, names: &Names) {
        match self {
            Self::Text(text) => {
                if let Cow::Owned(masked) = names.told(text) {
                    *text = masked;
                }
            }
            Self::List(cells) => cells.iter_mut().for_each(|cell| cell.hide(names)),
            Self::Object(pairs) => pairs.iter_mut().for_each(|(_, cell)| cell.hide(names)),
            Self::Null | Self::Word(_) | Self::Number(_) | Self::Flag(_) | Self::Time(_) => {}
        }
    }
    /// For people: cleaned, times in `zone`, `-` where nothing is stated.
    #[must_use]
    pub fn shown(&self, zone: Zone) -> String {
        match self {
            Self::Null => "-".into(),
            Self::Text(text) => clean(text).into_owned(),
            Self::Word(word) => (*word).into(),
            Self::Number(number) => number.to_string(),
            Self::Flag(true) => "yes".into(),
            Self::Flag(false) => "no".into(),
            Self::Time(at) => zone.date_time(*at),
            Self::List(cells) if cells.is_empty() => "-".into(),
            Self::List(cells) => cells.iter().map(|cell| cell.shown(zone)).collect::<Vec<_>>().join(", "),
            Self::Object(pairs) => pairs.iter().map(|(key, cell)| format!("{key} {}", cell.shown(zone))).collect::<Vec<_>>().join(", "),
        }
    }
    /// For one field of a text format: cleaned, times RFC 3339, empty where nothing is stated.
    #[must_use]
    pub fn flat(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Flag(true) => "true".into(),
            Self::Flag(false) => "false".into(),
            Self::Time(at) => at.rfc3339(),
            Self::List(cells) => {
                let parting = if cells.iter().any(|cell| matches!(cell, Self::List(_) | Self::Object(_))) { "; " } else { " " };
                cells.iter().map(Self::flat).collect::<Vec<_>>().join(parting)
            }
            Self::Object(pairs) => pairs.iter().map(|(key, cell)| format!("{key}={}", cell.flat())).collect::<Vec<_>>().join(" "),
            other => other.shown(Zone::Utc),
        }
    }
}

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => to.serialize_unit(),
            Self::Text(text) => to.serialize_str(text),
            Self::Word(word) => to.serialize_str(word),
            Self::Number(number) => to.serialize_u64(*number),
            Self::Flag(flag) => to.serialize_bool(*flag),
            Self::Time(at) => to.serialize_str(&at.rfc3339()),
            Self::List(cells) => {
                let mut list = to.serialize_seq(Some(cells.len()))?;
                cells.iter().try_for_each(|cell| list.serialize_element(cell))?;
                list.end()
            }
            Self::Object(pairs) => {
                let mut map = to.serialize_map(Some(pairs.len()))?;
                pairs.iter().try_for_each(|(key, cell)| map.serialize_entry(key, cell))?;
                map.end()
            }
        }
    }
}
