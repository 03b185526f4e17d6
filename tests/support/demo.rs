//! Makes the recording that `logonscope demo` plays: one invented morning of corp.example, an attack in the middle of it.
//!
//! Everything is invented and the same at every run. Addresses are from the documentation ranges and private networks.

use serde_json::{Map, Value, json};

/// 2026-03-10, a Tuesday, 00:00:00Z as Unix seconds.
const MIDNIGHT: i64 = 1_773_100_800;

/// Milliseconds since midnight.
type Moment = i64;

fn clock(text: &str) -> Moment {
    let mut parts = text.split(':').map(|part| part.parse::<i64>().unwrap());
    let (hours, minutes) = (parts.next().unwrap(), parts.next().unwrap());
    ((hours * 60 + minutes) * 60 + parts.next().unwrap_or(0)) * 1_000
}

fn stamp(at: Moment) -> String {
    let at = chrono::DateTime::from_timestamp_millis(MIDNIGHT * 1_000 + at).unwrap();
    at.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// A small generator of numbers that is the same everywhere (SplitMix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: i64) -> i64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        i64::try_from((mixed ^ (mixed >> 31)) % u64::try_from(below).unwrap()).unwrap()
    }
}

/// A person with a desk.
struct Person {
    user: &'static str,
    rid: u32,
    desk: &'static str,
    address: &'static str,
    arrives: &'static str,
}

const PEOPLE: &[Person] = &[
    Person { user: "jdoe", rid: 1104, desk: "WS11", address: "10.0.4.11", arrives: "07:58:12" },
    Person { user: "m.huber", rid: 1105, desk: "WS12", address: "10.0.4.12", arrives: "08:03:40" },
    Person { user: "k.lang", rid: 1106, desk: "WS13", address: "10.0.4.13", arrives: "08:07:05" },
    Person { user: "a.novak", rid: 1107, desk: "WS14", address: "10.0.4.14", arrives: "08:11:51" },
    Person { user: "p.steiner", rid: 1108, desk: "WS15", address: "10.0.4.15", arrives: "08:16:30" },
    Person { user: "s.moser", rid: 1109, desk: "WS16", address: "10.0.4.16", arrives: "08:21:09" },
    Person { user: "t.gruber", rid: 1110, desk: "WS17", address: "10.0.4.17", arrives: "08:25:44" },
    Person { user: "l.bauer", rid: 1111, desk: "WS18", address: "10.0.4.18", arrives: "08:33:18" },
    Person { user: "r.wolf", rid: 1112, desk: "WS19", address: "10.0.4.19", arrives: "08:41:02" },
    Person { user: "e.fuchs", rid: 1113, desk: "WS20", address: "10.0.4.20", arrives: "08:52:27" },
];

const ATTACKER: &str = "10.0.9.66";
const OFFICE: &str = "203.0.113.10";

pub struct Recording {
    dice: Dice,
    windows: Vec<(Moment, Value)>,
    entra: Vec<(Moment, Value)>,
    next_logon_id: u64,
    next_record: u64,
    next_id: u64,
}

struct Logon<'a> {
    host: &'a str,
    user: &'a str,
    rid: u32,
    kind: u32,
    source: &'a str,
    workstation: &'a str,
    package: &'a str,
    process: &'a str,
}

fn sid(rid: u32) -> String {
    format!("S-1-5-21-1085031214-1563985344-725345543-{rid}")
}

impl Recording {
    /// The whole morning: Windows records and Entra rows, each in order of time.
    pub fn make() -> (Vec<Value>, Vec<Value>) {
        let mut recording =
            Self { dice: Dice(2026), windows: Vec::new(), entra: Vec::new(), next_logon_id: 0x1_2a40, next_record: 88_200_000, next_id: 1 };
        recording.machinery();
        recording.people();
        recording.administrators();
        recording.attack();
        recording.cloud();
        recording.cloud_attack();
        let Self { mut windows, mut entra, next_record, .. } = recording;
        windows.sort_by_key(|(at, _)| *at);
        entra.sort_by_key(|(at, _)| *at);
        let first = next_record;
        let number = |(place, (_, mut record)): (usize, (Moment, Value))| {
            record["RecordNumber"] = json!(first + place as u64);
            record
        };
        (windows.into_iter().enumerate().map(number).collect(), entra.into_iter().map(|(_, row)| row).collect())
    }

