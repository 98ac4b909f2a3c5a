//! L4: bytes for messages. What a node says to another, what it keeps, what a client carries.
//!
//! ```text
//!   packet = frame frame …      frame = header (38 bytes, fixed width) body (postcard)
//!
//!   magic  version  ring id  from  to   body length  check │ Message
//!   DYNF   u16      16       u32   u32  u32          4     │
//! ```
//!
//! Reading any bytes gives a value or a [`DecodeError`]: never a panic, never more memory than
//! the bytes themselves allow, but for the tokens that a view lets compute, which have a limit of
//! their own. Each value has one encoding, and only that is read.

mod body;
mod context;
mod error;
mod frame;
mod hello;
pub mod journal;
mod names;
#[cfg(test)]
mod vectors;

pub use body::{decode_write, encode_write};
pub use context::{CONTEXT_TEXT_MAX, ContextError, context_from_text, context_to_text};
pub use error::{DecodeError, TooLong};
pub use frame::{
    FRAME_BYTES_MAX, Frame, HEADER_BYTES, Header, decode, decode_body, encode, seal, split,
};
pub use hello::{HELLO_BYTES_MAX, Hello};
pub use names::{
    ADDRESS_BYTES_MAX, NODE_NAME_MAX, RING_NAME_MAX, RingId, Secret, is_address, is_node_name,
    is_ring_name, node_id,
};

/// Nodes of another version are refused, and told so. It rises when any encoding changes.
pub const FORMAT_VERSION: u16 = 5;
