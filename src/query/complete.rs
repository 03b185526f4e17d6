//! What may follow in a filter that is being typed: field names, and values from the data set, most frequent first.

use crate::base::intern::{Names, Symbol};
use crate::base::text::{clean, count};
use crate::model::anomaly::Severity;
use crate::model::credential::CredentialKind;
use crate::model::lane::Lane;
use crate::model::logon_type::LogonType;
use crate::model::remark::Remarks;
use crate::model::world::Tables;
use crate::query::field::{self, FIELDS, Field};
use crate::query::narrow::term_value;
use crate::query::saved::{Entry, Saved};
use std::collections::BTreeMap;

/// Rows of one table that are looked at for values; the rest is left out, so that typing never waits.
const LOOKED_AT: usize = 20_000;
/// Completions offered at once.
const OFFERED: usize = 20;

/// One way to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// Goes in place of the characters from `from` up to the cursor.
    pub insert: String,
    /// Place in characters from 0.
    pub from: usize,
    /// What the list shows; cleaned.
    pub label: String,
    /// A few words beside it: what the field holds, or how often the value occurs.
    pub hint: String,
}

/// Completions for the word that ends at `cursor`, a place in characters from 0.
#[must_use]
pub fn complete(
    text: &str,
    cursor: usize,
    names: &Names,
    tables: &Tables,
    saved: &Saved,
    remarks: Option<&dyn Remarks>,
) -> Vec<Completion> {
    let before: Vec<char> = text.chars().take(cursor).collect();
    let (start, word) = last_word(&before);
    let signs = word.chars().take_while(|c| matches!(c, '-' | '!')).count();
    let bare: String = word.chars().skip(signs).collect();
    let from = start + signs;
    if let Some(typed) = bare.strip_prefix('@') {
        return saved_names(typed, from, saved);
    }
    match bare.find([':', '=', '<', '>', '~', '!']) {
        Some(place) => {
            let (name, rest) = bare.split_at(place);
            let Some(entry) = field::find(name) else { return Vec::new() };
            let op = rest.chars().take_while(|c| matches!(c, ':' | '=' | '<' | '>' | '~' | '!')).count();
            let rest: String = rest.chars().skip(op).collect();
            // Inside a list only the last value is completed.
            let (kept, typed) = match rest.rfind(['(', ',']) {
                Some(place) => rest.split_at(place + 1),
                None => ("", rest.as_str()),
            };
            let from = from + name.chars().count() + op + kept.chars().count();
            let typed = typed.trim_start_matches(['"', ' ']);
            match entry.field {
                Field::Tag => offered(remarks.map(Remarks::tags).unwrap_or_default(), &typed.to_lowercase(), from),
                field => values(field, typed, from, names, tables),
            }
        }
        None => field_names(&bare, from),
    }
}

/// The word at the end and where it begins; quotes and lists in a value belong to it.
fn last_word(before: &[char]) -> (usize, String) {
    let (mut start, mut quoted, mut list) = (0, false, false);
    for (place, c) in before.iter().enumerate() {
        let after_sign = place.checked_sub(1).and_then(|place| before.get(place)).is_some_and(|c| matches!(c, ':' | '=' | '<' | '>' | '~'));
        match c {
            '"' => quoted = !quoted,
            '(' if !quoted && after_sign => list = true,
            ')' if !quoted && list => list = false,
            '(' | ')' if !quoted => start = place + 1,
            c if c.is_whitespace() && !quoted && !list => start = place + 1,
            _ => {}
        }
    }
    (start, before.get(start..).unwrap_or_default().iter().collect())
}

fn saved_names(typed: &str, from: usize, saved: &Saved) -> Vec<Completion> {
    let typed = typed.to_ascii_lowercase();
    let begins = |entry: &Entry<'_>| entry.name.to_ascii_lowercase().starts_with(&typed);
    let holds = |entry: &Entry<'_>| !begins(entry) && entry.name.to_ascii_lowercase().contains(&typed);
    let offer = |entry: Entry<'_>| Completion {
        insert: format!("@{}", entry.name),
        from,
        label: format!("@{}", entry.name),
        hint: if entry.about.is_empty() { clean(entry.filter).into_owned() } else { format!("{}: {}", entry.about, entry.filter) },
    };
    saved.all().filter(begins).chain(saved.all().filter(holds)).map(offer).collect()
}

