//! Draws a tree of steps: columns are steps from the root, lines lead from each host to what came out of it.

use super::lay::Lay;
use crate::base::text;
use crate::store::path::pick::{Direction, Node, Tree};
use crate::store::path::say::Teller;
use crate::store::path::{Edge, Quality, Way};
use crate::ui::theme::Meaning;
use crate::ui::view::Ctx;
use crate::ui::widget::put;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Cells of a step, at least.
const COLUMN: u16 = 38;

/// What is drawn, and where the cursor is.
pub struct Picture<'a> {
    pub tree: &'a Tree,
    pub lay: &'a Lay,
    pub teller: Teller<'a>,
    pub direction: Direction,
    /// Node under the cursor.
    pub node: usize,
}

impl Picture<'_> {
    /// Steps that are to be seen at once: the first of them, how many, and cells of each.
    fn columns(&self, area: Rect) -> (usize, usize, u16) {
        let count = (area.width / COLUMN).max(1);
        let depth = self.tree.nodes.get(self.node).map_or(1, |node| node.depth);
        let first = (depth + 1).saturating_sub(usize::from(count)).max(1);
        // Nothing lies beyond the last step: the columns before it are seen rather than an empty one.
        let deepest = self.tree.nodes.iter().map(|node| node.depth).max().unwrap_or(1);
        let first = first.min((deepest + 1).saturating_sub(usize::from(count)).max(1));
        (first, usize::from(count), area.width / count)
    }

    pub fn draw(&self, buffer: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
        if area.height < 2 {
            return;
        }
        let (first, count, width) = self.columns(area);
        let mut x = area.x;
        for depth in first..first + count {
            let words = if depth == 1 { "hop 0 > hop 1".to_owned() } else { format!("hop {depth}") };
            put(buffer, x + 1, area.y, width, &words, ctx.theme.style(Meaning::Dim));
            x += width;
        }
        let below = Rect { y: area.y + 1, height: area.height - 1, ..area };
        let height = usize::from(below.height);
        let own = self.lay.row(self.node);
        let rows = self.lay.height + usize::from(self.tree.more > 0);
        let top = own.saturating_sub(height / 2).min(rows.saturating_sub(height));
        let at = |row: usize| -> Option<u16> {
            let place = u16::try_from(row.checked_sub(top)?).ok().filter(|place| *place < below.height)?;
            Some(below.y + place)
        };
        if let (Some(y), 1) = (at(0), first) {
            self.root(buffer, below, y, ctx);
        }
        let way = self.tree.way_to(self.node);
        for (number, node) in self.tree.nodes.iter().enumerate() {
            let Some(column) = node.depth.checked_sub(first).filter(|column| *column < count) else { continue };
            let x = below.x + u16::try_from(column).unwrap_or(0) * width;
            self.trunk(buffer, x + 1, number, &at, ctx);
            if let Some(y) = at(self.lay.row(number)) {
                let place = Rect { x, y, width, height: 1 };
                self.step(buffer, place, number, node, (number == self.node, way.contains(&number)), ctx);
            }
        }
        if let (Some(y), true) = (at(self.lay.height), self.tree.more > 0) {
            let words = format!("+{} more first steps", text::count(u64::from(self.tree.more)));
            put(buffer, below.x + 1, y, below.width, &words, ctx.theme.style(Meaning::Dim));
        }
    }

    fn root(&self, buffer: &mut Buffer, area: Rect, y: u16, ctx: &Ctx<'_>) {
        let mut words = self.teller.spot(self.tree.root);
        // The names that the address claimed on the way.
        let mut claimed: Vec<String> = Vec::new();
        for edge in self.tree.nodes.iter().filter(|node| node.depth == 1).filter_map(|node| self.teller.web.edge(node.edge)) {
            let name = ctx.snapshot.names.shown(edge.workstation);
            if !name.is_empty() && !name.eq_ignore_ascii_case(&words) && !claimed.contains(&name) && !edge.is_local && claimed.len() < 4 {
                claimed.push(name);
            }
        }
        if self.direction == Direction::Forward && !claimed.is_empty() {
            words.push_str(&format!("  {}", claimed.join("/")));
        }
        put(buffer, area.x + 1, y, area.width.saturating_sub(1), &words, ctx.theme.style(Meaning::Strong));
    }

    /// The line from a node down to the next of the same parent.
    fn trunk(&self, buffer: &mut Buffer, x: u16, number: usize, at: &dyn Fn(usize) -> Option<u16>, ctx: &Ctx<'_>) {
        let Some(next) = self.lay.after.get(number).copied().flatten() else { return };
        for row in self.lay.row(number) + 1..self.lay.row(next) {
            if let Some(y) = at(row) {
                put(buffer, x, y, 1, ctx.glyphs.vertical, ctx.theme.style(Meaning::Dim));
            }
        }
    }

    fn step(&self, buffer: &mut Buffer, place: Rect, number: usize, node: &Node, (here, on_way): (bool, bool), ctx: &Ctx<'_>) {
        let Some(edge) = self.teller.web.edge(node.edge) else { return };
        let line = ctx.theme.style(Meaning::Dim);
        let is_first = self.lay.before.get(number).copied().flatten().is_none() && node.depth > 1;
        let is_last = self.lay.after.get(number).copied().flatten().is_none();
        let glyph = match (is_first, is_last) {
            (true, true) => ctx.glyphs.horizontal,
            (true, false) => ctx.glyphs.branch_first,
            (false, true) => ctx.glyphs.branch_last,
            (false, false) => ctx.glyphs.branch,
        };
        put(buffer, place.x + 1, place.y, 1, glyph, line);
        put(buffer, place.x + 2, place.y, 1, ctx.glyphs.horizontal, line);
        let meaning = match (here, edge.way) {
            (true, _) => Meaning::Cursor,
            (_, Way::Failed) => Meaning::Failure,
            _ if on_way => Meaning::Strong,
            _ if edge.is_local => Meaning::Dim,
            _ => Meaning::Text,
        };
        let style = ctx.theme.style(meaning);
        let mut target = match self.direction {
            Direction::Forward => self.teller.machine(edge.to),
            Direction::Backward => self.teller.spot(edge.from),
        };
        if edge.controller && self.direction == Direction::Forward {
            target.push_str(" DC");
        }
        if node.more > 0 {
            target.push_str(&format!(" +{}", text::count(u64::from(node.more))));
        }
        let target = text::fit(&target, usize::from(place.width / 2)).into_owned();
        let cells = u16::try_from(text::width(&target)).unwrap_or(0);
        // Two for the line before, three for the arrow, one before the next column.
        let room = place.width.saturating_sub(cells + 8);
        let words = self.words(edge, node.count, usize::from(room), ctx);
        let used = put(buffer, place.x + 3, place.y, room, &words, style);
        let mut x = place.x + 3 + used;
        if let Some(worst) = edge.worst {
            x += 1;
            x += put(buffer, x, place.y, 1, &worst.letter().to_string(), ctx.theme.style(Meaning::Severity(worst)));
        }
        let end = place.right().saturating_sub(cells + 4);
        while x < end {
            put(buffer, x, place.y, 1, ctx.glyphs.horizontal, line);
            x += 1;
        }
        let quality = edge.quality(self.tree.is_joined(self.teller.web, number));
        self.arrow(buffer, (end, place.y), quality, ctx);
        put(buffer, end + 3, place.y, cells, &target, style);
    }

    /// Two cells: how well the step is joined, and which way it goes.
    fn arrow(&self, buffer: &mut Buffer, (x, y): (u16, u16), quality: Option<Quality>, ctx: &Ctx<'_>) {
        let (sign, meaning) = match quality {
            Some(Quality::Guess) => (ctx.glyphs.bar_inferred, Meaning::Uncertain),
            Some(Quality::Likely) => (ctx.glyphs.bar_disconnected, Meaning::Uncertain),
            Some(Quality::Exact) | None => (ctx.glyphs.horizontal, Meaning::Dim),
        };
        let style = ctx.theme.style(meaning);
        match self.direction {
            Direction::Forward => {
                put(buffer, x, y, 1, sign, style);
                put(buffer, x + 1, y, 1, ctx.glyphs.arrow, style);
            }
            Direction::Backward => {
                put(buffer, x, y, 1, ctx.glyphs.arrow_back, style);
                put(buffer, x + 1, y, 1, sign, style);
            }
        }
    }

    /// Type, account and time, and what else there is room for.
    fn words(&self, edge: &Edge, times: u32, room: usize, ctx: &Ctx<'_>) -> String {
        let code = self.teller.code(edge);
        // The zone stands at the clock of the frame: here every cell counts.
        let clock = ctx.clock(edge.start).trim_end_matches('Z').to_owned();
        let sign = if edge.privileged { ctx.glyphs.privileged } else { "" };
        let fixed = text::width(&code) + text::width(&clock) + text::width(sign) + 2;
        let who = text::fit(&self.teller.who(edge), room.saturating_sub(fixed)).into_owned();
        let mut words = format!("{code} {who}{sign} {clock}");
        for mark in self.teller.marks(edge, times) {
            // A severity still follows.
            if text::width(&words) + text::width(&mark) + 3 > room {
                break;
            }
            words.push(' ');
            words.push_str(&mark);
        }
        words
    }
}
