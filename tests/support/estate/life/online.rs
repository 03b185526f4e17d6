//! A day in the tenant: what people's computers and phones sign in to.

use super::{Location, Shift};
use crate::estate::cast::{Guest, Work};
use crate::estate::cloud::{
    CLI, EXCHANGE, EXPENSES, GRAPH, MANAGEMENT, MEETING_ROOM, OFFICE, OFFICE_HOME, OUTLOOK_MOBILE, OUTLOOK_WEB, PORTAL, Request,
    SHAREPOINT, TEAMS,
};
use crate::estate::places::Network;
use crate::estate::stream::Estate;
use crate::estate::{DAY, HOUR, MINUTE, Moment, SECOND};
use logonscope::model::event::MfaResult;
use std::net::IpAddr;

const DESK_APPS: [(usize, usize); 6] =
    [(TEAMS, GRAPH), (TEAMS, EXCHANGE), (OFFICE, GRAPH), (OUTLOOK_WEB, EXCHANGE), (SHAREPOINT, 5), (EXPENSES, GRAPH)];

impl Estate {
    /// Somebody signs in; the steps in between are rows of their own.
    fn enter(&mut self, at: Moment, account: usize, request: Request) {
        let flow = self.dice.guid();
        let request = Request { flow, ..request };
        let mut at = at;
        if self.dice.chance(0.06) {
            for _ in 0..=self.dice.below(2) {
                self.sign_in(at, account, request.failed(50_126));
                at += self.dice.between(6, 25) * SECOND;
            }
        }
        if self.dice.chance(0.15) {
            // A second factor is asked; once in a while nobody answers the first time.
            self.sign_in(at, account, request.failed(50_074));
            at += self.dice.between(5, 20) * SECOND;
            if self.dice.chance(0.04) {
                self.sign_in(at, account, Request { method: "mobile app notification", ..request }.failed(500_121));
                at += self.dice.between(40, 90) * SECOND;
            }
            self.sign_in(at, account, request.approved());
        } else {
            if self.dice.chance(0.1) {
                self.sign_in(at, account, request.failed(50_140));
                at += 3 * SECOND;
            }
            self.sign_in(at, account, request);
        }
    }
}

pub fn computer_day(estate: &mut Estate, shift: &Shift) {
    let (network, address) = estate.exit(shift);
    let person = estate.cast.people[shift.place].clone();
    let account = person.account;
    let browser = estate.computer_client(&person, shift.day, true);
    let desktop = estate.computer_client(&person, shift.day, false);
    let is_abroad = matches!(shift.location, Location::Abroad(_));
    if estate.dice.chance(if is_abroad { 0.8 } else { 0.35 }) {
        let session = estate.dice.guid();
        estate.cast.people[shift.place].session = session;
        let at = shift.start + estate.dice.between(2, 60) * MINUTE;
        let (app, resource) = estate.dice.pick(&[(OFFICE_HOME, GRAPH), (OUTLOOK_WEB, EXCHANGE), (EXPENSES, GRAPH), (SHAREPOINT, 5)]);
        let request = Request::interactive(network, address, browser, session).to(app, resource);
        estate.enter(at, account, if is_abroad { request.approved() } else { request });
    }
    let session = estate.cast.people[shift.place].session;
    // Windows itself holds a primary refresh token.
    for _ in 0..estate.dice.about(4.0) {
        let at = estate.dice.between(shift.start + 4 * MINUTE, shift.end);
        let (app, resource) = estate.dice.pick(&DESK_APPS);
        let is_browser = matches!(app, OUTLOOK_WEB | SHAREPOINT | EXPENSES);
        let client = if is_browser { browser } else { desktop };
        let request =
            Request { incoming: "primaryrefreshtoken", protection: "bound", ..Request::silent(network, address, client, session) };
        estate.sign_in(at, account, request.to(app, resource));
    }
    if shift.location != Location::Office && estate.dice.chance(0.3) {
        // The VPN carries some of it through the office.
        let office = estate.cast.places.sites[person.site].office;
        let at = estate.dice.between(shift.start + 20 * MINUTE, shift.end);
        estate.sign_in(at, account, Request::silent(office, office.address(1), desktop, session).to(TEAMS, GRAPH));
    }
    if person.is_developer && estate.dice.chance(0.5) {
        developer(estate, shift, network, address);
    }
    if person.work == Work::Technical && estate.dice.chance(0.4) {
        let at = estate.dice.between(shift.start + 10 * MINUTE, shift.end);
        estate.sign_in(at, account, Request::interactive(network, address, browser, session).to(PORTAL, MANAGEMENT).approved());
    }
    if person.admin.is_none() && estate.dice.chance(0.000_4) {
        meeting_room(estate, shift);
    }
    if estate.dice.chance(0.001) {
        // An application that policy keeps for managed devices, tried from a browser that does not tell; then rightly.
        let at = estate.dice.between(shift.start, shift.end);
        let bare = Request::interactive(
            network,
            address,
            crate::estate::cloud::Client { device: logonscope::base::intern::Symbol::NONE, ..browser },
            session,
        );
        estate.sign_in(at, account, Request { policy: "failure", ..bare }.failed(53_000).to(EXPENSES, GRAPH));
        estate.sign_in(at + 4 * MINUTE, account, Request::interactive(network, address, browser, session).to(EXPENSES, GRAPH));
    }
}

