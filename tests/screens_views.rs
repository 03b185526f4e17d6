//! Lists and pages as pictures, and what their keys do.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/notation.rs"]
mod notation;

use logonscope::base::time::{Span, Timestamp, Zone};
use logonscope::model::anomaly::{Anomaly, Detection, ScorePart, Severity};
use logonscope::model::ids::{AccountId, AnomalyId, EventId, HostId, IncidentId, SessionId, SourceId, VisitId};
use logonscope::model::raw::RawRecord;
use logonscope::model::world::World;
use logonscope::query;
use logonscope::store::projection::Projection;
use logonscope::store::{Meters, Phase, Snapshot, Store};
use logonscope::ui::action::Action;
use logonscope::ui::effect::{Effect, Place};
use logonscope::ui::glyph::{ASCII, Glyphs, UNICODE};
use logonscope::ui::theme::Theme;
use logonscope::ui::view::{self, Ctx, Options, Reply, View, ViewId};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use std::sync::Arc;

/// A spray, the account that gave in, what it did next, and Entra beside it.
const DAY: &str = r"
default host=fs01.corp.example
02:00:00 4624 user=CORP\svc_backup sid=S-1-5-21-1085031214-1-2-2119 logon=0x1001 type=5 package=Negotiate process=Advapi
03:10:00 4634 user=CORP\svc_backup logon=0x1001 type=5
07:55:00 4624 user=CORP\alice sid=S-1-5-21-1085031214-1-2-1104 logon=0x2001 type=2 ws=FS01 package=Negotiate process=User32 elevated=yes linked=0x2002
07:55:00 4624 user=CORP\alice sid=S-1-5-21-1085031214-1-2-1104 logon=0x2002 type=2 ws=FS01 package=Negotiate process=User32 elevated=no linked=0x2001
07:55:00 4672 user=CORP\alice sid=S-1-5-21-1085031214-1-2-1104 logon=0x2001
09:19:40 x12 every=15s 4625 host=dc01.corp.example user=CORP\user{n} type=3 from=10.0.9.66 ws=KALI status=0xc000006d sub=0xc000006a lm=NTLM
09:22:58 4625 host=dc01.corp.example user=CORP\svc_backup type=3 from=10.0.9.66 ws=KALI status=0xc000006d sub=0xc000006a
09:24:00 4624 host=dc01.corp.example user=CORP\svc_backup sid=S-1-5-21-1085031214-1-2-2119 logon=0x3001 type=3 from=10.0.9.66 port=51880 ws=WS41 lm=NTLM_V2 package=NTLM process=NtLmSsp
09:25:00 4634 host=dc01.corp.example user=CORP\svc_backup logon=0x3001 type=3
09:31:20 4624 user=CORP\svc_backup sid=S-1-5-21-1085031214-1-2-2119 logon=0x1f3a8c2 type=10 from=10.0.9.66 port=51884 ws=WS41 package=Negotiate process=User32 lm=NTLM_V2 elevated=yes
09:31:20 4672 user=CORP\svc_backup sid=S-1-5-21-1085031214-1-2-2119 logon=0x1f3a8c2
09:33:00 4624 user=CORP\FS02$ logon=0x4001 type=3 from=10.0.2.22 package=Kerberos process=Kerberos
09:33:30 4624 user=SYSTEM sid=S-1-5-18 logon=0x3e7 type=5 package=Negotiate process=Advapi
09:40:00 signin host= user=jdoe@corp.example from=81.2.69.142 session_id=s-77 app=Azure_Portal resource=Azure_Resource_Manager country=GB city=London asn=64496 client_app=Browser device_name=LAP7 operating_system=Windows11 browser=Edge managed=yes mfa=approved protocol=none incoming_token=none requirement=multiFactorAuthentication status=0
09:41:00 signin host= user=jdoe@corp.example from=177.0.2.9 app=Azure_Portal country=BR city=Recife status=50126
";

static FIRST_SOURCE: Detection = Detection {
    id: "first-source-for-account",
    title: "account logs on from a source it was never seen at",
    severity: Severity::Medium,
    attack: &["T1021.001", "T1078.002"],
    needs: "4624",
    requires: &[],
    check: "Is the source a new machine of this account? Who held the address before?",
};
static SPRAY: Detection = Detection {
    id: "password-spray",
    title: "one source, many accounts, wrong passwords",
    severity: Severity::High,
    attack: &["T1110.003"],
    needs: "4625",
    requires: &[],
    check: "Did one of the accounts log on from there afterwards?",
};

