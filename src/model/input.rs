//! What is known about an input: what it is, how far it was read, what could not be read.

use crate::base::intern::Symbol;
use crate::base::time::Timestamp;
use crate::model::fields::Unreadable;
use crate::model::ids::InputId;
use std::path::PathBuf;

/// How the bytes of an input are laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    Evtx,
    /// JSON, XML or CSV in lines or in one piece.
    Text,
    /// Not looked at yet.
    #[default]
    Unknown,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InputState {
    #[default]
    Waiting,
    Reading,
    /// Read to its end; nothing more is expected.
    Done,
    /// Read to its end and watched for growth.
    Following,
    /// Cannot be read; the reason is in `problem`.
    Failed,
}

impl InputState {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Reading => "reading",
            Self::Done => "read",
            Self::Following => "live",
            Self::Failed => "failed",
        }
    }
}

/// What was read of one log: the records of one computer and channel in the order of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogStretch {
    pub computer: Symbol,
    pub channel: Symbol,
    /// Times of the first and the last record as they stand, which need not be the oldest and the newest.
    pub begins_at: Timestamp,
    pub ends_at: Timestamp,
    /// Records older than the one before them.
    pub out_of_order: u64,
}

/// Most unreadable places kept with their reason for one input; all are counted.
pub const REASONS_KEPT: usize = 100;

/// One input and how its reading goes.
#[derive(Clone, Debug, Default)]
pub struct InputStatus {
    pub id: InputId,
    /// The path as given or found; `-` for standard input.
    pub path: PathBuf,
    pub format: Format,
    pub state: InputState,
    /// Records by shape, as `(shape, count)`, most first.
    pub shapes: Vec<(&'static str, u64)>,
    pub bytes: u64,
    pub bytes_read: u64,
    /// Records read, whatever they say.
    pub records: u64,
    /// Records that became events of the timeline.
    pub events: u64,
    /// Records of a known shape that are no logon records.
    pub other: u64,
    pub unreadable: u64,
    /// The first `REASONS_KEPT` unreadable places.
    pub reasons: Vec<Unreadable>,
    /// Readable records that no shape knows.
    pub unknown: u64,
    pub recovered_in_slack: u64,
    /// Records older than the one before them in the same log.
    pub out_of_order: u64,
    pub logs: Vec<LogStretch>,
    pub first: Option<Timestamp>,
    pub last: Option<Timestamp>,
    pub problem: Option<String>,
}

impl InputStatus {
    /// Adds the next stretch of a log: its first record follows the last one read of the same log.
    pub fn join_log(&mut self, stretch: LogStretch) {
        self.out_of_order += stretch.out_of_order;
        match self.logs.iter_mut().find(|log| (log.computer, log.channel) == (stretch.computer, stretch.channel)) {
            Some(log) => {
                let steps_back = u64::from(stretch.begins_at < log.ends_at);
                log.ends_at = stretch.ends_at;
                log.out_of_order += stretch.out_of_order + steps_back;
                self.out_of_order += steps_back;
            }
            None => self.logs.push(stretch),
        }
    }
    /// The file name, for narrow places.
    #[must_use]
    pub fn name(&self) -> String {
        self.path.file_name().map_or_else(|| self.path.display().to_string(), |name| name.to_string_lossy().into_owned())
    }
}
