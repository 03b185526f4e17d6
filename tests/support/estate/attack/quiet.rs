//! Attacks of few records: what is left where part of the logs is kept, and where somebody takes time.

use super::{Kind, Scene};
use crate::estate::cast::{Role, Work};
use crate::estate::cloud::{EXCHANGE, GRAPH, OFFICE_HOME, OUTLOOK_WEB, Request, SHAREPOINT};
use crate::estate::record::{RCM, RIGHT, SECURITY, WRONG_PASSWORD, Way};
use crate::estate::stream::Estate;
use crate::estate::{DAY, HOUR, MINUTE, Moment, SECOND};
use logonscope::base::intern::Symbol;
use logonscope::model::event::{Identity, LogonId};

pub const KINDS: &[Kind] = &[
    ("stolen password by day", Some(Work::Office), by_day),
    ("tickets only", Some(Work::Office), tickets_only),
    ("network logons only", Some(Work::Office), network_only),
    ("RDP log only", Some(Work::Office), rdp_log_only),
    ("a server a day", None, server_a_day),
    ("guess by principal name", None, principal_name),
    ("guess over days", None, guess_over_days),
    ("token nearby", None, token_nearby),
    ("own computer at night", Some(Work::Office), own_at_night),
];

const AGENT: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36";

/// With the right password, in the hours of its owner, from a computer that the attacker has.
fn by_day(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let at = scene.at(9, 16);
    let account = estate.victim(scene);
    let (who, name) = (estate.person(account), estate.cast.accounts[account].ticket_name);
    let (host, from) = estate.foothold(scene);
    let (short, controller) = (estate.cast.machines[host].short, estate.controller_of(scene));
    estate.ticket(at, controller, who, from, RIGHT);
    let servers = estate.targets(scene, &[Role::App, Role::Sql], 3);
    for (step, server) in servers.iter().copied().enumerate() {
        let when = at + step as i64 * scene.dice.between(2, 9) * MINUTE;
        let service = estate.cast.machines[server].account.user;
        estate.service_ticket(when + SECOND, controller, name, service, from, 0x12);
        estate.visit(when + 2 * SECOND, server, who, Way::KERBEROS.from(from));
    }
    let begin = at + 30 * MINUTE;
    let id = estate.remote_desktop(begin, servers[0], who, from, short, false);
    estate.remote_desktop_left(begin + HOUR, servers[0], who, from, id);
    begin + 3 * SECOND
}

/// Only the controllers' log is kept: the password is used from a computer of somebody else, for servers never used.
fn tickets_only(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let mut at = scene.any_hour();
    let account = estate.victim(scene);
    let (who, name) = (estate.person(account), estate.cast.accounts[account].ticket_name);
    let (_, from) = estate.foothold(scene);
    let controller = estate.controller_of(scene);
    estate.ticket(at, controller, who, from, RIGHT);
    for server in estate.targets(scene, &[Role::App, Role::Sql, Role::File, Role::Web], 8) {
        at += scene.dice.between(10, 120) * SECOND;
        let service = estate.cast.machines[server].account.user;
        estate.service_ticket(at, controller, name, service, from, 0x12);
    }
    at
}

/// Only the servers' log is kept, and what comes over the network.
fn network_only(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let mut at = scene.any_hour();
    let who = estate.person(estate.victim(scene));
    let (host, from) = estate.foothold(scene);
    let short = estate.cast.machines[host].short;
    let way = if scene.number.is_multiple_of(2) { Way::NTLM.at(short) } else { Way::KERBEROS };
    for server in estate.targets(scene, &[Role::App, Role::Sql, Role::File, Role::Web], 8) {
        at += scene.dice.between(10, 200) * SECOND;
        estate.visit(at, server, who, way.from(from));
    }
    at
}

/// The Security log is off or gone; that of Remote Desktop is seldom thought of.
fn rdp_log_only(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let at = scene.any_hour();
    let who = estate.person(estate.victim(scene));
    let (_, from) = estate.foothold(scene);
    let mut later = at;
    for server in estate.targets(scene, &[Role::App, Role::Sql, Role::Web], 2) {
        let named = Identity { sid: Symbol::NONE, ..who };
        estate.record(later, server, RCM, 1149, |event, _| {
            event.account = named;
            event.address = Some(from);
        });
        for (delay, id) in [(2 * SECOND, 21), (3 * SECOND, 22), (25 * MINUTE, 23)] {
            estate.session_manager(later + delay, server, id, who, from);
        }
        later += 30 * MINUTE;
    }
    later - 30 * MINUTE + 2 * SECOND
}

