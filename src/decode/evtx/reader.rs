//! One record at a time, in place: the template's plan and a few array reads.
//!
//! Gives `None` for whatever it would have to guess at; the caller then asks the careful reader. Values are handed over as
//! the bytes that lie in the chunk, so a record in the usual shape converts and allocates nothing. The `System` part is
//! read first: where channel, provider and id say that a record cannot be a logon record, the rest of it is left alone.

use super::PARAMS;
use super::cursor::Cursor;
use super::library::{Library, Ready};
use super::plan::{Context, Move, Plan, Source, Straight, Target};
use super::texts::{Part, Texts};
use super::token;
use super::value::{time, value};
use crate::base::evtx_chunk::u16_at;
use crate::base::time::Timestamp;
use crate::model::event_id::{self, KnownEvent};
use crate::model::fields::{Field, Fields, Value};

/// A template and where its values stand.
#[derive(Clone, Copy)]
struct Head<'c> {
    ready: Ready,
    /// Where the tokens of the template start in the chunk.
    body: usize,
    /// Size (16 bits), type, nothing: one for each value.
    descriptors: &'c [[u8; 4]],
    /// Where the values start in the chunk, and where they must have ended.
    values: usize,
    end: usize,
}

/// A template with the places of the values of one record.
#[derive(Clone, Copy)]
struct Instance<'c> {
    plan: Plan,
    /// Where the tokens of the template start in the chunk.
    body: usize,
    /// Size (16 bits), type, nothing: one for each value.
    descriptors: &'c [[u8; 4]],
    /// Where the values' places begin in `starts`.
    base: usize,
}

