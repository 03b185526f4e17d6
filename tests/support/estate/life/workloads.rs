//! Applications that sign in by themselves, and guests.

use super::online;
use crate::estate::cloud::{GRAPH, MANAGEMENT, STORAGE, VAULT};
use crate::estate::stream::Estate;
use crate::estate::{HOUR, MINUTE, Moment, SECOND};

const RESOURCES: [usize; 5] = [GRAPH, STORAGE, VAULT, MANAGEMENT, GRAPH];

pub fn hour_of(estate: &mut Estate, hour: i64, at: Moment) {
    let day = hour / 24;
    for place in 0..estate.cast.workloads.len() {
        let workload = estate.cast.workloads[place].clone();
        let minute = (hour % 24) * 60;
        let due = match workload.daily {
            Some(daily) => (minute..minute + 60).contains(&daily).then(|| daily - minute),
            None => ((hour + place as i64) * HOUR % workload.every < HOUR).then(|| (place as i64 * 17) % 60),
        };
        let Some(due) = due else { continue };
        let when = at + due * MINUTE + estate.dice.between(0, 40) * SECOND;
        run(estate, place, day, when);
    }
    // Guests come on work days, at European hours mostly.
    if estate.cast.calendar.is_weekend(day) || !(7..17).contains(&(hour % 24)) {
        return;
    }
    for place in 0..estate.cast.guests.len() {
        if estate.dice.chance(0.03) {
            let guest = estate.cast.guests[place].clone();
            let when = at + estate.dice.between(0, HOUR);
            online::guest(estate, &guest, when, day);
        }
    }
}

fn run(estate: &mut Estate, place: usize, day: i64, at: Moment) {
    let workload = estate.cast.workloads[place].clone();
    let (mut network, number) = workload.networks[estate.dice.below(workload.networks.len())];
    let mut address = network.address(number);
    if let Some((from, moved, number)) = workload.moves
        && day >= from
    {
        (network, address) = (moved, moved.address(number));
    }
    // For two days both keys are in use, then only the new one.
    let key = match workload.rotates {
        Some(from) if day >= from + 2 || (day >= from && estate.dice.chance(0.5)) => workload.next_key,
        _ => workload.key,
    };
    let resource = RESOURCES[workload.resource];
    if estate.dice.chance(0.003) {
        // The directory is busy, or a clock is off; the next try works.
        estate.workload(at - 5 * SECOND, &workload, (network, address), resource, key, 700_027);
    }
    estate.workload(at, &workload, (network, address), resource, key, 0);
    if estate.dice.chance(0.2) {
        estate.workload(at + 2 * SECOND, &workload, (network, address), GRAPH, key, 0);
    }
}
