//! The page of one logon session of a session as shown: how it began and ended, its events, and the record of the one
//! under the cursor.

use super::super::order::{Key, Ordered};
use super::super::rows::EventColumn;
use super::super::{Ctx, Reply, Selection, View, gone, rows, words};
use super::finding::{listed, words_in};
use super::panes::{self, Listing, Paned};
use super::record::Record;
use super::{Band, Pane, Plan, credential, fields};
use crate::base::text;
use crate::model::event::Tri;
use crate::model::ids::{EventId, SessionId};
use crate::model::quality::Quality;
use crate::model::session::Session;
use crate::ui::action::{Action, Context};
use crate::ui::effect::{Effect, Place};
use crate::ui::find::scope::{OnScreen, Scope, Spot};
use crate::ui::marks::Target;
use crate::ui::theme::Meaning;
use crate::ui::widget::pairs::{self, Pair};
use crate::ui::widget::put;
use crate::ui::widget::table::{Arranged, Cell, Look, Table};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::borrow::Cow;

use Pane::{Events, Fields, Profile, Raw};

const BANDS: &[Band] = &[
    Band { height: 11, least: 10, grows: false, columns: &[&[Profile], &[Events]] },
    Band { height: 12, least: 10, grows: true, columns: &[&[Fields], &[Raw]] },
];
const PLAN: Plan = Plan { wide: BANDS, middle: BANDS, panes: &[Profile, Events, Fields, Raw], shared: &[] };
/// Events of one session that the page holds.
const WALKED: usize = 10_000;
/// Kind of the table, where its columns are arranged.
const EVENTS: &str = "events of a logon";

pub struct LogonPage {
    id: SessionId,
    focus: Pane,
    /// Oldest first.
    events: Vec<EventId>,
    cut: bool,
    table: Ordered,
    record: Record,
    scroll: usize,
}

