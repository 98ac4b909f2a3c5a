//! How versions are written and read: what is read keeps the laws that the types promise.
//!
//! Clocks are in the order of actors with counters from 1 to [`Clock::COUNTER_MAX`]; siblings are
//! an antichain, in order, never empty; metadata is sorted by name without repeats. What breaks a
//! law is refused, never put right, so that a value has one encoding.

use std::fmt;

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use smallvec::SmallVec;

use super::{Actor, Causality, Clock, Content, Siblings, Version};
use crate::base::blob::Bytes;

impl Serialize for Clock {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.as_slice().serialize(to)
    }
}

impl<'de> Deserialize<'de> for Clock {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Clock, D::Error> {
        from.deserialize_seq(ClockVisitor)
    }
}

struct ClockVisitor;

impl<'de> Visitor<'de> for ClockVisitor {
    type Value = Clock;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("counters in the order of their actors")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Clock, A::Error> {
        let mut entries = SmallVec::new();
        let mut last = None;
        while let Some((actor, counter)) = from.next_element::<(Actor, u64)>()? {
            if last >= Some(actor) {
                return Err(A::Error::custom("the actors of a clock are out of order"));
            }
            if counter == 0 || counter > Clock::COUNTER_MAX {
                return Err(A::Error::custom("a counter is outside 1 to 2^53 - 1"));
            }
            if entries.len() == Clock::ENTRIES_MAX {
                return Err(A::Error::custom("a clock has more than 256 entries"));
            }
            last = Some(actor);
            entries.push((actor, counter));
        }
        Ok(Clock(entries))
    }
}

impl Serialize for Siblings {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.as_slice().serialize(to)
    }
}

impl<'de> Deserialize<'de> for Siblings {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Siblings, D::Error> {
        from.deserialize_seq(SiblingsVisitor)
    }
}

struct SiblingsVisitor;

impl<'de> Visitor<'de> for SiblingsVisitor {
    type Value = Siblings;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("versions of which none covers another, in order")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Siblings, A::Error> {
        let mut versions: SmallVec<[Version; 1]> = SmallVec::new();
        while let Some(version) = from.next_element::<Version>()? {
            if versions.len() == Siblings::COUNT_MAX {
                return Err(A::Error::custom("a record has more than 256 siblings"));
            }
            if versions.last().is_some_and(|last| *last >= version) {
                return Err(A::Error::custom("the siblings of a record are out of order"));
            }
            let is_beside =
                |mine: &Version| mine.clock.compare(&version.clock) == Causality::Concurrent;
            if !versions.iter().all(is_beside) {
                return Err(A::Error::custom("one sibling covers another"));
            }
            versions.push(version);
        }
        if versions.is_empty() {
            return Err(A::Error::custom("a record has no version"));
        }
        Ok(Siblings(versions))
    }
}

impl Serialize for Content {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        (Bytes(&self.value), &self.metadata, self.is_tombstone).serialize(to)
    }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Content, D::Error> {
        let (value, metadata, is_tombstone) =
            <(&[u8], Vec<(String, String)>, bool)>::deserialize(from)?;
        if !metadata.is_sorted_by(|(one, _), (next, _)| one < next) {
            return Err(D::Error::custom("the names of the metadata are out of order"));
        }
        if metadata.len() > Content::NAMES_MAX {
            return Err(D::Error::custom("the metadata has more than 1024 names"));
        }
        if is_tombstone && !(value.is_empty() && metadata.is_empty()) {
            return Err(D::Error::custom("a tombstone holds something"));
        }
        Ok(Content { value: value.into(), metadata, is_tombstone })
    }
}
