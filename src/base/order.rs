//! Sorting where speed does not matter and the size of the module does.

use std::cmp::Ordering;

/// A stable sort whose code is there once for all types; the standard one is 9 KB for each.
pub fn sort_by<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    sort_as(items, &compare);
}

/// For each type once, in however many ways it is sorted.
fn sort_as<T>(items: &mut [T], compare: &dyn Fn(&T, &T) -> Ordering) {
    for (a, b) in swaps(items.len(), &|a, b| compare(&items[a], &items[b])) {
        items.swap(a, b);
    }
}

/// The same by what the items are.
pub fn sort<T: Ord>(items: &mut [T]) {
    sort_by(items, T::cmp);
}

/// The same by a key.
pub fn sort_by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    sort_by(items, |a, b| key(a).cmp(&key(b)));
}

/// What to exchange, one after the other, so that items come to stand in their order.
fn swaps(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<(usize, usize)> {
    let mut from = places(count, compare);
    let mut swaps = Vec::new();
    // Each cycle of the permutation is walked once; what is in its place points to itself.
    for start in 0..count {
        let mut hole = start;
        while from[hole] != start {
            let next = from[hole];
            swaps.push((hole, next));
            from[hole] = hole;
            hole = next;
        }
        from[hole] = hole;
    }
    swaps
}

/// Which item comes first, second and so on: runs are merged, and equals stay in their order.
fn places(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut places: Vec<usize> = (0..count).collect();
    let mut merged = Vec::with_capacity(count);
    let mut run = 1;
    while run < count {
        for pair in places.chunks(2 * run) {
            let (mut left, mut right) = pair.split_at(run.min(pair.len()));
            while let (&[a, ref left_rest @ ..], &[b, ref right_rest @ ..]) = (left, right) {
                if compare(a, b) == Ordering::Greater {
                    merged.push(b);
                    right = right_rest;
                } else {
                    merged.push(a);
                    left = left_rest;
                }
            }
            merged.extend_from_slice(left);
            merged.extend_from_slice(right);
        }
        std::mem::swap(&mut places, &mut merged);
        merged.clear();
        run *= 2;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::Rng;

    #[test]
    fn it_sorts_as_the_standard_library_does_and_keeps_equals_in_order() {
        let mut rng = Rng::from_u64(3);
        for count in 0..200 {
            let items: Vec<(usize, usize)> = (0..count).map(|i| (rng.index(40), i)).collect();
            let (mut ours, mut theirs) = (items.clone(), items);
            sort_by_key(&mut ours, |item| item.0);
            theirs.sort_by_key(|item| item.0);
            assert_eq!(ours, theirs);
        }
    }
}
