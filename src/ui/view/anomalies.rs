//! The queue of anomalies: the worst first, and below the list why it is marked and what is near it.

use super::near::Near;
use super::{Ctx, Selection, View, words};
use crate::base::text;
use crate::base::time::Timestamp;
use crate::casefile::entry::Act;
use crate::detect;
use crate::model::anomaly::Anomaly;
use crate::model::ids::{AnomalyId, VisitId};
use crate::store::projection::Projection;
use crate::ui::action::{Action, Context};
use crate::ui::effect::{Effect, Place};
use crate::ui::theme::Meaning;
use crate::ui::widget::pairs::{self, Pair};
use crate::ui::widget::table::{Cell, Column, Done, Look, Table};
use crate::ui::widget::{boxed, put};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::cmp::Ordering;
use std::sync::Arc;

#[derive(Clone, Copy, Debug)]
enum By {
    State,
    Severity,
    Score,
    At,
    Count,
    Rule,
    Account,
    Host,
    Source,
    Why,
}

const COLUMNS: &[Column<By>] = &[
    Column::new(By::State, "st", 3).sortable(),
    Column::new(By::Severity, "sev", 4).sortable(),
    Column::new(By::Score, "score", 5).right().sortable(),
    Column::new(By::At, "first seen", 15).sortable(),
    Column::new(By::Count, "n", 4).right().sortable(),
    Column::new(By::Rule, "rule", 18).grow(3).sortable().field("rule"),
    Column::new(By::Account, "account", 14).grow(2).sortable().field("account"),
    Column::new(By::Host, "host", 8).grow(1).drop(1).field("host"),
    Column::new(By::Source, "source", 14).drop(2).field("source"),
    Column::new(By::Why, "what is odd", 16).grow(2).drop(3),
];

/// The view; `at` opens it on one anomaly.
pub struct Anomalies {
    table: Table,
    rows: Vec<AnomalyId>,
    near: Near,
    /// Snapshot, case and filter the rows were made of.
    made: Option<(u64, u64, Option<String>)>,
    wanted: Option<AnomalyId>,
}

impl Default for Anomalies {
    fn default() -> Self {
        Self { table: Table::sorted_by(0, false), rows: Vec::new(), near: Near::default(), made: None, wanted: None }
    }
}

struct Parts {
    list: Rect,
    below: Option<Rect>,
}

fn parts(ctx: &Ctx<'_>) -> Parts {
    let area = Rect { y: ctx.area.y.saturating_add(1), height: ctx.area.height.saturating_sub(1), ..ctx.area };
    if !ctx.options.peek || area.height < 14 {
        return Parts { list: area, below: None };
    }
    let below = if ctx.is_narrow() { area.height / 2 } else { (area.height * 3 / 5).min(18) };
    let list = Rect { height: area.height - below, ..area };
    Parts { list, below: Some(Rect { y: list.bottom(), height: below, ..area }) }
}

fn get<'a>(id: AnomalyId, ctx: &'a Ctx<'_>) -> Option<&'a Arc<Anomaly>> {
    ctx.snapshot.tables.anomaly(id)
}

fn compare(a: AnomalyId, b: AnomalyId, by: By, ctx: &Ctx<'_>) -> Ordering {
    let states = || ctx.triage.state(a).cmp(&ctx.triage.state(b));
    let (Some(a), Some(b)) = (get(a, ctx), get(b, ctx)) else { return Ordering::Equal };
    let rank = |anomaly: &Anomaly| (anomaly.severity, anomaly.score, anomaly.at);
    match by {
        // What is to be done first, and of that the worst.
        By::State => states().then_with(|| rank(b).cmp(&rank(a))),
        By::Score => (a.score, a.severity, a.at).cmp(&(b.score, b.severity, b.at)),
        By::At => a.at.cmp(&b.at),
        By::Count => a.count.cmp(&b.count),
        By::Rule => a.detection.id.cmp(b.detection.id),
        By::Account => accounts(a, ctx).cmp(&accounts(b, ctx)),
        By::Severity | By::Host | By::Source | By::Why => rank(a).cmp(&rank(b)),
    }
}

/// The account, or how many there are.
fn accounts(anomaly: &Anomaly, ctx: &Ctx<'_>) -> String {
    match anomaly.accounts.as_slice() {
        [] => words::ABSENT.to_owned(),
        [one] => words::account(*one, ctx),
        [one, _] => format!("{} +1", words::account(*one, ctx)),
        many => format!("{} accounts", many.len()),
    }
}

fn hosts(anomaly: &Anomaly, ctx: &Ctx<'_>) -> String {
    match anomaly.hosts.as_slice() {
        [] => words::ABSENT.to_owned(),
        [one] => words::host(*one, ctx),
        many => format!("{} hosts", many.len()),
    }
}

