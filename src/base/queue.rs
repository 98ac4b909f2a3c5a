//! A queue whose copy is little code.

use std::collections::VecDeque;
use std::ops::{Deref, DerefMut};

/// The standard library's queue, but for its copy: theirs is 600 bytes of the module for each
/// type, and a world that is copied has a dozen types of queues.
#[derive(Debug)]
pub struct Queue<T>(VecDeque<T>);

impl<T: Clone> Clone for Queue<T> {
    fn clone(&self) -> Queue<T> {
        let mut items = Vec::with_capacity(self.len());
        for item in &self.0 {
            items.push(item.clone());
        }
        Queue(items.into())
    }
}

impl<T> Default for Queue<T> {
    fn default() -> Queue<T> {
        Queue(VecDeque::new())
    }
}

impl<T> Deref for Queue<T> {
    type Target = VecDeque<T>;

    #[inline]
    fn deref(&self) -> &VecDeque<T> {
        &self.0
    }
}

impl<T> DerefMut for Queue<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut VecDeque<T> {
        &mut self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn a_copy_has_the_same_in_the_same_order_also_once_it_went_around() {
        let mut queue = Queue::default();
        for round in 0..10 {
            queue.push_back(round);
            queue.push_back(round + 100);
            queue.pop_front();
            assert!(queue.clone().iter().eq(queue.iter()));
        }
    }
}
