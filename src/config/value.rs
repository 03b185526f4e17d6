//! Reading what stands behind an option. An error says what to write.

use crate::model::anomaly::Severity;

/// Seconds of a recording in one second, such as 60 or x60.
pub(super) fn speed(text: &str) -> Result<f64, String> {
    match text.trim_start_matches(['x', 'X']).parse::<f64>() {
        Ok(speed) if speed.is_finite() && (0.01..=1_000_000.0).contains(&speed) => Ok(speed),
        _ => Err("write a number from 0.01 to 1000000; 1 is real time, 60 a minute a second".into()),
    }
}

pub(super) fn severity(text: &str) -> Result<Severity, String> {
    Severity::parse(text).ok_or_else(|| "write info, low, medium, high or critical".to_owned())
}

/// A number, or one with K, M or G (of 1000).
pub(super) fn count(text: &str) -> Result<u64, String> {
    let (number, unit) = match text.char_indices().next_back() {
        Some((at, 'k' | 'K')) => (text.get(..at), 1_000),
        Some((at, 'm' | 'M')) => (text.get(..at), 1_000_000),
        Some((at, 'g' | 'G')) => (text.get(..at), 1_000_000_000),
        _ => (Some(text), 1),
    };
    let number = number.and_then(|number| number.parse::<u64>().ok()).and_then(|number| number.checked_mul(unit));
    number.ok_or_else(|| "write a number of events, such as 500000 or 2M; 0 keeps all".to_owned())
}

/// Bytes: a number, or one with K, M, G or T (of 1024).
pub(super) fn size(text: &str) -> Result<u64, String> {
    let text = text.trim_end_matches(['B', 'b', 'i']);
    let (number, shift) = match text.char_indices().next_back() {
        Some((at, 'k' | 'K')) => (&text.get(..at), 10),
        Some((at, 'm' | 'M')) => (&text.get(..at), 20),
        Some((at, 'g' | 'G')) => (&text.get(..at), 30),
        Some((at, 't' | 'T')) => (&text.get(..at), 40),
        _ => (&Some(text), 0),
    };
    let bytes = number.and_then(|number| number.trim().parse::<u64>().ok()).and_then(|number| number.checked_mul(1 << shift));
    bytes.filter(|bytes| *bytes > 0).ok_or_else(|| "write a number of bytes, such as 500M or 200G".to_owned())
}
