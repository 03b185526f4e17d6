//! Windows records: what their fields mean, one function for each kind of record.
//!
//! Which records matter is the list of `model::event_id`; here each known one becomes an `AuthEvent`. A record without
//! a readable time has no place on a timeline and is left out. Field names are those of the manifests.

mod account;
mod desktop;
mod kerberos;
mod lock;
mod logoff;
mod logon;
mod ntlm;
mod other;
mod remote;
mod system;
mod values;

use crate::base::intern::Interner;
use crate::model::event::{AuthEvent, EventKind};
use crate::model::event_id::{self, KnownEvent};
use crate::model::fields::Fields;
use values::Values;

/// The event a Windows record states.
#[must_use]
pub fn event(fields: &Fields<'_>, names: &mut Interner) -> Option<AuthEvent> {
    let known = match fields.known {
        Some(known) => known?,
        None => find(fields)?,
    };
    let mut event = AuthEvent {
        at: fields.at?,
        kind: known.kind,
        event_id: fields.event_id,
        known: known.known,
        record: fields.record,
        channel: names.intern(known.channel),
        pre_auth_type: u8::MAX,
        ..AuthEvent::default()
    };
    event.host = names.recall(values::HOST, fields.computer.as_bytes(), |names| {
        let host = names.intern(fields.computer.trim().trim_end_matches('.'));
        names.fold(host)
    });
    let mut values = Values { fields, names };
    fill(&mut event, &mut values);
    Some(event)
}

/// The log a record stands in. Where a shape is flat, the channel that System 104 says was cleared has taken the place of its
/// own.
#[must_use]
pub fn channel<'a>(fields: &Fields<'a>) -> &'a str {
    let cleared = fields.event_id == 104 && fields.provider.eq_ignore_ascii_case("Microsoft-Windows-Eventlog");
    if cleared { "System" } else { fields.channel }
}

/// The line of the list for a record; one that names neither log nor provider can only be known as one of Security.
fn find(fields: &Fields<'_>) -> Option<&'static KnownEvent> {
    let id = fields.event_id;
    let known = event_id::find(channel(fields), fields.provider, id);
    let nameless = fields.channel.is_empty() && fields.provider.is_empty();
    known.or_else(|| event_id::find("Security", "", id).filter(|_| nameless && (id == 1_102 || (4_608..5_700).contains(&id))))
}

fn fill(event: &mut AuthEvent, values: &mut Values<'_, '_, '_>) {
    match event.kind {
        EventKind::Logon => logon::logon(event, values),
        EventKind::LogonFailed => logon::failed(event, values),
        EventKind::ExplicitCredentials => logon::explicit_credentials(event, values),
        EventKind::SpecialPrivileges => logon::special_privileges(event, values),
        EventKind::Logoff | EventKind::UserLogoff => logoff::logoff(event, values),
        EventKind::TicketGranting => kerberos::ticket_granting(event, values),
        EventKind::ServiceTicket => kerberos::service_ticket(event, values),
        EventKind::PreAuthFailed => kerberos::pre_auth_failed(event, values),
        EventKind::TicketRenewed => kerberos::renewed(event, values),
        EventKind::CredentialValidation => ntlm::credential_validation(event, values),
        EventKind::NtlmPassedOn => ntlm::passed_on(event, values),
        EventKind::SessionReconnected | EventKind::SessionDisconnected => remote::session_moved(event, values),
        EventKind::RdpSessionLogon
        | EventKind::RdpShellStarted
        | EventKind::RdpSessionLogoff
        | EventKind::RdpSessionDisconnected
        | EventKind::RdpSessionReconnected
        | EventKind::RdpArbitration => remote::local_session_manager(event, values),
        EventKind::RdpAuthenticated => remote::authenticated(event, values),
        EventKind::Locked | EventKind::Unlocked | EventKind::ScreenSaverOn | EventKind::ScreenSaverOff => lock::locked(event, values),
        EventKind::RdpSessionReplaced => remote::replaced(event, values),
        EventKind::RdpConnection => remote::connection(event, values),
        EventKind::RdpRefused => remote::refused(event, values),
        EventKind::GatewayConnected | EventKind::GatewayDisconnected => remote::gateway(event, values),
        EventKind::DesktopLogon | EventKind::DesktopLogoff => desktop::notice(event, values),
        EventKind::ProfileUnloaded => desktop::profile(event, values),
        EventKind::AccountCreated
        | EventKind::AccountEnabled
        | EventKind::AccountDisabled
        | EventKind::AccountDeleted
        | EventKind::PasswordSet => account::managed(event, values),
        EventKind::GroupJoined => account::joined_group(event, values),
        EventKind::HostRenamed => system::host_renamed(event, values),
        EventKind::AccountRenamed => account::renamed(event, values),
        EventKind::LockedOut => account::locked_out(event, values),
        EventKind::LogCleared => system::log_cleared(event, values),
        EventKind::Boot | EventKind::EventLogStarted | EventKind::Shutdown | EventKind::UncleanRestart | EventKind::SignIn => {}
        EventKind::Other if matches!(event.event_id, 8001..=8003) => ntlm::operational(event, values),
        EventKind::AuditPolicyChanged => {
            other::other(event, values);
            system::audit_policy(event, values);
        }
        EventKind::ClockStep | EventKind::SpecialGroups | EventKind::RemoteShell => other::other(event, values),
        EventKind::Other => {
            other::other(event, values);
            system::clock_step(event, values);
        }
    }
}

#[cfg(test)]
mod tests;
