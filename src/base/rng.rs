//! Randomness that replays: a PCG stream, named by a seed and a purpose.
//!
//! Only integers are drawn; nothing here uses platform mathematics, so native and wasm agree.

use rand_core::{Rng as _, SeedableRng};
use rand_pcg::Pcg32;

use crate::base::digest::md5;
use crate::base::time::Span;

/// One independent stream. Adding a stream never shifts another, because each is seeded from the
/// hash of its own name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rng(Pcg32);

impl Rng {
    /// The stream called `purpose` of the world called `seed`.
    pub fn stream(seed: &str, purpose: &str) -> Rng {
        let mut text = String::with_capacity(seed.len() + purpose.len() + 1);
        text.push_str(seed);
        text.push('\0');
        text.push_str(purpose);
        Rng(Pcg32::from_seed(md5(text.as_bytes())))
    }

    pub fn from_u64(seed: u64) -> Rng {
        Rng(Pcg32::seed_from_u64(seed))
    }

    pub fn next_u32(&mut self) -> u32 {
        self.0.next_u32()
    }

    pub fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Uniform in `0..bound`, without bias (Lemire's multiply and reject).
    ///
    /// # Panics
    /// When `bound` is 0: there is nothing to choose from.
    pub fn below(&mut self, bound: u64) -> u64 {
        assert!(bound > 0, "a draw needs at least one outcome");
        loop {
            let wide = u128::from(self.next_u64()) * u128::from(bound);
            // The threshold is below the bound, and dear: it is a division.
            if wide as u64 >= bound || wide as u64 >= bound.wrapping_neg() % bound {
                return (wide >> 64) as u64;
            }
        }
    }

    /// An index into something of length `len` (at least 1).
    pub fn index(&mut self, len: usize) -> usize {
        self.below(len as u64) as usize
    }

    /// Uniform between two spans, both included.
    pub fn span(&mut self, low: Span, high: Span) -> Span {
        Span(low.0 + self.below(high.0.saturating_sub(low.0) + 1))
    }

    /// True once in `1 / probability` draws. Always draws, so that a switched-off fault leaves the
    /// stream where a switched-on one would.
    pub fn chance(&mut self, probability: Probability) -> bool {
        // What never happens, as most faults do, is drawn and not looked at: the stream goes on,
        // and nothing is made of where it was.
        if probability == Probability::NEVER {
            self.next_u32();
            return false;
        }
        u64::from(self.next_u32()) < probability.0
    }

    /// Fisher and Yates.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.index(i + 1));
        }
    }
}

/// A probability in steps of 2⁻³².
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Probability(u64);

impl Probability {
    pub const NEVER: Probability = Probability(0);

    /// From a number between 0 and 1; outside it is held at the nearer end.
    pub fn from_f64(p: f64) -> Probability {
        Probability((p.clamp(0.0, 1.0) * 4_294_967_296.0) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn a_stream_replays_and_another_purpose_is_another_stream() {
        let draws = |purpose| {
            let mut rng = Rng::stream("mallard-42", purpose);
            [rng.next_u64(), rng.next_u64(), rng.next_u64()]
        };
        assert_eq!(draws("network"), draws("network"));
        assert_ne!(draws("network"), draws("faults"));
    }

    #[test]
    fn draws_below_a_bound_stay_below_it_and_reach_every_outcome() {
        let mut rng = Rng::from_u64(1);
        let mut seen = [0u32; 7];
        for _ in 0..7_000 {
            seen[rng.below(7) as usize] += 1;
        }
        assert!(seen.iter().all(|&n| (850..1150).contains(&n)), "{seen:?}");
    }

    #[test]
    fn probability_zero_never_happens_and_one_always_does() {
        let mut rng = Rng::from_u64(2);
        let (never, always) = (Probability::NEVER, Probability::from_f64(1.0));
        assert!((0..1000).all(|_| !rng.chance(never) && rng.chance(always)));
    }
}
