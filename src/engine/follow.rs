//! Watches inputs grow: logs that are written, files that shippers append to, standard input.
//!
//! Files are looked at, not subscribed to, so network shares work too. What a look finds is decoded at once and applied
//! in the order of time.

use super::Engine;
use super::handle::Command;
use super::limits::{STDIN_KEPT, STDIN_PIECES};
use super::load::{self, Content, Opened, Tail};
use super::raw::{Pieces, Records};
use crate::decode::{evtx, text};
use crate::model::event::AuthEvent;
use crate::model::ids::InputId;
use crate::model::input::{Format, InputState, InputStatus};
use crate::normalise::batch::Batch;
use crate::normalise::shape::SHAPES;
use crate::source::follow::{FollowEvtx, FollowText, TextPiece};
use crossbeam_channel::{Receiver, RecvTimeoutError};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Text that came and its decoder: an incomplete record at the end waits here for the rest.
struct TextReader {
    decoder: text::Decoder,
    waiting: Vec<u8>,
    offset: u64,
    line: u32,
}

impl TextReader {
    fn new() -> Self {
        Self { decoder: text::Decoder::new(SHAPES), waiting: Vec::new(), offset: 0, line: 1 }
    }
    fn take(&mut self, offset: u64, line: Option<u32>, bytes: &[u8], last: bool, batch: &mut Batch) {
        // A file that was begun anew, or was read from its middle: what waited belongs to the old one.
        if self.offset + self.waiting.len() as u64 != offset {
            self.waiting.clear();
            self.decoder = text::Decoder::new(SHAPES);
            self.offset = offset;
            self.line = line.unwrap_or(1);
        }
        self.waiting.extend_from_slice(bytes);
        let used = self.decoder.feed(&self.waiting, self.offset, self.line, last, batch).min(self.waiting.len());
        let lines = memchr::memchr_iter(b'\n', self.waiting.get(..used).unwrap_or_default()).count();
        self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        self.offset += used as u64;
        self.waiting.drain(..used);
    }
}

enum Kind {
    Evtx(FollowEvtx, Box<evtx::Decoder>),
    Text(FollowText, TextReader),
    Stream(TextReader),
}

struct Follower {
    input: usize,
    kind: Kind,
}

/// What came on standard input, or its end.
enum StreamPiece {
    Bytes(Vec<u8>),
    End(Option<String>),
}

/// All inputs that are watched.
pub struct Followers {
    followers: Vec<Follower>,
    stream: Option<Receiver<StreamPiece>>,
    arrived: Vec<StreamPiece>,
    /// What came on standard input, for raw records.
    kept: Arc<Mutex<Pieces>>,
    changed: bool,
}

