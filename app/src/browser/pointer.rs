//! Mouse, pen and finger on the drawing. No signal is touched while they move.

use super::{
    dom::{by_id, let_go, listen, window},
    runtime::Runtime,
    time::now,
    zoom::Pinching,
};
use crate::studio::{Pixels, Pointer, words::decimal};
use js_sys::{Array, Function};
use link::Time;
use std::{cell::Cell, rc::Rc};
use wasm_bindgen::{JsCast, prelude::wasm_bindgen};
use web_sys::{HtmlCanvasElement, HtmlElement, PointerEvent};

#[wasm_bindgen]
extern "C" {
    /// A pointer event with what the usual bindings round off or take for granted.
    #[wasm_bindgen(extends = PointerEvent)]
    type Precise;

    #[wasm_bindgen(method, getter, js_name = clientX)]
    fn x(this: &Precise) -> f64;

    #[wasm_bindgen(method, getter, js_name = clientY)]
    fn y(this: &Precise) -> f64;

    /// Not there on a plain-http address other than this machine's own.
    #[wasm_bindgen(method, getter, js_name = getCoalescedEvents)]
    fn coalesced(this: &Precise) -> Option<Function>;
}

/// The end of a pen that erases.
const ERASER_END: u16 = 32;

/// A hand that moves by no more pixels of the screen for so many milliseconds stays where it is.
const STILL: f32 = 3.0;
const STILL_MS: Time = 600;

/// Left edge, top edge, width and height of the drawing on the page.
type Place = (f64, f64, f64, f64);

pub fn attach(runtime: &Rc<Runtime>) {
    let canvas: HtmlCanvasElement = by_id("drawing");
    let ring: HtmlElement = by_id("ring");
    let place = Rc::new(Cell::new(measure(&canvas)));
    let pinching = Rc::new(Pinching::default());
    let still = Rc::new(Still::default());

    listen(&canvas, "pointerdown", {
        let (runtime, canvas, place) = (runtime.clone(), canvas.clone(), place.clone());
        let (pinching, still) = (pinching.clone(), still.clone());
        move |event: PointerEvent| {
            let eraser_end = event.buttons() & ERASER_END != 0;
            if event.button() != 0 && !eraser_end {
                return;
            }
            place.set(measure(&canvas));
            let event: &Precise = event.unchecked_ref();
            let (id, place) = (event.pointer_id(), place.get());
            if pinching.joins(id, on_screen(event)) {
                let _ = canvas.set_pointer_capture(id);
                return;
            }
            if let Some(first) = runtime.pinched(at(event, place)) {
                runtime.lose(first);
                let _ = canvas.set_pointer_capture(id);
                return pinching.begin([first, id], on_screen(event));
            }
            if runtime.press(id, at(event, place), eraser_end, event.alt_key()) {
                let _ = canvas.set_pointer_capture(id);
                pinching.draws(on_screen(event));
                still.begin(&runtime, event);
                // A finger moves no focus by itself: the prompt would keep the keys and the keyboard. Taken by hand the paper
                // would have a ring, which is for those who come by keyboard.
                let_go(Some(&canvas));
            }
        }
    });
    listen(&canvas, "pointermove", {
        let (runtime, canvas, ring) = (runtime.clone(), canvas.clone(), ring.clone());
        let (place, pinching, still) = (place.clone(), pinching.clone(), still.clone());
        move |event: PointerEvent| {
            let event: &Precise = event.unchecked_ref();
            if event.buttons() == 0 {
                place.set(measure(&canvas));
            } else {
                pinching.drag(event.pointer_id(), on_screen(event));
                if runtime.drag(event.pointer_id(), &along(event, place.get()), event.shift_key()) {
                    still.go_on(&runtime, event);
                }
            }
            follow(&ring, event, place.get());
        }
    });
    listen(&canvas, "pointerup", {
        let (runtime, pinching) = (runtime.clone(), pinching.clone());
        move |event: PointerEvent| {
            pinching.lift(event.pointer_id());
            runtime.lift(event.pointer_id());
        }
    });
    for name in ["pointercancel", "lostpointercapture"] {
        let (runtime, pinching) = (runtime.clone(), pinching.clone());
        listen(&canvas, name, move |event: PointerEvent| {
            pinching.lift(event.pointer_id());
            runtime.lose(event.pointer_id());
        });
    }
    listen(&canvas, "pointerleave", move |_: PointerEvent| {
        let _ = ring.class_list().remove_1("on");
    });
    for name in ["scroll", "resize"] {
        let (canvas, place) = (canvas.clone(), place.clone());
        listen(&window(), name, move |_: web_sys::Event| place.set(measure(&canvas)));
    }
    // Who draws by hand does not come by keyboard: focus, with its ring, is for those.
    listen(&canvas, "mousedown", |event: web_sys::Event| event.prevent_default());
    // A long press is a stroke, not a menu.
    listen(&canvas, "contextmenu", |event: web_sys::Event| event.prevent_default());
}

/// Where the finger or the pen is that draws, which has no Shift beside it: staying there straightens a line.
#[derive(Default)]
struct Still(Cell<Pixels>);

impl Still {
    fn begin(&self, runtime: &Runtime, event: &Precise) {
        self.0.set(on_screen(event));
        if event.pointer_type() != "mouse" {
            runtime.still_alarm.set(now() + STILL_MS);
        }
    }

    fn go_on(&self, runtime: &Runtime, event: &Precise) {
        let ((x, y), (before_x, before_y)) = (on_screen(event), self.0.get());
        if (x - before_x).abs().max((y - before_y).abs()) > STILL {
            self.begin(runtime, event);
        }
    }
}

fn on_screen(event: &Precise) -> Pixels {
    (event.x() as f32, event.y() as f32)
}

fn measure(canvas: &HtmlCanvasElement) -> Place {
    let rect = canvas.get_bounding_client_rect();
    (rect.left(), rect.top(), rect.width().max(1.0), rect.height().max(1.0))
}

fn at(event: &Precise, (left, top, width, height): Place) -> Pointer {
    Pointer {
        x: ((event.x() - left) / width) as f32,
        y: ((event.y() - top) / height) as f32,
        pressure: event.pressure(),
        pen: event.pointer_type() == "pen",
    }
}

/// Every place since the last event, where the browser tells.
fn along(event: &Precise, place: Place) -> Vec<Pointer> {
    let all =
        event.coalesced().and_then(|coalesced| coalesced.call0(event).ok()).map(|all| Array::from(&all));
    match all {
        Some(all) if all.length() > 0 => all.iter().map(|one| at(one.unchecked_ref(), place)).collect(),
        _ => vec![at(event, place)],
    }
}

/// The ring shows what the brush would cover; a finger covers it anyway.
fn follow(ring: &HtmlElement, event: &Precise, place: Place) {
    if event.pointer_type() == "touch" {
        let _ = ring.class_list().remove_1("on");
        return;
    }
    let at = at(event, place);
    let style = ring.style();
    let _ = style.set_property("left", &format!("{}%", decimal(100.0 * at.x, 3)));
    let _ = style.set_property("top", &format!("{}%", decimal(100.0 * at.y, 3)));
    let _ = ring.class_list().add_1("on");
}
