//! What property tests do to bytes: the same changes for every decoder.
#![allow(dead_code, clippy::indexing_slicing)]

use proptest::prelude::prop;

/// What may be done to bytes.
#[derive(Clone, Debug)]
pub enum Change {
    Set(prop::sample::Index, u8),
    Insert(prop::sample::Index, Vec<u8>),
    Delete(prop::sample::Index, usize),
    /// Writes a part again somewhere else: members twice, keys swapped, texts in texts.
    Copy(prop::sample::Index, usize, prop::sample::Index),
    Cut(prop::sample::Index),
}

/// The bytes after all changes.
pub fn changed(mut bytes: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for change in changes {
        if bytes.is_empty() {
            break;
        }
        match change {
            Change::Set(at, byte) => {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
            }
            Change::Insert(at, piece) => {
                let at = at.index(bytes.len());
                bytes.splice(at..at, piece.iter().copied());
            }
            Change::Delete(at, len) => {
                let at = at.index(bytes.len());
                bytes.drain(at..(at + len).min(bytes.len()));
            }
            Change::Copy(from, len, to) => {
                let from = from.index(bytes.len());
                let part = bytes[from..(from + len).min(bytes.len())].to_vec();
                let to = to.index(bytes.len());
                bytes.splice(to..to, part);
            }
            Change::Cut(at) => bytes.truncate(at.index(bytes.len())),
        }
    }
    bytes
}
