//! Desktops: logon at the console, lock and unlock, other credentials, logoff (reference 6.2).

use super::logon::{Logon, hex, sid};
use super::record::{LOCAL_SESSIONS, WINLOGON};
use super::sim::Sim;
use super::truth::{Kind, State};
use super::{HOUR, MINUTE, Moment, SECOND, controller, people, remote};

/// A desktop of somebody.
pub struct Desktop {
    pub visit: usize,
    pub host: usize,
    pub user: String,
    /// The elevated half of a UAC pair.
    pub full: Option<usize>,
    /// The logon that owns the desktop: the limited half, or the only one.
    pub owner: usize,
    /// Terminal Services session number.
    pub number: u32,
    pub state: State,
    /// Address of the Remote Desktop client; `None` at the console.
    pub client: Option<String>,
    pub is_there: bool,
}

impl Sim {
    pub fn desktop_of(&self, host: usize, user: &str) -> Option<usize> {
        self.desktops.iter().position(|desktop| desktop.is_there && desktop.host == host && desktop.user == user)
    }
    /// LocalSessionManager 21 to 25.
    pub fn local_session(&mut self, place: usize, id: u32) -> bool {
        let Desktop { host, number, ref user, ref client, .. } = self.desktops[place];
        let (user, number) = (format!("CORP\\{user}"), number.to_string());
        let address = client.clone().unwrap_or_else(|| "LOCAL".to_owned());
        let is_told = self.write(host, LOCAL_SESSIONS, id, &[("User", &user), ("SessionID", &number), ("Address", &address)]);
        self.tick();
        is_told
    }
    /// A UAC pair, the full token first, or one logon; gives the full one, if there is one, and the other.
    pub fn log_on_both(&mut self, host: usize, logon: &Logon<'_>, is_pair: bool, visit: usize) -> (Option<usize>, usize) {
        if !is_pair {
            return (None, self.log_on(host, logon, visit));
        }
        let (full, limited) = (self.logon_id(host), self.logon_id(host));
        let elevated = Logon { elevated: Some(true), linked: limited, is_privileged: true, ..*logon };
        // 4672 comes after both for desktops; the order within a few milliseconds does not matter here.
        let full_logon = self.log_on_as(host, full, &elevated, visit);
        let limited_logon = self.log_on_as(host, limited, &Logon { linked: full, ..*logon }, visit);
        (Some(full_logon), limited_logon)
    }
    /// 4648 of the host itself, as Winlogon writes it before a logon at its screen.
    pub fn announce(&mut self, host: usize, user: &str) {
        let machine = format!("{}$", self.hosts[host].short);
        self.audit(
            host,
            4648,
            &[
                ("SubjectUserSid", "S-1-5-18"),
                ("SubjectUserName", &machine),
                ("SubjectDomainName", "CORP"),
                ("SubjectLogonId", "0x3e7"),
                ("TargetUserName", user),
                ("TargetDomainName", "CORP"),
                ("TargetServerName", "localhost"),
                ("ProcessName", "C:\\Windows\\System32\\svchost.exe"),
                ("IpAddress", "127.0.0.1"),
            ],
        );
        self.tick();
    }
    fn desktop_audit(&mut self, place: usize, id: u32) -> bool {
        let Desktop { host, owner, number, ref user, .. } = self.desktops[place];
        if !self.hosts[host].audits_desktops {
            return false;
        }
        let user = user.clone();
        let (logon_id, number) = (hex(self.truth.logons[owner].logon_id), number.to_string());
        let is_told = self.audit(
            host,
            id,
            &[
                ("TargetUserSid", &sid(people::rid(&user))),
                ("TargetUserName", &user),
                ("TargetDomainName", "CORP"),
                ("TargetLogonId", &logon_id),
                ("SessionId", &number),
            ],
        );
        self.tick();
        is_told
    }
    /// `told` is when the first record tells it that was collected.
    pub fn becomes(&mut self, place: usize, state: State, told: Option<Moment>) {
        self.desktops[place].state = state;
        if let Some(at) = told {
            let visit = self.desktops[place].visit;
            self.truth.visits[visit].states.push((at, state));
        }
    }
}

