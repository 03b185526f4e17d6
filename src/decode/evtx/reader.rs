//! One record at a time, in place: the template's plan and a few array reads.
//!
//! Gives `None` for whatever it would have to guess at; the caller then asks the careful reader. Buffers are kept from
//! record to record, so a record in the usual shape allocates nothing.

use super::PARAMS;
use super::cursor::Cursor;
use super::plan::{Context, Move, Plan, Plans, Source, Target};
use super::token;
use super::value::{Arena, Stored};
use crate::base::time::Timestamp;
use crate::model::event_id;
use crate::model::fields::{Field, Fields, Value};

/// A substitution value: its place in the chunk, size and type.
#[derive(Clone, Copy, Debug)]
struct Raw {
    at: usize,
    size: usize,
    kind: u8,
}

/// The `System` part of the record at hand.
#[derive(Clone, Copy, Debug, Default)]
struct System {
    provider: Stored,
    event_source: Stored,
    channel: Stored,
    computer: Stored,
    event_id: u32,
    version: u8,
    record: Option<u64>,
    at: Option<Timestamp>,
}

#[derive(Debug, Default)]
pub struct Reader {
    plans: Plans,
    values: Vec<Raw>,
    arena: Arena,
    system: System,
    found: Vec<(Field, Stored)>,
    unnamed: usize,
    /// Moves made for the record at hand.
    made: usize,
    /// Read the values of every record, not only of those that can be logon records.
    pub thorough: bool,
}

/// Templates in templates deeper than this are nothing Windows writes.
const DEPTH: u32 = 8;
/// Moves for one record: far more than a record has values, and the end of what a forged one can ask for by naming one
/// value again and again.
const MOVES: usize = 10_000;

impl Reader {
    /// Forgets the templates of the last chunk.
    pub fn start_chunk(&mut self) {
        self.plans.clear();
    }

    /// Reads the binary XML of one record, from `at` up to `end` of the chunk. `None`: not vouched for.
    pub fn read(&mut self, chunk: &[u8], at: usize, end: usize) -> Option<()> {
        self.arena.clear();
        self.values.clear();
        self.found.clear();
        self.system = System::default();
        (self.unnamed, self.made) = (0, 0);
        let mut cursor = Cursor::new(chunk, at, end);
        if cursor.peek()? == token::FRAGMENT {
            cursor.skip(4)?;
        }
        if cursor.peek()? == token::TEMPLATE {
            cursor.skip(1)?;
            let (plan, base) = self.instance(&mut cursor, Context::Root)?;
            return self.run_event(chunk, plan, base);
        }
        // Collectors of forwarded events write records without templates, all values as text.
        self.without_template(cursor, Context::Root, |this, plan| this.run_event(chunk, plan, 0))
    }

    fn run_event(&mut self, chunk: &[u8], plan: Plan, base: usize) -> Option<()> {
        self.run(chunk, plan.system, base, 0)?;
        if self.thorough || self.is_wanted() {
            self.run(chunk, plan.rest, base, 0)?;
        }
        Some(())
    }

    /// Plans elements that stand for themselves, and forgets the plan again.
    fn without_template(&mut self, cursor: Cursor<'_>, context: Context, run: impl FnOnce(&mut Self, Plan) -> Option<()>) -> Option<()> {
        let before = self.plans.mark();
        let done = self.plans.compile(cursor, context, false).and_then(|plan| run(self, plan));
        self.plans.forget_since(before);
        done
    }

