//! The picture: previews and the finished one are painted on a canvas, and the sketch lies over
//! it and lets itself be seen through, the pentimento.

use crate::{
    desk::Desk,
    studio::{Event, Looked, Place, words::decimal},
};
use leptos::{ev::MouseEvent, prelude::*};
use wire::limits::PICTURES_MAX;

#[component]
pub fn Picture() -> impl IntoView {
    let desk = Desk::here();
    let step = desk.see(|studio| studio.job.painted_step);
    let frames = desk.see(|studio| studio.job.frames);
    let hung = desk.see(|studio| {
        let names: Vec<_> = studio.hung.iter().map(ToString::to_string).collect();
        (!names.is_empty()).then(|| names.join(" "))
    });
    let unseen = desk.see(|studio| studio.sketch_opacity() == 0.0);
    let opacity = desk.see(|studio| decimal(studio.sketch_opacity(), 3));
    let taken = desk.see(|studio| !studio.is_empty());
    let ratio = desk.memo(|studio| {
        let (width, height) = studio.size();
        width as f32 / height as f32
    });
    // What does not fill the frame has paper of its own.
    let alive = desk.see(|studio| {
        let spec = &studio.job.spec;
        let fills = spec.pictures == 1 && spec.width == spec.height;
        studio.job.phase.is_active() && studio.looking_at.is_none() && fills
    });
    let pointing = desk.see(|studio| studio.settings.picking && !studio.is_empty());
    let label = desk.see(|studio| match studio.hanging().len() {
        0 | 1 => "The picture".to_owned(),
        pictures => format!("{pictures} pictures side by side"),
    });
    view! {
        <div class="frame" id="frame" class:alive=alive class:pointing=pointing style:--ratio=move || decimal(ratio.get(), 3)>
            <div class="stage">
                <canvas
                    id="picture"
                    data-testid="picture"
                    role="img"
                    aria-label=label
                    data-step=step
                    data-frames=frames
                    data-picture=hung
                ></canvas>
                <canvas
                    id="sketch"
                    class="sketch"
                    aria-hidden="true"
                    class:gone=unseen
                    style:opacity=opacity
                ></canvas>
                <Doors />
            </div>
            <div class="empty" class:gone=taken>
                <p class="lead">"The picture forms here."</p>
                <p>"Draw a few lines, say what they should become, and press Generate."</p>
            </div>
        </div>
    }
}

/// Several pictures in one frame: pressed, each of them is looked at alone, and that one leads back to all.
#[component]
fn Doors() -> impl IntoView {
    (0..PICTURES_MAX).map(|n| view! { <Door n /> }).collect_view()
}

/// The same button there and back, so that the focus stays on it.
#[component]
fn Door(n: u16) -> impl IntoView {
    let desk = Desk::here();
    let door = Memo::new(move |_| desk.studio().with(|studio| studio.door(n)));
    let style = move || {
        let Place { left, top, width, height } =
            door.get().map_or(Place::of(0, 1, (1, 1)), |(place, _)| place);
        let [left, top, width, height] = [left, top, width, height].map(|share| decimal(100.0 * share, 3));
        format!("left:{left}%;top:{top}%;width:{width}%;height:{height}%")
    };
    let title = move || match door.get() {
        Some((_, Some(Looked::One(_)))) | None => format!("Look at picture {}", n + 1),
        _ => "Back to all pictures".to_owned(),
    };
    let press = move |event: MouseEvent| {
        // With Alt a colour is taken from it.
        if let Some((_, to)) = door.get_untracked().filter(|_| !event.alt_key()) {
            desk.send(Event::Look(to));
        }
    };
    view! {
        <button
            type="button"
            class="door"
            class:gone=move || door.get().is_none()
            title=title
            style=style
            on:click=press
        ></button>
    }
}
