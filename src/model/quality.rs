//! How well a fact is known: a record states it, it was concluded from something else, or nothing tells it.
//!
//! Starts, ends, sources and links each have one. Screens and reports mark everything that is not exact, with what it
//! was concluded from.

use super::lane::Lane;
use super::logon_type::LogonType;
use super::session::{Session, SessionEnd};
use super::source::Source;
use super::visit::{Visit, VisitKind};
use crate::base::intern::Symbol;

/// How well one fact is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quality {
    /// A record states it.
    Exact,
    /// It was concluded.
    Inferred(Basis),
    /// No record tells it.
    #[default]
    Missing,
}

/// What a fact was concluded from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Basis {
    /// The next boot of the host: an end is no later than this.
    Boot,
    /// The shutdown of the host: an end is no later than this.
    Shutdown,
    /// The next logon with the same `LogonId`: an end is no later than this.
    Reuse,
    /// The first record that names it: a start is no later than this.
    FirstRecord,
    /// The last record that names it: an end is no earlier than this.
    LastRecord,
    /// Terminal Services, Winlogon or the profile service tell of the desktop, not of the logon.
    Desktop,
    /// Logon types 0, 2, 4, 5, 9 and 11 begin on the host itself.
    LogonType,
    /// The name that the client claimed (`WorkstationName`), where no address was written.
    Workstation,
    /// The Terminal Services session number, which is given anew after a logoff.
    SessionNumber,
    /// `LogonId`s that follow each other: the two halves of a UAC pair where 4624 has no `TargetLinkedLogonId`.
    ConsecutiveIds,
    /// The same account within seconds.
    Nearness,
    /// The same account and address within seconds.
    Address,
    /// The same account within seconds, in a record that names the host (`ServiceName` of 4769, `SChannelName` of 8004).
    Service,
    /// The name of the host or account only, without an identifier.
    Name,
    /// Entra without a `sessionId`: the same user and device.
    Device,
    /// Entra without a `sessionId`: the same user, address and client.
    Place,
    /// A primary refresh token of a managed device: it comes of a logon to Windows there.
    RefreshToken,
}

impl Basis {
    pub const ALL: [Self; 17] = [
        Self::Boot,
        Self::Shutdown,
        Self::Reuse,
        Self::FirstRecord,
        Self::LastRecord,
        Self::Desktop,
        Self::LogonType,
        Self::Workstation,
        Self::SessionNumber,
        Self::ConsecutiveIds,
        Self::Nearness,
        Self::Address,
        Self::Service,
        Self::Name,
        Self::Device,
        Self::Place,
        Self::RefreshToken,
    ];
}

impl Quality {
    /// The word in exports: `exact`, `missing`, or `inferred:` and by what.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Missing => "missing",
            Self::Inferred(Basis::Boot) => "inferred:boot",
            Self::Inferred(Basis::Shutdown) => "inferred:shutdown",
            Self::Inferred(Basis::Reuse) => "inferred:reuse",
            Self::Inferred(Basis::FirstRecord) => "inferred:first_record",
            Self::Inferred(Basis::LastRecord) => "inferred:last_record",
            Self::Inferred(Basis::Desktop) => "inferred:desktop",
            Self::Inferred(Basis::LogonType) => "inferred:logon_type",
            Self::Inferred(Basis::Workstation) => "inferred:workstation",
            Self::Inferred(Basis::SessionNumber) => "inferred:session_number",
            Self::Inferred(Basis::ConsecutiveIds) => "inferred:consecutive_ids",
            Self::Inferred(Basis::Nearness) => "inferred:nearness",
            Self::Inferred(Basis::Address) => "inferred:address",
            Self::Inferred(Basis::Service) => "inferred:service",
            Self::Inferred(Basis::Name) => "inferred:name",
            Self::Inferred(Basis::Device) => "inferred:device",
            Self::Inferred(Basis::Place) => "inferred:place",
            Self::Inferred(Basis::RefreshToken) => "inferred:refresh_token",
        }
    }
    /// A few words for people, to stand behind the fact; empty where a record states it.
    #[must_use]
    pub const fn note(self) -> &'static str {
        match self {
            Self::Exact => "",
            Self::Missing => "no record tells it",
            Self::Inferred(Basis::Boot) => "inferred: by then the host restarted",
            Self::Inferred(Basis::Shutdown) => "inferred: then the host was shut down",
            Self::Inferred(Basis::Reuse) => "inferred: by then its LogonId was given to another logon",
            Self::Inferred(Basis::FirstRecord) => "inferred: the first record of it, it may be older",
            Self::Inferred(Basis::LastRecord) => "inferred: the last record of it, it may be longer",
            Self::Inferred(Basis::Desktop) => "inferred from the records of its desktop",
            Self::Inferred(Basis::LogonType) => "inferred: such a logon begins on the host itself",
            Self::Inferred(Basis::Workstation) => "inferred: the name that the client claimed",
            Self::Inferred(Basis::SessionNumber) => "inferred from the session number",
            Self::Inferred(Basis::ConsecutiveIds) => "inferred: two logons at once with LogonIds that follow each other",
            Self::Inferred(Basis::Nearness) => "inferred: the same account within seconds",
            Self::Inferred(Basis::Address) => "inferred: the same account and address within seconds",
            Self::Inferred(Basis::Service) => "inferred: the same account within seconds, and it names this host",
            Self::Inferred(Basis::Name) => "inferred from the name only",
            Self::Inferred(Basis::Device) => "inferred: same user and device, no sessionId",
            Self::Inferred(Basis::Place) => "inferred: same user, address and client, no sessionId",
            Self::Inferred(Basis::RefreshToken) => "inferred from the primary refresh token of a managed device",
        }
    }
    #[must_use]
    pub const fn is_inferred(self) -> bool {
        matches!(self, Self::Inferred(_))
    }
}

