//! How the page is connected, said quietly; pressed, it says how well.

use super::LinkPanel;
use crate::{
    desk::Desk,
    studio::{Event, words},
};
use leptos::prelude::*;
use link::LinkState;

#[component]
pub fn LinkBadge() -> impl IntoView {
    let desk = Desk::here();
    let state = desk.see(|studio| name(studio.link));
    let model = desk.see(|studio| studio.model.as_ref().map(words::model));
    let badge = NodeRef::<leptos::html::Button>::new();
    let open = desk.memo(|studio| studio.is_measuring());
    view! {
        <p class="about">{model}</p>
        <div
            class="link-box"
            on:keydown=move |event| {
                if event.key() == "Escape" && open.get_untracked() {
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
                aria-expanded=move || open.get().to_string()
                on:click=move |_| desk.send(Event::Measure(!open.get_untracked()))
            >
                <span role="status">{move || words::link(state())}</span>
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
