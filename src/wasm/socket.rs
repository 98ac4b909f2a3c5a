//! The transport to a node with an address: a WebSocket, pulled from outside.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Function};
use wasm_bindgen::prelude::*;
use web_sys::{BinaryType, WebSocket};

use crate::wasm::inbox::{Inbox, Listener, Wake, thrown, tie, untie};

/// More than this unsent, and what is sent is dropped and counted: the other side does not keep up.
pub const UNSENT_MAX: u32 = 4 << 20;

/// A WebSocket. Its first message is the hello that it was opened with.
#[wasm_bindgen]
pub struct Socket {
    socket: WebSocket,
    inbox: Rc<RefCell<Inbox>>,
    /// Gone once the socket is closed from here.
    listeners: RefCell<Vec<Listener>>,
    unsent: RefCell<u32>,
}

#[wasm_bindgen]
impl Socket {
    /// Dials. `wake` is called, without arguments, when the state changed or something came to an
    /// empty inbox. The handle stays reachable until `close`.
    #[wasm_bindgen(unchecked_return_type = "Socket")]
    pub fn open(url: &str, hello: Vec<u8>, wake: Option<Function>) -> Result<JsValue, JsError> {
        let opened = Socket::opened(url, hello, wake).map_err(|error| thrown(&error))?;
        let socket = opened.socket.clone();
        tie(&socket, opened.into())
    }

    /// False when it was dropped: the socket is not open, or too much is unsent.
    pub fn send(&self, packet: &[u8]) -> bool {
        let is_open = self.socket.ready_state() == WebSocket::OPEN;
        let has_room = self.socket.buffered_amount() <= UNSENT_MAX;
        let is_sent = is_open && has_room && self.socket.send_with_u8_array(packet).is_ok();
        if !is_sent {
            let mut unsent = self.unsent.borrow_mut();
            *unsent = unsent.saturating_add(1);
        }
        is_sent
    }

    /// All packets that came since the last time, oldest first. The first of all is a hello.
    #[wasm_bindgen(unchecked_return_type = "Uint8Array[]")]
    pub fn take(&self) -> Array {
        self.inbox.borrow_mut().take()
    }

    /// 0 connecting, 1 open, 2 closing, 3 closed.
    pub fn state(&self) -> u16 {
        self.socket.ready_state()
    }

    /// Packets dropped on the way in and on the way out.
    pub fn dropped(&self) -> u32 {
        self.inbox.borrow().dropped().saturating_add(*self.unsent.borrow())
    }

    /// Nothing comes and nothing goes from here on.
    pub fn close(&self) {
        self.listeners.borrow_mut().clear();
        // It may be closed already; there is nothing else to be refused.
        let _ = self.socket.close();
        untie(&self.socket);
    }
}

impl Socket {
    fn opened(url: &str, hello: Vec<u8>, wake: Option<Function>) -> Result<Socket, JsValue> {
        let socket = WebSocket::new(url)?;
        socket.set_binary_type(BinaryType::Arraybuffer);
        let wake = Wake::new(wake);
        let (inbox, listener) = Inbox::listening(&socket, wake.clone())?;
        let (greeting, greeted) = (socket.clone(), wake.clone());
        let open = Listener::new(&socket, "open", move |_| {
            // An open socket that cannot send tells so by closing.
            let _ = greeting.send_with_u8_array(&hello);
            greeted.call();
        })?;
        let close = Listener::new(&socket, "close", move |_| wake.call())?;
        let listeners = RefCell::new(vec![listener, open, close]);
        Ok(Socket { socket, inbox, listeners, unsent: RefCell::new(0) })
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wasm::inbox::tests::arrive;
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// One to a port where nobody listens; `None` where there are no WebSockets, as in Node 20.
    fn socket() -> Option<Socket> {
        let class = js_sys::Reflect::get(&js_sys::global(), &"WebSocket".into());
        let is_there = class.is_ok_and(|class| class.is_function());
        is_there.then(|| Socket::opened("ws://127.0.0.1:9/", vec![1], None).expect("it dials"))
    }

    #[test]
    fn a_dropped_socket_has_no_listener_and_is_closing() {
        let Some(socket) = socket() else { return };
        let (raw, inbox) = (socket.socket.clone(), Rc::clone(&socket.inbox));
        arrive(&raw, &[1]);
        drop(socket);
        arrive(&raw, &[2]);
        assert_eq!(inbox.borrow_mut().take().length(), 1);
        assert_eq!(Rc::strong_count(&inbox), 1);
        assert!(raw.ready_state() >= WebSocket::CLOSING);
    }

    #[test]
    fn what_is_sent_before_it_is_open_is_dropped_and_counted() {
        let Some(socket) = socket() else { return };
        assert!(!socket.send(&[1]));
        assert_eq!((socket.state(), socket.dropped()), (WebSocket::CONNECTING, 1));
    }

    #[test]
    fn an_address_that_is_none_is_refused_with_a_sentence() {
        let Some(_socket) = socket() else { return };
        let error = Socket::open("http://[", vec![], None).expect_err("it is refused");
        let text = String::from(js_sys::Error::from(JsValue::from(error)).message());
        assert!(text.len() > 10, "{text}");
    }
}