    fn record(&mut self, at: Moment, host: &str, id: u32, data: Value) {
        let (channel, source) = match id {
            21..=25 => (
                "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational",
                "Microsoft-Windows-TerminalServices-LocalSessionManager",
            ),
            1149 => (
                "Microsoft-Windows-TerminalServices-RemoteConnectionManager/Operational",
                "Microsoft-Windows-TerminalServices-RemoteConnectionManager",
            ),
            1102 => ("Security", "Microsoft-Windows-Eventlog"),
            _ => ("Security", "Microsoft-Windows-Security-Auditing"),
        };
        let mut record = Map::new();
        record.insert("@timestamp".into(), json!(stamp(at)));
        record.insert("EventTime".into(), json!(stamp(at).replace('T', " ").split('.').next().unwrap()));
        record.insert("Hostname".into(), json!(format!("{host}.corp.example")));
        record.insert("EventID".into(), json!(id));
        record.insert("SourceName".into(), json!(source));
        record.insert("Channel".into(), json!(channel));
        record.insert("RecordNumber".into(), json!(0));
        record.insert("SourceModuleType".into(), json!("im_msvistalog"));
        let Value::Object(data) = data else { unreachable!() };
        record.extend(data);
        self.windows.push((at, Value::Object(record)));
    }

    fn logon_id(&mut self) -> u64 {
        self.next_logon_id += 0x40 + u64::try_from(self.dice.roll(0x900)).unwrap();
        self.next_logon_id
    }

    /// A 4624, with its 4672 where the account is privileged. Says its LogonId.
    fn logon(&mut self, at: Moment, logon: &Logon<'_>, elevated: bool, linked: u64, logon_id: u64) {
        let privileged = elevated && linked != 0 || matches!(logon.user, "svc_backup" | "adm_kl" | "svc_sql");
        if privileged {
            let before = if matches!(logon.kind, 3 | 5) { -1 } else { 2 };
            self.record(
                at + before,
                logon.host,
                4672,
                json!({
                    "SubjectUserSid": sid(logon.rid), "SubjectUserName": logon.user, "SubjectDomainName": "CORP",
                    "SubjectLogonId": format!("{logon_id:#x}"), "PrivilegeList": "SeBackupPrivilege SeRestorePrivilege SeDebugPrivilege",
                }),
            );
        }
        let port = if logon.source == "-" { "-".to_owned() } else { (49_152 + self.dice.roll(9_000)).to_string() };
        let local = matches!(logon.kind, 2 | 4 | 5 | 7 | 9 | 11);
        self.record(
            at,
            logon.host,
            4624,
            json!({
                "SubjectUserSid": if local { "S-1-5-18" } else { "S-1-0-0" },
                "SubjectUserName": if local { format!("{}$", logon.host) } else { "-".to_owned() },
                "SubjectLogonId": if local { "0x3e7" } else { "0x0" },
                "TargetUserSid": sid(logon.rid), "TargetUserName": logon.user, "TargetDomainName": "CORP",
                "TargetLogonId": format!("{logon_id:#x}"), "LogonType": logon.kind.to_string(),
                "LogonProcessName": logon.process,
                "AuthenticationPackageName": if logon.package.starts_with("NTLM V") { "NTLM" } else { logon.package },
                "WorkstationName": logon.workstation, "LmPackageName": if logon.package.starts_with("NTLM V") { logon.package } else { "-" },
                "KeyLength": if logon.package.starts_with("NTLM V") { "128" } else { "0" },
                "IpAddress": logon.source, "IpPort": port,
                "ElevatedToken": if elevated { "%%1842" } else { "%%1843" }, "TargetLinkedLogonId": format!("{linked:#x}"),
            }),
        );
    }

