//! Files that are being written. Each look (`poll`) gives what is new since the one before; nothing is given twice.
//!
//! No threads, no waiting, no clock: the caller decides when to look (`wake` tells it when something was written). A name
//! may get another file: the one that was renamed away is read to its end before the new one is begun, and both are
//! looked at for a while, because a writer may hold the old one open. A file is known by its identity, and by its content
//! where that says nothing: a copy that was made before the file was emptied goes on where the file was left.
//!
//! A file need not stay open: `let_go` closes it, the next look that needs it opens it again, under its new name if it
//! was renamed in the same folder.

mod evtx;
mod held;
mod text;
pub mod wake;

pub use evtx::EvtxPiece;
pub use text::TextPiece;

use super::identity::{Identity, identity};
use held::Held;
use std::collections::VecDeque;
use std::fs::{File, Metadata};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

/// Files of one name that are looked at: the newest and those it replaced last.
const FILES: usize = 3;

/// What a look at one file found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Looked {
    Nothing,
    /// Something new; more of it waits already or not.
    New {
        more: bool,
    },
    /// The file begins anew: it was emptied or written over.
    Anew,
}

/// How far one file was given. Implemented for the two ways files grow.
pub trait Reading: Clone + Default {
    type Piece;
    /// Adds what is new; `number` goes into the pieces.
    fn look(&mut self, file: &mut File, number: u32, pieces: &mut Vec<Self::Piece>) -> io::Result<Looked>;
    /// The same for a file that takes over the name.
    fn of_next(&self) -> Self;
    /// Whether this file holds what was given, so that it can be read on from there.
    fn goes_on_in(&self, file: &mut File) -> io::Result<bool>;
    /// Whether enough was given to tell a copy from another file that begins alike.
    fn is_telling(&self) -> bool;
    /// The first bytes of the file, as far as they are kept.
    fn head(&self) -> &[u8];
    /// The next look is at another file: nothing is known of where it grew.
    fn look_everywhere(&mut self) {}
    /// Whether the file is as the last look left it, as far as its size and times tell.
    fn is_quiet(&self, metadata: &Metadata) -> bool;
}

#[derive(Debug)]
struct Part<R> {
    held: Held,
    reading: R,
    number: u32,
    begun: bool,
    /// The last look found nothing new.
    at_end: bool,
}

/// Watches one name and the files that stand or stood under it.
#[derive(Debug)]
pub struct Follow<R> {
    path: PathBuf,
    /// Oldest first. Empty until there is a file.
    parts: VecDeque<Part<R>>,
    /// How the first file is to be read on.
    first: Option<R>,
    numbers: u32,
    /// Looks in a row that found no file under the name.
    gone: u32,
    /// Files that were read to their end and are looked at no more, so that they are known when they are met again.
    done: VecDeque<Identity>,
}

/// Files remembered that are looked at no more.
const DONE: usize = 4_096;

/// Most files this program may have open, as far as the system tells.
#[must_use]
pub fn open_files_allowed() -> Option<usize> {
    #[cfg(unix)]
    let allowed = {
        use nix::sys::resource::{Resource, getrlimit};
        getrlimit(Resource::RLIMIT_NOFILE).ok().and_then(|(most, _)| usize::try_from(most).ok())
    };
    #[cfg(not(unix))]
    let allowed = None;
    allowed
}

/// A text file that something appends to, rotates, or cuts short.
pub type FollowText = Follow<text::Text>;
/// An event log that Windows writes.
pub type FollowEvtx = Follow<evtx::Log>;

impl FollowText {
    /// Watches from behind `bytes`, the file as it was read; `line` is the line that begins or goes on there.
    #[must_use]
    pub fn after(path: PathBuf, bytes: &[u8], line: u32) -> Self {
        Self::from(path, text::Text::after(bytes, line))
    }
}

impl FollowEvtx {
    /// Watches from behind the records in `bytes`, the file as it was read.
    #[must_use]
    pub fn after(path: PathBuf, bytes: &[u8]) -> Self {
        Self::from(path, evtx::Log::after(bytes))
    }
}

