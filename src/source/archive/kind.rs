//! Tells what a file is by its first bytes, and by its name whether a folder or an archive gives it.
//!
//! A file that is named itself is opened whatever it is called. In folders and archives the name decides: endings of
//! logs and of containers are taken, no ending or one of a file that was set aside (`.1`, `.old`) lets the first bytes
//! decide, everything else is left alone, so that the documents of a disk image are not unpacked one by one.

use crate::base::evtx_chunk::{CHUNK_SIGNATURE, FILE_SIGNATURE};
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

/// What holds other files, or one in another form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Gzip,
    Zstd,
    Zip,
    Tar,
    /// Known, but not unpacked here; by name.
    Foreign(&'static str),
}

/// Bytes that are enough to tell: tar shows itself by the sum over its first block.
pub const LOOKED_AT: usize = 512;

const SIGNATURES: [(&[u8], Kind); 11] = [
    (&[0x1f, 0x8b, 8], Kind::Gzip),
    (&[0x28, 0xb5, 0x2f, 0xfd], Kind::Zstd),
    (b"PK\x03\x04", Kind::Zip),
    (b"PK\x05\x06", Kind::Zip),
    (b"PK\x07\x08PK\x03\x04", Kind::Zip),
    (b"PK00PK\x03\x04", Kind::Zip),
    (b"7z\xbc\xaf\x27\x1c", Kind::Foreign("7z archive")),
    (b"Rar!\x1a\x07", Kind::Foreign("RAR archive")),
    (b"\xfd7zXZ\0", Kind::Foreign("file compressed by xz")),
    (b"MSCF\0\0\0\0", Kind::Foreign("cabinet (.cab)")),
    (&[4, 0x22, 0x4d, 0x18], Kind::Foreign("file compressed by lz4")),
];

/// What container the first bytes announce (`LOOKED_AT` are enough).
#[must_use]
pub fn kind(first_bytes: &[u8]) -> Option<Kind> {
    if let Some((_, kind)) = SIGNATURES.iter().find(|(signature, _)| first_bytes.starts_with(signature)) {
        return Some(*kind);
    }
    if let [b'B', b'Z', b'h', b'1'..=b'9', b'1', b'A', b'Y', ..] = first_bytes {
        return Some(Kind::Foreign("file compressed by bzip2"));
    }
    // A Zstandard file may begin with frames to be skipped.
    if let [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] = first_bytes {
        return Some(Kind::Zstd);
    }
    first_bytes.first_chunk().is_some_and(super::tar::is_header).then_some(Kind::Tar)
}

fn is_event_log(first_bytes: &[u8]) -> bool {
    first_bytes.starts_with(FILE_SIGNATURE) || first_bytes.starts_with(CHUNK_SIGNATURE)
}

/// What is done with a file by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    Take,
    /// The first bytes decide.
    Peek,
    Leave,
}

impl Look {
    /// Whether a file that begins so is taken.
    #[must_use]
    pub fn takes(self, first_bytes: &[u8]) -> bool {
        match self {
            Self::Take => true,
            Self::Peek => is_event_log(first_bytes) || kind(first_bytes).is_some(),
            Self::Leave => false,
        }
    }
}

/// Endings of logs taken from folders and archives.
const LOGS: [&str; 7] = ["evtx", "json", "jsonl", "ndjson", "log", "csv", "xml"];
/// Endings of containers that are looked into.
const CONTAINERS: [&str; 6] = ["gz", "tgz", "zst", "tzst", "zip", "tar"];
/// Whether a file that appeared is a container, or will be one: it may be empty yet.
#[must_use]
pub fn is_or_becomes_container(path: &Path) -> bool {
    let mut first_bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(LOOKED_AT as u64).read_to_end(&mut first_bytes));
    let is_named_so = || {
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
        ending.is_some_and(|ending| CONTAINERS.contains(&ending.as_str()))
    };
    read.is_ok() && (kind(&first_bytes).is_some() || (first_bytes.len() < LOOKED_AT && is_named_so()))
}

