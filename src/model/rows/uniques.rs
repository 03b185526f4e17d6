//! GUIDs and token ids of a segment of rows: each different one once. Most of them come once and are the largest part of a
//! row; those of sign-ins often come again in the same segment.

use crate::base::packed::{Column, Packer};
use crate::base::unique::Unique;
use rustc_hash::FxHashMap;

/// Gathers those of a segment; its room is used again.
#[derive(Clone, Debug, Default)]
pub(super) struct Pool {
    list: Vec<Unique>,
    numbers: FxHashMap<Unique, u64>,
}

impl Pool {
    pub fn clear(&mut self) {
        self.list.clear();
        self.numbers.clear();
    }
    /// Its number, from 1; 0 for none.
    pub fn number(&mut self, unique: Unique) -> u64 {
        if unique.is_none() {
            return 0;
        }
        let list = &mut self.list;
        *self.numbers.entry(unique).or_insert_with(|| {
            list.push(unique);
            list.len() as u64
        })
    }
    pub fn pack(&self, packer: &mut Packer) -> Uniques {
        let parts = || self.list.iter().map(|unique| unique.parts());
        #[allow(clippy::cast_possible_truncation)] // the lower half
        let low = packer.column(parts().map(|(_, bits)| bits as u64));
        Uniques {
            low,
            high: packer.column(parts().map(|(_, bits)| (bits >> 64) as u64)),
            form: packer.column(parts().map(|(form, _)| form.into())),
        }
    }
}

#[derive(Debug)]
pub(super) struct Uniques {
    form: Column,
    high: Column,
    low: Column,
}

impl Uniques {
    /// By its number, from 1.
    pub fn get(&self, number: u64, bytes: &[u8]) -> Unique {
        let Some(place) = usize::try_from(number).ok().and_then(|number| number.checked_sub(1)) else { return Unique::NONE };
        let read = |column: &Column| column.get(place, bytes);
        let bits = u128::from(read(&self.high)) << 64 | u128::from(read(&self.low));
        #[allow(clippy::cast_possible_truncation)] // a form is small
        Unique::of_parts(read(&self.form) as u8, bits)
    }
}
