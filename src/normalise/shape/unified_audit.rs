//! Microsoft 365 unified audit log: `UserLoggedIn` and `UserLoginFailed` of Entra ID, as the Management Activity API gives
//! them, or as JSON text in `AuditData` of Purview's CSV and of `Search-UnifiedAuditLog`.
//!
//! `IntraSystemId` is the id of the sign-in, `Id` only that of the audit record; `InterSystemsId` is the correlation id.
//! `CreationTime` is UTC. Operations of other kinds are of this shape and no logons. Properties: Microsoft Learn, "Office 365
//! Management Activity API schema", and records of the repository elastic/integrations (`packages/o365`).

use crate::model::fields::{Family, Field};
use crate::model::shape::{Paths, Rule, Shape, Slot};

pub const UNIFIED_AUDIT: Shape = Shape {
    name: "unified_audit",
    about: "Microsoft 365 unified audit log (API, Purview CSV, Search-UnifiedAuditLog)",
    note: "",
    family: Family::Entra,
    rule: Rule {
        all: &["RecordType"],
        any: &["Workload", "OrganizationId", "AuditData"],
        none: &["properties", "EventID", "event_id", "ActionType"],
        any_ending: &[],
    },
    tables: &[("", PATHS), ("AuditData/", PATHS)],
};

const PATHS: Paths = &[
    ("Operation", Slot::Field(Field::Action)),
    ("CreationTime", Slot::Time(1)),
    ("IntraSystemId", Slot::Field(Field::Id)),
    ("Id", Slot::Else(Field::Id)),
    ("InterSystemsId", Slot::Field(Field::CorrelationId)),
    ("UserId", Slot::Field(Field::UserPrincipalName)),
    ("ResultStatus", Slot::Field(Field::ResultType)),
    ("ErrorNumber", Slot::Field(Field::ErrorCode)),
    ("LogonError", Slot::Field(Field::ResultDescription)),
    ("ActorIpAddress", Slot::Field(Field::IpAddressEntra)),
    ("ClientIP", Slot::Else(Field::IpAddressEntra)),
    ("ApplicationId", Slot::Field(Field::AppId)),
    ("ObjectId", Slot::Field(Field::ResourceId)),
    ("OrganizationId", Slot::Field(Field::TenantId)),
    ("AppAccessContext/AADSessionId", Slot::Else(Field::EntraSessionId)),
    ("ExtendedProperties", Slot::Pairs),
    ("ExtendedProperties/UserAgent", Slot::Field(Field::UserAgent)),
    ("DeviceProperties", Slot::Pairs),
    ("DeviceProperties/OS", Slot::Field(Field::OperatingSystem)),
    ("DeviceProperties/BrowserType", Slot::Field(Field::Browser)),
    ("DeviceProperties/SessionId", Slot::Field(Field::EntraSessionId)),
    ("DeviceProperties/Id", Slot::Field(Field::DeviceId)),
    ("DeviceProperties/DisplayName", Slot::Field(Field::DeviceDisplayName)),
    ("DeviceProperties/IsCompliant", Slot::Field(Field::IsCompliant)),
    ("DeviceProperties/IsCompliantAndManaged", Slot::Field(Field::IsManaged)),
    ("DeviceProperties/TrustType", Slot::Field(Field::TrustType)),
];
