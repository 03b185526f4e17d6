//! Session bars and anomaly notes of one lane: which there are, which are drawn as one, and in which row each lies.
//!
//! Reads the session index and the marks only, a bounded number of each, however long the logs are. Rows are first-fit
//! by start, what is marked first, ties by session id; a bar that had a row in the frame before keeps it, and one that comes
//! back into view goes where it was, unless somebody else lies there now.

use super::track::{Track, Tracks};
use super::window::Window;
use crate::base::text;
use crate::base::time::Timestamp;
use crate::model::anomaly::{Anomaly, Severity};
use crate::model::ids::{AccountId, AnomalyId, HostId, VisitId};
use crate::model::lane::Lane;
use crate::model::quality::Quality;
use crate::model::visit::{RUN_GAP, Visit, VisitKind};
use crate::store::Phase;
use crate::store::group::Hidden;
use crate::ui::view::Ctx;
use rustc_hash::FxHashMap;

/// What a bar or note is known by from frame to frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    Visit(VisitId),
    Anomaly(AnomalyId),
    /// The sessions of a lane that have no row.
    More,
}

/// How a bar ends on screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tail {
    /// A logoff was seen.
    Ended,
    Inferred,
    Open,
    /// It goes on behind the right edge.
    Beyond,
}

/// One session, or several of one account on one host that would touch.
#[derive(Clone, Debug)]
pub struct Bar {
    /// The session that is opened: the one marked worst, else the first.
    pub visit: VisitId,
    /// All of them, by start.
    pub members: Vec<VisitId>,
    /// Logons of runs, and every other session once.
    pub logons: u32,
    /// A run of logons, each of which lasts moments: not a presence.
    pub is_run: bool,
    pub account: AccountId,
    pub host: HostId,
    /// First and last column, both in the window.
    pub first: u16,
    pub last: u16,
    /// Began before the window.
    pub before: bool,
    pub tail: Tail,
    pub end: Timestamp,
    pub worst: Option<Severity>,
}

/// An anomaly without a session of this lane: words at its time.
#[derive(Clone, Debug)]
pub struct Note {
    /// The worst of them.
    pub anomaly: AnomalyId,
    pub severity: Severity,
    /// Findings of one kind that lie together.
    pub count: u32,
    pub column: u16,
    pub words: String,
}

#[derive(Clone, Debug)]
pub enum Shape {
    Bar(Bar),
    Note(Note),
}

/// A shape with the columns it needs, both inclusive.
#[derive(Clone, Debug)]
pub struct Item {
    pub from: u16,
    pub to: u16,
    pub start: Timestamp,
    pub shape: Shape,
}

impl Item {
    #[must_use]
    pub const fn key(&self) -> Key {
        match &self.shape {
            Shape::Bar(bar) => Key::Visit(bar.visit),
            Shape::Note(note) => Key::Anomaly(note.anomaly),
        }
    }
    /// All that it is known by: its own key first, then the sessions it stands for.
    pub fn keys(&self) -> impl Iterator<Item = Key> + '_ {
        let members = match &self.shape {
            Shape::Bar(bar) => bar.members.as_slice(),
            Shape::Note(_) => &[],
        };
        std::iter::once(self.key()).chain(members.iter().copied().map(Key::Visit))
    }
    #[must_use]
    pub fn is(&self, key: Key) -> bool {
        match (&self.shape, key) {
            (Shape::Bar(bar), Key::Visit(id)) => bar.members.contains(&id),
            (Shape::Note(note), Key::Anomaly(id)) => note.anomaly == id,
            _ => false,
        }
    }
    #[must_use]
    pub const fn worst(&self) -> Option<Severity> {
        match &self.shape {
            Shape::Bar(bar) => bar.worst,
            Shape::Note(note) => Some(note.severity),
        }
    }
    /// Sessions and findings it stands for.
    #[must_use]
    pub fn count(&self) -> usize {
        match &self.shape {
            Shape::Bar(bar) => bar.members.len(),
            Shape::Note(note) => note.count as usize,
        }
    }
}

