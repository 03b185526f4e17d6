//! What can be found among paths: every step of every path, path by path.

use super::Paths;
use crate::ui::find::scope::{Scope, Thing};
use crate::ui::marks::Target;

impl Paths {
    pub(super) fn scope(&self) -> Scope {
        let mut at = 0;
        let mut things = Vec::new();
        for (tree, path) in self.made.found.trees.iter().enumerate() {
            if tree == self.tree {
                at = things.len() + self.node;
            }
            things.extend(path.nodes.iter().map(|node| match self.made.web.edge(node.edge) {
                Some(edge) => Thing::One(edge.visit.some().map_or(Target::Event(edge.event), Target::Visit)),
                None => Thing::Words(String::new()),
            }));
        }
        Scope::List { things, at }
    }
    /// Goes to a step by its number among all of `scope`.
    pub(super) fn go_to_step(&mut self, step: usize) {
        let mut left = step;
        let lengths = self.made.found.trees.iter().map(|path| path.nodes.len());
        for (tree, length) in lengths.enumerate() {
            if left < length {
                (self.tree, self.node) = (tree, left);
                break;
            }
            left -= length;
        }
        self.stand();
    }
}