/// Whether the end of a container is there, as far as its kind lets that be told without unpacking it.
#[must_use]
pub fn looks_complete(path: &Path) -> bool {
    let look = || {
        let mut file = File::open(path)?;
        let mut first_bytes = Vec::new();
        (&mut file).take(LOOKED_AT as u64).read_to_end(&mut first_bytes)?;
        if kind(&first_bytes) != Some(Kind::Zip) {
            return Ok(!first_bytes.is_empty());
        }
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(super::zip::LAST_BYTES as u64)))?;
        let mut last_bytes = Vec::new();
        file.read_to_end(&mut last_bytes)?;
        Ok::<bool, std::io::Error>(memchr::memmem::rfind(&last_bytes, super::zip::END).is_some())
    };
    look().unwrap_or(false)
}

/// The endings of logs, for people.
#[must_use]
pub fn endings() -> String {
    LOGS.map(|ending| format!(".{ending}")).join(", ")
}
/// Endings of files that were set aside.
const ASIDE: [&str; 3] = ["old", "bak", "orig"];

/// Whether a file of this name in a folder or an archive is taken.
#[must_use]
pub fn by_name(name: &str) -> Look {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    // What macOS puts beside each file of an archive.
    if name.starts_with("._") {
        return Look::Leave;
    }
    let Some((stem, ending)) = name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()) else { return Look::Peek };
    let is = |known: &&str| known.eq_ignore_ascii_case(ending);
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    if LOGS.iter().chain(&CONTAINERS).any(is) {
        Look::Take
    } else if ASIDE.iter().any(is) || is_number(ending) {
        // `winlogbeat.ndjson.1`, `Security.evtx.old`.
        if by_name(stem) == Look::Take { Look::Take } else { Look::Peek }
    } else {
        // `events.jsonl-20260114`
        let dated = ending.split_once('-').filter(|(_, date)| is_number(date));
        dated.map_or(Look::Leave, |(ending, _)| by_name(&format!("{stem}.{ending}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_says_what_is_taken_from_a_folder() {
        for (name, look) in [
            ("Security.evtx", Look::Take),
            ("deep/er/a.JSONL", Look::Take),
            ("C\\Windows\\Security.evtx", Look::Take),
            ("Security.evtx.gz", Look::Take),
            ("case.TGZ", Look::Take),
            ("winlogbeat.ndjson.1", Look::Take),
            ("winlogbeat-20260114-1.ndjson", Look::Take),
            ("events.jsonl-20260114", Look::Take),
            ("events.jsonl.2.zst", Look::Take),
            ("Security.evtx.old", Look::Take),
            ("Security", Look::Peek),
            (".hidden", Look::Peek),
            ("dump.2026", Look::Peek),
            ("image.bak", Look::Peek),
            ("notes.txt", Look::Leave),
            ("report.docx", Look::Leave),
            ("__MACOSX/._Security.evtx", Look::Leave),
        ] {
            assert_eq!(by_name(name), look, "{name}");
        }
    }

    #[test]
    fn the_first_bytes_say_what_a_container_is() {
        for (bytes, expected) in [
            (&b"\x1f\x8b\x08\0"[..], Some(Kind::Gzip)),
            (b"PK\x05\x06", Some(Kind::Zip)),
            (b"\x28\xb5\x2f\xfd", Some(Kind::Zstd)),
            (b"\x53\x2a\x4d\x18", Some(Kind::Zstd)),
            (b"BZh91AY&SY", Some(Kind::Foreign("file compressed by bzip2"))),
            (b"ElfFile\0", None),
            (b"{\"a\":1}", None),
            (b"PK", None),
            (b"", None),
        ] {
            assert_eq!(kind(bytes), expected, "{bytes:?}");
        }
        assert_eq!(kind(&[0; 512]), None);
        assert!(Look::Peek.takes(b"ElfFile\0") && !Look::Peek.takes(b"{\"a\":1}") && !Look::Leave.takes(b"ElfFile\0"));
    }
}
