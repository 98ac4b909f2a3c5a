//! The rolling 64-bit digest that two runs are compared by.
//!
//! Written by hand over fixed-width little-endian words, so that it is the same on every engine:
//! no derived `Hash`, no `usize`, no platform hasher.

/// MD5 of these, one after another; the hash of the paper (§4.2): where a key lies, and how a
/// random stream is seeded.
///
/// In one place, because the compiler copies the whole of it to wherever it is called.
#[inline(never)]
pub fn md5_of(parts: &[&[u8]]) -> [u8; 16] {
    let mut context = md5::Context::new();
    parts.iter().for_each(|part| context.consume(part));
    context.compute().0
}

pub fn md5(bytes: &[u8]) -> [u8; 16] {
    md5_of(&[bytes])
}

/// A running hash of 64-bit words: multiply, fold, rotate. Not cryptographic; two runs that
/// differ in one bit differ in the digest with overwhelming likelihood, which is its whole task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest(u64);

const PRIME: u64 = 0x9E37_79B9_7F4A_7C15;

const FACTORS: [u64; 4] = [1, 0xC2B2_AE3D_27D4_EB4F, 0x1656_67B1_9E37_79F9, 0x27D4_EB2F_1656_67C5];

impl Default for Digest {
    fn default() -> Digest {
        Digest(0xCBF2_9CE4_8422_2325)
    }
}

impl Digest {
    #[inline(always)]
    pub fn word(&mut self, word: u64) {
        let mixed = (self.0 ^ word).wrapping_mul(PRIME);
        self.0 = mixed.rotate_left(29) ^ (mixed >> 32);
    }

    /// Several numbers as one word: each counts by an odd number of its own, so no two of them are
    /// taken for each other. The next word waits for this one, and not for each of these.
    #[inline(always)]
    pub fn words<const N: usize>(&mut self, words: [u64; N]) {
        const { assert!(N <= FACTORS.len()) };
        let shares = words.iter().zip(FACTORS).map(|(word, factor)| word.wrapping_mul(factor));
        self.word(shares.fold(0, u64::wrapping_add));
    }

    /// Bytes with their length, so that two fields never run into each other.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.word(bytes.len() as u64);
        let (words, rest) = bytes.as_chunks::<8>();
        words.iter().for_each(|&word| self.word(u64::from_le_bytes(word)));
        if !rest.is_empty() {
            self.word(tail(rest));
        }
    }

    pub fn value(self) -> u64 {
        self.0
    }
}

/// Up to seven bytes as the beginning of a word, the rest of which is zero. Keys are this short, so
/// it is made of two halves that may overlap, and not byte by byte.
fn tail(bytes: &[u8]) -> u64 {
    let end = 8 * bytes.len();
    if let (Some(&first), Some(&last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        let (first, last) = (u32::from_le_bytes(first), u32::from_le_bytes(last));
        return u64::from(first) | u64::from(last) << (end - 32);
    }
    if let (Some(&first), Some(&last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        let (first, last) = (u16::from_le_bytes(first), u16::from_le_bytes(last));
        return u64::from(first) | u64::from(last) << (end - 16);
    }
    bytes.first().map_or(0, |&byte| u64::from(byte))
}

/// Whatever takes part in the digest says how, field by field.
pub trait Digestible {
    fn digest(&self, into: &mut Digest);
}

impl<T: Digestible> Digestible for Option<T> {
    fn digest(&self, into: &mut Digest) {
        into.word(u64::from(self.is_some()));
        if let Some(inner) = self {
            inner.digest(into);
        }
    }
}

impl<T: Digestible> Digestible for [T] {
    fn digest(&self, into: &mut Digest) {
        into.word(self.len() as u64);
        for item in self {
            item.digest(into);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn fields_do_not_run_into_each_other() {
        let of = |parts: &[&[u8]]| {
            let mut digest = Digest::default();
            parts.iter().for_each(|p| digest.bytes(p));
            digest.value()
        };
        assert_ne!(of(&[b"ab", b"c"]), of(&[b"a", b"bc"]));
        assert_ne!(of(&[b"a\0"]), of(&[b"a"]));
    }

    #[test]
    fn a_tail_is_its_bytes_and_zeros() {
        let bytes = [1, 2, 3, 4, 5, 6, 7];
        for len in 0..=7 {
            let mut word = [0; 8];
            word[..len].copy_from_slice(&bytes[..len]);
            assert_eq!(tail(&bytes[..len]), u64::from_le_bytes(word), "{len}");
        }
    }

    #[test]
    fn several_words_at_once_are_told_apart() {
        let of = |words: [u64; 4]| {
            let mut digest = Digest::default();
            digest.words(words);
            digest.value()
        };
        let all = [[1, 2, 3, 4], [2, 1, 3, 4], [1, 2, 4, 3], [1, 3, 2, 4], [0, 2, 3, 4], [0; 4]];
        for (at, one) in all.iter().enumerate() {
            all[..at].iter().for_each(|other| assert_ne!(of(*one), of(*other)));
        }
    }

    #[test]
    fn order_matters() {
        let of = |words: [u64; 2]| {
            let mut digest = Digest::default();
            words.iter().for_each(|&w| digest.word(w));
            digest.value()
        };
        assert_ne!(of([1, 2]), of([2, 1]));
    }
}
