//! The filter language (stub).
use crate::base::intern::Names;
use crate::model::anomaly::Anomaly;
use crate::model::world::{Row, Tables};
#[derive(Clone, Debug, Default)]
pub struct Filter {}
impl Filter {
    #[must_use]
    pub fn matches_event(&self, _row: &Row, _names: &Names, _tables: &Tables) -> bool {
        true
    }
    #[must_use]
    pub fn matches_anomaly(&self, _anomaly: &Anomaly, _names: &Names, _tables: &Tables) -> bool {
        true
    }
}
