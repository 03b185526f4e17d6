//! What one frame reads of a log: the cells of the screen and what is in view, however long the log is.

use super::Timeline;
use crate::base::segments::visits;
use crate::base::time::{Span, Timestamp, Zone};
use crate::model::lane::Lane;
use crate::model::session::SessionEnd;
use crate::store::{Phase, Snapshot};
use crate::ui::action::Action;
use crate::ui::glyph::ASCII;
use crate::ui::marks::Marked;
use crate::ui::theme::Theme;
use crate::ui::triage::Triage;
use crate::ui::view::{Ctx, Options, View as _};
use made::{Made, at};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

#[path = "../../../../tests/support/made.rs"]
mod made;

/// A month with so many sessions, as many events beside them, and a finding on each hundredth.
fn month(sessions: i64) -> (Snapshot, Timestamp) {
    let mut made = Made::default();
    let begin = at("2026-03-01T00:00:00Z");
    let step = Span::ticks(Span::days(30).as_ticks() / sessions);
    for number in 0..sessions {
        let start = begin + step * number;
        let lane = Lane::ALL[usize::try_from(number * 5).unwrap() % Lane::COUNT];
        let end = start + Span::seconds(number * 7_919 % 90_000);
        let open = number % 300 == 0;
        let id = made.session(lane, &format!("u{}@C > H{}", number % 97, number % 31), start, (!open).then_some((end, SessionEnd::Logoff)));
        made.event(lane, start, number % 3 == 0);
        if number % 100 == 0 {
            let opening = made.opening(id);
            made.anomaly(&made::EXPLICIT, 50, "odd", &[opening], &[id]);
        }
    }
    let now = begin + Span::days(30);
    (made.snapshot(Phase::File, now), now)
}

/// The most entries that one of these keys with its picture reads, over all widths of the window.
fn most_read(snapshot: &Snapshot, now: Timestamp, area: Rect, keys: &[Action]) -> u64 {
    let (theme, triage, marked) = (Theme::default(), Triage::default(), Marked::default());
    let ctx = Ctx {
        snapshot,
        filter: None,
        projection: None,
        theme: &theme,
        glyphs: &ASCII,
        zone: Zone::Utc,
        options: Options::default(),
        columns: &Default::default(),
        triage: &triage,
        marked: &marked,
        area,
    };
    let mut view = Timeline::new();
    view.go_to(now - Span::days(15), &ctx);
    let mut most = 0;
    let fits = [Action::WindowQuarter, Action::WindowHour, Action::WindowDay, Action::FitAll];
    for fit in fits {
        view.update(fit, &ctx);
        for key in keys {
            let _ = visits::taken();
            view.update(*key, &ctx);
            let mut buffer = Buffer::empty(area);
            view.draw(&mut buffer, &ctx);
            let _ = (view.selection(&ctx), view.sentence(&ctx));
            most = most.max(visits::taken());
        }
    }
    most
}

#[test]
fn a_frame_reads_no_more_of_a_longer_log() {
    for (width, height) in [(80, 18), (120, 30), (200, 54)] {
        let area = Rect::new(0, 0, width, height);
        let [(few, then), (many, now)] = [month(4_000), month(40_000)];
        let keys = [Action::CursorLeft, Action::CursorRight, Action::LaneNext, Action::PanLeft, Action::PanRight, Action::CursorDown];
        let (small, large) = (most_read(&few, then, area, &keys), most_read(&many, now, area, &keys));
        // Ten times the log: what is in view has grown, up to what is looked at in any window, and no further.
        assert!(small > 500, "{small}: the count is not taken");
        let bound = 120_000 + u64::from(width) * Lane::COUNT as u64 * 40;
        assert!(large < bound, "{width}x{height}: {large} entries read, {small} of a log of a tenth");
    }
}

#[test]
fn what_a_key_leaves_on_screen_is_not_read_again() {
    let ((snapshot, now), area) = (month(40_000), Rect::new(0, 0, 200, 54));
    let step = most_read(&snapshot, now, area, &[Action::CursorRight, Action::CursorLeft]);
    let pan = most_read(&snapshot, now, area, &[Action::PanLeft, Action::PanRight]);
    assert!(step > 0 && step * 8 < pan, "{step} entries for a step of the cursor, {pan} for a new window");
}
