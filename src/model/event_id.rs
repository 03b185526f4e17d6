//! Which Windows records belong to the logon log, what they are and what people call them.
//!
//! The list is data: `assets/tables/event_ids.csv` (channel, provider, id, kind, title). Channel, provider and id decide
//! together: id 1 of System is also FilterManager's, 104 stands in three logs. It lives with the nouns because decoders
//! leave a record as soon as this list does not know its id.

use crate::base::table;
use crate::model::event::EventKind;
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

const LIST: &str = include_str!("../../assets/tables/event_ids.csv");

/// Lines of the list at most.
pub const KNOWN_LINES: usize = {
    let (text, mut lines, mut place) = (LIST.as_bytes(), 1, 0);
    while place < text.len() {
        #[allow(clippy::indexing_slicing)] // No iterator in a constant; `place` is below the length.
        if text[place] == b'\n' {
            lines += 1;
        }
        place += 1;
    }
    lines
};

/// A log in the list, from 1; 0 for none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogNumber(u8);

/// A line of the list, from 1, with its log; 0 for events that do not stand in it (sign-ins).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KnownId {
    line: u8,
    log: LogNumber,
}

impl KnownId {
    #[must_use]
    pub const fn is_some(self) -> bool {
        self.line > 0
    }
    #[must_use]
    pub const fn index(self) -> usize {
        self.line as usize
    }
    #[must_use]
    pub const fn log(self) -> LogNumber {
        self.log
    }
}

/// One line of the list.
#[derive(Debug)]
pub struct KnownEvent {
    pub known: KnownId,
    /// Canonical spelling; logs also write it in lower case.
    pub channel: &'static str,
    /// `None` for every record of the channel that has no line of its own.
    pub id: Option<u32>,
    /// Providers that may write it; empty when the channel is enough. One ending in `*` matches by its beginning.
    providers: Vec<&'static str>,
    pub kind: EventKind,
    /// A few plain words, lower case but for names.
    pub title: &'static str,
}

impl KnownEvent {
    /// The provider that usually writes it; empty where the list names none.
    #[must_use]
    pub fn provider(&self) -> &'static str {
        self.providers.first().copied().unwrap_or_default()
    }
    fn is_written_by(&self, provider: &str) -> bool {
        self.providers.is_empty()
            || provider.is_empty()
            || self.providers.iter().any(|known| match known.strip_suffix('*') {
                Some(start) => provider.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start)),
                None => known.eq_ignore_ascii_case(provider) || is_display_name(provider, known),
            })
    }
}

/// `Microsoft Windows security auditing.` is how Windows shows `Microsoft-Windows-Security-Auditing` to people.
fn is_display_name(shown: &str, name: &str) -> bool {
    let shown = shown.trim_end_matches('.');
    shown.len() == name.len()
        && shown.bytes().zip(name.bytes()).all(|(one, other)| one.eq_ignore_ascii_case(&other) || (one == b' ' && other == b'-'))
}

#[derive(Default)]
struct Known {
    by_id: FxHashMap<u32, Vec<KnownEvent>>,
    /// Channels of which every record counts.
    whole: Vec<KnownEvent>,
    /// By `LogNumber`, from 1.
    channels: Vec<&'static str>,
}

impl Known {
    fn log(&mut self, channel: &'static str) -> LogNumber {
        let place = self.channels.iter().position(|known| *known == channel).unwrap_or_else(|| {
            self.channels.push(channel);
            self.channels.len() - 1
        });
        LogNumber(u8::try_from(place + 1).unwrap_or(0))
    }
    fn lines(&self) -> impl Iterator<Item = &KnownEvent> {
        self.by_id.values().flatten().chain(&self.whole)
    }
}

static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    let mut known = Known::default();
    for (place, row) in table::rows(LIST).enumerate() {
        let [channel, providers, id, kind, title] = row.as_slice() else { continue };
        let providers = providers.split('|').filter(|provider| !provider.is_empty()).collect();
        let id = id.parse().ok();
        let line = KnownId { line: u8::try_from(place + 1).unwrap_or(0), log: known.log(channel) };
        let event = KnownEvent { known: line, channel, id, providers, kind: kind_of(kind), title };
        match id {
            Some(id) => known.by_id.entry(id).or_default().push(event),
            None => known.whole.push(event),
        }
    }
    known
});

