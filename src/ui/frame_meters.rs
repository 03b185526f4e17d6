//! The row that says how the stream does: nothing is lost, late or unreadable in silence.
//!
//! While recordings are read the row begins with how far that is. What does not fit gets shorter before anything is cut:
//! first the numbers, then the words. Where something is wrong the row ends with the key of the list that tells it.

use crate::base::text;
use crate::model::input::InputState;
use crate::store::Phase;
use crate::store::progress::Progress;
use crate::ui::action::{Action, Context};
use crate::ui::app::App;
use crate::ui::frame::put_right;
use crate::ui::preview;
use crate::ui::theme::Meaning;
use crate::ui::view::ViewId;
use crate::ui::widget::put;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::time::Duration;

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

/// `0B`, `512K`, `412M`, `3.2G`, of 1024.
#[must_use]
pub fn short_bytes(bytes: u64) -> String {
    match bytes {
        0..=1023 => format!("{bytes}B"),
        1024..=1_048_575 => format!("{}K", bytes >> 10),
        1_048_576..=1_073_741_823 => format!("{}M", bytes >> 20),
        _ => {
            let tenths = bytes / ((1 << 30) / 10);
            format!("{}.{}G", tenths / 10, tenths % 10)
        }
    }
}

fn seconds(lag: f64) -> String {
    if lag < 10.0 { format!("{lag:.1}s") } else { format!("{lag:.0}s") }
}

/// `4s`, `2m 10s`, `1h 05m`.
fn left(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..=59 => format!("{seconds}s"),
        seconds @ 60..=3_599 => format!("{}m {:02}s", seconds / 60, seconds % 60),
        seconds => format!("{}h {:02}m", seconds / 3_600, seconds / 60 % 60),
    }
}

/// How much room the words take.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Words and whole numbers.
    Long,
    /// Words, and numbers rounded; what is zero and seldom is left out.
    Short,
    /// Abbreviations.
    Narrow,
}

/// Pieces of the row, and whether each is trouble.
type Parts = Vec<(String, bool)>;

/// How far the reading is.
fn progress(progress: &Progress, form: Form) -> Parts {
    if let Some(path) = &progress.unpacking {
        let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
        let (bytes, took) = (short_bytes(progress.bytes), left(progress.took));
        let words = if form == Form::Narrow { format!("{name} {bytes} {took}") } else { format!("unpacking {name}: {bytes} in {took}") };
        return vec![(words, false)];
    }
    if progress.of_bytes == 0 {
        return vec![("opening the inputs".to_owned(), false)];
    }
    let (bytes, events) = (short_bytes(progress.bytes_per_second()), short_count(progress.events_per_second()));
    let mut parts = match form {
        Form::Narrow => vec![format!("{}% {bytes}/s {events} ev/s", progress.percent())],
        _ => vec![
            format!("{}% of {}", progress.percent(), short_bytes(progress.of_bytes)),
            format!("{bytes}/s"),
            format!("{events} events/s"),
        ],
    };
    parts.extend(progress.left().map(|time| format!("{} left", left(time))));
    parts.into_iter().map(|words| (words, false)).collect()
}

/// What comes, and what waits.
fn stream(app: &App, form: Form) -> Parts {
    let (snapshot, narrow) = (&app.newest, form == Form::Narrow);
    let meters = &snapshot.meters;
    if let Some(reading) = &snapshot.progress {
        return progress(reading, form);
    }
    if matches!(snapshot.phase, Phase::File) {
        return Vec::new();
    }
    // A clock that stands has no rate, whatever the last second was.
    let stands = matches!(snapshot.phase, Phase::Replay { playing: false, .. });
    let rate = text::count(if stands { 0 } else { meters.events_per_second.max(0.0) as u64 });
    let mut parts = vec![(if narrow { format!("{rate} ev/s") } else { format!("in {rate} ev/s") }, false)];
    if let Some(lag) = meters.lag_seconds {
        parts.push((format!("lag {}", seconds(lag.max(0.0))), lag > LONG_LAG));
    }
    let queue = meters.queue_percent;
    parts.push((if narrow { format!("q {queue}%") } else { format!("queue {queue}%") }, queue >= 90));
    // Only what is sent to us can wait on disk.
    if meters.spilled > 0 || snapshot.inputs.iter().any(|input| input.senders.is_some()) {
        parts.push((format!("spill {}", short_bytes(meters.spilled)), meters.spilled > 0));
    }
    parts
}

fn losses(app: &App, form: Form) -> Parts {
    let meters = &app.newest.meters;
    let all = [
        ("dropped", "drop", meters.dropped, true),
        ("bad", "bad", meters.bad, true),
        ("late", "late", meters.late, false),
        ("double", "dbl", meters.duplicates, false),
    ];
    let shown = all.into_iter().filter(|(name, _, count, _)| form != Form::Short || *count > 0 || *name != "double");
    shown
        .map(|(name, short, count, trouble)| {
            let words = match form {
                Form::Narrow => format!("{short} {}", short_count(count)),
                _ => format!("{name} {}", text::count(count)),
            };
            (words, trouble && count > 0)
        })
        .collect()
}

