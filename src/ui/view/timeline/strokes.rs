//! One row of bars and notes: signs of begin, end and what is uncertain, names in the bar or behind it, else at the left.

use super::bars::{Bar, Item, Note, Shape, Tail};
use super::draw::Cursor;
use super::lanes::{LaneRows, Scene};
use crate::base::text;
use crate::model::ids::{AccountId, HostId};
use crate::ui::theme::Meaning;
use crate::ui::view::Ctx;
use crate::ui::widget::put;
use ratatui::buffer::Buffer;
use ratatui::style::Style;

/// Stretches of one session that are drawn, the newest.
const STRETCHES: usize = 256;

/// `user@HOST` as short as it can be said.
#[must_use]
pub fn who(ctx: &Ctx<'_>, account: AccountId, host: HostId) -> String {
    let (names, tables) = (&ctx.snapshot.names, &ctx.snapshot.tables);
    let name = tables.account(account).map_or_else(String::new, |account| match names.raw(account.user) {
        "" => account.name(names),
        _ => names.shown(account.user),
    });
    let user = name.split_once('@').map_or(name.as_str(), |(user, _)| user);
    match tables.host(host) {
        Some(host) => format!("{user}@{}", host.short(names)),
        None => name,
    }
}

/// A row being drawn.
pub struct Strokes<'a, 'b> {
    pub buffer: &'a mut Buffer,
    pub ctx: &'a Ctx<'b>,
    pub scene: &'a Scene,
    pub y: u16,
}

