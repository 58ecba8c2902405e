//! How the paper lies, and with it the picture.

use super::Shifting;
use crate::{
    desk::Desk,
    studio::{Command, Event, Shape},
};
use leptos::prelude::*;

#[component]
pub fn ShapeButton() -> impl IntoView {
    let desk = Desk::here();
    let shape = desk.memo(|studio| studio.settings.shape);
    let label = move || match shape.get() {
        Shape::Square => "Square paper; press for portrait",
        Shape::Portrait => "Portrait paper; press for landscape",
        Shape::Landscape => "Landscape paper; press for square",
    };
    view! {
        <button
            type="button"
            class="tool small"
            data-testid="shape"
            aria-label=label
            title=label
            on:click=move |_| desk.send(Event::Canvas(Command::Cut(shape.get_untracked().next())))
        >
            <Shifting name=|studio| studio.settings.shape.name() />
        </button>
    }
}