fn kind_of(word: &str) -> EventKind {
    match word {
        "Logon" => EventKind::Logon,
        "LogonFailed" => EventKind::LogonFailed,
        "Logoff" => EventKind::Logoff,
        "UserLogoff" => EventKind::UserLogoff,
        "ExplicitCredentials" => EventKind::ExplicitCredentials,
        "SpecialPrivileges" => EventKind::SpecialPrivileges,
        "TicketGranting" => EventKind::TicketGranting,
        "ServiceTicket" => EventKind::ServiceTicket,
        "TicketRenewed" => EventKind::TicketRenewed,
        "PreAuthFailed" => EventKind::PreAuthFailed,
        "CredentialValidation" => EventKind::CredentialValidation,
        "NtlmPassedOn" => EventKind::NtlmPassedOn,
        "SessionReconnected" => EventKind::SessionReconnected,
        "SessionDisconnected" => EventKind::SessionDisconnected,
        "Locked" => EventKind::Locked,
        "Unlocked" => EventKind::Unlocked,
        "Boot" => EventKind::Boot,
        "EventLogStarted" => EventKind::EventLogStarted,
        "Shutdown" => EventKind::Shutdown,
        "AccountCreated" => EventKind::AccountCreated,
        "AccountEnabled" => EventKind::AccountEnabled,
        "AccountDisabled" => EventKind::AccountDisabled,
        "AccountDeleted" => EventKind::AccountDeleted,
        "PasswordSet" => EventKind::PasswordSet,
        "GroupJoined" => EventKind::GroupJoined,
        "SpecialGroups" => EventKind::SpecialGroups,
        "RemoteShell" => EventKind::RemoteShell,
        "HostRenamed" => EventKind::HostRenamed,
        "AccountRenamed" => EventKind::AccountRenamed,
        "LockedOut" => EventKind::LockedOut,
        "LogCleared" => EventKind::LogCleared,
        "AuditPolicyChanged" => EventKind::AuditPolicyChanged,
        "RdpSessionLogon" => EventKind::RdpSessionLogon,
        "RdpShellStarted" => EventKind::RdpShellStarted,
        "RdpSessionLogoff" => EventKind::RdpSessionLogoff,
        "RdpSessionDisconnected" => EventKind::RdpSessionDisconnected,
        "RdpSessionReconnected" => EventKind::RdpSessionReconnected,
        "RdpAuthenticated" => EventKind::RdpAuthenticated,
        "ScreenSaverOn" => EventKind::ScreenSaverOn,
        "ScreenSaverOff" => EventKind::ScreenSaverOff,
        "UncleanRestart" => EventKind::UncleanRestart,
        "RdpArbitration" => EventKind::RdpArbitration,
        "RdpSessionReplaced" => EventKind::RdpSessionReplaced,
        "RdpConnection" => EventKind::RdpConnection,
        "DesktopLogon" => EventKind::DesktopLogon,
        "DesktopLogoff" => EventKind::DesktopLogoff,
        "ProfileUnloaded" => EventKind::ProfileUnloaded,
        "GatewayConnected" => EventKind::GatewayConnected,
        "GatewayDisconnected" => EventKind::GatewayDisconnected,
        "RdpRefused" => EventKind::RdpRefused,
        _ => EventKind::Other,
    }
}

/// The line for a record; `None` when it is no logon record.
///
/// Shapes that leave the provider out give an empty one: then the channel decides. Without a channel the provider does.
#[must_use]
pub fn find(channel: &str, provider: &str, id: u32) -> Option<&'static KnownEvent> {
    let known = &*KNOWN;
    let fits = |event: &&KnownEvent| {
        if channel.is_empty() {
            !provider.is_empty() && !event.providers.is_empty() && event.is_written_by(provider)
        } else {
            event.channel.eq_ignore_ascii_case(channel) && event.is_written_by(provider)
        }
    };
    known.by_id.get(&id).and_then(|events| events.iter().find(fits)).or_else(|| known.whole.iter().find(fits))
}

