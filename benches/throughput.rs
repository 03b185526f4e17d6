//! How fast event logs are read: a made log with the mix of a busy Security log, timed through decoding and normalising
//! on one core, beside plain reading of the same bytes.
//!
//! ```text
//! cargo bench --bench throughput -- --megabytes 256          # medians of 5 runs
//! cargo bench --bench throughput -- --file Security.evtx     # a log of your own
//! ```
//!
//! The log is the same on every machine (seeded) and is written to the folder for temporary files. `read` is reading the
//! file in pieces of 1 MiB, as `cat` does; `thorough` also decodes the values of records that cannot be logons. `all` is what a report does before it prints: read, sort, sessions, detections;
//! the time on a core is that of its writer alone, without the threads that decode.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../tests/support/evtx_writer.rs"]
mod evtx_writer;

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use evtx_writer::{Record, Val, Writer};
use logonscope::decode::evtx::{CHUNK, Decoder, FILE_HEADER};
use logonscope::engine::Engine;
use logonscope::engine::load::{Opened, Reading, load};
use logonscope::model::fields::{Fields, RecordSink, Unreadable};
use logonscope::model::ids::InputId;
use logonscope::normalise::batch::Batch;
use logonscope::source::file::Mapped;

const RUNS: usize = 5;

/// Numbers that look random and are the same every time (an xorshift).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

struct People {
    names: Vec<String>,
    sids: Vec<String>,
    addresses: Vec<String>,
    computers: Vec<String>,
}

impl People {
    fn new() -> Self {
        Self {
            names: (0..400).map(|number| format!("user{number:03}")).collect(),
            sids: (0..400).map(|number| format!("S-1-5-21-1587066498-1489273250-1035260531-{}", 1100 + number)).collect(),
            addresses: (0..250).map(|number| format!("10.20.{}.{}", number / 50, number % 250 + 1)).collect(),
            computers: (0..4).map(|number| format!("DC{number:02}.corp.example")).collect(),
        }
    }
}

/// A log of at least `bytes`, with about the mix of a domain controller's Security log.
fn generate(path: &Path, bytes: u64) -> std::io::Result<u64> {
    let people = People::new();
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut writer = Writer::new();
    let mut file = File::create(path)?;
    let (mut written, mut number, mut time) = (0, 0, 132_576_067_510_354_251_u64);
    while written < bytes {
        for _ in 0..1_000 {
            number += 1;
            time += dice.roll(20_000_000);
            one_record(&mut writer, &mut dice, &people, number, time);
        }
        let part = writer.drain();
        written += part.len() as u64;
        file.write_all(&part)?;
    }
    writer.finish_chunk();
    file.write_all(&writer.drain())?;
    Ok(number)
}

