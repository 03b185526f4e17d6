//! LANL "Comprehensive, Multi-Source Cyber-Security Events" (2015), `auth.txt`: nine columns without a header.
//!
//! Time in seconds from 1, source and destination user (`name@domain`), source and destination computer, authentication type,
//! logon type, orientation, result; `?` is unknown. Columns: csr.lanl.gov/data/cyber1.

use crate::model::fields::{Family, Field};
use crate::model::shape::{Paths, Rule, Shape, Slot};

pub const LANL2015: Shape = Shape {
    name: "lanl2015",
    about: "LANL 2015 authentication events (CSV without a header)",
    note: "no logon ids: no sessions; days are counted from an unknown one, shown from 1970 on",
    family: Family::Windows,
    rule: Rule { all: &["#1", "#9"], any: &[], none: &["#10"], any_ending: &[(Field::ResultType, "Success"), (Field::ResultType, "Fail")] },
    tables: &[("", PATHS)],
};

/// Columns of a table without a header are named by their number.
const PATHS: Paths = &[
    ("#1", Slot::Seconds(1)),
    ("#2", Slot::Account(Field::SubjectUserName, Field::SubjectDomainName)),
    ("#3", Slot::Account(Field::TargetUserName, Field::TargetDomainName)),
    ("#4", Slot::Field(Field::WorkstationName)),
    ("#5", Slot::Computer),
    ("#6", Slot::Field(Field::AuthenticationPackageName)),
    ("#7", Slot::Field(Field::LogonType)),
    ("#8", Slot::Field(Field::Action)),
    ("#9", Slot::Field(Field::ResultType)),
];
