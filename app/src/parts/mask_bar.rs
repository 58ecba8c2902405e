//! Below the drawing: marking the part that is to be painted anew, and taking the marks away.

use crate::{desk::Desk, studio::Event};
use leptos::prelude::*;

#[component]
pub fn MaskBar() -> impl IntoView {
    let desk = Desk::here();
    let marking = desk.see(|studio| studio.settings.masking.to_string());
    let marked = desk.see(|studio| studio.settings.mask.is_some().to_string());
    let unmarked = desk.see(|studio| studio.settings.mask.is_none());
    view! {
        <div class="masking" data-testid="mask-bar" data-marked=marked>
            <span class="why" class:gone=unmarked>"Repaints what is marked"</span>
            <button
                type="button"
                class="quiet"
                class:gone=unmarked
                data-next="masking"
                disabled=unmarked
                title="Paint everything anew again"
                on:click=desk.tell(|_| Event::Unmask)
            >
                "Clear mask"
            </button>
            <button
                type="button"
                id="masking"
                class="quiet"
                title="Mark the part of the drawing that is to be painted anew (M), and draw in it what should be there"
                aria-pressed=marking
                on:click=desk.tell(|_| Event::Masking)
            >
                "Mask"
            </button>
        </div>
    }
}
