//! Flat records without a shipper's own marks, as the OTRF data sets keep them: all values at the top, or in `EventData`, as
//! Velociraptor's artifacts of event logs have them.

use crate::model::fields::Family;
use crate::model::shape::{Paths, Rule, Shape, Slot};

pub const FLAT: Shape = Shape {
    name: "flat",
    about: "flat exports (OTRF)",
    note: "",
    family: Family::Windows,
    rule: Rule {
        all: &["EventID", "Channel"],
        any: &["Hostname", "Computer", "ComputerName"],
        none: &["SourceModuleType", "EventReceivedTime", "EventSourceName", "StringInserts"],
        any_ending: &[],
    },
    tables: &[("", PATHS)],
};

const PATHS: Paths = &[
    ("EventID", Slot::EventId),
    ("Version", Slot::Version),
    ("SourceName", Slot::Provider),
    ("ProviderName", Slot::Provider),
    ("Provider", Slot::Provider),
    ("Channel", Slot::Channel),
    ("Hostname", Slot::Computer),
    ("Computer", Slot::Computer),
    ("ComputerName", Slot::Computer),
    ("RecordNumber", Slot::Record),
    ("EventRecordID", Slot::Record),
    ("TimeGenerated", Slot::Time(0)),
    ("@timestamp", Slot::Time(1)),
    ("TimeCreated", Slot::Time(2)),
    ("EventTime", Slot::LocalTime(3)),
    ("Message", Slot::Message),
    ("EventData", Slot::EventData),
    ("UserData", Slot::UserData),
    ("", Slot::EventData),
];
