//! What people see: the studio page, rendered by the server (`ssr`) and brought to life in the
//! browser (`hydrate`). The two features never go together.
//!
//! [`studio`] is the client's model in plain Rust; [`parts`] and [`pages`] show it; `browser`
//! carries out what it decides and is the only place that names web APIs.

#![recursion_limit = "256"]

#[cfg(feature = "hydrate")]
pub mod browser;
pub mod desk;
pub mod pages;
pub mod parts;
mod shell;
pub mod studio;

pub use pages::App;
pub use shell::{Assets, shell};

/// Wakes the page that the server rendered. Called once, by the wasm entry.
#[cfg(feature = "hydrate")]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(App);
}
