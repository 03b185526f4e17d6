//! Cuts a large text that is no list of lines into parts that are decoded side by side.
//!
//! Whether a record begins at a place can only be told by reading everything before it. So borders are guessed, by what
//! the first records look like, and the reading of each part says where and how it ended. Where that is not how the next
//! part began, its guess was wrong, and it is read again from there. A decoder at work on a part has the bytes of the whole
//! input before it, so it sees a fault, and where to go on behind it, as if it read alone.

use super::wide::Encoding;
use super::{Sniffed, csv, json, text};
use crate::model::shape::Shapes;
use std::ops::Range;

/// What a decoder knows at a border.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    Json(json::State),
    Csv(csv::State),
}

/// One part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub range: Range<usize>,
    /// Where its first record begins: at the beginning of the range, unless the part in front of it needed more.
    pub from: usize,
    pub entry: Entry,
}

/// Where and how the reading of a part ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit {
    pub at: usize,
    /// `None` where no decoder of a part can go on: the input has to be read as one.
    pub entry: Option<Entry>,
}

impl Exit {
    /// Whether this is where and how `next` began.
    #[must_use]
    pub fn leads_to(&self, next: &Part) -> bool {
        self.at == next.from && self.entry == Some(next.entry)
    }
    /// The part behind, read from where this one ended; `None` where the input has to be read as one.
    #[must_use]
    pub fn corrected(&self, next: &Part) -> Option<Part> {
        self.entry.map(|entry| Part { range: next.range.clone(), from: self.at, entry })
    }
}

/// Parts of about `size` bytes; `None` where the text has to be read as one.
#[must_use]
pub fn cut(bytes: &[u8], size: usize, shapes: Shapes) -> Option<Vec<Part>> {
    if bytes.len() <= size || Encoding::of(bytes) != Encoding::Utf8 {
        return None;
    }
    let size = size.max(1);
    match text::look(bytes) {
        Sniffed::Json => {
            let layout = json::Layout::of(bytes, size)?;
            let later = Entry::Json(layout.state());
            parts(bytes, size, (Entry::Json(json::State::START), later), |at| layout.border(at))
        }
        Sniffed::Csv => {
            let layout = csv::Layout::of(bytes, shapes)?;
            let later = Entry::Csv(layout.state());
            parts(bytes, size, (Entry::Csv(csv::State::START), later), |at| layout.border(at))
        }
        _ => None,
    }
}

fn parts(bytes: &[u8], size: usize, (first, later): (Entry, Entry), border: impl Fn(usize) -> Option<usize>) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut from = 0;
    while from < bytes.len() {
        let mut to = bytes.len();
        let mut near = from.saturating_add(size);
        // Where a stretch has no border the next one may.
        while near < bytes.len() {
            if let Some(border) = border(near).filter(|border| *border > from) {
                to = border;
                break;
            }
            near = near.saturating_add(size);
        }
        let entry = if from == 0 { first } else { later };
        parts.push(Part { range: from..to, from, entry });
        from = to;
    }
    (parts.len() > 1).then_some(parts)
}
