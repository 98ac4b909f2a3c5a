//! The client's library, where clients choose the coordinator (§6.4): a view of the ring, polled
//! from its nodes, and who did not answer. It is told what happens and says whom to ask; it asks
//! nobody itself.

use std::rc::Rc;

use smallvec::SmallVec;

use crate::base::blob::Key;
use crate::base::id::NodeId;
use crate::base::rng::Rng;
use crate::base::time::{Instant, Span};
use crate::data::view::{View, merged};

/// Nodes believed silent at a time; one more, and the one that was silent first is tried again.
pub const SILENT_MAX: usize = 64;

#[derive(Clone, Debug, Default)]
pub struct Library {
    view: Option<Rc<View>>,
    /// Who could not be reached, or did not answer in time, since the last poll that was due.
    silent: SmallVec<[NodeId; 2]>,
    /// The node that was asked for its view, and when.
    polled: Option<(NodeId, Instant)>,
}

/// What a client wants of the node that it chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    Read,
    /// With the node that its context names: the one that answered the preceding read fastest.
    Write(Option<NodeId>),
}

impl Library {
    /// What it knows of the ring; none before the first answer to a poll.
    pub fn view(&self) -> Option<&Rc<View>> {
        self.view.as_ref()
    }

    /// The node to ask about a key: for a read any home that it believes up, so that reads spread;
    /// for a write the home that the context names (§5), or else the first. While no home is
    /// believed up it is the next node clockwise. None when nobody is left, or no view is known.
    pub fn choose(&self, key: &Key, wish: Wish, rng: &mut Rng) -> Option<NodeId> {
        let ring = self.view.as_ref().map(|view| view.ring()).filter(|ring| ring.is_known())?;
        let partition = ring.partition_of(key.position());
        let is_up = |node: &NodeId| !self.silent.contains(node);
        let homes = || ring.homes(partition).iter().copied().filter(is_up);
        let chosen = match wish {
            Wish::Read => {
                let count = homes().count();
                if count > 0 { homes().nth(rng.index(count)) } else { None }
            }
            Wish::Write(reader) => homes().find(|&node| reader == Some(node)).or(homes().next()),
        };
        let may_stand_in = |node: &NodeId| is_up(node) && !ring.is_coming(partition, *node);
        chosen.or_else(|| ring.distinct_nodes(partition).find(may_stand_in))
    }

    /// Whether an answer shows that the view is stale: `first` is who held the key first by it, the
    /// reader of its context. A home answers for itself before it hears from any other.
    pub fn is_stale(&self, asked: NodeId, first: Option<NodeId>) -> bool {
        self.view.is_some() && first.is_some_and(|node| node != asked)
    }

    /// The node could not be reached, did not answer in time, or says that it is no member.
    pub fn on_silent(&mut self, node: NodeId) {
        self.polled.take_if(|(polled, _)| *polled == node);
        if self.silent.contains(&node) {
            return;
        }
        if self.silent.len() == SILENT_MAX {
            self.silent.remove(0);
        }
        self.silent.push(node);
    }

    /// A poll is due: whoever was silent may be back.
    pub fn on_period(&mut self) {
        self.silent.clear();
        // Except whoever did not answer the last poll.
        self.silent.extend(self.polled.map(|(node, _)| node));
    }

    /// Any of the members that it believes up, for its view. None when it knows none.
    pub fn to_poll(&self, rng: &mut Rng) -> Option<NodeId> {
        let members = || {
            let joined = self.view.iter().flat_map(|view| view.joined());
            joined.map(|member| member.node).filter(|node| !self.silent.contains(node))
        };
        let count = members().count();
        if count > 0 { members().nth(rng.index(count)) } else { None }
    }

    /// Whether it waits for a view, and has not waited too long.
    pub fn is_polling(&self, now: Instant, timeout: Span) -> bool {
        self.polled.is_some_and(|(_, asked_at)| now < asked_at + timeout)
    }

    pub fn on_polled(&mut self, node: NodeId, now: Instant) {
        self.polled = Some((node, now));
    }

    /// The node that was asked has no view to give, or no room for the question. Answers which.
    pub fn on_refused(&mut self) -> Option<NodeId> {
        self.polled.take().map(|(node, _)| node)
    }

