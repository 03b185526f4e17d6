//! What a view is, and the list of all views.

pub mod accounts;
pub mod anomalies;
pub mod case;
pub mod empty;
pub mod event_cells;
pub mod events;
mod figures;
pub mod gone;
mod heading;
pub mod hosts;
pub mod inputs;
pub mod list;
pub mod near;
pub mod order;
pub mod page;
pub mod paths;
mod peek;
pub mod risk;
pub mod rows;
pub mod sources;
pub mod timeline;
pub mod words;

use crate::base::time::{Span, Timestamp, Zone};
use crate::engine::handle::{Older, OlderAsked};
use crate::history::account::{AccountPast, Whose};
use crate::model::account::AccountClass;
use crate::model::ids::{AccountId, AnomalyId, EventId, HostId, SessionId, SourceId, VisitId};
use crate::model::raw::RawRecord;
use crate::query::Filter;
use crate::store::Snapshot;
use crate::store::group::Grouped;
use crate::store::projection::Projection;
use crate::ui::action::{Action, Context};
use crate::ui::copy::Copied;
use crate::ui::effect::{Effect, Place};
use crate::ui::find::hunt::Answer;
use crate::ui::find::scope::{OnScreen, Scope, Spot};
use crate::ui::glyph::Glyphs;
use crate::ui::marks::{Marked, Target};
use crate::ui::mouse::{self, Mouse};
use crate::ui::theme::Theme;
use crate::ui::triage::Triage;
use crate::ui::widget::columns::{Arrangements, ColumnList};
use crate::ui::widget::table::RowOrder;
use crate::ui::write::{Order, Refused, Written};
use page::digest::{Digest, Subject};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The numbered views, in the order of the number keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ViewId {
    Timeline,
    Anomalies,
    Accounts,
    Hosts,
    Sources,
    Paths,
    Events,
    Inputs,
}

impl ViewId {
    pub const ALL: [Self; 8] =
        [Self::Timeline, Self::Anomalies, Self::Accounts, Self::Hosts, Self::Sources, Self::Paths, Self::Events, Self::Inputs];

    /// The key that opens it.
    #[must_use]
    pub const fn digit(self) -> char {
        match self {
            Self::Timeline => '1',
            Self::Anomalies => '2',
            Self::Accounts => '3',
            Self::Hosts => '4',
            Self::Sources => '5',
            Self::Paths => '6',
            Self::Events => '7',
            Self::Inputs => '8',
        }
    }
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Timeline => "Timeline",
            Self::Anomalies => "Anomalies",
            Self::Accounts => "Accounts",
            Self::Hosts => "Hosts",
            Self::Sources => "Sources",
            Self::Paths => "Paths",
            Self::Events => "Events",
            Self::Inputs => "Inputs",
        }
    }
}

/// Switches of the `t` keys. Names are those of the state file, which keeps what is not of the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Options {
    /// Computer accounts are listed and counted.
    pub machine_accounts: bool,
    /// SYSTEM, DWM-n, UMFD-n and virtual accounts are listed and counted.
    pub built_in_accounts: bool,
    pub empty_lanes: bool,
    pub wrap: bool,
    /// Details pane of lists.
    #[serde(rename = "details")]
    pub peek: bool,
    /// Times are told as distances from this moment, that of the cursor.
    #[serde(skip)]
    pub since: Option<Timestamp>,
    /// Details pane of the lists of accounts, hosts, sources and events; until a key says so, where the screen is wide.
    #[serde(skip)]
    pub peek_rows: Option<bool>,
}

impl Default for Options {
    fn default() -> Self {
        Self { machine_accounts: true, built_in_accounts: false, empty_lanes: true, wrap: false, peek: true, peek_rows: None, since: None }
    }
}

impl Options {
    /// Accounts of this class are not listed.
    #[must_use]
    pub const fn hides(self, class: AccountClass) -> bool {
        match class {
            AccountClass::Computer => !self.machine_accounts,
            AccountClass::BuiltIn | AccountClass::Virtual => !self.built_in_accounts,
            _ => false,
        }
    }
}

/// All that a view may look at.
pub struct Ctx<'a> {
    pub snapshot: &'a Snapshot,
    /// The filter in force and what it leaves; the projection may be a snapshot or two behind.
    pub filter: Option<&'a Filter>,
    pub projection: Option<&'a Projection>,
    pub theme: &'a Theme,
    pub glyphs: &'a Glyphs,
    pub zone: Zone,
    pub options: Options,
    /// What people decided about anomalies.
    pub triage: &'a Triage,
    /// What was chosen about the columns of tables.
    pub columns: &'a Arrangements,
    /// What they marked and noted.
    pub marked: &'a Marked,
    /// The area the view is drawn in, also known to `update` (for page keys).
    pub area: Rect,
}

/// From this width on a details pane stands at the right of a list and stays.
pub const WIDE: u16 = 160;

