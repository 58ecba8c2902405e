//! What was drawn before the program had come: `early.js` kept it.

use super::runtime::Runtime;
use crate::studio::Pointer;
use js_sys::Float64Array;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = pentimentoEarly, js_name = take, catch)]
    fn take() -> Result<Float64Array, JsValue>;
}

/// Numbers for each place.
const EACH: usize = 6;

/// Draws it as if the hand did so now. A stroke that is not finished goes on.
pub fn catch_up(runtime: &Runtime) {
    // A page from before this script has none.
    let Ok(kept) = take() else { return };
    for place in kept.to_vec().chunks_exact(EACH) {
        let flags = place[5] as u8;
        let (what, id) = (place[0] as u8, place[1] as i32);
        let at = Pointer {
            x: place[2] as f32,
            y: place[3] as f32,
            pressure: place[4] as f32,
            pen: flags & 1 != 0,
        };
        match what {
            0 => drop(runtime.press(id, at, flags & 2 != 0, false)),
            1 => drop(runtime.drag(id, &[at], false)),
            2 => runtime.lift(id),
            _ => runtime.lose(id),
        }
    }
}
