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
    let theme = desk.memo(|studio| studio.settings.theme);
    let label = move || match theme.get() {
        Theme::System => "Light follows your system",
        Theme::Light => "Day",
        Theme::Dark => "Night",
    };
    view! {
        <button
            type="button"
            class="tool small theme"
            aria-label=label
            title=label
            on:click=move |_| desk.send(Event::Theme(theme.get_untracked().next()))
        >
            <Shifting name=|studio| studio.settings.theme.name() />
        </button>
    }
}
