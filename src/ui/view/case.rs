//! The case: every bookmark, note and decision, in the order of the time it is about. Enter goes there, `d` deletes.
//!
//! The filter in force applies: what it hides in the other views is hidden here too. Rows about things that these logs do
//! not have stay, dim, with what the case file says of them.

use super::{Ctx, Selection, View, rows, words};
use crate::base::text;
use crate::base::time::Timestamp;
use crate::casefile::entry::{Act, Entry};
use crate::casefile::thing::Thing;
use crate::model::ids::{AccountId, HostId, SourceId};
use crate::query::Filter;
use crate::ui::action::{Action, Context};
use crate::ui::effect::Effect;
use crate::ui::find::scope::{OnScreen, Scope, Spot};
use crate::ui::marks::Target;
use crate::ui::theme::Meaning;
use crate::ui::widget::pairs;
use crate::ui::widget::put;
use crate::ui::widget::table::{Cell, Column, Done, Look, Table};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Moment,
    Kind,
    What,
    Words,
    Who,
    When,
}

const COLUMNS: &[Column<By>] = &[
    Column::new(By::Moment, "about", 15).sortable(),
    Column::new(By::Kind, "kind", 12).sortable(),
    Column::new(By::What, "what", 30).grow(3),
    Column::new(By::Words, "words", 14).grow(2),
    Column::new(By::Who, "by", 8).drop(1).sortable(),
    Column::new(By::When, "noted", 15).drop(2).sortable(),
];

/// One line: an entry, and the thing in these logs.
struct Line {
    entry: Entry,
    target: Option<Target>,
}

/// What the lines were made of.
#[derive(Clone, Debug, Default, PartialEq)]
struct Made {
    /// Grows with every change of the case.
    case: u64,
    epoch: u64,
    filter: Option<String>,
    sort: (Option<usize>, bool),
}

/// See the module.
pub struct CaseView {
    table: Table,
    lines: Vec<Line>,
    hidden: usize,
    made: Option<Made>,
    /// Events there were when things were looked for.
    events: usize,
}

impl Default for CaseView {
    fn default() -> Self {
        Self { table: Table::sorted_by(0, false), lines: Vec::new(), hidden: 0, made: None, events: 0 }
    }
}

fn below(ctx: &Ctx<'_>) -> Rect {
    Rect { y: ctx.area.y.saturating_add(1), height: ctx.area.height.saturating_sub(1), ..ctx.area }
}

/// `bookmark`, `note`, `dismissed`, `suppression`.
const fn kind(entry: &Entry) -> &'static str {
    match &entry.act {
        Act::Decide { state, .. } => state.word(),
        Act::Suppress { .. } => "suppression",
        Act::Mark { .. } => "bookmark",
        Act::Note { .. } => "note",
        Act::Delete { .. } | Act::Undo { .. } => "",
    }
}

/// Whether the filter leaves a thing; what these logs do not have is left.
fn passes(target: Option<Target>, ctx: &Ctx<'_>) -> bool {
    let (Some(filter), Some(target)) = (ctx.filter, target) else { return true };
    target.passes(filter, ctx.snapshot)
}

/// What a thing is called, with its noun; cleaned.
#[must_use]
pub fn called(thing: &Thing, target: Option<Target>, ctx: &Ctx<'_>) -> String {
    let tables = &ctx.snapshot.tables;
    let visit = |id| {
        let visit = tables.visit(id)?;
        Some(format!("session {} > {}", words::account(visit.account, ctx), words::host(visit.host, ctx)))
    };
    let known = target.and_then(|target| match target {
        Target::Event(id) => {
            let row = tables.event(id)?;
            let what = match row.event.event_id {
                0 => words::kind(row.event.kind).to_owned(),
                number => format!("event {number} {}", words::title(&row.event, &ctx.snapshot.names)),
            };
            Some(format!("{what}  {} > {}", words::account(row.account, ctx), words::host(row.host, ctx)))
        }
        Target::Visit(id) => visit(id),
        Target::Session(id) => visit(tables.session(id)?.visit),
        Target::Account(id) => Some(format!("account {}", words::account(id, ctx))),
        Target::Host(id) => Some(format!("host {}", words::host(id, ctx))),
        Target::Source(id) => Some(format!("source {}", words::source(id, ctx))),
        Target::Anomaly(id) => {
            let anomaly = tables.anomaly(id)?;
            let who = anomaly.accounts.first().map_or_else(String::new, |id| format!("  {}", words::account(*id, ctx)));
            Some(format!("{} {}{who}", anomaly.severity.letter(), anomaly.detection.id))
        }
        Target::Moment(_) => Some("a moment".to_owned()),
    });
    known.unwrap_or_else(|| text::clean(&ctx.snapshot.names.told(&format!("{} {}", thing.noun(), thing.words()))).into_owned())
}

