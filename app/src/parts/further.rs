//! What most pictures need no word about: how words weigh, what is not wanted, how a mask ends, how noise is
//! taken away, how previews look, and how photographs go onto the paper.

use super::Slide;
use crate::{
    desk::Desk,
    studio::{Event, Studio, words::decimal},
};
use leptos::prelude::*;
use wire::{Scheduler, Sigmas, limits::PROMPT_MAX};

/// Spacings of the noise levels, and what people call them.
const SIGMAS: [(Sigmas, &str); 3] =
    [(Sigmas::Model, "The model's"), (Sigmas::Karras, "Karras"), (Sigmas::Exponential, "Exponential")];

/// Whether they may be a little off, and what people call it.
const PHOTOGRAPHS: [(bool, &str); 2] = [(false, "As they are"), (true, "Lighter")];

/// Whether the server decodes them, and what people call it.
const PREVIEWS: [(bool, &str); 2] = [(false, "Quick"), (true, "Sharp")];

#[component]
pub fn Further() -> impl IntoView {
    let schedulers = Scheduler::ALL.map(|scheduler| (scheduler, scheduler.title())).to_vec();
    view! {
        <details id="further" class="further">
            <summary>"More"</summary>
            <div class="settings">
                <Negative />
                <Slide
                    label="Guidance"
                    hint="How closely the picture follows the words; 1 is no guidance, and twice as fast"
                    range=(1.0, 15.0)
                    step=0.5
                    value=|studio| studio.settings.guidance(studio.model.as_ref())
                    shown=|guidance| decimal(guidance, 1)
                    set=Event::Guidance
                />
                <Slide
                    label="Mask edge"
                    hint="How softly what is painted anew goes over into the rest, in pixels of the picture"
                    range=(0.0, 32.0)
                    step=1.0
                    value=|studio| studio.settings.blur(studio.model.as_ref())
                    shown=|blur| format!("{} px", decimal(blur, 0))
                    set=Event::Blur
                />
                <Choice
                    label="Scheduler"
                    hint="How the noise is taken away, step by step"
                    choices=schedulers
                    value=|studio| studio.settings.scheduler(studio.model.as_ref())
                    set=Event::Scheduler
                />
                <Choice
                    label="Noise levels"
                    hint="How they are spaced from step to step"
                    choices=SIGMAS.to_vec()
                    value=|studio| studio.settings.sigmas
                    set=Event::Sigmas
                />
                <Choice
                    label="Previews"
                    hint="Quick ones are less than two kilobytes each; sharp ones are decoded by the server, which takes it longer, and are some ten times as large"
                    choices=PREVIEWS.to_vec()
                    value=|studio| studio.settings.sharp
                    set=Event::Sharp
                />
                <Choice
                    label="Photographs"
                    hint="How they go onto the paper from now on: as they are, or so near that one hardly sees it, which is twice as quick over a slow link"
                    choices=PHOTOGRAPHS.to_vec()
                    value=|studio| studio.settings.near_photographs
                    set=Event::NearPhotographs
                />
            </div>
        </details>
    }
}

#[component]
fn Negative() -> impl IntoView {
    let desk = Desk::here();
    let negative = desk.memo(|studio| studio.settings.negative.clone());
    view! {
        <label class="field wide" title="Words for what the picture is not to show">
            <span>"Leave out"</span>
            <input
                type="text"
                maxlength=PROMPT_MAX
                prop:value=move || negative.get()
                on:input=move |event| desk.send(Event::Negative(event_target_value(&event)))
            />
        </label>
    }
}

/// One of a few, by name.
#[component]
fn Choice<T: Copy + PartialEq + Send + Sync + 'static>(
    label: &'static str,
    hint: &'static str,
    choices: Vec<(T, &'static str)>,
    value: fn(&Studio) -> T,
    set: fn(T) -> Event,
) -> impl IntoView {
    let desk = Desk::here();
    let value = desk.see(value);
    let named = choices.clone();
    let choose = move |name: String| {
        if let Some((choice, _)) = named.iter().find(|(_, theirs)| *theirs == name) {
            desk.send(set(*choice));
        }
    };
    let option = move |(choice, name): (T, &'static str)| {
        view! {
            <option value=name selected=move || value() == choice>
                {name}
            </option>
        }
    };
    view! {
        <label class="field" title=hint>
            <span>{label}</span>
            <select on:change=move |event| choose(event_target_value(&event))>
                {choices.into_iter().map(option).collect_view()}
            </select>
        </label>
    }
}
