//! The XML of a record as a text in JSON or a table: Splunk's exports (`_raw`), its event collector, OpenWEC's raw format
//! (`data`), winlogbeat's `event.original`, and lines that collectors wrap (`log`, `body`, `message`).

use crate::model::fields::Family;
use crate::model::shape::{Paths, Rule, Shape, Slot};

pub const XML_TEXT: Shape = Shape {
    name: "xml",
    about: "exported event XML (wevtutil, Event Viewer, Splunk)",
    note: "",
    family: Family::Windows,
    rule: Rule { all: &[], any: &["_raw", "data", "event", "event/original", "message", "xml", "log", "body"], none: &[], any_ending: &[] },
    tables: &[("", PATHS)],
};

const PATHS: Paths = &[
    ("_raw", Slot::EventXml),
    ("data", Slot::EventXml),
    ("event", Slot::EventXml),
    ("event/original", Slot::EventXml),
    ("message", Slot::EventXml),
    ("xml", Slot::EventXml),
    ("log", Slot::EventXml),
    ("body", Slot::EventXml),
];
