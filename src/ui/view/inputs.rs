//! All inputs: what was read, what was not, and why. This is where "why is nothing here" is answered.
//!
//! The upper part lists the inputs; the lower one tells about the one under the cursor: its figures, which records it
//! holds by event id, and the places that could not be read, each with its reason.

use super::{Ctx, Selection, View, words};
use crate::base::text;
use crate::model::event::AuthEvent;
use crate::model::fields::Unreadable;
use crate::model::ids::InputId;
use crate::model::input::{Format, InputState, InputStatus};
use crate::normalise::shape::SHAPES;
use crate::ui::action::{Action, Context};
use crate::ui::effect::Effect;
use crate::ui::theme::Meaning;
use crate::ui::widget::table::{Cell, Column, Done, Look, Table};
use crate::ui::widget::{boxed, put, wrapped};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::cmp::Reverse;
use std::collections::BTreeMap;

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
    Unknown,
    OutOfOrder,
}

const COLUMNS: &[Column<By>] = &[
    Column::new(By::Path, "input", 20).grow(1),
    Column::new(By::Format, "format", 12).drop(4),
    Column::new(By::State, "state", 9),
    Column::new(By::Records, "records", 11).right().drop(3),
    Column::new(By::Events, "events", 11).right(),
    Column::new(By::First, "first", 15).drop(5),
    Column::new(By::Last, "last", 15).drop(2),
    Column::new(By::Bad, "bad", 7).right(),
    Column::new(By::Unknown, "unknown", 9).right().drop(6),
    Column::new(By::OutOfOrder, "disorder", 9).right().drop(7),
];

#[derive(Clone, Copy, Debug)]
enum Place {
    Where,
    Why,
}

const PLACES: &[Column<Place>] = &[Column::new(Place::Where, "place", 27), Column::new(Place::Why, "why it could not be read", 20).grow(1)];

