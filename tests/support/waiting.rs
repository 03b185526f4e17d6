//! Waits for a running engine, by its snapshots and never by time.

use logonscope::engine::handle::Handle;
use logonscope::store::Snapshot;
use std::sync::Arc;
use std::time::Duration;

/// Longest wait for anything.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// Waits until a snapshot is as wanted; fails with what was there.
#[track_caller]
pub fn wait(handle: &mut Handle, what: &str, wanted: impl Fn(&Snapshot) -> bool) -> Arc<Snapshot> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        let found = tokio::time::timeout(DEADLINE, async {
            loop {
                let now = Arc::clone(&handle.snapshots.borrow_and_update());
                if wanted(&now) {
                    return now;
                }
                handle.snapshots.changed().await.expect("the engine is alive");
            }
        });
        found.await.unwrap_or_else(|_| {
            let now = handle.snapshots.borrow();
            panic!("never {what}: {} events, {:#?}", now.tables.events.len(), now.inputs)
        })
    })
}
