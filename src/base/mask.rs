//! The privacy mask: names, ids and addresses as short ones that stay the same, for a screen that is shared and for files
//! that leave the house.
//!
//! Everything is hidden unless it is known to say nothing of anybody: what the tables know as an account, a host or a source
//! gets a name of its kind (`acct-17`, `host-3`, `10.x.x.66`), words that every Windows has stay, all else becomes `name-5`.
//! One mask serves in two places: `Names::shown`, where a text of the logs becomes words, and `told`, which finds such
//! texts in sentences that were put together before.

use crate::base::net;
use crate::base::text::clean;
use rustc_hash::FxHashMap;
use smol_str::{SmolStr, format_smolstr};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::ops::Bound;

/// What stands where a record would.
pub const HIDDEN: &str = "hidden by the privacy mask (t p)";

/// What a name is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Account,
    Domain,
    Host,
    /// Of an account: a SID or an object id.
    Id,
    Process,
    Other,
}

impl Kind {
    const fn word(self) -> &'static str {
        match self {
            Self::Account => "acct",
            Self::Domain => "dom",
            Self::Host => "host",
            Self::Id => "id",
            Self::Process => "process",
            Self::Other => "name",
        }
    }
}

/// Words in one name of a sentence; longer ones are found by their first words.
const MOST_WORDS: usize = 6;
/// Letters from which the beginning of a name that was cut says who it is.
const TELLING: usize = 2;

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct Mask {
    /// What stands for the text of a symbol, by its number; empty where the text may be shown.
    texts: Vec<SmolStr>,
    /// What stands for a text, cleaned and in lower case.
    words: BTreeMap<SmolStr, SmolStr>,
    /// The text behind what stands for it.
    behind: FxHashMap<SmolStr, SmolStr>,
    addresses: FxHashMap<IpAddr, SmolStr>,
    others: usize,
    processes: usize,
    domains: usize,
    ids: usize,
}

/// Words that say nothing of anybody, in lower case.
const PUBLIC: [&str; 48] = [
    "system",
    "local service",
    "network service",
    "anonymous logon",
    "nt authority",
    "nt service",
    "builtin",
    "font driver host",
    "window manager",
    "everyone",
    "anonymous",
    "iis apppool",
    "nt virtual machine",
    "iusr",
    "localhost",
    "local",
    "console",
    "services",
    "ntlm",
    "ntlm v1",
    "ntlm v2",
    "lm",
    "kerberos",
    "negotiate",
    "negoextender",
    "schannel",
    "wdigest",
    "cloudap",
    "livessp",
    "pku2u",
    "tspkg",
    "advapi",
    "user32",
    "ntlmssp",
    "seclogo",
    "winlogon",
    "ias",
    "iis",
    "authz",
    "chap",
    "msv1_0",
    "securechannel",
    "unknown",
    "security",
    "application",
    "krbtgt",
    "none",
    "microsoft_authentication_package_v1_0",
];

/// Whether a text may be shown as it is.
fn is_public(lower: &str) -> bool {
    let starts = |beginning: &str| lower.starts_with(beginning);
    PUBLIC.contains(&lower.trim())
        || !lower.chars().any(char::is_alphabetic) && net::parse_address(lower).is_none()
        || (lower.len() <= 2 && lower.is_ascii())
        || ["0x", "%%", "microsoft-windows-", "rdp-tcp", "dwm-", "umfd-"].into_iter().any(starts)
        || (starts("se") && lower.ends_with("privilege"))
        || (starts("s-1-") && !starts("s-1-5-21-") && !starts("s-1-12-1-"))
}

