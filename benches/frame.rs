//! Milliseconds for one frame of the timeline: over a million sessions at several widths of the window, with all of them
//! in view on a large screen; and with ten million events loaded.
//!
//! `cargo bench --bench frame` (or `-- 200000` for fewer sessions, and ten times as many events). A plain program: it
//! prints a table, and fails nothing; the goal is a frame under 4 ms with a million sessions in view. `on a core` is the mean
//! of a key as the system tells it (Linux), which a busy machine lengthens little; the others are wall time. That a frame
//! does not read more of a larger log is a test, not a measurement: `ui/view/timeline/cost.rs`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::cast_precision_loss)]

#[path = "../tests/support/made.rs"]
mod made;
#[path = "support/size.rs"]
mod size;

use logonscope::base::time::{Span, Timestamp, Zone};
use logonscope::model::lane::Lane;
use logonscope::model::session::SessionEnd;
use logonscope::store::{Phase, Snapshot};
use logonscope::ui::action::Action;
use logonscope::ui::glyph::ASCII;
use logonscope::ui::theme::Theme;
use logonscope::ui::view::timeline::Timeline;
use logonscope::ui::view::{Ctx, Options, View};
use made::{Made, at};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::time::{Duration, Instant};

/// Sessions over 30 days, lengths from seconds to days, of 400 accounts on 60 hosts; one in 500 is marked.
fn many(count: usize) -> (Snapshot, Timestamp) {
    let mut made = Made::default();
    let begin = at("2026-03-01T00:00:00Z");
    let whole = Span::days(30).as_ticks();
    let mut state = 42_u64;
    let mut random = move |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    for number in 0..count {
        let start = begin + Span::ticks(whole / i64::try_from(count).unwrap() * i64::try_from(number).unwrap());
        let lane = Lane::ALL[[1, 1, 1, 1, 1, 1, 9, 9, 0, 2, 3, 4, 7, 8, 10, 11, 11, 12][random(18) as usize]];
        let seconds = match random(20) {
            0..=11 => random(50),
            12..=16 => random(3_000),
            17..=18 => random(80_000),
            _ => random(300_000),
        };
        let end = (random(200) > 0).then(|| (start + Span::seconds(i64::try_from(seconds).unwrap()), SessionEnd::Logoff));
        let who = format!("user{}@CORP > HOST{} < 10.0.{}.7", random(400), random(60), random(200));
        let id = made.session(lane, &who, start, end);
        if number % 500 == 0 {
            let opening = made.opening(id);
            made.anomaly(&made::EXPLICIT, 50, "something odd with this session, at some length", &[opening], &[id]);
        }
    }
    let now = begin + Span::days(30);
    (made.snapshot(Phase::File, now), now)
}

/// Events without sessions over 30 days. The rows themselves are let go: a frame reads sums, and ten million rows would
/// ask for gigabytes.
fn loaded(count: usize) -> (Snapshot, Timestamp) {
    let mut made = Made::default();
    let begin = at("2026-03-01T00:00:00Z");
    let step = Span::ticks(Span::days(30).as_ticks() / i64::try_from(count.max(1)).unwrap());
    for number in 0..count {
        let lane = Lane::ALL[number * 7 % Lane::COUNT];
        made.event(lane, begin + step * i64::try_from(number).unwrap(), number % 9 == 0);
        if number % 100_000 == 0 {
            made.world.tables.events.keep_newest(10_000);
        }
    }
    let now = begin + Span::days(30);
    (made.snapshot(Phase::File, now), now)
}

/// Time this thread has had a core, where the system tells.
fn on_core() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

fn main() {
    let count = size::arguments().iter().find_map(|word| word.parse().ok()).unwrap_or(size::of(1_000_000, 500));
    let (snapshot, now) = many(count);
    println!(
        "{} sessions, {} events, {} anomalies",
        snapshot.tables.sessions.len(),
        snapshot.tables.events.len(),
        snapshot.tables.anomalies.len()
    );
    measure(&snapshot, now);
    drop(snapshot);
    let (snapshot, now) = loaded(count * 10);
    println!("{} events", snapshot.tables.events.len());
    measure(&snapshot, now);
}

fn measure(snapshot: &Snapshot, now: Timestamp) {
    let theme = Theme::default();
    for (width, height) in [(120, 30), (80, 18), (200, 54), (240, 70)].into_iter().take(size::of(4, 2)) {
        let area = Rect::new(0, 0, width, height);
        let ctx = Ctx {
            snapshot,
            filter: None,
            projection: None,
            theme: &theme,
            glyphs: &ASCII,
            zone: Zone::Utc,
            options: Options::default(),
            triage: &logonscope::ui::triage::Triage::default(),
            columns: &Default::default(),
            marked: &logonscope::ui::marks::Marked::default(),
            area,
        };
        for (words, span) in [
            ("1 minute", Span::minutes(1)),
            ("15 minutes", Span::minutes(15)),
            ("1 hour", Span::hours(1)),
            ("1 day", Span::days(1)),
            ("30 days", Span::days(30)),
        ] {
            let mut view = Timeline::new();
            view.go_to(now - Span::days(15), &ctx);
            view.update(Action::WindowHour, &ctx);
            while view.window(&ctx).is_some_and(|window| window.width() > span) {
                view.update(Action::ZoomIn, &ctx);
            }
            while view.window(&ctx).is_some_and(|window| window.width() * 2 <= Span::ticks(span.as_ticks() / 2 * 3)) {
                view.update(Action::ZoomOut, &ctx);
            }
            let mut buffer = Buffer::empty(area);
            for (what, keys) in [
                ("cursor", [Action::CursorRight, Action::CursorLeft]),
                ("scroll", [Action::PanRight, Action::PanLeft]),
                ("lane", [Action::LaneNext, Action::LanePrev]),
                ("zoom", [Action::ZoomOut, Action::ZoomIn]),
            ] {
                let mut times: Vec<f64> = Vec::new();
                let before = on_core();
                for key in keys.into_iter().cycle().take(size::of(60, 2)) {
                    let start = Instant::now();
                    // A key and all that the program asks for its picture.
                    view.update(key, &ctx);
                    buffer.reset();
                    view.draw(&mut buffer, &ctx);
                    let selected = view.selection(&ctx);
                    let sentence = view.sentence(&ctx);
                    times.push(start.elapsed().as_secs_f64() * 1_000.0);
                    assert!(!sentence.is_empty() && selected.at.is_some());
                }
                let all = before.and_then(|before| Some(on_core()? - before)).map(|all| all.as_secs_f64() * 1_000.0);
                let mean = all.unwrap_or_else(|| times.iter().sum()) / times.len() as f64;
                times.sort_by(f64::total_cmp);
                let [best, median, worst] = [times[0], times[times.len() / 2], times[times.len() - 1]];
                println!(
                    "{width:>4}x{height:<3} {words:<11} {what}  on a core {mean:6.2}  best {best:6.2}  median {median:6.2}  worst {worst:6.2} ms"
                );
            }
        }
    }
}
