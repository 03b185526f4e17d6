//! The trees that answer a question: from where, in which direction, how deep, through which filter.

use super::edge::shown;
use super::rank::{Novelty, Worth};
use super::{Edge, Ground, Spot, Way, Web, limits};
use crate::base::time::Timestamp;
use crate::model::ids::{AccountId, HostId, SourceId, VisitId};
use crate::query::Filter;
use std::collections::BTreeMap;

/// What a question is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Focus {
    /// Everything that has more than one step.
    #[default]
    All,
    Account(AccountId),
    Host(HostId),
    Source(SourceId),
    Visit(VisitId),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// Where did they go from there?
    #[default]
    Forward,
    /// How did they get there?
    Backward,
}

/// A question.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    pub focus: Focus,
    pub direction: Direction,
    /// Steps from the root.
    pub depth: usize,
    /// Steps outside are not shown, unless they lead to one inside.
    pub window: Option<(Timestamp, Timestamp)>,
    /// A step that passes is shown with all it came out of and all that came out of it.
    pub filter: Option<&'a Filter>,
}

/// One step of a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// Number of the edge.
    pub edge: usize,
    /// From 1.
    pub depth: usize,
    /// Place of the step before, in `Tree::nodes`.
    pub parent: Option<usize>,
    /// Steps after it that are not shown: too many beside each other, or deeper than asked for.
    pub more: u32,
    /// Sessions, 4648 or failures: those of its edge, and of later ones that went the same way and led no further.
    pub count: u32,
    /// Start of the last of them.
    pub last: Timestamp,
    /// Number of the newest edge of them.
    pub newest: usize,
}

/// An edge with those folded into it.
#[derive(Clone, Copy, Debug)]
struct Branch {
    edge: usize,
    count: u32,
    last: Timestamp,
    newest: usize,
}

#[derive(Clone, Debug)]
pub struct Tree {
    /// Where it begins; in a backward question, where it ends.
    pub root: Spot,
    /// Each step before those after it, by time.
    pub nodes: Vec<Node>,
    /// First steps that are not shown.
    pub more: u32,
    pub worth: Worth,
}

/// The answer.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// By rank.
    pub trees: Vec<Tree>,
    /// Trees with a lower rank that were not kept.
    pub more: usize,
    /// Places that only one step leads to or from: no paths, unless a focus or a filter asks for them.
    pub single: usize,
}

struct Picker<'a> {
    web: &'a Web,
    ask: Ask<'a>,
    /// By edge: it may be shown.
    kept: Vec<bool>,
    /// By edge: something that may be shown came out of it.
    leads_on: Vec<bool>,
}

/// Answers a question.
#[must_use]
pub fn pick(web: &Web, ground: Ground<'_>, ask: Ask<'_>) -> Found {
    let focus = match ask.focus {
        Focus::Account(account) => Focus::Account(ground.tables.account_id(account)),
        Focus::Visit(visit) => Focus::Visit(shown(ground.tables, visit)),
        other => other,
    };
    let ask = Ask { focus, ..ask };
    let kept = kept(web, ground, &ask);
    let mut leads_on = vec![false; web.edges.len()];
    for (number, edge) in web.edges.iter().enumerate() {
        if let (Some(join), true) = (edge.join, kept.get(number) == Some(&true))
            && let Some(flag) = leads_on.get_mut(join.from)
        {
            *flag = true;
        }
    }
    let picker = Picker { web, ask, kept, leads_on };
    let mut found = Found::default();
    for (root, first) in picker.roots() {
        let Some(tree) = picker.tree(root, first) else { continue };
        let is_single = tree.worth.hosts < 2 && !tree.nodes.iter().any(|node| picker.is_step(node.edge) && node.depth > 1);
        if ask.focus == Focus::All && ask.filter.is_none() && is_single {
            found.single += 1;
            continue;
        }
        found.trees.push(tree);
    }
    found.trees.sort_by(|a, b| {
        let score = b.worth.score.total_cmp(&a.worth.score);
        score.then(b.worth.worst.cmp(&a.worth.worst)).then(b.worth.to.cmp(&a.worth.to)).then(a.root.cmp(&b.root))
    });
    found.more = found.trees.len().saturating_sub(limits::TREES);
    found.trees.truncate(limits::TREES);
    found
}

/// What passes window and filter, with what it came out of and what came out of it.
fn kept(web: &Web, ground: Ground<'_>, ask: &Ask<'_>) -> Vec<bool> {
    let reaches =
        |edge: &Edge| ask.window.is_none_or(|(from, to)| edge.start <= to && edge.end.is_none_or(|end| end.max(edge.last) >= from));
    let begins = |edge: &Edge| ask.window.is_none_or(|(from, to)| edge.start <= to && edge.last >= from);
    let passes = |edge: &Edge| begins(edge) && ask.filter.is_none_or(|filter| matches(filter, ground, edge));
    let own: Vec<bool> = web.edges.iter().map(passes).collect();
    let at = |flags: &[bool], number: usize| flags.get(number).copied().unwrap_or(false);
    // Edges come out of earlier ones only: one pass each way reaches everything.
    let mut after = own.clone();
    for (number, edge) in web.edges.iter().enumerate() {
        let follows = edge.join.is_some_and(|join| at(&after, join.from)) && begins(edge);
        if let (true, Some(flag)) = (follows, after.get_mut(number)) {
            *flag = true;
        }
    }
    let mut before = own;
    for (number, edge) in web.edges.iter().enumerate().rev() {
        if let (true, Some(join)) = (at(&before, number), edge.join)
            && web.edge(join.from).is_some_and(reaches)
            && let Some(flag) = before.get_mut(join.from)
        {
            *flag = true;
        }
    }
    after.iter().zip(&before).map(|(one, other)| *one || *other).collect()
}

