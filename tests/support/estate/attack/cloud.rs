//! Sessions, tokens and second factors of people in the tenant.

use super::{Kind, Scene};
use crate::estate::cast::Work;
use crate::estate::cloud::{
    BROKER, CLI, Client, EXCHANGE, GRAPH, MANAGEMENT, OFFICE, OFFICE_HOME, OUTLOOK_WEB, PORTAL, POWERSHELL, REGISTRATION, Request,
    SHAREPOINT,
};
use crate::estate::places::Network;
use crate::estate::stream::Estate;
use crate::estate::{HOUR, MINUTE, Moment, SECOND};
use logonscope::base::intern::Symbol;
use logonscope::model::event::Tri;
use std::net::IpAddr;

pub const KINDS: &[Kind] = &[
    ("device code phishing", Some(Work::Office), device_code),
    ("session stolen in the middle", None, in_the_middle),
    ("token replayed", None, replay),
    ("silent without parent", None, without_parent),
    ("MFA fatigue", None, fatigue),
    ("device registered", None, registered),
    ("blocked then in", None, blocked_then_in),
    ("administrator's session", Some(Work::Technical), administrator),
    ("break-glass", None, break_glass),
    ("guest misused", None, guest),
];

const AGENT: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36";

impl Estate {
    /// Where the victim really is, and the browser used there.
    fn at_work(&mut self, scene: &Scene) -> (Network, IpAddr, Client) {
        let person = self.cast.people[scene.victim].clone();
        let office = self.cast.places.sites[person.site].office;
        (office, office.address(1), self.computer_client(&person, scene.day, true))
    }
    fn script(&self) -> Client {
        Client {
            app: self.kit.word("Mobile Apps and Desktop clients"),
            ..self.strange_client("Python Requests 2.31", "python-requests/2.31.0", "Linux")
        }
    }
    fn plain_browser(&self) -> Client {
        self.strange_client("Chrome 139.0.0", AGENT, "Windows10")
    }
    /// What is done with a token: mail, files, the directory.
    fn loot(&mut self, at: Moment, account: usize, request: Request) {
        for (step, (app, resource)) in [(OFFICE, GRAPH), (OUTLOOK_WEB, EXCHANGE), (SHAREPOINT, 5), (OFFICE, GRAPH)].into_iter().enumerate()
        {
            self.sign_in(at + step as i64 * 70 * SECOND, account, request.to(app, resource));
        }
    }
}

fn device_code(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let at = scene.at(9, 16);
    let account = estate.victim(scene);
    let (office, address, mut client) = estate.at_work(scene);
    client.device = Symbol::NONE;
    let session = scene.dice.guid();
    let app = scene.dice.pick(&[BROKER, CLI, OFFICE]);
    let request =
        Request { protocol: "devicecode", original: "devicecodeflow", ..Request::interactive(office, address, client, session).approved() };
    estate.sign_in(at, account, request.to(app, GRAPH));
    let (network, from) = estate.far_away(scene);
    let wait = if scene.is_slow() { 7 * HOUR } else { scene.dice.between(5, 600) * SECOND };
    let script = estate.script();
    let replayed = Request { original: "devicecodeflow", ..Request::silent(network, from, script, session) };
    estate.loot(at + wait, account, replayed);
    at + wait + 70 * SECOND
}

/// A false page passes everything on, the second factor too; the cookie goes elsewhere.
fn in_the_middle(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let at = scene.at(9, 17);
    let account = estate.victim(scene);
    let (network, from) = estate.hoster(scene);
    let session = scene.dice.guid();
    let (.., own) = estate.at_work(scene);
    // The page shows the victim's own browser, but no device.
    let client = Client { device: Symbol::NONE, device_name: Symbol::NONE, is_managed: Tri::No, is_compliant: Tri::No, ..own };
    estate.sign_in(at, account, Request::interactive(network, from, client, session).approved().to(OFFICE_HOME, GRAPH));
    let (other, there) = if scene.number.is_multiple_of(2) { estate.hoster(scene) } else { estate.far_away(scene) };
    let wait = if scene.is_slow() { 5 * HOUR } else { scene.dice.between(1, 20) * MINUTE };
    let browser = estate.plain_browser();
    estate.loot(at + wait, account, Request::silent(other, there, browser, session));
    at + wait + 70 * SECOND
}

/// The cookie of a session that the victim goes on using.
fn replay(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let at = scene.any_hour();
    let account = estate.victim(scene);
    let session = estate.cast.people[scene.victim].session;
    let (network, from) = estate.far_away(scene);
    let browser = if scene.number.is_multiple_of(2) { estate.script() } else { estate.plain_browser() };
    estate.loot(at, account, Request::silent(network, from, browser, session));
    at + 70 * SECOND
}

