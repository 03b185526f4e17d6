//! The page of an account, a host or a source: a profile and panes of what was met with it.
//!
//! The three pages differ in their plan, their profile and their columns (`account`, `host`, `source`); the rest is
//! one thing.

use super::super::order::Ordered;
use super::super::rows::{EventColumn, SessionColumn};
use super::super::{Ctx, Reply, Selection, View, gone, risk, words};
use super::coverage::HostLogs;
use super::digest::{Digest, Subject};
use super::paint::{ANOMALIES, zone_word};
use super::panes::{self, Paned as _};
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
use crate::ui::widget::table::Column;
use ratatui::buffer::Buffer;
use std::sync::Arc;

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
    /// How usual it is for an account: by the history, or since when by these logs.
    Usual,
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
    pub(super) focus: Pane,
    pub(super) digest: Digest,
    /// A longer walk than the page's own, not yet shown, and the epoch it is of.
    counted: Option<(u64, Arc<Digest>)>,
    pub(super) tables: [Ordered; Pane::COUNT],
    pub(super) hour: Hour,
    /// The stretch of the outcomes under the cursor.
    pub(super) cell: usize,
    /// First row on screen of the profile, and of the coverage.
    pub(super) scroll: usize,
    pub(super) covered: usize,
    /// Of a host.
    pub(super) logs: HostLogs,
    /// Columns of the accounts of a host or source, which depend on what was met.
    pub(super) types: Vec<Column<Met>>,
    /// Of an account.
    pub(super) past: Past,
    /// What is usual for an account is shown.
    pub(super) baseline: bool,
}