/// One of the records or sessions behind an edge passes.
fn matches(filter: &Filter, ground: Ground<'_>, edge: &Edge) -> bool {
    let (tables, names) = (ground.tables, ground.names);
    match edge.way {
        Way::Logon => filter.matches_visit(edge.visit, names, tables),
        Way::Explicit | Way::Ticket | Way::Failed => filter.matches_event(edge.event, names, tables),
    }
}

impl Picker<'_> {
    fn is_kept(&self, number: usize) -> bool {
        self.kept.get(number).copied().unwrap_or(false)
    }
    /// A step from one place to another, or one that something came out of; other logons at a host are no step.
    fn is_step(&self, number: usize) -> bool {
        self.web.edge(number).is_some_and(|edge| !edge.is_local)
    }
    fn is_shown(&self, number: usize) -> bool {
        self.is_kept(number) && (self.is_step(number) || self.leads_on.get(number) == Some(&true))
    }
    fn of_account(edge: &Edge, account: AccountId) -> bool {
        edge.account == account || edge.others.contains(&account)
    }

    /// Where trees begin, with their first steps by time.
    fn roots(&self) -> BTreeMap<Spot, Vec<usize>> {
        let mut roots: BTreeMap<Spot, Vec<usize>> = BTreeMap::new();
        let backward = self.ask.direction == Direction::Backward;
        let machine = match self.ask.focus {
            Focus::Host(host) => self.web.machine_of(host),
            // The way to an address is the way to the machine that had it last.
            Focus::Source(source) if backward => self.web.edges.iter().rev().find_map(|edge| match edge.from {
                Spot::Machine(machine) if edge.source == source && !edge.is_local => Some(machine),
                _ => None,
            }),
            _ => None,
        };
        for (number, edge) in self.web.edges.iter().enumerate() {
            if !self.is_kept(number) {
                continue;
            }
            let parent = edge.join.map(|join| join.from).and_then(|from| self.web.edge(from).filter(|_| self.is_kept(from)));
            let after = || self.web.out_of(number).iter().filter(|next| self.is_shown(**next)).filter_map(|next| self.web.edge(*next));
            let is_first = match (self.ask.focus, backward) {
                (Focus::All, false) => self.is_shown(number) && parent.is_none(),
                (Focus::All, true) => self.is_step(number) && edge.way != Way::Failed && after().next().is_none(),
                (Focus::Account(account), false) => {
                    self.is_shown(number)
                        && Self::of_account(edge, account)
                        && !parent.is_some_and(|parent| Self::of_account(parent, account))
                }
                (Focus::Account(account), true) => {
                    let goes_on = after().any(|next| next.way == Way::Logon && Self::of_account(next, account));
                    self.is_step(number) && Self::of_account(edge, account) && !goes_on
                }
                (Focus::Host(_), false) => self.is_step(number) && machine.is_some_and(|machine| edge.from == Spot::Machine(machine)),
                (Focus::Source(source), false) => self.is_step(number) && edge.source == source,
                (Focus::Host(_) | Focus::Source(_), true) => self.is_step(number) && machine == Some(edge.to),
                (Focus::Visit(visit), _) => self.web.of_visit.get(&visit) == Some(&number) || edge.visit == visit,
            };
            if is_first {
                let root = match (self.ask.focus, backward) {
                    (_, true) => Spot::Machine(edge.to),
                    (Focus::Source(source), false) => Spot::Source(source),
                    (_, false) => edge.from,
                };
                roots.entry(root).or_default().push(number);
            }
        }
        roots
    }

    /// The branches after `number`, by time.
    fn branches(&self, number: usize) -> Vec<usize> {
        match self.ask.direction {
            Direction::Forward => self.web.out_of(number).iter().copied().filter(|next| self.is_shown(*next)).collect(),
            Direction::Backward => self.web.edge(number).and_then(|edge| edge.join).map(|join| join.from).into_iter().collect(),
        }
    }

    /// How much a branch is worth a row where there are too many.
    fn interest(&self, number: usize) -> (u8, u8, usize) {
        let Some(edge) = self.web.edge(number) else { return (0, 0, 0) };
        let worst = edge.worst.map_or(0, |worst| worst as u8 + 1);
        let odd = u8::from(edge.privileged) * 2
            + u8::from(edge.controller) * 2
            + u8::from(matches!(Novelty::of(self.web, number, number), Some(Novelty::First(_))));
        (worst, odd, self.web.out_of(number).len())
    }

    /// Edges that went the same way with the same account and led no further, as one.
    fn folded(&self, numbers: &[usize]) -> Vec<Branch> {
        let mut branches: Vec<Branch> = Vec::new();
        let mut known: BTreeMap<_, usize> = BTreeMap::new();
        for number in numbers {
            let Some(edge) = self.web.edge(*number) else { continue };
            let leads_on = self.leads_on.get(*number) == Some(&true) || self.ask.direction == Direction::Backward && edge.join.is_some();
            let key = (edge.way, edge.from, edge.to, edge.account, edge.logon_type);
            // Runs of failures keep their own times: their pauses tell something.
            let may_fold = !leads_on && edge.way != Way::Failed;
            if may_fold && let Some(branch) = known.get(&key).and_then(|place: &usize| branches.get_mut(*place)) {
                branch.count = branch.count.saturating_add(edge.count);
                branch.last = branch.last.max(edge.last);
                branch.newest = *number;
                continue;
            }
            if may_fold {
                known.insert(key, branches.len());
            }
            branches.push(Branch { edge: *number, count: edge.count, last: edge.last, newest: *number });
        }
        branches
    }

    /// The most interesting of the branches, still by time, and how many are left out.
    fn fan_out(&self, numbers: &[usize]) -> (Vec<Branch>, u32) {
        let mut branches = self.folded(numbers);
        let more = branches.len().saturating_sub(limits::FAN_OUT);
        if more > 0 {
            branches.sort_by_key(|branch| std::cmp::Reverse(self.interest(branch.edge)));
            branches.truncate(limits::FAN_OUT);
            branches.sort_unstable_by_key(|branch| branch.edge);
        }
        (branches, u32::try_from(more).unwrap_or(u32::MAX))
    }

    fn tree(&self, root: Spot, first: Vec<usize>) -> Option<Tree> {
        let (first, more) = self.fan_out(&first);
        let mut nodes: Vec<Node> = Vec::new();
        let mut waiting: Vec<(Branch, usize, Option<usize>)> = first.into_iter().rev().map(|branch| (branch, 1, None)).collect();
        while let Some((Branch { edge, count, last, newest }, depth, parent)) = waiting.pop() {
            if nodes.len() >= limits::NODES {
                // What does not fit is told at the step before.
                if let Some(node) = parent.and_then(|parent| nodes.get_mut(parent)) {
                    node.more += 1;
                }
                continue;
            }
            let place = nodes.len();
            let (branches, mut more) = self.fan_out(&self.branches(edge));
            if depth < self.ask.depth {
                waiting.extend(branches.into_iter().rev().map(|next| (next, depth + 1, Some(place))));
            } else {
                more += u32::try_from(branches.len()).unwrap_or(u32::MAX);
            }
            nodes.push(Node { edge, depth, parent, more, count, last, newest });
        }
        if nodes.is_empty() {
            return None;
        }
        let worth = Worth::of(self.web, (self.ask.direction == Direction::Forward).then_some(root), &nodes);
        Some(Tree { root, nodes, more, worth })
    }
}

