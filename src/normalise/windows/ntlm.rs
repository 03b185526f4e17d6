//! Security 4776: an NTLM password check. It names the workstation the client claims, no address and no server.

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
