//! Admission control (§6.5): background work takes slices of what the foreground leaves. "The
//! admission controller constantly monitors the behavior of resource accesses while executing a
//! 'foreground' put/get operation", and "changes the number of slices that are available".
//!
//! ```text
//!   turn: up to `slices` steps at once ── all answered ─▶ rest, so long that background work is
//!   under way for `slices` of [`SLICES`] parts of the time ─▶ next turn
//! ```
//!
//! What is watched is how long clients waited for their answers, over a trailing window of a
//! minute. That its 99th percentile is above the bound is to say that more than one in a hundred
//! took longer: two counts tell it, exactly. A step that waits longer at another node is late too
//! ("request queue wait times"): clients of that node, whom nobody here sees, wait beside it.
//!
//! With all slices nothing rests and each task keeps to its own limits; there is always one slice,
//! so background work ends at last.

use crate::base::time::{Instant, Span};

/// Into so many slices time is divided.
pub const SLICES: u8 = 16;
/// The trailing window, "over the last 60 seconds", moves in so many steps.
const STEPS: usize = 6;
const STEP: Span = Span::from_ms(10_000);
/// How often it decides, so that what it did last can show first.
const EVERY: Span = Span::from_ms(1_000);
/// With fewer answers in the window it protects nobody: of these one in a hundred is two.
const ANSWERS_MIN: u32 = 200;
/// One in so many may be late.
const LATE_ONE_IN: u32 = 100;
/// While fewer than one in so many are, a slice is given back.
const SOUND_ONE_IN: u32 = 200;

/// The kinds of background work; they take turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    Handoff,
    Transfer,
    AntiEntropy,
}

const TASKS: [Task; 3] = [Task::Handoff, Task::Transfer, Task::AntiEntropy];

/// What was answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// Requests of clients.
    pub all: u32,
    /// Of these and of own steps, those that took longer than the bound.
    pub late: u32,
}

/// The number of slices has changed, by these answers of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    pub slices: u8,
    pub answers: Answers,
}

/// The controller of one node.
#[derive(Clone, Debug)]
pub struct Admission {
    /// How long 99 of 100 clients wait at most; none where it is switched off.
    bound: Option<Span>,
    slices: u8,
    window: [Answers; STEPS],
    /// The number of the step that is counted in.
    step: u64,
    decides_at: Instant,
    /// Steps of background work that may begin in the present turn.
    room: usize,
    /// When the turn began whose steps are not all answered.
    begun: Option<Instant>,
    rests_until: Option<Instant>,
    /// Whose turn comes first.
    first: usize,
}

impl Admission {
    pub fn new(bound: Option<Span>) -> Admission {
        Admission {
            bound,
            slices: SLICES,
            window: [Answers::default(); STEPS],
            step: 0,
            decides_at: Instant::ZERO,
            room: 0,
            begun: None,
            rests_until: None,
            first: 0,
        }
    }

    pub fn slices(&self) -> u8 {
        self.slices
    }

    /// Whether background work has all slices.
    pub fn is_open(&self) -> bool {
        self.slices == SLICES
    }

    /// What the window has, as of the last answer.
    pub fn answers(&self) -> Answers {
        self.window.iter().fold(Answers::default(), |sum, step| Answers {
            all: sum.all.saturating_add(step.all),
            late: sum.late.saturating_add(step.late),
        })
    }

    /// A client was answered, or told that its time is over.
    pub fn on_answer(&mut self, now: Instant, took: Span) -> Option<Change> {
        let bound = self.bound?;
        self.move_window(now);
        let step = &mut self.window[self.step as usize % STEPS];
        step.all = step.all.saturating_add(1);
        step.late = step.late.saturating_add(u32::from(took > bound));
        self.on_time(now)
    }

    /// Another has answered a step of background work.
    pub fn on_step_answered(&mut self, now: Instant, took: Span) -> Option<Change> {
        if took > self.bound? {
            self.move_window(now);
            let step = &mut self.window[self.step as usize % STEPS];
            step.late = step.late.saturating_add(1);
        }
        self.on_time(now)
    }

