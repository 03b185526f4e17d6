//! Accounts made, changed, woken; traces removed.

use super::{Kind, Scene};
use crate::estate::cast::Role;
use crate::estate::record::{RIGHT, Way};
use crate::estate::stream::Estate;
use crate::estate::{HOUR, MINUTE, Moment, SECOND};
use logonscope::model::event::LogonId;
use std::net::IpAddr;

pub const KINDS: &[Kind] = &[
    ("service account at a screen", None, service_at_screen),
    ("service account elsewhere", None, service_elsewhere),
    ("backdoor account", None, backdoor),
    ("dollar account", None, dollar),
    ("reset then logon", None, reset),
    ("leaver woken", None, leaver),
    ("log cleared", None, log_cleared),
    ("clock set back", None, clock),
    ("desktop of another", None, other_desktop),
];

fn service_at_screen(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let at = scene.any_hour();
    let service = scene.dice.below(estate.cast.services.len());
    let service = estate.cast.services[service].clone();
    let who = estate.person(service.account);
    scene.note = format!(", of {}", estate.cast.accounts[service.account].name);
    let host = service.hosts[0];
    let (foothold, from) = estate.foothold(scene);
    let short = estate.cast.machines[foothold].short;
    if scene.number.is_multiple_of(2) {
        let id = estate.remote_desktop(at, host, who, from, short, true);
        estate.remote_desktop_left(at + 25 * MINUTE, host, who, from, id);
    } else {
        let own = estate.cast.machines[foothold].short;
        let id = estate.logon(at + 3 * SECOND, foothold, who, Way::CONSOLE.from(IpAddr::from([127, 0, 0, 1])).at(own));
        estate.logoff(at + 9 * MINUTE, foothold, who, id, 2);
    }
    at + 3 * SECOND
}

/// The password of a service, used over the network from somebody's computer.
fn service_elsewhere(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let at = scene.any_hour();
    // One that runs often enough to have a rhythm, and no group managed account: nobody knows their passwords.
    let choice: Vec<usize> = (0..estate.cast.services.len())
        .filter(|place| !estate.cast.accounts[estate.cast.services[*place].account].name.ends_with('$'))
        .collect();
    let service = estate.cast.services[scene.dice.pick(&choice)].clone();
    let (who, user) = (estate.person(service.account), estate.cast.accounts[service.account].user);
    scene.note = format!(", of {}", estate.cast.accounts[service.account].name);
    let (foothold, from) = estate.foothold(scene);
    let (short, controller) = (estate.cast.machines[foothold].short, estate.controller_of(scene));
    for (step, server) in estate.targets(scene, &[Role::File, Role::Sql, Role::App], 3).into_iter().enumerate() {
        let when = at + step as i64 * 2 * MINUTE;
        estate.ntlm_check(when - 2, controller, user, short, RIGHT);
        estate.visit(when, server, who, Way::NTLM.from(from).at(short));
    }
    at
}

/// Made, put into a group that rules, used.
fn backdoor(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let at = scene.any_hour();
    let admin = estate.some_admin(scene);
    let (by, new) = (estate.person(admin), estate.person(scene.spare));
    let controller = estate.controller_of(scene);
    estate.change(at, controller, 4720, new, (by, LogonId(0x77_1000)));
    estate.change(at + 20 * SECOND, controller, 4724, new, (by, LogonId(0x77_1000)));
    estate.joins(at + 40 * SECOND, controller, new, true, (by, LogonId(0x77_1000)));
    let wait = if scene.is_slow() { 5 * HOUR } else { scene.dice.between(1, 40) * MINUTE };
    let (host, from) = estate.foothold(scene);
    let short = estate.cast.machines[host].short;
    let server = estate.targets(scene, &[Role::App, Role::File, Role::Controller], 1)[0];
    estate.ticket(at + wait - SECOND, controller, new, from, RIGHT);
    let id = estate.remote_desktop(at + wait, server, new, from, short, true);
    estate.remote_desktop_left(at + wait + 30 * MINUTE, server, new, from, id);
    at + wait + 3 * SECOND
}

