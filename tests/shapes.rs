//! Each folder of `tests/shapes/` is a log shape: an input as the tool writes it, and the events it must give.
//!
//! A folder is found by itself. `expected.jsonl` holds one event a line with only what the record states, then what could
//! not be read, then the counts. `LOGONSCOPE_UPDATE=1 cargo test --test shapes` writes it anew; look at the difference.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use logonscope::base::intern::{Interner, Symbol};
use logonscope::base::unique::Unique;
use logonscope::decode::text::{self, Decoder};
use logonscope::model::event::{AuthEvent, Identity, LogonId, MfaResult, SignIn};
use logonscope::model::ids::InputId;
use logonscope::model::input::PlaceKind;
use logonscope::normalise::batch::Batch;
use logonscope::normalise::shape::SHAPES;
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};

fn folders() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/shapes");
    let mut folders: Vec<_> = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

fn input(folder: &Path) -> Vec<u8> {
    let mut files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let input = files.find(|path| path.file_stem().is_some_and(|stem| stem == "input"));
    std::fs::read(input.unwrap_or_else(|| panic!("{}: no input.*", folder.display()))).unwrap()
}

fn read(bytes: &[u8], block: usize) -> Batch {
    let mut batch = Batch::new(InputId::default());
    let mut decoder = Decoder::new(SHAPES);
    let (mut from, mut to, mut line) = (0, 0, 1);
    loop {
        to = bytes.len().min(to + block);
        let last = to == bytes.len();
        let taken = decoder.feed(&bytes[from..to], from as u64, line, last, &mut batch);
        line += bytes[from..from + taken].iter().filter(|byte| **byte == b'\n').count() as u32;
        from += taken;
        if last {
            return batch;
        }
    }
}

struct Line<'a>(&'a Interner, Map<String, Value>);

impl Line<'_> {
    fn put(&mut self, key: &str, value: Value) {
        let absent = match &value {
            Value::Null => true,
            Value::String(text) => text.is_empty() || text == "-",
            Value::Number(number) => number.as_f64() == Some(0.0),
            _ => false,
        };
        if !absent {
            self.1.insert(key.to_owned(), value);
        }
    }
    fn unique(&mut self, key: &str, id: Unique) {
        let text = id.shown(self.0.texts());
        self.put(key, text.into());
    }
    fn text(&mut self, key: &str, symbol: Symbol) {
        let text = self.0.raw(symbol).to_owned();
        self.put(key, text.into());
    }
    fn identity(&mut self, key: &str, who: &Identity) {
        let (domain, user) = (self.0.raw(who.domain), self.0.raw(who.user));
        let name = if domain.is_empty() { user.to_owned() } else { format!("{domain}\\{user}") };
        self.put(key, name.into());
        self.text(&format!("{key}_sid"), who.sid);
    }
    fn logon_id(&mut self, key: &str, id: LogonId) {
        self.put(key, if id.0 == 0 { Value::Null } else { id.to_string().into() });
    }
}

fn event_line(event: &AuthEvent, names: &Interner) -> Value {
    let mut line = Line(names, Map::new());
    line.put("at", event.at.rfc3339().into());
    line.put("kind", format!("{:?}", event.kind).into());
    line.put("id", event.event_id.into());
    line.put("record", event.record.into());
    line.put("line", event.provenance.line.into());
    line.text("host", event.host);
    line.text("channel", event.channel);
    line.put("outcome", event.outcome.word().into());
    line.put("status", event.status.code_text().into());
    line.put("logon_type", event.logon_type.number().map_or(Value::Null, |number| json!([number])));
    line.identity("account", &event.account);
    line.identity("subject", &event.subject);
    line.logon_id("logon_id", event.logon_id);
    line.logon_id("subject_logon_id", event.subject_logon_id);
    line.logon_id("linked_logon_id", event.linked_logon_id);
    line.unique("logon_guid", event.logon_guid);
    line.put("address", event.address.map_or(Value::Null, |address| address.to_string().into()));
    line.text("address_text", event.address_text);
    line.put("port", event.port.into());
    line.text("workstation", event.workstation);
    line.text("logon_process", event.logon_process);
    line.text("package", event.package);
    line.text("process", event.process);
    line.put("elevated", event.elevated.word().into());
    line.text("target", event.target);
    line.text("session_name", event.session_name);
    line.put("ts_session", event.ts_session.map_or(Value::Null, Value::from));
    if let Some(sign_in) = &event.entra {
        let inner = sign_in_line(sign_in, names);
        line.put("entra", inner);
    }
    Value::Object(line.1)
}

