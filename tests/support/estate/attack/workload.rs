//! Secrets and tokens of applications.

use super::{Kind, Scene};
use crate::estate::cast::Workload;
use crate::estate::cloud::{GRAPH, MANAGEMENT, VAULT};
use crate::estate::stream::Estate;
use crate::estate::{MINUTE, Moment, SECOND};

pub const KINDS: &[Kind] = &[
    ("workload secret stolen", None, stolen),
    ("workload key added", None, key_added),
    ("workload secret guessed", None, guessed),
    ("managed identity abused", None, managed),
];

fn choose(estate: &Estate, scene: &mut Scene, is_managed: bool) -> Workload {
    let choice: Vec<&Workload> = estate.cast.workloads.iter().filter(|workload| workload.is_managed == is_managed).collect();
    if choice.is_empty() { estate.cast.workloads[0].clone() } else { choice[scene.dice.below(choice.len())].clone() }
}

/// The same key, from a rented host, at any hour.
fn stolen(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let at = scene.any_hour();
    let workload = choose(estate, scene, false);
    let (network, from) = estate.far_away(scene);
    scene.note = format!(", of {}", estate.cast.accounts[workload.account].name);
    for step in 0..6 {
        let resource = if step == 0 { GRAPH } else { scene.dice.pick(&[GRAPH, VAULT, MANAGEMENT]) };
        estate.workload(at + step * 3 * MINUTE, &workload, (network, from), resource, workload.key, 0);
    }
    at
}

/// A second key was put to the application; whose it is, only the attacker knows.
fn key_added(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let at = scene.any_hour();
    let workload = choose(estate, scene, false);
    let (network, from) = estate.far_away(scene);
    let key = estate.kit.thumbprints[scene.number % 64];
    for step in 0..4 {
        estate.workload(at + step * 5 * MINUTE, &workload, (network, from), GRAPH, key, 0);
    }
    at
}

fn guessed(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let mut at = scene.any_hour();
    let workload = choose(estate, scene, false);
    let (network, from) = estate.far_away(scene);
    for _ in 0..scene.dice.between(8, 30) {
        estate.workload(at, &workload, (network, from), GRAPH, workload.key, 7_000_215);
        at += scene.dice.between(2, 40) * SECOND;
    }
    estate.workload(at, &workload, (network, from), GRAPH, workload.key, 0);
    at
}

/// Code on the machine asks for tokens that the machine never asked for.
fn managed(estate: &mut Estate, scene: &mut Scene) -> Moment {
    let at = scene.any_hour();
    let workload = choose(estate, scene, true);
    let network = estate.cast.places.cloud[0];
    scene.note = format!(", of {}", estate.cast.accounts[workload.account].name);
    let usual = [GRAPH, 2, VAULT, MANAGEMENT, GRAPH][workload.resource];
    let wanted: Vec<usize> = [VAULT, MANAGEMENT, GRAPH].into_iter().filter(|resource| *resource != usual).collect();
    for step in 0..30 {
        let resource = wanted[step as usize % wanted.len()];
        estate.workload(at + step * 20 * SECOND, &workload, (network, network.address(1)), resource, workload.key, 0);
    }
    at + 3 * MINUTE
}
