//! What the transports share: a bounded queue that JavaScript pulls, and listeners that unregister
//! themselves when they are dropped.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use js_sys::{Array, ArrayBuffer, Function, Uint8Array};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::*;
use web_sys::{Event, EventTarget, MessageEvent};

/// Packets that wait to be pulled. A worker that is busy for a second has a few hundred.
pub const PACKETS_MAX: usize = 4_096;
/// And their bytes: as much as a few of the largest packets.
pub const BYTES_MAX: usize = 8 << 20;

/// A listener for as long as it lives.
pub struct Listener {
    target: EventTarget,
    kind: &'static str,
    hear: Closure<dyn FnMut(Event)>,
}

impl Listener {
    pub fn new(
        target: &EventTarget,
        kind: &'static str,
        hear: impl FnMut(Event) + 'static,
    ) -> Result<Listener, JsValue> {
        let hear = Closure::<dyn FnMut(Event)>::new(hear);
        target.add_event_listener_with_callback(kind, hear.as_ref().unchecked_ref())?;
        Ok(Listener { target: target.clone(), kind, hear })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let hear = self.hear.as_ref().unchecked_ref();
        // It cannot fail: the kind is a text and the callback a function.
        let _ = self.target.remove_event_listener_with_callback(self.kind, hear);
    }
}

/// What came and was not pulled yet. When it is full, what comes is dropped and counted: to the
/// ring that is a lossy link, which it lives with.
#[derive(Default)]
pub struct Inbox {
    packets: VecDeque<Uint8Array>,
    bytes: usize,
    dropped: u32,
}

impl Inbox {
    /// An inbox that `message` events of the target fill. `wake` is called without arguments when
    /// something came to an empty inbox: whoever pulls need not poll.
    pub fn listening(
        target: &EventTarget,
        wake: Wake,
    ) -> Result<(Rc<RefCell<Inbox>>, Listener), JsValue> {
        let inbox = Rc::new(RefCell::new(Inbox::default()));
        let filled = Rc::clone(&inbox);
        let listener = Listener::new(target, "message", move |event| {
            let data = event.unchecked_into::<MessageEvent>().data();
            let is_first = filled.borrow_mut().put(data);
            if is_first {
                wake.call();
            }
        })?;
        Ok((inbox, listener))
    }

    /// True when the inbox had been empty.
    fn put(&mut self, data: JsValue) -> bool {
        let packet = match data.dyn_into::<Uint8Array>() {
            Ok(bytes) => bytes,
            Err(data) => match data.dyn_into::<ArrayBuffer>() {
                Ok(buffer) => Uint8Array::new(&buffer),
                // Text, or an object: nothing of ours.
                Err(_) => return self.drop_one(),
            },
        };
        let length = packet.length() as usize;
        if self.packets.len() >= PACKETS_MAX || self.bytes + length > BYTES_MAX {
            return self.drop_one();
        }
        self.bytes += length;
        self.packets.push_back(packet);
        self.packets.len() == 1
    }

    fn drop_one(&mut self) -> bool {
        self.dropped = self.dropped.saturating_add(1);
        false
    }

    /// All that came since the last time, oldest first.
    pub fn take(&mut self) -> Array {
        self.bytes = 0;
        self.packets.drain(..).collect()
    }

    pub fn dropped(&self) -> u32 {
        self.dropped
    }
}

/// "Something came", to whoever pulls. It says nothing of what.
#[derive(Clone, Default)]
pub struct Wake(Option<Function>);

impl Wake {
    pub fn new(wake: Option<Function>) -> Wake {
        Wake(wake)
    }

    pub fn call(&self) {
        if let Some(wake) = &self.0 {
            // What the callback throws is the page's own affair.
            let _ = wake.call0(&JsValue::UNDEFINED);
        }
    }
}

pub fn thrown(error: &JsValue) -> JsError {
    let message = error.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message()));
    JsError::new(&message.unwrap_or_else(|| "the browser refused, and did not say why".to_owned()))
}

/// Ties the handle to the JavaScript object that it serves, so that the handle is reachable for as
/// long as that object is: bindgen frees a handle that the collector takes, listeners and all. The
/// object itself is held from here, so only `untie` lets the two go.
pub fn tie(object: &JsValue, handle: JsValue) -> Result<JsValue, JsError> {
    js_sys::Reflect::set(object, &TIE.into(), &handle).map_err(|error| thrown(&error))?;
    Ok(handle)
}

