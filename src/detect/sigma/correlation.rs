//! Correlations: several hits of rules within a time, for each value of some fields.
//!
//! Bounds: 65,536 groups of one correlation, and of each group as many hits as it wants.

use super::field::{self, Getter, Val};
use super::logsource::Product;
use super::matcher::with_text;
use super::yaml::Node;
use crate::base::time::{Span, Timestamp};
use crate::detect::step::Step;
use crate::model::ids::{AccountId, EventId, HostId, SourceId};
use rustc_hash::{FxHashMap, FxHasher};
use std::collections::VecDeque;
use std::hash::Hasher as _;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    EventCount,
    ValueCount,
    Temporal,
    TemporalOrdered,
}

/// As it is written, before the rules that it speaks of are found.
#[derive(Clone, Debug)]
pub struct Draft {
    kind: Kind,
    /// Ids or names.
    pub rules: Vec<String>,
    group_by: Vec<String>,
    /// Name, and the field that it is in each rule.
    aliases: Vec<(String, Vec<(String, String)>)>,
    value: Option<String>,
    timespan: Span,
    /// Absent where all rules are wanted.
    least: Option<usize>,
    /// Its rules are told too.
    pub generate: bool,
}

/// Most hits that a correlation may want.
const MOST_HITS: usize = 10_000;
const MOST_GROUPS: usize = 65_536;
/// Rules that a correlation may be over.
const MOST_RULES: usize = 32;

#[derive(Debug)]
pub struct Correlation {
    pub kind: Kind,
    /// Places of its rules.
    pub parts: Vec<usize>,
    pub names: Vec<String>,
    /// For each of its rules.
    group_by: Vec<Vec<GetterOf>>,
    value: Vec<Option<GetterOf>>,
    pub value_name: String,
    pub timespan: Span,
    pub least: usize,
}

/// A getter that can be shown.
#[derive(Clone, Copy)]
struct GetterOf(Getter);

impl std::fmt::Debug for GetterOf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("getter")
    }
}

fn timespan(text: &str) -> Result<Span, String> {
    let wrong = || format!("'{text}' is no time: write 30s, 5m, 1h or 1d");
    let (number, unit) = text.trim().split_at_checked(text.trim().len().saturating_sub(1)).ok_or_else(wrong)?;
    let number: i64 = number.parse().ok().filter(|number| (1..=100_000).contains(number)).ok_or_else(wrong)?;
    match unit {
        "s" => Ok(Span::seconds(number)),
        "m" => Ok(Span::minutes(number)),
        "h" => Ok(Span::hours(number)),
        "d" => Ok(Span::days(number)),
        "w" => Ok(Span::days(7 * number)),
        _ => Err(wrong()),
    }
}

fn least(order: &str, number: &str) -> Result<usize, String> {
    let number: usize = number.trim().parse().map_err(|_| format!("'{number}' is no number"))?;
    let least = match order {
        "gte" | ">=" | "eq" | "=" | "==" => number,
        "gt" | ">" => number.saturating_add(1),
        _ => return Err(format!("'{order}': that fewer come is not known before the time is over")),
    };
    if (1..=MOST_HITS).contains(&least) { Ok(least) } else { Err(format!("it wants {least} hits: 1 to {MOST_HITS} are counted")) }
}