impl SessionEnd {
    #[must_use]
    pub const fn quality(self) -> Quality {
        match self {
            Self::Open => Quality::Missing,
            Self::Logoff | Self::UserLogoff => Quality::Exact,
            Self::Boot | Self::Unclean => Quality::Inferred(Basis::Boot),
            Self::Reused => Quality::Inferred(Basis::Reuse),
            Self::Desktop => Quality::Inferred(Basis::Desktop),
            Self::Shutdown => Quality::Inferred(Basis::Shutdown),
        }
    }
}

impl Session {
    /// A silent sign-in uses what an earlier one was given: when that was, it does not say.
    #[must_use]
    pub const fn start_quality(&self) -> Quality {
        match self.lane {
            Lane::EntraNonInteractive => Quality::Inferred(Basis::FirstRecord),
            _ => Quality::Exact,
        }
    }
    /// `source` is the row of `self.source`.
    #[must_use]
    pub fn source_quality(&self, source: Option<&Source>) -> Quality {
        of_source(source, self.workstation, self.logon_type)
    }
}

impl Visit {
    /// Of a run whose last logoff was not seen only its newest record is known.
    #[must_use]
    pub const fn end_quality(&self) -> Quality {
        match self.kind {
            VisitKind::Run if self.end_reason.is_inferred() => Quality::Inferred(Basis::LastRecord),
            _ => self.end_reason.quality(),
        }
    }
    /// `source` is the row of `self.source`.
    #[must_use]
    pub fn source_quality(&self, source: Option<&Source>) -> Quality {
        of_source(source, self.workstation, self.logon_type)
    }
}

fn of_source(source: Option<&Source>, workstation: Symbol, logon_type: LogonType) -> Quality {
    match source {
        Some(source) if source.address.is_some() => Quality::Exact,
        Some(_) if workstation.is_some() => Quality::Inferred(Basis::Workstation),
        // A text that is no address stood in its place.
        Some(_) => Quality::Inferred(Basis::Name),
        None if is_local(logon_type) => Quality::Inferred(Basis::LogonType),
        None => Quality::Missing,
    }
}

const fn is_local(logon_type: LogonType) -> bool {
    matches!(
        logon_type,
        LogonType::System
            | LogonType::Interactive
            | LogonType::Batch
            | LogonType::Service
            | LogonType::NewCredentials
            | LogonType::CachedInteractive
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_quality_has_a_word_of_its_own_and_only_exact_needs_no_note() {
        let all: Vec<Quality> = Basis::ALL.map(Quality::Inferred).into_iter().chain([Quality::Exact, Quality::Missing]).collect();
        let words: std::collections::BTreeSet<_> = all.iter().map(|quality| quality.word()).collect();
        assert_eq!(words.len(), all.len());
        for quality in all {
            assert_eq!(quality.note().is_empty(), quality == Quality::Exact);
            assert_eq!(quality.word().starts_with("inferred:"), quality.is_inferred());
        }
    }

    #[test]
    fn only_a_logoff_makes_an_end_exact() {
        let word = |end: SessionEnd| end.quality().word();
        assert_eq!(
            SessionEnd::ALL.map(word),
            ["missing", "exact", "exact", "inferred:boot", "inferred:reuse", "inferred:desktop", "inferred:shutdown", "inferred:boot"]
        );
    }
}
