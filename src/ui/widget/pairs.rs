//! Labelled lines, such as a profile: a dim label, then words; and the folding of long text into lines.

use super::put;
use super::table::Look;
use crate::base::text;
use crate::ui::theme::Meaning;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_segmentation::UnicodeSegmentation as _;

/// One line, or one paragraph, with what it is about. The label may be empty.
#[derive(Clone, Debug)]
pub struct Pair {
    pub label: &'static str,
    pub words: String,
    pub meaning: Meaning,
}

impl Pair {
    #[must_use]
    pub fn new(label: &'static str, words: impl Into<String>) -> Self {
        Self { label, words: words.into(), meaning: Meaning::Text }
    }
    #[must_use]
    pub const fn meaning(mut self, meaning: Meaning) -> Self {
        self.meaning = meaning;
        self
    }
}

/// Folds cleaned text into lines of at most `cells` cells: at blanks where it can, else between graphemes.
#[must_use]
pub fn fold(words: &str, cells: usize) -> Vec<String> {
    let cells = cells.max(2);
    let mut lines = Vec::new();
    let (mut line, mut used) = (String::new(), 0);
    for word in words.split(' ') {
        let width = text::width(word);
        if used > 0 && used + 1 + width <= cells {
            line.push(' ');
            line.push_str(word);
            used += 1 + width;
            continue;
        }
        if used > 0 {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        for grapheme in word.graphemes(true) {
            let width = text::width(grapheme);
            if used + width > cells {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            line.push_str(grapheme);
            used += width;
        }
    }
    lines.push(line);
    lines
}

/// Cuts a line into pieces of at most `cells` cells and keeps every blank, as records are shown.
#[must_use]
pub fn chop(line: &str, cells: usize) -> Vec<String> {
    let cells = cells.max(2);
    let mut lines = Vec::new();
    let (mut piece, mut used) = (String::new(), 0);
    for grapheme in line.graphemes(true) {
        let width = text::width(grapheme);
        if used + width > cells {
            lines.push(std::mem::take(&mut piece));
            used = 0;
        }
        piece.push_str(grapheme);
        used += width;
    }
    lines.push(piece);
    lines
}

/// Draws pairs one below the other, words folded beside a label column of `label` cells; gives the rows used.
/// `skip` rows are left out at the top.
pub fn draw(buffer: &mut Buffer, area: Rect, pairs: &[Pair], label: u16, skip: usize, look: Look<'_>) -> u16 {
    let room = area.width.saturating_sub(label);
    let rows = pairs.iter().flat_map(|pair| {
        // No pair needs more than a screen, however long a name in it is.
        let words = text::fit(&pair.words, usize::from(room) * usize::from(area.height).max(1)).into_owned();
        fold(&words, usize::from(room)).into_iter().enumerate().map(move |(number, line)| (pair, number, line))
    });
    let mut y = area.y;
    for (pair, number, line) in rows.skip(skip) {
        if y >= area.bottom() {
            break;
        }
        if number == 0 {
            put(buffer, area.x, y, label.min(area.width), pair.label, look.theme.style(Meaning::Dim));
        }
        put(buffer, area.x + label, y, room, &line, look.theme.style(pair.meaning));
        y += 1;
    }
    y - area.y
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fold_at_blanks_and_inside_endless_words() {
        assert_eq!(fold("never seen for this account", 11), ["never seen", "for this", "account"]);
        assert_eq!(fold("abcdefghij xy", 4), ["abcd", "efgh", "ij", "xy"]);
        assert_eq!(fold("\u{4e2d}\u{6587}\u{4e2d}", 5), ["\u{4e2d}\u{6587}", "\u{4e2d}"]);
        assert_eq!(fold("", 5), [""]);
        assert_eq!(chop("  \"a\": 1", 5), ["  \"a\"", ": 1"]);
    }
}
