//! Turns the values of a term into what `eval` compares with, or says what is wrong with them.

use crate::base::net::parse_address;
use crate::model::anomaly::Severity;
use crate::model::event::{MfaResult, Outcome, Tri};
use crate::model::lane::Lane;
use crate::model::logon_type::LogonType;
use crate::query::ParseError;
use crate::query::ast::{Bounds, Code, Id, Place, State, Test, Types};
use crate::query::field::{Field, FieldEntry, Kind};
use crate::query::lex::{Op, Value};
use crate::query::moment::{self, Clock};
use crate::query::pattern::Pattern;

/// The text, or its upper end, is a day that a clock time may follow.
pub fn ends_in_day(text: &str) -> bool {
    let last = text.rsplit_once("..").map_or(text, |(_, upper)| upper);
    moment::is_day(last)
}

/// A term of `values`, any of which may hold. `column` is that of the first value.
pub fn test(entry: &FieldEntry, op: Op, column: usize, values: &[Value], clock: &Clock) -> Result<Test, ParseError> {
    let ordered = matches!(entry.kind, Kind::Ordered | Kind::Moment);
    if op.is_ordering() && !ordered {
        let fix = format!("write {}:{}", entry.name, entry.example);
        return Err(ParseError { column, message: format!("'{}' has no order, so '{}' means nothing", entry.name, op.sign()), fix });
    }
    if op == Op::Contains && !matches!(entry.kind, Kind::Text | Kind::Address) {
        let fix = format!("write {}:{}", entry.name, entry.example);
        return Err(ParseError { column, message: format!("'~' looks inside texts, and '{}' is none", entry.name), fix });
    }
    if let Some(value) = values.iter().find(|value| value.is_regex && !matches!(entry.kind, Kind::Text | Kind::Address)) {
        let fix = format!("write {}:{}", entry.name, entry.example);
        return Err(ParseError {
            column: value.column,
            message: format!("an expression looks at texts, and '{}' is none", entry.name),
            fix,
        });
    }
    let term = Term { entry, op, clock };
    Ok(match entry.field {
        Field::Account => Test::Account(term.each(values, |value| term.pattern(value))?),
        Field::Source => Test::Source(term.each(values, |value| term.place(value))?),
        Field::Type => Test::Types(term.types(values)?),
        Field::Lane => Test::Lanes(term.lanes(values)?),
        Field::Outcome => Test::Outcomes(term.each(values, |value| term.choice(value, outcome))?),
        Field::Status => Test::Status(term.each(values, |value| term.code(value))?),
        Field::SubStatus => Test::SubStatus(term.each(values, |value| term.choice(value, |text| u32::try_from(number(text)?).ok()))?),
        Field::Session => Test::Session(term.each(values, |value| Ok(session_id(value)))?),
        Field::Time | Field::Start | Field::End => Test::Moment(entry.field, term.each(values, |value| term.moments(value))?),
        Field::Duration => Test::Duration(term.each(values, |value| term.bounds(value, moment::span))?),
        Field::State => Test::State(term.each(values, |value| term.choice(value, state))?),
        Field::Severity => Test::Severity(term.each(values, |value| term.bounds(value, Severity::parse))?),
        Field::Score | Field::Incident | Field::Id | Field::Asn => {
            Test::Number(entry.field, term.each(values, |value| term.bounds(value, number))?)
        }
        Field::Elevated => Test::Elevated(term.each(values, |value| term.choice(value, tri))?),
        Field::Privileged => Test::Privileged(term.choice(values.first().unwrap_or(&NOTHING), |text| tri(text)?.known())?),
        Field::Mfa => Test::Mfa(term.each(values, |value| term.choice(value, mfa))?),
        Field::Note => Test::Text(Field::Note, term.each(values, |value| term.words(value))?),
        field => Test::Text(field, term.each(values, |value| term.pattern(value))?),
    })
}

static NOTHING: Value = Value { text: String::new(), column: 0, quoted: false, is_regex: false, upto: None };

