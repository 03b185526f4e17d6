//! What comes on listeners: decoded piece by piece, and said to be safe once it is applied.
//!
//! Each piece holds whole records and is decoded by itself, so what is broken ends with its piece. Its sender stands with
//! every place that could not be read. What a piece held is kept for raw records, the oldest bytes are forgotten.

use super::super::limits::{LISTENED_AT_ONCE, LISTENED_KEPT};
use super::super::load::{self, Content, Opened};
use super::super::raw::Pieces;
use super::super::resume::Keeping;
use super::input::not_kept;
use crate::base::text::count;
use crate::decode::{json, xml};
use crate::engine::Engine;
use crate::model::event::AuthEvent;
use crate::model::fields::{Fields, RecordSink, Unreadable};
use crate::model::ids::InputId;
use crate::model::input::{Format, InputState, InputStatus, PlaceKind};
use crate::normalise::batch::Batch;
use crate::normalise::shape::SHAPES;
use crate::source::listen::parts::Layout;
use crate::source::listen::{Listener, Loss, Received, Seen};
use crossbeam_channel::Receiver;
use std::sync::{Arc, Mutex};

/// One listener and where its stream of records is.
struct Heard {
    input: usize,
    listener: Arc<Listener>,
    kept: Arc<Mutex<Pieces>>,
    offset: u64,
    line: u32,
    seen: Option<Seen>,
    /// Why a sender was refused last.
    refusal: Option<String>,
}

/// All listeners.
pub(super) struct Listening {
    heard: Vec<Heard>,
    received: Receiver<Received>,
    arrived: Vec<Received>,
    bytes: usize,
    /// Decoded and waiting to be said safe, with the place in `heard` and the offset.
    taken: Vec<(usize, u64, Received)>,
}

impl Listening {
    pub fn of(inputs: &[Opened]) -> Self {
        let mut listening =
            Self { heard: Vec::new(), received: crossbeam_channel::never(), arrived: Vec::new(), bytes: 0, taken: Vec::new() };
        for (input, opened) in inputs.iter().enumerate() {
            if let Ok((Content::Listener(listener, kept), _)) = &opened.content {
                listening.received = listener.received().clone();
                let (listener, kept) = (Arc::clone(listener), Arc::clone(kept));
                listening.heard.push(Heard { input, listener, kept, offset: 0, line: 1, seen: None, refusal: None });
            }
        }
        listening
    }
    /// Where pieces come; nothing ever comes without listeners.
    pub const fn received(&self) -> &Receiver<Received> {
        &self.received
    }
    /// Fill of the queue, 0 to 100.
    pub fn queue_percent(&self) -> u8 {
        super::filled(&self.received)
    }
    /// Takes one piece in, for the next look.
    pub fn arrive(&mut self, piece: Received) {
        self.bytes += piece.bytes().len();
        self.arrived.push(piece);
    }
    /// Says of the listeners that they listen.
    pub fn begin(&self, inputs: &mut [InputStatus]) {
        for heard in &self.heard {
            if let Some(status) = inputs.get_mut(heard.input) {
                status.state = InputState::Following;
            }
        }
    }
    /// Decodes what came. Says whether anything changed, and whether more waits.
    pub fn poll(&mut self, engine: &mut Engine, inputs: &mut [InputStatus], events: &mut Vec<AuthEvent>) -> (bool, bool) {
        while self.bytes < LISTENED_AT_ONCE {
            let Ok(piece) = self.received.try_recv() else { break };
            self.arrive(piece);
        }
        let more = self.bytes >= LISTENED_AT_ONCE;
        self.bytes = 0;
        let mut changed = false;
        for piece in self.arrived.drain(..) {
            let Some(number) = self.heard.iter().position(|heard| heard.listener.number() == piece.listener) else { continue };
            let Some(heard) = self.heard.get_mut(number) else { continue };
            let offset = heard.offset;
            let (piece, batch) = heard.take(piece);
            if let Some(status) = inputs.get_mut(heard.input) {
                changed = true;
                status.bytes = heard.offset;
                status.bytes_read = heard.offset;
                status.format = Format::Text;
                load::take_over(batch, engine.names(), status, events);
            }
            self.taken.push((number, offset, piece));
        }
        for heard in &mut self.heard {
            if let Some(status) = inputs.get_mut(heard.input) {
                changed |= heard.look(status);
            }
        }
        (changed, more)
    }
    /// What was decoded is applied: it is kept for the next start where asked, then senders that wait hear of it. What
    /// could not be kept is not said to be safe, so a sender that can will send it again.
    pub fn applied(&mut self, mut keep: Option<&mut Keeping>, inputs: &mut [InputStatus]) {
        for (number, offset, piece) in self.taken.drain(..) {
            let Some(heard) = self.heard.get(number) else { continue };
            let Some(status) = inputs.get_mut(heard.input) else { continue };
            let is_xml = piece.layout() == Layout::Xml;
            let kept = keep.as_mut().map_or(Ok(()), |keep| keep.sent(heard.input, &status.path, is_xml, piece.bytes()));
            let bytes = match kept {
                Ok(()) => piece.safe(),
                Err(error) => {
                    status.problem = Some(not_kept(&error));
                    piece.bytes().to_vec()
                }
            };
            if let Ok(mut kept) = heard.kept.lock() {
                kept.push(offset, bytes, LISTENED_KEPT);
            }
        }
    }
}

