//! Hashes, tickets and keys.

use super::{Kind, Scene};
use crate::estate::cast::Role;
use crate::estate::record::{RIGHT, Way};
use crate::estate::stream::Estate;
use crate::estate::{MINUTE, Moment, SECOND};
use logonscope::base::intern::Symbol;
use logonscope::model::event::Identity;
use logonscope::model::logon_type::LogonType;
use std::net::IpAddr;

pub const KINDS: &[Kind] = &[
    ("pass the hash", None, pass_the_hash),
    ("overpass the hash", None, overpass),
    ("golden ticket", None, golden),
    ("silver ticket", None, silver),
    ("kerberoast", None, kerberoast),
    ("AS-REP roast", None, asrep),
    ("relay", None, relay),
    ("machine account misused", None, machine_account),
    ("local administrator spread", None, local_administrator),
];

/// An administrator's hash from a computer that it has no business on.
fn pass_the_hash(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let at = scene.any_hour();
    let account = if scene.number.is_multiple_of(2) { estate.some_admin(scene) } else { estate.victim(scene) };
    let (who, user) = (estate.person(account), estate.cast.accounts[account].user);
    let (_, from) = estate.foothold(scene);
    let controller = estate.controller_of(scene);
    let claimed = estate.texts.of(if scene.number.is_multiple_of(2) { "WORKSTATION" } else { "KALI" });
    for (step, server) in estate.targets(scene, &[Role::App, Role::File, Role::Sql], 3).into_iter().enumerate() {
        let when = at + step as i64 * scene.dice.between(20, 300) * SECOND;
        estate.ntlm_check(when - 2, controller, user, claimed, RIGHT);
        estate.visit(when, server, who, Way::NTLM.from(from).at(claimed).admin(true));
    }
    at
}

/// A logon of type 9 holds the other key; the ticket is asked for with RC4.
fn overpass(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let at = scene.any_hour();
    let account = estate.some_admin(scene);
    let (host, from) = estate.foothold(scene);
    let local = estate.person(estate.cast.people[scene.foothold].account);
    let (who, name, outbound) = (estate.person(account), estate.cast.accounts[account].ticket_name, estate.cast.accounts[account].user);
    let id = estate.logon_id(host);
    estate.record(at, host, crate::estate::record::SECURITY, 4624, |event, estate| {
        event.account = local;
        event.subject = local;
        event.logon_id = id;
        event.logon_type = LogonType::NewCredentials;
        event.logon_process = estate.texts.of("seclogo");
        event.package = estate.texts.of("Negotiate");
        event.process = estate.texts.of("C:\\Windows\\System32\\svchost.exe");
        event.address = Some(IpAddr::from([127, 0, 0, 1]));
        event.outbound_user = outbound;
    });
    let controller = estate.controller_of(scene);
    estate.ticket_by(at + 4 * SECOND, controller, who, from, 0, 2, 0x17);
    let server = estate.targets(scene, &[Role::Controller, Role::App], 1)[0];
    let service = estate.cast.machines[server].account.user;
    estate.service_ticket(at + 6 * SECOND, controller, name, service, from, 0x12);
    estate.visit(at + 7 * SECOND, server, who, Way::KERBEROS.from(from).admin(true));
    at + 7 * SECOND
}

/// A ticket nobody issued: service tickets without a granting one, by RC4, for an account that may do all.
fn golden(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let at = scene.any_hour();
    let (_, from) = estate.foothold(scene);
    let controller = estate.controller_of(scene);
    // Half of them use the name of an administrator, the others one that does not exist.
    let account = if scene.number.is_multiple_of(2) { estate.some_admin(scene) } else { scene.spare };
    let (who, name) = (estate.person(account), estate.cast.accounts[account].ticket_name);
    let encryption = if scene.is_slow() { 0x12 } else { 0x17 };
    for (step, server) in estate.targets(scene, &[Role::Controller, Role::File, Role::App], 5).into_iter().enumerate() {
        let when = at + step as i64 * 90 * SECOND;
        let service = estate.cast.machines[server].account.user;
        estate.service_ticket(when, controller, name, service, from, encryption);
        let domain = if scene.number.is_multiple_of(2) { who.domain } else { estate.texts.of("CORP.EXAMPLE.COM") };
        estate.visit(when + 40, server, Identity { domain, ..who }, Way::KERBEROS.from(from).admin(true));
    }
    at + 6 * MINUTE
}