/// What is said of a regular expression that cannot be run.
pub fn no_regex(column: usize, problem: &str) -> ParseError {
    let fix = "mend it, or quote the text to look for it as it is: \"/...\"".to_owned();
    ParseError { column, message: format!("this is no expression: {problem}"), fix }
}

struct Term<'a> {
    entry: &'a FieldEntry,
    op: Op,
    clock: &'a Clock,
}

impl Term<'_> {
    fn each<T>(&self, values: &[Value], read: impl Fn(&Value) -> Result<T, ParseError>) -> Result<Vec<T>, ParseError> {
        if self.op.is_ordering()
            && let Some(second) = values.get(1)
        {
            let fix = format!("write one value, or {}:a..b", self.entry.name);
            return Err(ParseError { column: second.column, message: format!("'{}' takes one value", self.op.sign()), fix });
        }
        values.iter().map(read).collect()
    }
    fn wrong(&self, value: &Value, text: &str) -> ParseError {
        let message = if text.is_empty() {
            format!("a value is expected: {}", self.entry.hint)
        } else {
            format!("'{text}' is no value of '{}': {}", self.entry.name, self.entry.hint)
        };
        let fix = format!("such as {}{}{}", self.entry.name, self.op.sign(), self.entry.example);
        ParseError { column: value.column, message, fix }
    }
    fn no_range(&self, value: &Value) -> Result<(), ParseError> {
        if value.upto.is_none() {
            return Ok(());
        }
        let fix = format!("list the values: {}:(a,b)", self.entry.name);
        Err(ParseError { column: value.column, message: format!("'{}' knows no ranges", self.entry.name), fix })
    }
    fn pattern(&self, value: &Value) -> Result<Pattern, ParseError> {
        self.no_range(value)?;
        let text = value.text.as_str();
        if value.is_regex {
            return Pattern::regex(text, self.op == Op::Equals).map_err(|problem| no_regex(value.column, &problem));
        }
        Ok(match self.op {
            Op::Contains => Pattern::inside(text),
            Op::Equals => Pattern::exact(text),
            _ => Pattern::glob(text),
        })
    }
    /// Sentences are not known to the letter: without wildcards a part is enough.
    fn words(&self, value: &Value) -> Result<Pattern, ParseError> {
        let is_part = self.op != Op::Equals && !value.is_regex && !value.text.contains(['*', '?']);
        if !is_part {
            return self.pattern(value);
        }
        self.no_range(value)?;
        Ok(Pattern::inside(&value.text))
    }
    fn choice<T>(&self, value: &Value, read: impl Fn(&str) -> Option<T>) -> Result<T, ParseError> {
        self.no_range(value)?;
        read(value.text.trim()).ok_or_else(|| self.wrong(value, &value.text))
    }
    /// Both ends of a range, or the value twice.
    fn ends<'v>(value: &'v Value) -> (Option<&'v str>, Option<&'v str>) {
        let some = |text: &'v str| Some(text.trim()).filter(|text| !text.is_empty());
        match (&value.upto, value.text.split_once("..")) {
            (Some(upto), _) => (some(&value.text), some(&upto.text)),
            (None, Some((low, high))) if !value.quoted => (some(low), some(high)),
            _ => (some(&value.text), some(&value.text)),
        }
    }
    fn read_end<T>(&self, value: &Value, text: Option<&str>, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, ParseError> {
        text.map(|text| read(text).ok_or_else(|| self.wrong(value, text))).transpose()
    }
    fn bounds<T: Copy + PartialOrd>(&self, value: &Value, read: impl Fn(&str) -> Option<T>) -> Result<Bounds<T>, ParseError> {
        let (low, high) = Self::ends(value);
        self.ordered(value, self.read_end(value, low, &read)?, self.read_end(value, high, &read)?)
    }
    fn moments(&self, value: &Value) -> Result<Bounds<crate::base::time::Timestamp>, ParseError> {
        let (low, high) = Self::ends(value);
        let read = |text: &str| self.clock.parse(text);
        let (low, high) = (self.read_end(value, low, read)?, self.read_end(value, high, read)?);
        // "after 09:30" is after its last tick; "from 09:30" includes its first.
        let after = matches!(self.op, Op::Greater | Op::LessOrEqual);
        if self.op.is_ordering() {
            let at = low.map(|low| if after { low.last } else { low.first });
            return self.ordered(value, at, at);
        }
        self.ordered(value, low.map(|low| low.first), high.map(|high| high.last))
    }
    fn ordered<T: Copy + PartialOrd>(&self, value: &Value, low: Option<T>, high: Option<T>) -> Result<Bounds<T>, ParseError> {
        let none = Bounds { low: None, high: None, low_open: false, high_open: false };
        if self.op.is_ordering() && (value.upto.is_some() || (value.text.contains("..") && !value.quoted)) {
            let fix = format!("write {}:{}", self.entry.name, value.text);
            return Err(ParseError { column: value.column, message: format!("'{}' takes no range", self.op.sign()), fix });
        }
        let bounds = match self.op {
            Op::Less => Bounds { high, high_open: true, ..none },
            Op::LessOrEqual => Bounds { high, ..none },
            Op::Greater => Bounds { low, low_open: true, ..none },
            Op::GreaterOrEqual => Bounds { low, ..none },
            _ => Bounds { low, high, ..none },
        };
        match (bounds.low, bounds.high) {
            (None, None) => Err(self.wrong(value, "")),
            (Some(low), Some(high)) if low > high => {
                let fix = "turn the range round".to_owned();
                Err(ParseError { column: value.column, message: "this range ends before it begins".into(), fix })
            }
            _ => Ok(bounds),
        }
    }
    fn types(&self, values: &[Value]) -> Result<Types, ParseError> {
        let mut types = Types::default();
        for value in values {
            if let Some(word) = type_word(value.text.trim()) {
                match word {
                    [] => types.none = true,
                    numbers => numbers.iter().for_each(|number| types.add(*number)),
                }
                continue;
            }
            let byte = |text: &str| u8::try_from(number(text)?).ok();
            let Bounds { low, high, .. } = self.bounds(value, byte)?;
            (low.unwrap_or(0)..=high.unwrap_or(u8::MAX)).for_each(|number| types.add(number));
        }
        Ok(types)
    }
    fn lanes(&self, values: &[Value]) -> Result<u16, ParseError> {
        let mut bits = 0;
        for value in values {
            self.no_range(value)?;
            let pattern = Pattern::glob(value.text.trim());
            let found = Lane::ALL.into_iter().filter(|lane| {
                pattern.matches(lane.word())
                    || (lane.code() != "E" && pattern.matches(lane.code()))
                    || (lane.is_entra() && (pattern.matches("entra") || pattern.matches("E")))
                    || (*lane == Lane::RemoteInteractive && pattern.matches("remoteinteractive"))
                    || (*lane == Lane::NetworkCleartext && pattern.matches("networkcleartext"))
                    || (*lane == Lane::Cached && matches!(value.text.trim(), "11" | "12" | "13"))
            });
            let before = bits;
            found.for_each(|lane| bits |= 1 << lane.index());
            if bits == before {
                return Err(self.wrong(value, &value.text));
            }
        }
        Ok(bits)
    }
    fn code(&self, value: &Value) -> Result<Code, ParseError> {
        if value.is_regex {
            return self.pattern(value).map(Code::Text);
        }
        match number(&value.text).and_then(|number| u32::try_from(number).ok()) {
            Some(number) if self.op != Op::Contains => Ok(Code::Number(number)),
            _ => self.pattern(value).map(Code::Text),
        }
    }
    fn place(&self, value: &Value) -> Result<Place, ParseError> {
        if self.op == Op::Contains || value.is_regex {
            return Ok(Place::Name(self.pattern(value)?));
        }
        let (low, high) = Self::ends(value);
        if low != high {
            return match (low.and_then(parse_address), high.and_then(parse_address)) {
                (Some(low), Some(high)) if low.is_ipv4() == high.is_ipv4() && low <= high => Ok(Place::Between(low, high)),
                _ => Err(self.wrong(value, &value.text)),
            };
        }
        let text = value.text.trim();
        if let Some(address) = parse_address(text) {
            return Ok(Place::Net(address, if address.is_ipv4() { 32 } else { 128 }));
        }
        if let Some((net, bits)) = octets(text) {
            return Ok(Place::Net(net.into(), bits));
        }
        if let Some((net, bits)) = text.split_once('/')
            && let Some(net) = net.parse().ok().or_else(|| parse_address(net))
        {
            let most = if matches!(net, std::net::IpAddr::V4(_)) { 32 } else { 128 };
            return match bits.parse::<u8>() {
                Ok(bits) if bits <= most => Ok(Place::Net(net, bits)),
                _ => Err(ParseError {
                    column: value.column,
                    message: format!("'/{bits}' is no length of a network: 0 to {most}"),
                    fix: format!("write {}:{net}/{}", self.entry.name, most - 8),
                }),
            };
        }
        Ok(Place::Name(self.pattern(value)?))
    }
}

