//! One computer: what it numbers, what it audits, what of its records is collected.

use super::Moment;
use super::record::{Log, Record, SECURITY, members};
use super::sim::Sim;
use std::collections::HashMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Workstation,
    FileServer,
    /// People and administrators work on it by Remote Desktop.
    TerminalServer,
    AppServer,
    Controller,
}

pub struct Host {
    /// Whole name.
    pub name: String,
    pub short: String,
    pub address: String,
    pub role: Role,
    pub is_up: bool,
    pub is_starting: bool,
    /// "Other Logon/Logoff Events" are audited: 4778, 4779, 4800, 4801.
    pub audits_desktops: bool,
    /// Only its Security log is collected.
    pub security_only: bool,
    /// Its Security log is not collected.
    pub without_security: bool,
    /// Nothing of it is collected in this time.
    pub blind: Option<(Moment, Moment)>,
    next_logon_id: u64,
    numbers: HashMap<&'static str, u64>,
    pub next_desktop: u32,
    /// Logon sessions without an end so far that the records tell, by `LogonId`.
    pub told_open: HashMap<u64, usize>,
    /// Logon sessions that are really there.
    pub really_open: Vec<usize>,
    /// Sessions as shown that were there when it went down.
    pub went_down: Vec<usize>,
    /// Time of its newest record that was collected.
    pub last_told: Moment,
}

impl Host {
    pub fn new(short: &str, address: String, role: Role) -> Self {
        Self {
            name: format!("{}.corp.example", short.to_lowercase()),
            short: short.to_owned(),
            address,
            role,
            is_up: false,
            is_starting: false,
            audits_desktops: true,
            security_only: false,
            without_security: false,
            blind: None,
            next_logon_id: 0,
            numbers: HashMap::new(),
            next_desktop: 1,
            told_open: HashMap::new(),
            really_open: Vec::new(),
            went_down: Vec::new(),
            last_told: 0,
        }
    }
    /// Numbers begin anew and meet those of the boot before.
    pub fn begin_boot(&mut self) {
        self.next_logon_id = 0x1_0000;
        self.next_desktop = 1;
    }
}

impl Sim {
    /// A new `LogonId` of the host; some are above 32 bits.
    pub fn logon_id(&mut self, host: usize) -> u64 {
        let step = u64::try_from(self.dice.between(1, 4)).unwrap() * 0x111;
        let row = &mut self.hosts[host];
        row.next_logon_id += step;
        if row.role == Role::Controller { row.next_logon_id | 0x1_0000_0000 } else { row.next_logon_id }
    }
    /// The host writes a record; says whether it was collected.
    pub fn write(&mut self, host: usize, log: Log, id: u32, pairs: &[(&str, &str)]) -> bool {
        let at = self.now;
        let row = &mut self.hosts[host];
        let number = row.numbers.entry(log.channel).or_insert(1_000);
        *number += 1;
        let is_blind = row.blind.is_some_and(|(from, to)| (from..to).contains(&at));
        let is_security = log.channel == SECURITY.channel;
        let is_left_out = if is_security { row.without_security } else { row.security_only };
        if is_blind || is_left_out {
            return false;
        }
        row.last_told = row.last_told.max(at);
        self.records.push(Record { at, host, log, id, number: *number, data: members(pairs) });
        true
    }
    /// As `write`, of Security.
    pub fn audit(&mut self, host: usize, id: u32, pairs: &[(&str, &str)]) -> bool {
        self.write(host, SECURITY, id, pairs)
    }
    /// A record that is written and lost on its way.
    pub fn lose(&mut self, host: usize) {
        *self.hosts[host].numbers.entry(SECURITY.channel).or_insert(1_000) += 1;
    }
}
