//! The queue: incidents and lone anomalies, the worst first, and below the list why they are marked and what is near.

mod details;
pub use details::of_anomaly as explained;
mod lines;

use super::heading::{self, Heading};
use super::near::Near;
use super::{Ctx, Selection, View, empty, words};
use crate::base::text;
use crate::base::time::Timestamp;
use crate::model::anomaly::Anomaly;
use crate::model::ids::{AnomalyId, IncidentId, VisitId};
use crate::ui::action::{Action, Context};
use crate::ui::effect::{Effect, Place};
use crate::ui::find::scope::{OnScreen, Scope, Spot, Thing};
use crate::ui::marks::{Target, marked};
use crate::ui::mouse::Mouse;
use crate::ui::preview;
use crate::ui::theme::Meaning;
use crate::ui::widget::pairs::{self, Pair};
use crate::ui::widget::table::{Arranged, Cell, Column, ColumnList, Done, Look, Pointed, RowOrder, Table};
use crate::ui::widget::{boxed, put};
use details::{accounts, hosts, sources, subject};
use lines::{Line, Of, Top};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::cmp::Ordering;
use std::collections::BTreeSet;

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
    Last,
    Lasted,
    Title,
    Attack,
}

/// Kind of the table, where its columns are arranged.
const TABLE: &str = "anomalies";
/// Declared position of the account, where the cursor stands at first.
const WHO: usize = 6;

const COLUMNS: &[Column<By>] = &[
    Column::new(By::State, "st", 3).about("what is still to be done").sortable(),
    Column::new(By::Severity, "sev", 4).sortable().field("severity"),
    Column::new(By::Score, "score", 5).right().sortable(),
    Column::new(By::At, "first seen", 15).sortable(),
    Column::new(By::Count, "n", 4).about("anomalies of a line, records of one").right().sortable(),
    Column::new(By::Rule, "rule", 18).grow(3).sortable().field("rule"),
    Column::new(By::Account, "account", 14).grow(2).sortable().field("account"),
    Column::new(By::Host, "host", 8).grow(1).sortable().drop(1).field("host"),
    Column::new(By::Source, "source", 14).sortable().drop(2).field("source"),
    Column::new(By::Why, "what is odd", 16).grow(2).drop(3),
    Column::new(By::Last, "last seen", 15).about("last evidence").sortable().drop(9).extra(),
    Column::new(By::Lasted, "lasted", 8).about("from first to last evidence").right().sortable().drop(9).extra(),
    Column::new(By::Title, "detection", 24).about("what the detection looks for").drop(9).extra(),
    Column::new(By::Attack, "ATT&CK", 14).about("technique ids").drop(9).extra(),
];

/// The view; `at` opens it on one anomaly.
pub struct Anomalies {
    table: Table,
    rows: Vec<Line>,
    /// Lines of the first rank.
    tops: usize,
    /// Incidents that show their anomalies.
    opened: BTreeSet<IncidentId>,
    near: Near,
    /// Snapshot, case and filter the rows were made of.
    made: Option<(u64, u64, Option<String>)>,
    wanted: Option<AnomalyId>,
}

impl Default for Anomalies {
    fn default() -> Self {
        Self {
            table: Table::sorted_by(0, false).with_column(WHO),
            rows: Vec::new(),
            tops: 0,
            opened: BTreeSet::new(),
            near: Near::default(),
            made: None,
            wanted: None,
        }
    }
}

