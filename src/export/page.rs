//! A page of text for people: parts with a heading, lines, sentences over as many lines as they need.

use crate::base::text::{count, fit, pad, width};
use std::fmt::Write as _;
use std::io;

/// Width where none is given; sentences are wrapped to it.
const USUAL: usize = 100;

/// Lines of the page, cut to a width at the end.
pub struct Page {
    pub text: String,
    width: usize,
    /// Lines are cut to it.
    cut: Option<usize>,
}

impl Page {
    #[must_use]
    pub fn new(cut: Option<usize>) -> Self {
        Self { text: String::new(), width: cut.unwrap_or(USUAL), cut }
    }
    /// The heading of a part, in a column of its own.
    pub fn part(&mut self, name: &str, text: &str) {
        let _ = write!(self.text, "\n{}{text}\n", pad(name, 11)); // a String takes every write
    }
    /// A sentence beside its label; lines that follow stand under the sentence.
    pub fn labelled(&mut self, label: &str, text: &str) {
        let from = self.text.len();
        self.sentence(12, text);
        let head = format!("  {}", pad(label, 10));
        // The first twelve cells are blanks.
        self.text.replace_range(from..(from + 12).min(self.text.len()), &head);
    }
    pub fn line(&mut self, text: &str) {
        let _ = writeln!(self.text, "  {text}");
    }
    /// A sentence over as many lines as it needs.
    pub fn sentence(&mut self, indent: usize, text: &str) {
        let room = self.width.saturating_sub(indent).max(20);
        let mut line = String::new();
        for word in text.split_whitespace() {
            if !line.is_empty() && width(&line) + 1 + width(word) > room {
                let _ = writeln!(self.text, "{}{line}", " ".repeat(indent));
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        let _ = writeln!(self.text, "{}{line}", " ".repeat(indent));
    }
    pub fn more(&mut self, all: usize, shown: usize, what: &str) {
        if all > shown {
            self.line(&format!("+{} more {what}", count((all - shown) as u64)));
        }
    }
    pub fn write(&self, out: &mut dyn io::Write) -> io::Result<()> {
        self.text.lines().try_for_each(|line| writeln!(out, "{}", self.cut.map_or(line.into(), |width| fit(line, width))))
    }
}