/// What one lane has in the window.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// By start.
    pub items: Vec<Item>,
    /// There are sessions that were not looked at.
    pub more: bool,
    /// Exact places of the anomalies, unless there are too many.
    pub marks: Option<Vec<(i64, Severity)>>,
}

/// The switches and the filter let a session through. What is marked is never hidden by a switch.
#[must_use]
pub fn is_shown(ctx: &Ctx<'_>, id: VisitId, visit: &Visit) -> bool {
    !hidden(ctx).hides(&ctx.snapshot.tables, visit)
        && ctx.filter.is_none_or(|filter| filter.matches_visit(id, &ctx.snapshot.names, &ctx.snapshot.tables))
}

/// What the switches hide.
#[must_use]
pub const fn hidden(ctx: &Ctx<'_>) -> Hidden {
    Hidden { computers: !ctx.options.machine_accounts, built_in: !ctx.options.built_in_accounts }
}

/// The filter lets an anomaly through.
#[must_use]
pub fn is_wanted(ctx: &Ctx<'_>, anomaly: &Anomaly) -> bool {
    ctx.filter.is_none_or(|filter| filter.matches_anomaly(anomaly, &ctx.snapshot.names, &ctx.snapshot.tables))
}

/// Reads the bars and notes of a lane.
#[must_use]
pub fn find(tracks: &Tracks<'_, '_>, track: Track, window: Window, columns: u16) -> Found {
    let ctx = tracks.ctx;
    let stock = tracks.stock(track, window);
    let severity = |(at, id): (Timestamp, AnomalyId)| Some((window.column(at, columns), ctx.snapshot.tables.anomaly(id)?.severity));
    let mut items = bars(ctx, &stock.visits, window, columns);
    items.extend(noted(ctx, &stock.notes, window, columns));
    items.sort_by_key(|item| (item.start, item.key()));
    Found { items, more: stock.more, marks: stock.marks.map(|marks| marks.into_iter().filter_map(severity).collect()) }
}

/// Up to when a session is known to last: its end, or of a run its newest logon; while it is open, now.
#[must_use]
pub fn known_until(ctx: &Ctx<'_>, visit: &Visit) -> Timestamp {
    // Most have ended, and the host of one that has not lies elsewhere in memory.
    visit.end.unwrap_or_else(|| visit.end_or(now_of(ctx, visit)))
}

/// Now; in a recording the last record of the host.
fn now_of(ctx: &Ctx<'_>, visit: &Visit) -> Timestamp {
    let recorded = matches!(ctx.snapshot.phase, Phase::File | Phase::Loading { .. });
    let host = ctx.snapshot.tables.host(visit.host).and_then(|host| host.last).filter(|_| recorded);
    host.map_or(ctx.now(), |last| last.min(ctx.now()))
}

fn clamp_column(column: i64, columns: u16) -> u16 {
    u16::try_from(column.clamp(0, i64::from(columns.saturating_sub(1)))).unwrap_or(0)
}

fn bar_of(ctx: &Ctx<'_>, id: VisitId, visit: &Visit, window: Window, columns: u16) -> Bar {
    let end = known_until(ctx, visit);
    let (first, last) = (window.column(visit.start, columns), window.column(end, columns));
    let tail = match visit.end {
        // Nothing came of an open run for as long as makes the next logon another one: its last logoff was not seen.
        Some(end) if visit.is_open() && end + RUN_GAP < now_of(ctx, visit) => Tail::Inferred,
        _ if visit.is_open() => Tail::Open,
        Some(_) if last >= i64::from(columns) => Tail::Beyond,
        Some(_) if visit.end_quality().is_inferred() => Tail::Inferred,
        _ => Tail::Ended,
    };
    Bar {
        visit: id,
        members: vec![id],
        is_run: visit.kind == VisitKind::Run,
        logons: if visit.kind == VisitKind::Run { visit.logons } else { 1 },
        account: ctx.snapshot.tables.account_id(visit.account),
        host: visit.host,
        first: clamp_column(first, columns),
        last: clamp_column(last, columns),
        // It came from before its log, too.
        before: first < 0 || visit.start_quality == Quality::Missing,
        tail,
        end,
        worst: visit.worst,
    }
}

