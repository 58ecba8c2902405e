//! Short words for what the other files need of the document.

use std::{cell::Cell, rc::Rc};
use wasm_bindgen::{JsCast, closure::Closure, convert::FromWasmAbi};
use web_sys::{
    CanvasRenderingContext2d, Document, Element, EventTarget, HtmlCanvasElement, HtmlElement,
    HtmlImageElement, ImageData, ScrollBehavior, ScrollIntoViewOptions, ScrollLogicalPosition, Window,
};

pub fn window() -> Window {
    web_sys::window().expect("a page has a window")
}

pub fn document() -> Document {
    window().document().expect("a window has a document")
}

/// An element that the server rendered.
///
/// # Panics
/// If the page has no such element, which would be a mistake of this crate.
pub fn by_id<T: JsCast>(id: &str) -> T {
    let element = document().get_element_by_id(id).and_then(|element| element.dyn_into().ok());
    element.unwrap_or_else(|| panic!("the page has no #{id}"))
}

/// Calls `react` for every such event as long as the page lives.
pub fn listen<E: FromWasmAbi + 'static>(target: &EventTarget, name: &str, react: impl FnMut(E) + 'static) {
    let closure = Closure::<dyn FnMut(E)>::new(react).into_js_value();
    // Fails only for names that no browser refuses.
    let _ = target.add_event_listener_with_callback(name, closure.unchecked_ref());
}

/// Once the page shows what has just been decided.
pub fn in_next_frame(act: impl FnOnce() + 'static) {
    let act = Closure::once_into_js(act);
    let _ = window().request_animation_frame(act.unchecked_ref());
}

/// A canvas that is on no page.
pub fn loose_canvas(width: u32, height: u32) -> HtmlCanvasElement {
    let canvas: HtmlCanvasElement =
        document().create_element("canvas").expect("canvas is an element").unchecked_into();
    canvas.set_width(width);
    canvas.set_height(height);
    canvas
}

/// Gives a canvas a size. Whether it had another: it is clear then, and draws as canvases do at first.
pub fn resize(canvas: &HtmlCanvasElement, width: u32, height: u32) -> bool {
    let differs = (canvas.width(), canvas.height()) != (width, height);
    if differs {
        canvas.set_width(width);
        canvas.set_height(height);
    }
    differs
}

pub fn context(canvas: &HtmlCanvasElement) -> CanvasRenderingContext2d {
    let context = canvas.get_context("2d").ok().flatten().expect("canvases draw in 2d");
    context.unchecked_into()
}

/// Pictures that are drawn larger or smaller get the browser's best.
pub fn smooth(context: &CanvasRenderingContext2d) {
    context.set_image_smoothing_enabled(true);
    // Some browsers do not know the quality and go without.
    let _ = js_sys::Reflect::set(context, &"imageSmoothingQuality".into(), &"high".into());
}

/// Fetches a picture and hands it on; `None` if it cannot be had.
pub fn load_image(
    address: &str,
    done: impl FnOnce(Option<HtmlImageElement>) + 'static,
) -> Option<HtmlImageElement> {
    let Ok(image) = HtmlImageElement::new() else {
        done(None);
        return None;
    };
    let done = Rc::new(Cell::new(Some(done)));
    for (name, worked) in [("load", true), ("error", false)] {
        let done = done.clone();
        // It asks the event for the picture: a listener that held it would keep it for ever.
        listen(&image, name, move |event: web_sys::Event| {
            if let Some(done) = done.take() {
                let image = event.target().and_then(|image| image.dyn_into().ok());
                done(image.filter(|_| worked));
            }
        });
    }
    image.set_src(address);
    Some(image)
}

/// Puts RGBA rows of this width onto a canvas, with their corner there. The browser's image of them is no copy, and must not live
/// longer than they.
pub fn put_pixels(
    onto: &CanvasRenderingContext2d,
    rgba: &[u8],
    width: u32,
    (x, y): (u32, u32),
) -> Option<()> {
    let height = rgba.len() as u32 / 4 / width;
    let image =
        ImageData::new_with_u8_clamped_array_and_sh(wasm_bindgen::Clamped(rgba), width, height).ok()?;
    onto.put_image_data(&image, x.into(), y.into()).ok()
}

/// Scrolls to an element, as far as it is not on the screen.
pub fn reveal(element: &Element) {
    let options = ScrollIntoViewOptions::new();
    options.set_block(ScrollLogicalPosition::Nearest);
    options.set_behavior(if less_motion() { ScrollBehavior::Auto } else { ScrollBehavior::Smooth });
    element.scroll_into_view_with_scroll_into_view_options(&options);
}

/// Whether the person asked for less motion.
pub fn less_motion() -> bool {
    matches("(prefers-reduced-motion: reduce)")
}

/// Whether it is a finger that mostly points here.
pub fn has_fingers() -> bool {
    matches("(pointer: coarse)")
}

fn matches(query: &str) -> bool {
    window().match_media(query).ok().flatten().is_some_and(|query| query.matches())
}

/// Takes the focus from what has it, unless that is this element.
pub fn let_go(unless: Option<&Element>) {
    let held = document().active_element().filter(|held| Some(held) != unless);
    let _ = held.and_then(|held| held.dyn_into::<HtmlElement>().ok()).map(|held| held.blur());
}

/// Whether text goes to this element, so that it owns the plain keys.
pub fn takes_text(element: &Element) -> bool {
    match element.tag_name().as_str() {
        "TEXTAREA" => true,
        "INPUT" => {
            let kind = element.get_attribute("type").unwrap_or_default();
            !matches!(kind.as_str(), "range" | "checkbox" | "color" | "button")
        }
        _ => false,
    }
}