    fn logoff(&mut self, at: Moment, host: &str, user: &str, rid: u32, kind: u32, logon_id: u64) {
        self.record(
            at,
            host,
            4634,
            json!({
                "TargetUserSid": sid(rid), "TargetUserName": user, "TargetDomainName": "CORP",
                "TargetLogonId": format!("{logon_id:#x}"), "LogonType": kind.to_string(),
            }),
        );
    }

    fn failure(&mut self, at: Moment, host: &str, user: &str, sub_status: &str, kind: u32, from: (&str, &str)) {
        let (source, workstation) = from;
        self.record(
            at,
            host,
            4625,
            json!({
                "SubjectUserSid": "S-1-0-0", "TargetUserSid": "S-1-0-0", "TargetUserName": user, "TargetDomainName": "CORP",
                "Status": "0xc000006d", "SubStatus": sub_status, "LogonType": kind.to_string(), "LogonProcessName": "NtLmSsp ",
                "AuthenticationPackageName": "NTLM", "WorkstationName": workstation, "IpAddress": source, "IpPort": "0",
            }),
        );
    }

    fn ticket(&mut self, at: Moment, user: &str, rid: u32, source: &str, service: &str) {
        if service == "krbtgt" {
            self.record(
                at,
                "DC01",
                4768,
                json!({
                    "TargetUserName": user, "TargetDomainName": "CORP", "TargetSid": sid(rid), "ServiceName": "krbtgt",
                    "Status": "0x0", "TicketEncryptionType": "0x12", "PreAuthType": "2", "IpAddress": format!("::ffff:{source}"), "IpPort": "51122",
                }),
            );
        } else {
            self.record(
                at,
                "DC01",
                4769,
                json!({
                    "TargetUserName": format!("{user}@CORP.EXAMPLE"), "TargetDomainName": "CORP.EXAMPLE", "ServiceName": service,
                    "Status": "0x0", "TicketEncryptionType": "0x12", "IpAddress": format!("::ffff:{source}"), "IpPort": "51123",
                }),
            );
        }
    }

    /// A short network logon: ticket, 4624 type 3, 4634.
    fn network(&mut self, at: Moment, user: &str, rid: u32, source: &str, host: &str) {
        self.ticket(at - 40, user, rid, source, &format!("{host}$"));
        let id = self.logon_id();
        let logon = Logon { host, user, rid, kind: 3, source, workstation: "-", package: "Kerberos", process: "Kerberos" };
        self.logon(at, &logon, false, 0, id);
        let stay = 400 + self.dice.roll(11_000);
        self.logoff(at + stay, host, user, rid, 3, id);
    }

    /// What runs by itself: machine accounts, services, scheduled tasks.
    fn machinery(&mut self) {
        for (number, person) in PEOPLE.iter().enumerate() {
            let machine = format!("{}$", person.desk);
            let mut at = clock("07:30:00") + self.dice.roll(400_000);
            while at < clock("10:40:00") {
                self.network(at, &machine, 2_000 + u32::try_from(number).unwrap(), person.address, "DC01");
                at += 700_000 + self.dice.roll(900_000);
            }
        }
        for (user, rid, host, kind, every) in [
            ("svc_sql", 1301, "SQL1", 5, 3_600),
            ("svc_batch", 1302, "SQL1", 4, 900),
            ("svc_backup", 1303, "BKP1", 4, 1_800),
            ("svc_web", 1304, "IIS2", 5, 3_000),
        ] {
            let mut at = clock("07:31:00") + self.dice.roll(60_000);
            while at < clock("10:40:00") {
                let id = self.logon_id();
                let logon = Logon { host, user, rid, kind, source: "-", workstation: "-", package: "Negotiate", process: "Advapi  " };
                self.logon(at, &logon, false, 0, id);
                let length = if kind == 4 { 40_000 + self.dice.roll(200_000) } else { 2_400_000 };
                self.logoff(at + length, host, user, rid, kind, id);
                if user == "svc_backup" {
                    self.network(at + 2_000, user, rid, "10.0.2.11", "FS01");
                }
                at += i64::from(every) * 1_000 + self.dice.roll(4_000);
            }
        }
        for minute in 0..9 {
            let (at, id) = (clock("07:40:00") + minute * 1_200_000 + self.dice.roll(300_000), self.logon_id());
            let logon = Logon {
                host: "IIS2",
                user: "web_pool",
                rid: 1305,
                kind: 8,
                source: "10.0.2.40",
                workstation: "IIS2",
                package: "Negotiate",
                process: "Advapi  ",
            };
            self.logon(at, &logon, false, 0, id);
            self.logoff(at + 90_000, "IIS2", "web_pool", 1305, 8, id);
        }
    }

