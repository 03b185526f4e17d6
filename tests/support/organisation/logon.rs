//! Logon sessions: how 4624, 4672, 4634 and 4647 write them, and what of it the records tell.

use super::sim::Sim;
use super::truth::{Kind, Told, TrueLogon};

/// Who logs on, how.
#[derive(Clone, Copy, Debug)]
pub struct Logon<'a> {
    pub user: &'a str,
    pub rid: u32,
    pub logon_type: u32,
    /// Empty for none.
    pub source: &'a str,
    pub workstation: &'a str,
    pub process: &'a str,
    pub package: &'a str,
    pub image: &'a str,
    /// `None` where the account has only one token.
    pub elevated: Option<bool>,
    pub linked: u64,
    /// `LogonId` of who asked for it.
    pub by: u64,
    pub is_privileged: bool,
}

impl Default for Logon<'_> {
    fn default() -> Self {
        Self {
            user: "",
            rid: 0,
            logon_type: 2,
            source: "-",
            workstation: "-",
            process: "User32 ",
            package: "Negotiate",
            image: "C:\\Windows\\System32\\svchost.exe",
            elevated: Some(false),
            linked: 0,
            by: 0x3e7,
            is_privileged: false,
        }
    }
}

pub fn sid(rid: u32) -> String {
    format!("S-1-5-21-1004336348-1177238915-682003330-{rid}")
}

pub fn hex(id: u64) -> String {
    format!("{id:#x}")
}

impl Sim {
    /// A logon with a new id, as part of a session as shown.
    pub fn log_on(&mut self, host: usize, logon: &Logon<'_>, visit: usize) -> usize {
        let id = self.logon_id(host);
        self.log_on_as(host, id, logon, visit)
    }
    /// A logon by itself.
    pub fn log_on_alone(&mut self, host: usize, logon: &Logon<'_>, kind: Kind) -> usize {
        let visit = self.truth.visit(kind, host, &account(logon.user), self.now);
        self.log_on(host, logon, visit)
    }
    pub fn log_on_as(&mut self, host: usize, id: u64, logon: &Logon<'_>, visit: usize) -> usize {
        // 4672 stands before its 4624 for network and service logons, behind it for others.
        let is_before = matches!(logon.logon_type, 3 | 5);
        if logon.is_privileged && is_before {
            self.privileges(host, id, logon);
        }
        let start = self.now;
        let machine = format!("{}$", self.hosts[host].short);
        let (subject_sid, subject, subject_domain) =
            if logon.by == 0x3e7 { ("S-1-5-18", machine.as_str(), "CORP") } else { ("S-1-0-0", "-", "-") };
        let elevated = match logon.elevated {
            Some(true) => "%%1842",
            _ => "%%1843",
        };
        let is_seen = self.audit(
            host,
            4624,
            &[
                ("SubjectUserSid", subject_sid),
                ("SubjectUserName", subject),
                ("SubjectDomainName", subject_domain),
                ("SubjectLogonId", &hex(logon.by)),
                ("TargetUserSid", &sid(logon.rid)),
                ("TargetUserName", logon.user),
                ("TargetDomainName", "CORP"),
                ("TargetLogonId", &hex(id)),
                ("LogonType", &logon.logon_type.to_string()),
                ("LogonProcessName", logon.process),
                ("AuthenticationPackageName", logon.package),
                ("WorkstationName", logon.workstation),
                ("LogonGuid", "{00000000-0000-0000-0000-000000000000}"),
                ("ProcessName", logon.image),
                ("IpAddress", logon.source),
                ("IpPort", "0"),
                ("TargetLinkedLogonId", &hex(logon.linked)),
                ("ElevatedToken", elevated),
            ],
        );
        if logon.is_privileged && !is_before {
            self.tick();
            self.privileges(host, id, logon);
        }
        let number = self.truth.logons.len();
        self.truth.logons.push(TrueLogon {
            host,
            logon_id: id,
            account: account(logon.user),
            logon_type: logon.logon_type,
            source: logon.source.to_owned(),
            start,
            told: Told::Open,
            has_ended: false,
            is_seen,
            visit,
        });
        self.hosts[host].really_open.push(number);
        if is_seen {
            self.truth.visits[visit].logons.push(number);
            if let Some(before) = self.hosts[host].told_open.insert(id, number) {
                self.truth.logons[before].told = Told::Reused(start);
            }
        }
        self.tick();
        number
    }
    fn privileges(&mut self, host: usize, id: u64, logon: &Logon<'_>) {
        self.audit(
            host,
            4672,
            &[
                ("SubjectUserSid", &sid(logon.rid)),
                ("SubjectUserName", logon.user),
                ("SubjectDomainName", "CORP"),
                ("SubjectLogonId", &hex(id)),
                ("PrivilegeList", "SeSecurityPrivilege"),
            ],
        );
        self.tick();
    }
    /// 4634.
    pub fn log_off(&mut self, logon: usize) {
        let logon_type = self.truth.logons[logon].logon_type.to_string();
        self.end(logon, 4634, &[("LogonType", &logon_type)], Told::Logoff);
    }
    /// 4647; the 4634 that follows is the caller's, for it may never come.
    pub fn user_log_off(&mut self, logon: usize) {
        self.end(logon, 4647, &[], Told::UserLogoff);
    }
    /// It ends, and its 4634 is lost.
    pub fn log_off_unseen(&mut self, logon: usize) {
        let host = self.truth.logons[logon].host;
        self.lose(host);
        self.really_ended(logon);
    }
    fn really_ended(&mut self, logon: usize) {
        let host = self.truth.logons[logon].host;
        self.truth.logons[logon].has_ended = true;
        self.hosts[host].really_open.retain(|open| *open != logon);
    }
    fn end(&mut self, logon: usize, id: u32, more: &[(&str, &str)], how: fn(super::Moment) -> Told) {
        let row = self.truth.logons[logon].clone();
        let user = row.account.trim_start_matches("corp\\").to_owned();
        let rid = self.rid(&user);
        let (id_text, sid_text) = (hex(row.logon_id), sid(rid));
        let mut pairs = vec![
            ("TargetUserSid", sid_text.as_str()),
            ("TargetUserName", &user),
            ("TargetDomainName", "CORP"),
            ("TargetLogonId", &id_text),
        ];
        pairs.extend_from_slice(more);
        let is_told = self.audit(row.host, id, &pairs);
        self.really_ended(logon);
        let open = &mut self.hosts[row.host].told_open;
        if is_told && open.get(&row.logon_id) == Some(&logon) {
            open.remove(&row.logon_id);
            self.truth.logons[logon].told = how(self.now);
        }
        self.tick();
    }
    /// What the SID of an account ends in.
    pub fn rid(&self, user: &str) -> u32 {
        super::people::rid(user)
    }
    pub fn is_open(&self, logon: usize) -> bool {
        !self.truth.logons[logon].has_ended
    }
}

pub fn account(user: &str) -> String {
    format!("corp\\{}", user.to_lowercase())
}
