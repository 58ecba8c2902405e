//! The page's own life, and its keys.

use super::{
    dom::{by_id, document, has_fingers, let_go, listen, reveal, takes_text, window},
    runtime::{chance, here, send},
    store,
};
use crate::studio::{Event, Key, Spot, leads, neighbour, shortcut};
use leptos::prelude::WithUntracked;
use link::client;
use std::iter;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, HtmlElement, KeyboardEvent};

pub fn attach() {
    listen(&document(), "visibilitychange", |_: web_sys::Event| seen());
    for (name, event) in [
        ("online", client::Event::Online),
        ("offline", client::Event::Offline),
        ("pagehide", client::Event::PageHide),
    ] {
        listen(&window(), name, move |_: web_sys::Event| send(Event::Link(event.clone())));
    }
    // Some browsers come back with this alone.
    listen(&window(), "pageshow", |_: web_sys::Event| {
        send(Event::Link(client::Event::PageShow));
        seen();
    });
    // What opens at the end of the page would be below the screen.
    let further: Element = by_id("further");
    listen(&further.clone(), "toggle", move |_: web_sys::Event| {
        if further.has_attribute("open") {
            reveal(&further);
        }
    });
    listen(&by_id::<HtmlElement>("kept"), "keydown", |event: KeyboardEvent| go_along(&event));
    listen(&window(), "keydown", |event: KeyboardEvent| press(&event));
}

/// What has the focus may be about to vanish: it goes on to the element that `data-next` names then.
pub fn keep_focus() {
    let Some(held) = document().active_element() else { return };
    let Some(next) = held.get_attribute("data-next") else { return };
    in_next_frame(move || {
        if matches!(held.closest(".gone, :disabled"), Ok(Some(_))) {
            let _ = by_id::<HtmlElement>(&next).focus();
        }
    });
}

/// Once the page shows what has just been decided.
fn in_next_frame(act: impl FnOnce() + 'static) {
    let act = Closure::once_into_js(act);
    let _ = window().request_animation_frame(act.unchecked_ref());
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
    let Some(at) = pictures.iter().position(|picture| held.as_ref() == Some(picture)) else { return };
    let is_strip = !strip.class_list().contains("spread");
    if key == "Delete" {
        let is_looked_at = pictures[at].matches("[aria-current='true']:not(.forming)").unwrap_or_default();
        if is_strip && is_looked_at && !event.repeat() {
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

/// Tells whether the page is on a screen.
fn seen() {
    let visible = !document().hidden();
    if !visible && let Some(runtime) = here() {
        runtime.painter().finish();
    }
    send(Event::Visible(visible));
}

fn press(event: &KeyboardEvent) {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    // On many keyboards the right Alt key makes brackets and counts as Ctrl with Alt.
    let graph = event.get_modifier_state("AltGraph");
    let name = event.key();
    let (in_hand, covered) = here()
        .map(|runtime| (runtime.is_in_hand(), runtime.studio.with_untracked(|studio| studio.spread)))
        .unwrap_or_default();
    let meaning = shortcut(Key {
        name: &name,
        ctrl: (event.ctrl_key() || event.meta_key()) && !graph,
        shift: event.shift_key(),
        typing: target.as_ref().is_some_and(takes_text),
        // Safari tells by this number alone that Enter was for a word that is being put together.
        asking: target.is_some_and(|target| target.id() == "prompt")
            && !event.is_composing()
            && event.key_code() != 229,
        in_hand,
        covered,
        chance: chance() >> 32,
    });
    // A key that is held down undoes step by step, but asks for one picture and switches once.
    let again =
        event.repeat() && matches!(meaning, Some(Event::Generate { .. } | Event::Masking | Event::Picking));
    if meaning.is_some() {
        event.prevent_default();
    }
    if let Some(meaning) = meaning.filter(|_| !again) {
        if matches!(meaning, Event::Generate { .. }) && has_fingers() {
            // Their keyboard would lie over the picture.
            let_go(None);
        }
        send(meaning);
    }
}

/// Makes room for a picture that follows the pen, as the document does before this program is there.
pub fn set_along(along: bool) {
    set_root("data-along", if along { "on" } else { "off" });
}

/// Makes room for paper of this shape, as the document does before this program is there, which finds it where it is kept
/// for this tab.
pub fn set_shape(name: &str) {
    set_root("data-shape", name);
    store::keep_shape(name);
}

/// What the browser's tab says.
pub fn set_title(title: &str) {
    document().set_title(title);
}

pub fn set_theme(name: &str) {
    set_root("data-theme", name);
}

fn set_root(attribute: &str, value: &str) {
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute(attribute, value);
    }
}
