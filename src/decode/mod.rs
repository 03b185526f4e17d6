//! Bytes become `Fields`: one decoder per format, and a first look that says which one a file needs.
//!
//! A decoder knows the format, not the meaning: it hands named values to a `RecordSink` and judges nothing. Whatever
//! cannot be read is handed over as `Unreadable` with its place and reason; no input makes a decoder fail or panic.

mod catch;
pub mod csv;
pub mod cut;
pub mod evtx;
pub mod json;
mod keyvalue;
mod message;
mod positions;
pub mod text;
mod wide;
pub mod xml;

/// What the first bytes of an input look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sniffed {
    /// Windows event log, Vista and later (`ElfFile`).
    Evtx,
    /// Windows event log of 2000, XP and 2003 (`LfLe`); not read.
    PreVistaEvt,
    Json,
    Xml,
    Csv,
    /// UTF-16 text with a byte order mark, as PowerShell 5.1 writes it.
    Utf16Text,
    Empty,
    Unknown,
}

/// Says by the first bytes (4 KiB are plenty) what an input is. The name of the file is not asked.
#[must_use]
pub fn sniff(first_bytes: &[u8]) -> Sniffed {
    if first_bytes.is_empty() {
        return Sniffed::Empty;
    }
    // A chunk alone (carved, or a log whose file header was lost) is still an event log.
    if first_bytes.starts_with(b"ElfFile\0") || first_bytes.starts_with(b"ElfChnk\0") {
        return Sniffed::Evtx;
    }
    if first_bytes.get(4..8) == Some(b"LfLe") {
        return Sniffed::PreVistaEvt;
    }
    if first_bytes.starts_with(&[0xff, 0xfe]) || first_bytes.starts_with(&[0xfe, 0xff]) {
        return Sniffed::Utf16Text;
    }
    let text = first_bytes.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(first_bytes).trim_ascii_start();
    match text.first() {
        None => Sniffed::Empty,
        Some(b'{' | b'[') => Sniffed::Json,
        Some(b'<') => Sniffed::Xml,
        Some(_) if looks_like_tagged_json(text) => Sniffed::Json,
        Some(_) if looks_like_csv(text) => Sniffed::Csv,
        Some(_) => Sniffed::Unknown,
    }
}

/// An object behind a tag on the first line, as Fluent Bit writes it, or behind `Record 1` of `evtx_dump -o json`.
fn looks_like_tagged_json(text: &[u8]) -> bool {
    let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let printable = line.iter().all(|byte| *byte >= b' ' || *byte == b'\r' || *byte == b'\t');
    let object = line.windows(2).any(|pair| pair == b"{\"") || (line.starts_with(b"Record ") && text.contains(&b'{'));
    printable && object
}

/// A header line of printable words with at least two commas; PowerShell's line with a type may stand before it.
fn looks_like_csv(text: &[u8]) -> bool {
    let mut lines = text.split(|byte| *byte == b'\n');
    let line = lines.find(|line| !line.starts_with(b"#TYPE ")).unwrap_or_default();
    let printable = line.iter().all(|byte| *byte >= b' ' || *byte == b'\r' || *byte == b'\t');
    printable && line.iter().filter(|byte| **byte == b',').count() >= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_say_what_an_input_is() {
        for (bytes, expected) in [
            (&b""[..], Sniffed::Empty),
            (b"  \r\n", Sniffed::Empty),
            (b"ElfFile\0rest", Sniffed::Evtx),
            (b"\x30\0\0\0LfLe\x01\0\0\0", Sniffed::PreVistaEvt),
            (b"\xff\xfe{\0", Sniffed::Utf16Text),
            (b"\xef\xbb\xbf [1]", Sniffed::Json),
            (b"\n{\"a\":1}", Sniffed::Json),
            (b"<Event>", Sniffed::Xml),
            (b"TimeGenerated [UTC],UserPrincipalName,Id\r\n1,2,3", Sniffed::Csv),
            (b"winlog.0: [1.5, {\"EventID\":1}]\n", Sniffed::Json),
            (b"Record 1\n{\n", Sniffed::Json),
            (b"Nov 21 09:00:00 host sshd: hello", Sniffed::Unknown),
            (b"\x7fELF,,,,\0", Sniffed::Unknown),
        ] {
            assert_eq!(sniff(bytes), expected, "{bytes:?}");
        }
    }
}