fn sign_in_line(sign_in: &SignIn, names: &Interner) -> Value {
    let mut line = Line(names, Map::new());
    line.put("category", sign_in.category.name().into());
    for (key, id) in [
        ("id", sign_in.id),
        ("session_id", sign_in.session_id),
        ("correlation_id", sign_in.correlation_id),
        ("original_request_id", sign_in.original_request_id),
        ("unique_token_id", sign_in.unique_token_id),
    ] {
        line.unique(key, id);
    }
    for (key, symbol) in [
        ("app_id", sign_in.app_id),
        ("app", sign_in.app),
        ("resource_id", sign_in.resource_id),
        ("resource", sign_in.resource),
        ("client_app", sign_in.client_app),
        ("user_agent", sign_in.user_agent),
        ("device_id", sign_in.device_id),
        ("device_name", sign_in.device_name),
        ("browser", sign_in.browser),
        ("operating_system", sign_in.operating_system),
        ("client", sign_in.client),
        ("system", sign_in.system),
        ("country", sign_in.country),
        ("city", sign_in.city),
        ("protocol", sign_in.protocol),
        ("original_transfer", sign_in.original_transfer),
        ("incoming_token", sign_in.incoming_token),
        ("token_protection", sign_in.token_protection),
        ("requirement", sign_in.requirement),
        ("conditional_access", sign_in.conditional_access),
        ("risk", sign_in.risk),
        ("risk_state", sign_in.risk_state),
        ("risk_event", sign_in.risk_event),
        ("method", sign_in.method),
        ("step_detail", sign_in.step_detail),
        ("service_principal_id", sign_in.service_principal_id),
        ("credential_key_id", sign_in.credential_key_id),
        ("credential_thumbprint", sign_in.credential_thumbprint),
        ("credential_type", sign_in.credential_type),
        ("federated_credential_id", sign_in.federated_credential_id),
        ("tenant", sign_in.tenant),
        ("home_tenant", sign_in.home_tenant),
        ("cross_tenant", sign_in.cross_tenant),
        ("user_type", sign_in.user_type),
    ] {
        line.text(key, symbol);
    }
    line.put("is_managed", sign_in.is_managed.word().into());
    line.put("is_compliant", sign_in.is_compliant.word().into());
    line.put("coordinates", sign_in.coordinates.map_or(Value::Null, |(latitude, longitude)| json!([latitude, longitude])));
    line.put("asn", sign_in.asn.into());
    line.put("mfa", if sign_in.mfa == MfaResult::None { Value::Null } else { format!("{:?}", sign_in.mfa).into() });
    Value::Object(line.1)
}

fn lines_of(batch: &Batch) -> Vec<String> {
    let tally = &batch.tally;
    let events = batch.events.iter().map(|event| event_line(event, &batch.names));
    let unreadable = tally.places.of(PlaceKind::Unreadable).map(|what| json!({"unreadable": what.reason, "line": what.line}));
    let unknown = tally.places.of(PlaceKind::Unknown).map(|what| json!({"unknown": what.reason, "line": what.line}));
    let shapes: Map<_, _> = tally.shapes.iter().map(|(shape, count)| ((*shape).to_owned(), (*count).into())).collect();
    let mut counts =
        json!({"records": tally.records, "other": tally.other, "unreadable": tally.unreadable, "unknown": tally.unknown, "shapes": shapes});
    if tally.assumed_utc > 0 {
        counts["assumed_utc"] = tally.assumed_utc.into();
    }
    events.chain(unreadable).chain(unknown).chain([counts]).map(|line| line.to_string()).collect()
}

