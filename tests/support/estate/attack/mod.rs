//! Attacks whose every event is known: what tools leave, at varied pace and skill.
//!
//! Each kind is a function that plays one instance and tells its decisive event: the moment at which the attacker has what
//! was wanted, or at which nothing more can be seen. Its events stand among ordinary life of the same accounts.

mod cloud;
mod kerberos;
mod lateral;
mod password;
mod quiet;
mod takeover;
mod workload;

use super::cast::{Account, Role, Work};
use super::clock;
use super::dice::Dice;
use super::places::Network;
use super::stream::Estate;
use super::{MINUTE, Moment};
use logonscope::base::intern::Interner;
use std::net::IpAddr;

/// One instance.
#[derive(Clone, Debug)]
pub struct Attack {
    pub kind: &'static str,
    /// Midnight, where the victim lives, of the day on which it begins; it is planned then.
    pub start: Moment,
    /// When its decisive event happens; known when it was planned.
    pub decisive: Moment,
    play: Play,
    scene: Scene,
}

type Play = fn(&mut Estate, &mut Scene) -> Moment;

/// What an instance works with.
#[derive(Clone, Debug)]
pub struct Scene {
    pub midnight: Moment,
    pub day: i64,
    /// Of the people: whose account, or whose computer, it is about.
    pub victim: usize,
    /// Another one, whose computer the attacker sits at.
    pub foothold: usize,
    /// An account that only attackers know.
    pub spare: usize,
    /// Instances of the kind before this one.
    pub number: usize,
    /// What else people want to know of it.
    pub note: String,
    pub dice: Dice,
}

impl Scene {
    /// A moment of the victim's day.
    pub fn at(&mut self, from_hour: i64, until_hour: i64) -> Moment {
        self.midnight + self.dice.between(from_hour * 60, until_hour * 60) * MINUTE + self.dice.between(0, MINUTE)
    }
    /// Working hours half of the time, the night for the others.
    pub fn any_hour(&mut self) -> Moment {
        if self.dice.chance(0.6) { self.at(9, 16) } else { self.at(0, 5) }
    }
    pub fn is_slow(&self) -> bool {
        self.number % 3 == 2
    }
}

/// `only`: what kind of person the victim is.
type Kind = (&'static str, Option<Work>, Play);

const KINDS: &[&[Kind]] = &[password::KINDS, kerberos::KINDS, lateral::KINDS, takeover::KINDS, cloud::KINDS, workload::KINDS, quiet::KINDS];

/// Names of all kinds.
pub fn kinds() -> impl Iterator<Item = &'static str> {
    KINDS.iter().copied().flatten().map(|kind| kind.0)
}

/// Attacks of a stream: a tenth of them while the baselines are young.
pub fn all(estate: &mut Estate, names: &mut Interner) -> Vec<Attack> {
    let mut dice = Dice::new(estate.scale.seed ^ 0xA77AC4);
    let days = estate.scale.days;
    let mut attacks = Vec::new();
    for (kind, only, play) in KINDS.iter().copied().flatten() {
        for number in 0..estate.scale.attacks {
            let early = dice.chance(0.1);
            let learned = (days / 2).clamp(1, 15);
            let mut day = if early { dice.between(learned / 3, learned) } else { dice.between(learned, days - 1) };
            // Mostly on work days: on others there is less to hide among.
            if estate.cast.calendar.is_weekend(day) && dice.chance(0.7) {
                day = (day - 2).max(1);
            }
            let victim = person(estate, &mut dice, day, *only);
            let foothold = person(estate, &mut dice, day, None);
            let zone = estate.cast.places.sites[estate.cast.people[victim].site].zone;
            let midnight = estate.cast.calendar.midnight(zone, day);
            let spare = spare(estate, names, &mut dice, kind, number);
            let scene = Scene { midnight, day, victim, foothold, spare, number, note: String::new(), dice: Dice::new(dice.next()) };
            attacks.push(Attack { kind, start: midnight, decisive: midnight, play: *play, scene });
        }
    }
    attacks
}

/// Somebody who works there and was no victim yet.
fn person(estate: &mut Estate, dice: &mut Dice, day: i64, only: Option<Work>) -> usize {
    let mut found = 0;
    for attempt in 0..4_000 {
        found = dice.below(estate.cast.people.len());
        let person = &estate.cast.people[found];
        let is_there = person.from_day == 0 && person.until_day > day && !(person.away.0..person.away.1).contains(&day);
        let is_free = !person.is_victim || attempt > 2_000;
        let has_own = !matches!(person.work, Work::Counter | Work::Virtual);
        if is_there && is_free && has_own && person.admin.is_none() && !person.is_helpdesk && only.is_none_or(|only| only == person.work) {
            break;
        }
    }
    estate.cast.people[found].is_victim = true;
    found
}

