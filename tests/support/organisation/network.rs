//! Network logons: to file servers in bulk, to domain controllers, by people and by computers.

use super::host::Role;
use super::logon::Logon;
use super::sim::Sim;
use super::truth::Kind;
use super::{SECOND, people};

impl Sim {
    pub fn controller(&self) -> usize {
        self.hosts.iter().position(|host| host.role == Role::Controller).unwrap()
    }
}

/// One network logon of some seconds; some 4634 are lost.
pub fn reach(sim: &mut Sim, host: usize, user: &str, source: &str) {
    let network = Logon {
        user,
        rid: people::rid(user),
        logon_type: 3,
        source,
        process: "Kerberos",
        package: "Kerberos",
        image: "-",
        by: 0,
        ..Logon::default()
    };
    let logon = sim.log_on_alone(host, &network, Kind::Run);
    let lasts = sim.dice.between(0, 11 * SECOND);
    let is_lost = sim.dice.percent(3);
    sim.after(lasts, move |sim| {
        if sim.is_open(logon) {
            if is_lost { sim.log_off_unseen(logon) } else { sim.log_off(logon) }
        }
    });
}

/// A person opens a share: a few logons in a handful of seconds, and a ticket for it.
pub fn errand(sim: &mut Sim, user: &str, source: &str) {
    let servers: Vec<usize> = (0..sim.hosts.len()).filter(|host| sim.hosts[*host].role == Role::FileServer).collect();
    let server = servers[sim.dice.below(servers.len())];
    if !sim.hosts[server].is_up {
        return;
    }
    super::controller::service_ticket(sim, user, server, source);
    for more in 0..sim.dice.between(1, 3) {
        let (user, source) = (user.to_owned(), source.to_owned());
        let wait = more * sim.dice.between(200, 3 * SECOND);
        sim.after(wait, move |sim| {
            if sim.hosts[server].is_up {
                reach(sim, server, &user, &source);
            }
        });
    }
}
