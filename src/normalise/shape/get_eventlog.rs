//! `Get-EventLog | ConvertTo-Json` of Windows PowerShell: values in `ReplacementStrings` by position.
//!
//! The log is not named, the provider (`Source`) is. Times are `/Date(ms)/`. Members: .NET `EventLogEntry`.

use crate::model::fields::Family;
use crate::model::shape::{Paths, Rule, Shape, Slot};

pub const GET_EVENTLOG: Shape = Shape {
    name: "get_eventlog",
    about: "PowerShell Get-EventLog",
    note: "",
    family: Family::Windows,
    rule: Rule { all: &["InstanceId", "ReplacementStrings"], any: &["EventID", "Index"], none: &[], any_ending: &[] },
    tables: &[("", PATHS)],
};

const PATHS: Paths = &[
    ("EventID", Slot::EventId),
    ("Source", Slot::Provider),
    ("Log", Slot::Channel),
    ("MachineName", Slot::Computer),
    ("Index", Slot::Record),
    ("TimeGenerated", Slot::Time(2)),
    ("TimeWritten", Slot::Time(3)),
    ("ReplacementStrings", Slot::Positions),
];
