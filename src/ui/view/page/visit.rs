//! The page of a session as shown: what it is, its story, the logons it is made of, its events, and the record of what is
//! under the cursor. A session of Entra is made of one logon; in its place stands where its tokens come from and went.

use super::super::order::Ordered;
use super::super::rows::{EventColumn, LogonColumn};
use super::super::{Ctx, Reply, Selection, View, gone, rows, words};
use super::finding::{listed, words_in};
use super::lineage::LineagePane;
use super::panes::{self, Paned as _};
use super::record::Record;
use super::visit_profile::profile;
use super::{Band, Pane, Plan};
use crate::base::text;
use crate::base::time::Timestamp;
use crate::model::ids::{EventId, LineageId, SessionId, VisitId};
use crate::model::session::SessionEnd;
use crate::model::visit::Visit;
use crate::store::story::{self, Line};
use crate::ui::action::{Action, Context};
use crate::ui::effect::{Effect, Place};
use crate::ui::find::scope::{OnScreen, Scope, Spot};
use crate::ui::marks::{Target, marked};
use crate::ui::theme::Meaning;
use crate::ui::widget::pairs;
use crate::ui::widget::put;
use crate::ui::widget::table::{Arranged, Cell, Column, Look};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::borrow::Cow;

use Pane::{Events, Fields, Lineage, Logons, Profile, Raw, Story};

const BANDS: &[Band] = &[
    Band { height: 11, least: 9, grows: false, columns: &[&[Profile], &[Logons]] },
    Band { height: 10, least: 8, grows: true, columns: &[&[Story]] },
    Band { height: 9, least: 7, grows: true, columns: &[&[Events], &[Fields]] },
];
const PLAN: Plan = Plan { wide: BANDS, middle: BANDS, panes: &[Profile, Story, Logons, Events, Fields, Raw], shared: &[(Fields, Raw)] };
/// The same with the lineage, which wants room.
const TOKEN_BANDS: &[Band] = &[
    Band { height: 10, least: 7, grows: false, columns: &[&[Profile], &[Story]] },
    Band { height: 12, least: 9, grows: true, columns: &[&[Lineage]] },
    Band { height: 8, least: 7, grows: false, columns: &[&[Events], &[Fields]] },
];
const TOKEN_PLAN: Plan =
    Plan { wide: TOKEN_BANDS, middle: TOKEN_BANDS, panes: &[Profile, Story, Lineage, Events, Fields, Raw], shared: &[(Fields, Raw)] };
/// Logons of one session that the page lists, the newest.
const LISTED: usize = 10_000;
/// Kinds of the tables, where their columns are arranged.
pub(super) const LOGONS: &str = "logons of a session";
pub(super) const EVENTS: &str = "events of a session";

/// What a column of the story shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    At,
    /// `?` before what was concluded.
    Quality,
    Words,
}

/// Columns of the story; times are as wide as they need to be.
const fn story_in(times: u16) -> [Column<Told>; 3] {
    [
        Column::new(Told::At, "time", times),
        Column::new(Told::Quality, "", 1).about("certainty"),
        Column::new(Told::Words, "what happened", 20).grow(1),
    ]
}
static STORY: [Column<Told>; 3] = story_in(15);
/// All of it on one day.
static STORY_OF_A_DAY: [Column<Told>; 3] = story_in(9);
/// Rows below the list for the line under the cursor, where it is too long for its row.
const WHOLE: u16 = 3;

/// See the module.
pub struct VisitPage {
    pub(super) id: VisitId,
    pub(super) focus: Pane,
    /// The list whose cursor says which record is shown.
    pub(super) lead: Pane,
    story: Vec<Line>,
    /// Oldest first.
    pub(super) logons: Vec<SessionId>,
    pub(super) events: Vec<EventId>,
    cut: bool,
    /// Rows that were looked at for news, and how the session stood then.
    looked_at: usize,
    stood: Option<(u32, Option<Timestamp>, SessionEnd)>,
    tables: [Ordered; 3],
    pub(super) lineage: LineagePane,
    pub(super) record: Record,
    scroll: usize,
}

const fn place(pane: Pane) -> Option<usize> {
    match pane {
        Story => Some(0),
        Logons => Some(1),
        Events => Some(2),
        _ => None,
    }
}

