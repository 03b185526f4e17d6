//! NTLM: Security 4776 and NTLM/Operational 8001 to 8004.
//!
//! 4776 is a password check. It names the workstation the client claims, no address and no server; the server stands in the
//! 8004 of the same second.

use super::values::Values;
use crate::model::event::{AuthEvent, Outcome};
use crate::model::fields::Field;
use crate::model::status::Status;

pub(super) fn credential_validation(event: &mut AuthEvent, values: &mut Values<'_, '_, '_>) {
    event.account = values.joined_identity(Field::TargetUserName);
    event.workstation = values.workstation(Field::Workstation);
    event.package = values.text(Field::PackageName);
    event.raw_status = values.code(Field::Status).unwrap_or(0);
    event.status = Status::nt(event.raw_status);
    event.outcome = if event.raw_status == 0 { Outcome::Success } else { Outcome::Failure };
}

fn named(event: &mut AuthEvent, values: &mut Values<'_, '_, '_>) {
    event.account = values.identity(Field::UserName, Field::DomainName, Field::TargetUserSid);
    event.package = values.names.intern("NTLM");
}

/// 8004, on a domain controller: the server that handed the check on. Whether it passed, the 4776 says.
pub(super) fn passed_on(event: &mut AuthEvent, values: &mut Values<'_, '_, '_>) {
    named(event, values);
    event.workstation = values.workstation(Field::WorkstationName);
    event.target = values.workstation(Field::SChannelName);
}

/// 8001 on the client, 8002 and 8003 on the server. `ClientLUID` is the session that asked.
pub(super) fn operational(event: &mut AuthEvent, values: &mut Values<'_, '_, '_>) {
    named(event, values);
    event.subject_logon_id = values.logon_id(Field::ClientLUID);
    event.target = values.text(Field::TargetName);
    event.workstation = values.workstation(Field::Workstation);
    event.logon_type = values.logon_type();
    event.process = values.text(Field::ProcessName);
}
