//! What the history takes in, and how soon it answers: made events of 5,000 accounts over 60 days, with what baselines learn
//! of them.
//!
//! ```text
//! cargo bench --bench history                     # 10,000,000 events in the system's temporary folder
//! cargo bench --bench history -- 1000000 /big     # as many events, in that folder
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/size.rs"]
mod size;

use logonscope::base::intern::{Interner, Symbol};
use logonscope::base::time::{Span, Timestamp};
use logonscope::detect::baseline::past::{Hours, Learned, LearnedFact};
use logonscope::detect::baseline::{Dimension, Value};
use logonscope::history::account::{Reader, Whose};
use logonscope::history::{Scribe, Settings};
use logonscope::model::account::Account;
use logonscope::model::attempt::Counted;
use logonscope::model::event::{AuthEvent, EventKind, Identity, LogonId, Outcome};
use logonscope::model::host::Host;
use logonscope::model::ids::{AccountId, EventId, HostId, SessionId, SourceId, VisitId};
use logonscope::model::logon_type::LogonType;
use logonscope::model::source::Source;
use logonscope::model::world::{Row, Tables};
use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

const ACCOUNTS: usize = 5_000;
const HOSTS: usize = 400;
const SOURCES: usize = 5_200;
const DAYS: i64 = 60;
/// Events of one hand-over.
const PART: usize = 100_000;
const ROWS: usize = 50_000;

/// Marsaglia's xorshift.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % most as u64).unwrap()
    }
}

struct Made {
    names: Interner,
    tables: Tables,
    keys: [Vec<Symbol>; 3],
    channel: Symbol,
    dice: Dice,
    records: Vec<u64>,
}

/// Time on a core that this thread had: what a machine with nothing else to do would need.
fn cpu() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(text.split_whitespace().next().and_then(|text| text.parse().ok()).unwrap_or(0))
}

fn start() -> Timestamp {
    Timestamp::parse("2026-01-01T00:00:00Z").unwrap()
}

fn address(number: usize) -> IpAddr {
    IpAddr::V4(Ipv4Addr::from(0x0a00_0000 + u32::try_from(number).unwrap()))
}

impl Made {
    fn new() -> Self {
        let (mut names, mut tables, mut keys) = (Interner::default(), Tables::default(), [Vec::new(), Vec::new(), Vec::new()]);
        let domain = names.intern("CORP");
        for number in 0..ACCOUNTS {
            let user = names.intern(&format!("user{number:04}"));
            tables.accounts.push(Account { user, domain, ..Account::default() });
            keys[0].push(names.intern(&format!("corp\\user{number:04}")));
        }
        for number in 0..HOSTS {
            let name = names.intern(&format!("host{number:03}.corp.example"));
            tables.hosts.push(Host { name, ..Host::default() });
            keys[1].push(name);
        }
        for number in 0..SOURCES {
            tables.sources.push(Source { address: Some(address(number)), ..Source::default() });
            keys[2].push(names.intern(&address(number).to_string()));
        }
        let channel = names.intern("Security");
        Self { names, tables, keys, channel, dice: Dice(0x9e37_79b9_7f4a_7c15), records: vec![0; HOSTS] }
    }
    fn push(&mut self, at: Timestamp) {
        let (account, host) = (self.dice.below(ACCOUNTS), self.dice.below(HOSTS));
        let source = account + self.dice.below(SOURCES - ACCOUNTS);
        let is_failure = self.dice.below(20) == 0;
        self.records[host] += 1;
        let row = self.tables.accounts.get(account).unwrap();
        let event = AuthEvent {
            at,
            kind: if is_failure { EventKind::LogonFailed } else { EventKind::Logon },
            event_id: if is_failure { 4625 } else { 4624 },
            record: self.records[host],
            host: self.keys[1][host],
            channel: self.channel,
            outcome: if is_failure { Outcome::Failure } else { Outcome::Success },
            logon_type: [LogonType::Network, LogonType::Network, LogonType::RemoteInteractive][self.dice.below(3)],
            account: Identity { user: row.user, domain: row.domain, sid: Symbol::NONE },
            logon_id: LogonId(self.records[host]),
            address: Some(address(source)),
            ..AuthEvent::default()
        };
        self.tables.events.push(Row {
            event,
            counted: Counted::default(),
            account: AccountId::new(account),
            host: HostId::new(host),
            source: SourceId::new(source),
            session: SessionId::NONE,
            visit: VisitId::NONE,
            previous_of_account: EventId::NONE,
            previous_of_host: EventId::NONE,
            previous_of_source: EventId::NONE,
            previous_of_session: EventId::NONE,
        });
    }
    /// What baselines learn of a day: six values and the hours of every account.
    fn learned(&mut self, day: i64) -> Learned {
        let mut learned = Learned::default();
        let at = start() + Span::days(day) + Span::hours(17);
        for account in 0..ACCOUNTS {
            let holder = Value::Account(AccountId::new(account));
            let host = Value::Host(HostId::new((account + self.dice.below(3)) % HOSTS));
            let source = Value::Source(SourceId::new(account));
            for (dimension, value) in [
                (Dimension::Host, host),
                (Dimension::Reached, host),
                (Dimension::Source, source),
                (Dimension::Subnet, Value::Subnet(account as u64 % 64)),
                (Dimension::LogonType, Value::LogonType(LogonType::Network)),
                (Dimension::LogonType, Value::LogonType(LogonType::RemoteInteractive)),
            ] {
                learned.facts.push(LearnedFact { holder, dimension, value, first_at: start(), last_at: at, count: 6 });
            }
            let today = logonscope::detect::baseline::seen::day(at);
            learned.hours.push((AccountId::new(account), Hours { day: today, people: 0x3ff00, runs: 0x00ff_ffff }));
        }
        learned
    }
}

