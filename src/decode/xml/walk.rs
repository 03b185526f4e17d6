//! One pass over the XML of a record: its values with the names of the elements round them.
//!
//! No general XML: what tools export is small, flat and without entities of its own. What is not well formed is a `Fault` with
//! its place, never a panic.

/// Elements inside one another that are told apart; deeper ones are counted only.
const DEEPEST: usize = 8;

/// Place and kind of what is wrong with an event's XML.
pub struct Fault(pub usize, pub &'static str);

/// Receives the values of an event.
pub trait Values {
    /// A value by the local names of its elements, outermost first; `name` is the `Name` of a `Data` or an attribute's name.
    fn value(&mut self, path: &[&str], name: &str, text: &str, from: usize);
}

/// One pass over the tags of an event.
pub fn walk<'a>(text: &'a str, values: &mut dyn Values) -> Result<(), Fault> {
    let mut path: Vec<&'a str> = Vec::with_capacity(DEEPEST);
    let mut deeper = 0_usize;
    // `Name` of the open `Data`, and whether the open element has had children.
    let mut name = "";
    let mut leaf_from = None;
    let mut at = 0;
    while let Some(open) = memchr::memchr(b'<', text.as_bytes().get(at..).unwrap_or_default()).map(|place| at + place) {
        let rest = text.get(open..).unwrap_or_default();
        if let Some(inner) = rest.strip_prefix("<![CDATA[") {
            let end = inner.find("]]>").ok_or(Fault(open, "a CDATA section without an end"))?;
            if deeper == 0 && !path.is_empty() {
                values.value(&path, name, inner.get(..end).unwrap_or_default(), open + 9);
            }
            leaf_from = None;
            at = open + 9 + end + 3;
            continue;
        }
        if rest.starts_with("<!--") || rest.starts_with("<?") {
            at = open + rest.find('>').ok_or(Fault(open, "a comment without an end"))? + 1;
            continue;
        }
        let close = tag_end(rest).ok_or(Fault(open, "a tag without `>`"))?;
        let tag = rest.get(1..close).unwrap_or_default();
        at = open + close + 1;
        if let Some(closed) = tag.strip_prefix('/') {
            if deeper > 0 {
                deeper -= 1;
                continue;
            }
            if path.last() != Some(&local(closed.trim_end())) {
                return Err(Fault(open, "a closing tag that fits no open one"));
            }
            if let Some(from) = leaf_from.take() {
                values.value(&path, name, text.get(from..open).unwrap_or_default(), from);
            }
            path.pop();
            name = "";
            continue;
        }
        let (tag, empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let (element, attributes) = tag.split_once(|c: char| c.is_ascii_whitespace()).unwrap_or((tag, ""));
        if deeper > 0 || path.len() >= DEEPEST {
            deeper += usize::from(!empty);
            continue;
        }
        path.push(local(element));
        name = "";
        let begin = open + 1 + (tag.len() - attributes.len());
        each_attribute(attributes, |key, value, place| {
            if path.last() == Some(&"Data") {
                if key == "Name" {
                    name = value;
                }
            } else {
                values.value(&path, key, value, begin + place);
            }
        });
        leaf_from = Some(at);
        if empty {
            values.value(&path, name, "", at);
            path.pop();
            name = "";
            leaf_from = None;
        }
    }
    if path.is_empty() { Ok(()) } else { Err(Fault(text.len(), "an element without an end")) }
}

/// Place of the `>` that ends the tag at the start of `text`; one in quotes does not.
fn tag_end(text: &str) -> Option<usize> {
    let mut quote = None;
    for (place, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(place),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}

fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

/// Calls `each` with local name, raw value and the value's place in `attributes`.
fn each_attribute<'a>(attributes: &'a str, mut each: impl FnMut(&'a str, &'a str, usize)) {
    let mut at = 0;
    while let Some((key, rest)) = attributes.get(at..).and_then(|rest| rest.split_once('=')) {
        let quoted = rest.trim_start();
        let Some(quote) = quoted.chars().next().filter(|c| matches!(c, '"' | '\'')) else { return };
        let from = attributes.len() - quoted.len() + 1;
        let Some((value, behind)) = attributes.get(from..).and_then(|rest| rest.split_once(quote)) else { return };
        each(local(key.trim()), value, from);
        at = attributes.len() - behind.len();
    }
}

/// Text without its entities; unknown ones stay as they stand.
pub fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let entity = after.split_once(';').filter(|(name, _)| name.len() <= 8);
        let character = entity.and_then(|(name, _)| match name {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            _ => {
                let number = name.strip_prefix('#')?;
                let code = match number.strip_prefix(['x', 'X']) {
                    Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                    None => number.parse().ok()?,
                };
                char::from_u32(code)
            }
        });
        match (entity, character) {
            (Some((_, behind)), Some(character)) => {
                out.push(character);
                rest = behind;
            }
            _ => {
                out.push('&');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}
