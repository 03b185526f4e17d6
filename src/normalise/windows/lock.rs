//! Security 4800 to 4803: a desktop was locked or unlocked, its screen saver went on or off.

use super::values::Values;
use crate::model::event::AuthEvent;
use crate::model::fields::Field;

/// `TargetLogonId` is that of the desktop session; `SessionId` its Terminal Services number.
pub(super) fn locked(event: &mut AuthEvent, values: &mut Values<'_, '_, '_>) {
    event.account = values.target_user();
    event.logon_id = values.logon_id(Field::TargetLogonId);
    event.ts_session = values.code(Field::SessionId);
}
