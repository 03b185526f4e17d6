//! Security 1102 and System 104: a log was cleared. Boots and shutdowns carry nothing but their time.

use super::values::Values;
use crate::base::intern::Symbol;
use crate::model::event::AuthEvent;
use crate::model::fields::Field;

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
