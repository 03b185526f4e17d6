//! From a document of YAML to a rule: what it is called, which records it is about, and what it wants of them.

use super::condition::{self, Expr};
use super::correlation;
use super::field::{self, Field, Val};
use super::logsource::{self, Logs, Product};
use super::matcher::{Matcher, Order, Part};
use super::yaml::{Node, Value};
use crate::base::net::Network;
use crate::base::text::clean;
use crate::detect::step::Step;
use crate::model::anomaly::{Detection, Needed, Severity};
use crate::model::event::EventKind;
use crate::model::event_id;

/// Why a rule does not run, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub line: usize,
    pub title: String,
    pub reason: String,
}

/// What every rule has.
#[derive(Clone, Debug)]
pub struct Head {
    pub id: String,
    pub name: String,
    pub title: String,
    severity: Severity,
    attack: Vec<String>,
    needs: String,
    check: String,
}

pub enum Body {
    Single { single: Single, counted: Option<correlation::Draft> },
    Correlation(correlation::Draft),
}

/// A condition on one event.
#[derive(Debug)]
pub struct Single {
    pub product: Product,
    pub logs: Logs,
    /// Event ids that it can be about; none where it does not say.
    pub ids: Option<Vec<u32>>,
    selections: Vec<Selection>,
    expr: Expr,
}

/// One of its maps fits whole.
#[derive(Debug)]
struct Selection(Vec<Vec<Item>>);

#[derive(Debug)]
struct Item {
    field: Field,
    matchers: Vec<Matcher>,
    /// All of them, not one.
    all: bool,
    negated: bool,
}

impl Item {
    fn holds(&self, step: &Step<'_>) -> bool {
        let value = (self.field.get)(step);
        let fits = |matcher: &Matcher| matcher.matches(&value);
        let holds = if self.all { self.matchers.iter().all(fits) } else { self.matchers.iter().any(fits) };
        holds != self.negated
    }
}

impl Single {
    #[must_use]
    pub fn holds(&self, step: &Step<'_>) -> bool {
        self.expr.holds(&|place| {
            let selection = self.selections.get(place);
            selection.is_some_and(|selection| selection.0.iter().any(|map| map.iter().all(|item| item.holds(step))))
        })
    }
    /// Fields that made it fit, with their values: those of selections that hold and are not excluded.
    pub fn shown<'a>(&self, step: &Step<'a>) -> Vec<(&'static str, Val<'a>)> {
        let mut shown: Vec<(&'static str, Val<'a>)> = Vec::new();
        let mut wanted = Vec::new();
        positive(&self.expr, &mut wanted);
        let maps = wanted.iter().filter_map(|place| self.selections.get(*place)).flat_map(|selection| &selection.0);
        for item in maps.filter(|map| map.iter().all(|item| item.holds(step))).flatten() {
            if item.field.name != "EventID" && !shown.iter().any(|(name, _)| *name == item.field.name) {
                shown.push((item.field.name, (item.field.get)(step)));
            }
        }
        shown
    }
    /// Records that it is about, for "no data".
    #[must_use]
    pub fn requires(&self) -> Vec<Needed> {
        match &self.logs {
            Logs::Categories(categories) => categories.iter().map(|category| Needed::SignIns(*category)).collect(),
            Logs::Channels(channels) => {
                let known = |id: &u32| channels.iter().find_map(|channel| event_id::find(channel, "", *id)).map(|event| event.kind);
                let kinds = self.ids.iter().flatten().filter_map(known).filter(|kind| *kind != EventKind::Other);
                kinds.map(Needed::Records).collect()
            }
        }
    }
}

fn positive(expr: &Expr, out: &mut Vec<usize>) {
    match expr {
        Expr::All(parts) | Expr::Any(parts) => parts.iter().for_each(|part| positive(part, out)),
        Expr::Not(_) => {}
        Expr::Selection(place) => out.push(*place),
    }
}

/// Longest text of a rule that is shown.
const MOST_TEXT: usize = 400;

fn shown(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = clean(&text);
    if text.chars().count() <= MOST_TEXT { text.into_owned() } else { text.chars().take(MOST_TEXT - 1).chain(['\u{2026}']).collect() }
}

