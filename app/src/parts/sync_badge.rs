//! How far the drawing is on its way to the server.

use crate::{desk::Desk, studio::words};
use leptos::prelude::*;

#[component]
pub fn SyncBadge() -> impl IntoView {
    let desk = Desk::here();
    let sync = desk.see(|studio| studio.sync());
    let sent = desk.see(|studio| studio.sent_tiles);
    let share = desk.see(|studio| studio.sent_share());
    view! {
        <p class="sync number" data-testid="sync" data-state=move || sync().name() data-sent-tiles=sent>
            {move || words::sync(sync(), share())}
            <span class="meter" class:gone=move || share().is_none() aria-hidden="true">
                <span style:transform=move || format!("scaleX({:.3})", share().unwrap_or(1.0))></span>
            </span>
        </p>
    }
}
