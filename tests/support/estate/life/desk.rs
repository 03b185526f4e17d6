//! A day at a computer: logons, locks, servers, mistakes.

use super::{Location, Shift, thin};
use crate::estate::cast::{Person, Role};
use crate::estate::record::{NO_SUCH_USER, RIGHT, WRONG_PASSWORD, Way};
use crate::estate::stream::Estate;
use crate::estate::{HOUR, MINUTE, Moment, SECOND};
use logonscope::model::event::{Identity, LogonId};
use std::net::IpAddr;

/// 4771 and 4768 codes.
const BAD_PASSWORD: u32 = 0x18;
const REVOKED: u32 = 0x12;

impl Estate {
    /// A password mistyped at a host that asks a controller.
    fn mistype(&mut self, at: Moment, shift: &Shift, host: usize, way: Way) {
        let person = &self.cast.people[shift.place];
        let account = person.account;
        let user = self.cast.accounts[account].user;
        let short = self.cast.machines[host].short;
        // Now and then it is the name that is wrong.
        let code = if self.dice.chance(0.04) { NO_SUCH_USER } else { WRONG_PASSWORD };
        self.failed(at, host, user, way.at(short), code);
        if code == WRONG_PASSWORD {
            let who = self.person(account);
            self.refused_ticket(at - 3, shift.controller, who, shift.address, BAD_PASSWORD);
        }
    }
    /// Tickets that Windows asks for when somebody comes in.
    fn tickets(&mut self, at: Moment, shift: &Shift, from: IpAddr, host: usize) {
        let account = self.cast.people[shift.place].account;
        let (who, name) = (self.person(account), self.cast.accounts[account].ticket_name);
        if shift.place.is_multiple_of(6) {
            self.ticket_by_card(at, shift.controller, who, from);
        } else {
            self.ticket(at, shift.controller, who, from, RIGHT);
        }
        // Windows itself writes one for every logon at a screen.
        let (own, here) = (self.computer(host), self.texts.of("localhost"));
        self.explicit(at + 39, host, (own, LogonId(0x3e7)), who, here, "C:\\Windows\\System32\\svchost.exe");
        let own = self.cast.machines[host].account.user;
        self.service_ticket(at + 20, shift.controller, name, own, from, 0x12);
        self.reach(at + 400, shift.controller, who, from, false);
    }
    /// What the computer itself asks of the domain.
    pub fn machine_refresh(&mut self, at: Moment, host: usize, controller: usize, from: IpAddr) {
        let who = self.computer(host);
        self.ticket(at, controller, who, from, RIGHT);
        self.reach(at + 150, controller, who, from, false);
    }
    /// A server reached over the network.
    fn errand(&mut self, at: Moment, shift: &Shift, server: usize, from: IpAddr) {
        let person = &self.cast.people[shift.place];
        let (account, machine, asks_ntlm) = (person.account, person.machine, person.uses_ntlm && server == person.web);
        let who = self.person(account);
        if asks_ntlm && shift.place.is_multiple_of(3) {
            // A page of the intranet asks for the password itself.
            let way = Way { logon_type: 8, process: "Advapi", image: "C:\\Windows\\System32\\inetsrv\\w3wp.exe", ..Way::KERBEROS };
            let id = self.logon(at, server, who, Way { package: "Negotiate", ..way }.from(from));
            self.logoff(at + 2_000, server, who, id, 3);
            return;
        }
        if self.dice.chance(0.01) {
            let nobody =
                Identity { user: self.texts.of("ANONYMOUS LOGON"), domain: self.texts.of("NT AUTHORITY"), sid: self.texts.of("S-1-5-7") };
            self.visit(at - 400, server, nobody, Way::NTLM.from(from).at(self.cast.machines[machine].short));
        }
        if asks_ntlm {
            let (user, short) = (self.cast.accounts[account].user, self.cast.machines[machine].short);
            self.ntlm_check(at, shift.controller, user, short, RIGHT);
            self.visit(at + 4, server, who, Way::NTLM.from(from).at(short));
            return;
        }
        self.reach(at, server, who, from, false);
    }
    pub fn errands(&mut self, shift: &Shift, from: IpAddr) {
        let person = self.cast.people[shift.place].clone();
        let mut times: Vec<Moment> = (0..self.dice.about(4.5)).map(|_| self.dice.between(shift.start + 12 * MINUTE, shift.end)).collect();
        times.sort_unstable();
        for at in times {
            let server = self.destination(&person);
            self.errand(at, shift, server, from);
        }
    }
    fn destination(&mut self, person: &Person) -> usize {
        match (self.dice.between(0, 100), person.sql) {
            (0..55, _) => person.files[0],
            (55..70, _) => person.files[1],
            (70..85, _) => person.web,
            (85..94, Some(sql)) => sql,
            (94..97, _) => {
                let role = self.dice.pick(&[Role::File, Role::Web, Role::App]);
                let any = self.cast.of_role(role);
                any[self.dice.clone().below(any.len())]
            }
            _ => {
                let printers = self.cast.of_role(Role::Print);
                printers[person.site % printers.len()]
            }
        }
    }
}

