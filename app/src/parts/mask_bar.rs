//! Below the drawing: marking the part that is to be painted anew, and taking the marks away.

use crate::{desk::Desk, studio::Event};
use leptos::prelude::*;

#[component]
pub fn MaskBar() -> impl IntoView {
    let desk = Desk::here();
    let marking = desk.see(|studio| studio.settings.masking);
    let marked = desk.see(|studio| studio.settings.mask.is_some());
    view! {
        <div class="masking" data-testid="mask-bar" data-marked=move || marked().to_string()>
            <span class="why" class:gone=move || !marked()>"Repaints what is marked"</span>
            <button
                type="button"
                class="quiet"
                class:gone=move || !marked()
                disabled=move || !marked()
                title="Paint everything anew again"
                on:click=move |_| desk.send(Event::Unmask)
            >
                "Clear mask"
            </button>
            <button
                type="button"
                class="quiet"
                title="Mark the part of the drawing that is to be painted anew (M), and draw in it what should be there"
                aria-pressed=move || marking().to_string()
                on:click=move |_| desk.send(Event::Masking)
            >
                "Mask"
            </button>
        </div>
    }
}
