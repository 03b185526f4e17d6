//! The picture before it is drawn: which lanes are shown, what each holds in the window, and who gets how many rows.
//!
//! One density row for each lane, always, so that a lane never jumps. What is left goes to bar rows: first to the lane
//! under the cursor, then to lanes with anomalies, then to the others. Where there are rows to spare the shares grow.

use super::bars::{self, Key, Rows};
use super::overview::Strip;
use super::track::{Track, Tracks};
use super::window::Window;
use crate::base::time::Timestamp;
use crate::model::anomaly::Severity;
use crate::model::lane::Lane;
use crate::store::density::{Cell, Density};
use crate::ui::view::Ctx;
use ratatui::layout::Rect;
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Wider than this there is a pane for details.
const WIDE: u16 = 160;

/// Where things stand in the area of the view.
#[derive(Clone, Copy, Debug)]
pub struct Geometry {
    /// What the lanes have of the view.
    pub area: Rect,
    /// The pane at the right of wide screens.
    pub details: Option<Rect>,
    /// Short lane names.
    pub narrow: bool,
    /// No overview, no description, bars of the lane under the cursor only.
    pub short: bool,
    /// Cells left of the first column of time.
    pub left: u16,
    /// Never 0.
    pub columns: u16,
}

impl Geometry {
    #[must_use]
    pub fn of(ctx: &Ctx<'_>) -> Self {
        let whole = ctx.area;
        let details = (whole.width > WIDE && ctx.options.peek).then(|| {
            let cells = (whole.width / 4).clamp(44, 64);
            Rect { x: whole.right() - cells, width: cells, ..whole }
        });
        let area = Rect { width: whole.width - details.map_or(0, |pane| pane.width + 1), ..whole };
        let narrow = area.width < 100;
        let left = if narrow { 18 } else { 25 };
        let columns = if area.width > left { area.width - left } else { 1 };
        Self { area, details, narrow, short: area.height < 24, left, columns }
    }
    #[must_use]
    pub const fn overview(&self) -> Option<u16> {
        if self.short || self.narrow { None } else { Some(self.area.y) }
    }
    #[must_use]
    pub fn axis(&self) -> u16 {
        self.area.y + u16::from(self.overview().is_some())
    }
    /// The row with the cursor's column, the window and what is in view; the two description rows follow it.
    #[must_use]
    pub const fn foot(&self) -> Option<u16> {
        if self.short || self.narrow { None } else { Some(self.area.y + self.area.height - 3) }
    }
    /// First row and height of the lanes.
    #[must_use]
    pub fn body(&self) -> (u16, u16) {
        let top = self.axis() + 1;
        let bottom = self.foot().unwrap_or(self.area.y + self.area.height);
        (top, bottom.saturating_sub(top))
    }
    /// The cell of a column of time.
    #[must_use]
    pub const fn x(&self, column: u16) -> u16 {
        self.area.x + self.left + column
    }
}

/// One lane in the window.
#[derive(Clone, Debug)]
pub struct LaneRows {
    pub track: Track,
    /// Its bars are hidden; `left_over` counts them.
    pub folded: bool,
    pub cells: Vec<Cell>,
    pub events: u64,
    pub failures: u64,
    /// Sessions open now; unknown where a filter has too many to look at.
    pub open: Option<u32>,
    pub rows: Rows,
    /// Sessions and findings without a row.
    pub left_over: usize,
    /// There are more that were not even looked at.
    pub more: bool,
}

impl LaneRows {
    fn worst(&self) -> Option<Severity> {
        self.cells.iter().filter_map(|cell| cell.worst).max()
    }
    /// Something has no row.
    #[must_use]
    pub const fn overflows(&self) -> bool {
        !self.folded && (self.left_over > 0 || self.more)
    }
    /// `+12`, `+~12` where not all were looked at.
    #[must_use]
    pub fn more_words(&self) -> String {
        format!("+{}{}", if self.more { "~" } else { "" }, crate::base::text::count(self.left_over as u64))
    }
    /// The row in which something lies; what has no row is told in the last one.
    #[must_use]
    pub fn row_of(&self, key: Key) -> Option<usize> {
        if key == Key::More {
            return self.rows.len().checked_sub(1);
        }
        self.rows.iter().position(|row| row.iter().any(|item| item.is(key)))
    }
}

