//! Plans of templates, kept from chunk to chunk.
//!
//! Every chunk writes its templates anew, but they are the same ones all through a log: only the places of names and the
//! sizes that follow from them differ. So a plan is made when a template is first met, together with a picture of the
//! bytes it depends on; in the next chunk the picture is compared (a masked comparison and a look at each different name)
//! and the plan stands. A template is never believed to be known by its identifier alone.
//!
//! Found by profiling a log of 1.07 GB: planning every template in every chunk took a third of the decoding.

use rustc_hash::FxHashMap;

use super::cursor::{Cursor, name_bytes};
use super::plan::{Context, Layout, Plan, Plans, Straight};
use crate::base::evtx_chunk::u32_at;

/// A plan and the bytes it depends on.
#[derive(Debug)]
struct Known {
    body: Box<[u8]>,
    /// 0xff where the byte must be the same, 0 where it may differ.
    mask: Box<[u8]>,
    /// Places that name a name standing right behind them.
    here: Vec<usize>,
    /// Other names: their UTF-16, and the places that name them.
    names: Vec<(Box<[u8]>, Vec<usize>)>,
    ready: Ready,
}

/// A plan, and the number of the same one gone straight through.
#[derive(Clone, Copy, Debug)]
pub struct Ready {
    pub plan: Plan,
    pub straight: Option<usize>,
}

/// A template of the chunk at hand.
#[derive(Clone, Copy, Debug)]
struct Met {
    at: usize,
    context: Context,
    ready: Option<Ready>,
}

type Key = ([u8; 16], usize, Context);

#[derive(Debug, Default)]
pub struct Library {
    known: Vec<Known>,
    by_name: FxHashMap<Key, Vec<usize>>,
    met: Vec<Met>,
    /// For the last bits of an offset the place in `met` where the template was found last.
    guess: Vec<usize>,
    layout: Layout,
    straight: Vec<Straight>,
    pub plans: Plans,
}

/// Most templates and moves kept; a log that has more (a forged one) makes the library begin anew.
const MOST: usize = 4_096;
const MOVES: usize = 1 << 17;
/// Layouts kept of one template: which names stand in it depends on what came before it in its chunk.
const LAYOUTS: usize = 16;
const GUESSES: usize = 64;
/// Offset of the next template, GUID, size.
const DEFINITION: usize = 24;

impl Library {
    /// Forgets where the last chunk had its templates.
    pub fn start_chunk(&mut self) {
        self.met.clear();
        self.guess.clear();
        self.guess.resize(GUESSES, 0);
        self.plans.start_chunk();
        if self.known.len() > MOST || self.plans.moves.len() > MOVES {
            self.known.clear();
            self.straight.clear();
            self.by_name.clear();
            self.plans.moves.clear();
        }
    }

    /// The plan of the template defined at `at` and the offset of its tokens; `None` where the careful reader must read
    /// its records.
    #[inline]
    pub fn template(&mut self, chunk: &[u8], at: usize, context: Context) -> Option<(Ready, usize)> {
        let guess = self.guess.get(at % GUESSES).copied().unwrap_or(0);
        let ready = match self.met.get(guess) {
            Some(met) if met.at == at && met.context == context => met.ready,
            _ => self.search(chunk, at, context),
        };
        Some((ready?, at + DEFINITION))
    }
    #[inline]
    pub fn straight(&self, ready: Ready) -> Option<&Straight> {
        self.straight.get(ready.straight?)
    }

    fn search(&mut self, chunk: &[u8], at: usize, context: Context) -> Option<Ready> {
        let found = self.met.iter().position(|met| met.at == at && met.context == context);
        let place = found.unwrap_or_else(|| {
            let ready = self.look_up(chunk, at, context);
            self.met.push(Met { at, context, ready });
            self.met.len() - 1
        });
        if let Some(guess) = self.guess.get_mut(at % GUESSES) {
            *guess = place;
        }
        self.met.get(place)?.ready
    }

