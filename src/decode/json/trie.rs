//! The key paths of one shape as a tree of small hash tables, built once per decoder.
//!
//! The scanner walks it while it walks the record; a key without a node means that its value is skipped unread.

use crate::model::fields::Field;
use crate::model::shape::{Shape, Shapes, Slot};
use std::sync::{Arc, Mutex, PoisonError};

pub type NodeId = u16;
pub const ROOT: NodeId = 0;

/// Keys at the top that may hold the whole record, as an object (Elasticsearch, Splunk and its collector, OpenTelemetry) or
/// as JSON text (container logs).
const WRAPPERS: [&str; 8] = ["_source", "fields", "result", "event", "body", "log", "message", "_raw"];

#[derive(Debug, Default)]
pub struct Node {
    pub slot: Option<Slot>,
    /// Bits of the rule's paths that end here.
    pub marks: u32,
    /// Elements of an array here are values without names.
    pub positional: bool,
    /// Objects under keys that are not in the table are entered with this node.
    pub any: Option<NodeId>,
    /// Objects here are a name and a value; the value goes to the child of this node with that name.
    pub pairs: Option<NodeId>,
    keys: Vec<(Box<str>, NodeId)>,
    /// First entry of `keys` by hash; entries of one hash lie together.
    buckets: Vec<(u16, u16)>,
}

impl Node {
    /// The slot, where a value goes there as it is and there is nothing else to do.
    #[must_use]
    pub fn plain(&self) -> Option<Slot> {
        let is_alone = !self.positional && self.pairs.is_none() && !self.has_children();
        self.slot.filter(|slot| is_alone && !matches!(slot, Slot::Message | Slot::EventXml | Slot::KeyValues))
    }
    #[must_use]
    pub fn has_children(&self) -> bool {
        !self.keys.is_empty() || self.any.is_some()
    }
    /// Whether something is looked for in a value that holds others.
    #[must_use]
    pub fn is_list(&self) -> bool {
        self.has_children() || self.positional
    }
    /// The child for a key: letter case is ignored, the spelling with most letters of the same case wins.
    #[inline]
    #[must_use]
    pub fn child(&self, key: &[u8]) -> Option<NodeId> {
        let (from, to) = *self.buckets.get(hash(key) & self.buckets.len().wrapping_sub(1))?;
        let entries = self.keys.get(usize::from(from)..usize::from(to))?;
        if let Some((_, id)) = entries.iter().find(|(name, _)| name.as_bytes() == key) {
            return Some(*id);
        }
        let same = |name: &str| name.bytes().zip(key).filter(|(one, other)| one == *other).count();
        let fitting = entries.iter().filter(|(name, _)| name.as_bytes().eq_ignore_ascii_case(key));
        fitting.max_by_key(|(name, _)| same(name)).map(|(_, id)| *id)
    }
    fn seal(&mut self) {
        let size = (self.keys.len() * 2).next_power_of_two();
        let bucket = |key: &str| hash(key.as_bytes()) & (size - 1);
        self.keys.sort_by_cached_key(|(key, _)| bucket(key));
        self.buckets = vec![(0, 0); size];
        for (number, (key, _)) in self.keys.iter().enumerate() {
            let number = u16::try_from(number).unwrap_or(u16::MAX);
            if let Some(place) = self.buckets.get_mut(bucket(key)) {
                if place.1 == 0 {
                    place.0 = number;
                }
                place.1 = number.saturating_add(1);
            }
        }
    }
}

/// Cheap and blind to letter case: length, first, middle and last letter.
#[inline]
fn hash(key: &[u8]) -> usize {
    let at = |place: usize| usize::from(key.get(place).copied().unwrap_or(0) | 0x20);
    let len = key.len();
    let mixed = at(0) ^ (at(len / 2) << 3) ^ (at(len.wrapping_sub(1)) << 5) ^ (at(len / 4) << 1) ^ (len << 2);
    mixed ^ (mixed >> 7)
}

#[derive(Debug)]
pub struct Trie {
    pub shape: &'static Shape,
    /// Its place in its list.
    pub number: u16,
    nodes: Vec<Node>,
    /// Marks a record must have, at least one of which, and none of which.
    all: u32,
    any: u32,
    none: u32,
}

/// The tries of a list of shapes. Made once for each list: there may be many small inputs, each with a decoder of its own.
#[must_use]
pub fn all(shapes: Shapes) -> Arc<[Trie]> {
    static MADE: Mutex<Vec<(usize, Arc<[Trie]>)>> = Mutex::new(Vec::new());
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let key = shapes.as_ptr().addr();
    if let Some((_, tries)) = made.iter().find(|(known, _)| *known == key) {
        return Arc::clone(tries);
    }
    let tries: Arc<[Trie]> = (0..).zip(shapes).map(|(number, shape)| Trie::new(number, shape)).collect();
    made.push((key, Arc::clone(&tries)));
    tries
}

