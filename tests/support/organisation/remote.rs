//! Remote Desktop: connect, disconnect, reconnect from the same and another client, takeover, logoff (reference 6.2, 7).

use super::desktop::{self, Desktop};
use super::host::Role;
use super::logon::{Logon, account, hex};
use super::record::{LOCAL_SESSIONS, RDP_TRANSPORT, REMOTE_CONNECTIONS};
use super::sim::Sim;
use super::truth::{Kind, State};
use super::{HOUR, MINUTE, SECOND, controller, people};

/// An administrator works on a server: once, or in several turns.
pub fn work(sim: &mut Sim, who: usize) {
    let Some(admin) = sim.people[who].admin.clone() else { return };
    let client = sim.hosts[sim.people[who].desk].address.clone();
    let servers: Vec<usize> =
        (0..sim.hosts.len()).filter(|host| matches!(sim.hosts[*host].role, Role::TerminalServer | Role::AppServer)).collect();
    let host = servers[sim.dice.below(servers.len())];
    if !sim.hosts[host].is_up {
        return;
    }
    let Some(place) = connect(sim, host, &admin, &client) else { return };
    let lasts = sim.dice.between(5 * MINUTE, 90 * MINUTE);
    let ends = sim.dice.between(0, 10);
    sim.after(lasts, move |sim| {
        if !desktop::is_active(sim, place) {
            return;
        }
        match ends {
            0..=3 => desktop::log_off(sim, place),
            // The next turn comes soon, from another client, or another day.
            4..=6 => {
                disconnect(sim, place);
                let from = if ends == 4 { format!("10.0.9.{}", 20 + who % 100) } else { client };
                let wait = sim.dice.between(2 * MINUTE, 3 * HOUR);
                sim.after(wait, move |sim| again(sim, place, &from));
            }
            7 => take_over(sim, place, who),
            _ => disconnect(sim, place),
        }
    });
}

fn again(sim: &mut Sim, place: usize, client: &str) {
    let (host, user) = (sim.desktops[place].host, sim.desktops[place].user.clone());
    let Some(place) = sim.hosts[host].is_up.then(|| connect(sim, host, &user, client)).flatten() else { return };
    let lasts = sim.dice.between(5 * MINUTE, HOUR);
    sim.after(lasts, move |sim| {
        if desktop::is_active(sim, place) {
            desktop::log_off(sim, place);
        }
    });
}

/// A new desktop, or the one that waits; nothing where somebody sits at it.
pub fn connect(sim: &mut Sim, host: usize, user: &str, client: &str) -> Option<usize> {
    match sim.desktop_of(host, user) {
        Some(place) if sim.desktops[place].state == State::Disconnected => {
            reconnect(sim, place, client);
            Some(place)
        }
        Some(_) => None,
        None => Some(open(sim, host, user, client)),
    }
}

/// The client comes: 131, 261, the check of network level authentication, 1149.
fn knock(sim: &mut Sim, host: usize, user: &str, client: &str, visit: usize) {
    let port = format!("{client}:{}", sim.dice.between(49_152, 65_000));
    sim.write(host, RDP_TRANSPORT, 131, &[("ConnType", "TCP"), ("ClientIP", &port)]);
    sim.tick();
    sim.write(host, REMOTE_CONNECTIONS, 261, &[("listenerName", "RDP-Tcp")]);
    sim.tick();
    controller::service_ticket(sim, user, host, client);
    let check = Logon {
        user,
        rid: people::rid(user),
        logon_type: 3,
        source: client,
        process: "Kerberos",
        package: "Kerberos",
        image: "-",
        by: 0,
        is_privileged: true,
        elevated: Some(true),
        ..Logon::default()
    };
    let logon = sim.log_on(host, &check, visit);
    let wait = sim.dice.between(SECOND, 12 * SECOND);
    let is_lost = sim.dice.percent(2);
    sim.after(wait, move |sim| {
        if sim.is_open(logon) {
            if is_lost { sim.log_off_unseen(logon) } else { sim.log_off(logon) }
        }
    });
    sim.write(host, REMOTE_CONNECTIONS, 1149, &[("Param1", user), ("Param2", "CORP"), ("Param3", client)]);
    sim.now += sim.dice.between(200, 2 * SECOND);
}

