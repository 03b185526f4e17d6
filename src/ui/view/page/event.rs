//! The page of one event: its fields and its raw record.

use super::super::{Ctx, Reply, Selection, View, gone, words};
use super::finding::words_in;
use super::panes::{self, Listing, Paned};
use super::record::Record;
use super::{Band, Pane, Plan};
use crate::model::ids::EventId;
use crate::ui::action::{Action, Context};
use crate::ui::effect::{Effect, Place};
use crate::ui::find::scope::{OnScreen, Scope, Spot};
use crate::ui::marks::Target;
use crate::ui::widget::table::{Cell, Look, Table};
use ratatui::buffer::Buffer;

use Pane::{Fields, Raw};

const BANDS: &[Band] = &[Band { height: 12, least: 12, grows: true, columns: &[&[Fields], &[Raw]] }];
/// The record over the whole width.
const WHOLE: Plan = Plan {
    wide: &[Band { height: 12, least: 6, grows: true, columns: &[&[Raw]] }],
    middle: &[Band { height: 12, least: 6, grows: true, columns: &[&[Raw]] }],
    panes: &[Fields, Raw],
    shared: &[],
};
const PLAN: Plan = Plan { wide: BANDS, middle: BANDS, panes: &[Fields, Raw], shared: &[] };
pub struct EventPage {
    id: EventId,
    focus: Pane,
    record: Record,
    /// The record has the whole width.
    is_whole: bool,
}

impl EventPage {
    #[must_use]
    pub fn new(id: EventId) -> Self {
        Self { id, focus: Fields, record: Record::default(), is_whole: false }
    }
    const fn plan(&self) -> &'static Plan {
        if self.is_whole { &WHOLE } else { &PLAN }
    }
    /// The next event of the same session; the next one at all where there is no session.
    fn step(&self, ctx: &Ctx<'_>, forward: bool) -> Option<EventId> {
        let tables = &ctx.snapshot.tables;
        let row = tables.event(self.id)?;
        if row.session.is_none() {
            let index = if forward { self.id.index().checked_add(1)? } else { self.id.index().checked_sub(1)? };
            return (index < tables.events.len()).then(|| EventId::new(index));
        }
        if !forward {
            return row.previous_of_session.some();
        }
        tables.events_of_session(row.session).map(|(id, _)| id).take_while(|id| *id > self.id).last()
    }
}

