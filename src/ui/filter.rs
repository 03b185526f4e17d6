//! The filter in force and its history.
//!
//! Only a text that parses ever gets in force. Switching off keeps the text; undo and redo walk the texts.

use crate::base::time::{Timestamp, Zone};
use crate::model::remark::Remarks;
use crate::query::{self, Filter, ParseError, Saved};
use std::sync::Arc;

/// Older texts kept.
const KEPT: usize = 100;

#[derive(Clone, Debug, Default)]
pub struct FilterBar {
    text: String,
    filter: Option<Filter>,
    off: bool,
    saved: Arc<Saved>,
    /// What people said, for `tag:` and `note:`.
    remarks: Option<Arc<dyn Remarks>>,
    past: Vec<String>,
    future: Vec<String>,
}

impl FilterBar {
    /// Without a filter; `saved` are what `@name` may stand for.
    #[must_use]
    pub fn new(saved: Arc<Saved>) -> Self {
        Self { saved, ..Self::default() }
    }
    /// Other filters can be named from now on; the one in force stays as it was understood.
    pub fn know(&mut self, saved: Arc<Saved>) {
        self.saved = saved;
    }
    /// What people have said by now; whether the filter in force asks for it.
    pub fn hear(&mut self, remarks: Arc<dyn Remarks>) -> bool {
        self.filter = self.filter.take().map(|filter| filter.hearing(Some(&remarks)));
        self.remarks = Some(remarks);
        self.in_force().is_some_and(Filter::asks_of_remarks)
    }
    #[must_use]
    pub const fn remarks(&self) -> Option<&Arc<dyn Remarks>> {
        self.remarks.as_ref()
    }
    /// A filter as it would be put in force.
    ///
    /// # Errors
    /// The text is no filter.
    pub fn parse(&self, text: &str, now: Timestamp, zone: Zone) -> Result<Filter, ParseError> {
        Ok(query::parse_with(text, now, zone, &self.saved)?.hearing(self.remarks.as_ref()))
    }
    #[must_use]
    pub fn saved(&self) -> &Saved {
        &self.saved
    }
    /// The text, also while it is switched off.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
    #[must_use]
    pub const fn is_off(&self) -> bool {
        self.off
    }
    /// What is in force.
    #[must_use]
    pub const fn in_force(&self) -> Option<&Filter> {
        if self.off { None } else { self.filter.as_ref() }
    }
    /// Earlier texts, newest first, without the empty one and without repeats.
    #[must_use]
    pub fn recent(&self) -> Vec<&str> {
        let mut recent: Vec<&str> = Vec::new();
        for text in std::iter::once(&self.text).chain(self.past.iter().rev()).chain(&self.future) {
            if !text.is_empty() && !recent.contains(&text.as_str()) {
                recent.push(text);
            }
        }
        recent
    }
    fn replace(&mut self, text: &str, now: Timestamp, zone: Zone) -> Result<String, ParseError> {
        let filter = self.parse(text, now, zone)?;
        self.filter = (!filter.is_all()).then_some(filter);
        self.off = false;
        Ok(std::mem::replace(&mut self.text, text.trim().to_owned()))
    }
    /// Puts a text in force.
    ///
    /// # Errors
    /// The text is no filter; the one before stays.
    pub fn set(&mut self, text: &str, now: Timestamp, zone: Zone) -> Result<(), ParseError> {
        let before = self.replace(text, now, zone)?;
        if before != self.text {
            self.past.push(before);
            if self.past.len() > KEPT {
                self.past.remove(0);
            }
            self.future.clear();
        }
        Ok(())
    }
    /// Off, or on again; `false` when there is no filter.
    pub const fn toggle(&mut self) -> bool {
        self.off = !self.off && self.filter.is_some();
        self.filter.is_some()
    }
    /// The text from before the last change; `false` when there is none.
    pub fn undo(&mut self, now: Timestamp, zone: Zone) -> bool {
        let Some(text) = self.past.pop() else { return false };
        if let Ok(undone) = self.replace(&text, now, zone) {
            self.future.push(undone);
        }
        true
    }
    pub fn redo(&mut self, now: Timestamp, zone: Zone) -> bool {
        let Some(text) = self.future.pop() else { return false };
        if let Ok(before) = self.replace(&text, now, zone) {
            self.past.push(before);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_undone_and_redone() {
        let (now, zone) = (Timestamp::default(), Zone::Utc);
        let mut bar = FilterBar::default();
        bar.set("host:FS01", now, zone).unwrap();
        bar.set("host:FS01 -account:svc_*", now, zone).unwrap();
        assert!(bar.set("host:(", now, zone).is_err());
        assert_eq!(bar.text(), "host:FS01 -account:svc_*");
        assert!(bar.undo(now, zone));
        assert_eq!(bar.in_force().map(|filter| filter.text().to_owned()).as_deref(), Some("host:FS01"));
        assert!(bar.undo(now, zone) && !bar.undo(now, zone));
        assert!(bar.in_force().is_none());
        assert!(bar.redo(now, zone) && bar.redo(now, zone) && !bar.redo(now, zone));
        assert_eq!(bar.recent(), ["host:FS01 -account:svc_*", "host:FS01"]);
    }

    #[test]
    fn switching_off_keeps_the_text() {
        let (now, zone) = (Timestamp::default(), Zone::Utc);
        let mut bar = FilterBar::default();
        assert!(!bar.toggle());
        bar.set("type:10", now, zone).unwrap();
        assert!(bar.toggle());
        assert_eq!((bar.text(), bar.in_force().is_none()), ("type:10", true));
        assert!(bar.toggle());
        assert!(bar.in_force().is_some());
    }
}
