//! The case bundle: a folder that somebody else can open without these logs: the case file, the notes as Markdown, the
//! records behind what was noted, figures, and what tells the inputs from others.
//!
//! It is written on a thread of its own from one snapshot, so it is of what was on screen when the key was pressed.

use super::Target;
use crate::base::text::{clean, count};
use crate::casefile::Case;
use crate::casefile::entry::Entry;
use crate::engine::handle::RawSource;
use crate::export::case::{about, kind};
use crate::export::{self, Format, Scope, What, json};
use crate::model::ids::EventId;
use crate::query::Filter;
use crate::store::Snapshot;
use crate::ui::app::{App, Asked};
use crate::ui::effect::Effect;
use crate::ui::view::words;
use crate::ui::write::file::in_home;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::fs::{self, File};
use std::io::{self, BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Records of one anomaly that are taken along, and of all.
const RECORDS_OF_ONE: usize = 50;
const RECORDS: usize = 2_000;

/// What is to be written where.
pub struct Order {
    pub folder: PathBuf,
    snapshot: Arc<Snapshot>,
    case: Case,
    filter: Filter,
}

impl std::fmt::Debug for Order {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Order").field("folder", &self.folder).finish_non_exhaustive()
    }
}

/// Orders are the same when they write to the same place.
impl PartialEq for Order {
    fn eq(&self, other: &Self) -> bool {
        self.folder == other.folder
    }
}

/// Asks where to write.
pub(in crate::ui) fn ask(app: &mut App) -> Vec<Effect> {
    if app.scene.triage.case().standing().next().is_none() {
        app.say("nothing is kept yet: m sets a bookmark, c writes a note, and decisions of the queue (2) count too");
        return Vec::new();
    }
    if app.scene.snapshot.names.mask().is_some() {
        app.say("the bundle holds records as they are, with all names: t p takes the mask off first");
        return Vec::new();
    }
    let day = app.scene.zone.local(app.scene.snapshot.now).format("%Y-%m-%d");
    vec![Effect::Ask(Asked::Bundle, format!("logonscope-case-{day}"))]
}

/// The order for a folder of this name.
///
/// # Errors
/// It cannot be written there; what to write.
pub(in crate::ui) fn order(app: &mut App, name: &str) -> Result<Vec<Effect>, String> {
    let folder = in_home(Path::new(name.trim()));
    if name.trim().is_empty() {
        return Err("write the name of a folder that is to be made".to_owned());
    }
    app.say(format!("writing the case bundle to {} ...", clean(name.trim())));
    let scene = &app.scene;
    Ok(vec![Effect::Bundle(Arc::new(Order {
        folder,
        snapshot: Arc::clone(&scene.snapshot),
        case: scene.triage.case().clone(),
        filter: scene.filter.in_force().cloned().unwrap_or_default(),
    }))])
}

/// How far it is, what was written, or why it was not.
pub(in crate::ui) fn told(app: &mut App, told: Result<String, String>) -> Vec<Effect> {
    match told {
        Ok(words) => app.say(words),
        Err(problem) => app.complain(problem),
    }
    Vec::new()
}

