//! A field for a whole number.

use crate::{
    desk::Desk,
    studio::{Event, Studio},
};
use leptos::prelude::*;

/// A whole number that the person may change; what is out of range is pulled into it on leaving.
#[component]
pub fn Number(
    label: &'static str,
    hint: &'static str,
    value: fn(&Studio) -> u64,
    range: (u64, u64),
    unit: fn(u64) -> &'static str,
    set: fn(u64) -> Event,
) -> impl IntoView {
    let desk = Desk::here();
    let number = desk.memo(value);
    // What the person is typing stays as it is until they leave.
    let typed = RwSignal::new(None::<String>);
    let put = move |text: String| {
        if let Ok(number) = text.trim().parse::<u64>() {
            desk.send(set(number.clamp(range.0, range.1)));
        }
        typed.set(Some(text));
    };
    view! {
        <div class="field">
            <label title=format!("{hint}; {} to {}", range.0, range.1)>
                <span>{label}</span>
                <input
                    type="number"
                    class="number"
                    inputmode="numeric"
                    min=range.0
                    max=range.1
                    prop:value=move || typed.get().unwrap_or_else(|| number.get().to_string())
                    on:input=move |event| put(event_target_value(&event))
                    on:blur=move |_| typed.set(None)
                />
            </label>
            {(!unit(0).is_empty())
                .then(|| view! { <span class="unit" aria-hidden="true">{move || unit(number.get())}</span> })}
        </div>
    }
}