impl Mask {
    /// Texts of symbols it knows.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.texts.len()
    }
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }
    /// What stands for the text of a symbol; the empty text where the text itself may be shown.
    #[must_use]
    pub fn of(&self, number: usize) -> &str {
        // A symbol that came later than the mask is hidden too.
        self.texts.get(number).map_or("name-?", SmolStr::as_str)
    }
    /// Gives a text the name of its kind and number, unless it has one. A number of 0 counts by itself.
    pub fn name(&mut self, kind: Kind, number: usize, text: &str) -> SmolStr {
        let clean = clean(text);
        let lower = SmolStr::new(clean.to_lowercase());
        if lower.trim().is_empty() || is_public(&lower) {
            return SmolStr::default();
        }
        if let Some(known) = self.words.get(&lower) {
            return known.clone();
        }
        let masked = match (net::parse_address(&lower), clean.rsplit_once('@')) {
            (Some(address), _) => self.address(address),
            (None, Some((user, domain))) if kind == Kind::Account && !domain.is_empty() => {
                let (user, domain) = (self.plain(kind, number, user), self.name(Kind::Domain, 0, domain));
                format_smolstr!("{user}@{domain}")
            }
            (None, None) if kind == Kind::Account && clean.ends_with('$') => {
                // The account of a computer is called as the computer is.
                let host = self.words.get(lower.trim_end_matches('$')).cloned();
                host.map_or_else(|| self.plain(kind, number, &clean), |host| format_smolstr!("{host}$"))
            }
            _ => self.plain(kind, number, &clean),
        };
        if masked.is_empty() {
            return masked;
        }
        self.behind.entry(masked.clone()).or_insert_with(|| SmolStr::new(&*clean));
        self.words.insert(lower, masked.clone());
        masked
    }
    fn plain(&mut self, kind: Kind, number: usize, text: &str) -> SmolStr {
        let lower = SmolStr::new(text.to_lowercase());
        if is_public(&lower) {
            return SmolStr::new(text);
        }
        if let Some(known) = self.words.get(&lower) {
            return known.clone();
        }
        let count = match kind {
            Kind::Account | Kind::Host => None,
            Kind::Domain => Some(&mut self.domains),
            Kind::Id => Some(&mut self.ids),
            Kind::Process => Some(&mut self.processes),
            Kind::Other => Some(&mut self.others),
        };
        let number = count.map_or(number, |count| {
            *count += 1;
            *count
        });
        let masked = format_smolstr!("{}-{number}", kind.word());
        self.behind.entry(masked.clone()).or_insert_with(|| SmolStr::new(text));
        self.words.insert(lower, masked.clone());
        masked
    }
    /// `10.x.x.66`; another address that would look the same gets a number behind it.
    pub fn address(&mut self, address: IpAddr) -> SmolStr {
        if let Some(known) = self.addresses.get(&address) {
            return known.clone();
        }
        let plain = shortened(address);
        if address.is_loopback() {
            return plain;
        }
        let mut masked = plain.clone();
        let mut number = 1;
        while self.behind.contains_key(&masked) {
            number += 1;
            masked = format_smolstr!("{plain}#{number}");
        }
        self.behind.insert(masked.clone(), SmolStr::new(address.to_string()));
        self.addresses.insert(address, masked.clone());
        masked
    }
    /// Takes in the text of the next symbol.
    pub fn push(&mut self, text: &str) {
        let is_path = text.contains('\\') && text.len() > 3 || text.starts_with('/') || text.to_lowercase().ends_with(".exe");
        let is_id = text.len() == 36 && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-') || text.starts_with("S-1-");
        let kind = match text {
            _ if is_id => Kind::Id,
            _ if is_path => Kind::Process,
            _ if text.contains('@') => Kind::Account,
            _ => Kind::Other,
        };
        let masked = match kind {
            // A user principal name nobody logged on by.
            Kind::Account => {
                let number = self.texts.len();
                self.name(Kind::Other, number, text)
            }
            kind => self.name(kind, 0, text),
        };
        self.texts.push(masked);
    }
    /// What a sentence says, with everything hidden that the mask knows, and every address and SID.
    #[must_use]
    pub fn told<'a>(&self, sentence: &'a str) -> Cow<'a, str> {
        let mut out = String::new();
        let mut copied = 0;
        let mut at = 0;
        while let Some(rest) = sentence.get(at..).filter(|rest| !rest.is_empty()) {
            let is_inside = sentence.get(..at).and_then(|before| before.chars().next_back()).is_some_and(is_part);
            let first = rest.chars().next().unwrap_or(' ');
            if !is_inside
                && !first.is_whitespace()
                && let Some((length, masked)) = self.first(rest)
            {
                out.push_str(sentence.get(copied..at).unwrap_or_default());
                out.push_str(&masked);
                at += length;
                copied = at;
                continue;
            }
            at += first.len_utf8();
        }
        if copied == 0 && out.is_empty() {
            return Cow::Borrowed(sentence);
        }
        out.push_str(sentence.get(copied..).unwrap_or_default());
        Cow::Owned(out)
    }
    /// What stands at the beginning of `rest` and is to be hidden: its length in bytes, and what stands for it.
    fn first(&self, rest: &str) -> Option<(usize, SmolStr)> {
        // Ends of words, the farthest first: a name may have blanks in it.
        let mut ends: Vec<usize> = Vec::new();
        let mut blanks = 0;
        let mut letters = rest.char_indices().peekable();
        while let Some((place, c)) = letters.next() {
            let end = place + c.len_utf8();
            let next = letters.peek().map(|(_, next)| *next);
            if c.is_whitespace() {
                blanks += 1;
                if blanks >= MOST_WORDS || next.is_some_and(char::is_whitespace) {
                    break;
                }
            } else if next.is_none_or(|next| !is_part(next) || !is_part(c)) {
                ends.push(end);
            }
            if end > 256 {
                break;
            }
        }
        for end in ends.iter().rev() {
            let text = rest.get(..*end)?;
            let lower = text.to_lowercase();
            if lower.len() >= TELLING
                && let Some(masked) = self.words.get(lower.as_str())
            {
                return Some((*end, masked.clone()));
            }
        }
        // Addresses and SIDs, also such as no table knows.
        let token = rest.split(|c: char| !(c.is_ascii_alphanumeric() || "-.:%".contains(c))).next().unwrap_or_default();
        let token = token.trim_end_matches(['.', ':', '%']);
        let bare = token.split('%').next().unwrap_or_default();
        if let Ok(address) = bare.parse::<IpAddr>() {
            let known = self.addresses.get(&address).cloned();
            return (!address.is_loopback() && !address.is_unspecified())
                .then(|| (token.len(), known.unwrap_or_else(|| shortened(address))));
        }
        if let Some((before, port)) = token.rsplit_once(':')
            && port.parse::<u16>().is_ok()
            && let Ok(address) = before.parse::<std::net::Ipv4Addr>()
        {
            let known = self.addresses.get(&IpAddr::V4(address)).cloned();
            return Some((before.len(), known.unwrap_or_else(|| shortened(IpAddr::V4(address)))));
        }
        let lower = token.to_ascii_lowercase();
        (lower.starts_with("s-1-5-21-") || lower.starts_with("s-1-12-1-")).then(|| (token.len(), SmolStr::new_static("id-?")))
    }
    /// The same for a line of a screen, where names may be cut: what begins like a name and ends in `..` is cut to that.
    #[must_use]
    pub fn told_cut<'a>(&self, line: &'a str) -> Cow<'a, str> {
        let told = self.told(line);
        if !told.contains("..") {
            return told;
        }
        let mut out = told.clone().into_owned();
        for (place, _) in told.match_indices("..").collect::<Vec<_>>().into_iter().rev() {
            let before = told.get(..place).unwrap_or_default();
            // Beginnings of words before the cut, the farthest first: a name may have blanks in it.
            let mut starts: Vec<usize> = Vec::new();
            let mut blanks = 0;
            let mut letters = before.char_indices().rev().peekable();
            while let Some((at, c)) = letters.next() {
                blanks += usize::from(c.is_whitespace());
                if blanks > MOST_WORDS || place - at > 128 {
                    break;
                }
                if !c.is_whitespace() && letters.peek().is_none_or(|(_, other)| !is_part(*other) || !is_part(c)) {
                    starts.push(at);
                }
            }
            let begins_a_name = |start: &usize| {
                let cut = before.get(*start..).unwrap_or_default();
                let lower = SmolStr::new(cut.to_lowercase());
                let next = self.words.range::<SmolStr, _>((Bound::Included(&lower), Bound::Unbounded)).next();
                lower.len() >= TELLING && next.is_some_and(|(known, _)| known.starts_with(lower.as_str()))
            };
            if let Some(start) = starts.iter().rev().find(|start| begins_a_name(start)) {
                out.replace_range(*start..place, "");
            }
        }
        Cow::Owned(out)
    }
    /// A filter with what the mask put in place of names turned back, for one that was typed by what is on screen. A value
    /// that gets a blank by it is put in quotes.
    #[must_use]
    pub fn behind(&self, text: &str) -> String {
        text.split_inclusive([' ', '(', ')', ',', '"'])
            .map(|word| {
                let bare = word.trim_end_matches([' ', '(', ')', ',', '"']);
                let (begin, value) = bare.find([':', '=', '<', '>', '~']).map_or(("", bare), |place| bare.split_at(place + 1));
                let real = self.value_behind(value);
                let end = word.get(bare.len()..).unwrap_or_default();
                let needs_quotes =
                    real != value && real.contains(|c: char| c.is_whitespace() || "(),".contains(c)) && !end.starts_with('"');
                if needs_quotes { format!("{begin}\"{real}\"{end}") } else { format!("{begin}{real}{end}") }
            })
            .collect()
    }
    fn value_behind(&self, value: &str) -> String {
        // Short names of hosts are drawn in capitals.
        let look_up = |token: &str| self.behind.get(token.to_lowercase().as_str()).map(SmolStr::as_str);
        if let Some(real) = look_up(value) {
            return real.to_string();
        }
        let is_token = |c: char| c.is_ascii_alphanumeric() || "-.#:".contains(c);
        let mut out = String::new();
        let mut rest = value;
        while !rest.is_empty() {
            let end = rest.find(|c| !is_token(c)).unwrap_or(rest.len());
            let (token, after) = rest.split_at(end);
            out.push_str(look_up(token).unwrap_or(token));
            let other = after.find(is_token).unwrap_or(after.len());
            let (between, next) = after.split_at(other);
            out.push_str(between);
            rest = next;
        }
        out
    }
}

