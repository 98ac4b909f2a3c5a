//! Heartbeats, and lists of them on their way.

use std::ops::Deref;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::base::id::NodeId;
use crate::base::pool::recycle;

/// A heartbeat: which life of the node, and how far into it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beat {
    pub node: NodeId,
    pub incarnation: u32,
    pub version: u32,
}

impl Beat {
    #[inline(always)]
    pub fn is_newer_than(&self, other: &Beat) -> bool {
        self.age() > other.age()
    }

    /// Incarnation first, then version, as one number: it is compared more than anything else.
    #[inline(always)]
    pub fn age(&self) -> u64 {
        u64::from(self.incarnation) << 32 | u64::from(self.version)
    }

    /// Its share in the sum of a list: a number of its node's own for each step of its age.
    #[inline(always)]
    fn weight(&self) -> u64 {
        const PRIMES: [u64; 2] = [0x9E37_79B9_7F4A_7C15, 0xC2B2_AE3D_27D4_EB4F];
        let own = (u64::from(self.node.0) + 1).wrapping_mul(PRIMES[0]);
        ((own ^ own >> 32).wrapping_mul(PRIMES[1]) | 1).wrapping_mul(self.age().wrapping_add(1))
    }
}

/// Heartbeats. A table of a thousand goes out once a second and few of them have changed, so what
/// stands for it in the digest is kept up with each change: the sum of what its beats weigh.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beats {
    list: Vec<Beat>,
    sum: u64,
}

recycle!(Beats, beats => {
    beats.list.clear();
    beats.sum = 0;
});

impl Beats {
    #[inline(always)]
    pub fn push(&mut self, beat: Beat) {
        self.sum = self.sum.wrapping_add(beat.weight());
        self.list.push(beat);
    }

    /// Replaces the beat that stands there.
    #[inline(always)]
    pub fn set(&mut self, row: usize, beat: Beat) {
        let old = std::mem::replace(&mut self.list[row], beat);
        self.sum = self.sum.wrapping_sub(old.weight()).wrapping_add(beat.weight());
    }

    /// Replaces the beat that stands there if this one is newer. Answers the old one then.
    #[inline(always)]
    pub fn raise(&mut self, row: usize, beat: &Beat) -> Option<Beat> {
        let old = self.list[row];
        let is_newer = beat.is_newer_than(&old);
        is_newer.then(|| {
            self.set(row, *beat);
            old
        })
    }

    /// The same for the same beats, in whatever order.
    pub fn sum(&self) -> u64 {
        self.sum
    }
}

impl Deref for Beats {
    type Target = [Beat];

    #[inline(always)]
    fn deref(&self) -> &[Beat] {
        &self.list
    }
}

impl FromIterator<Beat> for Beats {
    fn from_iter<I: IntoIterator<Item = Beat>>(beats: I) -> Beats {
        let list: Vec<Beat> = beats.into_iter().collect();
        let sum = list.iter().fold(0, |sum: u64, beat| sum.wrapping_add(beat.weight()));
        Beats { list, sum }
    }
}

impl Serialize for Beats {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.list.serialize(to)
    }
}

impl<'de> Deserialize<'de> for Beats {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Beats, D::Error> {
        Ok(Vec::<Beat>::deserialize(from)?.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn the_sum_is_that_of_what_is_in_the_list_however_it_came_there() {
        let beat = |node, version| Beat { node: NodeId(node), incarnation: 1, version };
        let mut table: Beats = [beat(1, 1), beat(2, 1), beat(3, 1)].into_iter().collect();
        let first = table.sum();
        table.set(1, beat(2, 9));
        assert_ne!(table.sum(), first);
        let mut other = Beats::default();
        [beat(3, 1), beat(2, 9), beat(1, 1)].into_iter().for_each(|beat| other.push(beat));
        assert_eq!(table.sum(), other.sum());
        table.set(1, beat(2, 1));
        assert_eq!(table.sum(), first);
    }
}
