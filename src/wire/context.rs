//! A context as text: what a get hands out and a put hands back, in a header or a file.

use std::fmt;

use base64ct::{Base64UrlUnpadded, Encoding};

use crate::base::blob::Key;
use crate::base::id::NodeId;
use crate::data::version::{Clock, Context};
use crate::wire::body::{append, read};
use crate::wire::frame::array;

/// Servers commonly take 16 KiB of headers, all together.
pub const CONTEXT_TEXT_MAX: usize = 13 << 10;

/// Rises when the encoding of what it holds changes.
const VERSION: u8 = 3;

/// Why a text is no context of the key. A put with it never began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContextError {
    TooLong {
        found: usize,
    },
    /// No context at all, or a damaged one.
    Mangled,
    OtherVersion {
        found: u8,
    },
    /// A good context, of another key.
    OtherKey,
}

impl fmt::Display for ContextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ContextError::TooLong { found } => {
                write!(f, "a context has at most {CONTEXT_TEXT_MAX} characters, and this {found}")
            }
            ContextError::Mangled => {
                f.write_str("this is no context: hand back what a get or a put gave, unchanged")
            }
            ContextError::OtherVersion { found } => {
                write!(f, "this context is of version {found}; this node reads version {VERSION}")
            }
            ContextError::OtherKey => f.write_str("this context is of another key"),
        }
    }
}

impl std::error::Error for ContextError {}

/// Base64url without padding: a version, the key's position, the clock and the reader.
pub fn context_to_text(context: &Context) -> String {
    let mut bytes = vec![VERSION];
    bytes.extend_from_slice(&context.key.position().0.to_be_bytes());
    append(&(&context.clock, context.reader), &mut bytes, usize::MAX)
        .expect("without a limit nothing is too long");
    Base64UrlUnpadded::encode_string(&bytes)
}

/// # Errors
/// When the text is no context of this key.
pub fn context_from_text(text: &str, key: &Key) -> Result<Context, ContextError> {
    if text.len() > CONTEXT_TEXT_MAX {
        return Err(ContextError::TooLong { found: text.len() });
    }
    let bytes = Base64UrlUnpadded::decode_vec(text).map_err(|_| ContextError::Mangled)?;
    let (&version, rest) = bytes.split_first().ok_or(ContextError::Mangled)?;
    if version != VERSION {
        return Err(ContextError::OtherVersion { found: version });
    }
    let (position, held) = rest.split_at_checked(16).ok_or(ContextError::Mangled)?;
    let (clock, reader): (Clock, Option<NodeId>) = read(held).map_err(|_| ContextError::Mangled)?;
    if u128::from_be_bytes(array(position)) != key.position().0 {
        return Err(ContextError::OtherKey);
    }
    Ok(Context { key: key.clone(), clock, reader })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::WallTime;
    use crate::data::version::{Actor, Dot};
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn text(key: &Key, entries: u32) -> String {
        let actor = |n| Actor { node: NodeId(u32::MAX - n), epoch: u32::MAX };
        let mut clock = Clock::default();
        for n in 0..entries {
            let dot = Dot { actor: actor(n), counter: Clock::COUNTER_MAX };
            clock.add(dot, WallTime(i64::MAX));
        }
        context_to_text(&Context { key: key.clone(), clock, reader: Some(NodeId(u32::MAX)) })
    }

    #[test]
    fn a_context_comes_back_for_its_own_key_alone() {
        let (ann, bob) = (Key::new(b"cart:ann"), Key::new(b"cart:bob"));
        let text = text(&ann, 2);
        let back = context_from_text(&text, &ann).expect("it is as it was given");
        assert_eq!(context_to_text(&back), text);
        assert_eq!(context_from_text(&text, &bob), Err(ContextError::OtherKey));
    }

    #[test]
    fn the_longest_clock_that_is_stored_makes_a_context_that_is_read() {
        let key = Key::new(b"k");
        let text = text(&key, Clock::ENTRIES_MAX as u32);
        assert!(text.len() <= CONTEXT_TEXT_MAX, "{}", text.len());
        assert!(context_from_text(&text, &key).is_ok());
    }

    #[test]
    fn what_is_no_context_is_refused_and_the_reason_is_told_apart() {
        let key = Key::new(b"k");
        let good = text(&key, 1);
        let of = |text: &str| context_from_text(text, &key).expect_err("it is no context");
        assert_eq!(of(""), ContextError::Mangled);
        assert_eq!(of("no context"), ContextError::Mangled);
        assert_eq!(of(&good[..good.len() - 1]), ContextError::Mangled);
        assert_eq!(of(&(good.clone() + "AAAA")), ContextError::Mangled);
        assert_eq!(of("BAAA"), ContextError::OtherVersion { found: 4 });
        let long = "A".repeat(CONTEXT_TEXT_MAX + 1);
        assert_eq!(of(&long), ContextError::TooLong { found: CONTEXT_TEXT_MAX + 1 });
    }
}
