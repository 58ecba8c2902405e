//! The paper comes nearer, and what is under the fingers stays there.

use super::Page;
use crate::studio::{Event, Shape, Zoom};

const FRAME: (f32, f32) = (300.0, 200.0);

/// Which place of the paper is seen there, in shares of its sides.
fn under(zoom: Zoom, (x, y): (f32, f32)) -> (f32, f32) {
    ((x / FRAME.0 - zoom.left) / zoom.scale, (y / FRAME.1 - zoom.top) / zoom.scale)
}

fn is_near(a: (f32, f32), b: (f32, f32)) -> bool {
    (a.0 - b.0).hypot(a.1 - b.1) < 1e-4
}

#[test]
fn what_is_under_the_fingers_goes_along() {
    let (from, to) = ([(100.0, 80.0), (140.0, 80.0)], [(90.0, 60.0), (210.0, 60.0)]);
    let zoom = Zoom::default().pinched(FRAME, from, to);
    assert_eq!(zoom.scale, 3.0);
    assert!(is_near(under(zoom, (150.0, 60.0)), under(Zoom::default(), (120.0, 80.0))));
    let back = zoom.pinched(FRAME, to, from);
    assert!((back.scale - 1.0).abs() < 1e-5 && back.left.abs() < 1e-5 && back.top.abs() < 1e-5);
}

#[test]
fn the_frame_is_always_full_of_paper() {
    let mut zoom = Zoom::default().nearer(FRAME, (290.0, 10.0), 2.0);
    assert!(is_near(under(zoom, (290.0, 10.0)), under(Zoom::default(), (290.0, 10.0))));
    zoom = zoom.pushed(FRAME, (10_000.0, -10_000.0));
    assert_eq!((zoom.left, zoom.top), (0.0, -1.0));
    zoom = zoom.nearer(FRAME, (150.0, 100.0), 1e9);
    assert_eq!(zoom.scale, 8.0);
    zoom = zoom.pinched(FRAME, [(0.0, 0.0), (300.0, 200.0)], [(5.0, 5.0), (5.0, 5.0)]);
    assert_eq!(zoom, Zoom::default(), "farther than all of it there is nothing");
}

#[test]
fn other_paper_is_seen_whole() {
    let mut page = Page::open();
    page.happen(Event::Zoom(Zoom::default().nearer(FRAME, (10.0, 10.0), 2.0)));
    page.draw(&[3], 0);
    assert!(!page.studio.zoom.is_whole());
    page.happen(super::drawn(Shape::Portrait, vec![3], false));
    assert!(page.studio.zoom.is_whole());
}
