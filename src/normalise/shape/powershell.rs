//! `Get-WinEvent | ConvertTo-Json`: values in `Properties` by position, ids of logons as plain numbers.
//!
//! Windows PowerShell 5.1 writes UTF-16 with a byte order mark and times as `/Date(ms)/`; SIDs may be objects with `Value`.

use crate::model::fields::Family;
use crate::model::shape::{Paths, Rule, Shape, Slot};

pub const POWERSHELL: Shape = Shape {
    name: "powershell",
    about: "PowerShell ConvertTo-Json",
    note: "",
    family: Family::Windows,
    rule: Rule { all: &["Id", "ProviderName", "LogName"], any: &[], none: &[], any_ending: &[] },
    tables: &[("", PATHS)],
};

const PATHS: Paths = &[
    ("Id", Slot::EventId),
    ("Version", Slot::Version),
    ("ProviderName", Slot::Provider),
    ("LogName", Slot::Channel),
    ("MachineName", Slot::Computer),
    ("RecordId", Slot::Record),
    ("TimeCreated", Slot::Time(2)),
    ("Properties", Slot::Positions),
];
