//! The clock and the alarms.

use super::dom::window;
use link::Time;
use std::cell::{Cell, RefCell};
use wasm_bindgen::{JsCast, closure::Closure};

/// What the clocks differ by in one step, in milliseconds, that can only be sleep.
const SLEEP_MS: f64 = 1_000.0;

thread_local! {
    static CLOCK: Cell<Clock> = const { Cell::new(Clock { total: 0.0, steady: 0.0, date: f64::MAX }) };
}

/// What the browser's two clocks said last.
#[derive(Clone, Copy)]
struct Clock {
    total: f64,
    /// Never goes back, but on many systems stands still while they sleep.
    steady: f64,
    /// Goes on in sleep, but is set forth and back.
    date: f64,
}

/// Milliseconds since the page was opened, sleep included. Never goes back.
pub fn now() -> Time {
    let steady = window().performance().map_or(0.0, |performance| performance.now());
    let date = js_sys::Date::now();
    let last = CLOCK.get();
    let (awake, all) = (steady - last.steady, date - last.date);
    let total = last.total + if all > awake + SLEEP_MS { all } else { awake.max(0.0) };
    CLOCK.set(Clock { total, steady, date });
    total as Time
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
