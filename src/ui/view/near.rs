//! What happened round an anomaly: events of the same source or account within a quarter of an hour, equal neighbours
//! as one line, and the other anomalies of the same source or account.
//!
//! Looked up when the cursor moves or the snapshot changes, never while drawing; a fixed number of events on either
//! side is looked at, so a busy quarter of an hour costs no more than a quiet one.

use super::{Ctx, gone, words};
use crate::base::time::{Span, Timestamp};
use crate::model::anomaly::Anomaly;
use crate::model::event::Outcome;
use crate::model::ids::{AccountId, AnomalyId, EventId};
use crate::model::world::{Row, Tables};
use crate::ui::theme::Meaning;
use crate::ui::widget::put;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

const REACH: Span = Span::minutes(15);
/// Events looked at on either side of the evidence.
const LOOKED_AT: usize = 4_096;
/// Accounts of one line that are told apart.
const ACCOUNTS: usize = 100;
/// Lines kept on either side.
const KEPT: usize = 40;
/// Other anomalies kept, and looked at.
const OTHERS: usize = 5;
const OTHERS_LOOKED_AT: usize = 2_000;

/// Equal events that stand together.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Group {
    at: Timestamp,
    id: String,
    lane: String,
    /// The accounts among them, at most `ACCOUNTS`.
    accounts: Vec<AccountId>,
    failed: bool,
    count: u32,
    /// Evidence of the anomaly is among them.
    evidence: bool,
}

/// What is near one anomaly.
#[derive(Clone, Debug, Default)]
pub struct Near {
    of: Option<(AnomalyId, u64)>,
    groups: Vec<Group>,
    others: Vec<AnomalyId>,
    /// There was more on a side than was looked at or kept.
    cut: bool,
    /// Where older events are, unless all that was looked for is in memory.
    gone: Option<String>,
}

fn group(id: EventId, row: &Row, anomaly: &Anomaly, tables: &Tables) -> Group {
    Group {
        at: row.event.at,
        id: words::event_id(&row.event),
        lane: words::lane_code(&row.event),
        accounts: tables.account_id(row.account).some().into_iter().collect(),
        failed: row.event.outcome == Outcome::Failure,
        count: 1,
        evidence: anomaly.records.contains(&id),
    }
}

/// Adds an event to the groups on one side; false when there are enough.
fn join(groups: &mut Vec<Group>, next: Group) -> bool {
    let full = groups.len() >= KEPT;
    match groups.last_mut() {
        Some(last) if last.id == next.id && last.lane == next.lane && last.failed == next.failed => {
            last.count += 1;
            last.at = last.at.min(next.at);
            last.evidence |= next.evidence;
            for account in next.accounts {
                if last.accounts.len() < ACCOUNTS && !last.accounts.contains(&account) {
                    last.accounts.push(account);
                }
            }
            true
        }
        _ if full => false,
        _ => {
            groups.push(next);
            true
        }
    }
}

/// The account, or how many there are.
fn who(accounts: &[AccountId], ctx: &Ctx<'_>) -> String {
    match accounts {
        [] => words::ABSENT.to_owned(),
        [one] => match ctx.snapshot.tables.account(*one) {
            // The name alone: here room is short, and the page of the account has the rest.
            Some(account) if account.user.is_some() => ctx.snapshot.names.shown(account.user),
            _ => words::account(*one, ctx),
        },
        many if many.len() < ACCOUNTS => format!("{} accounts", many.len()),
        _ => format!("{ACCOUNTS} accounts or more"),
    }
}

