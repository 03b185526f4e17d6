//! Events in short form, one a line, for tests of sessions and detections.
//!
//! ```text
//! 09:00:00     4624 host=fs01.corp.local user=CORP\alice logon=0x1a2b type=10 from=10.0.0.5
//! +2s          4672 host=fs01.corp.local user=CORP\alice logon=0x1a2b    # a comment
//! +1m x20 every=3s 4625 user=CORP\user{n} from=10.9.9.9 sub=0xc000006a
//! +1h          System/12 host=fs01.corp.local
//! 2026-03-14T09:00:00 signin user=alice@corp.com from=203.0.113.7 session_id=s1 app="Azure CLI" status=0
//! ```
//!
//! Time: `2026-03-16T09:00:00`, a clock time of the current day (2026-03-16, a Monday, unless a date was written), or
//! `+1h2m3s500ms` after the line before. `xN every=SPAN` repeats a line; `{n}` in values is 1..N. What: an id of
//! Security, `System/12`, `LSM/21`, `RCM/1149`, `NTLM/8004`, or `signin`, `signin-ni`, `signin-sp`, `signin-mi`. `default KEY=VALUE...`
//! sets values for all lines below that do not set their own. Values with blanks stand in double quotes.
//! Keys: host record channel user sid by by_sid logon by_logon linked guid from port ws process package lm keylen image
//! elevated type status sub target outbound enc options preauth cert restricted guard delegated session_name ts outcome line, and every text field of `SignIn` by its
//! name, besides managed compliant asn coordinates=LAT/LON mfa.

#![allow(dead_code)]

use logonscope::base::intern::{Interner, Symbol};
use logonscope::base::net::parse_address;
use logonscope::base::time::{Span, Timestamp};
use logonscope::base::unique::Unique;
use logonscope::model::client;
use logonscope::model::event::{AuthEvent, EventKind, Identity, LogonId, MfaResult, Outcome, SignIn, SignInCategory, Tri};
use logonscope::model::event_id;
use logonscope::model::logon_type::LogonType;
use logonscope::model::status::{Status, StatusClass};
use logonscope::model::world::World;
use logonscope::session::Sessions;
use logonscope::store::Store;

/// Reads the lines. Panics with the line on a mistake, as a test's data is the test's author's.
pub fn events(text: &str) -> (Vec<AuthEvent>, Interner) {
    let mut names = Interner::default();
    let mut reader = Reader { at: Timestamp::parse("2026-03-16T00:00:00Z").unwrap(), record: 0, defaults: Vec::new() };
    let mut events = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if !line.is_empty() && !line.starts_with('#') {
            reader.line(line, &mut events, &mut names).unwrap_or_else(|problem| panic!("line {}: {problem}: {line}", number + 1));
        }
    }
    (events, names)
}

/// `1h2m3s500ms` or `2d`.
pub fn span(text: &str) -> Option<Span> {
    let mut total = Span::ZERO;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let amount: i64 = rest[..digits].parse().ok()?;
        let unit_end = rest[digits..].find(|c: char| c.is_ascii_digit()).map_or(rest.len(), |end| digits + end);
        let unit = match &rest[digits..unit_end] {
            "d" => Span::hours(24),
            "h" => Span::hours(1),
            "m" => Span::minutes(1),
            "s" => Span::seconds(1),
            "ms" => Span::millis(1),
            _ => return None,
        };
        total = Span::ticks(total.as_ticks() + (unit * amount).as_ticks());
        rest = &rest[unit_end..];
    }
    Some(total)
}

struct Reader {
    at: Timestamp,
    record: u64,
    defaults: Vec<(String, String)>,
}

/// Splits at blanks outside double quotes; a `#` that begins a word begins a comment.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), String::new(), false);
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            '#' if !quoted && word.is_empty() => break,
            c if c.is_whitespace() && !quoted => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            c => word.push(c),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

