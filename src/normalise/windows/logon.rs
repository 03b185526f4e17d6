//! Security 4624, 4625, 4648 and 4672: a logon, its failure, the use of other credentials, privileges.

use super::values::Values;
use crate::model::event::{AuthEvent, Outcome};
use crate::model::fields::Field;
use crate::model::logon_type::LogonType;
use crate::model::status::Status;
use crate::normalise::words;

/// What 4624 and 4625 share.
fn common(event: &mut AuthEvent, values: &mut Values<'_, '_, '_>) {
    event.account = values.target_user();
    event.subject = values.subject();
    event.subject_logon_id = values.logon_id(Field::SubjectLogonId);
    event.logon_type = values.logon_type();
    values.source(event, Field::IpAddress);
    if event.address.is_none() && event.address_text.is_none() {
        values.source(event, Field::IpAddressEntra);
    }
    event.port = values.u16(Field::IpPort);
    event.workstation = values.workstation(Field::WorkstationName);
    event.logon_process = values.text(Field::LogonProcessName);
    event.package = values.text(Field::AuthenticationPackageName);
    event.lm_package = values.text(Field::LmPackageName);
    event.key_length = values.u16(Field::KeyLength);
    event.process = values.text(Field::ProcessName);
    // Defender for Identity reports on the controller what went to another computer.
    event.target = values.text(Field::TargetServerName);
}

pub(super) fn logon(event: &mut AuthEvent, values: &mut Values<'_, '_, '_>) {
    common(event, values);
    if event.event_id == 540 && event.logon_type == LogonType::None {
        event.logon_type = LogonType::Network;
    }
    event.outcome = Outcome::Success;
    event.logon_id = values.logon_id(Field::TargetLogonId);
    event.linked_logon_id = values.logon_id(Field::TargetLinkedLogonId);
    event.logon_guid = values.guid(Field::LogonGuid);
    event.elevated = values.yes(Field::ElevatedToken);
    event.restricted_admin = values.yes(Field::RestrictedAdminMode);
    event.remote_credential_guard = values.yes(Field::RemoteCredentialGuard);
    event.outbound_user = values.text(Field::TargetOutboundUserName);
    event.is_delegated = values.text(Field::TransmittedServices).is_some();
}

/// `SubStatus` tells more than `Status` unless it is 0.
pub(super) fn failed(event: &mut AuthEvent, values: &mut Values<'_, '_, '_>) {
    common(event, values);
    event.outcome = Outcome::Failure;
    event.raw_status = values.code(Field::Status).unwrap_or(0);
    event.raw_sub_status = values.code(Field::SubStatus).unwrap_or(0);
    if event.raw_status == 0 && event.raw_sub_status == 0 {
        event.raw_status = words::failure(&values.fields.text(Field::FailureReason)).unwrap_or(0);
    }
    if event.raw_status == 0 && event.raw_sub_status == 0 {
        event.raw_sub_status = before_vista(event.event_id);
    }
    let code = if event.raw_sub_status == 0 { event.raw_status } else { event.raw_sub_status };
    let stated = code != 0 || !values.fields.is_absent(Field::Status);
    event.status = if stated { Status::nt(code) } else { Status::default() };
}

/// The code that 4625 has for what an id of its own said before Vista; 0 for ids that say nothing more.
const fn before_vista(event_id: u32) -> u32 {
    match event_id {
        529 => 0xC000_006D,
        530 => 0xC000_006F,
        531 => 0xC000_0072,
        532 => 0xC000_0193,
        533 => 0xC000_0070,
        534 => 0xC000_015B,
        535 => 0xC000_0071,
        536 => 0xC000_0192,
        539 => 0xC000_0234,
        _ => 0,
    }
}

/// 4648 stands on the host the attempt came from: the account is the one whose password was used.
pub(super) fn explicit_credentials(event: &mut AuthEvent, values: &mut Values<'_, '_, '_>) {
    event.account = values.target_user();
    event.subject = values.subject();
    event.subject_logon_id = values.logon_id(Field::SubjectLogonId);
    event.logon_guid = values.guid(Field::TargetLogonGuid);
    event.target = values.text(Field::TargetServerName);
    event.process = values.text(Field::ProcessName);
    values.source(event, Field::IpAddress);
    event.port = values.u16(Field::IpPort);
}

/// 4672 names the new session in its Subject fields; shapes with one account a record have it in the others.
pub(super) fn special_privileges(event: &mut AuthEvent, values: &mut Values<'_, '_, '_>) {
    event.account = values.subject();
    event.logon_id = values.logon_id(Field::SubjectLogonId);
    if event.account.is_none() {
        event.account = values.target_user();
        event.logon_id = values.logon_id(Field::TargetLogonId);
    }
}
