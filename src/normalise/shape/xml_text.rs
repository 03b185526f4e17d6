//! The XML of a record as a text in JSON: Splunk's exports (`_raw`), its event collector, OpenWEC's raw format (`data`).

use crate::model::fields::Family;
use crate::model::shape::{Paths, Rule, Shape, Slot};

pub const XML_TEXT: Shape = Shape {
    name: "xml",
    about: "exported event XML (wevtutil, Event Viewer, Splunk)",
    family: Family::Windows,
    rule: Rule { all: &[], any: &["_raw", "data", "event", "message", "xml"], none: &[], any_ending: &[] },
    tables: &[("", PATHS)],
};

const PATHS: Paths =
    &[("_raw", Slot::EventXml), ("data", Slot::EventXml), ("event", Slot::EventXml), ("message", Slot::EventXml), ("xml", Slot::EventXml)];
