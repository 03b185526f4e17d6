//! What everybody and everything does on ordinary days, oddities of honest work included.

pub mod admins;
pub mod desk;
pub mod internet;
pub mod oddities;
pub mod online;
pub mod servers;
pub mod workloads;

use super::cast::{Person, Role, Work};
use super::places::Network;
use super::stream::Estate;
use super::{HOUR, MINUTE, Moment};
use std::net::{IpAddr, Ipv4Addr};

/// Where somebody works on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Location {
    Office,
    Home,
    Abroad(usize),
}

/// Somebody's day at work.
#[derive(Clone, Copy, Debug)]
pub struct Shift {
    pub place: usize,
    pub day: i64,
    pub start: Moment,
    pub end: Moment,
    pub location: Location,
    /// Address of the computer in the organisation's network.
    pub address: IpAddr,
    pub controller: usize,
}

/// What stands before the first day.
pub fn settle(estate: &mut Estate) {
    servers::settle(estate);
}

pub fn day_of(estate: &mut Estate, site: usize, day: i64, midnight: Moment) {
    for place in 0..estate.cast.people.len() {
        if estate.cast.people[place].site == site {
            person(estate, place, day, midnight);
        }
    }
    oddities::power_cut(estate, site, day, midnight);
    servers::day_of(estate, site, day, midnight);
}

pub fn hour_of(estate: &mut Estate, hour: i64, at: Moment) {
    servers::hour_of(estate, hour, at);
    workloads::hour_of(estate, hour, at);
    internet::hour_of(estate, at);
}

/// Minutes after midnight at which the day begins, for those whom a rota tells; nothing on their free days.
fn rota(person: &Person, place: usize, day: i64) -> Option<i64> {
    let week = (day / 7 + place as i64) % 3;
    // Five days on, two off, each crew at another day of the week.
    ((day + place as i64) % 7 < 5).then_some(match (person.work, week) {
        (Work::Shifts, 1) => 14 * 60,
        (Work::Shifts, 2) => 22 * 60,
        _ => person.starts,
    })
}

impl Estate {
    /// Whether somebody is at work on a day, and how the day runs.
    pub fn shift(&mut self, place: usize, day: i64, midnight: Moment) -> Option<Shift> {
        let person = self.cast.people[place].clone();
        let works_shifts = matches!(person.work, Work::Shifts | Work::Counter);
        let is_free = (person.away.0..person.away.1).contains(&day)
            || (!works_shifts && (self.cast.calendar.is_weekend(day) || self.cast.holidays[person.site] == day));
        let trip = person.trip.filter(|(from, until, _)| (*from..*until).contains(&day));
        // A few work on a Saturday or in their holidays.
        if is_free && trip.is_none() && !self.dice.chance(0.012) {
            return None;
        }
        let starts = if works_shifts { rota(&person, place, day)? } else { person.starts };
        let location = match trip {
            Some((.., country)) => Location::Abroad(country),
            None if is_free || person.home_days[(self.cast.calendar.weekday(day) % 5) as usize] => Location::Home,
            None if person.work == Work::Field && self.dice.chance(0.6) => Location::Home,
            None => Location::Office,
        };
        // A late morning, a long evening.
        let late = if self.dice.chance(0.03) { self.dice.between(60, 240) } else { 0 };
        let over = if self.dice.chance(0.02) { self.dice.between(60, 260) } else { 0 };
        let start = midnight + (starts + self.dice.round(18) + late) * MINUTE + self.dice.between(0, MINUTE);
        let end = midnight + (starts + person.length + self.dice.round(35) + over) * MINUTE;
        let has_laptop = self.cast.machines[person.machine].role == Role::Laptop;
        let location = if has_laptop { location } else { Location::Office };
        let address = self.cast.address(person.machine, day, location != Location::Office);
        let controller = self.cast.controller(person.site, day, person.machine);
        Some(Shift { place, day, start, end: end.max(start + HOUR), location, address, controller })
    }
    /// Where the computer of a shift, or the person's phone, comes out into the Internet.
    pub fn exit(&mut self, shift: &Shift) -> (Network, IpAddr) {
        let person = &self.cast.people[shift.place];
        let places = &self.cast.places;
        if person.uses_proxy {
            let exit = [0, 0, 1, 2][person.site];
            return (places.proxies[exit], places.proxies[exit].address((shift.day as u16 * 7 + shift.place as u16) % 40));
        }
        match shift.location {
            Location::Office => {
                let office = places.sites[person.site].office;
                (office, office.address(1 + shift.place as u16 % 3))
            }
            Location::Home => self.home(shift.place, shift.day),
            Location::Abroad(country) => {
                let hotel = places.abroad[country];
                (hotel, hotel.address(shift.place as u16 * 31 + shift.day as u16 / 2))
            }
        }
    }
    /// At home the provider gives another address every two weeks or so.
    pub fn home(&self, place: usize, day: i64) -> (Network, IpAddr) {
        let person = &self.cast.people[place];
        let lease = (day + place as i64 % 14) / 14;
        (person.home, person.home.address(person.home_number.wrapping_add(lease as u16 * 911)))
    }
    /// A carrier sends its customers out through few exits of its own choice, also when they travel.
    pub fn mobile(&mut self, place: usize) -> (Network, IpAddr) {
        let person = &self.cast.people[place];
        let carriers = &self.cast.places.sites[person.site].carriers;
        let network = carriers[person.carrier * 2 + usize::from(self.dice.chance(0.25))];
        (network, network.address(self.dice.between(1, 4_000) as u16))
    }
}

/// A thin client, or a device without a record of its own.
pub fn thin(site: usize, place: usize) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(10, 10 + site as u8, 140 + (place / 240 % 40) as u8, 10 + (place % 240) as u8))
}

fn person(estate: &mut Estate, place: usize, day: i64, midnight: Moment) {
    oddities::changes(estate, place, day);
    let person = estate.cast.people[place].clone();
    if day < person.from_day {
        return;
    }
    if day >= person.until_day {
        online::left(estate, place, day, midnight);
        return;
    }
    online::phone_day(estate, place, day, midnight);
    let Some(shift) = estate.shift(place, day, midnight) else { return };
    match person.work {
        Work::Counter => desk::counter(estate, &shift),
        Work::Virtual => desk::virtual_desktop(estate, &shift),
        _ => {
            desk::own(estate, &shift);
            oddities::at_desk(estate, &shift);
        }
    }
    online::computer_day(estate, &shift);
    if person.admin.is_some() {
        admins::administrator(estate, &shift);
    }
    if person.is_helpdesk {
        admins::help_desk(estate, &shift);
    }
    if person.work == Work::Field && estate.dice.chance(0.25) {
        desk::exposed(estate, &shift);
    }
}
