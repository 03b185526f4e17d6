//! Puts the elements of an XML text on lines of their own, moved in by their depth. Nothing is read or changed: what stands
//! between tags stays as it is, so that also a record that no parser takes can be looked at.

/// Depth after which lines are not moved in further.
const DEEPEST: usize = 24;

/// An element a line; one that holds only text stays on one.
#[must_use]
pub fn lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 2);
    let mut depth = 0_usize;
    let mut rest = text.trim();
    // The last thing written was an opening tag, behind which text and its end tag stay.
    let mut is_open = false;
    while !rest.is_empty() {
        let (piece, after) = match rest.strip_prefix('<') {
            Some(inner) => rest.split_at(inner.find('>').map_or(rest.len(), |end| end + 2)),
            None => rest.split_at(rest.find('<').unwrap_or(rest.len())),
        };
        rest = after;
        let is_tag = piece.starts_with('<');
        let closes = piece.starts_with("</");
        let is_alone = piece.ends_with("/>") || piece.starts_with("<?") || piece.starts_with("<!");
        if closes {
            depth = depth.saturating_sub(1);
        }
        if !is_tag {
            if !piece.trim().is_empty() {
                out.push_str(piece);
                continue;
            }
            if is_open && after.starts_with("</") {
                out.push_str(piece.trim_matches(['\r', '\n']));
            }
            continue;
        }
        let joins = closes && (is_open || !out.ends_with('>'));
        if !joins && !out.is_empty() {
            out.push('\n');
            out.push_str(&"  ".repeat(depth.min(DEEPEST)));
        }
        out.push_str(piece);
        is_open = !closes && !is_alone;
        if is_open {
            depth += 1;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_stand_on_lines_and_texts_stay() {
        let text = "<Event xmlns='x'><System><Provider Name='P'/><EventID>4624</EventID></System><EventData><Data Name='a'>b c</Data><Data Name='e'></Data></EventData></Event>";
        let wanted = "<Event xmlns='x'>\n  <System>\n    <Provider Name='P'/>\n    <EventID>4624</EventID>\n  </System>\n  <EventData>\n    <Data Name='a'>b c</Data>\n    <Data Name='e'></Data>\n  </EventData>\n</Event>";
        assert_eq!(lines(text), wanted);
        assert_eq!(lines(wanted), wanted);
        for broken in ["<a", "a<b>c", "</a></a>", "<a><a><a>", ""] {
            let _ = lines(broken);
        }
    }
}