fn field_names(typed: &str, from: usize) -> Vec<Completion> {
    let typed = typed.to_ascii_lowercase();
    let offer = |entry: &field::FieldEntry| Completion {
        insert: format!("{}:", entry.name),
        from,
        label: entry.name.to_owned(),
        hint: entry.hint.to_owned(),
    };
    let by_name = FIELDS.iter().filter(|entry| entry.name.starts_with(&typed));
    let by_alias = FIELDS.iter().filter(|entry| {
        !typed.is_empty() && !entry.name.starts_with(&typed) && entry.aliases.iter().any(|alias| alias.starts_with(&typed))
    });
    by_name.chain(by_alias).map(offer).collect()
}

/// Values with how often they occur.
#[derive(Default)]
struct Found(BTreeMap<String, u64>);

impl Found {
    fn add(&mut self, value: String, times: u64) {
        if !value.is_empty() {
            *self.0.entry(value).or_default() += times;
        }
    }
    fn add_symbol(&mut self, names: &Names, symbol: Symbol) {
        if symbol.is_some() {
            self.add(names.raw(symbol).to_owned(), 1);
        }
    }
}

fn values(field: Field, typed: &str, from: usize, names: &Names, tables: &Tables) -> Vec<Completion> {
    let typed = typed.to_lowercase();
    let fixed = fixed_values(field);
    if !fixed.is_empty() {
        return fixed
            .into_iter()
            .filter(|(value, hint)| value.to_lowercase().starts_with(&typed) || (typed.len() > 2 && hint.to_lowercase().contains(&typed)))
            .map(|(value, hint)| Completion { insert: value.clone(), from, label: value, hint })
            .collect();
    }
    offered(seen_values(field, names, tables).0, &typed, from)
}

/// Values that hold what is typed (lower case).
fn offered(values: impl IntoIterator<Item = (String, u64)>, typed: &str, from: usize) -> Vec<Completion> {
    let offer = |value: &str, hint: String| Completion { insert: term_value(value), from, label: clean(value).into_owned(), hint };
    let mut found: Vec<(String, u64)> = values.into_iter().filter(|(value, _)| value.to_lowercase().contains(typed)).collect();
    // Those that begin as typed come first, then the most frequent; the map's order decides between equals.
    found.sort_by_key(|(value, times)| (!value.to_lowercase().starts_with(typed), std::cmp::Reverse(*times)));
    found.into_iter().take(OFFERED).map(|(value, times)| offer(&value, count(times))).collect()
}

fn fixed_values(field: Field) -> Vec<(String, String)> {
    let pairs = |pairs: &[(&str, &str)]| pairs.iter().map(|(value, hint)| ((*value).to_owned(), (*hint).to_owned())).collect();
    match field {
        Field::Type => [0, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13]
            .into_iter()
            .map(|number: u64| (number.to_string(), LogonType::from_number(number).name().to_owned()))
            .collect(),
        Field::Lane => Lane::ALL.into_iter().map(|lane| (lane.word().to_owned(), lane.name().to_owned())).collect(),
        Field::Severity => Severity::ALL.into_iter().rev().map(|severity| (severity.word().to_owned(), String::new())).collect(),
        Field::Outcome => pairs(&[("failure", ""), ("success", ""), ("interrupted", "Entra asked the user for something"), ("none", "")]),
        Field::State => pairs(&[
            ("open", "no end was seen"),
            ("closed", ""),
            ("inferred", "the end was concluded"),
            ("disconnected", "Remote Desktop, now"),
        ]),
        Field::Elevated => pairs(&[("yes", ""), ("no", ""), ("unknown", "the record does not say")]),
        Field::Privileged => pairs(&[("yes", "4672"), ("no", "")]),
        Field::Credential => CredentialKind::ALL.into_iter().map(|kind| (kind.word().to_owned(), kind.text().to_owned())).collect(),
        Field::Note => pairs(&[("*", "has a note or a reason")]),
        Field::Mfa => pairs(&[("approved", ""), ("denied", ""), ("none", "")]),
        Field::Time | Field::Start | Field::End => {
            pairs(&[("-1h..", "the last hour"), ("-24h..", "the last day"), ("today", ""), ("yesterday", "")])
        }
        Field::Duration => pairs(&[("0s..1m", "a minute at most"), ("1h..", "an hour and more"), ("8h..", "")]),
        _ => Vec::new(),
    }
}