/// The view.
#[derive(Default)]
pub struct Inputs {
    list: Table,
    places: Table,
    /// Keys go to the places that could not be read.
    in_places: bool,
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

/// `4,194,304 bytes, 61% read`.
fn bytes(input: &InputStatus) -> String {
    let all = format!("{} bytes", text::count(input.bytes));
    match input.state {
        InputState::Reading if input.bytes > 0 => {
            format!("{all}, {}% read", input.bytes_read.min(input.bytes).saturating_mul(100) / input.bytes)
        }
        _ => all,
    }
}

/// The path without the folders that all inputs share.
fn below_common(input: &InputStatus, inputs: &[InputStatus]) -> String {
    let mut folders: Vec<_> = input.path.parent().map(|folder| folder.components().collect()).unwrap_or_default();
    for other in inputs {
        let shared = folders.iter().zip(other.path.components()).take_while(|(a, b)| **a == *b).count();
        folders.truncate(shared);
    }
    let rest: std::path::PathBuf = input.path.components().skip(folders.len()).collect();
    rest.display().to_string()
}

fn place_of(place: &Unreadable) -> String {
    let mut out = if place.line > 0 { format!("line {}", place.line) } else { format!("offset {:#x}", place.offset) };
    if place.record > 0 {
        out.push_str(&format!(" record {}", place.record));
    }
    out
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
        inputs.get(self.list.cursor.min(inputs.len().checked_sub(1)?))
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
    fn facts(&self, input: &InputStatus, ctx: &Ctx<'_>) -> Vec<(&'static str, String, Meaning)> {
        let mut facts = Vec::new();
        let mut fact = |label, words: String, meaning| facts.push((label, words, meaning));
        fact("path", input.path.display().to_string(), Meaning::Strong);
        if let Some(problem) = &input.problem {
            fact("problem", problem.clone(), Meaning::Trouble);
        }
        if input.state == InputState::Failed {
            return facts;
        }
        fact("state", format!("{}, {}", input.state.word(), bytes(input)), Meaning::Text);
        let shapes: Vec<String> = input.shapes.iter().map(|(shape, count)| format!("{shape} {}", text::count(*count))).collect();
        if !shapes.is_empty() {
            fact("shapes", shapes.join(", "), Meaning::Text);
        }
        let noted = SHAPES.iter().filter(|shape| !shape.note.is_empty() && input.shapes.iter().any(|(name, _)| *name == shape.name));
        for shape in noted {
            fact("note", format!("{}: {}", shape.name, shape.note), Meaning::Trouble);
        }
        if let (Some(first), Some(last)) = (input.first, input.last) {
            let words = format!("{} .. {}  ({})", ctx.zone.date_time(first), ctx.zone.date_time(last), (last - first).words());
            fact("times", words, Meaning::Text);
        }
        if input.assumed_utc > 0 {
            let words = format!("{} records state a local time without a zone; UTC was assumed", text::count(input.assumed_utc));
            fact("zone", words, Meaning::Trouble);
        }
        let records = [
            (input.records, "read"),
            (input.events, "on the timeline"),
            (input.other, "no logons"),
            (input.unreadable, "unreadable"),
            (input.unknown, "of no known shape"),
            (input.recovered_in_slack, "in slack space"),
            (input.out_of_order(), "out of order"),
        ];
        let records: Vec<String> = records
            .iter()
            .enumerate()
            .filter(|(place, (count, _))| *place < 2 || *count > 0)
            .map(|(_, (count, word))| format!("{} {word}", text::count(*count)))
            .collect();
        fact("records", records.join(", "), Meaning::Text);
        let mut seen: Vec<_> = self.coverage.range((input.id, 0)..=(input.id, u32::MAX)).collect();
        seen.sort_by_key(|((_, id), (count, _))| (Reverse(*count), *id));
        if input.events == 0 && input.state != InputState::Waiting {
            fact("holds", "no record of the logon events this program reads".to_owned(), Meaning::Text);
        }
        for (place, ((_, id), (count, title))) in seen.into_iter().enumerate() {
            let id = if *id == 0 { "-".to_owned() } else { id.to_string() };
            fact(if place == 0 { "holds" } else { "" }, format!("{id:>5}  {:>9}  {title}", text::count(*count)), Meaning::Text);
        }
        facts
    }
    fn draw_facts(&self, buffer: &mut Buffer, area: Rect, input: &InputStatus, ctx: &Ctx<'_>) {
        let inner = boxed(buffer, area, &input.name(), false, ctx.glyphs, ctx.theme.style(Meaning::Dim));
        let cells = usize::from(inner.width.saturating_sub(11));
        let mut lines: Vec<(&str, String, Meaning)> = Vec::new();
        for (label, words, meaning) in self.facts(input, ctx) {
            // Columns of figures keep their blanks.
            let broken = if words.starts_with(' ') || text::width(&words) <= cells { vec![words] } else { wrapped(&words, cells) };
            for (place, line) in broken.into_iter().enumerate() {
                lines.push((if place == 0 { label } else { "" }, line, meaning));
            }
        }
        for (row, (label, words, meaning)) in inner.rows().zip(&lines) {
            put(buffer, row.x + 1, row.y, 8, label, ctx.theme.style(Meaning::Dim));
            put(buffer, row.x + 10, row.y, row.width.saturating_sub(11), words, ctx.theme.style(*meaning));
        }
        if lines.len() > usize::from(inner.height) && inner.height > 0 {
            let more = format!(" +{} more ", lines.len() - usize::from(inner.height));
            put(
                buffer,
                inner.x + 10,
                area.bottom().saturating_sub(1),
                inner.width.saturating_sub(11),
                &more,
                ctx.theme.style(Meaning::Dim),
            );
        }
    }
    fn draw_places(&self, buffer: &mut Buffer, area: Rect, input: &InputStatus, ctx: &Ctx<'_>) {
        let kept = input.places.all().len();
        let title = match input.unreadable {
            _ if input.state == InputState::Failed => "not read: all of it".to_owned(),
            0 => "not read: nothing".to_owned(),
            all if all > kept as u64 => format!("not read: {}, the first {kept}", text::count(all)),
            all => format!("not read: {}", text::count(all)),
        };
        let inner = boxed(buffer, area, &title, self.in_places, ctx.glyphs, ctx.theme.style(Meaning::Dim));
        if kept == 0 {
            let words = match (input.state, input.unreadable) {
                (InputState::Failed, _) => "the input could not be opened; F5 tries again",
                (_, 0) => "every record of this input could be read",
                _ => "the places are not known",
            };
            put(buffer, inner.x + 1, inner.y, inner.width.saturating_sub(2), words, ctx.theme.style(Meaning::Text));
            return;
        }
        let look = Look { theme: ctx.theme, glyphs: ctx.glyphs, focus: self.in_places };
        self.places.draw(buffer, inner, PLACES, kept, look, |row, column| match (input.places.all().get(row), column) {
            (Some(place), Place::Where) => Cell::text(place_of(&place.at)),
            (Some(place), Place::Why) => Cell::text(place.at.reason.clone()),
            (None, _) => Cell::text(""),
        });
    }
    fn cell(input: &InputStatus, column: By, ctx: &Ctx<'_>) -> Cell {
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
        Vec::new()
    }
    fn update(&mut self, action: Action, ctx: &Ctx<'_>) -> Vec<Effect> {
        let areas = Self::areas(ctx);
        let reasons = self.input(ctx).map_or(0, |input| input.places.all().len());
        match action {
            Action::PaneNext | Action::PanePrev => self.in_places = !self.in_places && ctx.options.peek,
            Action::PopupDismiss => self.in_places = false,
            Action::NavOpen if !ctx.options.peek => return vec![Effect::Say("o shows the details of the input".to_owned())],
            Action::NavOpen if reasons == 0 => return vec![Effect::Say("every record of this input could be read".to_owned())],
            Action::NavOpen => self.in_places = true,
            action if self.in_places && ctx.options.peek => {
                let inner = Rect { height: areas.places.height.saturating_sub(2), ..areas.places };
                self.places.update(action, PLACES, reasons, inner);
            }
            action => {
                let before = self.list.cursor;
                if self.list.update(action, COLUMNS, ctx.snapshot.inputs.len(), areas.list) == Done::Moved && self.list.cursor != before {
                    self.places = Table::default();
                }
            }
        }
        Vec::new()
    }
    fn draw(&self, buffer: &mut Buffer, ctx: &Ctx<'_>) {
        let areas = Self::areas(ctx);
        let inputs = &ctx.snapshot.inputs;
        let look = Look { theme: ctx.theme, glyphs: ctx.glyphs, focus: !self.in_places };
        self.list.draw(buffer, areas.list, COLUMNS, inputs.len(), look, |row, column| {
            inputs.get(row).map_or_else(|| Cell::text(""), |input| Self::cell(input, column, ctx))
        });
        let Some(input) = self.input(ctx) else {
            put(buffer, areas.list.x + 2, areas.list.y + 1, areas.list.width, "no inputs yet", ctx.theme.style(Meaning::Text));
            return;
        };
        if !ctx.options.peek {
            return;
        }
        if !ctx.is_narrow() || !self.in_places {
            self.draw_facts(buffer, areas.facts, input, ctx);
        }
        if !ctx.is_narrow() || self.in_places {
            self.draw_places(buffer, areas.places, input, ctx);
        }
    }
    fn selection(&self, ctx: &Ctx<'_>) -> Selection {
        let Some(input) = self.input(ctx) else { return Selection::default() };
        Selection { at: input.last, ..Selection::default() }
    }
    fn sentence(&self, ctx: &Ctx<'_>) -> String {
        let Some(input) = self.input(ctx) else { return "no inputs yet".to_owned() };
        if let (true, Some(place)) = (self.in_places, input.places.all().get(self.places.cursor)) {
            return format!("{}: {}", place_of(&place.at), place.at.reason);
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
            (None, 0, events) => format!("{name}: {} records, {} events, all readable", text::count(input.records), text::count(events)),
            (None, bad, _) => format!("{name}: {} records could not be read; Tab shows the places and reasons", text::count(bad)),
        }
    }
}
