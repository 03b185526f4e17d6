//! Every text recording (JSON, XML, CSV) of the corpus gives the figures an independent reader found in it.
//!
//! Needs `LOGONSCOPE_CORPUS`; says so and passes without it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use logonscope::decode::text::{self, Decoder};
use logonscope::model::event::{EventKind, SignInCategory};
use logonscope::model::ids::InputId;
use logonscope::normalise::batch::Batch;
use logonscope::normalise::shape::SHAPES;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Differences from `expected.json` that are right as they are, with the reason.
const DIFFERENCES: &[(&str, &str, &str)] = &[
    ("entra/diagnostic/adfs_abridged_us_time.jsonl", "users", "the row names a user and a principal; the account is the user"),
    ("entra/diagnostic/created_later_than_event.jsonl", "ips", "0.0.0.0 is the address of nobody and is kept as text only"),
    ("entra/diagnostic/five_categories_same_id.jsonl", "by_kind", "Microsoft's own service principals are service principals"),
];

fn corpus() -> Option<PathBuf> {
    let folder = std::env::var_os("LOGONSCOPE_CORPUS").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("skipped: LOGONSCOPE_CORPUS is not set");
    }
    folder
}

fn expected(folder: &Path) -> BTreeMap<String, Value> {
    let text = std::fs::read_to_string(folder.join("expected.json")).unwrap();
    let value: Value = serde_json::from_str(&text).unwrap();
    value["files"].as_object().unwrap().iter().map(|(name, file)| (name.clone(), file["expected"].clone())).collect()
}

/// Reads in blocks of `block` bytes, as a growing input is read.
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

fn wanted(name: &str) -> bool {
    name.starts_with("json/") || name.starts_with("entra/") || name.ends_with("2020-09-14011940.json")
}

