//! A map in the order of its keys whose code is small.
//!
//! The standard library's is 6 KB of a wasm module for each pair of types, and the module travels
//! to every reader. This one is a list of short sorted lists: found by halves, and what is put in
//! moves at most one short list and the list of lists.

use std::borrow::Borrow;
use std::{mem, slice};

/// Past this many, a short list is cut in two.
const CHUNK_MAX: usize = 32;

/// No chunk is empty. Chunks that shrank are not joined again: it costs a little time, never order.
#[derive(Clone, Debug)]
pub struct Map<K, V> {
    chunks: Vec<Chunk<K, V>>,
    len: usize,
}

#[derive(Clone, Debug)]
struct Chunk<K, V> {
    /// Greater than all keys of chunks before it, and than none of its own. So a chunk is found
    /// without a look into any. That of the first says nothing.
    from: K,
    entries: Vec<(K, V)>,
}

/// Where a key is in a map, or would be: good until something is put in or taken out.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    chunk: usize,
    at: Result<usize, usize>,
}

impl Place {
    /// Of any key in a map that has none.
    pub const FIRST: Place = Place { chunk: 0, at: Err(0) };
}

impl<K, V> Default for Map<K, V> {
    fn default() -> Map<K, V> {
        Map { chunks: Vec::new(), len: 0 }
    }
}

impl<K: Ord + Clone, V> Map<K, V> {
    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.at(self.find(key))
    }

    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.find(key).at.is_ok()
    }

    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        self.at_mut(self.find(key))
    }

    pub fn at(&self, place: Place) -> Option<&V> {
        let at = place.at.ok()?;
        Some(&self.chunks[place.chunk].entries[at].1)
    }

    pub fn at_mut(&mut self, place: Place) -> Option<&mut V> {
        let at = place.at.ok()?;
        Some(&mut self.chunks[place.chunk].entries[at].1)
    }

    /// Answers what stood there before.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        let place = self.find(&key);
        self.put(place, key, value)
    }

    /// [`Map::insert`] where [`Map::find`] said.
    pub fn put(&mut self, Place { chunk, at }: Place, key: K, value: V) -> Option<V> {
        match at {
            Ok(at) => Some(mem::replace(&mut self.chunks[chunk].entries[at].1, value)),
            Err(at) => {
                self.add(chunk, at, (key, value));
                None
            }
        }
    }

    /// What stands under the key; `make` makes it where nothing does.
    pub fn or_insert_with(&mut self, key: K, make: impl FnOnce() -> V) -> &mut V {
        let Place { chunk, at } = self.find(&key);
        let (chunk, place) = match at {
            Ok(place) => (chunk, place),
            Err(place) => self.add(chunk, place, (key, make())),
        };
        &mut self.chunks[chunk].entries[place].1
    }

    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let Place { chunk, at: Ok(place) } = self.find(key) else { return None };
        let (_, value) = self.chunks[chunk].entries.remove(place);
        if self.chunks[chunk].entries.is_empty() {
            self.chunks.remove(chunk);
        }
        self.len -= 1;
        Some(value)
    }

    /// Where the key is, or would be.
    pub fn find<Q: Ord + ?Sized>(&self, key: &Q) -> Place
    where
        K: Borrow<Q>,
    {
        // What is smaller than everything is the first one's too.
        let chunk = match self.chunks.get(1..) {
            None | Some([]) => 0,
            Some(later) => later.partition_point(|chunk| key >= chunk.from.borrow()),
        };
        let Some(Chunk { entries, .. }) = self.chunks.get(chunk) else { return Place::FIRST };
        let at = entries.partition_point(|(known, _)| known.borrow() < key);
        let is_there = entries.get(at).is_some_and(|(known, _)| known.borrow() == key);
        Place { chunk, at: if is_there { Ok(at) } else { Err(at) } }
    }

    /// Puts it in where [`Map::find`] said, and answers where it stands then.
    fn add(&mut self, chunk: usize, place: usize, entry: (K, V)) -> (usize, usize) {
        self.len += 1;
        if self.chunks.is_empty() {
            self.chunks.push(Chunk { from: entry.0.clone(), entries: Vec::new() });
        }
        let entries = &mut self.chunks[chunk].entries;
        entries.insert(place, entry);
        if entries.len() <= CHUNK_MAX {
            return (chunk, place);
        }
        // What comes in order, as positions and numbers often do, leaves full chunks behind.
        let keep = if place + 1 == entries.len() { place } else { entries.len() / 2 };
        let rest = entries.split_off(keep);
        self.chunks.insert(chunk + 1, Chunk { from: rest[0].0.clone(), entries: rest });
        if place < keep { (chunk, place) } else { (chunk + 1, place - keep) }
    }
}

impl<K, V> Map<K, V> {
    /// In the order of keys.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> + Clone {
        self.chunks.iter().flatten().map(|(key, value)| (key, value))
    }

    /// What comes after the key, in order; everything, when there is no key.
    pub fn after(&self, key: Option<&K>) -> impl Iterator<Item = (&K, &V)> + Clone
    where
        K: Ord,
    {
        let is_past = move |known: &K| key.is_none_or(|key| known > key);
        let is_before =
            |Chunk { entries, .. }: &Chunk<K, V>| !is_past(&entries[entries.len() - 1].0);
        let chunk = self.chunks.partition_point(is_before);
        let entries = self.chunks[chunk..].iter().flatten();
        entries.skip_while(move |(known, _)| !is_past(known)).map(|(key, value)| (key, value))
    }

    pub fn keys(&self) -> impl Iterator<Item = &K> + Clone {
        self.chunks.iter().flatten().map(|(key, _)| key)
    }

    pub fn values(&self) -> impl Iterator<Item = &V> + Clone {
        self.chunks.iter().flatten().map(|(_, value)| value)
    }
}

impl<'m, K, V> IntoIterator for &'m Chunk<K, V> {
    type Item = &'m (K, V);
    type IntoIter = slice::Iter<'m, (K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::Rng;
    use std::collections::BTreeMap;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn it_does_as_the_standard_map_does() {
        let mut rng = Rng::from_u64(11);
        for range in [3, 100, 5_000] {
            let (mut ours, mut theirs) = (Map::default(), BTreeMap::new());
            for step in 0..4_000 {
                let key = rng.below(range);
                match rng.below(4) {
                    0 => assert_eq!(ours.remove(&key), theirs.remove(&key)),
                    1 => {
                        let (one, other) =
                            (ours.or_insert_with(key, || step), theirs.entry(key).or_insert(step));
                        assert_eq!(one, other);
                        (*one, *other) = (step + 1, step + 1);
                    }
                    _ => assert_eq!(ours.insert(key, step), theirs.insert(key, step)),
                }
                assert_eq!(ours.get(&key), theirs.get(&key));
                assert_eq!(ours.get_mut(&key), theirs.get_mut(&key));
                assert_eq!(ours.contains_key(&(key + 1)), theirs.contains_key(&(key + 1)));
                assert_eq!((ours.len(), ours.is_empty()), (theirs.len(), theirs.is_empty()));
            }
            assert!(ours.iter().eq(theirs.iter()));
            assert!(ours.keys().eq(theirs.keys()) && ours.values().eq(theirs.values()));
        }
    }

    #[test]
    fn what_comes_in_order_fills_its_chunks() {
        let mut map = Map::default();
        (0..10 * CHUNK_MAX).for_each(|key| _ = map.insert(key, ()));
        assert_eq!(map.chunks.len(), 10);
        assert!(map.keys().copied().eq(0..10 * CHUNK_MAX));
    }
}
