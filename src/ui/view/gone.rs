//! What is said of events that are in memory no longer: how many, and where they are. A list that ends at them never
//! looks as if there had been nothing.

use super::Ctx;
use crate::base::text;
use crate::base::time::{Timestamp, Zone};
use crate::store::LetGo;

/// `12,345 older events are in the history`; nothing where all are in memory.
#[must_use]
pub fn words(gone: &LetGo, zone: Zone) -> Option<String> {
    let count = text::count;
    let LetGo { events, remembered, unkept, until, .. } = *gone;
    let lost = gone.lost().saturating_sub(unkept);
    let others: Vec<String> = [(unkept, "of a kind or age it does not keep"), (lost, "let go of without it")]
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, what)| format!("{} {what}", count(number)))
        .collect();
    Some(match (events, remembered) {
        (0, _) => return None,
        (_, 0) if unkept == 0 => {
            let until = until.map_or_else(String::new, |until| format!(" up to {}", zone.date_time(until)));
            format!("{} events{until} were let go of: no history is kept", count(events))
        }
        _ if others.is_empty() => format!("{} older events are in the history", count(events)),
        _ => format!("{} older events: {} in the history, {}", count(events), count(remembered), others.join(", ")),
    })
}

/// The same of what is on screen.
#[must_use]
pub fn sentence(ctx: &Ctx<'_>) -> Option<String> {
    words(&ctx.snapshot.let_go, ctx.zone)
}

/// Behind a count of rows: `, older ones are in the history`; empty where all are in memory.
#[must_use]
pub fn behind(ctx: &Ctx<'_>) -> String {
    let gone = &ctx.snapshot.let_go;
    match (gone.events, gone.remembered) {
        (0, _) => String::new(),
        (_, 0) => ", older ones were let go of".to_owned(),
        _ => ", older ones are in the history".to_owned(),
    }
}

/// The same of something that began then; empty where its events are in memory.
#[must_use]
pub fn since(at: Option<Timestamp>, ctx: &Ctx<'_>) -> String {
    let is_older = at.zip(ctx.snapshot.let_go.until).is_some_and(|(at, until)| at <= until);
    if is_older { behind(ctx) } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn what_is_gone_is_counted_and_it_is_said_where_it_is() {
        let until = Timestamp::parse("2026-03-01T09:14:00Z");
        let of = |events, remembered, unkept| words(&LetGo { events, remembered, unkept, until, waits: false }, Zone::Utc);
        assert_eq!(of(0, 0, 0), None);
        assert_eq!(of(12_345, 12_345, 0).unwrap(), "12,345 older events are in the history");
        assert_eq!(of(12_345, 12_000, 345).unwrap(), "12,345 older events: 12,000 in the history, 345 of a kind or age it does not keep");
        assert_eq!(of(12_345, 12_000, 300).unwrap().rsplit(", ").next().unwrap(), "45 let go of without it");
        assert_eq!(of(512, 0, 0).unwrap(), "512 events up to 2026-03-01 09:14:00Z were let go of: no history is kept");
    }
}
