//! The pane at the right of a wide screen: all that is said of what is under the cursor, in whole sentences.

use super::cursor::Under;
use super::lanes::Scene;
use super::track::Tracks;
use super::words;
use crate::model::ids::AnomalyId;
use crate::ui::theme::Meaning;
use crate::ui::widget::{boxed, put, wrapped};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Anomalies of one session that are told.
const TOLD: usize = 8;

pub fn draw(buffer: &mut Buffer, tracks: &Tracks<'_, '_>, scene: &Scene, under: &Under, pane: Rect) {
    let ctx = tracks.ctx;
    let (theme, snapshot) = (ctx.theme, ctx.snapshot);
    let inside = boxed(buffer, pane, "under the cursor  (o: close)", false, ctx.glyphs, theme.style(Meaning::Dim));
    let mut y = inside.y;
    let mut line = |text: &str, meaning: Meaning| {
        for words in wrapped(text, usize::from(inside.width.saturating_sub(1))) {
            if y < inside.bottom() {
                put(buffer, inside.x + 1, y, inside.width.saturating_sub(1), &words, theme.style(meaning));
            }
            y = y.saturating_add(1);
        }
        if text.is_empty() {
            y = y.saturating_add(1);
        }
    };
    for (number, told) in words::lines(tracks, scene, under).iter().enumerate() {
        line(&format!("{}{}", told.words, told.next), if number == 0 { Meaning::Strong } else { Meaning::Text });
    }
    let mut ids: Vec<AnomalyId> = under.anomaly.into_iter().collect();
    if let Some(visit) = under.visit {
        ids.extend(snapshot.marks.of_visit(visit).take(TOLD).filter(|id| Some(*id) != under.anomaly));
    }
    for anomaly in ids.iter().filter_map(|id| snapshot.tables.anomaly(*id)).filter(|anomaly| super::bars::is_wanted(ctx, anomaly)) {
        line("", Meaning::Text);
        let head = format!("{} {} {}  {}", anomaly.severity.letter(), anomaly.score, anomaly.detection.id, ctx.day_clock(anomaly.at));
        line(&head, Meaning::Severity(anomaly.severity));
        line(&anomaly.why, Meaning::Text);
        let sum: Vec<String> = anomaly.score_parts.iter().map(|part| format!("{} {}", part.points, part.reason)).collect();
        line(&format!("score {} = {}", anomaly.score, sum.join(" + ")), Meaning::Dim);
        if !anomaly.detection.check.is_empty() {
            line(&format!("check: {}", anomaly.detection.check), Meaning::Dim);
        }
    }
    if let Some(visit) = under.visit.and_then(|id| snapshot.tables.visit(id)) {
        line("", Meaning::Text);
        line(&format!("began {}", ctx.day_clock(visit.start)), Meaning::Text);
        for (state, from, to) in visit.stretches().take(TOLD) {
            let to = to.map_or_else(|| "now".to_owned(), |to| ctx.zone.clock(to));
            line(&format!("{} {} .. {to}", state.word(), ctx.zone.clock(from)), Meaning::Dim);
        }
        if let Some(end) = visit.end {
            line(&format!("ended {} ({})", ctx.day_clock(end), visit.end_reason.word()), Meaning::Text);
        }
        line("ga account  gh host  gs source  gp path", Meaning::Dim);
    }
}