#[test]
fn records_and_shapes_of_the_corpus_are_those_expected() {
    let Some(folder) = corpus() else { return };
    let mut wrong = Vec::new();
    for (name, figures) in expected(&folder) {
        if !wanted(&name) {
            continue;
        }
        let bytes = std::fs::read(folder.join(&name)).unwrap();
        let tally = read(&bytes, usize::MAX / 2).tally;
        let shapes: BTreeMap<&str, u64> = tally.shapes.iter().copied().collect();
        let wanted: BTreeMap<&str, u64> =
            figures["shapes"].as_object().unwrap().iter().map(|(shape, count)| (shape.as_str(), count.as_u64().unwrap())).collect();
        let got = (tally.records, tally.unreadable, shapes);
        let want = (figures["records"].as_u64().unwrap(), figures["unreadable"].as_u64().unwrap(), wanted);
        if got != want {
            wrong.push(format!("{name}: got {got:?}, expected {want:?}; {:?}", tally.places.all().first()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn reading_in_small_blocks_gives_the_same_events() {
    let Some(folder) = corpus() else { return };
    for (name, _) in expected(&folder) {
        if !wanted(&name) {
            continue;
        }
        let bytes = std::fs::read(folder.join(&name)).unwrap();
        if bytes.len() > 500_000 {
            continue;
        }
        let (whole, pieces) = (read(&bytes, usize::MAX / 2), read(&bytes, 4_099));
        assert_eq!(whole.tally.records, pieces.tally.records, "{name}");
        assert_eq!(whole.tally.unreadable, pieces.tally.unreadable, "{name}");
        let places = |batch: &Batch| batch.events.iter().map(|event| (event.at, event.provenance)).collect::<Vec<_>>();
        assert_eq!(places(&whole), places(&pieces), "{name}");
    }
}

#[test]
fn every_event_of_the_corpus_can_be_read_again_from_its_place() {
    let Some(folder) = corpus() else { return };
    for (name, _) in expected(&folder) {
        if !wanted(&name) {
            continue;
        }
        let bytes = std::fs::read(folder.join(&name)).unwrap();
        for event in read(&bytes, usize::MAX / 2).events.iter().take(50) {
            let from = usize::try_from(event.provenance.offset).unwrap();
            let raw = text::raw_record(&bytes, &bytes[from..]).unwrap_or_else(|error| panic!("{name} at {from}: {error}"));
            assert!(raw.json.starts_with('{') && !raw.fields.is_empty(), "{name}");
        }
    }
}

/// What an event says in every shape: not the record number and the fraction of the second, which some shapes lose.
fn said(event: &logonscope::model::event::AuthEvent, batch: &Batch) -> String {
    let raw = |symbol| batch.names.raw(symbol);
    format!(
        "{} {:?} {} {} {:?} {:?} {} {}\\{} {} {} {} {} {:?} {} {} {} {} {} {} {:?} {} {}",
        event.at.as_unix_seconds(),
        event.kind,
        event.event_id,
        raw(event.host),
        event.outcome,
        event.status,
        event.logon_type.name(),
        raw(event.account.domain),
        raw(event.account.user),
        raw(event.account.sid),
        event.logon_id,
        event.subject_logon_id,
        event.linked_logon_id,
        event.address,
        raw(event.address_text),
        event.port,
        raw(event.workstation),
        raw(event.logon_process),
        raw(event.package),
        event.key_length,
        event.elevated,
        event.logon_guid.shown(batch.names.texts()),
        raw(event.target),
    )
}

#[test]
fn the_same_events_in_twelve_shapes_say_the_same() {
    let Some(folder) = corpus() else { return };
    let all = |name: &str| {
        let batch = read(&std::fs::read(folder.join(name)).unwrap(), usize::MAX / 2);
        batch.events.iter().map(|event| said(event, &batch)).collect::<Vec<_>>()
    };
    let first = all("json/shapes/evtx_dump.jsonl");
    assert!(first.len() > 200, "{}", first.len());
    let mut shapes = 0;
    for name in expected(&folder).keys().filter(|name| name.starts_with("json/shapes/")) {
        let got = all(name);
        shapes += 1;
        assert_eq!(got.len(), first.len(), "{name}");
        for (number, (got, first)) in got.iter().zip(&first).enumerate() {
            assert_eq!(got, first, "{name}, event {number}");
        }
    }
    assert_eq!(shapes, 12);
}

#[test]
fn logons_of_the_corpus_are_counted_as_expected() {
    let Some(folder) = corpus() else { return };
    let mut wrong = Vec::new();
    for (name, figures) in expected(&folder) {
        if !wanted(&name) || figures.get("success_by_type").is_none() {
            continue;
        }
        let batch = read(&std::fs::read(folder.join(&name)).unwrap(), usize::MAX / 2);
        let logons = batch.events.iter().filter(|event| event.kind == EventKind::Logon);
        let by_type = counted(logons.map(|event| event.logon_type.number().map_or_else(String::new, |number| number.to_string())));
        let first = batch.events.iter().map(|event| event.at.rfc3339()).min();
        let addresses: BTreeSet<String> =
            batch.events.iter().filter_map(|event| event.address).map(|address| address.to_string()).collect();
        let got = serde_json::json!({
            "success_by_type": by_type,
            "source_ips": addresses,
            "hosts": batch.events.iter().map(|event| batch.names.raw(event.host)).collect::<BTreeSet<_>>(),
            "first": first,
        });
        for (key, got) in got.as_object().unwrap() {
            if *got != figures[key] {
                wrong.push(format!("{name} {key}: got {got}, expected {}", figures[key]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn counted<T: Ord>(items: impl Iterator<Item = T>) -> BTreeMap<T, u64> {
    items.fold(BTreeMap::new(), |mut counts, item| {
        *counts.entry(item).or_default() += 1;
        counts
    })
}

/// The `entra` figures of an input under the names of `expected.json`.
fn entra_figures(batch: &Batch) -> Value {
    let raw = |symbol| batch.names.raw(symbol).to_owned();
    let sign_ins: Vec<_> = batch.events.iter().filter_map(|event| event.entra.as_deref().map(|sign_in| (event, sign_in))).collect();
    let kind = |category| match category {
        SignInCategory::Interactive => "interactive",
        SignInCategory::NonInteractive => "nonInteractive",
        SignInCategory::ServicePrincipal => "servicePrincipal",
        SignInCategory::ManagedIdentity => "managedIdentity",
        SignInCategory::Adfs => "adfs",
    };
    let set = |items: Vec<String>| items.into_iter().filter(|item| !item.is_empty()).collect::<BTreeSet<_>>();
    serde_json::json!({
        "sign_ins": sign_ins.len(),
        "by_kind": counted(sign_ins.iter().map(|(_, sign_in)| kind(sign_in.category))),
        "by_outcome": counted(sign_ins.iter().map(|(event, _)| match event.outcome.word() { "-" => "None", word => word })),
        "by_code": counted(sign_ins.iter().map(|(event, _)| if event.status.is_some() { event.status.code_text() } else { "None".to_owned() })),
        "users": set(sign_ins.iter().map(|(event, _)| raw(event.account.user).to_lowercase()).collect()),
        "ips": set(sign_ins.iter().filter_map(|(event, _)| event.address.map(|address| address.to_string())).collect()),
        "countries": set(sign_ins.iter().map(|(_, sign_in)| raw(sign_in.country)).collect()),
        "apps": set(sign_ins.iter().map(|(_, sign_in)| raw(sign_in.app)).collect()),
        "first": sign_ins.iter().map(|(event, _)| event.at.rfc3339()).min(),
        "last": sign_ins.iter().map(|(event, _)| event.at.rfc3339()).max(),
    })
}

#[test]
fn entra_sign_ins_of_the_corpus_have_the_figures_expected() {
    let Some(folder) = corpus() else { return };
    let mut wrong = Vec::new();
    for (name, figures) in expected(&folder) {
        let Some(entra) = figures.get("entra").filter(|_| wanted(&name)) else { continue };
        let bytes = std::fs::read(folder.join(&name)).unwrap();
        let got = entra_figures(&read(&bytes, usize::MAX / 2));
        let mut want = entra.clone();
        // An account here is the user or, for workloads, the principal.
        let both: BTreeSet<String> = ["users", "principals"]
            .iter()
            .flat_map(|key| entra[*key].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_lowercase()))
            .collect();
        want["users"] = serde_json::json!(both);
        for (key, got) in got.as_object().unwrap() {
            let known = DIFFERENCES.iter().any(|(file, figure, _)| *file == name && figure == key);
            if *got != want[key] && !known {
                wrong.push(format!("{name} {key}: got {got}, expected {}", want[key]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
