//! The journal: a node's writes, one after another, as bytes that survive.
//!
//! ```text
//!   header │ record │ record │ …        record = length (4) · check (4) · bytes
//! ```
//!
//! A kill may tear off the end anywhere. What is read is the longest run of whole records from the
//! beginning; the rest was never durable as a whole, so nothing that left the node stood on it.

use std::fmt;

use crate::base::digest::md5;
use crate::base::id::NodeId;
use crate::base::sabotage::{Fault, is_planted};
use crate::protocol::message::{Stored, Write};
use crate::wire::{self, RingId};

/// The first bytes of a journal: what it is, in which format, of which node of which ring.
const MAGIC: [u8; 8] = *b"DYNAMOJ1";
const HEADER_BYTES: usize = MAGIC.len() + 16 + 4;
const PREFIX_BYTES: usize = 8;
/// The longest record that is read or written.
const RECORD_BYTES_MAX: usize = 16 << 20;

/// What a journal says.
#[derive(Debug)]
pub struct Read {
    pub stored: Stored,
    /// So many bytes are good; what follows is torn and must be cut off before the next append.
    pub kept: usize,
}

/// A journal that cannot be used. It is left as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadJournal {
    /// The first bytes are not those of a journal of this format.
    NotAJournal,
    /// It belongs to another node, or to another ring, or to one with another secret.
    Alien,
    /// A record is whole and means nothing here: another build wrote it, or a fault did.
    Unreadable,
}

impl fmt::Display for BadJournal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            BadJournal::NotAJournal => "the journal is not one, or of another format",
            BadJournal::Alien => "the journal belongs to another node, ring or secret",
            BadJournal::Unreadable => "the journal has a record that this build cannot read",
        })
    }
}

impl std::error::Error for BadJournal {}

/// Writes the header of a new journal.
pub fn begin(ring: RingId, node: NodeId, into: &mut Vec<u8>) {
    into.extend_from_slice(&MAGIC);
    into.extend_from_slice(&ring.0);
    into.extend_from_slice(&node.0.to_be_bytes());
}

/// Appends one write as a record.
pub fn append(write: &Write, into: &mut Vec<u8>) {
    let start = into.len();
    into.extend_from_slice(&[0; PREFIX_BYTES]);
    wire::encode_write(write, into);
    let bytes = &into[start + PREFIX_BYTES..];
    assert!(bytes.len() <= RECORD_BYTES_MAX, "a record is bounded by the limits of the node");
    let (length, check) = ((bytes.len() as u32).to_le_bytes(), check(bytes));
    into[start..start + 4].copy_from_slice(&length);
    into[start + 4..start + PREFIX_BYTES].copy_from_slice(&check);
}

/// Reads a whole journal. One without a whole header holds nothing: it was torn while it began.
pub fn read(bytes: &[u8], ring: RingId, node: NodeId) -> Result<Read, BadJournal> {
    let mut expected = Vec::with_capacity(HEADER_BYTES);
    begin(ring, node, &mut expected);
    if bytes.len() < HEADER_BYTES {
        return match expected.starts_with(bytes) {
            true => Ok(Read { stored: Stored::default(), kept: 0 }),
            false => Err(BadJournal::NotAJournal),
        };
    }
    let (header, mut rest) = bytes.split_at(HEADER_BYTES);
    if !header.starts_with(&MAGIC) {
        return Err(BadJournal::NotAJournal);
    }
    if header != expected {
        return Err(BadJournal::Alien);
    }
    let mut stored = Stored::default();
    while let Some((body, after)) = record(rest) {
        stored.apply(wire::decode_write(body).map_err(|_| BadJournal::Unreadable)?);
        rest = after;
    }
    Ok(Read { stored, kept: bytes.len() - rest.len() })
}

/// The first record's bytes, and what comes after it; nothing where it is torn.
fn record(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (prefix, rest) = bytes.split_at_checked(PREFIX_BYTES)?;
    let length = u32::from_le_bytes([prefix[0], prefix[1], prefix[2], prefix[3]]) as usize;
    if length > RECORD_BYTES_MAX {
        return None;
    }
    if is_planted(Fault::TornRecordAccepted) && rest.len() < length {
        return Some((rest, &[]));
    }
    let (body, rest) = rest.split_at_checked(length)?;
    (check(body) == prefix[4..]).then_some((body, rest))
}

/// Four bytes of the MD5: it is here anyway, and finds torn records as well as any checksum.
fn check(bytes: &[u8]) -> [u8; 4] {
    let digest = md5(bytes);
    [digest[0], digest[1], digest[2], digest[3]]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::message::Identity;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    const RING: RingId = RingId([7; 16]);
    const ME: NodeId = NodeId(9);

    fn journal(incarnations: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        begin(RING, ME, &mut bytes);
        for incarnation in 1..=incarnations {
            let identity = Identity { incarnation, ..Identity::default() };
            append(&Write::Identity(identity), &mut bytes);
        }
        bytes
    }

    fn incarnation(bytes: &[u8]) -> Option<u32> {
        let read = read(bytes, RING, ME).expect("it is a journal");
        read.stored.identity.map(|identity| identity.incarnation)
    }

    #[test]
    fn every_prefix_gives_the_writes_that_are_whole_in_it_and_no_other() {
        let whole = journal(3);
        let ends: Vec<usize> = (0..=3).map(|records| journal(records).len()).collect();
        for cut in 0..=whole.len() {
            let read = read(&whole[..cut], RING, ME).expect("a prefix is a journal");
            let records = ends.iter().rposition(|&end| end <= cut);
            let expected = records.filter(|&records| records > 0).map(|records| records as u32);
            assert_eq!(read.stored.identity.map(|id| id.incarnation), expected, "cut at {cut}");
            assert_eq!(read.kept, records.map_or(0, |records| ends[records]));
        }
    }

    #[test]
    fn a_flipped_bit_ends_what_is_read_and_never_changes_it() {
        let whole = journal(3);
        let second = journal(1).len();
        for at in second..journal(2).len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x10;
            assert_eq!(incarnation(&damaged), Some(1), "flipped at {at}");
        }
    }

    #[test]
    fn a_journal_of_somebody_else_is_refused_and_so_is_anything_else() {
        let bytes = journal(1);
        assert_eq!(read(&bytes, RING, NodeId(8)).unwrap_err(), BadJournal::Alien);
        assert_eq!(read(&bytes, RingId([8; 16]), ME).unwrap_err(), BadJournal::Alien);
        assert_eq!(read(&[b'x'; 99], RING, ME).unwrap_err(), BadJournal::NotAJournal);
        assert_eq!(read(b"GIF89a", RING, ME).unwrap_err(), BadJournal::NotAJournal);
    }

    #[test]
    fn a_whole_record_that_means_nothing_is_refused_not_forgotten() {
        let mut bytes = journal(1);
        let nonsense = [0xff; 5];
        bytes.extend_from_slice(&(nonsense.len() as u32).to_le_bytes());
        bytes.extend_from_slice(&check(&nonsense));
        bytes.extend_from_slice(&nonsense);
        assert_eq!(read(&bytes, RING, ME).unwrap_err(), BadJournal::Unreadable);
    }
}