/// A part of a name: what stands beside it does not end it.
fn is_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '-' || c == '$'
}

/// First and last part: enough to tell two machines of one desk apart, too little to find one.
fn shortened(address: IpAddr) -> SmolStr {
    match address.to_canonical() {
        address if address.is_loopback() => format_smolstr!("{address}"),
        IpAddr::V4(address) => {
            let [first, .., last] = address.octets();
            format_smolstr!("{first}.x.x.{last}")
        }
        IpAddr::V6(address) => {
            let [first, .., last] = address.segments();
            format_smolstr!("{first:x}:x::{last:x}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mask() -> Mask {
        let mut mask = Mask::default();
        mask.name(Kind::Host, 3, "fs01.corp.local");
        mask.name(Kind::Host, 3, "FS01");
        mask.name(Kind::Account, 17, "svc_backup");
        mask.name(Kind::Account, 18, "John Smith");
        mask.name(Kind::Account, 19, "FS01$");
        mask.name(Kind::Domain, 0, "CORP");
        mask.name(Kind::Account, 20, "jdoe@corp.example");
        mask.address("10.0.9.66".parse().unwrap());
        mask.address("10.7.7.66".parse().unwrap());
        mask
    }

    #[test]
    fn sentences_lose_names_and_keep_the_rest() {
        let mask = mask();
        for (text, told) in [
            ("svc_backup@CORP logged on to FS01 from 10.0.9.66.", "acct-17@dom-1 logged on to host-3 from 10.x.x.66."),
            ("CORP\\John Smith (10.7.7.66:51884)", "dom-1\\acct-18 (10.x.x.66#2:51884)"),
            ("FS01$ and fs01.corp.local", "host-3$ and host-3"),
            ("jdoe@corp.example from 203.0.113.9, S-1-5-21-1-2-3-1104", "acct-20@dom-2 from 203.x.x.9, id-?"),
            ("nothing of anybody at 09:42:17Z, svc_backup2", "nothing of anybody at 09:42:17Z, svc_backup2"),
            ("NT AUTHORITY\\SYSTEM on ::1 and fe80::12%4", "NT AUTHORITY\\SYSTEM on ::1 and fe80:x::12"),
        ] {
            assert_eq!(mask.told(text), told);
        }
    }

    #[test]
    fn names_that_were_cut_are_found_by_their_beginning() {
        let mask = mask();
        for (line, told) in [
            ("> svc_ba.. human", "> .. human"),
            ("[John Sm..", "[.."),
            ("on WS from CORP\\svc_b..", "on WS from dom-1\\.."),
            ("a sentence that goes on..", "a sentence that goes on.."),
        ] {
            assert_eq!(mask.told_cut(line), told, "{line}");
        }
    }

    #[test]
    fn what_is_typed_by_the_mask_is_turned_back() {
        let mask = mask();
        assert_eq!(
            mask.behind("account:acct-17 host:host-3 -source:10.x.x.66#2"),
            "account:svc_backup host:fs01.corp.local -source:10.7.7.66"
        );
        assert_eq!(mask.behind("host:HOST-3"), "host:fs01.corp.local");
        assert_eq!(mask.behind("acct-17@dom-1 acct-170"), "svc_backup@CORP acct-170");
        assert_eq!(
            mask.behind("account:(acct-18, acct-17) or acct-18@dom-1"),
            "account:(\"John Smith\", svc_backup) or \"John Smith@CORP\""
        );
    }

    #[test]
    fn unknown_texts_are_hidden_and_words_of_windows_are_not() {
        let mut mask = mask();
        for text in ["", "Kerberos", "NTLM V2", "Contoso Payroll", "C:\\Users\\jdoe\\x.exe", "S-1-5-18", "GB", "0x17", "FS01"] {
            mask.push(text);
        }
        let told: Vec<&str> = (0..mask.len()).map(|number| mask.of(number)).collect();
        assert_eq!(told, ["", "", "", "name-1", "process-1", "", "", "", "host-3"]);
        assert_eq!(mask.of(99), "name-?");
    }
}