/// Lengths up to which bars that touch are drawn as one, in columns.
const SHORT: u16 = 3;

fn folds(lane: Lane, last: &Bar, next: &Bar) -> bool {
    let touch = next.first <= last.last.saturating_add(1);
    let short = |bar: &Bar| bar.last - bar.first < SHORT;
    let twin = last.first == next.first && last.last == next.last;
    let network = matches!(lane, Lane::Network | Lane::EntraNonInteractive | Lane::EntraServicePrincipal | Lane::EntraManagedIdentity);
    touch && (twin || network || (short(next) && (short(last) || last.members.len() > 1)))
}

fn bars(ctx: &Ctx<'_>, visits: &[(Timestamp, VisitId)], window: Window, columns: u16) -> Vec<Item> {
    let mut out: Vec<(Timestamp, Bar)> = Vec::new();
    let mut newest: FxHashMap<(AccountId, HostId), usize> = FxHashMap::default();
    for (start, id) in visits {
        let Some(visit) = ctx.snapshot.tables.visit(*id) else { continue };
        let bar = bar_of(ctx, *id, &visit, window, columns);
        let place = newest.entry((bar.account, bar.host)).or_insert(usize::MAX);
        match out.get_mut(*place) {
            Some((_, last)) if folds(visit.lane, last, &bar) => {
                last.members.push(*id);
                last.logons = last.logons.saturating_add(bar.logons);
                if bar.worst > last.worst {
                    (last.worst, last.visit) = (bar.worst, *id);
                }
                if bar.end >= last.end {
                    (last.last, last.end, last.tail) = (bar.last.max(last.last), bar.end, bar.tail);
                }
            }
            _ => {
                *place = out.len();
                out.push((*start, bar));
            }
        }
    }
    let item = |(start, bar): (Timestamp, Bar)| {
        // The letter of the severity stands before the bar.
        let letter = u16::from(bar.worst.is_some() && !bar.before);
        Item { from: bar.first.saturating_sub(letter), to: bar.last, start, shape: Shape::Bar(bar) }
    };
    out.into_iter().map(item).collect()
}

/// Columns a note wants at least, and the distance in which equal findings are one note.
pub const NOTE: u16 = 26;
const TOGETHER: u16 = 12;

