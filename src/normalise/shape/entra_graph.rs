//! Entra sign-ins as Microsoft Graph gives them (`signIn`), one record each or pages of `{"value":[...]}`.

use super::entra::PROPERTIES;
use crate::model::fields::{Family, Field};
use crate::model::shape::{Paths, Rule, Shape, Slot};

pub const ENTRA_GRAPH: Shape = Shape {
    name: "entra-graph",
    about: "Entra sign-ins of Microsoft Graph",
    note: "",
    family: Family::Entra,
    rule: Rule {
        all: &["createdDateTime", "appId"],
        any: &["userPrincipalName", "servicePrincipalId", "signInEventTypes"],
        none: &["category", "properties", "TimeGenerated", "ResultType"],
        any_ending: &[],
    },
    tables: &[("", PROPERTIES), ("", MORE)],
};

const MORE: Paths = &[("resourceId", Slot::Field(Field::ResourceId)), ("tenantId", Slot::Field(Field::TenantId))];