fn sources(anomaly: &Anomaly, ctx: &Ctx<'_>) -> String {
    match anomaly.sources.as_slice() {
        [] => words::ABSENT.to_owned(),
        [one] => words::source(*one, ctx),
        many => format!("{} sources", many.len()),
    }
}

fn cell(id: AnomalyId, by: By, ctx: &Ctx<'_>) -> Cell {
    let Some(anomaly) = get(id, ctx) else { return Cell::text("") };
    let state = ctx.triage.state(id);
    match by {
        By::State => Cell::text(state.letter().to_string()),
        By::Severity => words::severity(Some(anomaly.severity)),
        By::Score => Cell::text(anomaly.score.to_string()),
        By::At => Cell::text(ctx.day_clock(anomaly.at)),
        By::Count => Cell::text(text::count(u64::from(anomaly.count))),
        By::Rule => Cell::text(anomaly.detection.id),
        By::Account => super::rows::named(accounts(anomaly, ctx)),
        By::Host => super::rows::named(hosts(anomaly, ctx)),
        By::Source => super::rows::named(sources(anomaly, ctx)),
        By::Why => Cell::dim(anomaly.why.clone()),
    }
}

/// The sum that makes the score: `40 new source + 30 new type = 70`.
#[must_use]
pub fn score_sum(anomaly: &Anomaly) -> String {
    let parts: Vec<String> = anomaly.score_parts.iter().map(|part| format!("{} {}", part.points, part.reason)).collect();
    match parts.as_slice() {
        [] => anomaly.score.to_string(),
        [one] => one.clone(),
        many => format!("{} = {}", many.join(" + "), anomaly.score),
    }
}

/// Everything about one anomaly, in labelled lines.
#[must_use]
pub fn details(id: AnomalyId, anomaly: &Anomaly, ctx: &Ctx<'_>) -> Vec<Pair> {
    let mut pairs = vec![
        Pair::new("what", anomaly.detection.title).meaning(Meaning::Strong),
        Pair::new("who", subject(anomaly, ctx)),
        Pair::new("why", anomaly.why.clone()),
        Pair::new("score", score_sum(anomaly)),
    ];
    let verdict = ctx.triage.verdict(id, ctx.snapshot);
    if let Some(entry) = verdict.entry {
        let by = if entry.by.is_empty() { String::new() } else { format!(" by {}", entry.by) };
        let at = Timestamp::parse(&entry.at).map_or_else(|| entry.at.clone(), |at| ctx.zone.date_time(at));
        let scope = if let Act::Suppress { scope, .. } = &entry.act { format!(" ({})", scope.words()) } else { String::new() };
        let reason = entry.act.reason();
        let because = if reason.is_empty() { String::new() } else { format!(": {reason}") };
        // What was decided is what one comes back for.
        pairs.insert(0, Pair::new("decided", text::clean(&format!("{}{by} {at}{scope}{because}", verdict.state.word())).into_owned()));
    }
    let seen = match (anomaly.end - anomaly.at).as_seconds() {
        0 => ctx.zone.date_time(anomaly.at),
        _ => format!("{} ({})", words::stretch(anomaly.at, anomaly.end, ctx.zone), (anomaly.end - anomaly.at).words()),
    };
    let records = if anomaly.count == 1 { "1 record".to_owned() } else { format!("{} records", text::count(u64::from(anomaly.count))) };
    pairs.push(Pair::new("seen", format!("{seen}  {records}")));
    pairs.push(Pair::new("check", anomaly.detection.check));
    if let Some(row) = anomaly.records.last().and_then(|id| ctx.snapshot.tables.event(*id)) {
        let names = &ctx.snapshot.names;
        let mut event = words::event_id(&row.event);
        if row.event.record != 0 {
            event.push_str(&format!(" rec {}", row.event.record));
        }
        if row.event.host.is_some() {
            event.push_str(&format!("  {}/{}", words::host(row.host, ctx), names.shown(row.event.channel)));
        }
        if row.event.logon_id.0 != 0 {
            event.push_str(&format!("  LogonId {}", row.event.logon_id));
        }
        pairs.push(Pair::new("event", event));
    }
    if !anomaly.detection.attack.is_empty() {
        pairs.push(Pair::new("ATT&CK", anomaly.detection.attack.join(", ")));
    }
    pairs
}

/// `svc_backup@CORP > FS01 from 10.0.9.66`
fn subject(anomaly: &Anomaly, ctx: &Ctx<'_>) -> String {
    let mut out = accounts(anomaly, ctx);
    for (word, name) in [(" > ", hosts(anomaly, ctx)), (" from ", sources(anomaly, ctx))] {
        if name != words::ABSENT {
            out.push_str(word);
            out.push_str(&name);
        }
    }
    out
}

