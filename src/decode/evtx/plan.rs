//! A template read once: which value of its records goes where.
//!
//! Windows writes a record as a template plus a list of values. The template's tree is walked once and what is left of it
//! is a short list of moves "value 5 is `TargetUserName`". A template that does something unusual with a value that
//! matters is not planned at all: `None` sends its records to the careful reader. What of the bytes the plan does not
//! depend on (places of names, sizes of elements) is noted in a `Layout`, so that `library` can tell the same template in
//! another chunk.

use super::cursor::{Cursor, name_bytes};
use super::name::field_of_utf16;
use super::token;
use crate::base::evtx_chunk::{CHUNK, u32_at};
use crate::model::fields::Field;
use crate::model::value::utf16_is as is;

/// Where an element stands; decides what its children mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Context {
    Root,
    Event,
    System,
    EventData,
    UserData,
    /// Inside the one child of `UserData`: every leaf is a named value.
    UserChild,
    /// Nothing below matters.
    Ignored,
    Leaf(Target),
}

/// Where a value goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    Provider,
    EventSource,
    EventId,
    Version,
    RecordId,
    Time,
    Channel,
    Computer,
    Field(Field),
    /// The next `<Data>` without a name.
    Unnamed,
    Nowhere,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The record's value of this number.
    Value(u16),
    /// UTF-16 of the template itself: from and up to, in bytes from where its tokens start.
    Literal(u32, u32),
    /// `<Data/>`: takes a position, has no value.
    Nothing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    Put(Target, Source),
    /// The record's value of this number is itself binary XML, standing in this context.
    Nest(Context, u16),
}

/// The moves of one template, in `Plans::moves`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plan {
    /// Of the `System` part; empty in templates that stand inside others.
    pub system: (usize, usize),
    pub rest: (usize, usize),
}

/// A plan whose values can be gone through once, in their order: every value goes to one place at most, and what is itself
/// binary XML is one value. Nearly all templates are like that.
#[derive(Debug)]
pub struct Straight {
    /// For each value up to the last that goes anywhere.
    pub targets: Box<[Target]>,
    /// Texts of the template: from and up to, in bytes from where its tokens start.
    pub literals: Box<[(Target, u32, u32)]>,
    /// Binary XML that is read if the record is wanted.
    pub nest: Option<(Context, u16)>,
}

impl Straight {
    /// The same plan, of a whole event or of a part of one; `None` where the order of its moves matters.
    pub fn of(plan: Plan, moves: &[Move]) -> Option<Self> {
        let (system, rest) = (moves.get(plan.system.0..plan.system.1)?, moves.get(plan.rest.0..plan.rest.1)?);
        let (puts, nest) = match rest {
            [Move::Nest(context, number)] => (system, Some((*context, *number))),
            rest if system.is_empty() => (rest, None),
            _ => return None,
        };
        let (mut targets, mut literals) = (Vec::new(), Vec::new());
        for (place, put) in puts.iter().enumerate() {
            let Move::Put(target, source) = *put else { return None };
            let is_again = puts.iter().take(place).any(|other| matches!(other, Move::Put(other, _) if *other == target));
            if is_again || matches!(target, Target::Unnamed | Target::Nowhere) {
                return None;
            }
            match source {
                Source::Value(number) => {
                    let number = usize::from(number);
                    if targets.len() <= number {
                        targets.resize(number + 1, Target::Nowhere);
                    }
                    let slot = targets.get_mut(number).filter(|slot| **slot == Target::Nowhere)?;
                    *slot = target;
                }
                Source::Literal(from, to) => literals.push((target, from, to)),
                Source::Nothing => return None,
            }
        }
        if let Some((_, number)) = nest {
            let number = usize::from(number);
            if targets.get(number).is_some_and(|target| *target != Target::Nowhere) {
                return None;
            }
        }
        Some(Self { targets: targets.into(), literals: literals.into(), nest })
    }
}

/// What of a template's bytes may differ between chunks; places are in bytes from where the tokens start.
#[derive(Debug, Default)]
pub struct Layout {
    /// From and bytes: sizes, links, places of names, and what stands behind the end.
    pub ignored: Vec<(usize, usize)>,
    /// Where a name is named, and the name's offset in the chunk.
    pub names: Vec<(usize, usize)>,
}

/// Makes plans and keeps their moves.
#[derive(Debug, Default)]
pub struct Plans {
    /// Bytes of tokens walked in this chunk.
    walked: usize,
    stack: Vec<Element>,
    pub moves: Vec<Move>,
}

/// Bytes of tokens walked in one chunk. The definitions of a chunk do not overlap, so an honest chunk stays below its own
/// size; this ends the work a forged one asks for.
const WALKED: usize = 4 * CHUNK;

/// Elements deeper than this are nothing Windows writes.
const DEPTH: usize = 24;

#[derive(Clone, Copy, Debug)]
struct Element {
    context: Context,
    /// A value or text of the element has been seen.
    filled: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Attribute {
    None,
    DataName,
    To(Target),
    Other,
}

impl Plans {
    pub fn start_chunk(&mut self) {
        self.walked = 0;
    }

