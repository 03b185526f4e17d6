//! One followed input: what it is, when it is looked at, and what a look does.

use super::StreamPiece;
use super::text::TextReader;
use crate::decode::evtx;
use crate::engine::clock::Stopwatch;
use crate::engine::limits::{POLL, POLL_QUIET, STDIN_KEPT};
use crate::engine::load::{self, Tail};
use crate::engine::raw::Pieces;
use crate::engine::resume::Keeping;
use crate::model::input::{Format, InputState, InputStatus};
use crate::normalise::batch::Batch;
use crate::source::follow::{EvtxPiece, FollowEvtx, FollowText, TextPiece};
use crate::source::identity::Identity;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

/// Bytes of a file that appeared by which it is told what it is.
const LOOKED_AT: u64 = 4_096;

/// What is said of a file that was deleted or moved away.
const GONE: &str = "is gone: what was read of it stays; a file that comes under its name is read";

pub(super) enum Kind {
    Evtx(Box<FollowEvtx>, Box<evtx::Decoder>),
    /// A reader for each file that stands or stood under the name.
    Text(Box<FollowText>, BTreeMap<u32, TextReader>),
    Stream(TextReader),
    /// A file of which it cannot be said yet what it is: empty, or begun. With its size and time at the last look.
    Undecided(Option<(u64, SystemTime)>),
}

impl Kind {
    /// Watches from behind `bytes`, which were read.
    pub fn after(path: &Path, format: Format, bytes: &[u8]) -> Self {
        match format {
            Format::Evtx => Self::Evtx(Box::new(FollowEvtx::after(path.to_path_buf(), bytes)), Box::default()),
            Format::Text => {
                let reader = TextReader::at(bytes.len() as u64, 1);
                Self::Text(Box::new(FollowText::after(path.to_path_buf(), bytes, 1)), BTreeMap::from([(0, reader)]))
            }
            Format::Unknown => Self::Undecided(None),
        }
    }
    fn new(path: &Path, format: Format) -> Self {
        match format {
            Format::Evtx => Self::Evtx(Box::new(FollowEvtx::new(path.to_path_buf())), Box::default()),
            Format::Text => Self::Text(Box::new(FollowText::new(path.to_path_buf())), BTreeMap::new()),
            Format::Unknown => Self::Undecided(None),
        }
    }
}

/// A file that appeared, as something to follow from its beginning.
pub(super) fn begin(path: &Path, status: &mut InputStatus) -> Kind {
    let format = first_bytes(path).and_then(|bytes| load::format_of(&bytes, &path.display().to_string()));
    (status.state, status.problem) = match &format {
        Ok(_) => (InputState::Following, None),
        Err(problem) => (InputState::Failed, Some(problem.clone())),
    };
    status.format = format.unwrap_or_default();
    Kind::new(path, status.format)
}

fn first_bytes(path: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(LOOKED_AT).read_to_end(&mut bytes));
    read.map(|_| bytes).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

pub(super) struct Follower {
    pub input: usize,
    pub path: PathBuf,
    kind: Kind,
    /// The system tells of writing.
    pub is_told: bool,
    /// Looks in a row that found something the system had not told of.
    untold: u32,
    since: Stopwatch,
    pause: Duration,
    /// Number of the look that found something last.
    pub grew: u64,
    /// More waits to be taken at once.
    pub more: bool,
    /// A file could not be opened.
    pub wants_room: bool,
    new_files: bool,
    /// What is missing after the next start, as long as this one runs.
    pub not_kept: Option<String>,
}

