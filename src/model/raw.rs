//! A record as people read it: rendered again from its place in the input when somebody looks.

/// Bytes of one record that are kept for showing.
pub const BYTES_SHOWN: usize = 16 << 10;

/// One record, rendered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawRecord {
    /// Pretty-printed JSON; untrusted text, control characters are JSON escapes.
    pub json: String,
    /// Named values in the order of the record.
    pub fields: Vec<(String, String)>,
    /// As XML, an element a line; empty where the record is none. Untrusted text as it stands.
    pub xml: String,
    /// The text of the record as its input has it; empty for binary ones.
    pub stored: String,
    /// Its first bytes.
    pub bytes: Vec<u8>,
    /// The bytes there are of it; 0 where that is not known.
    pub length: usize,
}

impl RawRecord {
    /// Adds the record as it is stored.
    #[must_use]
    pub fn stored_as(mut self, bytes: &[u8]) -> Self {
        self.length = bytes.len();
        self.bytes = bytes.get(..bytes.len().min(BYTES_SHOWN)).unwrap_or_default().to_vec();
        self
    }
}
