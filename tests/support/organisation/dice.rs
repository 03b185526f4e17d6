//! Numbers that are the same everywhere for one seed (SplitMix64).

#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5851_F42D_4C95_7F2D)
    }
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
    /// From `low` to below `high`.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + i64::try_from(self.next() % u64::try_from((high - low).max(1)).unwrap()).unwrap()
    }
    pub fn below(&mut self, many: usize) -> usize {
        usize::try_from(self.next() % many.max(1) as u64).unwrap()
    }
    pub fn percent(&mut self, chance: i64) -> bool {
        self.between(0, 100) < chance
    }
    /// True with this chance, from 0 to 1.
    #[allow(clippy::cast_precision_loss)] // 53 bits
    pub fn chance(&mut self, chance: f64) -> bool {
        ((self.next() >> 11) as f64) < chance * (1_u64 << 53) as f64
    }
    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
    /// Sums of three throws: mostly near the middle of `-spread` to `spread`.
    pub fn round(&mut self, spread: i64) -> i64 {
        (0..3).map(|_| self.between(-spread, spread + 1)).sum::<i64>() / 3
    }
    /// A number of things of which there are `mean` on average, which may be below one.
    #[allow(clippy::cast_possible_truncation)]
    pub fn about(&mut self, mean: f64) -> i64 {
        let whole = mean.floor();
        let spread = (whole / 2.0) as i64;
        let more = i64::from(self.chance(mean - whole));
        (whole as i64 + more + self.between(-spread, spread + 1)).max(0)
    }
    pub fn guid(&mut self) -> u128 {
        u128::from(self.next()) << 64 | u128::from(self.next())
    }
}
