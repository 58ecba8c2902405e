//! The pictures that were made, newest first: a strip, or spread over the page.

use super::Shifting;
use crate::{
    desk::Desk,
    studio::{Event, Kept as Picture, Looked, words},
};
use leptos::prelude::*;
use wire::Digest;

/// So many fit into the strip: more are easier to find on the page.
const FEW: usize = 5;

/// A picture of the strip, and whether it was made together with the one before it.
type Entry = (Digest, bool);

#[component]
pub fn Kept() -> impl IntoView {
    let desk = Desk::here();
    let entries = desk.memo(|studio| {
        let mut before = None;
        let entry = |kept: &Picture| {
            let joined = before.replace(kept.job.id) == Some(kept.job.id);
            (kept.picture.digest, joined)
        };
        studio.kept.iter().map(entry).collect::<Vec<Entry>>()
    });
    let shown = desk.memo(|studio| studio.wanted());
    let several = desk.see(|studio| studio.job.pictures().len() > 1);
    let current = desk.see(|studio| studio.looking_at.is_none());
    let hidden = desk.see(|studio| !studio.has_now());
    let older = desk.see(|studio| studio.has_older());
    let asked = desk.see(|studio| studio.awaits_older());
    let spread = desk.see(|studio| studio.spread);
    let few = desk.see(|studio| studio.kept.iter().count() <= FEW && !studio.spread);
    view! {
        <nav class="kept" id="kept" class:spread=spread aria-label="Pictures so far">
            <button
                type="button"
                class="all"
                class:gone=few
                aria-label=move || if spread() { "Back to the studio" } else { "All pictures" }
                title=move || if spread() { "Back to the studio (Esc)" } else { "Spread all pictures over the page" }
                on:click=move |_| desk.send(Event::Spread(!spread()))
            >
                <Shifting name=|studio| if studio.spread { "close" } else { "spread" } />
            </button>
            <button
                type="button"
                class="thumb forming"
                class:gone=hidden
                aria-current=move || current().to_string()
                title=move || if several() { "What was made together" } else { "What is being made" }
                on:click=move |_| desk.send(Event::Look(None))
            >
                <span>{move || if several() { "all" } else { "now" }}</span>
            </button>
            <For each=move || entries.get() key=|entry| *entry let:entry>
                <Thumb entry shown />
            </For>
            <button
                type="button"
                class="thumb older"
                class:gone=move || !older()
                data-next="generate"
                aria-label="Older pictures"
                title="Older pictures"
                on:click=move |_| desk.send(Event::AskOlder)
            >
                {move || if asked() { "…" } else { "older" }}
            </button>
        </nav>
    }
}

#[component]
fn Thumb(entry: Entry, shown: Memo<Option<Digest>>) -> impl IntoView {
    let desk = Desk::here();
    let (digest, joined) = entry;
    let title = desk.peek(|studio| studio.kept.find(digest).map(words::kept)).unwrap_or_default();
    let alt = title.clone();
    view! {
        <button
            type="button"
            class="thumb"
            class:joined=joined
            title=title
            aria-current=move || (shown.get() == Some(digest)).to_string()
            on:click=move |_| desk.send(Event::Look(Some(Looked::One(digest))))
        >
            <img src=format!("pictures/{digest}.png") alt=alt loading="lazy" decoding="async" />
        </button>
    }
}
