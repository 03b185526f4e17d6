//! Writes down (`--log`) what becomes of the inputs while they are followed: states, problems, losses, senders.
//!
//! One place compares what is known now with what was told last, at most once a second, so that no decoder and no follower
//! has to think of it. Where nobody listens nothing is compared.

use super::clock::Stopwatch;
use crate::model::input::{InputState, InputStatus};
use std::time::Duration;
use tracing::Level;

/// Least time between two looks.
const PAUSE: Duration = Duration::from_secs(1);

/// What was told of an input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Told {
    state: InputState,
    problem: Option<String>,
    senders: Option<String>,
    /// Unreadable, unknown, dropped, wrong checksums.
    losses: [u64; 4],
    shapes: usize,
}

impl Told {
    fn of(input: &InputStatus) -> Self {
        Self {
            state: input.state,
            problem: input.problem.clone(),
            senders: input.senders.clone(),
            losses: [input.unreadable, input.unknown, input.dropped, input.checksum_mismatches],
            shapes: input.shapes.len(),
        }
    }
}

/// What was told so far.
#[derive(Debug, Default)]
pub struct Chronicle {
    told: Vec<Told>,
    looked: Option<Stopwatch>,
}

impl Chronicle {
    /// Tells what changed since the last look, if it is time.
    pub fn look(&mut self, inputs: &[InputStatus]) {
        if !tracing::enabled!(Level::WARN) || self.looked.is_some_and(|looked| looked.elapsed() < PAUSE) {
            return;
        }
        self.looked = Some(Stopwatch::default());
        self.told.resize_with(inputs.len(), Told::default);
        for (input, told) in inputs.iter().zip(&mut self.told) {
            let now = Told::of(input);
            if now != *told {
                tell(input, told, &now);
                *told = now;
            }
        }
    }
}

/// Shapes with their counts: `winlogbeat7 120, xml 3`.
fn shapes(input: &InputStatus) -> String {
    input.shapes.iter().map(|(shape, count)| format!("{shape} {count}")).collect::<Vec<_>>().join(", ")
}

fn tell(input: &InputStatus, told: &Told, now: &Told) {
    let path = input.path.display();
    if now.state != told.state || now.shapes != told.shapes {
        let (records, events, bytes) = (input.records, input.events, input.bytes);
        tracing::info!(%path, state = now.state.word(), format = ?input.format, bytes, records, events, shapes = %shapes(input), "input");
    }
    if now.problem != told.problem {
        match &now.problem {
            Some(problem) => tracing::warn!(%path, %problem, "input has a problem"),
            None => tracing::info!(%path, "input has no problem any more"),
        }
    }
    if now.losses != told.losses {
        let [unreadable, unknown, dropped, checksums] = now.losses;
        tracing::warn!(%path, unreadable, unknown, dropped, checksums, "losses so far");
    }
    if let Some(senders) = now.senders.as_ref().filter(|senders| told.senders.as_ref() != Some(*senders)) {
        tracing::debug!(%path, %senders, "listener");
    }
}