/// `10.0.*` as the network 10.0.0.0/16: cheaper than comparing texts of addresses.
fn octets(text: &str) -> Option<(std::net::Ipv4Addr, u8)> {
    let start = text.strip_suffix(".*")?;
    let mut bytes = [0_u8; 4];
    let mut bits = 0;
    for (number, place) in start.split('.').zip(bytes.iter_mut().take(3)) {
        *place = number.parse().ok()?;
        bits += 8;
    }
    (start.split('.').count() <= 3).then_some((bytes.into(), bits))
}

/// A decimal or `0x` number.
fn number(text: &str) -> Option<u64> {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) => u64::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    }
}

/// Logon types by name; an empty list stands for records without a type.
fn type_word(word: &str) -> Option<&'static [u8]> {
    Some(match word.to_ascii_lowercase().as_str() {
        "none" | "-" => &[],
        "rdp" | "remote" => &[10],
        "cleartext" | "clear" => &[8],
        "newcred" | "runas" => &[9],
        "cached" => &[11, 12, 13],
        name => {
            const NUMBERS: [u8; 12] = [0, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13];
            let place = NUMBERS.iter().position(|number| LogonType::from_number(u64::from(*number)).name().eq_ignore_ascii_case(name))?;
            NUMBERS.get(place..=place)?
        }
    })
}