impl Reader {
    fn line(&mut self, line: &str, events: &mut Vec<AuthEvent>, names: &mut Interner) -> Result<(), String> {
        let words = words(line);
        let mut words = words.iter().map(String::as_str).peekable();
        let first = words.next().ok_or("an empty line")?;
        let pair = |word: &str| word.split_once('=').map(|(key, value)| (key.to_owned(), value.to_owned()));
        if first == "default" {
            for word in words {
                let (key, value) = pair(word).ok_or_else(|| format!("'{word}' is no KEY=VALUE"))?;
                self.defaults.retain(|(known, _)| *known != key);
                self.defaults.push((key, value));
            }
            return Ok(());
        }
        self.at = self.time(first).ok_or_else(|| format!("'{first}' is no time"))?;
        let mut times = 1_u32;
        if let Some(count) = words.peek().and_then(|word| word.strip_prefix('x')).and_then(|count| count.parse().ok()) {
            times = count;
            words.next();
        }
        let mut every = Span::seconds(1);
        if let Some(text) = words.peek().and_then(|word| word.strip_prefix("every=")) {
            every = span(text).ok_or("every= wants a span")?;
            words.next();
        }
        let what = words.next().ok_or("an event id is missing")?.to_owned();
        let mut pairs = Vec::new();
        for word in words {
            pairs.push(pair(word).ok_or_else(|| format!("'{word}' is no KEY=VALUE"))?);
        }
        let defaults = self.defaults.iter().filter(|(key, _)| !pairs.iter().any(|(known, _)| known == key));
        // Lines of other logs do without the defaults of sign-ins.
        let is_sign_in = what.starts_with("signin");
        let defaults = defaults.filter(|(key, _)| is_sign_in || !of_sign_ins(key));
        let all: Vec<_> = defaults.chain(&pairs).cloned().collect();
        for n in 1..=times {
            if n > 1 {
                self.at = self.at + every;
            }
            self.record += 1;
            let mut event = start(&what, self.at, self.record, names)?;
            for (key, value) in &all {
                set(&mut event, key, &value.replace("{n}", &n.to_string()), names)?;
            }
            finish(&mut event, all.iter().any(|(key, _)| key == "outcome"));
            if let Some(sign_in) = event.entra.as_deref_mut() {
                let (client, system) = (sign_in.user_agent.or(sign_in.browser), sign_in.operating_system);
                let (client, system) = (names.raw(client).to_owned(), names.raw(system).to_owned());
                (sign_in.client, sign_in.system) = client::symbols(&client, &system, names);
            }
            events.push(event);
        }
        Ok(())
    }

    fn time(&self, text: &str) -> Option<Timestamp> {
        if let Some(later) = text.strip_prefix('+') {
            return Some(self.at + span(later)?);
        }
        if text.contains('T') {
            return Timestamp::parse(text);
        }
        let day = self.at.rfc3339();
        Timestamp::parse(&format!("{}T{text}", &day[..10]))
    }
}

fn start(what: &str, at: Timestamp, record: u64, names: &mut Interner) -> Result<AuthEvent, String> {
    let category = match what {
        "signin" => Some(SignInCategory::Interactive),
        "signin-ni" => Some(SignInCategory::NonInteractive),
        "signin-sp" => Some(SignInCategory::ServicePrincipal),
        "signin-mi" => Some(SignInCategory::ManagedIdentity),
        _ => None,
    };
    let mut event = AuthEvent { at, pre_auth_type: u8::MAX, ..AuthEvent::default() };
    event.provenance.line = u32::try_from(record).unwrap_or(0);
    if let Some(category) = category {
        event.kind = EventKind::SignIn;
        event.channel = names.intern(category.name());
        event.status = Status::entra(0);
        let id = Unique::read(&format!("sign-in-{record}"), names);
        event.entra = Some(Box::new(SignIn { category, id, ..SignIn::default() }));
        return Ok(event);
    }
    let (log, id) = what.rsplit_once('/').unwrap_or(("Security", what));
    let channel = match log {
        "WinRM" => "Microsoft-Windows-WinRM/Operational",
        "LSM" => "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational",
        "RCM" => "Microsoft-Windows-TerminalServices-RemoteConnectionManager/Operational",
        "TSG" => "Microsoft-Windows-TerminalServices-Gateway/Operational",
        "Profile" => "Microsoft-Windows-User Profile Service/Operational",
        "NTLM" => "Microsoft-Windows-NTLM/Operational",
        "RdpCoreTS" => "Microsoft-Windows-RemoteDesktopServices-RdpCoreTS/Operational",
        log => log,
    };
    event.event_id = id.parse().map_err(|_| format!("'{what}' is no event id"))?;
    let known = event_id::find(channel, "", event.event_id).ok_or_else(|| format!("{what} is no logon record"))?;
    event.kind = known.kind;
    event.known = known.known;
    event.record = record;
    event.channel = names.intern(known.channel);
    let host = names.intern("srv01.corp.local");
    event.host = names.fold(host);
    Ok(event)
}

fn identity(value: &str, names: &mut Interner, sid: Symbol) -> Identity {
    let (domain, user) = value.split_once('\\').unwrap_or(("", value));
    Identity { user: names.intern(user), domain: names.intern(domain), sid }
}

fn number(value: &str) -> Result<u64, String> {
    let read = value.strip_prefix("0x").map_or_else(|| value.parse(), |hex| u64::from_str_radix(hex, 16));
    read.map_err(|_| format!("'{value}' is no number"))
}

fn tri(value: &str) -> Result<Tri, String> {
    match value {
        "yes" => Ok(Tri::Yes),
        "no" => Ok(Tri::No),
        "unknown" => Ok(Tri::Unknown),
        _ => Err(format!("'{value}' is not yes, no or unknown")),
    }
}

