//! How near the paper is seen, and the way back to all of it.

use crate::{
    desk::Desk,
    studio::{Event, Zoom, words::decimal},
};
use leptos::prelude::*;

#[component]
pub fn WholeButton() -> impl IntoView {
    let desk = Desk::here();
    let whole = desk.see(|studio| studio.zoom.is_whole());
    let scale = desk.see(|studio| format!("{} ×", decimal(studio.zoom.scale, 1)));
    view! {
        <button
            type="button"
            class="quiet number"
            class:gone=whole
            aria-label="See all of the paper"
            title="See all of the paper again"
            data-next="drawing"
            on:click=desk.tell(|_| Event::Zoom(Zoom::default()))
        >
            {scale}
        </button>
    }
}
