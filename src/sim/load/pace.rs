//! When requests come that nobody waits for: a Poisson process.

use crate::base::rng::Rng;
use crate::base::time::Span;

/// The time to the next of arrivals that come independently, `mean` apart.
///
/// Exponential by comparisons alone (von Neumann, 1951): no logarithm, so every engine draws the
/// same.
pub fn interval(mean: Span, rng: &mut Rng) -> Span {
    let mut whole = 0u64;
    loop {
        let first = rng.next_u32();
        let (mut last, mut is_taken) = (first, true);
        loop {
            let next = rng.next_u32();
            if next >= last {
                break;
            }
            (last, is_taken) = (next, !is_taken);
        }
        if is_taken {
            let scaled = u128::from(mean.0) * u128::from(whole << 32 | u64::from(first));
            return Span((scaled >> 32) as u64);
        }
        whole += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn intervals_are_exponential() {
        let mut rng = Rng::from_u64(4);
        let mut next = || interval(Span(1_000_000), &mut rng).0;
        let mut drawn: Vec<u64> = (0..50_000).map(|_| next()).collect();
        drawn.sort_unstable();
        let mean = drawn.iter().sum::<u64>() / 50_000;
        assert!((985_000..1_015_000).contains(&mean), "{mean}");
        // Half come within ln 2 of the mean, and one in a hundred after more than ln 100.
        assert!((675_000..712_000).contains(&drawn[25_000]), "{}", drawn[25_000]);
        assert!((4_400_000..4_820_000).contains(&drawn[49_500]), "{}", drawn[49_500]);
    }
}
