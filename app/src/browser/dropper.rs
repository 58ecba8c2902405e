//! A colour taken from the picture, as from the paper: what is seen there, the sketch over it included.

use super::{
    dom::{by_id, context, listen, loose_canvas},
    runtime::{here, send},
};
use crate::studio::{Event, Studio};
use leptos::prelude::WithUntracked;
use web_sys::{HtmlCanvasElement, HtmlElement, MouseEvent};

pub fn attach() {
    listen(&by_id::<HtmlElement>("frame"), "click", |event: MouseEvent| {
        let takes = |studio: &Studio| {
            let takes = !studio.is_empty() && (event.alt_key() || studio.settings.picking);
            takes.then(|| studio.sketch_opacity())
        };
        let opacity = here().and_then(|runtime| runtime.studio.with_untracked(takes));
        if let Some(colour) = opacity.and_then(|opacity| colour_at(&event, opacity)) {
            send(Event::Colour(colour));
        }
    });
}

/// The colour of the pixel under the pointer. Read from a copy: canvases that are read from themselves are drawn without
/// the GPU from then on.
fn colour_at(event: &MouseEvent, sketch_opacity: f32) -> Option<[u8; 3]> {
    let picture: HtmlCanvasElement = by_id("picture");
    let rect = picture.get_bounding_client_rect();
    let x = (f64::from(event.client_x()) - rect.left()) / rect.width() * f64::from(picture.width());
    let y = (f64::from(event.client_y()) - rect.top()) / rect.height() * f64::from(picture.height());
    let pixel = context(&loose_canvas(1, 1));
    let (left, top) = (-x.floor(), -y.floor());
    pixel.draw_image_with_html_canvas_element(&picture, left, top).ok()?;
    let (width, height) = (picture.width().into(), picture.height().into());
    pixel.set_global_alpha(sketch_opacity.into());
    pixel
        .draw_image_with_html_canvas_element_and_dw_and_dh(&by_id("sketch"), left, top, width, height)
        .ok()?;
    let data = pixel.get_image_data(0.0, 0.0, 1.0, 1.0).ok()?.data();
    match data[..] {
        [red, green, blue, 255] => Some([red, green, blue]),
        _ => None,
    }
}