    /// A morning at the desk: logon, shares, a lock or two, one mistyped password.
    fn people(&mut self) {
        for person in PEOPLE {
            let start = clock(person.arrives);
            self.ticket(start - 300, person.user, person.rid, person.address, "krbtgt");
            let (full, limited) = (self.logon_id(), self.logon_id());
            let cached = person.user == "r.wolf";
            let kind = if cached { 11 } else { 2 };
            let mut logon = Logon {
                host: person.desk,
                user: person.user,
                rid: person.rid,
                kind,
                source: "127.0.0.1",
                workstation: person.desk,
                package: "Negotiate",
                process: "User32 ",
            };
            if person.user == "jdoe" {
                self.logon(start, &logon, true, limited, full);
                self.logon(start + 1, &logon, false, full, limited);
            } else {
                self.logon(start, &logon, false, 0, limited);
            }
            let visits = 6 + self.dice.roll(6);
            for _ in 0..visits {
                let at = start + 30_000 + self.dice.roll(clock("10:38:00") - start - 60_000);
                let host = ["FS01", "FS01", "FS01", "DC01", "IIS2", "SQL1"][usize::try_from(self.dice.roll(6)).unwrap()];
                self.network(at, person.user, person.rid, person.address, host);
            }
            let mut lock = start + 1_500_000 + self.dice.roll(2_400_000);
            while lock < clock("10:30:00") {
                let away = 240_000 + self.dice.roll(900_000);
                let desktop = json!({
                    "TargetUserSid": sid(person.rid), "TargetUserName": person.user, "TargetDomainName": "CORP",
                    "TargetLogonId": format!("{limited:#x}"), "SessionId": "1",
                });
                self.record(lock, person.desk, 4800, desktop.clone());
                if self.dice.roll(5) == 0 {
                    self.failure(lock + away - 4_000, person.desk, person.user, "0xc000006a", 7, ("127.0.0.1", person.desk));
                }
                let check = self.logon_id();
                logon.kind = 7;
                self.logon(lock + away, &logon, false, 0, check);
                self.record(lock + away + 3, person.desk, 4801, desktop);
                self.logoff(lock + away + 20, person.desk, person.user, person.rid, 7, check);
                lock += away + 2_000_000 + self.dice.roll(1_800_000);
            }
        }
    }

