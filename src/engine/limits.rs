//! Every capacity and period of the engine in one place.

use crate::base::time::Span;
use std::time::Duration;

/// Bytes of an input decoded as one piece of work.
pub const BLOCK_BYTES: usize = 4 << 20;

/// Pieces of work in flight for each decoding thread; bounds what waits for its turn.
pub const BLOCKS_IN_FLIGHT: usize = 4;

/// Commands of the screen that may wait.
pub const COMMANDS: usize = 64;

/// Pieces of standard input that may wait; the reader stops reading when they do.
pub const STDIN_PIECES: usize = 16;

/// Bytes of standard input kept so that raw records can be shown; older ones are forgotten.
pub const STDIN_KEPT: usize = 256 << 20;

/// How often followed inputs are looked at.
pub const POLL: Duration = Duration::from_millis(50);

/// Least time between two snapshots while events come.
pub const SNAPSHOT: Duration = Duration::from_millis(33);

/// Least time between two snapshots while recorded inputs are folded.
pub const SNAPSHOT_LOADING: Duration = Duration::from_millis(150);

/// An event this much older than the newest one is late: it is stored and drawn, and counted as late.
pub const REORDER: Span = Span::seconds(5);

/// The wall clock is the clock of the data only while the newest event is not older than this.
pub const LIVE_LAG: Span = Span::minutes(30);

/// A replay skips a stretch without events that would take longer than this to play.
pub const QUIET: Duration = Duration::from_secs(2);

/// What a replay leaves of a quiet stretch before the next event, in wall time.
pub const QUIET_REST: Duration = Duration::from_millis(300);

/// Most events a replay applies between two looks at the keys.
pub const REPLAY_STEP: usize = 20_000;

/// Rows a projection tests between two looks at newer requests.
pub const PROJECTION_STEP: usize = 50_000;

/// Bytes of a text input looked at before it is refused as no logon source.
pub const PROBE_BYTES: usize = 1 << 20;
