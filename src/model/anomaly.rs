//! Anomalies: what is odd, and why.

use crate::base::time::Timestamp;
use crate::model::event::{EventKind, SignInCategory};
use crate::model::ids::{AccountId, EventId, HostId, IncidentId, SessionId, SourceId};
use crate::model::logon_type::LogonType;

/// How much an anomaly matters. Points: 1, 5, 20, 50, 90 (reference: conventions).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    Info,
    Low,
    Medium,
    High,
    Critical,
}

impl Severity {
    pub const ALL: [Self; 5] = [Self::Info, Self::Low, Self::Medium, Self::High, Self::Critical];

    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
    /// The letter that stands for it where there is no room and no colour.
    #[must_use]
    pub const fn letter(self) -> char {
        match self {
            Self::Info => 'i',
            Self::Low => 'L',
            Self::Medium => 'M',
            Self::High => 'H',
            Self::Critical => 'C',
        }
    }
    #[must_use]
    pub const fn points(self) -> u8 {
        match self {
            Self::Info => 1,
            Self::Low => 5,
            Self::Medium => 20,
            Self::High => 50,
            Self::Critical => 90,
        }
    }
    /// One step up; critical stays.
    #[must_use]
    pub const fn raised(self) -> Self {
        match self {
            Self::Info => Self::Low,
            Self::Low => Self::Medium,
            Self::Medium => Self::High,
            Self::High | Self::Critical => Self::Critical,
        }
    }
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| {
            severity.word().eq_ignore_ascii_case(word) || (word.len() > 1 && severity.word().starts_with(&word.to_ascii_lowercase()))
        })
    }
}

/// A sort of records that a detection cannot work without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Needed {
    Records(EventKind),
    /// 4624 of this type.
    Logons(LogonType),
    SignIns(SignInCategory),
}

/// A detection as the catalogue describes it; one constant for each.
#[derive(Debug, PartialEq, Eq)]
pub struct Detection {
    /// `fail-burst-then-success`
    pub id: &'static str,
    /// One line in plain words.
    pub title: &'static str,
    pub severity: Severity,
    /// ATT&CK technique ids, most fitting first.
    pub attack: &'static [&'static str],
    /// Which records it needs, in words.
    pub needs: &'static str,
    /// The same for the program: it works where all of one of these lists is audited. Where none is, it says "no data".
    pub requires: &'static [&'static [Needed]],
    /// What an analyst checks next.
    pub check: &'static str,
}

/// One term of a score.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScorePart {
    pub points: u8,
    pub reason: String,
}

/// Evidence records kept for one anomaly; all are counted.
pub const EVIDENCE_KEPT: usize = 64;

/// One finding with its evidence.
#[derive(Clone, Debug)]
pub struct Anomaly {
    pub detection: &'static Detection,
    pub severity: Severity,
    /// 0 to 100.
    pub score: u8,
    /// The sum that makes the score.
    pub score_parts: Vec<ScorePart>,
    /// First evidence.
    pub at: Timestamp,
    /// Last evidence.
    pub end: Timestamp,
    /// When it was raised: the time of the event that completed it.
    pub raised_at: Timestamp,
    /// The accounts concerned, most important first.
    pub accounts: Vec<AccountId>,
    pub hosts: Vec<HostId>,
    pub sources: Vec<SourceId>,
    pub sessions: Vec<SessionId>,
    /// The records that show it, oldest first, at most `EVIDENCE_KEPT`.
    pub records: Vec<EventId>,
    /// All records that count towards it.
    pub count: u32,
    /// One plain sentence with the numbers. Names in it are cleaned.
    pub why: String,
    /// What it is part of, as it was linked first; `Tables::incident` follows.
    pub incident: IncidentId,
}
