//! A number that is felt more than counted.

use crate::{
    desk::Desk,
    studio::{Event, Studio, words::decimal},
};
use leptos::{prelude::*, web_sys};

/// A slider and what it stands at; `shown` is for people. There is none where `hidden` says so.
#[component]
pub fn Slide(
    label: &'static str,
    hint: &'static str,
    range: (f32, f32),
    step: f32,
    value: fn(&Studio) -> f32,
    shown: fn(f32) -> String,
    set: fn(f32) -> Event,
    #[prop(default = |_| false)] hidden: fn(&Studio) -> bool,
) -> impl IntoView {
    let desk = Desk::here();
    let (value, hidden) = (desk.see(value), desk.see(hidden));
    view! {
        <label class="field slide" title=hint hidden=hidden>
            <span>{label}</span>
            <input
                type="range"
                min=decimal(range.0, 0)
                max=decimal(range.1, 0)
                step=decimal(step, 2)
                // Of 64 bits what was written: 7.6, not the nearest binary fraction of 32.
                prop:value=move || (f64::from(value()) * 100.0).round() / 100.0
                on:input=move |event| desk.send(set(slid_to(&event)))
            />
            <output class="number" aria-hidden="true">
                {move || shown(value())}
            </output>
        </label>
    }
}

/// Where the slider of this event stands. The browser reads it: Rust's own reading of fractions weighs 12 kB.
pub fn slid_to(event: &web_sys::Event) -> f32 {
    event_target::<web_sys::HtmlInputElement>(event).value_as_number() as f32
}
