//! The seed, the dice and the lock.

use super::{Icon, Shifting};
use crate::{desk::Desk, studio::Event};
use leptos::prelude::*;

fn parse(text: &str) -> Option<u64> {
    text.trim().parse().ok()
}

/// The seed changes with every picture, unless the person holds on to it.
#[component]
pub fn Seed() -> impl IntoView {
    let desk = Desk::here();
    let seed = desk.memo(|studio| studio.settings.seed);
    let held = desk.see(|studio| studio.settings.seed_locked.to_string());
    let typed = RwSignal::new(None::<String>);
    let is_none = move || typed.with(|typed| typed.as_ref().is_some_and(|typed| parse(typed).is_none()));
    view! {
        <div class="field seed">
            <label title="The same number and settings give the same picture again; whole numbers of up to 19 digits">
                <span>"Seed"</span>
                <input
                    type="text"
                    class="number"
                    inputmode="numeric"
                    autocomplete="off"
                    aria-invalid=move || is_none().to_string()
                    prop:value=move || typed.get().unwrap_or_else(|| seed.get().to_string())
                    on:input=move |event| {
                        let text = event_target_value(&event);
                        if let Some(seed) = parse(&text) {
                            desk.send(Event::Seed(seed));
                        }
                        typed.set(Some(text));
                    }
                    on:blur=move |_| typed.set(None)
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
                aria-pressed=held
                on:click=desk.tell(|studio| Event::LockSeed(!studio.settings.seed_locked))
            >
                <Shifting name=|studio| if studio.settings.seed_locked { "lock" } else { "unlock" } />
            </button>
        </div>
    }
}
