//! The WebSocket.

use super::{dom::document, runtime::send};
use crate::studio::Event;
use bytes::Bytes;
use js_sys::{ArrayBuffer, Uint8Array};
use link::client;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{BinaryType, MessageEvent, Url, WebSocket};

/// One connection. Dropped, it is closed and nothing of it is heard any more.
pub struct Socket {
    socket: WebSocket,
    _heard: [Closure<dyn FnMut(MessageEvent)>; 3],
}

impl Socket {
    /// Starts to connect. `None` if the browser does not even try, which is told as closed.
    pub fn open() -> Option<Self> {
        let opened = address().and_then(|address| WebSocket::new(&address).ok());
        let Some(socket) = opened else {
            tell(client::Event::SocketClosed);
            return None;
        };
        socket.set_binary_type(BinaryType::Arraybuffer);
        let open = Closure::new(|_| tell(client::Event::SocketOpened));
        let message = Closure::new(|event: MessageEvent| hear(&event));
        let close = Closure::new(|_| tell(client::Event::SocketClosed));
        socket.set_onopen(Some(open.as_ref().unchecked_ref()));
        socket.set_onmessage(Some(message.as_ref().unchecked_ref()));
        socket.set_onclose(Some(close.as_ref().unchecked_ref()));
        Some(Self { socket, _heard: [open, message, close] })
    }

    /// Sends, if it is open; what is lost with a connection is said again after the next hello.
    pub fn send(&self, text: &str) {
        if self.socket.ready_state() == WebSocket::OPEN {
            let _ = self.socket.send_with_str(text);
        }
    }

    /// The same for a binary message.
    pub fn send_bytes(&self, bytes: &[u8]) {
        if self.socket.ready_state() == WebSocket::OPEN {
            let _ = self.socket.send_with_u8_array(bytes);
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.socket.set_onopen(None);
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        let _ = self.socket.close();
    }
}

/// `link` beside the page, by the page's own kind of connection.
fn address() -> Option<String> {
    let base = document().base_uri().ok().flatten()?;
    let url = Url::new_with_base("link", &base).ok()?;
    url.set_protocol(if url.protocol() == "https:" { "wss:" } else { "ws:" });
    Some(url.href())
}

fn hear(event: &MessageEvent) {
    let data = event.data();
    if let Some(text) = data.as_string() {
        tell(client::Event::SocketText(text));
    } else if let Ok(buffer) = data.dyn_into::<ArrayBuffer>() {
        let bytes = Uint8Array::new(&buffer).to_vec();
        tell(client::Event::SocketFrame(Bytes::from(bytes)));
    }
}

fn tell(event: client::Event) {
    send(Event::Link(event));
}
