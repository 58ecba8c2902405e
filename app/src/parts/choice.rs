//! One of a few, by name.

use crate::{
    desk::Desk,
    studio::{Event, Studio},
};
use leptos::prelude::*;

/// Where this is among others.
pub fn place_of<T: PartialEq>(this: &T, all: impl IntoIterator<Item = T>) -> usize {
    all.into_iter().position(|other| other == *this).unwrap_or_default()
}

/// A label and a list to choose from. What is chosen is told by its place: for each kind of it this would be code of its own.
#[component]
pub fn Choice(
    label: &'static str,
    #[prop(default = "")] hint: &'static str,
    choices: Vec<&'static str>,
    value: fn(&Studio) -> usize,
    set: fn(usize) -> Event,
) -> impl IntoView {
    let desk = Desk::here();
    let value = desk.see(value);
    let names = choices.clone();
    let choose = move |name: String| {
        if let Some(at) = names.iter().position(|other| *other == name) {
            desk.send(set(at));
        }
    };
    let option = move |(at, name): (usize, &'static str)| {
        view! {
            <option value=name prop:selected=move || value() == at>
                {name}
            </option>
        }
    };
    view! {
        <label class="field" title=hint>
            <span>{label}</span>
            <select on:change=move |event| choose(event_target_value(&event))>
                {choices.into_iter().enumerate().map(option).collect_view()}
            </select>
        </label>
    }
}
