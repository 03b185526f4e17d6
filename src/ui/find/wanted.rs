//! What is looked for: a filter, or words where lines are texts; and how its matches are marked on the screen.

use super::scope::{OnScreen, Thing};
use crate::query::Filter;
use crate::store::Snapshot;
use crate::ui::marks::Target;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// See the module.
#[derive(Clone, Debug)]
pub struct Wanted {
    text: String,
    filter: Option<Filter>,
    /// In lower case; all of them must be in a line of words.
    words: Vec<String>,
}

impl Wanted {
    /// Words, each for itself; what stands in quotes stays together.
    #[must_use]
    pub fn words(text: &str) -> Self {
        let mut words: Vec<String> = Vec::new();
        for (place, part) in text.split('"').enumerate() {
            if place % 2 == 1 {
                words.push(part.to_lowercase());
            } else {
                words.extend(part.split_whitespace().map(str::to_lowercase));
            }
        }
        words.retain(|word| !word.is_empty());
        Self { text: text.trim().to_owned(), filter: None, words }
    }
    /// What a filter leaves.
    #[must_use]
    pub fn filter(filter: Filter) -> Self {
        Self { text: filter.text().to_owned(), words: filter.texts(), filter: Some(filter) }
    }
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
    #[must_use]
    pub fn holds(&self, thing: &Thing, snapshot: &Snapshot) -> bool {
        let Some(filter) = &self.filter else {
            return matches!(thing, Thing::Words(line) if self.is_in(line));
        };
        match thing {
            Thing::One(target) => target.passes(filter, snapshot),
            Thing::Anomalies(ids) => ids.iter().any(|id| Target::Anomaly(*id).passes(filter, snapshot)),
            Thing::Words(_) => false,
        }
    }
    /// All words are in the line.
    #[must_use]
    pub fn is_in(&self, line: &str) -> bool {
        let line = line.to_lowercase();
        !self.words.is_empty() && self.words.iter().all(|word| line.contains(word))
    }
    /// Marks what matches in a part of the screen: the texts that were looked for, or all of it where it is something
    /// else that matches.
    pub fn mark(&self, buffer: &mut Buffer, part: &OnScreen, snapshot: &Snapshot, style: Style) {
        match &part.thing {
            Some(thing) if !self.holds(thing, snapshot) => {}
            Some(_) => {
                if !mark_texts(buffer, part.area, &self.words, style) {
                    mark_line(buffer, part.area, if part.is_line { Style::default().add_modifier(style.add_modifier) } else { style });
                }
            }
            None => {
                mark_texts(buffer, part.area, &self.words, style);
            }
        }
    }
}

/// Marks every one of `texts` (lower case) in an area; says whether there was one.
pub fn mark_texts(buffer: &mut Buffer, area: Rect, texts: &[String], style: Style) -> bool {
    let area = area.intersection(*buffer.area());
    let mut any = false;
    for y in area.top()..area.bottom() {
        // The row in lower case, and the cell of each of its bytes.
        let (mut row, mut cells) = (String::new(), Vec::new());
        for x in area.left()..area.right() {
            let symbol = buffer.cell((x, y)).map_or_else(String::new, |cell| cell.symbol().to_lowercase());
            cells.extend(std::iter::repeat_n(x, symbol.len()));
            row.push_str(&symbol);
        }
        for text in texts.iter().filter(|text| !text.is_empty()) {
            for (start, _) in row.match_indices(text.as_str()) {
                any = true;
                for x in cells.iter().skip(start).take(text.len()) {
                    if let Some(cell) = buffer.cell_mut((*x, y)) {
                        cell.set_style(style);
                    }
                }
            }
        }
    }
    any
}

fn mark_line(buffer: &mut Buffer, area: Rect, style: Style) {
    let area = area.intersection(*buffer.area());
    for y in area.top()..area.bottom() {
        for x in area.left()..area.right() {
            if let Some(cell) = buffer.cell_mut((x, y)).filter(|cell| cell.symbol() != " ") {
                cell.set_style(style);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_may_stand_anywhere_and_quotes_keep_them_together() {
        let wanted = Wanted::words("Logon \"Type 10\"");
        assert!(wanted.is_in("an RDP logon is of type 10"));
        assert!(!wanted.is_in("a logon of type 3, 10 times"));
        assert!(!Wanted::words("  ").is_in("anything"));
    }

    #[test]
    fn texts_are_marked_where_they_stand_also_behind_wide_letters() {
        let mut buffer = Buffer::with_lines(["\u{4e2d}\u{6587} SVC_b svc_b", "nothing"]);
        let area = *buffer.area();
        let style = Style::default().add_modifier(ratatui::style::Modifier::UNDERLINED);
        assert!(mark_texts(&mut buffer, area, &["svc_".to_owned()], style));
        let marked: String =
            buffer.content.iter().filter(|cell| cell.style().add_modifier == style.add_modifier).map(|cell| cell.symbol()).collect();
        assert_eq!(marked, "SVC_svc_");
        assert!(!mark_texts(&mut buffer, Rect { y: 1, height: 1, ..area }, &["svc_".to_owned()], style));
    }
}
