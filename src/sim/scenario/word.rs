//! Fields that take one of a few words, and fields that so far take one value only.

use std::fmt;

use serde::de::{Deserializer, Error, Unexpected, Visitor};

/// An enum written as a word.
pub trait Word: Copy + 'static {
    const WORDS: &'static [(&'static str, Self)];
}

/// Reads any [`Word`], and says which there are when it finds another.
pub struct WordVisitor<T>(std::marker::PhantomData<T>);

impl<T: Word> WordVisitor<T> {
    pub fn read<'de, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
        from.deserialize_any(WordVisitor(std::marker::PhantomData))
    }
}

impl<T: Word> Visitor<'_> for WordVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (word, _)) in T::WORDS.iter().enumerate() {
            let link = match place {
                0 => "",
                _ if place + 1 == T::WORDS.len() => " or ",
                _ => ", ",
            };
            write!(f, "{link}{word:?}")?;
        }
        Ok(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        let found = T::WORDS.iter().find(|(word, _)| *word == text);
        found.map(|&(_, value)| value).ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
    }
}

/// An enum whose variants are words of the format.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($variant),+ }

        impl $crate::sim::scenario::word::Word for $name {
            const WORDS: &'static [(&'static str, Self)] =
                &[$(($word, $name::$variant)),+];
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                $crate::sim::scenario::word::WordVisitor::read(from)
            }
        }
    };
}
pub(super) use words;

/// What a field that takes one value only accepts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Single {
    Bool(bool),
    Number(f64),
    Text(&'static str),
}

/// A field that this build knows only one value of; the others are in the contract, not yet here.
pub trait Fixed: Default {
    const VALUE: Single;
    /// What there is besides, and will come.
    const LATER: &'static str;
}

/// Reads any [`Fixed`].
pub struct FixedVisitor<T>(std::marker::PhantomData<T>);

impl<T: Fixed> FixedVisitor<T> {
    pub fn read<'de, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
        from.deserialize_any(FixedVisitor(std::marker::PhantomData))
    }

    fn check<E: Error>(&self, found: Single, shown: Unexpected<'_>) -> Result<T, E> {
        if found == T::VALUE { Ok(T::default()) } else { Err(E::invalid_value(shown, self)) }
    }
}

impl<T: Fixed> Visitor<'_> for FixedVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match T::VALUE {
            Single::Bool(value) => write!(f, "{value}")?,
            Single::Number(value) => write!(f, "{value}")?,
            Single::Text(value) => write!(f, "{value:?}")?,
        }
        if T::LATER.is_empty() { Ok(()) } else { write!(f, " ({})", T::LATER) }
    }

    fn visit_bool<E: Error>(self, x: bool) -> Result<T, E> {
        self.check(Single::Bool(x), Unexpected::Bool(x))
    }

    fn visit_u64<E: Error>(self, x: u64) -> Result<T, E> {
        self.check(Single::Number(x as f64), Unexpected::Unsigned(x))
    }

    fn visit_i64<E: Error>(self, x: i64) -> Result<T, E> {
        self.check(Single::Number(x as f64), Unexpected::Signed(x))
    }

    fn visit_f64<E: Error>(self, x: f64) -> Result<T, E> {
        self.check(Single::Number(x), Unexpected::Other(&x.to_string()))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        match T::VALUE {
            Single::Text(value) if value == text => Ok(T::default()),
            _ => Err(E::invalid_value(Unexpected::Str(text), &self)),
        }
    }
}

/// A field with one value so far: `fixed!(Name, value, "what comes later")`.
macro_rules! fixed {
    ($(#[$doc:meta])* $name:ident, $value:expr, $later:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $name;

        impl $crate::sim::scenario::word::Fixed for $name {
            const VALUE: $crate::sim::scenario::word::Single = $value;
            const LATER: &'static str = $later;
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                $crate::sim::scenario::word::FixedVisitor::read(from)
            }
        }
    };
}
pub(super) use fixed;
