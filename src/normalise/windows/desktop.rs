//! System Winlogon 7001 and 7002, User Profile Service 4: a user came to a desktop, or left it.

use super::values::Values;
use crate::model::event::{AuthEvent, Identity};
use crate::model::fields::Field;

/// They name the desktop and the SID of its user, nothing else.
pub(super) fn notice(event: &mut AuthEvent, values: &mut Values<'_, '_, '_>) {
    event.account = Identity { sid: values.sid(Field::UserSid), ..Identity::default() };
    event.ts_session = values.code(Field::TSId);
}

/// 4 names only the desktop.
pub(super) fn profile(event: &mut AuthEvent, values: &mut Values<'_, '_, '_>) {
    event.ts_session = values.code(Field::Session);
}
