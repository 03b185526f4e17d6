//! All inputs: what was read, what was not, and why. This is where "why is nothing here" is answered.
//!
//! The upper part lists the inputs; the lower one tells about the one under the cursor: its figures, its logs and which
//! records it holds by event id (`facts`), and what is wrong with it, place by place (`wrong`).

mod facts;
mod wrong;

use super::{Ctx, Selection, View, heading, words};
use crate::base::text;
use crate::model::coverage::{Coverage, coverage, coverage_of};
use crate::model::event::AuthEvent;
use crate::model::ids::InputId;
use crate::model::input::{Format, InputState, InputStatus};
use crate::ui::action::{Action, Context};
use crate::ui::effect::Effect;
use crate::ui::find::scope::{OnScreen, Scope, Spot};
use crate::ui::mouse::Mouse;
use crate::ui::theme::Meaning;
use crate::ui::widget::put;
use crate::ui::widget::table::{Arranged, Cell, Column, ColumnList, Done, Look, Pointed, RowOrder, Table};
use facts::Fact;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;
use wrong::Wrong;

#[derive(Clone, Copy, Debug)]
enum By {
    Path,
    Format,
    State,
    Records,
    Events,
    First,
    Last,
    Bad,
    Missing,
    Late,
    Double,
    Unknown,
    OutOfOrder,
}

/// Kind of the table, where its columns are arranged.
const TABLE: &str = "inputs";

const COLUMNS: &[Column<By>] = &[
    Column::new(By::Path, "input", 20).grow(1).sortable(),
    Column::new(By::Format, "format", 9).sortable().drop(4),
    Column::new(By::State, "state", 7).sortable(),
    Column::new(By::Records, "records", 10).right().sortable().drop(3),
    Column::new(By::Events, "events", 10).about("records that are logon events").right().sortable(),
    Column::new(By::First, "first", 15).sortable().drop(5),
    Column::new(By::Last, "last", 15).sortable().drop(2),
    Column::new(By::Bad, "bad", 6).about("records that could not be read").right().sortable(),
    Column::new(By::Missing, "missing", 7).about("record numbers that are missing").right().sortable(),
    Column::new(By::Double, "double", 7).about("records met before").right().sortable().drop(8),
    Column::new(By::Late, "late", 6).about("records behind their time").right().sortable().drop(9),
    Column::new(By::Unknown, "unknown", 7).about("records of no known shape").right().sortable().drop(6),
    Column::new(By::OutOfOrder, "disorder", 8).about("records out of order").right().sortable().drop(7),
];

