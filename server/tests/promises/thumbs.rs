//! A page that shows many pictures small loads no more of them than it shows.

use crate::http;
use crate::page::steps;
use crate::studio::{Drawing, Place};
use image::GenericImageView;
use wire::{ClientMessage, Digest, Fact, Spec};

async fn thumb(place: &Place, name: &str) -> http::Answer {
    http::get(place.address, &format!("/thumbs/{name}"), &[]).await
}

#[tokio::test]
async fn a_picture_can_be_had_small_as_long_as_it_is_there() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    place.gate.open();
    let drawing = Drawing::of(&[7]);
    let mut page = place.drawn(&drawing).await;
    page.generate(&drawing, Spec { width: 768, height: 512, ..steps(1) }).await;
    let picture: Digest = page.until_finished().await[0].digest;

    let answer = thumb(&place, &format!("{picture}.jpg")).await;
    assert_eq!(answer.status, 200);
    assert!(answer.head.contains("image/jpeg") && answer.head.contains("immutable"), "{}", answer.head);
    let small = image::load_from_memory(&answer.body).unwrap();
    assert_eq!(small.dimensions(), (288, 192));
    assert!(small.to_rgb8().pixels().all(|pixel| pixel.0.iter().all(|value| value.abs_diff(7) <= 2)));

    page.say(&ClientMessage::Remove { picture }).await;
    page.until(|fact| *fact == Fact::Removed { picture }).await;
    assert_eq!(thumb(&place, &format!("{picture}.jpg")).await.status, 404);
}

#[tokio::test]
async fn what_is_no_picture_is_not_there_small_either() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let unknown = "0".repeat(32);
    for name in
        [format!("{unknown}.jpg"), format!("{unknown}.png"), "..%2f..%2fsecret.jpg".into(), ".jpg".into()]
    {
        let answer = thumb(&place, &name).await;
        assert_eq!(answer.status, 404, "{name}");
        assert!(String::from_utf8_lossy(&answer.body).contains("thumbs/DIGEST.jpg"), "{name}");
    }
}
