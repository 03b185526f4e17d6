//! Sessions of an organisation that is known: what the reading finds is compared with what happened.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/organisation/mod.rs"]
mod organisation;

use logonscope::base::time::{Timestamp, Zone};
use logonscope::engine::Engine;
use logonscope::engine::load::{Loaded, Opened, Reading, load};
use logonscope::model::ids::{AccountId, HostId, VisitId};
use logonscope::model::session::Session;
use logonscope::model::visible::{Fact, HostCoverage, Visibility};
use logonscope::model::visit::{State, Visit};
use logonscope::model::world::Tables;
use logonscope::store::Snapshot;
use organisation::host::Role;
use organisation::sim::Sim;
use organisation::truth::{self, Kind, Told, TrueLogon, TrueVisit};
use organisation::{Moment, SECOND, Scale, arrival};
use std::borrow::Cow;
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

fn moment(at: Timestamp) -> Moment {
    at.as_unix_seconds() * 1_000 + at.as_ticks().rem_euclid(10_000_000) / 10_000
}

fn key_of(sim: &Sim, logon: &TrueLogon) -> Key {
    (sim.hosts[logon.host].name.clone(), logon.logon_id, logon.start)
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
    let mut found: HashMap<Key, Cow<'_, Session>> = HashMap::new();
    for session in tables.sessions.iter() {
        assert!(found.insert(key(&session, snapshot), session.clone()).is_none(), "one session twice: {session:?}");
    }
    let mut compared = Compared::default();
    let mut accounts: HashMap<AccountId, &str> = HashMap::new();
    for logon in sim.truth.logons.iter().filter(|logon| logon.is_seen) {
        compared.told += 1;
        let session = found.remove(&key_of(sim, logon));
        let said = session.as_ref().map(|session| {
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

/// What differs between the sessions as shown and those that happened.
#[derive(Debug, Default)]
struct Shown {
    told: usize,
    exact: usize,
    wrong: Vec<String>,
    closed: Vec<String>,
}

/// A desktop of which no logon was collected is known from the other logs.
fn differs_unseen(sim: &Sim, visit: &TrueVisit, came: Moment, snapshot: &Snapshot) -> Option<String> {
    let tables = &snapshot.tables;
    let user = visit.account.trim_start_matches("corp\\");
    let is_it = |row: &Cow<'_, Visit>| {
        let host = tables.host(row.host).is_some_and(|host| snapshot.names.raw(host.name) == sim.hosts[visit.host].name);
        let account = tables.account(row.account).is_some_and(|account| snapshot.names.raw(account.user).eq_ignore_ascii_case(user));
        host && account && moment(row.start) == came
    };
    let rows: Vec<_> = tables.visits().map(|(_, row)| row).filter(is_it).collect();
    let [row] = rows.as_slice() else { return Some(format!("{} sessions that began {came}", rows.len())) };
    let (hows, at) = visit.told(&sim.truth);
    let is_right = hows.contains(&row.end_reason.word()) && row.end.map(moment) == at && row.logons == 0;
    (!is_right).then(|| format!("ended {} {:?} instead of {hows:?} {at:?}", row.end_reason.word(), row.end.map(moment)))
}

/// Logons that belong together must be one visit, alone in it, with its start, its end and its states.
fn compare_visits(sim: &Sim, snapshot: &Snapshot) -> Shown {
    let tables = &snapshot.tables;
    let found: HashMap<Key, Cow<'_, Session>> = tables.sessions.iter().map(|session| (key(&session, snapshot), session)).collect();
    let mut shown = Shown::default();
    for visit in &sim.truth.visits {
        let unseen = visit.desktop_came.filter(|_| visit.logons.is_empty() && !visit.is_murky);
        if visit.logons.is_empty() && unseen.is_none() {
            continue;
        }
        shown.told += 1;
        let members: BTreeSet<VisitId> = visit
            .logons
            .iter()
            .filter_map(|logon| found.get(&key_of(sim, &sim.truth.logons[*logon])).map(|session| session.visit))
            .collect();
        let problem = match members.iter().collect::<Vec<_>>().as_slice() {
            [] => unseen.and_then(|came| differs_unseen(sim, visit, came, snapshot)),
            [one] => differs(sim, visit, &tables.visit(**one).unwrap()),
            many => Some(format!("in {} sessions", many.len())),
        };
        let Some(problem) = problem else {
            shown.exact += 1;
            continue;
        };
        let words = format!(
            "{} {} {:?} from {} with {:?}: {problem}",
            sim.hosts[visit.host].short,
            visit.account,
            visit.kind,
            visit.start,
            visit.logons.len()
        );
        let is_open = visit.holders().iter().any(|logon| sim.truth.logons[*logon].told == Told::Open);
        if visit.told(&sim.truth).1.is_none() && is_open && found_closed(&members, tables) {
            shown.closed.push(words.clone());
        }
        shown.wrong.push(words);
    }
    shown
}

fn found_closed(members: &BTreeSet<VisitId>, tables: &Tables) -> bool {
    members.iter().any(|visit| tables.visit(*visit).is_some_and(|row| !row.is_open()))
}

fn differs(sim: &Sim, visit: &TrueVisit, row: &Visit) -> Option<String> {
    if row.logons as usize != visit.logons.len() {
        return Some(format!("{} logons instead of {}", row.logons, visit.logons.len()));
    }
    let holders: Vec<&TrueLogon> = visit.holders().iter().map(|logon| &sim.truth.logons[*logon]).collect();
    // What began unseen, or ended with a restart that nobody saw, has no exact start or end.
    if holders.iter().any(|logon| !logon.is_seen) || visit.is_murky {
        return None;
    }
    let start = holders.iter().map(|logon| logon.start).min();
    if Some(moment(row.start)) != start {
        return Some(format!("began {} instead of {start:?}", moment(row.start)));
    }
    let states: Vec<(Moment, State)> = visit.states.iter().map(|(at, state)| (*at, word(*state))).collect();
    let said: Vec<(Moment, State)> = row.states().iter().map(|(at, state)| (moment(*at), *state)).collect();
    if said != states {
        let place = said.iter().zip(&states).position(|(one, other)| one != other).unwrap_or(said.len().min(states.len()));
        return Some(format!("state {place}: {:?} instead of {:?}", said.get(place), states.get(place)));
    }
    // A run is used until its newest logon began or logged off.
    if visit.kind == Kind::Run {
        let used = |logon: &&TrueLogon| match logon.told {
            Told::Logoff(at) => at,
            _ => logon.start,
        };
        let (until, is_open) = (holders.iter().map(used).max(), holders.iter().any(|logon| logon.told == Told::Open));
        let is_right = row.end.map(moment) == until && row.is_open() == is_open;
        return (!is_right).then(|| format!("ended {:?} instead of {until:?}, open: {is_open}", row.end.map(moment)));
    }
    let (hows, at) = visit.told(&sim.truth);
    (!hows.contains(&row.end_reason.word()) || row.end.map(moment) != at)
        .then(|| format!("ended {} {:?} instead of {hows:?} {at:?}", row.end_reason.word(), row.end.map(moment)))
}

fn word(state: truth::State) -> State {
    match state {
        truth::State::Active => State::Active,
        truth::State::Locked => State::Locked,
        truth::State::Disconnected => State::Disconnected,
    }
}

fn assert_shown(sim: &Sim, snapshot: &Snapshot, what: &str) {
    assert_shown_by(sim, snapshot, what, EXACT);
}

fn assert_shown_by(sim: &Sim, snapshot: &Snapshot, what: &str, least: f64) {
    let shown = compare_visits(sim, snapshot);
    let share = shown.exact as f64 / shown.told as f64;
    let first = shown.wrong.iter().take(12).cloned().collect::<Vec<_>>().join("\n");
    assert!(share >= least, "{what}: {} of {} sessions as shown exact\n{first}", shown.exact, shown.told);
    assert!(shown.closed.is_empty(), "{what}: shown as closed: {:?}", &shown.closed[..shown.closed.len().min(5)]);
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
    assert_shown(&sim, &snapshot, "a month");
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
                let (snapshot, what) = (read(&inputs, reading), format!("seed {seed}, {delay} ms late, {threads} threads"));
                assert_exact(&sim, &snapshot, &what);
                assert_shown(&sim, &snapshot, &what);
            }
        }
    }
}

