//! Adds a term to a filter text, as the keys for "only this" and "not this" do.

use crate::query::field;

/// The text with `field:value` added, or `-field:value` to exclude it; quoted where the value needs it.
///
/// The same term is not added twice, and its opposite is replaced. `value` is taken as it stands: `*` in it is no
/// wildcard. The rest of the text is kept as typed; an `or` in it goes into parentheses.
#[must_use]
pub fn narrow(text: &str, field: &str, value: &str, exclude: bool) -> String {
    narrow_to(text, field, &[value], exclude)
}

/// The same for one of several values: `field:(a,b)`.
#[must_use]
pub fn narrow_to(text: &str, field: &str, values: &[&str], exclude: bool) -> String {
    let positive = term(field, values);
    let negative = format!("-{positive}");
    let (wanted, opposite) = if exclude { (negative, positive) } else { (positive, negative) };
    let text = text.trim();
    let mut words = split(text);
    if words.contains(&wanted.as_str()) {
        return text.to_owned();
    }
    words.retain(|word| *word != opposite);
    let kept = words.join(" ");
    if kept.is_empty() {
        wanted
    } else if words.iter().any(|word| word.eq_ignore_ascii_case("or")) {
        format!("({kept}) {wanted}")
    } else {
        format!("{kept} {wanted}")
    }
}

/// The text with `time:from..to` in place of what it said of the time; the rest is kept as typed.
#[must_use]
pub fn retimed(text: &str, from: &str, to: &str) -> String {
    let is_time = |word: &&str| {
        let word = word.to_ascii_lowercase();
        ["time", "at"].iter().any(|name| word.strip_prefix(name).is_some_and(|rest| rest.starts_with([':', '<', '>', '='])))
    };
    let mut words = split(text.trim());
    // A time inside an `or` is a part of a question of its own.
    let is_or = words.iter().any(|word| word.eq_ignore_ascii_case("or"));
    words.retain(|word| is_or || !is_time(word));
    let kept = words.join(" ");
    match (kept.is_empty(), is_or) {
        (true, _) => format!("time:{from}..{to}"),
        (false, true) => format!("({kept}) time:{from}..{to}"),
        (false, false) => format!("{kept} time:{from}..{to}"),
    }
}

/// `field:value` or `field:(a,b)`, quoted or with `=` where a value would be read otherwise.
fn term(field: &str, values: &[&str]) -> String {
    let text = field::find(field).is_some_and(|entry| matches!(entry.kind, field::Kind::Text | field::Kind::Address));
    let sign = if text && values.iter().any(|value| value.contains(['*', '?'])) { '=' } else { ':' };
    let words: Vec<String> = values.iter().map(|value| term_value(value)).collect();
    match words.as_slice() {
        [one] => format!("{field}{sign}{one}"),
        several => format!("{field}{sign}({})", several.join(",")),
    }
}

/// The value, quoted where it would be read otherwise.
pub fn term_value(value: &str) -> String {
    let splits = value.contains("..") || value.contains(|c: char| c.is_whitespace() || matches!(c, '"' | '(' | ')' | ','));
    let plain = !value.is_empty() && !splits && !value.starts_with('/');
    if plain { value.to_owned() } else { format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"")) }
}

/// Words of the top level: parenthesised and quoted parts stay whole.
fn split(text: &str) -> Vec<&str> {
    let (mut words, mut start, mut depth, mut quoted, mut escaped) = (Vec::new(), None, 0_usize, false, false);
    for (place, c) in text.char_indices() {
        if quoted {
            quoted = c != '"' || escaped;
            escaped = c == '\\' && !escaped;
            continue;
        }
        match c {
            c if c.is_whitespace() && depth == 0 => {
                words.extend(start.take().and_then(|start: usize| text.get(start..place)));
                continue;
            }
            '"' => quoted = true,
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        escaped = false;
        start.get_or_insert(place);
    }
    words.extend(start.and_then(|start| text.get(start..)));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_replaced_and_the_rest_stays() {
        for (text, expected) in [
            ("", "time:a..b"),
            ("time>09:30 host:FS01 Time:x..y", "host:FS01 time:a..b"),
            ("timer", "timer time:a..b"),
            ("time:x or host:FS01", "(time:x or host:FS01) time:a..b"),
        ] {
            assert_eq!(retimed(text, "a", "b"), expected);
        }
    }

    #[test]
    fn terms_are_added_once_and_replace_their_opposite() {
        for (text, field, value, exclude, expected) in [
            ("", "host", "FS01", false, "host:FS01"),
            ("type:10", "host", "FS01", true, "type:10 -host:FS01"),
            ("type:10 -host:FS01", "host", "FS01", true, "type:10 -host:FS01"),
            ("type:10 -host:FS01", "host", "FS01", false, "type:10 host:FS01"),
            ("a or b", "host", "FS01", false, "(a or b) host:FS01"),
            ("(a or b) c", "host", "FS01", false, "(a or b) c host:FS01"),
            ("", "account", "NT AUTHORITY\\SYSTEM", false, "account:\"NT AUTHORITY\\\\SYSTEM\""),
            ("", "account", "CORP\\svc", false, "account:CORP\\svc"),
            ("", "account", "odd\"*", false, "account=\"odd\\\"*\""),
            ("account:\"a or b\"", "type", "3", false, "account:\"a or b\" type:3"),
        ] {
            assert_eq!(narrow(text, field, value, exclude), expected, "{text} + {field} {value}");
        }
    }

    #[test]
    fn several_values_are_one_term() {
        let text = narrow_to("type:3", "account", &["a", "b c", "d"], false);
        assert_eq!(text, "type:3 account:(a,\"b c\",d)");
        assert_eq!(narrow_to(&text, "account", &["a", "b c", "d"], true), "type:3 -account:(a,\"b c\",d)");
        assert_eq!(narrow_to("", "account", &["a*", "b"], false), "account=(a*,b)");
        for text in ["account:(a,\"b c\",d)", "account=(a*,b)", "-source:(10.0.0.1,\"::1\",fe80::1)"] {
            assert!(crate::query::parse(text, crate::base::time::Timestamp::default()).is_ok(), "{text}");
        }
    }
}
