//! Watches inputs grow: logs that are written, files that shippers append to, standard input.
//!
//! A look is taken when the system tells of writing (`source::follow::wake`), and by the clock: of everything each
//! second, more often of inputs that were found grown without having been told of (shares, mapped writing). What one
//! look finds in all inputs is decoded and applied in the order of time. Nothing is held back to be sorted with what may
//! still come: that would delay every record for the sake of a few; a record older than `REORDER` is counted as late.

mod input;
mod listen;
mod text;

use super::Engine;
use super::clock::Stopwatch;
use super::handle::Command;
use super::limits::{FILES_OPEN, GATHER, LOOK_AGAIN, STDIN_PIECES, SWEEP};
use super::load::{self, Content, Opened, Tail};
use super::raw::{Pieces, Records};
use super::resume::Keeping;
use crate::model::event::AuthEvent;
use crate::model::ids::InputId;
use crate::model::input::{Format, InputState, InputStatus};
use crate::normalise::batch::Batch;
use crate::source::follow::open_files_allowed;
use crate::source::follow::wake::Wake;
use crate::source::identity::Identity;
use crossbeam_channel::{Receiver, RecvTimeoutError};
use input::{Follower, Kind};
use listen::Listening;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use text::TextReader;

/// What came on standard input, or its end.
enum StreamPiece {
    Bytes(Vec<u8>),
    End(Option<String>),
}

/// All inputs that are watched.
pub struct Followers {
    followers: Vec<Follower>,
    /// Which follower looks at a file.
    owners: BTreeMap<Identity, usize>,
    wake: Option<Wake>,
    swept: Stopwatch,
    looks: u64,
    /// Files that may be open; less than `FILES_OPEN` where the system allows less.
    most_open: usize,
    /// The last look found something; more of it may wait.
    found: bool,
    more: bool,
    appeared: bool,
    asked_again: Stopwatch,
    stream: Option<Receiver<StreamPiece>>,
    arrived: Vec<StreamPiece>,
    /// What came on standard input, for raw records.
    kept: Arc<Mutex<Pieces>>,
    listening: Listening,
    /// Writes down what comes, for the next start.
    keep: Option<Keeping>,
    changed: bool,
}