/// Data that reach further than this are shown with their years.
const WITHOUT_YEARS: Span = Span::days(300);

impl Ctx<'_> {
    /// A time with its day in fifteen cells: with seconds, or with the year where the data need one.
    #[must_use]
    pub fn day_clock(&self, at: Timestamp) -> String {
        if let Some(since) = self.options.since {
            return words::distance(at, since);
        }
        let reach = self.snapshot.first.zip(self.snapshot.last).map_or(Span::ZERO, |(first, last)| last - first);
        if reach > WITHOUT_YEARS { self.zone.year_clock(at) } else { self.zone.day_clock(at) }
    }
    /// A time with its date, or as a distance.
    #[must_use]
    pub fn date_time(&self, at: Timestamp) -> String {
        self.options.since.map_or_else(|| self.zone.date_time(at), |since| words::distance(at, since))
    }
    /// The time of the day, or the distance.
    #[must_use]
    pub fn clock(&self, at: Timestamp) -> String {
        self.options.since.map_or_else(|| self.zone.clock(at), |since| words::distance(at, since))
    }
    /// From and to.
    #[must_use]
    pub fn stretch(&self, from: Timestamp, to: Timestamp) -> String {
        match self.options.since {
            Some(since) => format!("{} .. {}", words::distance(from, since), words::distance(to, since)),
            None => words::stretch(from, to, self.zone),
        }
    }
    /// First and last time something was met.
    #[must_use]
    pub fn seen(&self, first: Option<Timestamp>, last: Option<Timestamp>) -> String {
        first.zip(last).map_or_else(|| words::ABSENT.to_owned(), |(first, last)| self.stretch(first, last))
    }
    /// The clock of the data.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.snapshot.now
    }
    /// The lists of accounts, hosts, sources and events show the details of the row under the cursor.
    #[must_use]
    pub const fn peeks(&self) -> bool {
        match self.options.peek_rows {
            Some(shown) => shown,
            None => self.area.width >= WIDE,
        }
    }
    /// Fewer than 100 columns: views collapse as the design says.
    #[must_use]
    pub const fn is_narrow(&self) -> bool {
        self.area.width < 100
    }
}

/// What is under the cursor, for the `g` keys, for `i` and `x`, and for the message row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Selection {
    pub account: Option<AccountId>,
    pub host: Option<HostId>,
    pub source: Option<SourceId>,
    /// A session as shown, and the logon session of it.
    pub visit: Option<VisitId>,
    pub session: Option<SessionId>,
    pub event: Option<EventId>,
    pub anomaly: Option<AnomalyId>,
    /// What a decision here is about: `anomaly`, and others that stand in the same line.
    pub decided_with: Vec<AnomalyId>,
    pub at: Option<Timestamp>,
    /// The filter term of the cell under the cursor: field and value.
    pub term: Option<(&'static str, String)>,
    /// The cell under the cursor; of selected rows all cells, a line for each row with tabs between them. Cleaned.
    pub text: Option<String>,
    /// The rows selected with `v`, each as if the cursor stood on it; empty unless rows are selected.
    pub rows: Vec<Selection>,
}

impl Selection {
    /// The session as shown, or the logon session where there is none.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        self.visit.map(Place::Visit).or(self.session.map(Place::Session))
    }
    /// The most particular thing in it.
    #[must_use]
    pub fn target(&self) -> Option<Target> {
        let entity = || self.account.map(Target::Account).or(self.host.map(Target::Host)).or(self.source.map(Target::Source));
        let record = self.anomaly.map(Target::Anomaly).or(self.visit.map(Target::Visit)).or(self.event.map(Target::Event));
        record.or_else(entity).or(self.at.map(Target::Moment))
    }
}

