//! Which model makes the pictures, where there are several.

use crate::{desk::Desk, studio::Event};
use leptos::prelude::*;

#[component]
pub fn Models() -> impl IntoView {
    let desk = Desk::here();
    let models = desk.memo(|studio| studio.models());
    let chosen = desk.memo(|studio| studio.model.as_ref().map(|model| model.id.clone()).unwrap_or_default());
    let option = move |(id, name): (String, String)| {
        let this = id.clone();
        view! {
            <option value=id prop:selected=move || chosen.get() == this>
                {name}
            </option>
        }
    };
    view! {
        <label
            class="field model"
            title="What makes the pictures; another one is loaded when you generate"
            hidden=move || models.with(|models| models.len() < 2)
        >
            <span>"Model"</span>
            <select on:change=move |event| desk.send(Event::Model(event_target_value(&event)))>
                {move || models.get().into_iter().map(option).collect_view()}
            </select>
        </label>
    }
}