impl Anomalies {
    /// The queue with the cursor on one anomaly.
    #[must_use]
    pub fn at(id: AnomalyId) -> Self {
        Self { wanted: Some(id), ..Self::default() }
    }
    fn under(&self) -> Option<AnomalyId> {
        self.rows.get(self.table.cursor.min(self.rows.len().checked_sub(1)?)).copied()
    }
    fn make(&mut self, ctx: &Ctx<'_>, again: bool) {
        let made = (ctx.snapshot.version, ctx.triage.version(), ctx.projection.map(|projection| projection.text.clone()));
        if self.made.as_ref() == Some(&made) && !again {
            return;
        }
        let under = self.wanted.take().or_else(|| self.under().filter(|_| self.table.cursor > 0));
        let tables = &ctx.snapshot.tables;
        let filter = ctx.projection.and_then(|projection: &Projection| projection.filter.as_ref());
        self.rows = tables
            .anomalies
            .iter()
            .enumerate()
            .filter(|(_, anomaly)| filter.is_none_or(|filter| filter.matches_anomaly(anomaly, &ctx.snapshot.names, tables)))
            .map(|(index, _)| AnomalyId::new(index))
            .collect();
        if let Some(column) = self.table.sort.and_then(|sort| COLUMNS.get(sort)) {
            let reverse = self.table.reverse;
            self.rows.sort_by(|a, b| {
                let order = compare(*a, *b, column.key, ctx);
                (if reverse { order.reverse() } else { order }).then(a.cmp(b))
            });
        }
        if let Some(place) = under.and_then(|id| self.rows.iter().position(|row| *row == id)) {
            self.table.go(place, self.rows.len());
        }
        self.made = Some(made);
    }
    fn why_empty(ctx: &Ctx<'_>) -> String {
        let (events, anomalies) = (ctx.snapshot.tables.events.len() as u64, ctx.snapshot.tables.anomalies.len() as u64);
        match (events, anomalies) {
            (0, _) => "no events yet: the inputs view (8) says what was read".to_owned(),
            (_, 0) => format!("no anomaly in {} events; {} detections ran", text::count(events), detect::all().count()),
            _ => format!("the filter hides all {} anomalies; u takes the last filter change back", text::count(anomalies)),
        }
    }
    fn draw_narrow(&self, buffer: &mut Buffer, area: Rect, (id, anomaly): (AnomalyId, &Anomaly), ctx: &Ctx<'_>, look: Look<'_>) {
        for x in area.left()..area.right() {
            put(buffer, x, area.y, 1, ctx.glyphs.horizontal, ctx.theme.style(Meaning::Dim));
        }
        let head = format!("{} {}  {}  {}", anomaly.severity.letter(), anomaly.detection.id, anomaly.score, subject(anomaly, ctx));
        put(buffer, area.x + 1, area.y + 1, area.width - 1, &head, ctx.theme.style(Meaning::Severity(anomaly.severity)));
        let inside = Rect { x: area.x + 1, y: area.y + 2, width: area.width - 2, height: area.height.saturating_sub(3) };
        let pairs: Vec<Pair> = details(id, anomaly, ctx).into_iter().filter(|pair| !matches!(pair.label, "who" | "what")).collect();
        pairs::draw(buffer, inside, &pairs, 8, 0, look);
        let near = Pair::new("near", self.near.line(ctx));
        let last = Rect { y: area.bottom() - 1, height: 1, ..inside };
        pairs::draw(buffer, last, &[near], 8, 0, look);
    }
}

/// The session as shown of the first logon session it names.
fn visit_of(anomaly: &Anomaly, ctx: &Ctx<'_>) -> Option<VisitId> {
    ctx.snapshot.tables.session(*anomaly.sessions.first()?)?.visit.some()
}

