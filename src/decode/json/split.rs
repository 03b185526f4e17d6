//! Cuts a big input into pieces that can be decoded side by side.

use super::scan::Scan;
use std::ops::Range;

/// The input is JSON lines, as far as its first line tells.
fn is_lines(bytes: &[u8]) -> Option<()> {
    let mut scan = Scan::new(bytes, 0);
    if scan.token().ok()? != b'{' || super::frame::envelope(bytes).is_some() {
        return None;
    }
    scan.skip().ok()?;
    let (first, behind) = bytes.split_at_checked(scan.at)?;
    let is_one_line = !first.trim_ascii_start().contains(&b'\n');
    (is_one_line && matches!(behind, [] | [b'\n', ..] | [b'\r', b'\n', ..])).then_some(())
}

/// Pieces of `bytes` at line borders when the input is JSON lines; `None` when it must be read in one go (arrays, pages,
/// pretty-printed objects, UTF-16).
#[must_use]
pub fn split(bytes: &[u8], pieces: usize) -> Option<Vec<Range<usize>>> {
    is_lines(bytes)?;
    let size = bytes.len() / pieces.max(1) + 1;
    let mut ranges = Vec::with_capacity(pieces);
    let mut from = 0;
    while from < bytes.len() {
        let to = next_border(bytes, from.saturating_add(size));
        ranges.push(from..to);
        from = to;
    }
    Some(ranges)
}

/// Whole lines of about this stretch: from the border at or behind `from` to that at or behind `to`. `None` as in `split`.
#[must_use]
pub fn lines(bytes: &[u8], from: usize, to: usize) -> Option<Range<usize>> {
    is_lines(bytes)?;
    let from = if from == 0 { 0 } else { next_border(bytes, from) };
    let to = if to >= bytes.len() { bytes.len() } else { next_border(bytes, to) };
    Some(from..to.max(from))
}

/// First place from `at` on where a line begins with an object and the line before ended with one.
fn next_border(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    for newline in memchr::memchr_iter(b'\n', rest) {
        let border = at + newline + 1;
        let before = bytes.get(..border).unwrap_or_default().trim_ascii_end();
        if bytes.get(border) == Some(&b'{') && before.last() == Some(&b'}') {
            return border;
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_lines_are_cut_at_line_borders_and_nothing_is_lost() {
        let lines: String = (0..100).map(|number| format!("{{\"a\":{number},\"b\":[{{}}]}}\n")).collect();
        for pieces in [1, 2, 3, 7, 1_000] {
            let ranges = split(lines.as_bytes(), pieces).unwrap();
            let back: String = ranges.iter().map(|range| &lines[range.clone()]).collect();
            assert_eq!(back, lines);
            assert!(ranges.iter().all(|range| lines[range.clone()].starts_with('{') && lines[range.clone()].ends_with("}\n")));
            assert!(ranges.len() <= pieces);
        }
    }

    #[test]
    fn other_layouts_are_read_in_one_go() {
        for text in [
            "[{\"a\":1}]",
            "{\n \"a\": 1\n}\n{\n \"a\": 2\n}\n",
            "{\"records\":[{}]}\n{\"records\":[{}]}\n",
            "{\"a\":1}{\"a\":2}",
            "{\"a\":",
            "",
        ] {
            let ranges = split(text.as_bytes(), 4);
            assert!(ranges.is_none() || ranges.as_ref().is_some_and(|ranges| ranges.len() == 1), "{text}: {ranges:?}");
        }
    }
}
