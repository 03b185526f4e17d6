//! Honest things that look odd: what happens in every organisation now and then, and what nobody means ill by.

use super::{Location, Shift, desk};
use crate::estate::cast::{Role, Work};
use crate::estate::record::{RIGHT, WRONG_PASSWORD, Way};
use crate::estate::stream::Estate;
use crate::estate::{HOUR, MINUTE, Moment, SECOND};
use logonscope::base::intern::Symbol;
use logonscope::model::event::Identity;
use std::net::{IpAddr, Ipv4Addr};

/// The site whose power fails, the day on which a department moves to other servers, and the one from which on the scanner
/// stands at another address: all in the second half of a month.
const DARK_SITE: usize = 2;
const MOVED_SITE: usize = 1;

const fn dark_day(days: i64) -> i64 {
    days * 3 / 5
}
const fn moving_day(days: i64) -> i64 {
    days * 2 / 3
}

/// What changes for somebody before the day begins: a new computer, another carrier, other servers.
pub fn changes(estate: &mut Estate, place: usize, day: i64) {
    let days = estate.scale.days;
    let person = &mut estate.cast.people[place];
    if let Some((from, machine)) = person.next_machine
        && from == day
    {
        person.machine = machine;
        person.device = person.next_device;
        person.device_name = estate.cast.machines[machine].short;
        person.open = None;
    }
    let person = &mut estate.cast.people[place];
    if place % 60 == 7 && day == days / 2 + place as i64 % 5 {
        person.carrier = 1 - person.carrier;
    }
    if person.site == MOVED_SITE && day == moving_day(days) && place.is_multiple_of(3) {
        let files = estate.cast.of_role(Role::File);
        estate.cast.people[place].files[0] = files[(place / 3 % 2 + 2) % files.len()];
    }
}

/// Where a scanner stands on a day: the appliance was replaced.
pub fn scanner_address(address: Ipv4Addr, day: i64, days: i64) -> IpAddr {
    let [first, second, third, last] = address.octets();
    IpAddr::V4(Ipv4Addr::new(first, second, if day > days / 2 { third + 3 } else { third }, last))
}

/// What happens to somebody at an own computer beside the day's work.
pub fn at_desk(estate: &mut Estate, shift: &Shift) {
    if estate.dice.chance(0.003) {
        stored_password(estate, shift);
    }
    if shift.location == Location::Office && estate.dice.chance(0.002) {
        other_desk(estate, shift);
    }
    if shift.location != Location::Office && estate.dice.chance(0.002) {
        sleepless(estate, shift);
    }
}

/// A password manager holds the old password: it is tried some times, then typed.
fn stored_password(estate: &mut Estate, shift: &Shift) {
    let person = estate.cast.people[shift.place].clone();
    let account = estate.cast.accounts[person.account].clone();
    let by_principal_name = shift.place.is_multiple_of(4);
    let user = if by_principal_name { account.upn } else { account.user };
    let short = estate.cast.machines[person.machine].short;
    let way = Way::NTLM.from(shift.address).at(short);
    let mut at = estate.dice.between(shift.start + 20 * MINUTE, shift.end);
    for _ in 0..estate.dice.between(3, 7) {
        estate.failed(at, person.web, user, way, WRONG_PASSWORD);
        at += estate.dice.between(2, 25) * SECOND;
    }
    estate.ntlm_check(at, shift.controller, account.user, short, RIGHT);
    let who = estate.person(person.account);
    estate.visit(at + 3, person.web, if by_principal_name { Identity { user, domain: Symbol::NONE, ..who } } else { who }, way);
}

/// At the desk of a colleague, to show something.
fn other_desk(estate: &mut Estate, shift: &Shift) {
    let person = estate.cast.people[shift.place].clone();
    let other = estate.dice.below(estate.cast.people.len());
    let other = &estate.cast.people[other];
    if other.site != person.site || matches!(other.work, Work::Counter | Work::Virtual | Work::Field) {
        return;
    }
    let host = other.machine;
    let who = estate.person(person.account);
    let (from, short) = (estate.cast.address(host, shift.day, false), estate.cast.machines[host].short);
    let at = estate.dice.between(shift.start + HOUR, shift.end - HOUR);
    estate.ticket(at - SECOND, shift.controller, who, from, RIGHT);
    let id = estate.logon(at, host, who, Way::CONSOLE.from(IpAddr::from([127, 0, 0, 1])).at(short));
    for (step, server) in person.files.into_iter().enumerate() {
        estate.reach(at + (step as i64 + 1) * MINUTE, server, who, from, false);
    }
    estate.logoff(at + 25 * MINUTE, host, who, id, 2);
}

/// Somebody at home cannot sleep, and works.
fn sleepless(estate: &mut Estate, shift: &Shift) {
    let person = estate.cast.people[shift.place].clone();
    let (host, who) = (person.machine, estate.person(person.account));
    let at = shift.end + estate.dice.between(5 * 60, 9 * 60) * MINUTE;
    let from = estate.cast.address(host, shift.day, true);
    let short = estate.cast.machines[host].short;
    let id = estate.logon(at, host, who, Way::CACHED.from(IpAddr::from([127, 0, 0, 1])).at(short));
    estate.machine_refresh(at + 2 * MINUTE, host, shift.controller, from);
    estate.ticket(at + 2 * MINUTE + SECOND, shift.controller, who, from, RIGHT);
    estate.reach(at + 6 * MINUTE, person.files[0], who, from, false);
    estate.logoff(at + HOUR, host, who, id, 2);
}

/// The power fails: all computers of a site start again within minutes, and everybody logs on anew.
pub fn power_cut(estate: &mut Estate, site: usize, day: i64, midnight: Moment) {
    if site != DARK_SITE || day != dark_day(estate.scale.days) || estate.cast.calendar.is_weekend(day) {
        return;
    }
    let begin = midnight + 13 * HOUR;
    for place in 0..estate.cast.people.len() {
        let person = estate.cast.people[place].clone();
        let is_there = person.from_day <= day && person.until_day > day && !(person.away.0..person.away.1).contains(&day);
        if person.site != site || !is_there || estate.cast.machines[person.machine].role != Role::Desktop || person.work == Work::Shifts {
            continue;
        }
        let (host, who) = (person.machine, estate.person(person.account));
        let from = estate.cast.address(host, day, false);
        let (short, controller) = (estate.cast.machines[host].short, estate.cast.controller(site, day, host));
        let at = begin + estate.dice.between(0, 20) * MINUTE;
        desk::boot(estate, at, host);
        estate.machine_refresh(at + 20 * SECOND, host, controller, from);
        let back = at + estate.dice.between(1, 15) * MINUTE;
        estate.ticket(back - SECOND, controller, who, from, RIGHT);
        estate.logon(back, host, who, Way::CONSOLE.from(IpAddr::from([127, 0, 0, 1])).at(short));
        estate.reach(back + MINUTE, person.files[0], who, from, false);
    }
}