pub fn untie(object: &JsValue) {
    let _ = js_sys::Reflect::set(object, &TIE.into(), &JsValue::UNDEFINED);
}

/// The property that holds the handle.
pub const TIE: &str = "dynamoHandle";

#[cfg(test)]
pub mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test as test;
    use web_sys::MessageEventInit;

    /// As a browser would: a message with these bytes arrives at the target.
    pub fn arrive(target: &EventTarget, bytes: &[u8]) {
        arrive_as(target, &Uint8Array::from(bytes));
    }

    fn arrive_as(target: &EventTarget, data: &JsValue) {
        let with = MessageEventInit::new();
        with.set_data(data);
        let event = MessageEvent::new_with_event_init_dict("message", &with).expect("an event");
        target.dispatch_event(&event).expect("it is dispatched");
    }

    fn inbox() -> (EventTarget, Rc<RefCell<Inbox>>, Listener) {
        let target = EventTarget::new().expect("a target");
        let (inbox, listener) = Inbox::listening(&target, Wake::default()).expect("it listens");
        (target, inbox, listener)
    }

    #[test]
    fn what_came_is_pulled_once_and_in_order() {
        let (target, inbox, _listener) = inbox();
        arrive(&target, &[1]);
        arrive_as(&target, &Uint8Array::from(&[2, 3][..]).buffer());
        let all = inbox.borrow_mut().take();
        let packets: Vec<Vec<u8>> =
            all.iter().map(|packet| packet.unchecked_into::<Uint8Array>().to_vec()).collect();
        assert_eq!(packets, [vec![1], vec![2, 3]]);
        assert_eq!(inbox.borrow_mut().take().length(), 0);
    }

    #[test]
    fn a_dropped_listener_hears_nothing_more() {
        let (target, inbox, listener) = inbox();
        arrive(&target, &[1]);
        drop(listener);
        arrive(&target, &[2]);
        assert_eq!(inbox.borrow_mut().take().length(), 1);
        // Nobody but the test holds the inbox: the closure is gone with its listener.
        assert_eq!(Rc::strong_count(&inbox), 1);
    }

    #[test]
    fn what_finds_the_inbox_full_is_dropped_and_counted() {
        let (target, inbox, _listener) = inbox();
        for _ in 0..PACKETS_MAX + 3 {
            arrive(&target, &[7]);
        }
        assert_eq!(inbox.borrow().dropped(), 3);
        assert_eq!(inbox.borrow_mut().take().length() as usize, PACKETS_MAX);
        let large = vec![0; BYTES_MAX];
        arrive(&target, &large);
        arrive(&target, &[7]);
        assert_eq!(inbox.borrow().dropped(), 4, "by bytes as well as by packets");
        inbox.borrow_mut().take();
        arrive(&target, &[7]);
        assert_eq!(inbox.borrow_mut().take().length(), 1, "there is room again");
    }

    #[test]
    fn what_is_not_bytes_is_dropped_and_counted() {
        let (target, inbox, _listener) = inbox();
        arrive_as(&target, &"hello".into());
        assert_eq!(inbox.borrow().dropped(), 1);
        assert_eq!(inbox.borrow_mut().take().length(), 0);
    }

    #[test]
    fn the_first_packet_in_an_empty_inbox_wakes_and_the_next_do_not() {
        let target = EventTarget::new().expect("a target");
        let woken =
            Function::new_no_args("globalThis.dynamoWoken = (globalThis.dynamoWoken ?? 0) + 1");
        let wake = Wake::new(Some(woken));
        let count = || {
            let value = js_sys::Reflect::get(&js_sys::global(), &"dynamoWoken".into());
            value.expect("a global").as_f64().unwrap_or(0.0)
        };
        let (inbox, _listener) = Inbox::listening(&target, wake).expect("it listens");
        let before = count();
        arrive(&target, &[1]);
        arrive(&target, &[2]);
        assert_eq!(count() - before, 1.0);
        inbox.borrow_mut().take();
        arrive(&target, &[3]);
        assert_eq!(count() - before, 2.0);
    }
}
