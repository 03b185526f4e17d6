//! Detections: one row each, as the catalogue in the program describes them.

use crate::export::cell::{Cell, Column, Report};
use crate::model::anomaly::Detection;

const COLUMNS: &[Column] = &[
    Column::new("id").shown(2, "detection", 32).at_least(32),
    Column::new("title").shown(4, "what is odd", 60),
    Column::new("severity").shown(1, "severity", 8),
    Column::new("attack").shown(3, "ATT&CK", 30).spare(3),
    Column::new("needs").shown(5, "needs", 70).spare(2),
    Column::new("check").shown(6, "check next", 90).spare(1),
];

pub fn report<'a>(detections: impl Iterator<Item = &'static Detection> + 'a) -> Report<'a> {
    let rows = detections.map(|detection| {
        vec![
            Cell::Word(detection.id),
            Cell::Word(detection.title),
            Cell::Word(detection.severity.word()),
            Cell::List(detection.attack.iter().map(|technique| Cell::Word(technique)).collect()),
            Cell::Word(detection.needs),
            Cell::Word(detection.check),
        ]
    });
    Report { columns: COLUMNS, rows: Box::new(rows), empty: "No detection." }
}
