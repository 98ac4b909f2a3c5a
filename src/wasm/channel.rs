//! The transport between tabs of one origin: a BroadcastChannel, pulled from outside.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Function, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::BroadcastChannel;

use crate::wasm::inbox::{Inbox, Listener, Wake, thrown, tie, untie};
use crate::wire::{RingId, Secret};

/// An open BroadcastChannel. What is posted comes to every other one of its name, not to itself.
#[wasm_bindgen]
pub struct Channel {
    channel: BroadcastChannel,
    inbox: Rc<RefCell<Inbox>>,
    /// Gone once the channel is closed.
    listener: RefCell<Option<Listener>>,
}

#[wasm_bindgen]
impl Channel {
    /// Opens the channel of a ring, which is named after ring and secret. `wake` is called, without
    /// arguments, when something came to an empty inbox. The handle stays reachable until `close`.
    #[wasm_bindgen(unchecked_return_type = "Channel")]
    pub fn open(ring: &str, secret: &str, wake: Option<Function>) -> Result<JsValue, JsError> {
        let Some(secret) = Secret::from_hex(secret) else {
            let found = secret.len();
            return Err(JsError::new(&format!(
                "secret: found {found} bytes, allowed 32 hex digits"
            )));
        };
        let name = name_of(&RingId::of(ring, &secret));
        let opened = Channel::opened(&name, wake).map_err(|error| thrown(&error))?;
        let channel = opened.channel.clone();
        tie(&channel, opened.into())
    }

    /// One message with these bytes to all the others.
    pub fn post(&self, packet: &[u8]) -> Result<(), JsError> {
        // A copy: a view of the module's memory would send all of it.
        let bytes = Uint8Array::from(packet);
        self.channel.post_message(&bytes).map_err(|error| thrown(&error))
    }

    /// All packets that came since the last time, oldest first.
    #[wasm_bindgen(unchecked_return_type = "Uint8Array[]")]
    pub fn take(&self) -> Array {
        self.inbox.borrow_mut().take()
    }

    /// Packets that found the inbox full, or were no bytes, since it was opened.
    pub fn dropped(&self) -> u32 {
        self.inbox.borrow().dropped()
    }

    /// Nothing comes and nothing goes from here on.
    pub fn close(&self) {
        self.listener.borrow_mut().take();
        self.channel.close();
        untie(&self.channel);
    }
}

fn name_of(ring: &RingId) -> String {
    format!("dynamo-{:032x}", u128::from_be_bytes(ring.0))
}

impl Channel {
    fn opened(name: &str, wake: Option<Function>) -> Result<Channel, JsValue> {
        let channel = BroadcastChannel::new(name)?;
        let (inbox, listener) = Inbox::listening(&channel, Wake::new(wake))?;
        Ok(Channel { channel, inbox, listener: RefCell::new(Some(listener)) })
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        self.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wasm::inbox::TIE;
    use crate::wasm::inbox::tests::arrive;
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn channel(name: &str) -> Channel {
        Channel::opened(name, None).expect("a channel")
    }

    #[test]
    fn a_message_of_the_channel_is_pulled() {
        let channel = channel("pulled");
        arrive(&channel.channel, &[4, 2]);
        let all = channel.take();
        assert_eq!(all.length(), 1);
        assert_eq!(all.get(0).unchecked_into::<Uint8Array>().to_vec(), [4, 2]);
    }

    #[test]
    fn a_dropped_channel_has_no_listener_and_is_closed() {
        let channel = channel("dropped");
        let (raw, inbox) = (channel.channel.clone(), Rc::clone(&channel.inbox));
        arrive(&raw, &[1]);
        drop(channel);
        arrive(&raw, &[2]);
        assert_eq!(inbox.borrow_mut().take().length(), 1);
        assert_eq!(Rc::strong_count(&inbox), 1);
        assert!(raw.post_message(&JsValue::NULL).is_err(), "a closed channel refuses");
    }

    #[test]
    fn an_open_channel_keeps_its_handle_reachable_and_a_closed_one_does_not() {
        let opened = channel("tied");
        let raw = opened.channel.clone();
        let handle = tie(&raw, opened.into()).unwrap_or_else(|_| panic!("it is tied"));
        let property = |object: &JsValue, name: &str| {
            js_sys::Reflect::get(object, &name.into()).expect("an object")
        };
        assert_eq!(property(&raw, TIE), handle);
        let close = property(&handle, "close").unchecked_into::<Function>();
        close.call0(&handle).expect("it closes");
        assert!(property(&raw, TIE).is_undefined());
    }
}