/// At a computer of one's own, or a laptop anywhere.
pub fn own(estate: &mut Estate, shift: &Shift) {
    let person = estate.cast.people[shift.place].clone();
    let (host, who) = (person.machine, estate.person(person.account));
    let is_inside = shift.location == Location::Office;
    let boots = estate.dice.chance(if estate.cast.machines[host].role == Role::Laptop { 0.3 } else { 0.15 });
    let local = IpAddr::from([127, 0, 0, 1]);
    let mut at = shift.start;
    if boots || person.open.is_none() {
        if boots {
            boot(estate, at - 90 * SECOND, host);
        }
        if is_inside {
            estate.machine_refresh(at - 60 * SECOND, host, shift.controller, shift.address);
        }
    }
    if estate.dice.chance(0.04) {
        let way = if person.open.is_some() { Way::UNLOCK } else { Way::CONSOLE };
        for _ in 0..=estate.dice.below(2) {
            estate.mistype(at, shift, host, way.from(local));
            at += estate.dice.between(4, 15) * SECOND;
        }
    }
    if is_inside && estate.dice.chance(0.012) {
        expired(estate, at, shift, host);
        at += 40 * SECOND;
    }
    let session = match person.open.filter(|_| !boots) {
        Some(open) => {
            let id = LogonId(open);
            unlock(estate, at, host, shift, id);
            id
        }
        None => {
            let way = if is_inside { Way::CONSOLE } else { Way::CACHED };
            let short = estate.cast.machines[host].short;
            if is_inside {
                estate.tickets(at - 40, shift, shift.address, host);
            }
            estate.logon(at, host, who, way.from(local).at(short))
        }
    };
    if !is_inside {
        // The VPN comes up a little later.
        at += estate.dice.between(1, 9) * MINUTE;
        estate.machine_refresh(at, host, shift.controller, shift.address);
        estate.tickets(at + SECOND, shift, shift.address, host);
    }
    let mut later = at + estate.dice.between(1, 4) * HOUR;
    while later < shift.end {
        estate.machine_refresh(later, host, shift.controller, shift.address);
        later += estate.dice.between(2, 6) * HOUR;
    }
    for _ in 0..estate.dice.about(2.5) {
        let lock = estate.dice.between(shift.start + 20 * MINUTE, shift.end - 10 * MINUTE);
        estate.desktop(lock, host, 4800, who, session, None);
        let back = lock + estate.dice.between(3, 55) * MINUTE;
        if estate.dice.chance(0.03) {
            estate.mistype(back - 8 * SECOND, shift, host, Way::UNLOCK.from(local));
        }
        unlock(estate, back, host, shift, session);
    }
    estate.errands(shift, shift.address);
    let stays = estate.dice.chance(0.5);
    if stays {
        estate.desktop(shift.end, host, 4800, who, session, None);
    } else {
        estate.logoff(shift.end, host, who, session, 2);
    }
    estate.cast.people[shift.place].open = stays.then_some(session.0);
}

