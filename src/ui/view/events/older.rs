//! The lines of the list before the oldest event in memory: what the history has of them, as far as it was read.
//!
//! It is read page by page when the cursor comes near, back from the oldest event in memory, or from a moment that was
//! gone to. Over the oldest line one stands that says what is there; where later events were not read yet, or went from
//! memory since, a line stands between.

use crate::base::time::{Span, Timestamp};
use crate::engine::handle::{Older, OlderAsked};
use crate::history::older::Spot;
use crate::history::older_row::OldRow;
use crate::query::Filter;
use crate::ui::effect::Effect;
use crate::ui::view::{Ctx, gone};
use std::collections::VecDeque;
use std::sync::Arc;

/// Old events that are held; those at the other end go.
const MOST: usize = 20_000;

/// A line of the list, from the oldest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// Over all others: what is there.
    Top,
    Old(usize),
    /// Events that were not read yet.
    Gap,
    /// A place of what is in memory.
    Kept(usize),
}

/// What stays the same about a line while others come and go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    Top,
    Old(Spot),
    Gap,
    Kept(usize),
}

#[derive(Debug, Default)]
pub struct OldLines {
    /// Oldest first.
    rows: VecDeque<OldRow>,
    /// How far was looked on both sides.
    reached: Option<(Spot, Spot)>,
    /// Nothing is before them, nothing between them and what is in memory.
    begins: bool,
    joins: bool,
    /// The first event in memory when that was so.
    first_kept: usize,
    of: (u64, String),
    /// What is being read, and the first event in memory then.
    asked: Option<(OlderAsked, usize)>,
    problem: Option<String>,
}

/// The first place of the list whose event is in memory.
#[must_use]
pub fn first(ctx: &Ctx<'_>) -> usize {
    ctx.snapshot.first_place(ctx.projection)
}

/// The same, and places in all.
fn kept(ctx: &Ctx<'_>) -> (usize, usize) {
    (first(ctx), super::len(ctx))
}

fn filter(ctx: &Ctx<'_>) -> Filter {
    ctx.projection.and_then(|projection| projection.filter.clone()).unwrap_or_default()
}