#[test]
fn every_shape_gives_the_events_its_folder_expects() {
    let bless = std::env::var_os("LOGONSCOPE_UPDATE").is_some();
    let mut wrong = Vec::new();
    for folder in folders() {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let got = lines_of(&read(&input(&folder), usize::MAX / 2));
        let file = folder.join("expected.jsonl");
        if bless {
            std::fs::write(&file, got.join("\n") + "\n").unwrap();
            continue;
        }
        let expected = std::fs::read_to_string(&file).unwrap_or_default();
        let expected: Vec<&str> = expected.lines().collect();
        for number in 0..got.len().max(expected.len()) {
            let (got, expected) = (got.get(number).map_or("nothing", String::as_str), expected.get(number).copied().unwrap_or("nothing"));
            if got != expected {
                wrong.push(format!("{name}, line {}:\n  got      {got}\n  expected {expected}", number + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn blocks_of_any_size_give_the_same_as_one_read() {
    for folder in folders() {
        let bytes = input(&folder);
        let whole = lines_of(&read(&bytes, usize::MAX / 2));
        for block in [1, 7, 64, 1_000] {
            assert_eq!(lines_of(&read(&bytes, block)), whole, "{} in blocks of {block}", folder.display());
        }
    }
}

#[test]
fn every_event_can_be_read_again_from_its_place() {
    for folder in folders() {
        let bytes = input(&folder);
        for event in read(&bytes, usize::MAX / 2).events {
            let from = usize::try_from(event.provenance.offset).unwrap();
            let raw = text::raw_record(&bytes, &bytes[from..]).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
            let number = event.event_id.to_string();
            // Some tools say what happened in a word; classic text has the id inside.
            let words = ["LogonSuccess", "LogonFailed", "LogOn", "LogOff", "TGT", "TGS", "ScreenLock"];
            let inside = [format!("EventCode={number}\n"), format!("<EventID>{number}<")];
            let names_it = |value: &str| value == number || words.contains(&value) || inside.iter().any(|id| value.contains(id));
            let states = raw.fields.iter().any(|(_, value)| names_it(value)) || event.entra.is_some();
            assert!(raw.json.starts_with('{') && states, "{}: {}", folder.display(), raw.json);
        }
    }
}

#[test]
fn damaged_bytes_never_stop_the_reading_and_blocks_do_not_matter() {
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as usize
    };
    for folder in folders() {
        let whole = input(&folder);
        for _ in 0..15 {
            let mut bytes = whole.clone();
            for _ in 0..=next() % 4 {
                let place = next() % bytes.len();
                match next() % 3 {
                    0 => bytes[place] = b"{}[]\",:\\<>&'\n\0\xff"[next() % 14],
                    1 => drop(bytes.remove(place)),
                    _ => bytes.truncate(place.max(16)),
                }
            }
            let (pieces, whole) = (lines_of(&read(&bytes, 97)), lines_of(&read(&bytes, usize::MAX / 2)));
            let place = pieces.iter().zip(&whole).position(|(piece, whole)| piece != whole).unwrap_or(pieces.len().min(whole.len()));
            assert_eq!(pieces.get(place), whole.get(place), "{}", folder.display());
        }
    }
}

#[test]
fn every_registered_shape_has_a_folder() {
    let folders: Vec<_> = folders().iter().map(|folder| folder.file_name().unwrap().to_string_lossy().into_owned()).collect();
    for shape in SHAPES {
        assert!(folders.iter().any(|folder| folder == shape.name), "tests/shapes/{} is missing", shape.name);
    }
}
