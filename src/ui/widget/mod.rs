//! Small parts that several views draw: text in cells, boxes, tables, bars.
//!
//! Everything a log stated must be cleaned before it comes here (`Names::shown`, `base::text::clean`); `put` cleans once
//! more, so that no control byte can reach the terminal by mistake.

pub mod columns;
pub mod gantt;
pub mod heat;
pub mod pairs;
pub mod table;

use crate::base::text;
use crate::ui::glyph::Glyphs;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// Writes `words` at (x, y) in at most `cells` cells, cut with `..`; outside the buffer nothing happens. Says how many
/// cells were used.
pub fn put(buffer: &mut Buffer, x: u16, y: u16, cells: u16, words: &str, style: Style) -> u16 {
    let area = *buffer.area();
    if y < area.top() || y >= area.bottom() || x < area.left() || x >= area.right() {
        return 0;
    }
    let room = usize::from(cells.min(area.right() - x));
    let clean = text::clean(words);
    let fitted = text::fit(&clean, room);
    let (end, _) = buffer.set_stringn(x, y, fitted.as_ref(), room, style);
    end - x
}

/// Words in lines of at most `cells` cells, broken at blanks; a longer word has a line of its own.
#[must_use]
pub fn wrapped(words: &str, cells: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words.split_whitespace() {
        match lines.last_mut() {
            Some(line) if text::width(line) + 1 + text::width(word) <= cells => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// A frame with a title round an area; gives the area inside. `focus` puts brackets round the title and makes it bold.
pub fn boxed(buffer: &mut Buffer, area: Rect, title: &str, focus: bool, glyphs: &Glyphs, style: Style) -> Rect {
    if area.width < 2 || area.height < 2 {
        return Rect::new(area.x, area.y, 0, 0);
    }
    let (right, bottom) = (area.right() - 1, area.bottom() - 1);
    for x in area.left() + 1..right {
        put(buffer, x, area.top(), 1, glyphs.horizontal, style);
        put(buffer, x, bottom, 1, glyphs.horizontal, style);
    }
    for y in area.top() + 1..bottom {
        put(buffer, area.left(), y, 1, glyphs.vertical, style);
        put(buffer, right, y, 1, glyphs.vertical, style);
    }
    let [top_left, top_right, bottom_left, bottom_right] = glyphs.corners;
    put(buffer, area.left(), area.top(), 1, top_left, style);
    put(buffer, right, area.top(), 1, top_right, style);
    put(buffer, area.left(), bottom, 1, bottom_left, style);
    put(buffer, right, bottom, 1, bottom_right, style);
    if !title.is_empty() && area.width > 6 {
        let title = if focus { format!("[{title}]") } else { format!(" {title} ") };
        let style = if focus { style.add_modifier(ratatui::style::Modifier::BOLD) } else { style };
        put(buffer, area.left() + 2, area.top(), area.width - 4, &title, style);
    }
    Rect::new(area.left() + 1, area.top() + 1, area.width - 2, area.height - 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_broken_at_blanks() {
        assert_eq!(wrapped("a log from before Windows Vista", 10), ["a log from", "before", "Windows", "Vista"]);
        assert_eq!(wrapped("unbreakable", 4), ["unbreakable"]);
        assert_eq!(wrapped("", 4), Vec::<String>::new());
    }
}
