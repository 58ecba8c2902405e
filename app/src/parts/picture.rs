//! The picture: previews and the finished one are painted on a canvas, and the sketch lies over
//! it and lets itself be seen through, the pentimento.

use crate::{
    desk::Desk,
    studio::{Phase, SIDE},
};
use leptos::prelude::*;

#[component]
pub fn Picture() -> impl IntoView {
    let desk = Desk::here();
    let step = desk.see(|studio| studio.job.painted_step);
    let frames = desk.see(|studio| studio.job.frames);
    let hung = desk.see(|studio| studio.hung.map(|digest| digest.to_string()));
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
                style:opacity=move || format!("{:.3}", sketch())
            ></canvas>
            <div class="empty" class:gone=move || !empty()>
                <p class="lead">"The picture forms here."</p>
                <p>"Draw a few lines, say what they should become, and press Generate."</p>
            </div>
        </div>
    }
}
