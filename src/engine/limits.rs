//! Every capacity and period of the engine in one place.

use crate::base::time::Span;
use std::time::Duration;

/// Bytes of an input decoded as one piece of work: what a core's cache holds together with what is made of it.
pub const PIECE_BYTES: usize = 1 << 20;

/// Pieces of work in flight for each decoding thread; bounds what waits for its turn.
pub const PIECES_IN_FLIGHT: usize = 4;

/// Pieces of an input whose events wait for older ones in the pieces behind.
pub const HELD_PIECES: usize = 8;

/// Inputs of so many bytes in all are sorted as a whole; larger ones are put in order while they are read.
pub const SORT_WHOLE_UP_TO: u64 = 32 << 20;

/// Inputs of so many bytes in all are read again and sorted as a whole when they are far out of order.
pub const RESORT_UP_TO: u64 = 2 << 30;

/// Inputs of so many bytes in all are on screen about as soon as their newest part would be.
pub const PREVIEW_OVER: u64 = 128 << 20;

/// Bytes of all inputs that a preview of the newest part is made of: what is decoded and folded in a tenth of a second.
pub const PREVIEW_BYTES: usize = 12 << 20;

/// Least bytes of one input in it.
pub const PREVIEW_LEAST: usize = 512 << 10;

/// Texts a decoding thread keeps before it begins anew: bounds its memory where every record has texts of its own.
pub const WORKER_TEXTS: usize = 1 << 16;

/// Commands of the screen that may wait.
pub const COMMANDS: usize = 64;

/// Pieces of standard input that may wait; the reader stops reading when they do.
pub const STDIN_PIECES: usize = 16;

/// Bytes of all listeners decoded in one look.
pub const LISTENED_AT_ONCE: usize = 8 << 20;

/// Bytes of each listener kept so that raw records can be shown; older ones are forgotten.
pub const LISTENED_KEPT: usize = 64 << 20;

/// Bytes of standard input kept so that raw records can be shown; older ones are forgotten.
pub const STDIN_KEPT: usize = 256 << 20;

/// How often every followed input is looked at, whether the system told of writing or not.
pub const SWEEP: Duration = Duration::from_secs(1);

/// How often an input is looked at of whose growth the system does not tell, while it grows.
pub const POLL: Duration = Duration::from_millis(50);

/// And while it does not grow.
pub const POLL_QUIET: Duration = Duration::from_millis(250);

/// After a look that found something the next one waits so long: what is written record by record comes in handfuls.
pub const GATHER: Duration = Duration::from_millis(4);

/// Least time between two looks at the arguments for files that appeared.
pub const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// Followed files that are held open; the others are opened when they are looked at.
pub const FILES_OPEN: usize = 256;

/// Least time between two snapshots while events come.
pub const SNAPSHOT: Duration = Duration::from_millis(16);

/// How often a snapshot is published when nothing happens: the clock of live data goes on.
pub const TICK: Duration = Duration::from_secs(1);

/// Least time between two snapshots while recorded inputs are folded.
pub const SNAPSHOT_LOADING: Duration = Duration::from_millis(150);

/// An event this much older than the newest one is late: it is stored and drawn, and counted as late.
pub const REORDER: Span = Span::seconds(5);

/// The wall clock is the clock of the data only while the newest event is not older than this.
pub const LIVE_LAG: Span = Span::minutes(30);

/// What a replay leaves of a quiet stretch before the next event, in wall time.
pub const QUIET_REST: Duration = Duration::from_millis(300);

/// Most events a replay applies between two looks at the keys.
pub const REPLAY_STEP: usize = 20_000;

/// Rows a projection tests between two looks at newer requests.
pub const PROJECTION_STEP: usize = 50_000;

/// Bytes of a text input looked at to tell its times, and whether it is a logon source at all.
pub const PROBE_BYTES: usize = 64 << 10;

/// How often it is looked how much memory the program uses.
pub const WEIGH: Duration = Duration::from_secs(2);

/// How often watched folders are looked at for what they got; more seldom where listing them takes long.
pub const FOLDERS: Duration = Duration::from_secs(1);

/// An archive that appeared is read when nothing was written to it for so long.
pub const ARCHIVE_RESTS: Duration = Duration::from_secs(2);

/// An archive whose end is missing is taken for cut when nothing was written to it for so long.
pub const ARCHIVE_CUT: Duration = Duration::from_secs(30);

/// How often what is new is handed over to the history.
pub const HAND_OVER: Duration = Duration::from_millis(500);

/// Rows that the history takes in as one transaction.
pub const HISTORY_ROWS: usize = 50_000;

/// Rows beyond the limit of memory that may wait for the history, and as many as may stay where that is more; then reading
/// waits for it.
pub const ROWS_AWAITING_HISTORY: usize = 4 * HISTORY_ROWS;

/// Older events that are read from the history at once, for a list on screen.
pub const OLDER_AT_ONCE: usize = 500;

/// And at most.
pub const OLDER_MOST: usize = 2_000;

/// Events that are looked at for them where a filter leaves few.
pub const OLDER_LOOKED_AT: usize = 100_000;

/// How long reading waits for the history before keys are looked at.
pub const HISTORY_STEP: Duration = Duration::from_millis(50);

/// How long the history waits for a hand-over before it looks round.
pub const HISTORY_REST: Duration = Duration::from_secs(60);

/// Hand-overs between two looks for what is too old for the history.
pub const PRUNE_EVERY: usize = 2_048;

/// A wait for the history that nobody needs to be told of.
pub const HISTORY_NOTICED: Duration = Duration::from_millis(400);

/// How long the end of the program waits for the history.
pub const HISTORY_WAIT: Duration = Duration::from_secs(5);

/// Rows kept where a report needs counts only.
pub const RECENT_ROWS: usize = 4_096;
