//! Which Windows records belong to the logon log, what they are and what people call them.
//!
//! The list is data: `assets/tables/event_ids.csv` (channel, provider, id, kind, title). Channel, provider and id decide
//! together: id 1 of System is also FilterManager's, 104 stands in three logs. It lives with the nouns because decoders
//! leave a record as soon as this list does not know its id.

use crate::base::table;
use crate::model::event::EventKind;
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

/// One line of the list.
#[derive(Debug)]
pub struct KnownEvent {
    /// Canonical spelling; logs also write it in lower case.
    pub channel: &'static str,
    /// Providers that may write it; empty when the channel is enough. One ending in `*` matches by its beginning.
    providers: Vec<&'static str>,
    pub kind: EventKind,
    /// A few plain words, lower case but for names.
    pub title: &'static str,
}

impl KnownEvent {
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
}

static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    let mut known = Known::default();
    for row in table::rows(include_str!("../../assets/tables/event_ids.csv")) {
        let [channel, providers, id, kind, title] = row.as_slice() else { continue };
        let providers = providers.split('|').filter(|provider| !provider.is_empty()).collect();
        let event = KnownEvent { channel, providers, kind: kind_of(kind), title };
        match id.parse() {
            Ok(id) => known.by_id.entry(id).or_default().push(event),
            Err(_) => known.whole.push(event),
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
        "PreAuthFailed" => EventKind::PreAuthFailed,
        "CredentialValidation" => EventKind::CredentialValidation,
        "SessionReconnected" => EventKind::SessionReconnected,
        "SessionDisconnected" => EventKind::SessionDisconnected,
        "Locked" => EventKind::Locked,
        "Unlocked" => EventKind::Unlocked,
        "Boot" => EventKind::Boot,
        "EventLogStarted" => EventKind::EventLogStarted,
        "Shutdown" => EventKind::Shutdown,
        "AccountCreated" => EventKind::AccountCreated,
        "LockedOut" => EventKind::LockedOut,
        "LogCleared" => EventKind::LogCleared,
        "RdpSessionLogon" => EventKind::RdpSessionLogon,
        "RdpShellStarted" => EventKind::RdpShellStarted,
        "RdpSessionLogoff" => EventKind::RdpSessionLogoff,
        "RdpSessionDisconnected" => EventKind::RdpSessionDisconnected,
        "RdpSessionReconnected" => EventKind::RdpSessionReconnected,
        "RdpAuthenticated" => EventKind::RdpAuthenticated,
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
        let lines = include_str!("../../assets/tables/event_ids.csv").lines().count() - 1;
        let known = &*KNOWN;
        assert_eq!(known.by_id.values().map(Vec::len).sum::<usize>() + known.whole.len(), lines);
        assert!(known.by_id.values().flatten().chain(&known.whole).all(|event| !event.title.is_empty()));
        for row in table::rows(include_str!("../../assets/tables/event_ids.csv")) {
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