    /// The answer to a poll. What the library knew stays known, where it is newer.
    pub fn on_view(&mut self, theirs: &Rc<View>) {
        self.polled = None;
        let known = self.view.as_ref().map(|mine| merged(mine, theirs));
        self.view = Some(known.unwrap_or_else(|| theirs.clone()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::partitioning::Partitioning;
    use crate::data::ring::Ring;
    use crate::data::view::Member;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    const NODES: u32 = 6;

    fn library() -> Library {
        let ring = Ring::new((0..NODES).map(NodeId).collect(), 3);
        let members = (0..NODES).map(|node| Member::ordinary(NodeId(node))).collect();
        let partitioning = Partitioning::Equal { partitions: NODES };
        let view = View::founded(partitioning, members, ring.token_owners(), 3);
        let mut library = Library::default();
        library.on_view(&Rc::new(view));
        library
    }

    fn homes(library: &Library, key: &Key) -> Vec<NodeId> {
        let ring = library.view().expect("it has one").ring();
        ring.homes(ring.partition_of(key.position())).to_vec()
    }

    fn rng() -> Rng {
        Rng::from_u64(7)
    }

    #[test]
    fn without_a_view_it_chooses_nobody() {
        let library = Library::default();
        assert_eq!(library.choose(&Key::new(b"k"), Wish::Read, &mut rng()), None);
        assert_eq!(library.to_poll(&mut rng()), None);
        assert!(!library.is_stale(NodeId(0), Some(NodeId(1))));
    }

    #[test]
    fn reads_spread_over_the_homes_and_writes_go_to_the_reader_or_the_first() {
        let (library, key, rng) = (library(), Key::new(b"k"), &mut rng());
        let homes = homes(&library, &key);
        let mut read: Vec<_> =
            (0..100).filter_map(|_| library.choose(&key, Wish::Read, rng)).collect();
        read.sort();
        read.dedup();
        let mut sorted = homes.clone();
        sorted.sort();
        assert_eq!(read, sorted);
        let mut write = |reader| library.choose(&key, Wish::Write(reader), rng);
        assert_eq!(write(None), Some(homes[0]));
        assert_eq!(write(Some(homes[2])), Some(homes[2]));
        let stranger = (0..NODES).map(NodeId).find(|node| !homes.contains(node));
        assert_eq!(write(stranger), Some(homes[0]), "it is no home");
    }

    #[test]
    fn who_is_silent_is_passed_over_until_a_poll_is_due() {
        let (mut library, key, rng) = (library(), Key::new(b"k"), &mut rng());
        let homes = homes(&library, &key);
        let first = |library: &Library, rng: &mut Rng| {
            library.choose(&key, Wish::Write(None), rng).expect("somebody is left")
        };
        library.on_silent(homes[0]);
        assert_eq!(first(&library, rng), homes[1]);
        assert!((0..100).all(|_| library.to_poll(rng) != Some(homes[0])));
        homes.iter().for_each(|&home| library.on_silent(home));
        assert!(!homes.contains(&first(&library, rng)), "a node past the homes stands in");
        (0..NODES).for_each(|node| library.on_silent(NodeId(node)));
        assert_eq!(library.choose(&key, Wish::Read, rng), None);
        library.on_period();
        assert_eq!(first(&library, rng), homes[0]);
    }

    #[test]
    fn the_table_of_the_silent_is_bounded() {
        let mut library = library();
        (0..1_000).for_each(|node| library.on_silent(NodeId(node)));
        assert_eq!(library.silent.len(), SILENT_MAX);
        assert!(library.silent.contains(&NodeId(999)), "the newest is known");
    }

    #[test]
    fn one_poll_is_under_way_until_it_is_answered_or_takes_too_long() {
        let (mut library, timeout) = (library(), Span(10));
        library.on_polled(NodeId(3), Instant(100));
        assert!(library.is_polling(Instant(109), timeout));
        assert!(!library.is_polling(Instant(110), timeout));
        library.on_silent(NodeId(2));
        assert!(library.is_polling(Instant(101), timeout), "that was another");
        library.on_silent(NodeId(3));
        assert!(!library.is_polling(Instant(101), timeout));
    }

    #[test]
    fn an_answer_that_began_elsewhere_shows_a_stale_view() {
        let library = library();
        assert!(!library.is_stale(NodeId(1), Some(NodeId(1))));
        assert!(!library.is_stale(NodeId(1), None), "it does not say");
        assert!(library.is_stale(NodeId(1), Some(NodeId(2))));
    }
}
