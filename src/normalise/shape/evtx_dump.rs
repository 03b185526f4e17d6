//! `evtx_dump -o jsonl` and `-o json` (crate `evtx`), and what else turns the XML of a record into JSON (`xmltodict`).
//!
//! `EventID` is an object when it has qualifiers; `--separate-json-attributes` moves attributes to `X_attributes`; unnamed
//! `Data` is an array.

use crate::model::fields::Family;
use crate::model::shape::{Paths, Rule, Shape, Slot};

pub const EVTX_DUMP: Shape = Shape {
    name: "evtx_dump",
    about: "evtx_dump, xmltodict",
    note: "",
    family: Family::Windows,
    rule: Rule { all: &["Event/System/EventID"], any: &[], none: &[], any_ending: &[] },
    tables: &[("Event/", PATHS)],
};

const PATHS: Paths = &[
    ("System/EventID", Slot::EventId),
    ("System/EventID/#text", Slot::EventId),
    ("System/Version", Slot::Version),
    ("System/Provider/#attributes/Name", Slot::Provider),
    ("System/Provider_attributes/Name", Slot::Provider),
    ("System/Provider/@Name", Slot::Provider),
    ("System/Channel", Slot::Channel),
    ("System/Computer", Slot::Computer),
    ("System/EventRecordID", Slot::Record),
    ("System/TimeCreated/#attributes/SystemTime", Slot::Time(2)),
    ("System/TimeCreated_attributes/SystemTime", Slot::Time(2)),
    ("System/TimeCreated/@SystemTime", Slot::Time(2)),
    ("EventData", Slot::EventData),
    ("UserData", Slot::UserData),
];