impl OldLines {
    fn has_top(ctx: &Ctx<'_>) -> usize {
        usize::from(ctx.snapshot.let_go.events > 0)
    }
    fn gap(&self) -> usize {
        usize::from(!self.joins && !self.rows.is_empty())
    }
    /// Lines of the list.
    #[must_use]
    pub fn len(&self, ctx: &Ctx<'_>) -> usize {
        let (first, len) = kept(ctx);
        Self::has_top(ctx) + self.rows.len() + self.gap() + (len - first)
    }
    #[must_use]
    pub fn line(&self, number: usize, ctx: &Ctx<'_>) -> Option<Line> {
        let Some(number) = number.checked_sub(Self::has_top(ctx)) else { return Some(Line::Top) };
        let Some(number) = number.checked_sub(self.rows.len()) else { return Some(Line::Old(number)) };
        let Some(number) = number.checked_sub(self.gap()) else { return Some(Line::Gap) };
        let (first, len) = kept(ctx);
        (first + number < len).then_some(Line::Kept(first + number))
    }
    /// The number of a line; of one that is not there any more that of the next.
    #[must_use]
    pub fn number(&self, line: Line, ctx: &Ctx<'_>) -> usize {
        let top = Self::has_top(ctx);
        match line {
            Line::Top => 0,
            Line::Old(place) => top + place,
            Line::Gap => top + self.rows.len(),
            Line::Kept(place) => top + self.rows.len() + self.gap() + place.saturating_sub(first(ctx)),
        }
    }
    #[must_use]
    pub fn row(&self, place: usize) -> Option<&OldRow> {
        self.rows.get(place)
    }
    #[must_use]
    pub fn mark(&self, line: Line) -> Mark {
        match line {
            Line::Top => Mark::Top,
            Line::Old(place) => self.rows.get(place).map_or(Mark::Top, |row| Mark::Old(row.spot)),
            Line::Gap => Mark::Gap,
            Line::Kept(place) => Mark::Kept(place),
        }
    }
    /// The line of a mark, or the nearest.
    #[must_use]
    pub fn marked(&self, mark: Mark) -> Line {
        match mark {
            Mark::Top => Line::Top,
            Mark::Gap => Line::Gap,
            Mark::Kept(place) => Line::Kept(place),
            Mark::Old(spot) if self.rows.is_empty() || self.rows.back().is_some_and(|row| row.spot < spot) => Line::Gap,
            Mark::Old(spot) => Line::Old(self.rows.partition_point(|row| row.spot < spot)),
        }
    }
    /// The first old event from a moment on; nothing where that lies beside what was read.
    #[must_use]
    pub fn at(&self, at: Timestamp) -> Option<Line> {
        let (from, to) = self.reached?;
        let is_read = (from.at <= at || self.begins) && at <= to.at && !self.rows.is_empty();
        is_read.then(|| Line::Old(self.rows.partition_point(|row| row.spot.at < at).min(self.rows.len() - 1)))
    }
    fn reset(&mut self, ctx: &Ctx<'_>) {
        let of = (ctx.snapshot.epoch, ctx.projection.map_or_else(String::new, |projection| projection.key.clone()));
        *self = Self { of, first_kept: ctx.snapshot.tables.events.first_kept(), ..Self::default() };
    }
    /// Takes in what went from memory. `is_in_use`: the cursor stands among old events.
    pub fn look(&mut self, is_in_use: bool, ctx: &Ctx<'_>) {
        let first = ctx.snapshot.tables.events.first_kept();
        let key = ctx.projection.map_or("", |projection| projection.key.as_str());
        if (self.of.0, self.of.1.as_str()) != (ctx.snapshot.epoch, key) || first < self.first_kept {
            self.reset(ctx);
        } else if first > self.first_kept {
            if is_in_use {
                (self.joins, self.first_kept) = (false, first);
            } else {
                self.reset(ctx);
            }
        }
    }
    /// What has to be read because the cursor stands on line `number` of a list that shows `height` lines.
    pub fn wish(&mut self, number: usize, height: usize, ctx: &Ctx<'_>) -> Option<Effect> {
        if self.asked.is_some() || self.problem.is_some() || Self::has_top(ctx) == 0 || ctx.snapshot.let_go.remembered == 0 {
            return None;
        }
        let filter = filter(ctx);
        if !filter.asks_only_of_history() {
            return None;
        }
        let gap = Self::has_top(ctx) + self.rows.len();
        let asked = if !self.begins && number <= height {
            OlderAsked { from: self.reached.map(|(from, _)| from), forward: false, filter }
        } else if self.gap() == 1 && number.abs_diff(gap) <= height {
            OlderAsked { from: self.reached.map(|(_, to)| to), forward: true, filter }
        } else {
            return None;
        };
        self.asked = Some((asked.clone(), ctx.snapshot.tables.events.first_kept()));
        Some(Effect::FetchOlder(asked))
    }
    /// What could not be read is tried again.
    pub fn again(&mut self) {
        self.problem = None;
    }
    /// Reads back from a moment.
    pub fn go(&mut self, at: Timestamp, ctx: &Ctx<'_>) -> Option<Effect> {
        let filter = filter(ctx);
        if ctx.snapshot.let_go.remembered == 0 || !filter.asks_only_of_history() {
            return None;
        }
        self.reset(ctx);
        // The event of that very moment is the last of the page.
        let from = Spot { at: at + Span::seconds(1), record: i64::MIN };
        let asked = OlderAsked { from: Some(from), forward: false, filter };
        self.asked = Some((asked.clone(), ctx.snapshot.tables.events.first_kept()));
        Some(Effect::FetchOlder(asked))
    }
    /// Takes in what was read; says whether it was asked for.
    pub fn receive(&mut self, asked: &OlderAsked, found: &Result<Arc<Older>, String>, ctx: &Ctx<'_>) -> bool {
        let Some((_, first)) = self.asked.take_if(|(own, _)| own == asked) else { return false };
        let found = match found {
            Ok(found) => found,
            Err(problem) => {
                self.problem = Some(problem.clone());
                return true;
            }
        };
        let is_same = first == ctx.snapshot.tables.events.first_kept() && first == self.first_kept;
        if asked.forward {
            self.rows.extend(found.rows.iter().cloned());
            self.reached = self.reached.map(|(from, _)| (from, found.reached));
            self.joins = found.is_end && is_same;
            while self.rows.len() > MOST {
                self.rows.pop_front();
                self.begins = false;
                self.reached = self.rows.front().map(|row| row.spot).zip(self.reached).map(|(from, (_, to))| (from, to));
            }
            return true;
        }
        if self.reached.is_none() {
            // What is not later than the newest that is known cannot come again.
            let newest = found.rows.last().map(|row| row.spot).or(asked.from).unwrap_or(found.reached);
            self.reached = Some((found.reached, newest));
            self.joins = asked.from.is_none() && is_same;
        }
        found.rows.iter().rev().for_each(|row| self.rows.push_front(row.clone()));
        self.reached = self.reached.map(|(_, to)| (found.reached, to));
        self.begins = found.is_end;
        while self.rows.len() > MOST {
            self.rows.pop_back();
            self.joins = false;
            self.reached = self.rows.back().map(|row| row.spot).zip(self.reached).map(|(to, (from, _))| (from, to));
        }
        true
    }
    /// Old events that are in the list.
    #[must_use]
    pub fn read(&self) -> usize {
        self.rows.len()
    }
    /// What a line without an event says.
    #[must_use]
    pub fn words(&self, line: Line, ctx: &Ctx<'_>) -> String {
        let gone = &ctx.snapshot.let_go;
        let all = gone::sentence(ctx).unwrap_or_default();
        match (line, &self.problem) {
            (Line::Gap, None) => "later events are being read from the history".to_owned(),
            (_, Some(problem)) => format!("{}; Enter tries again", text_of(problem)),
            _ if gone.remembered == 0 => all,
            _ if !filter(ctx).asks_only_of_history() => {
                format!("{all}, which does not keep all that this filter asks for (u takes it back)")
            }
            _ if self.asked.is_some() => "older events are being read from the history".to_owned(),
            _ if self.begins && gone.lost() > 0 => format!("the logs begin here; {all}"),
            _ if self.begins => "the logs begin here".to_owned(),
            _ => format!("{all}: further up they are read"),
        }
    }
}

fn text_of(problem: &str) -> String {
    crate::base::text::clean(problem).into_owned()
}
