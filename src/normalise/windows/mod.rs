//! Windows records: which ids matter, and what their fields mean.

use crate::base::intern::Interner;
use crate::model::event::AuthEvent;
use crate::model::fields::Fields;

/// The event a Windows record states.
#[must_use]
pub fn event(_fields: &Fields<'_>, _names: &mut Interner) -> Option<AuthEvent> {
    None
}
