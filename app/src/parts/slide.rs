//! A number that is felt more than counted.

use crate::{
    desk::Desk,
    studio::{Event, Studio},
};
use leptos::prelude::*;

/// A slider and what it stands at; `shown` is for people.
#[component]
pub fn Slide(
    label: &'static str,
    hint: &'static str,
    range: (f32, f32),
    step: f32,
    value: fn(&Studio) -> f32,
    shown: fn(f32) -> String,
    set: fn(f32) -> Event,
) -> impl IntoView {
    let desk = Desk::here();
    let value = desk.see(value);
    view! {
        <label class="field slide" title=hint>
            <span>{label}</span>
            <input
                type="range"
                min=range.0
                max=range.1
                step=step
                // As short as it was written: 7.5, not the nearest binary fraction.
                prop:value=move || ((value() * 100.0).round() / 100.0).to_string()
                on:input=move |event| {
                    if let Ok(value) = event_target_value(&event).parse() {
                        desk.send(set(value));
                    }
                }
            />
            <output class="number" aria-hidden="true">
                {move || shown(value())}
            </output>
        </label>
    }
}