impl Draft {
    /// # Errors
    /// What of it cannot be run.
    pub fn read(node: &Node) -> Result<Self, String> {
        let text = |name: &str| node.get(name).and_then(Node::text);
        let kind = match text("type").unwrap_or_default() {
            "event_count" => Kind::EventCount,
            "value_count" => Kind::ValueCount,
            "temporal" => Kind::Temporal,
            "temporal_ordered" => Kind::TemporalOrdered,
            other => return Err(format!("correlations of type '{other}' are not run")),
        };
        let texts = |name: &str| node.get(name).map(Node::texts).unwrap_or_default().into_iter().map(str::to_owned).collect::<Vec<_>>();
        let rules = texts("rules");
        if rules.is_empty() || rules.len() > MOST_RULES {
            return Err(format!("a correlation is over 1 to {MOST_RULES} rules"));
        }
        let (mut limit, mut value) = (None, None);
        if let Some(condition) = node.get("condition") {
            let super::yaml::Value::Map(pairs) = &condition.value else { return Err("condition is no map".to_owned()) };
            for (name, node) in pairs {
                match name.as_str() {
                    "field" => value = node.text().map(str::to_owned),
                    order if limit.is_none() => limit = Some(least(order, node.text().unwrap_or_default())?),
                    other => return Err(format!("the condition has '{other}' besides another limit")),
                }
            }
        }
        let aliases = match node.get("aliases").map(|node| &node.value) {
            Some(super::yaml::Value::Map(pairs)) => pairs.iter().map(|(name, node)| (name.clone(), pairs_of(node))).collect(),
            _ => Vec::new(),
        };
        let counts = matches!(kind, Kind::EventCount | Kind::ValueCount);
        match (counts, limit) {
            (true, None) => return Err("the condition has no limit such as 'gte: 5'".to_owned()),
            (false, Some(limit)) if kind == Kind::TemporalOrdered && limit != rules.len() => {
                return Err("temporal_ordered wants all of its rules".to_owned());
            }
            _ => {}
        }
        if (kind == Kind::ValueCount) != value.is_some() {
            return Err("value_count, and only it, has a 'field' in its condition".to_owned());
        }
        Ok(Self {
            kind,
            rules,
            group_by: texts("group-by"),
            aliases,
            value,
            timespan: timespan(text("timespan").unwrap_or_default())?,
            least: limit,
            generate: text("generate") == Some("true"),
        })
    }
    /// `count(field) by a, b > 3`, the form from before correlations.
    ///
    /// # Errors
    /// What of it cannot be run.
    pub fn counted(text: &str, timeframe: Option<&str>) -> Result<Self, String> {
        let wrong = || format!("'|{text}': only '| count(field) by fields > number' is run");
        let rest = text.trim().strip_prefix("count(").ok_or_else(wrong)?;
        let (field, rest) = rest.split_once(')').ok_or_else(wrong)?;
        let place = rest.find(['<', '>', '=']).ok_or_else(wrong)?;
        let (by, limit) = rest.split_at(place);
        let digits = limit.find(|c: char| c.is_ascii_digit()).ok_or_else(wrong)?;
        let (order, number) = limit.split_at(digits);
        let by = by.trim();
        let group_by = match by.strip_prefix("by ") {
            Some(fields) => fields.split(',').map(|field| field.trim().to_owned()).collect(),
            None if by.is_empty() => Vec::new(),
            None => return Err(wrong()),
        };
        let value = Some(field.trim().to_owned()).filter(|field| !field.is_empty());
        Ok(Self {
            kind: if value.is_some() { Kind::ValueCount } else { Kind::EventCount },
            rules: Vec::new(),
            group_by,
            aliases: Vec::new(),
            value,
            timespan: timespan(timeframe.ok_or("a count has a timeframe")?)?,
            least: Some(least(order.trim(), number)?),
            generate: false,
        })
    }
    /// With the products of its rules, in their order.
    ///
    /// # Errors
    /// A field of it is not kept.
    pub fn resolve(self, products: &[Product]) -> Result<Correlation, String> {
        let getter = |part: usize, product: Product, name: &str| {
            let rule = self.rules.get(part).map(String::as_str).unwrap_or_default();
            let alias = self.aliases.iter().find(|(alias, _)| alias == name);
            let field = alias.and_then(|(_, fields)| fields.iter().find(|(of, _)| of == rule)).map_or(name, |(_, field)| field);
            field::find(product, field).map(|field| GetterOf(field.get))
        };
        let (mut group_by, mut value) = (Vec::new(), Vec::new());
        for (part, product) in products.iter().enumerate() {
            group_by.push(self.group_by.iter().map(|name| getter(part, *product, name)).collect::<Result<Vec<_>, _>>()?);
            value.push(self.value.as_ref().map(|name| getter(part, *product, name)).transpose()?);
        }
        Ok(Correlation {
            kind: self.kind,
            parts: Vec::new(),
            names: self.group_by,
            group_by,
            value,
            value_name: self.value.unwrap_or_default(),
            timespan: self.timespan,
            least: self.least.unwrap_or(products.len()),
        })
    }
}

fn pairs_of(node: &Node) -> Vec<(String, String)> {
    match &node.value {
        super::yaml::Value::Map(pairs) => pairs.iter().filter_map(|(name, node)| Some((name.clone(), node.text()?.to_owned()))).collect(),
        _ => Vec::new(),
    }
}