    /// The administrator's morning: a jump host, a disconnect, runas for another network.
    fn administrators(&mut self) {
        let (user, rid, from) = ("adm_kl", 1201, "10.0.4.13");
        let start = clock("08:40:10");
        let nla = self.logon_id();
        let mut logon =
            Logon { host: "JMP1", user, rid, kind: 3, source: from, workstation: "WS13", package: "Kerberos", process: "Kerberos" };
        self.logon(start - 900, &logon, false, 0, nla);
        self.logoff(start + 200, "JMP1", user, rid, 3, nla);
        self.record(start - 400, "JMP1", 1149, json!({"Param1": user, "Param2": "CORP", "Param3": from}));
        let (full, limited) = (self.logon_id(), self.logon_id());
        logon.kind = 10;
        (logon.package, logon.process) = ("Negotiate", "User32 ");
        self.logon(start, &logon, true, limited, full);
        self.logon(start + 1, &logon, false, full, limited);
        self.record(start + 700, "JMP1", 21, json!({"User": "CORP\\adm_kl", "SessionID": "2", "Address": from}));
        let desktop = |client: &str| {
            json!({
                "AccountName": "adm_kl", "AccountDomain": "CORP", "LogonID": format!("{limited:#x}"), "SessionName": "RDP-Tcp#4",
                "ClientName": client, "ClientAddress": from,
            })
        };
        self.record(clock("09:12:30"), "JMP1", 4779, desktop("WS13"));
        self.record(clock("09:12:30") + 20, "JMP1", 24, json!({"User": "CORP\\adm_kl", "SessionID": "2", "Address": from}));
        let nla = self.logon_id();
        let again = Logon { kind: 3, package: "Kerberos", process: "Kerberos", ..logon };
        self.logon(clock("09:38:00"), &again, false, 0, nla);
        self.record(clock("09:38:01"), "JMP1", 1149, json!({"Param1": user, "Param2": "CORP", "Param3": from}));
        self.logoff(clock("09:38:02"), "JMP1", user, rid, 3, nla);
        self.record(clock("09:38:02"), "JMP1", 4778, desktop("WS13"));
        self.record(clock("09:38:03"), "JMP1", 25, json!({"User": "CORP\\adm_kl", "SessionID": "2", "Address": from}));
        for (at, host) in [("08:44:00", "DC01"), ("08:58:20", "FS01"), ("09:40:41", "SQL1"), ("10:11:09", "DC01")] {
            self.network(clock(at), user, rid, "10.0.2.31", host);
        }
        let id = self.logon_id();
        let netonly = Logon {
            host: "WS11",
            user: "jdoe",
            rid: 1104,
            kind: 9,
            source: "::1",
            workstation: "-",
            package: "Negotiate",
            process: "seclogo",
        };
        self.logon(clock("08:49:30"), &netonly, true, 0, id);
        self.record(
            clock("08:49:29"),
            "WS11",
            4648,
            json!({
                "SubjectUserSid": sid(1104), "SubjectUserName": "jdoe", "SubjectDomainName": "CORP", "SubjectLogonId": "0x13000",
                "TargetUserName": "adm_kl", "TargetDomainName": "CORP", "TargetServerName": "SQL1.corp.example", "ProcessName": "C:\\Windows\\System32\\svchost.exe",
            }),
        );
        let remote = clock("08:31:00");
        let id = self.logon_id();
        let logon = Logon {
            host: "RDS3",
            user: "l.bauer",
            rid: 1111,
            kind: 10,
            source: "10.0.4.18",
            workstation: "WS18",
            package: "Negotiate",
            process: "User32 ",
        };
        self.logon(remote + 300_000, &logon, false, 0, id);
        self.logoff(clock("10:20:00"), "RDS3", "l.bauer", 1111, 10, id);
    }