impl Trie {
    #[must_use]
    fn new(number: u16, shape: &'static Shape) -> Self {
        let mut trie = Self { shape, number, nodes: vec![Node::default()], all: 0, any: 0, none: 0 };
        let mut names = None;
        for (path, slot) in shape.paths() {
            let id = trie.reach(&path);
            trie.place(id, slot, &mut names);
        }
        let mut bit = 1_u32;
        let mut mark = |trie: &mut Self, paths: &[&str]| {
            paths.iter().fold(0, |bits, path| {
                let id = trie.reach(path);
                if let Some(node) = trie.nodes.get_mut(usize::from(id)) {
                    node.marks |= bit;
                }
                let all = bits | bit;
                bit = bit.wrapping_shl(1);
                all
            })
        };
        trie.all = mark(&mut trie, shape.rule.all);
        trie.any = mark(&mut trie, shape.rule.any);
        trie.none = mark(&mut trie, shape.rule.none);
        trie.add_dotted();
        if let Some(root) = trie.nodes.first_mut() {
            for key in WRAPPERS {
                if root.keys.iter().all(|(known, _)| **known != *key) {
                    root.keys.push((key.into(), ROOT));
                }
            }
        }
        trie.nodes.iter_mut().for_each(Node::seal);
        trie
    }
    #[inline]
    #[must_use]
    pub fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(usize::from(id))
    }
    /// Whether its names are looked for in objects of any key.
    #[must_use]
    pub fn looks_anywhere(&self) -> bool {
        self.node(ROOT).is_some_and(|root| root.any == Some(ROOT))
    }
    /// Whether marks seen in a record make it one of this shape, as far as paths decide it.
    #[must_use]
    pub fn fits(&self, marks: u32) -> bool {
        marks & self.all == self.all && (self.any == 0 || marks & self.any != 0) && marks & self.none == 0
    }
    fn push(&mut self, node: Node) -> NodeId {
        let id = NodeId::try_from(self.nodes.len()).unwrap_or(ROOT);
        self.nodes.push(node);
        id
    }
    fn get(&mut self, id: NodeId) -> Option<&mut Node> {
        self.nodes.get_mut(usize::from(id))
    }
    fn reach(&mut self, path: &str) -> NodeId {
        path.split('/').filter(|part| !part.is_empty()).fold(ROOT, |id, part| self.step(id, part))
    }
    fn step(&mut self, id: NodeId, key: &str) -> NodeId {
        let known = self.node(id).and_then(|node| node.keys.iter().find(|(name, _)| **name == *key).map(|(_, id)| *id));
        known.unwrap_or_else(|| {
            let child = self.push(Node::default());
            if let Some(node) = self.get(id) {
                node.keys.push((key.into(), child));
            }
            child
        })
    }
    fn place(&mut self, id: NodeId, slot: Slot, names: &mut Option<NodeId>) {
        match slot {
            Slot::EventData => self.add_names(id),
            Slot::UserData => {
                self.add_names(id);
                let inner = match *names {
                    Some(inner) => inner,
                    None => {
                        let inner = self.push(Node::default());
                        self.add_names(inner);
                        *names.insert(inner)
                    }
                };
                if let Some(node) = self.get(id) {
                    node.any = Some(inner);
                }
            }
            Slot::Positions | Slot::Params => self.make_positional(id, slot, "Value"),
            Slot::Pairs | Slot::Anywhere => {
                if let Some(node) = self.get(id) {
                    node.pairs = (slot == Slot::Pairs).then_some(id).or(node.pairs);
                    node.any = (slot == Slot::Anywhere).then_some(id).or(node.any);
                }
            }
            slot => {
                if let Some(node) = self.get(id) {
                    node.slot = Some(slot);
                }
            }
        }
    }
    /// Every path also as one key with dots, as Elasticsearch's `fields`, Kibana's CSV and flattening shippers write it.
    fn add_dotted(&mut self) {
        for id in 0..self.nodes.len() {
            let Ok(id) = NodeId::try_from(id) else { return };
            let mut dotted = Vec::new();
            self.dotted(id, &mut String::new(), &mut dotted);
            if let Some(node) = self.get(id) {
                node.keys.extend(dotted);
            }
        }
    }
    fn dotted(&self, id: NodeId, path: &mut String, into: &mut Vec<(Box<str>, NodeId)>) {
        // Children come after their parents; one that does not is the node itself or already flattened.
        let children = self.node(id).into_iter().flat_map(|node| &node.keys).filter(|(key, child)| *child > id && !key.contains('.'));
        let before = path.len();
        for (key, child) in children {
            path.push_str(key);
            if before > 0 {
                into.push((path.as_str().into(), *child));
            }
            if self.node(*child).is_some_and(|node| !node.keys.is_empty()) {
                path.push('.');
                self.dotted(*child, path, into);
            }
            path.truncate(before);
        }
    }
    fn make_positional(&mut self, id: NodeId, slot: Slot, inner: &str) {
        if let Some(node) = self.get(id) {
            node.slot = Some(slot);
            node.positional = true;
            node.keys.push((inner.into(), id));
        }
    }
    /// Children for all Windows names; a path of the table that leads to the same key keeps precedence.
    fn add_names(&mut self, id: NodeId) {
        for field in Field::windows() {
            let child = self.step(id, field.name());
            if let Some(node) = self.get(child) {
                node.slot.get_or_insert(Slot::Field(*field));
            }
        }
        let data = self.step(id, "Data");
        if self.node(data).is_some_and(|node| !node.positional) {
            self.make_positional(data, Slot::Params, "#text");
            if let Some(node) = self.get(data) {
                node.pairs = Some(id);
            }
        }
    }
}
