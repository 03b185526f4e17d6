//! Beside the tree: why the path to the cursor is joined, and all its steps in the order of time.

use crate::base::text;
use crate::base::time::Timestamp;
use crate::store::path::pick::{Direction, Found, Tree};
use crate::store::path::say::{Reason, Teller};
use crate::store::path::{Edge, Quality, Way};
use crate::ui::theme::Meaning;
use crate::ui::view::Ctx;
use crate::ui::widget::{put, wrapped};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Cells of `exact`, `likely`, `guess` and a blank.
const QUALITY: u16 = 7;

/// A line of the pane: its indent, its words, how well it is known.
type Line = (usize, String, Option<Quality>, Meaning);

fn lines(tree: &Tree, node: usize, (number, found): (usize, &Found), teller: &Teller<'_>) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut push = |indent: usize, (words, quality): Reason, meaning: Meaning| lines.push((indent, words, quality, meaning));
    // By time, whichever way the tree is drawn.
    let links = tree.links(teller.web, node);
    for (step, (number, joined)) in links.iter().enumerate() {
        let Some(edge) = teller.web.edge(*number) else { continue };
        let (words, quality) = teller.proof(edge);
        push(0, (format!("{} {} > {}: {words}", step + 1, teller.spot(edge.from), teller.machine(edge.to)), quality), Meaning::Strong);
        for reason in teller.reasons(edge, *joined) {
            push(2, reason, Meaning::Text);
        }
    }
    let words = match (tree.confidence(teller.web, node), teller.weakest(tree, node)) {
        (None, _) => "one step, nothing is joined".to_owned(),
        (Some(confidence), Some((weakest, _))) => format!("confidence {confidence:.2}  weakest link: {weakest}"),
        (Some(confidence), None) => format!("confidence {confidence:.2}  every link is exact"),
    };
    push(0, (words, None), Meaning::Strong);
    let novelty = tree.nodes.get(node).map(|node| teller.novelty(node)).unwrap_or_default();
    if !novelty.is_empty() {
        push(0, (novelty, None), Meaning::Text);
    }
    push(0, (format!("reach {}", teller.reach(tree)), None), Meaning::Text);
    let rank = format!(
        "rank {} of {}: {:.1} = novelty x reach x privilege",
        number + 1,
        text::count((found.trees.len() + found.more) as u64),
        tree.worth.score
    );
    push(0, (rank, None), Meaning::Dim);
    lines
}

/// Draws the reasons from line `scroll` on; says how many lines there are.
pub fn draw_why(
    buffer: &mut Buffer,
    area: Rect,
    (tree, node): (&Tree, usize),
    place: (usize, &Found),
    teller: &Teller<'_>,
    scroll: usize,
    ctx: &Ctx<'_>,
) -> usize {
    let mut drawn: Vec<Line> = Vec::new();
    for (indent, words, quality, meaning) in lines(tree, node, place, teller) {
        let kept = if quality.is_some() { QUALITY } else { 0 };
        let room = usize::from(area.width.saturating_sub(kept)).saturating_sub(indent).max(10);
        let parts = wrapped(&words, room);
        let last = parts.len().saturating_sub(1);
        drawn.extend(parts.into_iter().enumerate().map(|(number, part)| {
            let deeper = indent + if number > 0 { 2 } else { 0 };
            (deeper, part, quality.filter(|_| number == last), meaning)
        }));
    }
    let top = scroll.min(drawn.len().saturating_sub(usize::from(area.height)));
    for ((indent, words, quality, meaning), y) in drawn.iter().skip(top).zip(area.y..area.bottom()) {
        let x = area.x + u16::try_from(*indent).unwrap_or(0);
        put(buffer, x, y, area.right().saturating_sub(x), words, ctx.theme.style(*meaning));
        if let Some(quality) = quality {
            let meaning = if *quality == Quality::Exact { Meaning::Success } else { Meaning::Uncertain };
            put(buffer, area.right().saturating_sub(QUALITY - 1), y, QUALITY - 1, quality.word(), ctx.theme.style(meaning));
        }
    }
    drawn.len()
}