impl View for EventPage {
    fn crumb(&self, ctx: &Ctx<'_>) -> String {
        match ctx.snapshot.tables.event(self.id) {
            Some(row) if row.event.event_id != 0 => format!("event {}", row.event.event_id),
            Some(row) => words::kind(row.event.kind).to_owned(),
            None => "event".to_owned(),
        }
    }
    fn context(&self) -> Context {
        Context::Page
    }
    fn update(&mut self, action: Action, ctx: &Ctx<'_>) -> Vec<Effect> {
        let area = self.plan().inside(self.focus, ctx.area);
        match action {
            Action::PaneNext | Action::PanePrev => {
                panes::turn_to(self, PLAN.step(self.focus, action == Action::PanePrev));
            }
            Action::NavPeek => {
                self.is_whole = !self.is_whole;
                self.focus = if self.is_whole { Raw } else { Fields };
                let words =
                    if self.is_whole { "the record over the whole width; o shows the fields beside it" } else { "fields and record" };
                return vec![Effect::Say(words.to_owned())];
            }
            Action::PageEventNext | Action::PageEventPrev => match self.step(ctx, action == Action::PageEventNext) {
                Some(id) if ctx.snapshot.tables.event(id).is_some() => self.id = id,
                Some(_) => {
                    let gone = gone::sentence(ctx).unwrap_or_default();
                    return vec![Effect::Say(format!("no further event in memory that way: {gone}"))];
                }
                None => return vec![Effect::Say("no further event that way".to_owned())],
            },
            Action::PageForm => {
                self.unselect();
                let plan = self.plan();
                return vec![self.record.turn(&mut self.focus, plan, ctx.area)];
            }
            Action::NavOpen => {
                let visit = ctx.snapshot.tables.event(self.id).and_then(|row| row.visit.some());
                return vec![visit.map_or_else(
                    || Effect::Say("this event belongs to no session".to_owned()),
                    |visit| Effect::Open(Place::Visit(visit)),
                )];
            }
            action => match self.focus {
                Raw => self.record.update_raw(action, area, ctx),
                _ => return panes::act(self, action, ctx).unwrap_or_default(),
            },
        }
        self.record.show(Some(self.id), ctx)
    }
    fn refresh(&mut self, ctx: &Ctx<'_>) -> Vec<Effect> {
        self.record.show(Some(self.id), ctx)
    }
    fn receive(&mut self, reply: &Reply, _ctx: &Ctx<'_>) {
        self.record.receive(reply);
    }
    fn finds(&self, _ctx: &Ctx<'_>) -> Option<Scope> {
        Some(self.record.finds(self.focus == Raw))
    }
    fn found(&mut self, spot: &Spot, ctx: &Ctx<'_>) -> Vec<Effect> {
        self.record.go_to_line(self.focus == Raw, spot.line, PLAN.inside(self.focus, ctx.area), ctx);
        Vec::new()
    }
    fn on_screen(&self, ctx: &Ctx<'_>) -> Vec<OnScreen> {
        words_in(&PLAN, self.focus, ctx.area)
    }
    fn draw(&self, buffer: &mut Buffer, ctx: &Ctx<'_>) {
        let title = |pane| {
            if pane == Raw {
                return self.record.title(ctx);
            }
            let selected = panes::selected_words(self, pane, ctx);
            format!("{selected}{}  {}", self.crumb(ctx), self.record.fields_title())
        };
        self.plan().draw(
            buffer,
            ctx,
            self.focus,
            || words::event_sentence(self.id, ctx),
            title,
            |buffer, pane, area, focus| {
                let look = Look { theme: ctx.theme, glyphs: ctx.glyphs, focus };
                match pane {
                    Raw => self.record.draw_raw(buffer, area, ctx),
                    _ => self.record.draw_fields(buffer, area, look, ctx),
                }
            },
        );
    }
    panes::table_methods!();
    fn selection(&self, ctx: &Ctx<'_>) -> Selection {
        self.select(self.focus, self.record.row().unwrap_or(0), ctx)
    }
    fn target(&self, _ctx: &Ctx<'_>) -> Option<Target> {
        Some(Target::Event(self.id))
    }
    fn sentence(&self, ctx: &Ctx<'_>) -> String {
        match self.focus {
            Fields => self.record.sentence(),
            _ => words::event_sentence(self.id, ctx),
        }
    }
}

impl Paned for EventPage {
    fn plan(&self) -> &'static Plan {
        Self::plan(self)
    }
    fn focus(&self) -> Pane {
        self.focus
    }
    fn set_focus(&mut self, pane: Pane) {
        (self.focus, self.is_whole) = (pane, false);
    }
    fn listing(&self, pane: Pane, ctx: &Ctx<'_>) -> Option<Listing> {
        (pane == Fields).then(|| self.record.listing(self.plan().inside(pane, ctx.area), ctx))
    }
    fn table(&self, pane: Pane) -> Option<&Table> {
        (pane == Fields).then(|| self.record.table())
    }
    fn table_mut(&mut self, pane: Pane) -> Option<&mut Table> {
        (pane == Fields).then(|| self.record.table_mut())
    }
    fn cell(&self, _pane: Pane, row: usize, column: usize, _ctx: &Ctx<'_>) -> Cell {
        self.record.cell(row, column)
    }
    fn select(&self, pane: Pane, field: usize, ctx: &Ctx<'_>) -> Selection {
        let Some(row) = ctx.snapshot.tables.event(self.id) else { return Selection::default() };
        let account = || ctx.snapshot.tables.account(row.account).map(|account| ("account", account.name(&ctx.snapshot.names)));
        let term = if pane == Fields { self.record.term_of(field) } else { None };
        let text = if pane == Raw { self.record.copied() } else { panes::text_under(self, pane, field, ctx) };
        Selection { term: term.or_else(account), text, ..words::selection_of(self.id, &row) }
    }
}
