//! Previews are made when someone wants them, once, and never wait for a slow viewer.

use crate::page::{Page, person, steps};
use crate::studio::{Drawing, Place};
use wire::{Attention, ClientMessage, Fact, FrameFormat, PreviewFormat};

pub const HIDDEN: Attention =
    Attention { visible: false, background: false, every: 1, format: PreviewFormat::Latent };
const PICTURES: Attention = Attention { format: PreviewFormat::Jpeg, ..LATENTS };
pub const LATENTS: Attention = Attention { visible: true, ..HIDDEN };

fn shown(page: &Page) -> Vec<u16> {
    page.frames.iter().map(|frame| frame.header.step).collect()
}

#[tokio::test]
async fn two_viewers_cost_one_preview_a_step() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let drawing = Drawing::of(&[1]);
    let mut pages = [place.drawn(&drawing).await, Page::open(place.address).await];
    let job = pages[0].generate(&drawing, steps(4)).await;
    for step in 1..4 {
        place.gate.allow(1);
        for page in &mut pages {
            page.until_frames(step).await;
        }
    }
    place.gate.open();
    for page in &mut pages {
        page.until_finished().await;
        assert_eq!(shown(page), [1, 2, 3], "the last step has no preview: the picture follows it");
        let last = page.frames.last().unwrap();
        assert_eq!((last.header.job, last.header.format), (job.id, FrameFormat::Latent));
        let values = page.frames.iter().fold(None, |before: Option<Vec<u8>>, frame| {
            let base = before.as_deref().filter(|_| frame.header.base > 0);
            wire::latents::decode(frame.payload(), base, 4, 8, 8)
        });
        // 3, of which the upper six bits travel.
        assert_eq!(values, Some(vec![2; 4 * 8 * 8]));
    }
    let counted = place.studio.stats.counted();
    assert_eq!((counted.wanted, counted.made, counted.frames_sent), (3, 3, 6));
}

#[tokio::test]
async fn a_hidden_page_costs_nothing_and_comes_back_to_the_newest() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let drawing = Drawing::of(&[1]);
    let mut page = place.drawn(&drawing).await;
    page.say(&ClientMessage::Attention(HIDDEN)).await;
    page.generate(&drawing, steps(5)).await;
    place.gate.allow(2);
    page.until_step(2).await;
    let counted = place.studio.stats.counted();
    assert_eq!((counted.wanted, counted.made, counted.frames_sent), (0, 0, 0));
    page.say(&ClientMessage::Attention(Attention { background: true, ..HIDDEN })).await;
    page.show(&drawing).await;
    place.gate.allow(1);
    page.until_frames(1).await;
    assert_eq!(shown(&page), [3]);
    place.gate.open();
    page.until_finished().await;
}

#[tokio::test]
async fn who_looks_again_sees_the_newest_at_once() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let drawing = Drawing::of(&[1]);
    let mut page = place.drawn(&drawing).await;
    let mut hidden = Page::open_as(place.address, person(1), HIDDEN).await;
    page.generate(&drawing, steps(5)).await;
    for step in 1..4 {
        place.gate.allow(1);
        page.until_frames(step).await;
    }
    assert!(hidden.frames.is_empty());
    hidden.say(&ClientMessage::Attention(LATENTS)).await;
    hidden.until_frames(1).await;
    assert_eq!(shown(&hidden), [3]);
    let mut joined = Page::open(place.address).await;
    joined.until_frames(1).await;
    assert_eq!(shown(&joined), [3]);
}

#[tokio::test]
async fn each_viewer_has_its_own_interval() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let drawing = Drawing::of(&[1]);
    let mut page = place.drawn(&drawing).await;
    page.say(&ClientMessage::Attention(Attention { every: 2, ..LATENTS })).await;
    let mut rare = Page::open_as(place.address, person(1), Attention { every: 3, ..LATENTS }).await;
    page.generate(&drawing, steps(7)).await;
    // Frames are latched: each is let arrive before the next is made.
    place.gate.allow(2);
    page.until_frames(1).await;
    place.gate.allow(1);
    rare.until_frames(1).await;
    place.gate.allow(1);
    page.until_frames(2).await;
    place.gate.allow(2);
    page.until_frames(3).await;
    rare.until_frames(2).await;
    place.gate.open();
    page.until_finished().await;
    assert_eq!((shown(&page), shown(&rare)), (vec![2, 4, 6], vec![3, 6]));
    assert_eq!(place.studio.stats.counted().wanted, 4, "2, 3, 4 and 6");
}

#[tokio::test]
async fn a_slow_viewer_gets_fewer_pictures_and_never_old_ones() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let drawing = Drawing::of(&[1]);
    let mut slow = place.drawn(&drawing).await;
    slow.acks = false;
    let mut witness = Page::open(place.address).await;
    slow.generate(&drawing, steps(20)).await;
    for step in 1..3 {
        place.gate.allow(1);
        slow.until_frames(step).await;
    }
    place.gate.allow(13);
    slow.until_step(15).await;
    // All who follow a job are offered a preview at once.
    while witness.frames.last().is_none_or(|frame| frame.header.step < 15) {
        witness.until_frames(witness.frames.len() + 1).await;
    }
    assert_eq!(shown(&slow), [1, 2]);
    let sequence = slow.frames[1].header.sequence;
    slow.say(&ClientMessage::Ack { sequence }).await;
    slow.until_frames(3).await;
    assert_eq!(slow.frames[2].header.step, 15, "the newest, not the third");
    place.gate.open();
    slow.until_finished().await;
}

#[tokio::test]
async fn pictures_are_encoded_once_for_all_who_ask_for_them() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let drawing = Drawing::of(&[1]);
    let mut page = place.drawn(&drawing).await;
    page.say(&ClientMessage::Attention(PICTURES)).await;
    let mut other = Page::open_as(place.address, person(1), PICTURES).await;
    page.generate(&drawing, steps(3)).await;
    for step in 1..3 {
        place.gate.allow(1);
        page.until_frames(step).await;
        other.until_frames(step).await;
    }
    place.gate.open();
    page.until_finished().await;
    let frame = &page.frames[0];
    assert_eq!((frame.header.format, frame.header.width), (FrameFormat::Jpeg, 64));
    assert_eq!(frame.payload()[..2], [0xff, 0xd8]);
    assert_eq!(frame.bytes(), other.frames[0].bytes());
    assert_eq!(place.studio.stats.counted().jpeg_encodes, 2);
}

#[tokio::test]
async fn facts_come_though_no_picture_is_acknowledged() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    place.gate.open();
    let drawing = Drawing::of(&[1]);
    let mut page = place.drawn(&drawing).await;
    page.acks = false;
    page.generate(&drawing, steps(150)).await;
    page.until_finished().await;
    let steps = page.facts.iter().filter(|told| matches!(told.fact, Fact::Step { .. })).count();
    assert_eq!(steps, 150);
    assert!(page.frames.len() <= 2);
}