fn noted(ctx: &Ctx<'_>, notes: &[(Timestamp, AnomalyId)], window: Window, columns: u16) -> Vec<Item> {
    let mut out: Vec<(&'static str, Timestamp, Note)> = Vec::new();
    for (at, id) in notes {
        let Some(anomaly) = ctx.snapshot.tables.anomaly(*id) else { continue };
        let column = clamp_column(window.column(*at, columns), columns);
        let same = out.iter_mut().rev().find(|(kind, _, note)| *kind == anomaly.detection.id && column - note.column <= TOGETHER);
        if let Some((_, _, note)) = same {
            note.count += 1;
            if anomaly.severity > note.severity {
                (note.severity, note.anomaly) = (anomaly.severity, *id);
                note.words.clone_from(&anomaly.why);
            }
        } else {
            let note = Note { anomaly: *id, severity: anomaly.severity, count: 1, column, words: anomaly.why.clone() };
            out.push((anomaly.detection.id, *at, note));
        }
    }
    let item = |(kind, start, mut note): (&'static str, Timestamp, Note)| {
        let times = if note.count > 1 { format!("x{} ", note.count) } else { String::new() };
        note.words = if note.words.is_empty() { format!("{times}{kind}") } else { format!("{times}{} ({kind})", note.words) };
        let wanted = u16::try_from(text::width(&text::clean(&note.words)) + 2).unwrap_or(NOTE).min(NOTE);
        // Near the right edge the words stand before their letter.
        let (from, to) = if note.column + wanted < columns {
            (note.column, note.column + wanted)
        } else {
            (note.column.saturating_sub(wanted), note.column)
        };
        Item { from, to, start, shape: Shape::Note(note) }
    };
    out.into_iter().map(item).collect()
}

/// Rows of a lane; each holds items that do not overlap, by column.
pub type Rows = Vec<Vec<Item>>;

/// The columns of a row that are taken, one bit each.
#[derive(Clone, Debug, Default)]
struct Taken(Vec<u64>);

impl Taken {
    fn words(item: &Item) -> impl Iterator<Item = (usize, u64)> {
        let (from, to) = (usize::from(item.from), usize::from(item.to));
        (from / 64..=to / 64).map(move |word| {
            let low = from.saturating_sub(word * 64).min(63);
            let high = (to - word * 64).min(63);
            (word, (u64::MAX << low) & (u64::MAX >> (63 - high)))
        })
    }
    fn is_free(&self, item: &Item) -> bool {
        Self::words(item).all(|(word, bits)| self.0.get(word).is_none_or(|taken| taken & bits == 0))
    }
    fn take(&mut self, item: &Item) {
        self.0.resize(self.0.len().max(usize::from(item.to) / 64 + 1), 0);
        for (word, bits) in Self::words(item) {
            if let Some(taken) = self.0.get_mut(word) {
                *taken |= bits;
            }
        }
    }
}

/// Where an item was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Was {
    pub row: usize,
    /// In the frame before, not in one before that.
    pub just_now: bool,
}

/// Puts the items into at most `most` rows; the items that found no place come back as a count.
///
/// What had a row in the frame before keeps it, also where rows above it have become empty: a bar does not jump while it
/// stays in view. What had one before it left the view gets it back if it is free. New ones come first-fit, what is marked first. A marked one that finds no row takes the place of
/// unmarked ones, so that nothing odd is hidden by habit.
#[must_use]
pub fn pack(mut items: Vec<Item>, most: usize, kept: impl Fn(&Item) -> Option<Was>) -> (Rows, usize) {
    items.sort_by_key(|item| (item.worst().is_none(), item.start, item.key()));
    let mut items: Vec<(Option<Was>, Item)> = items.into_iter().map(|item| (kept(&item), item)).collect();
    items.sort_by_key(|(was, _)| !was.is_some_and(|was| was.just_now));
    let mut rows: Vec<(Taken, Vec<Item>)> = Vec::new();
    let mut left_over = 0;
    let mut fresh = Vec::new();
    for (was, item) in items {
        let free = |row: &(Taken, Vec<Item>)| row.0.is_free(&item);
        match was.map(|was| was.row).filter(|place| *place < most && rows.get(*place).is_none_or(free)) {
            Some(place) => lay(&mut rows, place, item),
            None => fresh.push(item),
        }
    }
    fresh.sort_by_key(|item| (item.worst().is_none(), item.start, item.key()));
    for item in fresh {
        let free = |row: &(Taken, Vec<Item>)| row.0.is_free(&item);
        match rows.iter().position(free).or_else(|| (rows.len() < most).then_some(rows.len())) {
            Some(place) => lay(&mut rows, place, item),
            None => {
                let gives_way = |row: &(Taken, Vec<Item>)| row.1.iter().all(|other| other.worst().is_none() || !overlap(other, &item));
                match rows.iter().rposition(gives_way).filter(|_| item.worst().is_some()) {
                    Some(place) => {
                        if let Some((taken, row)) = rows.get_mut(place) {
                            left_over += row.extract_if(.., |other| overlap(other, &item)).map(|other| other.count()).sum::<usize>();
                            *taken = Taken::default();
                            row.iter().for_each(|other| taken.take(other));
                        }
                        lay(&mut rows, place, item);
                    }
                    None => left_over += item.count(),
                }
            }
        }
    }
    let mut rows: Rows = rows.into_iter().map(|(_, row)| row).collect();
    for row in &mut rows {
        row.sort_by_key(|item| item.from);
    }
    (rows, left_over)
}

