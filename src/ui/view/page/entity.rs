//! The page of an account, a host or a source: a profile and panes of what was met with it.
//!
//! The three pages differ in their plan, their profile and their columns (`account`, `host`, `source`); the rest is
//! one thing.

use super::super::rows::{self, EventColumn, SessionColumn};
use super::super::{Ctx, Reply, Selection, View, risk, words};
use super::coverage::HostLogs;
use super::digest::{Digest, Subject};
use super::paint::{ANOMALIES, zone_word};
use super::past::Past;
use super::tally::Tally;
use super::{Pane, Plan, account, host, source};
use crate::base::text;
use crate::model::ids::{AccountId, HostId, SourceId};
use crate::model::involved::Entity;
use crate::model::lane::Lane;
use crate::ui::action::{Action, Context};
use crate::ui::effect::{Effect, Place};
use crate::ui::find::scope::{OnScreen, Scope, Spot};
use crate::ui::marks::{Target, marked};
use crate::ui::widget::heat::Hour;
use crate::ui::widget::pairs::Pair;
use crate::ui::widget::table::{Column, Done, Table};
use ratatui::buffer::Buffer;

/// What a column of a pane of accounts, hosts or sources shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Met {
    Severity,
    Name,
    Events,
    Sessions,
    Successes,
    Failures,
    FirstFailure,
    FirstSuccess,
    Last,
    Meter,
    /// Logons of one lane.
    Lane(Lane),
    /// Lanes it was met in.
    Lanes,
    /// Of an address: private, loopback, ...
    Class,
    /// Why the newest failure failed.
    Status,
}

/// What tells one page from another.
pub struct Shape {
    pub plan: &'static Plan,
    /// Columns of a pane of accounts, hosts or sources.
    pub met: fn(Pane) -> &'static [Column<Met>],
    pub events: &'static [Column<EventColumn>],
    pub sessions: &'static [Column<SessionColumn>],
}

/// See the module.
pub struct EntityPage {
    pub(super) subject: Subject,
    focus: Pane,
    pub(super) digest: Digest,
    pub(super) tables: [Table; Pane::COUNT],
    pub(super) hour: Hour,
    /// First row on screen of the profile, and of the coverage.
    pub(super) scroll: usize,
    pub(super) covered: usize,
    /// Of a host.
    pub(super) logs: HostLogs,
    /// Columns of the accounts of a host or source, which depend on what was met.
    pub(super) types: Vec<Column<Met>>,
    /// Of an account.
    pub(super) past: Past,
}

