//! What collectors bring: records in the order of time or as they came, some of them twice.

use super::Moment;
use super::dice::Dice;
use super::record::Record;
use super::sim::Sim;
use std::sync::Arc;

/// A file of a collector.
pub struct File {
    pub name: &'static str,
    pub bytes: Arc<[u8]>,
}

/// Two collectors: one brings everything, the second every eighth host once more. Records come up to `delay` late.
pub fn files(sim: &Sim, delay: Moment) -> Vec<File> {
    let mut dice = Dice::new(7);
    let mut all: Vec<(Moment, &Record)> = sim.records.iter().map(|record| (record.at + dice.between(0, delay + 1), record)).collect();
    all.sort_by_key(|(at, _)| *at);
    let file = |name, is_wanted: &dyn Fn(&Record) -> bool| {
        let mut text = String::with_capacity(all.len() * 500);
        for (_, record) in all.iter().filter(|(_, record)| is_wanted(record)) {
            record.line(&sim.hosts[record.host].name, &mut text);
        }
        File { name, bytes: Arc::from(text.into_bytes()) }
    };
    vec![file("a.jsonl", &|_| true), file("b.jsonl", &|record| record.host.is_multiple_of(8))]
}
