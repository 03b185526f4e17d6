//! Why nothing is on screen, and the next step: an empty screen is never just empty.
//!
//! Here is what is the same for every view: no event at all. What a filter hides and what a view alone lacks is said there.

use super::Ctx;
use crate::base::text::{clean, count};
use crate::model::input::{InputState, InputStatus};
use crate::store::Phase;

/// Why there is no event, and what to do; `None` when there are some.
#[must_use]
pub fn why(ctx: &Ctx<'_>) -> Option<[String; 2]> {
    let snapshot = ctx.snapshot;
    if !snapshot.tables.events.is_empty() {
        return None;
    }
    let inputs = snapshot.inputs.as_slice();
    let unpacking = snapshot.progress.as_ref().and_then(|progress| progress.unpacking.as_ref());
    let pair = |why: String, next: &str| Some([why, next.to_owned()]);
    match (snapshot.phase, unpacking) {
        (Phase::Loading { .. }, Some(path)) => {
            pair(format!("unpacking {}: what it holds comes next", clean(&path.display().to_string())), "Q leaves it")
        }
        (Phase::Loading { percent }, None) => pair(format!("reading, {percent}% done: no logon event yet"), "inputs and their state: 8"),
        (Phase::Replay { .. }, _) if inputs.iter().any(|input| input.events > 0) => {
            pair("the replay clock stands before the first event".to_owned(), "Space plays, . steps on")
        }
        (Phase::Live, _) => pair("no logon event yet: waiting for the first one".to_owned(), "inputs and what they miss: 8"),
        _ => Some(nothing_in(inputs)),
    }
}

/// The same as one sentence, for a row.
#[must_use]
pub fn sentence(ctx: &Ctx<'_>) -> Option<String> {
    why(ctx).map(|[why, next]| format!("{why}; {next}"))
}

/// What was found instead of events.
fn nothing_in(inputs: &[InputStatus]) -> [String; 2] {
    let sum = |of: fn(&InputStatus) -> u64| inputs.iter().map(of).sum::<u64>();
    let (records, unknown, bad, bytes) =
        (sum(|input| input.records), sum(|input| input.unknown), sum(|input| input.unreadable), sum(|input| input.bytes));
    let followed = inputs.iter().any(|input| input.state == InputState::Following);
    let wait = |words: &str| if followed { format!("what is written later appears; {words}") } else { words.to_owned() };
    if inputs.is_empty() {
        return ["no input".to_owned(), "quit (Q) and name a log: logonscope Security.evtx".to_owned()];
    }
    if inputs.iter().all(|input| input.state == InputState::Failed) {
        return ["none of the inputs can be read".to_owned(), "8 says why of each; F5 tries again".to_owned()];
    }
    if bytes == 0 {
        return ["the inputs are empty".to_owned(), wait("inputs: 8")];
    }
    if records == 0 && bad > 0 {
        return [format!("nothing could be read: {} places are damaged", count(bad)), "8 lists them with reasons".to_owned()];
    }
    if unknown > 0 && unknown == records {
        return [format!("{} records of no known shape", count(unknown)), "8 shows the first, --help lists the known".to_owned()];
    }
    if records > 0 {
        return [format!("{} records, none of a logon", count(records)), wait("8 lists their ids: is logon auditing on?")];
    }
    ["no logon event in these inputs".to_owned(), wait("8 says what was found")]
}
