//! The small values of the format, each with its range and with words for what is allowed.
//!
//! Visitors are written by hand: derived ones would speak of `u64` and `untagged enum` to a person
//! who wrote JSON.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Unexpected, Visitor};

/// A whole number from `LO` to `HI`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whole<const LO: u64, const HI: u64>(pub u64);

/// Milliseconds from `LO` to `HI`; fractions are welcome.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Millis<const LO: u64, const HI: u64>(pub f64);

/// A signed number of milliseconds, up to about thirty years either way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SignedMillis(pub f64);

/// A probability.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fraction(pub f64);

/// A positive number from a hundredth to ten thousand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Factor(pub f64);

/// Text of `LO` to `HI` bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text<const LO: usize, const HI: usize>(pub String);

/// `[low, high]` in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Between(pub f64, pub f64);

/// Text, or a whole number up to 2^53−1, which is the same as its digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seed(pub String);

/// Text, or any bytes as `{"base64": "…"}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

pub const INTERVAL_MS_MAX: u64 = 3_600_000;
pub const SKEW_MS_MAX: f64 = 1e12;
pub const SEED_MAX: u64 = (1 << 53) - 1;
pub const SEED_BYTES_MAX: usize = 1_024;
pub const VALUE_BYTES_MAX: usize = 1 << 20;

/// What is accepted of a number, and how that is said.
struct Number {
    low: f64,
    high: f64,
    is_whole: bool,
    allowed: String,
}

impl Number {
    fn between(kind: &str, low: f64, high: f64) -> Number {
        let allowed = format!("{kind} from {low} to {high}");
        Number { low, high, is_whole: false, allowed }
    }

    fn whole(low: u64, high: u64) -> Number {
        let number = Number::between("a whole number", low as f64, high as f64);
        Number { is_whole: true, ..number }
    }

    fn check<E: Error>(&self, x: f64, found: Unexpected<'_>) -> Result<f64, E> {
        let is_fine = (self.low..=self.high).contains(&x) && !(self.is_whole && x.fract() != 0.0);
        if is_fine { Ok(x) } else { Err(E::invalid_value(found, self)) }
    }
}

impl Visitor<'_> for Number {
    type Value = f64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.allowed)
    }

    fn visit_u64<E: Error>(self, x: u64) -> Result<f64, E> {
        self.check(x as f64, Unexpected::Unsigned(x))
    }

    fn visit_i64<E: Error>(self, x: i64) -> Result<f64, E> {
        self.check(x as f64, Unexpected::Signed(x))
    }

    fn visit_f64<E: Error>(self, x: f64) -> Result<f64, E> {
        self.check(x, Unexpected::Other(&x.to_string()))
    }
}

impl<'de, const LO: u64, const HI: u64> Deserialize<'de> for Whole<LO, HI> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Whole(from.deserialize_any(Number::whole(LO, HI))? as u64))
    }
}

impl<'de, const LO: u64, const HI: u64> Deserialize<'de> for Millis<LO, HI> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Number::between("a number", LO as f64, HI as f64)).map(Millis)
    }
}

impl<'de> Deserialize<'de> for SignedMillis {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let range = Number::between("a number", -SKEW_MS_MAX, SKEW_MS_MAX);
        from.deserialize_any(range).map(SignedMillis)
    }
}

impl<'de> Deserialize<'de> for Fraction {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Number::between("a number", 0.0, 1.0)).map(Fraction)
    }
}

impl<'de> Deserialize<'de> for Factor {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Number::between("a number", 0.01, 10_000.0)).map(Factor)
    }
}

/// Accepts text between two lengths.
struct Letters {
    low: usize,
    high: usize,
}

impl Letters {
    fn check<E: Error>(&self, text: &str) -> Result<(), E> {
        if (self.low..=self.high).contains(&text.len()) {
            return Ok(());
        }
        let found = format!("text of {} bytes", text.len());
        Err(E::invalid_value(Unexpected::Other(&found), self))
    }
}

impl Visitor<'_> for Letters {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "text of {} to {} bytes", self.low, self.high)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<String, E> {
        self.check(text)?;
        Ok(text.to_owned())
    }
}

