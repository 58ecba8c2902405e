//! Live pictures follow the drawing: the newest canvas wins, jobs come first, nothing is kept but what somebody asks for.

use crate::page::{Page, person, steps};
use crate::previews::{HIDDEN, LATENTS};
use crate::studio::{Drawing, Place};
use wire::{ClientMessage, Code, Digest, Fact, FrameFormat, JobId, Spec};

fn live(canvas: Digest) -> ClientMessage {
    ClientMessage::Live { canvas, spec: Spec::default() }
}

/// The brightness of each frame: the double gives its canvas back.
fn shown(page: &Page) -> Vec<u8> {
    let brightness = |frame: &wire::Frame| {
        let picture = image::load_from_memory(frame.payload()).expect("a JPEG").to_rgb8();
        picture.get_pixel(128, 128).0[0]
    };
    page.frames.iter().map(brightness).collect()
}

async fn drawn(place: &Place, page: &mut Page, colours: &[u8]) -> Vec<Drawing> {
    let drawings: Vec<Drawing> = colours.iter().map(|colour| Drawing::of(&[*colour])).collect();
    for drawing in &drawings {
        page.show(drawing).await;
        place.upload(drawing).await;
    }
    drawings
}

#[tokio::test]
async fn the_newest_canvas_takes_the_place_of_those_before() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let mut page = Page::open(place.address).await;
    let [a, b, c] = &drawn(&place, &mut page, &[40, 120, 200]).await[..] else { unreachable!() };
    page.say(&live(a.digest)).await;
    place.gate.let_through(0).await;
    page.say(&live(b.digest)).await;
    page.say(&live(c.digest)).await;
    // Answered after both were heard.
    page.show(c).await;
    place.gate.open();
    page.until_frames(1).await;
    let header = page.frames[0].header;
    assert_eq!((header.job, header.format), (JobId(page.viewer.0), FrameFormat::Jpeg));
    assert_eq!((header.step, header.total, header.width, header.height), (4, 4, 256, 256));
    assert_eq!(shown(&page), [200], "the one that had hardly begun and the one that waited gave way");
    let counted = place.studio.stats.counted();
    assert_eq!((counted.live_pictures, counted.jobs_started, counted.made), (1, 0, 0));
    assert!(Page::open(place.address).await.snapshot().jobs.is_empty(), "nothing is kept");
}

#[tokio::test]
async fn a_picture_that_is_nearly_done_is_shown_though_there_is_newer() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let mut page = Page::open(place.address).await;
    let [a, b] = &drawn(&place, &mut page, &[40, 120]).await[..] else { unreachable!() };
    page.say(&live(a.digest)).await;
    place.gate.let_through(2).await;
    page.say(&live(b.digest)).await;
    page.show(b).await;
    place.gate.let_through(2).await;
    // The next one is not made until this one is here: it would take its place on the way.
    page.until_frames(1).await;
    place.gate.open();
    page.until_frames(2).await;
    assert_eq!(shown(&page), [40, 120]);
}

#[tokio::test]
async fn two_who_draw_without_rest_both_see_pictures() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let (mut anna, mut ben) = (Page::open(place.address).await, Page::open(place.address).await);
    let shades = drawn(&place, &mut anna, &[40, 80, 120, 160, 200]).await;
    let [a, b, c, d, e] = &shades[..] else { unreachable!() };
    anna.say(&live(a.digest)).await;
    place.gate.let_through(0).await;
    // Each has something newer before the first step of what is made is over.
    anna.say(&live(b.digest)).await;
    anna.show(b).await;
    ben.say(&live(d.digest)).await;
    ben.show(d).await;
    place.gate.let_through(1).await;
    anna.say(&live(c.digest)).await;
    anna.show(c).await;
    place.gate.let_through(4).await;
    anna.until_frames(1).await;
    ben.say(&live(e.digest)).await;
    ben.show(e).await;
    place.gate.let_through(4).await;
    ben.until_frames(1).await;
    assert_eq!((shown(&anna), shown(&ben)), (vec![80], vec![160]));
}

#[tokio::test]
async fn a_job_comes_first() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let mut page = Page::open(place.address).await;
    let drawings = drawn(&place, &mut page, &[40]).await;
    page.say(&live(drawings[0].digest)).await;
    place.gate.let_through(3).await;
    page.generate(&drawings[0], steps(2)).await;
    // No further step is let go: the live picture ends inside its last one.
    page.until(|fact| matches!(fact, Fact::Started { .. })).await;
    place.gate.open();
    page.until_finished().await;
    assert_eq!(place.studio.stats.counted().live_pictures, 0);
}