impl LogonPage {
    #[must_use]
    pub fn new(id: SessionId) -> Self {
        Self { id, focus: Events, events: Vec::new(), cut: false, table: Ordered::default(), record: Record::default(), scroll: 0 }
    }
    fn session<'a>(&self, ctx: &'a Ctx<'_>) -> Option<Cow<'a, Session>> {
        ctx.snapshot.tables.session(self.id)
    }
    fn event(&self) -> Option<EventId> {
        self.events.get(self.table.under(self.events.len())?).copied()
    }
    fn event_of(&self, row: usize) -> Option<EventId> {
        self.events.get(self.table.place(row)).copied()
    }
    fn columns(ctx: &Ctx<'_>) -> Arranged<'static, EventColumn> {
        let mut columns = ctx.columns.arrange(EVENTS, rows::OWN_EVENTS);
        columns.without(rows::is_of_groups);
        columns
    }
    fn sort(&mut self, ctx: &Ctx<'_>) {
        let key = |column: usize, place: usize| {
            self.events
                .get(place)
                .zip(rows::OWN_EVENTS.get(column))
                .map_or(Key::Nothing, |(id, column)| rows::event_key(*id, column.key, ctx))
        };
        self.table.make(self.events.len(), key);
    }
    /// Takes in new events of the session.
    fn look(&mut self, ctx: &Ctx<'_>) {
        let tables = &ctx.snapshot.tables;
        let fresh = self.events.is_empty();
        if self.events.last().is_some_and(|last| last.index() >= tables.events.len()) {
            self.events.clear(); // a replay went back
        }
        let kept = tables.events.first_kept();
        self.events.retain(|id| id.index() >= kept);
        let known = self.events.last().copied();
        let held = self.table.hold(self.events.len(), |place| self.events.get(place).map(|id| id.index()));
        let mut new: Vec<EventId> = tables
            .events_of_session(self.id)
            .map(|(id, _)| id)
            .take_while(|id| known.is_none_or(|known| *id > known))
            .take(WALKED + 1)
            .collect();
        if new.len() > WALKED {
            new.truncate(WALKED);
            self.cut = true;
        }
        let is_same = new.is_empty() && !fresh;
        self.events.extend(new.into_iter().rev());
        if !is_same {
            self.sort(ctx);
            self.table.settle(&held, self.events.len(), |place| self.events.get(place).map(|id| id.index()));
        }
        // Privileges may be written before the logon they belong to: the page opens on the logon.
        let first = self.session(ctx).map(|session| session.first_event);
        if let Some(place) = first.filter(|_| fresh).and_then(|first| self.events.iter().position(|id| *id == first)) {
            self.table.table.go(place, self.events.len());
        }
    }
    fn title(&self, ctx: &Ctx<'_>) -> String {
        let Some(session) = self.session(ctx) else { return "logon".to_owned() };
        let first = ctx.snapshot.tables.event(session.first_event);
        let to = match first.as_ref().and_then(|row| row.event.entra.as_deref()) {
            Some(entra) => words::or_absent(ctx.snapshot.names.shown(entra.app.or(entra.resource))),
            None => words::host(session.host, ctx),
        };
        format!("logon  {} > {to}", words::account(session.account, ctx))
    }
    fn pane_title(&self, pane: Pane, ctx: &Ctx<'_>) -> String {
        let gone = || gone::since(self.session(ctx).map(|session| session.start), ctx);
        match pane {
            Events if self.cut => format!("events of this logon (newest {}{})", text::count(self.events.len() as u64), gone()),
            Events => format!("events of this logon ({}{})", text::count(self.events.len() as u64), gone()),
            Fields => self.record.fields_title(),
            Raw => self.record.title(ctx),
            _ => self.title(ctx),
        }
    }
    fn paint(&self, buffer: &mut Buffer, pane: Pane, area: Rect, focus: bool, ctx: &Ctx<'_>) {
        let look = Look { theme: ctx.theme, glyphs: ctx.glyphs, focus };
        match pane {
            Events => {
                // The event whose record is shown stays marked without the focus.
                let look = Look { focus: true, ..look };
                self.table.table.draw(buffer, area, &Self::columns(ctx), self.events.len(), look, |row, column| {
                    self.event_of(row).map_or_else(|| Cell::text(""), |id| rows::event_cell(id, column, ctx))
                });
            }
            Fields => self.record.draw_fields(buffer, area, look, ctx),
            Raw => self.record.draw_raw(buffer, area, ctx),
            _ => {
                let area = Rect { x: area.x + 1, width: area.width.saturating_sub(1), ..area };
                match self.session(ctx) {
                    Some(session) => {
                        pairs::draw(buffer, area, &profile(&session, ctx), 9, self.scroll, look);
                    }
                    None => {
                        put(buffer, area.x, area.y, area.width, "not begun yet at this time", ctx.theme.style(Meaning::Dim));
                    }
                }
            }
        }
    }
}

/// How it began and ended and what it is, in labelled lines.
#[must_use]
pub fn profile(session: &Session, ctx: &Ctx<'_>) -> Vec<Pair> {
    let (names, tables) = (&ctx.snapshot.names, &ctx.snapshot.tables);
    let mut kind = words::type_long(session.logon_type, session.lane);
    if let Some(worst) = session.worst {
        kind.push_str(&format!(
            "   {} {}",
            worst.letter(),
            words::plural(session.anomalies as usize, "anomaly").replace("anomalys", "anomalies")
        ));
    }
    let mut pairs = vec![Pair::new("type", kind).meaning(session.worst.map_or(Meaning::Text, Meaning::Severity))];
    let first = tables.event(session.first_event);
    let by = first.as_ref().map_or_else(String::new, |row| match row.event.record {
        0 => format!("  ({})", words::event_id(&row.event)),
        record => format!("  ({} rec {record})", words::event_id(&row.event)),
    });
    pairs.push(Pair::new("start", format!("{}{by}", ctx.date_time(session.start))));
    let length = (session.end_or(ctx.now()) - session.start).words();
    pairs.push(match session.end {
        _ if session.is_open() => Pair::new("end", format!("open, {length} so far")).meaning(Meaning::Open),
        Some(end) if session.end_reason.is_inferred() => {
            Pair::new("end", format!("{} at the latest, {}", ctx.date_time(end), words::session_end(session.end_reason)))
                .meaning(Meaning::Uncertain)
        }
        Some(end) => Pair::new("end", format!("{}  {}, after {length}", ctx.date_time(end), words::session_end(session.end_reason))),
        None => Pair::new("end", words::session_end(session.end_reason)).meaning(Meaning::Uncertain),
    });
    let mut from = words::source(session.source, ctx);
    if session.workstation.is_some() {
        from.push_str(&format!("  {}", names.shown(session.workstation)));
    }
    if let Some(port) = first.as_ref().map(|row| row.event.port).filter(|port| *port != 0) {
        from.push_str(&format!("  port {port}"));
    }
    pairs.push(Pair::new("from", from));
    if let Some(row) = first.filter(|row| row.event.entra.is_some()) {
        pairs.extend(entra(&row, ctx));
        pairs.extend(credential::lines(session, ctx));
        pairs.push(Pair::new("id", identity(session, ctx)));
    } else {
        pairs.extend(credential::lines(session, ctx));
        pairs.push(Pair::new("auth", auth(session, ctx)));
        pairs.push(Pair::new("id", identity(session, ctx)));
        pairs.push(Pair::new("rights", rights(session)));
    }
    for (label, id) in [("parent", session.parent), ("pair", session.linked)] {
        if let Some(other) = tables.session(id) {
            let half = match (label, other.elevated) {
                ("pair", Tri::Yes) => "elevated half: ",
                ("pair", _) => "limited half: ",
                _ => "",
            };
            let words =
                format!("{half}{} {}  {}", words::type_long(other.logon_type, other.lane), other.logon_id, ctx.date_time(other.start));
            pairs.push(Pair::new(label, format!("{words}  {}", words::account(other.account, ctx))));
        }
    }
    pairs.extend(part_of(session, ctx));
    for (from, to) in session.disconnected() {
        let to = to.map_or_else(|| "now".to_owned(), |to| ctx.date_time(to));
        pairs.push(Pair::new("away", format!("disconnected {} .. {to}", ctx.date_time(*from))).meaning(Meaning::Uncertain));
    }
    pairs
}

/// The session that it is a part of with others, and how well that is known.
fn part_of(session: &Session, ctx: &Ctx<'_>) -> Option<Pair> {
    let visit = ctx.snapshot.tables.visit(session.visit).filter(|visit| visit.logons > 1)?;
    let mut words = format!("{}  {}", words::type_long(visit.logon_type, visit.lane), ctx.date_time(visit.start));
    if session.passing {
        words.insert_str(0, "check of credentials for ");
    }
    if !session.joined.note().is_empty() {
        words.push_str(&format!(", {}", session.joined.note()));
    }
    let meaning = if session.joined == Quality::Exact { Meaning::Text } else { Meaning::Uncertain };
    Some(Pair::new("part of", words).meaning(meaning))
}

pub(super) fn auth(session: &Session, ctx: &Ctx<'_>) -> String {
    let names = &ctx.snapshot.names;
    let parts: Vec<String> = [session.lm_package, session.package, session.logon_process, session.process]
        .into_iter()
        .filter(|symbol| symbol.is_some())
        .map(|symbol| names.shown(symbol))
        .collect();
    words::or_absent(parts.join("  "))
}

pub(super) fn identity(session: &Session, ctx: &Ctx<'_>) -> String {
    if session.entra_session().is_some() {
        return format!("Entra session {}", session.entra_session().shown(&ctx.snapshot.names));
    }
    format!("{} / boot {} / LogonId {}", words::host(session.host, ctx), session.boot, session.logon_id)
}

pub(super) fn rights(session: &Session) -> String {
    let elevated = match session.elevated {
        Tri::Yes => "elevated token",
        Tri::No => "limited token",
        Tri::Unknown => "elevation not stated",
    };
    let privileged = if session.privileged { "privileged (4672)" } else { "no special privileges seen" };
    format!("{elevated}, {privileged}")
}

/// What only a sign-in to Entra has.
pub(super) fn entra(row: &crate::model::world::Row, ctx: &Ctx<'_>) -> Vec<Pair> {
    let Some(entra) = row.event.entra.as_deref() else { return Vec::new() };
    let shown = |symbol| ctx.snapshot.names.shown(symbol);
    let join = |parts: &[String]| parts.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join("  ");
    let app = match (shown(entra.app), shown(entra.resource)) {
        (app, resource) if resource.is_empty() => app,
        (app, resource) => format!("{app} > {resource}"),
    };
    let asn = if entra.asn == 0 { String::new() } else { format!("AS{}", entra.asn) };
    let managed = match entra.is_managed {
        Tri::Yes => "managed",
        Tri::No => "not managed",
        Tri::Unknown => "",
    };
    let device = join(&[shown(entra.device_name), shown(entra.operating_system), shown(entra.browser), managed.to_owned()]);
    [
        ("app", app),
        ("device", device),
        ("place", join(&[shown(entra.country), shown(entra.city), asn])),
        ("MFA", join(&[fields::mfa(entra).to_owned(), shown(entra.requirement)])),
        ("token", join(&[shown(entra.protocol), shown(entra.incoming_token), shown(entra.original_transfer)])),
        ("risk", join(&[shown(entra.risk), shown(entra.risk_state)])),
        ("client", join(&[shown(entra.client_app), shown(entra.user_agent)])),
    ]
    .into_iter()
    .filter(|(_, words)| !words.is_empty())
    .map(|(label, words)| Pair::new(label, words))
    .collect()
}

impl View for LogonPage {
    fn crumb(&self, ctx: &Ctx<'_>) -> String {
        match self.session(ctx) {
            Some(session) if session.logon_id.0 != 0 => format!("logon {}", session.logon_id),
            Some(session) => format!("logon of {}", words::account(session.account, ctx)),
            None => "logon".to_owned(),
        }
    }
    fn context(&self) -> Context {
        Context::Page
    }
    fn update(&mut self, action: Action, ctx: &Ctx<'_>) -> Vec<Effect> {
        self.look(ctx);
        let len = self.events.len();
        let area = PLAN.inside(self.focus, ctx.area);
        match action {
            Action::PaneNext | Action::PanePrev => panes::turn_to(self, PLAN.step(self.focus, action == Action::PanePrev)),
            Action::PageEventNext => self.table.table.go(self.table.table.cursor.saturating_add(1), len),
            Action::PageEventPrev => self.table.table.go(self.table.table.cursor.saturating_sub(1), len),
            Action::PageForm => {
                self.unselect();
                return vec![self.record.turn(&mut self.focus, &PLAN, ctx.area)];
            }
            Action::NavOpen => return self.event().map(|id| Effect::Open(Place::Event(id))).into_iter().collect(),
            action => match self.focus {
                Events | Fields => return panes::act(self, action, ctx).unwrap_or_default(),
                Raw => self.record.update_raw(action, area, ctx),
                _ => match action {
                    Action::CursorUp => self.scroll = self.scroll.saturating_sub(1),
                    Action::CursorDown => self.scroll = (self.scroll + 1).min(20),
                    _ => {}
                },
            },
        }
        self.record.show(self.event(), ctx)
    }
    fn refresh(&mut self, ctx: &Ctx<'_>) -> Vec<Effect> {
        self.look(ctx);
        self.record.show(self.event(), ctx)
    }
    fn receive(&mut self, reply: &Reply, _ctx: &Ctx<'_>) {
        self.record.receive(reply);
    }
    fn finds(&self, ctx: &Ctx<'_>) -> Option<Scope> {
        match self.focus {
            Fields | Raw => Some(self.record.finds(self.focus == Raw)),
            Events => Some(listed(self.events.len(), self.table.table.cursor, |row| self.event_of(row).map(Target::Event))),
            _ => {
                let pairs = self.session(ctx).map(|session| profile(&session, ctx)).unwrap_or_default();
                Some(Scope::words(pairs.into_iter().map(|pair| format!("{} {}", pair.label, pair.words)), self.scroll))
            }
        }
    }
    fn found(&mut self, spot: &Spot, ctx: &Ctx<'_>) -> Vec<Effect> {
        let area = PLAN.inside(self.focus, ctx.area);
        match self.focus {
            Fields | Raw => self.record.go_to_line(self.focus == Raw, spot.line, area, ctx),
            Events => self.table.table.show(spot.line, self.events.len(), area),
            _ => self.scroll = spot.line,
        }
        self.record.show(self.event(), ctx)
    }
    fn on_screen(&self, ctx: &Ctx<'_>) -> Vec<OnScreen> {
        let area = PLAN.inside(self.focus, ctx.area);
        match self.focus {
            Events => OnScreen::rows(&self.table.table, self.events.len(), area, |row| self.event_of(row).map(Target::Event)),
            _ => words_in(&PLAN, self.focus, ctx.area),
        }
    }
    fn draw(&self, buffer: &mut Buffer, ctx: &Ctx<'_>) {
        PLAN.draw(
            buffer,
            ctx,
            self.focus,
            || format!("{}{}", panes::selected_words(self, self.focus, ctx), self.title(ctx)),
            |pane| format!("{}{}", panes::selected_words(self, pane, ctx), self.pane_title(pane, ctx)),
            |buffer, pane, area, focus| {
                self.paint(buffer, pane, area, focus, ctx);
            },
        );
    }
    panes::table_methods!();
    fn selection(&self, ctx: &Ctx<'_>) -> Selection {
        let row = self.table(self.focus).map_or(0, |table| table.cursor.min(self.len(self.focus).saturating_sub(1)));
        self.select(self.focus, row, ctx)
    }
    fn target(&self, _ctx: &Ctx<'_>) -> Option<Target> {
        match self.focus {
            Events | Fields | Raw => self.event().map(Target::Event),
            _ => Some(Target::Session(self.id)),
        }
    }
    fn sentence(&self, ctx: &Ctx<'_>) -> String {
        match self.focus {
            Fields => self.record.sentence(),
            Profile => self.session(ctx).map_or_else(String::new, |session| words::session_sentence(&session, ctx)),
            _ => self.event().map_or_else(String::new, |id| words::event_sentence(id, ctx)),
        }
    }
}

impl LogonPage {
    const fn len(&self, pane: Pane) -> usize {
        match pane {
            Fields => self.record.fields(),
            _ => self.events.len(),
        }
    }
}

impl Paned for LogonPage {
    fn plan(&self) -> &'static Plan {
        &PLAN
    }
    fn focus(&self) -> Pane {
        self.focus
    }
    fn set_focus(&mut self, pane: Pane) {
        self.focus = pane;
    }
    fn listing(&self, pane: Pane, ctx: &Ctx<'_>) -> Option<Listing> {
        let area = PLAN.inside(pane, ctx.area);
        match pane {
            Events => Some(Listing { kind: Some(EVENTS), columns: Self::columns(ctx).plain(), len: self.events.len(), area }),
            Fields => Some(self.record.listing(area, ctx)),
            _ => None,
        }
    }
    fn table(&self, pane: Pane) -> Option<&Table> {
        match pane {
            Events => Some(&self.table.table),
            Fields => Some(self.record.table()),
            _ => None,
        }
    }
    fn table_mut(&mut self, pane: Pane) -> Option<&mut Table> {
        match pane {
            Events => Some(&mut self.table.table),
            Fields => Some(self.record.table_mut()),
            _ => None,
        }
    }
    fn cell(&self, pane: Pane, row: usize, column: usize, ctx: &Ctx<'_>) -> Cell {
        if pane == Fields {
            return self.record.cell(row, column);
        }
        let cell = self.event_of(row).zip(rows::OWN_EVENTS.get(column));
        cell.map_or_else(|| Cell::text(""), |(id, column)| rows::event_cell(id, column.key, ctx))
    }
    fn select(&self, pane: Pane, row: usize, ctx: &Ctx<'_>) -> Selection {
        let tables = &ctx.snapshot.tables;
        let Some(session) = self.session(ctx) else { return Selection::default() };
        let own = (session.logon_id.0 != 0).then(|| ("session", session.logon_id.to_string()));
        let account = || tables.account(session.account).map(|account| ("account", account.name(&ctx.snapshot.names)));
        let event = if pane == Events { self.event_of(row) } else { self.event() };
        let stated = event.and_then(|id| tables.event(id));
        let cell = match pane {
            Fields => self.record.term_of(row),
            Events => {
                let column = self.table.table.under(&Self::columns(ctx), PLAN.inside(Events, ctx.area).width);
                stated.as_ref().zip(column).and_then(|(row, column)| rows::event_term(row, column, ctx))
            }
            _ => None,
        };
        Selection {
            account: session.account.some(),
            host: session.host.some(),
            source: session.source.some(),
            visit: session.visit.some(),
            session: Some(self.id),
            event,
            at: stated.map_or(Some(session.start), |row| Some(row.event.at)),
            term: cell.or(own).or_else(account),
            text: if pane == Raw { self.record.copied() } else { panes::text_under(self, pane, row, ctx) },
            ..Selection::default()
        }
    }
    fn reorder(&mut self, pane: Pane, ctx: &Ctx<'_>) {
        if pane == Events {
            self.sort(ctx);
        }
    }
    fn moved(&mut self, ctx: &Ctx<'_>) -> Vec<Effect> {
        self.record.show(self.event(), ctx)
    }
}