impl Near {
    /// Looks round an anomaly unless that was done for this snapshot.
    pub fn look(&mut self, id: Option<AnomalyId>, ctx: &Ctx<'_>) {
        let Some((id, anomaly)) = id.and_then(|id| Some((id, ctx.snapshot.tables.anomaly(id)?))) else {
            *self = Self::default();
            return;
        };
        if self.of == Some((id, ctx.snapshot.version)) {
            return;
        }
        *self = Self { of: Some((id, ctx.snapshot.version)), ..Self::default() };
        let tables = &ctx.snapshot.tables;
        let is_of = |id: AccountId| anomaly.accounts.iter().any(|other| tables.account_id(*other) == tables.account_id(id));
        let fits = |row: &Row| anomaly.sources.contains(&row.source) || is_of(row.account);
        let Some(middle) = anomaly.records.last().map(|id| id.index()) else { return };
        let (from, to) = (anomaly.at - REACH, anomaly.end + REACH);
        for step in 0..=LOOKED_AT.min(middle) {
            let id = EventId::new(middle - step);
            let Some(row) = tables.event(id) else {
                self.gone = gone::sentence(ctx);
                break;
            };
            if row.event.at < from {
                break;
            }
            if step == LOOKED_AT || (fits(&row) && !join(&mut self.groups, group(id, &row, anomaly, tables))) {
                self.cut = true;
                break;
            }
        }
        self.groups.reverse();
        let mut after = Vec::new();
        for step in 1..=LOOKED_AT {
            let id = EventId::new(middle.saturating_add(step));
            let Some(row) = tables.event(id) else { break };
            if row.event.at > to {
                break;
            }
            if step == LOOKED_AT || (fits(&row) && !join(&mut after, group(id, &row, anomaly, tables))) {
                self.cut = true;
                break;
            }
        }
        self.groups.append(&mut after);
        let related = |other: &Anomaly| {
            other.sources.iter().any(|source| anomaly.sources.contains(source)) || other.accounts.iter().any(|account| is_of(*account))
        };
        self.others = (0..tables.anomalies.len())
            .rev()
            .take(OTHERS_LOOKED_AT)
            .map(AnomalyId::new)
            .filter(|other| *other != id && tables.anomaly(*other).is_some_and(|anomaly| related(anomaly)))
            .take(OTHERS)
            .collect();
    }
    #[must_use]
    pub fn title(&self, ctx: &Ctx<'_>) -> String {
        let anomaly = self.of.and_then(|(id, _)| ctx.snapshot.tables.anomaly(id));
        match anomaly.and_then(|anomaly| anomaly.sources.first()) {
            Some(source) => format!("near: {} or account, +-15m", words::source(*source, ctx)),
            None => "near: same account, +-15m".to_owned(),
        }
    }
    /// All of it in one line: `36x4625  1x4624/10<  3x4624/3`.
    #[must_use]
    pub fn line(&self, _ctx: &Ctx<'_>) -> String {
        let words: Vec<String> = self
            .groups
            .iter()
            .map(|group| {
                let lane = if group.lane == words::ABSENT { String::new() } else { format!("/{}", group.lane) };
                format!("{}x{}{lane}{}", group.count, group.id, if group.evidence { "<" } else { "" })
            })
            .collect();
        words::or_absent(words.join("  "))
    }
    pub fn draw(&self, buffer: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
        let others = u16::try_from(self.others.len()).unwrap_or(0);
        let below = if others > 0 { (others + 1).min(area.height / 2) } else { 0 };
        let room = usize::from(area.height - below);
        // The evidence stays in sight: what is far from it goes first.
        let evidence = self.groups.iter().position(|group| group.evidence).unwrap_or(0);
        let first = (evidence + 1).saturating_sub(room.saturating_sub(room / 3)).min(self.groups.len().saturating_sub(room));
        let mut y = area.y;
        for group in self.groups.iter().skip(first).take(room) {
            let sign = if group.evidence { "<" } else { " " };
            let style = ctx.theme.style(if group.failed { Meaning::Failure } else { Meaning::Text });
            let fail = if group.failed { ctx.glyphs.failure } else { " " };
            let words = format!(
                "{} {:>4}x {:>4} {:<5} {fail} {}",
                crate::base::text::pad(&ctx.clock(group.at), 9),
                group.count,
                group.id,
                group.lane,
                who(&group.accounts, ctx)
            );
            put(buffer, area.x, y, area.width.saturating_sub(2), &words, style);
            put(buffer, area.right().saturating_sub(1), y, 1, sign, ctx.theme.style(Meaning::Strong));
            y += 1;
        }
        if let Some(gone) = self.gone.as_ref().filter(|_| y < area.bottom() - below) {
            put(buffer, area.x, y, area.width, gone, ctx.theme.style(Meaning::Dim));
            y += 1;
        }
        if self.cut && y < area.bottom() - below {
            put(buffer, area.x, y, area.width, "there is more: open the account or the source", ctx.theme.style(Meaning::Dim));
        }
        if below == 0 {
            return;
        }
        let mut y = area.bottom() - below;
        put(buffer, area.x, y, area.width, "other anomalies of it, newest first", ctx.theme.style(Meaning::Dim));
        for id in &self.others {
            y += 1;
            let Some(other) = ctx.snapshot.tables.anomaly(*id) else { continue };
            if y >= area.bottom() {
                break;
            }
            let words = format!("{} {:>3} {} {}", other.severity.letter(), other.score, ctx.day_clock(other.at), other.detection.id);
            put(buffer, area.x, y, area.width, &words, ctx.theme.style(Meaning::Severity(other.severity)));
        }
    }
}
