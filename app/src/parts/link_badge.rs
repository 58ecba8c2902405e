//! How the page is connected, said quietly; pressed, it says how well.

use super::LinkPanel;
use crate::{
    desk::Desk,
    studio::{Event, Studio, words},
};
use leptos::prelude::*;
use link::LinkState;

#[component]
pub fn LinkBadge() -> impl IntoView {
    let desk = Desk::here();
    let state = desk.see(|studio| name(studio.link));
    let model = desk.see(|studio| studio.model.as_ref().map(words::model));
    let badge = NodeRef::<leptos::html::Button>::new();
    let says = desk.see(|studio| words::link(name(studio.link)));
    let open = desk.see(|studio| studio.is_measuring().to_string());
    view! {
        <p class="about">{model}</p>
        <div
            class="link-box"
            on:keydown=move |event| {
                if event.key() == "Escape" && desk.peek(Studio::is_measuring) {
                    event.stop_propagation();
                    desk.send(Event::Measure(false));
                    if let Some(badge) = badge.get_untracked() {
                        let _ = badge.focus();
                    }
                }
            }
        >
            <button
                type="button"
                node_ref=badge
                class="link"
                data-testid="link"
                data-state=state
                title="How well the link does"
                aria-expanded=open
                on:click=desk.tell(|studio| Event::Measure(!studio.is_measuring()))
            >
                <span role="status">{says}</span>
            </button>
            <LinkPanel />
        </div>
    }
}

/// As the badge's `data-state` says it.
fn name(state: LinkState) -> &'static str {
    match state {
        LinkState::Connecting => "connecting",
        LinkState::Socket => "socket",
        LinkState::Polling => "polling",
        LinkState::Offline { .. } => "offline",
    }
}
