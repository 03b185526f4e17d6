//! Fields of a record become an `AuthEvent`: one vocabulary for all shapes.
//!
//! `shape/` says where a shape keeps its values, `windows/`, `entra.rs` and `words.rs` what they mean. Nothing here reads bytes,
//! knows sessions or judges.

pub mod batch;
pub mod entra;
pub mod shape;
mod texts;
pub mod windows;
mod words;

use crate::base::intern::Interner;
use crate::model::event::{AuthEvent, Outcome};
use crate::model::fields::{Family, Field, Fields};
use std::borrow::Cow;
use words::Said;

/// The event a record states; `None` for a record of a known shape that is no logon record.
#[must_use]
pub fn event(fields: &Fields<'_>, names: &mut Interner) -> Option<AuthEvent> {
    match (words::read(fields), fields.family) {
        (None, Family::Windows) => windows::event(fields, names),
        (None, Family::Entra) => entra::event(fields, names),
        (Some(Said::Windows(id)), _) => {
            let mut fields = fields.clone();
            fields.event_id = id;
            if id == 4769 {
                // Words name the service as the user that was gone to; 4769 is about the user that asked.
                fields.set(Field::ServiceName, fields.value(Field::TargetUserName));
                fields.set(Field::TargetUserName, fields.value(Field::SubjectUserName));
                fields.set(Field::TargetDomainName, fields.value(Field::SubjectDomainName));
            }
            windows::event(&fields, names)
        }
        (Some(Said::SignIn(succeeded)), _) => {
            let mut event = entra::event(fields, names)?;
            if event.outcome == Outcome::None {
                event.outcome = if succeeded { Outcome::Success } else { Outcome::Failure };
            }
            Some(event)
        }
        (Some(Said::Nothing), _) => None,
    }
}

/// In lower case; most texts are already.
fn lower(text: Cow<'_, str>) -> Cow<'_, str> {
    let is_lower = text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
    if is_lower { text } else { Cow::Owned(text.to_lowercase()) }
}