fn unlock(estate: &mut Estate, at: Moment, host: usize, shift: &Shift, session: LogonId) {
    let account = estate.cast.people[shift.place].account;
    let who = estate.person(account);
    if shift.location == Location::Office {
        estate.ticket(at - 30, shift.controller, who, shift.address, RIGHT);
    }
    let short = estate.cast.machines[host].short;
    let way = if shift.location == Location::Office { Way::UNLOCK } else { Way { logon_type: 13, ..Way::UNLOCK } };
    let id = estate.logon(at, host, who, way.from(IpAddr::from([127, 0, 0, 1])).at(short));
    estate.desktop(at + 5, host, 4801, who, session, None);
    estate.record(at + 40, host, crate::estate::record::SECURITY, 4634, |event, _| {
        event.account = who;
        event.logon_id = id;
        event.logon_type = logonscope::model::logon_type::LogonType::from_number(way.logon_type);
    });
}

pub fn boot(estate: &mut Estate, at: Moment, host: usize) {
    estate.record(at, host, crate::estate::record::SYSTEM, 12, |_, _| {});
    estate.record(at + 800, host, crate::estate::record::SECURITY, 4608, |_, _| {});
    let system = logonscope::model::event::Identity {
        user: estate.texts.of("SYSTEM"),
        domain: estate.texts.of("NT AUTHORITY"),
        sid: estate.texts.of("S-1-5-18"),
    };
    for (delay, logon_type) in [(900, 0), (1_500, 5)] {
        estate.record(at + delay, host, crate::estate::record::SECURITY, 4624, |event, _| {
            event.account = system;
            event.logon_id = LogonId(0x3e7);
            event.logon_type = logonscope::model::logon_type::LogonType::from_number(logon_type);
        });
    }
}

/// The password ran out; it is changed, and a forgotten session or mapped drive goes on with the old one.
fn expired(estate: &mut Estate, at: Moment, shift: &Shift, host: usize) {
    let person = estate.cast.people[shift.place].clone();
    let who = estate.person(person.account);
    let user = estate.cast.accounts[person.account].user;
    estate.ticket(at, shift.controller, who, shift.address, 0x17);
    estate.failed(at + 20, host, user, Way::CONSOLE.from(IpAddr::from([127, 0, 0, 1])), crate::estate::record::EXPIRED);
    estate.change(at + 25 * SECOND, shift.controller, 4723, who, (who, LogonId(0x3e7)));
    if !estate.dice.chance(0.3) {
        return;
    }
    // Wherever the old password is stored, it is tried again and again until somebody finds it.
    let elsewhere = thin(person.site, shift.place + 3_000);
    let (mut later, mut tries) = (at + estate.dice.between(2, 40) * MINUTE, 0);
    let pace = estate.dice.pick(&[5, 15, 30, 60]) * MINUTE;
    let until = at + estate.dice.between(2, 30) * HOUR;
    while later < until {
        tries += 1;
        let is_locked = pace <= 5 * MINUTE && tries % 12 > 9;
        if is_locked {
            estate.ticket(later, shift.controller, who, elsewhere, REVOKED);
        } else {
            estate.refused_ticket(later, shift.controller, who, elsewhere, BAD_PASSWORD);
        }
        if pace <= 5 * MINUTE && tries == 10 {
            let short = estate.cast.machines[host].short;
            estate.locked_out(later + 5, shift.controller, who, short);
        }
        later += pace + estate.dice.between(0, 20) * SECOND;
    }
}