/// The document of this number in a file, from 0.
///
/// # Errors
/// Why it is not run.
pub fn document(node: &Node, file: &str, number: usize) -> Result<(Head, Body), Refusal> {
    let title = shown(node.get("title").and_then(Node::text).unwrap_or_default());
    let refuse = |line: usize, reason: String| Refusal { line, title: title.clone(), reason };
    let at = |name: &str| node.get(name).map_or(node.line, |part| part.line);
    if title.is_empty() {
        return Err(refuse(node.line, "no Sigma rule: it has no title".to_owned()));
    }
    if node.get("action").is_some() {
        return Err(refuse(at("action"), "'action' joins documents of one file: write each rule whole".to_owned()));
    }
    let status = node.get("status").and_then(Node::text).unwrap_or_default();
    if matches!(status, "deprecated" | "unsupported") {
        return Err(refuse(at("status"), format!("its status is {status}")));
    }
    let mut head = head(node, file, number, title.clone());
    if let Some(correlation) = node.get("correlation") {
        let draft = correlation::Draft::read(correlation).map_err(|reason| refuse(correlation.line, reason))?;
        head.needs = format!("the records of {}", draft.rules.join(", "));
        return Ok((head, Body::Correlation(draft)));
    }
    let (Some(source), Some(detection)) = (node.get("logsource"), node.get("detection")) else {
        return Err(refuse(node.line, "no Sigma rule: it has no logsource with detection, and no correlation".to_owned()));
    };
    let (product, logs) = logsource::logs(source).map_err(|reason| refuse(source.line, reason))?;
    let (single, counted) = single(product, logs, detection).map_err(|(line, reason)| refuse(line, reason))?;
    head.needs = needs(&single);
    Ok((head, Body::Single { single, counted }))
}

fn head(node: &Node, file: &str, number: usize, title: String) -> Head {
    let text = |name: &str| shown(node.get(name).and_then(Node::text).unwrap_or_default());
    let stem = || {
        let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        shown(&if number == 0 { stem.to_owned() } else { format!("{stem}-{}", number + 1) })
    };
    let severity = match text("level").to_lowercase().as_str() {
        "informational" => Severity::Info,
        "medium" => Severity::Medium,
        "high" => Severity::High,
        "critical" => Severity::Critical,
        _ => Severity::Low,
    };
    let tags = node.get("tags").map(Node::texts).unwrap_or_default();
    let technique = |tag: &str| {
        let tag = tag.to_lowercase();
        let number = tag.strip_prefix("attack.t")?;
        number.starts_with(|first: char| first.is_ascii_digit()).then(|| shown(&format!("T{number}")))
    };
    let benign: Vec<&str> = node.get("falsepositives").map(Node::texts).unwrap_or_default();
    let known = benign.into_iter().filter(|text| !matches!(text.to_lowercase().as_str(), "unknown" | "none" | "unlikely"));
    let known = known.collect::<Vec<_>>().join("; ");
    let known = if known.is_empty() { String::new() } else { format!(" What may be all right: {known}.") };
    Head {
        id: Some(text("id")).filter(|id| !id.is_empty()).unwrap_or_else(stem),
        name: text("name"),
        title,
        severity,
        attack: tags.into_iter().filter_map(technique).collect(),
        needs: String::new(),
        check: shown(&format!("{}{known}", text("description"))).trim().to_owned(),
    }
}

impl Head {
    /// As a detection. It lives as long as the program, as the rule does.
    #[must_use]
    pub fn about(&self, requires: &[Needed]) -> &'static Detection {
        let leak = |text: &str| -> &'static str { String::leak(text.to_owned()) };
        let mut needed: Vec<&'static [Needed]> = Vec::new();
        for one in requires {
            if !needed.iter().any(|list| list.contains(one)) {
                needed.push(Vec::leak(vec![*one]));
            }
        }
        Box::leak(Box::new(Detection {
            id: leak(&format!("sigma:{}", self.id)),
            title: leak(&self.title),
            severity: self.severity,
            attack: Vec::leak(self.attack.iter().map(|tag| leak(tag)).collect()),
            needs: leak(&self.needs),
            requires: Vec::leak(needed),
            check: leak(&self.check),
        }))
    }
}