pub fn is_active(sim: &Sim, place: usize) -> bool {
    let desktop = &sim.desktops[place];
    desktop.is_there && desktop.state == State::Active
}

/// Console logon of a person at their desk.
pub fn open_console(sim: &mut Sim, who: usize) -> usize {
    let (host, user) = (sim.people[who].desk, sim.people[who].user.clone());
    let is_pair = sim.people[who].is_local_admin;
    let is_cached = sim.people[who].has_laptop && sim.dice.percent(30);
    let (short, address) = (sim.hosts[host].short.clone(), sim.hosts[host].address.clone());
    if !is_cached {
        controller::ticket_granting(sim, &user, &address);
    }
    sim.announce(host, &user);
    let visit = sim.truth.visit(Kind::Desktop, host, &super::logon::account(&user), sim.now);
    let logon = Logon {
        user: &user,
        rid: people::rid(&user),
        logon_type: if is_cached { 11 } else { 2 },
        source: "127.0.0.1",
        workstation: &short,
        ..Logon::default()
    };
    let (full, owner) = sim.log_on_both(host, &logon, is_pair, visit);
    add(sim, Desktop { visit, host, user, full, owner, number: 0, state: State::Active, client: None, is_there: true })
}

/// The desktop comes up: a number for it, 7001, LocalSessionManager 21 and 22.
pub fn add(sim: &mut Sim, mut desktop: Desktop) -> usize {
    let host = desktop.host;
    desktop.number = sim.hosts[host].next_desktop;
    sim.truth.visits[desktop.visit].held_by = [Some(desktop.owner), desktop.full].into_iter().flatten().collect();
    sim.hosts[host].next_desktop += 1;
    let (number, user_sid) = (desktop.number.to_string(), sid(people::rid(&desktop.user)));
    sim.desktops.push(desktop);
    let (place, first) = (sim.desktops.len() - 1, sim.now);
    let is_told = sim.write(host, WINLOGON, 7001, &[("TSId", &number), ("UserSid", &user_sid)]);
    sim.now += sim.dice.between(100, 900);
    let second = sim.now;
    let is_told_too = sim.local_session(place, 21);
    let visit = sim.desktops[place].visit;
    sim.truth.visits[visit].desktop_came = is_told.then_some(first).or(is_told_too.then_some(second));
    sim.now += sim.dice.between(100, 900);
    sim.local_session(place, 22);
    place
}

/// A colleague logs on for a while, the owner's desktop waits (fast user switching).
pub fn lend(sim: &mut Sim, place: usize, colleague: &str) {
    let host = sim.desktops[place].host;
    if !is_active(sim, place) || sim.desktops[place].user == colleague {
        return;
    }
    remote::disconnect(sim, place);
    sim.now += sim.dice.between(SECOND, 9 * SECOND);
    sim.announce(host, colleague);
    let visit = sim.truth.visit(Kind::Desktop, host, &super::logon::account(colleague), sim.now);
    let short = sim.hosts[host].short.clone();
    let logon = Logon { user: colleague, rid: people::rid(colleague), source: "127.0.0.1", workstation: &short, ..Logon::default() };
    let (full, owner) = sim.log_on_both(host, &logon, false, visit);
    let user = colleague.to_owned();
    let lent = add(sim, Desktop { visit, host, user, full, owner, number: 0, state: State::Active, client: None, is_there: true });
    let lasts = sim.dice.between(5 * MINUTE, 30 * MINUTE);
    sim.after(lasts, move |sim| {
        if is_active(sim, lent) {
            log_off(sim, lent);
        }
        sim.after(20 * SECOND, move |sim| {
            if sim.desktops[place].is_there && sim.desktops[place].state == State::Disconnected {
                remote::come_back(sim, place);
            }
        });
    });
}

