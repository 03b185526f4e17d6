//! Wazuh alerts and archives: `data.win`, names with a small first letter, everything as text.
//!
//! The `timestamp` at the top is that of the alert; the record's own is `systemTime`.

use crate::model::fields::Family;
use crate::model::shape::{Paths, Rule, Shape, Slot};

pub const WAZUH: Shape = Shape {
    name: "wazuh",
    about: "Wazuh",
    note: "",
    family: Family::Windows,
    rule: Rule { all: &[], any: &["data/win/system/eventID", "win/system/eventID"], none: &[], any_ending: &[] },
    tables: &[("data/win/", PATHS), ("win/", PATHS)],
};

const PATHS: Paths = &[
    ("system/eventID", Slot::EventId),
    ("system/version", Slot::Version),
    ("system/providerName", Slot::Provider),
    ("system/channel", Slot::Channel),
    ("system/computer", Slot::Computer),
    ("system/eventRecordID", Slot::Record),
    ("system/systemTime", Slot::Time(2)),
    ("eventdata", Slot::EventData),
    ("userdata", Slot::UserData),
    ("logFileCleared", Slot::EventData),
];
