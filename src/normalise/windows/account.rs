//! Security 4720 to 4726, 4728, 4732, 4740, 4756 and 4781: an account was made, managed, put into a group, locked out after
//! failures, or given another name.

use super::values::Values;
use crate::model::event::{AuthEvent, Tri};
use crate::model::fields::Field;

/// 4720 and 4722 to 4726: somebody did something with an account.
pub(super) fn managed(event: &mut AuthEvent, values: &mut Values<'_, '_, '_>) {
    event.account = values.identity(Field::TargetUserName, Field::TargetDomainName, Field::TargetSid);
    event.subject = values.subject();
    event.subject_logon_id = values.logon_id(Field::SubjectLogonId);
}

/// 4728, 4732, 4756: the target fields are the group's. The member has a SID always, of its names only the distinguished
/// one, and that not on every host; the SID is what finds the account.
pub(super) fn joined_group(event: &mut AuthEvent, values: &mut Values<'_, '_, '_>) {
    event.account.sid = values.sid(Field::MemberSid);
    event.target = values.text(Field::TargetUserName);
    event.subject = values.subject();
    event.subject_logon_id = values.logon_id(Field::SubjectLogonId);
    let group = values.sid(Field::TargetSid);
    event.elevated = Tri::from_bool(rules(values.names.raw(group)));
}

/// Groups whose members are administrators: of the host, the domain or the forest, and the operators that can become so.
fn rules(sid: &str) -> bool {
    let rid = sid.rsplit('-').next().unwrap_or_default();
    match (sid.starts_with("S-1-5-32-"), sid.starts_with("S-1-5-21-")) {
        (true, _) => matches!(rid, "544" | "548" | "549" | "550" | "551"),
        (_, true) => matches!(rid, "512" | "518" | "519" | "520" | "526" | "527"),
        _ => false,
    }
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