impl Heard {
    /// Decodes one piece; a defect of a decoder costs the piece, not the run.
    fn take(&mut self, piece: Received) -> (Received, Batch) {
        let (offset, line) = (self.offset, self.line);
        let decoded = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| decode(&piece, InputId::new(self.input), offset, line)));
        let batch = decoded.unwrap_or_else(|_| {
            let mut batch = Batch::new(InputId::new(self.input));
            batch.unreadable(Unreadable { offset, line, record: 0, reason: load::DEFECT.to_owned() });
            batch
        });
        let lines = memchr::memchr_iter(b'\n', piece.bytes()).count();
        self.line = line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        self.offset += piece.bytes().len() as u64;
        (piece, batch)
    }
    /// Takes over what the listener counts; says whether anything is new.
    fn look(&mut self, status: &mut InputStatus) -> bool {
        let losses = self.listener.take_losses();
        let seen = self.listener.seen();
        if losses.is_empty() && self.seen.as_ref() == Some(&seen) {
            return false;
        }
        for (loss, reason, times) in losses {
            let (kind, more) = match loss {
                Loss::Refused => {
                    self.refusal = Some(reason);
                    continue;
                }
                Loss::Bad => (PlaceKind::Unreadable, &mut status.tally.unreadable),
                Loss::Dropped => (PlaceKind::Dropped, &mut status.tally.dropped),
            };
            // The place counts one of them.
            *more += times.saturating_sub(1);
            let reason = if times > 1 { format!("{} times: {reason}", count(times)) } else { reason };
            status.tally.place(kind, Unreadable { offset: self.offset, line: self.line, record: 0, reason });
        }
        status.spooled = seen.spooled;
        status.senders = Some(self.words(&seen));
        self.seen = Some(seen);
        true
    }
    /// `2 connected, 3 senders so far, 1,204 messages; this machine only`.
    fn words(&self, seen: &Seen) -> String {
        let mut words = format!(
            "{} connected, {} so far, {} messages; {}",
            count(seen.connected),
            count(seen.senders),
            count(seen.messages),
            self.listener.reach()
        );
        if seen.spooled > 0 {
            words.push_str(&format!("; {} bytes wait in the spool", count(seen.spooled)));
        }
        if let Some(refusal) = &self.refusal {
            words.push_str(&format!("; {} refused, last: {refusal}", count(seen.refused)));
        }
        words
    }
}

/// Decodes a piece. Lines are read together as long as each gives what one line should; when they do not, each is read by
/// itself, so that a broken line cannot take in the next one, which may be another sender's.
fn decode(piece: &Received, input: InputId, offset: u64, line: u32) -> Batch {
    let mut batch = Batch::new(input);
    let mut sink = Sent { batch: &mut batch, piece, offset };
    match piece.layout() {
        Layout::Xml => {
            xml::Decoder::new(SHAPES).feed(piece.bytes(), offset, line, true, &mut sink);
        }
        Layout::Json | Layout::JsonLines => {
            json::Decoder::new(SHAPES).feed(piece.bytes(), offset, line, true, &mut sink);
        }
    }
    if piece.layout() != Layout::JsonLines || (batch.tally.records == piece.messages() && batch.tally.unreadable == 0) {
        return batch;
    }
    let mut batch = Batch::new(input);
    let mut sink = Sent { batch: &mut batch, piece, offset };
    let (mut offset, mut line) = (offset, line);
    for record in piece.bytes().split_inclusive(|byte| *byte == b'\n') {
        json::Decoder::new(SHAPES).feed(record, offset, line, true, &mut sink);
        offset += record.len() as u64;
        line = line.saturating_add(1);
    }
    batch
}

/// Says of what could not be read who sent it.
struct Sent<'a> {
    batch: &'a mut Batch,
    piece: &'a Received,
    /// Where the piece begins.
    offset: u64,
}

impl Sent<'_> {
    fn by(&self, offset: u64, reason: &str) -> String {
        let place = usize::try_from(offset.saturating_sub(self.offset)).unwrap_or(usize::MAX);
        self.piece.sender_at(place).map_or_else(|| reason.to_owned(), |from| format!("{reason} (sent by {})", from.ip()))
    }
}

impl RecordSink for Sent<'_> {
    fn record(&mut self, fields: &Fields<'_>) {
        self.batch.record(fields);
    }
    fn unreadable(&mut self, what: Unreadable) {
        let reason = self.by(what.offset, &what.reason);
        self.batch.unreadable(Unreadable { reason, ..what });
    }
    fn recovered_in_slack(&mut self, count: u64) {
        self.batch.recovered_in_slack(count);
    }
    fn unknown(&mut self, offset: u64, line: u32, reason: &str) {
        let reason = self.by(offset, reason);
        self.batch.unknown(offset, line, &reason);
    }
}
