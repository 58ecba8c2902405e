//! The strip of pictures that were made, newest first.

use crate::{
    desk::Desk,
    studio::{Event, words},
};
use leptos::prelude::*;
use wire::Digest;

/// A picture of the strip: its digest and what it is of.
type Entry = (Digest, String);

#[component]
pub fn Kept() -> impl IntoView {
    let desk = Desk::here();
    let entries = desk.memo(|studio| {
        let entry = |kept: &crate::studio::Kept| (kept.picture.digest, words::title(&kept.job.spec));
        studio.kept.iter().map(entry).collect::<Vec<Entry>>()
    });
    let shown = desk.memo(|studio| studio.wanted());
    let forming = desk.see(|studio| studio.job.phase.is_active());
    let current = desk.see(|studio| studio.looking_at.is_none());
    let several = desk.see(|studio| studio.job.pictures().len() > 1);
    view! {
        <nav class="kept" aria-label="Pictures so far">
            <button
                type="button"
                class="thumb forming"
                class:gone=move || !forming() && !several()
                aria-current=move || current().to_string()
                title=move || if forming() { "What is being made" } else { "What was made together" }
                on:click=move |_| desk.send(Event::Look(None))
            >
                <span>{move || if forming() { "now" } else { "all" }}</span>
            </button>
            <For each=move || entries.get() key=|(digest, _)| *digest let:entry>
                <Thumb entry shown />
            </For>
        </nav>
    }
}

#[component]
fn Thumb(entry: Entry, shown: Memo<Option<Digest>>) -> impl IntoView {
    let desk = Desk::here();
    let (digest, title) = entry;
    let alt = title.clone();
    view! {
        <button
            type="button"
            class="thumb"
            title=title
            aria-current=move || (shown.get() == Some(digest)).to_string()
            on:click=move |_| desk.send(Event::Look(Some(digest)))
        >
            <img src=format!("pictures/{digest}.png") alt=alt loading="lazy" decoding="async" />
        </button>
    }
}