    fn look_up(&mut self, chunk: &[u8], at: usize, context: Context) -> Option<Ready> {
        let cursor = Cursor::new(chunk, at, chunk.len()).definition()?;
        let (begin, size) = (cursor.at, cursor.end - cursor.at);
        let key = (*chunk.get(at + 4..)?.first_chunk::<16>()?, size, context);
        let places = self.by_name.get(&key).map(Vec::as_slice).unwrap_or_default();
        let same = |place: &&usize| self.known.get(**place).is_some_and(|known| known.is_at(chunk, begin));
        if let Some(known) = places.iter().find(same).and_then(|place| self.known.get(*place)) {
            return Some(known.ready);
        }
        let has_room = places.len() < LAYOUTS;
        self.layout.clear();
        let plan = self.plans.compile(cursor, context, true, &mut self.layout)?;
        let mut ready = Ready { plan, straight: None };
        if has_room && let Some(mut known) = Known::new(chunk, begin, size, &self.layout, ready) {
            if let Some(straight) = Straight::of(plan, &self.plans.moves) {
                ready.straight = Some(self.straight.len());
                self.straight.push(straight);
            }
            known.ready = ready;
            self.by_name.entry(key).or_default().push(self.known.len());
            self.known.push(known);
        }
        Some(ready)
    }

    /// Plans elements that stand for themselves; `forget` drops their moves when they were made.
    pub fn fragment(&mut self, cursor: Cursor<'_>, context: Context) -> Option<Plan> {
        self.layout.clear();
        self.plans.compile(cursor, context, false, &mut self.layout)
    }
    /// Drops the moves from `mark` on, unless a template was planned meanwhile.
    pub fn forget(&mut self, (known, met, moves): (usize, usize, usize)) {
        if (self.known.len(), self.met.len()) == (known, met) {
            self.plans.moves.truncate(moves);
        }
    }
    pub fn mark(&self) -> (usize, usize, usize) {
        (self.known.len(), self.met.len(), self.plans.moves.len())
    }
}

impl Known {
    fn new(chunk: &[u8], begin: usize, size: usize, layout: &Layout, ready: Ready) -> Option<Self> {
        let body = chunk.get(begin..begin + size)?;
        let mut mask = vec![0xff_u8; size];
        for (from, bytes) in &layout.ignored {
            mask.get_mut(*from..from + bytes)?.fill(0);
        }
        let mut this = Self { body: body.into(), mask: mask.into(), here: Vec::new(), names: Vec::new(), ready };
        for (slot, name) in &layout.names {
            if *name == begin + slot + 4 {
                this.here.push(*slot);
                continue;
            }
            let name = name_bytes(chunk, *name)?;
            match this.names.iter_mut().find(|(known, _)| **known == *name) {
                Some((_, slots)) => slots.push(*slot),
                None => this.names.push((name.into(), vec![*slot])),
            }
        }
        this.is_at(chunk, begin).then_some(this)
    }

    /// Whether the tokens from `begin` on make the same plan. Sizes have been compared.
    fn is_at(&self, chunk: &[u8], begin: usize) -> bool {
        let Some(body) = chunk.get(begin..).and_then(|rest| rest.get(..self.body.len())) else { return false };
        let named = |slot: usize| u32_at(body, slot).map(|name| name as usize);
        self.looks_like(body)
            && self.here.iter().all(|slot| named(*slot) == Some(begin + slot + 4))
            && self.names.iter().all(|(name, slots)| {
                let mut last = usize::MAX;
                slots.iter().all(|slot| {
                    let Some(at) = named(*slot).filter(|at| *at != begin + slot + 4) else { return false };
                    if at != last && name_bytes(chunk, at) != Some(name) {
                        return false;
                    }
                    last = at;
                    true
                })
            })
    }

    /// The masked comparison, in steps that the compiler makes wide instructions of.
    fn looks_like(&self, body: &[u8]) -> bool {
        const STEP: usize = 32;
        let (bodies, rest) = body.as_chunks::<STEP>();
        let (own, own_rest) = self.body.as_chunks::<STEP>();
        let (masks, mask_rest) = self.mask.as_chunks::<STEP>();
        let differs =
            |a: &[u8], b: &[u8], mask: &[u8]| a.iter().zip(b).zip(mask).fold(0, |differs, ((a, b), mask)| differs | ((a ^ b) & mask)) != 0;
        let mut steps = bodies.iter().zip(own).zip(masks);
        !steps.any(|((a, b), mask)| differs(a, b, mask)) && !differs(rest, own_rest, mask_rest)
    }
}
