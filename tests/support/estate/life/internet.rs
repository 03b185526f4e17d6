//! What the Internet tries all day, at the exposed server and at the tenant.

use crate::estate::cloud::{Client, EXCHANGE, GRAPH, OFFICE, OUTLOOK_WEB, Request};
use crate::estate::places::Network;
use crate::estate::record::{NO_SUCH_USER, WRONG_PASSWORD, Way};
use crate::estate::stream::Estate;
use crate::estate::{HOUR, Moment, cast::Role};
use logonscope::model::event::Tri;
use std::net::IpAddr;

pub fn hour_of(estate: &mut Estate, at: Moment) {
    server(estate, at);
    tenant(estate, at);
}

fn stranger(estate: &mut Estate) -> (Network, IpAddr) {
    let from = if estate.dice.chance(0.5) { &estate.cast.places.noise } else { &estate.cast.places.hosters };
    let network = from[estate.dice.clone().below(from.len())];
    (network, network.any(&mut estate.dice))
}

/// Scanners with lists of names; what they call themselves tells nothing.
fn server(estate: &mut Estate, at: Moment) {
    let host = estate.cast.of_role(Role::Exposed)[0];
    for _ in 0..estate.dice.about(3.0) {
        let (_, address) = stranger(estate);
        let begin = at + estate.dice.between(0, HOUR);
        let pace = estate.dice.pick(&[1_500, 4_000, 20_000, 90_000]);
        for step in 0..estate.dice.about(9.0) {
            let claimed = ["KALI", "WORKSTATION", ""][estate.dice.below(3)];
            let workstation = estate.texts.of(claimed);
            let (name, code) = match estate.dice.below(40) {
                0..10 => (estate.texts.of("Administrator"), WRONG_PASSWORD),
                10 => {
                    // Names of people come from a leak.
                    let account = estate.dice.below(estate.cast.people.len());
                    (estate.cast.accounts[estate.cast.people[account].account].user, WRONG_PASSWORD)
                }
                _ => (estate.texts.of(["admin", "test", "WORKSTATION"][estate.dice.below(3)]), NO_SUCH_USER),
            };
            estate.failed(begin + step * pace, host, name, Way::NTLM.from(address).at(workstation), code);
        }
    }
}

/// Passwords of old leaks against every tenant of the world, one address each.
fn tenant(estate: &mut Estate, at: Moment) {
    let tries = (estate.cast.people.len() as f64 / 400.0).max(0.5);
    for _ in 0..estate.dice.about(tries) {
        let (network, address) = stranger(estate);
        let account = estate.cast.people[estate.dice.below(estate.cast.people.len())].account;
        let code = match estate.dice.below(20) {
            0..3 => 50_053,
            3 => 50_034,
            4 => 50_055,
            _ => 50_126,
        };
        let kit = &estate.kit;
        let client = Client {
            app: kit.word(if code == 50_053 { "Authenticated SMTP" } else { "Browser" }),
            browser: kit.word("Chrome 139.0.0"),
            system: kit.word("Windows10"),
            is_managed: Tri::No,
            is_compliant: Tri::No,
            ..Client::default()
        };
        let when = at + estate.dice.between(0, HOUR);
        let (app, resource) = estate.dice.pick(&[(OFFICE, GRAPH), (OUTLOOK_WEB, EXCHANGE)]);
        let request = Request { policy: "notApplied", ..Request::interactive(network, address, client, 0) };
        estate.sign_in(when, account, request.failed(code).to(app, resource));
    }
}
