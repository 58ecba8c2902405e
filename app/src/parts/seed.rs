//! The seed, the dice and the lock.

use super::{Icon, Shifting};
use crate::{desk::Desk, studio::Event};
use leptos::prelude::*;

/// The seed changes with every picture, unless the person holds on to it.
#[component]
pub fn Seed() -> impl IntoView {
    let desk = Desk::here();
    let seed = desk.memo(|studio| studio.settings.seed);
    let held = desk.see(|studio| studio.settings.seed_locked.to_string());
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
                    prop:value=move || seed.get().to_string()
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
                aria-pressed=held
                on:click=desk.tell(|studio| Event::LockSeed(!studio.settings.seed_locked))
            >
                <Shifting name=|studio| if studio.settings.seed_locked { "lock" } else { "unlock" } />
            </button>
        </div>
    }
}
