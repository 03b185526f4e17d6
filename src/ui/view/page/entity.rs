//! The page of an account, a host or a source: a profile and panes of what was met with it.
//!
//! The three pages differ in their plan, their profile and their columns (`account`, `host`, `source`); the rest is
//! one thing.

use super::super::rows::{self, EventColumn, SessionColumn};
use super::super::{Ctx, Selection, View, words};
use super::digest::{Digest, Subject, Tally};
use super::{Pane, Plan, account, host, source};
use crate::base::text;
use crate::base::time::Timestamp;
use crate::model::ids::{AccountId, HostId, SourceId};
use crate::ui::action::{Action, Context};
use crate::ui::effect::{Effect, Place};
use crate::ui::theme::Meaning;
use crate::ui::widget::gantt::{self, Window};
use crate::ui::widget::heat::{self, Hour};
use crate::ui::widget::pairs::{self, Pair};
use crate::ui::widget::put;
use crate::ui::widget::table::{self, Cell, Column, Done, Look, Table};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Rows of the head of a page in tabs.
const HEAD: u16 = 1;

/// What a column of a pane of accounts, hosts or sources shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Met {
    Severity,
    Name,
    Sessions,
    Successes,
    Failures,
    FirstFailure,
    FirstSuccess,
    Last,
    Meter,
}

#[derive(Clone, Copy, Debug)]
enum Fact {
    Severity,
    Score,
    At,
    Rule,
    Why,
}

const ANOMALIES: &[Column<Fact>] = &[
    Column::new(Fact::Severity, "", 1),
    Column::new(Fact::Score, "", 3).right(),
    Column::new(Fact::At, "first seen", 15),
    Column::new(Fact::Rule, "rule", 20).grow(1).field("rule"),
    Column::new(Fact::Why, "what is odd", 14).grow(2).drop(1),
];

/// What tells one page from another.
pub struct Shape {
    pub plan: &'static Plan,
    pub met: &'static [Column<Met>],
    pub events: &'static [Column<EventColumn>],
    pub sessions: &'static [Column<SessionColumn>],
}

/// See the module.
pub struct EntityPage {
    subject: Subject,
    focus: Pane,
    digest: Digest,
    tables: [Table; Pane::COUNT],
    hour: Hour,
    /// First row of the profile on screen.
    scroll: usize,
}

