//! Fluent Bit's old input `winlog` (the API of before Vista): values in `StringInserts` by position, else in the message.
//!
//! `TimeGenerated` has its zone. Fields: plugin `in_winlog` of the repository fluent/fluent-bit.

use crate::model::fields::Family;
use crate::model::shape::{Paths, Rule, Shape, Slot};

pub const FLUENTBIT_OLD: Shape = Shape {
    name: "fluentbit_winlog",
    about: "Fluent Bit winlog",
    note: "",
    family: Family::Windows,
    rule: Rule {
        all: &["EventID", "RecordNumber", "TimeGenerated", "SourceName"],
        any: &["StringInserts", "TimeWritten"],
        none: &["SourceModuleType", "EventReceivedTime"],
        any_ending: &[],
    },
    tables: &[("", PATHS)],
};

const PATHS: Paths = &[
    ("EventID", Slot::EventId),
    ("SourceName", Slot::Provider),
    ("Channel", Slot::Channel),
    ("ComputerName", Slot::Computer),
    ("RecordNumber", Slot::Record),
    ("TimeGenerated", Slot::LocalTime(2)),
    ("TimeWritten", Slot::LocalTime(3)),
    ("StringInserts", Slot::Positions),
    ("Message", Slot::Message),
];