fn seen_values(field: Field, names: &Names, tables: &Tables) -> Found {
    let mut found = Found::default();
    let sessions = || tables.sessions.iter().rev().take(LOOKED_AT);
    let accounts = || tables.each_account().map(|(_, account)| account).take(LOOKED_AT);
    let events = || tables.events.iter().rev().take(LOOKED_AT);
    match field {
        Field::Account => accounts().for_each(|account| {
            let (user, domain) = (names.raw(account.user), names.raw(account.domain));
            let name = match (user, domain) {
                ("", _) => names.raw(account.sid).to_owned(),
                (user, domain) if domain.is_empty() || user.contains('@') => user.to_owned(),
                (user, domain) => format!("{user}@{domain}"),
            };
            found.add(name, u64::from(account.events));
        }),
        Field::Domain => accounts().for_each(|account| found.add(names.raw(account.domain).to_owned(), u64::from(account.events))),
        Field::Sid => accounts().for_each(|account| found.add(names.raw(account.sid).to_owned(), u64::from(account.events))),
        Field::Class => accounts().for_each(|account| found.add(account.class.word().to_owned(), 1)),
        Field::Host => tables.hosts.iter().take(LOOKED_AT).for_each(|host| {
            let name = names.raw(host.name);
            let short = name.split_once('.').map_or(name, |(short, _)| if name.parse::<std::net::IpAddr>().is_ok() { name } else { short });
            found.add(short.to_uppercase(), u64::from(host.events));
        }),
        Field::Source => tables.sources.iter().take(LOOKED_AT).for_each(|source| {
            let name = source.address.map_or_else(|| names.raw(source.text).to_owned(), |address| address.to_string());
            found.add(name, u64::from(source.events));
        }),
        Field::Country => tables
            .sources
            .iter()
            .take(LOOKED_AT)
            .for_each(|source| found.add(names.raw(source.country).to_owned(), u64::from(source.events))),
        Field::Rule => tables.anomalies.iter().take(LOOKED_AT).for_each(|anomaly| found.add(anomaly.detection.id.to_owned(), 1)),
        Field::Workstation => sessions().for_each(|session| found.add_symbol(names, session.workstation)),
        Field::Auth => sessions().for_each(|session| found.add_symbol(names, session.package)),
        Field::Process => sessions().for_each(|session| found.add_symbol(names, session.process)),
        Field::Session => {
            sessions().filter(|session| session.logon_id.0 != 0).for_each(|session| found.add(session.logon_id.to_string(), 1))
        }
        Field::Status => events().filter(|row| row.event.status.is_some()).for_each(|row| found.add(row.event.status.code_text(), 1)),
        Field::SubStatus => {
            events().filter(|row| row.event.raw_sub_status != 0).for_each(|row| found.add(format!("0x{:08X}", row.event.raw_sub_status), 1))
        }
        Field::Id => events().filter(|row| row.event.event_id != 0).for_each(|row| found.add(row.event.event_id.to_string(), 1)),
        Field::Input => tables.inputs.iter().take(LOOKED_AT).for_each(|input| found.add(input.name(), input.events)),
        Field::Incident => tables.anomalies.iter().take(LOOKED_AT).filter(|anomaly| anomaly.incident.is_some()).for_each(|anomaly| {
            found.add((tables.incident_id(anomaly.incident).index() + 1).to_string(), 1);
        }),
        Field::App | Field::Resource | Field::Risk | Field::Asn => {
            events().filter_map(|row| row.into_owned().event.entra).for_each(|sign_in| match field {
                Field::App => found.add_symbol(names, sign_in.app),
                Field::Resource => found.add_symbol(names, sign_in.resource),
                Field::Risk => found.add_symbol(names, sign_in.risk),
                _ if sign_in.asn != 0 => found.add(sign_in.asn.to_string(), 1),
                _ => {}
            })
        }
        _ => {}
    }
    found
}