/// A row of the screen; numbers are places in `lanes` and in its `rows`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    Density(usize),
    Bars(usize, usize),
    /// Between Windows and Entra.
    Separator,
}

/// Sessions and findings out of view whose rows are remembered.
const REMEMBERED: usize = 4_096;

/// Where things stood in the frame before, and what has left the view since.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    rows: FxHashMap<(Track, Key), bars::Was>,
    heights: BTreeMap<Track, usize>,
    overview: Option<Arc<Strip>>,
}

impl Kept {
    /// The row of an item: that of any of the sessions it stands for.
    fn row(&self, track: Track, item: &bars::Item) -> Option<bars::Was> {
        item.keys().find_map(|key| self.rows.get(&(track, key)).copied())
    }
}

/// The whole picture.
#[derive(Clone, Debug)]
pub struct Scene {
    pub geometry: Geometry,
    pub window: Window,
    pub lanes: Vec<LaneRows>,
    /// What is on screen, from the top of the body.
    pub lines: Vec<Line>,
    /// All data in one row, where there is room for it.
    pub overview: Option<Arc<Strip>>,
}

/// What the densities are read from: all events, or those the filter leaves.
#[must_use]
pub fn density<'a>(ctx: &Ctx<'a>) -> &'a Density {
    ctx.projection.map_or(&ctx.snapshot.density, |projection| &projection.density)
}

/// What was chosen of the lanes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Choice {
    pub solo: Option<Track>,
    pub folded: BTreeSet<Track>,
}

/// The lanes on screen; the one under the cursor is always among them.
#[must_use]
pub fn shown(tracks: &Tracks<'_, '_>, cursor: Option<Track>, solo: Option<Track>) -> Vec<Track> {
    if let Some(track) = solo {
        return vec![track];
    }
    let empty = tracks.ctx.options.empty_lanes && tracks.by.is_none();
    tracks.all().into_iter().filter(|track| empty || Some(*track) == cursor || tracks.holds(*track)).collect()
}

fn read(tracks: &Tracks<'_, '_>, track: Track, window: Window, columns: u16, most: usize, (folded, kept): (bool, &Kept)) -> LaneRows {
    let mut cells = tracks.cells(track, window, columns);
    let found = if most > 0 || folded { bars::find(tracks, track, window, columns) } else { bars::Found::default() };
    if let Some(marks) = &found.marks {
        // The exact columns, where the sums know only their buckets.
        cells.iter_mut().for_each(|cell| cell.worst = None);
        for (column, severity) in marks {
            if let Some(cell) = usize::try_from(*column).ok().and_then(|column| cells.get_mut(column)) {
                cell.worst = cell.worst.max(Some(*severity));
            }
        }
    }
    let (rows, left_over) = bars::pack(found.items, if folded { 0 } else { most }, |item| kept.row(track, item));
    let sum = |part: fn(&Cell) -> u32| cells.iter().map(|cell| u64::from(part(cell))).sum();
    let (events, failures) = (sum(|cell| cell.events()), sum(|cell| cell.failures));
    let open = open_now(tracks.ctx, track);
    LaneRows { track, folded, cells, events, failures, open, rows, left_over, more: found.more }
}

/// Sessions looked at to count the open ones behind a filter.
const COUNTED: usize = 500;

