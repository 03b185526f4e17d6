//! Security 1102 and System 104: a log was cleared; Security 4616 and Kernel-General 1: the clock was set; Security 4719: what
//! is audited changed; System 6011: the computer has another name. Boots and shutdowns carry nothing but their time.

use super::values::Values;
use crate::base::intern::Symbol;
use crate::base::time::Timestamp;
use crate::model::event::{AuthEvent, EventKind};
use crate::model::fields::Field;
use crate::model::log::STEP_BACK;

/// 6011: `The NetBIOS name and DNS host name of this machine have been changed from %1 to %2.`
pub(super) fn host_renamed(event: &mut AuthEvent, values: &mut Values<'_, '_, '_>) {
    event.workstation = values.text(Field::Param1);
    event.target = values.text(Field::Param2);
}

/// The fields stand in `UserData`. Only 104 names the cleared channel; 1102 is always about its own. Where shapes flatten
/// both, the cleared channel has taken the place of the record's own, which is System.
pub(super) fn log_cleared(event: &mut AuthEvent, values: &mut Values<'_, '_, '_>) {
    event.account = values.subject();
    event.subject_logon_id = values.logon_id(Field::SubjectLogonId);
    let own = values.fields.channel;
    let flattened = if own.eq_ignore_ascii_case("System") { Symbol::NONE } else { values.names.intern(own) };
    let otherwise = if event.event_id == 1102 { event.channel } else { flattened };
    event.target = values.text(Field::Channel).or(otherwise);
}

/// 4616 says `PreviousTime` where Kernel-General 1 says `OldTime`. The first version of 4616 has day and hour apart: how
/// far its clock was set is not known.
pub(super) fn clock_step(event: &mut AuthEvent, values: &mut Values<'_, '_, '_>) {
    if !matches!(event.event_id, 1 | 4616) {
        return;
    }
    let time = |field| Timestamp::parse(&values.fields.text(field));
    let before = time(Field::PreviousTime).or_else(|| time(Field::OldTime));
    if let (Some(before), Some(after)) = (before, time(Field::NewTime))
        && (after - before).abs() >= STEP_BACK
    {
        event.kind = EventKind::ClockStep;
        event.target = values.names.intern(&format!("{:+}", (after - before).as_seconds()));
    }
}

/// Subcategories of audit that logon records come from: the end of the GUID's first part, the number in msobjs.dll, the name
/// ([MS-GPAC] 2.2.1.2).
const LOGON_SUBCATEGORIES: [(&str, &str, &str); 9] = [
    ("9215", "%%12544", "Logon"),
    ("9216", "%%12545", "Logoff"),
    ("9217", "%%12546", "Account Lockout"),
    ("921b", "%%12548", "Special Logon"),
    ("921c", "%%12551", "Other Logon/Logoff Events"),
    ("923f", "%%14336", "Credential Validation"),
    ("9240", "%%14337", "Kerberos Service Ticket Operations"),
    ("9241", "%%14338", "Other Account Logon Events"),
    ("9242", "%%14339", "Kerberos Authentication Service"),
];

/// Numbers of msobjs.dll for what happened to a subcategory.
const AUDIT_CHANGES: [(&str, &str); 4] =
    [("%%8448", "success removed"), ("%%8449", "success added"), ("%%8450", "failure removed"), ("%%8451", "failure added")];

/// 4719, where it is about logons: which subcategory, and what changed.
pub(super) fn audit_policy(event: &mut AuthEvent, values: &mut Values<'_, '_, '_>) {
    let (number, guid) = (values.fields.text(Field::SubcategoryId), values.fields.text(Field::SubcategoryGuid).to_ascii_lowercase());
    let is_meant = |(tail, of, name): &&(&str, &str, &str)| {
        number.eq_ignore_ascii_case(of) || number.eq_ignore_ascii_case(name) || guid.trim_matches('{').starts_with(&format!("0cce{tail}-"))
    };
    let Some((_, _, name)) = LOGON_SUBCATEGORIES.iter().find(is_meant) else { return };
    let said = values.fields.text(Field::AuditPolicyChanges).to_ascii_lowercase();
    let changes: Vec<&str> =
        AUDIT_CHANGES.iter().filter(|(number, words)| said.contains(number) || said.contains(words)).map(|(_, words)| *words).collect();
    event.target = values.names.intern(&format!("{name}: {}", changes.join(", ")));
}
