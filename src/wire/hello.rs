//! The first message on a socket, from each side: who is there, and that it belongs.

use crate::base::id::NodeId;
use crate::wire::frame::array;
use crate::wire::names::{is_address, is_node_name};
use crate::wire::{ADDRESS_BYTES_MAX, DecodeError, FORMAT_VERSION, NODE_NAME_MAX, RingId, Secret};

/// Apart from that of frames, so that neither is taken for the other.
const MAGIC: [u8; 4] = *b"DYNH";
const FIXED_BYTES: usize = 4 + 2 + 16 + 4 + 8 + 16 + 1 + 2;
pub const HELLO_BYTES_MAX: usize = FIXED_BYTES + NODE_NAME_MAX + ADDRESS_BYTES_MAX;

#[derive(Clone, Debug)]
pub struct Hello {
    pub ring: RingId,
    pub node: NodeId,
    pub name: String,
    /// Where it takes connections; empty when it takes none.
    pub address: String,
    /// A digest of the settings that all nodes of a ring must share.
    pub settings: u64,
    pub secret: Secret,
}

impl Hello {
    /// # Panics
    /// When name or address are none that a node may have: who starts a node checks them.
    pub fn encode(&self) -> Vec<u8> {
        assert!(is_node_name(&self.name) && is_address(&self.address), "checked at the start");
        let mut bytes = Vec::with_capacity(HELLO_BYTES_MAX);
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&FORMAT_VERSION.to_be_bytes());
        bytes.extend_from_slice(&self.ring.0);
        bytes.extend_from_slice(&self.node.0.to_be_bytes());
        bytes.extend_from_slice(&self.settings.to_be_bytes());
        bytes.extend_from_slice(self.secret.bytes());
        bytes.push(self.name.len() as u8);
        bytes.extend_from_slice(&(self.address.len() as u16).to_be_bytes());
        bytes.extend_from_slice(self.name.as_bytes());
        bytes.extend_from_slice(self.address.as_bytes());
        bytes
    }

    /// # Errors
    /// When the bytes are no hello, or more than one.
    pub fn decode(bytes: &[u8]) -> Result<Hello, DecodeError> {
        if bytes.len() > HELLO_BYTES_MAX {
            return Err(DecodeError::TooLong { found: bytes.len(), allowed: HELLO_BYTES_MAX });
        }
        let mut left = bytes;
        let truncated = |needed| DecodeError::Truncated { needed, found: bytes.len() };
        let mut take = |count| left.split_off(..count).ok_or(truncated(FIXED_BYTES));
        if take(4)? != MAGIC {
            return Err(DecodeError::WrongMagic);
        }
        let version = u16::from_be_bytes(array(take(2)?));
        if version != FORMAT_VERSION {
            return Err(DecodeError::OtherVersion { found: version });
        }
        let ring = RingId(array(take(16)?));
        let node = NodeId(u32::from_be_bytes(array(take(4)?)));
        let settings = u64::from_be_bytes(array(take(8)?));
        let secret = Secret::new(array(take(16)?));
        let name_bytes = usize::from(take(1)?[0]);
        let address_bytes = usize::from(u16::from_be_bytes(array(take(2)?)));
        let needed = FIXED_BYTES + name_bytes + address_bytes;
        let mut text = |count, field| {
            let bytes = left.split_off(..count).ok_or(truncated(needed))?;
            std::str::from_utf8(bytes).map_err(|_| DecodeError::BadField { field })
        };
        let (name, address) = (text(name_bytes, "name")?, text(address_bytes, "address")?);
        if !left.is_empty() {
            return Err(DecodeError::Trailing { extra: left.len() });
        }
        if !is_node_name(name) {
            return Err(DecodeError::BadField { field: "name" });
        }
        if !is_address(address) {
            return Err(DecodeError::BadField { field: "address" });
        }
        let (name, address) = (name.to_owned(), address.to_owned());
        Ok(Hello { ring, node, name, address, settings, secret })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::decode;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn hello() -> Hello {
        let (name, address) = ("Node_1".to_owned(), "ws://127.0.0.1:7001/x".to_owned());
        let (ring, secret) = (RingId([1; 16]), Secret::new([2; 16]));
        Hello { ring, node: NodeId(3), name, address, settings: 4, secret }
    }

    #[test]
    fn a_hello_says_all_it_was_given() {
        let bytes = hello().encode();
        let heard = Hello::decode(&bytes).expect("it is whole");
        assert_eq!((heard.ring, heard.node, heard.settings), (RingId([1; 16]), NodeId(3), 4));
        assert_eq!((&*heard.name, &*heard.address), ("Node_1", "ws://127.0.0.1:7001/x"));
        assert!(heard.secret.admits(&Secret::new([2; 16])));
        assert_eq!(heard.encode(), bytes);
    }

    #[test]
    fn a_hello_is_no_frame_and_neither_is_half_a_hello_a_hello() {
        let mut bytes = hello().encode();
        assert_eq!(decode(&bytes), Err(DecodeError::WrongMagic));
        for length in 0..bytes.len() {
            let refusal = Hello::decode(&bytes[..length]).expect_err("it is not whole");
            assert!(matches!(refusal, DecodeError::Truncated { found, .. } if found == length));
        }
        bytes.push(0);
        assert_eq!(Hello::decode(&bytes).err(), Some(DecodeError::Trailing { extra: 1 }));
        bytes[5] = 9;
        assert_eq!(Hello::decode(&bytes).err(), Some(DecodeError::OtherVersion { found: 9 }));
        let long = [0; HELLO_BYTES_MAX + 1];
        assert!(matches!(Hello::decode(&long), Err(DecodeError::TooLong { .. })));
    }

    #[test]
    fn a_name_or_an_address_that_no_node_may_have_is_refused() {
        let field = |old: &[u8], new: &[u8]| {
            let mut bytes = hello().encode();
            let at = bytes.windows(old.len()).position(|part| part == old).expect("it is there");
            bytes[at..at + new.len()].copy_from_slice(new);
            Hello::decode(&bytes).err()
        };
        assert_eq!(field(b"Node", b"No e"), Some(DecodeError::BadField { field: "name" }));
        assert_eq!(field(b"Node", &[0xff; 4]), Some(DecodeError::BadField { field: "name" }));
        assert_eq!(field(b"ws:", b"zs:"), Some(DecodeError::BadField { field: "address" }));
    }
}