fn open_now(ctx: &Ctx<'_>, track: Track) -> Option<u32> {
    let Track::Lane(lane) = track else { return None };
    let snapshot = ctx.snapshot;
    let runs = snapshot.tables.open_runs.get(lane.index()).copied().unwrap_or(0);
    let Some(filter) = ctx.filter else { return Some(snapshot.visits.open(lane).saturating_add(runs)) };
    if runs > 0 {
        return None; // they are not filed as open ones
    }
    snapshot.visits.open_among(lane, COUNTED, |id| filter.matches_visit(id, &snapshot.names, &snapshot.tables))
}

/// Most rows of a lane that is not under the cursor.
const OTHERS: usize = 8;

/// Lanes in the order in which an analyst looks at them when there are rows for a few only.
const FIRST: [Lane; Lane::COUNT] = [
    Lane::RemoteInteractive,
    Lane::Interactive,
    Lane::NewCredentials,
    Lane::NetworkCleartext,
    Lane::Cached,
    Lane::EntraInteractive,
    Lane::Network,
    Lane::Unlock,
    Lane::EntraServicePrincipal,
    Lane::Batch,
    Lane::EntraManagedIdentity,
    Lane::EntraNonInteractive,
    Lane::Service,
    Lane::DomainController,
];

/// Rows for each lane, out of `free`.
fn share(lanes: &[LaneRows], cursor: Option<Track>, mut free: usize, kept: &Kept) -> Vec<usize> {
    let mut given = vec![0; lanes.len()];
    let mut all: Vec<usize> = (0..lanes.len()).collect();
    let rank = |track: Track| match track {
        Track::Lane(lane) => FIRST.iter().position(|other| *other == lane),
        _ => None,
    };
    all.sort_by_key(|place| lanes.get(*place).and_then(|lane| rank(lane.track)));
    let under: Vec<usize> = all.iter().copied().filter(|place| lanes.get(*place).is_some_and(|lane| Some(lane.track) == cursor)).collect();
    let mut marked: Vec<usize> = all.iter().copied().filter(|place| lanes.get(*place).is_some_and(|lane| lane.worst().is_some())).collect();
    marked.sort_by_key(|place| std::cmp::Reverse(lanes.get(*place).and_then(LaneRows::worst)));
    // A few for the cursor, one for everybody, then more by weight, as long as there are rows.
    let rounds = [(&under, 3), (&marked, 1), (&all, 1), (&under, 6), (&marked, 3), (&all, 2), (&under, 12), (&marked, 6), (&all, 99)];
    for (places, most) in rounds {
        // Row by row, so that the first of a group does not take what the others need.
        for rows in 1..=most {
            for place in places {
                if let (Some(given), Some(lane), true) = (given.get_mut(*place), lanes.get(*place), free > 0)
                    && *given < rows
                    && lane.rows.len() >= rows
                {
                    *given += 1;
                    free -= 1;
                }
            }
        }
    }
    // Rows that nobody needs stay with who had them, so that the lanes below do not jump when a bar goes out of view.
    for (given, lane) in given.iter_mut().zip(lanes).filter(|(_, lane)| !lane.folded) {
        let more = kept.heights.get(&lane.track).copied().unwrap_or(0).saturating_sub(*given).min(free);
        *given += more;
        free -= more;
    }
    given
}

