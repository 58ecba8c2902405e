//! A job belongs to the server: who comes back gets what was missed, and nothing twice.

use crate::page::{Page, hello, person, steps, viewer};
use crate::studio::{Drawing, Place};
use server::hub::PAGES_MAX;
use wire::{Attention, Code, Fact, JobState};

#[tokio::test]
async fn what_was_missed_follows_without_gap_or_repetition() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let drawing = Drawing::of(&[1]);
    let mut page = place.drawn(&drawing).await;
    let mut witness = Page::open(place.address).await;
    page.generate(&drawing, steps(6)).await;
    place.gate.allow(2);
    page.until_step(2).await;
    let (seen, viewer) = (page.heard(), page.viewer);
    drop(page);
    place.gate.allow(2);
    witness.until_frame_of(4).await;
    let mut back = Page::silent(place.address, person(1)).await;
    back.viewer = viewer;
    back.greet(seen, Attention::default()).await;
    assert!(matches!(back.facts[0].fact, Fact::Welcome { fresh: false, .. }));
    back.until_step(4).await;
    let numbers: Vec<u64> = back.facts[1..].iter().map(|fact| fact.n).collect();
    assert_eq!(numbers, (seen.1 + 1..seen.1 + 1 + numbers.len() as u64).collect::<Vec<_>>());
    back.until_frames(1).await;
    assert_eq!(back.frames[0].header.step, 4, "the newest picture, too");
    place.gate.open();
    back.until_finished().await;
}

#[tokio::test]
async fn a_new_connection_takes_over_from_a_half_open_one() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let mut old = Page::open(place.address).await;
    let mut new = Page::silent(place.address, person(1)).await;
    new.viewer = old.viewer;
    new.greet(old.heard(), Attention::default()).await;
    assert!(old.is_closed().await);
    assert!(new.show(&Drawing::of(&[1])).await == [0]);
}

#[tokio::test]
async fn pages_that_are_gone_take_nobody_s_place() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let hub = &place.studio.hub;
    let connect = |viewer| hub.connect(&hello(person(1), viewer, (0, 0), Attention::default()), Vec::new());
    let open = connect(viewer()).unwrap();
    let last = (0..PAGES_MAX).map(|_| connect(viewer()).expect("there is room").viewer).last().unwrap();
    assert!(hub.knows(open.viewer) && hub.knows(last), "those that are open stay");
    let others: Vec<_> = (1..PAGES_MAX).map(|_| connect(viewer()).expect("there is room")).collect();
    let refused = connect(viewer()).expect_err("all are open");
    assert_eq!(refused.code, Code::Busy);
    drop(others);
    connect(viewer()).expect("there is room");
}

#[tokio::test]
async fn a_connection_knows_that_another_took_over() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let viewer = viewer();
    let connect = || {
        let hello = hello(person(1), viewer, (0, 0), Attention::default());
        place.studio.hub.connect(&hello, Vec::new()).unwrap()
    };
    let old = connect();
    assert!(!old.is_over());
    let new = connect();
    assert_eq!((old.is_over(), new.is_over()), (true, false));
}

#[tokio::test]
async fn a_reloaded_page_finds_its_jobs() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let drawing = Drawing::of(&[1]);
    let mut page = place.drawn(&drawing).await;
    place.gate.allow(1);
    let done = page.generate(&drawing, steps(1)).await;
    page.until_finished().await;
    let running = page.generate(&drawing, steps(3)).await;
    place.gate.allow(1);
    page.until_step(1).await;
    let reloaded = Page::open(place.address).await;
    let jobs = &reloaded.snapshot().jobs;
    assert_eq!(jobs.iter().map(|view| view.job.id).collect::<Vec<_>>(), [running.id, done.id]);
    assert!(matches!(jobs[0].state, JobState::Running { step: 1, total: 3, .. }));
    assert!(matches!(jobs[1].state, JobState::Finished { .. }));
    let stranger = Page::open_as(place.address, person(2), Attention::default()).await;
    assert!(stranger.snapshot().jobs.is_empty());
}

#[tokio::test]
async fn nobody_takes_over_somebody_elses_page() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let page = Page::open(place.address).await;
    let mut thief = Page::silent(place.address, person(2)).await;
    thief.viewer = page.viewer;
    let hello = crate::page::hello(person(2), page.viewer, (0, 0), Attention::default());
    thief.say(&wire::ClientMessage::Hello(hello)).await;
    assert_eq!(thief.refused().await.code, Code::Forbidden);
    assert!(thief.is_closed().await);
    assert_ne!(page.viewer, viewer());
}

#[tokio::test]
async fn a_page_that_is_cut_off_while_it_asks_gets_its_picture_all_the_same() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    place.gate.open();
    let drawing = Drawing::of(&[1]);
    let mut page = place.drawn(&drawing).await;
    for request in 100..130 {
        let canvas = drawing.digest;
        let generate = wire::ClientMessage::Generate { request, canvas, spec: steps(1) };
        page.say(&generate).await;
        // The takeover ends the old connection in whatever it is at.
        let mut back = Page::silent(place.address, person(1)).await;
        back.viewer = page.viewer;
        back.greet(page.heard(), Attention::default()).await;
        back.say(&generate).await;
        let accepted = back
            .until(|fact| matches!(fact, Fact::Accepted { request: Some(asked), .. } if *asked == request));
        let Fact::Accepted { job, .. } = accepted.await else { unreachable!("it was waited for") };
        back.until(|fact| matches!(fact, Fact::Finished { job: ended, .. } if *ended == job.id)).await;
        page = back;
    }
}