    /// Once a second: half the slices when too many are late, one more while hardly any is.
    pub fn on_time(&mut self, now: Instant) -> Option<Change> {
        if self.bound.is_none() || now < self.decides_at {
            return None;
        }
        self.decides_at = now + EVERY;
        self.move_window(now);
        let answers = self.answers();
        let is_sound = answers.late.saturating_mul(SOUND_ONE_IN) <= answers.all;
        let is_late = answers.late.saturating_mul(LATE_ONE_IN) > answers.all;
        let slices = match answers.all < ANSWERS_MIN {
            false if is_late => (self.slices / 2).max(1),
            false if !is_sound => self.slices,
            _ => (self.slices + 1).min(SLICES),
        };
        if slices == self.slices {
            return None;
        }
        self.slices = slices;
        if self.is_open() {
            (self.begun, self.rests_until) = (None, None);
        }
        Some(Change { slices, answers })
    }

    fn move_window(&mut self, now: Instant) {
        let step = now.0 / STEP.0;
        let passed = step.saturating_sub(self.step).min(STEPS as u64);
        for back in 0..passed {
            self.window[(step - back) as usize % STEPS] = Answers::default();
        }
        self.step = self.step.max(step);
    }

    /// When it wants to be asked again, though nothing may come: only while something waits.
    pub fn next_deadline(&self) -> Option<Instant> {
        if self.is_open() {
            return None;
        }
        let rest = self.rests_until.unwrap_or(self.decides_at);
        Some(rest.min(self.decides_at))
    }

    /// How many steps of background work may begin now.
    pub fn room(&self) -> usize {
        if self.is_open() { usize::MAX } else { self.room }
    }

    pub fn on_begun(&mut self, steps: usize) {
        self.room = self.room.saturating_sub(steps);
    }

    /// Nobody is waited for: the turn is over, if there was one. Says until when it rests then.
    pub fn on_quiet(&mut self, now: Instant) -> Option<Instant> {
        let took = now - self.begun.take()?;
        let (rest, work) = (u64::from(SLICES - self.slices), u64::from(self.slices));
        let until = now + Span(took.0.saturating_mul(rest) / work);
        self.rests_until = Some(until);
        self.rests_until
    }

    /// The next turn, with the order of its tasks, unless one is under way or it rests.
    pub fn open_turn(&mut self, now: Instant) -> Option<[Task; 3]> {
        if self.begun.is_some() || self.rests_until.is_some_and(|until| now < until) {
            return None;
        }
        self.rests_until = None;
        self.room = usize::from(self.slices);
        Some([0, 1, 2].map(|place| TASKS[(self.first + place) % TASKS.len()]))
    }