#[allow(clippy::cast_possible_truncation)]
fn set(event: &mut AuthEvent, key: &str, value: &str, names: &mut Interner) -> Result<(), String> {
    match key {
        "host" => {
            let host = names.intern(value);
            event.host = names.fold(host);
        }
        "channel" => event.channel = names.intern(value),
        "record" => event.record = number(value)?,
        "line" => event.provenance.line = number(value)? as u32,
        "user" => event.account = identity(value, names, event.account.sid),
        "sid" => event.account.sid = names.intern(value),
        "by" => event.subject = identity(value, names, event.subject.sid),
        "by_sid" => event.subject.sid = names.intern(value),
        "logon" => event.logon_id = LogonId(number(value)?),
        "by_logon" => event.subject_logon_id = LogonId(number(value)?),
        "linked" => event.linked_logon_id = LogonId(number(value)?),
        "guid" => event.logon_guid = Unique::read(value, names),
        "from" => {
            event.address = parse_address(value);
            if event.address.is_none() {
                event.address_text = names.intern(value);
            }
        }
        "port" => event.port = number(value)? as u16,
        "ws" => event.workstation = names.intern(value),
        "process" => event.logon_process = names.intern(value),
        "package" => event.package = names.intern(value),
        "lm" => event.lm_package = names.intern(value),
        "keylen" => event.key_length = number(value)? as u16,
        "image" => event.process = names.intern(value),
        "elevated" => event.elevated = tri(value)?,
        "type" => event.logon_type = LogonType::from_number(number(value)?),
        "status" => {
            event.raw_status = number(value)? as u32;
            event.status = match event.kind {
                EventKind::SignIn => Status::entra(event.raw_status),
                EventKind::TicketGranting | EventKind::ServiceTicket | EventKind::PreAuthFailed => Status::kerberos(event.raw_status),
                _ => Status::nt(event.raw_status),
            };
        }
        "sub" => {
            event.raw_sub_status = number(value)? as u32;
            event.status = Status::nt(event.raw_sub_status);
        }
        "target" => event.target = names.intern(value),
        "outbound" => event.outbound_user = names.intern(value),
        "enc" => event.ticket_encryption = number(value)? as u32,
        "options" => event.ticket_options = number(value)? as u32,
        "cert" => event.certificate = names.intern(value),
        "restricted" => event.restricted_admin = tri(value)?,
        "guard" => event.remote_credential_guard = tri(value)?,
        "delegated" => event.is_delegated = tri(value)? == Tri::Yes,
        "preauth" => event.pre_auth_type = number(value)? as u8,
        "session_name" => event.session_name = names.intern(value),
        "ts" => event.ts_session = Some(number(value)? as u32),
        "outcome" => {
            event.outcome = match value {
                "success" => Outcome::Success,
                "failure" => Outcome::Failure,
                "interrupted" => Outcome::Interrupted,
                "none" => Outcome::None,
                _ => return Err(format!("'{value}' is no outcome")),
            }
        }
        _ => return set_entra(event, key, value, names),
    }
    Ok(())
}

/// Keys that only sign-ins have.
fn of_sign_ins(key: &str) -> bool {
    let mut event = AuthEvent { entra: Some(Box::default()), ..AuthEvent::default() };
    let is_known = |problem: Result<(), String>| problem.err().is_none_or(|problem| !problem.starts_with("unknown key"));
    let mut names = Interner::default();
    is_known(set_entra(&mut event, key, "", &mut names))
}

