//! What runs by itself: services, tasks, monitoring, scanners, roll-outs, patch nights.

use super::desk;
use crate::estate::cast::Role;
use crate::estate::record::{NO_SUCH_USER, RIGHT, WRONG_PASSWORD, Way};
use crate::estate::stream::Estate;
use crate::estate::{HOUR, MINUTE, Moment, SECOND};
use logonscope::model::event::{Identity, LogonId};
use std::net::IpAddr;

/// Services were started before the log begins; the first restart tells.
pub fn settle(_estate: &mut Estate) {}

impl Estate {
    fn service_host(&self, place: usize, day: i64) -> usize {
        let service = &self.cast.services[place];
        match service.moves {
            Some((from, host)) if day >= from => host,
            _ => service.hosts[0],
        }
    }
    fn service_run(&mut self, at: Moment, place: usize, day: i64) {
        let service = self.cast.services[place].clone();
        let host = self.service_host(place, day);
        let (who, from) = (self.person(service.account), IpAddr::V4(self.cast.machines[host].address));
        let short = self.cast.machines[host].short;
        let controller = self.cast.controller(self.cast.machines[host].site, day, host);
        if service.uses_ntlm {
            let user = self.cast.accounts[service.account].user;
            self.ntlm_check(at - 4, controller, user, short, RIGHT);
            self.visit(at, service.target, who, Way::NTLM.from(from).at(short));
        } else {
            self.reach(at, service.target, who, from, false);
        }
    }
    fn task(&mut self, at: Moment, place: usize, day: i64) {
        let account = self.cast.services[place].account;
        let (host, who) = (self.service_host(place, day), self.person(account));
        let short = self.cast.machines[host].short;
        let id = self.logon(at, host, who, Way::BATCH.at(short));
        self.service_run(at + 3 * SECOND, place, day);
        let end = at + self.dice.between(1, 20) * MINUTE;
        self.record(end, host, crate::estate::record::SECURITY, 4634, |event, _| {
            event.account = who;
            event.logon_id = id;
            event.logon_type = logonscope::model::logon_type::LogonType::Batch;
        });
    }
    /// A server goes down and comes up with its services.
    fn restart(&mut self, at: Moment, host: usize, day: i64) {
        self.record(at - 50 * SECOND, host, crate::estate::record::SYSTEM, 13, |_, _| {});
        desk::boot(self, at, host);
        let services: Vec<usize> = (0..self.cast.services.len()).filter(|place| self.cast.services[*place].hosts.contains(&host)).collect();
        for place in services {
            let moved = self.cast.services[place].moves.is_some_and(|(from, _)| day >= from);
            let (who, short) = (self.person(self.cast.services[place].account), self.cast.machines[host].short);
            if !moved {
                let delay = self.dice.between(20, 90) * SECOND;
                self.logon(at + delay, host, who, Way::SERVICE.at(short));
            }
        }
        let controller = self.cast.controller(self.cast.machines[host].site, day, host);
        let from = IpAddr::V4(self.cast.machines[host].address);
        self.machine_refresh(at + 15 * SECOND, host, controller, from);
    }
    pub fn servers(&self) -> Vec<usize> {
        (0..self.cast.machines.len()).filter(|host| self.cast.is_server(*host)).collect()
    }
}