#[tokio::test]
async fn nothing_is_made_for_a_hidden_page() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    place.gate.open();
    let mut page = Page::open(place.address).await;
    let drawings = drawn(&place, &mut page, &[40]).await;
    page.say(&ClientMessage::Attention(HIDDEN)).await;
    page.say(&live(drawings[0].digest)).await;
    // A job of another page shows that there was time.
    let mut other = Page::open(place.address).await;
    other.generate(&drawings[0], steps(1)).await;
    other.until_finished().await;
    assert_eq!(place.studio.stats.counted().live_pictures, 0);
    page.say(&ClientMessage::Attention(LATENTS)).await;
    page.until_frames(1).await;
    assert_eq!(shown(&page), [40]);
}

#[tokio::test]
async fn it_waits_for_the_last_tile() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    place.gate.open();
    let mut page = Page::open(place.address).await;
    let drawing = Drawing::of(&[40]);
    page.show(&drawing).await;
    page.say(&live(drawing.digest)).await;
    assert_eq!(page.show(&drawing).await, [0], "still missing");
    place.upload(&drawing).await;
    page.until_frames(1).await;
    assert_eq!(shown(&page), [40]);
}

#[tokio::test]
async fn what_cannot_be_is_refused_in_words() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let mut page = Page::open(place.address).await;
    page.say(&live(Digest([9; 16]))).await;
    let refused = page.until(|fact| matches!(fact, Fact::Refused { .. })).await;
    let Fact::Refused { request: None, problem } = refused else { panic!("{refused:?}") };
    assert_eq!((problem.code, problem.field.as_deref()), (Code::NotFound, Some("canvas")));
}

#[tokio::test]
async fn what_gave_way_to_somebody_elses_job_is_made_after_it() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let mut page = Page::open(place.address).await;
    let drawings = drawn(&place, &mut page, &[40]).await;
    page.say(&live(drawings[0].digest)).await;
    place.gate.let_through(1).await;
    let mut other = Page::open_as(place.address, person(2), LATENTS).await;
    other.generate(&drawings[0], steps(1)).await;
    other.until(|fact| matches!(fact, Fact::Started { .. })).await;
    place.gate.open();
    other.until_finished().await;
    page.until_frames(1).await;
    assert_eq!(shown(&page), [40]);
}

#[tokio::test]
async fn pages_that_are_gone_hold_nobody_up() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let mut page = Page::open(place.address).await;
    let drawings = drawn(&place, &mut page, &[40, 120]).await;
    // Three pages wait behind a job, and are hidden before it ends.
    page.generate(&drawings[0], steps(1)).await;
    for _ in 0..3 {
        let mut hidden = Page::open(place.address).await;
        hidden.say(&live(drawings[1].digest)).await;
        hidden.say(&ClientMessage::Attention(HIDDEN)).await;
        hidden.show(&drawings[1]).await;
    }
    place.gate.open();
    page.until_finished().await;
    page.say(&live(drawings[0].digest)).await;
    page.until_frames(1).await;
    assert_eq!(shown(&page), [40]);
}

#[tokio::test]
async fn one_that_is_larger_than_the_models_own_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let mut page = Page::open(place.address).await;
    let drawings = drawn(&place, &mut page, &[40]).await;
    let (canvas, spec) = (drawings[0].digest, Spec { width: 1024, height: 1024, ..Spec::default() });
    page.say(&ClientMessage::Live { canvas, spec: spec.clone() }).await;
    assert!(page.refused().await.message.contains("98304 pixels"));
    page.say(&ClientMessage::Generate { request: 1, canvas, spec: Spec { quick: true, ..spec } }).await;
    assert!(page.refused().await.message.contains("98304 pixels"));
}

#[tokio::test]
async fn one_that_is_to_stay_is_a_job_made_the_same_way() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    place.gate.open();
    let mut page = Page::open(place.address).await;
    let drawings = drawn(&place, &mut page, &[40]).await;
    let job = page.generate(&drawings[0], Spec { quick: true, ..steps(20) }).await;
    assert_eq!((job.spec.quick, job.spec.steps, job.spec.guidance), (true, 4, 1.0), "whatever was asked for");
    page.until_step(4).await;
    page.until_finished().await;
    assert!(place.gate.was_quick());
    page.generate(&drawings[0], steps(2)).await;
    page.until_finished().await;
    assert!(!place.gate.was_quick());
    let later = Page::open(place.address).await;
    assert_eq!(later.snapshot().jobs[1].job, job);
}