fn spare(estate: &mut Estate, names: &mut Interner, dice: &mut Dice, kind: &str, number: usize) -> usize {
    let name = match kind {
        "dollar account" => format!("helpdesk{number}$"),
        "break-glass" => format!("breakglass{number}"),
        _ => format!(
            "{}{}",
            ["support", "mwright", "backupadm", "testuser", "printadm"][dice.below(5)],
            70 + estate.cast.accounts.len() % 900
        ),
    };
    let at = format!("{name}@example.com");
    let count = estate.cast.accounts.len();
    estate.cast.accounts.push(Account {
        user: names.intern(&name),
        ticket_name: names.intern(&format!("{name}@CORP.EXAMPLE.COM")),
        sid: names.intern(&format!("S-1-5-21-1004336348-1177238915-682003330-{}", 90_000 + count)),
        upn: names.intern(&at),
        object: names.intern(&format!("0badc0de-2222-4222-a222-{count:012}")),
        name,
    });
    count
}

/// Plays an instance; its events are labelled by the caller.
pub fn run(estate: &mut Estate, place: usize) {
    let Attack { play, mut scene, .. } = estate.attacks[place].clone();
    // A computer that somebody sits at is switched on, and shows it.
    let label = estate.label.take();
    let (host, from) = estate.foothold(&scene);
    let controller = estate.controller_of(&scene);
    estate.machine_refresh(scene.midnight + 5 * MINUTE, host, controller, from);
    estate.label = label;
    let decisive = play(estate, &mut scene);
    estate.attacks[place].decisive = decisive;
    estate.attacks[place].scene = scene;
}

impl Attack {
    /// For people: what it was and whom it met.
    pub fn shown(&self, estate: &Estate) -> String {
        let person = |place: usize| &estate.cast.people[place];
        let host = |place: usize| &estate.cast.machines[person(place).machine].name;
        let victim = &estate.cast.accounts[person(self.scene.victim).account].name;
        let spare = &estate.cast.accounts[self.scene.spare].name;
        format!(
            "{} until {}, day {} (victim {victim} on {}, foothold {}, spare {spare}, instance {}{})",
            self.kind,
            clock::shown(self.decisive),
            self.scene.day,
            host(self.scene.victim),
            host(self.scene.foothold),
            self.scene.number,
            self.scene.note
        )
    }
}

/// What attacks use again and again.
impl Estate {
    pub fn victim(&self, scene: &Scene) -> usize {
        self.cast.people[scene.victim].account
    }
    /// The computer the attacker sits at, and its address on that day.
    pub fn foothold(&self, scene: &Scene) -> (usize, IpAddr) {
        let machine = self.cast.people[scene.foothold].machine;
        (machine, self.cast.address(machine, scene.day, false))
    }
    pub fn controller_of(&self, scene: &Scene) -> usize {
        let person = &self.cast.people[scene.foothold];
        self.cast.controller(person.site, scene.day, person.machine)
    }
    /// Servers in any order.
    pub fn targets(&self, scene: &mut Scene, roles: &[Role], count: usize) -> Vec<usize> {
        let mut all: Vec<usize> = roles.iter().flat_map(|role| self.cast.of_role(*role).iter().copied()).collect();
        let mut chosen = Vec::new();
        while chosen.len() < count && !all.is_empty() {
            let place = scene.dice.below(all.len());
            chosen.push(all.swap_remove(place));
        }
        chosen
    }
    pub fn hoster(&self, scene: &mut Scene) -> (Network, IpAddr) {
        let network = scene.dice.pick(&self.cast.places.hosters);
        (network, network.any(&mut scene.dice))
    }
    /// Hosters are easily known; skilled attackers rent a home line, seldom in the right country.
    pub fn far_away(&self, scene: &mut Scene) -> (Network, IpAddr) {
        if scene.number.is_multiple_of(2) {
            return self.hoster(scene);
        }
        let network = scene.dice.pick(&self.cast.places.foreign_homes);
        (network, network.any(&mut scene.dice))
    }
    /// An administrator's account.
    pub fn some_admin(&self, scene: &mut Scene) -> usize {
        let admins: Vec<usize> = self.cast.people.iter().filter_map(|person| person.admin).collect();
        scene.dice.pick(&admins)
    }
    pub fn several_people(&self, scene: &mut Scene, count: usize) -> Vec<usize> {
        (0..count).map(|_| self.cast.people[scene.dice.below(self.cast.people.len())].account).collect()
    }
}