impl<R: Reading> Follow<R> {
    /// Watches from the beginning.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self { path, parts: VecDeque::new(), first: None, numbers: 0, gone: 0, done: VecDeque::new() }
    }

    fn from(path: PathBuf, reading: R) -> Self {
        let mut follow = Self { first: Some(reading.clone()), ..Self::new(path) };
        if let Ok(mut held) = Held::open(&follow.path)
            && held.file().and_then(|file| reading.goes_on_in(file)).unwrap_or(false)
        {
            follow.first = None;
            follow.push(held, reading, true);
        }
        follow
    }

    fn push(&mut self, held: Held, reading: R, begun: bool) {
        self.parts.push_back(Part { held, reading, number: self.numbers, begun, at_end: false });
        self.numbers += 1;
    }

    /// Adds what is new since the last look. True when there is more at once. A file of which `is_others` says that
    /// somebody else follows it (it was renamed to this name) is left to them.
    ///
    /// # Errors
    /// A file cannot be read now; what was read is in `pieces` all the same, and the next look tries again.
    pub fn poll(&mut self, pieces: &mut Vec<R::Piece>, is_others: &dyn Fn(Identity) -> bool) -> io::Result<bool> {
        let stands = std::fs::metadata(&self.path);
        self.gone = if stands.is_ok() { 0 } else { self.gone.saturating_add(1) };
        let mut problem = None;
        match &stands {
            Ok(metadata) if is_others(identity(metadata)) => {}
            Ok(metadata) => problem = self.take_note(metadata).err(),
            // A name that is gone may come back: that is no other file yet.
            Err(_) if !self.parts.is_empty() => {}
            Err(_) => problem = stands.as_ref().err().map(copy),
        }
        let more = self.look(stands.ok().as_ref(), pieces, &mut problem);
        self.forget();
        problem.map_or(Ok(more), Err)
    }

    /// Makes the file that stands under the name now the newest part.
    fn take_note(&mut self, metadata: &Metadata) -> io::Result<()> {
        if self.parts.back().is_some_and(|part| part.held.is(metadata)) {
            return Ok(());
        }
        if let Some(place) = self.parts.iter().position(|part| part.held.is(metadata)) {
            // It was renamed away and back.
            if let Some(mut part) = self.parts.remove(place) {
                part.held.moved_to(&self.path);
                self.parts.push_back(part);
            }
            return Ok(());
        }
        let mut held = Held::open(&self.path)?;
        if let Some(first) = self.first.take() {
            if held.file().and_then(|file| first.goes_on_in(file)).unwrap_or(false) {
                self.push(held, first, true);
                return Ok(());
            }
            // Between the reading and this look another file took over the name.
            let next = first.of_next();
            match self.sibling(&first, &held) {
                Some(rest) => self.push(rest, first, true),
                None => self.numbers += 1,
            }
            self.push(held, next, false);
            return Ok(());
        }
        if !self.parts.is_empty() {
            tracing::info!(path = %self.path.display(), "rotated: another file has this name now");
        }
        let next = self.parts.back().map(|part| part.reading.of_next()).unwrap_or_default();
        self.push(held, next, false);
        Ok(())
    }

    fn look(&mut self, stands: Option<&Metadata>, pieces: &mut Vec<R::Piece>, problem: &mut Option<io::Error>) -> bool {
        let mut more = false;
        let mut place = 0;
        while place < self.parts.len() {
            let is_last = place + 1 == self.parts.len();
            let next_begun = self.parts.get(place + 1).is_some_and(|next| next.begun);
            let Some(part) = self.parts.get_mut(place) else { break };
            let is_quiet = is_last && stands.is_some_and(|metadata| part.held.is(metadata) && part.reading.is_quiet(metadata));
            if is_quiet {
                break;
            }
            part.begun = true;
            let looked = match part.held.file() {
                Ok(file) => part.reading.look(file, part.number, pieces),
                Err(error) => Err(error),
            };
            match looked {
                Ok(Looked::Nothing) => part.at_end = true,
                Ok(Looked::New { more: waits }) => {
                    part.at_end = false;
                    more |= waits;
                    if !is_last && !next_begun {
                        // First the old file to its end.
                        more = true;
                        break;
                    }
                }
                Ok(Looked::Anew) => {
                    self.begin_anew(place);
                    more = true;
                    break;
                }
                Err(error) if !is_last && error.kind() == io::ErrorKind::NotFound => {
                    if !part.at_end {
                        tracing::warn!(path = %self.path.display(), "rotated: the old file is gone before its end was read");
                        let text = "it was replaced, and the old file is gone: what was written to that last is lost";
                        *problem = Some(io::Error::new(io::ErrorKind::NotFound, text));
                    }
                    self.parts.remove(place);
                    continue;
                }
                Err(error) => *problem = Some(error),
            }
            place += 1;
        }
        more
    }

    /// Old files are looked at until nobody can write to them any more, or until there are too many.
    fn forget(&mut self) {
        while let Some(oldest) = self.parts.front()
            && self.parts.len() > 1
            && oldest.at_end
            && (self.parts.len() > FILES || oldest.held.is_deleted())
        {
            self.done.extend(self.parts.pop_front().map(|part| part.held.identity()));
            self.done.drain(..self.done.len().saturating_sub(DONE));
        }
    }

    /// The file was emptied: a copy of it may hold what was not read yet, then it is read to its end first.
    fn begin_anew(&mut self, place: usize) {
        let Some(part) = self.parts.get_mut(place) else { return };
        tracing::info!(path = %self.path.display(), "emptied: it is read from its beginning");
        let mut old = std::mem::take(&mut part.reading);
        old.look_everywhere();
        part.reading = old.of_next();
        let number = std::mem::replace(&mut part.number, self.numbers);
        part.begun = false;
        self.numbers += 1;
        let Some(part) = self.parts.get(place) else { return };
        if let Some(held) = self.sibling(&old, &part.held) {
            self.parts.insert(place, Part { held, reading: old, number, begun: true, at_end: false });
        }
    }

    /// A file of the same folder, and none of ours, that goes on where `reading` stopped.
    fn sibling(&self, reading: &R, not: &Held) -> Option<Held> {
        if !reading.is_telling() {
            return None;
        }
        held::siblings(&self.path).find_map(|path| {
            let mut held = Held::open(&path).ok()?;
            let is_ours = held.is_same(not) || self.parts.iter().any(|part| part.held.is_same(&held));
            (!is_ours && reading.goes_on_in(held.file().ok()?).ok()?).then_some(held)
        })
    }

    /// Takes in a file that appeared beside: true when it is one of ours under a new name, or a copy that goes on where
    /// one of ours was left. It must not be read as an input of its own then.
    pub fn adopt(&mut self, path: &Path) -> bool {
        let Ok(mut held) = Held::open(path) else { return false };
        if self.done.contains(&held.identity()) || self.parts.iter().any(|part| part.held.is_same(&held)) {
            return true;
        }
        let mut goes_on =
            |part: &Part<R>| part.reading.is_telling() && held.file().and_then(|file| part.reading.goes_on_in(file)).unwrap_or(false);
        let Some(place) = self.parts.iter().position(&mut goes_on) else { return false };
        let Some(part) = self.parts.get(place) else { return false };
        let mut reading = part.reading.clone();
        reading.look_everywhere();
        let copy = Part { held, reading, number: self.numbers, begun: true, at_end: false };
        self.numbers += 1;
        // In front of the file it is a copy of, which is the one that goes on.
        self.parts.insert(place, copy);
        true
    }

    /// The files that stand or stood under the name, as far as they are still looked at.
    pub fn identities(&self) -> impl Iterator<Item = Identity> {
        self.parts.iter().map(|part| part.held.identity())
    }

    /// Identity and first bytes of the file with this number.
    #[must_use]
    pub fn file(&self, number: u32) -> Option<(Identity, &[u8])> {
        self.parts.iter().find(|part| part.number == number).map(|part| (part.held.identity(), part.reading.head()))
    }

    /// Whether the file with this number (`piece.file`) is still looked at; what it left unfinished stays so if not.
    #[must_use]
    pub fn is_watched(&self, number: u32) -> bool {
        self.first.is_some() || self.parts.iter().any(|part| part.number == number)
    }

    /// Whether the name has no file now, and not only for the moment of a rotation.
    #[must_use]
    pub const fn is_gone(&self) -> bool {
        self.gone > 1
    }

    /// Number of files held open.
    #[must_use]
    pub fn files_open(&self) -> usize {
        self.parts.iter().filter(|part| part.held.is_open()).count()
    }

    /// Closes the files; they are opened again when something is to be read.
    pub fn let_go(&mut self) {
        self.parts.iter_mut().for_each(|part| part.held.let_go());
    }
}

fn copy(error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), error.to_string())
}

fn read_at(file: &mut File, offset: u64, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(offset))?;
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}