impl Strokes<'_, '_> {
    fn put(&mut self, column: u16, cells: u16, words: &str, style: Style) {
        let x = self.scene.geometry.x(column);
        put(self.buffer, x, self.y, cells, words, style);
    }
    fn sign(&mut self, column: u16, glyph: &'static str, style: Style) {
        super::draw::sign(self.buffer, self.scene.geometry.x(column), self.y, glyph, style);
    }
    /// Draws row `row` of a lane; with a cursor when it stands in this row.
    pub fn row(&mut self, lane: &LaneRows, row: usize, cursor: Option<Cursor>) {
        let Some(items) = lane.rows.get(row) else { return };
        let columns = self.scene.geometry.columns;
        let mut beside: Vec<String> = Vec::new();
        for (number, item) in items.iter().enumerate() {
            let next = items.get(number + 1).map_or(columns, |next| next.from);
            let free = number.checked_sub(1).and_then(|before| items.get(before)).map_or(0, |before| before.to + 1);
            let here = cursor.is_some_and(|cursor| cursor.focus.is_some_and(|key| item.is(key)));
            match &item.shape {
                Shape::Bar(bar) => {
                    let name = self.bar(item, bar, next, here);
                    beside.extend(name.filter(|name| !beside.contains(name)));
                }
                Shape::Note(note) => self.note(note, free, next, here),
            }
        }
        let area = self.scene.geometry.area;
        if cursor.is_some() {
            put(self.buffer, area.x, self.y, 1, self.ctx.glyphs.cursor_bar, self.ctx.theme.style(Meaning::Strong));
        }
        let (mut words, mut style) = (String::new(), self.ctx.theme.style(Meaning::Dim));
        if row + 1 == lane.rows.len() && lane.overflows() {
            words = format!("{} more  ", lane.more_words());
            if cursor.is_some_and(|cursor| cursor.focus == Some(super::bars::Key::More)) {
                style = self.ctx.theme.style(Meaning::Cursor);
            }
        }
        words.push_str(&beside.join(" "));
        let room = self.scene.geometry.left.saturating_sub(4);
        put(self.buffer, area.x + 3, self.y, room, words.trim_end(), style);
    }
    /// Gives the name that found no room.
    fn bar(&mut self, item: &Item, bar: &Bar, next: u16, here: bool) -> Option<String> {
        let glyphs = self.ctx.glyphs;
        let theme = self.ctx.theme;
        let mut style = match (bar.worst, bar.tail) {
            (Some(severity), _) => theme.style(Meaning::Severity(severity)),
            (None, Tail::Open) => theme.style(Meaning::Open),
            (None, _) => theme.style(Meaning::Text),
        };
        if here {
            style = style.patch(theme.style(Meaning::Cursor));
        }
        let line = if bar.is_run { glyphs.bar_run } else { glyphs.bar };
        for column in bar.first..=bar.last {
            self.sign(column, line, style);
        }
        self.states(bar, style);
        let end = match bar.tail {
            Tail::Ended => glyphs.bar_end,
            Tail::Inferred => glyphs.bar_inferred,
            Tail::Open => glyphs.bar_open,
            Tail::Beyond => glyphs.bar,
        };
        let begin = if bar.before { glyphs.bar_before } else { glyphs.bar_begin };
        let tick = bar.first == bar.last;
        if tick {
            let sign = if matches!(bar.tail, Tail::Ended | Tail::Beyond) { glyphs.vertical } else { end };
            self.sign(bar.first, sign, style);
        } else {
            self.sign(bar.first, begin, style);
            self.sign(bar.last, end, style);
        }
        if let Some(severity) = bar.worst {
            // Before the bar; where it begins at the edge, behind its first sign.
            let column = if item.from < bar.first { item.from } else { bar.first + u16::from(bar.before && !tick) };
            self.put(column, 1, &severity.letter().to_string(), theme.style(Meaning::Severity(severity)));
        }
        self.name(bar, next, style)
    }
    /// Writes the name into the bar or behind it; gives what to say at the left when neither has room.
    fn name(&mut self, bar: &Bar, next: u16, style: Style) -> Option<String> {
        let (names, tables) = (&self.ctx.snapshot.names, &self.ctx.snapshot.tables);
        let mut name = who(self.ctx, bar.account, bar.host);
        if bar.logons > 1 {
            name = format!("{name} x{}", text::count(u64::from(bar.logons)));
        }
        let wide = text::width(&name);
        // A bar that began before the window has its letter behind its first sign.
        let first = bar.first + 1 + u16::from(bar.worst.is_some() && bar.before);
        let inside = bar.last.saturating_sub(first);
        if wide <= usize::from(inside) {
            let source = tables.visit(bar.visit).and_then(|visit| tables.source(visit.source));
            let source = source.filter(|source| source.address.is_some_and(|address| !address.is_loopback()));
            let longer = source.map(|source| format!("{name} {}", source.name(names)));
            let longer = longer.filter(|longer| bar.members.len() == 1 && text::width(longer) + 2 <= usize::from(inside));
            self.put(first, inside, &longer.unwrap_or(name), style);
            return None;
        }
        let behind = next.saturating_sub(bar.last + 1);
        if wide < usize::from(behind) {
            self.put(bar.last + 1, behind, &name, self.ctx.theme.style(Meaning::Dim));
            return None;
        }
        Some(tables.host(bar.host).map_or(name, |host| host.short(names)))
    }
    /// Locked and disconnected stretches of one session.
    fn states(&mut self, bar: &Bar, style: Style) {
        let Some(visit) = self.ctx.snapshot.tables.visit(bar.visit).filter(|_| bar.members.len() == 1) else { return };
        let (window, columns) = (self.scene.window, self.scene.geometry.columns);
        let style = style.patch(self.ctx.theme.style(Meaning::Uncertain));
        for (state, from, to) in visit.stretches().rev().take(STRETCHES) {
            let Some(glyph) = self.ctx.glyphs.bar_of(state) else { continue };
            let from = window.column(from, columns).max(i64::from(bar.first));
            let to = window.column(to.unwrap_or(bar.end), columns).min(i64::from(bar.last));
            for column in (from..=to).filter_map(|column| u16::try_from(column).ok()) {
                self.sign(column, glyph, style);
            }
        }
    }
    fn note(&mut self, note: &Note, free: u16, next: u16, here: bool) {
        let mut style = self.ctx.theme.style(Meaning::Severity(note.severity));
        let mut plain = self.ctx.theme.style(Meaning::Text);
        if here {
            let cursor = self.ctx.theme.style(Meaning::Cursor);
            (style, plain) = (style.patch(cursor), plain.patch(cursor));
        }
        let behind = next.saturating_sub(note.column + 2);
        let before = note.column.saturating_sub(free + 1);
        let words = text::clean(&note.words);
        if behind >= before.min(super::bars::NOTE) {
            // One blank stays free before what comes next.
            let room = if next < self.scene.geometry.columns { behind.saturating_sub(1) } else { behind };
            self.put(note.column + 2, room, &words, plain);
        } else {
            let fitted = text::fit(&words, usize::from(before));
            let wide = u16::try_from(text::width(&fitted)).unwrap_or(before);
            self.put(note.column.saturating_sub(wide + 1), wide, &fitted, plain);
        }
        self.put(note.column, 1, &note.severity.letter().to_string(), style);
    }
}
