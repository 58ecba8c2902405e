//! The strip of pictures so far: what of it is in sight, and its keys.

use super::{
    dom::{by_id, document, in_next_frame, listen},
    runtime::send,
};
use crate::studio::{Event, Spot, leads, neighbour};
use std::iter;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

pub fn attach() {
    listen(&by_id::<HtmlElement>("kept"), "keydown", |event: KeyboardEvent| go_along(&event));
}

/// The strip of pictures may have been scrolled to older ones.
pub fn reveal_newest() {
    let strip: Element = by_id("kept");
    strip.set_scroll_left(0);
    strip.set_scroll_top(0);
}

/// The picture that is looked at was found elsewhere than in the strip, which shows it from the next frame on.
pub fn reveal_looked() {
    in_next_frame(|| {
        let strip: Element = by_id("kept");
        let Ok(Some(looked)) = strip.query_selector("[aria-current='true']") else { return };
        let (around, place) = (strip.get_bounding_client_rect(), looked.get_bounding_client_rect());
        let beside = |before: f64, after: f64| ((before + after) / 2.0) as i32;
        let across = beside(place.left() - around.left(), place.right() - around.right());
        let down = beside(place.top() - around.top(), place.bottom() - around.bottom());
        strip.set_scroll_left(strip.scroll_left() + across);
        strip.set_scroll_top(strip.scroll_top() + down);
    });
}

/// A key among the pictures that were made: to another one, which in the strip is looked at, or away with the one that is.
fn go_along(event: &KeyboardEvent) {
    let key = event.key();
    let is_plain = !(event.alt_key() || event.ctrl_key() || event.meta_key() || event.shift_key());
    if !is_plain || !(leads(&key) || key == "Delete") {
        return;
    }
    let strip: Element = by_id("kept");
    let pictures: Vec<HtmlElement> =
        iter::successors(strip.first_element_child(), Element::next_element_sibling)
            .filter(|element| element.matches(".thumb:not(.gone, .older)").unwrap_or_default())
            .map(JsCast::unchecked_into)
            .collect();
    let held = document().active_element();
    let is_looked_at =
        |picture: &HtmlElement| picture.matches("[aria-current='true']:not(.forming)").unwrap_or_default();
    let has_it = |picture: &HtmlElement| match &held {
        // Between two that are removed one after the other.
        Some(held) if *held == strip => is_looked_at(picture),
        held => held.as_ref() == Some(picture),
    };
    let Some(at) = pictures.iter().position(has_it) else { return };
    let is_strip = !strip.class_list().contains("spread");
    if key == "Delete" {
        if is_strip && is_looked_at(&pictures[at]) && !event.repeat() {
            // The next press may come before the next picture has the focus.
            let _ = strip.unchecked_ref::<HtmlElement>().focus();
            send(Event::Cull);
            hold_on(strip);
        }
        return;
    }
    let spots: Vec<Spot> = pictures
        .iter()
        .map(|picture| {
            let place = picture.get_bounding_client_rect();
            let middle = (place.left() + place.right()) / 2.0;
            Spot { middle, top: place.top(), bottom: place.bottom() }
        })
        .collect();
    if let Some(other) = neighbour(&spots, at, &key) {
        event.prevent_default();
        let _ = pictures[other].focus();
        if is_strip {
            pictures[other].click();
            // What is being made has no place there while it is looked at, if it follows the drawing.
            hold_on(strip);
        }
    }
}

/// If the picture that had the focus is about to go from the strip, the one that is looked at then has it; without any, the way back.
fn hold_on(strip: Element) {
    in_next_frame(move || {
        let held = document().active_element();
        let stays = held.is_some_and(|held| held.matches("#kept .thumb:not(.gone)").unwrap_or_default());
        if !stays {
            let next = strip.query_selector(".thumb[tabindex='0']:not(.gone)").ok().flatten();
            let next = next.map_or_else(|| by_id("undo-removal"), JsCast::unchecked_into::<HtmlElement>);
            let _ = next.focus();
        }
    });
}