/// The record at hand.
#[derive(Default)]
struct Record<'c> {
    provider: (&'c str, usize),
    event_source: (&'c str, usize),
    channel: (&'c str, usize),
    computer: &'c str,
    event_id: u32,
    version: u8,
    number: Option<u64>,
    at: Option<Timestamp>,
    /// `<Data>` without a name so far.
    unnamed: usize,
    /// Moves made.
    made: usize,
}

/// What is known of one kind of record: numbers of provider and channel, event id.
type Kind = (usize, usize, u32);

#[derive(Debug, Default)]
pub struct Reader {
    library: Library,
    /// Where the values of the record start in the chunk; of nested templates behind those of the outer ones.
    starts: Vec<u32>,
    /// What `event_id` said of kinds of records, by the last bits of the event id.
    judged: Vec<Option<(Kind, Option<&'static KnownEvent>)>>,
    /// Read the values of every record, not only of those that can be logon records.
    pub thorough: bool,
}

/// Templates in templates deeper than this are nothing Windows writes.
const DEPTH: u32 = 8;
/// Moves for one record: far more than a record has values, and the end of what a forged one can ask for by naming one
/// value again and again.
const MOVES: usize = 10_000;
const JUDGED: usize = 256;

/// What the reader reads from: all of it stays while the chunk is read.
#[derive(Clone, Copy)]
pub struct From<'c> {
    pub chunk: &'c [u8],
    pub texts: &'c Texts,
}

impl Reader {
    /// Forgets where the last chunk had its templates, and what was known by the numbers of texts if those are forgotten.
    pub fn start_chunk(&mut self, texts_are_new: bool) {
        self.library.start_chunk();
        if texts_are_new || self.judged.is_empty() {
            self.judged.clear();
            self.judged.resize(JUDGED, None);
        }
    }

    /// Reads the binary XML of one record, from `at` up to `end` of the chunk. `None`: not vouched for, and `fields` says
    /// nothing.
    #[inline]
    pub fn read<'c>(&mut self, from: From<'c>, at: usize, end: usize, fields: &mut Fields<'c>) -> Option<()> {
        self.starts.clear();
        fields.clear_values();
        let mut record = Record::default();
        let mut cursor = Cursor::new(from.chunk, at, end);
        if cursor.peek()? == token::FRAGMENT {
            cursor.skip(4)?;
        }
        if cursor.peek()? == token::TEMPLATE {
            cursor.skip(1)?;
            let head = self.head(&mut cursor, Context::Root)?;
            let Some(straight) = self.library.straight(head.ready).filter(|straight| straight.nest.is_some()) else {
                let (instance, _) = self.instance(head)?;
                return self.event(from, instance, &mut record, fields);
            };
            let (context, number) = straight.nest?;
            straight_through(from, straight, &head, &mut record, fields)?;
            if self.says_wanted(&record, fields) {
                let (kind, at, size) = head.value(number)?;
                self.nest(from, (kind, at, size), context, 0, &mut record, fields)?;
            }
            return Some(());
        }
        // Collectors of forwarded events write records without templates, all values as text.
        self.without_template(cursor, Context::Root, |this, instance| this.event(from, instance, &mut record, fields))
    }

    fn event<'c>(&mut self, from: From<'c>, instance: Instance<'c>, record: &mut Record<'c>, fields: &mut Fields<'c>) -> Option<()> {
        self.run(from, instance.plan.system, &instance, 0, record, fields)?;
        if self.says_wanted(record, fields) {
            self.run(from, instance.plan.rest, &instance, 0, record, fields)?;
        }
        Some(())
    }

    /// Hands over the `System` part; says whether the rest is to be read.
    #[inline]
    fn says_wanted<'c>(&mut self, record: &Record<'c>, fields: &mut Fields<'c>) -> bool {
        let provider = if record.provider.0.is_empty() { record.event_source } else { record.provider };
        let known = self.judge(provider, record.channel, record.event_id);
        fields.known = Some(known);
        fields.shape = "evtx";
        fields.event_id = record.event_id;
        fields.version = record.version;
        fields.provider = provider.0;
        fields.channel = record.channel.0;
        fields.computer = record.computer;
        fields.at = record.at;
        fields.record = record.number.unwrap_or(0);
        self.thorough || known.is_some()
    }

    #[inline]
    fn judge(&mut self, provider: (&str, usize), channel: (&str, usize), id: u32) -> Option<&'static KnownEvent> {
        let kind = (provider.1, channel.1, id);
        let place = self.judged.get_mut(id as usize % JUDGED)?;
        match place {
            Some((known, event)) if *known == kind => *event,
            _ => {
                let event = event_id::find(channel.0, provider.0, id);
                *place = Some((kind, event));
                event
            }
        }
    }

    /// Plans elements that stand for themselves, and forgets the plan again.
    fn without_template<'c>(
        &mut self,
        cursor: Cursor<'c>,
        context: Context,
        run: impl FnOnce(&mut Self, Instance<'c>) -> Option<()>,
    ) -> Option<()> {
        let before = self.library.mark();
        let plan = self.library.fragment(cursor, context);
        let (body, base) = (cursor.at, self.starts.len());
        let done = plan.and_then(|plan| run(self, Instance { plan, body, descriptors: &[], base }));
        self.library.forget(before);
        done
    }

    /// Reads a template instance behind its token, up to its values.
    #[inline]
    fn head<'c>(&mut self, cursor: &mut Cursor<'c>, context: Context) -> Option<Head<'c>> {
        cursor.skip(5)?;
        let definition = cursor.u32()? as usize;
        if definition == cursor.at {
            cursor.at = cursor.definition()?.end;
        }
        let count = cursor.u32()? as usize;
        let (descriptors, _) = cursor.take(count.checked_mul(4)?)?.as_chunks::<4>();
        let (ready, body) = self.library.template(cursor.chunk(), definition, context)?;
        Some(Head { ready, body, descriptors, values: cursor.at, end: cursor.end })
    }

    /// Finds the places of the values; also gives where they end.
    fn instance<'c>(&mut self, head: Head<'c>) -> Option<(Instance<'c>, usize)> {
        let base = self.starts.len();
        // A chunk has 64 KiB, so no more than 16,384 values of 65,535 bytes can be claimed.
        let mut at = u32::try_from(head.values).ok()?;
        self.starts.extend(head.descriptors.iter().map(|[low, high, ..]| {
            let start = at;
            at += u32::from(u16::from_le_bytes([*low, *high]));
            start
        }));
        let behind = Some(at as usize).filter(|at| *at <= head.end)?;
        Some((Instance { plan: head.ready.plan, body: head.body, descriptors: head.descriptors, base }, behind))
    }

    fn run<'c>(
        &mut self,
        from: From<'c>,
        moves: (usize, usize),
        instance: &Instance<'c>,
        depth: u32,
        record: &mut Record<'c>,
        fields: &mut Fields<'c>,
    ) -> Option<()> {
        record.made += moves.1.saturating_sub(moves.0);
        if record.made > MOVES {
            return None;
        }
        for index in moves.0..moves.1 {
            match *self.library.plans.moves.get(index)? {
                Move::Put(target, Source::Value(number)) => {
                    let (kind, bytes) = instance.value(from.chunk, &self.starts, number)?;
                    if let Target::Field(field) = target {
                        keep(field, value(kind, bytes)?, fields);
                    } else {
                        put(from, target, kind, bytes, record, fields)?;
                    }
                }
                Move::Put(target, Source::Literal(begin, end)) => {
                    let text = from.chunk.get(instance.body + begin as usize..instance.body + end as usize)?;
                    put(from, target, token::STRING, text, record, fields)?;
                }
                Move::Put(target, Source::Nothing) => {
                    if target == Target::Unnamed {
                        record.unnamed += 1;
                    }
                }
                Move::Nest(context, number) => {
                    let (kind, bytes) = instance.value(from.chunk, &self.starts, number)?;
                    let at = instance.start(&self.starts, number)?;
                    self.nest(from, (kind, at, bytes.len()), context, depth, record, fields)?;
                }
            }
        }
        Some(())
    }

    /// A value that is itself binary XML, by its type, place and size.
    #[inline]
    fn nest<'c>(
        &mut self,
        from: From<'c>,
        (kind, at, size): (u8, usize, usize),
        context: Context,
        depth: u32,
        record: &mut Record<'c>,
        fields: &mut Fields<'c>,
    ) -> Option<()> {
        match (kind, size) {
            (token::NULL, _) | (_, 0) => Some(()),
            (token::BINARY_XML, size) if depth < DEPTH => {
                let cursor = Cursor::new(from.chunk, at, at + size);
                self.nested(from, cursor, context, depth + 1, record, fields)
            }
            _ => None,
        }
    }

    /// Binary XML as a value: a template instance of its own, or plain elements.
    fn nested<'c>(
        &mut self,
        from: From<'c>,
        mut cursor: Cursor<'c>,
        context: Context,
        depth: u32,
        record: &mut Record<'c>,
        fields: &mut Fields<'c>,
    ) -> Option<()> {
        while cursor.peek() == Some(token::FRAGMENT) {
            cursor.skip(4)?;
        }
        match cursor.peek() {
            None | Some(token::END) => Some(()),
            Some(token::TEMPLATE) => {
                cursor.skip(1)?;
                let head = self.head(&mut cursor, context)?;
                cursor.at = match self.library.straight(head.ready).filter(|straight| straight.nest.is_none()) {
                    Some(straight) => straight_through(from, straight, &head, record, fields)?,
                    None => {
                        let (instance, behind) = self.instance(head)?;
                        self.run(from, instance.plan.rest, &instance, depth, record, fields)?;
                        self.starts.truncate(instance.base);
                        behind
                    }
                };
                // More than one fragment in one value is nothing Windows writes.
                matches!(cursor.peek(), None | Some(token::END)).then_some(())
            }
            Some(_) => self
                .without_template(cursor, context, |this, instance| this.run(from, instance.plan.rest, &instance, depth, record, fields)),
        }
    }
}

