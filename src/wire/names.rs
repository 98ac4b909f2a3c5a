//! Rings and nodes by name, and the secret that a ring shares.

use std::fmt;
use std::hint::black_box;

use crate::base::digest::md5;
use crate::base::id::NodeId;

pub const RING_NAME_MAX: usize = 32;
pub const NODE_NAME_MAX: usize = 16;
pub const ADDRESS_BYTES_MAX: usize = 256;

/// `[a-z0-9-]{1,32}`.
pub fn is_ring_name(name: &str) -> bool {
    let is_allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
    (1..=RING_NAME_MAX).contains(&name.len()) && name.bytes().all(is_allowed)
}

/// `[A-Za-z0-9_-]{1,16}`.
pub fn is_node_name(name: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (1..=NODE_NAME_MAX).contains(&name.len()) && name.bytes().all(is_allowed)
}

/// Empty, where a node takes no connections, or the URL of a WebSocket.
pub fn is_address(address: &str) -> bool {
    let rest = address.strip_prefix("ws://").or_else(|| address.strip_prefix("wss://"));
    let is_url = |rest: &str| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_graphic());
    address.is_empty() || address.len() <= ADDRESS_BYTES_MAX && rest.is_some_and(is_url)
}

/// The number of a real node: the first four bytes of the MD5 of `ring/node`, sparse in 32 bits.
pub fn node_id(ring: &str, node: &str) -> NodeId {
    let [a, b, c, d, ..] = md5(&[ring.as_bytes(), b"/", node.as_bytes()].concat());
    NodeId(u32::from_be_bytes([a, b, c, d]))
}

/// Names a ring and its secret at once, without telling the secret: every frame carries it, so one
/// of another ring, or of a ring of that name with another secret, is refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct RingId(pub [u8; 16]);

impl RingId {
    pub fn of(ring: &str, secret: &Secret) -> RingId {
        let text = [ring.as_bytes(), b"\0", secret.to_hex().as_bytes()].concat();
        RingId(md5(&text))
    }
}

/// 128 random bits that all members of a ring share. It is never printed by accident.
#[derive(Clone, Copy)]
pub struct Secret([u8; 16]);

impl Secret {
    pub fn new(bytes: [u8; 16]) -> Secret {
        Secret(bytes)
    }

    pub fn bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// From 32 hexadecimal digits of either case.
    pub fn from_hex(text: &str) -> Option<Secret> {
        let digits = text.as_bytes();
        if digits.len() != 32 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        let mut bytes = [0; 16];
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
            let digit = |at: usize| (pair[at] as char).to_digit(16).map(|digit| digit as u8);
            *byte = digit(0)? << 4 | digit(1)?;
        }
        Some(Secret(bytes))
    }

    /// As 32 digits, in lower case.
    pub fn to_hex(&self) -> String {
        let digits = self.0.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        digits.filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect()
    }

    /// Whether the other is the same, in a time that does not tell where they differ.
    pub fn admits(&self, other: &Secret) -> bool {
        let differing = self.0.iter().zip(&other.0).fold(0, |bits, (a, b)| black_box(bits | a ^ b));
        differing == 0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(not shown)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn names_and_addresses_are_short_and_plain() {
        for name in ["a", "tea-room-2", &"z".repeat(32)] {
            assert!(is_ring_name(name), "{name}");
        }
        for name in ["", "Tea", "tea room", "tea/1", "té", &"z".repeat(33)] {
            assert!(!is_ring_name(name), "{name}");
        }
        assert!(is_node_name("Node_1-b") && !is_node_name("a.b") && !is_node_name(&"A".repeat(17)));
        for address in ["", "ws://127.0.0.1:7001/rings/tea/socket", "wss://host/x"] {
            assert!(is_address(address), "{address}");
        }
        for address in ["ws://", "http://host", "ws://a b", "ws://\u{e9}", "javascript:1"] {
            assert!(!is_address(address), "{address}");
        }
        assert!(!is_address(&format!("ws://{}", "a".repeat(252))));
    }

    #[test]
    fn a_secret_is_32_digits_admits_only_itself_and_is_not_printed() {
        let secret = Secret::from_hex("00112233445566778899AABBCCDDEEFF").expect("32 digits");
        assert_eq!(secret.to_hex(), "00112233445566778899aabbccddeeff");
        let mut other = *secret.bytes();
        assert!(secret.admits(&Secret::new(other)));
        other[15] ^= 1;
        assert!(!secret.admits(&Secret::new(other)));
        assert_eq!(format!("{secret:?}"), "Secret(not shown)");
        for text in ["", "00", &"0".repeat(33), &"g".repeat(32), &"é".repeat(16)] {
            assert!(Secret::from_hex(text).is_none(), "{text}");
        }
    }

    #[test]
    fn nodes_and_rings_are_numbered_by_the_hash_of_their_names() {
        let md5 = |text: &str| md5(text.as_bytes());
        assert_eq!(node_id("tea", "A").0.to_be_bytes(), md5("tea/A")[..4]);
        let digits = "00112233445566778899aabbccddeeff";
        let secret = Secret::from_hex(digits).expect("32 digits");
        assert_eq!(RingId::of("tea", &secret).0, md5(&format!("tea\0{digits}")));
        let other = Secret::new([0; 16]);
        assert_ne!(RingId::of("tea", &secret), RingId::of("tea", &other));
    }
}
