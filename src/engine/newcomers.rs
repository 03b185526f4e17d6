//! What folders get while they are watched: new logs are followed, new archives read once, when they are complete.
//!
//! A file that appears is found by what the system tells of (`followers`) and by the times of the folders, which also
//! works on shares. An archive is left alone while somebody writes it: until its size and time rest, and where its kind
//! shows its end, until that is there. It is unpacked on a thread of its own, so that what is live is not held up.

use super::clock::Stopwatch;
use super::follow::Followers;
use super::limits::{ARCHIVE_CUT, ARCHIVE_RESTS, FOLDERS, LOOK_AGAIN};
use super::load::Opened;
use super::opener::Opener;
use super::raw::Records;
use crate::model::input::InputStatus;
use crate::source::archive::{self, Unpacking};
use crate::source::folder::Changes;
use crate::source::{self, Input};
use crossbeam_channel::{Receiver, Sender};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

/// Lists of folders in one look: each may name folders that were not watched yet.
const LISTS: usize = 4;

/// An archive that is not read yet.
struct Waiting {
    seen: Option<(u64, SystemTime)>,
    since: Stopwatch,
    is_opening: bool,
}

/// Looks for what is new under the arguments of a run.
pub struct Newcomers {
    arguments: Vec<PathBuf>,
    changes: Changes,
    looked: Stopwatch,
    /// Time between two looks at the folders.
    pause: Duration,
    archives: BTreeMap<PathBuf, Waiting>,
    opener: Arc<Mutex<Opener>>,
    opened: (Sender<Vec<Opened>>, Receiver<Vec<Opened>>),
}

impl Newcomers {
    /// With no arguments nothing is ever new.
    #[must_use]
    pub fn new(arguments: &[PathBuf], unpacking: &Unpacking) -> Self {
        Self {
            arguments: arguments.to_vec(),
            changes: Changes::default(),
            looked: Stopwatch::default(),
            pause: Duration::ZERO,
            archives: BTreeMap::new(),
            opener: Arc::new(Mutex::new(Opener::new(unpacking.clone()))),
            opened: crossbeam_channel::bounded(1),
        }
    }

    /// Time until the next look is due.
    #[must_use]
    pub fn next_look(&self) -> Duration {
        if self.arguments.is_empty() {
            return Duration::MAX;
        }
        let pause = if self.archives.is_empty() { self.pause } else { self.pause.min(LOOK_AGAIN) };
        pause.saturating_sub(self.looked.elapsed())
    }

    /// Takes what is new into the inputs; `is_told` when there is reason to look now. Archives follow by `opened`.
    pub fn look(&mut self, is_told: bool, followers: &mut Followers, inputs: &mut Vec<InputStatus>, records: &Records) {
        if self.arguments.is_empty() || (!is_told && !self.next_look().is_zero()) {
            return;
        }
        let is_first = self.pause.is_zero();
        let took = Stopwatch::default();
        if self.changes.look() || is_told || is_first {
            self.look_into(followers, inputs, records);
        }
        self.open_archives();
        self.looked = Stopwatch::default();
        // Folders that take long to list are listed seldom.
        self.pause = FOLDERS.max(took.elapsed() * 20);
    }

    fn look_into(&mut self, followers: &mut Followers, inputs: &mut Vec<InputStatus>, records: &Records) {
        // Arguments that lead nowhere now may lead somewhere later.
        let Ok(mut found) = source::look(&self.arguments) else { return };
        // What came between the list and the watch is in a second list.
        for _ in 0..LISTS {
            followers.watch_folders(&found.folders);
            if !self.changes.watch(found.folders.iter().cloned()) {
                break;
            }
            let Ok(again) = source::look(&self.arguments) else { break };
            found = again;
        }
        let mut files = Vec::new();
        for input in found.into_inputs() {
            let Input::File(path) = input else { continue };
            // An archive that was opened is known by the logs in it.
            if inputs.iter().any(|input| input.path.starts_with(&path)) || self.archives.contains_key(&path) {
                continue;
            }
            if archive::is_or_becomes_container(&path) {
                self.archives.insert(path, Waiting { seen: None, since: Stopwatch::default(), is_opening: false });
            } else {
                files.push(path);
            }
        }
        if !files.is_empty() {
            tracing::info!(files = files.len(), "new files in the folders");
            followers.add(files, inputs, records);
        }
    }

    /// Opens the archives that rest.
    fn open_archives(&mut self) {
        self.archives.retain(|path, waiting| {
            if waiting.is_opening {
                return true;
            }
            let Some(now) = std::fs::metadata(path).ok().and_then(|metadata| Some((metadata.len(), metadata.modified().ok()?))) else {
                // It was a file for a moment, or got its real name meanwhile.
                return false;
            };
            if waiting.seen != Some(now) {
                (waiting.seen, waiting.since) = (Some(now), Stopwatch::default());
                return true;
            }
            let rests = waiting.since.elapsed();
            if rests >= ARCHIVE_CUT || (rests >= ARCHIVE_RESTS && archive::looks_complete(path)) {
                waiting.is_opening = true;
                let (path, opener, opened) = (path.clone(), Arc::clone(&self.opener), self.opened.0.clone());
                std::thread::spawn(move || open(path, &opener, &opened));
            }
            true
        });
    }

    /// The logs of an archive that was unpacked.
    pub fn opened(&mut self) -> Option<Vec<Opened>> {
        let list = self.opened.1.try_recv().ok()?;
        self.archives.retain(|path, _| !list.iter().any(|opened| opened.path.starts_with(path)));
        Some(list)
    }
}

fn open(path: PathBuf, opener: &Mutex<Opener>, opened: &Sender<Vec<Opened>>) {
    let mut list = Vec::new();
    if let Ok(mut opener) = opener.lock() {
        opener.file(path, &mut list);
    }
    // Whoever waited for it may be gone.
    let _ = opened.send(list);
}
