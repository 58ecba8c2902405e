//! One tap for each manner of painting that the model knows by name.

use crate::{desk::Desk, studio::Event};
use leptos::prelude::*;

#[component]
pub fn Styles() -> impl IntoView {
    let desk = Desk::here();
    let styles = desk.memo(|studio| studio.styles().to_vec());
    let named = desk.memo(|studio| studio.style().map(str::to_owned));
    view! {
        <div class="styles" role="group" aria-label="Style">
            {move || styles.get().into_iter().map(|style| view! { <Style style named /> }).collect_view()}
        </div>
    }
}

#[component]
fn Style(style: String, named: Memo<Option<String>>) -> impl IntoView {
    let desk = Desk::here();
    let (own, label) = (style.clone(), style.clone());
    view! {
        <button
            type="button"
            class="style"
            aria-pressed=move || (named.get().as_ref() == Some(&own)).to_string()
            on:click=move |_| desk.send(Event::Style(style.clone()))
        >
            {label}
        </button>
    }
}