fn at(text: &str) -> Timestamp {
    Timestamp::parse(&format!("2026-03-16T{text}Z")).unwrap()
}

/// The events of a text, applied; anomalies are put in by hand, so that no picture depends on a threshold.
fn world(text: &str) -> (World, Store) {
    notation::applied(text)
}

fn account(world: &World, name: &str) -> AccountId {
    let names = world.names.names();
    AccountId::new(world.tables.accounts.iter().position(|account| account.name(&names).to_lowercase() == name.to_lowercase()).expect(name))
}

fn records(world: &World, accept: impl Fn(&logonscope::model::world::Row) -> bool) -> Vec<EventId> {
    world.tables.events.iter().enumerate().filter(|(_, row)| accept(row)).map(|(index, _)| EventId::new(index)).collect()
}

fn add(world: &mut World, mut anomaly: Anomaly) {
    let rows: Vec<_> = anomaly.records.iter().map(|id| world.tables.event(*id).unwrap().clone()).collect();
    (anomaly.at, anomaly.end) = (rows[0].event.at, rows[rows.len() - 1].event.at);
    anomaly.raised_at = anomaly.end;
    anomaly.count = u32::try_from(rows.len()).unwrap();
    for row in rows {
        for (list, id) in [(&mut anomaly.accounts, row.account)] {
            if id.is_some() && !list.contains(&id) {
                list.push(id);
            }
        }
        if row.host.is_some() && !anomaly.hosts.contains(&row.host) {
            anomaly.hosts.push(row.host);
        }
        if row.source.is_some() && !anomaly.sources.contains(&row.source) {
            anomaly.sources.push(row.source);
        }
        if row.session.is_some() && !anomaly.sessions.contains(&row.session) {
            anomaly.sessions.push(row.session);
        }
    }
    for id in &anomaly.accounts {
        let account = world.tables.accounts.get_mut(id.index()).unwrap();
        account.anomalies += 1;
        account.worst = account.worst.max(Some(anomaly.severity));
    }
    for id in &anomaly.hosts {
        let host = world.tables.hosts.get_mut(id.index()).unwrap();
        host.anomalies += 1;
        host.worst = host.worst.max(Some(anomaly.severity));
    }
    for id in &anomaly.sources {
        let source = world.tables.sources.get_mut(id.index()).unwrap();
        source.anomalies += 1;
        source.worst = source.worst.max(Some(anomaly.severity));
    }
    for id in &anomaly.sessions {
        let session = world.tables.sessions.get_mut(id.index()).unwrap();
        session.anomalies += 1;
        session.worst = session.worst.max(Some(anomaly.severity));
        let visit = world.tables.visits.get_mut(session.visit.index()).unwrap();
        visit.anomalies += 1;
        visit.worst = visit.worst.max(Some(anomaly.severity));
    }
    world.tables.raise(anomaly);
}

fn anomaly(
    detection: &'static Detection,
    severity: Severity,
    score: u8,
    parts: &[(u8, &str)],
    records: Vec<EventId>,
    why: &str,
) -> Anomaly {
    Anomaly {
        detection,
        severity,
        score,
        score_parts: parts.iter().map(|(points, reason)| ScorePart { points: *points, reason: (*reason).to_owned() }).collect(),
        at: Timestamp::default(),
        end: Timestamp::default(),
        raised_at: Timestamp::default(),
        accounts: Vec::new(),
        hosts: Vec::new(),
        sources: Vec::new(),
        sessions: Vec::new(),
        records,
        count: 0,
        why: why.to_owned(),
        incident: IncidentId::NONE,
    }
}

fn day() -> World {
    let (mut world, _) = world(DAY);
    let tried = records(&world, |row| row.event.event_id == 4625);
    add(
        &mut world,
        anomaly(
            &SPRAY,
            Severity::High,
            79,
            &[(50, "13 accounts"), (29, "within 3m 18s")],
            tried,
            "13 failures in 3m 18s for 13 accounts from 10.0.9.66, 1 try each",
        ),
    );
    let rdp = records(&world, |row| row.event.logon_id.0 == 0x01f3_a8c2 && row.event.event_id == 4624);
    let parts = [(40, "new source"), (30, "new type"), (18, "linked to spray")];
    let why = "source 10.0.9.66 was never seen for this account; 0 of 2 sessions were type 10";
    add(&mut world, anomaly(&FIRST_SOURCE, Severity::Critical, 88, &parts, rdp, why));
    let sign_in = records(&world, |row| row.event.status.code == 50126);
    add(&mut world, anomaly(&FIRST_SOURCE, Severity::Low, 12, &[], sign_in, "177.0.2.9 (BR) was never seen for this account"));
    world
}

