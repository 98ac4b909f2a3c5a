//! Ages of heartbeats in half their space, and what is done with whole tables of them.
//!
//! In a busy ring each node exchanges a beat of each with another once a second, and nearly every
//! one is newer here or there, at random. So these loops do the same for each row whatever stands
//! in it, without a branch, on four bytes: the compiler makes them take several rows at once.

use crate::base::time::Moment;

/// An age in four bytes: a bit that is never set, nine of incarnation, 22 of version. None where
/// more is needed. They are in order as ages are, and zero is zero.
#[inline(always)]
pub fn packed(age: u64) -> Option<u32> {
    let (incarnation, version) = (age >> 32, age as u32);
    let fits = incarnation < 1 << 9 && version < 1 << 22;
    fits.then_some((incarnation as u32) << 22 | version)
}

/// As numbers with a sign, which nothing packed has: processors compare several of those at once,
/// and not all of them do so with numbers that have none.
#[inline(always)]
fn is_newer(age: u32, other: u32) -> bool {
    age.cast_signed() > other.cast_signed()
}

#[inline(always)]
pub fn unpacked(packed: u32) -> u64 {
    u64::from(packed >> 22) << 32 | u64::from(packed & ((1 << 22) - 1))
}

/// What a beat adds to the sum of a list.
#[inline(always)]
pub fn share(weight: u32, age: u64) -> u32 {
    const OTHER: u32 = 0x9E37_79B9;
    let wide = |age: u64| (age as u32).wrapping_add(((age >> 32) as u32).wrapping_mul(OTHER));
    weight.wrapping_mul(packed(age).unwrap_or_else(|| wide(age)))
}

/// The sum of the shares of a table.
pub fn sum(weights: &[u32], ages: &[u32]) -> u32 {
    let shares = weights.iter().zip(ages).map(|(weight, age)| weight.wrapping_mul(*age));
    shares.fold(0, u32::wrapping_add)
}

/// How many rows are not zero.
pub fn count(rows: &[u32]) -> usize {
    rows.iter().map(|&row| u32::from(row != 0)).sum::<u32>() as usize
}

/// Appends, for each row, the age where it is newer than the other; zero elsewhere.
pub fn newer(ages: &[u32], others: &[u32], into: &mut Vec<u32>) {
    let pairs = ages.iter().zip(others);
    into.extend(pairs.map(|(&age, &other)| if is_newer(age, other) { age } else { 0 }));
}

/// Appends, for each row, all ones where the age is older than the other; zero elsewhere.
pub fn older(ages: &[u32], others: &[u32], into: &mut Vec<u32>) {
    let pairs = ages.iter().zip(others);
    into.extend(pairs.map(|(&age, &other)| u32::from(is_newer(other, age)).wrapping_neg()));
}

/// Appends the bits of each row that a mask has.
pub fn masked(rows: &[u32], mask: &[u32], into: &mut Vec<u32>) {
    into.extend(rows.iter().zip(mask).map(|(row, mask)| row & mask));
}

/// The sum of the rows' bits that a mask has.
pub fn masked_sum(rows: &[u32], mask: &[u32]) -> u32 {
    rows.iter().zip(mask).map(|(row, mask)| row & mask).fold(0, u32::wrapping_add)
}

/// Takes in what is newer, and sets the moments of those rows. Each row is written, whatever is in
/// it: of a write that depends on what is there the compiler makes a branch.
pub fn raise(ages: &mut [u32], newer: &[u32], moments: &mut [Moment], now: Moment) {
    for ((age, &newer), moment) in ages.iter_mut().zip(newer).zip(moments) {
        let mask = u32::from(is_newer(newer, *age)).wrapping_neg();
        *age = newer & mask | *age & !mask;
        moment.0 = now.0 & mask | moment.0 & !mask;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::Rng;
    use crate::base::time::Instant;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn what_is_packed_comes_out_again_and_keeps_its_order() {
        let ages = [0, 1, (1 << 22) - 1, 1 << 32, 1 << 32 | 7, 511 << 32 | ((1 << 22) - 1)];
        let all = ages.map(|age| packed(age).expect("it fits"));
        assert_eq!(all.map(unpacked), ages);
        assert!(all.is_sorted() && all[0] == 0);
        assert_eq!([1 << 22, 512 << 32, u64::MAX].map(packed), [None; 3]);
    }

    #[test]
    fn an_age_that_is_not_packed_has_a_share_as_well() {
        assert_eq!(share(3, 5), 15);
        let wide = [1 << 22, 512 << 32, 512 << 32 | 1, 1_024 << 32];
        let mut shares = wide.map(|age| share(3, age));
        shares.sort();
        assert!(shares.windows(2).all(|pair| pair[0] != pair[1]) && shares[0] != 0);
    }

    /// Of more rows than are taken at once, and some that are left over.
    #[test]
    fn each_row_of_a_table_is_done_by_itself() {
        let mut rng = Rng::from_u64(3);
        for len in [0, 1, 7, 64, 133] {
            let mut drawn =
                |most: u64| -> Vec<u32> { (0..len).map(|_| rng.below(most) as u32).collect() };
            let (ages, others, weights) = (drawn(3), drawn(3), drawn(1 << 32));
            let (mut more, mut less, mut left) = (vec![9], vec![9], vec![9]);
            newer(&ages, &others, &mut more);
            older(&ages, &others, &mut less);
            masked(&ages, &less[1..], &mut left);
            let (early, now) = (Moment::default(), Moment::of(Instant(5_000_000)));
            let (mut raised, mut moments) = (ages.clone(), vec![early; len]);
            raise(&mut raised, &others, &mut moments, now);
            let mut counted = 0;
            for row in 0..len {
                let (age, other) = (ages[row], others[row]);
                assert_eq!(more[row + 1], if age > other { age } else { 0 });
                assert_eq!(less[row + 1], if age < other { u32::MAX } else { 0 });
                assert_eq!(left[row + 1], if age < other { age } else { 0 });
                assert_eq!(raised[row], age.max(other));
                assert_eq!(moments[row], if other > age { now } else { early });
                counted += usize::from(age != 0);
            }
            assert_eq!(count(&ages), counted);
            let shares = weights.iter().zip(&ages).map(|(&w, &age)| share(w, u64::from(age)));
            assert_eq!(sum(&weights, &ages), shares.fold(0, u32::wrapping_add));
            let wanted = weights.iter().zip(&less[1..]).filter(|(_, mask)| **mask != 0);
            let wanted = wanted.fold(0, |sum: u32, (weight, _)| sum.wrapping_add(*weight));
            assert_eq!(masked_sum(&weights, &less[1..]), wanted);
        }
    }
}
