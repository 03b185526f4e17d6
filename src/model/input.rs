//! What is known about an input: what it is, how far it was read, what could not be read.

use super::log::{CLEARS_KEPT, Clear, LogStatus};
use crate::base::intern::Symbol;
use crate::base::time::Timestamp;
use crate::model::fields::Unreadable;
use crate::model::ids::InputId;
use std::ops::{Deref, DerefMut};
use std::path::PathBuf;
use std::sync::Arc;

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

/// Most places of one kind kept with their reason for one input; all are counted.
pub const REASONS_KEPT: usize = 100;

/// What is wrong at a place of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PlaceKind {
    /// It could not be read.
    Unreadable,
    /// It was read with care: a checksum says that it is not what was written.
    Checksum,
    /// The log itself says that records were lost before they were written.
    Dropped,
    /// A readable record of no known shape.
    Unknown,
}

impl PlaceKind {
    pub const ALL: [Self; 4] = [Self::Unreadable, Self::Checksum, Self::Dropped, Self::Unknown];

    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Checksum => "checksum",
            Self::Dropped => "dropped",
            Self::Unknown => "unknown",
        }
    }
}

/// A place of an input and what is wrong there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub kind: PlaceKind,
    pub at: Unreadable,
}

/// The first `REASONS_KEPT` places of each kind, by place in the input: the same ones in whatever order they are met.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    places: Vec<Place>,
}

impl Places {
    pub fn add(&mut self, kind: PlaceKind, at: Unreadable) {
        let key = |place: &Place| (place.kind, place.at.offset, place.at.line, place.at.record);
        let place = Place { kind, at };
        let at = self.places.partition_point(|known| key(known) <= key(&place));
        let end = self.places.partition_point(|known| known.kind <= kind);
        let begin = self.places.partition_point(|known| known.kind < kind);
        if end - begin < REASONS_KEPT {
            self.places.insert(at, place);
        } else if at < end {
            self.places.insert(at, place);
            self.places.remove(end);
        }
    }
    fn move_lines(&mut self, by: u32) {
        for place in &mut self.places {
            place.at.line = place.at.line.saturating_add(by);
        }
    }
    /// By kind, then place.
    #[must_use]
    pub fn all(&self) -> &[Place] {
        &self.places
    }
    pub fn of(&self, kind: PlaceKind) -> impl Iterator<Item = &Unreadable> {
        self.places.iter().filter(move |place| place.kind == kind).map(|place| &place.at)
    }
}

/// What was counted in one piece of an input, or in all of it.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Records read, whatever they say.
    pub records: u64,
    /// Records that became events of the timeline.
    pub events: u64,
    /// Records of a known shape that are no logon records.
    pub other: u64,
    pub unreadable: u64,
    /// Readable records that no shape knows.
    pub unknown: u64,
    pub recovered_in_slack: u64,
    /// Records whose time is local without a zone and was taken as UTC.
    pub assumed_utc: u64,
    /// Chunks whose checksum does not fit; their records were read with care.
    pub checksum_mismatches: u64,
    /// Records that the log or its sender says were lost: at least so many.
    pub dropped: u64,
    /// Events that came after the reorder window; they are stored and drawn.
    pub late: u64,
    /// Records that were there before: an overlapping archive, a second collector.
    pub duplicates: u64,
    pub clears: u64,
    /// Records by shape, as `(shape, count)`, most first.
    pub shapes: Vec<(&'static str, u64)>,
    /// Oldest and newest time of an event.
    pub first: Option<Timestamp>,
    pub last: Option<Timestamp>,
    /// By computer and channel, in the order in which they were met.
    pub logs: Arc<Vec<LogStatus>>,
    pub places: Arc<Places>,
    /// The oldest `CLEARS_KEPT` log clears.
    pub clear_list: Vec<Clear>,
}

