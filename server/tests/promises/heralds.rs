//! A page that is far away asks for a picture before it is made.

use crate::http;
use crate::page::steps;
use crate::studio::{Drawing, Place};
use wire::{ClientMessage, Fact, Spec};

#[tokio::test]
async fn a_picture_that_was_asked_for_ahead_comes_when_it_is_made() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let drawing = Drawing::of(&[1]);
    let mut page = place.drawn(&drawing).await;
    let job = page.generate(&drawing, Spec { pictures: 2, ..steps(2) }).await;
    page.until(|fact| matches!(fact, Fact::Started { .. })).await;
    let ahead = |n| place.studio.queue.herald(job.id, n).expect("the job runs");
    let (first, second, again, none) = (ahead(0), ahead(1), ahead(1), ahead(2));
    let before = place.studio.stats.jpeg_encodes.get();
    place.gate.open();
    let (first, second) = (first.await.unwrap(), second.await.unwrap());
    assert!(first.starts_with(&[0xFF, 0xD8]) && second.starts_with(&[0xFF, 0xD8]));
    assert_eq!(again.await.unwrap(), second);
    assert!(none.await.is_err(), "there is no third");
    page.until_finished().await;
    assert_eq!(place.studio.stats.jpeg_encodes.get() - before, 2, "each is encoded once");
    assert!(place.studio.queue.herald(job.id, 0).is_none(), "it is over");
    let late = http::get(place.address, &format!("/jobs/{}/0.jpg", job.id), &[]).await;
    assert!(late.status == 200 && late.body == first, "it was made while the question was on its way");
    let none = http::get(place.address, &format!("/jobs/{}/2.jpg", job.id), &[]).await;
    assert_eq!(none.status, 204);
}

#[tokio::test]
async fn who_waits_for_what_does_not_come_is_told_so() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let drawing = Drawing::of(&[1]);
    let mut page = place.drawn(&drawing).await;
    let runs = page.generate(&drawing, steps(9)).await;
    page.until(|fact| matches!(fact, Fact::Started { .. })).await;
    let waits = page.generate(&drawing, steps(9)).await;
    for job in [waits.id, runs.id] {
        let ahead = place.studio.queue.herald(job, 0).expect("it waits or runs");
        page.say(&ClientMessage::Cancel { job }).await;
        assert!(ahead.await.is_err());
        page.until(|fact| matches!(fact, Fact::Cancelled { .. })).await;
        let late = http::get(place.address, &format!("/jobs/{job}/0.jpg"), &[]).await;
        assert_eq!(late.status, 204);
    }
    for path in ["0102030405060708/0.jpg", "0102030405060708/0.png", "x/0.jpg", "0102030405060708/x.jpg"] {
        assert_eq!(http::get(place.address, &format!("/jobs/{path}"), &[]).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn not_everybody_may_wait_at_once() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let drawing = Drawing::of(&[1]);
    let mut page = place.drawn(&drawing).await;
    let job = page.generate(&drawing, steps(9)).await;
    let ahead = || place.studio.queue.herald(job.id, 0);
    let waiting: Vec<_> = std::iter::from_fn(ahead).take(1_000).collect();
    assert!((1..1_000).contains(&waiting.len()));
    drop(waiting);
    assert!(ahead().is_some(), "who went away makes room");
}
