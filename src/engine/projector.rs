//! Works out what a filter leaves, off the screen's thread. The newest request wins.

use super::handle::ProjectionRequest;
use super::limits::PROJECTION_STEP;
use crate::store::Snapshot;
use crate::store::projection::Projection;
use crossbeam_channel::Receiver;
use std::sync::Arc;
use tokio::sync::watch;

/// Starts the thread; it ends when nobody can wake it any more. `wake` has room for one message: more mean the same.
pub fn start(
    snapshots: watch::Receiver<Arc<Snapshot>>,
    requests: watch::Receiver<ProjectionRequest>,
    wake: Receiver<()>,
) -> watch::Receiver<Option<Arc<Projection>>> {
    let (sender, receiver) = watch::channel(None);
    std::thread::spawn(move || run(snapshots, requests, &wake, &sender));
    receiver
}

fn run(
    mut snapshots: watch::Receiver<Arc<Snapshot>>,
    mut requests: watch::Receiver<ProjectionRequest>,
    wake: &Receiver<()>,
    answers: &watch::Sender<Option<Arc<Projection>>>,
) {
    let mut current: Option<(Projection, u64)> = None;
    while wake.recv().is_ok() {
        loop {
            let snapshot = Arc::clone(&snapshots.borrow_and_update());
            if requests.has_changed().unwrap_or(false) {
                let request = requests.borrow_and_update().clone();
                current = request.map(|(key, filter)| (Projection::new(key, filter), snapshot.epoch));
                if current.is_none() {
                    answers.send_replace(None);
                }
            }
            let Some((projection, epoch)) = current.as_mut() else { break };
            if *epoch != snapshot.epoch {
                // History was built anew: what was tested before may no longer exist.
                if let Some(filter) = projection.filter.clone() {
                    *projection = Projection::new(projection.key.clone(), filter);
                }
                *epoch = snapshot.epoch;
            }
            if projection.extend(&snapshot, PROJECTION_STEP) {
                answers.send_replace(Some(Arc::new(projection.share())));
                break;
            }
        }
    }
}