    /// Fills in the record last read.
    pub fn fill<'a>(&'a self, fields: &mut Fields<'a>) {
        let system = &self.system;
        let texts = self.arena.all();
        let text = |stored| match stored {
            Stored::Text(from, to) => texts.get(from as usize..to as usize).unwrap_or_default(),
            _ => "",
        };
        fields.shape = "evtx";
        fields.event_id = system.event_id;
        fields.version = system.version;
        fields.provider = match text(system.provider) {
            "" => text(system.event_source),
            name => name,
        };
        fields.channel = text(system.channel);
        fields.computer = text(system.computer);
        fields.at = system.at;
        fields.record = system.record.unwrap_or(0);
        for (field, stored) in &self.found {
            let value = match *stored {
                Stored::Absent => continue,
                stored @ Stored::Text(..) => Value::Text(text(stored)),
                Stored::Number(number) => Value::Number(number),
                Stored::Float(float) => Value::Float(float),
                Stored::Bool(value) => Value::Bool(value),
            };
            // Where a name stands twice the first one counts, as in the careful reader.
            if fields.is_absent(*field) {
                fields.set(*field, value);
            }
        }
    }

    fn is_wanted(&self) -> bool {
        let provider = match self.text(self.system.provider) {
            "" => self.text(self.system.event_source),
            name => name,
        };
        event_id::find(self.text(self.system.channel), provider, self.system.event_id).is_some()
    }

    fn text(&self, stored: Stored) -> &str {
        match stored {
            Stored::Text(from, to) => self.arena.get(from, to),
            _ => "",
        }
    }

    /// Reads a template instance behind its token: the plan of its template, and where its values start in `values`.
    fn instance(&mut self, cursor: &mut Cursor<'_>, context: Context) -> Option<(Plan, usize)> {
        cursor.skip(5)?;
        let definition = cursor.u32()? as usize;
        if definition == cursor.at {
            cursor.at = cursor.definition()?.end;
        }
        let count = cursor.u32()? as usize;
        let descriptors = cursor.take(count.checked_mul(4)?)?;
        let base = self.values.len();
        for [low, high, kind, _] in descriptors.as_chunks::<4>().0 {
            let size = usize::from(u16::from_le_bytes([*low, *high]));
            self.values.push(Raw { at: cursor.at, size, kind: *kind });
            cursor.skip(size)?;
        }
        Some((self.plans.template(cursor.chunk(), definition, context)?, base))
    }

    fn run(&mut self, chunk: &[u8], moves: (usize, usize), base: usize, depth: u32) -> Option<()> {
        let upto = self.values.len();
        self.made += moves.1.saturating_sub(moves.0);
        if self.made > MOVES {
            return None;
        }
        for index in moves.0..moves.1 {
            let raw = |values: &[Raw], number: u16| {
                let at = base.checked_add(usize::from(number))?;
                if at < upto { values.get(at).copied() } else { None }
            };
            match *self.plans.moves.get(index)? {
                Move::Put(target, Source::Value(number)) => {
                    let raw = raw(&self.values, number)?;
                    self.put(target, raw.kind, chunk.get(raw.at..raw.at.checked_add(raw.size)?)?)?;
                }
                Move::Put(target, Source::Literal(from, to)) => {
                    let text = self.plans.texts.get(from as usize..to as usize)?;
                    let stored = self.arena.text(text);
                    self.store(target, stored)?;
                }
                Move::Put(target, Source::Nothing) => self.store(target, Stored::Absent)?,
                Move::Nest(context, number) => {
                    let raw = raw(&self.values, number)?;
                    match (raw.kind, raw.size) {
                        (token::NULL, _) | (_, 0) => {}
                        (token::BINARY_XML, size) if depth < DEPTH => {
                            self.nested(Cursor::new(chunk, raw.at, raw.at.checked_add(size)?), context, depth + 1)?;
                        }
                        _ => return None,
                    }
                }
            }
        }
        Some(())
    }

    /// Binary XML as a value: a template instance of its own, or plain elements.
    fn nested(&mut self, mut cursor: Cursor<'_>, context: Context, depth: u32) -> Option<()> {
        let chunk = cursor.chunk();
        while cursor.peek() == Some(token::FRAGMENT) {
            cursor.skip(4)?;
        }
        match cursor.peek() {
            None | Some(token::END) => Some(()),
            Some(token::TEMPLATE) => {
                cursor.skip(1)?;
                let (plan, base) = self.instance(&mut cursor, context)?;
                self.run(chunk, plan.rest, base, depth)?;
                self.values.truncate(base);
                // More than one fragment in one value is nothing Windows writes.
                matches!(cursor.peek(), None | Some(token::END)).then_some(())
            }
            Some(_) => self.without_template(cursor, context, |this, plan| this.run(chunk, plan.rest, this.values.len(), depth)),
        }
    }

    fn put(&mut self, target: Target, kind: u8, bytes: &[u8]) -> Option<()> {
        match target {
            Target::Time => {
                self.system.at = Arena::time(kind, bytes);
                Some(())
            }
            Target::Unnamed if kind == token::STRING | token::LIST => {
                // One `<Data>` for each text of the list; each text ends with NUL.
                let (units, _) = bytes.as_chunks::<2>();
                let units = units.strip_suffix(&[[0, 0]]).unwrap_or(units);
                for item in units.split(|unit| *unit == [0, 0]) {
                    let stored = self.arena.utf16(item.as_flattened());
                    self.store(Target::Unnamed, stored)?;
                }
                Some(())
            }
            target => {
                let stored = self.arena.value(kind, bytes)?;
                self.store(target, stored)
            }
        }
    }

    fn store(&mut self, target: Target, stored: Stored) -> Option<()> {
        let number = || match stored {
            Stored::Number(number) => Some(number),
            Stored::Text(from, to) => self.arena.get(from, to).trim().parse().ok(),
            _ => None,
        };
        match target {
            Target::EventId => self.system.event_id = u32::try_from(number()?).ok()?,
            Target::Version => self.system.version = number().and_then(|number| u8::try_from(number).ok()).unwrap_or(0),
            Target::RecordId => self.system.record = number(),
            Target::Time => self.system.at = Timestamp::parse(self.text(stored)),
            Target::Provider => self.system.provider = stored,
            Target::EventSource => self.system.event_source = stored,
            Target::Channel => self.system.channel = stored,
            Target::Computer => self.system.computer = stored,
            Target::Field(field) => self.found.push((field, stored)),
            Target::Unnamed => {
                if let Some(field) = PARAMS.get(self.unnamed) {
                    self.found.push((*field, stored));
                }
                self.unnamed += 1;
            }
            Target::Nowhere => {}
        }
        Some(())
    }
}
