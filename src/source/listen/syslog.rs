//! What a syslog message carries: the header is left out, RFC 5424 and RFC 3164 alike.
//!
//! Messages of shippers carry JSON or XML behind a header, or have none. Nothing of the header is kept: the records say
//! themselves who wrote them and when.

use memchr::{memchr, memmem};

/// The record in a message: from the opening bracket of JSON or the first tag of an event on. A message that carries
/// neither comes back as it is, without its header where one was recognised.
#[must_use]
pub fn record(message: &[u8]) -> &[u8] {
    let message = message.strip_prefix("\u{feff}".as_bytes()).unwrap_or(message).trim_ascii();
    match message {
        [b'{' | b'[', ..] => message,
        [b'<', digit, ..] if digit.is_ascii_digit() => {
            let text = memchr(b'>', message.get(..5).unwrap_or(message)).and_then(|end| message.get(end + 1..));
            let text = text.map_or(message, |text| body_of_5424(text).unwrap_or(text));
            begin(text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text)).trim_ascii()
        }
        _ => begin(message),
    }
}

/// From where a record begins; the text itself when none does.
fn begin(text: &[u8]) -> &[u8] {
    let json = memchr(b'{', text);
    let xml = memmem::find(text.get(..json.unwrap_or(text.len())).unwrap_or_default(), b"<Event");
    xml.or(json).and_then(|at| text.get(at..)).unwrap_or(text)
}

/// The message of RFC 5424: behind version, time, host, application, process, message id and structured data.
fn body_of_5424(text: &[u8]) -> Option<&[u8]> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if !(1..=2).contains(&digits) || text.get(digits) != Some(&b' ') {
        return None;
    }
    let mut rest = text.get(digits + 1..)?;
    for _ in 0..5 {
        let end = memchr(b' ', rest)?;
        rest = rest.get(end + 1..)?;
    }
    let behind = match rest.first()? {
        b'-' => rest.get(1..)?,
        b'[' => behind_elements(rest)?,
        _ => return None,
    };
    Some(behind.strip_prefix(b" ").unwrap_or(behind))
}

/// Behind the elements of structured data: `[id name="value" ...]`, where a value may hold `\"`, `\\` and `\]`.
fn behind_elements(mut rest: &[u8]) -> Option<&[u8]> {
    while rest.first() == Some(&b'[') {
        let (mut quoted, mut escaped) = (false, false);
        let end = rest.iter().position(|byte| {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if quoted => escaped = true,
                b'"' => quoted = !quoted,
                _ => return *byte == b']' && !quoted,
            }
            false
        })?;
        rest = rest.get(end + 1..)?;
    }
    Some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_goes_and_the_record_stays() {
        for (message, expected) in [
            (r#"{"a":1}"#, r#"{"a":1}"#),
            (" {\"a\":1}\r", r#"{"a":1}"#),
            (r#"<14>1 2026-11-21T09:00:00Z dc01 nxlog 712 - - {"a":1}"#, r#"{"a":1}"#),
            ("<14>1 2026-11-21T09:00:00Z dc01 nxlog 712 ID47 - \u{feff}{\"a\":1}", r#"{"a":1}"#),
            (r#"<165>1 - - - - - [x@1 k="a\"]b{"][y@1] {"a":"[b] c"}"#, r#"{"a":"[b] c"}"#),
            (r#"<13>Nov 21 09:00:00 dc01 evt[4]: {"a":1}"#, r#"{"a":1}"#),
            (r#"<13>Nov 21 09:00:00 dc01 evt: @cee: {"a":1}"#, r#"{"a":1}"#),
            ("<13>Nov 21 09:00:00 dc01 evt: <Event xmlns='x'><System/></Event>", "<Event xmlns='x'><System/></Event>"),
            ("<Event><A b='{'/></Event>", "<Event><A b='{'/></Event>"),
            ("<?xml version='1.0'?><Event/>", "<Event/>"),
            ("<13>Nov 21 09:00:00 host sshd[1]: Accepted password", "Nov 21 09:00:00 host sshd[1]: Accepted password"),
            ("<14>1 - - - - - -", ""),
            ("<999999", "<999999"),
            ("", ""),
        ] {
            assert_eq!(record(message.as_bytes()), expected.as_bytes(), "{message}");
        }
    }
}
