//! Microsoft Defender XDR, table `IdentityLogonEvents`: what domain controllers saw (`Application` "Active Directory"), and
//! sign-ins to Microsoft's cloud.
//!
//! `DeviceName` is where the account came from, `DestinationDeviceName` or `TargetDeviceName` what it went to. There are no
//! logon ids. Columns: Microsoft Learn, "IdentityLogonEvents"; `properties`: the streaming API.

use crate::model::fields::{Family, Field};
use crate::model::shape::{Paths, Rule, Shape, Slot};

pub const DEFENDER_IDENTITY: Shape = Shape {
    name: "defender_identity",
    about: "Defender XDR IdentityLogonEvents (JSON, CSV or streaming API)",
    note: "neither logon ids nor logoffs: no sessions on hosts",
    family: Family::Windows,
    rule: Rule {
        all: &[],
        any: &[
            "DestinationDeviceName",
            "AccountObjectId",
            "Application",
            "properties/DestinationDeviceName",
            "properties/AccountObjectId",
            "properties/Application",
        ],
        none: &["DeviceId", "properties/DeviceId", "ResultType"],
        any_ending: &[],
    },
    tables: &[("", PATHS), ("properties/", PATHS)],
};

const PATHS: Paths = &[
    ("ActionType", Slot::Field(Field::Action)),
    ("Timestamp", Slot::Time(1)),
    ("TimeGenerated", Slot::Time(2)),
    ("Application", Slot::Field(Field::AppDisplayName)),
    ("DestinationDeviceName", Slot::Computer),
    ("TargetDeviceName", Slot::Field(Field::TargetServerName)),
    ("DeviceName", Slot::Field(Field::WorkstationName)),
    ("AccountName", Slot::Field(Field::TargetUserName)),
    ("AccountDomain", Slot::Field(Field::TargetDomainName)),
    ("AccountSid", Slot::Field(Field::TargetUserSid)),
    ("AccountUpn", Slot::Field(Field::UserPrincipalName)),
    ("AccountObjectId", Slot::Field(Field::UserId)),
    ("AccountDisplayName", Slot::Field(Field::UserDisplayName)),
    ("LogonType", Slot::Field(Field::LogonType)),
    ("Protocol", Slot::Field(Field::AuthenticationPackageName)),
    ("IPAddress", Slot::Field(Field::IpAddressEntra)),
    ("Port", Slot::Field(Field::IpPort)),
    ("Location", Slot::Field(Field::CountryOrRegion)),
    ("OSPlatform", Slot::Field(Field::OperatingSystem)),
    ("FailureReason", Slot::Field(Field::FailureReason)),
];
