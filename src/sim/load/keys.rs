//! The keys of a load, and how often each is asked for.

use crate::base::blob::Key;
use crate::base::rng::Rng;

/// Bits of an exponent past its point.
const FRACTION_BITS: u32 = 20;

#[derive(Clone, Debug)]
pub struct Keys {
    /// The one asked for most first.
    keys: Vec<Key>,
    /// The sum of the weights up to each key. Empty: all weigh the same.
    reach: Vec<f64>,
}

impl Keys {
    /// So many keys called `name-0`, `name-1` and so on. The weight of the k-th is k^-exponent
    /// (Zipf's law); 0 asks for all alike.
    pub fn new(name: &str, count: u32, exponent: f64) -> Keys {
        let mut keys = Vec::with_capacity(count as usize);
        let mut reach = Vec::new();
        let mut sum = 0.0;
        for place in 0..count {
            keys.push(Key::new(format!("{name}-{place}").as_bytes()));
            if exponent > 0.0 {
                sum += 1.0 / power(f64::from(place + 1), exponent);
                reach.push(sum);
            }
        }
        Keys { keys, reach }
    }

    pub fn key(&self, place: u32) -> &Key {
        &self.keys[place as usize]
    }

    /// The place of a key, as likely as its weight says.
    pub fn draw(&self, rng: &mut Rng) -> u32 {
        let Some(&total) = self.reach.last() else { return rng.index(self.keys.len()) as u32 };
        let at = (rng.next_u64() >> 11) as f64 / (1u64 << 53) as f64 * total;
        let place = self.reach.partition_point(|&reach| reach <= at);
        place.min(self.keys.len() - 1) as u32
    }
}

/// `base` to an exponent that is not negative. Products and square roots alone are the same in
/// every engine.
fn power(base: f64, exponent: f64) -> f64 {
    let scaled = (exponent * f64::from(1 << FRACTION_BITS)) as u64;
    let mut product = 1.0;
    for _ in 0..scaled >> FRACTION_BITS {
        product *= base;
    }
    let mut root = base;
    for bit in (0..FRACTION_BITS).rev() {
        root = root.sqrt();
        if scaled >> bit & 1 == 1 {
            product *= root;
        }
    }
    product
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn drawn(exponent: f64) -> Vec<u32> {
        let keys = Keys::new("k", 100, exponent);
        let mut rng = Rng::from_u64(9);
        let mut counts = vec![0; 100];
        (0..100_000).for_each(|_| counts[keys.draw(&mut rng) as usize] += 1);
        counts
    }

    #[test]
    fn a_power_is_what_it_should_be() {
        for (base, exponent, wanted) in
            [(2.0, 3.0, 8.0), (9.0, 0.5, 3.0), (5.0, 0.0, 1.0), (100.0, 0.99, 95.499_258_6)]
        {
            let found = power(base, exponent);
            assert!((found / wanted - 1.0f64).abs() < 1e-5, "{base}^{exponent} = {found}");
        }
    }

    #[test]
    fn under_zipf_the_first_key_is_asked_for_twice_as_often_as_the_second() {
        let counts = drawn(1.0);
        let ratio = f64::from(counts[0]) / f64::from(counts[1]);
        assert!((1.9..2.1).contains(&ratio), "{ratio}");
        // Of a hundred keys: 1 / H(100).
        assert!((18_800..19_800).contains(&counts[0]), "{}", counts[0]);
        assert!(counts[99] > 100, "the last is asked for too: {}", counts[99]);
    }

    #[test]
    fn without_an_exponent_all_are_asked_for_alike() {
        assert!(drawn(0.0).iter().all(|count| (850..1_150).contains(count)));
    }
}