fn needs(single: &Single) -> String {
    match &single.logs {
        Logs::Categories(categories) => {
            format!("Entra {}", categories.iter().map(|category| category.name()).collect::<Vec<_>>().join(", "))
        }
        Logs::Channels(channels) => {
            let ids = single.ids.iter().flatten().map(u32::to_string).collect::<Vec<_>>().join(", ");
            format!("{} {ids}", channels.join(", ")).trim_end().to_owned()
        }
    }
}

type Placed<T> = Result<T, (usize, String)>;

fn single(product: Product, logs: Logs, detection: &Node) -> Placed<(Single, Option<correlation::Draft>)> {
    let Value::Map(pairs) = &detection.value else { return Err((detection.line, "detection is no map of selections".to_owned())) };
    let Some(condition) = detection.get("condition") else { return Err((detection.line, "detection has no condition".to_owned())) };
    let wanted = match &condition.value {
        Value::Text(text) => text.clone(),
        // Several conditions: any of them.
        _ => condition.texts().into_iter().map(|text| format!("({text})")).collect::<Vec<_>>().join(" or "),
    };
    let timeframe = detection.get("timeframe").and_then(Node::text);
    let (wanted, counted) = match wanted.split_once('|') {
        None => (wanted, None),
        Some((wanted, count)) => {
            let draft = correlation::Draft::counted(count, timeframe).map_err(|reason| (condition.line, reason))?;
            (wanted.to_owned(), Some(draft))
        }
    };
    let (mut names, mut selections) = (Vec::new(), Vec::new());
    for (name, node) in pairs.iter().filter(|(name, _)| !matches!(name.as_str(), "condition" | "timeframe")) {
        names.push(name.clone());
        selections.push(selection(product, node)?);
    }
    let expr = condition::parse(&wanted, &names).map_err(|reason| (condition.line, reason))?;
    let ids = ids(&expr, &selections);
    let single = Single { product, logs, ids, selections, expr };
    check(&single).map_err(|reason| (detection.line, reason))?;
    Ok((single, counted))
}

/// What it is about is read, and the fields that it wants are kept of that.
fn check(single: &Single) -> Result<(), String> {
    let (Logs::Channels(channels), Some(ids)) = (&single.logs, &single.ids) else { return Ok(()) };
    let is_read = |id: &&u32| channels.iter().any(|channel| event_id::find(channel, "", **id).is_some());
    let read: Vec<u32> = ids.iter().filter(is_read).copied().collect();
    if read.is_empty() {
        let ids = ids.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
        return Err(format!("event ids {ids} of {} are not read", channels.join(", ")));
    }
    let mut wanted = Vec::new();
    positive(&single.expr, &mut wanted);
    for item in wanted.iter().filter_map(|place| single.selections.get(*place)).flat_map(|selection| &selection.0).flatten() {
        if !item.field.ids.is_empty() && !read.iter().any(|id| item.field.ids.contains(id)) {
            let ids = read.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
            return Err(format!("the field {} of {ids} is not kept", item.field.name));
        }
    }
    Ok(())
}

fn selection(product: Product, node: &Node) -> Placed<Selection> {
    let map = |node: &Node| match &node.value {
        Value::Map(pairs) => pairs.iter().map(|(name, value)| item(product, name, value)).collect::<Placed<Vec<Item>>>(),
        _ => Err((node.line, "words without a field: whole records are not searched".to_owned())),
    };
    match &node.value {
        Value::List(maps) => maps.iter().map(map).collect::<Placed<Vec<_>>>().map(Selection),
        _ => Ok(Selection(vec![map(node)?])),
    }
}

