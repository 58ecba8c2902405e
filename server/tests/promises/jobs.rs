//! A click becomes a picture, once.

use crate::http;
use crate::page::{Page, person, steps};
use crate::studio::{Drawing, Place};
use wire::{Attention, ClientMessage, Code, Fact, Seed, Spec};

#[tokio::test]
async fn facts_tell_the_story_in_order_and_the_picture_is_there() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    place.gate.open();
    let drawing = Drawing::of(&[7]);
    let mut page = place.drawn(&drawing).await;
    let job = page.generate(&drawing, Spec { seed: Seed(u64::MAX), ..steps(3) }).await;
    let pictures = page.until_finished().await;
    let numbers: Vec<u64> = page.facts.iter().map(|fact| fact.n).collect();
    assert!(numbers.windows(2).all(|pair| pair[1] == pair[0] + 1), "{numbers:?}");
    let steps: Vec<u16> = page.facts.iter().filter_map(|told| step_of(&told.fact)).collect();
    assert_eq!(steps, [1, 2, 3]);
    let digest = pictures[0].digest;
    assert_eq!((pictures.len(), pictures[0].seed), (1, Seed(u64::MAX)));

    let file = http::get(place.address, &format!("/pictures/{digest}.png"), &[]).await;
    assert_eq!(file.status, 200);
    assert!(file.head.contains("immutable"), "{}", file.head);
    assert_eq!(canvas::digest(&file.body), digest.0);
    let mut reader = png::Decoder::new(std::io::Cursor::new(&file.body)).read_info().unwrap();
    let settings = reader.info().utf8_text[0].get_text().unwrap();
    assert!(settings.contains(&job.id.to_string()), "{settings}");
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut pixels).unwrap();
    assert_eq!(pixels[..3], [7, 7, 7], "the double gives the canvas back");
}

fn step_of(fact: &Fact) -> Option<u16> {
    match fact {
        Fact::Step { step, total: 3, .. } => Some(*step),
        _ => None,
    }
}

#[tokio::test]
async fn the_same_request_twice_is_one_job() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let drawing = Drawing::of(&[1]);
    let mut page = place.drawn(&drawing).await;
    let first = page.generate(&drawing, steps(2)).await;
    page.say(&ClientMessage::Generate { request: 1, canvas: drawing.digest, spec: steps(2) }).await;
    let again = page.until(|fact| matches!(fact, Fact::Accepted { request: Some(1), .. })).await;
    assert!(matches!(again, Fact::Accepted { job, .. } if job.id == first.id));
    place.gate.open();
    page.until_finished().await;
    assert_eq!(place.studio.stats.counted().jobs_started, 1);
}

#[tokio::test]
async fn variations_have_seeds_of_their_own() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    place.gate.open();
    let drawing = Drawing::of(&[1]);
    let mut page = place.drawn(&drawing).await;
    page.generate(&drawing, Spec { pictures: 3, seed: Seed(5), ..steps(1) }).await;
    let seeds: Vec<u64> = page.until_finished().await.iter().map(|picture| picture.seed.0).collect();
    assert_eq!(seeds, [5, 6, 7]);
}

#[tokio::test]
async fn a_full_line_refuses_and_says_how_full() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let drawing = Drawing::of(&[1]);
    let mut page = place.drawn(&drawing).await;
    // One runs, and sixteen wait.
    for _ in 0..17 {
        page.generate(&drawing, steps(1)).await;
        page.until(|fact| matches!(fact, Fact::Waiting { .. } | Fact::Started { .. })).await;
    }
    page.say(&ClientMessage::Generate { request: 99, canvas: drawing.digest, spec: steps(1) }).await;
    let problem = page.refused().await;
    assert_eq!(problem.code, Code::Busy);
    assert!(problem.message.starts_with("16 of your pictures wait"), "{problem}");
}

#[tokio::test]
async fn anybody_who_knows_a_job_may_follow_it() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let drawing = Drawing::of(&[1]);
    let mut page = place.drawn(&drawing).await;
    let job = page.generate(&drawing, steps(3)).await;
    place.gate.allow(1);
    page.until_step(1).await;
    let mut friend = Page::open_as(place.address, person(2), Attention::default()).await;
    assert!(friend.snapshot().jobs.is_empty());
    friend.say(&ClientMessage::Watch { job: job.id }).await;
    friend.until_step(1).await;
    friend.until_frames(1).await;
    place.gate.open();
    friend.until_finished().await;
    assert!(friend.facts.iter().all(|told| !matches!(told.fact, Fact::Accepted { request: Some(_), .. })));
    let mut late = Page::open_as(place.address, person(3), Attention::default()).await;
    late.say(&ClientMessage::Watch { job: job.id }).await;
    late.until_finished().await;
}

#[tokio::test]
async fn a_job_that_panics_fails_alone() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    place.gate.open();
    let drawing = Drawing::of(&[1]);
    let mut page = place.drawn(&drawing).await;
    page.generate(&drawing, Spec { prompt: "panic".into(), ..steps(1) }).await;
    let failed = page.until(|fact| matches!(fact, Fact::Failed { .. })).await;
    assert!(matches!(failed, Fact::Failed { problem, .. } if problem.code == Code::Internal));
    page.generate(&drawing, steps(1)).await;
    page.until_finished().await;
}
