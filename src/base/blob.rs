//! Bytes that are shared, never copied: a key travels through a dozen messages as one pointer.

use std::cmp::Ordering;
use std::fmt;
use std::rc::Rc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::base::digest::{Digest, Digestible, md5};

/// A place on the ring: the MD5 of a key, read as one big-endian 128-bit number (§4.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position(pub u128);

impl Position {
    pub fn of(key: &[u8]) -> Position {
        Position(u128::from_be_bytes(md5(key)))
    }

    /// How far round the ring, from 0 up to but excluding 1.
    pub fn turn(self) -> f64 {
        (self.0 >> 75) as f64 / (1u64 << 53) as f64
    }
}

/// A client's key with its position, hashed once and shared from then on.
#[derive(Clone)]
pub struct Key {
    /// The first half of its position: looking for a key among others seldom needs more, and a
    /// pointer that is not followed is a cache line that is not waited for.
    rank: u64,
    parts: Rc<KeyParts>,
}

struct KeyParts {
    position: Position,
    bytes: Box<[u8]>,
}

impl Key {
    pub fn new(bytes: &[u8]) -> Key {
        let position = Position::of(bytes);
        let rank = (position.0 >> 64) as u64;
        Key { rank, parts: Rc::new(KeyParts { position, bytes: bytes.into() }) }
    }

    pub fn position(&self) -> Position {
        self.parts.position
    }

    pub fn bytes(&self) -> &[u8] {
        &self.parts.bytes
    }
}

impl PartialEq for Key {
    #[inline(always)]
    fn eq(&self, other: &Key) -> bool {
        self.rank == other.rank && self.cmp_rest(other).is_eq()
    }
}

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Key) -> Option<Ordering> {
        Some(self.cmp(other))
    }

    // A search asks this at every step, and the answer is as good as random: so what is hardly ever
    // so, an equal rank, is the one thing that is branched on.
    #[inline(always)]
    fn lt(&self, other: &Key) -> bool {
        match self.rank == other.rank {
            true => self.cmp_rest(other).is_lt(),
            false => self.rank < other.rank,
        }
    }

    #[inline(always)]
    fn ge(&self, other: &Key) -> bool {
        match self.rank == other.rank {
            true => self.cmp_rest(other).is_ge(),
            false => self.rank >= other.rank,
        }
    }
}

impl Ord for Key {
    /// By position, so that a store walks the ring in order; then by bytes, for the collision
    /// that MD5 no longer rules out.
    #[inline(always)]
    fn cmp(&self, other: &Key) -> Ordering {
        self.rank.cmp(&other.rank).then_with(|| self.cmp_rest(other))
    }
}

impl Key {
    #[inline(never)]
    fn cmp_rest(&self, other: &Key) -> Ordering {
        let (mine, theirs) = (&*self.parts, &*other.parts);
        if Rc::ptr_eq(&self.parts, &other.parts) {
            return Ordering::Equal;
        }
        mine.position.cmp(&theirs.position).then_with(|| mine.bytes.cmp(&theirs.bytes))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", String::from_utf8_lossy(self.bytes()))
    }
}

impl Serialize for Key {
    /// Its bytes: whoever reads them hashes them again.
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(self.bytes())
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Key, D::Error> {
        <&[u8]>::deserialize(from).map(Key::new)
    }
}

/// Bytes written as one run; serde would write a slice item by item.
pub struct Bytes<'a>(pub &'a [u8]);

impl Serialize for Bytes<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(self.0)
    }
}

impl Digestible for Key {
    /// Half of its position stands for it.
    #[inline(always)]
    fn digest(&self, into: &mut Digest) {
        into.word(self.rank);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn a_position_is_the_md5_of_the_key_read_big_endian() {
        assert_eq!(Position::of(b"abc").0, 0x9001_5098_3cd2_4fb0_d696_3f7d_28e1_7f72);
        assert_eq!(Position::of(b"").0, 0xd41d_8cd9_8f00_b204_e980_0998_ecf8_427e);
    }

    #[test]
    fn keys_are_equal_by_their_bytes_and_ordered_by_their_position() {
        assert_eq!(Key::new(b"a"), Key::new(b"a"));
        let (a, b) = (Key::new(b"a"), Key::new(b"b"));
        assert_eq!(a.cmp(&b), a.position().cmp(&b.position()));
    }

    #[test]
    fn a_turn_is_a_fraction_of_the_circle() {
        assert_eq!(Position(0).turn(), 0.0);
        assert_eq!(Position(1 << 127).turn(), 0.5);
        assert!(Position(u128::MAX).turn() < 1.0);
    }
}
