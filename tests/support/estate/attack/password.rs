//! Guessing, spraying, and passwords that were stolen.

use super::{Kind, Scene};
use crate::estate::cast::{Role, Work};
use crate::estate::cloud::{EXCHANGE, GRAPH, OFFICE, OFFICE_HOME, OUTLOOK_WEB, Request, SHAREPOINT};
use crate::estate::record::{NO_SUCH_USER, RIGHT, WRONG_PASSWORD, Way};
use crate::estate::stream::Estate;
use crate::estate::{HOUR, MINUTE, Moment, SECOND};
use logonscope::base::intern::Symbol;
use logonscope::model::event::Identity;

pub const KINDS: &[Kind] = &[
    ("guess then in", None, guess),
    ("guess from the Internet", Some(Work::Field), guess_outside),
    ("spray NTLM", None, spray_ntlm),
    ("spray Kerberos", None, spray_kerberos),
    ("spray slow", None, spray_slow),
    ("spray Entra", None, spray_tenant),
    ("spray Entra distributed", None, spray_distributed),
    ("enumeration", None, enumerate),
    ("stolen password at night", Some(Work::Office), at_night),
    ("stolen password abroad", None, abroad),
    ("legacy ROPC", None, legacy),
];

const AGENT: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36";

/// One account at one server, from a computer inside.
fn guess(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let mut at = scene.any_hour();
    let account = estate.victim(scene);
    let (user, who) = (estate.cast.accounts[account].user, estate.person(account));
    let (host, from) = estate.foothold(scene);
    let (name, controller) = (estate.cast.machines[host].short, estate.controller_of(scene));
    let server = estate.targets(scene, &[Role::File, Role::App, Role::Sql], 1)[0];
    let (tries, pace) = if scene.is_slow() { (14, 7 * MINUTE) } else { (scene.dice.between(6, 60), 3 * SECOND) };
    for _ in 0..tries {
        estate.failed(at, server, user, Way::NTLM.from(from).at(name), WRONG_PASSWORD);
        estate.ntlm_check(at + 3, controller, user, name, WRONG_PASSWORD);
        at += pace + scene.dice.between(0, pace / 3);
    }
    estate.ntlm_check(at - 3, controller, user, name, RIGHT);
    estate.visit(at, server, who, Way::NTLM.from(from).at(name));
    at
}

fn guess_outside(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let mut at = scene.any_hour();
    let account = estate.victim(scene);
    let (user, who) = (estate.cast.accounts[account].user, estate.person(account));
    let (_, from) = estate.far_away(scene);
    let host = estate.cast.of_role(Role::Exposed)[0];
    let kali = estate.texts.of("KALI");
    let (tries, pace) = if scene.is_slow() { (12, 14 * MINUTE) } else { (scene.dice.between(15, 200), 4 * SECOND) };
    for _ in 0..tries {
        estate.failed(at, host, user, Way::NTLM.from(from).at(kali), WRONG_PASSWORD);
        at += pace + scene.dice.between(0, pace / 3);
    }
    let id = estate.remote_desktop(at, host, who, from, kali, false);
    estate.remote_desktop_left(at + 40 * MINUTE, host, who, from, id);
    at
}

fn spray_ntlm(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let mut at = scene.any_hour();
    let (host, from) = estate.foothold(scene);
    let (name, controller) = (estate.cast.machines[host].short, estate.controller_of(scene));
    let server = estate.targets(scene, &[Role::File, Role::Web, Role::Controller], 1)[0];
    let many = scene.dice.between(25, 80) as usize;
    let pace = scene.dice.pick(&[300, 3_000, 20_000]);
    let names = estate.several_people(scene, many);
    let mut seen = at;
    for (place, account) in names.into_iter().enumerate() {
        let user = estate.cast.accounts[account].user;
        estate.failed(at, server, user, Way::NTLM.from(from).at(name), WRONG_PASSWORD);
        estate.ntlm_check(at + 2, controller, user, name, WRONG_PASSWORD);
        // With the thirtieth account nobody can think of anything else.
        if place < 30 {
            seen = at;
        }
        at += pace + scene.dice.between(0, pace / 2);
    }
    seen
}

fn spray_kerberos(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let mut at = scene.any_hour();
    let (_, from) = estate.foothold(scene);
    let controller = estate.controller_of(scene);
    let pace = scene.dice.pick(&[120, 2_000, 15_000]);
    let many = scene.dice.between(30, 90) as usize;
    let mut seen = at;
    for (place, account) in estate.several_people(scene, many).into_iter().enumerate() {
        let who = estate.person(account);
        estate.refused_ticket(at, controller, who, from, 0x18);
        if place < 30 {
            seen = at;
        }
        at += pace + scene.dice.between(0, pace / 2);
    }
    seen
}

/// A try each half hour for a day, then one fits.
fn spray_slow(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let mut at = scene.at(0, 3);
    let (host, from) = estate.foothold(scene);
    let (name, controller) = (estate.cast.machines[host].short, estate.controller_of(scene));
    let server = estate.targets(scene, &[Role::File, Role::Web], 1)[0];
    for account in estate.several_people(scene, 40) {
        let user = estate.cast.accounts[account].user;
        estate.failed(at, server, user, Way::NTLM.from(from).at(name), WRONG_PASSWORD);
        estate.ntlm_check(at + 2, controller, user, name, WRONG_PASSWORD);
        at += scene.dice.between(20, 35) * MINUTE;
    }
    let account = estate.victim(scene);
    let who = estate.person(account);
    let user = estate.cast.accounts[account].user;
    estate.ntlm_check(at - 3, controller, user, name, RIGHT);
    estate.visit(at, server, who, Way::NTLM.from(from).at(name));
    at
}

