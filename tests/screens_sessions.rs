//! The pages of sessions of all kinds, of hosts and of sources as pictures, and what their keys do.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/notation.rs"]
mod notation;

use logonscope::base::time::{Timestamp, Zone};
use logonscope::model::ids::{HostId, SourceId, VisitId};
use logonscope::model::visit::{Visit, VisitKind};
use logonscope::store::{Meters, Phase, Snapshot};
use logonscope::ui::action::Action;
use logonscope::ui::effect::{Effect, Place};
use logonscope::ui::glyph::{ASCII, Glyphs, UNICODE};
use logonscope::ui::theme::Theme;
use logonscope::ui::view::{self, Ctx, Options, View, ViewId};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::sync::Arc;

/// A desktop by Remote Desktop with everything that can happen to one, a run of network logons, a desktop that only
/// LocalSessionManager tells of, a service, a sign-in, and a spray; the host restarts.
const DAY: &str = r"
default host=fs01.corp.example
08:00:00 System/12 user=
08:00:30 4624 user=CORP\svc_sql sid=S-1-5-21-1-2-3-2001 type=5 logon=0x51 package=Negotiate process=Advapi
09:00:00 x40 every=20s 4624 user=CORP\web_pool sid=S-1-5-21-1-2-3-2002 type=3 logon=0x7{n} from=10.0.4.31 ws=IIS2 package=Kerberos process=Kerberos
09:20:00 x12 every=9s 4625 user=CORP\user{n} type=3 from=10.0.9.66 ws=KALI sub=0xc000006a lm=NTLM
09:22:00 4625 user=CORP\alice type=3 from=10.0.9.66 ws=KALI sub=0xc000006a
09:31:20 4624 user=CORP\alice sid=S-1-5-21-1-2-3-1104 type=3 logon=0x11 from=10.0.9.66 ws=WS41 lm=NTLM_V2 package=NTLM process=NtLmSsp
09:31:21 RCM/1149 user=CORP\alice from=10.0.9.66
09:31:22 4624 user=CORP\alice sid=S-1-5-21-1-2-3-1104 type=10 logon=0x21 linked=0x22 elevated=yes from=10.0.9.66 ws=WS41 package=Negotiate process=User32
09:31:22 4624 user=CORP\alice sid=S-1-5-21-1-2-3-1104 type=10 logon=0x22 linked=0x21 elevated=no from=10.0.9.66 ws=WS41 package=Negotiate process=User32
09:31:22 4672 user=CORP\alice sid=S-1-5-21-1-2-3-1104 logon=0x21
09:31:23 LSM/21 user=CORP\alice ts=3 from=10.0.9.66
09:31:25 4634 user=CORP\alice type=3 logon=0x11
10:05:00 4800 user=CORP\alice logon=0x22 ts=3
10:15:04 LSM/24 user=CORP\alice ts=3 from=10.0.9.66
10:15:04 4779 user=CORP\alice logon=0x22 session_name=RDP-Tcp#4 ws=WS41 from=10.0.9.66
10:20:00 LSM/21 user=CORP\bob ts=4 from=10.0.0.5 host=rds3.corp.example
10:30:00 LSM/24 user=CORP\bob ts=4 from=10.0.0.5 host=rds3.corp.example
10:40:00 4778 user=CORP\alice logon=0x22 session_name=RDP-Tcp#7 ws=HOME from=10.0.0.9
10:40:01 LSM/25 user=CORP\alice ts=3 from=10.0.0.9
10:40:02 4624 user=CORP\alice sid=S-1-5-21-1-2-3-1104 type=7 logon=0x31 from=10.0.0.9
10:40:02 4801 user=CORP\alice logon=0x22 ts=3
10:40:02 4634 user=CORP\alice type=7 logon=0x31
10:50:00 signin host= user=jdoe@corp.example from=81.2.69.142 session_id=s-77 app=Teams country=GB mfa=approved status=0
10:55:00 x3 every=60s signin-ni host= user=jdoe@corp.example from=81.2.69.142 session_id=s-77 app=Teams country=GB status=0
11:00:00 System/12 user=
";

