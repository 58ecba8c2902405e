//! How the paper lies, and with it the picture.

use super::Shifting;
use crate::{
    desk::Desk,
    studio::{Command, Event, Shape},
};
use leptos::prelude::*;

/// A list to choose from behind a sign of what is chosen: on a phone another shape moves all below the paper, and a second press
/// would land elsewhere.
#[component]
pub fn ShapePicker() -> impl IntoView {
    let desk = Desk::here();
    let shape = desk.see(|studio| studio.settings.shape);
    let option = move |this: Shape| {
        view! {
            <option value=this.name() prop:selected=move || shape() == this>
                {this.title()}
            </option>
        }
    };
    let choose = move |name: String| desk.send(Event::Canvas(Command::Cut(Shape::named(&name))));
    view! {
        <label class="tool small shape" title="Shape of the paper and the picture">
            <Shifting name=|studio| studio.settings.shape.name() />
            <select
                data-testid="shape"
                aria-label="Shape of the paper"
                on:change=move |event| choose(event_target_value(&event))
            >
                {Shape::ALL.map(option)}
            </select>
        </label>
    }
}
