//! What a click would need is made before it, while nothing else is to do.

use crate::page::{Page, steps};
use crate::studio::{Drawing, Place};
use wire::{ClientMessage, Digest, Fact, Spec};

fn prepare(canvas: Digest) -> ClientMessage {
    ClientMessage::Prepare { canvas: Some(canvas), spec: Spec::default() }
}

/// Waits until so many were made ahead.
async fn made(place: &Place, count: u64) {
    while place.studio.stats.made_ahead.get() < count {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_drawing_is_read_ahead_and_nobody_hears_of_it() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let drawing = Drawing::of(&[30]);
    let mut page = place.drawn(&drawing).await;
    page.say(&prepare(drawing.digest)).await;
    made(&place, 1).await;
    place.gate.open();
    page.generate(&drawing, steps(3)).await;
    page.until_finished().await;
    assert_eq!(place.studio.stats.jobs_started.get(), 1);
    assert_eq!(Page::open(place.address).await.snapshot().jobs.len(), 1, "nothing else is kept");
}

#[tokio::test]
async fn jobs_come_first_and_of_the_wishes_the_newest() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let [first, second] = [Drawing::of(&[30]), Drawing::of(&[60])];
    let mut page = place.drawn(&first).await;
    page.show(&second).await;
    place.upload(&second).await;
    page.generate(&first, steps(3)).await;
    page.until(|fact| matches!(fact, Fact::Started { .. })).await;
    for canvas in [first.digest, second.digest, first.digest] {
        page.say(&prepare(canvas)).await;
    }
    // Heard by the time that this is answered.
    page.show(&second).await;
    assert_eq!(place.studio.stats.made_ahead.get(), 0);
    place.gate.open();
    page.until_finished().await;
    made(&place, 1).await;
    page.say(&prepare(second.digest)).await;
    made(&place, 2).await;
}

#[tokio::test]
async fn what_cannot_be_made_ready_is_left_to_the_click() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let known = Drawing::of(&[30]);
    let mut page = place.drawn(&known).await;
    let missing = Drawing::of(&[60]);
    page.show(&missing).await;
    page.say(&prepare(Digest([7; 16]))).await;
    page.say(&prepare(missing.digest)).await;
    let other = Spec { model: "not loaded".into(), ..Spec::default() };
    page.say(&ClientMessage::Prepare { canvas: Some(known.digest), spec: other }).await;
    page.say(&prepare(known.digest)).await;
    made(&place, 1).await;
    page.show(&known).await;
    assert_eq!(place.studio.stats.made_ahead.get(), 1, "and none of the others");
}