impl Tree {
    /// The steps from the root to a step.
    #[must_use]
    pub fn way_to(&self, node: usize) -> Vec<usize> {
        let mut way = Vec::new();
        let mut at = Some(node);
        while let Some(place) = at.filter(|_| way.len() <= self.nodes.len()) {
            way.push(place);
            at = self.nodes.get(place).and_then(|node| node.parent);
        }
        way.reverse();
        way
    }
    /// See `Quality::weight`: the product over the steps from the root to a step; `None` where nothing is joined or guessed.
    #[must_use]
    pub fn confidence(&self, web: &Web, node: usize) -> Option<f64> {
        let links = self.links(web, node).into_iter();
        let weights = links.filter_map(|(number, joined)| web.edge(number)?.quality(joined)).map(super::Quality::weight);
        weights.reduce(|all, one| all * one)
    }
    /// Edges on the way to a step, the earliest first, and whether each came out of the one before.
    #[must_use]
    pub fn links(&self, web: &Web, node: usize) -> Vec<(usize, bool)> {
        let mut way: Vec<usize> = self.way_to(node).iter().filter_map(|place| self.nodes.get(*place)).map(|node| node.edge).collect();
        // Edges have their numbers by time.
        way.sort_unstable();
        let is_joined = |number: usize| web.edge(number).is_some_and(|edge| edge.join.is_some());
        way.into_iter().enumerate().map(|(place, number)| (number, place > 0 && is_joined(number))).collect()
    }
    /// Whether a step of the tree is shown with the one that it came out of.
    #[must_use]
    pub fn is_joined(&self, web: &Web, node: usize) -> bool {
        let Some(own) = self.nodes.get(node) else { return false };
        let before = web.edge(own.edge).and_then(|edge| edge.join).map(|join| join.from);
        let beside = own.parent.and_then(|parent| self.nodes.get(parent)).map(|node| node.edge);
        let below = || self.nodes.iter().any(|next| next.parent == Some(node) && Some(next.edge) == before);
        before.is_some() && (before == beside || below())
    }
}