fn one_record(writer: &mut Writer, dice: &mut Dice, people: &People, record_id: u64, time: u64) {
    let person = dice.roll(people.names.len() as u64) as usize;
    let (name, sid) = (Val::Text(&people.names[person]), Val::Sid(&people.sids[person]));
    let address = Val::Text(&people.addresses[dice.roll(people.addresses.len() as u64) as usize]);
    let computer = people.computers[dice.roll(people.computers.len() as u64) as usize].as_str();
    let logon_id = Val::Hex64(0x1_0000 + dice.roll(1 << 40));
    let (dash, domain, system) = (Val::Text("-"), Val::Text("CORP"), Val::Sid("S-1-5-18"));
    let guid = Val::Guid([7; 16]);
    let record = Record { record_id, time, computer, ..Record::default() };
    let network = dice.roll(4) > 0;
    match dice.roll(100) {
        0..20 => writer.record(&Record {
            event_id: 4624,
            data: &[
                ("SubjectUserSid", Val::Sid("S-1-0-0")),
                ("SubjectUserName", dash),
                ("SubjectDomainName", dash),
                ("SubjectLogonId", Val::Hex64(0)),
                ("TargetUserSid", sid),
                ("TargetUserName", name),
                ("TargetDomainName", domain),
                ("TargetLogonId", logon_id),
                ("LogonType", Val::U32(if network { 3 } else { 10 })),
                ("LogonProcessName", Val::Text("Kerberos")),
                ("AuthenticationPackageName", Val::Text("Kerberos")),
                ("WorkstationName", dash),
                ("LogonGuid", guid),
                ("TransmittedServices", dash),
                ("LmPackageName", dash),
                ("KeyLength", Val::U32(0)),
                ("ProcessId", Val::Hex64(0)),
                ("ProcessName", dash),
                ("IpAddress", address),
                ("IpPort", Val::Text("50443")),
                ("ImpersonationLevel", Val::Text("%%1833")),
                ("RestrictedAdminMode", dash),
                ("TargetOutboundUserName", dash),
                ("TargetOutboundDomainName", dash),
                ("VirtualAccount", Val::Text("%%1843")),
                ("TargetLinkedLogonId", Val::Hex64(0)),
                ("ElevatedToken", Val::Text("%%1842")),
            ],
            ..record
        }),
        20..36 => writer.record(&Record {
            event_id: 4634,
            version: 0,
            data: &[
                ("TargetUserSid", sid),
                ("TargetUserName", name),
                ("TargetDomainName", domain),
                ("TargetLogonId", logon_id),
                ("LogonType", Val::U32(3)),
            ],
            ..record
        }),
        36..46 => writer.record(&Record {
            event_id: 4672,
            version: 0,
            data: &[
                ("SubjectUserSid", sid),
                ("SubjectUserName", name),
                ("SubjectDomainName", domain),
                ("SubjectLogonId", logon_id),
                (
                    "PrivilegeList",
                    Val::Text("SeSecurityPrivilege\n\t\t\tSeBackupPrivilege\n\t\t\tSeRestorePrivilege\n\t\t\tSeDebugPrivilege"),
                ),
            ],
            ..record
        }),
        46..50 => writer.record(&Record {
            event_id: 4625,
            version: 0,
            data: &[
                ("SubjectUserSid", Val::Sid("S-1-0-0")),
                ("SubjectUserName", dash),
                ("SubjectDomainName", dash),
                ("SubjectLogonId", Val::Hex64(0)),
                ("TargetUserSid", Val::Sid("S-1-0-0")),
                ("TargetUserName", name),
                ("TargetDomainName", domain),
                ("Status", Val::Hex32(0xc000_006d)),
                ("FailureReason", Val::Text("%%2313")),
                ("SubStatus", Val::Hex32(0xc000_006a)),
                ("LogonType", Val::U32(3)),
                ("LogonProcessName", Val::Text("NtLmSsp ")),
                ("AuthenticationPackageName", Val::Text("NTLM")),
                ("WorkstationName", Val::Text("WKS-0042")),
                ("TransmittedServices", dash),
                ("LmPackageName", dash),
                ("KeyLength", Val::U32(0)),
                ("ProcessId", Val::Hex64(0)),
                ("ProcessName", dash),
                ("IpAddress", address),
                ("IpPort", Val::Text("0")),
            ],
            ..record
        }),
        50..60 => writer.record(&Record {
            event_id: 4769,
            version: 0,
            data: &[
                ("TargetUserName", name),
                ("TargetDomainName", Val::Text("CORP.EXAMPLE")),
                ("ServiceName", Val::Text("FILES01$")),
                ("ServiceSid", sid),
                ("TicketOptions", Val::Hex32(0x4081_0000)),
                ("TicketEncryptionType", Val::Hex32(0x12)),
                ("IpAddress", address),
                ("IpPort", Val::Text("50443")),
                ("Status", Val::Hex32(0)),
                ("LogonGuid", guid),
                ("TransmittedServices", dash),
            ],
            ..record
        }),
        60..80 => writer.record(&Record {
            event_id: 4688,
            data: &[
                ("SubjectUserSid", system),
                ("SubjectUserName", Val::Text("DC00$")),
                ("SubjectDomainName", domain),
                ("SubjectLogonId", Val::Hex64(0x3e7)),
                ("NewProcessId", Val::Hex64(0x1a4c)),
                ("NewProcessName", Val::Text("C:\\Windows\\System32\\svchost.exe")),
                ("TokenElevationType", Val::Text("%%1936")),
                ("ProcessId", Val::Hex64(0x2d4)),
                ("CommandLine", Val::Text("C:\\Windows\\system32\\svchost.exe -k netsvcs -p -s Schedule")),
                ("TargetUserSid", Val::Sid("S-1-0-0")),
                ("TargetUserName", dash),
                ("TargetDomainName", dash),
                ("TargetLogonId", Val::Hex64(0)),
                ("ParentProcessName", Val::Text("C:\\Windows\\System32\\services.exe")),
                ("MandatoryLabel", Val::Sid("S-1-16-16384")),
            ],
            ..record
        }),
        _ => writer.record(&Record {
            event_id: if network { 4663 } else { 5156 },
            version: 1,
            data: &[
                ("SubjectUserSid", sid),
                ("SubjectUserName", name),
                ("SubjectDomainName", domain),
                ("SubjectLogonId", logon_id),
                ("ObjectServer", Val::Text("Security")),
                ("ObjectType", Val::Text("File")),
                ("ObjectName", Val::Text("D:\\Shares\\Projects\\2026\\Budget\\forecast-final-v2.xlsx")),
                ("HandleId", Val::Hex64(0x1d8)),
                ("AccessList", Val::Text("%%4416\n\t\t\t\t")),
                ("AccessMask", Val::Hex32(1)),
                ("ProcessId", Val::Hex64(4)),
                ("ProcessName", dash),
            ],
            ..record
        }),
    };
}

