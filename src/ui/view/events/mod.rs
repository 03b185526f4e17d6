//! The flat list of events, newest at the end; with a filter, those that it lets through.
//!
//! It is an index into the snapshot and is never copied or sorted: events stand in the order in which they came, or the
//! other way round. While the cursor is on the newest row it follows the stream. `group` makes one line of equal events.

mod group;

use super::event_cells::{EventColumn, count_cell, event_cell, event_columns, event_selection, is_of_groups};
use super::heading::{self, Heading};
use super::{Ctx, Selection, View, peek, words};
use crate::base::text;
use crate::base::time::Timestamp;
use crate::model::ids::EventId;
use crate::ui::action::{Action, Context};
use crate::ui::effect::{Effect, Place};
use crate::ui::find::scope::{OnScreen, Scope, Spot};
use crate::ui::marks::{Target, marked};
use crate::ui::mouse::{Gesture, Mouse};
use crate::ui::theme::Meaning;
use crate::ui::widget::pairs::Pair;
use crate::ui::widget::put;
use crate::ui::widget::table::{Arranged, Cell, ColumnList, Columns as _, Done, Hit, Look, MOST_SELECTED, Pointed, RowOrder, Table};
use group::{Grouped, Line};
use ratatui::buffer::Buffer;

/// Kind of the table, where its columns are arranged.
const TABLE: &str = "events";
/// Declared position of the time.
const TIME: usize = 0;
/// Labels of the details pane, in cells.
const IN_ORDER: &str = "events stand in the order of their time (s on the time turns it round); narrow them with i, x or /";

pub struct Events {
    table: Table,
    /// The cursor keeps to the newest as the list grows.
    follow: bool,
    grouped: Option<Grouped>,
    /// Events there were when it was last looked.
    len: usize,
    /// Text of the filter then.
    filter: Option<String>,
}

impl Default for Events {
    fn default() -> Self {
        // The cursor begins on the account, which is what is narrowed to most.
        let table = Table::sorted_by(TIME, false).with_column(6);
        Self { table, follow: true, grouped: None, len: 0, filter: None }
    }
}

fn len(ctx: &Ctx<'_>) -> usize {
    ctx.projection.map_or(ctx.snapshot.tables.events.len(), |projection| projection.events.len())
}

/// The event at a place of the list, oldest first.
fn id(place: usize, ctx: &Ctx<'_>) -> Option<EventId> {
    match ctx.projection {
        Some(projection) => projection.events.get(place).copied(),
        None => (place < ctx.snapshot.tables.events.len()).then(|| EventId::new(place)),
    }
}

/// Where a line begins, the cells of one group, and how the rest of it is told.
fn group_cell(line: &Line, column: EventColumn, is_opened: bool, ctx: &Ctx<'_>) -> Cell {
    match column {
        EventColumn::Count if line.inside => Cell::dim(ctx.glyphs.tree_branch),
        EventColumn::Count if line.count > 1 => {
            let cell = count_cell(line.count);
            Cell { text: format!("{}{}", if is_opened { "-" } else { "+" }, cell.text), ..cell }
        }
        EventColumn::Count => count_cell(1),
        EventColumn::Since if line.count == 1 => Cell::text(""),
        EventColumn::Since => id(line.first, ctx).map_or_else(|| Cell::text(""), |id| event_cell(id, column, ctx)),
        column => id(line.event, ctx).map_or_else(|| Cell::text(""), |id| event_cell(id, column, ctx)),
    }
}