impl Tally {
    pub fn place(&mut self, kind: PlaceKind, at: Unreadable) {
        match kind {
            PlaceKind::Unreadable => self.unreadable += 1,
            PlaceKind::Checksum => self.checksum_mismatches += 1,
            PlaceKind::Dropped => self.dropped += 1,
            PlaceKind::Unknown => self.unknown += 1,
        }
        Arc::make_mut(&mut self.places).add(kind, at);
    }
    pub fn clear(&mut self, clear: Clear) {
        self.clears += 1;
        self.clear_list.push(clear);
        self.clear_list.sort_by_key(|clear| (clear.at, clear.offset, clear.record));
        self.clear_list.truncate(CLEARS_KEPT);
    }
    pub fn event_at(&mut self, at: Timestamp) {
        self.events += 1;
        self.first = Some(self.first.map_or(at, |first| first.min(at)));
        self.last = self.last.max(Some(at));
    }
    /// Counts events that came late or were there before, and of which of `logs` they are, if that is known.
    pub fn repeats(&mut self, late: u64, duplicates: u64, log: Option<usize>) {
        self.late += late;
        self.duplicates += duplicates;
        if let Some(log) = log.and_then(|log| Arc::make_mut(&mut self.logs).get_mut(log)) {
            log.late += late;
            log.duplicates += duplicates;
        }
    }
    /// The piece begins `by` lines further down in its input.
    pub fn move_lines(&mut self, by: u32) {
        if by > 0 && !self.places.all().is_empty() {
            Arc::make_mut(&mut self.places).move_lines(by);
        }
        for clear in &mut self.clear_list {
            clear.line = clear.line.saturating_add(by);
        }
    }
    /// Adds the numbers and the times alone.
    pub fn add_counts(&mut self, other: &Self) {
        self.records += other.records;
        self.events += other.events;
        self.other += other.other;
        self.unreadable += other.unreadable;
        self.unknown += other.unknown;
        self.recovered_in_slack += other.recovered_in_slack;
        self.assumed_utc += other.assumed_utc;
        self.checksum_mismatches += other.checksum_mismatches;
        self.dropped += other.dropped;
        self.late += other.late;
        self.duplicates += other.duplicates;
        self.clears += other.clears;
        self.first = [self.first, other.first].into_iter().flatten().min();
        self.last = self.last.max(other.last);
    }
    /// Adds what another piece counted; its symbols become those of this tally by `translate`.
    pub fn merge(&mut self, other: &Self, mut translate: impl FnMut(Symbol) -> Symbol) {
        self.add_counts(other);
        for (shape, count) in &other.shapes {
            match self.shapes.iter_mut().find(|(known, _)| known == shape) {
                Some((_, sum)) => *sum += count,
                None => self.shapes.push((shape, *count)),
            }
        }
        self.shapes.sort_by(|(a_name, a), (b_name, b)| b.cmp(a).then(a_name.cmp(b_name)));
        if !other.logs.is_empty() {
            let logs = Arc::make_mut(&mut self.logs);
            for log in other.logs.iter() {
                let (computer, channel) = (translate(log.computer), translate(log.channel));
                match logs.iter_mut().find(|known| (known.computer, known.channel) == (computer, channel)) {
                    Some(known) => known.merge(log),
                    None => {
                        let mut log = log.clone();
                        (log.computer, log.channel) = (computer, channel);
                        logs.push(log);
                    }
                }
            }
        }
        if !other.places.all().is_empty() {
            let places = Arc::make_mut(&mut self.places);
            other.places.all().iter().for_each(|place| places.add(place.kind, place.at.clone()));
        }
        self.clears -= other.clear_list.len() as u64;
        for clear in &other.clear_list {
            let [computer, channel, user, domain] = [clear.computer, clear.channel, clear.user, clear.domain].map(&mut translate);
            self.clear(Clear { computer, channel, user, domain, ..*clear });
        }
    }
    /// Records older than the one before them in the same log.
    #[must_use]
    pub fn out_of_order(&self) -> u64 {
        self.logs.iter().map(LogStatus::out_of_order).sum()
    }
}

/// One input and how its reading goes; what was counted in it is its tally.
#[derive(Clone, Debug, Default)]
pub struct InputStatus {
    pub id: InputId,
    /// The path as given or found; `-` for standard input.
    pub path: PathBuf,
    pub format: Format,
    pub state: InputState,
    pub bytes: u64,
    pub bytes_read: u64,
    pub tally: Tally,
    /// Who sends, of a listener, in words.
    pub senders: Option<String>,
    /// Bytes that came and wait to be taken in.
    pub spooled: u64,
    pub problem: Option<String>,
}

impl Deref for InputStatus {
    type Target = Tally;
    fn deref(&self) -> &Tally {
        &self.tally
    }
}

impl DerefMut for InputStatus {
    fn deref_mut(&mut self) -> &mut Tally {
        &mut self.tally
    }
}

impl InputStatus {
    /// The file name, for narrow places.
    #[must_use]
    pub fn name(&self) -> String {
        self.path.file_name().map_or_else(|| self.path.display().to_string(), |name| name.to_string_lossy().into_owned())
    }
}