/// Writes it; `tell` gets sentences about how far it is.
///
/// # Errors
/// What could not be written, for people. What was written until then stays.
pub fn write(order: &Order, raw: &dyn RawSource, tell: &dyn Fn(String)) -> Result<String, String> {
    let folder = order.folder.as_path();
    let failed = |error: io::Error| format!("the case bundle cannot be written to {}: {error}", folder.display());
    // A folder that is there belongs to somebody else, or to an earlier bundle.
    fs::create_dir(folder).map_err(failed)?;
    let entries = order.case.standing_by_time();
    case_file(&folder.join("case.jsonl"), &order.case).map_err(failed)?;
    fs::write(folder.join("notes.md"), notes(order, &entries)).map_err(failed)?;
    let Evidence { records, missing, is_whole } = evidence(&folder.join("records.jsonl"), order, &entries, raw).map_err(failed)?;
    report(&folder.join("case.csv"), What::Case, Format::Csv, order).map_err(failed)?;
    report(&folder.join("summary.json"), What::Summary, Format::Json, order).map_err(failed)?;
    let inputs = inputs(order, tell);
    let manifest = json!({
        "program": "logonscope", "version": env!("CARGO_PKG_VERSION"), "filter": order.filter.text(),
        "entries": entries.len(), "records": records, "records_not_read": missing, "has_all_records": is_whole,
        "inputs": inputs,
    });
    let mut out = BufWriter::new(File::create(folder.join("manifest.json")).map_err(failed)?);
    json::write_document(&mut out, &manifest).and_then(|()| out.flush()).map_err(failed)?;
    let without = if missing > 0 { format!(", {} could not be read again", count(missing)) } else { String::new() };
    let part = if is_whole { "" } else { " (the first of each)" };
    Ok(format!(
        "case bundle: {}, {} records{part}{without}, hashes of {} in {}",
        words::plural_of(entries.len(), "entry", "entries"),
        count(records),
        words::plural(inputs.len(), "input"),
        clean(&folder.display().to_string())
    ))
}

/// All entries, also those taken back: it can be opened with `--case`.
fn case_file(path: &Path, case: &Case) -> io::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    out.write_all(b"{\"logonscope_case\":1}\n")?;
    for entry in case.entries() {
        json::write_line(&mut out, entry)?;
    }
    out.flush()
}

