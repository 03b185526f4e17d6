//! Security 4634 and 4647: a session ended, or its user asked for the end.

use super::values::Values;
use crate::model::event::AuthEvent;
use crate::model::fields::Field;

/// 4647 has no logon type.
pub(super) fn logoff(event: &mut AuthEvent, values: &mut Values<'_, '_, '_>) {
    event.account = values.target_user();
    event.logon_id = values.logon_id(Field::TargetLogonId);
    event.logon_type = values.logon_type();
}