fn without_parent(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let at = scene.any_hour();
    let account = estate.victim(scene);
    let session = scene.dice.guid();
    let (network, from) = estate.far_away(scene);
    let script = estate.script();
    let request = Request::silent(network, from, script, session);
    estate.sign_in(at, account, request.to(POWERSHELL, MANAGEMENT));
    estate.loot(at + 9 * MINUTE, account, request);
    at + 9 * MINUTE
}

/// Prompt after prompt until somebody gives in; the cautious ask few times, at night.
fn fatigue(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let mut at = if scene.number.is_multiple_of(2) { scene.at(22, 24) } else { scene.at(10, 16) };
    let account = estate.victim(scene);
    let (network, from) = estate.far_away(scene);
    let browser = estate.plain_browser();
    let session = scene.dice.guid();
    let request = Request {
        method: "mobile app notification",
        requirement: "multiFactorAuthentication",
        ..Request::interactive(network, from, browser, session)
    };
    let (prompts, pace) = if scene.is_slow() { (5, 18 * MINUTE) } else { (scene.dice.between(6, 20), 70 * SECOND) };
    for _ in 0..prompts {
        estate.sign_in(at, account, request.failed(500_121));
        at += pace + scene.dice.between(0, pace / 2);
    }
    estate.sign_in(at, account, request.approved());
    at
}

/// A device of the attacker's joins, and gets a primary refresh token.
fn registered(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let at = scene.any_hour();
    let account = estate.victim(scene);
    let (network, from) = estate.far_away(scene);
    let script = estate.script();
    let session = scene.dice.guid();
    let begun = Request::interactive(network, from, script, session).approved();
    estate.sign_in(at, account, begun.to(BROKER, REGISTRATION));
    let device = estate.kit.rogue[scene.number % 64];
    let own = Client { device, is_managed: Tri::No, ..script };
    let later = at + scene.dice.between(2, 50) * MINUTE;
    let request = Request { incoming: "primaryrefreshtoken", protection: "bound", ..Request::silent(network, from, own, session) };
    estate.loot(later, account, request);
    later + 70 * SECOND
}

/// Policy stops the browser; a client that policy forgot gets through.
fn blocked_then_in(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let at = scene.any_hour();
    let account = estate.victim(scene);
    let (network, from) = estate.far_away(scene);
    let browser = estate.plain_browser();
    let session = scene.dice.guid();
    let request = Request::interactive(network, from, browser, session);
    for step in 0..3 {
        estate.sign_in(at + step * 50 * SECOND, account, Request { policy: "failure", ..request }.failed(53_003).to(OFFICE_HOME, GRAPH));
    }
    let phone = Client { system: estate.kit.word("Android 15"), agent: estate.kit.word("axios/1.7.9"), ..browser };
    let passed = Request { policy: "notApplied", client: phone, ..request };
    estate.sign_in(at + 4 * MINUTE, account, passed.to(CLI, GRAPH));
    at + 4 * MINUTE
}

fn administrator(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let at = scene.any_hour();
    let account = estate.some_admin(scene);
    let (network, from) = estate.far_away(scene);
    let browser = estate.plain_browser();
    let session = scene.dice.guid();
    let request = Request::interactive(network, from, browser, session).approved();
    estate.sign_in(at, account, request.to(PORTAL, MANAGEMENT));
    estate.sign_in(at + 5 * MINUTE, account, Request::silent(network, from, browser, session).to(POWERSHELL, GRAPH));
    at + 5 * MINUTE
}

/// The account for emergencies, without a second factor.
fn break_glass(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let at = scene.any_hour();
    let (network, from) = estate.far_away(scene);
    let browser = estate.plain_browser();
    let session = scene.dice.guid();
    let request = Request { policy: "notApplied", ..Request::interactive(network, from, browser, session) };
    for step in 0..3 {
        estate.sign_in(at + step * MINUTE, scene.spare, request.failed(50_126).to(PORTAL, MANAGEMENT));
    }
    estate.sign_in(at + 4 * MINUTE, scene.spare, request.to(PORTAL, MANAGEMENT));
    at + 4 * MINUTE
}

fn guest(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let at = scene.any_hour();
    let guest = estate.cast.guests[scene.dice.below(estate.cast.guests.len())].clone();
    let (network, from) = estate.far_away(scene);
    let browser = estate.plain_browser();
    let session = scene.dice.guid();
    let request = Request::interactive(network, from, browser, session);
    estate.guest_sign_in(at, &guest, request.to(PORTAL, MANAGEMENT));
    estate.guest_sign_in(at + 3 * MINUTE, &guest, request.to(CLI, MANAGEMENT));
    estate.guest_sign_in(at + 5 * MINUTE, &guest, request.to(16, GRAPH));
    at + 5 * MINUTE
}
