//! `Get-WinEvent` with `ConvertTo-Json` or `Export-Csv`: values in `Properties` by position, ids of logons as plain numbers.
//!
//! `Export-Csv` loses `Properties`, so the message is read; its times are local and have no zone. Windows PowerShell 5.1 writes UTF-16 with a byte order mark and times as `/Date(ms)/`; SIDs may be objects with `Value`.

use crate::model::fields::Family;
use crate::model::shape::{Paths, Rule, Shape, Slot};

pub const POWERSHELL: Shape = Shape {
    name: "powershell",
    about: "PowerShell Get-WinEvent (ConvertTo-Json, Export-Csv)",
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
    ("TimeCreated", Slot::LocalTime(2)),
    ("Properties", Slot::Positions),
    ("Message", Slot::Message),
];
