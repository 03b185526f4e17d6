//! Sessions of an organisation that is known: what the reading finds is compared with what happened.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/organisation/mod.rs"]
mod organisation;

use logonscope::engine::Engine;
use logonscope::engine::load::{Loaded, Opened, Reading, load};
use logonscope::model::ids::AccountId;
use logonscope::model::session::Session;
use logonscope::store::Snapshot;
use organisation::sim::Sim;
use organisation::truth::{Told, TrueLogon};
use organisation::{Moment, SECOND, Scale, arrival};
use std::collections::{BTreeSet, HashMap, HashSet};

/// Of the logon sessions whose records are there.
const EXACT: f64 = 0.995;

fn opened(sim: &Sim, delay: Moment) -> Vec<Opened> {
    arrival::files(sim, delay).into_iter().map(|file| Opened::memory(file.name, file.bytes)).collect()
}

fn read(inputs: &[Opened], reading: Reading) -> Snapshot {
    let Loaded { events, names, inputs, .. } = load(inputs, reading, &mut |_, _, _| true);
    let mut engine = Engine::new(names);
    for event in events {
        engine.apply(event);
    }
    engine.finish(inputs)
}

type Key = (String, u64, Moment);

fn moment(at: logonscope::base::time::Timestamp) -> Moment {
    at.as_unix_seconds() * 1_000 + at.as_ticks().rem_euclid(10_000_000) / 10_000
}

fn key(session: &Session, snapshot: &Snapshot) -> Key {
    let host = snapshot.tables.host(session.host).unwrap();
    (snapshot.names.raw(host.name).to_owned(), session.logon_id.0, moment(session.start))
}

#[derive(Debug, Default)]
struct Compared {
    told: usize,
    exact: usize,
    /// Words for the first that differ.
    wrong: Vec<String>,
    /// Closed though nothing tells an end.
    closed: Vec<String>,
}

fn compare(sim: &Sim, snapshot: &Snapshot) -> Compared {
    let tables = &snapshot.tables;
    let mut found: HashMap<Key, &Session> = HashMap::new();
    for session in tables.sessions.iter() {
        assert!(found.insert(key(session, snapshot), session).is_none(), "one session twice: {session:?}");
    }
    let mut compared = Compared::default();
    let mut accounts: HashMap<AccountId, &str> = HashMap::new();
    for logon in sim.truth.logons.iter().filter(|logon| logon.is_seen) {
        compared.told += 1;
        let session = found.remove(&(sim.hosts[logon.host].name.clone(), logon.logon_id, logon.start));
        let said = session.map(|session| {
            // Whatever it is called there: one account is one row, and a row is one account.
            let account = *accounts.entry(session.account).or_insert(logon.account.as_str());
            (account, session.end_reason.word(), session.end.map(moment))
        });
        let expected = (logon.account.as_str(), logon.told.word(), logon.told.at());
        if said.as_ref() == Some(&expected) {
            compared.exact += 1;
            continue;
        }
        let words = format!("{} {}: {said:?}", sim.hosts[logon.host].short, words(logon));
        if logon.told.at().is_none() && session.is_some_and(|session| !session.is_open()) {
            compared.closed.push(words.clone());
        }
        compared.wrong.push(words);
    }
    let names: HashSet<&str> = accounts.values().copied().collect();
    assert_eq!(names.len(), accounts.len(), "an account in two rows");
    assert!(found.is_empty(), "sessions that never were: {:?}", found.keys().take(5).collect::<Vec<_>>());
    compared
}

fn words(logon: &TrueLogon) -> String {
    let TrueLogon { account, logon_id, logon_type, start, told, .. } = logon;
    format!("{account} {logon_id:#x} type {logon_type} from {start}: {told:?}")
}

fn assert_exact(sim: &Sim, snapshot: &Snapshot, what: &str) {
    let compared = compare(sim, snapshot);
    let share = compared.exact as f64 / compared.told as f64;
    let first = compared.wrong.iter().take(12).cloned().collect::<Vec<_>>().join("\n");
    assert!(share >= EXACT, "{what}: {} of {} exact\n{first}", compared.exact, compared.told);
    assert!(compared.closed.is_empty(), "{what}: closed without an end: {:?}", &compared.closed[..compared.closed.len().min(5)]);
}

/// The organisation has what is hard.
fn assert_rich(sim: &Sim) {
    let logons = &sim.truth.logons;
    let count = |is_wanted: &dyn Fn(&TrueLogon) -> bool| logons.iter().filter(|logon| is_wanted(logon)).count();
    for (what, found) in [
        ("unseen logons", count(&|logon| !logon.is_seen)),
        ("lost logoffs", count(&|logon| logon.is_seen && logon.has_ended && logon.told == Told::Open)),
        ("ends by boot", count(&|logon| matches!(logon.told, Told::Boot(_)))),
        ("ends by reuse", count(&|logon| matches!(logon.told, Told::Reused(_)))),
        ("ends by the user", count(&|logon| matches!(logon.told, Told::UserLogoff(_)))),
        ("really open", count(&|logon| !logon.has_ended)),
    ] {
        assert!(found > 0, "no {what}");
    }
    let types: BTreeSet<u32> = logons.iter().map(|logon| logon.logon_type).collect();
    assert_eq!(types, [2, 3, 4, 5, 7, 9, 10, 11].into());
    let ids: HashSet<(usize, u64)> = logons.iter().map(|logon| (logon.host, logon.logon_id)).collect();
    assert!(ids.len() < logons.len(), "no LogonId is given twice");
    assert!(logons.iter().any(|logon| logon.logon_id > u64::from(u32::MAX)));
}

#[test]
fn a_month_of_an_organisation_has_the_sessions_that_happened() {
    let sim = Sim::run(1, Scale::MONTH);
    assert_rich(&sim);
    let snapshot = read(&opened(&sim, 0), Reading::default());
    assert_exact(&sim, &snapshot, "a month");
}

#[test]
fn in_any_order_and_by_any_number_of_workers_the_sessions_are_the_same() {
    for seed in [2, 3, 5] {
        let sim = Sim::run(seed, Scale::SMALL);
        for delay in [0, 3 * SECOND] {
            let inputs = opened(&sim, delay);
            for threads in [1, 5] {
                // Small pieces, put in order while they are read.
                let reading = Reading { threads, piece_bytes: 64 << 10, sort_whole_up_to: 0, ..Reading::default() };
                assert_exact(&sim, &read(&inputs, reading), &format!("seed {seed}, {delay} ms late, {threads} threads"));
            }
        }
    }
}

#[test]
fn records_that_come_late_one_by_one_change_no_session() {
    let sim = Sim::run(11, Scale::SMALL);
    for delay in [500, 3 * SECOND, 20 * SECOND] {
        let Loaded { mut events, names, inputs, .. } = load(&opened(&sim, delay), Reading::default(), &mut |_, _, _| true);
        // As they came, and not put in order.
        events.sort_by_key(|event| (event.provenance.input, event.provenance.line));
        let mut engine = Engine::new(names);
        for event in events {
            engine.apply(event);
        }
        assert_exact(&sim, &engine.finish(inputs), &format!("{delay} ms late"));
    }
}
