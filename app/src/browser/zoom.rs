//! Two fingers, or a wheel, bring the paper nearer.

use super::{
    dom::{by_id, listen},
    runtime::{here, send},
};
use crate::studio::{Event, Pixels, Zoom};
use std::cell::Cell;
use web_sys::{HtmlElement, WheelEvent};

/// Of a wheel that counts in lines, what one is worth in pixels.
const LINE: f32 = 16.0;
/// Pixels of the wheel, with Ctrl held as browsers say a pinch on a touchpad, that would make the paper twice as large.
const TWICE: f32 = 100.0;
/// A notch of a wheel is many of them at once: it makes the paper larger by so much at the most.
const NOTCH: f32 = 0.25;

/// Two fingers on the paper.
#[derive(Clone, Copy)]
struct Pinch {
    /// Those that were not lifted.
    fingers: [Option<i32>; 2],
    /// Where they were at first, and are now.
    from: [Pixels; 2],
    to: [Pixels; 2],
    before: Zoom,
}

/// A pinch, if there is one; it lasts until no finger of it is left, so that none of them draws.
#[derive(Default)]
pub struct Pinching {
    pinch: Cell<Option<Pinch>>,
    /// Where the finger that draws came down.
    first: Cell<Pixels>,
}

impl Pinching {
    /// A finger draws from here on.
    pub fn draws(&self, at: Pixels) {
        self.first.set(at);
    }

    /// A second one came down with it.
    pub fn begin(&self, fingers: [i32; 2], at: Pixels) {
        let (fingers, from) = (fingers.map(Some), [self.first.get(), at]);
        self.pinch.set(Some(Pinch { fingers, from, to: from, before: seen() }));
    }

    /// Whether there is a pinch that a finger which comes down belongs to; where one was lifted it goes on with this one.
    pub fn joins(&self, finger: i32, at: Pixels) -> bool {
        let Some(mut pinch) = self.pinch.get() else { return false };
        if let Some(n) = pinch.fingers.iter().position(Option::is_none) {
            (pinch.fingers[n], pinch.to[n]) = (Some(finger), at);
            (pinch.from, pinch.before) = (pinch.to, seen());
            self.pinch.set(Some(pinch));
        }
        true
    }

    /// A finger moved.
    pub fn drag(&self, finger: i32, at: Pixels) {
        let Some(mut pinch) = self.pinch.get() else { return };
        let Some(n) = pinch.fingers.iter().position(|other| *other == Some(finger)) else { return };
        pinch.to[n] = at;
        self.pinch.set(Some(pinch));
        if pinch.fingers.iter().all(Option::is_some) {
            let (corner, size) = frame();
            let inside = |places: [Pixels; 2]| places.map(|(x, y)| (x - corner.0, y - corner.1));
            send(Event::Zoom(pinch.before.pinched(size, inside(pinch.from), inside(pinch.to))));
        }
    }

    /// A finger left the paper.
    pub fn lift(&self, finger: i32) {
        let Some(mut pinch) = self.pinch.get() else { return };
        pinch.fingers = pinch.fingers.map(|other| other.filter(|other| *other != finger));
        self.pinch.set(Some(pinch).filter(|pinch| pinch.fingers.iter().any(Option::is_some)));
    }
}

/// A wheel with Ctrl brings the paper nearer; without, it pushes it where not all of it is seen.
pub fn attach() {
    listen(&by_id::<HtmlElement>("paper"), "wheel", |event: WheelEvent| {
        let (zoom, (corner, size)) = (seen(), frame());
        let unit = if event.delta_mode() == WheelEvent::DOM_DELTA_LINE { LINE } else { 1.0 };
        let (across, down) = (unit * event.delta_x() as f32, unit * event.delta_y() as f32);
        if !event.ctrl_key() && zoom.is_whole() {
            return;
        }
        // The page would be scrolled, or all of it made larger.
        event.prevent_default();
        // What is drawn meanwhile would go astray.
        if event.buttons() != 0 {
            return;
        }
        let at = (event.client_x() as f32 - corner.0, event.client_y() as f32 - corner.1);
        let more = 1.0 + (down.abs() / TWICE).min(NOTCH);
        send(Event::Zoom(match event.ctrl_key() {
            true if down > 0.0 => zoom.nearer(size, at, 1.0 / more),
            true => zoom.nearer(size, at, more),
            false => zoom.pushed(size, (-across, -down)),
        }));
    });
}

fn seen() -> Zoom {
    here().map(|runtime| runtime.zoom()).unwrap_or_default()
}

/// Where the frame of the paper lies on the screen, and its size.
fn frame() -> (Pixels, Pixels) {
    let frame = by_id::<HtmlElement>("paper").get_bounding_client_rect();
    (
        (frame.left() as f32, frame.top() as f32),
        (frame.width().max(1.0) as f32, frame.height().max(1.0) as f32),
    )
}