/// A name that looks like a computer's.
fn dollar(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let at = scene.any_hour();
    let new = estate.person(scene.spare);
    let host = estate.targets(scene, &[Role::App, Role::Terminal, Role::Web], 1)[0];
    let by = estate.person(estate.victim(scene));
    estate.change(at, host, 4720, new, (by, LogonId(0x77_2000)));
    let (foothold, from) = estate.foothold(scene);
    let short = estate.cast.machines[foothold].short;
    let later = at + scene.dice.between(2, 90) * MINUTE;
    let id = estate.remote_desktop(later, host, new, from, short, true);
    estate.remote_desktop_left(later + 20 * MINUTE, host, new, from, id);
    later + 3 * SECOND
}

/// A password set by an administrator whose account is stolen, used from elsewhere at once.
fn reset(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let at = scene.any_hour();
    let by = estate.person(estate.some_admin(scene));
    let who = estate.person(estate.victim(scene));
    let controller = estate.controller_of(scene);
    estate.change(at, controller, 4724, who, (by, LogonId(0x77_3000)));
    let (host, from) = estate.foothold(scene);
    let short = estate.cast.machines[host].short;
    let later = at + scene.dice.between(1, 12) * MINUTE;
    estate.ticket(later - SECOND, controller, who, from, RIGHT);
    let server = estate.targets(scene, &[Role::App, Role::Terminal], 1)[0];
    let id = estate.remote_desktop(later, server, who, from, short, false);
    estate.remote_desktop_left(later + 20 * MINUTE, server, who, from, id);
    later + 3 * SECOND
}

/// Somebody left weeks ago; nobody closed the account.
fn leaver(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let at = scene.any_hour();
    let gone = estate.cast.people.iter().filter(|person| person.until_day + 9 < scene.day).map(|person| person.account).next();
    let who = estate.person(gone.unwrap_or_else(|| estate.victim(scene)));
    let controller = estate.controller_of(scene);
    let (host, from) = estate.foothold(scene);
    let short = estate.cast.machines[host].short;
    estate.ticket(at, controller, who, from, RIGHT);
    let server = estate.targets(scene, &[Role::Terminal, Role::App], 1)[0];
    let id = estate.remote_desktop(at + 2 * SECOND, server, who, from, short, false);
    for step in 1..4 {
        let file = estate.targets(scene, &[Role::File], 1)[0];
        let inside = IpAddr::V4(estate.cast.machines[server].address);
        estate.visit(at + step * 3 * MINUTE, file, who, Way::KERBEROS.from(inside));
    }
    estate.remote_desktop_left(at + HOUR, server, who, from, id);
    at + 5 * SECOND
}

fn log_cleared(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let at = scene.any_hour();
    let who = estate.person(estate.victim(scene));
    let (host, from) = estate.foothold(scene);
    let short = estate.cast.machines[host].short;
    let server = estate.targets(scene, &[Role::App, Role::File, Role::Web, Role::Sql], 1)[0];
    let id = estate.remote_desktop(at, server, who, from, short, true);
    let later = at + scene.dice.between(8, 40) * MINUTE;
    estate.log_cleared(later, server, (who, id));
    estate.remote_desktop_left(later + MINUTE, server, who, from, id);
    later
}

fn clock(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let at = scene.any_hour();
    let who = estate.person(estate.victim(scene));
    let (host, from) = estate.foothold(scene);
    let short = estate.cast.machines[host].short;
    let server = estate.targets(scene, &[Role::App, Role::File, Role::Web], 1)[0];
    let id = estate.remote_desktop(at, server, who, from, short, true);
    let later = at + scene.dice.between(5, 20) * MINUTE;
    let by = if scene.number.is_multiple_of(2) { "-86400" } else { "-7200" };
    estate.clock_set(later, server, (who, id), by);
    estate.remote_desktop_left(later + 20 * MINUTE, server, who, from, id);
    later
}

/// A stolen password at the screen of a colleague's computer, and on to servers of another department.
fn other_desktop(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let at = scene.at(9, 16);
    let who = estate.person(estate.victim(scene));
    let (host, from) = estate.foothold(scene);
    let (short, controller) = (estate.cast.machines[host].short, estate.controller_of(scene));
    estate.ticket(at, controller, who, from, RIGHT);
    let id = estate.logon(at + 40, host, who, Way::CONSOLE.from(IpAddr::from([127, 0, 0, 1])).at(short));
    let mut later = at;
    for server in estate.targets(scene, &[Role::Sql, Role::App, Role::File], 8) {
        later += scene.dice.between(20, 90) * SECOND;
        estate.visit(later, server, who, Way::KERBEROS.from(from));
    }
    estate.logoff(later + 10 * MINUTE, host, who, id, 2);
    later
}
