//! Time as a value. A node never asks for the time; it is told.
//!
//! [`Instant`] is a node's monotonic time and drives every timer. [`WallTime`] is what a clock on
//! the wall would say; it may be skewed or jump, so it stamps what people read and nothing else.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};

use serde::{Deserialize, Serialize};

/// A length of time in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub u64);

impl Span {
    pub const ZERO: Span = Span(0);

    pub const fn from_ms(ms: u64) -> Span {
        Span(ms * 1_000_000)
    }

    /// Fractions of a millisecond, rounded to the nearest nanosecond. Negative counts as zero.
    pub fn from_ms_f64(ms: f64) -> Span {
        Span((ms * 1e6 + 0.5) as u64)
    }

    pub fn as_ms_f64(self) -> f64 {
        self.0 as f64 / 1e6
    }
}

impl fmt::Display for Span {
    /// In milliseconds, with as many digits as it takes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / 1_000_000, self.0 % 1_000_000);
        match rest {
            0 => f.pad(&format!("{whole}")),
            rest => f.pad(format!("{whole}.{rest:06}").trim_end_matches('0')),
        }
    }
}

/// A moment of monotonic time: nanoseconds since the world, or the host, began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(pub u64);

impl Instant {
    pub const ZERO: Instant = Instant(0);

    pub fn from_ms_f64(ms: f64) -> Instant {
        Instant::ZERO + Span::from_ms_f64(ms)
    }

    pub fn as_ms_f64(self) -> f64 {
        self.0 as f64 / 1e6
    }
}

impl fmt::Display for Instant {
    /// In milliseconds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Span(self.0), f)
    }
}

impl Add<Span> for Instant {
    type Output = Instant;
    /// Saturates: a deadline past the end of time is never reached, which is what it means.
    #[inline(always)]
    fn add(self, span: Span) -> Instant {
        Instant(self.0.saturating_add(span.0))
    }
}

impl Add for Span {
    type Output = Span;
    /// Saturates, as a deadline does.
    fn add(self, other: Span) -> Span {
        Span(self.0.saturating_add(other.0))
    }
}

impl AddAssign<Span> for Instant {
    fn add_assign(&mut self, span: Span) {
        *self = *self + span;
    }
}

impl Sub for Instant {
    type Output = Span;
    /// Zero when `earlier` is in fact later.
    #[inline(always)]
    fn sub(self, earlier: Instant) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

/// An instant to the millisecond, in half the space, for tables that have millions of them. It goes
/// round, so it can only be asked how long ago it was, and of no more than 24 days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment(pub u32);

impl Moment {
    #[inline(always)]
    pub fn of(now: Instant) -> Moment {
        Moment((now.0 / Span::from_ms(1).0) as u32)
    }

    /// How long ago it was; nothing when it is yet to come.
    #[inline(always)]
    pub fn ago(self, now: Instant) -> Span {
        Span::from_ms(u64::from(self.ms_before(Moment::of(now))))
    }

    #[inline(always)]
    pub fn ms_before(self, now: Moment) -> u32 {
        now.0.wrapping_sub(self.0).cast_signed().max(0).cast_unsigned()
    }
}

/// What a node's own clock on the wall says, in nanoseconds since an agreed epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct WallTime(pub i64);

/// The time a node is told with every input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    pub monotonic: Instant,
    pub wall: WallTime,
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn fractions_of_a_millisecond_round_to_the_nearest_nanosecond() {
        assert_eq!(Span::from_ms_f64(0.0000004), Span(0));
        assert_eq!(Span::from_ms_f64(0.0000006), Span(1));
        assert_eq!(Span::from_ms_f64(1.5), Span(1_500_000));
    }

    #[test]
    fn a_time_is_written_in_milliseconds_as_its_number_is() {
        for nanoseconds in [0, 1, 1_000_000, 1_500_000, 36_000_000_000_001, 12_345_678_900] {
            let span = Span(nanoseconds);
            assert_eq!(span.to_string(), span.as_ms_f64().to_string());
        }
        assert_eq!(format!("{:>5}", Instant(2_500_000)), "  2.5");
    }

    #[test]
    fn a_moment_knows_how_long_ago_it_was_although_it_goes_round() {
        let day = Span::from_ms(86_400_000).0;
        for at in [0, 1_999_999, 49 * day, 50 * day, 1_000 * day] {
            let moment = Moment::of(Instant(at));
            assert_eq!(moment.ago(Instant(at + 2_000_000)), Span::from_ms(2));
            assert_eq!(moment.ago(Instant(at + 24 * day)), Span(24 * day));
            assert_eq!(moment.ago(Instant(at)), Span(0));
        }
        assert_eq!(Moment::of(Instant(day)).ago(Instant(0)), Span(0));
    }

    #[test]
    fn a_deadline_past_the_end_of_time_saturates() {
        assert_eq!(Instant(u64::MAX) + Span(1), Instant(u64::MAX));
        assert_eq!(Instant(1) - Instant(2), Span::ZERO);
    }
}
