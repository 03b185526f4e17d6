//! Made JSON lines for benchmarks: winlogbeat 8 and Entra sign-ins, the same on every machine (seeded).
//!
//! They are as large and as mixed as real ones: whole envelopes (agent, host, rendered message; policies, details), ids
//! and GUIDs that never repeat, half of the records of kinds that are no logons. Beats writes the members of objects in a
//! new order for every record (Go maps have none), what passed a pipeline or a script keeps one order: both are made.
#![allow(dead_code)]

use logonscope::base::time::Timestamp;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

/// What lines to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// winlogbeat 8 as Beats writes it: members in any order.
    Winlogbeat,
    /// The same, every record in one order.
    WinlogbeatOrdered,
    /// Azure Monitor diagnostics of Entra sign-ins, one record a line.
    EntraDiagnostic,
    /// Sign-ins of Microsoft Graph, one a line.
    EntraGraph,
}

impl Kind {
    pub const ALL: [Self; 4] = [Self::Winlogbeat, Self::WinlogbeatOrdered, Self::EntraDiagnostic, Self::EntraGraph];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Winlogbeat => "winlogbeat",
            Self::WinlogbeatOrdered => "winlogbeat-ordered",
            Self::EntraDiagnostic => "entra-diagnostic",
            Self::EntraGraph => "entra-graph",
        }
    }
}

/// Writes lines until the file has at least `bytes`; returns how many.
pub fn write(kind: Kind, path: &Path, bytes: u64) -> std::io::Result<u64> {
    let mut file = std::fs::File::create(path)?;
    let mut maker = Maker::new(kind);
    let (mut written, mut lines, mut part) = (0, 0, String::new());
    while written < bytes {
        part.clear();
        while part.len() < 1 << 20 {
            maker.line(&mut part);
            lines += 1;
        }
        written += part.len() as u64;
        file.write_all(part.as_bytes())?;
    }
    Ok(lines)
}

/// Numbers that look random and are the same every time (an xorshift).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
    fn roll(&mut self, sides: u64) -> u64 {
        (self.next() >> 11) % sides
    }
    fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.roll(list.len() as u64) as usize]
    }
    /// 16 bytes in the URL alphabet of base64, as `uniqueTokenIdentifier` is written.
    fn token(&mut self) -> String {
        let bits = u128::from(self.next()) << 64 | u128::from(self.next());
        let digit = |place: u32| if place == 21 { (bits & 3) << 4 } else { bits >> (122 - 6 * place) & 63 };
        (0..22).map(|place| char::from(URL_DIGITS[digit(place) as usize])).collect()
    }
    fn guid(&mut self) -> String {
        let (a, b) = (self.next(), self.next());
        format!("{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}", a >> 32, a >> 16 & 0xffff, a & 0xfff, b >> 52, b & 0xffff_ffff_ffff)
    }
}