/// Text that Markdown takes as it is.
fn plain(text: &str) -> String {
    let mut out = String::new();
    for c in clean(text).chars() {
        if "\\`*_[]<>|#!".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn notes(order: &Order, entries: &[Entry]) -> String {
    let mut out = String::from("# Case\n\nTimes are UTC.\n");
    if !order.filter.is_all() {
        out.push_str(&format!("\nFilter in force: {}\n", plain(order.filter.text())));
    }
    for entry in entries {
        let at = entry.act.moment().map_or_else(|| "without a time".to_owned(), crate::base::time::Timestamp::rfc3339);
        out.push_str(&format!("\n## {at} {}: {}\n\n", kind(entry), plain(&about(entry))));
        if !entry.act.reason().is_empty() {
            out.push_str(&format!("{}\n\n", plain(entry.act.reason())));
        }
        let by = if entry.by.is_empty() { String::new() } else { format!(" by {}", plain(&entry.by)) };
        out.push_str(&format!("Noted {}{by}.\n", plain(&entry.at)));
    }
    out
}

/// The records behind an entry, at most one more than is taken along.
fn behind(entry: &Entry, snapshot: &Snapshot) -> Vec<EventId> {
    const MOST: usize = RECORDS_OF_ONE + 1;
    let tables = &snapshot.tables;
    let target = entry.act.thing().and_then(|thing| Target::find(&thing, snapshot));
    match target {
        Some(Target::Event(id)) => vec![id],
        Some(Target::Session(id)) => tables.events_of_session(id).map(|(id, _)| id).take(MOST).collect(),
        Some(Target::Visit(id)) => {
            let logons = tables.sessions_of_visit(id).flat_map(|(id, _)| tables.events_of_session(id)).map(|(id, _)| id);
            logons.chain(tables.loose_events_of_visit(id).map(|(id, _)| id)).take(MOST).collect()
        }
        Some(Target::Anomaly(id)) => {
            tables.anomaly(id).map(|anomaly| anomaly.records.iter().copied().take(MOST).collect()).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

fn add(line: &mut serde_json::Value, name: &str, value: serde_json::Value) {
    if let Some(fields) = line.as_object_mut() {
        fields.insert(name.to_owned(), value);
    }
}

/// What was written of the records behind the entries.
struct Evidence {
    records: u64,
    /// Those that could not be read again.
    missing: u64,
    /// Nothing has more records than are taken along.
    is_whole: bool,
}

/// Writes the records with where they stand.
fn evidence(path: &Path, order: &Order, entries: &[Entry], raw: &dyn RawSource) -> io::Result<Evidence> {
    let snapshot = &order.snapshot;
    let mut ids: Vec<EventId> = Vec::new();
    let mut is_whole = true;
    for entry in entries {
        // One more than is taken tells that there are more.
        let found = behind(entry, snapshot);
        is_whole &= found.len() <= RECORDS_OF_ONE;
        ids.extend(found.into_iter().take(RECORDS_OF_ONE));
    }
    ids.sort_unstable();
    ids.dedup();
    is_whole &= ids.len() <= RECORDS;
    ids.truncate(RECORDS);
    let mut out = BufWriter::new(File::create(path)?);
    let (mut records, mut missing) = (0, 0);
    for id in ids {
        let Some(row) = snapshot.tables.event(id) else {
            // It went from memory: where it stood is not known any more.
            json::write_line(&mut out, &json!({ "problem": "in memory no longer: open the logs again to have it" }))?;
            missing += 1;
            continue;
        };
        let at = row.event.provenance;
        let input = snapshot.inputs.iter().find(|input| input.id == at.input).map(|input| input.path.display().to_string());
        let mut line = json!({
            "time": row.event.at.rfc3339(), "input": input, "offset": at.offset, "line": at.line, "record": row.event.record,
            "event_id": row.event.event_id,
        });
        match raw.raw(at) {
            Ok(record) => {
                let parsed = serde_json::from_str(&record.json).unwrap_or(serde_json::Value::String(record.json));
                let text = if record.stored.is_empty() { record.xml } else { record.stored };
                add(&mut line, "fields", parsed);
                add(&mut line, "text", text.into());
                records += 1;
            }
            Err(problem) => {
                add(&mut line, "problem", problem.into());
                missing += 1;
            }
        }
        json::write_line(&mut out, &line)?;
    }
    out.flush()?;
    Ok(Evidence { records, missing, is_whole })
}

fn report(path: &Path, what: What, format: Format, order: &Order) -> io::Result<()> {
    let scope = Scope::of(&order.snapshot, &order.filter, &order.case);
    let mut out = BufWriter::new(File::create(path)?);
    export::write(what, format, &scope, &mut out)?;
    out.flush()
}

/// Each input with its SHA-256, as it is now.
fn inputs(order: &Order, tell: &dyn Fn(String)) -> Vec<serde_json::Value> {
    let all = &order.snapshot.inputs;
    let one = |(place, input): (usize, &crate::model::input::InputStatus)| {
        let path = input.path.display().to_string();
        tell(format!("case bundle: hashing input {} of {}: {}", place + 1, all.len(), clean(&path)));
        let (hash, bytes, problem) = match hashed(&input.path) {
            Ok((hash, bytes)) => (Some(hash), Some(bytes), None),
            // A stream, a member of an archive, or a file that is gone.
            Err(error) => (None, None, Some(error.to_string())),
        };
        json!({
            "path": path, "sha256": hash, "bytes": bytes, "problem": problem, "events": input.events, "records": input.records,
            "first": input.first.map(crate::base::time::Timestamp::rfc3339), "last": input.last.map(crate::base::time::Timestamp::rfc3339),
        })
    };
    all.iter().enumerate().map(one).collect()
}

/// SHA-256 of a file in hexadecimal, and its length.
fn hashed(path: &Path) -> io::Result<(String, u64)> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut piece = vec![0; 1 << 20];
    let mut bytes = 0_u64;
    loop {
        let read = file.read(&mut piece)?;
        if read == 0 {
            let digits = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
            return Ok((digits, bytes));
        }
        hash.update(piece.get(..read).unwrap_or_default());
        bytes += read as u64;
    }
}
