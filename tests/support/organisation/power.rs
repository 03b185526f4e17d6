//! Hosts are switched off and on: as they should be, and not.

use super::host::Role;
use super::record::{EVENT_LOG, KERNEL, POWER, SERVICE, USER32};
use super::sim::Sim;
use super::truth::Told;
use super::{BEGIN, DAY, HOUR, MINUTE, SECOND, machine};

/// Plans the restarts of servers: one night of patches, and accidents.
pub fn plan(sim: &mut Sim) {
    for host in 0..sim.hosts.len() {
        start(sim, host);
        let role = sim.hosts[host].role;
        if role == Role::Workstation {
            continue;
        }
        let patched = sim.dice.between(3, sim.scale.days.max(5));
        let at = BEGIN + patched * DAY + sim.dice.between(2 * HOUR, 4 * HOUR);
        sim.at(at, move |sim| restart(sim, host, true));
        // Nobody collects this restart: LogonIds meet those of before.
        if sim.hosts[host].short == "APP02" {
            sim.hosts[host].blind = Some((at - 5 * MINUTE, at + 15 * MINUTE));
        }
        if sim.dice.percent(30) {
            let crashed = sim.dice.between(DAY, sim.scale.days * DAY);
            sim.at(BEGIN + crashed, move |sim| restart(sim, host, false));
        }
    }
}

pub fn restart(sim: &mut Sim, host: usize, is_clean: bool) {
    if !sim.hosts[host].is_up {
        return;
    }
    if is_clean {
        stop(sim, host);
    } else {
        crash(sim, host);
    }
    let off_for = sim.dice.between(40 * SECOND, 6 * MINUTE);
    sim.after(off_for, move |sim| {
        start(sim, host);
        if !is_clean {
            sim.write(host, POWER, 41, &[("BugcheckCode", "0")]);
            sim.write(host, EVENT_LOG, 6008, &[]);
        }
    });
}

/// Nothing is written when the power goes.
pub fn crash(sim: &mut Sim, host: usize) {
    sim.hosts[host].is_up = false;
    forget(sim, host);
}

pub fn stop(sim: &mut Sim, host: usize) {
    sim.hosts[host].is_up = false;
    forget(sim, host);
    sim.write(host, USER32, 1074, &[("param1", "C:\\Windows\\system32\\shutdown.exe"), ("param5", "restart")]);
    sim.now += sim.dice.between(SECOND, 4 * SECOND);
    sim.write(host, SERVICE, 1100, &[]);
    sim.write(host, EVENT_LOG, 6006, &[]);
    sim.tick();
    sim.write(host, KERNEL, 13, &[]);
}

/// Whatever was logged on there is no more.
fn forget(sim: &mut Sim, host: usize) {
    for logon in std::mem::take(&mut sim.hosts[host].really_open) {
        sim.truth.logons[logon].has_ended = true;
    }
    for desktop in &mut sim.desktops {
        if desktop.host == host && desktop.is_there {
            desktop.is_there = false;
            sim.hosts[host].went_down.push(desktop.visit);
        }
    }
}

/// Kernel-General 12 is stamped first; 4608 comes seconds later, 6005 after the first logons.
pub fn start(sim: &mut Sim, host: usize) {
    sim.hosts[host].is_starting = true;
    sim.hosts[host].begin_boot();
    let (began, last_told) = (sim.now, sim.hosts[host].last_told);
    let mut told = sim.write(host, KERNEL, 12, &[]).then_some(began);
    sim.now += sim.dice.between(2 * SECOND, 6 * SECOND);
    if sim.audit(host, 4608, &[]) && told.is_none() {
        told = Some(sim.now);
    }
    let went_down = std::mem::take(&mut sim.hosts[host].went_down);
    match told {
        Some(at) => {
            for visit in went_down {
                sim.truth.visits[visit].until_boot.get_or_insert(last_told);
            }
            for (_, logon) in std::mem::take(&mut sim.hosts[host].told_open) {
                sim.truth.logons[logon].told = Told::Boot(at);
                let visit = sim.truth.logons[logon].visit;
                sim.truth.visits[visit].until_boot.get_or_insert(last_told);
            }
        }
        None => {
            went_down.into_iter().for_each(|visit| sim.truth.visits[visit].is_murky = true);
            for logon in sim.hosts[host].told_open.values() {
                let visit = sim.truth.logons[*logon].visit;
                sim.truth.visits[visit].is_murky = true;
            }
        }
    }
    sim.now += sim.dice.between(100, 900);
    machine::services(sim, host);
    sim.now += sim.dice.between(SECOND, 3 * SECOND);
    sim.write(host, EVENT_LOG, 6009, &[]);
    sim.write(host, EVENT_LOG, 6005, &[]);
    // Nobody logs on before Windows is there.
    sim.after(SECOND, move |sim| (sim.hosts[host].is_up, sim.hosts[host].is_starting) = (true, false));
}
