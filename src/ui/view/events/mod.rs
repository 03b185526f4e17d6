//! The flat list of events, newest at the end; with a filter, those that it lets through.
//!
//! It is an index into the snapshot and is never copied or sorted: events stand in the order in which they came, or the
//! other way round. While the cursor is on the newest row it follows the stream. `group` makes one line of equal events.
//! Where the oldest are in memory no longer the list goes on with what the history has of them (`older`).

mod cells;
mod group;
mod older;
mod pointing;

use super::event_cells::{EventColumn, event_columns, event_selection, is_of_groups, old_cell, old_selection};
use super::heading::{self, Heading};
use super::{Ctx, Reply, Selection, View, gone, peek, words};
use crate::base::text;
use crate::base::time::Timestamp;
use crate::history::older_row::OldRow;
use crate::model::ids::EventId;
use crate::ui::action::{Action, Context};
use crate::ui::effect::{Effect, Place};
use crate::ui::find::scope::{OnScreen, Scope, Spot};
use crate::ui::marks::{Target, marked};
use crate::ui::mouse::{Gesture, Mouse};
use crate::ui::theme::Meaning;
use crate::ui::widget::put;
use crate::ui::widget::table::{Arranged, Cell, ColumnList, Columns as _, Done, Hit, Look, MOST_SELECTED, Pointed, RowOrder, Table};
use cells::group_cell;
use group::Grouped;
use older::{Mark, OldLines};
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
    old: OldLines,
    /// The line of the cursor when it was last looked.
    mark: Option<Mark>,
    /// Events there were when it was last looked.
    len: usize,
    /// Text of the filter then.
    filter: Option<String>,
}

