//! What the detections find in a small organisation, and what they cry wolf about.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/estate/mod.rs"]
mod estate;

use estate::Scale;
use estate::measure::{measure, shown};

const SMALL: Scale = Scale { accounts: 150, days: 20, seed: 1, attacks: 1 };

/// Share of the attacks found at medium or above. Twenty days teach people of five working days a week hardly enough for
/// what rests on habits, so it is below what a month gives; what needs no habits has to be found here too.
const FLOOR: f64 = 0.78;
/// False alerts a day. The Internet is as loud for a small organisation as for a large one, and the first people who reach a
/// server from outside are told as what is new, so it is not the thirtieth part of what 5,000 accounts may have.
const CEILING: f64 = 1.2;

#[test]
fn attacks_are_found_and_ordinary_life_is_quiet() {
    let measured = measure(SMALL);
    let text = shown(&measured, 3);
    if std::env::var_os("SHOW").is_some() {
        println!("{text}");
    }
    assert!(measured.attacks.len() >= 40, "{text}");
    assert!(measured.recall() >= FLOOR, "{text}");
    assert!(measured.false_a_day() <= CEILING, "{text}");
}
