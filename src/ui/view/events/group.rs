//! Equal events as one line with a count.
//!
//! Ten million events cannot be compared on the thread of the screen, and a line whose events lie hours apart would say
//! nothing about when. So the list is cut into blocks of `BLOCK` events, and equal events of one block are one line, in the
//! place of the last of them. A block is looked at when it comes on screen and remembered; whatever the list is long, a
//! picture costs the blocks on screen. How many lines there are in all is never known, and never asked: the cursor is a
//! mark (a block, a line of it) and moves from line to line.

use super::older::first;
use super::{id, len};
use crate::model::event::Outcome;
use crate::model::ids::{AccountId, HostId, SourceId};
use crate::model::lane::Lane;
use crate::model::logon_type::LogonType;
use crate::model::status::Status;
use crate::ui::action::Action;
use crate::ui::view::Ctx;
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Events that are compared with each other.
pub const BLOCK: usize = 1_000;
/// Blocks remembered.
const KEPT: usize = 256;

/// What events of one line have in common: all that the usual columns show but the time.
type Key = (u32, LogonType, Option<Lane>, Outcome, Status, AccountId, HostId, SourceId);

/// One line: equal events, or one of them under an open line. Events are named by their place in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    pub block: usize,
    /// First event of the line, also of lines under it: it never changes while the block grows.
    pub first: usize,
    /// The event that speaks for it: the last of equal ones.
    pub event: usize,
    pub count: usize,
    /// It stands under an open line.
    pub inside: bool,
}

impl Line {
    fn is(&self, mark: &Self) -> bool {
        self.first == mark.first && self.inside == mark.inside && (!self.inside || self.event == mark.event)
    }
}

/// What blocks were made of; they are made again when it changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Made {
    filter: Option<String>,
    epoch: u64,
    merged_accounts: usize,
}

/// Lines of a block, and how many events it had then.
type Block = (usize, Rc<Vec<Line>>);

#[derive(Debug, Default)]
pub struct Grouped {
    /// First events of the lines that are open.
    opened: BTreeSet<usize>,
    blocks: RefCell<BTreeMap<usize, Block>>,
    made: Made,
    cursor: Option<Line>,
    /// First line on screen.
    top: Option<Line>,
    anchor: Option<Line>,
}

fn lines_of(number: usize, events: std::ops::Range<usize>, opened: &BTreeSet<usize>, ctx: &Ctx<'_>) -> Vec<Line> {
    let tables = &ctx.snapshot.tables;
    let mut places: FxHashMap<Option<Key>, usize> = FxHashMap::default();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for event in events {
        let row = id(event, ctx).and_then(|id| tables.event(id));
        let key = row.map(|row| {
            let event = &row.event;
            let account = tables.account_id(row.account);
            (event.event_id, event.logon_type, event.lane(), event.outcome, event.status, account, row.host, row.source)
        });
        let place = *places.entry(key).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.push(event),
            None => groups.push(vec![event]),
        }
    }
    groups.sort_by_key(|group| group.last().copied());
    let mut lines = Vec::with_capacity(groups.len());
    for group in groups {
        let (Some(first), Some(last)) = (group.first(), group.last()) else { continue };
        lines.push(Line { block: number, first: *first, event: *last, count: group.len(), inside: false });
        if group.len() > 1 && opened.contains(first) {
            lines.extend(group.iter().map(|event| Line { block: number, first: *first, event: *event, count: 1, inside: true }));
        }
    }
    lines
}

