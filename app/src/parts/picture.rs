//! The picture: previews and the finished one are painted on a canvas, and the sketch lies over
//! it and lets itself be seen through, the pentimento.

use crate::{
    desk::Desk,
    studio::{Event, Phase, Place, SIDE, words::decimal},
};
use leptos::prelude::*;
use wire::Digest;

#[component]
pub fn Picture() -> impl IntoView {
    let desk = Desk::here();
    let step = desk.see(|studio| studio.job.painted_step);
    let frames = desk.see(|studio| studio.job.frames);
    let hung = desk.see(|studio| {
        let names: Vec<_> = studio.hung.iter().map(ToString::to_string).collect();
        (!names.is_empty()).then(|| names.join(" "))
    });
    let sketch = desk.see(|studio| studio.sketch_opacity());
    let empty = desk.see(|studio| studio.job.phase == Phase::Idle && studio.looking_at.is_none());
    let alive = desk.see(|studio| studio.job.phase.is_active() && studio.looking_at.is_none());
    view! {
        <div class="frame" id="frame" class:alive=alive>
            <canvas
                id="picture"
                data-testid="picture"
                width=SIDE
                height=SIDE
                role="img"
                aria-label="The picture"
                data-step=step
                data-frames=frames
                data-picture=hung
            ></canvas>
            <canvas
                id="sketch"
                class="sketch"
                width=SIDE
                height=SIDE
                aria-hidden="true"
                class:gone=move || sketch() == 0.0
                style:opacity=move || decimal(sketch(), 3)
            ></canvas>
            <Doors />
            <div class="empty" class:gone=move || !empty()>
                <p class="lead">"The picture forms here."</p>
                <p>"Draw a few lines, say what they should become, and press Generate."</p>
            </div>
        </div>
    }
}

/// Several pictures in one frame: pressed, each of them is looked at alone, and that one leads back to all.
#[component]
fn Doors() -> impl IntoView {
    let desk = Desk::here();
    let doors = desk.memo(|studio| studio.doors());
    let door = move |(n, (place, to)): (usize, (Place, Option<Digest>))| {
        let title = match to {
            Some(_) => format!("Look at picture {}", n + 1),
            None => "Back to all pictures".to_owned(),
        };
        let [left, top, side] = [place.left, place.top, place.side].map(|share| decimal(100.0 * share, 3));
        let style = format!("left:{left}%;top:{top}%;width:{side}%");
        view! {
            <button type="button" class="door" title=title style=style on:click=move |_| desk.send(Event::Look(to))></button>
        }
    };
    move || doors.get().into_iter().enumerate().map(door).collect_view()
}
