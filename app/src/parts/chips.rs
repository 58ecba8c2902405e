//! Words to press in and out, as many as one likes.

use crate::{
    desk::Desk,
    studio::{Event, Studio},
};
use leptos::prelude::*;

/// A row of words; those that are `pressed` look so.
#[component]
pub fn Chips(
    class: &'static str,
    label: &'static str,
    list: fn(&Studio) -> Vec<String>,
    pressed: fn(&Studio) -> Vec<String>,
    set: fn(String) -> Event,
) -> impl IntoView {
    let desk = Desk::here();
    let (list, pressed) = (desk.memo(list), desk.memo(pressed));
    let chip = move |word: String| {
        let (own, label) = (word.clone(), word.clone());
        view! {
            <button
                type="button"
                class="chip"
                aria-pressed=move || pressed.with(|pressed| pressed.contains(&own)).to_string()
                on:click=move |_| desk.send(set(word.clone()))
            >
                {label}
            </button>
        }
    };
    view! {
        // The prompt keeps the focus: without it, it is smaller on a phone, and the words move away from under the finger.
        <div class=class role="group" aria-label=label on:mousedown=|event| event.prevent_default()>
            {move || list.get().into_iter().map(chip).collect_view()}
        </div>
    }
}