    /// Spray, one password found, the share, the desktop of a service account, the next hosts, the cleared log.
    fn attack(&mut self) {
        let names = [
            "administrator",
            "jdoe",
            "m.huber",
            "k.lang",
            "a.novak",
            "p.steiner",
            "s.moser",
            "t.gruber",
            "adm_kl",
            "svc_sql",
            "svc_backup",
            "jsmith",
        ];
        let mut at = clock("09:19:40");
        for _ in 0..3 {
            for name in names {
                let code = if name == "jsmith" { "0xc0000064" } else { "0xc000006a" };
                self.failure(at, "DC01", name, code, 3, (ATTACKER, "KALI"));
                at += 3_800 + self.dice.roll(1_500);
            }
        }
        for _ in 0..4 {
            self.failure(at, "DC01", "svc_backup", "0xc000006a", 3, (ATTACKER, "KALI"));
            at += 4_100;
        }
        let id = self.logon_id();
        let mut logon = Logon {
            host: "FS01",
            user: "svc_backup",
            rid: 1303,
            kind: 3,
            source: ATTACKER,
            workstation: "KALI",
            package: "NTLM V2",
            process: "NtLmSsp ",
        };
        self.logon(clock("09:23:18"), &logon, true, 0, id);
        self.logoff(clock("09:24:40"), "FS01", "svc_backup", 1303, 3, id);
        let start = clock("09:31:20");
        self.record(start - 600, "FS01", 1149, json!({"Param1": "svc_backup", "Param2": "CORP", "Param3": ATTACKER}));
        let (full, limited) = (self.logon_id(), self.logon_id());
        (logon.kind, logon.process) = (10, "User32 ");
        logon.workstation = "FS01";
        self.logon(start, &logon, true, limited, full);
        self.logon(start + 1, &logon, false, full, limited);
        self.record(start + 767, "FS01", 21, json!({"User": "CORP\\svc_backup", "SessionID": "3", "Address": ATTACKER}));
        for (at, host) in [("09:35:44", "IIS2"), ("09:36:02", "DC01"), ("09:38:10", "SQL1"), ("09:44:51", "DC01")] {
            let id = self.logon_id();
            let logon = Logon {
                host,
                user: "svc_backup",
                rid: 1303,
                kind: 3,
                source: "10.0.2.21",
                workstation: "FS01",
                package: "NTLM V2",
                process: "NtLmSsp ",
            };
            self.logon(clock(at), &logon, true, 0, id);
            self.logoff(clock(at) + 46_000, host, "svc_backup", 1303, 3, id);
        }
        self.record(
            clock("09:58:33"),
            "FS01",
            1102,
            json!({
                "SubjectUserSid": sid(1303), "SubjectUserName": "svc_backup", "SubjectDomainName": "CORP", "SubjectLogonId": format!("{full:#x}"),
            }),
        );
        let (victim, taken) = ("CORP\\l.bauer", clock("09:47:20"));
        let session = |user: &str, id: u64| {
            json!({
                "AccountName": user, "AccountDomain": "CORP", "LogonID": format!("{id:#x}"), "SessionName": "RDP-Tcp#8",
                "ClientName": "FS01", "ClientAddress": "10.0.2.21",
            })
        };
        let other = self.logon_id();
        let logon = Logon {
            host: "RDS3",
            user: "svc_backup",
            rid: 1303,
            kind: 10,
            source: "10.0.2.21",
            workstation: "FS01",
            package: "Negotiate",
            process: "User32 ",
        };
        self.logon(taken - 95_000, &logon, false, 0, other);
        self.record(taken, "RDS3", 4779, session("svc_backup", other));
        self.record(taken + 460, "RDS3", 4778, session("l.bauer", 0x1_3f00));
        self.record(taken + 700, "RDS3", 25, json!({"User": victim, "SessionID": "5", "Address": "10.0.2.21"}));
    }

    fn row(&mut self, at: Moment, category: &str, user: &str, code: u32, more: Value) {
        self.next_id += 1;
        let id = format!("5d0e7c1a-{:04x}-4c1e-9b7f-{:012x}", self.next_id & 0xffff, self.next_id * 7_919);
        let interactive = category == "SignInLogs";
        let mut properties = json!({
            "id": id, "createdDateTime": stamp(at), "correlationId": format!("c0{id}").get(2..).unwrap(), "isInteractive": interactive,
            "ipAddress": OFFICE, "autonomousSystemNumber": 64_500, "clientAppUsed": "Browser",
            "location": {"city": "Wien", "state": "Wien", "countryOrRegion": "AT", "geoCoordinates": {"latitude": 48.208, "longitude": 16.373}},
            "status": {"errorCode": code}, "conditionalAccessStatus": "success", "authenticationRequirement": "multiFactorAuthentication",
        });
        if category.contains("User") || interactive {
            properties["userPrincipalName"] = json!(format!("{user}@corp.example"));
            let number = PEOPLE.iter().position(|person| person.user == user).unwrap_or(99);
            properties["userId"] = json!(format!("7b1c33aa-0000-4000-8000-{:012x}", 0x40 + number));
            properties["userType"] = json!("member");
        }
        merge(&mut properties, more);
        let row = json!({
            "time": stamp(at), "category": category, "operationName": "Sign-in activity", "resultType": code.to_string(),
            "tenantId": "2f6a0c1e-1111-4000-8000-00000000c0de", "callerIpAddress": properties["ipAddress"].clone(), "properties": properties,
        });
        self.entra.push((at, row));
    }

