//! Saboteurs: faults planted on purpose, to prove that the harness finds faults.
//!
//! Each is one word at the line that it breaks: `is_planted(Fault::HintForgotten)`. Without the
//! feature `saboteurs` that is a constant `false` and leaves no trace; no build but that of
//! `tests/saboteurs` has it. What catches which fault stands in `tests/saboteurs/table.md`.

macro_rules! faults {
    ($($name:ident $paper:literal $does:literal)+) => {
        /// A fault that can be planted.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Fault {
            $(#[doc = concat!($does, " (", $paper, ").")] $name),+
        }

        #[cfg(feature = "saboteurs")]
        impl Fault {
            /// All of them, from the ring to the disk.
            pub const ALL: &[Fault] = &[$(Fault::$name),+];

            /// What it does, as the end of a sentence.
            pub fn does(self) -> &'static str {
                match self { $(Fault::$name => $does),+ }
            }

            /// The section of the paper that it breaks.
            pub fn paper(self) -> &'static str {
                match self { $(Fault::$name => $paper),+ }
            }
        }
    };
}

faults! {
    WalkSkipsANode "§4.3" "the walk round the ring leaves out the first node that it meets"
    RangeLosesItsEnd "§4.2" "the end of a range counts to the range behind it"
    DominanceInverted "§4.4" "a version yields to its ancestors, not to its descendants"
    SiblingsDropped "§4.4" "a merge forgets the versions beside the one that comes"
    AncestorsKept "§4.4" "a merge keeps what the version that comes replaces"
    TombstoneDropped "§4.4" "a merge leaves out deletes"
    ContextIgnored "§4.4" "a put takes no notice of its client's context"
    CounterReused "§4.4" "a new version has the counter of the last"
    FloorForgotten "§4.4" "who keeps no copy forgets the counter it has issued"
    EpochKept "§4.4" "who has lost its disk goes on under its old name"
    PutExecutedAgain "§5" "a put that is repeated is executed again"
    ReplicaSkipped "§4.3" "a coordinator leaves out one of the N replicas"
    WriteQuorumShort "§4.5" "a put is acknowledged with one answer fewer than W"
    ReadQuorumShort "§4.5" "a get is answered with one answer fewer than R"
    StandInCounted "§4.6" "what a stand-in answers counts in a strict quorum"
    AnswerCountedTwice "§4.5" "an answer that is delivered twice counts twice"
    TimeoutForgotten "§5" "a request that is out of time is dropped without an answer"
    ReadRepairDropped "§5" "a get that finds replicas stale does not mend them"
    HintForgotten "§4.6" "a stand-in says that it holds a hint, and does not"
    HintDeletedTooSoon "§4.6" "a hint is deleted when it is sent, not when its owner has it"
    HintNeverHandedOver "§4.6" "no hint is handed over"
    MerkleRootFlipped "§4.7" "a tree that is hashed again has a bit of its root flipped"
    MerkleLeafUnmarked "§4.7" "a record that changes does not mark its leaf"
    RootsTakenForEqual "§4.7" "hashes that differ are said to be equal"
    AskerIgnoresRecords "§4.7" "who asks for what differs does not store what it is sent"
    NothingMended "§4.7" "nobody stores what anti-entropy brings"
    ViewMergeTakesOlder "§4.8.1" "of two entries of a member a merge takes the older"
    LeaveForgotten "§4.8.1" "a merge of views takes no notice of who has left"
    ViewNotTold "§4.8.1" "who knows another view than its peer keeps it to itself"
    IncarnationNotRaised "§4.8.3" "a restarted node has its old incarnation"
    SuspicionClearedByTime "§4.8.3" "a node that did not answer is trusted again after a while"
    SuspicionForEver "§4.8.3" "a heartbeat does not end a suspicion"
    GiverForgetsTooSoon "§4.9" "a partition is passed on before its receiver has all of it"
    LateChangesNotSent "§4.9" "what changes while a partition moves is not sent again"
    ReceiverStoresNothing "§4.9" "a receiver confirms records that it has not stored"
    StrangerStores "§4.9" "a node that is no home of a key stores it all the same"
    TombstoneReapedTooSoon "§4.4" "one yes is enough to forget a tombstone"
    GraveIgnored "§4.4" "what was deleted and forgotten is taken in again"
    AcknowledgedBeforeFlush "§2.3" "what a node says leaves before its writes are durable"
    FlushLosesAWrite "§2.3" "a flush that succeeds has lost its first write"
    TornRecordAccepted "§2.3" "a journal's torn record is taken for a whole one"
}

#[cfg(all(feature = "saboteurs", target_arch = "wasm32"))]
compile_error!("a module that people load has no saboteurs");

/// Whether the fault is planted here and now. Never, without the feature `saboteurs`.
#[cfg(not(feature = "saboteurs"))]
#[inline(always)]
pub const fn is_planted(_: Fault) -> bool {
    false
}

#[cfg(feature = "saboteurs")]
mod planted {
    use std::cell::Cell;

    use super::Fault;

    thread_local! {
        static PLANTED: Cell<Option<Fault>> = const { Cell::new(None) };
    }

    /// Whether the fault is planted in this thread.
    pub fn is_planted(fault: Fault) -> bool {
        PLANTED.get() == Some(fault)
    }

    /// Does something with a fault planted in this thread, or with none.
    pub fn with<T>(fault: Option<Fault>, run: impl FnOnce() -> T) -> T {
        PLANTED.set(fault);
        let result = run();
        PLANTED.set(None);
        result
    }
}

#[cfg(feature = "saboteurs")]
pub use planted::{is_planted, with};