fn snapshot_of(world: &World, version: u64) -> Snapshot {
    let mut world = world.clone();
    let mut store = Store::default();
    for _ in 1..version {
        let _ = store.snapshot(&mut world, Arc::default(), Meters::default(), Phase::File, at("09:42:17"));
    }
    store.snapshot(&mut world, Arc::default(), Meters::default(), Phase::File, at("09:42:17"))
}

struct Screen {
    snapshot: Snapshot,
    projection: Option<Projection>,
    theme: Theme,
    glyphs: &'static Glyphs,
    zone: Zone,
    options: Options,
    area: Rect,
    view: Box<dyn View>,
    effects: Vec<Effect>,
}

impl Screen {
    fn open(world: &World, place: Place, width: u16, height: u16) -> Self {
        let mut screen = Self {
            snapshot: snapshot_of(world, 1),
            projection: None,
            theme: Theme::default(),
            glyphs: &ASCII,
            zone: Zone::Utc,
            options: Options::default(),
            area: Rect::new(0, 0, width, height),
            view: view::open(place),
            effects: Vec::new(),
        };
        screen.refresh();
        screen
    }
    fn with<T>(&mut self, act: impl FnOnce(&mut dyn View, &Ctx<'_>) -> T) -> T {
        let ctx = Ctx {
            snapshot: &self.snapshot,
            filter: self.projection.as_ref().and_then(|projection| projection.filter.as_ref()),
            projection: self.projection.as_ref(),
            theme: &self.theme,
            glyphs: self.glyphs,
            zone: self.zone,
            options: self.options,
            triage: &logonscope::ui::triage::Triage::default(),
            columns: &Default::default(),
            marked: &logonscope::ui::marks::Marked::default(),
            area: self.area,
        };
        act(self.view.as_mut(), &ctx)
    }
    fn refresh(&mut self) {
        self.effects = self.with(|view, ctx| view.refresh(ctx));
    }
    fn filter(&mut self, text: &str) {
        let filter = query::parse(text, at("09:42:17")).unwrap();
        let mut projection = Projection::new(text.to_owned(), filter);
        projection.extend(&self.snapshot, usize::MAX);
        self.projection = Some(projection);
        self.refresh();
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
    fn sentence(&mut self) -> String {
        self.with(|view, ctx| view.sentence(ctx))
    }
    fn term(&mut self) -> Option<(&'static str, String)> {
        self.with(|view, ctx| view.selection(ctx)).term
    }
    /// The names in the first column that holds names, top down.
    fn rows(&mut self) -> Vec<String> {
        self.picture().lines().skip(2).map(|line| line.trim_start_matches(['>', ' ']).to_owned()).filter(|line| !line.is_empty()).collect()
    }
}

/// Both sizes of a place, each with its sentence below.
fn pictures(name: &str, world: &World, place: Place, keys: &[Action]) {
    for (width, height) in [(120, 30), (80, 18)] {
        let mut screen = Screen::open(world, place, width, height);
        screen.press(keys);
        let picture = format!("{}\n--- {}", screen.picture(), screen.sentence());
        insta::assert_snapshot!(format!("{name}_{width}"), picture);
    }
}

fn view_of(id: ViewId) -> Place {
    Place::View(id)
}

#[test]
fn lists_and_the_queue_show_the_worst_first() {
    let world = day();
    pictures("anomalies", &world, view_of(ViewId::Anomalies), &[]);
    pictures("accounts", &world, view_of(ViewId::Accounts), &[]);
    pictures("hosts", &world, view_of(ViewId::Hosts), &[]);
    pictures("sources", &world, view_of(ViewId::Sources), &[]);
    pictures("events", &world, view_of(ViewId::Events), &[]);
}

#[test]
fn pages_show_all_about_one() {
    let world = day();
    let svc = account(&world, "svc_backup@CORP");
    let rdp = records(&world, |row| row.event.logon_id.0 == 0x01f3_a8c2)[0];
    let row = world.tables.event(rdp).unwrap();
    pictures("account", &world, Place::Account(svc), &[]);
    pictures("host", &world, Place::Host(row.host), &[]);
    pictures("source", &world, Place::Source(row.source), &[]);
    pictures("session", &world, Place::Visit(row.visit), &[]);
    pictures("logon", &world, Place::Session(row.session), &[]);
    pictures("event", &world, Place::Event(rdp), &[]);
}

#[test]
fn narrow_pages_have_a_tab_for_each_pane() {
    let world = day();
    let svc = account(&world, "svc_backup@CORP");
    let mut screen = Screen::open(&world, Place::Account(svc), 80, 18);
    let mut seen = Vec::new();
    for _ in 0..8 {
        let picture = screen.picture();
        let tab = picture.lines().nth(1).unwrap();
        seen.push(tab.split(['[', ']']).nth(1).unwrap().to_owned());
        screen.press(&[Action::PaneNext]);
    }
    assert_eq!(seen, ["anomalies", "hours", "hosts", "sources", "sessions", "events", "profile", "anomalies"]);
    screen.press(&[Action::PaneNext, Action::PaneNext, Action::PaneNext]);
    insta::assert_snapshot!("account_sessions_80", screen.picture());
    screen.press(&[Action::PanePrev, Action::PanePrev, Action::PanePrev]);
    insta::assert_snapshot!("account_hours_80", format!("{}\n--- {}", screen.picture(), screen.sentence()));
}

#[test]
fn a_middle_width_has_two_columns() {
    let world = day();
    let mut screen = Screen::open(&world, Place::Account(account(&world, "svc_backup@CORP")), 100, 30);
    insta::assert_snapshot!("account_100", screen.picture());
    let mut screen = Screen::open(&world, view_of(ViewId::Anomalies), 100, 30);
    insta::assert_snapshot!("anomalies_100", screen.picture());
}

#[test]
fn entra_sessions_show_what_only_entra_has() {
    let world = day();
    let first = records(&world, |row| row.event.entra.is_some())[0];
    let visit = world.tables.event(first).unwrap().visit;
    pictures("entra_session", &world, Place::Visit(visit), &[Action::PanePrev]);
    let mut screen = Screen::open(&world, Place::Event(first), 120, 30);
    let picture = screen.picture();
    for words in ["Azure_Portal", "LAP7", "London", "64496", "approved", "multiFactorAuthentication"] {
        assert!(picture.contains(words), "{words}\n{picture}");
    }
}

#[test]
fn the_column_under_the_cursor_sorts_and_turns() {
    let world = day();
    let mut screen = Screen::open(&world, view_of(ViewId::Accounts), 120, 30);
    assert!(screen.rows()[0].starts_with("C"), "{:?}", screen.rows());
    screen.press(&[Action::TableSort]);
    assert!(screen.rows()[0].contains("alice@CORP"), "{:?}", screen.rows()[0]);
    screen.press(&[Action::TableReverse]);
    assert!(screen.rows()[0].contains("user9@CORP"), "{:?}", screen.rows()[0]);
    screen.press(&[Action::CursorRight, Action::CursorRight, Action::TableSort]);
    assert!(screen.rows()[0].contains("svc_backup@CORP"), "most sessions first: {:?}", screen.rows()[0]);
}

#[test]
fn the_cursor_stays_with_its_row_when_the_order_changes() {
    let mut world = day();
    let mut screen = Screen::open(&world, view_of(ViewId::Accounts), 120, 30);
    screen.press(&[Action::CursorDown, Action::CursorDown]);
    let under = screen.with(|view, ctx| view.selection(ctx)).account.unwrap();
    let top = account(&world, "alice@CORP");
    world.tables.accounts.get_mut(top.index()).unwrap().worst = Some(Severity::Critical);
    world.tables.accounts.get_mut(top.index()).unwrap().anomalies = 9;
    screen.snapshot = snapshot_of(&world, 2);
    screen.refresh();
    assert_eq!(screen.with(|view, ctx| view.selection(ctx)).account, Some(under));
    assert!(screen.rows()[0].contains("alice@CORP"));
}

#[test]
fn switches_and_filters_hide_rows_and_the_heading_counts_them() {
    let world = day();
    let mut screen = Screen::open(&world, view_of(ViewId::Accounts), 120, 30);
    // Behind it stands which columns have no room.
    let heading = |screen: &mut Screen| screen.picture().lines().next().unwrap()[..90].trim().to_owned();
    assert_eq!(heading(&mut screen), "16 of 17 accounts shown   1 hidden: t m, t s show machine and built-in accounts");
    screen.options.built_in_accounts = true;
    screen.refresh();
    assert_eq!(heading(&mut screen), "17 of 17 accounts shown");
    screen.options.machine_accounts = false;
    screen.refresh();
    assert!(!screen.picture().contains("FS02$"));
    screen.filter("source:10.0.9.66 outcome:success");
    assert_eq!(screen.rows().len(), 1);
    assert!(screen.rows()[0].contains("svc_backup@CORP"));
    screen.filter("account:nobody");
    assert!(screen.picture().contains("no account has an event that the filter lets through"), "{}", screen.picture());
}

#[test]
fn a_filtered_list_of_events_holds_what_the_filter_leaves() {
    let world = day();
    let mut screen = Screen::open(&world, view_of(ViewId::Events), 120, 30);
    screen.filter("outcome:failure");
    let picture = screen.picture();
    assert!(picture.contains("14 of 26 events shown"), "{picture}");
    assert!(!picture.contains(" ok "), "{picture}");
    screen.filter("account:nobody");
    assert!(screen.picture().contains("the filter hides all 26 events"));
}

#[test]
fn the_list_of_events_follows_its_end_until_the_cursor_leaves_it() {
    let world = day();
    let mut screen = Screen::open(&world, view_of(ViewId::Events), 120, 10);
    assert!(screen.sentence().contains("jdoe@corp.example"), "{}", screen.sentence());
    let more = world_with("09:42:00 4624 user=CORP\\late logon=0x9 type=3 host=fs01.corp.example");
    screen.snapshot = snapshot_of(&more, 2);
    screen.refresh();
    assert!(screen.sentence().contains("late@CORP"), "{}", screen.sentence());
    screen.press(&[Action::CursorUp]);
    let here = screen.sentence();
    screen.snapshot = snapshot_of(&world_with("09:42:00 x9 every=1s 4624 user=CORP\\late logon=0x9{n} type=3 host=fs01.corp.example"), 3);
    screen.refresh();
    assert_eq!(screen.sentence(), here);
    let to = at("09:31:20");
    assert!(screen.with(|view, ctx| view.go_to(to, ctx)).is_some());
    assert!(screen.sentence().contains("09:31:20"), "{}", screen.sentence());
}

fn world_with(line: &str) -> World {
    world(&format!("{DAY}{line}\n")).0
}

#[test]
fn enter_opens_what_the_row_stands_for() {
    let world = day();
    let svc = account(&world, "svc_backup@CORP");
    let rdp = records(&world, |row| row.event.logon_id.0 == 0x01f3_a8c2)[0];
    let row = world.tables.event(rdp).unwrap();
    let open = |place, keys: &[Action]| Screen::open(&world, place, 120, 30).press(keys);
    let enter = |keys: &[Action]| [keys, &[Action::NavOpen]].concat();
    let opened = |place| vec![Effect::Open(place)];
    // The worst anomaly has a session; the spray has none, so its last record is opened.
    assert_eq!(open(view_of(ViewId::Anomalies), &[Action::NavOpen]), opened(Place::Visit(row.visit)));
    let last_try = *records(&world, |row| row.event.event_id == 4625).last().unwrap();
    assert_eq!(open(view_of(ViewId::Anomalies), &enter(&[Action::AnomalyNext])), opened(Place::Event(last_try)));
    assert_eq!(open(view_of(ViewId::Accounts), &[Action::NavOpen]), opened(Place::Account(svc)));
    assert_eq!(open(view_of(ViewId::Hosts), &[Action::NavOpen]), opened(Place::Host(row.host)));
    assert_eq!(open(view_of(ViewId::Sources), &[Action::NavOpen]), opened(Place::Source(row.source)));
    let last = EventId::new(world.tables.events.len() - 1);
    assert_eq!(open(view_of(ViewId::Events), &[Action::NavOpen]), opened(Place::Event(last)));
    // Panes of the account page: anomalies, hours, hosts, sources, sessions, events.
    let tabs = |count: usize| enter(&vec![Action::PaneNext; count]);
    assert_eq!(open(Place::Account(svc), &tabs(0)), opened(Place::Anomaly(AnomalyId::new(1))));
    assert_eq!(open(Place::Account(svc), &tabs(1)), []);
    assert!(matches!(open(Place::Account(svc), &tabs(2))[..], [Effect::Open(Place::Host(_))]));
    assert_eq!(open(Place::Account(svc), &tabs(3)), opened(Place::Source(row.source)));
    assert_eq!(open(Place::Account(svc), &tabs(4)), opened(Place::Visit(row.visit)));
    assert!(matches!(open(Place::Account(svc), &tabs(5))[..], [Effect::Open(Place::Event(_))]));
    assert_eq!(open(Place::Event(rdp), &[Action::NavOpen]), opened(Place::Visit(row.visit)));
}

#[test]
fn an_anomaly_opens_as_its_row_of_the_queue() {
    let world = day();
    let mut screen = Screen::open(&world, Place::Anomaly(AnomalyId::new(2)), 120, 30);
    assert_eq!(screen.with(|view, ctx| view.selection(ctx)).anomaly, Some(AnomalyId::new(2)));
}

#[test]
fn the_cell_under_the_cursor_is_a_filter_term() {
    let world = day();
    let mut screen = Screen::open(&world, view_of(ViewId::Events), 120, 30);
    screen.press(&[Action::CursorFirst]);
    screen.press(&[Action::CursorLeft; 8]);
    let mut terms = Vec::new();
    for _ in 0..8 {
        terms.extend(screen.term());
        screen.press(&[Action::CursorRight]);
    }
    terms.dedup();
    let text: Vec<String> = terms.iter().map(|(field, value)| format!("{field}:{value}")).collect();
    assert_eq!(
        text,
        [
            "account:svc_backup@CORP",
            "id:4624",
            "type:5",
            "outcome:success",
            "account:svc_backup@CORP",
            "host:fs01.corp.example",
            "account:svc_backup@CORP"
        ]
    );
    for term in text {
        query::parse(&term, at("09:00:00")).unwrap();
    }
}

#[test]
fn the_raw_record_is_asked_for_once_and_shown_when_it_comes() {
    let world = day();
    let rdp = records(&world, |row| row.event.logon_id.0 == 0x01f3_a8c2)[0];
    let visit = world.tables.event(rdp).unwrap().visit;
    let mut screen = Screen::open(&world, Place::Visit(visit), 120, 30);
    assert_eq!(screen.effects, [Effect::FetchRaw(rdp)]);
    screen.refresh();
    assert_eq!(screen.effects, []);
    // Its fields are shown until Tab goes to the record as stored.
    screen.press(&[Action::PaneNext, Action::PaneNext, Action::PaneNext, Action::PaneNext]);
    assert!(screen.picture().contains("reading the record"));
    let raw = RawRecord {
        json: "{\n  \"Event\": {\n    \"EventID\": 4624\n  }\n}".to_owned(),
        fields: vec![("RestrictedAdminMode".to_owned(), "-".to_owned()), ("IpAddress".to_owned(), "10.0.9.66".to_owned())],
        ..RawRecord::default()
    };
    let other = Reply::Raw(EventId::new(0), Ok(RawRecord::default()));
    screen.with(|view, ctx| view.receive(&other, ctx));
    assert!(screen.picture().contains("reading the record"), "the answer for another event is not shown");
    let reply = Reply::Raw(rdp, Ok(raw));
    screen.with(|view, ctx| view.receive(&reply, ctx));
    let picture = screen.picture();
    assert!(picture.contains("\"EventID\": 4624"), "{picture}");
    screen.press(&[Action::PanePrev]);
    assert!(screen.picture().contains("RestrictedAdminMode"), "{picture}");
    screen.press(&[Action::PaneNext]);
    // The next event of the session.
    let effects = screen.press(&[Action::PageEventNext]);
    assert_eq!(effects.len(), 1, "{effects:?}");
    let Effect::FetchRaw(next) = effects[0] else { panic!("{effects:?}") };
    let reply = Reply::Raw(next, Err("the file was removed".to_owned()));
    screen.with(|view, ctx| view.receive(&reply, ctx));
    assert!(screen.picture().contains("the record cannot be shown: the file was removed"));
    assert_eq!(screen.press(&[Action::PageEventPrev]), [Effect::FetchRaw(rdp)]);
}

#[test]
fn raw_lines_wrap_on_demand_and_scroll_to_the_side() {
    let world = day();
    let event = EventId::new(0);
    let mut screen = Screen::open(&world, Place::Event(event), 80, 18);
    let long = format!("{{\"start\": \"{}\", \"end\": \"LAST\"}}", "x".repeat(200));
    let reply = Reply::Raw(event, Ok(RawRecord { json: long, ..RawRecord::default() }));
    screen.with(|view, ctx| view.receive(&reply, ctx));
    screen.press(&[Action::PaneNext]);
    assert!(!screen.picture().contains("LAST"));
    screen.options.wrap = true;
    assert!(screen.picture().contains("LAST"));
    screen.options.wrap = false;
    screen.press(&[Action::CursorRight; 24]);
    assert!(screen.picture().contains("LAST"));
    assert!(!screen.picture().contains("start"));
}

#[test]
fn hours_follow_the_zone() {
    let world = day();
    let svc = account(&world, "svc_backup@CORP");
    let mut screen = Screen::open(&world, Place::Account(svc), 80, 18);
    screen.press(&[Action::PaneNext]);
    let column =
        |screen: &mut Screen| screen.picture().lines().find(|line| line.trim_start().starts_with("Mon")).unwrap().find('#').unwrap();
    let utc = column(&mut screen);
    screen.zone = Zone::parse("Asia/Tokyo").unwrap();
    assert_eq!(column(&mut screen), utc + 18, "nine hours of two cells");
}

#[test]
fn data_of_many_years_are_shown_with_their_years() {
    let mut screen = Screen::open(&world(DAY).0, view_of(ViewId::Accounts), 120, 30);
    screen.snapshot.last = Some(at("09:42:17"));
    screen.snapshot.first = screen.snapshot.last;
    screen.refresh();
    assert!(screen.picture().contains("03-16 09:31:20Z"), "{}", screen.picture());
    screen.snapshot.first = screen.snapshot.last.map(|last| last - Span::days(400));
    screen.refresh();
    assert!(screen.picture().contains("26-03-16 09:31Z"), "{}", screen.picture());
}

#[test]
fn empty_screens_say_why() {
    let empty = World::default();
    for id in [ViewId::Anomalies, ViewId::Accounts, ViewId::Hosts, ViewId::Sources, ViewId::Events] {
        let mut screen = Screen::open(&empty, view_of(id), 80, 18);
        assert!(screen.picture().contains("no input; quit (Q) and name a log"), "{id:?}");
        assert!(
            screen.press(&[Action::NavOpen, Action::CursorDown, Action::TableSort]).iter().all(|effect| matches!(effect, Effect::Say(_)))
        );
    }
    let (quiet, _) = world("09:00:00 4624 user=CORP\\alice logon=0x5 type=2");
    let mut screen = Screen::open(&quiet, view_of(ViewId::Anomalies), 80, 18);
    assert!(screen.picture().contains("no anomaly in 1 events"), "{}", screen.picture());
}

#[test]
fn places_that_are_not_there_are_drawn_empty() {
    let empty = World::default();
    for place in [
        Place::Account(AccountId::new(7)),
        Place::Host(HostId::new(7)),
        Place::Source(SourceId::NONE),
        Place::Visit(VisitId::new(3)),
        Place::Session(SessionId::new(3)),
        Place::Event(EventId::NONE),
        Place::Anomaly(AnomalyId::new(1)),
    ] {
        for (width, height) in [(120, 30), (80, 18), (12, 3), (1, 1), (0, 0)] {
            let mut screen = Screen::open(&empty, place, width, height);
            screen.press(&[Action::NavOpen, Action::CursorDown, Action::PaneNext, Action::PageEventNext, Action::CursorLast]);
            screen.picture();
            screen.sentence();
        }
    }
}

#[test]
fn hostile_names_reach_no_cell_as_they_are() {
    let long = "n".repeat(5_000);
    let text = format!(
        "default host=h\u{1b}]0;x\u{7}.corp\n\
         09:00:00 4625 user=CORP\\evil\u{1b}[31mred\u{1b}[0m type=3 from=10.0.0.1 ws=\u{202e}gnp.exe sub=0xc000006a\n\
         09:00:01 4624 user=CORP\\{long} logon=0x5 type=3 from=10.0.0.2 ws={long}\n\
         09:00:02 4624 user=\u{4e2d}\u{6587}\u{5e33}\u{6236}\u{4e2d}\u{6587}\u{5e33}\u{6236}\u{4e2d}\u{6587} logon=0x6 type=3 from=10.0.0.3\n\
         09:00:03 4624 user=e\u{301}\u{301}\u{200d}\u{9b}31m logon=0x7 type=3 from=10.0.0.4\n"
    );
    let (mut world, _) = world(&text);
    let records = records(&world, |_| true);
    add(&mut world, anomaly(&SPRAY, Severity::High, 50, &[(50, "x\u{1b}[2J")], records.clone(), "why\u{1b}[2J\u{202e}"));
    let mut places: Vec<Place> =
        [ViewId::Anomalies, ViewId::Accounts, ViewId::Hosts, ViewId::Sources, ViewId::Events].map(Place::View).to_vec();
    places.extend((0..world.tables.accounts.len()).map(|index| Place::Account(AccountId::new(index))));
    places.extend((0..world.tables.sources.len()).map(|index| Place::Source(SourceId::new(index))));
    places.extend((0..world.tables.sessions.len()).map(|index| Place::Session(SessionId::new(index))));
    places.extend((0..world.tables.visits.len()).map(|index| Place::Visit(VisitId::new(index))));
    places.push(Place::Host(HostId::new(0)));
    places.extend(records.iter().map(|id| Place::Event(*id)));
    for place in places {
        for (width, height) in [(120, 30), (80, 18), (41, 7), (3, 2)] {
            for glyphs in [&ASCII, &UNICODE] {
                let mut screen = Screen::open(&world, place, width, height);
                screen.glyphs = glyphs;
                for _ in 0..8 {
                    let buffer = screen.buffer();
                    for cell in buffer.content() {
                        assert!(!cell.symbol().chars().any(logonscope::base::text::is_unsafe), "{place:?} {:?}", cell.symbol());
                    }
                    let sentence = screen.sentence();
                    assert!(!sentence.chars().any(logonscope::base::text::is_unsafe), "{place:?} {sentence:?}");
                    screen.press(&[Action::PaneNext, Action::CursorDown, Action::CursorRight]);
                }
                let hostile = format!("{{\"a\": \"\u{1b}[31m\u{202e}\"}}\n{}", "y".repeat(100_000));
                if let Place::Event(id) = place {
                    let raw =
                        RawRecord { json: hostile, fields: vec![("f\u{1b}".to_owned(), "v\u{9b}".to_owned())], ..RawRecord::default() };
                    let reply = Reply::Raw(id, Ok(raw));
                    screen.with(|view, ctx| view.receive(&reply, ctx));
                    let drawn = screen.buffer();
                    assert!(!drawn.content().iter().any(|cell| cell.symbol().chars().any(logonscope::base::text::is_unsafe)));
                }
            }
        }
    }
}

#[test]
fn severity_and_cursor_show_without_colour() {
    let world = day();
    let mut screen = Screen::open(&world, view_of(ViewId::Accounts), 120, 30);
    screen.theme.colourless = true;
    let buffer = screen.buffer();
    let severity = &buffer[(2, 3)];
    assert_eq!(severity.symbol(), "H");
    assert!(severity.modifier.contains(Modifier::BOLD));
    assert_eq!((buffer[(0, 2)].symbol(), buffer[(0, 3)].symbol()), (">", " "));
    assert!(buffer[(40, 2)].modifier.contains(Modifier::REVERSED) && !buffer[(40, 3)].modifier.contains(Modifier::REVERSED));
    assert!(buffer.content().iter().all(|cell| cell.fg == ratatui::style::Color::Reset));
}

#[test]
fn a_page_keeps_up_with_the_stream_and_goes_back_with_a_replay() {
    let long = world(&format!(
        "{DAY}09:45:00 x30 every=1s 4625 host=dc01.corp.example user=CORP\\svc_backup type=3 from=10.0.9.{{n}} sub=0xc000006a\n"
    ))
    .0;
    let short = world(DAY).0;
    let svc = account(&short, "svc_backup@CORP");
    let title = |screen: &mut Screen| {
        let picture = screen.picture();
        picture
            .lines()
            .find(|line| line.contains("events ("))
            .unwrap()
            .split("events (")
            .nth(1)
            .unwrap()
            .split(')')
            .next()
            .unwrap()
            .to_owned()
    };
    let mut screen = Screen::open(&short, Place::Account(svc), 120, 30);
    assert_eq!(title(&mut screen), "7");
    screen.snapshot = snapshot_of(&long, 2);
    screen.refresh();
    assert_eq!(title(&mut screen), "37");
    assert!(screen.picture().contains("sources (31)"), "{}", screen.picture());
    screen.snapshot = snapshot_of(&short, 3);
    screen.refresh();
    assert_eq!(title(&mut screen), "7");
    assert!(screen.picture().contains("sources (1)"));
}

#[test]
fn a_big_list_is_drawn_by_its_rows_on_screen() {
    let (big, _) = world("09:00:00 x20000 every=1ms 4625 user=CORP\\user{n} type=3 from=10.0.9.66 sub=0xc000006a");
    let mut screen = Screen::open(&big, view_of(ViewId::Accounts), 120, 30);
    screen.press(&[Action::TableSort, Action::CursorLast]);
    assert!(screen.sentence().starts_with("user9999@CORP"), "{}", screen.sentence());
    assert_eq!(screen.rows().len(), 28);
    let _ = Span::ZERO;
}