impl EntityPage {
    #[must_use]
    pub fn new(subject: Subject) -> Self {
        Self { subject, focus: Pane::Profile, digest: Digest::default(), tables: Default::default(), hour: Hour::default(), scroll: 0 }
    }
    #[must_use]
    pub fn account(id: AccountId) -> Self {
        Self { focus: Pane::Anomalies, ..Self::new(Subject::Account(id)) }
    }
    #[must_use]
    pub fn host(id: HostId) -> Self {
        Self { focus: Pane::Accounts, ..Self::new(Subject::Host(id)) }
    }
    #[must_use]
    pub fn source(id: SourceId) -> Self {
        Self { focus: Pane::Accounts, ..Self::new(Subject::Source(id)) }
    }
    const fn shape(&self) -> &'static Shape {
        match self.subject {
            Subject::Account(_) => &account::SHAPE,
            Subject::Host(_) => &host::SHAPE,
            Subject::Source(_) => &source::SHAPE,
        }
    }
    fn name(&self, ctx: &Ctx<'_>) -> String {
        match self.subject {
            Subject::Account(id) => words::account(id, ctx),
            Subject::Host(id) => words::host(id, ctx),
            Subject::Source(id) => words::source(id, ctx),
        }
    }
    fn profile(&self, ctx: &Ctx<'_>) -> Vec<Pair> {
        match self.subject {
            Subject::Account(id) => account::profile(id, &self.digest, ctx),
            Subject::Host(id) => host::profile(id, &self.digest, ctx),
            Subject::Source(id) => source::profile(id, &self.digest, ctx),
        }
    }
    fn tallies(&self, pane: Pane) -> &[Tally] {
        match pane {
            Pane::Accounts => &self.digest.accounts.list,
            Pane::Hosts => &self.digest.hosts.list,
            Pane::Sources => &self.digest.sources.list,
            _ => &[],
        }
    }
    fn table(&self, pane: Pane) -> Table {
        self.tables.get(pane.index()).cloned().unwrap_or_default()
    }
    fn cursor(&self, pane: Pane, len: usize) -> Option<usize> {
        Some(self.tables.get(pane.index())?.cursor.min(len.checked_sub(1)?))
    }
    fn tally(&self, pane: Pane) -> Option<Tally> {
        let tallies = self.tallies(pane);
        tallies.get(self.cursor(pane, tallies.len())?).copied()
    }
    fn title(&self, pane: Pane, ctx: &Ctx<'_>) -> String {
        let counted = |count: usize| format!("{} ({})", pane.word(), text::count(count as u64));
        match pane {
            Pane::Profile => match self.subject {
                Subject::Account(id) => account::title(id, ctx),
                Subject::Host(id) => host::title(id, ctx),
                Subject::Source(id) => source::title(id, ctx),
            },
            Pane::Anomalies => counted(self.digest.anomalies.len()),
            Pane::Hours => format!("hour of week, {}", zone_word(ctx)),
            Pane::Events | Pane::Sessions => {
                let (all, have) = self.totals(pane, ctx);
                if have < all as usize {
                    format!("{} (newest {} of {})", pane.word(), text::count(have as u64), text::count(u64::from(all)))
                } else {
                    counted(have)
                }
            }
            pane => counted(self.tallies(pane).len()),
        }
    }
    /// All of the subject, and how many of them the page holds.
    fn totals(&self, pane: Pane, ctx: &Ctx<'_>) -> (u32, usize) {
        let tables = &ctx.snapshot.tables;
        let (events, sessions) = match self.subject {
            Subject::Account(id) => tables.account(id).map(|account| (account.events, account.sessions)),
            Subject::Host(id) => tables.host(id).map(|host| (host.events, host.sessions)),
            Subject::Source(id) => tables.source(id).map(|source| (source.events, source.sessions)),
        }
        .unwrap_or_default();
        if !self.digest.cut {
            return if pane == Pane::Events { (0, self.digest.events()) } else { (0, self.digest.sessions()) };
        }
        if pane == Pane::Events { (events, self.digest.events()) } else { (sessions, self.digest.sessions()) }
    }
    fn met_cell(pane: Pane, tally: &Tally, most: u32, column: Met, ctx: &Ctx<'_>) -> Cell {
        match column {
            Met::Severity => words::severity(tally.worst),
            Met::Name => rows::named(met_name(pane, tally.row, ctx)),
            Met::Sessions => Cell::count(tally.sessions),
            Met::Successes => Cell::count(tally.successes),
            Met::Failures => super::super::accounts::failures(tally.failures),
            Met::FirstFailure => Cell::text(words::moment(tally.first_failure, ctx.zone)),
            Met::FirstSuccess => Cell::text(words::moment(tally.first_success, ctx.zone)),
            Met::Last => Cell::text(words::moment(tally.last, ctx.zone)),
            Met::Meter => {
                let share = u64::from(tally.sessions.max(tally.events)) * 8;
                let cells = share.div_ceil(u64::from(most.max(1))).min(8);
                Cell::dim(ctx.glyphs.meter.repeat(usize::try_from(cells).unwrap_or(0)))
            }
        }
    }
    fn draw_met(&self, buffer: &mut Buffer, pane: Pane, area: Rect, ctx: &Ctx<'_>, look: Look<'_>) {
        let tallies = self.tallies(pane);
        let most = tallies.iter().map(|tally| tally.sessions.max(tally.events)).max().unwrap_or(0);
        self.table(pane).draw(buffer, area, self.shape().met, tallies.len(), look, |row, column| {
            tallies.get(row).map_or_else(|| Cell::text(""), |tally| Self::met_cell(pane, tally, most, column, ctx))
        });
    }
    fn draw_sessions(&self, buffer: &mut Buffer, area: Rect, ctx: &Ctx<'_>, look: Look<'_>) {
        let (columns, len) = (self.shape().sessions, self.digest.sessions());
        let table = self.table(Pane::Sessions);
        let rows: Vec<_> = table.rows_on_screen(len, area).filter_map(|row| self.digest.session(row)).collect();
        table.draw(buffer, area, columns, len, look, |row, column| {
            self.digest.session(row).map_or_else(|| Cell::text(""), |id| rows::session_cell(id, column, ctx))
        });
        let Some(bar) = table::place(columns, area.width).into_iter().find(|placed| is_bar(columns, placed.index)) else { return };
        let sessions: Vec<_> = rows.iter().filter_map(|id| ctx.snapshot.tables.session(*id)).collect();
        let from = sessions.iter().map(|session| session.start).min();
        let to = sessions.iter().map(|session| session.end_or(ctx.now())).max();
        let (Some(from), Some(to)) = (from, to) else { return };
        let window = Window { from, to };
        let words = chart_title(from, to, ctx);
        put(buffer, area.x + bar.x, area.y, bar.width, &words, ctx.theme.style(Meaning::Dim));
        for (y, session) in (area.y + 1..area.bottom()).zip(sessions) {
            let row = Rect { x: area.x + bar.x, y, width: bar.width, height: 1 };
            gantt::draw(buffer, row, session, window, ctx.now(), look);
        }
    }
    fn draw_hours(&self, buffer: &mut Buffer, area: Rect, ctx: &Ctx<'_>, look: Look<'_>) {
        let hours = match self.subject {
            Subject::Account(id) => ctx.snapshot.tables.account(id).and_then(|account| account.hours.clone()),
            _ => None,
        };
        let Some(hours) = hours else {
            put(buffer, area.x + 1, area.y, area.width.saturating_sub(1), "no logon yet, so no hours", ctx.theme.style(Meaning::Dim));
            return;
        };
        let ahead = heat::offset(ctx.zone, ctx.now());
        heat::draw(buffer, area, &hours, ahead, self.hour, look);
        let below = Rect { y: area.y.saturating_add(8), height: area.height.saturating_sub(8), ..area };
        if below.height > 0 {
            put(buffer, area.x + 1, below.y, area.width.saturating_sub(1), &account::busiest(&hours, ahead), ctx.theme.style(Meaning::Dim));
        }
    }
    fn paint(&self, buffer: &mut Buffer, pane: Pane, area: Rect, focus: bool, ctx: &Ctx<'_>) {
        let look = Look { theme: ctx.theme, glyphs: ctx.glyphs, focus };
        match pane {
            Pane::Profile => {
                let area = Rect { x: area.x + 1, width: area.width.saturating_sub(1), ..area };
                pairs::draw(buffer, area, &self.profile(ctx), 9, self.scroll, look);
            }
            Pane::Anomalies => {
                let ids = &self.digest.anomalies;
                self.table(pane).draw(buffer, area, ANOMALIES, ids.len(), look, |row, column| {
                    let anomaly = ids.get(row).and_then(|id| ctx.snapshot.tables.anomaly(*id));
                    let Some(anomaly) = anomaly else { return Cell::text("") };
                    match column {
                        Fact::Severity => words::severity(Some(anomaly.severity)),
                        Fact::Score => Cell::text(anomaly.score.to_string()),
                        Fact::At => Cell::text(ctx.zone.day_clock(anomaly.at)),
                        Fact::Rule => Cell::text(anomaly.detection.id),
                        Fact::Why => Cell::dim(anomaly.why.clone()),
                    }
                });
                if ids.is_empty() {
                    put(buffer, area.x + 2, area.y + 1, area.width.saturating_sub(2), "none", ctx.theme.style(Meaning::Dim));
                }
            }
            Pane::Hours => self.draw_hours(buffer, area, ctx, look),
            Pane::Accounts | Pane::Hosts | Pane::Sources => self.draw_met(buffer, pane, area, ctx, look),
            Pane::Sessions => self.draw_sessions(buffer, area, ctx, look),
            Pane::Events => {
                self.table(pane).draw(buffer, area, self.shape().events, self.digest.events(), look, |row, column| {
                    self.digest.event(row).map_or_else(|| Cell::text(""), |id| rows::event_cell(id, column, ctx))
                });
            }
            Pane::Fields | Pane::Raw => {}
        }
    }
    /// What Enter opens in the focused pane.
    fn open(&self, ctx: &Ctx<'_>) -> Option<Place> {
        match self.focus {
            Pane::Accounts => self.tally(Pane::Accounts).map(|tally| Place::Account(AccountId::new(tally.row))),
            Pane::Hosts => self.tally(Pane::Hosts).map(|tally| Place::Host(HostId::new(tally.row))),
            Pane::Sources => self.tally(Pane::Sources).map(|tally| Place::Source(SourceId::new(tally.row))),
            Pane::Anomalies | Pane::Profile => {
                let id = *self.digest.anomalies.get(self.cursor(Pane::Anomalies, self.digest.anomalies.len())?)?;
                (self.focus == Pane::Anomalies).then_some(Place::Anomaly(id))
            }
            _ => {
                let selection = self.selection(ctx);
                match self.focus {
                    Pane::Sessions => selection.session.map(Place::Session),
                    Pane::Events => selection.event.map(Place::Event),
                    _ => None,
                }
            }
        }
    }
    fn own(&self, ctx: &Ctx<'_>) -> Selection {
        let (names, tables) = (&ctx.snapshot.names, &ctx.snapshot.tables);
        match self.subject {
            Subject::Account(id) => Selection {
                account: Some(id),
                term: tables.account(id).map(|account| ("account", account.name(names))),
                ..Selection::default()
            },
            Subject::Host(id) => {
                Selection { host: Some(id), term: tables.host(id).map(|host| ("host", names.shown(host.name))), ..Selection::default() }
            }
            Subject::Source(id) => {
                Selection { source: Some(id), term: tables.source(id).map(|source| ("source", source.name(names))), ..Selection::default() }
            }
        }
    }
}

