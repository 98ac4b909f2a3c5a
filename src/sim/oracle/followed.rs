//! A table of the newest keys: what a check follows, within a limit.

use std::rc::Rc;

use crate::base::blob::Key;
use crate::base::map::Map;
use crate::base::queue::Queue;

/// Something for each of at most `max` keys. One key more, and the one that has been followed
/// longest is forgotten: nothing is said of it until it is met again. Checkpoints share what
/// neither has changed.
#[derive(Clone, Debug)]
pub struct Followed<V> {
    by_key: Map<Key, Rc<V>>,
    /// Those of `by_key`, the one followed longest first.
    order: Queue<Key>,
    max: usize,
}

impl<V: Clone + Default> Followed<V> {
    pub fn new(max: usize) -> Followed<V> {
        Followed { by_key: Map::default(), order: Queue::default(), max }
    }

    /// How many keys are followed.
    pub fn held(&self) -> usize {
        self.order.len()
    }

    pub fn get(&self, key: &Key) -> Option<&V> {
        self.by_key.get(key).map(|value| &**value)
    }

    pub fn get_mut(&mut self, key: &Key) -> Option<&mut V> {
        self.by_key.get_mut(key).map(Rc::make_mut)
    }

    /// What is known of the key; from here on it is followed.
    pub fn follow(&mut self, key: &Key) -> &mut V {
        if !self.by_key.contains_key(key) {
            self.order.push_back(key.clone());
            if self.order.len() > self.max
                && let Some(oldest) = self.order.pop_front()
            {
                self.by_key.remove(&oldest);
            }
        }
        Rc::make_mut(self.by_key.or_insert_with(key.clone(), Rc::default))
    }

    pub fn iter(&self) -> impl Iterator<Item = (&Key, &V)> {
        self.by_key.iter().map(|(key, value)| (key, &**value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn one_key_too_many_forgets_the_one_followed_longest_and_a_copy_keeps_its_own() {
        let keys = [b"a", b"b", b"c"].map(|bytes| Key::new(bytes));
        let mut followed: Followed<u32> = Followed::new(2);
        *followed.follow(&keys[0]) = 1;
        *followed.follow(&keys[1]) = 2;
        let copy = followed.clone();
        *followed.follow(&keys[0]) = 3;
        *followed.follow(&keys[2]) = 4;
        assert_eq!(keys.each_ref().map(|key| followed.get(key)), [None, Some(&2), Some(&4)]);
        assert_eq!(keys.each_ref().map(|key| copy.get(key)), [Some(&1), Some(&2), None]);
        assert_eq!((followed.held(), followed.iter().count()), (2, 2));
    }
}
