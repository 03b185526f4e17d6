//! Who works there, from when to when, and what they do all day.

use super::host::{Host, Role};
use super::sim::Sim;
use super::{BEGIN, DAY, HOUR, MINUTE, SECOND, controller, desktop, network, power, remote};

pub const SERVICE_ACCOUNTS: [&str; 3] = ["svc_sql", "svc_web", "svc_scan"];

pub struct Person {
    pub user: String,
    /// The account for servers; `None` for most.
    pub admin: Option<String>,
    pub desk: usize,
    /// Their own account has the two tokens of UAC on their desk.
    pub is_local_admin: bool,
    /// Away from the domain now and then: cached credentials.
    pub has_laptop: bool,
    /// Begin of the shift after midnight UTC; people of the night begin in the evening.
    pub begins: i64,
    pub lasts: i64,
}

/// What a SID of an account ends in: the same for one name everywhere.
pub fn rid(user: &str) -> u32 {
    1_100 + user.to_lowercase().bytes().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into())) % 800_000
}

/// Hosts and people.
pub fn found(sim: &mut Sim) {
    let mut add = |short: String, net: usize, role| {
        let number = sim.hosts.len();
        sim.hosts.push(Host::new(&short, format!("10.0.{net}.{}", number % 250 + 1), role));
    };
    add("DC01".to_owned(), 1, Role::Controller);
    (1..=3).for_each(|number| add(format!("FS0{number}"), 2, Role::FileServer));
    (1..=2).for_each(|number| add(format!("TS0{number}"), 2, Role::TerminalServer));
    (1..=4).for_each(|number| add(format!("APP0{number}"), 2, Role::AppServer));
    for number in 0..sim.scale.people {
        let begins = match number % 20 {
            0..=13 => 7 * HOUR + sim.dice.between(0, 2 * HOUR),
            14..=16 => 4 * HOUR + sim.dice.between(0, HOUR),
            // The other side of the world, and the night shift.
            17 => 14 * HOUR + sim.dice.between(0, HOUR),
            _ => 21 * HOUR + sim.dice.between(0, HOUR),
        };
        let net = 4 + number / 200;
        let mut desk = Host::new(&format!("WS{:03}", number + 1), format!("10.0.{net}.{}", number % 200 + 11), Role::Workstation);
        desk.audits_desktops = !sim.dice.percent(15);
        desk.security_only = sim.dice.percent(10);
        sim.hosts.push(desk);
        let is_admin = number % 6 == 2;
        sim.people.push(Person {
            user: format!("user{:03}", number + 1),
            admin: is_admin.then(|| format!("adm_{:03}", number + 1)),
            desk: sim.hosts.len() - 1,
            is_local_admin: is_admin || sim.dice.percent(20),
            has_laptop: sim.dice.percent(20),
            begins,
            lasts: 8 * HOUR + sim.dice.between(0, HOUR),
        });
    }
    // Of one terminal server come all logs but Security; one desk is collected from the second morning on.
    sim.hosts[5].without_security = true;
    sim.hosts[13].blind = Some((BEGIN, BEGIN + DAY + 10 * HOUR));
    // Some hours of one file server never reach a collector.
    sim.hosts[2].blind = Some((BEGIN + 2 * DAY + 10 * HOUR, BEGIN + 2 * DAY + 13 * HOUR));
}

/// Plans the days of everybody.
pub fn plan(sim: &mut Sim) {
    for who in 0..sim.people.len() {
        for day in (0..sim.scale.days).filter(|day| day % 7 < 5) {
            // Holidays and illness.
            if sim.dice.percent(5) {
                continue;
            }
            let at = BEGIN + day * DAY + sim.people[who].begins + sim.dice.between(0, 25 * MINUTE);
            sim.at(at, move |sim| arrive(sim, who));
        }
    }
}

fn arrive(sim: &mut Sim, who: usize) {
    let desk = sim.people[who].desk;
    if !sim.hosts[desk].is_up {
        if !sim.hosts[desk].is_starting {
            power::start(sim, desk);
        }
        sim.after(45 * SECOND, move |sim| arrive(sim, who));
        return;
    }
    let user = sim.people[who].user.clone();
    if sim.dice.percent(5) {
        controller::wrong_password(sim, &user, desk, &sim.hosts[desk].address.clone());
        sim.now += sim.dice.between(2 * SECOND, 9 * SECOND);
    }
    let place = match sim.desktop_of(desk, &user) {
        Some(place) => {
            desktop::unlock(sim, place);
            place
        }
        None => desktop::open_console(sim, who),
    };
    let lasts = sim.people[who].lasts;
    for _ in 0..sim.scale.breaks {
        let at = sim.dice.between(20 * MINUTE, lasts - 40 * MINUTE);
        sim.after(at, move |sim| desktop::take_a_break(sim, place));
    }
    for _ in 0..sim.scale.errands {
        let at = sim.dice.between(MINUTE, lasts);
        sim.after(at, move |sim| {
            if desktop::is_active(sim, place) {
                let (user, source) = (sim.people[who].user.clone(), sim.hosts[desk].address.clone());
                network::errand(sim, &user, &source);
            }
        });
    }
    if sim.people[who].admin.is_some() && sim.dice.percent(60) {
        let at = sim.dice.between(10 * MINUTE, lasts / 2);
        sim.after(at, move |sim| remote::work(sim, who));
    }
    if sim.dice.percent(8) {
        let is_netonly = sim.dice.percent(40);
        let at = sim.dice.between(10 * MINUTE, lasts - HOUR);
        sim.after(at, move |sim| desktop::run_as(sim, place, is_netonly));
    }
    if sim.dice.percent(4) {
        let at = sim.dice.between(HOUR, lasts - HOUR);
        let colleague = sim.people[sim.dice.below(sim.people.len())].user.clone();
        sim.after(at, move |sim| desktop::lend(sim, place, &colleague));
    }
    sim.after(lasts, move |sim| leave(sim, place));
}

/// Some lock their desk over night, some log off, some switch off.
fn leave(sim: &mut Sim, place: usize) {
    if !desktop::is_active(sim, place) {
        return;
    }
    let host = sim.desktops[place].host;
    match sim.dice.between(0, 10) {
        0..=3 => desktop::lock(sim, place),
        4..=6 => desktop::log_off(sim, place),
        7..=8 => {
            desktop::log_off(sim, place);
            sim.now += sim.dice.between(SECOND, 5 * SECOND);
            power::stop(sim, host);
        }
        _ => power::crash(sim, host),
    }
}
