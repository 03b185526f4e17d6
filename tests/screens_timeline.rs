//! The timeline as a picture, and what its keys do.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/made.rs"]
mod made;

use logonscope::base::time::{Span, Zone};
use logonscope::model::lane::Lane;
use logonscope::query::Filter;
use logonscope::store::projection::Projection;
use logonscope::store::{Phase, Snapshot};
use logonscope::ui::action::Action;
use logonscope::ui::effect::{Effect, Place};
use logonscope::ui::glyph::{ASCII, Glyphs, UNICODE};
use logonscope::ui::theme::Theme;
use logonscope::ui::view::timeline::Timeline;
use logonscope::ui::view::{Ctx, Options, View};
use made::{at, morning, morning_now};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

struct Screen {
    snapshot: Snapshot,
    filter: Option<Filter>,
    projection: Option<Projection>,
    theme: Theme,
    glyphs: &'static Glyphs,
    options: Options,
    area: Rect,
    view: Timeline,
}

impl Screen {
    fn new(snapshot: Snapshot, width: u16, height: u16) -> Self {
        let area = Rect::new(0, 0, width, height);
        let mut screen = Self {
            snapshot,
            filter: None,
            projection: None,
            theme: Theme::default(),
            glyphs: &ASCII,
            options: Options::default(),
            area,
            view: Timeline::new(),
        };
        screen.with(|view, ctx| view.refresh(ctx));
        screen
    }
    fn with<T>(&mut self, act: impl FnOnce(&mut Timeline, &Ctx<'_>) -> T) -> T {
        let ctx = Ctx {
            snapshot: &self.snapshot,
            filter: self.filter.as_ref(),
            projection: self.projection.as_ref(),
            theme: &self.theme,
            glyphs: self.glyphs,
            zone: Zone::Utc,
            options: self.options,
            triage: &logonscope::ui::triage::Triage::default(),
            columns: &Default::default(),
            marked: &logonscope::ui::marks::Marked::default(),
            area: self.area,
        };
        act(&mut self.view, &ctx)
    }
    fn press(&mut self, actions: &[Action]) -> Vec<Effect> {
        actions.iter().flat_map(|action| self.with(|view, ctx| view.update(*action, ctx))).collect()
    }
    fn buffer(&mut self) -> Buffer {
        let mut buffer = Buffer::empty(self.area);
        self.with(|view, ctx| view.draw(&mut buffer, ctx));
        buffer
    }
    fn picture(&mut self) -> String {
        let buffer = self.buffer();
        let row = |y| (0..buffer.area.width).map(|x| buffer[(x, y)].symbol()).collect::<String>().trim_end().to_owned();
        (0..buffer.area.height).map(row).collect::<Vec<_>>().join("\n")
    }
}

fn live() -> Snapshot {
    morning().snapshot(Phase::Live, morning_now())
}

/// The morning, from 09:13 on.
fn half_hour(width: u16, height: u16) -> Screen {
    let mut screen = Screen::new(live(), width, height);
    screen.press(&[Action::WindowQuarter, Action::ZoomOut]);
    screen
}

fn in_view(screen: &mut Screen) -> (logonscope::base::time::Timestamp, logonscope::base::time::Timestamp) {
    let window = screen.with(|view, ctx| view.window(ctx)).unwrap();
    (window.from, window.to)
}

fn filtered(screen: &mut Screen, text: &str) {
    let filter = logonscope::query::parse(text, morning_now()).unwrap();
    let mut projection = Projection::new(text.to_owned(), filter.clone());
    projection.extend(&screen.snapshot, usize::MAX);
    (screen.filter, screen.projection) = (Some(filter), Some(projection));
}

/// The cursor on the session of the service account on FS01, as in the design.
fn on_the_odd_session(width: u16, height: u16) -> Screen {
    let mut screen = half_hour(width, height);
    screen.press(&[Action::AnomalyPrev, Action::AnomalyPrev]);
    screen
}

#[test]
fn the_morning_at_full_size() {
    insta::assert_snapshot!(on_the_odd_session(120, 30).picture());
}

#[test]
fn the_morning_on_a_small_terminal() {
    insta::assert_snapshot!(on_the_odd_session(80, 18).picture());
}

#[test]
fn the_morning_in_unicode() {
    let mut screen = on_the_odd_session(120, 30);
    screen.glyphs = &UNICODE;
    insta::assert_snapshot!(screen.picture());
}

#[test]
fn a_recording_opens_on_its_last_day() {
    insta::assert_snapshot!(Screen::new(morning().snapshot(Phase::File, morning_now()), 120, 30).picture());
}

#[test]
fn one_lane_alone_has_all_rows() {
    let mut screen = on_the_odd_session(120, 30);
    screen.press(&[Action::LanePrev, Action::LaneSolo]);
    let picture = screen.picture();
    assert!(picture.contains("> 9 NewCred") && !picture.contains("RemoteInt") && !picture.contains("Entra"), "{picture}");
    screen.press(&[Action::LaneSolo]);
    assert!(screen.picture().contains("RemoteInt"));
}

#[test]
fn empty_says_why_and_what_to_do() {
    let say = |snapshot: Snapshot| Screen::new(snapshot, 80, 18).picture();
    let nothing = |phase| made::Made::default().snapshot(phase, at("09:00:00"));
    assert!(say(nothing(Phase::Loading { percent: 12 })).contains("reading, 12% done"));
    assert!(say(nothing(Phase::File)).contains("quit (Q) and name a log"));
    assert!(say(nothing(Phase::Live)).contains("waiting for the first one"));
    let mut boots = made::Made::default();
    boots.boot(at("09:00:00"));
    let picture = say(boots.snapshot(Phase::File, at("09:00:00")));
    assert!(picture.contains("1 events, none of them a logon") && picture.contains('8'), "{picture}");
    let mut screen = Screen::new(live(), 80, 18);
    filtered(&mut screen, "account:nobody");
    assert!(screen.picture().contains("the filter hides all"));
    assert!(screen.with(|view, ctx| view.sentence(ctx)).contains("the filter hides all"));
}

#[test]
fn zooming_keeps_the_cursor_where_it_is() {
    let mut screen = on_the_odd_session(120, 30);
    let column = |screen: &mut Screen| {
        let picture = screen.picture();
        picture.lines().nth(27).unwrap().rfind('^').unwrap()
    };
    let (before, at) = (column(&mut screen), screen.with(|view, ctx| view.selection(ctx)).at);
    let (from, to) = in_view(&mut screen);
    screen.press(&[Action::ZoomIn]);
    let (near_from, near_to) = in_view(&mut screen);
    assert_eq!((near_to - near_from) * 2, to - from);
    assert_eq!((column(&mut screen), screen.with(|view, ctx| view.selection(ctx)).at), (before, at));
    screen.press(&[Action::ZoomOut, Action::ZoomOut]);
    assert_eq!((column(&mut screen), screen.with(|view, ctx| view.selection(ctx)).at), (before, at));
}

#[test]
fn a_live_view_follows_until_a_key_goes_into_the_past() {
    let mut made = morning();
    let mut screen = Screen::new(made.snapshot(Phase::Live, morning_now()), 120, 30);
    screen.press(&[Action::WindowHour]);
    let (_, before) = in_view(&mut screen);
    screen.snapshot = made.snapshot(Phase::Live, morning_now() + Span::minutes(10));
    let (from, to) = in_view(&mut screen);
    // It moves by whole columns, so that counts do not flow from one to the next.
    let column = Span::ticks((to - from).as_ticks() / 95);
    assert_eq!((to - before).as_ticks() % column.as_ticks(), 0);
    let near = |span: Span, wanted: Span| Span::ticks(span.as_ticks() - wanted.as_ticks()).abs() <= column;
    assert!(near(to - before, Span::minutes(10)) && near(to - from, Span::hours(1)));
    assert_eq!(screen.with(|view, ctx| view.selection(ctx)).at, Some(morning_now() + Span::minutes(10)));
    for away in [Action::CursorLeft, Action::PanLeft, Action::AnomalyPrev, Action::WindowStart, Action::DayPrev, Action::CursorFirst] {
        screen.press(&[away]);
        let held = in_view(&mut screen);
        screen.snapshot = made.snapshot(Phase::Live, morning_now() + Span::minutes(20));
        assert_eq!(in_view(&mut screen), held, "{away:?}");
        screen.press(&[Action::CursorLast]);
        let (_, to) = in_view(&mut screen);
        assert!(to > morning_now() + Span::minutes(20), "{away:?}");
        screen.snapshot = made.snapshot(Phase::Live, morning_now() + Span::minutes(30));
        assert!(near(in_view(&mut screen).1 - to, Span::minutes(10)), "{away:?}");
        screen.snapshot = made.snapshot(Phase::Live, morning_now() + Span::minutes(10));
    }
}

#[test]
fn a_replay_stopped_on_an_anomaly_shows_it_and_goes_on_following() {
    let mut made = morning();
    let held = Phase::Replay { playing: false, speed: 60.0, position: 9, events: 99 };
    let mut screen = Screen::new(made.snapshot(held, at("09:38:30")), 120, 30);
    assert!(screen.with(|view, ctx| view.sentence(ctx)).contains("log-cleared"), "{}", screen.picture());
    screen.snapshot = made.snapshot(Phase::Replay { playing: true, speed: 60.0, position: 9, events: 99 }, at("09:39:30"));
    screen.with(|view, ctx| view.refresh(ctx));
    assert!(!screen.with(|view, ctx| view.sentence(ctx)).contains("log-cleared"));
    assert_eq!(screen.with(|view, ctx| view.selection(ctx)).at, Some(at("09:39:30")));
}

#[test]
fn the_next_anomaly_moves_window_lane_and_bar() {
    let mut screen = Screen::new(morning().snapshot(Phase::File, morning_now()), 120, 30);
    screen.press(&[Action::CursorFirst, Action::WindowHour]);
    let mut seen = Vec::new();
    for _ in 0..8 {
        assert_eq!(screen.press(&[Action::AnomalyNext]), []);
        let selection = screen.with(|view, ctx| view.selection(ctx));
        let anomaly = screen.snapshot.tables.anomaly(selection.anomaly.unwrap()).unwrap().clone();
        assert_eq!(selection.session, anomaly.sessions.first().copied());
        let (from, to) = in_view(&mut screen);
        assert!(from <= selection.at.unwrap() && selection.at.unwrap() < to);
        assert!(screen.picture().contains(&anomaly.why[..30]), "{}", anomaly.why);
        seen.push(anomaly.raised_at);
    }
    assert!(seen.is_sorted());
    assert_eq!(screen.press(&[Action::AnomalyNext]), [Effect::Say("past the last anomaly: this is the first".to_owned())]);
    assert_eq!(screen.with(|view, ctx| view.selection(ctx)).at, seen.first().copied());
    assert_eq!(screen.press(&[Action::AnomalyPrev]), [Effect::Say("before the first anomaly: this is the last".to_owned())]);
    for expected in seen.iter().rev().skip(1) {
        screen.press(&[Action::AnomalyPrev]);
        assert_eq!(screen.with(|view, ctx| view.selection(ctx)).at, Some(*expected));
    }
}

#[test]
fn a_filter_leaves_its_anomalies_sessions_and_counts() {
    let mut screen = half_hour(120, 30);
    filtered(&mut screen, "lane:rdp");
    let picture = screen.picture();
    assert!(picture.contains("svc_backup@FS01 10.0.9.66") && !picture.contains("svc_sql") && !picture.contains("36 failures"), "{picture}");
    assert!(picture.contains("> 2 Interactive    -   0") || picture.contains(" 2 Interactive    0   0"), "{picture}");
    screen.press(&[Action::AnomalyPrev]);
    let anomaly = screen.with(|view, ctx| view.selection(ctx)).anomaly.unwrap();
    assert_eq!(screen.snapshot.tables.anomaly(anomaly).unwrap().detection.id, "first-source");
}

#[test]
fn enter_opens_what_is_there_or_looks_nearer() {
    let mut screen = on_the_odd_session(120, 30);
    let visit = screen.with(|view, ctx| view.selection(ctx)).visit.unwrap();
    assert_eq!(screen.press(&[Action::NavOpen]), [Effect::Open(Place::Visit(visit))]);
    let mut screen = half_hour(120, 30);
    screen.press(&[Action::AnomalyPrev]);
    let anomaly = screen.with(|view, ctx| view.selection(ctx)).anomaly.unwrap();
    assert_eq!(screen.press(&[Action::NavOpen]), [Effect::Open(Place::Anomaly(anomaly))]);
    screen.press(&[Action::CursorRight, Action::CursorRight, Action::CursorRight]);
    let (from, to) = in_view(&mut screen);
    let said = screen.press(&[Action::NavOpen]);
    assert!(matches!(said.as_slice(), [Effect::Say(words)] if words.contains("zoomed in")), "{said:?}");
    let (near_from, near_to) = in_view(&mut screen);
    assert_eq!((near_to - near_from) * 2, to - from);
}

#[test]
fn a_moment_that_was_asked_for_is_in_the_middle() {
    let mut screen = on_the_odd_session(120, 30);
    assert!(screen.with(|view, ctx| view.go_to(at("2026-03-10T12:00:00Z"), ctx)).is_some());
    let (from, to) = in_view(&mut screen);
    assert_eq!(at("2026-03-10T12:00:00Z") - from, to - at("2026-03-10T12:00:00Z"));
    assert_eq!(screen.with(|view, ctx| view.selection(ctx)).at, Some(at("2026-03-10T12:00:00Z")));
    assert!(screen.picture().contains("nothing in this window: z a shows all data"));
}

#[test]
fn brackets_go_from_session_to_session_of_the_lane() {
    let mut screen = on_the_odd_session(120, 30);
    let start = |screen: &mut Screen| {
        let session = screen.with(|view, ctx| view.selection(ctx)).session.unwrap();
        screen.snapshot.tables.session(session).unwrap().start
    };
    screen.press(&[Action::LaneEventNext]);
    assert_eq!(start(&mut screen), at("09:36:00"));
    assert!(matches!(screen.press(&[Action::LaneEventNext]).as_slice(), [Effect::Say(_)]));
    screen.press(&[Action::LaneEventPrev, Action::LaneEventPrev]);
    assert_eq!(start(&mut screen), at("09:26:00"));
    screen.press(&[Action::LaneEventPrev]);
    // It began before the window: the window went there.
    assert_eq!(start(&mut screen), at("09:05:00"));
    assert!(in_view(&mut screen).0 < at("09:05:00"));
}

#[test]
fn rows_lead_through_lanes_and_their_bars() {
    let mut screen = half_hour(120, 30);
    screen.press(&[Action::AnomalyPrev, Action::LaneNext]);
    let sessions: Vec<_> = (0..3)
        .map(|_| {
            screen.press(&[Action::CursorDown]);
            screen.with(|view, ctx| view.selection(ctx)).session
        })
        .collect();
    assert!(sessions.iter().flatten().count() >= 2, "{sessions:?}\n{}", screen.picture());
    screen.press(&[Action::CursorPageDown]);
    assert!(screen.picture().contains("> E managed id"));
    screen.press(&[Action::CursorPageUp]);
    assert!(screen.picture().contains("> 2 Interactive"));
}

#[test]
fn built_in_accounts_have_bars_on_demand_and_when_marked() {
    let mut made = morning();
    let marked = made.session(Lane::Batch, "SYSTEM > FS01", at("09:20:00"), None);
    let opening = made.opening(marked);
    made.anomaly(&made::EXPLICIT, 50, "odd", &[opening], &[marked]);
    let mut screen = Screen::new(made.snapshot(Phase::Live, morning_now()), 120, 40);
    screen.press(&[Action::WindowHour]);
    let count = |screen: &mut Screen| screen.picture().matches("SYSTEM@FS01").count();
    assert_eq!(count(&mut screen), 1);
    screen.options.built_in_accounts = true;
    assert!(count(&mut screen) > 1);
}

#[test]
fn sessions_of_one_account_that_touch_are_one_bar() {
    let mut screen = half_hour(120, 30);
    assert!(screen.picture().contains("web_pool@IIS2 x12"));
    screen.press(&[Action::LaneNext, Action::ZoomIn, Action::ZoomIn, Action::ZoomIn]);
    screen.press(&[Action::LaneEventPrev]);
    assert!(!screen.picture().contains("x12"), "{}", screen.picture());
}

#[test]
fn a_bar_keeps_its_row_while_the_window_moves() {
    let mut made = made::Made::default();
    let ended = |time: &str| Some((at(time), logonscope::model::session::SessionEnd::Logoff));
    made.session(Lane::Interactive, "first@A > H1", at("09:00:00"), ended("09:10:00"));
    made.session(Lane::Interactive, "second@A > H2", at("09:05:00"), ended("09:40:00"));
    made.session(Lane::Interactive, "third@A > H3", at("09:20:00"), ended("09:50:00"));
    let mut screen = Screen::new(made.snapshot(Phase::File, at("09:50:00")), 120, 30);
    let row = |screen: &mut Screen, name: &str| screen.picture().lines().position(|line| line.contains(name)).unwrap();
    screen.press(&[Action::WindowStart, Action::WindowHour]);
    let before = (row(&mut screen, "second@H2"), row(&mut screen, "third@H3"));
    assert!(screen.picture().contains("first@H1"));
    screen.press(&[Action::WindowQuarter, Action::ZoomOut, Action::PanRight]);
    assert!(!screen.picture().contains("first@H1"), "{}", screen.picture());
    assert_eq!((row(&mut screen, "second@H2"), row(&mut screen, "third@H3")), before);
}

#[test]
fn names_from_a_log_cannot_steer_the_terminal() {
    let mut made = made::Made::default();
    let odd =
        made.session(Lane::Interactive, "ev\u{1b}[31mil\u{202e}@X > h\u{7}ost", at("09:00:00"), Some((at("09:30:00"), Default::default())));
    let opening = made.opening(odd);
    made.anomaly(&made::EXPLICIT, 50, "why\u{1b}]0;x\u{7}", &[opening], &[odd]);
    let mut screen = Screen::new(made.snapshot(Phase::File, at("09:30:00")), 120, 30);
    screen.press(&[Action::AnomalyPrev]);
    let picture = screen.picture();
    assert!(!picture.chars().any(|c| c != '\n' && logonscope::base::text::is_unsafe(c)), "{picture:?}");
    assert!(picture.contains("^[[31m"));
}

#[test]
fn without_colour_the_marks_keep_their_attributes() {
    let mut screen = on_the_odd_session(120, 30);
    screen.theme.colourless = true;
    let buffer = screen.buffer();
    assert!(buffer.content.iter().all(|cell| cell.fg == ratatui::style::Color::Reset && cell.bg == ratatui::style::Color::Reset));
    let letters = buffer.content.iter().filter(|cell| cell.symbol() == "C" && cell.modifier.contains(ratatui::style::Modifier::REVERSED));
    assert!(letters.count() >= 1);
}

#[test]
fn no_size_and_no_keys_are_too_odd() {
    const KEYS: [Action; 31] = [
        Action::CursorLeft,
        Action::CursorRight,
        Action::CursorUp,
        Action::CursorDown,
        Action::LaneNext,
        Action::LanePrev,
        Action::CursorHalfDown,
        Action::CursorHalfUp,
        Action::CursorPageDown,
        Action::CursorPageUp,
        Action::CursorFirst,
        Action::CursorLast,
        Action::WindowStart,
        Action::WindowEnd,
        Action::ZoomIn,
        Action::ZoomOut,
        Action::WindowDay,
        Action::WindowHour,
        Action::WindowQuarter,
        Action::WindowCentre,
        Action::FitAll,
        Action::FitSession,
        Action::PanLeft,
        Action::PanRight,
        Action::DayPrev,
        Action::DayNext,
        Action::LaneEventNext,
        Action::LaneEventPrev,
        Action::AnomalyNext,
        Action::AnomalyPrev,
        Action::LaneSolo,
    ];
    let sizes = [(0, 0), (1, 1), (17, 3), (18, 18), (25, 5), (40, 10), (80, 18), (99, 60), (120, 4), (120, 30), (300, 100)];
    let snapshots = [live(), morning().snapshot(Phase::File, morning_now()), made::Made::default().snapshot(Phase::File, at("09:00:00"))];
    let mut state = 7_u32;
    for snapshot in snapshots {
        for (width, height) in sizes {
            let mut screen = Screen::new(snapshot.clone(), width, height);
            for _ in 0..60 {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                screen.press(&[KEYS[(state >> 16) as usize % KEYS.len()]]);
                screen.picture();
                screen.with(|view, ctx| (view.selection(ctx), view.sentence(ctx), view.crumb(ctx)));
            }
        }
    }
}

#[test]
fn a_recording_claims_nothing_of_a_host_behind_its_last_record() {
    let mut made = made::Made::default();
    made.session(Lane::Interactive, "early@A > OLD", at("2026-03-14T08:00:00Z"), None);
    made.session(Lane::Interactive, "late@A > NEW", at("2026-03-14T11:00:00Z"), None);
    let old = made.host("OLD");
    made.world.tables.hosts.get_mut(old.index()).unwrap().last = Some(at("2026-03-14T09:00:00Z"));
    let bar = |phase: Phase, made: &mut made::Made| {
        let picture = Screen::new(made.snapshot(phase, at("2026-03-14T12:00:00Z")), 120, 30).picture();
        picture.lines().find(|line| line.contains("early@OLD")).unwrap().rsplit_once("early@OLD").unwrap().1.find('>').unwrap()
    };
    assert!(bar(Phase::File, &mut made) < 40);
    assert!(bar(Phase::Live, &mut made) > 45);
}
