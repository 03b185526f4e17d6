//! How much of the events stays in memory.

use crate::base::setting::settings;

settings! {
    /// See the module.
    pub struct Settings {
        /// Most events whose records stay in memory, such as 2000000; 0 keeps all. The oldest beyond go, in steps of 512:
        /// with a history once it has them, and the list of events reads on there; without one they are gone. Sessions,
        /// counts, anomalies and the timeline keep all. Holds for what is opened or followed, not for replays and reports.
        pub keep_events: u64 = 0,
    }
}
