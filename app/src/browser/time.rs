//! The clock and the alarms.

use super::dom::window;
use link::Time;
use std::cell::{Cell, RefCell};
use wasm_bindgen::{JsCast, closure::Closure};

/// Milliseconds since the page was opened.
pub fn now() -> Time {
    window().performance().map_or(0.0, |performance| performance.now()) as Time
}

/// An alarm that is set to one time, and forgets it when set to another.
pub struct Alarm {
    ring: RefCell<Option<Closure<dyn FnMut()>>>,
    handle: Cell<Option<i32>>,
}

impl Alarm {
    pub fn new(ring: impl FnMut() + 'static) -> Self {
        Self { ring: RefCell::new(Some(Closure::new(ring))), handle: Cell::new(None) }
    }

    pub fn set(&self, at: Time) {
        if let Some(handle) = self.handle.take() {
            window().clear_timeout_with_handle(handle);
        }
        let delay = at.saturating_sub(now()).min(i32::MAX as u64) as i32;
        let ring = self.ring.borrow();
        let Some(ring) = ring.as_ref() else {
            return;
        };
        let set = window()
            .set_timeout_with_callback_and_timeout_and_arguments_0(ring.as_ref().unchecked_ref(), delay);
        self.handle.set(set.ok());
    }
}