    /// Browsers, mail clients, a pipeline and a virtual machine.
    fn cloud(&mut self) {
        let apps = [
            ("Office 365 Exchange Online", "Outlook"),
            ("Microsoft Teams Services", "Teams"),
            ("Office 365 SharePoint Online", "SharePoint"),
            ("Microsoft Graph", "Teams"),
        ];
        for (number, person) in PEOPLE.iter().enumerate() {
            let session = format!("00a1-{number:04}-morning");
            let device = json!({
                "deviceId": format!("d0d0d0d0-0000-4000-8000-{number:012x}"), "displayName": person.desk, "operatingSystem": "Windows 11",
                "browser": "Edge 134.0", "isManaged": true, "isCompliant": true, "trustType": "Hybrid Azure AD joined",
            });
            let start = clock(person.arrives) + 50_000;
            let base =
                json!({"sessionId": session, "deviceDetail": device, "userAgent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Edg/134.0"});
            let base = if person.user == "k.lang" { at_home(base) } else { base };
            if number % 4 == 1 {
                self.row(start - 9_000, "SignInLogs", person.user, 50_126, base.clone());
            }
            let mut first = base.clone();
            merge(
                &mut first,
                json!({"appDisplayName": "Office 365", "resourceDisplayName": "Microsoft Graph", "authenticationProtocol": "oAuth2"}),
            );
            self.row(start, "SignInLogs", person.user, 0, first);
            let mut at = start + 20_000;
            while at < clock("10:40:00") {
                let (resource, app) = apps[usize::try_from(self.dice.roll(4)).unwrap()];
                let mut silent = base.clone();
                merge(
                    &mut silent,
                    json!({
                        "appDisplayName": app, "resourceDisplayName": resource, "incomingTokenType": "primaryRefreshToken",
                        "signInTokenProtectionStatus": "bound", "clientAppUsed": "Mobile Apps and Desktop clients",
                    }),
                );
                self.row(at, "NonInteractiveUserSignInLogs", person.user, 0, silent);
                at += 240_000 + self.dice.roll(900_000);
            }
        }
        let mut at = clock("07:32:00");
        while at < clock("10:40:00") {
            self.row(
                at,
                "ServicePrincipalSignInLogs",
                "",
                0,
                json!({
                    "servicePrincipalName": "deploy-pipeline", "servicePrincipalId": "91aa0000-0000-4000-8000-000000000001", "appId": "91aa0000-0000-4000-8000-0000000000aa",
                    "servicePrincipalCredentialKeyId": "dbcd79c0-0000-4000-8000-000000000001", "clientCredentialType": "certificate",
                    "resourceDisplayName": "Azure Key Vault", "ipAddress": "203.0.113.77", "userAgent": "azsdk-net-Identity",
                }),
            );
            self.row(
                at + 90_000,
                "ManagedIdentitySignInLogs",
                "",
                0,
                json!({
                    "servicePrincipalName": "vm-report-01", "servicePrincipalId": "91aa0000-0000-4000-8000-000000000002", "resourceDisplayName": "Azure Storage",
                    "ipAddress": "", "location": {"city": "", "countryOrRegion": "", "geoCoordinates": {"latitude": 0.0, "longitude": 0.0}},
                }),
            );
            at += 480_000 + self.dice.roll(240_000);
        }
    }

