//! What it should become, and the one button that makes it.

use super::Chips;
use crate::{
    desk::Desk,
    studio::{Event, words},
};
use leptos::prelude::*;
use wire::limits::PROMPT_MAX;

#[component]
pub fn Ask() -> impl IntoView {
    let desk = Desk::here();
    let prompt = desk.memo(|studio| studio.settings.prompt.clone());
    let early = desk.see(|studio| !studio.ready);
    let trouble = desk.see(words::trouble);
    view! {
        <form
            class="ask"
            on:submit=move |event| {
                event.prevent_default();
                desk.send(Event::Generate { chance: desk.chance() });
            }
        >
            <textarea
                id="prompt"
                class="prompt"
                rows="1"
                enterkeyhint="go"
                aria-label="Prompt"
                placeholder="What should it become?"
                maxlength=PROMPT_MAX
                prop:value=move || prompt.get()
                on:input=move |event| desk.send(Event::Prompt(event_target_value(&event)))
            ></textarea>
            <div class="press">
                <Live />
                <button
                    type="submit"
                    id="generate"
                    class="make"
                    title="Enter in the prompt, or Ctrl+Enter"
                    disabled=early
                    on:click=move |event| {
                        // Who clicks twice out of habit wants it once; who goes on clicking wants more.
                        if event.detail() == 2 {
                            event.prevent_default();
                        }
                    }
                >
                    "Generate"
                </button>
            </div>
            <Chips
                class="styles"
                label="Style"
                list=|studio| studio.styles().to_vec()
                pressed=|studio| studio.style().map(str::to_owned).into_iter().collect()
                set=Event::Style
            />
            <p class="trouble" role="alert">
                {trouble}
            </p>
        </form>
    }
}

/// The switch that lets the picture follow the drawing.
#[component]
fn Live() -> impl IntoView {
    let desk = Desk::here();
    let unknown = desk.see(|studio| studio.model.is_none());
    let unable = desk.see(|studio| studio.model.is_some() && !studio.can_draw_along());
    let on = desk.see(|studio| studio.draws_along().to_string());
    let title = desk.see(words::live);
    view! {
        <button
            type="button"
            class="live"
            class:gone=unknown
            class:absent=unable
            aria-pressed=on
            title=title
            on:click=desk.tell(|studio| Event::Live(!studio.draws_along()))
        >
            "Live"
        </button>
    }
}
