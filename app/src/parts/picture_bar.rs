//! Under the picture: where the job stands, the slider that lets the sketch through, and what
//! can be done with the picture.

use super::{Icon, slid_to};
use crate::{
    desk::Desk,
    studio::{
        Event, Phase, Studio,
        words::{self, decimal},
    },
};
use leptos::prelude::*;

#[component]
pub fn PictureBar() -> impl IntoView {
    view! {
        <div class="bar">
            <Progress />
            <ShowThrough />
            <div class="actions">
                <Takeaway />
                <Keep />
                <Cancel />
            </div>
        </div>
    }
}

#[component]
fn Keep() -> impl IntoView {
    let desk = Desk::here();
    let missing = desk.see(|studio| !studio.can_keep());
    view! {
        <button
            type="button"
            class="plain"
            class:gone=missing
            data-next="generate"
            title="Keep this quick picture with the others, to download it or to draw on it"
            on:click=desk.tell(|_| Event::Keep)
        >
            "Keep"
        </button>
    }
}

#[component]
fn Cancel() -> impl IntoView {
    let desk = Desk::here();
    let idle = desk.see(|studio| !studio.can_cancel());
    let late = desk.see(|studio| studio.job.stopping.to_string());
    view! {
        <button
            type="button"
            class="plain cancel"
            class:gone=idle
            data-next="generate"
            aria-disabled=late
            on:click=desk.tell(|_| Event::Cancel)
        >
            "Cancel"
        </button>
    }
}

#[component]
fn Progress() -> impl IntoView {
    let desk = Desk::here();
    let id = desk.see(|studio| studio.job.id.map(|id| id.to_string()));
    let state = desk.see(|studio| studio.job.phase.name());
    let step = desk.see(|studio| studio.job.steps().0);
    let total = desk.see(|studio| studio.job.steps().1);
    let words = desk.see(words::job);
    // Read out when a job begins and ends, not at each of its steps.
    let loud = desk.see(|studio| match studio.job.phase {
        Phase::Loading { .. } | Phase::Running { .. } => "off",
        _ => "polite",
    });
    let share = desk.see(|studio| format!("scaleX({})", decimal(studio.job.share(), 4)));
    let idle = desk.see(|studio| studio.looking_at.is_some() || !studio.job.phase.is_active());
    let nothing_removed = desk.see(|studio| !studio.can_bring_back());
    let bring_back = desk.see(words::bring_back);
    view! {
        <div
            class="progress"
            data-testid="job"
            data-job=id
            data-state=state
            data-step=step
            data-total=total
        >
            <p class="words number" role="status" aria-live=loud>
                {words}
            </p>
            <button
                type="button"
                id="undo-removal"
                aria-label="Undo removal"
                class="quiet"
                class:gone=nothing_removed
                data-next="remove"
                title="Bring back the picture that was removed last"
                on:click=desk.tell(|_| Event::BringBack)
            >
                {bring_back}
            </button>
            <div
                class="track"
                class:gone=idle
                role="progressbar"
                aria-label="Progress"
                aria-valuemin="0"
                aria-valuenow=step
                aria-valuemax=total
            >
                <div class="fill" style:transform=share></div>
            </div>
        </div>
    }
}

#[component]
fn ShowThrough() -> impl IntoView {
    let desk = Desk::here();
    let share = desk.see(|studio| decimal(100.0 * studio.settings.show_through, 0));
    let idle = desk.see(|studio| !studio.can_show_through());
    view! {
        <label class="through" title="Let your sketch show through the picture">
            <span>"Sketch"</span>
            <input
                type="range"
                min="0"
                max="100"
                aria-label="Let the sketch show through"
                disabled=idle
                prop:value=share
                on:input=move |event| desk.send(Event::ShowThrough(slid_to(&event) / 100.0))
            />
        </label>
    }
}

#[component]
fn Takeaway() -> impl IntoView {
    let desk = Desk::here();
    let href = desk.see(|studio| studio.wanted().map(|digest| format!("pictures/{digest}.png")));
    let file = desk
        .see(|studio| studio.wanted().map(|digest| format!("pentimento-{}.png", &digest.to_string()[..8])));
    let none = desk.see(|studio| studio.wanted().is_none());
    let disabled = desk.see(|studio| studio.wanted().is_none().to_string());
    view! {
        <div class="takeaway" class:gone=none>
            <Act
                icon="restore"
                name="Use these settings again"
                hint="Use the settings of this picture again"
                next="generate"
                event=|_| Event::Restore
            />
            <Act
                icon="draw-again"
                name="Bring its drawing back"
                hint="Lay the drawing that this picture was made from onto the paper"
                next="restore"
                missing=|studio| !studio.can_draw_again()
                event=|_| Event::DrawAgain
            />
            <Act
                icon="take-up"
                name="Draw on it"
                hint="Lay this picture onto the paper, to draw on it or to paint a part of it anew"
                next="generate"
                event=|_| Event::TakeUp
            />
            <a
                class="tool"
                aria-label="Download"
                title="Download as PNG, with its settings inside"
                href=href
                download=file
                aria-disabled=disabled
            >
                <Icon name="download" />
            </a>
            <Act
                icon="remove"
                name="Remove this picture"
                hint="Remove this picture, at the server too"
                next="undo-removal"
                event=|_| Event::Remove
            />
        </div>
    }
}

/// What can be done with the picture that is shown; the focus goes on to `next` when there is none any more.
#[component]
fn Act(
    icon: &'static str,
    name: &'static str,
    hint: &'static str,
    next: &'static str,
    #[prop(default = |studio| studio.wanted().is_none())] missing: fn(&Studio) -> bool,
    event: fn(&Studio) -> Event,
) -> impl IntoView {
    let desk = Desk::here();
    let missing = desk.see(missing);
    view! {
        <button
            type="button"
            class="tool"
            id=icon
            aria-label=name
            data-next=next
            title=hint
            disabled=missing
            on:click=desk.tell(event)
        >
            <Icon name=icon />
        </button>
    }
}
