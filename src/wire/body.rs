//! Values as postcard writes them, and read back strictly.

use postcard::ser_flavors::Flavor;
use postcard::{Deserializer, Error, serialize_with_flavor};
use serde::{Deserialize, Serialize};

use crate::protocol::message::Write;
use crate::wire::{DecodeError, TooLong};

/// Appends one write: the journal frames and sums it.
pub fn encode_write(write: &Write, into: &mut Vec<u8>) {
    append(write, into, usize::MAX).expect("without a limit nothing is too long");
}

/// The write that these bytes are, whole.
///
/// # Errors
/// When they are no write, or not as [`encode_write`] writes it.
pub fn decode_write(bytes: &[u8]) -> Result<Write, DecodeError> {
    read(bytes)
}

/// Appends the value. When that takes more than `bytes_max`, `into` is left as it was.
pub(super) fn append<T: Serialize>(
    value: &T,
    into: &mut Vec<u8>,
    bytes_max: usize,
) -> Result<(), TooLong> {
    let begun = into.len();
    let until = begun.saturating_add(bytes_max);
    match serialize_with_flavor(value, Sink::Append { into, until }) {
        Ok(_) => Ok(()),
        Err(_) => {
            into.truncate(begun);
            Err(TooLong)
        }
    }
}

/// The one value that these bytes are, if they are just what it would be written as.
pub(super) fn read<'b, T>(bytes: &'b [u8]) -> Result<T, DecodeError>
where
    T: Serialize + Deserialize<'b>,
{
    let mut from = Deserializer::from_bytes(bytes);
    let value = T::deserialize(&mut from);
    let rest = from.finalize().map_or(0, <[u8]>::len);
    let value = value.map_err(|error| match error {
        Error::DeserializeUnexpectedEnd => DecodeError::BodyEndsEarly,
        _ => DecodeError::Mangled { at: bytes.len() - rest },
    })?;
    if rest > 0 {
        return Err(DecodeError::Trailing { extra: rest });
    }
    // Postcard reads padded numbers too, and writes none.
    match serialize_with_flavor(&value, Sink::Compare { with: bytes }) {
        Ok([]) => Ok(value),
        _ => Err(DecodeError::NotCanonical),
    }
}

/// Where written bytes go. One type for both purposes, so that each value's code is there once.
enum Sink<'b> {
    /// To the end of a buffer, up to a length.
    Append { into: &'b mut Vec<u8>, until: usize },
    /// Nowhere: they must be the bytes that are here already.
    Compare { with: &'b [u8] },
}

impl<'b> Flavor for Sink<'b> {
    /// What was left to compare with.
    type Output = &'b [u8];

    fn try_extend(&mut self, data: &[u8]) -> postcard::Result<()> {
        match self {
            Sink::Append { into, until } => {
                if data.len() > until.saturating_sub(into.len()) {
                    return Err(Error::SerializeBufferFull);
                }
                into.extend_from_slice(data);
            }
            Sink::Compare { with } => {
                *with = with.strip_prefix(data).ok_or(Error::SerializeBufferFull)?;
            }
        }
        Ok(())
    }

    fn try_push(&mut self, data: u8) -> postcard::Result<()> {
        self.try_extend(&[data])
    }

    fn finalize(self) -> postcard::Result<&'b [u8]> {
        match self {
            Sink::Append { .. } => Ok(&[]),
            Sink::Compare { with } => Ok(with),
        }
    }
}
