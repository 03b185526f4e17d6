//! A filter after checking: terms joined by and, or, not.
//!
//! Needles are folded to lower case and values are read here once, so that `eval` compares without allocating.

use crate::base::time::{Span, Timestamp};
use crate::model::anomaly::Severity;
use crate::model::event::{MfaResult, Outcome, Tri};
use crate::query::field::Field;
use crate::query::pattern::Pattern;
use std::net::IpAddr;

/// Terms deep inside more parentheses and negations than this are refused, so that no text can exhaust the stack.
pub const DEEPEST: usize = 64;

#[derive(Clone, Debug)]
pub enum Expr {
    All(Vec<Expr>),
    Any(Vec<Expr>),
    Not(Box<Expr>),
    Term(Test),
}

impl Expr {
    /// A term asks what people said.
    pub(super) fn asks_of_remarks(&self) -> bool {
        match self {
            Self::All(operands) | Self::Any(operands) => operands.iter().any(Self::asks_of_remarks),
            Self::Not(operand) => operand.asks_of_remarks(),
            Self::Term(test) => matches!(test, Test::Text(Field::Tag | Field::Note, _)),
        }
    }
    /// See `Filter::asks_only_of_history`.
    pub(super) fn asks_only_of_history(&self) -> bool {
        match self {
            Self::All(operands) | Self::Any(operands) => operands.iter().all(Self::asks_only_of_history),
            Self::Not(operand) => operand.asks_only_of_history(),
            Self::Term(test) => match test {
                Test::Account(_) | Test::Source(_) | Test::Types(_) | Test::Lanes(_) | Test::Outcomes(_) | Test::Status(_) => true,
                Test::Text(field, _) => matches!(field, Field::Domain | Field::Sid | Field::Class | Field::Host),
                Test::Moment(field, _) => *field == Field::Time,
                Test::Number(field, _) => *field == Field::Id,
                _ => false,
            },
        }
    }
    /// See `Filter::texts`.
    pub(super) fn texts(&self, into: &mut Vec<String>) {
        let mut add = |patterns: &[Pattern]| into.extend(patterns.iter().filter_map(Pattern::text));
        match self {
            Self::All(operands) | Self::Any(operands) => operands.iter().for_each(|operand| operand.texts(into)),
            Self::Not(_) => {}
            Self::Term(Test::Word(pattern)) => add(std::slice::from_ref(pattern)),
            Self::Term(Test::Account(patterns) | Test::Text(_, patterns)) => add(patterns),
            Self::Term(Test::Source(places)) => {
                for place in places {
                    match place {
                        Place::Name(pattern) => into.extend(pattern.text()),
                        Place::Net(IpAddr::V4(address), 32) => into.push(address.to_string()),
                        Place::Net(IpAddr::V6(address), 128) => into.push(address.to_string()),
                        Place::Net(..) | Place::Between(..) => {}
                    }
                }
            }
            Self::Term(_) => {}
        }
    }
}

/// One term: a field, and the values of which any may hold.
#[derive(Clone, Debug)]
pub enum Test {
    /// A text anywhere in account, host, source, workstation or detection.
    Word(Pattern),
    Account(Vec<Pattern>),
    /// Texts that stand in one place.
    Text(Field, Vec<Pattern>),
    Source(Vec<Place>),
    Types(Types),
    /// Bits by lane index.
    Lanes(u16),
    Outcomes(Vec<Outcome>),
    Status(Vec<Code>),
    SubStatus(Vec<u32>),
    /// `LogonId`s and Entra session ids.
    Session(Vec<Id>),
    /// `time`, `start`, `end`.
    Moment(Field, Vec<Bounds<Timestamp>>),
    Duration(Vec<Bounds<Span>>),
    State(Vec<State>),
    Severity(Vec<Bounds<Severity>>),
    /// `score`, `incident`, `id`, `asn`.
    Number(Field, Vec<Bounds<u64>>),
    Elevated(Vec<Tri>),
    Privileged(bool),
    Mfa(Vec<MfaResult>),
}

/// From `low` to `high`; each side may be missing, and stands inside unless `open` says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds<T> {
    pub low: Option<T>,
    pub high: Option<T>,
    pub low_open: bool,
    pub high_open: bool,
}

impl<T: PartialOrd + Copy> Bounds<T> {
    pub const fn between(low: T, high: T) -> Self {
        Self { low: Some(low), high: Some(high), low_open: false, high_open: false }
    }
    pub fn holds(&self, value: T) -> bool {
        self.overlaps(value, value)
    }
    /// Any moment from `first` to `last` lies inside.
    pub fn overlaps(&self, first: T, last: T) -> bool {
        let above = self.low.is_none_or(|low| if self.low_open { last > low } else { last >= low });
        let below = self.high.is_none_or(|high| if self.high_open { first < high } else { first <= high });
        above && below
    }
}

/// A source value.
#[derive(Clone, Debug)]
pub enum Place {
    /// Network and number of leading bits; a single address has all of them.
    Net(IpAddr, u8),
    Between(IpAddr, IpAddr),
    /// A name, or an address with wildcards.
    Name(Pattern),
}

/// A status value: a number, or words of its meaning.
#[derive(Clone, Debug)]
pub enum Code {
    Number(u32),
    Text(Pattern),
}

/// A session value.
#[derive(Clone, Debug)]
pub enum Id {
    LogonId(u64),
    Text(Pattern),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Open,
    Closed,
    Inferred,
    /// Between disconnect and reconnect of a Remote Desktop session, now.
    Disconnected,
}

/// A set of logon types.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Types {
    bits: [u64; 4],
    /// Records without a logon type.
    pub none: bool,
}

impl Types {
    pub fn add(&mut self, number: u8) {
        if let Some(word) = self.bits.get_mut(usize::from(number / 64)) {
            *word |= 1 << (number % 64);
        }
    }
    pub fn has(&self, number: Option<u8>) -> bool {
        match number {
            Some(number) => self.bits.get(usize::from(number / 64)).is_some_and(|word| word & (1 << (number % 64)) != 0),
            None => self.none,
        }
    }
}
