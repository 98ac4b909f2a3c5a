//! How long things took: counts in slots that are about one percent wide, in integers.
//!
//! Log-linear: each doubling of the time has [`SLOTS`] slots of one width. So the memory is fixed
//! whatever is counted, and every engine says the same.

use crate::base::time::Span;

/// Times are counted in units of 1,024 nanoseconds.
const UNIT_BITS: u32 = 10;
const SLOT_BITS: u32 = 7;
/// Slots in each doubling: each is at most 1/128 of its times wide.
const SLOTS: u64 = 1 << SLOT_BITS;
/// More than an hour; what took longer counts there.
const UNITS_MAX: u64 = (1 << 32) - 1;

/// Counts of times. What was never counted takes no memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    slots: Vec<u32>,
    count: u64,
    sum: u64,
    max: Span,
}

impl Histogram {
    pub fn add(&mut self, took: Span) {
        let slot = slot_of((took.0 >> UNIT_BITS).min(UNITS_MAX));
        if self.slots.len() <= slot {
            self.slots.resize(slot + 1, 0);
        }
        self.slots[slot] = self.slots[slot].saturating_add(1);
        self.count += 1;
        self.sum = self.sum.saturating_add(took.0);
        self.max = self.max.max(took);
    }

    pub fn count(&self) -> u64 {
        self.count
    }

    /// Exact, to the nanosecond below; nothing when nothing was counted.
    pub fn mean(&self) -> Option<Span> {
        (self.count > 0).then(|| Span(self.sum / self.count.max(1)))
    }

    pub fn max(&self) -> Option<Span> {
        (self.count > 0).then_some(self.max)
    }

    /// The time that so many thousandths of a percent took at most: 99,900 is the 99.9th
    /// percentile. It is the upper end of its slot, so at most one percent too long.
    pub fn percentile(&self, thousandths: u64) -> Option<Span> {
        let wanted = u128::from(self.count) * u128::from(thousandths.min(100_000));
        let rank = wanted.div_ceil(100_000).max(1) as u64;
        let mut passed = 0;
        for (slot, &count) in self.slots.iter().enumerate() {
            passed += u64::from(count);
            if passed >= rank {
                return Some(Span((end_of(slot) << UNIT_BITS) - 1).min(self.max));
            }
        }
        None
    }
}

fn slot_of(units: u64) -> usize {
    // The first doublings are as wide as a unit.
    let shift = (u64::BITS - units.leading_zeros()).saturating_sub(SLOT_BITS + 1);
    (u64::from(shift) * SLOTS + (units >> shift)) as usize
}

/// The first unit past a slot.
fn end_of(slot: usize) -> u64 {
    let slot = slot as u64;
    let shift = (slot / SLOTS).saturating_sub(1);
    (slot - shift * SLOTS + 1) << shift
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::Rng;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn every_time_is_in_a_slot_about_one_percent_wide() {
        let mut rng = Rng::from_u64(5);
        for _ in 0..20_000 {
            let units = rng.next_u64() >> (32 + rng.index(32));
            let slot = slot_of(units);
            let begins = if slot == 0 { 0 } else { end_of(slot - 1) };
            assert!((begins..end_of(slot)).contains(&units), "{units} in slot {slot}");
            assert!((end_of(slot) - begins) * SLOTS <= begins.max(SLOTS), "slot {slot}");
        }
        assert!(slot_of(UNITS_MAX) < 27 * SLOTS as usize, "its memory is bounded");
    }

    #[test]
    fn percentiles_agree_with_the_sorted_times_within_one_percent() {
        let mut rng = Rng::from_u64(6);
        let time = |rng: &mut Rng| {
            let bits = 20 + rng.index(16);
            rng.below(1 << bits)
        };
        let mut times: Vec<u64> = (0..5_000).map(|_| time(&mut rng)).collect();
        let mut histogram = Histogram::default();
        times.iter().for_each(|&time| histogram.add(Span(time)));
        times.sort_unstable();
        for (thousandths, place) in [(50_000, 2_499), (99_000, 4_949), (99_900, 4_994)] {
            let told = histogram.percentile(thousandths).expect("there are times").0;
            let exact = times[place];
            assert!(told >= exact && told <= exact + exact / 100 + 2_048, "{told} for {exact}");
        }
        assert_eq!(histogram.percentile(100_000), Some(Span(times[4_999])));
        assert_eq!(histogram.max(), Some(Span(times[4_999])));
        assert_eq!(histogram.mean(), Some(Span(times.iter().sum::<u64>() / 5_000)));
    }

    #[test]
    fn of_nothing_there_is_no_mean_and_no_percentile() {
        let none = Histogram::default();
        assert_eq!((none.mean(), none.max(), none.percentile(99_000)), (None, None, None));
    }
}