fn set_entra(event: &mut AuthEvent, key: &str, value: &str, names: &mut Interner) -> Result<(), String> {
    let Some(sign_in) = event.entra.as_deref_mut() else { return Err(format!("unknown key '{key}'")) };
    let unique = match key {
        "id" => Some(&mut sign_in.id),
        "session_id" => Some(&mut sign_in.session_id),
        "correlation_id" => Some(&mut sign_in.correlation_id),
        "original_request_id" => Some(&mut sign_in.original_request_id),
        "unique_token_id" => Some(&mut sign_in.unique_token_id),
        _ => None,
    };
    if let Some(place) = unique {
        *place = Unique::read(value, names);
        return Ok(());
    }
    let place = match key {
        "app_id" => &mut sign_in.app_id,
        "app" => &mut sign_in.app,
        "resource_id" => &mut sign_in.resource_id,
        "resource" => &mut sign_in.resource,
        "client_app" => &mut sign_in.client_app,
        "user_agent" => &mut sign_in.user_agent,
        "device_id" => &mut sign_in.device_id,
        "device_name" => &mut sign_in.device_name,
        "browser" => &mut sign_in.browser,
        "operating_system" => &mut sign_in.operating_system,
        "country" => &mut sign_in.country,
        "city" => &mut sign_in.city,
        "protocol" => &mut sign_in.protocol,
        "original_transfer" => &mut sign_in.original_transfer,
        "incoming_token" => &mut sign_in.incoming_token,
        "token_protection" => &mut sign_in.token_protection,
        "requirement" => &mut sign_in.requirement,
        "method" => &mut sign_in.method,
        "step_detail" => &mut sign_in.step_detail,
        "conditional_access" => &mut sign_in.conditional_access,
        "risk" => &mut sign_in.risk,
        "risk_state" => &mut sign_in.risk_state,
        "risk_event" => &mut sign_in.risk_event,
        "service_principal_id" => &mut sign_in.service_principal_id,
        "credential_key_id" => &mut sign_in.credential_key_id,
        "credential_thumbprint" => &mut sign_in.credential_thumbprint,
        "credential_type" => &mut sign_in.credential_type,
        "federated_credential_id" => &mut sign_in.federated_credential_id,
        "tenant" => &mut sign_in.tenant,
        "home_tenant" => &mut sign_in.home_tenant,
        "cross_tenant" => &mut sign_in.cross_tenant,
        "user_type" => &mut sign_in.user_type,
        "managed" => {
            sign_in.is_managed = tri(value)?;
            return Ok(());
        }
        "compliant" => {
            sign_in.is_compliant = tri(value)?;
            return Ok(());
        }
        "asn" => {
            sign_in.asn = u32::try_from(number(value)?).map_err(|_| "asn is too large")?;
            return Ok(());
        }
        "coordinates" => {
            let (latitude, longitude) = value.split_once('/').ok_or("coordinates are LAT/LON")?;
            let degrees = |text: &str| text.parse().map_err(|_| format!("'{text}' is no number"));
            sign_in.coordinates = Some((degrees(latitude)?, degrees(longitude)?));
            return Ok(());
        }
        "mfa" => {
            sign_in.mfa = match value {
                "approved" => MfaResult::Approved,
                "denied" => MfaResult::Denied,
                _ => return Err(format!("'{value}' is not approved or denied")),
            };
            return Ok(());
        }
        _ => return Err(format!("unknown key '{key}'")),
    };
    *place = names.intern(value);
    Ok(())
}

/// What the record's kind and code say, where the line does not say it.
fn finish(event: &mut AuthEvent, has_outcome: bool) {
    match event.kind {
        // A clock that was set by a minute or more has a kind of its own.
        EventKind::Other if matches!(event.event_id, 1 | 4616) && event.target.is_some() => event.kind = EventKind::ClockStep,
        EventKind::LogonFailed if !event.status.is_some() => event.status = Status::nt(0xC000_006A),
        EventKind::PreAuthFailed if !event.status.is_some() => event.status = Status::kerberos(0x18),
        EventKind::TicketGranting | EventKind::ServiceTicket if !event.status.is_some() => event.status = Status::kerberos(0),
        EventKind::CredentialValidation if !event.status.is_some() => event.status = Status::nt(0),
        EventKind::SignIn if event.status.class() == StatusClass::MfaDenied => {
            if let Some(sign_in) = event.entra.as_deref_mut() {
                sign_in.mfa = MfaResult::Denied;
            }
        }
        _ => {}
    }
    if has_outcome {
        return;
    }
    let by_code = if event.status.code == 0 { Outcome::Success } else { Outcome::Failure };
    event.outcome = match event.kind {
        EventKind::Logon | EventKind::RdpAuthenticated => Outcome::Success,
        EventKind::LogonFailed | EventKind::PreAuthFailed => Outcome::Failure,
        EventKind::TicketGranting | EventKind::ServiceTicket | EventKind::CredentialValidation => by_code,
        EventKind::SignIn if event.status.class() == StatusClass::Interrupt => Outcome::Interrupted,
        EventKind::SignIn => by_code,
        _ => Outcome::None,
    };
}

/// The cases of a folder of this crate, by name: every `.toml` in it.
pub fn cases(folder: &str) -> Vec<(String, toml::Table)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut cases: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "toml"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let table = std::fs::read_to_string(&path).unwrap().parse().unwrap_or_else(|problem| panic!("{name}: {problem}"));
            (name, table)
        })
        .collect();
    cases.sort_by(|one, other| one.0.cmp(&other.0));
    cases
}

/// The events of a text, applied: the tables, and what screens read beside them.
pub fn applied(text: &str) -> (World, Store) {
    let (events, names) = events(text);
    let mut world = World { names, ..World::default() };
    let (mut sessions, mut store) = (Sessions::default(), Store::default());
    for event in events {
        let changes = sessions.apply(event, &mut world);
        store.append(&world.tables, &changes);
    }
    (world, store)
}