impl Default for Events {
    fn default() -> Self {
        // The cursor begins on the account, which is what is narrowed to most.
        let table = Table::sorted_by(TIME, false).with_column(6);
        Self { table, follow: true, grouped: None, old: OldLines::default(), mark: None, len: 0, filter: None }
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
    fn lines(&self, ctx: &Ctx<'_>) -> usize {
        self.old.len(ctx)
    }
    /// The number of a row of the table in the order of time, and the other way round.
    fn turned(&self, row: usize, ctx: &Ctx<'_>) -> usize {
        let last = self.lines(ctx).saturating_sub(1);
        if self.table.reverse { last.saturating_sub(row) } else { row.min(last) }
    }
    fn line(&self, row: usize, ctx: &Ctx<'_>) -> Option<older::Line> {
        self.old.line(self.turned(row, ctx), ctx)
    }
    fn row_of(&self, line: older::Line, ctx: &Ctx<'_>) -> usize {
        self.turned(self.old.number(line, ctx), ctx)
    }
    /// The place in the list of a row of the table; nothing where that is not in memory.
    fn place(&self, row: usize, ctx: &Ctx<'_>) -> Option<usize> {
        match self.line(row, ctx)? {
            older::Line::Kept(place) => Some(place),
            _ => None,
        }
    }
    fn at(&self, row: usize, ctx: &Ctx<'_>) -> Option<EventId> {
        id(self.place(row, ctx)?, ctx)
    }
    /// The line under the cursor, where each event is one.
    fn under_line(&self, ctx: &Ctx<'_>) -> Option<older::Line> {
        if self.grouped.is_some() { None } else { self.line(self.table.cursor, ctx) }
    }
    /// The event of the history under the cursor.
    fn under_old(&self, ctx: &Ctx<'_>) -> Option<&OldRow> {
        match self.under_line(ctx)? {
            older::Line::Old(place) => self.old.row(place),
            _ => None,
        }
    }
    fn under(&self, ctx: &Ctx<'_>) -> Option<EventId> {
        match &self.grouped {
            Some(grouped) => id(grouped.under(ctx)?.event, ctx),
            None => self.at(self.table.cursor, ctx),
        }
    }
    /// Reads on in the history where the cursor comes near.
    fn wish(&mut self, ctx: &Ctx<'_>) -> Vec<Effect> {
        self.mark = self.under_line(ctx).map(|line| self.old.mark(line));
        if self.follow || self.grouped.is_some() {
            return Vec::new();
        }
        let number = self.turned(self.table.cursor, ctx);
        self.old.wish(number, Self::height(ctx), ctx).into_iter().collect()
    }
    /// Puts the cursor where its line is now; window and selection go with it.
    fn settle(&mut self, ctx: &Ctx<'_>) {
        let Some(mark) = self.mark.filter(|_| self.grouped.is_none()) else { return };
        let row = self.row_of(self.old.marked(mark), ctx);
        self.table.shift(row.cast_signed() - self.table.cursor.cast_signed());
    }
    fn height(ctx: &Ctx<'_>) -> usize {
        usize::from(peek::parts(ctx).list.height.saturating_sub(1)).max(1)
    }
    /// Puts the cursor on an event of the list.
    fn go(&mut self, place: usize, ctx: &Ctx<'_>) {
        match &mut self.grouped {
            Some(grouped) => grouped.go(place, ctx),
            None => {
                let row = self.row_of(older::Line::Kept(place), ctx);
                self.table.show(row, self.lines(ctx), peek::parts(ctx).list);
            }
        }
    }
    /// Whether the cursor is where the newest arrives.
    fn is_newest(&self, ctx: &Ctx<'_>) -> bool {
        match &self.grouped {
            Some(grouped) => grouped.is_last(ctx),
            None if self.table.reverse => self.table.cursor == 0,
            None => self.table.cursor + 1 >= self.lines(ctx),
        }
    }
    fn go_newest(&mut self, ctx: &Ctx<'_>) {
        let action = if self.table.reverse { Action::CursorFirst } else { Action::CursorLast };
        match &mut self.grouped {
            Some(grouped) => {
                grouped.update(Action::CursorLast, Self::height(ctx), ctx);
            }
            None => {
                self.table.update(action, event_columns(ctx.area.width), self.old.len(ctx), peek::parts(ctx).list);
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
        self.old.look(matches!(self.mark, Some(Mark::Old(_) | Mark::Gap)), ctx);
        if filter != self.filter || now < before {
            self.table.anchor = None;
        } else if !self.follow {
            // What is looked at stays, and others come before it or go.
            self.settle(ctx);
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
        if matches!(self.under_line(ctx), Some(older::Line::Top | older::Line::Gap)) {
            self.old.again();
            return self.wish(ctx);
        }
        if self.under_old(ctx).is_some() {
            let text =
                "only the history has this event, with time, account, host, source and outcome; the rest stands in the log it came from";
            return vec![Effect::Say(text.to_owned())];
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
        let events = &ctx.snapshot.tables.events;
        match events.len() - events.first_kept() {
            0 => super::empty::sentence(ctx).unwrap_or_default(),
            all => format!("the filter hides all {} events; u takes the last filter change back", text::count(all as u64)),
        }
    }
    /// A moment before what is in memory.
    fn go_back_to(&mut self, at: Timestamp, ctx: &Ctx<'_>) -> Vec<Effect> {
        self.follow = false;
        let line = self.old.at(at);
        let effect = if line.is_none() { self.old.go(at, ctx) } else { None };
        let row = self.row_of(line.unwrap_or(older::Line::Top), ctx);
        self.table.show(row, self.lines(ctx), peek::parts(ctx).list);
        self.mark = self.under_line(ctx).map(|line| self.old.mark(line));
        effect.map_or_else(|| self.wish(ctx), |effect| vec![effect])
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
        match self.table.update(action, &columns, self.lines(ctx), peek::parts(ctx).list) {
            Done::Ignored if action == Action::NavOpen => return self.open(ctx),
            Done::Ignored | Done::Sorted | Done::Unsortable => {}
            Done::Moved => self.follow = self.is_newest(ctx),
        }
        self.wish(ctx)
    }
    fn go_to(&mut self, at: Timestamp, ctx: &Ctx<'_>) -> Option<Vec<Effect>> {
        // Events stand nearly in the order of their time: halving finds the place to within the late ones.
        let (mut low, mut high) = (older::first(ctx), len(ctx));
        let oldest = id(low, ctx).and_then(|id| ctx.snapshot.tables.event(id)).map(|row| row.event.at);
        if ctx.snapshot.let_go.events > 0 && self.grouped.is_none() && oldest.is_none_or(|oldest| at < oldest) {
            return Some(self.go_back_to(at, ctx));
        }
        while low < high {
            let middle = low + (high - low) / 2;
            let before = id(middle, ctx).and_then(|id| ctx.snapshot.tables.events.at(id.index())).is_some_and(|found| found < at);
            if before { low = middle + 1 } else { high = middle }
        }
        self.go(low.min(len(ctx).saturating_sub(1)), ctx);
        self.follow = false;
        Some(self.wish(ctx))
    }
    fn receive(&mut self, reply: &Reply, ctx: &Ctx<'_>) {
        let Reply::Older(asked, found) = reply else { return };
        let before = self.old.read();
        if !self.old.receive(asked, found, ctx) {
            return;
        }
        let more = self.old.read().saturating_sub(before);
        if self.mark == Some(Mark::Top) && !asked.forward && more > 0 {
            // Who waited over all lines goes on from the newest that came.
            self.mark = Some(self.old.mark(older::Line::Old(more - 1)));
        }
        if !self.follow {
            self.settle(ctx);
        }
    }
    fn finds(&self, ctx: &Ctx<'_>) -> Option<Scope> {
        let at = match &self.grouped {
            Some(grouped) => grouped.under(ctx).map(|line| line.event),
            None => self.place(self.table.cursor, ctx),
        };
        Some(Scope::Events { at: at.unwrap_or_else(|| older::first(ctx)), reverse: self.grouped.is_none() && self.table.reverse })
    }
    fn found(&mut self, spot: &Spot, ctx: &Ctx<'_>) -> Vec<Effect> {
        self.go(spot.line, ctx);
        self.follow = false;
        self.wish(ctx)
    }
    fn on_screen(&self, ctx: &Ctx<'_>) -> Vec<OnScreen> {
        let area = peek::parts(ctx).list;
        match &self.grouped {
            Some(grouped) => {
                let (lines, on) = grouped.window(Self::height(ctx), ctx);
                OnScreen::rows(&self.table.part(on, None), lines.len(), area, |row| id(lines.get(row)?.event, ctx).map(Target::Event))
            }
            None => OnScreen::rows(&self.table, self.lines(ctx), area, |row| self.at(row, ctx).map(Target::Event)),
        }
    }
    fn refresh(&mut self, ctx: &Ctx<'_>) -> Vec<Effect> {
        self.look(ctx);
        self.wish(ctx)
    }
    fn mouse(&mut self, mouse: Mouse, ctx: &Ctx<'_>) -> Vec<Effect> {
        if self.grouped.is_some() {
            return self.mouse_in_groups(mouse, ctx);
        }
        let (columns, area) = (self.columns(ctx), peek::parts(ctx).list);
        if let (Gesture::Press, Some(Hit::Head(column))) = (mouse.gesture, self.table.hit(&columns, self.lines(ctx), area, mouse.at)) {
            return self.sort(Some(column), ctx);
        }
        match self.table.mouse(mouse, &columns, self.old.len(ctx), area) {
            Pointed::Open => return self.open(ctx),
            Pointed::Moved => self.follow = self.is_newest(ctx) && !self.selects(),
            Pointed::Nothing | Pointed::Sorted | Pointed::Unsortable => {}
        }
        self.wish(ctx)
    }
    fn draw(&self, buffer: &mut Buffer, ctx: &Ctx<'_>) {
        let (area, all, lines) = (ctx.area, ctx.snapshot.tables.events.len(), self.lines(ctx));
        let old = if self.grouped.is_some() { 0 } else { self.old.read() };
        let shown = len(ctx) - older::first(ctx) + old;
        let following = if self.follow { "   following the end" } else { "" };
        let following = if self.follow && self.table.reverse { "   following, newest first" } else { following };
        let grouped = match &self.grouped {
            Some(_) => format!("   equal ones of each {} in one line", text::count(group::BLOCK as u64)),
            None => String::new(),
        };
        let gone = gone::behind(ctx);
        let words = format!("{} of {} events shown{gone}{grouped}{following}", text::count(shown as u64), text::count(all as u64));
        let columns = self.columns(ctx);
        let parts = peek::parts(ctx);
        let look = Look { theme: ctx.theme, glyphs: ctx.glyphs, focus: true };
        let left_out = columns.list(TABLE, parts.list.width, self.table.column).left_out();
        let mut selected = heading::selected(&self.table, lines);
        match &self.grouped {
            None => {
                self.table.draw(buffer, parts.list, &columns, lines, look, |row, column| self.cell(row, column, ctx));
                self.draw_words(buffer, parts.list, ctx);
                marked::signs(buffer, parts.list, &self.table, lines, look, ctx, |row| self.at(row, ctx).map(Target::Event));
            }
            Some(grouped) => {
                let (lines, on) = grouped.window(Self::height(ctx), ctx);
                let chosen = grouped.selected(MOST_SELECTED, ctx);
                let is_chosen = |line: &&group::Line| chosen.contains(*line);
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
        if let (Some(area), Some(old)) = (parts.details, self.under_old(ctx)) {
            let title = format!("{} (from the history)", words::row_title(&old.row.event, ctx));
            let pairs = Self::pairs(|column| old_cell(&old.row, column, ctx));
            peek::draw(buffer, area, &title, &pairs, &peek::Newest { title: "", events: &|_| Vec::new() }, ctx);
        }
    }
    fn selection(&self, ctx: &Ctx<'_>) -> Selection {
        let column = self.table.under(&self.columns(ctx), peek::parts(ctx).list.width);
        if let Some(old) = self.under_old(ctx) {
            return old_selection(&old.row, column, ctx);
        }
        self.under(ctx).map_or_else(Selection::default, |id| event_selection(id, column, ctx))
    }
    fn selected(&self, ctx: &Ctx<'_>) -> Vec<(Selection, String)> {
        let columns = self.columns(ctx);
        let column = self.table.under(&columns, peek::parts(ctx).list.width);
        let wanted = || columns.wanted().filter_map(|index| columns.all().get(index));
        match &self.grouped {
            Some(grouped) => {
                let chosen = grouped.selected(MOST_SELECTED, ctx);
                let one = |line: &group::Line| {
                    let cells = wanted().map(|column| group_cell(line, column.key, grouped.is_opened(line), ctx).text);
                    Some((event_selection(id(line.event, ctx)?, column, ctx), heading::line(cells)))
                };
                chosen.iter().filter_map(one).collect()
            }
            None => {
                let Some(rows) = self.table.selected(self.lines(ctx)) else { return Vec::new() };
                let one = |row: usize| {
                    let cells = wanted().map(|column| self.cell(row, column.key, ctx).text);
                    Some((self.chosen(row, column, ctx)?, heading::line(cells)))
                };
                rows.filter_map(one).collect()
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
        match self.under_line(ctx) {
            Some(older::Line::Old(place)) => {
                let of = |old: &OldRow| format!("from the history: {}", words::row_sentence(&old.row, ctx));
                return self.old.row(place).map_or_else(String::new, of);
            }
            Some(line @ (older::Line::Top | older::Line::Gap)) => return self.old.words(line, ctx),
            _ => {}
        }
        let Some(id) = self.under(ctx) else { return Self::why_empty(ctx) };
        let grouped = self.grouped.as_ref().and_then(|grouped| grouped.under(ctx)).filter(|line| line.count > 1);
        let of = grouped.map_or_else(String::new, |line| format!("the last of {}: ", words::plural(line.count, "equal event")));
        format!("{of}{}", words::event_sentence(id, ctx))
    }
}
