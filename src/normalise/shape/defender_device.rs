//! Microsoft Defender XDR, table `DeviceLogonEvents`: rows of advanced hunting (JSON or CSV), its streaming API, Sentinel.
//!
//! `ActionType` says what happened, `LogonType` is a word, `LogonId` a plain number. `ReportId` repeats and is no record number.
//! Rows of other device tables are of this shape and no logons. Columns: Microsoft Learn, "DeviceLogonEvents".

use crate::model::fields::{Family, Field};
use crate::model::shape::{Paths, Rule, Shape, Slot};

pub const DEFENDER_DEVICE: Shape = Shape {
    name: "defender_device",
    about: "Defender XDR DeviceLogonEvents (JSON, CSV or streaming API)",
    note: "no logoff rows: sessions have no end",
    family: Family::Windows,
    rule: Rule {
        all: &[],
        any: &["ActionType", "properties/ActionType"],
        none: &[
            "DestinationDeviceName",
            "AccountObjectId",
            "Application",
            "properties/DestinationDeviceName",
            "properties/AccountObjectId",
            "properties/Application",
        ],
        any_ending: &[],
    },
    tables: &[("", PATHS), ("properties/", PATHS)],
};

const PATHS: Paths = &[
    ("ActionType", Slot::Field(Field::Action)),
    ("Timestamp", Slot::Time(1)),
    ("TimeGenerated", Slot::Time(2)),
    ("DeviceName", Slot::Computer),
    ("AccountName", Slot::Field(Field::TargetUserName)),
    ("AccountDomain", Slot::Field(Field::TargetDomainName)),
    ("AccountSid", Slot::Field(Field::TargetUserSid)),
    ("LogonId", Slot::Field(Field::TargetLogonId)),
    ("LogonType", Slot::Field(Field::LogonType)),
    ("RemoteIP", Slot::Field(Field::IpAddress)),
    ("RemotePort", Slot::Field(Field::IpPort)),
    ("RemoteDeviceName", Slot::Field(Field::WorkstationName)),
    ("Protocol", Slot::Field(Field::AuthenticationPackageName)),
    ("FailureReason", Slot::Field(Field::FailureReason)),
    ("InitiatingProcessAccountName", Slot::Field(Field::SubjectUserName)),
    ("InitiatingProcessAccountDomain", Slot::Field(Field::SubjectDomainName)),
    ("InitiatingProcessAccountSid", Slot::Field(Field::SubjectUserSid)),
    ("InitiatingProcessFolderPath", Slot::Field(Field::ProcessName)),
    ("InitiatingProcessFileName", Slot::Else(Field::ProcessName)),
];
