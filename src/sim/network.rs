//! The network between nodes: how long a message takes, and whether it comes at all.

use crate::base::id::NodeId;
use crate::base::rng::{Probability, Rng};
use crate::base::time::{Instant, Span};
use crate::sim::command::NetworkChange;
use crate::sim::setup::Network;

/// The links as they are now.
#[derive(Clone, Debug)]
pub struct Links {
    usual: Network,
    now: Network,
    cuts: Vec<Cut>,
    /// Each with its end; those that are over go when another comes.
    clogs: Vec<(Cut, Instant)>,
    rng: Rng,
    /// Drawn from only while bytes are damaged.
    damage_rng: Rng,
}

/// Nothing passes from one set of nodes to the other; nor back, unless it is one-way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    from: Box<[bool]>,
    to: Box<[bool]>,
    pub one_way: bool,
}

/// What becomes of one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fate {
    pub taken: Span,
    /// How long its duplicate takes, where there is one.
    pub again: Option<Span>,
    /// Why it never arrives, if so; `taken` then says how long it would have taken.
    pub lost: Option<Loss>,
}

/// Where a message ended instead of at its destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// The network dropped it.
    Dropped,
    /// It ran into a cut.
    Cut,
    /// Nobody was there to receive it.
    DestinationDown,
    /// The queue of the destination, which was paused or at work, was full.
    QueueFull,
    /// Some of its bytes were damaged or missing, and its destination refused the frame.
    Damaged,
}

impl Cut {
    /// Between these of so many nodes.
    pub fn between(members: usize, from: &[NodeId], to: &[NodeId], one_way: bool) -> Cut {
        let set =
            |side: &[NodeId]| (0..members as u32).map(|n| side.contains(&NodeId(n))).collect();
        Cut { from: set(from), to: set(to), one_way }
    }

    pub fn from(&self) -> impl Iterator<Item = NodeId> + '_ {
        nodes(&self.from)
    }

    pub fn to(&self) -> impl Iterator<Item = NodeId> + '_ {
        nodes(&self.to)
    }

    fn stops(&self, from: NodeId, to: NodeId) -> bool {
        // Who joined after the cut was made is on neither side of it.
        let is_in = |set: &[bool], node: NodeId| set.get(node.index()).is_some_and(|&is_in| is_in);
        let stops = |from, to| is_in(&self.from, from) && is_in(&self.to, to);
        stops(from, to) || !self.one_way && stops(to, from)
    }
}

fn nodes(set: &[bool]) -> impl Iterator<Item = NodeId> + '_ {
    (0..).map(NodeId).zip(set).filter(|&(_, &is_in)| is_in).map(|(node, _)| node)
}

impl Links {
    /// Chance decides what becomes of messages, and apart from that whose bytes are damaged.
    pub fn new(network: Network, rng: Rng, damage_rng: Rng) -> Links {
        let (cuts, clogs) = (Vec::new(), Vec::new());
        Links { usual: network, now: network, cuts, clogs, rng, damage_rng }
    }

    /// Draws a message's fate. The draws are the same whatever the faults, so that switching one
    /// on does not shift what the others do.
    pub fn route(&mut self, now: Instant, from: NodeId, to: NodeId, slowness: f64) -> Fate {
        let held = self.held(now, from, to);
        let taken = held + self.draw_latency(slowness);
        let is_dropped = self.rng.chance(self.now.loss);
        let is_doubled = self.rng.chance(self.now.duplicate);
        let is_damaged =
            self.now.corrupt != Probability::NEVER && self.damage_rng.chance(self.now.corrupt);
        let lost = if self.cuts.iter().any(|cut| cut.stops(from, to)) {
            Some(Loss::Cut)
        } else {
            is_dropped.then_some(Loss::Dropped).or(is_damaged.then_some(Loss::Damaged))
        };
        let is_doubled = is_doubled && lost.is_none();
        let again = is_doubled.then(|| held + self.draw_latency(slowness));
        Fate { taken, again, lost }
    }

    /// How long what is sent now is held by clogs before it goes on its way.
    fn held(&self, now: Instant, from: NodeId, to: NodeId) -> Span {
        let holding = self.clogs.iter().filter(|(link, _)| link.stops(from, to));
        holding.map(|&(_, until)| until - now).max().unwrap_or_default()
    }

    pub fn clog(&mut self, link: Cut, now: Instant, until: Instant) {
        self.clogs.retain(|&(_, until)| until > now);
        self.clogs.push((link, until));
    }

    pub fn cut(&mut self, cut: Cut) {
        if !self.cuts.contains(&cut) {
            self.cuts.push(cut);
        }
    }

    pub fn cuts(&self) -> &[Cut] {
        &self.cuts
    }