impl EntityPage {
    #[must_use]
    pub fn new(subject: Subject) -> Self {
        Self {
            subject,
            focus: Pane::Profile,
            digest: Digest::default(),
            tables: Default::default(),
            hour: Hour::default(),
            scroll: 0,
            covered: 0,
            logs: HostLogs::default(),
            types: Vec::new(),
            past: Past::default(),
        }
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
    pub(super) const fn shape(&self) -> &'static Shape {
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
    pub(super) fn profile(&self, ctx: &Ctx<'_>) -> Vec<Pair> {
        let mut pairs = match self.subject {
            Subject::Account(id) => account::profile(id, (&self.digest, &self.past), ctx),
            Subject::Host(id) => host::profile(id, &self.digest, &self.logs, ctx),
            Subject::Source(id) => source::profile(id, &self.digest, ctx),
        };
        pairs.splice(0..0, marked::note(self.own_target(), ctx));
        pairs
    }
    pub(super) fn columns(&self, pane: Pane) -> &[Column<Met>] {
        if pane == Pane::Accounts && !self.types.is_empty() { &self.types } else { (self.shape().met)(pane) }
    }
    pub(super) fn tallies(&self, pane: Pane) -> &[Tally] {
        match pane {
            Pane::Accounts => &self.digest.accounts.list,
            Pane::Hosts => &self.digest.hosts.list,
            Pane::Sources => &self.digest.sources.list,
            _ => &[],
        }
    }
    pub(super) fn table(&self, pane: Pane) -> Table {
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
            Pane::Anomalies => {
                let entity = match self.subject {
                    Subject::Account(id) => Entity::Account(id),
                    Subject::Host(id) => Entity::Host(id),
                    Subject::Source(id) => Entity::Source(id),
                };
                let risk = risk::words(entity, ctx).map(|words| format!("  {words}")).unwrap_or_default();
                format!("{}{risk}", counted(self.digest.anomalies.len()))
            }
            Pane::Coverage => "what could be seen here".to_owned(),
            Pane::Outcomes => self.digest.strip.title(ctx),
            Pane::Accounts if matches!(self.subject, Subject::Host(_)) => {
                format!("who logs on here, by type ({})", text::count(self.tallies(pane).len() as u64))
            }
            Pane::Sources if matches!(self.subject, Subject::Host(_)) => {
                format!("from where ({})", text::count(self.tallies(pane).len() as u64))
            }
            Pane::Accounts if matches!(self.subject, Subject::Source(_)) => {
                format!("accounts tried from here ({})", text::count(self.tallies(pane).len() as u64))
            }
            Pane::Hosts if matches!(self.subject, Subject::Source(_)) => {
                format!("hosts reached from here ({})", text::count(self.tallies(pane).len() as u64))
            }
            Pane::Hours if self.past.hours().is_some() => format!("hour of week, {}, h: history", zone_word(ctx)),
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
        let (events, visits) = match self.subject {
            Subject::Account(id) => tables.account(id).map(|account| (account.events, account.visits)),
            Subject::Host(id) => tables.host(id).map(|host| (host.events, host.visits)),
            Subject::Source(id) => tables.source(id).map(|source| (source.events, source.visits)),
        }
        .unwrap_or_default();
        if !self.digest.cut {
            return if pane == Pane::Events { (0, self.digest.events()) } else { (0, self.digest.visits()) };
        }
        if pane == Pane::Events { (events, self.digest.events()) } else { (visits, self.digest.visits()) }
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
                    Pane::Sessions => selection.visit.map(Place::Visit),
                    Pane::Events => selection.event.map(Place::Event),
                    _ => None,
                }
            }
        }
    }
    /// The page's own account, host or source.
    pub(super) const fn own_target(&self) -> Target {
        match self.subject {
            Subject::Account(id) => Target::Account(id),
            Subject::Host(id) => Target::Host(id),
            Subject::Source(id) => Target::Source(id),
        }
    }
    fn own(&self, ctx: &Ctx<'_>) -> Selection {
        let (names, tables) = (&ctx.snapshot.names, &ctx.snapshot.tables);
        match self.subject {
            Subject::Account(id) => Selection {
                account: Some(id),
                event: tables.account(id).and_then(|account| account.last_event.some()),
                term: tables.account(id).map(|account| ("account", account.name(names))),
                ..Selection::default()
            },
            Subject::Host(id) => Selection {
                host: Some(id),
                event: tables.host(id).and_then(|host| host.last_event.some()),
                term: tables.host(id).map(|host| ("host", names.shown(host.name))),
                ..Selection::default()
            },
            Subject::Source(id) => Selection {
                source: Some(id),
                event: tables.source(id).and_then(|source| source.last_event.some()),
                term: tables.source(id).map(|source| ("source", source.name(names))),
                ..Selection::default()
            },
        }
    }
}

/// All that is known of the subject of a page happened on one day.
pub(super) fn is_one_day(subject: Subject, ctx: &Ctx<'_>) -> bool {
    let tables = &ctx.snapshot.tables;
    let seen = match subject {
        Subject::Account(id) => tables.account(id).map(|row| (row.first, row.last)),
        Subject::Host(id) => tables.host(id).map(|row| (row.first, row.last)),
        Subject::Source(id) => tables.source(id).map(|row| (row.first, row.last)),
    };
    let Some((Some(first), Some(last))) = seen else { return false };
    ctx.zone.local(first).date() == ctx.zone.local(last).date()
}