/// At shared computers: short logons at whichever is free.
pub fn counter(estate: &mut Estate, shift: &Shift) {
    let person = estate.cast.people[shift.place].clone();
    let who = estate.person(person.account);
    let desks: Vec<usize> =
        estate.cast.of_role(Role::Shared).iter().copied().filter(|host| estate.cast.machines[*host].site == person.site).collect();
    let mut at = shift.start;
    while at < shift.end {
        let host = estate.dice.pick(&desks);
        let from = IpAddr::V4(estate.cast.machines[host].address);
        let local = IpAddr::from([127, 0, 0, 1]);
        if estate.dice.chance(0.03) {
            estate.mistype(at - 7 * SECOND, &Shift { address: from, ..*shift }, host, Way::CONSOLE.from(local));
        }
        estate.tickets(at - 40, shift, from, host);
        let short = estate.cast.machines[host].short;
        let id = estate.logon(at, host, who, Way::CONSOLE.from(local).at(short));
        let server = person.files[0];
        estate.errand(at + 20 * SECOND, shift, server, from);
        let stay = estate.dice.between(10, 70) * MINUTE;
        estate.logoff(at + stay, host, who, id, 2);
        at += stay + estate.dice.between(20, 120) * MINUTE;
    }
}

/// A pool gives another desktop every day; at home the gateway stands between.
pub fn virtual_desktop(estate: &mut Estate, shift: &Shift) {
    let person = estate.cast.people[shift.place].clone();
    let who = estate.person(person.account);
    let pool: Vec<usize> =
        estate.cast.of_role(Role::Virtual).iter().copied().filter(|host| estate.cast.machines[*host].site == person.site).collect();
    let host = pool[(shift.place + shift.day as usize * 7) % pool.len()];
    let at_home = person.home_days[(estate.cast.calendar.weekday(shift.day) % 5) as usize];
    let from = if at_home { IpAddr::from([10, 10 + person.site as u8, 1, 250]) } else { thin(person.site, shift.place) };
    let own = IpAddr::V4(estate.cast.machines[host].address);
    if estate.dice.chance(0.04) {
        let user = estate.cast.accounts[person.account].user;
        estate.failed(shift.start - 9 * SECOND, host, user, Way { logon_type: 3, ..Way::NTLM }.from(from), WRONG_PASSWORD);
    }
    estate.tickets(shift.start + 600, shift, own, host);
    let id = estate.remote_desktop(shift.start, host, who, from, person.device_name, false);
    for _ in 0..estate.dice.about(1.2) {
        let left = estate.dice.between(shift.start + 30 * MINUTE, shift.end - 40 * MINUTE);
        let client = Some((from, person.device_name));
        estate.desktop(left, host, 4779, who, id, client);
        let back = left + estate.dice.between(5, 30) * MINUTE;
        estate.remote_desktop_again(back, host, who, (from, person.device_name), id);
    }
    estate.errands(shift, own);
    estate.remote_desktop_left(shift.end, host, who, from, id);
}

/// From home or a hotel to the server that the Internet reaches.
pub fn exposed(estate: &mut Estate, shift: &Shift) {
    let host = estate.cast.of_role(Role::Exposed)[0];
    let person = estate.cast.people[shift.place].clone();
    let who = estate.person(person.account);
    let from = match shift.location {
        Location::Abroad(_) => estate.exit(shift).1,
        _ => estate.home(shift.place, shift.day).1,
    };
    let at = shift.start + estate.dice.between(10, 300) * MINUTE;
    if estate.dice.chance(0.08) {
        let user = estate.cast.accounts[person.account].user;
        for _ in 0..=estate.dice.below(2) {
            let delay = estate.dice.between(5, 30) * SECOND;
            estate.failed(at - delay, host, user, Way::NTLM.from(from).at(person.device_name), WRONG_PASSWORD);
        }
    }
    let id = estate.remote_desktop(at, host, who, from, person.device_name, false);
    let end = at + estate.dice.between(15, 180) * MINUTE;
    estate.remote_desktop_left(end, host, who, from, id);
}