fn arranged(ctx: &Ctx<'_>) -> Arranged<'static, By> {
    ctx.columns.arrange(TABLE, COLUMNS)
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

fn compare(a: &Line, b: &Line, by: By, ctx: &Ctx<'_>) -> Ordering {
    let named = |line: &Line, name: fn(&Anomaly, &Ctx<'_>) -> String| line.anomaly(ctx).map(|anomaly| name(anomaly, ctx));
    match by {
        // What is to be done first, and of that the worst.
        By::State => a.state.cmp(&b.state).then_with(|| b.rank(a)),
        By::Score => (a.score, a.severity, a.at).cmp(&(b.score, b.severity, b.at)),
        By::At => a.at.cmp(&b.at),
        By::Count => a.count.cmp(&b.count),
        By::Rule => named(a, |anomaly, _| anomaly.detection.id.to_owned()).cmp(&named(b, |anomaly, _| anomaly.detection.id.to_owned())),
        By::Account => {
            let name = |anomaly: &Anomaly, ctx: &Ctx<'_>| accounts(&anomaly.accounts, ctx);
            named(a, name).cmp(&named(b, name))
        }
        By::Host => {
            let name = |anomaly: &Anomaly, ctx: &Ctx<'_>| hosts(&anomaly.hosts, ctx);
            named(a, name).cmp(&named(b, name))
        }
        By::Source => {
            let name = |anomaly: &Anomaly, ctx: &Ctx<'_>| sources(&anomaly.sources, ctx);
            named(a, name).cmp(&named(b, name))
        }
        By::Last => end(a, ctx).cmp(&end(b, ctx)),
        By::Lasted => end(a, ctx).map(|end| end - a.at).cmp(&end(b, ctx).map(|end| end - b.at)),
        By::Severity | By::Why | By::Title | By::Attack => a.rank(b),
    }
}

/// The last evidence of all that the line is about.
fn end(line: &Line, ctx: &Ctx<'_>) -> Option<Timestamp> {
    line.members.iter().filter_map(|id| ctx.snapshot.tables.anomaly(*id)).map(|anomaly| anomaly.end).max()
}

fn cell(line: &Line, is_opened: bool, by: By, ctx: &Ctx<'_>) -> Cell {
    let Some(anomaly) = line.anomaly(ctx) else { return Cell::text("") };
    let incident = line.incident(ctx);
    let (who, on, from) = match incident {
        Some(incident) => (&incident.accounts, &incident.hosts, &incident.sources),
        None => (&anomaly.accounts, &anomaly.hosts, &anomaly.sources),
    };
    match by {
        By::State => Cell::text(line.state.letter().to_string()),
        By::Severity => words::severity(Some(line.severity)),
        By::Score => Cell::text(line.score.to_string()),
        By::At => Cell::text(ctx.day_clock(line.at)),
        By::Count => Cell::text(text::count(u64::from(line.count))),
        By::Rule => match incident {
            Some(incident) => Cell::new(format!("{} {}", if is_opened { "-" } else { "+" }, incident.title()), Meaning::Strong),
            None if line.inside => Cell::text(format!("  {}", anomaly.detection.id)),
            None => Cell::text(anomaly.detection.id),
        },
        By::Account => super::rows::named(accounts(who, ctx)),
        By::Host => super::rows::named(hosts(on, ctx)),
        By::Source => super::rows::named(sources(from, ctx)),
        By::Why => match incident {
            Some(incident) => Cell::dim(incident.tactics().into_iter().map(|tactic| tactic.word()).collect::<Vec<_>>().join(" > ")),
            None => Cell::dim(anomaly.why.clone()),
        },
        By::Last => Cell::text(words::moment(end(line, ctx), ctx)),
        By::Lasted => Cell::text(end(line, ctx).map_or_else(String::new, |end| (end - line.at).words())),
        By::Title => Cell::dim(anomaly.detection.title),
        By::Attack => Cell::dim(anomaly.detection.attack.join(" ")),
    }
}

/// What stands over the details, and its severity.
fn title(line: &Line, ctx: &Ctx<'_>) -> String {
    match (line.incident(ctx), line.anomaly(ctx)) {
        (Some(incident), _) => format!("{} incident of {} anomalies", line.severity.letter(), text::count(incident.count.into())),
        (None, Some(anomaly)) if line.members.len() > 1 => {
            format!("{} {} {} times, the worst", anomaly.severity.letter(), anomaly.detection.id, text::count(line.members.len() as u64))
        }
        (None, Some(anomaly)) => format!("{} {}", anomaly.severity.letter(), anomaly.detection.id),
        (None, None) => String::new(),
    }
}

fn details(line: &Line, ctx: &Ctx<'_>) -> Vec<Pair> {
    match (line.incident(ctx), line.anomaly(ctx)) {
        (Some(incident), _) => details::of_incident(line, incident, ctx),
        (None, Some(anomaly)) => details::of_anomaly(line.lead, anomaly, ctx),
        (None, None) => Vec::new(),
    }
}

impl Anomalies {
    /// The queue with the cursor on one anomaly.
    #[must_use]
    pub fn at(id: AnomalyId) -> Self {
        Self { wanted: Some(id), ..Self::default() }
    }
    fn under(&self) -> Option<&Line> {
        self.rows.get(self.table.cursor.min(self.rows.len().checked_sub(1)?))
    }
    fn is_opened(&self, line: &Line) -> bool {
        matches!(line.of, Of::Incident(id) if self.opened.contains(&id))
    }
    /// Opens an incident into its anomalies, or closes it.
    fn toggle(&mut self, id: IncidentId) {
        if !self.opened.remove(&id) {
            self.opened.insert(id);
        }
    }
    fn make(&mut self, ctx: &Ctx<'_>, again: bool) {
        let made = (ctx.snapshot.version, ctx.triage.version(), ctx.projection.map(|projection| projection.key.clone()));
        if self.made.as_ref() == Some(&made) && !again {
            return;
        }
        let is_asked = again || self.made.as_ref().is_none_or(|before| (before.1, &before.2) != (made.1, &made.2));
        match (self.table.anchor, is_asked) {
            // Rows that are being selected stand still.
            (Some(_), false) => return,
            (Some(_), true) => self.table.anchor = None,
            (None, _) => {}
        }
        let tables = &ctx.snapshot.tables;
        // An incident may have become part of another one.
        self.opened = self.opened.iter().map(|id| tables.incident_id(*id)).collect();
        let wanted = self.wanted.take();
        if let Some(anomaly) = wanted.and_then(|id| tables.anomaly(id)).filter(|anomaly| anomaly.incident.is_some()) {
            self.opened.insert(tables.incident_id(anomaly.incident));
        }
        let under = self.under().filter(|_| self.table.cursor > 0).map(|line| (line.of, line.lead));
        let mut tops: Vec<Top> = lines::tops(ctx, &self.opened);
        if let Some(column) = self.table.sort.and_then(|sort| COLUMNS.get(sort)) {
            let reverse = self.table.reverse;
            tops.sort_by(|(a, _), (b, _)| {
                let order = compare(a, b, column.key, ctx);
                (if reverse { order.reverse() } else { order }).then(a.lead.cmp(&b.lead))
            });
        }
        self.tops = tops.len();
        self.rows = tops.into_iter().flat_map(|(line, inside)| std::iter::once(line).chain(inside)).collect();
        let place = match (wanted, under) {
            (Some(wanted), _) => self.rows.iter().position(|line| line.of == Of::Anomalies && line.members.contains(&wanted)),
            (None, Some((Of::Incident(id), _))) => {
                self.rows.iter().position(|line| matches!(line.of, Of::Incident(other) if tables.incident_id(id) == other))
            }
            (None, Some((Of::Anomalies, lead))) => {
                let own = self.rows.iter().position(|line| line.of == Of::Anomalies && line.members.contains(&lead));
                // A lone one may have been joined by others.
                own.or_else(|| self.rows.iter().position(|line| line.members.contains(&lead)))
            }
            (None, None) => None,
        };
        if let Some(place) = place {
            self.table.go(place, self.rows.len());
        }
        self.made = Some(made);
    }
    /// Opens the line under the cursor: an incident into its anomalies, one of those where it was seen.
    fn open(&mut self, ctx: &Ctx<'_>) -> Vec<Effect> {
        match self.under().map(|line| (line.of, line.lead)) {
            Some((Of::Incident(id), _)) => {
                self.toggle(id);
                self.make(ctx, true);
                Vec::new()
            }
            Some((Of::Anomalies, lead)) => {
                let anomaly = ctx.snapshot.tables.anomaly(lead);
                let place = anomaly.and_then(|anomaly| match (visit_of(anomaly, ctx), anomaly.records.last()) {
                    (Some(visit), _) => Some(Place::Visit(visit)),
                    (None, Some(event)) => Some(Place::Event(*event)),
                    (None, None) => None,
                });
                place.map(Effect::Open).into_iter().collect()
            }
            None => Vec::new(),
        }
    }
    fn why_empty(ctx: &Ctx<'_>) -> String {
        let (events, anomalies) = (ctx.snapshot.tables.events.len() as u64, ctx.snapshot.tables.anomalies.len() as u64);
        match (events, anomalies) {
            (0, _) => empty::sentence(ctx).unwrap_or_default(),
            _ if ctx.snapshot.preview.is_some() => preview::UNLOOKED.to_owned(),
            (_, 0) => {
                let known = ctx.snapshot.roster.words(&ctx.snapshot.tables);
                format!("no anomaly in {} events; {known}  (`report --what detections` tells what each could see)", text::count(events))
            }
            _ => format!("the filter hides all {} anomalies; u takes the last filter change back", text::count(anomalies)),
        }
    }
    fn draw_narrow(&self, buffer: &mut Buffer, area: Rect, line: &Line, ctx: &Ctx<'_>, look: Look<'_>) {
        for x in area.left()..area.right() {
            put(buffer, x, area.y, 1, ctx.glyphs.horizontal, ctx.theme.style(Meaning::Dim));
        }
        let who = match (line.incident(ctx), line.anomaly(ctx)) {
            (Some(incident), _) => subject(&incident.accounts, &incident.hosts, &incident.sources, ctx),
            (None, Some(anomaly)) => subject(&anomaly.accounts, &anomaly.hosts, &anomaly.sources, ctx),
            (None, None) => String::new(),
        };
        let head = format!("{}  {}  {who}", title(line, ctx), line.score);
        put(buffer, area.x + 1, area.y + 1, area.width - 1, &head, ctx.theme.style(Meaning::Severity(line.severity)));
        let inside = Rect { x: area.x + 1, y: area.y + 2, width: area.width - 2, height: area.height.saturating_sub(3) };
        let is_in_head = |pair: &Pair| pair.label == "who" || pair.label == "what" && line.of == Of::Anomalies;
        let pairs: Vec<Pair> = details(line, ctx).into_iter().filter(|pair| !is_in_head(pair)).collect();
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
        match self.table.update(action, &arranged(ctx), self.rows.len(), parts(ctx).list) {
            Done::Sorted => self.make(ctx, true),
            Done::Unsortable => effects.push(heading::unsortable()),
            Done::Ignored if action == Action::TableSelect => self.table.select(),
            Done::Ignored if action == Action::TableGroup => {
                effects.push(Effect::Say("equal anomalies are one line already; Enter opens the line of an incident".to_owned()));
            }
            Done::Ignored if action == Action::NavOpen => effects = self.open(ctx),
            Done::Moved | Done::Ignored => {}
        }
        self.near.look(self.under().map(|line| line.lead), ctx);
        effects
    }
    fn refresh(&mut self, ctx: &Ctx<'_>) -> Vec<Effect> {
        self.make(ctx, false);
        self.near.look(self.under().map(|line| line.lead), ctx);
        Vec::new()
    }
    fn finds(&self, _ctx: &Ctx<'_>) -> Option<Scope> {
        let things = self.rows.iter().map(|line| Thing::Anomalies(line.members.clone())).collect();
        Some(Scope::List { things, at: self.table.cursor })
    }
    fn found(&mut self, spot: &Spot, ctx: &Ctx<'_>) -> Vec<Effect> {
        self.table.show(spot.line, self.rows.len(), parts(ctx).list);
        self.near.look(self.under().map(|line| line.lead), ctx);
        Vec::new()
    }
    fn on_screen(&self, ctx: &Ctx<'_>) -> Vec<OnScreen> {
        let thing = |row: usize| self.rows.get(row).map(|line| Thing::Anomalies(line.members.clone()));
        OnScreen::rows(&self.table, self.rows.len(), parts(ctx).list, thing)
    }
    fn draw(&self, buffer: &mut Buffer, ctx: &Ctx<'_>) {
        let (area, parts) = (ctx.area, parts(ctx));
        let all = ctx.snapshot.tables.anomalies.len() as u64;
        let first_rank = || self.rows.iter().filter(|line| !line.inside);
        let shown: usize = first_rank().map(|line| line.members.len()).sum();
        let in_lines =
            if shown > self.tops { format!(" in {} lines; Enter opens one", text::count(self.tops as u64)) } else { String::new() };
        let heading = format!("{} of {} anomalies shown{in_lines}", text::count(shown as u64), text::count(all));
        let left_out = self.columns(ctx).map_or(0, |list| list.left_out());
        let heading = Heading { words: heading, left_out, selected: heading::selected(&self.table, self.rows.len()) };
        heading::draw(buffer, &heading, ctx);
        let look = Look { theme: ctx.theme, glyphs: ctx.glyphs, focus: true };
        self.table.draw(buffer, parts.list, &arranged(ctx), self.rows.len(), look, |row, by| {
            self.rows.get(row).map_or_else(|| Cell::text(""), |line| cell(line, self.is_opened(line), by, ctx))
        });
        marked::signs(buffer, parts.list, &self.table, self.rows.len(), look, ctx, |row| {
            self.rows.get(row).map(|line| Target::Anomaly(line.lead))
        });
        let Some(line) = self.under() else {
            let room = area.width.saturating_sub(2);
            put(buffer, area.x + 2, area.y + 3, room, &Self::why_empty(ctx), ctx.theme.style(Meaning::Text));
            return;
        };
        let Some(below) = parts.below else { return };
        if ctx.is_narrow() {
            self.draw_narrow(buffer, below, line, ctx, look);
            return;
        }
        let left = Rect { width: if area.width >= 120 { area.width * 3 / 5 } else { area.width }, ..below };
        let dim = ctx.theme.style(Meaning::Dim);
        let title = format!("{}   score {}", title(line, ctx), line.score);
        let inside = boxed(buffer, left, &title, false, ctx.glyphs, dim);
        let inside = Rect { x: inside.x + 1, width: inside.width.saturating_sub(2), ..inside };
        pairs::draw(buffer, inside, &details(line, ctx), 8, 0, look);
        if left.width < area.width {
            let right = Rect { x: left.right() + 1, width: area.width - left.width - 1, ..below };
            let inside = boxed(buffer, right, &self.near.title(ctx), false, ctx.glyphs, dim);
            self.near.draw(buffer, Rect { x: inside.x + 1, width: inside.width.saturating_sub(2), ..inside }, ctx);
        }
    }
    fn rows(&self, _ctx: &Ctx<'_>) -> Option<Vec<usize>> {
        let mut known = BTreeSet::new();
        let members = self.rows.iter().flat_map(|line| line.members.iter()).filter(|id| known.insert(**id));
        Some(members.map(|id| id.index()).collect())
    }
    fn selection(&self, ctx: &Ctx<'_>) -> Selection {
        self.under().map_or_else(Selection::default, |line| self.select(line, ctx))
    }
    fn selected(&self, ctx: &Ctx<'_>) -> Vec<(Selection, String)> {
        let Some(range) = self.table.selected(self.rows.len()) else { return Vec::new() };
        let columns = arranged(ctx);
        let one = |line: &Line| {
            let keys = columns.wanted().filter_map(|index| COLUMNS.get(index)).map(|column| column.key);
            (self.select(line, ctx), heading::line(keys.map(|by| cell(line, self.is_opened(line), by, ctx).text)))
        };
        self.rows.get(range).unwrap_or_default().iter().map(one).collect()
    }
    fn unselect(&mut self) {
        self.table.anchor = None;
    }
    fn order(&self) -> Option<RowOrder> {
        self.table.order(COLUMNS)
    }
    fn set_order(&mut self, order: &RowOrder) {
        self.table.set_order(COLUMNS, order);
    }
    fn columns(&self, ctx: &Ctx<'_>) -> Option<ColumnList> {
        Some(arranged(ctx).list(TABLE, parts(ctx).list.width, self.table.column))
    }
    fn mouse(&mut self, mouse: Mouse, ctx: &Ctx<'_>) -> Vec<Effect> {
        self.make(ctx, false);
        let effects = match self.table.mouse(mouse, &arranged(ctx), self.rows.len(), parts(ctx).list) {
            Pointed::Open => self.open(ctx),
            Pointed::Sorted => {
                self.make(ctx, true);
                Vec::new()
            }
            Pointed::Unsortable => vec![heading::unsortable()],
            Pointed::Moved | Pointed::Nothing => Vec::new(),
        };
        self.near.look(self.under().map(|line| line.lead), ctx);
        effects
    }
    fn sentence(&self, ctx: &Ctx<'_>) -> String {
        let Some((line, anomaly)) = self.under().and_then(|line| Some((line, line.anomaly(ctx)?))) else { return Self::why_empty(ctx) };
        let head = format!("{} {}", line.severity.letter(), line.score);
        match line.incident(ctx) {
            Some(incident) => {
                format!("{head}  {}: {}", words::plural_of(incident.count as usize, "anomaly", "anomalies"), incident.title())
            }
            None => format!("{head}  {}: {}", anomaly.detection.title, text::clean(&anomaly.why)),
        }
    }
}

impl Anomalies {
    /// One line as if the cursor stood on it.
    fn select(&self, line: &Line, ctx: &Ctx<'_>) -> Selection {
        let Some(anomaly) = line.anomaly(ctx) else { return Selection::default() };
        let (names, tables) = (&ctx.snapshot.names, &ctx.snapshot.tables);
        let (account, host, source) = (anomaly.accounts.first(), anomaly.hosts.first(), anomaly.sources.first());
        let account_term = || account.and_then(|id| tables.account(*id)).map(|account| ("account", account.name(names)));
        let source_term = || source.and_then(|id| tables.source(*id)).map(|source| ("source", source.name(names)));
        let host_term = || host.and_then(|id| tables.host(*id)).map(|host| ("host", names.shown(host.name)));
        let column = self.table.under(&arranged(ctx), parts(ctx).list.width);
        let term = match column {
            Some(By::Severity) => Some(("severity", line.severity.word().to_owned())),
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
            anomaly: Some(line.lead),
            decided_with: line.members.clone(),
            at: Some(anomaly.at),
            term,
            text: column.map(|by| text::clean(&cell(line, self.is_opened(line), by, ctx).text).trim().to_owned()),
            ..Selection::default()
        }
    }
}
