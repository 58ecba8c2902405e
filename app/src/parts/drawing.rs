//! The canvas that one draws on. What happens on it goes past the signals, straight to the
//! pixels: see `browser::pointer`.

use crate::{
    desk::Desk,
    studio::{Shape, Tool, Zoom, words::decimal},
};
use leptos::prelude::*;

#[component]
pub fn Drawing() -> impl IntoView {
    let desk = Desk::here();
    let ring = desk.see(|studio| {
        format!("{}%", decimal(100.0 * studio.settings.size() / studio.settings.shape.paper().0 as f32, 3))
    });
    let erasing = desk.see(|studio| studio.settings.tool == Tool::Eraser);
    let pointing = desk.see(|studio| studio.settings.picking || studio.settings.tool == Tool::Fill);
    let marking = desk.see(|studio| studio.settings.masking);
    let drawn = desk.see(|studio| !studio.ready || !studio.is_blank());
    let note = desk.see(|studio| studio.import_note.clone());
    let seen = desk.memo(|studio| studio.zoom);
    let seen = move || {
        let Zoom { scale, left, top } = seen.get();
        let [left, top] = [left, top].map(|share| decimal(100.0 * share, 3));
        format!("translate({left}%,{top}%) scale({})", decimal(scale, 4))
    };
    // Until something is painted there.
    let (width, height) = Shape::default().paper();
    view! {
        <div class="paper" id="paper" class:erasing=erasing class:pointing=pointing>
            <div class="sheet" style:transform=seen>
                <canvas
                    id="drawing"
                    data-testid="drawing"
                    width=width
                    height=height
                    tabindex="0"
                    role="img"
                    aria-label="Your drawing"
                ></canvas>
                <canvas
                    id="mask"
                    class="mask"
                    class:marking=marking
                    data-testid="mask"
                    width=width
                    height=height
                    aria-hidden="true"
                ></canvas>
                <p class="hint" class:gone=drawn aria-hidden="true">
                    "Draw here"
                </p>
                <div id="ring" class="ring" style:width=ring></div>
            </div>
            <p class="note" role="alert">
                {note}
            </p>
        </div>
    }
}
