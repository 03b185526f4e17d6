//! A record as people read it: rendered again from its place in the input when somebody looks.

/// One record, rendered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawRecord {
    /// Pretty-printed JSON; untrusted text, control characters are JSON escapes.
    pub json: String,
    /// Named values in the order of the record.
    pub fields: Vec<(String, String)>,
}