const URL_DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// An object in the making: names and values that are JSON already.
#[derive(Default)]
struct Members(Vec<(&'static str, String)>);

impl Members {
    fn text(&mut self, name: &'static str, value: &str) -> &mut Self {
        let mut json = String::with_capacity(value.len() + 2);
        json.push('"');
        for c in value.chars() {
            match c {
                '"' => json.push_str("\\\""),
                '\\' => json.push_str("\\\\"),
                '\n' => json.push_str("\\n"),
                '\t' => json.push_str("\\t"),
                c => json.push(c),
            }
        }
        json.push('"');
        self.raw(name, json)
    }
    fn raw(&mut self, name: &'static str, json: impl Into<String>) -> &mut Self {
        self.0.push((name, json.into()));
        self
    }
    /// The object; the first `fixed` members stay where they are, the others are shuffled by the dice, if there are any.
    fn json(&mut self, fixed: usize, dice: Option<&mut Dice>) -> String {
        if let Some(dice) = dice {
            for place in (fixed + 1..self.0.len()).rev() {
                let other = fixed + dice.roll((place - fixed + 1) as u64) as usize;
                self.0.swap(place, other);
            }
        }
        let mut out = String::from("{");
        for (number, (name, json)) in self.0.iter().enumerate() {
            let comma = if number == 0 { "" } else { "," };
            write!(out, "{comma}\"{name}\":{json}").unwrap();
        }
        out.push('}');
        out
    }
}

/// Makes one line after the other.
pub struct Maker {
    kind: Kind,
    dice: Dice,
    order: Dice,
    number: u64,
    ticks: i64,
    hosts: Vec<Host>,
    people: Vec<Person>,
}

struct Host {
    name: String,
    id: String,
    agent: String,
    ephemeral: String,
}

struct Person {
    name: String,
    sid: String,
    id: String,
    device: String,
}

impl Maker {
    pub fn new(kind: Kind) -> Self {
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
        let hosts = (0..6)
            .map(|number| Host {
                name: format!("{}{number:02}.corp.example", if number < 3 { "DC" } else { "FILES" }),
                id: dice.guid(),
                agent: dice.guid(),
                ephemeral: dice.guid(),
            })
            .collect();
        let people = (0..400)
            .map(|number| Person {
                name: format!("user{number:03}"),
                sid: format!("S-1-5-21-1587066498-1489273250-1035260531-{}", 1100 + number),
                id: dice.guid(),
                device: dice.guid(),
            })
            .collect();
        Self { kind, dice, order: Dice(0x2545_f491_4f6c_dd1d), number: 1_000_000, ticks: 17_700_000_000_000_000, hosts, people }
    }
    /// Adds one line.
    pub fn line(&mut self, out: &mut String) {
        self.number += 1;
        self.ticks += self.dice.roll(20_000_000) as i64;
        let line = match self.kind {
            Kind::Winlogbeat => self.winlogbeat(true),
            Kind::WinlogbeatOrdered => self.winlogbeat(false),
            Kind::EntraDiagnostic => self.diagnostic(),
            Kind::EntraGraph => self.sign_in(true).json(0, None),
        };
        out.push_str(&line);
        out.push('\n');
    }
    fn time(&self, digits: usize) -> String {
        let text = Timestamp::from_ticks(self.ticks).unwrap().rfc3339();
        format!("{}Z", &text[..20 + digits])
    }
    fn winlogbeat(&mut self, any_order: bool) -> String {
        let host = self.dice.roll(self.hosts.len() as u64) as usize;
        let (event_id, task, outcome, data, message) = self.windows(host);
        let mut order = any_order.then(|| Dice(self.order.next()));
        let provider = "Microsoft-Windows-Security-Auditing";
        let host = &self.hosts[host];
        let mut json = |members: &mut Members| members.json(0, order.as_mut());
        let event_data = json(&mut Members(data));
        let thread = format!("{{\"id\":{}}}", 200 + self.dice.roll(9_000));
        let process = json(Members::default().raw("pid", "748").raw("thread", thread));
        let keywords = if outcome == "failure" { "[\"Audit Failure\"]" } else { "[\"Audit Success\"]" };
        let winlog = json(
            Members::default()
                .text("activity_id", &format!("{{{}}}", self.dice.guid()))
                .text("api", "wineventlog")
                .text("channel", "Security")
                .text("computer_name", &host.name)
                .raw("event_data", event_data)
                .text("event_id", event_id)
                .raw("keywords", keywords)
                .text("opcode", "Info")
                .raw("process", process)
                .text("provider_guid", "{54849625-5478-4994-a5ba-3e3b0328c30d}")
                .text("provider_name", provider)
                .raw("record_id", self.number.to_string())
                .text("task", task)
                .raw("version", "2"),
        );
        let os = json(
            Members::default()
                .text("build", "17763.6414")
                .text("family", "windows")
                .text("kernel", "10.0.17763.6414 (WinBuild.160101.0800)")
                .text("name", "Windows Server 2019 Datacenter")
                .text("platform", "windows")
                .text("type", "windows")
                .text("version", "10.0"),
        );
        let host_json = json(
            Members::default()
                .text("architecture", "x86_64")
                .text("hostname", host.name.split('.').next().unwrap())
                .text("id", &host.id)
                .raw("ip", "[\"fe80::3c5e:7d11:90ab:1\",\"10.20.0.11\"]")
                .raw("mac", "[\"00-50-56-A1-0C-5E\"]")
                .text("name", &host.name)
                .raw("os", os),
        );
        let agent = json(
            Members::default()
                .text("ephemeral_id", &host.ephemeral)
                .text("id", &host.agent)
                .text("name", host.name.split('.').next().unwrap())
                .text("type", "winlogbeat")
                .text("version", "8.15.2"),
        );
        let event = json(
            Members::default()
                .text("action", task)
                .text("code", event_id)
                .text("created", &self.time(3))
                .text("kind", "event")
                .text("outcome", outcome)
                .text("provider", provider),
        );
        let metadata = json(Members::default().text("beat", "winlogbeat").text("type", "_doc").text("version", "8.15.2"));
        Members::default()
            .text("@timestamp", &self.time(3))
            .raw("@metadata", metadata)
            .raw("agent", agent)
            .raw("ecs", "{\"version\":\"8.0.0\"}")
            .raw("event", event)
            .raw("host", host_json)
            .raw("log", "{\"level\":\"information\"}")
            .text("message", &message)
            .raw("winlog", winlog)
            .json(2, order.as_mut())
    }
    /// A record with the mix of a domain controller: id, task, outcome, values, and the rendered message.
    fn windows(&mut self, host: usize) -> (&'static str, &'static str, &'static str, Vec<(&'static str, String)>, String) {
        let dice = &mut self.dice;
        let person = &self.people[dice.roll(400) as usize];
        let machine = self.hosts[host].name.split('.').next().unwrap().to_owned() + "$";
        let mut values = Vec::new();
        let id = format!("{:#x}", 0x1_0000 + dice.roll(1 << 40));
        let guid = format!("{{{}}}", dice.guid());
        let address = format!("10.20.{}.{}", dice.roll(5), 1 + dice.roll(250));
        let port = (49_152 + dice.roll(16_000)).to_string();
        let network = dice.roll(4) > 0;
        let mut add = |name: &'static str, value: &str| values.push((name, value.to_owned()));
        let (event_id, task, outcome) = match dice.roll(100) {
            0..20 => {
                for (name, value) in [("SubjectUserSid", "S-1-0-0"), ("SubjectUserName", "-"), ("SubjectDomainName", "-")] {
                    add(name, value);
                }
                add("SubjectLogonId", "0x0");
                add("TargetUserSid", &person.sid);
                add("TargetUserName", &person.name);
                add("TargetDomainName", "CORP");
                add("TargetLogonId", &id);
                add("LogonType", if network { "3" } else { "10" });
                add("LogonProcessName", if network { "Kerberos" } else { "User32 " });
                add("AuthenticationPackageName", if network { "Kerberos" } else { "Negotiate" });
                add("WorkstationName", "-");
                add("LogonGuid", &guid);
                for name in ["TransmittedServices", "LmPackageName"] {
                    add(name, "-");
                }
                add("KeyLength", "0");
                add("ProcessId", "0x2f0");
                add("ProcessName", if network { "-" } else { "C:\\Windows\\System32\\svchost.exe" });
                add("IpAddress", &address);
                add("IpPort", &port);
                add("ImpersonationLevel", "%%1833");
                for name in ["RestrictedAdminMode", "TargetOutboundUserName", "TargetOutboundDomainName"] {
                    add(name, "-");
                }
                add("VirtualAccount", "%%1843");
                add("TargetLinkedLogonId", "0x0");
                add("ElevatedToken", "%%1842");
                ("4624", "Logon", "success")
            }
            20..36 => {
                add("TargetUserSid", &person.sid);
                add("TargetUserName", &person.name);
                add("TargetDomainName", "CORP");
                add("TargetLogonId", &id);
                add("LogonType", "3");
                ("4634", "Logoff", "success")
            }
            36..46 => {
                add("SubjectUserSid", &person.sid);
                add("SubjectUserName", &person.name);
                add("SubjectDomainName", "CORP");
                add("SubjectLogonId", &id);
                add("PrivilegeList", "SeSecurityPrivilege\n\t\t\tSeBackupPrivilege\n\t\t\tSeRestorePrivilege\n\t\t\tSeDebugPrivilege");
                ("4672", "Special Logon", "success")
            }
            46..50 => {
                for (name, value) in [("SubjectUserSid", "S-1-0-0"), ("SubjectUserName", "-"), ("SubjectDomainName", "-")] {
                    add(name, value);
                }
                add("SubjectLogonId", "0x0");
                add("TargetUserSid", "S-1-0-0");
                add("TargetUserName", &person.name);
                add("TargetDomainName", "CORP");
                add("Status", "0xc000006d");
                add("FailureReason", "%%2313");
                add("SubStatus", "0xc000006a");
                add("LogonType", "3");
                add("LogonProcessName", "NtLmSsp ");
                add("AuthenticationPackageName", "NTLM");
                add("WorkstationName", &format!("WKS-{:04}", dice.roll(600)));
                add("TransmittedServices", "-");
                add("LmPackageName", "-");
                add("KeyLength", "0");
                add("ProcessId", "0x0");
                add("ProcessName", "-");
                add("IpAddress", &address);
                add("IpPort", &port);
                ("4625", "Logon", "failure")
            }
            50..60 => {
                add("TargetUserName", &format!("{}@CORP.EXAMPLE", person.name));
                add("TargetDomainName", "CORP.EXAMPLE");
                add("ServiceName", "FILES01$");
                add("ServiceSid", "S-1-5-21-1587066498-1489273250-1035260531-1001");
                add("TicketOptions", "0x40810000");
                add("TicketEncryptionType", "0x12");
                add("IpAddress", &format!("::ffff:{address}"));
                add("IpPort", &port);
                add("Status", "0x0");
                add("LogonGuid", &guid);
                add("TransmittedServices", "-");
                ("4769", "Kerberos Service Ticket Operations", "success")
            }
            60..80 => {
                add("SubjectUserSid", "S-1-5-18");
                add("SubjectUserName", &machine);
                add("SubjectDomainName", "CORP");
                add("SubjectLogonId", "0x3e7");
                add("NewProcessId", &format!("{:#x}", 4 * dice.roll(4_000)));
                add("NewProcessName", "C:\\Windows\\System32\\svchost.exe");
                add("TokenElevationType", "%%1936");
                add("ProcessId", "0x2d4");
                add("CommandLine", "\"C:\\Windows\\system32\\svchost.exe\" -k netsvcs -p -s Schedule");
                add("TargetUserSid", "S-1-0-0");
                add("TargetUserName", "-");
                add("TargetDomainName", "-");
                add("TargetLogonId", "0x0");
                add("ParentProcessName", "C:\\Windows\\System32\\services.exe");
                add("MandatoryLabel", "S-1-16-16384");
                ("4688", "Process Creation", "success")
            }
            _ => {
                add("SubjectUserSid", &person.sid);
                add("SubjectUserName", &person.name);
                add("SubjectDomainName", "CORP");
                add("SubjectLogonId", &id);
                add("ObjectServer", "Security");
                add("ObjectType", "File");
                add("ObjectName", "D:\\Shares\\Projects\\2026\\B\u{fc}ro\\forecast-final-v2.xlsx");
                add("HandleId", &format!("{:#x}", dice.roll(9_000)));
                add("AccessList", "%%4416\n\t\t\t\t");
                add("AccessMask", "0x1");
                add("ProcessId", "0x4");
                add("ProcessName", "");
                ("4663", "File System", "success")
            }
        };
        let message = message(task, &values);
        let mut data = Members::default();
        for (name, value) in values {
            data.text(name, &value);
        }
        (event_id, task, outcome, data.0, message)
    }
    fn diagnostic(&mut self) -> String {
        let properties = self.sign_in(false).json(0, None);
        let tenant = "/tenants/0a1b2c3d-1111-4222-8333-444455556666/providers/Microsoft.aadiam";
        let correlation = self.dice.guid();
        let (ip, category) = (format!("203.0.113.{}", self.dice.roll(250)), self.dice.of(&["SignInLogs", "NonInteractiveUserSignInLogs"]));
        let mut record = Members::default();
        record
            .text("time", &self.time(6))
            .text("resourceId", tenant)
            .text("operationName", "Sign-in activity")
            .text("operationVersion", "1.0")
            .text("category", category)
            .text("tenantId", "0a1b2c3d-1111-4222-8333-444455556666")
            .text("resultType", if properties.contains("\"errorCode\":0") { "0" } else { "50126" })
            .text("resultSignature", "None")
            .raw("durationMs", "0")
            .text("callerIpAddress", &ip)
            .text("correlationId", &correlation)
            .text("identity", "Example Person")
            .raw("Level", "4")
            .text("location", "AT")
            .raw("properties", properties);
        record.json(0, None)
    }
    /// A sign-in as Graph names its properties.
    fn sign_in(&mut self, interactive: bool) -> Members {
        let time = self.time(6);
        let dice = &mut self.dice;
        let number = dice.roll(400);
        let person = &self.people[number as usize];
        let failed = dice.roll(12) == 0;
        let (app, app_id) = match dice.roll(3) {
            0 => ("Microsoft Teams", "1fec8e78-bce4-4aaf-ab1b-5451cc387264"),
            1 => ("Office 365 Exchange Online", "00000002-0000-0ff1-ce00-000000000000"),
            _ => ("Azure Portal", "c44b4083-3bb0-49c1-b47d-974e53cbdf3c"),
        };
        let mut policies = String::from("[");
        for policy in 0..6 {
            let comma = if policy == 0 { "" } else { "," };
            write!(
                policies,
                "{comma}{{\"id\":\"5d1f{policy:04x}-22aa-4bb3-8cc4-55dd66ee77ff\",\"displayName\":\"CA{policy:03} - Require more for all users\",\
                 \"enforcedGrantControls\":[\"Mfa\"],\"enforcedSessionControls\":[],\"result\":\"{}\",\"conditionsSatisfied\":{},\
                 \"conditionsNotSatisfied\":{}}}",
                dice.of(&["success", "notApplied", "notEnabled"]),
                dice.roll(60),
                dice.roll(60),
            )
            .unwrap();
        }
        policies.push(']');
        let details = format!(
            "[{{\"authenticationStepDateTime\":\"{time}\",\"authenticationMethod\":\"Password\",\"authenticationMethodDetail\":\"Password Hash Sync\",\
             \"succeeded\":{},\"authenticationStepResultDetail\":\"{}\",\"authenticationStepRequirement\":\"Primary authentication\",\
             \"StatusSequence\":0,\"RequestSequence\":1}}]",
            !failed,
            if failed { "Invalid username or password" } else { "MFA requirement satisfied by claim in the token" },
        );
        let (id, correlation, session, token) = (dice.guid(), dice.guid(), dice.guid(), dice.token());
        let city = dice.of(&["Wien", "Graz", "M\u{fc}nchen", "Hannover"]);
        let mut members = Members::default();
        members
            .text("id", &id)
            .text("createdDateTime", &time)
            .text("userDisplayName", &format!("Example Person {number}"))
            .text("userPrincipalName", &format!("{}@corp.example", person.name))
            .text("userId", &person.id)
            .text("appId", app_id)
            .text("appDisplayName", app)
            .text("ipAddress", &format!("203.0.113.{}", dice.roll(250)))
            .raw("status", if failed { STATUS_FAILED } else { "{\"errorCode\":0,\"additionalDetails\":\"MFA requirement satisfied by claim in the token\"}" })
            .text("clientAppUsed", dice.of(&["Browser", "Mobile Apps and Desktop clients"]))
            .text("userAgent", dice.of(&AGENTS))
            .raw(
                "deviceDetail",
                format!(
                    "{{\"deviceId\":\"{}\",\"displayName\":\"WKS-{number:04}\",\"operatingSystem\":\"Windows10\",\"browser\":\"Edge 126.0.0\",\
                     \"isCompliant\":true,\"isManaged\":true,\"trustType\":\"Hybrid Azure AD joined\"}}",
                    person.device
                ),
            )
            .raw(
                "location",
                format!(
                    "{{\"city\":\"{city}\",\"state\":\"Wien\",\"countryOrRegion\":\"AT\",\"geoCoordinates\":{{\"latitude\":48.20{:04},\"longitude\":16.37{:04}}}}}",
                    dice.roll(10_000),
                    dice.roll(10_000)
                ),
            )
            .text("correlationId", &correlation)
            .text("conditionalAccessStatus", if failed { "notApplied" } else { "success" })
            .raw("appliedConditionalAccessPolicies", policies)
            .raw("authenticationContextClassReferences", "[{\"id\":\"urn:user:registersecurityinfo\",\"detail\":\"previouslySatisfied\"}]")
            .text("originalRequestId", &id)
            .raw("isInteractive", if interactive { "true" } else { "false" })
            .text("tokenIssuerName", "")
            .text("tokenIssuerType", "AzureAD")
            .raw("authenticationProcessingDetails", DETAILS)
            .raw("networkLocationDetails", "[{\"networkType\":\"trustedNamedLocation\",\"networkNames\":[\"Head office\"]}]")
            .raw("processingTimeInMilliseconds", dice.roll(900).to_string())
            .text("riskDetail", "none")
            .text("riskLevelAggregated", "none")
            .text("riskLevelDuringSignIn", dice.of(&["none", "none", "none", "low"]))
            .text("riskState", "none")
            .raw("riskEventTypes", "[]")
            .raw("riskEventTypes_v2", "[]")
            .text("resourceDisplayName", "Microsoft Graph")
            .text("resourceId", "00000003-0000-0000-c000-000000000000")
            .text("resourceTenantId", "0a1b2c3d-1111-4222-8333-444455556666")
            .text("homeTenantId", "0a1b2c3d-1111-4222-8333-444455556666")
            .raw("authenticationDetails", details)
            .raw("authenticationRequirementPolicies", "[]")
            .raw("sessionLifetimePolicies", "[]")
            .text("authenticationRequirement", if failed { "singleFactorAuthentication" } else { "multiFactorAuthentication" })
            .raw("servicePrincipalId", "\"\"")
            .text("userType", "Member")
            .raw("flaggedForReview", "false")
            .raw("isTenantRestricted", "false")
            .raw("autonomousSystemNumber", dice.of(&["8447", "3320", "1901"]))
            .text("crossTenantAccessType", "none")
            .raw("privateLinkDetails", "{}")
            .text("ssoExtensionVersion", "")
            .text("uniqueTokenIdentifier", &token)
            .text("authenticationProtocol", "none")
            .text("incomingTokenType", dice.of(&["none", "primaryRefreshToken", "refreshToken"]))
            .text("sessionId", &session)
            .text("signInTokenProtectionStatus", "none")
            .text("originalTransferMethod", "none");
        members
    }
}

const STATUS_FAILED: &str = "{\"errorCode\":50126,\"failureReason\":\"The name or the password is wrong.\",\"additionalDetails\":null}";
const DETAILS: &str = "[{\"key\":\"Legacy TLS (TLS 1.0, 1.1, 3DES)\",\"value\":\"False\"},{\"key\":\"Oauth Scope Info\",\"value\":\"[\\\"email\\\",\\\"openid\\\",\\\"profile\\\",\\\"User.Read\\\"]\"},{\"key\":\"Is CAE Token\",\"value\":\"True\"}]";
const AGENTS: [&str; 3] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
    "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17628; Pro)",
];

/// A rendered message: a heading, every value with a label, and the paragraphs of advice that follow in real ones.
fn message(task: &str, values: &[(&'static str, String)]) -> String {
    let mut text = format!("A record of the kind {task} was written.\n\n");
    for (number, (name, value)) in values.iter().enumerate() {
        if number % 4 == 0 {
            let heading = ["Subject", "New Logon", "Process Information", "Network Information"][number / 4 % 4];
            write!(text, "\n{heading}:\n").unwrap();
        }
        writeln!(text, "\t{name}:\t\t{value}").unwrap();
    }
    for field in ["subject", "logon type", "account", "network", "impersonation", "details"].iter().take(1 + values.len() / 4) {
        write!(
            text,
            "\nThe values about the {field} say who or what asked for this on the local computer, which is most often a service \
             or a program of the system, and from where; they may be empty where it is not known.\n"
        )
        .unwrap();
    }
    text
}
