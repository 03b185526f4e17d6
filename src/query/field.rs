//! The fields of the filter language: names, what they hold, and what help and completion say about them.

/// A field; the order of `FIELDS` is that of the help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    Account,
    Domain,
    Sid,
    Class,
    Privileged,
    Host,
    Source,
    Workstation,
    Country,
    Asn,
    Type,
    Lane,
    Outcome,
    Status,
    SubStatus,
    Session,
    Time,
    Start,
    End,
    Duration,
    State,
    Elevated,
    Auth,
    Credential,
    Process,
    Rule,
    Incident,
    Severity,
    Score,
    Tag,
    Note,
    Id,
    Input,
    App,
    Resource,
    Mfa,
    Risk,
}

/// How the values of a field compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Globs, `=` for the exact text, `~` for a part of it.
    Text,
    /// One of a few words or numbers.
    Choice,
    /// Has an order: `<`, `>`, ranges.
    Ordered,
    /// As `Ordered`, and values are times.
    Moment,
    /// Address, CIDR block, range of addresses, or a name.
    Address,
}

pub struct FieldEntry {
    pub field: Field,
    pub name: &'static str,
    pub aliases: &'static [&'static str],
    pub kind: Kind,
    /// One line for help and completion.
    pub hint: &'static str,
    /// A value to show in errors.
    pub example: &'static str,
}

const fn entry(
    field: Field,
    name: &'static str,
    aliases: &'static [&'static str],
    kind: Kind,
    hint: &'static str,
    example: &'static str,
) -> FieldEntry {
    FieldEntry { field, name, aliases, kind, hint, example }
}

