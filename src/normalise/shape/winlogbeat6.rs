//! Winlogbeat 5 and 6: the values of Windows at the top, `event_data` and `user_data` below.

use crate::model::fields::Family;
use crate::model::shape::{Paths, Rule, Shape, Slot};

pub const WINLOGBEAT6: Shape = Shape {
    name: "winlogbeat6",
    about: "winlogbeat 6",
    note: "",
    family: Family::Windows,
    rule: Rule { all: &["event_id", "log_name"], any: &["computer_name", "source_name"], none: &["winlog"], any_ending: &[] },
    tables: &[("", PATHS)],
};

const PATHS: Paths = &[
    ("event_id", Slot::EventId),
    ("version", Slot::Version),
    ("source_name", Slot::Provider),
    ("log_name", Slot::Channel),
    ("computer_name", Slot::Computer),
    ("record_number", Slot::Record),
    ("@timestamp", Slot::Time(1)),
    ("event_data", Slot::EventData),
    ("user_data", Slot::UserData),
];
