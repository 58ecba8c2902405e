//! What a person removes is gone, for them and for nobody else.

use crate::http;
use crate::page::{Page, person, steps};
use crate::studio::{Drawing, Place};
use wire::{ClientMessage, Digest, Fact, JobState, Spec};

async fn status(place: &Place, picture: &Digest) -> u16 {
    http::get(place.address, &format!("/pictures/{picture}.png"), &[]).await.status
}

async fn remove(page: &mut Page, picture: Digest) {
    page.say(&ClientMessage::Remove { picture }).await;
    page.until(|fact| *fact == Fact::Removed { picture }).await;
}

/// The pictures of each job that a page is told of when it opens.
async fn kept(place: &Place) -> Vec<Vec<Digest>> {
    let page = Page::open(place.address).await;
    let of = |state: &JobState| match state {
        JobState::Finished { pictures, .. } => pictures.iter().map(|picture| picture.digest).collect(),
        other => panic!("{other:?}"),
    };
    page.snapshot().jobs.iter().map(|view| of(&view.state)).collect()
}

#[tokio::test]
async fn a_removed_picture_is_gone_from_the_disk_and_from_every_page_of_its_person() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    place.gate.open();
    let drawing = Drawing::of(&[7]);
    let mut page = place.drawn(&drawing).await;
    let mut elsewhere = Page::open(place.address).await;
    page.generate(&drawing, Spec { pictures: 2, ..steps(1) }).await;
    let made: Vec<Digest> = page.until_finished().await.iter().map(|picture| picture.digest).collect();

    remove(&mut page, made[0]).await;
    elsewhere.until(|fact| *fact == Fact::Removed { picture: made[0] }).await;
    assert_eq!((status(&place, &made[0]).await, status(&place, &made[1]).await), (404, 200));
    assert_eq!(kept(&place).await, [[made[1]]]);
    // Twice is as good as once.
    remove(&mut page, made[0]).await;

    remove(&mut page, made[1]).await;
    assert_eq!(status(&place, &made[1]).await, 404);
    assert_eq!(kept(&place).await, Vec::<Vec<Digest>>::new());
    drop(place);
    let place = Place::open(data.path()).await;
    assert_eq!(kept(&place).await, Vec::<Vec<Digest>>::new());
}

#[tokio::test]
async fn a_drawing_stays_as_long_as_one_of_its_pictures_and_no_longer() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    place.gate.open();
    let drawing = Drawing::of(&[7]);
    let mut page = place.drawn(&drawing).await;
    page.generate(&drawing, Spec { pictures: 2, ..steps(1) }).await;
    let made: Vec<Digest> = page.until_finished().await.iter().map(|picture| picture.digest).collect();
    let file = data.path().join("canvases").join(format!("{}.tiles", drawing.digest));
    while !file.exists() {
        tokio::task::yield_now().await;
    }
    drop((page, place));

    let place = Place::open(data.path()).await;
    let mut page = Page::open(place.address).await;
    let address = format!("/canvases/{}.png", drawing.digest);
    let answer = http::get(place.address, &address, &[]).await;
    let seen = image::load_from_memory(&answer.body).expect("a PNG").to_rgba8();
    assert_eq!((seen.width(), seen.height()), (drawing.manifest.width(), drawing.manifest.height()));
    assert!(seen.pixels().all(|pixel| pixel.0 == [7, 7, 7, 255]));
    // One that came to nothing takes nothing along.
    page.show(&drawing).await;
    place.upload(&drawing).await;
    let job = page.generate(&drawing, steps(3)).await.id;
    page.say(&ClientMessage::Cancel { job }).await;
    page.until(|fact| matches!(fact, Fact::Cancelled { .. })).await;
    remove(&mut page, made[0]).await;
    assert_eq!(http::get(place.address, &address, &[]).await.status, 200);
    remove(&mut page, made[1]).await;
    assert_eq!(http::get(place.address, &address, &[]).await.status, 404);
    assert!(!file.exists());
    for none in ["/canvases/", "/canvases/x.png", "/canvases/..%2Fpentimento.sqlite"] {
        assert_eq!(http::get(place.address, none, &[]).await.status, 404, "{none}");
    }
}

#[tokio::test]
async fn nobody_removes_what_is_somebody_elses() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    place.gate.open();
    let drawing = Drawing::of(&[7]);
    let mut page = place.drawn(&drawing).await;
    page.generate(&drawing, steps(1)).await;
    let picture = page.until_finished().await[0].digest;
    let mut stranger = Page::silent(place.address, person(2)).await;
    stranger.greet((0, 0), wire::Attention::default()).await;
    remove(&mut stranger, picture).await;
    assert_eq!(status(&place, &picture).await, 200);
    assert_eq!(kept(&place).await, [[picture]]);
    page.say(&ClientMessage::Ping { sent: 1 }).await;
    page.until(|fact| matches!(fact, Fact::Pong { .. })).await;
    assert!(!page.facts.iter().any(|told| matches!(told.fact, Fact::Removed { .. })));
}

#[tokio::test]
async fn a_file_that_a_killed_server_left_behind_goes_when_it_is_asked_again() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let picture = Digest([0xab; 16]);
    let folder = data.path().join("pictures/ab");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(format!("{picture}.png")), "a picture").unwrap();
    assert_eq!(status(&place, &picture).await, 200);
    let mut page = Page::open(place.address).await;
    remove(&mut page, picture).await;
    assert_eq!(status(&place, &picture).await, 404);
}
