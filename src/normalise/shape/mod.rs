//! The log shapes, one file each: how records of a tool are recognised and where they keep their values.
//!
//! Order matters where one record could pass for several: the first that fits is taken. The shape of the last record is
//! always tried first, so each rule must stand for itself.

mod entra;
mod entra_diagnostic;
mod entra_graph;
mod entra_loganalytics;
mod evtx_dump;
mod flat;
mod fluentbit;
mod nxlog;
mod powershell;
mod sentinel;
mod velociraptor;
mod wazuh;
mod winlogbeat6;
mod winlogbeat7;
mod xml_text;

use crate::model::shape::Shapes;

/// Every shape, in the order in which they are tried.
pub static SHAPES: Shapes = &[
    &evtx_dump::EVTX_DUMP,
    &velociraptor::VELOCIRAPTOR,
    &winlogbeat7::WINLOGBEAT7,
    &winlogbeat6::WINLOGBEAT6,
    &wazuh::WAZUH,
    &nxlog::NXLOG,
    &fluentbit::FLUENTBIT,
    &sentinel::SENTINEL,
    &powershell::POWERSHELL,
    &flat::FLAT,
    &entra_diagnostic::ENTRA_DIAGNOSTIC,
    &entra_graph::ENTRA_GRAPH,
    &entra_loganalytics::ENTRA_LOGANALYTICS,
    &xml_text::XML_TEXT,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_has_a_name_of_its_own_and_a_rule() {
        for (number, shape) in SHAPES.iter().enumerate() {
            assert!(SHAPES.iter().skip(number + 1).all(|other| other.name != shape.name), "{}", shape.name);
            assert!(!shape.rule.all.is_empty() || !shape.rule.any.is_empty(), "{} would fit everything", shape.name);
        }
    }
}