impl Followers {
    #[must_use]
    pub fn none(keep: Option<Keeping>) -> Self {
        Self {
            followers: Vec::new(),
            owners: BTreeMap::new(),
            wake: None,
            swept: Stopwatch::default(),
            looks: 0,
            // The terminal, the journal and listeners want some too.
            most_open: open_files_allowed().map_or(FILES_OPEN, |most| (most / 3).clamp(4, FILES_OPEN)),
            found: false,
            more: false,
            appeared: false,
            asked_again: Stopwatch::default(),
            stream: None,
            arrived: Vec::new(),
            kept: Arc::default(),
            listening: Listening::of(&[]),
            keep,
            changed: false,
        }
    }
    /// Takes in what comes on listeners; files are followed or not.
    #[must_use]
    pub fn and_listeners(self, inputs: &[Opened]) -> Self {
        Self { listening: Listening::of(inputs), ..self }
    }
    /// Followers for everything that can grow, from where the contents given end.
    #[must_use]
    pub fn of(inputs: &[Opened], kept: Arc<Mutex<Pieces>>, keep: Option<Keeping>) -> Self {
        let mut followers = Self { kept, wake: Some(Wake::default()), ..Self::none(keep) };
        for (input, opened) in inputs.iter().enumerate() {
            match &opened.content {
                // Put together for this start, and written by nobody.
                Ok(_) if followers.keep.as_ref().is_some_and(|keep| keep.is_made(&opened.path)) => {}
                Ok((Content::File(file), format)) => {
                    followers.push(input, opened.path.clone(), Kind::after(&opened.path, *format, file.bytes()))
                }
                Ok((Content::Memory(_), Format::Unknown)) if opened.path.as_os_str() == "-" => {
                    followers.stream = Some(read_stdin());
                    followers.push(input, PathBuf::from("-"), Kind::Stream(TextReader::new()));
                }
                // It may come back, or become what can be read.
                Err(_) => followers.push(input, opened.path.clone(), Kind::Undecided(None)),
                _ => {}
            }
        }
        followers
    }
    fn push(&mut self, input: usize, path: PathBuf, kind: Kind) {
        let number = self.followers.len();
        let mut follower = Follower::new(input, path, kind);
        if !follower.is_stream() {
            follower.is_told = self.wake.as_mut().is_some_and(|wake| wake.watch(number, &follower.path));
        }
        for id in follower.identities() {
            self.owners.insert(id, number);
        }
        self.followers.push(follower);
        self.let_go();
    }
    #[must_use]
    pub fn are_any(&self) -> bool {
        !self.followers.is_empty()
    }
    /// Marks the inputs that are followed from now on; texts go on where their reading stopped.
    pub fn begin(&mut self, opened: &[Opened], mut tails: BTreeMap<usize, Tail>, inputs: &mut [InputStatus]) {
        for follower in &mut self.followers {
            if let Some(status) = inputs.get_mut(follower.input)
                && status.state != InputState::Failed
            {
                status.state = InputState::Following;
            }
            if let Some(tail) = tails.remove(&follower.input)
                && let Some(Ok((content, _))) = opened.get(follower.input).map(|opened| &opened.content)
            {
                let rest = usize::try_from(tail.offset).ok().and_then(|offset| content.bytes().get(offset..)).unwrap_or_default();
                follower.go_on(tail, rest);
            }
            if let Some(keep) = &mut self.keep
                && let Some(Ok((content, _))) = opened.get(follower.input).map(|opened| &opened.content)
                && let Err(error) = follower.begin_keeping(keep, content.bytes())
                && let Some(status) = inputs.get_mut(follower.input)
            {
                status.problem = Some(input::not_kept(&error));
            }
        }
        self.listening.begin(inputs);
        self.changed = true;
    }
    /// Something other than events changed: a state, a problem.
    pub fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }
    /// A file or folder appeared beside a followed file: the arguments are worth another look. Said at most every `LOOK_AGAIN`.
    pub fn take_appeared(&mut self) -> bool {
        let is_due = self.appeared && self.asked_again.elapsed() >= LOOK_AGAIN;
        if is_due {
            self.appeared = false;
            self.asked_again = Stopwatch::default();
        }
        is_due
    }
    /// Watches files that were not known before, from their beginning: what a folder got since it was opened. Gives the
    /// number of new inputs; a file that cannot be read is listed with its problem and tried again when it changes. A
    /// followed file that was archived under a new name is no new input.
    pub fn add(&mut self, paths: impl IntoIterator<Item = PathBuf>, inputs: &mut Vec<InputStatus>, records: &Records) -> usize {
        let before = inputs.len();
        for path in paths {
            if inputs.iter().any(|input| input.path == path) || self.followers.iter_mut().any(|follower| follower.adopt(&path)) {
                continue;
            }
            let input = inputs.len();
            let mut status = InputStatus { id: InputId::new(input), path: path.clone(), ..InputStatus::default() };
            records.add(path.clone());
            let kind = input::begin(&path, &mut status);
            self.push(input, path, kind);
            inputs.push(status);
        }
        self.changed = true;
        self.more = true;
        inputs.len() - before
    }
    /// Has the system tell what appears in these folders.
    pub fn watch_folders<'a>(&mut self, folders: impl IntoIterator<Item = &'a PathBuf>) {
        if let Some(wake) = &mut self.wake {
            for folder in folders {
                wake.watch_folder(folder);
            }
        }
    }
    /// Waits for a command, for standard input or for news of a file, at most `pause`.
    pub fn wait(&mut self, commands: &Receiver<Command>, pause: Duration) -> Result<Command, RecvTimeoutError> {
        let mut pause = pause.min(self.next_look());
        if self.found && !pause.is_zero() {
            let gather = pause.min(GATHER);
            match commands.recv_timeout(gather) {
                Err(RecvTimeoutError::Timeout) => pause -= gather,
                other => return other,
            }
        }
        let (no_stream, no_bell) = (crossbeam_channel::never(), crossbeam_channel::never());
        let stream = self.stream.as_ref().unwrap_or(&no_stream);
        let bell = self.wake.as_ref().map_or(&no_bell, Wake::bell);
        crossbeam_channel::select! {
            recv(commands) -> command => return command.map_err(|_| RecvTimeoutError::Disconnected),
            recv(bell) -> _ => {}
            recv(self.listening.received()) -> piece => match piece {
                Ok(piece) => self.listening.arrive(piece),
                Err(_) => self.listening = Listening::of(&[]),
            },
            recv(stream) -> piece => match piece {
                Ok(piece) => {
                    self.arrived.push(piece);
                    self.arrived.extend(stream.try_iter().take(STDIN_PIECES));
                }
                Err(_) => self.stream = None,
            },
            default(pause) => {}
        }
        Err(RecvTimeoutError::Timeout)
    }
    /// Time until something is to be looked at by the clock.
    fn next_look(&self) -> Duration {
        if self.more {
            return Duration::ZERO;
        }
        let mut sweep = SWEEP.saturating_sub(self.swept.elapsed());
        if self.appeared {
            sweep = sweep.min(LOOK_AGAIN.saturating_sub(self.asked_again.elapsed()));
        }
        self.followers
            .iter()
            .filter(|follower| !follower.is_told && !follower.is_stream())
            .map(Follower::next_look)
            .fold(sweep, Duration::min)
    }
    /// Takes in what came since the last look; says how many events.
    pub fn poll(&mut self, engine: &mut Engine, inputs: &mut [InputStatus]) -> u64 {
        let mut events: Vec<AuthEvent> = Vec::new();
        let arrived = std::mem::take(&mut self.arrived);
        let news = self.wake.as_ref().map(Wake::take).unwrap_or_default();
        let sweep = self.swept.elapsed() >= SWEEP;
        if sweep {
            self.swept = Stopwatch::default();
            self.say_what_is_kept(inputs);
        }
        self.looks += 1;
        self.appeared |= news.appeared;
        (self.found, self.more) = (false, false);
        for (number, follower) in self.followers.iter_mut().enumerate() {
            let Some(status) = inputs.get_mut(follower.input) else { continue };
            let is_told = news.written.contains(&number);
            if follower.is_stream() {
                if arrived.is_empty() {
                    continue;
                }
            } else if !(is_told || sweep || news.missed || follower.is_due()) {
                continue;
            }
            let mut batch = Batch::new(InputId::new(follower.input));
            let owners = &self.owners;
            let is_others = |id: Identity| owners.get(&id).is_some_and(|owner| *owner != number);
            let keep = self.keep.as_mut();
            let look = || follower.look(&arrived, &self.kept, keep, &is_others, &mut batch, status);
            // A defect of a decoder costs what it was reading, not the run.
            let problem = std::panic::catch_unwind(std::panic::AssertUnwindSafe(look)).unwrap_or_else(|_| Some(load::DEFECT.to_owned()));
            if problem.as_ref() != status.problem.as_ref() && status.state == InputState::Following {
                status.problem = problem;
                self.changed = true;
            }
            if follower.take_new_files() {
                self.owners.retain(|_, owner| *owner != number);
                self.owners.extend(follower.identities().map(|id| (id, number)));
            }
            let grew = batch.tally.records > 0 || batch.tally.unreadable > 0;
            follower.looked(self.looks, grew, is_told);
            self.more |= follower.more;
            if grew {
                self.found = true;
                self.changed = true;
                load::take_over(batch, engine.names(), status, &mut events);
                if status.state == InputState::Failed && status.records > status.unknown {
                    (status.state, status.problem) = (InputState::Following, None);
                }
            }
        }
        let (heard, more) = self.listening.poll(engine, inputs, &mut events);
        self.changed |= heard || !arrived.is_empty();
        self.more |= more;
        self.let_go();
        load::sort(&mut events);
        let count = events.len() as u64;
        for event in events {
            engine.apply(event);
        }
        self.listening.applied(self.keep.as_mut(), inputs);
        count
    }
    /// What the journal has to say stands with the first input that is kept.
    fn say_what_is_kept(&mut self, inputs: &mut [InputStatus]) {
        let Some(said) = self.keep.as_ref().and_then(|keep| keep.journal().take_said().pop()) else { return };
        if let Some(follower) = self.followers.first_mut()
            && let Some(status) = inputs.get_mut(follower.input)
        {
            follower.not_kept = Some(said.clone());
            status.problem = Some(said);
            self.changed = true;
        }
    }
    /// Records that were kept for the next start alone, and had to make room.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.keep.as_ref().map_or(0, |keep| keep.journal().dropped())
    }
    /// Fill of the fullest queue in front of the engine, 0 to 100.
    #[must_use]
    pub fn queue_percent(&self) -> u8 {
        self.stream.as_ref().map_or(0, filled).max(self.listening.queue_percent())
    }
    /// Closes the files that grew longest ago, when more are open than may be.
    fn let_go(&mut self) {
        // One that could not be opened for want of room leaves room for others by the next look.
        if self.followers.iter().any(|follower| follower.wants_room) && self.most_open > 1 {
            self.most_open = (self.most_open.min(self.followers.iter().map(Follower::files_open).sum()) / 2).max(1);
        }
        let mut open: usize = self.followers.iter().map(Follower::files_open).sum();
        if open <= self.most_open {
            return;
        }
        let mut by_age: Vec<&mut Follower> = self.followers.iter_mut().filter(|follower| follower.files_open() > 0).collect();
        by_age.sort_by_key(|follower| follower.grew);
        // A few more than needed, so that it is not done for each file again.
        let enough = self.most_open - self.most_open / 4;
        for follower in by_age {
            if open <= enough {
                break;
            }
            open -= follower.files_open();
            follower.let_go();
        }
    }
}

/// Fill of a bounded queue, 0 to 100; nothing fills one without bounds.
fn filled<T>(queue: &Receiver<T>) -> u8 {
    let share = queue.capacity().and_then(|room| (queue.len() * 100).checked_div(room)).unwrap_or(0);
    u8::try_from(share).unwrap_or(100)
}

/// Reads standard input on a thread; it waits when nobody takes the pieces.
fn read_stdin() -> Receiver<StreamPiece> {
    use std::io::Read as _;
    let (sender, receiver) = crossbeam_channel::bounded(STDIN_PIECES);
    std::thread::spawn(move || {
        let mut stdin = std::io::stdin().lock();
        let mut buffer = vec![0; 64 << 10];
        loop {
            let piece = match stdin.read(&mut buffer) {
                Ok(0) => StreamPiece::End(None),
                Ok(length) => StreamPiece::Bytes(buffer.get(..length).unwrap_or_default().to_vec()),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => StreamPiece::End(Some(format!("standard input failed: {error}"))),
            };
            let end = matches!(piece, StreamPiece::End(_));
            if sender.send(piece).is_err() || end {
                return;
            }
        }
    });
    receiver
}