fn outcome(word: &str) -> Option<Outcome> {
    Some(match word.to_ascii_lowercase().as_str() {
        "success" | "ok" | "succeeded" => Outcome::Success,
        "failure" | "fail" | "failed" => Outcome::Failure,
        "interrupted" | "interrupt" => Outcome::Interrupted,
        "none" | "-" => Outcome::None,
        _ => return None,
    })
}

fn session_id(value: &Value) -> Id {
    number(&value.text).map_or_else(|| Id::Text(Pattern::glob(&value.text)), Id::LogonId)
}

fn state(word: &str) -> Option<State> {
    Some(match word.to_ascii_lowercase().as_str() {
        "open" => State::Open,
        "closed" | "ended" => State::Closed,
        "inferred" => State::Inferred,
        "disconnected" => State::Disconnected,
        _ => return None,
    })
}

fn tri(word: &str) -> Option<Tri> {
    Some(match word.to_ascii_lowercase().as_str() {
        "yes" | "true" | "1" => Tri::Yes,
        "no" | "false" | "0" => Tri::No,
        "unknown" | "-" => Tri::Unknown,
        _ => return None,
    })
}

fn mfa(word: &str) -> Option<MfaResult> {
    Some(match word.to_ascii_lowercase().as_str() {
        "approved" | "ok" => MfaResult::Approved,
        "denied" => MfaResult::Denied,
        "none" | "-" => MfaResult::None,
        _ => return None,
    })
}
