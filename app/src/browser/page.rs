//! The page's own life, and its keys.

use super::{
    dom::{by_id, document, has_fingers, in_next_frame, let_go, listen, reveal, takes_text, window},
    runtime::{chance, here, send},
    store,
};
use crate::studio::{Event, Key, shortcut};
use leptos::prelude::WithUntracked;
use link::client;
use wasm_bindgen::JsCast;
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
        if gave_way() {
            return;
        }
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

/// Two pages of one name would take the connection from each other: one that comes back when another goes by its name begins
/// anew.
fn gave_way() -> bool {
    let gave_way = here().is_some_and(|runtime| runtime.left.is_taken());
    if gave_way {
        let _ = window().location().reload();
    }
    gave_way
}

/// Tells whether the page is on a screen.
fn seen() {
    if gave_way() {
        return;
    }
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