impl View for Anomalies {
    fn crumb(&self, _ctx: &Ctx<'_>) -> String {
        "Anomalies".to_owned()
    }
    fn context(&self) -> Context {
        Context::Queue
    }
    fn update(&mut self, action: Action, ctx: &Ctx<'_>) -> Vec<Effect> {
        self.make(ctx, false);
        let action = match action {
            Action::AnomalyNext => Action::CursorDown,
            Action::AnomalyPrev => Action::CursorUp,
            action => action,
        };
        let mut effects = Vec::new();
        match self.table.update(action, COLUMNS, self.rows.len(), parts(ctx).list) {
            Done::Sorted => self.make(ctx, true),
            Done::Ignored if action == Action::NavOpen => {
                let anomaly = self.under().and_then(|id| get(id, ctx));
                effects.extend(anomaly.and_then(|anomaly| match (visit_of(anomaly, ctx), anomaly.records.last()) {
                    (Some(visit), _) => Some(Effect::Open(Place::Visit(visit))),
                    (None, Some(event)) => Some(Effect::Open(Place::Event(*event))),
                    (None, None) => None,
                }));
            }
            Done::Moved | Done::Ignored => {}
        }
        self.near.look(self.under(), ctx);
        effects
    }
    fn refresh(&mut self, ctx: &Ctx<'_>) -> Vec<Effect> {
        self.make(ctx, false);
        self.near.look(self.under(), ctx);
        Vec::new()
    }
    fn draw(&self, buffer: &mut Buffer, ctx: &Ctx<'_>) {
        let (area, parts) = (ctx.area, parts(ctx));
        let all = ctx.snapshot.tables.anomalies.len() as u64;
        let heading = format!("{} of {} anomalies shown", text::count(self.rows.len() as u64), text::count(all));
        put(buffer, area.x + 1, area.y, area.width.saturating_sub(1), &heading, ctx.theme.style(Meaning::Dim));
        let look = Look { theme: ctx.theme, glyphs: ctx.glyphs, focus: true };
        self.table.draw(buffer, parts.list, COLUMNS, self.rows.len(), look, |row, by| {
            self.rows.get(row).map_or_else(|| Cell::text(""), |id| cell(*id, by, ctx))
        });
        let Some((id, anomaly)) = self.under().and_then(|id| Some((id, get(id, ctx)?))) else {
            let room = area.width.saturating_sub(2);
            put(buffer, area.x + 2, area.y + 3, room, &Self::why_empty(ctx), ctx.theme.style(Meaning::Text));
            return;
        };
        let Some(below) = parts.below else { return };
        if ctx.is_narrow() {
            self.draw_narrow(buffer, below, (id, anomaly), ctx, look);
            return;
        }
        let left = Rect { width: if area.width >= 120 { area.width * 3 / 5 } else { area.width }, ..below };
        let dim = ctx.theme.style(Meaning::Dim);
        let title = format!("{} {}   score {}", anomaly.severity.letter(), anomaly.detection.id, anomaly.score);
        let inside = boxed(buffer, left, &title, false, ctx.glyphs, dim);
        let inside = Rect { x: inside.x + 1, width: inside.width.saturating_sub(2), ..inside };
        pairs::draw(buffer, inside, &details(id, anomaly, ctx), 8, 0, look);
        if left.width < area.width {
            let right = Rect { x: left.right() + 1, width: area.width - left.width - 1, ..below };
            let inside = boxed(buffer, right, &self.near.title(ctx), false, ctx.glyphs, dim);
            self.near.draw(buffer, Rect { x: inside.x + 1, width: inside.width.saturating_sub(2), ..inside }, ctx);
        }
    }
    fn selection(&self, ctx: &Ctx<'_>) -> Selection {
        let Some((id, anomaly)) = self.under().and_then(|id| Some((id, get(id, ctx)?))) else { return Selection::default() };
        let (names, tables) = (&ctx.snapshot.names, &ctx.snapshot.tables);
        let (account, host, source) = (anomaly.accounts.first(), anomaly.hosts.first(), anomaly.sources.first());
        let account_term = || account.and_then(|id| tables.account(*id)).map(|account| ("account", account.name(names)));
        let source_term = || source.and_then(|id| tables.source(*id)).map(|source| ("source", source.name(names)));
        let host_term = || host.and_then(|id| tables.host(*id)).map(|host| ("host", names.shown(host.name)));
        let term = match COLUMNS.get(self.table.column).map(|column| column.key) {
            Some(By::Severity) => Some(("severity", anomaly.severity.word().to_owned())),
            Some(By::Rule) => Some(("rule", anomaly.detection.id.to_owned())),
            Some(By::Host) => host_term(),
            Some(By::Source) => source_term(),
            _ => account_term().or_else(source_term).or_else(host_term),
        };
        Selection {
            account: account.copied(),
            host: host.copied(),
            source: source.copied(),
            visit: visit_of(anomaly, ctx),
            session: anomaly.sessions.first().copied(),
            event: anomaly.records.last().copied(),
            anomaly: Some(id),
            at: Some(anomaly.at),
            term,
        }
    }
    fn sentence(&self, ctx: &Ctx<'_>) -> String {
        self.under().and_then(|id| get(id, ctx)).map_or_else(
            || Self::why_empty(ctx),
            |anomaly| {
                format!("{} {}  {}: {}", anomaly.severity.letter(), anomaly.score, anomaly.detection.title, text::clean(&anomaly.why))
            },
        )
    }
}