/// Takes records and keeps nothing.
#[derive(Default)]
struct Nothing(u64);

impl RecordSink for Nothing {
    fn record(&mut self, _fields: &Fields<'_>) {
        self.0 += 1;
    }
    fn unreadable(&mut self, what: Unreadable) {
        panic!("{what:?}");
    }
    fn unknown(&mut self, _offset: u64, _line: u32, _reason: &str) {}
}

fn chunks(bytes: &[u8]) -> impl Iterator<Item = (&[u8], u64)> {
    bytes[FILE_HEADER..].chunks(CHUNK).enumerate().map(|(slot, chunk)| (chunk, (FILE_HEADER + slot * CHUNK) as u64))
}

/// Time this thread has had a core, where the system tells (Linux): a busy machine does not change it.
fn on_core() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

fn time(name: &str, bytes: u64, mut run: impl FnMut() -> u64) {
    let mut took: Vec<(Duration, Duration, u64)> = (0..RUNS)
        .map(|_| {
            let (start, before) = (Instant::now(), on_core());
            let records = run();
            let wall = start.elapsed();
            (before.and_then(|before| Some(on_core()? - before)).unwrap_or(wall), wall, records)
        })
        .collect();
    took.sort_unstable();
    let (core, wall, records) = took[RUNS / 2];
    let (core, wall) = (core.as_secs_f64(), wall.as_secs_f64());
    #[allow(clippy::cast_precision_loss)]
    let rate = |seconds: f64| bytes as f64 / 1e6 / seconds;
    println!("{name:<22} {core:>7.3} s on a core {:>7.0} MB/s   {wall:>7.3} s {:>7.0} MB/s {records:>10} records", rate(core), rate(wall));
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let after = |flag: &str| arguments.iter().position(|argument| argument == flag).and_then(|place| arguments.get(place + 1));
    let megabytes: u64 = after("--megabytes").map_or(256, |number| number.parse().expect("a number of megabytes"));
    let path = after("--file").map_or_else(|| std::env::temp_dir().join("logonscope-throughput.evtx"), PathBuf::from);
    if after("--file").is_none() {
        let start = Instant::now();
        let records = generate(&path, megabytes * 1_000_000).expect("room for the log");
        println!("{} with {records} records, made in {:.1} s", path.display(), start.elapsed().as_secs_f64());
    }
    let file = Mapped::open(&path).expect("the log");
    let bytes = file.bytes().len() as u64;

    time("read", bytes, || {
        let mut file = File::open(&path).expect("the log");
        let mut piece = vec![0; 1 << 20];
        while file.read(&mut piece).expect("the log") > 0 {}
        0
    });
    time("decode", bytes, || {
        let (mut decoder, mut sink) = (Decoder::new(), Nothing::default());
        chunks(file.bytes()).for_each(|(chunk, offset)| decoder.chunk(chunk, offset, &mut sink));
        sink.0
    });
    time("decode, thorough", bytes, || {
        let (mut decoder, mut sink) = (Decoder::thorough(), Nothing::default());
        chunks(file.bytes()).for_each(|(chunk, offset)| decoder.chunk(chunk, offset, &mut sink));
        sink.0
    });
    time("decode and normalise", bytes, || {
        let (mut decoder, mut records) = (Decoder::new(), 0);
        // Batches of 4 MiB, as the engine makes them.
        let all: Vec<_> = chunks(file.bytes()).collect();
        for part in all.chunks(64) {
            let mut batch = Batch::new(InputId::new(0));
            part.iter().for_each(|(chunk, offset)| decoder.chunk(chunk, *offset, &mut batch));
            records += batch.tally.records;
        }
        records
    });
    for (name, threads) in [("all, one thread", 1), ("all, two threads", 2)] {
        time(name, bytes, || {
            let opened = [Opened::file(path.clone())];
            let loaded = load(&opened, Reading { threads, ..Reading::default() }, &mut |_, _, _| true);
            let records = loaded.inputs.iter().map(|input| input.records).sum();
            let mut engine = Engine::new(loaded.names);
            for event in loaded.events {
                engine.apply(event);
            }
            assert!(!engine.finish(loaded.inputs).tables.events.is_empty());
            records
        });
    }
    if after("--file").is_none() && !arguments.iter().any(|argument| argument == "--keep") {
        std::fs::remove_file(&path).expect("the log can be removed");
    }
}