fn is_bar(columns: &[Column<SessionColumn>], index: usize) -> bool {
    columns.get(index).is_some_and(|column| column.key == SessionColumn::Bar)
}

/// The window of the chart; days are named where it is longer than one.
fn chart_title(from: Timestamp, to: Timestamp, ctx: &Ctx<'_>) -> String {
    let long = (to - from).as_seconds() >= 86_400;
    let word = |at| if long { ctx.zone.day_clock(at) } else { ctx.zone.clock(at) };
    format!("{} .. {}", word(from), word(to))
}

fn zone_word(ctx: &Ctx<'_>) -> &'static str {
    if ctx.zone.suffix() == "Z" { "UTC" } else { "zone in use" }
}

fn met_name(pane: Pane, row: usize, ctx: &Ctx<'_>) -> String {
    match pane {
        Pane::Accounts => words::account(AccountId::new(row), ctx),
        Pane::Hosts => words::host(HostId::new(row), ctx),
        _ => words::source(SourceId::new(row), ctx),
    }
}

impl View for EntityPage {
    fn crumb(&self, ctx: &Ctx<'_>) -> String {
        self.name(ctx)
    }
    fn context(&self) -> Context {
        Context::Page
    }
    fn update(&mut self, action: Action, ctx: &Ctx<'_>) -> Vec<Effect> {
        let plan = self.shape().plan;
        match action {
            Action::PaneNext | Action::PanePrev => {
                self.focus = plan.step(self.focus, action == Action::PanePrev);
                return Vec::new();
            }
            Action::NavOpen => return self.open(ctx).map(Effect::Open).into_iter().collect(),
            _ => {}
        }
        let area = plan.inside(self.focus, ctx.area, HEAD);
        let (focus, shape) = (self.focus, self.shape());
        let len = match focus {
            Pane::Anomalies => self.digest.anomalies.len(),
            Pane::Sessions => self.digest.sessions(),
            Pane::Events => self.digest.events(),
            pane => self.tallies(pane).len(),
        };
        let Some(table) = self.tables.get_mut(focus.index()) else { return Vec::new() };
        let done = match focus {
            Pane::Profile => {
                match action {
                    Action::CursorUp => self.scroll = self.scroll.saturating_sub(1),
                    Action::CursorDown => self.scroll = (self.scroll + 1).min(12),
                    _ => return Vec::new(),
                }
                Done::Moved
            }
            Pane::Hours => {
                self.hour.update(action);
                Done::Moved
            }
            Pane::Anomalies => table.update(action, ANOMALIES, len, area),
            Pane::Sessions => table.update(action, shape.sessions, len, area),
            Pane::Events => table.update(action, shape.events, len, area),
            _ => table.update(action, shape.met, len, area),
        };
        if done == Done::Sorted {
            (table.sort, table.reverse) = (None, false);
        }
        Vec::new()
    }
    fn refresh(&mut self, ctx: &Ctx<'_>) -> Vec<Effect> {
        self.digest.extend(self.subject, ctx);
        Vec::new()
    }
    fn draw(&self, buffer: &mut Buffer, ctx: &Ctx<'_>) {
        let plan = self.shape().plan;
        if plan.is_tabbed(ctx.area) {
            let area = ctx.area;
            let title = self.title(Pane::Profile, ctx);
            put(buffer, area.x + 1, area.y, area.width.saturating_sub(1), &title, ctx.theme.style(Meaning::Strong));
        }
        plan.draw(
            buffer,
            ctx,
            self.focus,
            HEAD,
            |pane| self.title(pane, ctx),
            |buffer, pane, area, focus| {
                self.paint(buffer, pane, area, focus, ctx);
            },
        );
    }
    fn selection(&self, ctx: &Ctx<'_>) -> Selection {
        let own = self.own(ctx);
        let (names, tables) = (&ctx.snapshot.names, &ctx.snapshot.tables);
        match self.focus {
            Pane::Profile | Pane::Hours | Pane::Fields | Pane::Raw => own,
            Pane::Anomalies => {
                let id = self.cursor(Pane::Anomalies, self.digest.anomalies.len()).and_then(|row| self.digest.anomalies.get(row));
                let Some((id, anomaly)) = id.and_then(|id| Some((*id, tables.anomaly(*id)?))) else { return own };
                Selection {
                    account: own.account.or(anomaly.accounts.first().copied()),
                    host: own.host.or(anomaly.hosts.first().copied()),
                    source: own.source.or(anomaly.sources.first().copied()),
                    session: anomaly.sessions.first().copied(),
                    event: anomaly.records.last().copied(),
                    anomaly: Some(id),
                    at: Some(anomaly.at),
                    term: Some(("rule", anomaly.detection.id.to_owned())),
                }
            }
            Pane::Accounts => self.tally(Pane::Accounts).map_or(own.clone(), |tally| {
                let id = AccountId::new(tally.row);
                let term = tables.account(id).map(|account| ("account", account.name(names)));
                Selection { account: Some(id), at: tally.last, term, ..own }
            }),
            Pane::Hosts => self.tally(Pane::Hosts).map_or(own.clone(), |tally| {
                let id = HostId::new(tally.row);
                let term = tables.host(id).map(|host| ("host", names.shown(host.name)));
                Selection { host: Some(id), at: tally.last, term, ..own }
            }),
            Pane::Sources => self.tally(Pane::Sources).map_or(own.clone(), |tally| {
                let id = SourceId::new(tally.row);
                let term = tables.source(id).map(|source| ("source", source.name(names)));
                Selection { source: Some(id), at: tally.last, term, ..own }
            }),
            Pane::Sessions => {
                let id = self.cursor(Pane::Sessions, self.digest.sessions()).and_then(|row| self.digest.session(row));
                let Some((id, session)) = id.and_then(|id| Some((id, tables.session(id)?))) else { return own };
                Selection {
                    account: session.account.some(),
                    host: session.host.some(),
                    source: session.source.some(),
                    session: Some(id),
                    event: session.first_event.some(),
                    anomaly: None,
                    at: Some(session.start),
                    term: (session.logon_id.0 != 0).then(|| ("session", session.logon_id.to_string())).or(own.term),
                }
            }
            Pane::Events => {
                let id = self.cursor(Pane::Events, self.digest.events()).and_then(|row| self.digest.event(row));
                let column = self.tables.get(Pane::Events.index()).and_then(|table| self.shape().events.get(table.column));
                id.map_or(own, |id| rows::event_selection(id, column.map(|column| column.key), ctx))
            }
        }
    }
    fn sentence(&self, ctx: &Ctx<'_>) -> String {
        let tables = &ctx.snapshot.tables;
        let selection = self.selection(ctx);
        match self.focus {
            Pane::Anomalies => selection.anomaly.and_then(|id| tables.anomaly(id)).map_or_else(
                || format!("no anomaly of {}", self.name(ctx)),
                |anomaly| format!("{} {}  {}: {}", anomaly.severity.letter(), anomaly.score, anomaly.detection.title, anomaly.why),
            ),
            Pane::Hours => match self.subject {
                Subject::Account(id) => account::hour_sentence(id, self.hour, ctx),
                _ => String::new(),
            },
            pane @ (Pane::Accounts | Pane::Hosts | Pane::Sources) => self.tally(pane).map_or_else(String::new, |tally| {
                format!(
                    "{}: {} sessions, {} successes, {} failures with {}, {} .. {}",
                    met_name(pane, tally.row, ctx),
                    text::count(u64::from(tally.sessions)),
                    text::count(u64::from(tally.successes)),
                    text::count(u64::from(tally.failures)),
                    self.name(ctx),
                    words::moment(tally.first, ctx.zone),
                    words::moment(tally.last, ctx.zone),
                )
            }),
            Pane::Sessions => selection
                .session
                .and_then(|id| tables.session(id))
                .map_or_else(String::new, |session| words::session_sentence(session, ctx)),
            Pane::Events => selection.event.map_or_else(String::new, |id| words::event_sentence(id, ctx)),
            Pane::Profile | Pane::Fields | Pane::Raw => format!("{}; Tab goes to the next pane, Enter opens a row", self.name(ctx)),
        }
    }
}
