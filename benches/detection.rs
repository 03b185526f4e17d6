//! What the detections find and what they cry wolf about, over organisations with known attacks.
//!
//! ```text
//! cargo bench --bench detection                                        # 5,000 accounts, 30 days, seed 1
//! cargo bench --bench detection -- --accounts 5000 --days 30 --seeds 1,2,3
//! cargo bench --bench detection -- --accounts 300 --days 24 --attacks 2 --examples 5
//! ```
//!
//! Printed: recall by kind of attack, misses, time to find, false alerts at medium or above with examples, cost, memory.
//! Seeds 1 to 9 are for work on detections. Figures that are to be believed come from seeds of 100 and above, which nobody
//! looks at while a threshold is chosen. How a finding is judged: `tests/support/estate/measure.rs`.
//!
//! Times read the clock twice for each event, which costs some 40 ns; `cargo bench --bench fold` is without that.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../tests/support/estate/mod.rs"]
mod estate;
#[path = "support/size.rs"]
mod size;

use estate::Scale;
use estate::measure::{Measured, measure, shown};

/// Most memory the process ever had, in MiB (Linux).
fn peak() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0) / 1_024
}

fn main() {
    let arguments = size::arguments();
    let after = |flag: &str| arguments.iter().position(|argument| argument == flag).and_then(|place| arguments.get(place + 1));
    let number = |flag: &str, otherwise: usize| after(flag).map_or(otherwise, |text| text.parse().expect("a number"));
    let (accounts, days) = (number("--accounts", size::of(5_000, 60)), number("--days", size::of(30, 10)));
    let (attacks, examples) = (number("--attacks", size::of(5, 1)), number("--examples", 3));
    let seeds = after("--seeds").map_or("1", String::as_str);
    let mut all: Option<Measured> = None;
    for seed in seeds.split(',') {
        let seed = seed.trim().parse().expect("seeds are numbers");
        let days = i64::try_from(days).expect("a number of days");
        let measured = measure(Scale { accounts, days, seed, attacks });
        println!("seed {seed}: recall {:.1} %, {:.2} false alerts a day", measured.recall() * 100.0, measured.false_a_day());
        match &mut all {
            Some(all) => all.add(measured),
            None => all = Some(measured),
        }
    }
    if let Some(all) = all {
        println!("\n{}", shown(&all, examples));
    }
    println!("peak memory {} MiB", peak());
}
