//! Security 1102 and System 104: a log was cleared. Boots and shutdowns carry nothing but their time.

use super::values::Values;
use crate::model::event::AuthEvent;
use crate::model::fields::Field;

/// The fields stand in `UserData`. Only 104 names the cleared channel; 1102 is always about its own.
pub(super) fn log_cleared(event: &mut AuthEvent, values: &mut Values<'_, '_, '_>) {
    event.account = values.subject();
    event.subject_logon_id = values.logon_id(Field::SubjectLogonId);
    event.target = values.text(Field::Channel).or(if event.event_id == 1102 { event.channel } else { Default::default() });
}
