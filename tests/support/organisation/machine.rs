//! What machines do by themselves: services, scheduled tasks, computer accounts at their domain controller.

use super::host::Role;
use super::logon::Logon;
use super::people::SERVICE_ACCOUNTS;
use super::sim::Sim;
use super::truth::Kind;
use super::{BEGIN, DAY, HOUR, MINUTE, SECOND, people};

/// Services of the host begin with it and end with it, mostly without a 4634.
pub fn services(sim: &mut Sim, host: usize) {
    let system = Logon { user: "SYSTEM", rid: 18, logon_type: 5, process: "Advapi  ", elevated: Some(true), ..Logon::default() };
    // The built-in ids open nothing: they are not part of the truth.
    sim.audit(
        host,
        4624,
        &[
            ("TargetUserSid", "S-1-5-18"),
            ("TargetUserName", "SYSTEM"),
            ("TargetDomainName", "NT AUTHORITY"),
            ("TargetLogonId", "0x3e7"),
            ("LogonType", "5"),
        ],
    );
    sim.tick();
    if matches!(sim.hosts[host].role, Role::AppServer | Role::FileServer) {
        let user = SERVICE_ACCOUNTS[host % SERVICE_ACCOUNTS.len()];
        let service = Logon { user, rid: people::rid(user), is_privileged: host.is_multiple_of(2), ..system };
        sim.log_on_alone(host, &service, Kind::Single);
    }
}

/// Plans the tasks of each night and the visits of computer accounts.
pub fn plan(sim: &mut Sim) {
    for host in 0..sim.hosts.len() {
        match sim.hosts[host].role {
            Role::AppServer => nightly(sim, host),
            Role::Workstation => computer(sim, host),
            _ => {}
        }
    }
}

fn nightly(sim: &mut Sim, host: usize) {
    for day in 0..sim.scale.days {
        let at = BEGIN + day * DAY + HOUR + sim.dice.between(0, 30 * MINUTE);
        sim.at(at, move |sim| task(sim, host));
    }
}

fn task(sim: &mut Sim, host: usize) {
    if !sim.hosts[host].is_up {
        return;
    }
    let user = "svc_batch";
    let batch = Logon {
        user,
        rid: people::rid(user),
        logon_type: 4,
        process: "Advapi  ",
        is_privileged: true,
        elevated: Some(true),
        ..Logon::default()
    };
    let logon = sim.log_on_alone(host, &batch, Kind::Run);
    let lasts = sim.dice.between(20 * SECOND, 50 * MINUTE);
    let is_lost = sim.dice.percent(2);
    sim.after(lasts, move |sim| {
        if sim.is_open(logon) {
            if is_lost { sim.log_off_unseen(logon) } else { sim.log_off(logon) }
        }
    });
}

/// A computer account logs on to its domain controller some times a day.
fn computer(sim: &mut Sim, host: usize) {
    for day in 0..sim.scale.days {
        let at = BEGIN + day * DAY + sim.dice.between(7 * HOUR, 17 * HOUR);
        sim.at(at, move |sim| {
            let controller = sim.controller();
            if sim.hosts[host].is_up && sim.hosts[controller].is_up {
                let user = format!("{}$", sim.hosts[host].short);
                let source = sim.hosts[host].address.clone();
                super::network::reach(sim, controller, &user, &source);
            }
        });
    }
}
