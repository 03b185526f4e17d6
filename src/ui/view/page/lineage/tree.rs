//! A lineage as the lines of a tree: the root, below it where its tokens were used, below that by which applications.
//!
//! A line is numbers only; its words are made when it is drawn. There are never more lines than branches are kept, times
//! three, however many sign-ins they count.

use crate::base::intern::{Names, Symbol};
use crate::base::time::Timestamp;
use crate::model::ids::EventId;
use crate::model::lineage::{Apart, Branch, Lineage, Parent, Point};
use crate::model::sign_in_log::SignInLog;

/// What a line is about; numbers are places in `Lineage::branches`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Root,
    /// How the session began, in the vendor's property names.
    Began,
    /// How the lineage is tied to its root, or why it has none.
    Link,
    /// An address and device; the number is that of its first branch.
    Place(usize),
    /// In what a place differs from the root.
    Differs(Apart),
    /// The first use at a place has no known parent although the lineage has a root.
    Unparented(Parent),
    App(usize),
    /// What found no room in the branches.
    Rest,
    /// Nothing but the root.
    Nothing,
}

/// One line.
#[derive(Clone, Copy, Debug)]
pub struct Node {
    pub kind: Kind,
    pub depth: u8,
    /// The last of its siblings.
    pub is_last: bool,
    /// Its parent is not the last of its siblings: a rail passes by.
    pub has_rail: bool,
    pub is_elsewhere: bool,
    /// Sign-ins without the root's own.
    pub sign_ins: u64,
    pub refused: u64,
    pub first: Timestamp,
    pub last: Timestamp,
    /// The record it opens.
    pub event: EventId,
}

impl Node {
    /// It counts sign-ins; the others are words only.
    #[must_use]
    pub const fn is_counted(&self) -> bool {
        matches!(self.kind, Kind::Root | Kind::Place(_) | Kind::App(_) | Kind::Rest)
    }
}

/// Counters and bounds over some branches.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    sign_ins: u64,
    refused: u64,
    bounds: Option<(Timestamp, EventId, Timestamp)>,
}

impl Sum {
    fn of<'a>(branches: impl IntoIterator<Item = &'a Branch>, lineage: &Lineage) -> Self {
        let mut sum = Self::default();
        for branch in branches {
            sum.sign_ins += u64::from(branch.sign_ins()) - u64::from(is_of_root(branch, lineage));
            sum.refused += u64::from(branch.refused);
            let (first, event, last) = sum.bounds.unwrap_or((branch.first, branch.first_event, branch.last));
            let (first, event) = if branch.first < first { (branch.first, branch.first_event) } else { (first, event) };
            sum.bounds = Some((first, event, last.max(branch.last)));
        }
        sum
    }
    fn node(self, kind: Kind, depth: u8) -> Node {
        let (first, event, last) = self.bounds.unwrap_or_default();
        Node {
            kind,
            depth,
            is_last: false,
            has_rail: false,
            is_elsewhere: false,
            sign_ins: self.sign_ins,
            refused: self.refused,
            first,
            last,
            event,
        }
    }
}

/// The branch counts the root itself.
fn is_of_root(branch: &Branch, lineage: &Lineage) -> bool {
    lineage.root.is_some_and(|root| branch.holds(&root))
}

/// The branch is nothing but the root.
fn is_root_only(branch: &Branch, lineage: &Lineage) -> bool {
    is_of_root(branch, lineage) && branch.sign_ins() == 1 && branch.refused == 0
}

/// Where branches are together: all but the client.
fn place_of(point: Point) -> Point {
    Point { client: Symbol::NONE, ..point }
}

