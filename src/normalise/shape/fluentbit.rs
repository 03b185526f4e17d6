//! Fluent Bit `winevtlog`: values at the top, those of the event in `StringInserts` by position, or in `EventData` by name.
//!
//! Its file output writes `tag: [time, {...}]`; the decoder takes the object of such a line. The time in front is that of
//! arrival.

use crate::model::fields::Family;
use crate::model::shape::{Paths, Rule, Shape, Slot};

pub const FLUENTBIT: Shape = Shape {
    name: "fluentbit",
    about: "Fluent Bit winevtlog",
    note: "",
    family: Family::Windows,
    rule: Rule {
        all: &["ProviderName", "EventID", "EventRecordID"],
        any: &["StringInserts", "EventData", "ProviderGuid"],
        none: &["SourceModuleType", "EventReceivedTime"],
        any_ending: &[],
    },
    tables: &[("", PATHS)],
};

const PATHS: Paths = &[
    ("EventID", Slot::EventId),
    ("Version", Slot::Version),
    ("ProviderName", Slot::Provider),
    ("Channel", Slot::Channel),
    ("Computer", Slot::Computer),
    ("EventRecordID", Slot::Record),
    ("TimeCreated", Slot::Time(2)),
    ("StringInserts", Slot::Positions),
    ("EventData", Slot::EventData),
];