/// Inputs, events and memory, each a group of its own.
fn groups(app: &App, form: Form) -> Vec<Parts> {
    let inputs = &app.newest.inputs;
    let of = |state| inputs.iter().filter(|input| input.state == state).count();
    let (live, failed) = (of(InputState::Following), of(InputState::Failed));
    let events = app.newest.tables.events.len() as u64;
    let gone = &app.newest.let_go;
    // `kept 1.5M of 9.2M`
    let number = |form: Form| {
        let short = if form == Form::Long { text::count } else { short_count };
        let of = if form == Form::Narrow { "/" } else { " of " };
        if gone.events == 0 { short(events) } else { format!("{}{of}{}", short(events.saturating_sub(gone.events)), short(events)) }
    };
    let memory = app.newest.meters.memory.map(short_bytes);
    let failed = (failed > 0).then(|| (format!("{failed} failed"), true));
    if form == Form::Narrow {
        let mut parts: Parts = failed.into_iter().collect();
        parts.push((format!("{} ev", number(form)), gone.waits));
        parts.extend(memory.map(|memory| (memory, false)));
        return vec![parts];
    }
    let live = if live > 0 { format!(", {live} live") } else { String::new() };
    let comma = if failed.is_some() { "," } else { "" };
    let mut first = vec![(format!("{} {}{live}{comma}", inputs.len(), if inputs.len() == 1 { "input" } else { "inputs" }), false)];
    first.extend(failed);
    let kept = if gone.events > 0 { "kept " } else { "" };
    let mut last = format!("{kept}{} events", number(form));
    if let Some(memory) = memory {
        last.push_str(&format!("  mem {memory}"));
    }
    let waits = gone.waits.then(|| vec![("reading waits for the history".to_owned(), true)]);
    [first].into_iter().chain(waits).chain([vec![(last, false)]]).collect()
}

/// The pieces in their order, with what stands between them.
fn row_of(app: &App, form: Form) -> Parts {
    let narrow = form == Form::Narrow;
    let mut row: Parts = Vec::new();
    let mut join = |parts: Parts, between: &str| {
        for (place, part) in parts.into_iter().enumerate() {
            if !row.is_empty() {
                row.push((
                    if place == 0 {
                        between
                    } else if narrow || between == " | " {
                        " "
                    } else {
                        "  "
                    }
                    .to_owned(),
                    false,
                ));
            }
            row.push(part);
        }
    };
    join(stream(app, form), "");
    join(losses(app, form), if narrow { " " } else { "  " });
    for group in groups(app, form) {
        join(group, " | ");
    }
    row
}

fn cells(parts: &Parts) -> usize {
    parts.iter().map(|(words, _)| text::width(words)).sum()
}

pub(super) fn draw(app: &App, buffer: &mut Buffer, row: Rect) {
    let theme = &app.scene.theme;
    let room = usize::from(row.width.saturating_sub(2));
    let forms: &[Form] = if row.width >= WIDE { &[Form::Long, Form::Short, Form::Narrow] } else { &[Form::Narrow] };
    let fitting = forms.iter().map(|form| row_of(app, *form)).find(|parts| cells(parts) <= room);
    let parts = fitting.unwrap_or_else(|| row_of(app, Form::Narrow));
    let style = |trouble: bool| theme.style(if trouble { Meaning::Trouble } else { Meaning::Text });
    let mut x = row.x + 1;
    for (words, trouble) in &parts {
        x += put(buffer, x, row.y, row.right().saturating_sub(x), words, style(*trouble));
    }
    let meters = &app.newest.meters;
    let is_there = app.nav.tab() == ViewId::Inputs;
    let is_told = !is_there && (meters.late + meters.duplicates > 0 || parts.iter().any(|(_, trouble)| *trouble));
    if let Some(key) = app.keymap.key(Context::Global, Action::ViewInputs).filter(|_| is_told) {
        let words = format!("{key} lists them ");
        if cells(&parts) + text::width(&words) + 2 <= room {
            put_right(buffer, row, &words, theme.style(Meaning::Dim));
        }
    }
}

/// What is on screen while the rest is still read; nothing once the user looked away from it.
pub(super) fn reading(app: &App, wide: bool) -> Option<String> {
    if let Some(words) = preview::words(app, wide) {
        return Some(words);
    }
    let snapshot = &app.newest;
    let progress = snapshot.progress.as_ref().filter(|_| !app.reads_behind)?;
    let esc = app.keymap.key(Context::Global, Action::PopupDismiss).unwrap_or_default();
    let (first, last) = match (&progress.unpacking, snapshot.first, snapshot.last) {
        (None, Some(first), Some(last)) => (first, last),
        (None, ..) => return Some(format!("reading: nothing to show yet, it comes by itself  ({esc} hides this)")),
        (Some(_), ..) => return Some("unpacking before anything can be read: the logs are shown as soon as they are there".to_owned()),
    };
    let zone = app.scene.zone;
    Some(if wide {
        let (first, last) = (zone.date_time(first), zone.date_time(last));
        format!("on screen so far: {first} .. {last}; the rest comes by itself  ({esc} hides this)")
    } else {
        format!("on screen until {}, more comes by itself ({esc} hides this)", zone.date_time(last))
    })
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

    #[test]
    fn bytes_and_times_are_short() {
        for (bytes, short) in
            [(0, "0B"), (1_023, "1023B"), (512 << 10, "512K"), (412 << 20, "412M"), (3 << 30, "3.0G"), ((3 << 30) / 2, "1.5G")]
        {
            assert_eq!(short_bytes(bytes), short);
        }
        for (seconds, words) in [(0, "0s"), (59, "59s"), (130, "2m 10s"), (3_900, "1h 05m")] {
            assert_eq!(left(Duration::from_secs(seconds)), words);
        }
    }
}