#[test]
fn records_that_come_late_one_by_one_change_no_session() {
    let sim = Sim::run(11, Scale::SMALL);
    // Beyond the window in which records are put in order, ends of desktops are not what they would be.
    for (delay, least) in [(500, EXACT), (3 * SECOND, EXACT), (20 * SECOND, 0.98)] {
        let Loaded { mut events, names, inputs, .. } = load(&opened(&sim, delay), Reading::default(), &mut |_, _, _| true);
        // As they came, and not put in order.
        events.sort_by_key(|event| (event.provenance.input, event.provenance.line));
        let mut engine = Engine::new(names);
        for event in events {
            engine.apply(event);
        }
        let (snapshot, what) = (engine.finish(inputs), format!("{delay} ms late"));
        assert_exact(&sim, &snapshot, &what);
        assert_shown_by(&sim, &snapshot, &what, least);
    }
}

#[test]
fn each_host_says_what_could_be_seen_there() {
    let sim = Sim::run(2, Scale::SMALL);
    let snapshot = read(&opened(&sim, 0), Reading::default());
    let (tables, names) = (&snapshot.tables, &snapshot.names);
    let mut compared = 0;
    for (place, row) in tables.hosts.iter().enumerate() {
        let Some(host) = sim.hosts.iter().position(|host| host.name == names.raw(row.name)) else { panic!("an unknown host") };
        let coverage = HostCoverage::of(HostId::new(place), tables, &snapshot.inputs, names, Zone::Utc).unwrap();
        let see = |fact, at| coverage.could_see(fact, at).visibility;
        let was_locked =
            sim.truth.visits.iter().any(|visit| visit.host == host && visit.states.iter().any(|(_, state)| *state == truth::State::Locked));
        let locks = see(Fact::Lock, None);
        match sim.hosts[host].role {
            Role::Workstation if was_locked => assert_eq!(locks, Visibility::Seen),
            Role::Workstation if !sim.hosts[host].audits_desktops => assert_eq!(locks, Visibility::NotAudited),
            _ => {}
        }
        assert_eq!(see(Fact::Ticket, None) == Visibility::Seen, sim.hosts[host].role == Role::Controller);
        assert_eq!(see(Fact::NetworkLogoff, Some(at(organisation::BEGIN - organisation::DAY))), Visibility::NoData);
        let network: Vec<_> =
            sim.truth.logons.iter().filter(|logon| logon.host == host && logon.logon_type == 3 && logon.is_seen).collect();
        let logoffs = network.iter().filter(|logon| matches!(logon.told, Told::Logoff(_))).count();
        assert_eq!(coverage.network_logoffs(), (logoffs * 100).checked_div(network.len()).map(|share| u32::try_from(share).unwrap()));
        if let Some((from, to)) = sim.hosts[host].blind.filter(|_| sim.hosts[host].role == Role::FileServer) {
            let answer = coverage.could_see(Fact::NetworkLogoff, Some(at((from + to) / 2)));
            assert_eq!(answer.visibility, Visibility::NoData, "{}", answer.words);
            compared += 1;
        }
    }
    assert_eq!((tables.hosts.len(), compared), (sim.hosts.len(), 1));
}

fn at(moment: Moment) -> Timestamp {
    Timestamp::from_unix_millis(moment).unwrap()
}
