//! The numbers behind a picture.

use super::{Further, Number, Pick, Seed, Slide};
use crate::{
    desk::Desk,
    studio::{Event, Studio, words::percent},
};
use leptos::prelude::*;
use wire::limits::PICTURES_MAX;

#[component]
pub fn Settings() -> impl IntoView {
    view! {
        <div class="settings">
            <Pick
                label="Model"
                hint="What makes the pictures; another one is loaded when you generate"
                list=Studio::models
                chosen=|studio| studio.model.as_ref().map(|model| model.id.clone()).unwrap_or_default()
                set=Event::Model
            />
            <Number
                label="Steps"
                hint="More steps, more care; each takes the same time"
                value=|studio| studio.settings.steps(studio.model.as_ref()).into()
                range=(1, 150)
                unit=|_| ""
                set=Event::from_steps
            />
            <Slide
                label="Strength"
                hint="How far the picture may go from your drawing"
                range=(0.0, 1.0)
                step=0.05
                value=|studio| studio.spec().strength
                shown=percent
                set=Event::Strength
            />
            <Seed />
            <Number
                label="Pictures"
                hint="Variations made together, each with a seed of its own"
                value=|studio| studio.settings.pictures.into()
                range=(1, PICTURES_MAX.into())
                unit=|_| ""
                set=Event::from_pictures
            />
            <div class="together">
                <Number
                    label="Preview every"
                    hint="Steps between previews; 0 shows none"
                    value=|studio| studio.settings.every.into()
                    range=(0, 150)
                    unit=|every| if every == 1 { "step" } else { "steps" }
                    set=Event::from_every
                />
                <Background />
            </div>
            <Further />
        </div>
    }
}

#[component]
fn Background() -> impl IntoView {
    let desk = Desk::here();
    let on = desk.see(|studio| studio.settings.background);
    view! {
        <label class="field check" title="Previews go on while you look elsewhere: for two screens; costs some computing">
            <input
                type="checkbox"
                aria-label="Previews also in the background"
                prop:checked=on
                on:change=move |event| desk.send(Event::Background(event_target_checked(&event)))
            />
            <span>"Also in the background"</span>
        </label>
    }
}
