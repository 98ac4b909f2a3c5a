//! Things under rising numbers that mostly end in the order in which they began.
//!
//! A queue with holes: finding one is an index, and nothing is allocated once it has grown.

use crate::base::queue::Queue;

#[derive(Clone, Debug)]
pub struct Numbered<T> {
    /// The first of them is there, unless there is none.
    items: Queue<Option<T>>,
    /// The number of that one.
    first: u64,
    live: usize,
}

impl<T> Default for Numbered<T> {
    fn default() -> Numbered<T> {
        Numbered::from(0)
    }
}

impl<T> Numbered<T> {
    /// Nothing yet; the first will have this number.
    pub fn from(first: u64) -> Numbered<T> {
        Numbered { items: Queue::default(), first, live: 0 }
    }

    pub fn len(&self) -> usize {
        self.live
    }

    pub fn is_empty(&self) -> bool {
        self.live == 0
    }

    /// How many numbers it spans, from the first that is left: what it takes in memory.
    pub fn span(&self) -> usize {
        self.items.len()
    }

    /// The number that the next one will have.
    pub fn next_number(&self) -> u64 {
        self.first + self.items.len() as u64
    }

    pub fn push(&mut self, item: T) {
        self.items.push_back(Some(item));
        self.live += 1;
    }

    pub fn get(&self, number: u64) -> Option<&T> {
        self.items.get(number.wrapping_sub(self.first) as usize)?.as_ref()
    }

    pub fn get_mut(&mut self, number: u64) -> Option<&mut T> {
        self.items.get_mut(number.wrapping_sub(self.first) as usize)?.as_mut()
    }

    pub fn has(&self, number: u64) -> bool {
        self.get(number).is_some()
    }

    pub fn take(&mut self, number: u64) -> Option<T> {
        let taken = self.items.get_mut(number.wrapping_sub(self.first) as usize)?.take()?;
        self.close_up();
        Some(taken)
    }

    /// [`Numbered::take`] of what nobody needs, without moving it. Answers whether it was there.
    pub fn end(&mut self, number: u64) -> bool {
        let slot = self.items.get_mut(number.wrapping_sub(self.first) as usize);
        let Some(slot) = slot.filter(|slot| slot.is_some()) else { return false };
        *slot = None;
        self.close_up();
        true
    }

    fn close_up(&mut self) {
        self.live -= 1;
        while self.items.front().is_some_and(Option::is_none) {
            // It is nothing, so nothing is dropped: else all of a large item would be copied first.
            std::mem::forget(self.items.pop_front());
            self.first += 1;
        }
    }

    /// The whole number of which these are the lower bits, of those that it spans.
    pub fn number_of(&self, low: u32) -> u64 {
        self.first + u64::from(low.wrapping_sub(self.first as u32))
    }

    /// In the order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &T)> {
        let numbered = (self.first..).zip(self.items.iter());
        numbered.filter_map(|(number, item)| Some((number, item.as_ref()?)))
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.items.iter_mut().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn numbers_stay_valid_when_others_end_out_of_order() {
        let mut all = Numbered::from(7);
        "abcd".chars().for_each(|item| all.push(item));
        assert!(all.end(8) && !all.end(8) && !all.end(99) && !all.end(6));
        assert_eq!((all.get(7), all.get(8), all.get(9)), (Some(&'a'), None, Some(&'c')));
        assert_eq!((all.len(), all.span()), (3, 4));
        assert_eq!((all.take(7), all.take(7)), (Some('a'), None));
        assert_eq!((all.len(), all.span(), all.next_number()), (2, 2, 11));
        assert!(all.iter().eq([(9, &'c'), (10, &'d')]));
    }

    #[test]
    fn a_number_is_found_by_its_lower_bits_also_past_their_end() {
        let mut all = Numbered::from(u64::from(u32::MAX));
        (0..3).for_each(|item| all.push(item));
        let found = [u32::MAX, 0, 1].map(|low| all.get(all.number_of(low)).copied());
        assert_eq!(found, [Some(0), Some(1), Some(2)]);
        assert_eq!(all.get(all.number_of(2)), None);
    }
}
