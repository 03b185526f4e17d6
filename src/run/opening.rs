//! Opens the inputs of a run: at once, or behind the first picture where unpacking takes a while.

use super::Unusable;
use crate::base::text::clean;
use crate::engine;
use crate::engine::load::Opened;
use crate::engine::opener::{Opener, Waiting};
use crate::engine::resume::Keeping;
use crate::source::archive::{self, Unpacking};
use crate::source::listen::Listener;
use crate::source::{self, Input};
use std::io::{self, IsTerminal as _};
use std::path::PathBuf;

/// Opens what was named. What cannot be read is a notice as long as anything can. Standard input is followed where
/// asked, otherwise read to its end.
pub(super) fn opened(inputs: Vec<Input>, unpacking: &Unpacking, follow: bool, waiting: Option<&Waiting>) -> Result<Vec<Opened>, Unusable> {
    let (list, empty) = opened_or_empty(inputs, unpacking, follow, waiting);
    if let Some(problem) = empty {
        return Err(problem.into());
    }
    let problems: Vec<String> = list.iter().filter_map(|input| input.content.as_ref().err().cloned()).collect();
    if problems.len() == list.len() {
        return Err(Unusable(problems));
    }
    Ok(list)
}

/// Packed bytes that take a while to unpack: a report says so, and a screen is there first.
const LONG_UNPACKING: u64 = 8 << 20;

/// A smaller archive makes no difference to that.
const SMALL_ARCHIVE: u64 = 64 << 10;

fn packed_bytes(input: &Input) -> u64 {
    let Input::File(path) = input else { return 0 };
    let length = std::fs::metadata(path).map_or(0, |metadata| if metadata.is_file() { metadata.len() } else { 0 });
    if length >= SMALL_ARCHIVE && archive::is_or_becomes_container(path) { length } else { 0 }
}

fn tell_long_unpacking(input: &Input) {
    if let Input::File(path) = input
        && io::stderr().is_terminal()
        && packed_bytes(input) > LONG_UNPACKING
    {
        eprintln!("logonscope: unpacking {} ({} MiB)", clean(&path.display().to_string()), packed_bytes(input) >> 20);
    }
}

/// What the arguments lead to.
pub(super) fn found(arguments: &[PathBuf]) -> Result<Vec<Input>, Unusable> {
    if arguments.is_empty() {
        return Ok(Vec::new());
    }
    source::expand(arguments).map_err(|error| error.to_string().into())
}

/// The inputs, and what is said of standard input when nothing came.
pub(super) fn opened_or_empty(
    inputs: Vec<Input>,
    unpacking: &Unpacking,
    follow: bool,
    waiting: Option<&Waiting>,
) -> (Vec<Opened>, Option<String>) {
    let (mut list, mut empty) = (Vec::new(), None);
    let mut opener = Opener::new(unpacking.clone());
    for input in inputs {
        // While somebody waits before a screen, nothing is printed over it.
        match (waiting, &input) {
            (Some(waiting), Input::File(path)) => waiting.for_next(&opener, path),
            (Some(_), _) => {}
            (None, input) => tell_long_unpacking(input),
        }
        match input {
            Input::File(path) => opener.file(path, &mut list),
            Input::Unreadable(path, problem) => list.push(Opened { path, content: Err(problem), problem: None }),
            Input::Stdin if follow => list.push(Opened::stream("-")),
            Input::Stdin => empty = opener.stream("-", &mut io::stdin().lock(), &mut list).err(),
        }
    }
    (list, empty)
}

/// Does not open a screen for inputs none of which is a logon source.
pub(super) fn refuse_strangers(inputs: &[Opened]) -> Result<(), Unusable> {
    let refusals: Vec<String> =
        inputs.iter().filter_map(|input| input.content.as_ref().err().cloned().or_else(|| input.refusal())).collect();
    if refusals.len() == inputs.len() { Err(Unusable(refusals)) } else { Ok(()) }
}

/// Whether the inputs of a screen are open already.
pub(super) enum Opening {
    /// They are; this is what was kept of them.
    Done(Option<Keeping>),
    /// They are opened while the screen waits. They are called by these names until then.
    Later(engine::Opening, Vec<String>),
}

/// Opens inputs at once; or, where that takes a while, says how they are opened once the screen is there.
pub(super) fn now_or_later(
    found: Vec<Input>,
    arguments: &[PathBuf],
    unpacking: &Unpacking,
    follow: bool,
    listeners: impl FnOnce() -> Result<Vec<Listener>, String>,
) -> Result<(Vec<Opened>, Opening), Unusable> {
    let usable = move |found: Vec<Input>, unpacking: &Unpacking, waiting: Option<&Waiting>| {
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let inputs = opened(found, unpacking, follow, waiting)?;
        refuse_strangers(&inputs)?;
        Ok::<_, Unusable>(inputs)
    };
    if found.iter().map(packed_bytes).sum::<u64>() < LONG_UNPACKING {
        let mut inputs = usable(found, unpacking, None)?;
        inputs.extend(listeners()?.into_iter().map(Opened::listener));
        return Ok((inputs, Opening::Done(None)));
    }
    let (listeners, unpacking) = (listeners()?, unpacking.clone());
    let opening = move |waiting: &Waiting| {
        let mut inputs = usable(found, &unpacking, Some(waiting)).map_err(|Unusable(sentences)| sentences)?;
        inputs.extend(listeners.into_iter().map(Opened::listener));
        Ok(inputs)
    };
    let names = arguments.iter().map(|path| path.display().to_string()).collect();
    Ok((Vec::new(), Opening::Later(Box::new(opening), names)))
}