/// Case does not make another value.
fn hash(value: &Val<'_>, hasher: &mut FxHasher) {
    with_text(value, |text| {
        for byte in text.bytes() {
            hasher.write_u8(byte.to_ascii_lowercase());
        }
        hasher.write_u8(0xff);
    });
}

/// One hit of one of its rules.
#[derive(Clone, Debug)]
pub struct Hit {
    pub at: Timestamp,
    pub event: EventId,
    pub account: AccountId,
    pub host: HostId,
    pub source: SourceId,
    /// What is counted once: the value, or the rule.
    what: u64,
    /// Of an ordered correlation, the events up to this one.
    chain: Vec<(Timestamp, EventId)>,
}

/// What a correlation remembers.
#[derive(Debug, Default)]
pub struct Memory {
    groups: FxHashMap<u64, VecDeque<Hit>>,
}

impl Correlation {
    /// Values of the fields that it groups by.
    pub fn group<'a>(&self, part: usize, step: &Step<'a>) -> impl Iterator<Item = (&str, Val<'a>)> {
        let getters = self.group_by.get(part).into_iter().flatten();
        self.names.iter().map(String::as_str).zip(getters.map(|getter| (getter.0)(step)))
    }
    /// A rule fits an event: gives the group and its hits where that makes the correlation fit.
    pub fn hit<'m>(&self, memory: &'m mut Memory, part: usize, step: &Step<'_>) -> Option<(u64, &'m VecDeque<Hit>)> {
        let mut hasher = FxHasher::default();
        self.group(part, step).for_each(|(_, value)| hash(&value, &mut hasher));
        let group = hasher.finish();
        let now = step.at();
        if memory.groups.len() >= MOST_GROUPS && !memory.groups.contains_key(&group) {
            self.forget(memory, now);
            if memory.groups.len() >= MOST_GROUPS {
                return None;
            }
        }
        let mut hasher = FxHasher::default();
        match self.value.get(part).copied().flatten() {
            Some(getter) => hash(&(getter.0)(step), &mut hasher),
            None => hasher.write_usize(part),
        }
        let row = step.row;
        let mut hit = Hit {
            at: now,
            event: step.id,
            account: row.account,
            host: row.host,
            source: row.source,
            what: hasher.finish(),
            chain: Vec::new(),
        };
        let hits = memory.groups.entry(group).or_default();
        let limit = now - self.timespan;
        if self.kind == Kind::TemporalOrdered {
            let before = part.checked_sub(1).map(|before| {
                let mut hasher = FxHasher::default();
                hasher.write_usize(before);
                hasher.finish()
            });
            if let Some(before) = before {
                let earlier = hits.iter().find(|hit| hit.what == before && hit.at <= now)?;
                if earlier.chain.first().is_none_or(|(start, _)| *start < limit) {
                    return None;
                }
                hit.chain.clone_from(&earlier.chain);
            }
            hit.chain.push((now, step.id));
        }
        if self.kind != Kind::EventCount {
            hits.retain(|old| old.what != hit.what);
        }
        let complete = hit.chain.len();
        hits.push_back(hit);
        while hits.len() > self.least.max(self.parts.len()) {
            hits.pop_front();
        }
        let fits = match self.kind {
            Kind::TemporalOrdered => complete >= self.least,
            _ => hits.iter().filter(|hit| hit.at >= limit && hit.at <= now + self.timespan).count() >= self.least,
        };
        fits.then_some((group, &*hits))
    }
    pub fn forget(&self, memory: &mut Memory, now: Timestamp) {
        let limit = now - self.timespan;
        memory.groups.retain(|_, hits| hits.back().is_some_and(|hit| hit.at >= limit));
    }
    /// The hits that count now, and their events from the first on.
    pub fn evidence<'h>(&self, hits: &'h VecDeque<Hit>, now: Timestamp) -> (Vec<&'h Hit>, Vec<(Timestamp, EventId)>) {
        let limit = now - self.timespan;
        let counted: Vec<&Hit> = hits.iter().filter(|hit| hit.at >= limit).collect();
        let events = match hits.back() {
            Some(last) if self.kind == Kind::TemporalOrdered => last.chain.clone(),
            _ => counted.iter().map(|hit| (hit.at, hit.event)).collect(),
        };
        (counted, events)
    }
}