impl Grouped {
    fn block(&self, number: usize, ctx: &Ctx<'_>) -> Rc<Vec<Line>> {
        let begin = number * BLOCK;
        // Those that are in memory no longer cannot be compared.
        let events = begin.max(first(ctx))..(begin + BLOCK).min(len(ctx));
        let mut blocks = self.blocks.borrow_mut();
        if let Some((had, lines)) = blocks.get(&number)
            && *had == events.len()
        {
            return Rc::clone(lines);
        }
        if blocks.len() >= KEPT {
            blocks.clear();
        }
        let lines = Rc::new(lines_of(number, events.clone(), &self.opened, ctx));
        blocks.insert(number, (events.len(), Rc::clone(&lines)));
        lines
    }
    /// Forgets what was made of other rows.
    pub fn look(&mut self, ctx: &Ctx<'_>) {
        let made = Made {
            filter: ctx.projection.map(|projection| projection.key.clone()),
            epoch: ctx.snapshot.epoch,
            merged_accounts: ctx.snapshot.tables.merged_accounts,
        };
        if made == self.made {
            return;
        }
        self.blocks.borrow_mut().clear();
        if (made.epoch, &made.filter) != (self.made.epoch, &self.made.filter) {
            self.opened.clear();
            (self.anchor, self.top) = (None, None);
        }
        self.made = made;
    }
    /// Block and place in it of a line as it stands now; the nearest line where it is gone.
    fn find(&self, mark: Option<Line>, ctx: &Ctx<'_>) -> Option<(usize, usize)> {
        let (oldest, last) = (first(ctx) / BLOCK, len(ctx).checked_sub(1).filter(|last| *last >= first(ctx))? / BLOCK);
        let Some(mark) = mark.filter(|mark| mark.block <= last) else { return self.last(ctx) };
        if mark.block < oldest {
            return Some((oldest, 0));
        }
        let lines = self.block(mark.block, ctx);
        let same = lines.iter().position(|line| line.is(&mark));
        let place = same.or_else(|| lines.iter().position(|line| line.first == mark.first)).or_else(|| {
            // Another filter: the line with the event, or the last before it.
            lines.iter().rposition(|line| line.event <= mark.event)
        });
        Some((mark.block, place.unwrap_or(0)))
    }
    fn last(&self, ctx: &Ctx<'_>) -> Option<(usize, usize)> {
        let block = len(ctx).checked_sub(1).filter(|last| *last >= first(ctx))? / BLOCK;
        Some((block, self.block(block, ctx).len().saturating_sub(1)))
    }
    fn line(&self, (block, place): (usize, usize), ctx: &Ctx<'_>) -> Option<Line> {
        self.block(block, ctx).get(place).copied()
    }
    /// The next line, or the one before; `None` at the ends.
    fn step(&self, (block, place): (usize, usize), back: bool, ctx: &Ctx<'_>) -> Option<(usize, usize)> {
        match (back, place) {
            (true, 0) => {
                let block = block.checked_sub(1).filter(|block| *block >= first(ctx) / BLOCK)?;
                Some((block, self.block(block, ctx).len().checked_sub(1)?))
            }
            (true, place) => Some((block, place - 1)),
            (false, place) if place + 1 < self.block(block, ctx).len() => Some((block, place + 1)),
            (false, _) => ((block + 1) * BLOCK < len(ctx)).then_some((block + 1, 0)),
        }
    }
    fn walk(&self, from: (usize, usize), steps: usize, back: bool, ctx: &Ctx<'_>) -> (usize, usize) {
        let mut at = from;
        for _ in 0..steps {
            let Some(next) = self.step(at, back, ctx) else { break };
            at = next;
        }
        at
    }
    /// Lines on screen, and which of them the cursor is on.
    #[must_use]
    pub fn window(&self, height: usize, ctx: &Ctx<'_>) -> (Vec<Line>, usize) {
        let Some(cursor) = self.find(self.cursor, ctx) else { return (Vec::new(), 0) };
        let height = height.max(1);
        let collect = |from| {
            let all = std::iter::successors(Some(from), |at| self.step(*at, false, ctx)).take(height);
            all.collect::<Vec<(usize, usize)>>()
        };
        let wanted = self.top.and_then(|top| self.find(Some(top), ctx)).filter(|top| *top <= cursor);
        let mut places = collect(wanted.unwrap_or(cursor));
        if places.len() < height || !places.contains(&cursor) {
            // The last screen is a whole one; else the cursor came below it.
            let below = if wanted.is_some() && !places.contains(&cursor) { cursor } else { places.last().copied().unwrap_or(cursor) };
            places = collect(self.walk(below, height - 1, true, ctx));
        }
        let on = places.iter().position(|place| *place == cursor).unwrap_or(0);
        (places.into_iter().filter_map(|place| self.line(place, ctx)).collect(), on)
    }
    /// The line under the cursor.
    #[must_use]
    pub fn under(&self, ctx: &Ctx<'_>) -> Option<Line> {
        self.line(self.find(self.cursor, ctx)?, ctx)
    }
    /// Puts the cursor on the line of an event.
    pub fn go(&mut self, event: usize, ctx: &Ctx<'_>) {
        let block = event / BLOCK;
        let lines = self.block(block, ctx);
        // The line of the event itself is not always the one that ends with it.
        let row = |event: usize| id(event, ctx).and_then(|id| ctx.snapshot.tables.event(id));
        let alike = |line: &&Line| {
            line.first <= event
                && event <= line.event
                && row(line.event).zip(row(event)).is_some_and(|(a, b)| {
                    let key =
                        |row: &crate::model::world::Row| (row.event.event_id, row.event.status, row.host, row.source, row.event.logon_type);
                    key(&a) == key(&b) && ctx.snapshot.tables.account_id(a.account) == ctx.snapshot.tables.account_id(b.account)
                })
        };
        self.cursor = lines.iter().find(alike).or_else(|| lines.iter().find(|line| line.event >= event)).copied();
    }
    /// Puts the cursor on a line.
    pub fn go_line(&mut self, line: Line) {
        self.cursor = Some(line);
    }
    /// The cursor is on the last line.
    #[must_use]
    pub fn is_last(&self, ctx: &Ctx<'_>) -> bool {
        self.find(self.cursor, ctx) == self.last(ctx)
    }
    /// Moves the cursor; `false`: the action is no move.
    pub fn update(&mut self, action: Action, height: usize, ctx: &Ctx<'_>) -> bool {
        self.top = self.window(height, ctx).0.first().copied();
        let Some(now) = self.find(self.cursor, ctx) else { return false };
        let half = height.div_ceil(2);
        let to = match action {
            Action::CursorUp => self.walk(now, 1, true, ctx),
            Action::CursorDown => self.walk(now, 1, false, ctx),
            Action::CursorPageUp => self.walk(now, height, true, ctx),
            Action::CursorPageDown => self.walk(now, height, false, ctx),
            Action::CursorHalfUp => self.walk(now, half, true, ctx),
            Action::CursorHalfDown => self.walk(now, half, false, ctx),
            Action::CursorFirst => (first(ctx) / BLOCK, 0),
            Action::CursorLast => self.last(ctx).unwrap_or(now),
            _ => return false,
        };
        self.cursor = self.line(to, ctx);
        self.top = self.window(height, ctx).0.first().copied();
        true
    }
    /// Opens the line under the cursor into its events, or closes it; `false`: it is one event.
    pub fn toggle(&mut self, ctx: &Ctx<'_>) -> bool {
        let Some(line) = self.under(ctx).filter(|line| line.count > 1) else { return false };
        if !self.opened.remove(&line.first) {
            self.opened.insert(line.first);
        }
        self.blocks.borrow_mut().remove(&line.block);
        true
    }
    #[must_use]
    pub fn is_opened(&self, line: &Line) -> bool {
        !line.inside && self.opened.contains(&line.first)
    }
    /// Begins to select lines, or ends it.
    pub fn select(&mut self, ctx: &Ctx<'_>) {
        self.anchor = if self.anchor.is_some() { None } else { self.under(ctx) };
    }
    /// Begins to select at a line, unless that was done.
    pub fn select_from(&mut self, line: Line) {
        self.anchor.get_or_insert(line);
    }
    /// Says whether there was a selection.
    pub const fn unselect(&mut self) -> bool {
        self.anchor.take().is_some()
    }
    #[must_use]
    pub const fn selects(&self) -> bool {
        self.anchor.is_some()
    }
    /// Selected lines, at most `most`, those nearest to the cursor.
    #[must_use]
    pub fn selected(&self, most: usize, ctx: &Ctx<'_>) -> Vec<Line> {
        let (Some(_), Some(from), Some(to)) = (self.anchor, self.find(self.anchor, ctx), self.find(self.cursor, ctx)) else {
            return Vec::new();
        };
        let back = from < to;
        let mut places = vec![to];
        while places.len() < most && places.last() != Some(&from) {
            let Some(next) = places.last().and_then(|at| self.step(*at, back, ctx)) else { break };
            places.push(next);
        }
        if back {
            places.reverse();
        }
        places.into_iter().filter_map(|place| self.line(place, ctx)).collect()
    }
}
