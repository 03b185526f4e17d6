//! Every limit of the listeners in one place.
//!
//! A sender may be slow, broken or hostile: each of these bounds what one sender can cost the others. What goes beyond
//! a limit is refused or cut with a reason that is counted at the input; the other senders go on.

use std::time::Duration;

/// Connections of one listener at the same time; further ones are closed at once.
pub const CONNECTIONS: usize = 256;

/// Longest message in bytes: a line, a counted frame, a datagram. A Windows event is at most 64 KiB in the log, three to
/// four times that as JSON.
pub const MESSAGE: usize = 1 << 20;

/// Largest HTTP body in bytes, as sent and as unpacked. Shippers split what a 413 refuses.
pub const BODY: usize = 32 << 20;

/// A packed body may become so many times as long; only asked when it becomes longer than `RATIO_FROM`. Logs pack to a
/// twentieth, a bomb to a thousandth.
pub const RATIO: usize = 200;

/// Unpacked bytes from which on `RATIO` is asked.
pub const RATIO_FROM: usize = 1 << 20;

/// Bytes of one listener that may wait for the engine. When they do, TCP is not read, HTTP gets 429 or 503 and datagrams
/// go to the spool.
pub const WAITING: usize = 2 * BODY;

/// Pieces of one listener that may wait for the engine.
pub const PIECES: usize = 256;

/// Bytes taken from a stream or a datagram socket before they are handed on.
pub const PIECE: usize = 256 << 10;

/// Bytes asked of a connection at once.
pub const READ: usize = 64 << 10;

/// Bytes of one header block of HTTP.
pub const HEADER: usize = 64 << 10;

/// How long a connection may be quiet before the system asks whether the other side is still there.
pub const KEEPALIVE: Duration = Duration::from_secs(60);

/// Receive buffer asked of the system for datagrams; it may give less.
pub const RECEIVE_BUFFER: usize = 8 << 20;

/// Bytes of datagrams kept in memory when the engine is behind; beyond that they go to a file.
pub const SPOOL_MEMORY: usize = 8 << 20;

/// Bytes of datagrams kept in the spool file; beyond that they are counted as dropped.
pub const SPOOL_FILE: u64 = 1 << 30;

/// Senders told apart for the count of senders.
pub const SENDERS: usize = 4_096;

/// Reasons told apart for what was lost or refused.
pub const REASONS: usize = 64;

/// Rest after a connection that could not be taken in.
pub const PAUSE: Duration = Duration::from_millis(100);

/// How often datagrams that the system dropped are counted.
pub const DROPS_LOOK: Duration = Duration::from_secs(1);

/// How long senders are waited for.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Time for the headers of a request, also for the next one on a connection that is kept open.
    pub header: Duration,
    /// Longest pause inside a body.
    pub body_pause: Duration,
    /// Time for a whole body.
    pub body: Duration,
    /// Longest pause inside a message of a stream; between messages a shipper may be quiet for days.
    pub message_pause: Duration,
    /// Time for a TLS handshake.
    pub handshake: Duration,
    /// How long a request waits for its events to be safe; shippers give up after 60 to 90 s.
    pub safe: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            header: Duration::from_secs(60),
            body_pause: Duration::from_secs(15),
            body: Duration::from_secs(120),
            message_pause: Duration::from_secs(60),
            handshake: Duration::from_secs(10),
            safe: Duration::from_secs(45),
        }
    }
}