/// A ticket for one server, made with the key of that server: no controller hears of it.
fn silver(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let at = scene.any_hour();
    let (_, from) = estate.foothold(scene);
    let account = estate.some_admin(scene);
    let who = estate.person(account);
    let server = estate.targets(scene, &[Role::Sql, Role::App, Role::File], 1)[0];
    for step in 0..5 {
        estate.visit(at + step * 3 * MINUTE, server, who, Way::KERBEROS.from(from).admin(true));
    }
    at + 12 * MINUTE
}

/// Tickets for accounts of services, to be cracked elsewhere.
fn kerberoast(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let mut at = scene.any_hour();
    let (_, from) = estate.foothold(scene);
    let controller = estate.controller_of(scene);
    let account = estate.cast.people[scene.foothold].account;
    let name = estate.cast.accounts[account].ticket_name;
    let mut services: Vec<Symbol> =
        estate.cast.services.iter().map(|service| estate.cast.accounts[service.account].user).take(25).collect();
    services.extend(estate.cast.accounts.iter().rev().take(6).map(|account| account.user));
    let pace = if scene.is_slow() { 4 * MINUTE } else { scene.dice.pick(&[50, 2_000]) };
    let encryption = if scene.number % 4 == 3 { 0x12 } else { 0x17 };
    let mut seen = at;
    for (place, service) in services.into_iter().enumerate() {
        estate.service_ticket(at, controller, name, service, from, encryption);
        if place < 12 {
            seen = at;
        }
        at += pace + scene.dice.between(0, pace / 2 + 1);
    }
    seen
}

/// Accounts that need no proof before they get a ticket.
fn asrep(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let mut at = scene.any_hour();
    let (_, from) = estate.foothold(scene);
    let controller = estate.controller_of(scene);
    for account in estate.several_people(scene, 3) {
        let who = estate.person(account);
        estate.ticket_by(at, controller, who, from, 0, 0, 0x17);
        at += scene.dice.between(100, 20_000);
    }
    at
}

/// Somebody's NTLM answer, passed on by a host in between: the name is right, the address is not.
fn relay(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let at = scene.at(9, 16);
    let account = estate.victim(scene);
    let (who, user) = (estate.person(account), estate.cast.accounts[account].user);
    let name = estate.cast.machines[estate.cast.people[scene.victim].machine].short;
    let (_, from) = estate.foothold(scene);
    let controller = estate.controller_of(scene);
    for (step, server) in estate.targets(scene, &[Role::File, Role::Sql, Role::App], 2).into_iter().enumerate() {
        let when = at + step as i64 * 4 * SECOND;
        estate.ntlm_check(when - 2, controller, user, name, RIGHT);
        estate.visit(when, server, who, Way::NTLM.from(from).at(name));
    }
    at + 4 * SECOND
}

/// The account of a server or controller, from an address that is not its own.
fn machine_account(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let at = scene.any_hour();
    let roles: &[Role] = if scene.number.is_multiple_of(2) { &[Role::Controller] } else { &[Role::File, Role::App] };
    let machine = estate.targets(scene, roles, 1)[0];
    let target = estate.targets(scene, &[Role::Controller], 2).into_iter().find(|host| *host != machine).unwrap();
    let (_, from) = estate.foothold(scene);
    let (who, user, short) = (estate.computer(machine), estate.cast.machines[machine].account.user, estate.cast.machines[machine].short);
    estate.ntlm_check(at - 2, target, user, short, RIGHT);
    estate.visit(at, target, who, Way::NTLM.from(from).at(short));
    at
}

/// The same local password on many computers.
fn local_administrator(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let mut at = scene.any_hour();
    let (_, from) = estate.foothold(scene);
    let kali = estate.texts.of("WORKSTATION");
    let mut seen = at;
    for (place, host) in estate.targets(scene, &[Role::Desktop, Role::Laptop, Role::App], 7).into_iter().enumerate() {
        let short = estate.cast.machines[host].short;
        let sid = estate.cast.machines[host].administrator;
        let who = Identity { user: estate.texts.of("Administrator"), domain: short, sid };
        let id = estate.logon(at, host, who, Way::NTLM.from(from).at(kali).admin(true));
        estate.logoff(at + MINUTE, host, who, id, 3);
        if place < 4 {
            seen = at;
        }
        at += scene.dice.between(10, 200) * SECOND;
    }
    seen
}
