//! Vector's source `windows_event_log`: snake_case keys at the top, `event_data`, `user_data`, `string_inserts`.
//!
//! `timestamp` is the record's own time; `host` repeats `computer`. Fields: `src/sources/windows_event_log/parser.rs` of the
//! repository vectordotdev/vector. What a pipeline makes of it after that may be any shape.

use crate::model::fields::Family;
use crate::model::shape::{Paths, Rule, Shape, Slot};

pub const VECTOR: Shape = Shape {
    name: "vector",
    about: "Vector windows_event_log",
    note: "",
    family: Family::Windows,
    rule: Rule {
        all: &["event_id", "provider_name", "record_id"],
        any: &["event_data", "user_data", "string_inserts", "source_type"],
        none: &["winlog", "log_name"],
        any_ending: &[],
    },
    tables: &[("", PATHS)],
};

const PATHS: Paths = &[
    ("event_id", Slot::EventId),
    ("version", Slot::Version),
    ("provider_name", Slot::Provider),
    ("channel", Slot::Channel),
    ("computer", Slot::Computer),
    ("record_id", Slot::Record),
    ("timestamp", Slot::Time(2)),
    ("message", Slot::Message),
    ("event_data", Slot::EventData),
    ("user_data", Slot::UserData),
];
