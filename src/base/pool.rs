//! Shared values whose memory is used again: a warm put or get allocates nothing.
//!
//! A [`Pooled`] is an `Rc` that goes back to a free list of its thread when the last holder lets
//! go of it. The list holds only wiped memory, so nothing that happens can depend on it.

use std::fmt;
use std::ops::Deref;
use std::rc::Rc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A type whose memory is worth keeping.
pub trait Recycle: Clone + Default + 'static {
    /// Forgets the content and keeps the capacity.
    fn wipe(&mut self);
    /// Runs `with` on this thread's free list; `None` when the thread is ending.
    fn with_free_list<R>(with: impl FnOnce(&mut FreeList<Self>) -> R) -> Option<R>;
}

/// Wiped memory, nobody else's.
pub type FreeList<T> = Vec<Rc<T>>;

/// How much of one type is kept free; what is more goes back to the allocator.
const FREE_MAX: usize = 4_096;

/// Gives a type its free list and its way of being wiped.
macro_rules! recycle {
    ($type:ty, $value:ident => $wipe:expr) => {
        impl $crate::base::pool::Recycle for $type {
            fn wipe(&mut self) {
                let $value = self;
                $wipe;
            }

            fn with_free_list<R>(
                with: impl FnOnce(&mut $crate::base::pool::FreeList<Self>) -> R,
            ) -> Option<R> {
                use std::cell::RefCell;
                thread_local! {
                    static FREE: RefCell<$crate::base::pool::FreeList<$type>> =
                        const { RefCell::new(Vec::new()) };
                }
                FREE.try_with(|free| with(&mut free.borrow_mut())).ok()
            }
        }
    };
}

pub(crate) use recycle;

/// A shared value. Cloning it is a pointer.
#[derive(Clone)]
pub struct Pooled<T: Recycle>(Option<Rc<T>>);

impl<T: Recycle> Pooled<T> {
    /// A value filled in by `fill`, which finds it wiped.
    pub fn build(fill: impl FnOnce(&mut T)) -> Pooled<T> {
        let free = T::with_free_list(Vec::pop).flatten();
        let mut value = free.unwrap_or_default();
        match Rc::get_mut(&mut value) {
            Some(own) => fill(own),
            None => unreachable!("what is on the free list is nobody else's"),
        }
        Pooled(Some(value))
    }

    /// To change the value: in place when nobody else holds it, else as a copy.
    pub fn make_mut(&mut self) -> &mut T {
        if Rc::get_mut(self.shared_mut()).is_none() {
            *self = Pooled::build(|copy: &mut T| copy.clone_from(self));
        }
        Rc::get_mut(self.shared_mut()).expect("it is held here alone")
    }

    pub fn is_same(&self, other: &Pooled<T>) -> bool {
        Rc::ptr_eq(self.shared(), other.shared())
    }

    #[cfg_attr(any(not(target_arch = "wasm32"), feature = "swarm"), inline(always))]
    fn shared(&self) -> &Rc<T> {
        self.0.as_ref().expect("it is empty only while it is dropped")
    }

    fn shared_mut(&mut self) -> &mut Rc<T> {
        self.0.as_mut().expect("it is empty only while it is dropped")
    }
}

impl<T: Recycle> From<T> for Pooled<T> {
    fn from(value: T) -> Pooled<T> {
        Pooled::build(|own| *own = value)
    }
}

impl<T: Recycle> Deref for Pooled<T> {
    type Target = T;

    // Read in two hundred places, each of which would check that it is not being dropped: the
    // modules that are to be small check in one.
    #[cfg_attr(any(not(target_arch = "wasm32"), feature = "swarm"), inline(always))]
    #[cfg_attr(all(target_arch = "wasm32", not(feature = "swarm")), inline(never))]
    fn deref(&self) -> &T {
        self.shared()
    }
}

impl<T: Recycle> Drop for Pooled<T> {
    // Mostly others hold the value too, and nothing is to be done.
    #[cfg_attr(any(not(target_arch = "wasm32"), feature = "swarm"), inline(always))]
    fn drop(&mut self) {
        if self.0.as_ref().is_some_and(|value| Rc::strong_count(value) == 1) {
            self.give_back();
        }
    }
}

impl<T: Recycle> Pooled<T> {
    /// The last holder lets go.
    #[inline(never)]
    fn give_back(&mut self) {
        let Some(mut value) = self.0.take() else { return };
        if let Some(last) = Rc::get_mut(&mut value) {
            last.wipe();
            T::with_free_list(|free| {
                if free.len() < FREE_MAX {
                    free.push(value);
                }
            });
        }
    }
}

impl<T: Recycle + PartialEq> PartialEq for Pooled<T> {
    fn eq(&self, other: &Pooled<T>) -> bool {
        self.is_same(other) || **self == **other
    }
}

impl<T: Recycle + Eq> Eq for Pooled<T> {}

impl<T: Recycle + fmt::Debug> fmt::Debug for Pooled<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: Recycle + Serialize> Serialize for Pooled<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(to)
    }
}

impl<'de, T: Recycle + Deserialize<'de>> Deserialize<'de> for Pooled<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Pooled<T>, D::Error> {
        T::deserialize(from).map(Pooled::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[derive(Clone, Debug, Default, PartialEq)]
    struct Words(Vec<u64>);

    recycle!(Words, words => words.0.clear());

    #[test]
    fn the_memory_of_the_last_holder_is_used_again() {
        let first = Pooled::<Words>::build(|words| words.0.extend([1, 2, 3]));
        let (other, memory) = (first.clone(), first.0.as_ref().map(Rc::as_ptr));
        drop(first);
        assert_eq!(other.0.as_deref(), Some(&Words(vec![1, 2, 3])), "somebody still holds it");
        drop(other);
        let again = Pooled::<Words>::build(|words| assert!(words.0.is_empty(), "it is wiped"));
        assert_eq!(again.0.as_ref().map(Rc::as_ptr), memory);
    }

    #[test]
    fn changing_what_others_hold_changes_a_copy() {
        let shared = Pooled::from(Words(vec![1]));
        let mut mine = shared.clone();
        mine.make_mut().0.push(2);
        assert_eq!(
            (shared.0.as_deref(), mine.0.as_deref()),
            (Some(&Words(vec![1])), Some(&Words(vec![1, 2])),)
        );
    }
}