impl EntityPage {
    #[must_use]
    pub fn new(subject: Subject) -> Self {
        let mut page = Self {
            subject,
            focus: Pane::Profile,
            digest: Digest::default(),
            counted: None,
            tables: Default::default(),
            hour: Hour::default(),
            cell: 0,
            scroll: 0,
            covered: 0,
            logs: HostLogs::default(),
            types: Vec::new(),
            past: Past::default(),
            baseline: false,
        };
        // Cursors begin on what rows are about.
        let shape = page.shape();
        let named = |pane: Pane| (shape.met)(pane).iter().position(|column| column.key == Met::Name);
        let who = shape.sessions.iter().position(|column| matches!(column.key, SessionColumn::Account | SessionColumn::Host));
        let rule = ANOMALIES.iter().position(|column| column.field == Some("rule"));
        let met = [Pane::Accounts, Pane::Hosts, Pane::Sources].map(|pane| (pane, named(pane)));
        for (pane, column) in met.into_iter().chain([(Pane::Sessions, who), (Pane::Anomalies, rule)]) {
            if let Some(ordered) = page.tables.get_mut(pane.index()) {
                ordered.table.column = column.unwrap_or_default();
            }
        }
        page
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
    pub(super) fn tallies(&self, pane: Pane) -> &[Tally] {
        match pane {
            Pane::Accounts => &self.digest.accounts.list,
            Pane::Hosts => &self.digest.hosts.list,
            Pane::Sources => &self.digest.sources.list,
            _ => &[],
        }
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
                    let gone = if pane == Pane::Events { self.gone(ctx) } else { String::new() };
                    format!("{} (newest {} of {}{gone})", pane.word(), text::count(have as u64), text::count(u64::from(all)))
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
        if !self.digest.cut && (pane != Pane::Events || ctx.snapshot.let_go.events == 0) {
            return if pane == Pane::Events { (0, self.digest.events()) } else { (0, self.digest.visits()) };
        }
        if pane == Pane::Events { (events, self.digest.events()) } else { (visits, self.digest.visits()) }
    }
    /// Where older events of the subject are, unless all are in memory.
    fn gone(&self, ctx: &Ctx<'_>) -> String {
        let tables = &ctx.snapshot.tables;
        let since = match self.subject {
            Subject::Account(id) => tables.account(id).and_then(|account| account.first),
            Subject::Host(id) => tables.host(id).and_then(|host| host.first),
            Subject::Source(id) => tables.source(id).and_then(|source| source.first),
        };
        gone::since(since, ctx)
    }
    /// What Enter opens in the focused pane.
    fn open(&self) -> Option<Place> {
        let row = self.cursor(self.focus)?;
        let met = || self.met(self.focus, row).map(|tally| tally.row);
        match self.focus {
            Pane::Accounts => met().map(|row| Place::Account(AccountId::new(row))),
            Pane::Hosts => met().map(|row| Place::Host(HostId::new(row))),
            Pane::Sources => met().map(|row| Place::Source(SourceId::new(row))),
            Pane::Anomalies => self.anomaly(row).map(Place::Anomaly),
            Pane::Sessions => self.visit(row).map(Place::Visit),
            Pane::Events => self.event(row).map(Place::Event),
            _ => None,
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
    pub(super) fn own(&self, ctx: &Ctx<'_>) -> Selection {
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
        Context::Entity
    }
    fn update(&mut self, action: Action, ctx: &Ctx<'_>) -> Vec<Effect> {
        match action {
            Action::PaneNext | Action::PanePrev => {
                panes::turn_to(self, self.shape().plan.step(self.focus, action == Action::PanePrev));
                return Vec::new();
            }
            Action::PageBaseline => return vec![Effect::Say(self.turn_baseline(ctx))],
            Action::NavOpen => return self.open().map(Effect::Open).into_iter().collect(),
            _ => {}
        }
        let scroll = |top: &mut usize, most: usize| match action {
            Action::CursorUp => *top = top.saturating_sub(1),
            Action::CursorDown => *top = (*top + 1).min(most),
            _ => {}
        };
        match self.focus {
            Pane::Profile => scroll(&mut self.scroll, 12),
            Pane::Coverage => scroll(&mut self.covered, 20),
            Pane::Hours => {
                self.hour.update(action);
            }
            Pane::Outcomes => self.cell = self.digest.strip.step(self.cell, action),
            _ => return panes::act(self, action, ctx).unwrap_or_default(),
        }
        Vec::new()
    }
    fn refresh(&mut self, ctx: &Ctx<'_>) -> Vec<Effect> {
        let held = self.hold();
        if let Some((_, counted)) = self.counted.take().filter(|(epoch, _)| *epoch == ctx.snapshot.epoch) {
            self.digest = Arc::unwrap_or_clone(counted);
        }
        self.digest.extend(self.subject, ctx);
        if let Subject::Host(id) = self.subject {
            self.logs.look(id, ctx);
            self.types = host::by_type(&self.digest);
        }
        if let Subject::Source(id) = self.subject {
            self.types = source::tried(id, ctx);
        }
        self.settle(&held, ctx);
        let rest = self.digest.take_wish().then_some(Effect::Digest(self.subject));
        match self.subject {
            Subject::Account(id) => self.past.ask(id, ctx).into_iter().chain(rest).collect(),
            _ => rest.into_iter().collect(),
        }
    }
    fn receive(&mut self, reply: &Reply, _ctx: &Ctx<'_>) {
        if let Reply::Digest(subject, epoch, digest) = reply
            && *subject == self.subject
        {
            self.counted = Some((*epoch, Arc::clone(digest)));
        }
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
            || format!("{}{}", panes::selected_words(self, self.focus, ctx), self.title(Pane::Profile, ctx)),
            |pane| format!("{}{}", panes::selected_words(self, pane, ctx), self.title(pane, ctx)),
            |buffer, pane, area, focus| {
                self.paint(buffer, pane, area, focus, ctx);
            },
        );
    }
    panes::table_methods!();
    fn selection(&self, ctx: &Ctx<'_>) -> Selection {
        if self.focus == Pane::Outcomes {
            return Selection { at: self.digest.strip.at(self.cell), ..self.own(ctx) };
        }
        self.cursor(self.focus).map_or_else(|| self.own(ctx), |row| self.select(self.focus, row, ctx))
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
                Subject::Account(id) => account::hour_sentence(id, self.hour, &self.past, self.baseline, ctx),
                _ => String::new(),
            },
            pane @ (Pane::Accounts | Pane::Hosts | Pane::Sources) => {
                self.cursor(pane).and_then(|row| self.met(pane, row)).map_or_else(String::new, |tally| {
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
                })
            }
            Pane::Sessions => {
                selection.visit.and_then(|id| tables.visit(id)).map_or_else(String::new, |visit| words::visit_sentence(&visit, ctx))
            }
            Pane::Events => selection.event.map_or_else(String::new, |id| words::event_sentence(id, ctx)),
            Pane::Coverage => self.logs.sentence.clone(),
            Pane::Outcomes => self.digest.strip.line(self.cell, ctx).unwrap_or_else(|| {
                let at = self.digest.strip.at(self.cell).map_or_else(|| "no attempt yet".to_owned(), |at| ctx.day_clock(at));
                format!("{at}: nothing from here; h and l go through the time")
            }),
            Pane::Profile | Pane::Story | Pane::Logons | Pane::Lineage | Pane::Fields | Pane::Raw => {
                format!("{}; Tab goes to the next pane, Enter opens a row", self.name(ctx))
            }
        }
    }
}
