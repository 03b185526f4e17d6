//! What was issued from one Entra sign-in: each application, client and outcome once, with how often.

use super::Teller;
use super::beat::{Beat, What, words_of};
use crate::base::text;
use crate::model::event::{MfaResult, Outcome, SignInCategory};
use crate::model::ids::EventId;
use crate::model::world::Row;
use rustc_hash::FxHashMap;
use std::borrow::Cow;

pub(super) fn beats(teller: &Teller<'_>) -> Vec<Beat> {
    let mut seen: FxHashMap<String, usize> = FxHashMap::default();
    let mut told: Vec<(EventId, Cow<'_, Row>, String, u32)> = Vec::new();
    for id in teller.events {
        let Some(row) = teller.tables.event(*id) else { continue };
        let words = teller.sign_in(&row);
        match seen.get(&words).and_then(|place| told.get_mut(*place)) {
            Some((.., count)) => *count += 1,
            None => {
                seen.insert(words.clone(), told.len());
                told.push((*id, row, words, 1));
            }
        }
    }
    let beat = |(id, row, words, count): (EventId, Cow<'_, Row>, String, u32)| {
        let times = if count > 1 { format!(", {} times from here on", text::count(u64::from(count))) } else { String::new() };
        Beat::new(What::Other(0), &row, id, 1, format!("{words}{times}"))
    };
    told.into_iter().map(beat).collect()
}

const fn what(category: SignInCategory) -> &'static str {
    match category {
        SignInCategory::Interactive | SignInCategory::Adfs => "signed in",
        SignInCategory::NonInteractive => "silent sign-in",
        SignInCategory::ServicePrincipal | SignInCategory::ManagedIdentity => "workload signed in",
    }
}

impl Teller<'_> {
    fn sign_in(&self, row: &Row) -> String {
        let event = &row.event;
        let Some(entra) = event.entra.as_deref() else { return "sign-in".to_owned() };
        let shown = |symbol| self.names.shown(symbol);
        let mut words = match (event.outcome, entra.category) {
            (Outcome::Failure | Outcome::Interrupted, SignInCategory::Interactive | SignInCategory::Adfs) => "tried to sign in",
            (Outcome::Failure | Outcome::Interrupted, SignInCategory::ServicePrincipal | SignInCategory::ManagedIdentity) => {
                "workload tried to sign in"
            }
            (_, category) => what(category),
        }
        .to_owned();
        match (shown(entra.app), shown(entra.resource)) {
            (app, resource) if app.is_empty() && resource.is_empty() => {}
            (app, resource) if resource.is_empty() || app == resource => words.push_str(&format!(" to {app}")),
            // A managed identity is the application itself.
            (app, resource) if app.is_empty() => words.push_str(&format!(" to {resource}")),
            (app, resource) => words.push_str(&format!(" to {app} for {resource}")),
        }
        words.push_str(&self.from(row));
        if entra.country.is_some() {
            words.push_str(&format!(" ({})", shown(entra.country)));
        }
        match entra.mfa {
            MfaResult::Approved => words.push_str(", MFA approved"),
            MfaResult::Denied => words.push_str(", MFA denied"),
            MfaResult::None => {}
        }
        if self.names.raw(entra.protocol).eq_ignore_ascii_case("devicecode") {
            words.push_str(", by device code");
        }
        match event.outcome {
            Outcome::Failure => words.push_str(&format!(", failed: {}", words_of(event))),
            Outcome::Interrupted => words.push_str(&format!(", asked for more: {}", words_of(event))),
            Outcome::Success | Outcome::None => {}
        }
        words
    }
}
