//! Administrators with two accounts and jump hosts, and the help desk.

use super::{Location, Shift};
use crate::estate::cast::Role;
use crate::estate::record::{RIGHT, Way};
use crate::estate::stream::Estate;
use crate::estate::{HOUR, MINUTE, Moment, SECOND};
use logonscope::model::event::LogonId;
use std::net::IpAddr;

const MSTSC: &str = "C:\\Windows\\System32\\mstsc.exe";

/// Servers over the jump host of the site, the same few ones mostly, any of them now and then.
pub fn administrator(estate: &mut Estate, shift: &Shift) {
    let person = estate.cast.people[shift.place].clone();
    let Some(admin) = person.admin else { return };
    let jump = jump_of(estate, person.site);
    let tours = estate.dice.about(1.6);
    for _ in 0..tours {
        let at = estate.dice.between(shift.start + 10 * MINUTE, shift.end - HOUR);
        tour(estate, shift, admin, jump, at);
    }
    // The patch night: somebody looks whether all came up.
    let weekday = estate.cast.calendar.weekday(shift.day);
    if weekday == 2 && shift.place.is_multiple_of(3) && shift.location == Location::Office {
        let at = shift.end + estate.dice.between(5, 7) * HOUR;
        tour(estate, shift, admin, jump, at);
    }
    if estate.dice.chance(0.000_8) {
        // A log is full and gets cleared by hand, against the rule.
        let server = servers_of(estate, shift.place)[0];
        let at = estate.dice.between(shift.start, shift.end - HOUR);
        let (who, from) = (estate.person(admin), IpAddr::V4(estate.cast.machines[jump].address));
        let short = estate.cast.machines[jump].short;
        let id = estate.remote_desktop(at, server, who, from, short, true);
        estate.log_cleared(at + 9 * MINUTE, server, (who, id));
        estate.remote_desktop_left(at + 20 * MINUTE, server, who, from, id);
    }
    // Cloud work with the same second account.
    if estate.dice.chance(0.3) {
        let (network, address) = estate.exit(shift);
        let client = estate.computer_client(&person, shift.day, true);
        let at = estate.dice.between(shift.start, shift.end);
        let session = estate.dice.guid();
        let request = crate::estate::cloud::Request::interactive(network, address, client, session);
        estate.sign_in(at, admin, request.to(crate::estate::cloud::PORTAL, crate::estate::cloud::MANAGEMENT).approved());
    }
}

pub fn jump_of(estate: &Estate, site: usize) -> usize {
    let jumps = estate.cast.of_role(Role::Jump);
    jumps[site % jumps.len()]
}

/// Some administrators look after the domain itself.
const fn rules_the_domain(place: usize) -> bool {
    place.is_multiple_of(3)
}

/// The servers somebody looks after.
pub fn servers_of(estate: &Estate, place: usize) -> Vec<usize> {
    let servers: Vec<usize> = estate.servers().into_iter().filter(|host| estate.cast.machines[*host].role != Role::Controller).collect();
    let mut mine: Vec<usize> = (0..6).map(|number| servers[(place * 13 + number * 5) % servers.len()]).collect();
    if rules_the_domain(place) {
        let controllers = estate.cast.of_role(Role::Controller);
        mine.extend([controllers[place % controllers.len()], controllers[(place + 1) % controllers.len()]]);
    }
    mine
}

