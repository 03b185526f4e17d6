//! NXLog `im_msvistalog` with `to_json()`, also as the Mordor recordings keep it: all values at the top.
//!
//! `EventTime` is local time without a zone, so `@timestamp` (arrival, UTC) wins where there is one. `Hostname` is the
//! computer, `host` the collector. `ActivityID` holds other ids than the record's and is not read.

use crate::model::fields::Family;
use crate::model::shape::{Paths, Rule, Shape, Slot};

pub const NXLOG: Shape = Shape {
    name: "nxlog",
    about: "NXLog",
    note: "",
    family: Family::Windows,
    rule: Rule { all: &["EventID"], any: &["SourceModuleType", "EventReceivedTime"], none: &[], any_ending: &[] },
    tables: &[("", PATHS)],
};

const PATHS: Paths = &[
    ("EventID", Slot::EventId),
    ("Version", Slot::Version),
    ("SourceName", Slot::Provider),
    ("Channel", Slot::Channel),
    ("Hostname", Slot::Computer),
    ("RecordNumber", Slot::Record),
    ("TimeGenerated", Slot::Time(0)),
    ("@timestamp", Slot::Time(1)),
    ("TimeCreated", Slot::Time(2)),
    ("EventTime", Slot::LocalTime(3)),
    ("Message", Slot::Message),
    ("", Slot::EventData),
];