/// Command line tools on servers and containers: device codes week by week, and tokens they renew.
fn developer(estate: &mut Estate, shift: &Shift, network: Network, address: IpAddr) {
    let person = estate.cast.people[shift.place].clone();
    let session = estate.dice.guid();
    let at = estate.dice.between(shift.start + 30 * MINUTE, shift.end - HOUR);
    let kit = &estate.kit;
    let client = crate::estate::cloud::Client {
        browser: kit.word("Rich Client 4.65.0.0"),
        system: kit.word("Linux"),
        agent: kit.word("AzureCLI/2.67 (Linux)"),
        app: kit.word("Mobile Apps and Desktop clients"),
        ..crate::estate::cloud::Client::default()
    };
    let request = Request::interactive(network, address, client, session).to(CLI, MANAGEMENT).approved();
    let by_code = Request { protocol: "devicecode", original: "devicecodeflow", ..request };
    let asks = if estate.dice.chance(0.6) { by_code } else { request };
    estate.sign_in(at, person.account, asks);
    for step in 1..=estate.dice.about(2.0) {
        let renewed = Request { original: asks.original, ..Request::silent(network, address, client, session) };
        estate.sign_in(at + step * 70 * MINUTE, person.account, renewed.to(CLI, MANAGEMENT));
    }
}

/// A screen in a meeting room shows a code; somebody types it in.
fn meeting_room(estate: &mut Estate, shift: &Shift) {
    let person = estate.cast.people[shift.place].clone();
    let office = estate.cast.places.sites[person.site].office;
    let at = estate.dice.between(shift.start + 30 * MINUTE, shift.end);
    let session = estate.dice.guid();
    let client = estate.strange_client(
        "Chrome 139.0.0",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36",
        "Linux",
    );
    let request = Request::interactive(office, office.address(2), client, session).to(MEETING_ROOM, GRAPH).approved();
    estate.sign_in(at, person.account, Request { protocol: "devicecode", original: "devicecodeflow", ..request });
    estate.sign_in(
        at + 8 * SECOND,
        person.account,
        Request { original: "devicecodeflow", ..Request::silent(office, office.address(2), client, session) }.to(MEETING_ROOM, GRAPH),
    );
}

/// A phone knows no working hours.
pub fn phone_day(estate: &mut Estate, place: usize, day: i64, midnight: Moment) {
    let person = estate.cast.people[place].clone();
    let client = estate.phone_client(&person);
    let is_free = estate.cast.calendar.is_weekend(day);
    for _ in 0..estate.dice.about(if is_free { 1.0 } else { 2.2 }) {
        let at = midnight + estate.dice.between(6 * 60 + 30, 23 * 60 + 30) * MINUTE;
        let (network, address) =
            if estate.dice.chance(0.4) && person.trip.is_none() { estate.home(place, day) } else { estate.mobile(place) };
        if estate.dice.chance(0.02) {
            let session = estate.dice.guid();
            estate.cast.people[place].phone_session = session;
            estate.enter(
                at,
                person.account,
                Request::interactive(network, address, client, session).to(OUTLOOK_MOBILE, EXCHANGE).approved(),
            );
        } else {
            let session = estate.cast.people[place].phone_session;
            estate.sign_in(at, person.account, Request::silent(network, address, client, session).to(OUTLOOK_MOBILE, EXCHANGE));
        }
    }
    // An evening at home: mail in a browser.
    if estate.dice.chance(0.03) {
        let (network, address) = estate.home(place, day);
        let browser = estate.computer_client(&person, day, true);
        let session = estate.dice.guid();
        let at = midnight + estate.dice.between(18 * 60 + 30, 22 * 60) * MINUTE;
        estate.enter(at, person.account, Request::interactive(network, address, browser, session).to(OUTLOOK_WEB, EXCHANGE));
    }
    if let Some(since) = person.stale_phone_day
        && (since..since + 4).contains(&day)
    {
        // An old mail program goes on with the password of last month.
        let (network, address) = estate.mobile(place);
        let old = crate::estate::cloud::Client { app: estate.kit.word("IMAP4"), agent: estate.kit.word("BAV2ROPC"), ..client };
        for slot in 0..24 {
            let at = midnight + slot * HOUR + estate.dice.between(0, 5) * MINUTE;
            let code = if estate.dice.chance(0.1) { 50_053 } else { 50_126 };
            let request = Request { protocol: "ropc", ..Request::silent(network, address, old, 0) };
            estate.sign_in(at, person.account, request.failed(code).to(OUTLOOK_MOBILE, EXCHANGE));
        }
    }
}

/// Somebody left: the phone does not know yet.
pub fn left(estate: &mut Estate, place: usize, day: i64, midnight: Moment) {
    let person = estate.cast.people[place].clone();
    if day >= person.until_day + 5 {
        return;
    }
    let client = estate.phone_client(&person);
    for slot in 0..6 {
        let (network, address) = estate.mobile(place);
        let at = midnight + slot * DAY / 6 + estate.dice.between(0, 60) * MINUTE;
        let session = person.phone_session;
        estate.sign_in(at, person.account, Request::silent(network, address, client, session).failed(50_057).to(OUTLOOK_MOBILE, EXCHANGE));
    }
}

/// People of other organisations: some days, office hours, few applications.
pub fn guest(estate: &mut Estate, guest: &Guest, at: Moment, day: i64) {
    let (browser, agent) = estate.browser(guest.browser, day);
    let mut client = estate.strange_client("Chrome 139.0.0", "axios/1.7.9", "Windows10");
    (client.browser, client.agent) = (browser, agent);
    let address = guest.home.address(guest.number.wrapping_add(day as u16 / 14));
    let request = Request {
        requirement: "multiFactorAuthentication",
        method: "previously satisfied",
        mfa: MfaResult::None,
        ..Request::interactive(guest.home, address, client, guest.session)
    };
    estate.guest_sign_in(at, guest, request.to(TEAMS, GRAPH));
    for step in 1..3 {
        estate.guest_sign_in(at + step * 40 * MINUTE, guest, Request::silent(guest.home, address, client, guest.session).to(SHAREPOINT, 5));
    }
}
