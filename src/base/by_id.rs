//! A map whose keys are row numbers: a place in a list instead of a search.

/// Values by row number. Costs a place for each number up to the highest, so it is for tables of which most rows have one.
#[derive(Clone, Debug)]
pub struct ById<V> {
    values: Vec<Option<V>>,
}

impl<V> Default for ById<V> {
    fn default() -> Self {
        Self { values: Vec::new() }
    }
}

impl<V> ById<V> {
    #[inline]
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&V> {
        self.values.get(index)?.as_ref()
    }
    #[inline]
    pub fn get_mut(&mut self, index: usize) -> Option<&mut V> {
        self.values.get_mut(index)?.as_mut()
    }
    /// The value at `index`, made when there is none; nothing for the index of no row.
    #[inline]
    pub fn entry(&mut self, index: usize, fresh: impl FnOnce() -> V) -> Option<&mut V> {
        if index >= u32::MAX as usize {
            return None;
        }
        if self.values.len() <= index {
            self.values.resize_with(index + 1, || None);
        }
        Some(self.values.get_mut(index)?.get_or_insert_with(fresh))
    }
    /// Takes the value out.
    pub fn remove(&mut self, index: usize) -> Option<V> {
        self.values.get_mut(index)?.take()
    }
    /// The values with their numbers, in order.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &V)> {
        self.values.iter().enumerate().filter_map(|(index, value)| Some((index, value.as_ref()?)))
    }
    /// Drops values that are not to stay.
    pub fn retain(&mut self, mut stays: impl FnMut(&mut V) -> bool) {
        for place in &mut self.values {
            if place.as_mut().is_some_and(|value| !stays(value)) {
                *place = None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_at_their_numbers() {
        let mut map = ById::default();
        *map.entry(3, || 1).unwrap() += 1;
        *map.entry(3, || 9).unwrap() += 1;
        map.entry(0, || 7);
        assert_eq!((map.get(3), map.get(0), map.get(1), map.get(9)), (Some(&3), Some(&7), None, None));
        assert!(map.entry(u32::MAX as usize, || 0).is_none());
        assert_eq!(map.iter().collect::<Vec<_>>(), [(0, &7), (3, &3)]);
        map.retain(|value| *value > 5);
        assert_eq!(map.get(3), None);
        assert_eq!(map.remove(0), Some(7));
        assert_eq!(map.get(0), None);
    }
}
