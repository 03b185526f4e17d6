//! Velociraptor's `parse_evtx()`: `EventID` is an object, times are seconds since 1970 with a fraction.

use crate::model::fields::Family;
use crate::model::shape::{Paths, Rule, Shape, Slot};

pub const VELOCIRAPTOR: Shape = Shape {
    name: "velociraptor",
    about: "Velociraptor parse_evtx",
    note: "",
    family: Family::Windows,
    rule: Rule { all: &["System/EventID/Value"], any: &[], none: &[], any_ending: &[] },
    tables: &[("", PATHS)],
};

const PATHS: Paths = &[
    ("System/EventID/Value", Slot::EventId),
    ("System/Version", Slot::Version),
    ("System/Provider/Name", Slot::Provider),
    ("System/Channel", Slot::Channel),
    ("System/Computer", Slot::Computer),
    ("System/EventRecordID", Slot::Record),
    ("System/TimeCreated/SystemTime", Slot::Time(2)),
    ("EventData", Slot::EventData),
    ("UserData", Slot::UserData),
];
