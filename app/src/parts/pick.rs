//! One of several that come and go, by name.

use crate::{
    desk::Desk,
    studio::{Event, Studio},
};
use leptos::prelude::*;

/// A label and a list to choose from: keys and what they are called. There is none while nothing is to be chosen.
#[component]
pub fn Pick(
    label: &'static str,
    hint: &'static str,
    list: fn(&Studio) -> Vec<(String, String)>,
    chosen: fn(&Studio) -> String,
    set: fn(String) -> Event,
) -> impl IntoView {
    let desk = Desk::here();
    let (list, chosen) = (desk.memo(list), desk.memo(chosen));
    let option = move |(key, name): (String, String)| {
        let this = key.clone();
        view! {
            <option value=key prop:selected=move || chosen.get() == this>
                {name}
            </option>
        }
    };
    view! {
        <label class="field pick" title=hint hidden=move || list.with(|list| list.len() < 2)>
            <span>{label}</span>
            <select on:change=move |event| desk.send(set(event_target_value(&event)))>
                {move || list.get().into_iter().map(option).collect_view()}
            </select>
        </label>
    }
}