impl Follower {
    pub fn new(input: usize, path: PathBuf, kind: Kind) -> Self {
        Self {
            input,
            path,
            kind,
            is_told: false,
            untold: 0,
            since: Stopwatch::default(),
            pause: POLL,
            grew: 0,
            more: true,
            wants_room: false,
            new_files: true,
            not_kept: None,
        }
    }
    pub const fn is_stream(&self) -> bool {
        matches!(self.kind, Kind::Stream(_))
    }
    /// Time until the clock wants a look.
    pub fn next_look(&self) -> Duration {
        self.pause.saturating_sub(self.since.elapsed())
    }
    pub fn is_due(&self) -> bool {
        self.more || (!self.is_told && self.next_look().is_zero())
    }
    /// Notes what a look brought. The system is trusted to tell until it was silent twice.
    pub fn looked(&mut self, look: u64, grew: bool, is_told: bool) {
        self.since = Stopwatch::default();
        self.pause = if grew { POLL } else { (self.pause * 2).min(POLL_QUIET) };
        if is_told {
            (self.is_told, self.untold) = (true, 0);
        } else if grew {
            self.untold += 1;
            self.is_told &= self.untold < 2;
        }
        if grew {
            self.grew = look;
        }
    }
    /// Goes on where the reading of the file stopped.
    pub fn go_on(&mut self, tail: Tail, rest: &[u8]) {
        if let Kind::Text(_, readers) = &mut self.kind {
            readers.insert(0, TextReader::going_on(tail, rest));
        }
    }
    /// Begins to keep what comes behind `bytes`, which were read.
    pub fn begin_keeping(&mut self, keep: &mut Keeping, bytes: &[u8]) -> std::io::Result<()> {
        match &self.kind {
            Kind::Evtx(file, _) => keep.begin_log(self.input, &self.path, file.file(0), bytes),
            Kind::Text(file, readers) => {
                let rest = readers.get(&0).map_or((bytes.len() as u64, 1), TextReader::place);
                keep.begin_text(self.input, &self.path, file.file(0), bytes, rest)
            }
            Kind::Stream(_) | Kind::Undecided(_) => Ok(()),
        }
    }
    pub fn adopt(&mut self, path: &Path) -> bool {
        let adopted = match &mut self.kind {
            Kind::Evtx(file, _) => file.adopt(path),
            Kind::Text(file, _) => file.adopt(path),
            Kind::Stream(_) | Kind::Undecided(_) => false,
        };
        self.new_files |= adopted;
        self.more |= adopted;
        adopted
    }
    pub fn identities(&self) -> impl Iterator<Item = Identity> {
        let (mut log, mut text) = (None, None);
        match &self.kind {
            Kind::Evtx(file, _) => log = Some(file.identities()),
            Kind::Text(file, _) => text = Some(file.identities()),
            Kind::Stream(_) | Kind::Undecided(_) => {}
        }
        log.into_iter().flatten().chain(text.into_iter().flatten())
    }
    /// Whether it may look at other files than at the last call.
    pub const fn take_new_files(&mut self) -> bool {
        std::mem::replace(&mut self.new_files, false)
    }
    pub fn files_open(&self) -> usize {
        match &self.kind {
            Kind::Evtx(file, _) => file.files_open(),
            Kind::Text(file, _) => file.files_open(),
            Kind::Stream(_) | Kind::Undecided(_) => 0,
        }
    }
    pub fn let_go(&mut self) {
        match &mut self.kind {
            Kind::Evtx(file, _) => file.let_go(),
            Kind::Text(file, _) => file.let_go(),
            Kind::Stream(_) | Kind::Undecided(_) => {}
        }
    }
    /// Takes in what is new; gives the problem there is now.
    pub fn look(
        &mut self,
        arrived: &[StreamPiece],
        kept: &Mutex<Pieces>,
        mut keep: Option<&mut Keeping>,
        is_others: &dyn Fn(Identity) -> bool,
        batch: &mut Batch,
        status: &mut InputStatus,
    ) -> Option<String> {
        self.more = false;
        if let Kind::Undecided(seen) = &mut self.kind {
            let now = std::fs::metadata(&self.path).ok().and_then(|metadata| Some((metadata.len(), metadata.modified().ok()?)));
            if now.is_none() || *seen == now || now.is_some_and(|(length, _)| length == 0) {
                return status.problem.clone();
            }
            self.kind = match begin(&self.path, status) {
                Kind::Undecided(_) => Kind::Undecided(now),
                kind => kind,
            };
        }
        let mut kept_all = Ok(());
        let looked = match &mut self.kind {
            Kind::Undecided(_) => return status.problem.clone(),
            Kind::Stream(reader) => return look_at_stream(arrived, reader, kept, keep, batch, status),
            Kind::Evtx(file, decoder) => {
                let mut pieces = Vec::new();
                let looked = file.poll(&mut pieces, is_others);
                for piece in pieces {
                    if let Some(keep) = &mut keep {
                        kept_all = kept_all.and(keep.log(self.input, &self.path, file, &piece));
                    }
                    let EvtxPiece { bytes, offset, from, .. } = piece;
                    decoder.chunk_from(&bytes, offset, from, batch);
                    status.bytes = status.bytes.max(offset + bytes.len() as u64);
                    status.bytes_read = status.bytes;
                }
                looked
            }
            Kind::Text(file, readers) => {
                let mut pieces = Vec::new();
                let looked = file.poll(&mut pieces, is_others);
                for piece in &pieces {
                    if let Some(keep) = &mut keep {
                        kept_all = kept_all.and(keep.text(self.input, &self.path, file, piece));
                    }
                }
                take_text(pieces, readers, batch, status);
                // What a file left unfinished that nobody looks at any more stays so.
                readers.retain(|number, reader| {
                    let is_watched = file.is_watched(*number);
                    if !is_watched {
                        reader.take(&[], true, batch);
                    }
                    is_watched
                });
                looked
            }
        };
        self.new_files = true;
        self.more = looked.as_ref().copied().unwrap_or(false);
        let wanted_room = std::mem::replace(&mut self.wants_room, looked.as_ref().is_err_and(is_want_of_room));
        let is_gone = match &self.kind {
            Kind::Evtx(file, _) => file.is_gone(),
            Kind::Text(file, _) => file.is_gone(),
            Kind::Stream(_) | Kind::Undecided(_) => false,
        };
        let problem = match looked {
            // Room is made for the next look; where that did not help either it is said.
            Err(error) if !self.wants_room || wanted_room => Some(format!("cannot be watched now ({error}); it is looked at again")),
            _ => is_gone.then(|| GONE.to_owned()),
        };
        // It is told as long as the program runs: what was not kept stays so.
        self.not_kept = kept_all.err().map(|error| not_kept(&error)).or(self.not_kept.take());
        problem.or_else(|| self.not_kept.clone())
    }
}

