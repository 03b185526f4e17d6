//! Words for what is missing from the evidence and what is doubtful in it, the same in reports and on the screen.
//!
//! Facts first: where, how many, between which times. What a fact probably means is said as such. Texts from logs are
//! not cleaned here; whoever draws or prints a sentence cleans it.

use crate::base::intern::Names;
use crate::base::text::count;
use crate::base::time::Zone;
use crate::model::coverage::Coverage;
use crate::model::fields::Unreadable;
use crate::model::input::{InputState, InputStatus, PlaceKind, REASONS_KEPT, Tally};
use crate::model::log::{Clear, StepBack};
use crate::model::runs::Gap;
use crate::normalise::shape::SHAPES;

/// What was counted besides records and events: number, short name, words. Those that are 0 are part of it.
#[must_use]
pub fn counts(tally: &Tally) -> [(u64, &'static str, &'static str); 8] {
    [
        (tally.unreadable, "bad", "unreadable"),
        (tally.checksum_mismatches, "checksum", "chunks with a wrong checksum (read with care)"),
        (tally.dropped, "dropped", "dropped by the log itself"),
        (tally.late, "late", "late"),
        (tally.duplicates, "double", "seen before (counted once)"),
        (tally.unknown, "unknown", "of no known shape"),
        (tally.recovered_in_slack, "slack", "in slack space (not read)"),
        (tally.out_of_order(), "disorder", "out of order"),
    ]
}

/// `3 unreadable, 17 in slack space`; empty when there is nothing to tell.
#[must_use]
pub fn counted(tally: &Tally) -> String {
    let told = counts(tally).into_iter().filter(|(number, ..)| *number > 0);
    told.map(|(number, _, words)| format!("{} {words}", count(number))).collect::<Vec<_>>().join(", ")
}

/// `line 12 record 4112`, `offset 0x11000`.
#[must_use]
pub fn place(at: &Unreadable) -> String {
    let place = if at.line > 0 { format!("line {}", at.line) } else { format!("offset {:#x}", at.offset) };
    if at.record > 0 { format!("{place} record {}", at.record) } else { place }
}

/// Places of a kind that are counted, but not kept.
#[must_use]
pub fn not_listed(tally: &Tally, kind: PlaceKind) -> u64 {
    let all = match kind {
        PlaceKind::Unreadable => tally.unreadable,
        PlaceKind::Checksum => tally.checksum_mismatches,
        PlaceKind::Dropped => tally.places.of(kind).count() as u64,
        PlaceKind::Unknown => tally.unknown,
    };
    all.saturating_sub(tally.places.of(kind).count() as u64)
}

/// What is to be known before an input is trusted.
#[must_use]
pub fn notes(input: &InputStatus) -> Vec<String> {
    let shapes = SHAPES.iter().filter(|shape| !shape.note.is_empty() && input.shapes.iter().any(|(name, _)| *name == shape.name));
    let mut notes: Vec<String> = shapes.map(|shape| format!("{}: {}", shape.name, shape.note)).collect();
    if input.bytes == 0 && input.state == InputState::Done {
        notes.push("empty: not a single byte is in it".to_owned());
    }
    if input.assumed_utc > 0 {
        notes.push(format!("{} records state a local time without a zone; UTC was assumed", count(input.assumed_utc)));
    }
    if input.checksum_mismatches > 0 {
        notes.push("checksums differ: values may not be what was written".to_owned());
    }
    if input.records >= 10 && input.out_of_order() * 10 >= input.records * 9 {
        notes.push("the newest records stand first".to_owned());
    }
    for kind in PlaceKind::ALL {
        let more = not_listed(input, kind);
        if more > 0 {
            notes.push(format!("{} more {} places are counted; the first {REASONS_KEPT} are kept", count(more), kind.word()));
        }
    }
    notes
}

/// What the record numbers of a log say, in one line.
#[must_use]
pub fn numbers(log: &Coverage) -> String {
    let numbers = &log.numbers;
    if numbers.present == 0 {
        return if log.records == 0 { "not among the inputs".to_owned() } else { "no record numbers".to_owned() };
    }
    let range = match numbers.restarts {
        0 => format!("{}..{}", count(numbers.first), count(numbers.last)),
        1 => format!("the numbers start again once, {} numbers", count(numbers.present)),
        times => format!("the numbers start again {} times, {} numbers", count(times), count(numbers.present)),
    };
    if log.is_selection() {
        let all = count(numbers.present + numbers.missing);
        // The kinds are counted by remainder: only few of them are a fact.
        let kinds = match log.kinds {
            1 => ", 1 kind of record".to_owned(),
            kinds @ ..=16 => format!(", {kinds} kinds of records"),
            _ => String::new(),
        };
        return format!("{range}, {} of {all} are here{kinds}: probably a filtered export", count(numbers.present));
    }
    match log.missing() {
        (0, _) => format!("{range}, no gap"),
        (1, missing) => format!("{range}, 1 gap of {}", count(missing)),
        (holes, missing) => format!("{range}, {} missing in {} gaps", count(missing), count(holes)),
    }
}

/// `1,001..1,120 missing (120), between TIME and TIME`.
#[must_use]
pub fn gap(gap: &Gap, log: &Coverage, names: &Names, zone: Zone) -> String {
    let range = if gap.first == gap.last {
        format!("record {} is missing", count(gap.first))
    } else {
        format!("records {}..{} are missing ({})", count(gap.first), count(gap.last), count(gap.missing()))
    };
    let cause = log.cleared(gap).map(|clear| format!(": the log was cleared{}", by(clear, names))).unwrap_or_default();
    format!("{range}, between {} and {}{cause}", zone.date_time(gap.after), zone.date_time(gap.before))
}

fn by(clear: &Clear, names: &Names) -> String {
    match (names.raw(clear.domain), names.raw(clear.user)) {
        (_, "") => String::new(),
        ("", user) => format!(" by {user}"),
        (domain, user) => format!(" by {domain}\\{user}"),
    }
}

/// Who cleared it; empty where the record does not say.
#[must_use]
pub fn who(clear: &Clear, names: &Names) -> String {
    by(clear, names).trim_start_matches(" by ").to_owned()
}

#[must_use]
pub fn clear(clear: &Clear, names: &Names, zone: Zone) -> String {
    format!("cleared {}{} (record {})", zone.date_time(clear.at), by(clear, names), count(clear.record))
}

#[must_use]
pub fn step(step: &StepBack, zone: Zone) -> String {
    format!(
        "the clock goes back {} at record {}: {} to {}",
        step.by().words(),
        count(step.record),
        zone.date_time(step.from),
        zone.date_time(step.to)
    )
}
