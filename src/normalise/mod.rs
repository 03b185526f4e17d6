//! Fields of a record become an `AuthEvent`: one vocabulary for all shapes.
//!
//! `shape/` says where a shape keeps its values, `windows/` and `entra.rs` what they mean. Nothing here reads bytes,
//! knows sessions or judges.

pub mod batch;
pub mod entra;
pub mod shape;
pub mod windows;

use crate::base::intern::Interner;
use crate::model::event::AuthEvent;
use crate::model::fields::{Family, Fields};

/// The event a record states; `None` for a record of a known shape that is no logon record.
#[must_use]
pub fn event(fields: &Fields<'_>, names: &mut Interner) -> Option<AuthEvent> {
    match fields.family {
        Family::Windows => windows::event(fields, names),
        Family::Entra => entra::event(fields, names),
    }
}