/// The view.
#[derive(Default)]
pub struct Inputs {
    list: Table,
    /// Places in the snapshot's list, in the order of the screen.
    order: Vec<usize>,
    places: Table,
    /// Keys go to what is wrong with the input.
    in_places: bool,
    /// What is wrong with the input under the cursor.
    wrong: Vec<Wrong>,
    /// Its logs, as all inputs together have them.
    logs: Vec<Coverage>,
    /// Record numbers that are missing from the logs of each input.
    missing: BTreeMap<InputId, u64>,
    /// Version of the snapshot the above is of.
    version: u64,
    /// Events by input and event id (0 for Entra), and how many events were counted.
    coverage: BTreeMap<(InputId, u32), (u64, &'static str)>,
    counted: usize,
}

struct Areas {
    list: Rect,
    facts: Rect,
    places: Rect,
}

fn number(count: u64) -> Cell {
    if count == 0 { Cell::dim("-") } else { Cell::text(text::count(count)) }
}

/// What the bytes are: `EVTX`, or the shapes of a text.
fn format(input: &InputStatus) -> String {
    match (input.format, input.shapes.first()) {
        (Format::Evtx, _) => "EVTX".to_owned(),
        (Format::Unknown, None) => words::ABSENT.to_owned(),
        (Format::Text, None) => "text".to_owned(),
        (_, Some((shape, _))) if input.shapes.len() > 1 => format!("{shape} +{}", input.shapes.len() - 1),
        (_, Some((shape, _))) => (*shape).to_owned(),
    }
}

/// The path without the folders that all inputs share.
fn below_common(input: &InputStatus, inputs: &[InputStatus]) -> String {
    // An address that is listened on is no path.
    if input.senders.is_some() {
        return input.path.display().to_string();
    }
    let mut folders: Vec<_> = input.path.parent().map(|folder| folder.components().collect()).unwrap_or_default();
    for other in inputs.iter().filter(|other| other.senders.is_none()) {
        let shared = folders.iter().zip(other.path.components()).take_while(|(a, b)| **a == *b).count();
        folders.truncate(shared);
    }
    let rest: std::path::PathBuf = input.path.components().skip(folders.len()).collect();
    rest.display().to_string()
}

fn compare(a: &InputStatus, b: &InputStatus, by: By, missing: &BTreeMap<InputId, u64>) -> Ordering {
    let gaps = |input: &InputStatus| missing.get(&input.id).copied().unwrap_or(0);
    match by {
        By::Path => a.path.cmp(&b.path),
        By::Format => format(a).cmp(&format(b)),
        By::State => a.state.word().cmp(b.state.word()),
        By::Records => a.records.cmp(&b.records),
        By::Events => a.events.cmp(&b.events),
        By::First => a.first.cmp(&b.first),
        By::Last => a.last.cmp(&b.last),
        By::Bad => a.unreadable.cmp(&b.unreadable),
        By::Missing => gaps(a).cmp(&gaps(b)),
        By::Late => a.late.cmp(&b.late),
        By::Double => a.duplicates.cmp(&b.duplicates),
        By::Unknown => a.unknown.cmp(&b.unknown),
        By::OutOfOrder => a.out_of_order().cmp(&b.out_of_order()),
    }
}

impl Inputs {
    fn areas(ctx: &Ctx<'_>) -> Areas {
        let area = ctx.area;
        let inputs = u16::try_from(ctx.snapshot.inputs.len()).unwrap_or(u16::MAX);
        let below = if ctx.options.peek { area.height.saturating_sub(inputs.saturating_add(2).min(area.height / 2)) } else { 0 };
        let list = Rect { height: area.height - below, ..area };
        let rest = Rect { y: list.bottom(), height: below, ..area };
        if ctx.is_narrow() {
            return Areas { list, facts: rest, places: rest };
        }
        let left = rest.width / 2;
        Areas { list, facts: Rect { width: left, ..rest }, places: Rect { x: rest.x + left, width: rest.width - left, ..rest } }
    }
    fn input<'a>(&self, ctx: &'a Ctx<'_>) -> Option<&'a InputStatus> {
        let inputs = &ctx.snapshot.inputs;
        self.at(self.list.cursor.min(inputs.len().checked_sub(1)?), ctx)
    }
    fn at<'a>(&self, row: usize, ctx: &'a Ctx<'_>) -> Option<&'a InputStatus> {
        ctx.snapshot.inputs.get(self.order.get(row).copied().unwrap_or(row))
    }
    fn arranged(ctx: &Ctx<'_>) -> Arranged<'static, By> {
        ctx.columns.arrange(TABLE, COLUMNS)
    }
    /// Puts the inputs in the order that was asked for; as they were given where none was.
    fn arrange(&mut self, ctx: &Ctx<'_>) {
        let under = self.input(ctx).map(|input| input.id);
        let inputs = &ctx.snapshot.inputs;
        self.order = (0..inputs.len()).collect();
        if let Some(column) = self.list.sort.and_then(|sort| COLUMNS.get(sort)) {
            let (missing, reverse) = (&self.missing, self.list.reverse);
            self.order.sort_by(|a, b| {
                let order = match (inputs.get(*a), inputs.get(*b)) {
                    (Some(a), Some(b)) => compare(a, b, column.key, missing),
                    _ => Ordering::Equal,
                };
                (if reverse { order.reverse() } else { order }).then(a.cmp(b))
            });
        }
        // The cursor stays with its input.
        let place = under.and_then(|under| (0..inputs.len()).find(|row| self.at(*row, ctx).is_some_and(|input| input.id == under)));
        if let Some(place) = place {
            self.list.go(place, inputs.len());
        }
    }
    fn count(&mut self, ctx: &Ctx<'_>) {
        let events = &ctx.snapshot.tables.events;
        if events.len() < self.counted {
            // A replay went back.
            self.coverage.clear();
            self.counted = 0;
        }
        for row in events.iter_from(self.counted) {
            let event: &AuthEvent = &row.event;
            let entry = self.coverage.entry((event.provenance.input, event.event_id));
            entry.or_insert_with(|| (0, words::title(event, &ctx.snapshot.names))).0 += 1;
        }
        self.counted = events.len();
    }
    /// Lines about one input: a label and words.
    fn facts(&self, input: &InputStatus, ctx: &Ctx<'_>) -> Vec<Fact> {
        let mut facts = facts::of(input, &self.logs, ctx);
        if input.state == InputState::Failed {
            return facts;
        }
        let mut fact = |label, words: String| facts.push(Fact { label, words, meaning: Meaning::Text });
        let mut seen: Vec<_> = self.coverage.range((input.id, 0)..=(input.id, u32::MAX)).collect();
        seen.sort_by_key(|((_, id), (count, _))| (Reverse(*count), *id));
        if input.events == 0 && input.state != InputState::Waiting {
            fact("holds", "no record of the logon events this program reads".to_owned());
        }
        for (place, ((_, id), (count, title))) in seen.into_iter().enumerate() {
            let id = if *id == 0 { "-".to_owned() } else { id.to_string() };
            fact(if place == 0 { "holds" } else { "" }, format!("{id:>5}  {:>9}  {title}", text::count(*count)));
        }
        facts
    }
    /// Looks again at what is wrong with the input under the cursor.
    fn look(&mut self, ctx: &Ctx<'_>) {
        let Some(input) = self.input(ctx) else { return };
        self.logs = coverage_of(input, &ctx.snapshot.inputs, &ctx.snapshot.names);
        self.wrong = wrong::of(input, &self.logs, ctx);
    }
    /// Gaps of every input; only for a new snapshot, since every log of every input is looked at.
    fn count_missing(&mut self, ctx: &Ctx<'_>) {
        self.missing.clear();
        for log in coverage(&ctx.snapshot.inputs, &ctx.snapshot.names) {
            let missing = log.missing().1;
            for input in log.inputs.iter().filter(|_| missing > 0) {
                *self.missing.entry(*input).or_default() += missing;
            }
        }
    }
    fn cell(&self, input: &InputStatus, column: By, ctx: &Ctx<'_>) -> Cell {
        match column {
            By::Path => Cell::text(below_common(input, &ctx.snapshot.inputs)),
            By::Format => Cell::text(format(input)),
            By::State => {
                let meaning = match input.state {
                    InputState::Failed => Meaning::Trouble,
                    InputState::Following => Meaning::Open,
                    _ => Meaning::Text,
                };
                Cell::new(input.state.word(), meaning)
            }
            By::Records => number(input.records),
            By::Events => number(input.events),
            By::First => Cell::text(words::moment(input.first, ctx)),
            By::Last => Cell::text(words::moment(input.last, ctx)),
            By::Bad if input.unreadable > 0 => Cell::new(text::count(input.unreadable), Meaning::Trouble),
            By::Bad => Cell::dim("-"),
            By::Missing => match self.missing.get(&input.id) {
                Some(missing) => Cell::new(text::count(*missing), Meaning::Trouble),
                None => Cell::dim("-"),
            },
            By::Late => number(input.late),
            By::Double => number(input.duplicates),
            By::Unknown => number(input.unknown),
            By::OutOfOrder => number(input.out_of_order()),
        }
    }
}

impl View for Inputs {
    fn crumb(&self, _ctx: &Ctx<'_>) -> String {
        "Inputs".to_owned()
    }
    fn context(&self) -> Context {
        Context::Table
    }
    fn refresh(&mut self, ctx: &Ctx<'_>) -> Vec<Effect> {
        self.count(ctx);
        if self.version != ctx.snapshot.version || self.wrong.is_empty() {
            self.version = ctx.snapshot.version;
            self.count_missing(ctx);
            self.arrange(ctx);
            self.look(ctx);
        }
        Vec::new()
    }
    fn update(&mut self, action: Action, ctx: &Ctx<'_>) -> Vec<Effect> {
        let areas = Self::areas(ctx);
        match action {
            Action::PaneNext | Action::PanePrev => self.in_places = !self.in_places && ctx.options.peek,
            Action::PopupDismiss => self.in_places = false,
            Action::NavOpen if !ctx.options.peek => return vec![Effect::Say("o shows the details of the input".to_owned())],
            Action::NavOpen if self.wrong.is_empty() => return vec![Effect::Say("nothing is wrong with this input".to_owned())],
            Action::NavOpen => self.in_places = true,
            action if self.in_places && ctx.options.peek => {
                let inner = Rect { height: areas.places.height.saturating_sub(2), ..areas.places };
                self.places.update(action, wrong::COLUMNS, self.wrong.len(), inner);
            }
            action => {
                let before = self.list.cursor;
                match self.list.update(action, &Self::arranged(ctx), ctx.snapshot.inputs.len(), areas.list) {
                    Done::Moved if self.list.cursor != before => {
                        self.places = Table::default();
                        self.look(ctx);
                    }
                    Done::Sorted => self.arrange(ctx),
                    Done::Unsortable => return vec![heading::unsortable()],
                    Done::Moved | Done::Ignored => {}
                }
            }
        }
        Vec::new()
    }
    fn finds(&self, ctx: &Ctx<'_>) -> Option<Scope> {
        if self.in_places {
            return Some(Scope::words(self.wrong.iter().map(|wrong| wrong.sentence.clone()), self.places.cursor));
        }
        let line = |input: &InputStatus| {
            let words =
                format!("{} {} {} {}", input.name(), format(input), input.state.word(), input.problem.as_deref().unwrap_or_default());
            text::clean(&words).into_owned()
        };
        let inputs = (0..ctx.snapshot.inputs.len()).filter_map(|row| self.at(row, ctx));
        Some(Scope::words(inputs.map(line), self.list.cursor))
    }
    fn found(&mut self, spot: &Spot, ctx: &Ctx<'_>) -> Vec<Effect> {
        if self.in_places {
            self.places.go(spot.line, self.wrong.len());
            return Vec::new();
        }
        self.list.show(spot.line, ctx.snapshot.inputs.len(), Self::areas(ctx).list);
        self.places = Table::default();
        self.look(ctx);
        Vec::new()
    }
    fn on_screen(&self, ctx: &Ctx<'_>) -> Vec<OnScreen> {
        let areas = Self::areas(ctx);
        vec![OnScreen::words(if self.in_places { areas.places } else { areas.list })]
    }
    fn draw(&self, buffer: &mut Buffer, ctx: &Ctx<'_>) {
        let areas = Self::areas(ctx);
        let inputs = &ctx.snapshot.inputs;
        let look = Look { theme: ctx.theme, glyphs: ctx.glyphs, focus: !self.in_places };
        self.list.draw(buffer, areas.list, &Self::arranged(ctx), inputs.len(), look, |row, column| {
            self.at(row, ctx).map_or_else(|| Cell::text(""), |input| self.cell(input, column, ctx))
        });
        let Some(input) = self.input(ctx) else {
            put(
                buffer,
                areas.list.x + 2,
                areas.list.y + 1,
                areas.list.width,
                "no inputs: quit (Q) and name a log, such as logonscope Security.evtx",
                ctx.theme.style(Meaning::Text),
            );
            return;
        };
        if !ctx.options.peek {
            return;
        }
        if !ctx.is_narrow() || !self.in_places {
            facts::draw(buffer, areas.facts, input, &self.facts(input, ctx), ctx);
        }
        if !ctx.is_narrow() || self.in_places {
            wrong::draw(buffer, areas.places, input, (&self.wrong, &self.places, self.in_places), ctx);
        }
    }
    fn selection(&self, ctx: &Ctx<'_>) -> Selection {
        let Some(input) = self.input(ctx) else { return Selection::default() };
        let column = self.list.under(&Self::arranged(ctx), Self::areas(ctx).list.width);
        let cell = || column.map(|column| text::clean(&self.cell(input, column, ctx).text).into_owned());
        let wrong = self.wrong.get(self.places.cursor.min(self.wrong.len().saturating_sub(1))).filter(|_| self.in_places);
        // The name alone where no other input has it.
        let is_alone = ctx.snapshot.inputs.iter().filter(|other| other.name() == input.name()).count() == 1;
        let name = if is_alone { input.name() } else { input.path.display().to_string() };
        let text = wrong.map(|wrong| wrong.sentence.clone()).or_else(cell);
        Selection { at: input.last, term: Some(("input", name)), text, ..Selection::default() }
    }
    fn order(&self) -> Option<RowOrder> {
        self.list.order(COLUMNS)
    }
    fn set_order(&mut self, order: &RowOrder) {
        self.list.set_order(COLUMNS, order);
    }
    fn columns(&self, ctx: &Ctx<'_>) -> Option<ColumnList> {
        (!self.in_places).then(|| Self::arranged(ctx).list(TABLE, Self::areas(ctx).list.width, self.list.column))
    }
    fn mouse(&mut self, mouse: Mouse, ctx: &Ctx<'_>) -> Vec<Effect> {
        let areas = Self::areas(ctx);
        let is_wide = !ctx.is_narrow();
        // Where the details share one place, those on screen are meant.
        let in_places = ctx.options.peek && areas.places.contains(mouse.at) && (is_wide || self.in_places);
        if in_places {
            let inner = Rect {
                x: areas.places.x.saturating_add(1),
                y: areas.places.y.saturating_add(1),
                width: areas.places.width.saturating_sub(2),
                height: areas.places.height.saturating_sub(2),
            };
            self.in_places = true;
            self.places.mouse(mouse, wrong::COLUMNS, self.wrong.len(), inner);
            return Vec::new();
        }
        if !areas.list.contains(mouse.at) {
            return Vec::new();
        }
        self.in_places = false;
        let before = self.list.cursor;
        match self.list.mouse(mouse, &Self::arranged(ctx), ctx.snapshot.inputs.len(), areas.list) {
            Pointed::Open => return self.update(Action::NavOpen, ctx),
            Pointed::Sorted => self.arrange(ctx),
            Pointed::Unsortable | Pointed::Moved | Pointed::Nothing => {}
        }
        // Several rows are of no use here.
        self.list.anchor = None;
        if self.list.cursor != before {
            self.places = Table::default();
            self.look(ctx);
        }
        Vec::new()
    }
    fn sentence(&self, ctx: &Ctx<'_>) -> String {
        let Some(input) = self.input(ctx) else { return "no inputs: quit (Q) and name a log, such as logonscope Security.evtx".to_owned() };
        if let (true, Some(wrong)) = (self.in_places, self.wrong.get(self.places.cursor)) {
            return wrong.sentence.clone();
        }
        let name = text::clean(&input.name()).into_owned();
        match (&input.problem, input.unreadable, input.events) {
            (Some(problem), ..) => format!("{name}: {problem}"),
            (None, 0, 0) if input.unknown > 0 => {
                format!("{name}: {} records of a shape this program does not know", text::count(input.unknown))
            }
            (None, 0, 0) if input.records == 0 && input.state != InputState::Waiting => format!("{name}: no record came from it so far"),
            (None, 0, 0) if input.state != InputState::Waiting => {
                format!("{name}: {} records, none of them a logon event", text::count(input.records))
            }
            (None, 0, events) if !self.missing.contains_key(&input.id) => {
                format!("{name}: {} records, {} events, all readable", text::count(input.records), text::count(events))
            }
            (None, bad, _) if bad > 0 => {
                format!("{name}: {} records could not be read; Tab shows the places and reasons", text::count(bad))
            }
            (None, ..) => format!("{name}: all readable, but record numbers are missing; Tab shows where"),
        }
    }
}