pub const FIELDS: &[FieldEntry] = &[
    entry(Field::Account, "account", &["user"], Kind::Text, "who was logged on: name, name@domain, domain\\name", "svc_*"),
    entry(Field::Host, "host", &["computer"], Kind::Text, "logged on to: short or whole name", "FS01"),
    entry(Field::Source, "source", &["ip", "src"], Kind::Address, "from where: address, 10.0.2.0/24, a..b, or a name", "10.0.9.66"),
    entry(Field::Type, "type", &["logontype"], Kind::Choice, "logon type: number or name", "(3,10)"),
    entry(Field::Outcome, "outcome", &["result"], Kind::Choice, "success, failure, interrupted, none", "failure"),
    entry(Field::Severity, "severity", &["sev"], Kind::Ordered, "of the worst anomaly: info low medium high critical", "high"),
    entry(Field::Rule, "rule", &["kind", "detection"], Kind::Text, "id of the detection", "password-spray*"),
    entry(Field::Lane, "lane", &[], Kind::Choice, "row of the timeline: rdp, network, dc, entra-interactive ...", "rdp"),
    entry(Field::Status, "status", &["code"], Kind::Text, "result code, or words of its meaning", "0xC000006A"),
    entry(Field::SubStatus, "status.sub", &["substatus"], Kind::Choice, "SubStatus as the record states it", "0xC000006A"),
    entry(Field::Time, "time", &["at"], Kind::Moment, "when: 09:30, -2h, 2026-03-14T09:30Z, a..b", "-2h"),
    entry(Field::Start, "start", &[], Kind::Moment, "when the session began", "-2h"),
    entry(Field::End, "end", &[], Kind::Moment, "when the session ended", "-2h"),
    entry(Field::Duration, "duration", &[], Kind::Ordered, "how long the session lasted: 90s, 10m, 1h30m", "10m"),
    entry(Field::State, "state", &[], Kind::Choice, "of the session: open, closed, inferred, disconnected", "open"),
    entry(Field::Session, "session", &["logonid", "logon_id"], Kind::Choice, "logon id (0x1f3a8c2) or Entra session id", "0x1f3a8c2"),
    entry(Field::Elevated, "elevated", &[], Kind::Choice, "elevated token: yes, no, unknown", "yes"),
    entry(Field::Privileged, "privileged", &["priv"], Kind::Choice, "special privileges were given (4672): yes, no", "yes"),
    entry(Field::Class, "class", &[], Kind::Text, "class of the account: human, service, computer ...", "service"),
    entry(Field::Domain, "domain", &[], Kind::Text, "domain, tenant or host of the account", "CORP"),
    entry(Field::Sid, "sid", &[], Kind::Text, "SID or Entra object id", "S-1-5-21-*"),
    entry(Field::Workstation, "workstation", &["client"], Kind::Text, "name the client claimed", "WS41"),
    entry(Field::Auth, "auth", &["package"], Kind::Text, "authentication package: NTLM, NTLM V1, Kerberos ...", "NTLM*"),
    entry(
        Field::Credential,
        "credential",
        &["cred"],
        Kind::Text,
        "of the session: password, smart_card, ticket, ntlm_v2 ...",
        "smart_card",
    ),
    entry(Field::Process, "process", &["image"], Kind::Text, "image or logon process: path, file name", "*\\winlogon.exe"),
    entry(Field::Id, "id", &["event", "eventid", "event_id"], Kind::Ordered, "event id", "4625"),
    entry(Field::Input, "input", &["file"], Kind::Text, "log it came from: file name or whole path", "Security.evtx"),
    entry(Field::Score, "score", &[], Kind::Ordered, "score of the anomaly, 0 to 100", "80"),
    entry(Field::Incident, "incident", &[], Kind::Ordered, "number of the incident, as pivots (p) and reports state it", "3"),
    entry(Field::Tag, "tag", &["mark"], Kind::Text, "in the case: bookmark, confirmed, dismissed ..., #words of notes", "bookmark"),
    entry(Field::Note, "note", &["comment"], Kind::Text, "words of a note or reason in the case; note:* has one", "waiting"),
    entry(Field::Country, "country", &[], Kind::Text, "country: as Entra states it, else as --geo knows it", "GB"),
    entry(Field::Asn, "asn", &[], Kind::Ordered, "number of the network: as Entra states it, else by --geo", "64496"),
    entry(Field::App, "app", &["application"], Kind::Text, "Entra application: name or id", "Azure*"),
    entry(Field::Resource, "resource", &[], Kind::Text, "Entra resource: name or id", "Microsoft*"),
    entry(Field::Mfa, "mfa", &[], Kind::Choice, "second factor: approved, denied, none", "denied"),
    entry(Field::Risk, "risk", &[], Kind::Text, "Entra risk level or state", "high"),
];

/// The field of a name, whatever its case.
#[must_use]
pub fn find(name: &str) -> Option<&'static FieldEntry> {
    FIELDS.iter().find(|entry| entry.name.eq_ignore_ascii_case(name) || entry.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(name)))
}

/// The entry of a field.
#[must_use]
pub fn of(field: Field) -> Option<&'static FieldEntry> {
    FIELDS.iter().find(|entry| entry.field == field)
}

/// The field name nearest to a mistyped one, if any is near.
#[must_use]
pub fn nearest(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    FIELDS
        .iter()
        .flat_map(|entry| std::iter::once(entry.name).chain(entry.aliases.iter().copied()).map(move |spelling| (spelling, entry.name)))
        .map(|(spelling, target)| (distance(&name, spelling), target))
        .filter(|(steps, target)| *steps <= 2 && *steps < target.len())
        .min_by_key(|(steps, _)| *steps)
        .map(|(_, target)| target)
}

/// Letters to insert, delete or change to get from one word to the other.
pub(super) fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (line, a) in from.chars().take(64).enumerate() {
        let mut before = line;
        let mut left = line + 1;
        let mut next = vec![left];
        for (b, above) in to.iter().zip(row.iter().skip(1)) {
            let cost = (before + usize::from(a != *b)).min(above + 1).min(left + 1);
            before = *above;
            left = cost;
            next.push(cost);
        }
        row = next;
    }
    row.last().copied().unwrap_or(usize::MAX)
}