impl Followers {
    #[must_use]
    pub fn none() -> Self {
        Self { followers: Vec::new(), stream: None, arrived: Vec::new(), kept: Arc::default(), changed: false }
    }
    /// Followers for everything that can grow, from where the contents given end.
    #[must_use]
    pub fn of(inputs: &[Opened], kept: Arc<Mutex<Pieces>>) -> Self {
        let mut followers = Self { kept, ..Self::none() };
        for (input, opened) in inputs.iter().enumerate() {
            let kind = match &opened.content {
                Ok((Content::File(file), Format::Evtx)) => Kind::Evtx(FollowEvtx::after(opened.path.clone(), file.bytes()), Box::default()),
                Ok((Content::File(file), Format::Text | Format::Unknown)) => {
                    let end = file.bytes().len() as u64;
                    Kind::Text(FollowText::after(opened.path.clone(), end, 1), TextReader { offset: end, ..TextReader::new() })
                }
                Ok((Content::Memory(_), Format::Unknown)) if opened.path.as_os_str() == "-" => {
                    followers.stream = Some(read_stdin());
                    Kind::Stream(TextReader::new())
                }
                _ => continue,
            };
            followers.followers.push(Follower { input, kind });
        }
        followers
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
            if let Kind::Text(_, reader) = &mut follower.kind
                && let Some(tail) = tails.remove(&follower.input)
                && let Some(Ok((content, _))) = opened.get(follower.input).map(|opened| &opened.content)
            {
                let waiting = usize::try_from(tail.offset).ok().and_then(|offset| content.bytes().get(offset..)).unwrap_or_default();
                *reader = TextReader { decoder: tail.decoder, waiting: waiting.to_vec(), offset: tail.offset, line: tail.line };
            }
        }
        self.changed = true;
    }
    /// Something other than events changed: a state, a problem.
    pub fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }
    /// Watches files that were not known before, from their beginning: what a folder got since it was opened. Gives the
    /// number of new inputs; a file that cannot be read is listed with its problem.
    pub fn add(&mut self, paths: impl IntoIterator<Item = PathBuf>, inputs: &mut Vec<InputStatus>, records: &Records) -> usize {
        let before = inputs.len();
        for path in paths {
            if inputs.iter().any(|input| input.path == path) {
                continue;
            }
            let input = inputs.len();
            let opened = Opened::file(path.clone());
            let mut status = InputStatus { id: InputId::new(input), path: path.clone(), ..InputStatus::default() };
            match &opened.content {
                Ok((_, format)) => {
                    let kind = match format {
                        Format::Evtx => Kind::Evtx(FollowEvtx::new(path), Box::default()),
                        Format::Text | Format::Unknown => Kind::Text(FollowText::after(path, 0, 1), TextReader::new()),
                    };
                    (status.format, status.state) = (*format, InputState::Following);
                    self.followers.push(Follower { input, kind });
                }
                Err(problem) => (status.state, status.problem) = (InputState::Failed, Some(problem.clone())),
            }
            inputs.push(status);
            records.add(&opened);
        }
        self.changed = true;
        inputs.len() - before
    }
    /// Waits for a command or for standard input, at most `pause`.
    pub fn wait(&mut self, commands: &Receiver<Command>, pause: Duration) -> Result<Command, RecvTimeoutError> {
        let Some(stream) = &self.stream else { return commands.recv_timeout(pause) };
        crossbeam_channel::select! {
            recv(commands) -> command => command.map_err(|_| RecvTimeoutError::Disconnected),
            recv(stream) -> piece => {
                match piece {
                    Ok(piece) => self.arrived.push(piece),
                    Err(_) => self.stream = None,
                }
                Err(RecvTimeoutError::Timeout)
            }
            default(pause) => Err(RecvTimeoutError::Timeout),
        }
    }
    /// Takes in what came since the last look; says how many events.
    pub fn poll(&mut self, engine: &mut Engine, inputs: &mut [InputStatus]) -> u64 {
        let mut events: Vec<AuthEvent> = Vec::new();
        let arrived = std::mem::take(&mut self.arrived);
        for follower in &mut self.followers {
            let Some(status) = inputs.get_mut(follower.input) else { continue };
            let mut batch = Batch::new(InputId::new(follower.input));
            let look = || match &mut follower.kind {
                Kind::Evtx(file, decoder) => poll_evtx(file, decoder, &mut batch, status),
                Kind::Text(file, reader) => poll_text(file, reader, &mut batch, status),
                Kind::Stream(reader) => poll_stream(&arrived, reader, &self.kept, &mut batch, status),
            };
            // A defect of a decoder costs what it was reading, not the run.
            let problem = std::panic::catch_unwind(std::panic::AssertUnwindSafe(look)).unwrap_or_else(|_| Some(load::DEFECT.to_owned()));
            if problem.as_ref() != status.problem.as_ref() && status.state == InputState::Following {
                status.problem = problem;
                self.changed = true;
            }
            if batch.tally.records > 0 || batch.tally.unreadable > 0 {
                self.changed = true;
                load::take_over(batch, engine.names(), status, &mut events);
            }
        }
        self.changed |= !arrived.is_empty();
        load::sort(&mut events);
        let count = events.len() as u64;
        for event in events {
            engine.apply(event);
        }
        count
    }
}

fn poll_evtx(file: &mut FollowEvtx, decoder: &mut evtx::Decoder, batch: &mut Batch, status: &mut InputStatus) -> Option<String> {
    match file.poll() {
        Ok(pieces) => {
            for piece in pieces {
                decoder.chunk_from(&piece.bytes, piece.offset, piece.from, batch);
                status.bytes = status.bytes.max(piece.offset + piece.bytes.len() as u64);
                status.bytes_read = status.bytes;
            }
            None
        }
        Err(error) => Some(format!("cannot be watched now ({error}); it is looked at again")),
    }
}

fn poll_text(file: &mut FollowText, reader: &mut TextReader, batch: &mut Batch, status: &mut InputStatus) -> Option<String> {
    match file.poll() {
        Ok(pieces) => {
            for TextPiece { offset, line, bytes } in pieces {
                reader.take(offset, Some(line), &bytes, false, batch);
                status.bytes = offset + bytes.len() as u64;
                status.bytes_read = status.bytes;
                status.format = Format::Text;
            }
            None
        }
        Err(error) => Some(format!("cannot be watched now ({error}); it is looked at again")),
    }
}

fn poll_stream(
    arrived: &[StreamPiece],
    reader: &mut TextReader,
    kept: &Mutex<Pieces>,
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
                if let Ok(mut kept) = kept.lock() {
                    kept.push(offset, bytes.clone(), STDIN_KEPT);
                }
                reader.take(offset, None, bytes, false, batch);
            }
            StreamPiece::End(problem) => {
                let offset = status.bytes_read;
                reader.take(offset, None, &[], true, batch);
                status.state = if problem.is_some() { InputState::Failed } else { InputState::Done };
                status.problem.clone_from(problem);
            }
        }
    }
    status.problem.clone()
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
