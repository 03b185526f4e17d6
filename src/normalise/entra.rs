//! Entra sign-ins: what their properties mean.

use crate::base::intern::Interner;
use crate::model::event::AuthEvent;
use crate::model::fields::Fields;

/// The event a sign-in row states.
#[must_use]
pub fn event(_fields: &Fields<'_>, _names: &mut Interner) -> Option<AuthEvent> {
    None
}