    /// An approved device code that is used elsewhere, a worn-out second factor, a journey nobody makes.
    fn cloud_attack(&mut self) {
        let session = "00a1-77aa-devicecode";
        let victim = json!({
            "sessionId": session, "appDisplayName": "Microsoft Authentication Broker", "appId": "29d9ed98-a469-4536-ade2-f981bc1d605e",
            "resourceDisplayName": "Microsoft Graph", "authenticationProtocol": "deviceCode", "originalTransferMethod": "deviceCodeFlow",
            "userAgent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Edg/134.0", "deviceDetail": {"deviceId": "", "browser": "Edge 134.0", "operatingSystem": "Windows 11"},
        });
        self.row(clock("09:05:10"), "SignInLogs", "m.huber", 0, victim);
        for (at, resource) in [
            ("09:06:02", "Microsoft Graph"),
            ("09:18:40", "Office 365 Exchange Online"),
            ("09:19:55", "Office 365 SharePoint Online"),
            ("09:33:07", "Microsoft Graph"),
            ("09:51:30", "Azure Service Management"),
            ("10:14:12", "Office 365 Exchange Online"),
        ] {
            let thief = json!({
                "sessionId": session, "appDisplayName": "Microsoft Office", "resourceDisplayName": resource, "incomingTokenType": "refreshToken",
                "originalTransferMethod": "deviceCodeFlow", "authenticationProtocol": "none", "signInTokenProtectionStatus": "unbound",
                "ipAddress": "198.51.100.23", "autonomousSystemNumber": 64_999, "userAgent": "python-requests/2.32",
                "deviceDetail": {"deviceId": "", "browser": "Python Requests 2.32", "operatingSystem": ""},
                "location": {"city": "Amsterdam", "countryOrRegion": "NL", "geoCoordinates": {"latitude": 52.37, "longitude": 4.89}},
                "clientAppUsed": "Mobile Apps and Desktop clients",
            });
            self.row(clock(at), "NonInteractiveUserSignInLogs", "m.huber", 0, thief);
        }
        let away = json!({
            "sessionId": "00a1-88bb-prompts", "ipAddress": "198.51.100.140", "autonomousSystemNumber": 64_777, "appDisplayName": "OfficeHome",
            "resourceDisplayName": "OfficeHome", "userAgent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/136.0",
            "deviceDetail": {"deviceId": "", "browser": "Firefox 136.0", "operatingSystem": "Linux"},
            "location": {"city": "S\u{e3}o Paulo", "countryOrRegion": "BR", "geoCoordinates": {"latitude": -23.55, "longitude": -46.63}},
        });
        for (number, at) in ["10:02:11", "10:02:58", "10:04:03", "10:05:20", "10:07:41", "10:09:15"].iter().enumerate() {
            let mut prompt = away.clone();
            merge(
                &mut prompt,
                json!({"correlationId": format!("fa71-{number}"), "authenticationDetails": [
                    {"authenticationMethod": "Password", "succeeded": true, "authenticationStepResultDetail": "Correct password"},
                    {"authenticationMethod": "Mobile app notification", "succeeded": false, "authenticationStepResultDetail": "MFA denied; user declined the authentication"},
                ]}),
            );
            self.row(clock(at), "SignInLogs", "k.lang", 500_121, prompt);
        }
        let mut approved = away;
        merge(
            &mut approved,
            json!({"authenticationDetails": [
                {"authenticationMethod": "Password", "succeeded": true, "authenticationStepResultDetail": "Correct password"},
                {"authenticationMethod": "Mobile app notification", "succeeded": true, "authenticationStepResultDetail": "MFA successfully completed"},
            ]}),
        );
        self.row(clock("10:10:02"), "SignInLogs", "k.lang", 0, approved);
    }
}

fn merge(into: &mut Value, more: Value) {
    if let (Value::Object(into), Value::Object(more)) = (into, more) {
        into.extend(more);
    }
}

/// k.lang works from home today: an address of nobody else.
fn at_home(mut row: Value) -> Value {
    merge(
        &mut row,
        json!({
            "ipAddress": "203.0.113.201", "autonomousSystemNumber": 64_501,
            "location": {"city": "Graz", "countryOrRegion": "AT", "geoCoordinates": {"latitude": 47.07, "longitude": 15.44}},
        }),
    );
    row
}
