//! Puts the events of many pieces into one order of time while they are still being read.
//!
//! Each piece comes as a run that is sorted in itself. An event leaves when no input can bring an older one any more: an
//! input that is being read vouches for what is older than the pieces of its window, one that was not begun for what is
//! older than its first record. So inputs that are nearly in order need only a window of events in memory, and what
//! leaves is in the order that sorting everything would give. An input that breaks its word is found out: `is_late`.

use crate::base::time::Timestamp;
use crate::model::event::AuthEvent;
use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, VecDeque};

/// The order of events: time, record number, input, piece of the input; within a piece as they stand.
type Key = (Timestamp, u64, usize, usize);

/// The events of one piece, in order.
pub struct Run {
    pub input: usize,
    /// Number of the piece in the input, in the order of its bytes.
    pub piece: usize,
    /// Lines in front of the piece that its events do not know of.
    pub lines: u32,
    pub events: Vec<AuthEvent>,
}

struct Head {
    key: Key,
    input: usize,
    piece: usize,
    lines: u32,
    rest: std::vec::IntoIter<AuthEvent>,
}

impl Head {
    fn new(run: Run) -> Option<Self> {
        let Run { input, piece, lines, events } = run;
        let mut head = Self { key: Key::default(), input, piece, lines, rest: events.into_iter() };
        head.look().then_some(head)
    }
    /// Takes the key of the next event; false when there is none.
    fn look(&mut self) -> bool {
        let next = self.rest.as_slice().first().map(|event| (event.at, event.record, self.input, self.piece));
        self.key = next.unwrap_or(self.key);
        next.is_some()
    }
}

impl PartialEq for Head {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}
impl Eq for Head {}
impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Head {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key.cmp(&other.key)
    }
}

/// What an input vouches for.
#[derive(Debug)]
struct Word {
    /// Everything older than this has been delivered.
    bound: Timestamp,
    newest: Timestamp,
    /// Newest event up to each of the last pieces delivered, oldest first.
    window: VecDeque<Timestamp>,
}

/// Runs on their way into one order.
pub struct Merge {
    runs: BinaryHeap<Reverse<Head>>,
    words: Vec<Word>,
    /// Inputs that are not finished, by what they vouch for.
    unfinished: BTreeSet<(Timestamp, usize)>,
    /// Pieces of an input that are held back; what is further out of order is late.
    held: usize,
    last: Option<Timestamp>,
}

impl Merge {
    /// For inputs whose records begin at these times; `held` pieces of each are held back.
    #[must_use]
    pub fn new(begins: impl IntoIterator<Item = Timestamp>, held: usize) -> Self {
        let words: Vec<Word> = begins.into_iter().map(|bound| Word { bound, newest: Timestamp::MIN, window: VecDeque::new() }).collect();
        let unfinished = words.iter().enumerate().map(|(input, word)| (word.bound, input)).collect();
        Self { runs: BinaryHeap::new(), words, unfinished, held, last: None }
    }
    /// Inputs that are not finished, the one that holds up the others first.
    pub fn unfinished(&self) -> impl Iterator<Item = usize> {
        self.unfinished.iter().map(|(_, input)| *input)
    }
    /// Whether the run has an event that is older than one that has left.
    #[must_use]
    pub fn is_late(&self, run: &Run) -> bool {
        run.events.first().is_some_and(|event| self.last.is_some_and(|last| event.at < last))
    }
    /// Takes in the next run of an input.
    pub fn put(&mut self, run: Run) {
        let input = run.input;
        let newest = run.events.last().map(|event| event.at);
        self.runs.extend(Head::new(run).map(Reverse));
        let Some(word) = self.words.get_mut(input) else { return };
        word.newest = newest.map_or(word.newest, |newest| newest.max(word.newest));
        word.window.push_back(word.newest);
        if word.window.len() > self.held
            && let Some(vouched) = word.window.pop_front()
        {
            let before = word.bound;
            word.bound = vouched.max(before);
            if before != word.bound && self.unfinished.remove(&(before, input)) {
                self.unfinished.insert((word.bound, input));
            }
        }
    }
    /// Nothing more comes from this input.
    pub fn finish(&mut self, input: usize) {
        if let Some(word) = self.words.get(input) {
            self.unfinished.remove(&(word.bound, input));
        }
    }
    /// Lets every event leave that nothing older can follow.
    pub fn release(&mut self, mut take: impl FnMut(AuthEvent)) {
        let bound = self.unfinished.first().map(|(bound, _)| *bound);
        while let Some(Reverse(mut head)) = self.runs.pop() {
            let other = self.runs.peek().map(|Reverse(other)| other.key);
            loop {
                if bound.is_some_and(|bound| head.key.0 >= bound) {
                    self.runs.push(Reverse(head));
                    return;
                }
                let Some(mut event) = head.rest.next() else { break };
                event.provenance.line = event.provenance.line.saturating_add(head.lines);
                self.last = self.last.max(Some(event.at));
                take(event);
                if !head.look() {
                    break;
                }
                if other.is_some_and(|other| other < head.key) {
                    self.runs.push(Reverse(head));
                    break;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::Span;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::default() + Span::seconds(seconds)
    }
    fn run(input: usize, piece: usize, seconds: &[i64]) -> Run {
        let event = |(record, seconds): (usize, &i64)| AuthEvent { at: at(*seconds), record: record as u64, ..AuthEvent::default() };
        Run { input, piece, lines: 0, events: seconds.iter().enumerate().map(event).collect() }
    }
    fn released(merge: &mut Merge) -> Vec<i64> {
        let mut seconds = Vec::new();
        merge.release(|event| seconds.push((event.at - at(0)).as_ticks() / 10_000_000));
        seconds
    }

    #[test]
    fn an_event_waits_until_no_input_can_bring_an_older_one() {
        let mut merge = Merge::new([at(0), at(100)], 1);
        merge.put(run(0, 0, &[0, 10]));
        assert_eq!(released(&mut merge), [0_i64; 0]);
        merge.put(run(0, 1, &[5, 120]));
        assert_eq!(released(&mut merge), [0, 5]);
        merge.finish(0);
        assert_eq!(released(&mut merge), [10], "the other input begins at 100");
        merge.put(run(1, 0, &[100, 130]));
        merge.finish(1);
        assert_eq!(released(&mut merge), [100, 120, 130]);
    }

    #[test]
    fn equal_times_leave_by_record_number_then_input_then_piece() {
        let mut merge = Merge::new([Timestamp::MIN, Timestamp::MIN], usize::MAX);
        merge.put(run(1, 0, &[1, 1]));
        merge.put(run(0, 1, &[1]));
        merge.put(run(0, 0, &[1]));
        merge.finish(0);
        merge.finish(1);
        let mut order = Vec::new();
        let mut heads = Vec::new();
        while let Some(Reverse(mut head)) = merge.runs.pop() {
            heads.push((head.key.1, head.input, head.piece));
            head.rest.next();
            if head.look() {
                merge.runs.push(Reverse(head));
            }
        }
        order.append(&mut heads);
        assert_eq!(order, [(0, 0, 0), (0, 0, 1), (0, 1, 0), (1, 1, 0)]);
    }

    #[test]
    fn a_run_that_is_older_than_what_left_is_late() {
        let mut merge = Merge::new([at(0)], 0);
        merge.put(run(0, 0, &[0, 10]));
        merge.put(run(0, 1, &[20]));
        assert_eq!(released(&mut merge), [0, 10]);
        assert!(merge.is_late(&run(0, 2, &[9])));
        assert!(!merge.is_late(&run(0, 2, &[10])));
    }
}
