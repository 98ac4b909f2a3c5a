//! Fields that take one of a few words, and fields that take one number only.

use super::bad_input::{BadInput, plain, quote};
use super::form::refused;
use crate::sim::json::Json;

/// An enum written as a word.
pub trait Word: Copy + 'static {
    const WORDS: &'static [&'static str];
    /// What they mean, in the same order.
    const MEANINGS: &'static [Self];
}

/// Which of the words it is; or says which there are.
pub fn place(json: &Json, words: &[&str]) -> Result<usize, BadInput> {
    let found = json.as_str().and_then(|text| words.iter().position(|&word| word == text));
    found.map_or_else(|| refused(json, either(words)), Ok)
}

fn either(words: &[&str]) -> String {
    let mut all = String::new();
    for (place, word) in words.iter().enumerate() {
        let link = match place {
            0 => "",
            _ if place + 1 == words.len() => " or ",
            _ => ", ",
        };
        all.push_str(link);
        all.push_str(&quote(word));
    }
    all
}

/// An enum whose variants are words of the format.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($variant),+ }

        impl Default for $name {
            fn default() -> Self {
                <Self as $crate::sim::scenario::word::Word>::MEANINGS[0]
            }
        }

        impl $crate::sim::scenario::word::Word for $name {
            const WORDS: &'static [&'static str] = &[$($word),+];
            const MEANINGS: &'static [Self] = &[$($name::$variant),+];
        }

        impl $crate::sim::scenario::form::Form for $name {
            fn read(&mut self, json: &$crate::sim::json::Json) -> Result<(), BadInput> {
                use $crate::sim::scenario::word::Word as _;
                *self = Self::MEANINGS[$crate::sim::scenario::word::place(json, Self::WORDS)?];
                Ok(())
            }
        }
    };
}
pub(super) use words;

/// A field that takes one number only.
pub trait Fixed: Default {
    const VALUE: f64;
}

pub fn check(json: &Json, value: f64) -> Result<(), BadInput> {
    match json.as_f64() == Some(value) {
        true => Ok(()),
        false => refused(json, plain(value)),
    }
}

/// `fixed!(Name, value)`.
macro_rules! fixed {
    ($(#[$doc:meta])* $name:ident, $value:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $name;

        impl $crate::sim::scenario::word::Fixed for $name {
            const VALUE: f64 = $value;
        }

        impl $crate::sim::scenario::form::Form for $name {
            fn read(&mut self, json: &$crate::sim::json::Json) -> Result<(), BadInput> {
                use $crate::sim::scenario::word::Fixed as _;
                $crate::sim::scenario::word::check(json, Self::VALUE)
            }
        }
    };
}
pub(super) use fixed;
