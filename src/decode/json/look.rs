//! Which of 64 bytes are of a kind, one bit a byte: by the widest steps the processor has, without unsafe code.

use wide::u8x16;

/// Bytes looked at in one go.
pub const BLOCK: usize = 64;

/// A way to look at bytes. What it does is compiled into the loop around it, so it is handed through, not called.
pub trait Look: Copy {
    /// Bytes that are `wanted`.
    fn equal(self, block: &[u8; BLOCK], wanted: u8) -> u64;
    /// Bytes that are `wanted`, and control characters.
    fn equal_or_control(self, block: &[u8; BLOCK], wanted: u8) -> u64;
}

/// A loop over blocks.
pub trait Work {
    fn run(self, look: impl Look);
}

/// The last control character of ASCII.
const CONTROL: u8 = 0x1f;

/// Sixteen bytes at a time, on every processor.
#[derive(Clone, Copy, Debug)]
struct Sixteen;

impl Sixteen {
    #[inline(always)]
    fn bits(block: &[u8; BLOCK], of_kind: impl Fn(u8x16) -> u8x16) -> u64 {
        let (parts, _) = block.as_chunks::<16>();
        parts.iter().rev().fold(0, |bits, part| bits << 16 | u64::from(of_kind(u8x16::new(*part)).to_bitmask()))
    }
}

impl Look for Sixteen {
    #[inline(always)]
    fn equal(self, block: &[u8; BLOCK], wanted: u8) -> u64 {
        let wanted = u8x16::splat(wanted);
        Self::bits(block, |part| part.simd_eq(wanted))
    }
    #[inline(always)]
    fn equal_or_control(self, block: &[u8; BLOCK], wanted: u8) -> u64 {
        let (wanted, control) = (u8x16::splat(wanted), u8x16::splat(CONTROL));
        Self::bits(block, |part| part.simd_eq(wanted) | part.min(control).simd_eq(part))
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use super::{BLOCK, CONTROL, Look, Work};
    use pulp::x86::V3;
    use std::arch::x86_64::__m256i;

    #[inline(always)]
    fn halves(block: &[u8; BLOCK]) -> [__m256i; 2] {
        pulp::cast(*block)
    }

    // Nothing here is a closure: those do not inherit what `V3` stands for.
    #[inline(always)]
    fn joined(v3: V3, low: __m256i, high: __m256i) -> u64 {
        let (low, high) = (v3.avx2._mm256_movemask_epi8(low).cast_unsigned(), v3.avx2._mm256_movemask_epi8(high).cast_unsigned());
        u64::from(high) << 32 | u64::from(low)
    }

    #[inline(always)]
    fn equal_or_control(v3: V3, half: __m256i, wanted: __m256i) -> __m256i {
        let control = v3.avx._mm256_set1_epi8(CONTROL.cast_signed());
        let is_control = v3.avx2._mm256_cmpeq_epi8(v3.avx2._mm256_min_epu8(half, control), half);
        v3.avx2._mm256_or_si256(v3.avx2._mm256_cmpeq_epi8(half, wanted), is_control)
    }

    /// Thirty-two at a time.
    impl Look for V3 {
        #[inline(always)]
        fn equal(self, block: &[u8; BLOCK], wanted: u8) -> u64 {
            let wanted = self.avx._mm256_set1_epi8(wanted.cast_signed());
            let [low, high] = halves(block);
            joined(self, self.avx2._mm256_cmpeq_epi8(low, wanted), self.avx2._mm256_cmpeq_epi8(high, wanted))
        }
        #[inline(always)]
        fn equal_or_control(self, block: &[u8; BLOCK], wanted: u8) -> u64 {
            let wanted = self.avx._mm256_set1_epi8(wanted.cast_signed());
            let [low, high] = halves(block);
            joined(self, equal_or_control(self, low, wanted), equal_or_control(self, high, wanted))
        }
    }

    /// Makes the compiler use what `V3` stands for in all of the work.
    pub struct Run<W>(pub V3, pub W);

    impl<W: Work> pulp::NullaryFnOnce for Run<W> {
        type Output = ();

        #[inline(always)]
        fn call(self) {
            self.1.run(self.0);
        }
    }
}

/// What this processor can do, asked once.
#[derive(Clone, Copy, Debug)]
pub struct Best {
    #[cfg(target_arch = "x86_64")]
    v3: Option<pulp::x86::V3>,
}

impl Default for Best {
    fn default() -> Self {
        Self {
            #[cfg(target_arch = "x86_64")]
            v3: pulp::x86::V3::try_new(),
        }
    }
}

impl Best {
    /// Does the work in the best way there is.
    #[inline]
    pub fn run(self, work: impl Work) {
        #[cfg(target_arch = "x86_64")]
        if let Some(v3) = self.v3 {
            v3.vectorize(avx2::Run(v3, work));
            return;
        }
        work.run(Sixteen);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Clone, Copy)]
    struct Compare<'a>(&'a [u8; BLOCK]);

    impl Work for Compare<'_> {
        fn run(self, look: impl Look) {
            let plainly = |is: &dyn Fn(u8) -> bool| (0..BLOCK).fold(0, |bits, place| bits | u64::from(is(self.0[place])) << place);
            for wanted in [b'"', b'\\', 0xff, 0] {
                assert_eq!(look.equal(self.0, wanted), plainly(&|byte| byte == wanted));
                assert_eq!(look.equal_or_control(self.0, wanted), plainly(&|byte| byte == wanted || byte < 0x20));
            }
        }
    }

    proptest! {
        #[test]
        fn every_way_sees_the_same(block in prop::array::uniform32(any::<u8>()), small in prop::array::uniform32(0_u8..0x28)) {
            let mut all = [0; BLOCK];
            for (place, byte) in block.into_iter().zip(small).flat_map(|(one, other)| [one, other]).enumerate() {
                all[place] = byte;
            }
            Compare(&all).run(Sixteen);
            Best::default().run(Compare(&all));
        }
    }
}