impl<'de, const LO: usize, const HI: usize> Deserialize<'de> for Text<LO, HI> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Letters { low: LO, high: HI }).map(Text)
    }
}

struct BetweenVisitor;

impl<'de> Visitor<'de> for BetweenVisitor {
    type Value = Between;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[low, high] in milliseconds with 0 ≤ low ≤ high ≤ {INTERVAL_MS_MAX}")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Between, A::Error> {
        type Bound = Millis<0, INTERVAL_MS_MAX>;
        let mut bounds = Vec::new();
        while let Some(Millis(bound)) = seq.next_element::<Bound>()? {
            bounds.push(bound);
        }
        match bounds.as_slice() {
            &[low, high] if low <= high => Ok(Between(low, high)),
            other => {
                let found = format!("{other:?}");
                Err(A::Error::invalid_value(Unexpected::Other(&found), &self))
            }
        }
    }
}

impl<'de> Deserialize<'de> for Between {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(BetweenVisitor)
    }
}

struct SeedVisitor;

impl Visitor<'_> for SeedVisitor {
    type Value = Seed;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "text of 0 to {SEED_BYTES_MAX} bytes, or a whole number from 0 to {SEED_MAX}")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Seed, E> {
        if text.len() <= SEED_BYTES_MAX {
            return Ok(Seed(text.to_owned()));
        }
        let found = format!("text of {} bytes", text.len());
        Err(E::invalid_value(Unexpected::Other(&found), &self))
    }

    fn visit_u64<E: Error>(self, x: u64) -> Result<Seed, E> {
        if x <= SEED_MAX {
            return Ok(Seed(x.to_string()));
        }
        Err(E::invalid_value(Unexpected::Unsigned(x), &self))
    }

    fn visit_i64<E: Error>(self, x: i64) -> Result<Seed, E> {
        Err(E::invalid_value(Unexpected::Signed(x), &self))
    }

    fn visit_f64<E: Error>(self, x: f64) -> Result<Seed, E> {
        // JavaScript and others may well write 7.0 for 7.
        if x.fract() == 0.0 && (0.0..=SEED_MAX as f64).contains(&x) {
            return Ok(Seed((x as u64).to_string()));
        }
        Err(E::invalid_value(Unexpected::Other(&x.to_string()), &self))
    }
}

impl<'de> Deserialize<'de> for Seed {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(SeedVisitor)
    }
}

struct BytesVisitor;

impl<'de> Visitor<'de> for BytesVisitor {
    type Value = Bytes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "text, or {{\"base64\": \"…\"}}, of up to {VALUE_BYTES_MAX} bytes")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Bytes, E> {
        self.bytes(text.as_bytes().to_vec())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Bytes, A::Error> {
        let mut encoded: Option<Base64> = None;
        while let Some(name) = map.next_key::<String>()? {
            match (name.as_str(), &encoded) {
                ("base64", None) => encoded = Some(map.next_value()?),
                ("base64", Some(_)) => return Err(A::Error::duplicate_field("base64")),
                (other, _) => return Err(A::Error::unknown_field(other, &["base64"])),
            }
        }
        self.bytes(encoded.ok_or_else(|| A::Error::missing_field("base64"))?.0)
    }
}

impl BytesVisitor {
    fn bytes<E: Error>(self, bytes: Vec<u8>) -> Result<Bytes, E> {
        if bytes.len() <= VALUE_BYTES_MAX {
            return Ok(Bytes(bytes));
        }
        let found = format!("{} bytes", bytes.len());
        Err(E::invalid_value(Unexpected::Other(&found), &self))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(BytesVisitor)
    }
}

struct Base64(Vec<u8>);

struct Base64Visitor;

impl Visitor<'_> for Base64Visitor {
    type Value = Base64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bytes in standard base64 with padding")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Base64, E> {
        use base64::Engine as _;
        let decoded = base64::engine::general_purpose::STANDARD.decode(text);
        decoded.map(Base64).map_err(|_| E::invalid_value(Unexpected::Str(text), &self))
    }
}

impl<'de> Deserialize<'de> for Base64 {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Base64Visitor)
    }
}