impl Events {
    fn columns(&self, ctx: &Ctx<'_>) -> Arranged<'static, EventColumn> {
        let mut columns = ctx.columns.arrange(TABLE, event_columns(ctx.area.width));
        if self.grouped.is_some() {
            columns.force(is_of_groups)
        } else {
            columns.without(is_of_groups)
        }
        columns
    }
    /// The place in the list of a row of the table.
    fn place(&self, row: usize, ctx: &Ctx<'_>) -> Option<usize> {
        let last = len(ctx).checked_sub(1)?;
        Some(if self.table.reverse { last.saturating_sub(row) } else { row.min(last) })
    }
    fn at(&self, row: usize, ctx: &Ctx<'_>) -> Option<EventId> {
        id(self.place(row, ctx)?, ctx)
    }
    fn under(&self, ctx: &Ctx<'_>) -> Option<EventId> {
        match &self.grouped {
            Some(grouped) => id(grouped.under(ctx)?.event, ctx),
            None => self.at(self.table.cursor.min(len(ctx).checked_sub(1)?), ctx),
        }
    }
    fn height(ctx: &Ctx<'_>) -> usize {
        usize::from(peek::parts(ctx).list.height.saturating_sub(1)).max(1)
    }
    /// Puts the cursor on an event of the list.
    fn go(&mut self, place: usize, ctx: &Ctx<'_>) {
        match &mut self.grouped {
            Some(grouped) => grouped.go(place, ctx),
            None => {
                let row = if self.table.reverse { len(ctx).saturating_sub(place + 1) } else { place };
                self.table.show(row, len(ctx), peek::parts(ctx).list);
            }
        }
    }
    /// Whether the cursor is where the newest arrives.
    fn is_newest(&self, ctx: &Ctx<'_>) -> bool {
        match &self.grouped {
            Some(grouped) => grouped.is_last(ctx),
            None if self.table.reverse => self.table.cursor == 0,
            None => self.table.cursor + 1 >= len(ctx),
        }
    }
    fn go_newest(&mut self, ctx: &Ctx<'_>) {
        let action = if self.table.reverse { Action::CursorFirst } else { Action::CursorLast };
        match &mut self.grouped {
            Some(grouped) => {
                grouped.update(Action::CursorLast, Self::height(ctx), ctx);
            }
            None => {
                self.table.update(action, event_columns(ctx.area.width), len(ctx), peek::parts(ctx).list);
            }
        }
    }
    /// One line for equal events, or one for each again; the cursor stays with its event.
    fn group(&mut self, ctx: &Ctx<'_>) -> Vec<Effect> {
        let place = match &self.grouped {
            Some(grouped) => grouped.under(ctx).map(|line| line.event),
            None => self.place(self.table.cursor, ctx),
        };
        self.table.anchor = None;
        self.table.reverse = false;
        let words = if self.grouped.take().is_none() {
            let mut grouped = Grouped::default();
            grouped.look(ctx);
            self.grouped = Some(grouped);
            format!("equal events of each {} are one line; Enter opens it", text::count(group::BLOCK as u64))
        } else {
            "each event is a line".to_owned()
        };
        if self.follow {
            self.go_newest(ctx);
        } else if let Some(place) = place {
            self.go(place, ctx);
        }
        vec![Effect::Say(words)]
    }
    /// Takes in what came, and another filter.
    fn look(&mut self, ctx: &Ctx<'_>) {
        let filter = ctx.projection.map(|projection| projection.key.clone());
        let (before, now) = (self.len, len(ctx));
        if let Some(grouped) = &mut self.grouped {
            grouped.look(ctx);
        }
        if filter != self.filter || now < before {
            self.table.anchor = None;
        } else if self.table.reverse && now > before && !self.follow {
            // What is looked at stays, and newer ones come above it.
            self.table.shift(now - before);
        }
        self.filter = filter;
        self.len = now;
        if self.follow && !self.selects() {
            self.go_newest(ctx);
        }
    }
    fn selects(&self) -> bool {
        self.table.anchor.is_some() || self.grouped.as_ref().is_some_and(Grouped::selects)
    }
    fn open(&mut self, ctx: &Ctx<'_>) -> Vec<Effect> {
        if self.grouped.as_mut().is_some_and(|grouped| grouped.toggle(ctx)) {
            self.follow = false;
            return Vec::new();
        }
        self.under(ctx).map(|id| Effect::Open(Place::Event(id))).into_iter().collect()
    }
    /// Turns the list round, or says why it cannot be sorted so.
    fn sort(&mut self, column: Option<usize>, ctx: &Ctx<'_>) -> Vec<Effect> {
        if column != Some(TIME) {
            return vec![Effect::Say(IN_ORDER.to_owned())];
        }
        if self.grouped.is_some() {
            return vec![Effect::Say("grouped events stand oldest first; z g ends the grouping".to_owned())];
        }
        let place = self.place(self.table.cursor, ctx);
        self.table.reverse = !self.table.reverse;
        self.table.anchor = None;
        if self.follow {
            self.go_newest(ctx);
        } else if let Some(place) = place {
            self.go(place, ctx);
        }
        Vec::new()
    }
    fn why_empty(ctx: &Ctx<'_>) -> String {
        match ctx.snapshot.tables.events.len() {
            0 => super::empty::sentence(ctx).unwrap_or_default(),
            all => format!("the filter hides all {} events; u takes the last filter change back", text::count(all as u64)),
        }
    }
    /// All that the record states, for the details pane.
    fn details(id: EventId, ctx: &Ctx<'_>) -> Vec<Pair> {
        let known = event_columns(u16::MAX).iter().filter(|column| !is_of_groups(column.key));
        let pair = |column: &super::super::widget::columns::Column<EventColumn>| {
            let cell = event_cell(id, column.key, ctx);
            let words = text::clean(&cell.text).trim().to_owned();
            (!words.is_empty() && words != words::ABSENT && column.key != EventColumn::Exact).then(|| Pair {
                label: column.title,
                words,
                meaning: if cell.meaning == Meaning::Dim { Meaning::Text } else { cell.meaning },
            })
        };
        known.filter_map(pair).collect()
    }
    /// Events of the same account before this one, newest first.
    fn before(event: EventId, most: usize, ctx: &Ctx<'_>) -> Vec<EventId> {
        let tables = &ctx.snapshot.tables;
        let previous = |id: &EventId| tables.event(*id).and_then(|row| row.previous_of_account.some());
        std::iter::successors(previous(&event), previous).take(most).collect()
    }
    fn mouse_in_groups(&mut self, mouse: Mouse, ctx: &Ctx<'_>) -> Vec<Effect> {
        let area = peek::parts(ctx).list;
        let columns = self.columns(ctx);
        let Some(grouped) = &mut self.grouped else { return Vec::new() };
        if let Some(action) = mouse.wheel() {
            for _ in 0..3 {
                grouped.update(action, Self::height(ctx), ctx);
            }
            self.follow = grouped.is_last(ctx);
            return Vec::new();
        }
        let (lines, on) = grouped.window(Self::height(ctx), ctx);
        match Table::default().hit(&columns, lines.len(), area, mouse.at) {
            Some(Hit::Head(column)) if mouse.gesture == Gesture::Press => return self.sort(Some(column), ctx),
            Some(Hit::Row(row, column)) => {
                let (Some(line), here) = (lines.get(row), row == on && !grouped.selects()) else { return Vec::new() };
                match mouse.gesture {
                    Gesture::Press => {
                        grouped.unselect();
                        grouped.go_line(*line);
                        self.table.column = column.unwrap_or(self.table.column);
                        self.follow = grouped.is_last(ctx);
                        if here {
                            return self.open(ctx);
                        }
                    }
                    Gesture::Drag if row != on || grouped.selects() => {
                        if let Some(from) = lines.get(on) {
                            grouped.select_from(*from);
                        }
                        grouped.go_line(*line);
                    }
                    _ => {}
                }
            }
            _ => {}
        }
        Vec::new()
    }
}

impl View for Events {
    fn crumb(&self, _ctx: &Ctx<'_>) -> String {
        "Events".to_owned()
    }
    fn context(&self) -> Context {
        Context::Table
    }
    fn update(&mut self, action: Action, ctx: &Ctx<'_>) -> Vec<Effect> {
        let columns = self.columns(ctx);
        match action {
            Action::TableGroup => return self.group(ctx),
            Action::TableSelect => {
                match &mut self.grouped {
                    Some(grouped) => grouped.select(ctx),
                    None => self.table.select(),
                }
                return Vec::new();
            }
            Action::TableSort => {
                let under = self.table.under(&columns, peek::parts(ctx).list.width);
                let index = columns.all().iter().position(|column| Some(column.key) == under);
                return self.sort(index, ctx);
            }
            Action::TableReverse => return self.sort(Some(TIME), ctx),
            Action::PopupDismiss if self.grouped.as_mut().is_some_and(Grouped::unselect) => return Vec::new(),
            _ => {}
        }
        if let Some(grouped) = &mut self.grouped
            && grouped.update(action, Self::height(ctx), ctx)
        {
            self.follow = grouped.is_last(ctx);
            return Vec::new();
        }
        match self.table.update(action, &columns, len(ctx), peek::parts(ctx).list) {
            Done::Ignored if action == Action::NavOpen => return self.open(ctx),
            Done::Ignored | Done::Sorted | Done::Unsortable => {}
            Done::Moved => self.follow = self.is_newest(ctx),
        }
        Vec::new()
    }
    fn go_to(&mut self, at: Timestamp, ctx: &Ctx<'_>) -> Option<Vec<Effect>> {
        // Events stand nearly in the order of their time: halving finds the place to within the late ones.
        let (mut low, mut high) = (0, len(ctx));
        while low < high {
            let middle = low + (high - low) / 2;
            let before = id(middle, ctx).and_then(|id| ctx.snapshot.tables.events.at(id.index())).is_some_and(|found| found < at);
            if before { low = middle + 1 } else { high = middle }
        }
        self.go(low.min(len(ctx).saturating_sub(1)), ctx);
        self.follow = false;
        Some(Vec::new())
    }
    fn finds(&self, ctx: &Ctx<'_>) -> Option<Scope> {
        let at = match &self.grouped {
            Some(grouped) => grouped.under(ctx).map(|line| line.event),
            None => self.place(self.table.cursor, ctx),
        };
        Some(Scope::Events { at: at.unwrap_or(0), reverse: self.grouped.is_none() && self.table.reverse })
    }
    fn found(&mut self, spot: &Spot, ctx: &Ctx<'_>) -> Vec<Effect> {
        self.go(spot.line, ctx);
        self.follow = false;
        Vec::new()
    }
    fn on_screen(&self, ctx: &Ctx<'_>) -> Vec<OnScreen> {
        let area = peek::parts(ctx).list;
        match &self.grouped {
            Some(grouped) => {
                let (lines, on) = grouped.window(Self::height(ctx), ctx);
                OnScreen::rows(&self.table.part(on, None), lines.len(), area, |row| id(lines.get(row)?.event, ctx).map(Target::Event))
            }
            None => OnScreen::rows(&self.table, len(ctx), area, |row| self.at(row, ctx).map(Target::Event)),
        }
    }
    fn refresh(&mut self, ctx: &Ctx<'_>) -> Vec<Effect> {
        self.look(ctx);
        Vec::new()
    }
    fn mouse(&mut self, mouse: Mouse, ctx: &Ctx<'_>) -> Vec<Effect> {
        if self.grouped.is_some() {
            return self.mouse_in_groups(mouse, ctx);
        }
        let (columns, area) = (self.columns(ctx), peek::parts(ctx).list);
        if let (Gesture::Press, Some(Hit::Head(column))) = (mouse.gesture, self.table.hit(&columns, len(ctx), area, mouse.at)) {
            return self.sort(Some(column), ctx);
        }
        match self.table.mouse(mouse, &columns, len(ctx), area) {
            Pointed::Open => return self.open(ctx),
            Pointed::Moved => self.follow = self.is_newest(ctx) && !self.selects(),
            Pointed::Nothing | Pointed::Sorted | Pointed::Unsortable => {}
        }
        Vec::new()
    }
    fn draw(&self, buffer: &mut Buffer, ctx: &Ctx<'_>) {
        let (area, shown, all) = (ctx.area, len(ctx), ctx.snapshot.tables.events.len());
        let following = if self.follow { "   following the end" } else { "" };
        let following = if self.follow && self.table.reverse { "   following, newest first" } else { following };
        let grouped = match &self.grouped {
            Some(_) => format!("   equal ones of each {} in one line", text::count(group::BLOCK as u64)),
            None => String::new(),
        };
        let words = format!("{} of {} events shown{grouped}{following}", text::count(shown as u64), text::count(all as u64));
        let columns = self.columns(ctx);
        let parts = peek::parts(ctx);
        let look = Look { theme: ctx.theme, glyphs: ctx.glyphs, focus: true };
        let left_out = columns.list(TABLE, parts.list.width, self.table.column).left_out();
        let mut selected = heading::selected(&self.table, shown);
        match &self.grouped {
            None => {
                self.table.draw(buffer, parts.list, &columns, shown, look, |row, column| {
                    self.at(row, ctx).map_or_else(|| Cell::text(""), |id| event_cell(id, column, ctx))
                });
                marked::signs(buffer, parts.list, &self.table, shown, look, ctx, |row| self.at(row, ctx).map(Target::Event));
            }
            Some(grouped) => {
                let (lines, on) = grouped.window(Self::height(ctx), ctx);
                let chosen = grouped.selected(MOST_SELECTED, ctx);
                let is_chosen = |line: &&Line| chosen.contains(*line);
                // Lines on screen are a table of their own; of a selection it shows the part that is on screen.
                let anchor = match lines.iter().position(|line| is_chosen(&line)) {
                    Some(first) if first < on => Some(first),
                    Some(_) => lines.iter().rposition(|line| is_chosen(&line)),
                    None => None,
                };
                let table = self.table.part(on, anchor);
                table.draw(buffer, parts.list, &columns, lines.len(), look, |row, column| {
                    lines.get(row).map_or_else(|| Cell::text(""), |line| group_cell(line, column, grouped.is_opened(line), ctx))
                });
                marked::signs(buffer, parts.list, &table, lines.len(), look, ctx, |row| id(lines.get(row)?.event, ctx).map(Target::Event));
                selected = heading::selected_of(chosen.len());
            }
        }
        heading::draw(buffer, &Heading { words, left_out, selected }, ctx);
        if shown == 0 {
            put(buffer, area.x + 2, area.y + 3, area.width.saturating_sub(2), &Self::why_empty(ctx), ctx.theme.style(Meaning::Text));
        }
        if let (Some(area), Some(id)) = (parts.details, self.under(ctx)) {
            let title = words::event_title(id, ctx);
            let before = peek::Newest { title: "before it, same account", events: &|most| Self::before(id, most, ctx) };
            peek::draw(buffer, area, &title, &Self::details(id, ctx), &before, ctx);
        }
    }
    fn selection(&self, ctx: &Ctx<'_>) -> Selection {
        let column = self.table.under(&self.columns(ctx), peek::parts(ctx).list.width);
        self.under(ctx).map_or_else(Selection::default, |id| event_selection(id, column, ctx))
    }
    fn selected(&self, ctx: &Ctx<'_>) -> Vec<(Selection, String)> {
        let columns = self.columns(ctx);
        let column = self.table.under(&columns, peek::parts(ctx).list.width);
        let wanted = || columns.wanted().filter_map(|index| columns.all().get(index));
        match &self.grouped {
            Some(grouped) => {
                let chosen = grouped.selected(MOST_SELECTED, ctx);
                let one = |line: &Line| {
                    let cells = wanted().map(|column| group_cell(line, column.key, grouped.is_opened(line), ctx).text);
                    Some((event_selection(id(line.event, ctx)?, column, ctx), heading::line(cells)))
                };
                chosen.iter().filter_map(one).collect()
            }
            None => {
                let Some(rows) = self.table.selected(len(ctx)) else { return Vec::new() };
                let one = |id: EventId| {
                    let cells = wanted().map(|column| event_cell(id, column.key, ctx).text);
                    (event_selection(id, column, ctx), heading::line(cells))
                };
                rows.filter_map(|row| self.at(row, ctx)).map(one).collect()
            }
        }
    }
    fn unselect(&mut self) {
        self.table.anchor = None;
        if let Some(grouped) = &mut self.grouped {
            grouped.unselect();
        }
    }
    fn order(&self) -> Option<RowOrder> {
        self.table.order(event_columns(u16::MAX))
    }
    fn set_order(&mut self, order: &RowOrder) {
        self.table.set_order(event_columns(u16::MAX), order);
    }
    fn columns(&self, ctx: &Ctx<'_>) -> Option<ColumnList> {
        Some(self.columns(ctx).list(TABLE, peek::parts(ctx).list.width, self.table.column))
    }
    fn target(&self, ctx: &Ctx<'_>) -> Option<Target> {
        self.under(ctx).map(Target::Event)
    }
    fn sentence(&self, ctx: &Ctx<'_>) -> String {
        let Some(id) = self.under(ctx) else { return Self::why_empty(ctx) };
        let grouped = self.grouped.as_ref().and_then(|grouped| grouped.under(ctx)).filter(|line| line.count > 1);
        let of = grouped.map_or_else(String::new, |line| format!("the last of {}: ", words::plural(line.count, "equal event")));
        format!("{of}{}", words::event_sentence(id, ctx))
    }
}
