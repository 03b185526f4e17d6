//! What people said of things, as filters ask for it (`tag:`, `note:`). Who keeps it says how it is found.

use crate::base::intern::Names;
use crate::model::anomaly::Anomaly;
use crate::model::involved::Entity;
use crate::model::world::Tables;
use std::fmt::Debug;

/// All that was said of one thing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remark {
    /// `bookmark`, the word of a decision, and words with a `#` in its note.
    pub tags: Vec<String>,
    /// Notes and reasons as they were typed.
    pub notes: Vec<String>,
}

impl Remark {
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.tags.is_empty() && self.notes.is_empty()
    }
}

/// Finds what was said. Asked for every row that a filter looks at: without a remark the answer allocates nothing.
pub trait Remarks: Debug + Send + Sync {
    /// What was said of a thing itself, not of what it belongs to.
    fn about(&self, entity: Entity, names: &Names, tables: &Tables) -> Option<&Remark>;
    /// What was said and decided about an anomaly.
    fn about_anomaly(&self, anomaly: &Anomaly, names: &Names, tables: &Tables) -> Option<Remark>;
    /// Every tag, with the things that have it.
    fn tags(&self) -> Vec<(String, u64)>;
    /// Grows with every change.
    fn version(&self) -> u64;
}
