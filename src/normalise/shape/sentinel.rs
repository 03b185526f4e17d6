//! Microsoft Sentinel and Log Analytics, tables `SecurityEvent` (flat columns), `WindowsEvent` (`EventData` as an object or
//! JSON text) and `Event` (XML text), as rows or CSV.
//!
//! `SecurityEvent` has neither record number nor version; some rows carry the values as XML text in `EventData`. Columns:
//! Microsoft Learn, "Azure Monitor Logs reference".

use crate::model::fields::Family;
use crate::model::shape::{Paths, Rule, Shape, Slot};

pub const SENTINEL: Shape = Shape {
    name: "sentinel",
    about: "Sentinel SecurityEvent, WindowsEvent and Event (rows or CSV)",
    note: "",
    family: Family::Windows,
    rule: Rule {
        all: &["EventID", "TimeGenerated"],
        any: &["EventSourceName", "Activity", "EventOriginId", "EventLevelName", "RawEventData", "ParameterXml"],
        none: &["SourceModuleType", "EventReceivedTime"],
        any_ending: &[],
    },
    tables: &[("", PATHS)],
};

const PATHS: Paths = &[
    ("EventID", Slot::EventId),
    ("EventSourceName", Slot::Provider),
    ("Provider", Slot::Provider),
    ("Source", Slot::Provider),
    ("Channel", Slot::Channel),
    ("EventLog", Slot::Channel),
    ("Version", Slot::Version),
    ("Computer", Slot::Computer),
    ("EventRecordId", Slot::Record),
    ("TimeGenerated", Slot::Time(0)),
    ("EventData", Slot::EventXml),
    ("EventData", Slot::EventData),
    ("", Slot::EventData),
];
