//! OpenWEC's JSON format: `System` and `EventData` without attributes, `OpenWEC` with what the collector knows.
//!
//! `UserData` is the XML as a text. Its raw JSON format (`{"meta": ..., "data": "<Event ...>"}`) is read as XML in JSON, its
//! NXLog format as NXLog. Source: `doc/formats.md` of the repository cea-sec/openwec.

use crate::model::fields::Family;
use crate::model::shape::{Paths, Rule, Shape, Slot};

pub const OPENWEC: Shape = Shape {
    name: "openwec",
    about: "OpenWEC",
    note: "",
    family: Family::Windows,
    rule: Rule { all: &["System/EventID", "OpenWEC"], any: &[], none: &[], any_ending: &[] },
    tables: &[("", PATHS)],
};

const PATHS: Paths = &[
    ("System/EventID", Slot::EventId),
    ("System/Version", Slot::Version),
    ("System/Provider/Name", Slot::Provider),
    ("System/Channel", Slot::Channel),
    ("System/Computer", Slot::Computer),
    ("System/EventRecordID", Slot::Record),
    ("System/TimeCreated", Slot::Time(2)),
    ("EventData", Slot::EventData),
    ("UserData", Slot::EventXml),
];
