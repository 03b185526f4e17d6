//! LANL "Unified Host and Network Data Set" (2017), host events as its `wls` wrote them: short names, numbers for names.
//!
//! `Time` counts seconds from a day that the set does not tell. `UserName`, `DomainName` and `LogonID` are those of the main
//! actor. Names: the set's description (csr.lanl.gov/data/2017).

use crate::model::fields::{Family, Field};
use crate::model::shape::{Paths, Rule, Shape, Slot};

pub const LANL2017: Shape = Shape {
    name: "lanl2017",
    about: "LANL 2017 host events (wls)",
    note: "days are counted from an unknown one, shown from 1970 on",
    family: Family::Windows,
    rule: Rule { all: &["EventID", "LogHost", "Time"], any: &[], none: &["TimeGenerated", "EventTime"], any_ending: &[] },
    tables: &[("", PATHS)],
};

const PATHS: Paths = &[
    ("EventID", Slot::EventId),
    ("LogHost", Slot::Computer),
    ("Time", Slot::Seconds(1)),
    ("UserName", Slot::Field(Field::TargetUserName)),
    ("DomainName", Slot::Field(Field::TargetDomainName)),
    ("LogonID", Slot::Field(Field::TargetLogonId)),
    ("LogonType", Slot::Field(Field::LogonType)),
    ("LogonTypeDescription", Slot::Else(Field::LogonType)),
    ("SubjectUserName", Slot::Field(Field::SubjectUserName)),
    ("SubjectDomainName", Slot::Field(Field::SubjectDomainName)),
    ("SubjectLogonID", Slot::Field(Field::SubjectLogonId)),
    ("Source", Slot::Field(Field::WorkstationName)),
    ("Destination", Slot::Field(Field::TargetServerName)),
    ("ServiceName", Slot::Field(Field::ServiceName)),
    ("AuthenticationPackage", Slot::Field(Field::AuthenticationPackageName)),
    ("Status", Slot::Field(Field::Status)),
    ("FailureReason", Slot::Field(Field::FailureReason)),
    ("ProcessName", Slot::Field(Field::ProcessName)),
    ("ProcessID", Slot::Field(Field::ProcessId)),
];
