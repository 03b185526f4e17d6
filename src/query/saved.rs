//! Saved filters: `@name` stands for a text anywhere in a filter.
//!
//! Some ship with the program; the settings file has more, or others of the same name. They may name each other.

use super::ParseError;
use super::field::distance;
use crate::base::time::{Timestamp, Zone};
use std::collections::BTreeMap;

/// Name, filter, and what it leaves in a few words.
pub const SHIPPED: &[(&str, &str, &str)] = &[
    ("admins", "privileged:yes", "sessions with special privileges (4672), their accounts"),
    ("cleartext", "type:8", "passwords that crossed the network in clear text"),
    ("cloud", "lane:entra*", "sign-ins to Entra"),
    ("dc", "lane:dc", "tickets and NTLM on domain controllers"),
    ("desktop", "type:(2,7,10,11,12,13)", "people at a screen, here or remote"),
    ("failures", "outcome:failure", "failed attempts"),
    ("guessing", "rule:(*guess*,*spray*,*burst*,*enumeration*,*lockout*)", "passwords and names being tried"),
    ("internet", "source:(0.0.0.0/0,::/0) -@private", "from addresses that are not private"),
    ("no-machine-accounts", "-class:(computer,built-in,virtual)", "without computers and accounts of Windows itself"),
    ("ntlm", "auth:NTLM*", "NTLM of any version"),
    ("odd", "severity>=medium", "with an anomaly that is medium or worse"),
    ("open", "state:open", "sessions without an end"),
    ("people", "class:human", "accounts of people"),
    (
        "private",
        "source:(10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,127.0.0.0/8,169.254.0.0/16,fc00::/7,fe80::/10,::1)",
        "from private and local addresses",
    ),
    ("rdp", "lane:rdp", "Remote Desktop"),
    ("remote", "type:(3,8,10,12)", "over the network: shares, Remote Desktop, clear text"),
    ("services", "class:(service,gMSA,\"service principal\",\"managed identity\")", "accounts of services"),
    ("spray", "rule:*spray*", "one password, many accounts"),
    ("tickets", "rule:(*roast*,*ticket*,*preauth*,*pkinit*)", "Kerberos tickets that are odd"),
];

/// Saved filters inside each other.
pub const DEEPEST: usize = 8;
/// Saved filters that one text may come to.
pub const MOST: usize = 200;

/// One saved filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    pub name: &'a str,
    pub filter: &'a str,
    /// What it leaves; empty for those of the settings file.
    pub about: &'static str,
}

/// All that can be named. `Default` are those that ship.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Saved {
    own: BTreeMap<String, String>,
}

/// Characters of a name.
pub fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
}

impl Saved {
    /// Those that ship and `own`, which stand in the place of one of the same name.
    ///
    /// # Errors
    /// The name, and what is wrong with it or its filter.
    pub fn new(own: BTreeMap<String, String>) -> Result<Self, (String, String)> {
        let saved = Self { own };
        for (name, text) in &saved.own {
            if name.is_empty() || !name.chars().all(is_of_name) {
                let message = format!("'{name}' is no name of a filter: take letters, digits, - and _");
                return Err((name.clone(), message));
            }
            super::parse_with(text, Timestamp::default(), Zone::Utc, &saved).map_err(|error| (name.clone(), error.to_string()))?;
        }
        Ok(saved)
    }
    /// By name, those of the settings file first among equals.
    pub fn all(&self) -> impl Iterator<Item = Entry<'_>> {
        let own = self.own.iter().map(|(name, filter)| Entry { name, filter, about: "" });
        let shipped = SHIPPED.iter().map(|(name, filter, about)| Entry { name, filter, about });
        let mut all: Vec<Entry<'_>> =
            own.chain(shipped.filter(|entry| !self.own.keys().any(|name| name.eq_ignore_ascii_case(entry.name)))).collect();
        all.sort_by_key(|entry| entry.name.to_ascii_lowercase());
        all.into_iter()
    }
    /// The filter of a name, whatever its case.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let own = self.own.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, filter)| filter.as_str());
        own.or_else(|| SHIPPED.iter().find(|(known, ..)| known.eq_ignore_ascii_case(name)).map(|(_, filter, _)| *filter))
    }
    /// What is said of a name that nothing has.
    pub(super) fn unknown(&self, name: &str, column: usize) -> ParseError {
        let lower = name.to_ascii_lowercase();
        let begins = self.all().find(|entry| !lower.is_empty() && entry.name.to_ascii_lowercase().starts_with(&lower));
        let begins = begins.map(|entry| (0, entry.name));
        let nearest = begins.or_else(|| self.nearest(&lower));
        let fix = match nearest {
            Some((steps, near)) if steps <= (near.len() / 3).max(2) => {
                format!("did you mean '@{near}'? Or quote the text to look for it: \"@{name}\"")
            }
            _ => {
                let names: Vec<String> = self.all().take(4).map(|entry| format!("@{}", entry.name)).collect();
                format!("take one of {}, ... or quote the text to look for it: \"@{name}\"", names.join(", "))
            }
        };
        ParseError { column, message: format!("there is no saved filter '@{name}'"), fix }
    }
    fn nearest(&self, lower: &str) -> Option<(usize, &str)> {
        self.all().map(|entry| (distance(lower, &entry.name.to_ascii_lowercase()), entry.name)).min()
    }
}