pub fn take_a_break(sim: &mut Sim, place: usize) {
    if !is_active(sim, place) {
        return;
    }
    lock(sim, place);
    let lasts = sim.dice.between(3 * MINUTE, 35 * MINUTE);
    sim.after(lasts, move |sim| {
        if sim.desktops[place].is_there && sim.desktops[place].state == State::Locked {
            unlock(sim, place);
        }
    });
}

pub fn lock(sim: &mut Sim, place: usize) {
    let at = sim.now;
    let is_told = sim.desktop_audit(place, 4800);
    sim.becomes(place, State::Locked, is_told.then_some(at));
}

/// Throw-away logons of type 7, which end at once, and 4801.
pub fn unlock(sim: &mut Sim, place: usize) {
    if sim.desktops[place].state == State::Active {
        return;
    }
    check_credentials(sim, place);
}

/// The credential check of an unlock or a reconnect; the desktop is active after it.
pub fn check_credentials(sim: &mut Sim, place: usize) {
    let Desktop { host, visit, ref user, full, ref client, .. } = sim.desktops[place];
    let (user, source) = (user.clone(), client.clone().unwrap_or_else(|| "-".to_owned()));
    let short = sim.hosts[host].short.clone();
    sim.announce(host, &user);
    let logon = Logon { user: &user, rid: people::rid(&user), logon_type: 7, source: &source, workstation: &short, ..Logon::default() };
    let (elevated, limited) = sim.log_on_both(host, &logon, full.is_some(), visit);
    let at = sim.now;
    let is_told = sim.desktop_audit(place, 4801);
    sim.becomes(place, State::Active, is_told.then_some(at));
    for logon in [Some(limited), elevated].into_iter().flatten() {
        if sim.dice.percent(1) { sim.log_off_unseen(logon) } else { sim.log_off(logon) }
    }
}

/// runas (a second identity here) or runas /netonly (elsewhere).
pub fn run_as(sim: &mut Sim, place: usize, is_netonly: bool) {
    if !is_active(sim, place) {
        return;
    }
    let Desktop { host, owner, ref user, .. } = sim.desktops[place];
    let own = user.clone();
    let user = if is_netonly { own.clone() } else { "svc_tool".to_owned() };
    sim.announce(host, &user);
    let logon = Logon {
        user: &user,
        rid: people::rid(&user),
        logon_type: if is_netonly { 9 } else { 2 },
        source: "::1",
        process: "seclogo",
        by: sim.truth.logons[owner].logon_id,
        ..Logon::default()
    };
    let logon = sim.log_on_alone(host, &logon, Kind::Single);
    let lasts = sim.dice.between(MINUTE, 2 * HOUR);
    sim.after(lasts, move |sim| {
        if sim.is_open(logon) {
            sim.log_off(logon);
        }
    });
}

/// 4647, the 4634 of both halves, 7002, LocalSessionManager 23; some of them are lost.
pub fn log_off(sim: &mut Sim, place: usize) {
    let Desktop { host, owner, full, number, ref user, .. } = sim.desktops[place];
    let (number, user_sid) = (number.to_string(), sid(people::rid(user)));
    let is_lost = sim.dice.percent(1);
    if is_lost {
        sim.log_off_unseen(owner);
    } else if sim.dice.percent(3) {
        sim.log_off(owner);
    } else {
        sim.user_log_off(owner);
        sim.now += sim.dice.between(100, 2 * SECOND);
        if sim.dice.percent(80) {
            sim.log_off(owner);
        }
    }
    if let Some(full) = full {
        if is_lost { sim.log_off_unseen(full) } else { sim.log_off(full) }
    }
    let (first, visit) = (sim.now, sim.desktops[place].visit);
    let is_told = sim.write(host, WINLOGON, 7002, &[("TSId", &number), ("UserSid", &user_sid)]);
    sim.tick();
    let second = sim.now;
    let is_told_too = sim.local_session(place, 23);
    sim.truth.visits[visit].desktop_gone = is_told.then_some(first).or(is_told_too.then_some(second));
    sim.desktops[place].is_there = false;
}
