//! How long and how much is kept.

use crate::base::setting::settings;

settings! {
    /// See the module.
    pub struct Settings {
        /// Days that are kept, counted back from the newest event in the file; older events are not taken in.
        pub keep_days: u32 = 400,
        /// Most megabytes of the file; beyond, the oldest days go.
        pub most_megabytes: u32 = 4_096,
    }
}