impl VisitPage {
    #[must_use]
    pub fn new(id: VisitId) -> Self {
        Self {
            id,
            focus: Story,
            lead: Story,
            story: Vec::new(),
            logons: Vec::new(),
            events: Vec::new(),
            cut: false,
            looked_at: 0,
            stood: None,
            tables: Default::default(),
            lineage: LineagePane::default(),
            record: Record::default(),
            scroll: 0,
        }
    }
    pub(super) const fn plan(&self) -> &'static Plan {
        if self.lineage.is_empty() { &PLAN } else { &TOKEN_PLAN }
    }
    pub(super) fn visit<'a>(&self, ctx: &'a Ctx<'_>) -> Option<Cow<'a, Visit>> {
        ctx.snapshot.tables.visit(self.id)
    }
    pub(super) fn len(&self, pane: Pane) -> usize {
        match pane {
            Story => self.story.len(),
            Logons => self.logons.len(),
            _ => self.events.len(),
        }
    }
    pub(super) fn ordered_mut(&mut self, pane: Pane) -> Option<&mut Ordered> {
        self.tables.get_mut(place(pane)?)
    }
    pub(super) fn ordered(&self, pane: Pane) -> Option<&Ordered> {
        self.tables.get(place(pane)?)
    }
    /// The place of the row of a list under its cursor.
    fn under(&self, pane: Pane) -> Option<usize> {
        self.ordered(pane)?.under(self.len(pane))
    }
    /// The place of a row of a list.
    fn place(&self, pane: Pane, row: usize) -> usize {
        self.ordered(pane).map_or(row, |table| table.place(row))
    }
    pub(super) fn line_of(&self, row: usize) -> Option<&Line> {
        self.story.get(self.place(Story, row))
    }
    pub(super) fn logon_of(&self, row: usize) -> Option<SessionId> {
        self.logons.get(self.place(Logons, row)).copied()
    }
    pub(super) fn event_of(&self, row: usize) -> Option<EventId> {
        self.events.get(self.place(Events, row)).copied()
    }
    fn logon(&self) -> Option<SessionId> {
        self.logons.get(self.under(Logons)?).copied()
    }
    /// The record that a row stands for.
    pub(super) fn record_of(&self, pane: Pane, row: usize, ctx: &Ctx<'_>) -> Option<EventId> {
        match pane {
            Story => self.line_of(row)?.event.some(),
            Logons => ctx.snapshot.tables.session(self.logon_of(row)?)?.first_event.some(),
            Lineage => self.lineage.event(row),
            _ => self.event_of(row),
        }
    }
    /// The row under the cursor of a list.
    fn row(&self, pane: Pane) -> Option<usize> {
        match pane {
            Lineage => self.lineage.row(),
            Fields => self.record.row(),
            pane => Some(self.ordered(pane)?.table.cursor.min(self.len(pane).checked_sub(1)?)),
        }
    }
    /// The record that is shown.
    pub(super) fn event(&self, ctx: &Ctx<'_>) -> Option<EventId> {
        self.record_of(self.lead, self.row(self.lead)?, ctx)
    }
    pub(super) fn event_columns(ctx: &Ctx<'_>) -> Arranged<'static, EventColumn> {
        let mut columns = ctx.columns.arrange(EVENTS, rows::OWN_EVENTS);
        columns.without(rows::is_of_groups);
        columns
    }
    pub(super) fn logon_columns(ctx: &Ctx<'_>) -> Arranged<'static, LogonColumn> {
        ctx.columns.arrange(LOGONS, rows::LOGONS)
    }
    pub(super) fn story_columns(&self, ctx: &Ctx<'_>) -> &'static [Column<Told>; 3] {
        let day = |line: &Line| ctx.zone.local(line.at).date();
        if self.story.first().map(day) == self.story.last().map(day) { &STORY_OF_A_DAY } else { &STORY }
    }
    /// The cells of the list of the story, and the line under the cursor where it is too long for its row.
    pub(super) fn story_parts(&self, area: Rect, ctx: &Ctx<'_>) -> (Rect, Option<&Line>) {
        let columns = self.story_columns(ctx);
        let room = area.width.saturating_sub(columns.iter().map(|column| column.width + 1).sum::<u16>().saturating_sub(18));
        let line = self.under(Story).and_then(|row| self.story.get(row));
        let long = line.filter(|line| text::width(&line.words) > usize::from(room) && area.height >= WHOLE * 3);
        (Rect { height: area.height - if long.is_some() { WHOLE } else { 0 }, ..area }, long)
    }
    /// What names the thing at a place of a list, and outlives a change of its rows.
    fn identity(&self, pane: Pane, place: usize) -> Option<usize> {
        match pane {
            Story => (place < self.story.len()).then_some(place),
            Logons => self.logons.get(place).map(|id| id.index()),
            _ => self.events.get(place).map(|id| id.index()),
        }
    }
    /// Takes in what is new of the session; costs the rows that came since.
    fn look(&mut self, ctx: &Ctx<'_>) {
        let (names, tables) = (&ctx.snapshot.names, &ctx.snapshot.tables);
        let Some(visit) = self.visit(ctx) else { return };
        self.lineage.look(tables.session(visit.first_session).map_or(LineageId::NONE, |row| row.lineage()), ctx);
        let stands = Some((visit.logons, visit.end, visit.end_reason));
        let rows = tables.events.len();
        let is_same = self.stood == stands
            && rows >= self.looked_at // a replay may have gone back
            && self.events.first().is_none_or(|first| first.index() >= tables.events.first_kept())
            && !(self.looked_at..rows).any(|row| tables.events.standing(row).is_some_and(|row| row.visit == self.id));
        self.looked_at = rows;
        if is_same {
            return;
        }
        self.stood = stands;
        let held = [Logons, Events]
            .map(|pane| (pane, self.ordered(pane).map(|table| table.hold(self.len(pane), |place| self.identity(pane, place)))));
        (self.events, self.cut) = story::events(self.id, tables, story::READ);
        self.logons = tables.sessions_of_visit(self.id).take(LISTED).map(|(id, _)| id).collect();
        self.logons.sort_by_key(|id| (tables.session(*id).map(|session| session.start), *id));
        self.story = story::tell(self.id, &self.events, names, tables);
        for (pane, held) in held {
            self.reorder(pane, ctx);
            let (Some(held), Some(mut table)) = (held, self.ordered_mut(pane).map(std::mem::take)) else { continue };
            table.settle(&held, self.len(pane), |place| self.identity(pane, place));
            if let Some(kept) = self.ordered_mut(pane) {
                *kept = table;
            }
        }
    }
    fn title(&self, ctx: &Ctx<'_>) -> String {
        let (names, tables) = (&ctx.snapshot.names, &ctx.snapshot.tables);
        let Some(visit) = self.visit(ctx) else { return "session".to_owned() };
        let first = tables.session(visit.first_session).and_then(|session| tables.event(session.first_event));
        let to = match first.as_ref().and_then(|row| row.event.entra.as_deref()) {
            Some(entra) => words::or_absent(names.shown(entra.app.or(entra.resource))),
            None => words::host(visit.host, ctx),
        };
        format!("session  {} > {to}", words::account(visit.account, ctx))
    }
    fn pane_title(&self, pane: Pane, ctx: &Ctx<'_>) -> String {
        let count = |count: usize| text::count(count as u64);
        let all = self.visit(ctx).map_or(0, |visit| visit.logons as usize);
        let gone = || gone::since(self.visit(ctx).map(|visit| visit.start), ctx);
        match pane {
            Story => format!("story{}", gone()),
            Lineage => "token lineage".to_owned(),
            Logons if self.logons.len() < all => format!("logons (newest {} of {})", count(self.logons.len()), count(all)),
            Logons => format!("logons ({})", count(self.logons.len())),
            Events if self.cut => format!("events of this session (newest {}{})", count(self.events.len()), gone()),
            Events => format!("events of this session ({}{})", count(self.events.len()), gone()),
            Fields => self.record.fields_title(),
            Raw => self.record.title(ctx),
            _ => self.title(ctx),
        }
    }
    fn draw_story(&self, buffer: &mut Buffer, area: Rect, ctx: &Ctx<'_>, look: Look<'_>) {
        let Some(table) = self.table(Story) else { return };
        let (columns, (list, long)) = (self.story_columns(ctx), self.story_parts(area, ctx));
        table.draw(buffer, list, columns, self.story.len(), look, |row, column| {
            self.line_of(row).map_or_else(|| Cell::text(""), |line| self.told(line, column, ctx))
        });
        let words = long.map_or_else(Vec::new, |line| pairs::fold(&line.words, usize::from(area.width.saturating_sub(4))));
        for (words, y) in words.iter().zip(list.bottom()..area.bottom()) {
            put(buffer, area.x + 2, y, area.width.saturating_sub(2), words, ctx.theme.style(Meaning::Dim));
        }
    }
    pub(super) fn told(&self, line: &Line, column: Told, ctx: &Ctx<'_>) -> Cell {
        let meaning = if line.is_inferred { Meaning::Uncertain } else { Meaning::Text };
        match column {
            Told::At if std::ptr::eq(self.story_columns(ctx), &STORY_OF_A_DAY) => Cell::dim(ctx.clock(line.at)),
            Told::At => Cell::dim(ctx.day_clock(line.at)),
            Told::Quality => Cell::new(if line.is_inferred { ctx.glyphs.bar_inferred } else { "" }, meaning),
            Told::Words => Cell::new(line.words.clone(), meaning),
        }
    }
    fn paint(&self, buffer: &mut Buffer, pane: Pane, area: Rect, focus: bool, ctx: &Ctx<'_>) {
        // The row whose record is shown stays marked without the focus.
        let look = Look { theme: ctx.theme, glyphs: ctx.glyphs, focus: focus || pane == self.lead };
        match pane {
            Story => self.draw_story(buffer, area, ctx, look),
            Logons => {
                let Some(table) = self.table(Logons) else { return };
                table.draw(buffer, area, &Self::logon_columns(ctx), self.logons.len(), look, |row, column| {
                    self.logon_of(row).map_or_else(|| Cell::text(""), |id| rows::logon_cell(id, column, ctx))
                });
                marked::signs(buffer, area, table, self.logons.len(), look, ctx, |row| self.logon_of(row).map(Target::Session));
            }
            Events => {
                let Some(table) = self.table(Events) else { return };
                table.draw(buffer, area, &Self::event_columns(ctx), self.events.len(), look, |row, column| {
                    self.event_of(row).map_or_else(|| Cell::text(""), |id| rows::event_cell(id, column, ctx))
                });
                marked::signs(buffer, area, table, self.events.len(), look, ctx, |row| self.event_of(row).map(Target::Event));
            }
            Lineage => self.lineage.draw(buffer, area, look, ctx),
            Fields => self.record.draw_fields(buffer, area, look, ctx),
            Raw => self.record.draw_raw(buffer, area, ctx),
            _ => {
                let area = Rect { x: area.x + 1, width: area.width.saturating_sub(1), ..area };
                match self.visit(ctx) {
                    Some(visit) => {
                        pairs::draw(buffer, area, &profile(self.id, &visit, ctx), 9, self.scroll, look);
                    }
                    None => {
                        put(buffer, area.x, area.y, area.width, "not begun yet at this time", ctx.theme.style(Meaning::Dim));
                    }
                }
            }
        }
    }
    /// Moves in the list of events, whatever has the keys.
    fn step(&mut self, action: Action, ctx: &Ctx<'_>) {
        self.lead = Events;
        let (len, area) = (self.events.len(), self.plan().inside(Events, ctx.area));
        if let Some(table) = self.table_mut(Events) {
            table.update(action, &Self::event_columns(ctx), len, area);
        }
    }
    /// What Enter opens in the focused pane.
    fn open(&self, ctx: &Ctx<'_>) -> Effect {
        let place = match self.focus {
            Logons => self.logon().map(Place::Session),
            _ => self.event(ctx).map(Place::Event),
        };
        place.map_or_else(|| Effect::Say("no record says this: it was concluded".to_owned()), Effect::Open)
    }
}

impl View for VisitPage {
    fn crumb(&self, ctx: &Ctx<'_>) -> String {
        let tables = &ctx.snapshot.tables;
        match self.visit(ctx) {
            Some(visit) => match tables.session(visit.first_session).filter(|session| session.logon_id.0 != 0) {
                Some(session) => format!("session {}", session.logon_id),
                None => format!("session of {}", words::account(visit.account, ctx)),
            },
            None => "session".to_owned(),
        }
    }
    fn context(&self) -> Context {
        Context::Page
    }
    fn update(&mut self, action: Action, ctx: &Ctx<'_>) -> Vec<Effect> {
        self.look(ctx);
        match action {
            Action::PaneNext | Action::PanePrev => panes::turn_to(self, self.plan().step(self.focus, action == Action::PanePrev)),
            Action::PageLogons => panes::turn_to(self, if self.lineage.is_empty() { Logons } else { Lineage }),
            Action::PageEventNext => self.step(Action::CursorDown, ctx),
            Action::PageEventPrev => self.step(Action::CursorUp, ctx),
            Action::PageForm => {
                self.unselect();
                let plan = self.plan();
                return vec![self.record.turn(&mut self.focus, plan, ctx.area)];
            }
            Action::NavOpen => return vec![self.open(ctx)],
            action => match self.focus {
                Raw => self.record.update_raw(action, self.plan().inside(Raw, ctx.area), ctx),
                Profile => match action {
                    Action::CursorUp => self.scroll = self.scroll.saturating_sub(1),
                    Action::CursorDown => self.scroll = (self.scroll + 1).min(20),
                    _ => {}
                },
                pane => {
                    self.set_focus(pane);
                    return panes::act(self, action, ctx).unwrap_or_default();
                }
            },
        }
        self.record.show(self.event(ctx), ctx)
    }
    fn refresh(&mut self, ctx: &Ctx<'_>) -> Vec<Effect> {
        self.look(ctx);
        self.record.show(self.event(ctx), ctx)
    }
    fn receive(&mut self, reply: &Reply, _ctx: &Ctx<'_>) {
        self.record.receive(reply);
    }
    fn finds(&self, ctx: &Ctx<'_>) -> Option<Scope> {
        let at = self.row(self.focus).unwrap_or(0);
        match self.focus {
            Fields | Raw => Some(self.record.finds(self.focus == Raw)),
            Events => Some(listed(self.events.len(), at, |row| self.event_of(row).map(Target::Event))),
            Logons => Some(listed(self.logons.len(), at, |row| self.logon_of(row).map(Target::Session))),
            Story => Some(Scope::words(self.story.iter().map(|line| line.words.clone()), at)),
            Lineage => Some(self.lineage.finds(ctx)),
            _ => {
                let pairs = self.visit(ctx).map(|visit| profile(self.id, &visit, ctx)).unwrap_or_default();
                Some(Scope::words(pairs.into_iter().map(|pair| format!("{} {}", pair.label, pair.words)), self.scroll))
            }
        }
    }
    fn found(&mut self, spot: &Spot, ctx: &Ctx<'_>) -> Vec<Effect> {
        let (area, len) = (self.plan().inside(self.focus, ctx.area), self.len(self.focus));
        match self.focus {
            Fields | Raw => self.record.go_to_line(self.focus == Raw, spot.line, area, ctx),
            Lineage => self.lineage.go_to_line(spot.line),
            Story | Logons | Events => {
                if let Some(table) = self.table_mut(self.focus) {
                    table.show(spot.line, len, area);
                }
            }
            _ => self.scroll = spot.line,
        }
        self.record.show(self.event(ctx), ctx)
    }
    fn on_screen(&self, ctx: &Ctx<'_>) -> Vec<OnScreen> {
        let area = self.plan().inside(self.focus, ctx.area);
        match (self.focus, self.table(self.focus)) {
            (Events, Some(table)) => OnScreen::rows(table, self.events.len(), area, |row| self.event_of(row).map(Target::Event)),
            (Logons, Some(table)) => OnScreen::rows(table, self.logons.len(), area, |row| self.logon_of(row).map(Target::Session)),
            _ => words_in(self.plan(), self.focus, ctx.area),
        }
    }
    fn draw(&self, buffer: &mut Buffer, ctx: &Ctx<'_>) {
        self.plan().draw(
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
        // Keys that go from event to event do so whatever has the focus.
        let pane = if matches!(self.focus, Fields | Raw | Profile) { self.focus } else { self.lead };
        self.select(pane, self.row(pane).unwrap_or(0), ctx)
    }
    fn target(&self, ctx: &Ctx<'_>) -> Option<Target> {
        match self.focus {
            Events | Lineage | Fields | Raw => self.event(ctx).map(Target::Event),
            Logons => self.logon().map(Target::Session),
            _ => Some(Target::Visit(self.id)),
        }
    }
    fn sentence(&self, ctx: &Ctx<'_>) -> String {
        let tables = &ctx.snapshot.tables;
        match self.focus {
            Fields => self.record.sentence(),
            Lineage => self.lineage.sentence(ctx),
            Profile => self.visit(ctx).map_or_else(String::new, |visit| words::visit_sentence(&visit, ctx)),
            Story => self.under(Story).and_then(|row| self.story.get(row)).map_or_else(String::new, |line| {
                let quality = if line.is_inferred { "concluded: " } else { "" };
                format!("{}  {quality}{}", ctx.date_time(line.at), line.words)
            }),
            Logons => {
                self.logon().and_then(|id| tables.session(id)).map_or_else(String::new, |session| words::session_sentence(&session, ctx))
            }
            _ => self.event(ctx).map_or_else(String::new, |id| words::event_sentence(id, ctx)),
        }
    }
}
