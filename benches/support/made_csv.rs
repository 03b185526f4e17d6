//! A made table as EvtxECmd writes it: rows of a Security log with a payload of JSON in a quoted cell, some with cells of
//! more lines than one. The same on every machine (seeded).
#![allow(dead_code)]

use super::made_evtx::Dice;
use logonscope::base::time::Timestamp;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

const HEADER: &str = "RecordNumber,EventRecordId,TimeCreated,EventId,Level,Provider,Channel,ProcessId,ThreadId,Computer,ChunkNumber,UserId,MapDescription,UserName,RemoteHost,PayloadData1,PayloadData2,PayloadData3,PayloadData4,PayloadData5,PayloadData6,ExecutableInfo,HiddenRecord,SourceFile,Keywords,ExtraDataOffset,Payload\r\n";

/// 2026-02-01 00:00:00 in seconds since 1970.
const BEGIN: i64 = 1_769_904_000;

/// Writes rows until the file has at least `bytes`; returns how many.
pub fn write(path: &Path, bytes: u64) -> std::io::Result<u64> {
    let mut file = std::fs::File::create(path)?;
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    let (mut written, mut rows, mut part) = (0, 0, HEADER.to_owned());
    while written < bytes {
        while part.len() < 1 << 20 {
            rows += 1;
            row(rows, &mut dice, &mut part);
        }
        file.write_all(part.as_bytes())?;
        written += part.len() as u64;
        part.clear();
    }
    Ok(rows)
}

fn row(number: u64, dice: &mut Dice, out: &mut String) {
    let at = Timestamp::from_unix_seconds(BEGIN + number as i64 / 4).expect("a time");
    let time = at.rfc3339().replace('T', " ").replace('Z', "");
    let (user, address, logon) = (dice.roll(400), dice.roll(250), 0x1_0000 + dice.roll(1 << 40));
    let id = [4624, 4624, 4634, 4672, 4688, 5156][dice.roll(6) as usize];
    let note = if dice.roll(10) == 0 { "\"a note\r\nof two lines, with a comma\"" } else { "" };
    let data = [
        ("TargetUserSid", format!("S-1-5-21-1587066498-1489273250-1035260531-{}", 1100 + user)),
        ("TargetUserName", format!("user{user:03}")),
        ("TargetDomainName", "CORP".to_owned()),
        ("TargetLogonId", format!("0x{logon:x}")),
        ("LogonType", "3".to_owned()),
        ("LogonProcessName", "Kerberos".to_owned()),
        ("AuthenticationPackageName", "Kerberos".to_owned()),
        ("IpAddress", format!("10.20.{}.{}", address / 50, address % 250 + 1)),
        ("IpPort", (49_152 + number % 16_000).to_string()),
    ];
    write!(
        out,
        "{number},{number},{time},{id},LogAlways,Microsoft-Windows-Security-Auditing,Security,716,812,dc00.corp.example,3,,Successful logon,-\\-,10.20.1.1,Target: CORP\\user{user:03},LogonType 3,LogonId: 0x{logon:x},,,{note},,False,C:\\logs\\Security.evtx,Audit success,0,\"{{\"\"EventData\"\":{{\"\"Data\"\":["
    )
    .expect("room");
    for (place, (name, value)) in data.iter().enumerate() {
        let comma = if place > 0 { "," } else { "" };
        write!(out, "{comma}{{\"\"@Name\"\":\"\"{name}\"\",\"\"#text\"\":\"\"{value}\"\"}}").expect("room");
    }
    out.push_str("]}}\"\r\n");
}