/// Goes through the values once, in their order. Gives where they end.
#[inline]
fn straight_through<'c>(
    from: From<'c>,
    straight: &Straight,
    head: &Head<'c>,
    record: &mut Record<'c>,
    fields: &mut Fields<'c>,
) -> Option<usize> {
    record.made += straight.targets.len();
    if record.made > MOVES {
        return None;
    }
    let (wanted, others) = head.descriptors.split_at_checked(straight.targets.len())?;
    let mut at = head.values;
    for ([low, high, kind, _], target) in wanted.iter().zip(&straight.targets) {
        let end = at + usize::from(u16::from_le_bytes([*low, *high]));
        match *target {
            Target::Nowhere => {}
            Target::Field(field) => keep(field, value(*kind, from.chunk.get(at..end)?)?, fields),
            target => put(from, target, *kind, from.chunk.get(at..end)?, record, fields)?,
        }
        at = end;
    }
    for (target, begin, end) in &straight.literals {
        let text = from.chunk.get(head.body + *begin as usize..head.body + *end as usize)?;
        put(from, *target, token::STRING, text, record, fields)?;
    }
    at += others.iter().map(size_of).sum::<usize>();
    (at <= head.end).then_some(at)
}

/// The size that a descriptor states.
#[inline]
fn size_of([low, high, ..]: &[u8; 4]) -> usize {
    usize::from(u16::from_le_bytes([*low, *high]))
}