/// An answer to an effect.
#[derive(Clone, Debug)]
pub enum Reply {
    Raw(EventId, Result<RawRecord, String>),
    Past(AccountId, Whose, Result<Arc<AccountPast>, String>),
    Older(OlderAsked, Result<Arc<Older>, String>),
    /// What the page of an account, a host or a source tells of, and the epoch of the snapshot it was counted in.
    Digest(Subject, u64, Arc<Digest>),
    /// What is in lanes by host, account or source.
    Grouped(Arc<Grouped>),
    /// Of a search; for the screen, not for a view.
    Found(Answer),
    /// The case bundle: what is being done, what was written, or why it was not.
    Bundled(Result<String, String>),
    /// A text was handed to the clipboard: by which tool, or why it was not.
    Copied(Copied, Result<&'static str, String>),
    /// A file was written, or was not.
    Written(Arc<Order>, Result<Written, Refused>),
    /// Paths that begin like a text.
    Paths(String, Vec<String>),
}

/// A view or page: small state, an update, a drawing.
pub trait View {
    /// Words for the crumbs.
    fn crumb(&self, ctx: &Ctx<'_>) -> String;
    /// The keymap context its keys are looked up in.
    fn context(&self) -> Context;
    fn update(&mut self, action: Action, ctx: &Ctx<'_>) -> Vec<Effect>;
    /// Called once for each new snapshot, and when the view is opened.
    fn refresh(&mut self, _ctx: &Ctx<'_>) -> Vec<Effect> {
        Vec::new()
    }
    /// Shows a moment, for views with a time axis or rows in time. `None`: this view has no times to go to.
    fn go_to(&mut self, _at: Timestamp, _ctx: &Ctx<'_>) -> Option<Vec<Effect>> {
        None
    }
    /// A range of time is being selected.
    fn is_selecting(&self) -> bool {
        false
    }
    fn receive(&mut self, _reply: &Reply, _ctx: &Ctx<'_>) {}
    /// Rows on screen and beyond, in its order, by their number in the table the view is of; `None`: it is not a list of
    /// one table.
    fn rows(&self, _ctx: &Ctx<'_>) -> Option<Vec<usize>> {
        None
    }
    /// What the mouse does in the view. Without more, the wheel moves the cursor.
    fn mouse(&mut self, mouse: Mouse, ctx: &Ctx<'_>) -> Vec<Effect> {
        mouse.wheel().map(|action| mouse::thrice(|| self.update(action, ctx))).unwrap_or_default()
    }
    /// The columns of the table that has the keys; `None`: it has none to choose from.
    fn columns(&self, _ctx: &Ctx<'_>) -> Option<ColumnList> {
        None
    }
    /// What its rows are sorted by, where a key may change that.
    fn order(&self) -> Option<RowOrder> {
        None
    }
    fn set_order(&mut self, _order: &RowOrder) {}
    /// Rows selected with `v`, each with the line that stands for it; empty unless rows are selected.
    fn selected(&self, _ctx: &Ctx<'_>) -> Vec<(Selection, String)> {
        Vec::new()
    }
    /// Ends the selection of rows.
    fn unselect(&mut self) {}
    /// From when to when it shows, for views whose reach keys change.
    fn reach(&self, _ctx: &Ctx<'_>) -> Option<(Timestamp, Timestamp)> {
        None
    }
    /// Shows this stretch, where the view can.
    fn set_reach(&mut self, _from: Timestamp, _to: Timestamp, _ctx: &Ctx<'_>) {}
    fn draw(&self, buffer: &mut Buffer, ctx: &Ctx<'_>);
    fn selection(&self, ctx: &Ctx<'_>) -> Selection;
    /// What `/` looks through here; `None` where there are no lines.
    fn finds(&self, _ctx: &Ctx<'_>) -> Option<Scope> {
        None
    }
    /// Puts the cursor on a match.
    fn found(&mut self, _spot: &Spot, _ctx: &Ctx<'_>) -> Vec<Effect> {
        Vec::new()
    }
    /// The parts of the area in which matches are marked, as `draw` drew them.
    fn on_screen(&self, _ctx: &Ctx<'_>) -> Vec<OnScreen> {
        Vec::new()
    }
    /// What a bookmark or a note would be about: the thing under the cursor.
    fn target(&self, ctx: &Ctx<'_>) -> Option<Target> {
        self.selection(ctx).target()
    }
    /// One sentence about what is under the cursor.
    fn sentence(&self, ctx: &Ctx<'_>) -> String;
}

/// The view of a place. Numbered views are made once and kept; pages are made anew.
#[must_use]
pub fn open(place: Place) -> Box<dyn View> {
    match place {
        Place::View(ViewId::Timeline) => Box::new(timeline::Timeline::new()),
        Place::View(ViewId::Anomalies) => Box::new(anomalies::Anomalies::default()),
        Place::View(ViewId::Accounts) => Box::new(accounts::Accounts::default()),
        Place::View(ViewId::Hosts) => Box::new(hosts::Hosts::default()),
        Place::View(ViewId::Sources) => Box::new(sources::Sources::default()),
        Place::View(ViewId::Paths) => Box::new(paths::Paths::default()),
        Place::View(ViewId::Events) => Box::new(events::Events::default()),
        Place::View(ViewId::Inputs) => Box::new(inputs::Inputs::default()),
        Place::Case => Box::new(case::CaseView::default()),
        Place::Path(focus, at) => Box::new(paths::Paths::of(focus, at)),
        Place::Account(id) => Box::new(page::entity::EntityPage::account(id)),
        Place::Host(id) => Box::new(page::entity::EntityPage::host(id)),
        Place::Source(id) => Box::new(page::entity::EntityPage::source(id)),
        Place::Visit(id) => Box::new(page::visit::VisitPage::new(id)),
        Place::Session(id) => Box::new(page::logon::LogonPage::new(id)),
        Place::Event(id) => Box::new(page::event::EventPage::new(id)),
        Place::Anomaly(id) => Box::new(anomalies::Anomalies::at(id)),
    }
}
