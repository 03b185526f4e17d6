//! The signs of the screen in two sets: ASCII, and Unicode without ambiguous widths outside bars.

use crate::model::visit::State;

/// One set of signs. All are one cell wide.
#[derive(Debug, PartialEq, Eq)]
pub struct Glyphs {
    pub name: &'static str,
    /// Density from little to much.
    pub density: &'static [&'static str],
    /// Failures lead in a density cell.
    pub failure: &'static str,
    /// An anomaly sits here.
    pub anomaly: &'static str,
    pub bar_begin: &'static str,
    pub bar: &'static str,
    /// Ended by a logoff.
    pub bar_end: &'static str,
    /// Began before the window.
    pub bar_before: &'static str,
    /// Open now.
    pub bar_open: &'static str,
    /// End inferred.
    pub bar_inferred: &'static str,
    pub bar_disconnected: &'static str,
    pub bar_locked: &'static str,
    /// A run of logons, each of which lasts moments.
    pub bar_run: &'static str,
    /// Ends of a selected range of time.
    pub range_begin: &'static str,
    pub range_end: &'static str,
    /// The overview is drawn in dots, two columns of four in a cell.
    pub dots: bool,
    pub horizontal: &'static str,
    pub vertical: &'static str,
    /// Top left, top right, bottom left, bottom right.
    pub corners: [&'static str; 4],
    /// A branch of a tree: the first beside its parent, one between others, the last.
    pub branch_first: &'static str,
    pub branch: &'static str,
    pub branch_last: &'static str,
    pub arrow: &'static str,
    pub arrow_back: &'static str,
    /// Heat map from little to much; the first is "never".
    pub heat: &'static [&'static str],
    pub cursor_row: &'static str,
    pub cursor_bar: &'static str,
    pub cursor_column: &'static str,
    /// Horizontal bar of a count.
    pub meter: &'static str,
    /// A line of a tree with others after it, and the last one.
    pub tree_branch: &'static str,
    pub tree_last: &'static str,
    pub privileged: &'static str,
    /// Head of the column the rows are sorted by: upwards, downwards.
    pub sorted: [&'static str; 2],
    /// A bookmark, and a note.
    pub mark: &'static str,
    pub note: &'static str,
}

impl Glyphs {
    /// What the signs of a session's bar mean, for the help.
    #[must_use]
    pub const fn legend(&self) -> [(&'static str, &'static str); 9] {
        [
            (self.bar_begin, "it begins"),
            (self.bar_end, "a logoff ended it"),
            (self.bar_before, "it began before the window"),
            (self.bar_open, "it is open"),
            (self.bar_inferred, "its end was concluded, not written; also before such a line of a story"),
            (self.bar_run, "a run of logons, each of which lasted moments; xN counts them"),
            (self.bar_disconnected, "disconnected: nobody is there, its programs go on"),
            (self.bar_locked, "locked"),
            (self.failure, "failures lead; the letter of the worst anomaly stands before a bar"),
        ]
    }
    /// The mark of the column the rows are sorted by.
    #[must_use]
    pub const fn sorted_mark(&self, downwards: bool) -> &'static str {
        let [up, down] = self.sorted;
        if downwards { down } else { up }
    }
    /// The bar of a state; nothing for a session at which somebody is.
    #[must_use]
    pub const fn bar_of(&self, state: State) -> Option<&'static str> {
        match state {
            State::Active | State::Idle => None,
            State::Locked => Some(self.bar_locked),
            State::Disconnected => Some(self.bar_disconnected),
        }
    }
}

pub static ASCII: Glyphs = Glyphs {
    name: "ascii",
    density: &[".", ":", "=", "#"],
    failure: "x",
    anomaly: "!",
    bar_begin: "[",
    bar: "=",
    bar_end: "]",
    bar_before: "<",
    bar_open: ">",
    bar_inferred: "?",
    bar_disconnected: "~",
    bar_locked: "-",
    bar_run: ":",
    dots: false,
    range_begin: "[",
    range_end: "]",
    horizontal: "-",
    vertical: "|",
    corners: ["+", "+", "+", "+"],
    branch_first: "+",
    branch: "+",
    branch_last: "+",
    arrow: ">",
    arrow_back: "<",
    heat: &[" ", ".", ":", "=", "#"],
    cursor_row: ">",
    cursor_bar: "*",
    cursor_column: "^",
    meter: "#",
    tree_branch: "|",
    tree_last: "`",
    privileged: "$",
    sorted: ["+", "-"],
    mark: "&",
    note: "\"",
};

pub static UNICODE: Glyphs = LINES;

/// As `UNICODE`, for fonts that have all of it: an overview in dots, at twice the columns, and round corners.
pub static FINE: Glyphs = Glyphs { name: "fine", dots: true, corners: ["\u{256d}", "\u{256e}", "\u{2570}", "\u{256f}"], ..LINES };

/// In the order of the key that changes them.
pub static SETS: [&Glyphs; 3] = [&ASCII, &UNICODE, &FINE];

/// The set of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Glyphs> {
    SETS.into_iter().find(|set| set.name == name)
}

/// Two columns of dots in one cell, each 0 to 4 high.
#[must_use]
pub fn dots(left: usize, right: usize) -> char {
    // Bits of Unicode, from the lowest dot up.
    const LEFT: [u32; 4] = [0x40, 0x04, 0x02, 0x01];
    const RIGHT: [u32; 4] = [0x80, 0x20, 0x10, 0x08];
    let bits = |column: [u32; 4], high: usize| column.into_iter().take(high).sum::<u32>();
    char::from_u32(0x2800 + bits(LEFT, left) + bits(RIGHT, right)).unwrap_or(' ')
}

const LINES: Glyphs = Glyphs {
    name: "unicode",
    density: &["\u{2581}", "\u{2582}", "\u{2583}", "\u{2584}", "\u{2585}", "\u{2586}", "\u{2587}", "\u{2588}"],
    failure: "\u{d7}",
    anomaly: "\u{25c6}",
    bar_begin: "\u{258f}",
    bar: "\u{2501}",
    bar_end: "\u{2595}",
    bar_before: "\u{25c0}",
    bar_open: "\u{25b6}",
    bar_inferred: "?",
    bar_disconnected: "\u{2504}",
    bar_locked: "\u{2500}",
    bar_run: "\u{2505}",
    dots: false,
    range_begin: "\u{251c}",
    range_end: "\u{2524}",
    horizontal: "\u{2500}",
    vertical: "\u{2502}",
    corners: ["\u{250c}", "\u{2510}", "\u{2514}", "\u{2518}"],
    branch_first: "\u{252c}",
    branch: "\u{251c}",
    branch_last: "\u{2514}",
    arrow: "\u{25b6}",
    arrow_back: "\u{25c0}",
    heat: &["\u{b7}", "\u{2591}", "\u{2592}", "\u{2593}", "\u{2588}"],
    cursor_row: ">",
    cursor_bar: "*",
    cursor_column: "^",
    meter: "\u{2588}",
    tree_branch: "\u{251c}",
    tree_last: "\u{2514}",
    privileged: "\u{2191}",
    sorted: ["\u{25b4}", "\u{25be}"],
    mark: "\u{2691}",
    note: "\u{270e}",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_stand_on_the_ground() {
        assert_eq!([dots(0, 0), dots(1, 0), dots(4, 4), dots(2, 3)], ['\u{2800}', '\u{2840}', '\u{28ff}', '\u{28f4}']);
        assert_eq!((find("fine").map(|set| set.dots), find("coarse").is_none()), (Some(true), true));
    }
}
