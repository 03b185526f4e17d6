//! The log shapes, one file each: how records of a tool are recognised and where they keep their values.
//!
//! Order matters where one record could pass for several: the first that fits is taken. The shape of the last record is
//! always tried first, so each rule must stand for itself. `generic` takes what no other wants.

mod defender_device;
mod defender_identity;
mod entra;
mod entra_diagnostic;
mod entra_elastic;
mod entra_graph;
mod entra_loganalytics;
mod event_viewer_csv;
mod evtx_dump;
mod evtxecmd;
mod flat;
mod fluentbit;
mod fluentbit_old;
mod generic;
mod get_eventlog;
mod lanl2015;
mod lanl2017;
mod nxlog;
mod openwec;
mod powershell;
mod sentinel;
mod splunk_text;
mod unified_audit;
mod vector;
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
    &openwec::OPENWEC,
    &winlogbeat7::WINLOGBEAT7,
    &winlogbeat6::WINLOGBEAT6,
    &wazuh::WAZUH,
    &nxlog::NXLOG,
    &fluentbit::FLUENTBIT,
    &fluentbit_old::FLUENTBIT_OLD,
    &vector::VECTOR,
    &sentinel::SENTINEL,
    &powershell::POWERSHELL,
    &get_eventlog::GET_EVENTLOG,
    &evtxecmd::EVTXECMD,
    &event_viewer_csv::EVENT_VIEWER_CSV,
    &flat::FLAT,
    &xml_text::XML_TEXT,
    &splunk_text::SPLUNK_TEXT,
    &defender_device::DEFENDER_DEVICE,
    &defender_identity::DEFENDER_IDENTITY,
    &lanl2017::LANL2017,
    &lanl2015::LANL2015,
    &entra_diagnostic::ENTRA_DIAGNOSTIC,
    &entra_graph::ENTRA_GRAPH,
    &entra_loganalytics::ENTRA_LOGANALYTICS,
    &entra_elastic::ENTRA_ELASTIC,
    &unified_audit::UNIFIED_AUDIT,
    &generic::GENERIC,
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
