//! Entra sign-ins as Azure Monitor diagnostics: Event Hub, storage account, and what ships them on.
//!
//! `category` says which of the sign-in logs, `properties` is the Graph record (some exporters write it as JSON text);
//! `{"records":[...]}` envelopes are opened by the decoder. `time` is when the record was made, not when it happened.

use super::entra::PROPERTIES;
use crate::model::fields::{Family, Field};
use crate::model::shape::{Paths, Rule, Shape, Slot};

pub const ENTRA_DIAGNOSTIC: Shape = Shape {
    name: "entra-diagnostic",
    about: "Entra sign-ins of Azure Monitor (diagnostic settings, Event Hub, storage)",
    note: "",
    family: Family::Entra,
    rule: Rule {
        all: &["category", "properties"],
        any: &["operationName", "resultType", "time", "tenantId", "resourceId"],
        // Defender streams its tables in the same envelope.
        none: &["properties/ActionType"],
        any_ending: &[],
    },
    tables: &[("", ENVELOPE), ("properties/", PROPERTIES)],
};

const ENVELOPE: Paths = &[
    ("category", Slot::Field(Field::Category)),
    ("time", Slot::Time(2)),
    ("tenantId", Slot::Field(Field::TenantId)),
    ("resultType", Slot::Field(Field::ResultType)),
    ("resultDescription", Slot::Field(Field::ResultDescription)),
    ("callerIpAddress", Slot::Else(Field::IpAddressEntra)),
    ("correlationId", Slot::Else(Field::CorrelationId)),
    ("location", Slot::Else(Field::CountryOrRegion)),
    ("properties/resourceId", Slot::Field(Field::ResourceId)),
];