    /// What had its turn has used it or not.
    pub fn close_turn(&mut self, now: Instant) {
        if !self.is_open() && self.room < usize::from(self.slices) {
            self.begun = Some(now);
            self.first = (self.first + 1) % TASKS.len();
        }
        self.room = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    const BOUND: Span = Span::from_ms(50);

    fn at(ms: u64) -> Instant {
        Instant::ZERO + Span::from_ms(ms)
    }

    /// So many answers in each of `seconds`, of which so many are late; gives back the slices
    /// after each second.
    fn answered(admission: &mut Admission, from_s: u64, seconds: u64, late: u64) -> Vec<u8> {
        let mut slices = Vec::new();
        for second in from_s..from_s + seconds {
            for number in 0..100 {
                let took = if number >= 100 - late { Span(BOUND.0 + 1) } else { BOUND };
                admission.on_answer(at(1_000 * second + 10 * number), took);
            }
            slices.push(admission.slices());
        }
        slices
    }

    #[test]
    fn slices_are_halved_while_more_than_one_in_a_hundred_is_late_and_one_is_always_left() {
        let mut admission = Admission::new(Some(BOUND));
        assert_eq!(answered(&mut admission, 0, 8, 2), [16, 16, 8, 4, 2, 1, 1, 1]);
        assert_eq!(admission.answers(), Answers { all: 800, late: 16 });
    }

    #[test]
    fn just_one_in_a_hundred_may_be_late_and_is_no_reason_to_give_a_slice_back() {
        let mut admission = Admission::new(Some(BOUND));
        assert_eq!(answered(&mut admission, 0, 5, 1), [16; 5]);
        answered(&mut admission, 5, 5, 5);
        assert_eq!(admission.slices(), 1);
        // The old window is over; the first two seconds say too little.
        let mut steady = admission.clone();
        assert_eq!(answered(&mut steady, 100, 5, 1), [2, 3, 3, 3, 3]);
        assert_eq!(answered(&mut admission, 100, 5, 0), [2, 3, 4, 5, 6]);
    }

    #[test]
    fn what_was_late_a_minute_ago_is_forgotten_and_slices_come_back_one_by_one() {
        let mut admission = Admission::new(Some(BOUND));
        answered(&mut admission, 0, 10, 9);
        assert_eq!(admission.slices(), 1);
        let slices = answered(&mut admission, 10, 70, 0);
        assert_eq!(slices[..45], [1; 45], "90 of 5,000 are still too many");
        assert_eq!(slices.last(), Some(&SLICES));
        assert!(slices.windows(2).all(|pair| pair[1] - pair[0] <= 1), "{slices:?}");
    }

    #[test]
    fn where_hardly_anybody_asks_nobody_is_protected() {
        let mut admission = Admission::new(Some(BOUND));
        for number in 0..199 {
            admission.on_answer(at(20 * number), Span::from_ms(900));
        }
        assert!(admission.is_open() && admission.next_deadline().is_none());
        answered(&mut admission, 5, 5, 9);
        assert!(!admission.is_open());
        let mut now = at(120_000);
        while let Some(due) = admission.next_deadline() {
            now = now.max(due);
            admission.on_time(now);
            assert!(now < at(140_000), "it wakes until it is open again, and no longer");
        }
        assert!(admission.is_open());
    }

    #[test]
    fn a_turn_is_followed_by_a_rest_that_leaves_work_its_slices_of_the_time() {
        let mut admission = Admission::new(Some(BOUND));
        answered(&mut admission, 0, 4, 9);
        assert_eq!((admission.slices(), admission.room()), (4, 0), "outside a turn");
        let first = admission.open_turn(at(4_000)).expect("it is its turn");
        assert_eq!(admission.room(), 4);
        admission.on_begun(3);
        assert_eq!(admission.room(), 1);
        admission.close_turn(at(4_000));
        assert_eq!((admission.room(), admission.open_turn(at(4_005))), (0, None), "under way");
        assert_eq!(admission.on_quiet(at(4_010)), Some(at(4_040)), "10 ms of 40");
        assert!(admission.next_deadline() <= Some(at(4_040)), "it is woken");
        assert_eq!(admission.open_turn(at(4_039)), None, "it rests");
        let second = admission.open_turn(at(4_040)).expect("it has rested");
        assert_eq!((second[0], second[2]), (first[1], first[0]), "each task is first in turn");
        admission.close_turn(at(4_040));
        assert_eq!(admission.on_quiet(at(4_050)), None, "there was nothing to do");
        assert!(admission.open_turn(at(4_050)).is_some());
    }

    #[test]
    fn steps_that_wait_long_elsewhere_are_late_too_where_clients_ask() {
        let mut admission = Admission::new(Some(BOUND));
        let step = |admission: &mut Admission, took| admission.on_step_answered(at(2_000), took);
        (0..300).for_each(|_| _ = step(&mut admission, Span(BOUND.0 + 1)));
        assert!(admission.is_open(), "no client asks here");
        let mut admission = Admission::new(Some(BOUND));
        answered(&mut admission, 0, 2, 0);
        (0..300).for_each(|_| _ = step(&mut admission, BOUND));
        assert_eq!(admission.answers(), Answers { all: 200, late: 0 });
        (0..3).for_each(|_| _ = step(&mut admission, Span(BOUND.0 + 1)));
        let change = admission.on_time(at(3_000)).expect("3 of 200 are late");
        assert_eq!((change.slices, change.answers.late), (SLICES / 2, 3));
    }

    #[test]
    fn switched_off_it_leaves_background_work_alone() {
        let mut admission = Admission::new(None);
        assert_eq!(answered(&mut admission, 0, 10, 100), [SLICES; 10]);
        assert_eq!((admission.room(), admission.next_deadline()), (usize::MAX, None));
    }
}
