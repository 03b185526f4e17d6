//! Rows that point to the one before: one chain, or several walked as one.

/// The rows of all chains, newest first. `row` gives a row and the id before it; a chain ends where it gives none, as for
/// rows that were let go, which `is_there` tells with less work. One chain costs nothing but its steps.
pub fn newest_first<I, R>(
    first: I,
    mut others: Vec<I>,
    is_there: impl Fn(I) -> bool,
    row: impl Fn(I) -> Option<(R, Option<I>)>,
) -> impl Iterator<Item = (I, R)>
where
    I: Copy + Ord,
{
    let mut at = Some(first);
    if !others.is_empty() {
        others.push(first);
        others.retain(|id| is_there(*id));
        // Kept in order: the newest of them is the last.
        others.sort_unstable();
        at = others.pop();
    }
    std::iter::from_fn(move || {
        let id = at?;
        let Some((found, before)) = row(id) else {
            at = None;
            return None;
        };
        let before = before.filter(|before| is_there(*before));
        at = match (before, others.last().copied()) {
            (None, _) => others.pop(),
            (Some(before), Some(other)) if other > before => {
                others.pop();
                let place = others.partition_point(|id| *id < before);
                others.insert(place, before);
                Some(other)
            }
            (Some(before), _) => Some(before),
        };
        Some((id, found))
    })
}

#[cfg(test)]
mod tests {
    use super::newest_first;

    /// Rows are the ids before them; 99 is none.
    fn walk(rows: &[u32], first: u32, others: &[u32]) -> Vec<u32> {
        let row = |id: u32| rows.get(id as usize).map(|before| (before, (*before != 99).then_some(*before)));
        newest_first(first, others.to_vec(), |id| row(id).is_some(), row).map(|(id, _)| id).collect()
    }

    #[test]
    fn chains_are_walked_as_one_newest_first() {
        // 0 <- 2 <- 5, 1 <- 4, 3
        let rows = [99, 99, 0, 99, 1, 2];
        assert_eq!(walk(&rows, 5, &[]), [5, 2, 0]);
        assert_eq!(walk(&rows, 5, &[4, 3]), [5, 4, 3, 2, 1, 0]);
        assert_eq!(walk(&rows, 3, &[4, 5]), [5, 4, 3, 2, 1, 0]);
        assert_eq!(walk(&rows, 99, &[4, 99]), [4, 1]);
        assert_eq!(walk(&rows, 99, &[]), [0_u32; 0]);
    }
}