/// An administrator's password, one server each day, from the same computer.
fn server_a_day(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let mut at = scene.at(9, 16);
    let account = estate.some_admin(scene);
    let who = estate.person(account);
    let (host, from) = estate.foothold(scene);
    let (short, controller) = (estate.cast.machines[host].short, estate.controller_of(scene));
    let mut seen = at;
    for server in estate.targets(scene, &[Role::App, Role::Sql, Role::File, Role::Web], 3) {
        estate.ticket(at - SECOND, controller, who, from, RIGHT);
        let id = estate.remote_desktop(at, server, who, from, short, true);
        estate.remote_desktop_left(at + 20 * MINUTE, server, who, from, id);
        seen = at + 3 * SECOND;
        at += DAY + scene.dice.between(-90, 90) * MINUTE;
    }
    seen
}

/// Records that know nobody but a user principal name.
fn principal_name(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let mut at = scene.any_hour();
    let account = estate.victim(scene);
    let user = estate.cast.accounts[account].upn;
    let who = Identity { user, domain: Symbol::NONE, sid: Symbol::NONE };
    let (host, from) = estate.foothold(scene);
    let name = estate.cast.machines[host].short;
    let server = estate.targets(scene, &[Role::File, Role::App, Role::Web], 1)[0];
    for _ in 0..scene.dice.between(12, 50) {
        let way = Way::NTLM.from(from).at(name);
        estate.failed(at, server, user, way, WRONG_PASSWORD);
        at += 4 * SECOND + scene.dice.between(0, SECOND);
    }
    let sid = estate.cast.accounts[account].sid;
    estate.visit(at, server, Identity { sid, ..who }, Way::NTLM.from(from).at(name));
    at
}

/// Few tries a day, so that nothing locks; after three days one fits.
fn guess_over_days(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let begin = scene.at(1, 4);
    let account = estate.victim(scene);
    let (user, who) = (estate.cast.accounts[account].user, estate.person(account));
    let (_, from) = estate.foothold(scene);
    let kali = estate.texts.of("KALI");
    let server = estate.targets(scene, &[Role::File, Role::App, Role::Sql], 1)[0];
    let way = Way::NTLM.from(from).at(kali);
    for day in 0..3 {
        for step in 0..6 {
            let at = begin + day * DAY + step * 3 * HOUR + scene.dice.between(0, 40) * MINUTE;
            estate.failed(at, server, user, way, WRONG_PASSWORD);
        }
    }
    let at = begin + 2 * DAY + 19 * HOUR;
    estate.visit(at, server, who, way);
    at
}

/// A stolen cookie, used from a home line of the victim's own town.
fn token_nearby(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let at = scene.any_hour();
    let account = estate.victim(scene);
    let person = estate.cast.people[scene.victim].clone();
    let homes = estate.cast.places.sites[person.site].homes.clone();
    let network = homes.into_iter().find(|home| home.asn != person.home.asn).unwrap();
    let from = network.any(&mut scene.dice);
    let browser = estate.strange_client("Chrome 139.0.0", AGENT, "Linux");
    let request = Request::silent(network, from, browser, person.session);
    for (step, (app, resource)) in [(OFFICE_HOME, GRAPH), (OUTLOOK_WEB, EXCHANGE), (SHAREPOINT, 5)].into_iter().enumerate() {
        estate.sign_in(at + step as i64 * 3 * MINUTE, account, request.to(app, resource));
    }
    at + 6 * MINUTE
}

/// Somebody sits down at a desk at night, and reads what its owner may.
fn own_at_night(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let at = scene.at(1, 4);
    let person = estate.cast.people[scene.victim].clone();
    let who = estate.person(person.account);
    let (host, from) = (person.machine, estate.cast.address(person.machine, scene.day, false));
    let (short, controller) = (estate.cast.machines[host].short, estate.controller_of(scene));
    estate.ticket(at, controller, who, from, RIGHT);
    let id = estate.logon(at + 40, host, who, Way::CONSOLE.from(std::net::IpAddr::from([127, 0, 0, 1])).at(short));
    for step in 0..3 {
        estate.visit(at + (step + 1) * 4 * MINUTE, person.files[step as usize % 2], who, Way::KERBEROS.from(from));
    }
    estate.record(at + 50 * MINUTE, host, SECURITY, 4634, |event, _| {
        event.account = who;
        event.logon_id = LogonId(id.0);
    });
    at + 40
}