impl Head<'_> {
    /// Type, place and size of one value.
    #[inline]
    fn value(&self, number: u16) -> Option<(u8, usize, usize)> {
        let (before, rest) = self.descriptors.split_at_checked(usize::from(number))?;
        let descriptor = rest.first()?;
        let [_, _, kind, _] = *descriptor;
        Some((kind, self.values + before.iter().map(size_of).sum::<usize>(), size_of(descriptor)))
    }
}

impl<'c> Instance<'c> {
    #[inline]
    fn start(&self, starts: &[u32], number: u16) -> Option<usize> {
        starts.get(self.base + usize::from(number)).map(|start| *start as usize)
    }
    /// Type and bytes of a value.
    #[inline]
    fn value(&self, chunk: &'c [u8], starts: &[u32], number: u16) -> Option<(u8, &'c [u8])> {
        let [low, high, kind, _] = *self.descriptors.get(usize::from(number))?;
        let start = self.start(starts, number)?;
        Some((kind, chunk.get(start..start + usize::from(u16::from_le_bytes([low, high])))?))
    }
}

/// Where a name stands twice the first value counts, as in the careful reader.
#[inline(always)]
fn keep<'c>(field: Field, value: Value<'c>, fields: &mut Fields<'c>) {
    if fields.is_absent(field) {
        fields.set(field, value);
    }
}

fn keep_unnamed<'c>(value: Value<'c>, record: &mut Record<'c>, fields: &mut Fields<'c>) {
    if let Some(field) = PARAMS.get(record.unnamed) {
        keep(*field, value, fields);
    }
    record.unnamed += 1;
}

/// A whole number: as it is, or decimal text.
#[inline]
fn whole(value: Value<'_>) -> Option<u64> {
    match value {
        Value::Number(number) => Some(number),
        Value::Utf16(_) | Value::Latin1(_) => value.text().trim().parse().ok(),
        _ => None,
    }
}

fn put<'c>(from: From<'c>, target: Target, kind: u8, bytes: &'c [u8], record: &mut Record<'c>, fields: &mut Fields<'c>) -> Option<()> {
    // Texts of the `System` part are UTF-16 wherever they were seen; anything else is for the careful reader.
    let text = |part: Part| match value(kind, bytes)? {
        Value::Utf16(raw) => from.texts.get(part, raw),
        Value::Absent => Some(Default::default()),
        _ => None,
    };
    match target {
        Target::EventId if kind == token::UINT16 && bytes.len() == 2 => record.event_id = u32::from(u16_at(bytes, 0)?),
        Target::Time => record.at = time(kind, bytes),
        Target::EventId => record.event_id = u32::try_from(whole(value(kind, bytes)?)?).ok()?,
        Target::Version => record.version = whole(value(kind, bytes)?).and_then(|number| u8::try_from(number).ok()).unwrap_or(0),
        Target::RecordId => record.number = whole(value(kind, bytes)?),
        Target::Provider => record.provider = text(Part::Provider)?,
        Target::EventSource => record.event_source = text(Part::EventSource)?,
        Target::Channel => record.channel = text(Part::Channel)?,
        Target::Computer => record.computer = text(Part::Computer)?.0,
        Target::Field(field) => keep(field, value(kind, bytes)?, fields),
        Target::Unnamed if kind == token::STRING | token::LIST => {
            // One `<Data>` for each text of the list; each text ends with NUL.
            let (units, _) = bytes.as_chunks::<2>();
            let units = units.strip_suffix(&[[0, 0]]).unwrap_or(units);
            for item in units.split(|unit| *unit == [0, 0]) {
                keep_unnamed(Value::Utf16(item.as_flattened()), record, fields);
            }
        }
        Target::Unnamed => keep_unnamed(value(kind, bytes)?, record, fields),
        Target::Nowhere => {}
    }
    Some(())
}
