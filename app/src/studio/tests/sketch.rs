//! The pentimento: the sketch shows through the picture that was made from it, and no other.

use super::{Page, frame, picture};
use crate::studio::{Event, Looked};
use wire::{Digest, Fact, Job, JobId, Spec};

#[test]
fn a_forming_picture_comes_out_of_its_sketch() {
    let mut page = Page::open();
    page.generate(5);
    page.start(5);
    let first = page.studio.sketch_opacity();
    page.preview(5, 9, 1);
    page.happen(Event::Painted(frame(5, 9, 1).header));
    let later = page.studio.sketch_opacity();
    assert!(0.0 < later && later < first, "{first} then {later}");
    page.finish(5);
    assert_eq!(page.studio.sketch_opacity(), 0.0);
    page.happen(Event::ShowThrough(0.6));
    assert_eq!(page.studio.sketch_opacity(), 0.6);
}

#[test]
fn the_sketch_of_another_canvas_is_not_shown() {
    let mut page = Page::open();
    page.happen(Event::ShowThrough(1.0));
    let spec = Spec::default();
    let job = Job { id: JobId([3; 8]), canvas: Digest([9; 16]), spec, created_ms: 0 };
    page.fact(&Fact::Accepted { job, request: None });
    page.finish(3);
    assert_eq!(page.studio.sketch_opacity(), 0.0);
    page.generate(5);
    page.finish(5);
    assert_eq!(page.studio.sketch_opacity(), 1.0);
    page.happen(Event::Look(Some(Looked::One(picture(3).digest))));
    assert!(!page.studio.has_sketch());
}

#[test]
fn the_ink_of_a_drawing_over_white_is_the_drawing() {
    let drawing = [255, 255, 255, 255, 0, 0, 0, 255, 203, 59, 34, 255, 128, 128, 128, 255];
    let ink = crate::studio::ink_of(&drawing);
    assert_eq!(ink[3], 0, "paper is not ink");
    assert_eq!(ink[7], 255, "black covers");
    for (ink, pixel) in ink.chunks_exact(4).zip(drawing.chunks_exact(4)) {
        let cover = f32::from(ink[3]) / 255.0;
        for (ink, colour) in ink.iter().zip(&pixel[..3]) {
            let over_white = f32::from(*ink) * cover + 255.0 * (1.0 - cover);
            assert!((over_white - f32::from(*colour)).abs() <= 1.0, "{over_white} for {colour}");
        }
    }
}
