//! Event Viewer's "Save all events as" CSV with English headings: five named columns and the message without a name.
//!
//! The computer is not named, times are local and have no zone, and the log is known by the source only. The headings are
//! in the language of the viewer; those of other languages are not known here.

use crate::model::fields::Family;
use crate::model::shape::{Paths, Rule, Shape, Slot};

pub const EVENT_VIEWER_CSV: Shape = Shape {
    name: "event_viewer_csv",
    about: "Event Viewer's CSV (English)",
    note: "no computer is named; values come from the message",
    family: Family::Windows,
    rule: Rule { all: &["Date and Time", "Source", "Event ID"], any: &[], none: &[], any_ending: &[] },
    tables: &[("", PATHS)],
};

const PATHS: Paths = &[
    ("Event ID", Slot::EventId),
    ("Source", Slot::Provider),
    ("Log", Slot::Channel),
    ("Computer", Slot::Computer),
    ("Date and Time", Slot::LocalTime(2)),
    // A cell more than the header has columns.
    ("#more", Slot::Message),
];
