//! Pictures from outside: chosen, dropped or pasted.

use super::{
    dom::{
        by_id, context, in_next_frame, listen, load_image, loose_canvas, reveal, smooth, takes_text, window,
    },
    runtime::{here, send},
};
use crate::studio::{Event, Laid, Paper};
use js_sys::Promise;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    ClipboardEvent, DataTransfer, DragEvent, Element, File, HtmlElement, HtmlInputElement, ImageBitmap,
};

/// Larger pictures are made smaller by the browser before their pixels are read: to as many as the finest paper has.
const SIDE_MAX: f64 = 1536.0;
/// Why what the server has did not come.
const UNREACHABLE: &str = "It could not be fetched: the link is down, or the server does not have it.";
const UNREADABLE: &str = "That is no picture that this browser can read. PNG, JPEG and WebP work.";

pub fn attach() {
    let field: HtmlInputElement = by_id("file");
    listen(&by_id::<HtmlElement>("import"), "click", {
        let field = field.clone();
        move |_: web_sys::Event| field.click()
    });
    listen(&field.clone(), "change", move |_: web_sys::Event| {
        if let Some(file) = field.files().and_then(|files| files.get(0)) {
            import(file);
        }
        // The same file may be chosen again.
        field.set_value("");
    });
    // Text that is dragged goes into the prompt, as the browser does it.
    listen(&window(), "dragover", |event: DragEvent| {
        if event.data_transfer().is_some_and(|data| data.types().includes(&"Files".into(), 0)) {
            event.prevent_default();
        }
    });
    listen(&window(), "drop", |event: DragEvent| {
        if let Some(file) = event.data_transfer().and_then(|data| first_file(&data)) {
            event.prevent_default();
            import(file);
        }
    });
    listen(&window(), "paste", |event: ClipboardEvent| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let Some(data) = event.clipboard_data() else { return };
        // Office programs lay a picture of the text beside it.
        let words = data.get_data("text/plain").is_ok_and(|text| !text.is_empty());
        if words && target.is_some_and(|target| takes_text(&target)) {
            return;
        }
        if let Some(file) = first_file(&data) {
            event.prevent_default();
            import(file);
        }
    });
}

fn first_file(data: &DataTransfer) -> Option<File> {
    data.files()?.get(0)
}

fn import(file: File) {
    spawn_local(async move {
        match window().create_image_bitmap_with_blob(&file) {
            Ok(decoded) => place(decoded, None, UNREADABLE).await,
            Err(_) => send(Event::ImportFailed(UNREADABLE.into())),
        }
    });
}

/// Lays what the server has onto paper of its shape.
pub fn lay(laid: Laid) {
    load_image(&laid.address(), move |image| {
        let decoded =
            image.and_then(|image| window().create_image_bitmap_with_html_image_element(&image).ok());
        match decoded {
            Some(decoded) => spawn_local(place(decoded, Some(laid), UNREACHABLE)),
            None => {
                if let Laid::Drawing(canvas) = laid {
                    send(Event::SketchLost(canvas));
                }
                send(Event::ImportFailed(UNREACHABLE.into()));
            }
        }
    });
}

async fn place(decoded: Promise, laid: Option<Laid>, otherwise: &str) {
    let placed = async {
        let bitmap: ImageBitmap = JsFuture::from(decoded).await?.unchecked_into();
        let size = (bitmap.width(), bitmap.height());
        let Some(runtime) = here() else { return Ok(()) };
        let (paper, part) = match laid {
            Some(_) => (Paper::beneath(size.0, size.1), size),
            None => runtime.paper_for(size),
        };
        let pixels = pixels(&bitmap, part);
        bitmap.close();
        let (rgba, width, height) = pixels?;
        runtime.place(paper, &rgba, width, height, laid);
        // Once the page has its room for paper of this shape.
        in_next_frame(|| reveal(&by_id("board")));
        Ok::<_, JsValue>(())
    };
    if placed.await.is_err() {
        send(Event::ImportFailed(otherwise.into()));
    }
}

/// The middle of a picture, that is so wide and high there, at a size that fits the drawing.
fn pixels(bitmap: &ImageBitmap, part: (u32, u32)) -> Result<(Vec<u8>, u32, u32), JsValue> {
    let (across, down) = (f64::from(part.0), f64::from(part.1));
    let scale = (SIDE_MAX / across.max(down)).min(1.0);
    let side = |side: f64| (side * scale).round().max(1.0);
    let (width, height) = (side(across), side(down));
    let canvas = loose_canvas(width as u32, height as u32);
    let context = context(&canvas);
    smooth(&context);
    let left = ((f64::from(bitmap.width()) - across) / 2.0).floor();
    let top = ((f64::from(bitmap.height()) - down) / 2.0).floor();
    context.draw_image_with_image_bitmap_and_sw_and_sh_and_dx_and_dy_and_dw_and_dh(
        bitmap, left, top, across, down, 0.0, 0.0, width, height,
    )?;
    let data = context.get_image_data(0.0, 0.0, width, height)?;
    Ok((data.data().0, width as u32, height as u32))
}
