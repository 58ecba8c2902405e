//! What most pictures need no word about: how words weigh, what is not wanted, how a mask ends, how noise is
//! taken away, how previews look, and how photographs go onto the paper.

use super::{Chips, Choice, Pick, Slide, place_of};
use crate::{
    desk::Desk,
    studio::{
        CLIP_SKIP_MAX, Event, SIDES, Studio,
        words::{self, decimal},
    },
};
use leptos::prelude::*;
use wire::{Scheduler, Sigmas, limits::PROMPT_MAX};

/// Spacings of the noise levels, and what people call them.
const SIGMAS: [(Sigmas, &str); 3] =
    [(Sigmas::Model, "The model's"), (Sigmas::Karras, "Karras"), (Sigmas::Exponential, "Exponential")];

#[component]
pub fn Further() -> impl IntoView {
    let schedulers = Scheduler::ALL.map(Scheduler::title).to_vec();
    view! {
        <details id="further" class="further">
            <summary>"More"</summary>
            <div class="settings">
                <Negative />
                <Pick
                    label="ControlNet"
                    hint="Through it your drawing steers every step, in place of only giving the start"
                    list=controls
                    chosen=|studio| studio.control().to_owned()
                    set=Event::Control
                />
                <Slide
                    label="Its weight"
                    hint="How much the ControlNet counts"
                    range=(0.0, 2.0)
                    step=0.05
                    value=|studio| studio.settings.control_scale
                    shown=|scale| decimal(scale, 2)
                    set=Event::ControlScale
                    hidden=|studio| studio.control().is_empty()
                />
                <Loras />
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
                    label="Image guidance"
                    hint="How closely the picture follows your drawing beside the words; 1 is none, and a third quicker"
                    range=(1.0, 5.0)
                    step=0.1
                    value=|studio| studio.settings.image_guidance(studio.model.as_ref())
                    shown=|guidance| decimal(guidance, 1)
                    set=Event::ImageGuidance
                    hidden=|studio| studio.model.as_ref().is_none_or(|model| model.defaults.image_guidance == 1.0)
                />
                <Slide
                    label="Clip skip"
                    hint="At 2 the last layer that reads your words is left out, as many models of drawings were trained; 1 leaves out none"
                    range=(1.0, f32::from(CLIP_SKIP_MAX) + 1.0)
                    step=1.0
                    value=|studio| f32::from(studio.settings.tuning.clip_skip) + 1.0
                    shown=|layer| decimal(layer, 0)
                    set=|layer| Event::ClipSkip((layer as u16).saturating_sub(1))
                    hidden=|studio| studio.model.as_ref().is_none_or(|model| model.sketch_conditioned)
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
                    value=|studio| {
                        place_of(&studio.settings.scheduler(studio.model.as_ref()), Scheduler::ALL)
                    }
                    set=|at| Event::Scheduler(Scheduler::ALL[at])
                />
                <Choice
                    label="Noise levels"
                    hint="How they are spaced from step to step"
                    choices=SIGMAS.map(|(_, name)| name).to_vec()
                    value=|studio| place_of(&studio.settings.tuning.sigmas, SIGMAS.map(|(sigmas, _)| sigmas))
                    set=|at| Event::Sigmas(SIGMAS[at].0)
                />
                <Choice
                    label="Size"
                    hint="Pixels of the picture's shorter side, at most 832 unless it is square; models are best at the size that they were made for"
                    choices=SIDES.map(|(_, name)| name).to_vec()
                    value=|studio| {
                        let spec = studio.spec();
                        place_of(&spec.width.min(spec.height), SIDES.map(|(side, _)| side))
                    }
                    set=|at| Event::Side(SIDES[at].0)
                />
                <Choice
                    label="Previews"
                    hint="Quick ones are a few kilobytes; sharp ones are decoded by the server, which takes it longer, and are some ten times as large"
                    choices=vec!["Quick", "Sharp"]
                    value=|studio| studio.settings.sharp.into()
                    set=|at| Event::Sharp(at == 1)
                />
                <Choice
                    label="Photographs"
                    hint="How they go onto the paper from now on: as they are, or so near that one hardly sees it, which is twice as quick over a slow link"
                    choices=vec!["As they are", "Lighter"]
                    value=|studio| studio.settings.near_photographs.into()
                    set=|at| Event::NearPhotographs(at == 1)
                />
                <AsTheModel />
                <Unusable />
                <SizeNote />
            </div>
        </details>
    }
}

fn controls(studio: &Studio) -> Vec<(String, String)> {
    let names = studio.family().into_iter().flat_map(|family| &family.controls);
    let none = (String::new(), "None".to_owned());
    std::iter::once(none).chain(names.map(|name| (name.clone(), name.clone()))).collect()
}

#[component]
fn Loras() -> impl IntoView {
    let desk = Desk::here();
    let none = desk.see(|studio| studio.loras().is_empty());
    view! {
        <div
            class="field wide loras"
            title="Changes to the model: one that you press stands at the end of your words, with its weight"
            hidden=none
        >
            <span>"LoRAs"</span>
            <Chips
                class="chips"
                label="LoRAs"
                list=Studio::loras
                pressed=Studio::named_loras
                set=Event::Lora
            />
        </div>
    }
}

#[component]
fn AsTheModel() -> impl IntoView {
    let desk = Desk::here();
    let is_so = desk.see(|studio| studio.settings.tuning.is_the_models());
    view! {
        <button
            type="button"
            class="quiet"
            data-next="generate"
            title="Steps, size and what else is remembered for each model, again as this one suggests"
            disabled=is_so
            on:click=desk.tell(|_| Event::AsTheModel)
        >
            "As the model suggests"
        </button>
    }
}

/// What lies in the models folder and is in no list, so that nobody wonders.
#[component]
fn Unusable() -> impl IntoView {
    let desk = Desk::here();
    let none = desk.see(|studio| studio.unusable.is_empty());
    let sentences = desk.see(|studio| studio.unusable.join("\n"));
    view! {
        <details class="note" hidden=none>
            <summary>"Files that cannot be used"</summary>
            <p class="sentences">{sentences}</p>
        </details>
    }
}

#[component]
fn SizeNote() -> impl IntoView {
    let desk = Desk::here();
    let note = desk.memo(words::size);
    view! {
        <p class="note" role="status" hidden=move || note.get().is_none()>
            {move || note.get()}
        </p>
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
