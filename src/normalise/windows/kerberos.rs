//! Security 4768 to 4771: tickets asked for and renewed on a domain controller. One id is written for success and failure.

use super::values::Values;
use crate::model::event::{AuthEvent, Outcome};
use crate::model::fields::Field;
use crate::model::status::Status;

fn common(event: &mut AuthEvent, values: &mut Values<'_, '_, '_>) {
    values.source(event, Field::IpAddress);
    event.port = values.u16(Field::IpPort);
    event.target = values.text(Field::ServiceName);
    event.raw_status = values.code(Field::Status).unwrap_or(0);
    event.status = Status::kerberos(event.raw_status);
    event.outcome = if event.raw_status == 0 { Outcome::Success } else { Outcome::Failure };
    event.ticket_options = values.code(Field::TicketOptions).unwrap_or(0);
    event.ticket_encryption = values.code(Field::TicketEncryptionType).unwrap_or(0);
    event.pre_auth_type = values.fields.number(Field::PreAuthType).and_then(|number| u8::try_from(number).ok()).unwrap_or(u8::MAX);
    event.package = values.names.intern("Kerberos");
}

/// What the client showed of its certificate; the issuer tells most (Windows Hello for Business has its own).
fn certificate(event: &mut AuthEvent, values: &mut Values<'_, '_, '_>) {
    for field in [Field::CertIssuerName, Field::CertThumbprint, Field::CertSerialNumber] {
        if event.certificate.is_none() {
            event.certificate = values.text(field);
        }
    }
}

pub(super) fn ticket_granting(event: &mut AuthEvent, values: &mut Values<'_, '_, '_>) {
    common(event, values);
    certificate(event, values);
    event.account = values.identity(Field::TargetUserName, Field::TargetDomainName, Field::TargetSid);
}

/// 4769 has no SID of the user; its `TargetUserName` is `user@REALM`.
pub(super) fn service_ticket(event: &mut AuthEvent, values: &mut Values<'_, '_, '_>) {
    common(event, values);
    event.account = values.target_user();
    event.logon_guid = values.guid(Field::LogonGuid);
    event.is_delegated = values.text(Field::TransmittedServices).is_some();
}

/// 4770 is written for success only and has no status.
pub(super) fn renewed(event: &mut AuthEvent, values: &mut Values<'_, '_, '_>) {
    common(event, values);
    event.status = Status::default();
    event.outcome = Outcome::None;
    event.account = values.target_user();
}

/// 4771 has no domain field.
pub(super) fn pre_auth_failed(event: &mut AuthEvent, values: &mut Values<'_, '_, '_>) {
    common(event, values);
    event.outcome = Outcome::Failure;
    certificate(event, values);
    event.account = values.identity(Field::TargetUserName, Field::TargetDomainName, Field::TargetSid);
}
