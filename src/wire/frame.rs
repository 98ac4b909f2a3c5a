//! A message on its way: who sends it to whom in which ring, and the message.

use crate::base::digest::md5_of;
use crate::base::id::NodeId;
use crate::data::version::Siblings;
use crate::protocol::message::Message;
use crate::wire::body::{append, read};
use crate::wire::{DecodeError, FORMAT_VERSION, RingId, TooLong};

/// A whole frame, header and body: a value of 1 MiB, its key, clocks and metadata, and some room.
pub const FRAME_BYTES_MAX: usize = 5 << 18;
pub const HEADER_BYTES: usize = 38;
/// The end of the header: the first bytes of the MD5 of all the rest of the frame.
const CHECK_BYTES: usize = 4;

/// A record as large as may be stored travels with its key and all else that a message says.
const _: () = assert!(Siblings::BYTES_MAX + HEADER_BYTES + (1 << 16) <= FRAME_BYTES_MAX);

pub(super) const MAGIC: [u8; 4] = *b"DYNF";

#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    pub ring: RingId,
    pub from: NodeId,
    pub to: NodeId,
    pub message: Message,
}

/// What is known of a frame before its body is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    pub ring: RingId,
    pub from: NodeId,
    pub to: NodeId,
    pub body_bytes: usize,
}

/// Appends the frame to a packet.
///
/// # Errors
/// When it would be longer than [`FRAME_BYTES_MAX`]; the packet is then as it was.
pub fn encode(frame: &Frame, into: &mut Vec<u8>) -> Result<(), TooLong> {
    let begun = into.len();
    into.extend_from_slice(&MAGIC);
    into.extend_from_slice(&FORMAT_VERSION.to_be_bytes());
    into.extend_from_slice(&frame.ring.0);
    into.extend_from_slice(&frame.from.0.to_be_bytes());
    into.extend_from_slice(&frame.to.0.to_be_bytes());
    into.extend_from_slice(&[0; 4 + CHECK_BYTES]);
    if let Err(too_long) = append(&frame.message, into, FRAME_BYTES_MAX - HEADER_BYTES) {
        into.truncate(begun);
        return Err(too_long);
    }
    seal(&mut into[begun..]);
    Ok(())
}

/// Writes into a frame's header what its body is: the length and the check.
pub fn seal(frame: &mut [u8]) {
    let body_bytes = (frame.len() - HEADER_BYTES) as u32;
    let length_at = HEADER_BYTES - CHECK_BYTES - 4;
    frame[length_at..][..4].copy_from_slice(&body_bytes.to_be_bytes());
    let check = check_of(frame);
    frame[HEADER_BYTES - CHECK_BYTES..][..CHECK_BYTES].copy_from_slice(&check);
}

/// The check that belongs into a whole frame.
fn check_of(frame: &[u8]) -> [u8; CHECK_BYTES] {
    let (header, body) = frame.split_at(HEADER_BYTES);
    array(&md5_of(&[&header[..HEADER_BYTES - CHECK_BYTES], body])[..CHECK_BYTES])
}

/// The first frame of a packet, its header read and its body not, and the bytes after it. An empty
/// packet is truncated: stop before it.
///
/// # Errors
/// When no frame begins here, or not all of it is here, or not as it was sent.
pub fn split(bytes: &[u8]) -> Result<(Header, &[u8], &[u8]), DecodeError> {
    let mut left = bytes;
    let truncated = |needed| DecodeError::Truncated { needed, found: bytes.len() };
    let mut take = |count| left.split_off(..count).ok_or(truncated(HEADER_BYTES));
    if take(4)? != MAGIC {
        return Err(DecodeError::WrongMagic);
    }
    let version = u16::from_be_bytes(array(take(2)?));
    if version != FORMAT_VERSION {
        return Err(DecodeError::OtherVersion { found: version });
    }
    let ring = RingId(array(take(16)?));
    let from = NodeId(u32::from_be_bytes(array(take(4)?)));
    let to = NodeId(u32::from_be_bytes(array(take(4)?)));
    let body_bytes = u32::from_be_bytes(array(take(4)?)) as usize;
    let check: [u8; CHECK_BYTES] = array(take(CHECK_BYTES)?);
    let allowed = FRAME_BYTES_MAX - HEADER_BYTES;
    if body_bytes > allowed {
        return Err(DecodeError::TooLong { found: body_bytes, allowed });
    }
    let body = left.split_off(..body_bytes).ok_or(truncated(HEADER_BYTES + body_bytes))?;
    if check != check_of(&bytes[..HEADER_BYTES + body_bytes]) {
        return Err(DecodeError::Damaged);
    }
    Ok((Header { ring, from, to, body_bytes }, body, left))
}

/// The message in a frame's body.
///
/// # Errors
/// When it is none, or not as [`encode`] writes it.
pub fn decode_body(body: &[u8]) -> Result<Message, DecodeError> {
    read(body)
}

/// The first frame of a packet, and the bytes after it.
///
/// # Errors
/// As [`split`] and [`decode_body`].
pub fn decode(bytes: &[u8]) -> Result<(Frame, &[u8]), DecodeError> {
    let (Header { ring, from, to, .. }, body, rest) = split(bytes)?;
    let message = decode_body(body)?;
    Ok((Frame { ring, from, to, message }, rest))
}

pub(super) fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.try_into().expect("as many were taken as the number has")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::blob::Key;
    use crate::base::id::RequestId;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn frame(sequence: u32) -> Frame {
        let request = RequestId { life: 7, sequence };
        let message = Message::Fetch { request, key: Key::new(b"cart:ann"), stands_in_for: None };
        Frame { ring: RingId([9; 16]), from: NodeId(1), to: NodeId(u32::MAX), message }
    }

    fn packet() -> Vec<u8> {
        let mut packet = Vec::new();
        encode(&frame(1), &mut packet).expect("it is short");
        encode(&frame(2), &mut packet).expect("it is short");
        packet
    }

    #[test]
    fn the_frames_of_a_packet_come_out_as_they_went_in() {
        let packet = packet();
        let (first, rest) = decode(&packet).expect("it is whole");
        let (second, rest) = decode(rest).expect("it is whole");
        assert_eq!((first, second), (frame(1), frame(2)));
        assert!(rest.is_empty());
    }

    #[test]
    fn a_frame_cut_short_anywhere_is_truncated() {
        let packet = packet();
        let whole = packet.len() / 2;
        for length in 0..whole {
            let refusal = decode(&packet[..length]).expect_err("it is not whole");
            assert!(matches!(refusal, DecodeError::Truncated { found, .. } if found == length));
        }
        assert!(decode(&packet[..whole]).is_ok());
    }

    #[test]
    fn a_frame_with_any_one_bit_turned_is_refused() {
        let packet = packet();
        for bit in 0..packet.len() / 2 * 8 {
            let mut damaged = packet.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(decode(&damaged).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn a_message_too_long_for_a_frame_leaves_the_packet_as_it_was() {
        let mut packet = packet();
        let before = packet.clone();
        let request = RequestId::default();
        let key = Key::new(&vec![0; FRAME_BYTES_MAX]);
        let message = Message::Fetch { request, key, stands_in_for: None };
        assert_eq!(encode(&Frame { message, ..frame(3) }, &mut packet), Err(TooLong));
        assert_eq!(packet, before);
    }
}
