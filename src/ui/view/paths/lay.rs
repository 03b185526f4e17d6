//! Where the steps of a tree stand: one column for each step from the root, the first branch in the row of its parent.

use crate::store::path::pick::Tree;

/// Places of all nodes of a tree.
#[derive(Clone, Debug, Default)]
pub struct Lay {
    /// By node; row 0 is the root's own.
    pub rows: Vec<usize>,
    /// By node: the node of the same parent before and after it.
    pub before: Vec<Option<usize>>,
    pub after: Vec<Option<usize>>,
    /// Rows in all.
    pub height: usize,
}

impl Lay {
    #[must_use]
    pub fn of(tree: &Tree) -> Self {
        let len = tree.nodes.len();
        let mut lay = Self { rows: Vec::with_capacity(len), before: vec![None; len], after: vec![None; len], height: 1 };
        // The newest node with each parent; the last place is the root's.
        let mut newest: Vec<Option<usize>> = vec![None; len + 1];
        for (number, node) in tree.nodes.iter().enumerate() {
            let slot = newest.get_mut(node.parent.unwrap_or(len));
            let before = slot.and_then(|slot| slot.replace(number));
            let row = match (before, node.parent.and_then(|parent| lay.rows.get(parent))) {
                (None, Some(row)) => *row,
                _ => lay.height,
            };
            lay.height = lay.height.max(row + 1);
            lay.rows.push(row);
            if let Some(place) = lay.before.get_mut(number) {
                *place = before;
            }
            if let Some(place) = before.and_then(|before| lay.after.get_mut(before)) {
                *place = Some(number);
            }
        }
        lay
    }
    #[must_use]
    pub fn row(&self, node: usize) -> usize {
        self.rows.get(node).copied().unwrap_or(0)
    }
    /// The node in the nearest row above or below, in the nearest column.
    #[must_use]
    pub fn beside(&self, tree: &Tree, node: usize, down: bool) -> Option<usize> {
        let own = self.row(node);
        let depth = |number: usize| tree.nodes.get(number).map_or(0, |node| node.depth);
        let rows = || self.rows.iter().enumerate().filter(|(_, row)| if down { **row > own } else { **row < own });
        let nearest = rows().map(|(_, row)| row.abs_diff(own)).min()?;
        rows()
            .filter(|(_, row)| row.abs_diff(own) == nearest)
            .map(|(number, _)| number)
            .min_by_key(|number| (depth(*number).abs_diff(depth(node)), *number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::Timestamp;
    use crate::store::path::Spot;
    use crate::store::path::pick::Node;
    use crate::store::path::rank::Worth;

    /// Depth and parent of each node.
    fn tree(nodes: &[(usize, Option<usize>)]) -> Tree {
        let nodes = nodes
            .iter()
            .enumerate()
            .map(|(edge, (depth, parent))| Node {
                edge,
                depth: *depth,
                parent: *parent,
                more: 0,
                count: 1,
                last: Timestamp::default(),
                newest: edge,
            })
            .collect();
        Tree { root: Spot::Machine(0), nodes, more: 0, worth: Worth::default() }
    }

    #[test]
    fn first_branches_stand_beside_their_parent_and_the_rest_below() {
        let tree = tree(&[(1, None), (1, None), (2, Some(1)), (3, Some(2)), (2, Some(1)), (1, None)]);
        let lay = Lay::of(&tree);
        assert_eq!(lay.rows, [1, 2, 2, 2, 3, 4]);
        assert_eq!(lay.height, 5);
        assert_eq!((lay.after[0], lay.after[1], lay.after[2], lay.before[4]), (Some(1), Some(5), Some(4), Some(2)));
    }

    #[test]
    fn up_and_down_keep_to_the_column_where_they_can() {
        let tree = tree(&[(1, None), (1, None), (2, Some(1)), (3, Some(2)), (2, Some(1)), (1, None)]);
        let lay = Lay::of(&tree);
        assert_eq!(lay.beside(&tree, 0, true), Some(1));
        assert_eq!(lay.beside(&tree, 3, true), Some(4));
        assert_eq!(lay.beside(&tree, 4, false), Some(2));
        assert_eq!(lay.beside(&tree, 4, true), Some(5));
        assert_eq!((lay.beside(&tree, 5, true), lay.beside(&tree, 0, false)), (None, None));
    }
}