pub fn day_of(estate: &mut Estate, site: usize, day: i64, midnight: Moment) {
    for place in 0..estate.cast.services.len() {
        let (host, task) = (estate.service_host(place, day), estate.cast.services[place].task);
        if estate.cast.machines[host].site != site {
            continue;
        }
        if let Some(minute) = task {
            let delay = estate.dice.between(0, 20) * SECOND;
            estate.task(midnight + minute * MINUTE + delay, place, day);
        }
        if estate.cast.services[place].moves.is_some_and(|(from, _)| from == day) {
            let (who, short) = (estate.person(estate.cast.services[place].account), estate.cast.machines[host].short);
            estate.logon(midnight + 11 * HOUR, host, who, Way::SERVICE.at(short));
        }
    }
    let weekday = estate.cast.calendar.weekday(day);
    // The second Tuesday's patches reach the servers of a site in the night to Thursday.
    if weekday == 3 && (8..15).contains(&chrono::Datelike::day(&estate.cast.calendar.date(day)).saturating_sub(1)) {
        for host in estate.servers() {
            if estate.cast.machines[host].site == site {
                let at = midnight + estate.dice.between(30, 210) * MINUTE;
                estate.restart(at, host, day);
            }
        }
    }
    if weekday == 5 && site == 0 {
        scan(estate, day, midnight + 20 * HOUR);
    }
    if weekday < 5 {
        // A few computers every day, many when something new comes.
        let share = if weekday == 1 && day % 14 == 8 { 0.2 } else { 0.02 };
        roll_out(estate, site, midnight + 10 * HOUR, share);
    }
    // Servers refresh their own tickets.
    for host in estate.servers() {
        if estate.cast.machines[host].site == site && estate.cast.machines[host].role != Role::Controller {
            let controller = estate.cast.controller(site, day, host);
            let from = IpAddr::V4(estate.cast.machines[host].address);
            for slot in 0..3 {
                let at = midnight + slot * 8 * HOUR + estate.dice.between(0, 7 * 60) * MINUTE;
                estate.machine_refresh(at, host, controller, from);
            }
        }
    }
    if estate.dice.chance(0.02) {
        // The host of a virtual machine was suspended: its clock catches up, by the time service.
        let hosts = estate.cast.of_role(Role::Virtual);
        let host = hosts[estate.dice.clone().below(hosts.len())];
        let system =
            Identity { user: estate.texts.of("SYSTEM"), domain: estate.texts.of("NT AUTHORITY"), sid: estate.texts.of("S-1-5-18") };
        estate.clock_set(midnight + 9 * HOUR, host, (system, LogonId(0x3e5)), "+131");
    }
}

/// Services with a rhythm, and monitoring.
pub fn hour_of(estate: &mut Estate, hour: i64, at: Moment) {
    let day = hour / 24;
    for place in 0..estate.cast.services.len() {
        let service = &estate.cast.services[place];
        if service.task.is_some() {
            continue;
        }
        let every = service.every;
        let mut run = (place as i64 * 7 * MINUTE).rem_euclid(every);
        // Whole multiples of the rhythm since the beginning, within this hour.
        let since = hour * HOUR;
        run += (since - run + every - 1).div_euclid(every) * every;
        while run < since + HOUR {
            let jitter = estate.dice.between(0, 4_000);
            estate.service_run(at + run - since + jitter, place, day);
            run += every;
        }
    }
    let monitor = estate.cast.of_role(Role::Monitor)[0];
    let (who, from) = (estate.person(estate.cast.monitor), IpAddr::V4(estate.cast.machines[monitor].address));
    for (place, host) in estate.servers().into_iter().enumerate() {
        if hour % 4 == place as i64 % 4 {
            estate.reach(at + place as i64 * 700 % HOUR, host, who, from, true);
        }
    }
}

/// A vulnerability scanner: with its account at every host, and with names and passwords that everybody knows.
fn scan(estate: &mut Estate, day: i64, at: Moment) {
    let scanner = estate.cast.of_role(Role::Scanner)[0];
    let from = super::oddities::scanner_address(estate.cast.machines[scanner].address, day, estate.scale.days);
    let (who, short) = (estate.person(estate.cast.scanner), estate.cast.machines[scanner].short);
    let user = estate.cast.accounts[estate.cast.scanner].user;
    let controller = estate.cast.controller(0, day, scanner);
    let known = estate.texts.of("Administrator");
    let hosts = estate.cast.machines.len();
    for host in 0..hosts {
        let at = at + (host as i64 * 6 * HOUR) / hosts as i64;
        let is_server = estate.cast.is_server(host);
        // Computers of people are mostly off on a Saturday night.
        if !is_server && estate.dice.chance(0.8) {
            continue;
        }
        estate.ntlm_check(at, controller, user, short, RIGHT);
        estate.visit(at + 3, host, who, Way::NTLM.from(from).at(short).admin(true));
        if is_server {
            for (delay, code) in [(2, WRONG_PASSWORD), (5, NO_SUCH_USER)] {
                let name = if code == NO_SUCH_USER { estate.texts.of("WORKSTATION") } else { known };
                estate.failed(at + delay * SECOND, host, name, Way::NTLM.from(from).at(short), code);
            }
        }
    }
}

/// New software for a share of the computers of a site.
fn roll_out(estate: &mut Estate, site: usize, at: Moment, share: f64) {
    let deploy = estate.cast.of_role(Role::Deploy)[0];
    let from = IpAddr::V4(estate.cast.machines[deploy].address);
    let who = estate.person(estate.cast.deploy);
    for host in 0..estate.cast.machines.len() {
        if estate.cast.machines[host].site == site && !estate.cast.is_server(host) && estate.dice.chance(share) {
            let delay = estate.dice.between(0, 3 * HOUR);
            estate.reach(at + delay, host, who, from, true);
        }
    }
}
