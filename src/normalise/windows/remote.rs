//! Remote Desktop: Security 4778 and 4779, LocalSessionManager 21 to 25 and 39 to 42, RemoteConnectionManager 261 and
//! 1149, RdpCoreTS 131 and 140, the gateway's 302 and 303.

use super::values::Values;
use crate::base::intern::Symbol;
use crate::model::event::{AuthEvent, Outcome};
use crate::model::fields::Field;

/// 4778/4779: `LogonID` is that of the session as it was first opened, not of the logon that reconnected it.
pub(super) fn session_moved(event: &mut AuthEvent, values: &mut Values<'_, '_, '_>) {
    event.account = values.identity(Field::AccountName, Field::AccountDomain, Field::TargetUserSid);
    event.logon_id = values.logon_id(Field::LogonID);
    event.session_name = values.text(Field::SessionName);
    // At the console there is no client: `Unknown`.
    let client = values.workstation(Field::ClientName);
    event.workstation = if values.names.raw(client).eq_ignore_ascii_case("Unknown") { Symbol::NONE } else { client };
    values.source(event, Field::ClientAddress);
}

/// 21 to 25 are also written for the console: then `Address` is `LOCAL`.
pub(super) fn local_session_manager(event: &mut AuthEvent, values: &mut Values<'_, '_, '_>) {
    event.account = values.joined_identity(Field::User);
    event.ts_session = values.code(Field::SessionID);
    values.source(event, Field::Address);
}

/// 39 names the desktop that was disconnected `TargetSession`, 40 `Session`; neither names its account.
pub(super) fn replaced(event: &mut AuthEvent, values: &mut Values<'_, '_, '_>) {
    let fields = [Field::TargetSession, Field::Session, Field::SessionID];
    event.ts_session = fields.into_iter().find_map(|field| values.code(field));
}

/// RdpCoreTS 131 has `ClientIP` with a port; 261 only that somebody came.
pub(super) fn connection(event: &mut AuthEvent, values: &mut Values<'_, '_, '_>) {
    values.source(event, Field::ClientIP);
}

/// RdpCoreTS 140 has `IPString`.
pub(super) fn refused(event: &mut AuthEvent, values: &mut Values<'_, '_, '_>) {
    values.source(event, Field::IPString);
}

/// Gateway 302 and 303: who was let through, or left, from where to which computer.
pub(super) fn gateway(event: &mut AuthEvent, values: &mut Values<'_, '_, '_>) {
    event.account = values.joined_identity(Field::Username);
    event.target = values.text(Field::Resource);
    values.source(event, Field::IpAddress);
}

/// 1149: with network level authentication the credentials were good; without it only the logon screen was reached.
pub(super) fn authenticated(event: &mut AuthEvent, values: &mut Values<'_, '_, '_>) {
    event.outcome = Outcome::Success;
    event.account = values.identity(Field::Param1, Field::Param2, Field::TargetUserSid);
    values.source(event, Field::Param3);
}
