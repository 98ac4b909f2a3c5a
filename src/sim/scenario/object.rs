//! Objects that are objects. Derived visitors would also take a list of the fields in order, and
//! an empty list for an object whose fields all have defaults.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};

/// A type read from a JSON object and from nothing else.
pub trait Object: Sized {
    const EXPECTED: &'static str;

    fn from_map<'de, A: MapAccess<'de>>(map: MapAccessDeserializer<A>) -> Result<Self, A::Error>;
}

pub struct ObjectVisitor<T>(pub PhantomData<T>);

impl<'de, T: Object> Visitor<'de> for ObjectVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTED)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::from_map(MapAccessDeserializer::new(map))
    }
}

/// Implements `Deserialize` for types that derive it with `remote = "Self"`.
macro_rules! objects {
    ($($name:ident: $expected:literal),+ $(,)?) => {$(
        impl $crate::sim::scenario::object::Object for $name {
            const EXPECTED: &'static str = $expected;

            fn from_map<'de, A: serde::de::MapAccess<'de>>(
                map: serde::de::value::MapAccessDeserializer<A>,
            ) -> Result<Self, A::Error> {
                $name::deserialize(map)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let visitor = $crate::sim::scenario::object::ObjectVisitor::<$name>(
                    std::marker::PhantomData,
                );
                from.deserialize_any(visitor)
            }
        }
    )+};
}
pub(super) use objects;
