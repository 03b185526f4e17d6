//! Winlogbeat 7 and 8, and Elastic Agent: everything of Windows below `winlog`, the time in `@timestamp`.
//!
//! `host.name` and `agent.*` may name the collector, so the computer is `winlog.computer_name` alone. Values without names
//! come as `param1`, `param2`, ...

use crate::model::fields::Family;
use crate::model::shape::{Paths, Rule, Shape, Slot};

pub const WINLOGBEAT7: Shape = Shape {
    name: "winlogbeat7",
    about: "winlogbeat 7 and 8, Elastic Agent",
    note: "",
    family: Family::Windows,
    rule: Rule { all: &["winlog/event_id"], any: &[], none: &[], any_ending: &[] },
    tables: &[("", PATHS)],
};

const PATHS: Paths = &[
    ("winlog/event_id", Slot::EventId),
    ("winlog/version", Slot::Version),
    ("winlog/provider_name", Slot::Provider),
    ("winlog/channel", Slot::Channel),
    ("winlog/computer_name", Slot::Computer),
    ("winlog/record_id", Slot::Record),
    ("@timestamp", Slot::LocalTime(1)),
    ("winlog/event_data", Slot::EventData),
    ("winlog/user_data", Slot::UserData),
];
