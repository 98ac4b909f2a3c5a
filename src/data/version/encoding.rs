//! How versions are written and read: what is read keeps the laws that the types promise.
//!
//! Clocks are in the order of actors with counters from 1 to [`Clock::COUNTER_MAX`]; siblings are
//! an antichain, in order, never empty; metadata is sorted by name without repeats. What breaks a
//! law is refused, never put right, so that a value has one encoding.

use std::fmt;

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use smallvec::SmallVec;

use super::{Causality, Clock, Content, Dot, Entry, Siblings, Version, Versioning, Versions};
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
        while let Some(entry) = from.next_element::<Entry>()? {
            let is_beyond = |last: &Entry| (last.actor, last.counter) < (entry.actor, entry.after);
            if !entries.last().is_none_or(is_beyond) {
                return Err(A::Error::custom("the entries of a clock are out of order"));
            }
            if entry.counter <= entry.after || entry.counter > Clock::COUNTER_MAX {
                return Err(A::Error::custom("a counter is outside 1 to 2^53 - 1"));
            }
            if entries.len() == Clock::ENTRIES_MAX {
                return Err(A::Error::custom("a clock has more than 256 entries"));
            }
            entries.push(entry);
        }
        Ok(Clock(entries))
    }
}

impl Serialize for Siblings {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        (self.versioning, self.versions.as_slice()).serialize(to)
    }
}

impl<'de> Deserialize<'de> for Siblings {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Siblings, D::Error> {
        let (versioning, Listed(versions)) = <(Versioning, Listed)>::deserialize(from)?;
        let siblings = Siblings { versioning, versions };
        match siblings.broken_law() {
            None => Ok(siblings),
            Some(law) => Err(D::Error::custom(law)),
        }
    }
}

impl Siblings {
    /// What keeps these versions from being a record.
    fn broken_law(&self) -> Option<&'static str> {
        if self.versions.is_empty() {
            return Some("a record has no version");
        }
        let is_of_record = self.versioning == Versioning::RecordClock;
        for (at, version) in self.versions.iter().enumerate() {
            // A record's clock may have lost the entry of a value that stays.
            let knows = version.clock.contains(version.dot)
                || version.clock.is_empty() && version.dot == Dot::default();
            if !is_of_record && !knows {
                return Some("a clock does not know what made its version");
            }
            let before = &self.versions[..at];
            let is_after = |last: &Version| match is_of_record {
                true => last.dot < version.dot,
                false => last < version,
            };
            if !before.last().is_none_or(is_after) {
                return Some("the siblings of a record are out of order");
            }
            let stands = |mine: &Version| match is_of_record {
                true => mine.clock == version.clock,
                false => self.versioning.compare(mine, version) == Causality::Concurrent,
            };
            if !before.iter().all(stands) {
                return Some("one sibling covers another");
            }
        }
        None
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        (&self.clock, self.dot, &self.content).serialize(to)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Version, D::Error> {
        let (clock, dot, content) = Deserialize::deserialize(from)?;
        Ok(Version::made_by(dot, clock, content))
    }
}

struct Listed(Versions);

impl<'de> Deserialize<'de> for Listed {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Listed, D::Error> {
        from.deserialize_seq(VersionsVisitor)
    }
}

struct VersionsVisitor;

impl<'de> Visitor<'de> for VersionsVisitor {
    type Value = Listed;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("versions of which none covers another, in order")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Listed, A::Error> {
        let mut versions = SmallVec::new();
        while let Some(version) = from.next_element::<Version>()? {
            if versions.len() == Siblings::COUNT_MAX {
                return Err(A::Error::custom("a record has more than 256 siblings"));
            }
            versions.push(version);
        }
        Ok(Listed(versions))
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

#[cfg(test)]
mod tests {
    use smallvec::smallvec;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::base::id::NodeId;
    use crate::base::pool::Pooled;
    use crate::data::version::{Actor, Dot};

    fn actor(node: u32) -> Actor {
        Actor { node: NodeId(node), epoch: 0 }
    }

    fn read(siblings: &Siblings) -> Result<Siblings, postcard::Error> {
        postcard::from_bytes(&postcard::to_allocvec(siblings).expect("it can be written"))
    }

    #[test]
    fn metadata_may_have_so_many_names_and_no_more() {
        let named = |count: usize| {
            let metadata = (0..count).map(|name| (format!("{name:04}"), String::new())).collect();
            let content = Content { metadata, ..Content::default() };
            let clock = Clock::new([(actor(0), 1)]);
            read(&Siblings::one(Version::new(clock, content.into())))
        };
        assert!(named(Content::NAMES_MAX).is_ok());
        assert!(named(Content::NAMES_MAX + 1).is_err());
        assert!(named(Content::NAMES_MAX + 2).is_err());
    }

    #[test]
    fn a_version_is_named_by_an_event_of_its_clock_or_by_none_where_the_clock_is_empty() {
        let event = Dot { actor: actor(1), counter: 1 };
        let content = Pooled::from(Content::default());
        let of = |dot, clock| Siblings::one(Version::made_by(dot, clock, content.clone()));
        let other = Clock::new([(actor(0), 1)]);
        let good = [of(event, Clock::new([(actor(1), 1)])), of(Dot::default(), Clock::default())];
        assert!(good.iter().all(|siblings| read(siblings).as_ref() == Ok(siblings)));
        let bad =
            [of(event, Clock::default()), of(event, other.clone()), of(Dot::default(), other)];
        assert!(bad.iter().all(|siblings| read(siblings).is_err()));
    }

    #[test]
    fn a_record_of_one_clock_has_each_event_once() {
        let clock = Clock::new([(actor(0), 2)]);
        let value = |counter| {
            let dot = Dot { actor: actor(0), counter };
            Version::made_by(dot, clock.clone(), Content::default().into())
        };
        let of = |one, other| {
            let versions = smallvec![value(one), value(other)];
            read(&Siblings { versioning: Versioning::RecordClock, versions })
        };
        assert!(of(1, 2).is_ok());
        assert!(of(1, 1).is_err() && of(2, 1).is_err());
    }
}