impl CaseView {
    fn make(&mut self, ctx: &Ctx<'_>) {
        let made = Made {
            case: ctx.triage.version(),
            epoch: ctx.snapshot.epoch,
            filter: ctx.filter.map(Filter::key),
            sort: (self.table.sort, self.table.reverse),
        };
        let events = ctx.snapshot.tables.events.len();
        // While logs are read, things turn up: they are looked for again when there is a tenth more.
        let is_fresh = events < self.events + self.events / 10 + 1 && events >= self.events;
        if self.made.as_ref() == Some(&made) && is_fresh {
            return;
        }
        let under = self.line().map(|line| line.entry.id.clone());
        let place = self.table.cursor;
        let find = |entry: Entry| {
            let target = entry.act.thing().and_then(|thing| Target::find(&thing, ctx.snapshot));
            Line { entry, target }
        };
        let mut lines: Vec<Line> = ctx.triage.case().standing_by_time().into_iter().map(find).collect();
        let all = lines.len();
        lines.retain(|line| passes(line.target, ctx));
        self.hidden = all - lines.len();
        match self.table.sort.and_then(|sort| COLUMNS.get(sort)).map(|column| column.key) {
            Some(By::Kind) => lines.sort_by_key(|line| kind(&line.entry)),
            Some(By::Who) => lines.sort_by(|a, b| a.entry.by.cmp(&b.entry.by)),
            Some(By::When) => lines.sort_by(|a, b| a.entry.at.cmp(&b.entry.at)),
            _ => {}
        }
        if self.table.reverse {
            lines.reverse();
        }
        self.lines = lines;
        (self.made, self.events) = (Some(made), events);
        let again = under.and_then(|id| self.lines.iter().position(|line| line.entry.id == id));
        self.table.go(again.unwrap_or(place), self.lines.len());
    }
    fn line(&self) -> Option<&Line> {
        self.lines.get(self.table.cursor.min(self.lines.len().checked_sub(1)?))
    }
    fn why_empty(&self) -> String {
        match self.hidden {
            0 => "nothing is kept yet: m sets a bookmark, c writes a note, and decisions of the queue (2) stand here too".to_owned(),
            hidden => format!("the filter hides all {}; u takes the last filter change back", words::plural(hidden, "line")),
        }
    }
    fn heading(&self, ctx: &Ctx<'_>) -> String {
        let hidden = if self.hidden > 0 { format!(", {} hidden by the filter", self.hidden) } else { String::new() };
        let kept = match &ctx.marked.file {
            Some(path) => format!("kept in {}", text::clean(path)),
            None => "kept until the program ends: --case FILE keeps it".to_owned(),
        };
        format!("{}{hidden}   {kept}", words::plural(self.lines.len(), "line"))
    }
    fn delete(&self) -> Vec<Effect> {
        let Some(line) = self.line() else { return vec![Effect::Say(self.why_empty())] };
        let act = match &line.entry.act {
            Act::Mark { on, moment, .. } => Act::Mark { on: on.clone(), set: false, moment: moment.clone() },
            Act::Note { on, moment, .. } => Act::Note { on: on.clone(), text: String::new(), moment: moment.clone() },
            _ => Act::Delete { of: line.entry.id.clone() },
        };
        vec![Effect::Record(vec![act])]
    }
}

fn cell(line: &Line, column: By, ctx: &Ctx<'_>) -> Cell {
    let entry = &line.entry;
    let is_here = line.target.is_some() || entry.act.thing().is_none();
    match column {
        By::Moment => entry.act.moment().map_or_else(|| Cell::dim(words::ABSENT), |at| Cell::text(ctx.day_clock(at))),
        By::Kind => Cell::text(kind(entry)),
        By::What => {
            let words = match (&entry.act, entry.act.thing()) {
                (Act::Suppress { scope, .. }, _) => text::clean(&ctx.snapshot.names.told(&scope.words())).into_owned(),
                (_, Some(thing)) => called(&thing, line.target, ctx),
                (_, None) => String::new(),
            };
            if is_here { Cell::text(words) } else { Cell::dim(words) }
        }
        By::Words => Cell::new(text::clean(&ctx.snapshot.names.told(entry.act.reason())).into_owned(), Meaning::Strong),
        By::Who => Cell::dim(text::clean(&entry.by).into_owned()),
        By::When => Cell::dim(Timestamp::parse(&entry.at).map_or_else(String::new, |at| ctx.zone.day_clock(at))),
    }
}