impl Scene {
    #[must_use]
    pub fn new(
        tracks: &Tracks<'_, '_>,
        window: Window,
        (cursor, focus): (Option<Track>, Option<Key>),
        choice: &Choice,
        kept: &Kept,
    ) -> Self {
        let geometry = Geometry::of(tracks.ctx);
        let names = shown(tracks, cursor, choice.solo);
        let is_entra = |track: &Track| matches!(track, Track::Lane(lane) if lane.is_entra());
        let split = !geometry.short && names.iter().any(is_entra) && !names.iter().all(is_entra);
        let height = usize::from(geometry.body().1);
        let free = height.saturating_sub(names.len() + usize::from(split));
        let most = |track: Track| match (Some(track) == cursor, geometry.short) {
            (true, _) => free.max(height.saturating_sub(1).min(2)),
            (false, true) => 0,
            (false, false) => free.min(OTHERS),
        };
        let read = |track: Track| {
            let folded = choice.folded.contains(&track) && choice.solo.is_none();
            read(tracks, track, window, geometry.columns, most(track), (folded, kept))
        };
        let mut lanes: Vec<LaneRows> = names.into_iter().map(read).collect();
        let shares = share(&lanes, cursor, free, kept);
        for (lane, rows) in lanes.iter_mut().zip(shares) {
            let (squeezed, dropped) = bars::squeeze(std::mem::take(&mut lane.rows), rows);
            lane.rows = squeezed;
            lane.rows.resize_with(rows.max(lane.rows.len()), Vec::new);
            lane.left_over += dropped;
        }
        let mut lines = Vec::new();
        for (place, lane) in lanes.iter().enumerate() {
            if split && lane.track == Track::Lane(Lane::EntraInteractive) {
                lines.push(Line::Separator);
            }
            lines.push(Line::Density(place));
            lines.extend((0..lane.rows.len()).map(|row| Line::Bars(place, row)));
        }
        let overview = Strip::of(tracks.ctx, &geometry, kept.overview.as_ref());
        let scene = Self { geometry, window, lanes, lines, overview };
        scene.scrolled(cursor, focus, height)
    }
    /// Where the lanes are more than the rows: those round the cursor.
    fn scrolled(mut self, cursor: Option<Track>, focus: Option<Key>, height: usize) -> Self {
        let wanted = self.line_of(cursor, focus);
        let from = (wanted + 1).saturating_sub(height).max(wanted.saturating_sub(height / 2)).min(self.lines.len().saturating_sub(height));
        self.lines = self.lines.into_iter().skip(from).take(height).collect();
        self
    }
    /// The number of the line the cursor is on.
    #[must_use]
    pub fn line_of(&self, cursor: Option<Track>, focus: Option<Key>) -> usize {
        let Some((place, lane)) = self.lanes.iter().enumerate().find(|(_, lane)| Some(lane.track) == cursor) else { return 0 };
        let line = focus.and_then(|key| lane.row_of(key)).map_or(Line::Density(place), |row| Line::Bars(place, row));
        self.lines.iter().position(|other| *other == line).unwrap_or(0)
    }
    /// Where everything stands, for the next frame, and where what was in view before it stood.
    #[must_use]
    pub fn kept(&self, before: Kept) -> Kept {
        let mut kept = Kept { rows: before.rows, heights: BTreeMap::new(), overview: self.overview.clone() };
        if kept.rows.len() > REMEMBERED {
            kept.rows.clear();
        }
        kept.rows.values_mut().for_each(|was| was.just_now = false);
        for lane in &self.lanes {
            kept.heights.insert(lane.track, lane.rows.len());
            for (row, item) in lane.rows.iter().enumerate().flat_map(|(row, items)| items.iter().map(move |item| (row, item))) {
                kept.rows.extend(item.keys().map(|key| ((lane.track, key), bars::Was { row, just_now: true })));
            }
        }
        kept
    }
    /// Events in the window, over all lanes shown.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.lanes.iter().map(|lane| lane.events).sum()
    }
}

/// How many anomalies of each severity lie in the window, worst first; `true` when there were too many to count.
#[must_use]
pub fn severities(ctx: &Ctx<'_>, from: Timestamp, to: Timestamp) -> (BTreeMap<std::cmp::Reverse<Severity>, u32>, bool) {
    const COUNTED: usize = 2_000;
    let mut counts = BTreeMap::new();
    let mut looked = 0;
    for (_, id) in ctx.snapshot.marks.between(from, to).take(COUNTED) {
        looked += 1;
        if let Some(anomaly) = ctx.snapshot.tables.anomaly(id).filter(|anomaly| bars::is_wanted(ctx, anomaly)) {
            *counts.entry(std::cmp::Reverse(anomaly.severity)).or_insert(0) += 1;
        }
    }
    (counts, looked == COUNTED)
}
