//! Entra sign-ins as rows of Log Analytics and Sentinel: capitalised columns, dynamic columns as objects or JSON text.
//!
//! Exports of the portal name dynamic columns `X_dynamic` or `X_string` and times `X [UTC]`. `TenantId` is that of the
//! workspace, `AADTenantId` that of the sign-in; `ResourceId` is an Azure path, `ResourceIdentity` the resource.

use super::entra::PROPERTIES;
use crate::model::fields::{Family, Field};
use crate::model::shape::{Paths, Rule, Shape, Slot};

pub const ENTRA_LOGANALYTICS: Shape = Shape {
    name: "entra-loganalytics",
    about: "Entra sign-ins of Log Analytics and Sentinel (rows or CSV)",
    note: "",
    family: Family::Entra,
    rule: Rule {
        all: &[],
        any: &["Category", "Type"],
        none: &["properties"],
        any_ending: &[(Field::Category, "SignInLogs"), (Field::SignInEventTypes, "SigninLogs")],
    },
    tables: &[("", PROPERTIES), ("", COLUMNS)],
};

const COLUMNS: Paths = &[
    ("Category", Slot::Field(Field::Category)),
    // The name of the table; it stands in for a missing category.
    ("Type", Slot::Field(Field::SignInEventTypes)),
    ("CreatedDateTime [UTC]", Slot::Time(1)),
    ("time", Slot::Time(2)),
    ("TimeGenerated", Slot::Time(3)),
    ("TimeGenerated [UTC]", Slot::Time(3)),
    ("ResultType", Slot::Field(Field::ResultType)),
    ("ResultDescription", Slot::Field(Field::ResultDescription)),
    ("ResourceIdentity", Slot::Field(Field::ResourceId)),
    ("AADTenantId", Slot::Field(Field::TenantId)),
    ("Location", Slot::Else(Field::CountryOrRegion)),
    ("LocationDetails/city", Slot::Field(Field::City)),
    ("LocationDetails/countryOrRegion", Slot::Field(Field::CountryOrRegion)),
    ("LocationDetails/geoCoordinates/latitude", Slot::Field(Field::Latitude)),
    ("LocationDetails/geoCoordinates/longitude", Slot::Field(Field::Longitude)),
    ("LocationDetails_dynamic/city", Slot::Field(Field::City)),
    ("LocationDetails_dynamic/countryOrRegion", Slot::Field(Field::CountryOrRegion)),
    ("LocationDetails_dynamic/geoCoordinates/latitude", Slot::Field(Field::Latitude)),
    ("LocationDetails_dynamic/geoCoordinates/longitude", Slot::Field(Field::Longitude)),
    ("LocationDetails_string/city", Slot::Field(Field::City)),
    ("LocationDetails_string/countryOrRegion", Slot::Field(Field::CountryOrRegion)),
    ("DeviceDetail_dynamic/deviceId", Slot::Field(Field::DeviceId)),
    ("DeviceDetail_dynamic/displayName", Slot::Field(Field::DeviceDisplayName)),
    ("DeviceDetail_dynamic/browser", Slot::Field(Field::Browser)),
    ("DeviceDetail_dynamic/operatingSystem", Slot::Field(Field::OperatingSystem)),
    ("DeviceDetail_dynamic/isManaged", Slot::Field(Field::IsManaged)),
    ("DeviceDetail_dynamic/isCompliant", Slot::Field(Field::IsCompliant)),
    ("DeviceDetail_dynamic/trustType", Slot::Field(Field::TrustType)),
    ("DeviceDetail_string/deviceId", Slot::Field(Field::DeviceId)),
    ("DeviceDetail_string/browser", Slot::Field(Field::Browser)),
    ("DeviceDetail_string/operatingSystem", Slot::Field(Field::OperatingSystem)),
    ("Status_dynamic/errorCode", Slot::Field(Field::ErrorCode)),
    ("Status_string/errorCode", Slot::Field(Field::ErrorCode)),
];
