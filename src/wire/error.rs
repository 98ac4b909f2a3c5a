//! What is wrong with bytes that came in.

use std::fmt;

use crate::wire::{FORMAT_VERSION, FRAME_BYTES_MAX};

/// Why bytes are no frame, no hello or no write. Nothing was taken from them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// They begin with something else.
    WrongMagic,
    /// They are of another format.
    OtherVersion { found: u16 },
    /// They end before what they announce.
    Truncated { needed: usize, found: usize },
    /// They are not what was sent: their check says something else.
    Damaged,
    /// They announce more than is ever sent.
    TooLong { found: usize, allowed: usize },
    /// The body ends in the middle of a value.
    BodyEndsEarly,
    /// At this byte of the body: no number, no text, no kind of message that there is, or a value
    /// that breaks a law of its type (an unsorted clock, siblings that cover each other).
    Mangled { at: usize },
    /// The body goes on after its value.
    Trailing { extra: usize },
    /// The body says what it says in another way than it is ever written.
    NotCanonical,
    /// A field of a hello that no node would send.
    BadField { field: &'static str },
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use DecodeError::*;
        match self {
            WrongMagic => f.write_str("these bytes do not begin as those of this program do"),
            OtherVersion { found } => write!(
                f,
                "they are of format version {found}; this node speaks version {FORMAT_VERSION}"
            ),
            Truncated { needed, found } => {
                write!(f, "they end too early: {needed} bytes are needed, {found} came")
            }
            Damaged => f.write_str("they were damaged on their way: their check says so"),
            TooLong { found, allowed } => {
                write!(f, "they announce {found} bytes; at most {allowed} are allowed")
            }
            BodyEndsEarly => f.write_str("the body ends in the middle of a value"),
            Mangled { at } => write!(
                f,
                "what ends at byte {at} of the body is of no known kind or breaks a law of its type"
            ),
            Trailing { extra } => write!(f, "the body goes on for {extra} bytes after its value"),
            NotCanonical => f.write_str("the body is not written the one way that it may be"),
            BadField { field } => write!(f, "its {field} is none that a node may have"),
        }
    }
}

impl std::error::Error for DecodeError {}

/// A frame of this message would be longer than any node accepts; nothing was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong;

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a frame may have {FRAME_BYTES_MAX} bytes, and this message needs more")
    }
}

impl std::error::Error for TooLong {}