    /// Walks a tree of tokens. Definitions of templates state a dependency in each element, fragments do not.
    pub fn compile(&mut self, cursor: Cursor<'_>, root: Context, definition: bool, layout: &mut Layout) -> Option<Plan> {
        self.walked += cursor.end.saturating_sub(cursor.at);
        if self.walked > WALKED {
            return None;
        }
        let mut stack = std::mem::take(&mut self.stack);
        stack.clear();
        let plan = self.compile_with(&mut stack, cursor, root, definition, layout);
        self.stack = stack;
        plan
    }

    fn compile_with(
        &mut self,
        stack: &mut Vec<Element>,
        mut cursor: Cursor<'_>,
        root: Context,
        definition: bool,
        layout: &mut Layout,
    ) -> Option<Plan> {
        let (start, begin) = (self.moves.len(), cursor.at);
        let mut attribute = Attribute::None;
        let mut plan = Plan { system: (start, start), rest: (start, start) };
        while let Some(code) = cursor.u8() {
            let top = stack.last().map_or(root, |element| element.context);
            match code & !token::MORE {
                token::END => break,
                token::FRAGMENT => cursor.skip(3)?,
                token::OPEN_ELEMENT => {
                    layout.skip(&mut cursor, begin, if definition { 6 } else { 4 })?;
                    let name = layout.name(&mut cursor, begin)?;
                    layout.skip(&mut cursor, begin, if code & token::MORE == 0 { 0 } else { 4 })?;
                    open(stack, child(top, name_bytes(cursor.chunk(), name)?))?;
                    attribute = Attribute::None;
                }
                token::ATTRIBUTE => {
                    let name = layout.name(&mut cursor, begin)?;
                    attribute = attribute_of(top, name_bytes(cursor.chunk(), name)?);
                    // A `Data` that is told from others by anything but its name.
                    if top == Context::Leaf(Target::Unnamed) && attribute == Attribute::Other {
                        return None;
                    }
                }
                token::CLOSE_START => attribute = Attribute::None,
                token::CLOSE_EMPTY | token::END_ELEMENT => {
                    self.close(stack.pop()?, start, &mut plan)?;
                    attribute = Attribute::None;
                }
                token::VALUE => {
                    if cursor.u8()? != token::STRING {
                        return None;
                    }
                    let text = counted(&mut cursor)?;
                    self.text(stack, attribute, text, cursor.at - begin)?;
                }
                token::SUBSTITUTION | token::OPTIONAL_SUBSTITUTION => {
                    let (number, kind) = (cursor.u16()?, cursor.u8()?);
                    self.value(stack, top, attribute, number, kind)?;
                }
                // In a part nobody asks for these are stepped over, elsewhere the careful reader puts the pieces together.
                token::CDATA => counted(&mut cursor).filter(|_| is_ignored(top, attribute)).map(|_| ())?,
                token::CHARACTER => cursor.skip(2).filter(|()| is_ignored(top, attribute))?,
                token::ENTITY => layout.name(&mut cursor, begin).filter(|_| is_ignored(top, attribute)).map(|_| ())?,
                token::INSTRUCTION_TARGET => layout.name(&mut cursor, begin).map(|_| ())?,
                token::INSTRUCTION_DATA => counted(&mut cursor).map(|_| ())?,
                _ => return None,
            }
        }
        layout.ignored.push((cursor.at - begin, cursor.end.saturating_sub(cursor.at)));
        plan.rest.1 = self.moves.len();
        let has_system = plan.system.0 < plan.system.1;
        (stack.is_empty() && (root != Context::Root || has_system)).then_some(plan)
    }

    fn close(&mut self, closed: Element, start: usize, plan: &mut Plan) -> Option<()> {
        if closed.context == Context::Leaf(Target::Unnamed) && !closed.filled {
            self.moves.push(Move::Put(Target::Unnamed, Source::Nothing));
        }
        if closed.context == Context::System {
            if plan.system.1 != plan.system.0 || self.moves.len() == start {
                return None;
            }
            plan.system = (start, self.moves.len());
            plan.rest.0 = self.moves.len();
        }
        Some(())
    }

    /// Text of the template itself: the name of a `Data`, or a value that is the same in all its records.
    fn text(&mut self, stack: &mut [Element], attribute: Attribute, text: &[u8], end: usize) -> Option<()> {
        let Some(element) = stack.last_mut() else { return Some(()) };
        if attribute == Attribute::DataName {
            element.context = Context::Leaf(target_of(text));
            return Some(());
        }
        if is_ignored(element.context, attribute) {
            return Some(());
        }
        let source = Source::Literal(u32::try_from(end - text.len()).ok()?, u32::try_from(end).ok()?);
        self.put(stack, attribute, source)
    }

    fn value(&mut self, stack: &mut [Element], top: Context, attribute: Attribute, number: u16, kind: u8) -> Option<()> {
        if attribute == Attribute::DataName {
            return None;
        }
        if kind != token::BINARY_XML || attribute != Attribute::None {
            return self.put(stack, attribute, Source::Value(number));
        }
        match top {
            Context::Ignored | Context::Leaf(Target::Nowhere) => {}
            Context::Leaf(_) | Context::System => return None,
            context => self.moves.push(Move::Nest(context, number)),
        }
        Some(())
    }

