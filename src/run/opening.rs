//! Opens the inputs of a run: at once, or behind the first picture where unpacking takes a while.

use super::Unusable;
use crate::base::text::clean;
use crate::engine::load::Opened;
use crate::engine::opener::{self, Opener, Waiting};
use crate::engine::resume::Keeping;
use crate::source::archive::{self, Unpacking};
use crate::source::{self, Input};
use std::io::{self, IsTerminal as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Opens what was named. What cannot be read is a notice as long as anything can. Standard input is followed where
/// asked, otherwise read to its end.
pub(super) fn opened(
    inputs: Vec<Input>,
    unpacking: &Unpacking,
    follow: bool,
    waiting: Option<&Arc<Waiting>>,
) -> Result<Vec<Opened>, Unusable> {
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

/// Packed bytes that take a while to unpack: a report says so.
const LONG_UNPACKING: u64 = 8 << 20;

fn packed_bytes(input: &Input) -> u64 {
    let Input::File(path) = input else { return 0 };
    let length = std::fs::metadata(path).map_or(0, |metadata| if metadata.is_file() { metadata.len() } else { 0 });
    if length > LONG_UNPACKING && archive::is_or_becomes_container(path) { length } else { 0 }
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
    waiting: Option<&Arc<Waiting>>,
) -> (Vec<Opened>, Option<String>) {
    let (mut list, mut empty) = (Vec::new(), None);
    let mut opener = Opener::new(unpacking.clone()).telling(waiting.cloned());
    for input in inputs {
        // While somebody waits before a screen, nothing is printed over it.
        if waiting.is_none() {
            tell_long_unpacking(&input);
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
    Later(opener::Opening, Vec<String>),
}

/// How long a screen waits for its inputs to be opened, so that inputs none of which can be used open no screen.
const PATIENCE: Duration = Duration::from_millis(30);

/// Longest time that somebody types at the terminal what is to be read.
const TYPED: Duration = Duration::from_secs(100 * 365 * 86_400);

/// Opens inputs at once; or, where that takes a while (a folder on a slow disk, an archive), behind the first picture.
pub(super) fn now_or_later(arguments: &[PathBuf], unpacking: &Unpacking, follow: bool) -> Result<(Vec<Opened>, Opening), Unusable> {
    let (wanted, unpacking) = (arguments.to_vec(), unpacking.clone());
    let usable = move |waiting: &Arc<Waiting>| {
        let found = found(&wanted)?;
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let inputs = opened(found, &unpacking, follow, Some(waiting))?;
        refuse_strangers(&inputs)?;
        Ok(inputs)
    };
    let opening = opener::Opening::begin(move |waiting| usable(waiting).map_err(|Unusable(sentences)| sentences));
    // A screen would take the terminal away from who types.
    let is_typed = !follow && arguments.iter().any(|path| path.as_os_str() == "-") && io::stdin().is_terminal();
    match opening.within(if is_typed { TYPED } else { PATIENCE }) {
        Some(result) => Ok((result.map_err(Unusable)?, Opening::Done(None))),
        None => Ok((Vec::new(), Opening::Later(opening, arguments.iter().map(|path| path.display().to_string()).collect()))),
    }
}