/// The lines of a lineage.
#[must_use]
pub fn lines(lineage: &Lineage, log: &SignInLog, names: &Names) -> Vec<Node> {
    let mut root = Sum::of(lineage.all(), lineage).node(Kind::Root, 0);
    if let Some(known) = lineage.root {
        (root.first, root.event) = (known.at, known.event);
    }
    let note = |kind, of: Node| Node { kind, sign_ins: 0, refused: 0, depth: of.depth + 1, ..of };
    let mut nodes = vec![root];
    if began(lineage, names).is_some() {
        nodes.push(note(Kind::Began, root));
    }
    nodes.push(note(Kind::Link, root));
    let from = nodes.len();
    for (place, mut branches) in places(lineage) {
        branches.sort_by_key(|index| lineage.branches.get(*index).map(|branch| (branch.first, branch.first_event)));
        let of_place = branches.iter().filter_map(|index| lineage.branches.get(*index));
        let first = branches.first().copied().unwrap_or_default();
        let apart = lineage.root.map(|root| place.apart_from(place_of(root.point))).unwrap_or_default();
        let sum = Sum::of(of_place, lineage);
        let line = Node { is_elsewhere: apart.is_elsewhere(), ..sum.node(Kind::Place(first), 1) };
        nodes.push(line);
        if apart.is_any() {
            nodes.push(note(Kind::Differs(apart), line));
        }
        let parent = lineage.parent_of(line.first, place, log);
        if lineage.root.is_some() && matches!(parent, Parent::Unknown(_) | Parent::Orphan) {
            nodes.push(note(Kind::Unparented(parent), line));
        }
        for index in branches {
            let app = lineage.branches.get(index).map(|branch| Sum::of([branch], lineage).node(Kind::App(index), 2));
            nodes.extend(app.map(|node| Node { is_elsewhere: line.is_elsewhere, ..node }));
        }
    }
    if let Some(rest) = lineage.rest.as_deref() {
        nodes.push(Sum::of([rest], lineage).node(Kind::Rest, 1));
    }
    if nodes.len() == from {
        nodes.push(note(Kind::Nothing, root));
    }
    join(&mut nodes);
    nodes
}

/// Branches by place, the root's own first, then as they came up; a branch that is the root itself is told by the root.
fn places(lineage: &Lineage) -> Vec<(Point, Vec<usize>)> {
    let mut places: Vec<(Point, Vec<usize>)> = Vec::new();
    for (index, branch) in lineage.branches.iter().enumerate().filter(|(_, branch)| !is_root_only(branch, lineage)) {
        let point = place_of(branch.point);
        match places.iter_mut().find(|(known, _)| *known == point) {
            Some((_, branches)) => branches.push(index),
            None => places.push((point, vec![index])),
        }
    }
    places.sort_by_cached_key(|(point, branches)| {
        let first = branches.iter().filter_map(|index| lineage.branches.get(*index)).map(|branch| (branch.first, branch.first_event)).min();
        (lineage.root.is_some_and(|root| point.apart_from(place_of(root.point)).is_elsewhere()), first)
    });
    places
}

/// Says which lines are the last of their siblings, and where the rail of a parent passes by.
fn join(nodes: &mut [Node]) {
    let mut open = [false; 4];
    for node in nodes.iter_mut().rev() {
        let depth = usize::from(node.depth).min(3);
        node.is_last = !open.get(depth).copied().unwrap_or(false);
        node.has_rail = depth > 1 && open.get(depth - 1).copied().unwrap_or(false);
        for (level, open) in open.iter_mut().enumerate() {
            *open = if level > depth { false } else { *open || level == depth };
        }
    }
}

/// `authenticationProtocol` and `originalTransferMethod` of a session that did not begin in the ordinary way.
pub fn began(lineage: &Lineage, names: &Names) -> Option<(Symbol, Symbol)> {
    let moved = |symbol: Symbol| matches!(names.raw(symbol), "devicecode" | "devicecodeflow" | "authenticationtransfer");
    let stated = |of: fn(&Branch) -> Symbol| lineage.all().map(of).find(|symbol| moved(*symbol)).unwrap_or_default();
    let (protocol, transfer) = (stated(|branch| branch.protocol), stated(|branch| branch.transfer));
    (protocol.is_some() || transfer.is_some()).then_some((protocol, transfer))
}
