//! The pentimento: the sketch shows through the picture that was made from it, and no other.

use super::{Page, frame, picture};
use crate::studio::{Effect, Event, Laid, Looked};
use link::client;
use wire::{Digest, Fact, Job, JobId, JobState, JobView, Spec};

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

/// Which sketches were fetched, and how often that of the paper was taken.
fn laid(page: &mut Page) -> (Vec<Digest>, usize) {
    let fetched = page.take(|effect| match effect {
        Effect::FetchSketch(canvas) => *canvas,
        _ => None,
    });
    (fetched, page.take(|effect| matches!(effect, Effect::Underdraw).then_some(())).len())
}

const ELSEWHERE: Digest = Digest([9; 16]);

fn job_elsewhere() -> Job {
    Job { id: JobId([3; 8]), canvas: ELSEWHERE, spec: Spec::default(), created_ms: 0 }
}

/// A picture of another page's drawing, which hangs as 3.
fn finish_elsewhere(page: &mut Page) {
    page.fact(&Fact::Accepted { job: job_elsewhere(), request: None });
    page.finish(3);
}

#[test]
fn each_picture_has_the_sketch_that_it_was_made_from() {
    let mut page = Page::open();
    page.generate(5);
    page.finish(5);
    assert_eq!(laid(&mut page), (vec![], 1), "what is on the paper need not be fetched");
    page.draw(&[3], 0);
    page.happen(Event::ShowThrough(1.0));
    assert!(page.studio.has_sketch(), "whatever was drawn since");
    finish_elsewhere(&mut page);
    assert_eq!((laid(&mut page), page.studio.sketch_opacity()), ((vec![ELSEWHERE], 0), 0.0));
    page.happen(Event::SketchCame(ELSEWHERE));
    assert_eq!(page.studio.sketch_opacity(), 1.0);
    page.happen(Event::Look(Some(Looked::One(picture(5).digest))));
    let (fetched, _) = laid(&mut page);
    assert_eq!((fetched.len(), page.studio.sketch_opacity()), (1, 0.0), "the paper is another now");
    page.done.clear();
    page.happen(Event::Look(Some(Looked::One(picture(3).digest))));
    assert!(page.done.contains(&Effect::FetchSketch(None)), "it would lie over this one");
    page.happen(Event::SketchCame(fetched[0]));
    assert_eq!(page.studio.sketch_opacity(), 1.0);
}

#[test]
fn a_drawing_that_has_not_all_come_is_not_asked_for() {
    let mut page = Page::open();
    page.fact(&Fact::Accepted { job: job_elsewhere(), request: None });
    page.fact(&Fact::Waiting { job: JobId([3; 8]), ahead: 0, tiles: 2 });
    assert_eq!(laid(&mut page), (vec![], 0));
    page.start(3);
    assert_eq!(laid(&mut page), (vec![ELSEWHERE], 0));
    page.happen(Event::SketchLost(ELSEWHERE));
    page.happen(Event::ShowThrough(0.5));
    page.finish(3);
    assert_eq!(laid(&mut page), (vec![ELSEWHERE], 0), "the server may have been about to write it down");
}

#[test]
fn a_sketch_that_nobody_sees_is_not_fetched() {
    let mut page = Page::open();
    finish_elsewhere(&mut page);
    page.happen(Event::SketchCame(ELSEWHERE));
    laid(&mut page);
    page.generate(5);
    page.finish(5);
    laid(&mut page);
    page.happen(Event::Look(Some(Looked::One(picture(3).digest))));
    assert_eq!((laid(&mut page), page.studio.can_show_through()), ((vec![], 0), true));
    page.happen(Event::ShowThrough(0.4));
    assert_eq!(laid(&mut page), (vec![ELSEWHERE], 0));
    page.happen(Event::SketchLost(ELSEWHERE));
    page.happen(Event::ShowThrough(0.5));
    assert_eq!((laid(&mut page), page.studio.can_show_through()), ((vec![], 0), false));
    page.happen(Event::Link(client::Event::SocketClosed));
    page.happen(Event::Link(client::Event::Online));
    let state = JobState::Finished { pictures: vec![picture(3)], took_ms: 900.0 };
    page.welcome(vec![JobView { job: job_elsewhere(), state }]);
    assert_eq!(laid(&mut page), (vec![ELSEWHERE], 0), "the link may have been to blame");
}

#[test]
fn the_drawing_of_a_picture_comes_back_onto_the_paper() {
    let mut page = Page::open();
    page.generate(5);
    page.finish(5);
    assert!(!page.studio.can_draw_again(), "it is there");
    finish_elsewhere(&mut page);
    page.happen(Event::Look(Some(Looked::One(picture(3).digest))));
    page.done.clear();
    page.happen(Event::DrawAgain);
    let asked = page.take(|effect| match effect {
        Effect::Lay(laid) => Some(*laid),
        _ => None,
    });
    assert_eq!(asked, [Laid::Drawing(ELSEWHERE)]);
    page.happen(Event::SketchLost(ELSEWHERE));
    assert!(!page.studio.can_draw_again(), "the server does not have it");
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
