//! The wasm entry: `hydrate()` and nothing else.

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the page's own script once the module is loaded.
#[wasm_bindgen]
pub fn hydrate() {
    app::hydrate();
}