impl View for CaseView {
    fn crumb(&self, _ctx: &Ctx<'_>) -> String {
        "Case".to_owned()
    }
    fn context(&self) -> Context {
        Context::Case
    }
    fn update(&mut self, action: Action, ctx: &Ctx<'_>) -> Vec<Effect> {
        self.make(ctx);
        match action {
            Action::CaseDelete => return self.delete(),
            Action::NavOpen => {
                return match self.line().map(|line| line.entry.act.thing()) {
                    Some(Some(thing)) => vec![Effect::Visit(thing)],
                    Some(None) => vec![Effect::Say("a suppression has no place of its own: d lifts it".to_owned())],
                    None => vec![Effect::Say(self.why_empty())],
                };
            }
            _ => {}
        }
        if self.table.update(action, COLUMNS, self.lines.len(), below(ctx)) == Done::Sorted {
            self.make(ctx);
        }
        Vec::new()
    }
    fn refresh(&mut self, ctx: &Ctx<'_>) -> Vec<Effect> {
        self.make(ctx);
        Vec::new()
    }
    fn finds(&self, ctx: &Ctx<'_>) -> Option<Scope> {
        let words = |line: &Line| COLUMNS.iter().map(|column| cell(line, column.key, ctx).text).collect::<Vec<_>>().join(" ");
        Some(Scope::words(self.lines.iter().map(words), self.table.cursor))
    }
    fn found(&mut self, spot: &Spot, ctx: &Ctx<'_>) -> Vec<Effect> {
        self.table.show(spot.line, self.lines.len(), below(ctx));
        Vec::new()
    }
    fn on_screen(&self, ctx: &Ctx<'_>) -> Vec<OnScreen> {
        vec![OnScreen::words(below(ctx))]
    }
    fn draw(&self, buffer: &mut Buffer, ctx: &Ctx<'_>) {
        let area = ctx.area;
        put(buffer, area.x + 1, area.y, area.width.saturating_sub(1), &self.heading(ctx), ctx.theme.style(Meaning::Dim));
        let look = Look { theme: ctx.theme, glyphs: ctx.glyphs, focus: true };
        self.table.draw(buffer, below(ctx), COLUMNS, self.lines.len(), look, |row, column| {
            self.lines.get(row).map_or_else(|| Cell::text(""), |line| cell(line, column, ctx))
        });
        if self.lines.is_empty() {
            let words = pairs::fold(&self.why_empty(), usize::from(area.width.saturating_sub(4)));
            for (words, y) in words.iter().zip(area.y.saturating_add(3)..area.bottom()) {
                put(buffer, area.x + 2, y, area.width.saturating_sub(2), words, ctx.theme.style(Meaning::Text));
            }
        }
    }
    fn target(&self, _ctx: &Ctx<'_>) -> Option<Target> {
        self.line().and_then(|line| line.target)
    }
    fn selection(&self, ctx: &Ctx<'_>) -> Selection {
        let tables = &ctx.snapshot.tables;
        let Some(line) = self.line() else { return Selection::default() };
        let at = line.entry.act.moment();
        let none = || Selection { at, ..Selection::default() };
        let account = |id: AccountId| tables.account(id).map(|account| ("account", account.name(&ctx.snapshot.names)));
        match line.target {
            Some(Target::Event(id)) => rows::event_selection(id, None, ctx),
            Some(Target::Visit(id)) => rows::visit_selection(id, ctx),
            Some(Target::Session(id)) => tables.session(id).map_or_else(none, |session| rows::visit_selection(session.visit, ctx)),
            Some(Target::Account(id)) => Selection { account: Some(id), at, term: account(id), ..Selection::default() },
            Some(Target::Host(id)) => {
                let name = |id: HostId| tables.host(id).map(|host| ("host", ctx.snapshot.names.shown(host.name)));
                Selection { host: Some(id), at, term: name(id), ..Selection::default() }
            }
            Some(Target::Source(id)) => {
                let name = |id: SourceId| tables.source(id).map(|source| ("source", source.name(&ctx.snapshot.names)));
                Selection { source: Some(id), at, term: name(id), ..Selection::default() }
            }
            Some(Target::Anomaly(id)) => tables.anomaly(id).map_or_else(none, |anomaly| Selection {
                account: anomaly.accounts.first().copied(),
                host: anomaly.hosts.first().copied(),
                source: anomaly.sources.first().copied(),
                session: anomaly.sessions.first().copied(),
                event: anomaly.records.last().copied(),
                anomaly: Some(id),
                at: Some(anomaly.at),
                term: Some(("rule", anomaly.detection.id.to_owned())),
                ..Selection::default()
            }),
            Some(Target::Moment(_)) | None => none(),
        }
    }
    fn sentence(&self, ctx: &Ctx<'_>) -> String {
        let Some(line) = self.line() else { return self.why_empty() };
        let entry = &line.entry;
        let at = Timestamp::parse(&entry.at).map_or_else(|| entry.at.clone(), |at| ctx.zone.date_time(at));
        let by = if entry.by.is_empty() { String::new() } else { format!(" by {}", entry.by) };
        let reason = entry.act.reason();
        let because = if reason.is_empty() { String::new() } else { format!(": {}", ctx.snapshot.names.told(reason)) };
        let gone = if line.target.is_none() && entry.act.thing().is_some() { "  (not in the logs that are open)" } else { "" };
        text::clean(&format!("{}{by} {at}{because}{gone}", kind(entry))).into_owned()
    }
}
