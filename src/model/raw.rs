//! One record as it stands in its input, rendered for people.

/// What the detail view shows under "raw": the whole record as text, and its values one by one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawRecord {
    /// The record as indented JSON, in the record's own order.
    pub json: String,
    /// (name, value) in the record's order. Untrusted text: clean before drawing.
    pub fields: Vec<(String, String)>,
}
