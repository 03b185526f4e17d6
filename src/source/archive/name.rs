//! Names of members: untrusted text that is shown and never becomes a path on this machine.
//!
//! A member is called by its archive and its name in it, `triage.zip/Windows/System32/winevt/Logs/Security.evtx`. What
//! would point elsewhere (a root, a drive, `..`) is left out of the name; a name that comes twice gets a number.

use crate::base::text::clean;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The upper half of code page 437, which old zip names are written in.
const CP437: &str =
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";

/// Characters of a member's name that are kept; a longer name is cut at its front.
const LONGEST: usize = 1024;

/// The name as text: UTF-8 where it is, code page 437 where it is not.
#[must_use]
pub fn text(name: &[u8]) -> String {
    std::str::from_utf8(name).map_or_else(
        |_| {
            let upper = |byte: u8| CP437.chars().nth(usize::from(byte & 0x7f)).unwrap_or('?');
            name.iter().map(|byte| if byte.is_ascii() { char::from(*byte) } else { upper(*byte) }).collect()
        },
        str::to_owned,
    )
}

/// The part of a member's name that is shown behind its archive.
#[must_use]
pub fn inner(name: &str) -> String {
    let is_drive = |part: &str| part.len() == 2 && part.ends_with(':');
    let parts = name.split(['/', '\\']).filter(|part| !part.is_empty() && *part != "." && *part != ".." && !is_drive(part));
    let name = parts.map(clean).collect::<Vec<_>>().join("/");
    let too_long = name.chars().count().saturating_sub(LONGEST);
    let name: String = name.chars().skip(too_long).collect();
    if name.is_empty() { "member".to_owned() } else { name.trim_start_matches('/').to_owned() }
}

/// Names given so far in one container.
#[derive(Default)]
pub struct Given(HashMap<PathBuf, u32>);

impl Given {
    /// `place` the first time, `place#2` the second.
    pub fn unique(&mut self, place: &Path) -> PathBuf {
        let times = self.0.entry(place.to_path_buf()).or_default();
        *times += 1;
        match *times {
            1 => place.to_path_buf(),
            times => {
                let mut name = place.as_os_str().to_owned();
                name.push(format!("#{times}"));
                name.into()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_members_stay_below_their_archive() {
        for (name, shown) in [
            ("Logs/Security.evtx", "Logs/Security.evtx"),
            ("/etc/passwd", "etc/passwd"),
            ("../../a.json", "a.json"),
            ("C:\\Windows\\..\\Security.evtx", "Windows/Security.evtx"),
            ("./a\x1b[2Jb.json", "a^[[2Jb.json"),
            ("..", "member"),
            ("", "member"),
        ] {
            assert_eq!(inner(name), shown, "{name:?}");
        }
        assert_eq!(inner(&"x".repeat(5_000)).len(), LONGEST);
        assert_eq!(text(b"Gl\x81ck.evtx"), "Glück.evtx");
        assert_eq!(text("Glück.evtx".as_bytes()), "Glück.evtx");
        assert_eq!(CP437.chars().count(), 128);
    }

    #[test]
    fn a_name_that_comes_twice_gets_a_number() {
        let mut given = Given::default();
        let names: Vec<_> = (0..3).map(|_| given.unique(Path::new("a.zip/x.evtx"))).collect();
        assert_eq!(names, ["a.zip/x.evtx", "a.zip/x.evtx#2", "a.zip/x.evtx#3"].map(PathBuf::from));
    }
}