    fn put(&mut self, stack: &mut [Element], attribute: Attribute, source: Source) -> Option<()> {
        let Some(element) = stack.last_mut() else { return Some(()) };
        let target = match (attribute, element.context) {
            (Attribute::To(target), _) => target,
            (Attribute::None, Context::Leaf(target)) => {
                // A second piece of one value: not a plain move any more.
                if element.filled && target != Target::Nowhere {
                    return None;
                }
                element.filled = true;
                target
            }
            _ => Target::Nowhere,
        };
        if target != Target::Nowhere {
            self.moves.push(Move::Put(target, source));
        }
        Some(())
    }
}

impl Layout {
    pub fn clear(&mut self) {
        self.ignored.clear();
        self.names.clear();
    }
    fn skip(&mut self, cursor: &mut Cursor<'_>, begin: usize, bytes: usize) -> Option<()> {
        self.ignored.push((cursor.at - begin, bytes));
        cursor.skip(bytes)
    }
    fn name(&mut self, cursor: &mut Cursor<'_>, begin: usize) -> Option<usize> {
        let slot = cursor.at;
        let name = cursor.name()?;
        // A name that stands right here begins with a link to another one and its hash.
        let is_here = u32_at(cursor.chunk(), slot)? as usize == slot + 4;
        self.ignored.push((slot - begin, if is_here { 10 } else { 4 }));
        self.names.push((slot - begin, name));
        Some(name)
    }
}

fn open(stack: &mut Vec<Element>, context: Context) -> Option<()> {
    if stack.len() >= DEPTH {
        return None;
    }
    if let Some(parent) = stack.last_mut() {
        // A named value with elements inside: a container, its leaves are named themselves.
        if let Context::Leaf(_) = parent.context {
            parent.context = Context::UserChild;
        }
    }
    stack.push(Element { context, filled: false });
    Some(())
}

/// UTF-16 behind its count of units.
fn counted<'a>(cursor: &mut Cursor<'a>) -> Option<&'a [u8]> {
    let units = cursor.u16()?;
    cursor.take(usize::from(units) * 2)
}

impl<'a> Cursor<'a> {
    /// The body of the template definition that starts here: offset of the next one, GUID, size, tokens.
    pub fn definition(mut self) -> Option<Self> {
        self.skip(20)?;
        let size = self.u32()? as usize;
        let end = self.at.checked_add(size).filter(|end| *end <= self.end)?;
        self.end = end;
        Some(self)
    }
}

fn is_ignored(context: Context, attribute: Attribute) -> bool {
    match attribute {
        Attribute::None => matches!(context, Context::Ignored | Context::Leaf(Target::Nowhere)),
        Attribute::Other => true,
        Attribute::DataName | Attribute::To(_) => false,
    }
}

fn target_of(name: &[u8]) -> Target {
    field_of_utf16(name).map_or(Target::Nowhere, Target::Field)
}

fn child(parent: Context, name: &[u8]) -> Context {
    match parent {
        Context::Root if is(name, "Event") => Context::Event,
        Context::Event if is(name, "System") => Context::System,
        Context::Event if is(name, "EventData") => Context::EventData,
        Context::Event if is(name, "UserData") => Context::UserData,
        Context::System => Context::Leaf(
            [
                ("EventID", Target::EventId),
                ("Version", Target::Version),
                ("EventRecordID", Target::RecordId),
                ("Channel", Target::Channel),
                ("Computer", Target::Computer),
            ]
            .into_iter()
            .find(|(known, _)| is(name, known))
            .map_or(system_parent(name), |(_, target)| target),
        ),
        // A name, if there is one, comes as an attribute and changes this.
        Context::EventData if is(name, "Data") => Context::Leaf(Target::Unnamed),
        Context::EventData | Context::UserChild | Context::Leaf(_) => Context::Leaf(target_of(name)),
        Context::UserData => Context::UserChild,
        Context::Root | Context::Event | Context::Ignored => Context::Ignored,
    }
}

/// Elements of `System` whose attributes matter carry the attribute's target as their own until the attribute is read.
fn system_parent(name: &[u8]) -> Target {
    if is(name, "Provider") {
        Target::Provider
    } else if is(name, "TimeCreated") {
        Target::Time
    } else {
        Target::Nowhere
    }
}

fn attribute_of(element: Context, name: &[u8]) -> Attribute {
    match element {
        Context::Leaf(Target::Unnamed) if is(name, "Name") => Attribute::DataName,
        Context::Leaf(Target::Provider) if is(name, "Name") => Attribute::To(Target::Provider),
        Context::Leaf(Target::Provider) if is(name, "EventSourceName") => Attribute::To(Target::EventSource),
        Context::Leaf(Target::Time) if is(name, "SystemTime") => Attribute::To(Target::Time),
        _ => Attribute::Other,
    }
}