fn tour(estate: &mut Estate, shift: &Shift, admin: usize, jump: usize, at: Moment) {
    let who = estate.person(admin);
    let person = estate.cast.people[shift.place].clone();
    let desk = estate.cast.machines[person.machine].short;
    let own = person.open.map_or(LogonId(0x3e7), LogonId);
    let (everyday, jump_name) = (estate.person(person.account), estate.cast.machines[jump].full);
    estate.explicit(at - 2 * SECOND, person.machine, (everyday, own), who, jump_name, MSTSC);
    estate.ticket(at - SECOND, shift.controller, who, shift.address, RIGHT);
    let session = estate.remote_desktop(at, jump, who, shift.address, desk, true);
    let from = IpAddr::V4(estate.cast.machines[jump].address);
    let short = estate.cast.machines[jump].short;
    estate.ticket(at + 3 * SECOND, shift.controller, who, from, RIGHT);
    let mine = servers_of(estate, shift.place);
    let mut later = at + 2 * MINUTE;
    for _ in 0..=estate.dice.about(1.2) {
        let server = if estate.dice.chance(0.05) {
            // Any server, for once; controllers are for those who rule the domain.
            let all: Vec<usize> =
                estate.servers().into_iter().filter(|host| estate.cast.machines[*host].role != Role::Controller).collect();
            estate.dice.pick(&all)
        } else {
            estate.dice.pick(&mine)
        };
        if estate.dice.chance(0.5) {
            let id = estate.remote_desktop(later, server, who, from, short, true);
            let end = later + estate.dice.between(4, 50) * MINUTE;
            if estate.dice.chance(0.3) {
                // Left open, and taken up again.
                let client = Some((from, short));
                estate.desktop(end, server, 4779, who, id, client);
                estate.remote_desktop_again(end + 20 * MINUTE, server, who, (from, short), id);
                estate.remote_desktop_left(end + 40 * MINUTE, server, who, from, id);
            } else {
                estate.remote_desktop_left(end, server, who, from, id);
            }
        } else {
            // PowerShell, or a console of Windows.
            if estate.dice.chance(0.5) {
                estate.remote_shell(later, server, who, from);
            } else {
                estate.reach(later, server, who, from, true);
            }
        }
        later += estate.dice.between(3, 25) * MINUTE;
    }
    if estate.dice.chance(0.2) {
        // A program is started as administrator on the own computer.
        estate.explicit(later, person.machine, (everyday, own), who, estate.texts.of("localhost"), "C:\\Windows\\System32\\svchost.exe");
        let short = estate.cast.machines[person.machine].short;
        let way = Way { process: "seclogo", ..Way::CONSOLE };
        let id = estate.logon(later + 100, person.machine, who, way.from(IpAddr::from([127, 0, 0, 1])).at(short).admin(true));
        estate.logoff(later + 12 * MINUTE, person.machine, who, id, 3);
    }
    estate.remote_desktop_left(later + 30 * MINUTE, jump, who, shift.address, session);
}

/// Other people's computers, passwords and accounts.
pub fn help_desk(estate: &mut Estate, shift: &Shift) {
    let person = estate.cast.people[shift.place].clone();
    let who = estate.person(person.account);
    let desk = estate.cast.machines[person.machine].short;
    for _ in 0..estate.dice.about(6.0) {
        let at = estate.dice.between(shift.start + 5 * MINUTE, shift.end - 20 * MINUTE);
        let caller = estate.dice.below(estate.cast.people.len());
        let other = estate.cast.people[caller].clone();
        if other.site != person.site || caller == shift.place {
            continue;
        }
        let account = estate.person(other.account);
        if estate.dice.chance(0.3) {
            // A forgotten password: reset, then used at once.
            estate.change(at, shift.controller, 4724, account, (who, LogonId(0x55_1000)));
            let address = estate.cast.address(other.machine, shift.day, false);
            estate.ticket(at + 3 * MINUTE, shift.controller, account, address, RIGHT);
        } else if estate.dice.chance(0.5) {
            estate.reach(at, other.machine, who, shift.address, true);
        } else {
            let id = estate.remote_desktop(at, other.machine, who, shift.address, desk, true);
            let end = at + estate.dice.between(4, 18) * MINUTE;
            estate.remote_desktop_left(end, other.machine, who, shift.address, id);
        }
    }
    for place in 0..estate.cast.people.len() {
        // Who left is shut out in the evening, mostly.
        let other = &estate.cast.people[place];
        if other.until_day == shift.day && other.site == person.site && estate.dice.chance(0.8) {
            let account = estate.person(estate.cast.people[place].account);
            estate.change(shift.end - 10 * MINUTE, shift.controller, 4725, account, (who, LogonId(0x55_1000)));
        }
    }
    if estate.dice.chance(0.15) {
        // Somebody new begins: the account is made days before it is used.
        let new: Vec<usize> =
            estate.cast.people.iter().filter(|other| other.from_day == shift.day + 2).map(|other| other.account).collect();
        for account in new {
            let account = estate.person(account);
            let at = shift.start + 3 * HOUR;
            for (delay, id) in [(0, 4720), (200, 4722), (400, 4724)] {
                estate.change(at + delay, shift.controller, id, account, (who, LogonId(0x55_1000)));
            }
            estate.joins(at + 9 * SECOND, shift.controller, account, false, (who, LogonId(0x55_1000)));
        }
    }
}
