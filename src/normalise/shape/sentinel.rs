//! Microsoft Sentinel and Log Analytics, tables `SecurityEvent` (flat columns) and `WindowsEvent` (`EventData` object).
//!
//! `SecurityEvent` has neither record number nor version; some rows carry the values as XML text in `EventData`.

use crate::model::fields::Family;
use crate::model::shape::{Paths, Rule, Shape, Slot};

pub const SENTINEL: Shape = Shape {
    name: "sentinel",
    about: "Sentinel SecurityEvent",
    family: Family::Windows,
    rule: Rule {
        all: &["EventID", "TimeGenerated"],
        any: &["EventSourceName", "Activity", "EventOriginId"],
        none: &["SourceModuleType", "EventReceivedTime"],
        any_ending: &[],
    },
    tables: &[("", PATHS)],
};

const PATHS: Paths = &[
    ("EventID", Slot::EventId),
    ("EventSourceName", Slot::Provider),
    ("Provider", Slot::Provider),
    ("Channel", Slot::Channel),
    ("Computer", Slot::Computer),
    ("EventRecordId", Slot::Record),
    ("TimeGenerated", Slot::Time(0)),
    ("EventData", Slot::EventXml),
    ("EventData", Slot::EventData),
    ("", Slot::EventData),
];