fn open(sim: &mut Sim, host: usize, user: &str, client: &str) -> usize {
    let visit = sim.truth.visit(Kind::Desktop, host, &account(user), sim.now);
    knock(sim, host, user, client, visit);
    sim.announce(host, user);
    let short = sim.hosts[host].short.clone();
    let logon = Logon { user, rid: people::rid(user), logon_type: 10, source: client, workstation: &short, ..Logon::default() };
    sim.truth.visits[visit].start = sim.now;
    let (full, owner) = sim.log_on_both(host, &logon, true, visit);
    let (user, client) = (user.to_owned(), Some(client.to_owned()));
    desktop::add(sim, Desktop { visit, host, user, full, owner, number: 0, state: State::Active, client, is_there: true })
}

/// 4778 or 4779.
fn moved(sim: &mut Sim, place: usize, id: u32) -> bool {
    let Desktop { host, owner, number, ref user, ref client, .. } = sim.desktops[place];
    if !sim.hosts[host].audits_desktops {
        return false;
    }
    let name = if client.is_some() { format!("RDP-Tcp#{number}") } else { "Console".to_owned() };
    let (user, client) = (user.clone(), client.clone().unwrap_or_else(|| "LOCAL".to_owned()));
    let logon_id = hex(sim.truth.logons[owner].logon_id);
    sim.audit(
        host,
        id,
        &[
            ("AccountName", &user),
            ("AccountDomain", "CORP"),
            ("LogonID", &logon_id),
            ("SessionName", &name),
            ("ClientName", "CLIENT"),
            ("ClientAddress", &client),
        ],
    )
}

/// LocalSessionManager 24 and 40, 4779; the desktop stays.
pub fn disconnect(sim: &mut Sim, place: usize) {
    let (host, number) = (sim.desktops[place].host, sim.desktops[place].number.to_string());
    let at = sim.now;
    let is_told = sim.local_session(place, 24);
    sim.write(host, LOCAL_SESSIONS, 40, &[("Session", &number), ("Reason", "0")]);
    let second = sim.now;
    let is_told_too = moved(sim, place, 4779);
    sim.becomes(place, State::Disconnected, is_told.then_some(at).or(is_told_too.then_some(second)));
}

fn reconnect(sim: &mut Sim, place: usize, client: &str) {
    let Desktop { host, visit, ref user, .. } = sim.desktops[place];
    let user = user.clone();
    knock(sim, host, &user, client, visit);
    sim.desktops[place].client = Some(client.to_owned());
    come_back(sim, place);
}

/// 4778, LocalSessionManager 25, and the credentials once more.
pub fn come_back(sim: &mut Sim, place: usize) {
    let at = sim.now;
    let is_told = moved(sim, place, 4778);
    sim.tick();
    let second = sim.now;
    let is_told_too = sim.local_session(place, 25);
    sim.becomes(place, State::Active, is_told.then_some(at).or(is_told_too.then_some(second)));
    sim.now += sim.dice.between(100, 900);
    check_again(sim, place);
}

/// The logon screen asks once more; the desktop is active already.
fn check_again(sim: &mut Sim, place: usize) {
    let visit = sim.desktops[place].visit;
    let known = sim.truth.visits[visit].states.len();
    desktop::check_credentials(sim, place);
    sim.truth.visits[visit].states.truncate(known);
}

/// `tscon` brings another desktop that waits onto the screen of this one, which waits from now on.
fn take_over(sim: &mut Sim, place: usize, who: usize) {
    let (host, client) = (sim.desktops[place].host, sim.desktops[place].client.clone());
    let waiting = |desktop: &Desktop| {
        desktop.is_there && desktop.host == host && desktop.state == State::Disconnected && desktop.user != sim.desktops[place].user
    };
    let Some(other) = sim.desktops.iter().position(waiting) else { return disconnect(sim, place) };
    disconnect(sim, place);
    sim.now += sim.dice.between(100, 700);
    sim.desktops[other].client = client;
    let at = sim.now;
    let is_told = moved(sim, other, 4778);
    sim.tick();
    let second = sim.now;
    let is_told_too = sim.local_session(other, 25);
    sim.becomes(other, State::Active, is_told.then_some(at).or(is_told_too.then_some(second)));
    let wait = sim.dice.between(5 * MINUTE, 20 * MINUTE);
    let _ = who;
    sim.after(wait, move |sim| {
        if desktop::is_active(sim, other) {
            disconnect(sim, other);
        }
    });
}
