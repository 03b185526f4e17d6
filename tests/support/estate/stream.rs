//! The stream: what is planned for a day of a site comes out in the order of time.

use super::attack::Attack;
use super::cast::Cast;
use super::cloud::Kit;
use super::dice::Dice;
use super::record::{Forms, Texts, time};
use super::{HOUR, Moment, Scale, life};
use logonscope::base::intern::{Interner, Symbol};
use logonscope::model::event::AuthEvent;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::net::IpAddr;

/// Which attack an event belongs to.
pub type Label = Option<u32>;

/// What is planned ahead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Plan {
    /// People of a site, from their midnight on.
    Site(usize, i64),
    /// What runs by itself, for an hour.
    Hour(i64),
    Attack(usize),
}

#[derive(Clone, Debug)]
struct Waiting {
    event: AuthEvent,
    host: Option<usize>,
    label: Label,
}

pub struct Estate {
    pub scale: Scale,
    pub cast: Cast,
    pub dice: Dice,
    pub texts: Texts,
    pub forms: Forms,
    pub kit: Kit,
    pub attacks: Vec<Attack>,
    /// Names in 4769 by SID.
    pub ticket_names: HashMap<Symbol, Symbol>,
    /// When somebody last got a ticket for a service, or for the domain, at an address; a day of them.
    pub tickets_held: HashMap<(Symbol, Symbol, IpAddr), Moment>,
    /// Events that are pushed belong to this attack.
    pub label: Label,
    plans: BinaryHeap<Reverse<(Moment, Plan)>>,
    order: BinaryHeap<Reverse<(Moment, u32, u32)>>,
    waiting: Vec<Option<Waiting>>,
    free: Vec<u32>,
    pushed: u32,
    end: Moment,
}

impl Estate {
    /// An organisation, and the texts its events speak.
    pub fn new(scale: Scale) -> (Self, Interner) {
        let mut names = Interner::default();
        let cast = Cast::new(scale, &mut names);
        let (begin, end) = (cast.calendar.begin(), cast.calendar.end());
        let mut estate = Self {
            scale,
            texts: Texts::new(&mut names),
            forms: Forms::new(&mut names),
            kit: Kit::new(&mut names),
            dice: Dice::new(scale.seed.wrapping_mul(31) ^ 0xE57A7E),
            attacks: Vec::new(),
            ticket_names: cast
                .accounts
                .iter()
                .chain(cast.machines.iter().map(|machine| &machine.account))
                .map(|account| (account.sid, account.ticket_name))
                .collect(),
            tickets_held: HashMap::new(),
            label: None,
            plans: BinaryHeap::new(),
            order: BinaryHeap::new(),
            waiting: Vec::new(),
            free: Vec::new(),
            pushed: 0,
            end,
            cast,
        };
        for (place, site) in (0..estate.cast.places.sites.len()).zip(0..) {
            for day in 0..scale.days {
                let at = estate.cast.calendar.midnight(estate.cast.places.sites[place].zone, day);
                estate.plans.push(Reverse((at, Plan::Site(site, day))));
            }
        }
        for hour in 0..scale.days * 24 {
            estate.plans.push(Reverse((begin + hour * HOUR, Plan::Hour(hour))));
        }
        estate.attacks = super::attack::all(&mut estate, &mut names);
        for (place, attack) in estate.attacks.iter().enumerate() {
            estate.plans.push(Reverse((attack.start, Plan::Attack(place))));
        }
        life::settle(&mut estate);
        (estate, names)
    }
    pub fn push(&mut self, at: Moment, host: Option<usize>, event: AuthEvent) {
        if at >= self.end {
            return;
        }
        let waiting = Some(Waiting { event, host, label: self.label });
        let slot = self.free.pop().unwrap_or_else(|| {
            self.waiting.push(None);
            u32::try_from(self.waiting.len() - 1).unwrap()
        });
        self.waiting[slot as usize] = waiting;
        self.pushed = self.pushed.wrapping_add(1);
        self.order.push(Reverse((at, self.pushed, slot)));
    }
    fn plan(&mut self, at: Moment, plan: Plan) {
        match plan {
            Plan::Site(site, day) => life::day_of(self, site, day, at),
            Plan::Hour(hour) => {
                if hour % 24 == 0 {
                    self.tickets_held.retain(|_, had| at - *had < 12 * HOUR);
                }
                life::hour_of(self, hour, at);
            }
            Plan::Attack(place) => {
                self.label = Some(place as u32);
                super::attack::run(self, place);
                self.label = None;
            }
        }
    }
}

impl Iterator for Estate {
    type Item = (AuthEvent, Label);

    fn next(&mut self) -> Option<Self::Item> {
        while let Some(Reverse((at, plan))) = self.plans.peek().copied() {
            if self.order.peek().is_some_and(|Reverse((first, ..))| *first < at) {
                break;
            }
            self.plans.pop();
            self.plan(at, plan);
        }
        let Reverse((at, _, slot)) = self.order.pop()?;
        let Waiting { mut event, host, label } = self.waiting[slot as usize].take().unwrap();
        self.free.push(slot);
        if let Some(host) = host {
            event.record = self.cast.machines[host].number(&event);
        }
        // A plan may reach back a little behind what was said already.
        event.at = event.at.max(time(at));
        Some((event, label))
    }
}
