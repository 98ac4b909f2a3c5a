//! Any bytes are a value, written just so, or are refused.
#![no_main]

use dynamo_playground::base::blob::Key;
use dynamo_playground::wire::{
    HEADER_BYTES, Hello, context_from_text, context_to_text, decode, decode_body, decode_write,
    encode, encode_write, seal,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut again = Vec::new();
    let mut left = bytes;
    while let Ok((frame, rest)) = decode(left) {
        again.clear();
        encode(&frame, &mut again).expect("it was short enough");
        assert_eq!(again, left[..left.len() - rest.len()]);
        left = rest;
    }
    _ = decode_body(bytes);
    if bytes.len() >= HEADER_BYTES {
        let mut sealed = bytes.to_vec();
        seal(&mut sealed);
        if let Ok((frame, _)) = decode(&sealed) {
            again.clear();
            encode(&frame, &mut again).expect("it was short enough");
            assert_eq!(again, sealed);
        }
    }
    if let Ok(write) = decode_write(bytes) {
        again.clear();
        encode_write(&write, &mut again);
        assert_eq!(again, bytes);
    }
    if let Ok(hello) = Hello::decode(bytes) {
        assert_eq!(hello.encode(), bytes);
    }
    let key = Key::new(b"k");
    if let Some(context) = std::str::from_utf8(bytes).ok().filter(|text| !text.is_empty())
        && let Ok(read) = context_from_text(context, &key)
    {
        assert_eq!(context_to_text(&read), context);
    }
});