const fn overlap(one: &Item, other: &Item) -> bool {
    one.from <= other.to && other.from <= one.to
}

fn lay(rows: &mut Vec<(Taken, Vec<Item>)>, place: usize, item: Item) {
    if rows.len() <= place {
        rows.resize_with(place + 1, Default::default);
    }
    if let Some((taken, row)) = rows.get_mut(place) {
        taken.take(&item);
        row.push(item);
    }
}

/// Makes do with `most` rows: what lay below them goes where there is room, the rest comes back as a count.
#[must_use]
pub fn squeeze(rows: Rows, most: usize) -> (Rows, usize) {
    if rows.len() <= most {
        return (rows, 0);
    }
    let places: FxHashMap<Key, usize> =
        rows.iter().enumerate().flat_map(|(place, row)| row.iter().map(move |item| (item.key(), place))).collect();
    pack(rows.into_iter().flatten().collect(), most, |item| places.get(&item.key()).map(|row| Was { row: *row, just_now: true }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::Span;

    fn note(from: u16, to: u16, number: usize) -> Item {
        let note = Note { anomaly: AnomalyId::new(number), severity: Severity::Low, count: 1, column: from, words: String::new() };
        Item { from, to, start: Timestamp::default() + Span::seconds(i64::from(from)), shape: Shape::Note(note) }
    }

    #[test]
    fn items_of_a_row_never_overlap_and_none_is_lost() {
        let mut state = 3_u32;
        let mut random = move |below: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            u16::try_from((state >> 16) % below).unwrap()
        };
        for most in [0, 1, 3, 40] {
            let items: Vec<Item> = (0..120)
                .map(|number| {
                    let from = random(280);
                    note(from, (from + random(90)).min(299), number)
                })
                .collect();
            let (rows, left_over) = pack(items, most, |item| Some(Was { row: usize::from(item.from) % 5, just_now: item.to % 2 == 0 }));
            assert!(rows.len() <= most);
            assert_eq!(rows.iter().map(Vec::len).sum::<usize>() + left_over, 120);
            for row in &rows {
                assert!(row.windows(2).all(|pair| pair[0].to < pair[1].from));
            }
        }
    }

    #[test]
    fn what_comes_back_gives_way_to_what_stayed() {
        // Columns, where each was, and the rows they get: the first came back, the second stayed.
        let was = |row, just_now| Some(Was { row, just_now });
        for (first, second, rows) in [
            (was(0, false), was(0, true), [1, 0]),
            (was(1, false), was(0, true), [1, 0]),
            (was(0, true), was(0, false), [0, 1]),
            (None, was(0, false), [1, 0]),
        ] {
            let (packed, left_over) = pack(vec![note(0, 9, 1), note(5, 20, 2)], 3, |item| if item.from == 0 { first } else { second });
            let found = [0, 5].map(|from| packed.iter().position(|row| row.iter().any(|item| item.from == from)).unwrap());
            assert_eq!((found, left_over), (rows, 0), "{first:?} {second:?}");
        }
    }

    #[test]
    fn a_row_is_filled_before_the_next_is_begun() {
        let (rows, _) = pack(vec![note(0, 63, 1), note(64, 64, 2), note(63, 70, 3), note(65, 130, 4)], 9, |_| None);
        let lengths: Vec<usize> = rows.iter().map(Vec::len).collect();
        assert_eq!(lengths, [3, 1]);
    }
}