/// `field|modifier|...: value or values`.
fn item(product: Product, name: &str, node: &Node) -> Placed<Item> {
    let refuse = |reason: String| (node.line, reason);
    let mut parts = name.split('|');
    let field = field::find(product, parts.next().unwrap_or_default().trim()).map_err(refuse)?;
    let (mut part, mut cased, mut all, mut negated) = (Part::Whole, false, false, false);
    let (mut special, mut flags) = ("", String::new());
    for modifier in parts {
        match modifier {
            "contains" => part = Part::Anywhere,
            "startswith" => part = Part::Start,
            "endswith" => part = Part::End,
            "all" => all = true,
            "cased" => cased = true,
            "neq" => negated = true,
            "re" | "cidr" | "exists" | "lt" | "lte" | "gt" | "gte" => special = modifier,
            "i" | "m" | "s" if special == "re" => flags += modifier,
            other => return Err(refuse(format!("the modifier |{other} is not known here"))),
        }
    }
    let one = |node: &Node| -> Placed<Matcher> {
        let text = match &node.value {
            Value::Null => return Ok(Matcher::Absent),
            Value::Text(text) => text,
            _ => return Err((node.line, format!("{name} has a value that is neither text nor number"))),
        };
        match special {
            "" => Ok(Matcher::new(text, part, cased)),
            special => self::special(special, text, &flags).map_err(|reason| (node.line, format!("{name}: {reason}"))),
        }
    };
    let matchers = match &node.value {
        Value::List(nodes) => nodes.iter().map(one).collect::<Placed<Vec<_>>>()?,
        _ => vec![one(node)?],
    };
    Ok(Item { field, matchers, all, negated })
}

/// Memory that a compiled expression may take.
const MOST_REGEX: usize = 1 << 20;

fn special(modifier: &str, text: &str, flags: &str) -> Result<Matcher, String> {
    let number = || text.trim().parse().map_err(|_| format!("'{text}' is no number"));
    match modifier {
        "cidr" => Network::parse(text).map(Matcher::Network).ok_or_else(|| format!("'{text}' is no network")),
        "exists" => match text.to_lowercase().as_str() {
            "true" | "yes" => Ok(Matcher::Exists(true)),
            "false" | "no" => Ok(Matcher::Exists(false)),
            _ => Err(format!("'{text}' is neither true nor false")),
        },
        "lt" => Ok(Matcher::Compare(Order::Less, number()?)),
        "lte" => Ok(Matcher::Compare(Order::AtMost, number()?)),
        "gt" => Ok(Matcher::Compare(Order::More, number()?)),
        "gte" => Ok(Matcher::Compare(Order::AtLeast, number()?)),
        _ => {
            let mut builder = regex::RegexBuilder::new(text);
            builder.case_insensitive(flags.contains('i')).multi_line(flags.contains('m')).dot_matches_new_line(flags.contains('s'));
            let built = builder.size_limit(MOST_REGEX).dfa_size_limit(MOST_REGEX).build();
            built.map(|regex| Matcher::Regex(Box::new(regex))).map_err(|error| format!("no expression that can be run: {error}"))
        }
    }
}

/// Event ids that can make the condition hold; none where it may hold for any.
fn ids(expr: &Expr, selections: &[Selection]) -> Option<Vec<u32>> {
    match expr {
        Expr::Not(_) => None,
        Expr::Any(parts) => {
            let mut all = Vec::new();
            for part in parts {
                all.extend(ids(part, selections)?);
            }
            Some(sorted(all))
        }
        Expr::All(parts) => {
            let known: Vec<Vec<u32>> = parts.iter().filter_map(|part| ids(part, selections)).collect();
            let (first, rest) = known.split_first()?;
            Some(first.iter().copied().filter(|id| rest.iter().all(|other| other.contains(id))).collect())
        }
        Expr::Selection(place) => {
            let mut all = Vec::new();
            for map in &selections.get(*place)?.0 {
                let item = map.iter().find(|item| item.field.name == "EventID" && !item.negated && !item.all)?;
                for matcher in &item.matchers {
                    let Matcher::Is { number: Some(number), .. } = matcher else { return None };
                    all.push(u32::try_from(*number).ok()?);
                }
            }
            Some(sorted(all))
        }
    }
}

fn sorted(mut ids: Vec<u32>) -> Vec<u32> {
    ids.sort_unstable();
    ids.dedup();
    ids
}
