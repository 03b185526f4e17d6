//! Security 4720 to 4725, 4740 and 4781: an account was made, enabled or disabled, got another password, was locked out after
//! failures, or given another name.

use super::values::Values;
use crate::model::event::AuthEvent;
use crate::model::fields::Field;

/// 4720 and 4722 to 4725: somebody did something with an account.
pub(super) fn managed(event: &mut AuthEvent, values: &mut Values<'_, '_, '_>) {
    event.account = values.identity(Field::TargetUserName, Field::TargetDomainName, Field::TargetSid);
    event.subject = values.subject();
    event.subject_logon_id = values.logon_id(Field::SubjectLogonId);
}

/// The account goes by its new name; the old one is the target.
pub(super) fn renamed(event: &mut AuthEvent, values: &mut Values<'_, '_, '_>) {
    event.account = values.identity(Field::NewTargetUserName, Field::TargetDomainName, Field::TargetSid);
    event.target = values.text(Field::OldTargetUserName);
    event.subject = values.subject();
    event.subject_logon_id = values.logon_id(Field::SubjectLogonId);
}

/// 4740: `TargetDomainName` holds the computer the failures came from, not a domain.
pub(super) fn locked_out(event: &mut AuthEvent, values: &mut Values<'_, '_, '_>) {
    event.account.user = values.text(Field::TargetUserName);
    event.account.sid = values.sid(Field::TargetSid);
    event.workstation = values.workstation(Field::TargetDomainName);
    event.subject = values.subject();
    event.subject_logon_id = values.logon_id(Field::SubjectLogonId);
}