fn main() {
    let mut arguments = size::arguments().into_iter();
    let events: usize = arguments.next().map_or(size::of(10_000_000, 2_000), |text| text.parse().expect("a number of events"));
    let folder = arguments.next().map_or_else(tempfile::tempdir, tempfile::tempdir_in).expect("a folder");
    let path = folder.path().join("history.db");
    let mut made = Made::new();
    let mut scribe = Scribe::open(&path, Settings { most_megabytes: 65_536, ..Settings::default() }).unwrap();
    scribe.hand(0, Learned { keys: made.keys.clone(), ..Learned::default() }, Vec::new());
    let step = Span::ticks(Span::days(DAYS).as_ticks() / i64::try_from(events).unwrap());
    let (mut spent, mut on_core, mut slowest, mut last_day) = (Duration::ZERO, Duration::ZERO, Duration::ZERO, -1);
    for part in 0..events.div_ceil(PART) {
        let first = part * PART;
        for number in first..(first + PART).min(events) {
            made.push(start() + Span::ticks(step.as_ticks() * i64::try_from(number).unwrap()));
        }
        made.tables.events.keep_newest(2 * PART);
        let day = (step.as_ticks() * i64::try_from(first).unwrap()) / Span::days(1).as_ticks();
        let learned = if day > last_day { made.learned(day) } else { Learned::default() };
        last_day = day;
        scribe.hand(0, learned, Vec::new());
        let (begun, before) = (Instant::now(), cpu());
        while !scribe.step(&made.tables, made.names.texts(), ROWS, true).unwrap() {}
        let took = begun.elapsed();
        spent += took;
        on_core += cpu() - before;
        slowest = slowest.max(took);
    }
    #[allow(clippy::cast_precision_loss)]
    let rate = |events: usize, time: Duration| events as f64 / time.as_secs_f64();
    println!("{events} events of {ACCOUNTS} accounts in {:.1} s: {:.0} a second", spent.as_secs_f64(), rate(events, spent));
    println!("on its core {:.1} s: {:.0} a second", on_core.as_secs_f64(), rate(events, on_core));
    println!("slowest {PART} events: {:.2} s, {:.0} a second", slowest.as_secs_f64(), rate(PART, slowest));
    assert_eq!(scribe.written().events, events as u64);
    drop(scribe);
    println!("file: {} MB", std::fs::metadata(&path).unwrap().len() >> 20);

    let reader = Reader::open(&path).unwrap();
    let before = start() + Span::days(DAYS + 1);
    let ask = |what: &str, work: &dyn Fn(&Whose) -> usize| {
        let mut times: Vec<(Duration, usize)> = (0..size::of(200, 3))
            .map(|number| {
                let whose = Whose { names: vec![format!("corp\\user{:04}", number * 23 % ACCOUNTS)], before };
                let begun = Instant::now();
                let rows = work(&whose);
                (begun.elapsed(), rows)
            })
            .collect();
        times.sort();
        let (median, worst) = (times[times.len() / 2], times[times.len() - 1]);
        println!("{what}: median {:.2} ms, slowest {:.2} ms, {} rows", median.0.as_secs_f64() * 1e3, worst.0.as_secs_f64() * 1e3, median.1);
    };
    ask("newest 500 events of an account", &|whose| reader.events(whose, 500).unwrap().len());
    ask("its hour-of-week profile", &|whose| {
        reader.hours(whose).unwrap().map_or(0, |hours| hours.iter().filter(|count| **count > 0).count())
    });
    let begun = Instant::now();
    let past = logonscope::history::recall::past(&path, logonscope::detect::baseline::seen::day(before)).unwrap();
    println!("baselines of {ACCOUNTS} accounts: {:.2} s, {} values", begun.elapsed().as_secs_f64(), past.facts.len());
}
