//! The days as they pass: deeds in order of time, each of which may plan further ones.

use super::desktop::Desktop;
use super::dice::Dice;
use super::host::Host;
use super::people::Person;
use super::record::Record;
use super::truth::Truth;
use super::{BEGIN, DAY, Moment, Scale, machine, people, power};
use std::collections::BTreeMap;

type Deed = Box<dyn FnOnce(&mut Sim)>;

pub struct Sim {
    pub now: Moment,
    pub until: Moment,
    pub scale: Scale,
    pub dice: Dice,
    pub hosts: Vec<Host>,
    pub people: Vec<Person>,
    pub desktops: Vec<Desktop>,
    pub records: Vec<Record>,
    pub truth: Truth,
    agenda: BTreeMap<(Moment, u64), Deed>,
    planned: u64,
}

impl Sim {
    /// Runs the whole time.
    pub fn run(seed: u64, scale: Scale) -> Self {
        let mut sim = Self {
            now: BEGIN,
            until: BEGIN + scale.days * DAY,
            scale,
            dice: Dice::new(seed),
            hosts: Vec::new(),
            people: Vec::new(),
            desktops: Vec::new(),
            records: Vec::new(),
            truth: Truth::default(),
            agenda: BTreeMap::new(),
            planned: 0,
        };
        people::found(&mut sim);
        power::plan(&mut sim);
        machine::plan(&mut sim);
        people::plan(&mut sim);
        while let Some(((at, _), deed)) = sim.agenda.pop_first() {
            if at >= sim.until {
                break;
            }
            sim.now = at;
            deed(&mut sim);
        }
        sim.truth.fold_runs();
        sim
    }
    pub fn at(&mut self, at: Moment, deed: impl FnOnce(&mut Sim) + 'static) {
        self.planned += 1;
        self.agenda.insert((at.max(self.now), self.planned), Box::new(deed));
    }
    pub fn after(&mut self, wait: Moment, deed: impl FnOnce(&mut Sim) + 'static) {
        self.at(self.now + wait, deed);
    }
    /// Some milliseconds pass: records of one deed are not all of one moment.
    pub fn tick(&mut self) {
        self.now += self.dice.between(0, 40);
    }
}