pub(super) fn met_name(pane: Pane, row: usize, ctx: &Ctx<'_>) -> String {
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
        let area = plan.inside(self.focus, ctx.area);
        let (focus, shape) = (self.focus, self.shape());
        let len = self.rows(focus);
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
            Pane::Coverage => {
                match action {
                    Action::CursorUp => self.covered = self.covered.saturating_sub(1),
                    Action::CursorDown => self.covered = (self.covered + 1).min(20),
                    _ => return Vec::new(),
                }
                Done::Moved
            }
            pane if pane == Pane::Accounts && !self.types.is_empty() => table.update(action, &self.types, len, area),
            pane => table.update(action, (shape.met)(pane), len, area),
        };
        if done == Done::Sorted {
            (table.sort, table.reverse) = (None, false);
        }
        Vec::new()
    }
    fn refresh(&mut self, ctx: &Ctx<'_>) -> Vec<Effect> {
        self.digest.extend(self.subject, ctx);
        if let Subject::Host(id) = self.subject {
            self.logs.look(id, ctx);
            self.types = host::by_type(&self.digest);
        }
        if let Subject::Source(id) = self.subject {
            self.types = source::tried(id, ctx);
        }
        match self.subject {
            Subject::Account(id) => self.past.ask(id, ctx).into_iter().collect(),
            _ => Vec::new(),
        }
    }
    fn receive(&mut self, reply: &Reply, _ctx: &Ctx<'_>) {
        if let (Subject::Account(own), Reply::Past(id, whose, past)) = (self.subject, reply)
            && own == *id
        {
            self.past.receive(whose, past);
        }
    }
    fn finds(&self, ctx: &Ctx<'_>) -> Option<Scope> {
        self.scope(self.focus, ctx)
    }
    fn found(&mut self, spot: &Spot, ctx: &Ctx<'_>) -> Vec<Effect> {
        self.go_to_line(self.focus, spot.line, ctx);
        Vec::new()
    }
    fn on_screen(&self, ctx: &Ctx<'_>) -> Vec<OnScreen> {
        self.parts(self.focus, ctx)
    }
    fn draw(&self, buffer: &mut Buffer, ctx: &Ctx<'_>) {
        let plan = self.shape().plan;
        plan.draw(
            buffer,
            ctx,
            self.focus,
            || self.title(Pane::Profile, ctx),
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
            Pane::Profile
            | Pane::Coverage
            | Pane::Outcomes
            | Pane::Hours
            | Pane::Story
            | Pane::Logons
            | Pane::Lineage
            | Pane::Fields
            | Pane::Raw => own,
            Pane::Anomalies => {
                let id = self.cursor(Pane::Anomalies, self.digest.anomalies.len()).and_then(|row| self.digest.anomalies.get(row));
                let Some((id, anomaly)) = id.and_then(|id| Some((*id, tables.anomaly(*id)?))) else { return own };
                Selection {
                    account: own.account.or(anomaly.accounts.first().copied()),
                    host: own.host.or(anomaly.hosts.first().copied()),
                    source: own.source.or(anomaly.sources.first().copied()),
                    visit: anomaly.sessions.first().and_then(|id| tables.session(*id)?.visit.some()),
                    session: anomaly.sessions.first().copied(),
                    event: anomaly.records.last().copied(),
                    anomaly: Some(id),
                    at: Some(anomaly.at),
                    term: Some(("rule", anomaly.detection.id.to_owned())),
                    ..Selection::default()
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
                let id = self.cursor(Pane::Sessions, self.digest.visits()).and_then(|row| self.digest.visit(row));
                id.map_or(own.clone(), |id| {
                    let selection = rows::visit_selection(id, ctx);
                    Selection { term: selection.term.clone().or(own.term), ..selection }
                })
            }
            Pane::Events => {
                let id = self.cursor(Pane::Events, self.digest.events()).and_then(|row| self.digest.event(row));
                let column = self.tables.get(Pane::Events.index()).and_then(|table| self.shape().events.get(table.column));
                id.map_or(own, |id| rows::event_selection(id, column.map(|column| column.key), ctx))
            }
        }
    }
    fn target(&self, ctx: &Ctx<'_>) -> Option<Target> {
        let selection = self.selection(ctx);
        match self.focus {
            Pane::Accounts => selection.account.map(Target::Account),
            Pane::Hosts => selection.host.map(Target::Host),
            Pane::Sources => selection.source.map(Target::Source),
            Pane::Sessions => selection.visit.map(Target::Visit),
            Pane::Events => selection.event.map(Target::Event),
            // The anomalies have the focus when a page opens: what is noted then is about the page.
            _ => Some(self.own_target()),
        }
    }
    fn sentence(&self, ctx: &Ctx<'_>) -> String {
        let tables = &ctx.snapshot.tables;
        let selection = self.selection(ctx);
        match self.focus {
            Pane::Anomalies => selection.anomaly.and_then(|id| tables.anomaly(id)).map_or_else(
                || format!("no anomaly of {}", self.name(ctx)),
                |anomaly| {
                    format!("{} {}  {}: {}", anomaly.severity.letter(), anomaly.score, anomaly.detection.title, text::clean(&anomaly.why))
                },
            ),
            Pane::Hours => match self.subject {
                Subject::Account(id) => account::hour_sentence(id, self.hour, &self.past, ctx),
                _ => String::new(),
            },
            pane @ (Pane::Accounts | Pane::Hosts | Pane::Sources) => self.tally(pane).map_or_else(String::new, |tally| {
                format!(
                    "{}: {}, {} ok, {} failed with {}, {} .. {}",
                    met_name(pane, tally.row, ctx),
                    words::plural(tally.sessions as usize, "session"),
                    text::count(u64::from(tally.successes)),
                    text::count(u64::from(tally.failures)),
                    self.name(ctx),
                    words::moment(tally.first, ctx),
                    words::moment(tally.last, ctx),
                )
            }),
            Pane::Sessions => {
                selection.visit.and_then(|id| tables.visit(id)).map_or_else(String::new, |visit| words::visit_sentence(visit, ctx))
            }
            Pane::Events => selection.event.map_or_else(String::new, |id| words::event_sentence(id, ctx)),
            Pane::Coverage => self.logs.sentence.clone(),
            Pane::Outcomes => "workstation names are what the client claimed; the address is what the server saw".to_owned(),
            Pane::Profile | Pane::Story | Pane::Logons | Pane::Lineage | Pane::Fields | Pane::Raw => {
                format!("{}; Tab goes to the next pane, Enter opens a row", self.name(ctx))
            }
        }
    }
}
