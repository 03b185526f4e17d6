use super::*;
use crate::base::intern::Interner;
use crate::base::pattern::Network;
use crate::detect::baseline::Value;
use crate::detect::baseline::lesson::Lesson;
use crate::detect::baseline::machines::{ComputerKey, Sighted};
use crate::detect::site;
use crate::model::account::Account;
use crate::model::anomaly::{Detection, ScorePart};
use crate::model::host::Host;
use crate::model::sightings::Sightings;
use crate::model::source::Source;
use std::collections::BTreeMap;

const fn detection(id: &'static str, severity: Severity, attack: &'static [&'static str]) -> Detection {
    Detection { id, title: id, severity, attack, needs: "", requires: &[], check: "" }
}
static BURST: Detection = detection("burst", Severity::High, &["T1110"]);
static NEW_HOST: Detection = detection("new-host", Severity::Medium, &["T1021"]);
static HOUR: Detection = detection("hour", Severity::Medium, &["T1078"]);
static HYGIENE: Detection = detection("hygiene", Severity::Low, &["T1078"]);
static CHAIN: Detection = detection(OWNER, Severity::Critical, &["T1021"]);

/// Anomalies put in by hand: accounts are `a0`.., hosts `h0`.. with DC in `h9` and the tenant in `h8`, sources `10.0.0.n`.
struct Stage {
    world: World,
    links: Links,
    usual: Baselines,
    site: Site,
}

impl Stage {
    fn new() -> Self {
        let mut names = Interner::default();
        let mut tables = Tables::default();
        for number in 0..60 {
            let class = if number == 50 { AccountClass::BuiltIn } else { AccountClass::Human };
            let user = names.intern(&format!("a{number}"));
            tables.accounts.push(Account { user, class, ..Account::default() });
        }
        for number in 0..10 {
            let name = names.intern(&format!("h{number}.corp"));
            let seen = (number != 8).then(|| Arc::new(Sightings::default()));
            tables.hosts.push(Host { name, domain_controller: number == 9, seen, ..Host::default() });
        }
        for number in 0..60_u8 {
            let address = Some(if number == 59 { [127, 0, 0, 1].into() } else { [10, 0, 0, number].into() });
            tables.sources.push(Source { address, ..Source::default() });
        }
        let site =
            site::Settings { exits: vec![Network(crate::base::net::Network::parse("10.0.0.40/32").unwrap())], ..site::Settings::default() };
        let mut stage =
            Self { world: World { names, tables }, links: Links::default(), usual: Baselines::default(), site: Site::new(site) };
        // `h3` is at 10.0.0.7.
        (0..10).for_each(|number| stage.usual.meet(&stage.world, HostId::new(number)));
        let (name, key) = (stage.world.names.intern("H3$"), ComputerKey::of("H3$").unwrap());
        stage.usual.machines.learn(Sighted { source: SourceId::new(7), key, name, own: true }, Self::at(0));
        for number in 0..60 {
            stage.site.meet(&stage.world, AccountId::new(number), SourceId::new(number));
        }
        stage
    }
    fn at(minute: i64) -> Timestamp {
        Timestamp::parse("2026-03-16T08:00:00Z").unwrap() + Span::minutes(minute)
    }
    fn raise(&mut self, minute: i64, detection: &'static Detection, accounts: &[usize], host: &[usize], source: &[usize]) -> AnomalyId {
        let at = Self::at(minute);
        let id = self.world.tables.raise(Anomaly {
            detection,
            severity: detection.severity,
            score: detection.severity.points(),
            score_parts: vec![ScorePart { points: detection.severity.points(), reason: String::new() }],
            at,
            end: at,
            raised_at: at,
            accounts: accounts.iter().map(|id| AccountId::new(*id)).collect(),
            hosts: host.iter().map(|id| HostId::new(*id)).collect(),
            sources: source.iter().map(|id| SourceId::new(*id)).collect(),
            sessions: Vec::new(),
            records: Vec::new(),
            count: 1,
            why: String::new(),
            incident: IncidentId::NONE,
        });
        self.links.raised(&mut self.world, Known { usual: &self.usual, site: &self.site }, id, at);
        id
    }
    /// Anomalies by incident, oldest incident first.
    fn groups(&self) -> Vec<Vec<usize>> {
        let mut groups: BTreeMap<IncidentId, Vec<usize>> = BTreeMap::new();
        for (place, anomaly) in self.world.tables.anomalies.iter().enumerate() {
            groups.entry(self.world.tables.incident_id(anomaly.incident)).or_default().push(place);
        }
        for (id, members) in &groups {
            let incident = self.world.tables.incident(*id).unwrap();
            let mut listed: Vec<usize> = incident.anomalies().map(AnomalyId::index).collect();
            listed.sort_unstable();
            assert_eq!((&listed, incident.count as usize), (members, members.len()), "an incident lists what points to it");
        }
        groups.into_values().collect()
    }
    fn only(&self) -> &Incident {
        let all: Vec<_> = self.world.tables.each_incident().collect();
        assert_eq!(all.len(), 1);
        all[0].1
    }
}

type Line = (i64, &'static Detection, &'static [usize], &'static [usize], &'static [usize]);

fn grouped(lines: &[Line]) -> Vec<Vec<usize>> {
    let mut stage = Stage::new();
    for (minute, detection, accounts, host, source) in lines {
        stage.raise(*minute, detection, accounts, host, source);
    }
    stage.groups()
}

#[test]
fn what_belongs_together_is_one_incident() {
    let together: &[(&str, &[Line])] = &[
        ("one account", &[(0, &BURST, &[1], &[1], &[1]), (59, &NEW_HOST, &[1], &[2], &[2])]),
        ("one source", &[(0, &BURST, &[1], &[1], &[1]), (30, &NEW_HOST, &[2], &[2], &[1])]),
        ("a host of few", &[(0, &BURST, &[1], &[1], &[1]), (30, &NEW_HOST, &[2], &[1], &[2])]),
        ("on from where it came to", &[(0, &BURST, &[1], &[3], &[1]), (30, &NEW_HOST, &[2], &[9], &[7])]),
        ("back to where it came from", &[(0, &NEW_HOST, &[2], &[9], &[7]), (30, &BURST, &[1], &[3], &[1])]),
        (
            "each an hour after the one before",
            &[(0, &BURST, &[1], &[1], &[1]), (50, &HOUR, &[1], &[2], &[1]), (100, &NEW_HOST, &[1], &[4], &[3])],
        ),
        ("a flood over the day", &[(0, &HYGIENE, &[1], &[1], &[1]), (300, &HYGIENE, &[1], &[1], &[1]), (900, &HYGIENE, &[1], &[1], &[1])]),
        ("two that a third one links", &[(0, &BURST, &[1], &[9], &[1]), (5, &BURST, &[2], &[9], &[2]), (10, &NEW_HOST, &[1], &[9], &[2])]),
        (
            "a chain owns what was hours before",
            &[(0, &BURST, &[1], &[9], &[1]), (200, &NEW_HOST, &[2], &[9], &[2]), (300, &CHAIN, &[1, 2], &[9], &[])],
        ),
    ];
    for (name, lines) in together {
        assert_eq!(grouped(lines), [(0..lines.len()).collect::<Vec<_>>()], "{name}");
    }
}

#[test]
fn what_only_meets_by_chance_stays_apart() {
    let apart: &[(&str, &[Line])] = &[
        ("more than an hour", &[(0, &BURST, &[1], &[9], &[1]), (61, &NEW_HOST, &[1], &[9], &[1])]),
        ("a domain controller", &[(0, &BURST, &[1], &[9], &[1]), (1, &NEW_HOST, &[2], &[9], &[2])]),
        ("the tenant", &[(0, &BURST, &[1], &[8], &[1]), (1, &NEW_HOST, &[2], &[8], &[2])]),
        ("SYSTEM", &[(0, &BURST, &[50], &[9], &[1]), (1, &NEW_HOST, &[50], &[9], &[2])]),
        ("loopback", &[(0, &BURST, &[1], &[9], &[59]), (1, &NEW_HOST, &[2], &[9], &[59])]),
        ("an exit of many", &[(0, &BURST, &[1], &[9], &[40]), (1, &NEW_HOST, &[2], &[9], &[40])]),
        ("one of many victims", &[(0, &BURST, &[1, 2, 3, 4, 5], &[9], &[1]), (1, &HOUR, &[3], &[9], &[2])]),
        ("a low one at the same host", &[(0, &BURST, &[1], &[1], &[1]), (1, &HYGIENE, &[2], &[1], &[2])]),
    ];
    for (name, lines) in apart {
        assert_eq!(grouped(lines).len(), lines.len(), "{name}");
    }
}

#[test]
fn a_low_anomaly_joins_one_and_brings_none_together() {
    let lines: &[Line] = &[(0, &BURST, &[1], &[9], &[1]), (1, &BURST, &[2], &[9], &[2]), (2, &HYGIENE, &[1, 2], &[9], &[])];
    assert_eq!(grouped(lines), [vec![0, 2], vec![1]]);
}

#[test]
fn a_source_that_many_use_links_nobody() {
    let mut stage = Stage::new();
    // Ten people came from there before.
    for account in 20..30 {
        let account = AccountId::new(account);
        let mut lesson = Lesson::made(account, Stage::at(-60), Dimension::Account, Value::Account(account));
        lesson.source = SourceId::new(1);
        stage.usual.learn(lesson, AccountClass::Human, false);
    }
    stage.raise(0, &BURST, &[1], &[9], &[1]);
    stage.raise(1, &NEW_HOST, &[2], &[9], &[1]);
    assert_eq!(stage.groups().len(), 2);
}

#[test]
fn an_incident_says_what_its_members_say() {
    let mut stage = Stage::new();
    stage.raise(0, &BURST, &[1], &[1], &[1]);
    stage.raise(5, &NEW_HOST, &[1], &[2], &[1]);
    stage.raise(6, &NEW_HOST, &[1], &[4], &[1]);
    let incident = stage.only();
    assert_eq!((incident.severity(), incident.first, incident.last), (Severity::High, Stage::at(0), Stage::at(6)));
    assert_eq!((incident.hosts.len(), incident.accounts.len(), incident.count), (3, 1, 3));
    assert_eq!(incident.steps.iter().map(|step| (step.detection.id, step.count)).collect::<Vec<_>>(), [("burst", 1), ("new-host", 2)]);
    // 50 + (20 + 20), two tactics.
    assert_eq!(incident.score, 113);
}

#[test]
fn a_wave_folds_and_an_attack_does_not_hide_in_it() {
    // A roll-out: many accounts, each from its own place, to one host.
    let mut stage = Stage::new();
    for account in 0..6 {
        stage.raise(account as i64, &NEW_HOST, &[account], &[5], &[account + 10]);
    }
    let wave = stage.only();
    assert!(wave.is_wave);
    assert_eq!((wave.severity(), wave.count, wave.score), (Severity::Low, 6, 5));
    assert_eq!(wave.title(), "Wave: new-host for 6 accounts");
    let member = stage.world.tables.anomaly(AnomalyId::new(0)).unwrap();
    assert_eq!((member.severity, stage.world.tables.weight(member)), (Severity::Medium, Severity::Low));
    // What else happens to one of them is not of the wave.
    let other = stage.raise(10, &BURST, &[3], &[9], &[30]);
    assert!(!stage.world.tables.incident(stage.world.tables.anomaly(other).unwrap().incident).unwrap().is_wave);

    // The same number from one place is what an attacker does.
    let mut stage = Stage::new();
    for account in 0..6 {
        stage.raise(account as i64, &NEW_HOST, &[account], &[5], &[10]);
    }
    assert!(!stage.only().is_wave);
    assert_eq!(stage.only().severity(), Severity::Medium);

    // Something of high severity is a fact however often it comes.
    let mut stage = Stage::new();
    for account in 0..6 {
        stage.raise(account as i64, &BURST, &[account], &[9], &[account + 10]);
    }
    assert!(stage.world.tables.each_incident().all(|(_, incident)| !incident.is_wave));

    // Few of many, over common ground: no wave.
    let mut stage = Stage::new();
    for account in 0..2 {
        stage.raise(account as i64, &HOUR, &[account], &[9], &[account + 10]);
    }
    assert_eq!(stage.groups().len(), 2);
}

#[test]
fn many_repeats_are_one_line_and_the_list_is_bounded() {
    let mut stage = Stage::new();
    for minute in 0..1_100 {
        stage.raise(minute, &HYGIENE, &[1], &[1], &[1]);
    }
    let incident = stage.only();
    assert_eq!((incident.steps.len(), incident.steps[0].count, incident.count), (1, 1_100, 1_100));
    assert_eq!(incident.anomalies().count(), MEMBERS);
    assert!(stage.links.threads.len() < 10);
}
