//! Any other JSON or table with an event id and a Windows name of a value, at any depth and in any letter case: the last
//! resort, behind all shapes.
//!
//! What a tool calls channel, computer and time is guessed from the usual names, so people are told that it is reduced. It
//! must not take what is no Windows event: a number for the id and a name that only Windows uses are both asked for.

use crate::model::fields::Family;
use crate::model::shape::{Paths, Rule, Shape, Slot};

pub const GENERIC: Shape = Shape {
    name: "generic",
    about: "other JSON or CSV with Windows event ids and names (generic, reduced)",
    note: "generic, reduced: an unknown shape, read by the usual names of Windows",
    family: Family::Windows,
    rule: Rule {
        all: &[],
        any: &[
            "TargetUserName",
            "SubjectUserName",
            "TargetUserSid",
            "SubjectUserSid",
            "TargetLogonId",
            "SubjectLogonId",
            "target_user_name",
            "subject_user_name",
        ],
        none: &[],
        any_ending: &[],
    },
    tables: &[("", PATHS)],
};

const PATHS: Paths = &[
    ("", Slot::Anywhere),
    ("EventID", Slot::EventId),
    ("event_id", Slot::EventId),
    ("EventCode", Slot::EventId),
    ("event.code", Slot::EventId),
    ("EventID/#text", Slot::EventId),
    ("EventID/Value", Slot::EventId),
    ("Version", Slot::Version),
    ("Provider", Slot::Provider),
    ("Provider/Name", Slot::Provider),
    ("ProviderName", Slot::Provider),
    ("provider_name", Slot::Provider),
    ("SourceName", Slot::Provider),
    ("source_name", Slot::Provider),
    ("Channel", Slot::Channel),
    ("LogName", Slot::Channel),
    ("log_name", Slot::Channel),
    ("EventLog", Slot::Channel),
    ("Computer", Slot::Computer),
    ("ComputerName", Slot::Computer),
    ("computer_name", Slot::Computer),
    ("Hostname", Slot::Computer),
    ("MachineName", Slot::Computer),
    ("host_name", Slot::Computer),
    ("host", Slot::Computer),
    ("host/name", Slot::Computer),
    ("EventRecordID", Slot::Record),
    ("RecordNumber", Slot::Record),
    ("record_number", Slot::Record),
    ("record_id", Slot::Record),
    ("RecordId", Slot::Record),
    ("TimeCreated", Slot::Time(0)),
    ("TimeCreated/SystemTime", Slot::Time(0)),
    ("SystemTime", Slot::Time(0)),
    ("time_created", Slot::Time(0)),
    ("UtcTime", Slot::Time(1)),
    ("@timestamp", Slot::Time(2)),
    ("timestamp", Slot::LocalTime(3)),
    ("TimeGenerated", Slot::LocalTime(3)),
    ("EventTime", Slot::LocalTime(4)),
    ("event_time", Slot::LocalTime(4)),
    ("time", Slot::LocalTime(5)),
    ("_time", Slot::LocalTime(5)),
    ("datetime", Slot::LocalTime(5)),
    ("ts", Slot::LocalTime(6)),
    ("Message", Slot::Message),
    ("", Slot::EventData),
    ("UserData", Slot::UserData),
];
