//! How the page is connected, said quietly.

use crate::{desk::Desk, studio::words};
use leptos::prelude::*;
use link::LinkState;

#[component]
pub fn LinkBadge() -> impl IntoView {
    let desk = Desk::here();
    let state = desk.see(|studio| name(studio.link));
    let model = desk.see(|studio| studio.model.as_ref().map(words::model));
    view! {
        <p class="about">{model}</p>
        <p class="link" data-testid="link" data-state=state role="status">
            {move || words::link(state())}
        </p>
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
