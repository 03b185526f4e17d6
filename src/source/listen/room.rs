//! Room for what waits: asked for before bytes are taken in, given back when the engine is done with them.
//!
//! Bytes and pieces are bounded for each listener by itself, so one that is flooded does not take the others' room. The
//! channel behind holds as many pieces as there is room for, so handing on never waits and never fails for want of room.

use super::limits::Patience;
use super::parts::Part;
use super::{Counts, Received, limits};
use crossbeam_channel::Sender;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

/// Bytes that one permit stands for.
const UNIT: usize = 1 << 10;

fn units(bytes: usize) -> u32 {
    u32::try_from(bytes.min(limits::WAITING).div_ceil(UNIT)).unwrap_or(u32::MAX)
}

/// Room for some bytes as one piece.
#[derive(Debug)]
pub struct Room {
    _piece: OwnedSemaphorePermit,
    bytes: OwnedSemaphorePermit,
}

/// The engine is gone: the program ends.
#[derive(Debug, PartialEq, Eq)]
pub struct Gone;

/// The way of one listener to the engine.
#[derive(Clone, Debug)]
pub struct Hub {
    listener: usize,
    sender: Sender<Received>,
    pieces: Arc<Semaphore>,
    bytes: Arc<Semaphore>,
    pub counts: Arc<Counts>,
    pub patience: Patience,
}

impl Hub {
    pub fn new(listener: usize, sender: Sender<Received>, counts: Arc<Counts>, patience: Patience) -> Self {
        let pieces = Arc::new(Semaphore::new(limits::PIECES));
        let bytes = Arc::new(Semaphore::new(limits::WAITING / UNIT));
        Self { listener, sender, pieces, bytes, counts, patience }
    }
    /// Waits for room.
    pub async fn room(&self, bytes: usize) -> Result<Room, Gone> {
        let piece = Arc::clone(&self.pieces).acquire_owned().await.map_err(|_| Gone)?;
        let bytes = Arc::clone(&self.bytes).acquire_many_owned(units(bytes)).await.map_err(|_| Gone)?;
        Ok(Room { _piece: piece, bytes })
    }
    /// Room, if there is any now.
    pub fn room_now(&self, bytes: usize) -> Option<Room> {
        let piece = Arc::clone(&self.pieces).try_acquire_owned().ok()?;
        let bytes = Arc::clone(&self.bytes).try_acquire_many_owned(units(bytes)).ok()?;
        Some(Room { _piece: piece, bytes })
    }
    /// Makes room for so many bytes in all, if there is any now.
    pub fn widen(&self, room: &mut Room, bytes: usize) -> bool {
        let held = u32::try_from(room.bytes.num_permits()).unwrap_or(u32::MAX);
        let Some(more) = units(bytes).checked_sub(held).filter(|more| *more > 0) else { return true };
        match Arc::clone(&self.bytes).try_acquire_many_owned(more) {
            Ok(more) => {
                room.bytes.merge(more);
                true
            }
            Err(_) => false,
        }
    }
    /// Counts a part that was taken in.
    pub fn count(&self, part: &Part) {
        self.counts.messages.fetch_add(part.messages, Ordering::Relaxed);
        let mut last = None;
        for (_, from) in &part.senders {
            if last.replace(from.ip()) != Some(from.ip()) {
                self.counts.sent_by(from.ip());
            }
        }
    }
    /// Hands a part on.
    pub fn hand_on(&self, part: Part, room: Room, ack: Option<oneshot::Sender<()>>) -> Result<(), Gone> {
        self.sender.try_send(Received { listener: self.listener, part, ack, _room: room }).map_err(|_| Gone)
    }
}
