//! Splunk's classic `WinEventLog` events: `Key=Value` lines and a message in the language of the host, in `_raw` of an export
//! or in `event` of its collector.
//!
//! `_time` is the moment; the first line repeats it in local time without a zone. Keys: Splunk, "Monitor Windows event log
//! data", and events of the repository splunk/attack_data.

use crate::model::fields::Family;
use crate::model::shape::{Paths, Rule, Shape, Slot};

pub const SPLUNK_TEXT: Shape = Shape {
    name: "splunk_text",
    about: "Splunk WinEventLog text (JSON, XML or CSV export, HEC)",
    note: "values come from the rendered message",
    family: Family::Windows,
    rule: Rule { all: &[], any: &["_raw", "event"], none: &[], any_ending: &[] },
    tables: &[("", PATHS), ("_raw/", TEXT), ("event/", TEXT)],
};

const PATHS: Paths = &[("_raw", Slot::KeyValues), ("event", Slot::KeyValues), ("_time", Slot::LocalTime(1)), ("time", Slot::Time(2))];

const TEXT: Paths = &[
    ("time", Slot::LocalTime(3)),
    ("LogName", Slot::Channel),
    ("EventCode", Slot::EventId),
    ("SourceName", Slot::Provider),
    ("ComputerName", Slot::Computer),
    ("RecordNumber", Slot::Record),
    ("Message", Slot::Message),
];
