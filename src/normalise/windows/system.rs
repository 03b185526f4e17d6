//! Security 1102 and System 104: a log was cleared; Security 4616 and Kernel-General 1: the clock was set; System 6011: the
//! computer has another name. Boots and shutdowns carry nothing but their time.

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
pub(super) fn clock_step(event: &mut AuthEvent, values: &Values<'_, '_, '_>) {
    if !matches!(event.event_id, 1 | 4616) {
        return;
    }
    let time = |field| Timestamp::parse(&values.fields.text(field));
    let before = time(Field::PreviousTime).or_else(|| time(Field::OldTime));
    if let (Some(before), Some(after)) = (before, time(Field::NewTime))
        && (after - before).abs() >= STEP_BACK
    {
        event.kind = EventKind::ClockStep;
    }
}