    pub fn change(&mut self, change: NetworkChange) {
        let now = &mut self.now;
        now.latency = change.latency.unwrap_or(now.latency);
        now.loss = change.loss.unwrap_or(now.loss);
        now.duplicate = change.duplicate.unwrap_or(now.duplicate);
        now.corrupt = change.corrupt.unwrap_or(now.corrupt);
    }

    /// Ends cuts, clogs, loss, duplication and damage; what a clog holds already stays held.
    /// Latency is how things are, not a fault, and returns to what the world began with.
    pub fn heal(&mut self) {
        self.cuts.clear();
        self.clogs.clear();
        self.now = Network { latency: self.usual.latency, ..Network::default() };
    }

    fn draw_latency(&mut self, slowness: f64) -> Span {
        let (low, high) = self.now.latency;
        let drawn = self.rng.span(low, high);
        if slowness == 1.0 { drawn } else { stretched(drawn, slowness) }
    }
}

/// Apart, lest each message be converted to a float and back in case its machine is slow.
#[cold]
#[inline(never)]
fn stretched(span: Span, slowness: f64) -> Span {
    Span((span.0 as f64 * slowness) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    const A: NodeId = NodeId(0);
    const B: NodeId = NodeId(1);
    const NOW: Instant = Instant::ZERO;

    fn links() -> Links {
        let latency = (Span::from_ms(1), Span::from_ms(10));
        let (loss, duplicate) = (Probability::NEVER, Probability::NEVER);
        let network = Network { latency, loss, duplicate, ..Network::default() };
        Links::new(network, Rng::from_u64(3), Rng::from_u64(4))
    }

    #[test]
    fn a_one_way_cut_stops_one_direction_and_a_cut_stops_both() {
        let mut links = links();
        links.cut(Cut::between(2, &[A], &[B], true));
        assert_eq!(links.route(NOW, A, B, 1.0).lost, Some(Loss::Cut));
        assert_eq!(links.route(NOW, B, A, 1.0).lost, None);
        links.cut(Cut::between(2, &[A], &[B], false));
        assert_eq!(links.route(NOW, B, A, 1.0).lost, Some(Loss::Cut));
        links.heal();
        assert_eq!(links.route(NOW, A, B, 1.0).lost, None);
    }

    #[test]
    fn latency_stays_within_its_bounds() {
        let mut links = links();
        for _ in 0..1000 {
            let taken = links.route(NOW, A, B, 1.0).taken;
            assert!((Span::from_ms(1)..=Span::from_ms(10)).contains(&taken));
        }
    }

    #[test]
    fn a_switched_on_cut_does_not_shift_what_later_messages_draw() {
        let (mut plain, mut cut) = (links(), links());
        cut.cut(Cut::between(2, &[A], &[B], false));
        plain.route(NOW, A, B, 1.0);
        cut.route(NOW, A, B, 1.0);
        cut.heal();
        assert_eq!(plain.route(NOW, A, B, 1.0), cut.route(NOW, A, B, 1.0));
    }

    #[test]
    fn damage_costs_a_message_its_life_and_shifts_nothing_else() {
        let (mut plain, mut damaging) = (links(), links());
        let corrupt = Some(Probability::from_f64(1.0));
        damaging.change(NetworkChange { corrupt, ..NetworkChange::default() });
        let (whole, damaged) = (plain.route(NOW, A, B, 1.0), damaging.route(NOW, A, B, 1.0));
        assert_eq!((whole.lost, damaged.lost), (None, Some(Loss::Damaged)));
        assert_eq!(whole.taken, damaged.taken);
        damaging.heal();
        assert_eq!(plain.route(NOW, A, B, 1.0), damaging.route(NOW, A, B, 1.0));
    }

    #[test]
    fn a_duplicate_is_a_second_copy_with_its_own_delay() {
        let mut links = links();
        let duplicate = Some(Probability::from_f64(1.0));
        links.change(NetworkChange { duplicate, ..NetworkChange::default() });
        assert!(links.route(NOW, A, B, 1.0).again.is_some());
    }

    #[test]
    fn a_clog_holds_what_is_sent_until_it_ends_and_the_longest_counts() {
        let (mut links, mut plain) = (links(), links());
        let link = |one_way| Cut::between(2, &[A], &[B], one_way);
        let at = |ms| Instant::ZERO + Span::from_ms(ms);
        links.clog(link(true), at(0), at(500));
        links.clog(link(false), at(0), at(200));
        let mut held = |now, from, to| {
            let (clogged, usual) =
                (links.route(now, from, to, 1.0), plain.route(now, from, to, 1.0));
            Span(clogged.taken.0 - usual.taken.0)
        };
        assert_eq!(held(at(100), A, B), Span::from_ms(400));
        assert_eq!(held(at(100), B, A), Span::from_ms(100));
        assert_eq!(held(at(300), B, A), Span::ZERO);
        assert_eq!(held(at(500), A, B), Span::ZERO);
    }
}
