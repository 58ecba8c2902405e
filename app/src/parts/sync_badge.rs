//! How far the drawing is on its way to the server.

use crate::{
    desk::Desk,
    studio::{
        Studio, Sync,
        words::{self, decimal},
    },
};
use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*};
use std::time::Duration;

/// What is under way for less time than this is not worth a word: a stroke takes a moment.
const WORTH_A_WORD: Duration = Duration::from_millis(400);

#[component]
pub fn SyncBadge() -> impl IntoView {
    let desk = Desk::here();
    let state = desk.see(|studio| studio.sync().name());
    let sent = desk.see(|studio| studio.sent_tiles);
    let done = desk.see(|studio| studio.sent_share().is_none());
    let share = desk.see(|studio| format!("scaleX({})", decimal(studio.sent_share().unwrap_or(1.0), 3)));
    let (words, well) = unhurried(desk);
    view! {
        <p class="sync number" data-testid="sync" data-state=state data-sent-tiles=sent>
            <span class="words">{words}</span>
            <span class="meter" class:gone=move || well.get() || done() aria-hidden="true">
                <span style:transform=share></span>
            </span>
        </p>
    }
}

/// Words for it that do not flicker, and whether they say that all is well: it is until something else has been
/// so for a while.
fn unhurried(desk: Desk) -> (RwSignal<String>, RwSignal<bool>) {
    let say = |studio: &Studio| words::sync(studio.sync_told(), studio.sent_share());
    let (synced, words) = (desk.memo(|studio| studio.sync_told() == Sync::Synced), desk.memo(say));
    let said = RwSignal::new(words.get_untracked());
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    let well = RwSignal::new(synced.get_untracked());
    Effect::new(move |_| {
        let now = words.get();
        if !synced.get() && well.get_untracked() {
            let late = move || {
                waiting.set_value(None);
                well.set(synced.get_untracked());
                said.set(words.get_untracked());
            };
            if waiting.with_value(Option::is_none) {
                waiting.set_value(set_timeout_with_handle(late, WORTH_A_WORD).ok());
            }
            return;
        }
        if let Some(handle) = waiting.try_update_value(Option::take).flatten() {
            handle.clear();
        }
        if well.get_untracked() != synced.get_untracked() {
            well.set(synced.get_untracked());
        }
        if said.with_untracked(|before| *before != now) {
            said.set(now);
        }
    });
    (said, well)
}
