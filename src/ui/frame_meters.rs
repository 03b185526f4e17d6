//! The row that says how the stream does: nothing is lost, late or unreadable in silence.

use crate::base::text;
use crate::model::input::InputState;
use crate::store::Phase;
use crate::ui::app::App;
use crate::ui::theme::Meaning;
use crate::ui::widget::put;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// A lag worth a warning, in seconds.
const LONG_LAG: f64 = 5.0;

/// Columns from which words are written out.
const WIDE: u16 = 112;

/// `950`, `18.4k`, `2.1M`.
#[must_use]
pub fn short_count(number: u64) -> String {
    let scaled = |unit: u64, letter: char| {
        let tenths = number / (unit / 10);
        if tenths < 1000 { format!("{}.{}{letter}", tenths / 10, tenths % 10) } else { format!("{}{letter}", tenths / 10) }
    };
    match number {
        0..=9_999 => text::count(number),
        10_000..=999_999 => scaled(1_000, 'k'),
        1_000_000..=999_999_999 => scaled(1_000_000, 'M'),
        _ => scaled(1_000_000_000, 'G'),
    }
}

fn seconds(lag: f64) -> String {
    if lag < 10.0 { format!("{lag:.1}s") } else { format!("{lag:.0}s") }
}

pub(super) fn draw(app: &App, buffer: &mut Buffer, row: Rect) {
    let wide = row.width >= WIDE;
    let (meters, theme) = (&app.newest.meters, &app.scene.theme);
    let moves = !matches!(app.newest.phase, Phase::File);
    let mut parts: Vec<(String, bool)> = Vec::new();
    if moves {
        // A clock that stands has no rate, whatever the last second was.
        let stands = matches!(app.newest.phase, Phase::Replay { playing: false, .. });
        let rate = text::count(if stands { 0 } else { meters.events_per_second.max(0.0) as u64 });
        parts.push((if wide { format!("in {rate} ev/s") } else { format!("{rate} ev/s") }, false));
        if let Some(lag) = meters.lag_seconds {
            parts.push((format!("lag {}", seconds(lag.max(0.0))), lag > LONG_LAG));
        }
        let queue = meters.queue_percent;
        parts.push((if wide { format!("queue {queue}%") } else { format!("q {queue}%") }, queue >= 90));
    }
    for (name, short, count, trouble) in [
        ("dropped", "drop", meters.dropped, true),
        ("bad", "bad", meters.bad, true),
        ("late", "late", meters.late, false),
        ("double", "dbl", meters.duplicates, false),
    ] {
        let number = if wide { text::count(count) } else { short_count(count) };
        parts.push((format!("{} {number}", if wide { name } else { short }), trouble && count > 0));
    }
    let style = |trouble: bool| theme.style(if trouble { Meaning::Trouble } else { Meaning::Text });
    let mut x = row.x + 1;
    let right = row.right();
    let mut write = |words: &str, trouble: bool| x += put(buffer, x, row.y, right.saturating_sub(x), words, style(trouble));
    for (place, (words, trouble)) in parts.iter().enumerate() {
        if place > 0 {
            write(if wide { "  " } else { " " }, false);
        }
        write(words, *trouble);
    }
    let inputs = &app.newest.inputs;
    let of = |state| inputs.iter().filter(|input| input.state == state).count();
    let (live, failed) = (of(InputState::Following), of(InputState::Failed));
    let events = app.newest.tables.events.len() as u64;
    write(" | ", false);
    if wide {
        let live = if live > 0 { format!(", {live} live") } else { String::new() };
        write(&format!("{} {}{live}", inputs.len(), if inputs.len() == 1 { "input" } else { "inputs" }), false);
        if failed > 0 {
            write(", ", false);
            write(&format!("{failed} failed"), true);
        }
        write(&format!(" | {} events", text::count(events)), false);
    } else {
        if failed > 0 {
            write(&format!("{failed} failed"), true);
            write(" ", false);
        }
        write(&format!("{} ev", short_count(events)), false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_counts_are_short() {
        for (number, short) in [
            (0, "0"),
            (9_999, "9,999"),
            (10_000, "10.0k"),
            (999_999, "999k"),
            (1_204_551, "1.2M"),
            (18_402_113, "18.4M"),
            (u64::MAX, "18446744073G"),
        ] {
            assert_eq!(short_count(number), short);
        }
    }
}
