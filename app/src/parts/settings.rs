//! The numbers behind a picture.

use super::Icon;
use crate::{
    desk::Desk,
    studio::{Event, Studio},
};
use leptos::prelude::*;

#[component]
pub fn Settings() -> impl IntoView {
    view! {
        <div class="settings">
            <Number
                label="Steps"
                hint="More steps, more care; each takes the same time"
                value=|studio| studio.settings.steps(studio.model.as_ref()).into()
                range=(1, 150)
                unit=|_| ""
                set=Event::from_steps
            />
            <Strength />
            <Seed />
            <Number
                label="Preview every"
                hint="Steps between previews; 0 shows none"
                value=|studio| studio.settings.every.into()
                range=(0, 150)
                unit=|every| if every == 1 { "step" } else { "steps" }
                set=Event::from_every
            />
            <Background />
        </div>
    }
}

/// A whole number that the person may change; what is out of range is pulled into it on leaving.
#[component]
fn Number(
    label: &'static str,
    hint: &'static str,
    value: fn(&Studio) -> u64,
    range: (u64, u64),
    unit: fn(u64) -> &'static str,
    set: fn(u64) -> Event,
) -> impl IntoView {
    let desk = Desk::here();
    let number = desk.see(value);
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
                    prop:value=move || number().to_string()
                    on:input=move |event| put(event_target_value(&event))
                    on:blur=move |_| {
                        if let Some(field) = field.get_untracked() {
                            field.set_value(&desk.peek(value).to_string());
                        }
                    }
                />
            </label>
            <span class="unit" aria-hidden="true">{move || unit(number())}</span>
        </div>
    }
}

#[component]
fn Strength() -> impl IntoView {
    let desk = Desk::here();
    let strength = desk.see(|studio| studio.settings.strength(studio.model.as_ref()));
    view! {
        <label class="field slide" title="How far the picture may go from your drawing">
            <span>"Strength"</span>
            <input
                type="range"
                min="0"
                max="1"
                step="0.05"
                prop:value=move || format!("{:.2}", strength())
                on:input=move |event| {
                    if let Ok(strength) = event_target_value(&event).parse() {
                        desk.send(Event::Strength(strength));
                    }
                }
            />
            <output class="number" aria-hidden="true">
                {move || format!("{:.0} %", 100.0 * strength())}
            </output>
        </label>
    }
}

/// The seed changes with every picture, unless the person holds on to it.
#[component]
fn Seed() -> impl IntoView {
    let desk = Desk::here();
    let seed = desk.see(|studio| studio.settings.seed);
    let held = desk.memo(|studio| studio.settings.seed_locked);
    let field = NodeRef::<leptos::html::Input>::new();
    view! {
        <div class="field seed">
            <label title="The same number and settings give the same picture again">
                <span>"Seed"</span>
                <input
                    type="text"
                    class="number"
                    inputmode="numeric"
                    autocomplete="off"
                    node_ref=field
                    prop:value=move || seed().to_string()
                    on:input=move |event| {
                        if let Ok(seed) = event_target_value(&event).trim().parse() {
                            desk.send(Event::Seed(seed));
                        }
                    }
                    on:blur=move |_| {
                        if let Some(field) = field.get_untracked() {
                            field.set_value(&desk.peek(|studio| studio.settings.seed).to_string());
                        }
                    }
                />
            </label>
            <button
                type="button"
                class="tool small"
                aria-label="Roll the dice"
                title="Another number"
                on:click=move |_| desk.send(Event::Dice(desk.chance()))
            >
                <Icon name="dice" />
            </button>
            <button
                type="button"
                class="tool small"
                aria-label="Keep this number"
                title="Use the same number for the next picture"
                aria-pressed=move || held.get().to_string()
                on:click=move |_| desk.send(Event::LockSeed(!held.get_untracked()))
            >
                {move || match held.get() {
                    true => view! { <Icon name="lock" /> },
                    false => view! { <Icon name="unlock" /> },
                }}
            </button>
        </div>
    }
}

#[component]
fn Background() -> impl IntoView {
    let desk = Desk::here();
    let on = desk.see(|studio| studio.settings.background);
    view! {
        <label class="field check" title="For two screens; costs some computing while you look elsewhere">
            <input
                type="checkbox"
                prop:checked=on
                on:change=move |event| desk.send(Event::Background(event_target_checked(&event)))
            />
            <span>"Keep previews in the background"</span>
        </label>
    }
}
