//! `EvtxECmd` with `--json` or `--csv`: columns of its own, the event's values as JSON text in `Payload`.
//!
//! `Payload` is the XML turned into JSON: `{"EventData":{"Data":[{"@Name":"TargetUserName","#text":"..."}]}}`, or `UserData`.
//! The columns `PayloadData1` to `PayloadData6`, `UserName` and `RemoteHost` are summaries by its maps and are not read.
//! Times are UTC. Field names: source of EvtxECmd (`EventRecord`), repository EricZimmerman/evtx.

use crate::model::fields::Family;
use crate::model::shape::{Paths, Rule, Shape, Slot};

pub const EVTXECMD: Shape = Shape {
    name: "evtxecmd",
    about: "EvtxECmd (JSON or CSV)",
    note: "",
    family: Family::Windows,
    rule: Rule {
        all: &["EventId", "Payload", "EventRecordId"],
        any: &["MapDescription", "ChunkNumber", "PayloadData1"],
        none: &[],
        any_ending: &[],
    },
    tables: &[("", PATHS)],
};

const PATHS: Paths = &[
    ("EventId", Slot::EventId),
    ("Provider", Slot::Provider),
    ("Channel", Slot::Channel),
    ("Computer", Slot::Computer),
    ("EventRecordId", Slot::Record),
    ("TimeCreated", Slot::Time(2)),
    ("Payload/EventData", Slot::EventData),
    ("Payload/UserData", Slot::UserData),
];
