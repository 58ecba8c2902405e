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
    // A field that is written again takes away what the person is typing.
    let number = desk.memo(value);
    let field = NodeRef::<leptos::html::Input>::new();
    let put = move |text: String| {
        if let Ok(number) = text.trim().parse::<u64>() {
            desk.send(set(number.clamp(range.0, range.1)));
        }
    };
    view! {
        <div class="field">
            <label title=hint>
                <span>{label}</span>
                <input
                    node_ref=field
                    type="number"
                    class="number"
                    inputmode="numeric"
                    min=range.0
                    max=range.1
                    prop:value=move || number.get().to_string()
                    on:input=move |event| put(event_target_value(&event))
                    on:blur=move |_| {
                        if let Some(field) = field.get_untracked() {
                            field.set_value(&desk.peek(value).to_string());
                        }
                    }
                />
            </label>
            {(!unit(0).is_empty())
                .then(|| view! { <span class="unit" aria-hidden="true">{move || unit(number.get())}</span> })}
        </div>
    }
}