/// The line of an id, where the log is not known: that of Security where several logs have it.
#[must_use]
pub fn by_id(id: u32) -> Option<&'static KnownEvent> {
    let lines = KNOWN.by_id.get(&id)?;
    lines.iter().find(|event| event.channel == "Security").or_else(|| lines.first())
}

/// The line; `None` for events that do not stand in the list.
#[must_use]
pub fn line(known: KnownId) -> Option<&'static KnownEvent> {
    KNOWN.lines().find(|event| event.known == known)
}

/// Log and id of the records of a kind, in order; without those of before Vista, which have three digits in Security.
pub fn of_kind(kind: EventKind) -> impl Iterator<Item = (&'static str, u32)> {
    let mut found: Vec<(LogNumber, u32, &'static str)> = Vec::new();
    found.extend(KNOWN.lines().filter(|event| event.kind == kind).filter_map(|event| Some((event.known.log, event.id?, event.channel))));
    found.retain(|(_, id, channel)| *id >= 1_000 || *channel != "Security");
    found.sort_unstable();
    found.into_iter().map(|(_, id, channel)| (channel, id))
}

/// The lines of a log.
pub fn lines_of(channel: &str) -> impl Iterator<Item = KnownId> {
    KNOWN.lines().filter(move |event| event.channel.eq_ignore_ascii_case(channel)).map(|event| event.known)
}

/// The name of a log; empty for none.
#[must_use]
pub fn channel(log: LogNumber) -> &'static str {
    usize::from(log.0).checked_sub(1).and_then(|place| KNOWN.channels.get(place)).copied().unwrap_or_default()
}

/// What people call the record, `special privileges assigned`; empty for an id that is not in the list.
#[must_use]
pub fn title(channel: &str, id: u32) -> &'static str {
    find(channel, "", id).map_or("", |event| event.title)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(channel: &str, provider: &str, id: u32) -> Option<EventKind> {
        find(channel, provider, id).map(|event| event.kind)
    }

    #[test]
    fn channel_provider_and_id_decide_together() {
        assert_eq!(kind("security", "Microsoft-Windows-Security-Auditing", 4624), Some(EventKind::Logon));
        assert_eq!(kind("Security", "Microsoft Windows security auditing.", 4624), Some(EventKind::Logon));
        assert_eq!(kind("Security", "", 4672), Some(EventKind::SpecialPrivileges));
        assert_eq!(kind("", "Microsoft-Windows-Security-Auditing", 4634), Some(EventKind::Logoff));
        assert_eq!(kind("System", "Microsoft-Windows-Kernel-General", 12), Some(EventKind::Boot));
        assert_eq!(kind("System", "Microsoft-Windows-Wininit", 12), None);
        assert_eq!(kind("System", "Microsoft-Windows-FilterManager", 1), None);
        assert_eq!(kind("System", "Service Control Manager", 7001), None);
        assert_eq!(kind("Security", "Microsoft-Windows-Security-Auditing", 4688), None);
        assert_eq!(kind("Application", "MSSQL$PAYROLL", 18_456), Some(EventKind::Other));
        assert_eq!(kind("Microsoft-Windows-TerminalServices-LocalSessionManager/Operational", "x", 999), Some(EventKind::Other));
        assert_eq!(kind("", "", 4624), None);
    }

    #[test]
    fn every_line_of_the_list_is_understood_and_has_a_title() {
        let lines = LIST.lines().count() - 1;
        assert_eq!(KNOWN.lines().count(), lines);
        assert!(KNOWN.lines().all(|event| !event.title.is_empty()));
        assert!(lines <= KNOWN_LINES, "a line has a number of its own");
        for event in KNOWN.lines() {
            assert_eq!(line(event.known).map(|found| found.title), Some(event.title));
            assert_eq!(channel(event.known.log()), event.channel);
        }
        for row in table::rows(LIST) {
            let word = row[3];
            assert_eq!(format!("{:?}", kind_of(word)), word, "a kind is misspelt");
        }
    }

    #[test]
    fn records_have_the_names_people_use() {
        assert_eq!(title("Security", 4672), "special privileges assigned");
        assert_eq!(title("Security", 9), "");
    }
}
