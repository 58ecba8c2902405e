//! Day, night, or as the system says.

use super::Shifting;
use crate::{
    desk::Desk,
    studio::{Event, Theme},
};
use leptos::prelude::*;

#[component]
pub fn ThemeButton() -> impl IntoView {
    let desk = Desk::here();
    let label = desk.see(|studio| match studio.settings.theme {
        Theme::System => "Light follows your system",
        Theme::Light => "Day",
        Theme::Dark => "Night",
    });
    view! {
        <button
            type="button"
            class="tool small theme"
            aria-label=label
            title=label
            on:click=desk.tell(|studio| Event::Theme(studio.settings.theme.next()))
        >
            <Shifting name=|studio| studio.settings.theme.name() />
        </button>
    }
}
