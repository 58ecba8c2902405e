//! The pictures that were made, newest first: a strip, or spread over the page.

use super::Shifting;
use crate::{
    desk::Desk,
    studio::{
        Event, Kept as Picture, Looked, Studio, thumb,
        words::{self, decimal},
    },
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
    let unseen = desk.memo(Studio::unseen);
    let runs = desk.memo(Studio::strip);
    let no_older = desk.see(|studio| !studio.has_older());
    let older = desk.see(|studio| if studio.awaits_older() { "…" } else { "older" });
    let spread = desk.see(|studio| studio.spread);
    let leads = desk.see(|studio| if studio.spread { "Back to the studio" } else { "All pictures" });
    let leads_how = desk.see(|studio| {
        if studio.spread { "Back to the studio (Esc)" } else { "Spread all pictures over the page" }
    });
    // One of them is on the way of the Tab key, and arrows lead to the others.
    let stop = desk.memo(|studio| match studio.watched() {
        Some(_) => None,
        None => {
            let shown = studio.wanted().filter(|digest| studio.kept.find(*digest).is_some());
            shown.or_else(|| studio.kept.iter().next().map(|kept| kept.picture.digest))
        }
    });
    let few = desk.see(|studio| studio.kept.iter().count() <= FEW && !studio.spread);
    view! {
        <nav class="kept" id="kept" tabindex="-1" class:spread=spread aria-label="Pictures so far">
            <button
                type="button"
                class="all"
                class:gone=few
                aria-label=leads
                title=leads_how
                on:click=desk.tell(|studio| Event::Spread(!studio.spread))
            >
                <Shifting name=|studio| if studio.spread { "close" } else { "spread" } />
            </button>
            <For each=move || runs.get() key=|number| *number let:number>
                <Forming number />
            </For>
            <For each=move || entries.get() key=|entry| *entry let:entry>
                <Thumb entry shown stop unseen />
            </For>
            <button
                type="button"
                class="thumb older"
                class:gone=no_older
                data-next="generate"
                aria-label="Older pictures"
                title="Older pictures"
                on:click=desk.tell(|_| Event::AskOlder)
            >
                {older}
            </button>
        </nav>
    }
}

/// A job that has no picture yet, or several that were made together.
#[component]
fn Forming(number: u32) -> impl IntoView {
    let desk = Desk::here();
    let is_watched = Memo::new(move |_| desk.studio().with(|studio| studio.watched() == Some(number)));
    let words = Memo::new(move |_| {
        desk.studio().with(|studio| {
            (words::run(studio, number), words::run_in_full(studio, number), words::waits(studio, number))
        })
    });
    view! {
        <button
            type="button"
            class="thumb forming"
            class:waits=move || words.get().2
            aria-current=move || is_watched.get().to_string()
            tabindex=move || if is_watched.get() { "0" } else { "-1" }
            title=move || words.get().1
            aria-label=move || words.get().1
            on:click=move |_| desk.send(Event::Watch(number))
        >
            <span>{move || words.get().0}</span>
        </button>
    }
}

#[component]
fn Thumb(
    entry: Entry,
    shown: Memo<Option<Digest>>,
    stop: Memo<Option<Digest>>,
    unseen: Memo<Vec<Digest>>,
) -> impl IntoView {
    let desk = Desk::here();
    let (digest, joined) = entry;
    let (title, ratio) = desk
        .peek(|studio| {
            let kept = studio.kept.find(digest)?;
            Some((words::kept(kept), kept.picture.width as f32 / kept.picture.height as f32))
        })
        .unwrap_or_default();
    let alt = title.clone();
    let unseen = move || unseen.with(|unseen| unseen.contains(&digest));
    let is_it = |which: Memo<Option<Digest>>, yes: &'static str, no: &'static str| {
        move || if which.get() == Some(digest) { yes } else { no }
    };
    view! {
        <button
            type="button"
            class="thumb"
            class:joined=joined
            class:unseen=unseen
            aria-description=move || unseen().then_some("not seen yet")
            title=title
            style:--ratio=decimal(ratio, 3)
            aria-current=is_it(shown, "true", "false")
            tabindex=is_it(stop, "0", "-1")
            on:click=move |_| desk.send(Event::Look(Some(Looked::One(digest))))
        >
            // After the picture that is looked at.
            <img src=thumb(digest) alt=alt loading="lazy" decoding="async" fetchpriority="low" />
        </button>
    }
}
