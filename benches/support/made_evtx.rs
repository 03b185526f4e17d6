//! Made event logs for benchmarks: a domain controller's Security log, and a folder of small ones. The same on every
//! machine (seeded), written by the fixture writer, so that no recording of anybody is needed.
//!
//! The mix is that of a busy log: three fifths of the records are logons, logoffs, privileges and tickets, the others are
//! processes, objects and connections. Ids of logons never repeat.

use super::evtx_writer::{CHUNK, FILE_HEADER, Record, Val, Writer};
use std::fs::File;
use std::io::Write as _;
use std::path::Path;

/// Numbers that look random and are the same every time (an xorshift).
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, sides: u64) -> u64 {
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
    computer: String,
}

impl People {
    fn new(computer: u64) -> Self {
        Self {
            names: (0..400).map(|number| format!("user{number:03}")).collect(),
            sids: (0..400).map(|number| format!("S-1-5-21-1587066498-1489273250-1035260531-{}", 1100 + number)).collect(),
            addresses: (0..250).map(|number| format!("10.20.{}.{}", number / 50, number % 250 + 1)).collect(),
            computer: format!("DC{computer:02}.corp.example"),
        }
    }
}

/// When the first record of a made log was written: 2021-02-12 12:32:31.
const BEGIN: u64 = 132_576_067_510_354_251;

/// A log of at least `bytes`, with about the mix of a domain controller's Security log. Says how many records are in it.
pub fn write(path: &Path, bytes: u64) -> std::io::Result<u64> {
    let people = People::new(0);
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut writer = Writer::new();
    let mut file = File::create(path)?;
    let (mut written, mut number, mut time) = (0, 0, BEGIN);
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

/// A small log of one computer in `chunks` chunks of which `used` have records, as Windows keeps room beforehand. Says how
/// many records are in it.
pub fn small(number: u64, used: u64, chunks: u64, dice: &mut Dice) -> (Vec<u8>, u64) {
    let people = People::new(number);
    let mut writer = Writer::new();
    let (mut records, mut time) = (0, BEGIN + number * 600_000_000);
    let bytes = |chunks: u64| FILE_HEADER + usize::try_from(chunks).expect("a few chunks") * CHUNK;
    let mut log = Vec::new();
    let mut one = |writer: &mut Writer, dice: &mut Dice| {
        records += 1;
        time += dice.roll(20_000_000);
        one_record(writer, dice, &people, records, time);
    };
    while log.len() < bytes(used - 1) {
        one(&mut writer, dice);
        log.append(&mut writer.drain());
    }
    // The last chunk that is used is left after some of its records.
    for _ in 0..=dice.roll(60) {
        one(&mut writer, dice);
    }
    writer.finish_chunk();
    log.append(&mut writer.drain());
    log.resize(log.len().max(bytes(chunks)), 0);
    (log, records)
}

/// A folder of small logs, of 69 KB to 1.1 MB as folders of collected logs have them. Says how many records are in it.
pub fn folder(path: &Path, files: u64) -> std::io::Result<u64> {
    std::fs::create_dir_all(path)?;
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    let mut sum = 0;
    for number in 0..files {
        let (used, chunks) = match dice.roll(10) {
            0..6 => (1, 1),
            6..8 => (1 + dice.roll(16), 17),
            _ => {
                let used = 2 + dice.roll(7);
                (used, used)
            }
        };
        let (log, records) = small(number, used, chunks, &mut dice);
        std::fs::write(path.join(format!("Security-{number:04}.evtx")), log)?;
        sum += records;
    }
    Ok(sum)
}

fn one_record(writer: &mut Writer, dice: &mut Dice, people: &People, record_id: u64, time: u64) {
    let person = dice.roll(people.names.len() as u64) as usize;
    let (name, sid) = (Val::Text(&people.names[person]), Val::Sid(&people.sids[person]));
    let address = Val::Text(&people.addresses[dice.roll(people.addresses.len() as u64) as usize]);
    let computer = people.computer.as_str();
    let logon_id = Val::Hex64(0x1_0000 + dice.roll(1 << 40));
    let (dash, domain, system) = (Val::Text("-"), Val::Text("CORP"), Val::Sid("S-1-5-18"));
    let mut bits = [0; 16];
    bits[..8].copy_from_slice(&dice.roll(u64::MAX).to_le_bytes());
    bits[8..].copy_from_slice(&dice.roll(u64::MAX).to_le_bytes());
    let guid = Val::Guid(bits);
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