fn spray_tenant(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let mut at = scene.any_hour();
    let (network, from) = estate.far_away(scene);
    let client = estate.strange_client("Chrome 139.0.0", AGENT, "Windows10");
    let pace = if scene.is_slow() { 8 * MINUTE } else { scene.dice.pick(&[2, 12]) * SECOND };
    for account in estate.several_people(scene, 45) {
        estate.sign_in(at, account, Request::interactive(network, from, client, 0).failed(50_126).to(OFFICE, GRAPH));
        at += pace + scene.dice.between(0, pace / 2);
    }
    let account = estate.victim(scene);
    let session = scene.dice.guid();
    estate.sign_in(at, account, Request { policy: "notApplied", ..Request::interactive(network, from, client, session) }.to(OFFICE, GRAPH));
    at
}

/// Each try from another address of hosters, by the same program.
fn spray_distributed(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let mut at = scene.any_hour();
    let client = estate.strange_client("Python Requests 2.31", "python-requests/2.31.0", "Linux");
    let pace = scene.dice.pick(&[20, 60, 150]) * SECOND;
    for account in estate.several_people(scene, 70) {
        let (network, from) = estate.hoster(scene);
        estate.sign_in(at, account, Request::interactive(network, from, client, 0).failed(50_126).to(OFFICE, GRAPH));
        at += pace + scene.dice.between(0, pace / 2);
    }
    let account = estate.victim(scene);
    let (network, from) = estate.hoster(scene);
    let session = scene.dice.guid();
    estate.sign_in(at, account, Request { policy: "notApplied", ..Request::interactive(network, from, client, session) }.to(OFFICE, GRAPH));
    at
}

/// Which names are there: at a server, at a controller, or at the tenant.
fn enumerate(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let mut at = scene.any_hour();
    let (host, from) = estate.foothold(scene);
    let (name, controller) = (estate.cast.machines[host].short, estate.controller_of(scene));
    let server = estate.targets(scene, &[Role::File], 1)[0];
    let mut seen = at;
    for place in 0..60 {
        // Names that nobody has: the objects of other people's devices serve as any text.
        let user = estate.cast.machines[(place * 37 + scene.number * 11) % estate.cast.machines.len()].full;
        let who = Identity { user, domain: Symbol::NONE, sid: Symbol::NONE };
        if scene.number.is_multiple_of(2) {
            estate.failed(at, server, user, Way::NTLM.from(from).at(name), NO_SUCH_USER);
        } else {
            estate.ticket(at, controller, who, from, 6);
        }
        if place < 30 {
            seen = at;
        }
        at += scene.dice.between(200, 4_000);
    }
    seen
}

/// With the right password, at an hour at which its owner sleeps, over the VPN.
fn at_night(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let at = scene.at(1, 4);
    let account = estate.victim(scene);
    let who = estate.person(account);
    let site = estate.cast.people[scene.victim].site as u8;
    let from = std::net::IpAddr::from([10, 10 + site, 220, 7 + scene.number as u8]);
    let controller = estate.controller_of(scene);
    let (name, workstation) = (estate.cast.accounts[account].ticket_name, estate.texts.of("DESKTOP-4F2K9QX"));
    estate.ticket(at, controller, who, from, RIGHT);
    let server = estate.targets(scene, &[Role::Terminal, Role::App], 1)[0];
    let service = estate.cast.machines[server].account.user;
    estate.service_ticket(at + SECOND, controller, name, service, from, 0x12);
    let id = estate.remote_desktop(at + 5 * SECOND, server, who, from, workstation, false);
    for step in 1..4 {
        let file = estate.targets(scene, &[Role::File], 1)[0];
        let inside = std::net::IpAddr::V4(estate.cast.machines[server].address);
        estate.visit(at + step * 4 * MINUTE, file, who, Way::KERBEROS.from(inside));
    }
    estate.remote_desktop_left(at + HOUR, server, who, from, id);
    at + 8 * SECOND
}

fn abroad(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let at = scene.any_hour();
    let account = estate.victim(scene);
    let (network, from) = estate.far_away(scene);
    let client = estate.strange_client("Chrome 139.0.0", AGENT, "Windows10");
    let session = scene.dice.guid();
    let request = Request { policy: "notApplied", ..Request::interactive(network, from, client, session) };
    estate.sign_in(at, account, request.to(OFFICE_HOME, GRAPH));
    estate.sign_in(at + 40 * SECOND, account, request.to(OUTLOOK_WEB, EXCHANGE));
    for step in 1..6 {
        estate.sign_in(at + step * 9 * MINUTE, account, Request::silent(network, from, client, session).to(SHAREPOINT, 5));
    }
    at + 40 * SECOND
}

/// The resource owner's password goes straight to the token endpoint: no second factor, no browser.
fn legacy(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let at = scene.any_hour();
    let account = estate.victim(scene);
    let (network, from) = estate.far_away(scene);
    let mut client = estate.strange_client("Python Requests 2.31", "BAV2ROPC", "Linux");
    let session = scene.dice.guid();
    let legacy = if scene.number.is_multiple_of(2) { "Authenticated SMTP" } else { "Mobile Apps and Desktop clients" };
    client.app = estate.kit.word(legacy);
    let request = Request { protocol: "ropc", policy: "notApplied", ..Request::interactive(network, from, client, session) };
    estate.sign_in(at, account, request.to(OFFICE, EXCHANGE));
    estate.sign_in(
        at + 3 * MINUTE,
        account,
        Request { category: logonscope::model::event::SignInCategory::NonInteractive, ..request }.to(OFFICE, EXCHANGE),
    );
    at
}