/// What is said when something could not be written down for the next start.
pub(super) fn not_kept(error: &std::io::Error) -> String {
    format!("not kept for --resume ({error}): what came then is missing after the next start if its source loses it")
}

/// Too many open files, of the program or of the system: there is no portable name for it.
fn is_want_of_room(error: &std::io::Error) -> bool {
    cfg!(unix) && matches!(error.raw_os_error(), Some(23 | 24))
}

fn take_text(pieces: Vec<TextPiece>, readers: &mut BTreeMap<u32, TextReader>, batch: &mut Batch, status: &mut InputStatus) {
    for TextPiece { file, offset, line, bytes } in pieces {
        readers.entry(file).or_insert_with(|| TextReader::at(offset, line)).take(&bytes, false, batch);
        status.bytes = offset + bytes.len() as u64;
        status.bytes_read = status.bytes;
        status.format = Format::Text;
    }
}

fn look_at_stream(
    arrived: &[StreamPiece],
    reader: &mut TextReader,
    kept: &Mutex<Pieces>,
    mut keep: Option<&mut Keeping>,
    batch: &mut Batch,
    status: &mut InputStatus,
) -> Option<String> {
    for piece in arrived {
        match piece {
            StreamPiece::Bytes(bytes) => {
                let offset = status.bytes_read;
                status.bytes_read += bytes.len() as u64;
                status.bytes = status.bytes_read;
                status.format = Format::Text;
                if let Some(keep) = &mut keep
                    && let Err(error) = keep.stdin(offset, bytes)
                {
                    status.problem = Some(not_kept(&error));
                }
                if let Ok(mut kept) = kept.lock() {
                    kept.push(offset, bytes.clone(), STDIN_KEPT);
                }
                reader.take(bytes, false, batch);
            }
            StreamPiece::End(problem) => {
                reader.take(&[], true, batch);
                status.state = if problem.is_some() { InputState::Failed } else { InputState::Done };
                status.problem.clone_from(problem);
            }
        }
    }
    status.problem.clone()
}