fn at(text: &str) -> Timestamp {
    Timestamp::parse(&format!("2026-03-16T{text}Z")).unwrap()
}

struct Screen {
    snapshot: Snapshot,
    glyphs: &'static Glyphs,
    area: Rect,
    view: Box<dyn View>,
}

fn snapshot(text: &str) -> Snapshot {
    let (mut world, mut store) = notation::applied(text);
    store.snapshot(&mut world, Arc::default(), Meters::default(), Phase::File, at("11:00:00"))
}

impl Screen {
    fn open(snapshot: &Snapshot, place: Place, width: u16, height: u16) -> Self {
        let area = Rect::new(0, 0, width, height);
        let mut screen = Self { snapshot: snapshot.clone(), glyphs: &ASCII, area, view: view::open(place) };
        screen.with(|view, ctx| view.refresh(ctx));
        screen
    }
    fn with<T>(&mut self, act: impl FnOnce(&mut dyn View, &Ctx<'_>) -> T) -> T {
        let theme = Theme::default();
        let ctx = Ctx {
            snapshot: &self.snapshot,
            filter: None,
            projection: None,
            theme: &theme,
            glyphs: self.glyphs,
            zone: Zone::Utc,
            options: Options::default(),
            triage: &logonscope::ui::triage::Triage::default(),
            columns: &Default::default(),
            marked: &logonscope::ui::marks::Marked::default(),
            area: self.area,
        };
        act(self.view.as_mut(), &ctx)
    }
    fn press(&mut self, actions: &[Action]) -> Vec<Effect> {
        actions.iter().flat_map(|action| self.with(|view, ctx| view.update(*action, ctx))).collect()
    }
    fn picture(&mut self) -> String {
        let mut buffer = Buffer::empty(self.area);
        self.with(|view, ctx| view.draw(&mut buffer, ctx));
        let row = |y| (0..buffer.area.width).map(|x| buffer[(x, y)].symbol()).collect::<String>().trim_end().to_owned();
        let sentence = self.with(|view, ctx| view.sentence(ctx));
        format!("{}\n--- {sentence}", (0..buffer.area.height).map(row).collect::<Vec<_>>().join("\n"))
    }
}

/// Views have six rows less than the terminal.
fn pictures(name: &str, snapshot: &Snapshot, place: Place, keys: &[Action]) {
    for (width, height) in [(120, 30), (80, 18)] {
        let mut screen = Screen::open(snapshot, place, width, height);
        screen.press(keys);
        insta::assert_snapshot!(format!("{name}_{width}"), screen.picture());
    }
}

fn visit(snapshot: &Snapshot, wanted: impl Fn(&Visit) -> bool) -> VisitId {
    snapshot.tables.visits().find(|(_, visit)| wanted(visit)).map(|(id, _)| id).expect("a session of the test")
}

fn desktop(snapshot: &Snapshot) -> VisitId {
    visit(snapshot, |visit| visit.kind == VisitKind::Desktop && visit.logons > 0)
}

fn host(snapshot: &Snapshot, name: &str) -> HostId {
    let names = &snapshot.names;
    HostId::new(snapshot.tables.hosts.iter().position(|host| host.short(names) == name).expect(name))
}

fn source(snapshot: &Snapshot, name: &str) -> SourceId {
    let names = &snapshot.names;
    SourceId::new(snapshot.tables.sources.iter().position(|source| source.name(names) == name).expect(name))
}

#[test]
fn sessions_of_all_kinds_have_a_page() {
    let day = snapshot(DAY);
    pictures("desktop", &day, Place::Visit(desktop(&day)), &[]);
    pictures("run", &day, Place::Visit(visit(&day, |visit| visit.kind == VisitKind::Run && visit.logons == 40)), &[]);
    pictures("remote_only", &day, Place::Visit(visit(&day, |visit| visit.logons == 0)), &[]);
    pictures("sign_in", &day, Place::Visit(visit(&day, |visit| visit.kind == VisitKind::SignIn)), &[]);
}

#[test]
fn the_timeline_draws_sessions_with_their_states_and_runs() {
    let day = snapshot(DAY);
    for (name, glyphs) in [("ascii", &ASCII), ("unicode", &UNICODE)] {
        let mut screen = Screen::open(&day, Place::View(ViewId::Timeline), 120, 30);
        screen.glyphs = glyphs;
        insta::assert_snapshot!(format!("timeline_{name}"), screen.picture());
    }
    insta::assert_snapshot!("timeline_80", Screen::open(&day, Place::View(ViewId::Timeline), 80, 18).picture());
}

#[test]
fn hosts_and_sources_say_who_came_by_what_and_what_could_be_seen() {
    let day = snapshot(DAY);
    pictures("host", &day, Place::Host(host(&day, "FS01")), &[]);
    pictures("source", &day, Place::Source(source(&day, "10.0.9.66")), &[]);
    // The panes that share a place.
    let mut screen = Screen::open(&day, Place::Host(host(&day, "FS01")), 120, 30);
    assert!(screen.picture().contains("what could be seen here  / anomalies"), "{}", screen.picture());
    screen.press(&[Action::PanePrev]);
    assert!(screen.picture().contains("[anomalies (0)]"), "{}", screen.picture());
    screen.press(&[Action::PanePrev]);
    assert!(screen.picture().contains("[what could be seen here  / anomalies]"), "{}", screen.picture());
    let top = |screen: &mut Screen| screen.picture().lines().nth(1).unwrap().to_owned();
    let before = top(&mut screen);
    screen.press(&[Action::CursorDown, Action::CursorDown]);
    assert_ne!(top(&mut screen), before, "what does not fit is scrolled to");
}

#[test]
fn a_session_opens_into_its_logons_and_its_lines_into_records() {
    let day = snapshot(DAY);
    let id = desktop(&day);
    let first = day.tables.visit(id).unwrap().first_session;
    let mut screen = Screen::open(&day, Place::Visit(id), 120, 30);
    // The story's lines.
    let opened = screen.press(&[Action::NavOpen]);
    let Some(Effect::Open(Place::Event(event))) = opened.last() else { panic!("{opened:?}") };
    assert_eq!(day.tables.event(*event).unwrap().visit, id);
    let opened = screen.press(&[Action::CursorLast, Action::NavOpen]);
    assert!(matches!(opened.last(), Some(Effect::Say(words)) if words.contains("concluded")), "{opened:?}");
    // One key goes to the logons, from wherever.
    let opened = screen.press(&[Action::PageLogons, Action::CursorFirst, Action::NavOpen]);
    let Some(Effect::Open(Place::Session(logon))) = opened.last() else { panic!("{opened:?}") };
    assert_eq!(day.tables.session(*logon).unwrap().visit, id);
    assert_eq!(screen.with(|view, ctx| view.selection(ctx)).session, Some(*logon));
    let mut page = Screen::open(&day, Place::Session(first), 120, 30);
    assert!(page.picture().contains("logon  alice@CORP > FS01"), "{}", page.picture());
    // And back: the session of the logon.
    assert_eq!(page.with(|view, ctx| view.selection(ctx)).place(), Some(Place::Visit(id)));
    // The next event of the session, whatever has the focus.
    let mut screen = Screen::open(&day, Place::Visit(id), 120, 30);
    let at = |screen: &mut Screen| screen.with(|view, ctx| view.selection(ctx)).event;
    screen.press(&[Action::PageEventNext]);
    let second = at(&mut screen);
    screen.press(&[Action::PageEventPrev]);
    assert_ne!(at(&mut screen), second);
}

#[test]
fn a_page_of_a_session_keeps_up_and_goes_back_with_a_replay() {
    let whole = snapshot(DAY);
    let half = snapshot(DAY.split("10:05:00").next().unwrap());
    let id = desktop(&half);
    let mut screen = Screen::open(&half, Place::Visit(id), 120, 30);
    assert!(!screen.picture().contains("reconnected"));
    screen.snapshot = whole;
    screen.with(|view, ctx| view.refresh(ctx));
    assert!(screen.picture().contains("reconnected from 10.0.0.9 HOME") && screen.picture().contains("restarted"), "{}", screen.picture());
    screen.snapshot = half;
    screen.with(|view, ctx| view.refresh(ctx));
    assert!(!screen.picture().contains("reconnected"));
}