/// Column of a moment in a strip of `width` cells from `from` to `to`.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a share of a small width
fn column(at: Timestamp, (from, to): (Timestamp, Timestamp), width: u16) -> u16 {
    let all = (to - from).as_seconds_f64();
    let share = if all > 0.0 { (at - from).as_seconds_f64() / all } else { 0.0 };
    (share.clamp(0.0, 1.0) * f64::from(width.saturating_sub(1))).round() as u16
}

/// Draws the steps by time with a bar for each, and the other paths below.
pub fn draw_order(
    buffer: &mut Buffer,
    area: Rect,
    (tree, node, direction): (&Tree, usize, Direction),
    place: (usize, &Found),
    teller: &Teller<'_>,
    ctx: &Ctx<'_>,
) {
    let mut steps: Vec<(usize, &Edge)> = tree.nodes.iter().filter_map(|node| Some((node.edge, teller.web.edge(node.edge)?))).collect();
    steps.sort_by_key(|(number, _)| *number);
    steps.dedup_by_key(|(number, _)| *number);
    let current = tree.nodes.get(node).map(|node| node.edge);
    let others = u16::try_from(place.1.trees.len().saturating_sub(1)).unwrap_or(u16::MAX);
    let below = if others > 0 { (others + 1).min(area.height / 3) } else { 0 };
    let rows = usize::from(area.height.saturating_sub(below));
    let own = steps.iter().position(|(number, _)| Some(*number) == current).unwrap_or(0);
    let top = own.saturating_sub(rows / 2).min(steps.len().saturating_sub(rows));
    // A window that reaches a little past the last start: what stays open goes to its end.
    let window = (tree.worth.from, tree.worth.to);
    let label = area.width / 3;
    let strip = area.width.saturating_sub(label + 11);
    for ((number, edge), y) in steps.iter().skip(top).take(rows).zip(area.y..) {
        let style = ctx.theme.style(if Some(*number) == current { Meaning::Cursor } else { Meaning::Text });
        put(buffer, area.x, y, 9, &ctx.clock(edge.start), style);
        bar(buffer, Rect { x: area.x + 10, y, width: strip, height: 1 }, edge, window, ctx);
        let words = format!("{} {}", teller.machine(edge.to), teller.code(edge));
        put(buffer, area.x + 11 + strip, y, label, &words, style);
    }
    if below == 0 {
        return;
    }
    let y = area.bottom() - below;
    put(buffer, area.x, y, area.width, "other paths (J and K)", ctx.theme.style(Meaning::Dim));
    let near = place.0.saturating_sub(usize::from(below) / 2);
    let list = place.1.trees.iter().enumerate().skip(near).filter(|(number, _)| *number != place.0);
    for ((number, other), y) in list.zip(y + 1..area.bottom()) {
        put(
            buffer,
            area.x,
            y,
            area.width,
            &format!("{:>3} {}", number + 1, teller.summary(other, direction)),
            ctx.theme.style(Meaning::Text),
        );
    }
}

fn bar(buffer: &mut Buffer, place: Rect, edge: &Edge, window: (Timestamp, Timestamp), ctx: &Ctx<'_>) {
    let (glyphs, theme) = (ctx.glyphs, ctx.theme);
    let begin = column(edge.start, window, place.width);
    if edge.way != Way::Logon {
        let (sign, meaning) =
            if edge.way == Way::Failed { (glyphs.failure, Meaning::Failure) } else { (glyphs.bar_inferred, Meaning::Uncertain) };
        put(buffer, place.x + begin, place.y, 1, sign, theme.style(meaning));
        return;
    }
    let end = column(edge.end.map_or(window.1, |end| end.max(edge.last)), window, place.width);
    let style = theme.style(edge.worst.map_or(Meaning::Text, Meaning::Severity));
    for x in begin..=end.min(place.width.saturating_sub(1)) {
        put(buffer, place.x + x, place.y, 1, glyphs.bar, style);
    }
    if edge.end.is_none() {
        put(buffer, place.x + end, place.y, 1, glyphs.bar_open, theme.style(Meaning::Open));
    }
}
