//! The canvas travels once, and only what it claims to be is kept.

use crate::http;
use crate::page::{Page, steps};
use crate::studio::{Drawing, Place};
use server::stats::Stats;
use server::tiles::{Limits, Tiles};
use std::sync::Arc;
use std::time::{Duration, Instant};
use wire::limits::{BATCH_BYTES_MAX, CODED_TILE_MAX};
use wire::{ClientMessage, Code, Digest, Fact, Manifest, Problem, TileBatch, TilesAnswer};

#[tokio::test]
async fn the_server_asks_for_exactly_what_it_lacks() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let mut page = Page::open(place.address).await;
    assert_eq!(page.show(&Drawing::of(&[1, 2, 1])).await, [0, 1, 2]);
    place.upload(&Drawing::of(&[1])).await;
    assert_eq!(page.show(&Drawing::of(&[1, 2, 1])).await, [1]);
    place.upload(&Drawing::of(&[2])).await;
    assert!(page.show(&Drawing::of(&[1, 2, 1])).await.is_empty());
    assert!(page.show(&Drawing::of(&[2, 2])).await.is_empty(), "an undo sends nothing");
}

#[tokio::test]
async fn a_job_starts_when_its_last_tile_lands() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    place.gate.open();
    let mut page = Page::open(place.address).await;
    let drawing = Drawing::of(&[1, 2]);
    page.show(&drawing).await;
    page.generate(&drawing, steps(2)).await;
    page.until(|fact| matches!(fact, Fact::Waiting { tiles: 2, .. })).await;
    place.post_tiles(&drawing.tiles[..1]).await;
    page.until(|fact| matches!(fact, Fact::Waiting { tiles: 1, .. })).await;
    place.post_tiles(&drawing.tiles[1..]).await;
    page.until_finished().await;
}

#[tokio::test]
async fn a_canvas_that_had_to_make_room_is_asked_for_again() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    place.gate.open();
    let drawing = Drawing::of(&[1]);
    let mut page = place.drawn(&drawing).await;
    // As many large ones of others as there is room for.
    for n in 0..2_048_u32 {
        let mut tiles = vec![Digest([0; 16]); 1_024];
        tiles[0].0[..4].copy_from_slice(&n.to_le_bytes());
        place.studio.tiles.learn(Manifest::new(2_048, 2_048, tiles).unwrap(), Instant::now());
    }
    let generate = ClientMessage::Generate { request: 7, canvas: drawing.digest, spec: steps(1) };
    page.say(&generate).await;
    page.until(|fact| matches!(fact, Fact::Astray)).await;
    assert!(page.show(&drawing).await.is_empty());
    page.say(&generate).await;
    page.until_finished().await;
    // One that it never said is refused in words.
    page.say(&ClientMessage::Generate { request: 8, canvas: Digest([9; 16]), spec: steps(1) }).await;
    page.until(|fact| matches!(fact, Fact::Refused { request: Some(8), .. })).await;
}

#[tokio::test]
async fn what_is_not_what_its_hash_says_is_refused_and_the_rest_is_kept() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let drawing = Drawing::of(&[1, 2]);
    let lie = (Digest([9; 16]), drawing.tiles[0].1.clone());
    let noise = (Digest([8; 16]), vec![2, 1, 2, 3, 4, 5]);
    let answer: TilesAnswer = place.post_tiles(&[lie, noise, drawing.tiles[1].clone()]).await.json();
    assert_eq!(answer.stored, 1);
    let codes: Vec<_> = answer.refused.iter().map(|(digest, problem)| (digest.0[0], problem.code)).collect();
    assert_eq!(codes, [(9, Code::WrongHash), (8, Code::Invalid)]);
    assert_eq!(place.studio.stats.counted().tiles_known, 1);
}

#[tokio::test]
async fn a_bomb_is_refused_unexploded() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    // Raw deflate: a block of one literal zero, then thousands of copies of 258 bytes each.
    let mut bomb = vec![2, 0b0110_0011, 0x60, 0x18];
    bomb.resize(CODED_TILE_MAX, 0xff);
    let answer: TilesAnswer = place.post_tiles(&[(Digest([7; 16]), bomb)]).await.json();
    assert_eq!((answer.stored, answer.refused.len()), (0, 1));
}

#[tokio::test]
async fn uploads_have_limits() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let wide = TileBatch(vec![(Digest([1; 16]), vec![4; CODED_TILE_MAX + 1].into())]).encode();
    let answer = http::post(place.address, "/api/tiles", &[], &wide).await;
    assert_eq!((answer.status, answer.json::<Problem>().code), (413, Code::TooLarge));
    let huge = vec![0; BATCH_BYTES_MAX * 2];
    let answer = http::post(place.address, "/api/tiles", &[], &huge).await;
    assert_eq!((answer.status, answer.json::<Problem>().code), (413, Code::TooLarge));
    let torn = &Drawing::of(&[1]).tiles[0].0.0[..7];
    let answer = http::post(place.address, "/api/tiles", &[], torn).await;
    assert_eq!((answer.status, answer.json::<Problem>().code), (400, Code::Invalid));
}

fn store(bytes: usize) -> Arc<Tiles> {
    let limits = Limits { ttl: Duration::from_secs(300), bytes };
    Arc::new(Tiles::new(limits, Arc::new(Stats::default())))
}

fn batch(drawing: &Drawing) -> TileBatch {
    TileBatch(drawing.tiles.iter().map(|(digest, coded)| (*digest, coded.clone().into())).collect())
}

#[test]
fn unused_tiles_go_after_their_time_and_used_ones_stay() {
    let (tiles, start) = (store(1 << 20), Instant::now());
    let at = |seconds| start + Duration::from_secs(seconds);
    let (kept, idle) = (Drawing::of(&[1]), Drawing::of(&[2]));
    for drawing in [&kept, &idle] {
        tiles.receive(batch(drawing), start);
    }
    assert!(tiles.missing(&kept.manifest, at(200)).is_empty());
    assert_eq!(tiles.missing(&idle.manifest, at(301)), [0]);
    assert!(tiles.missing(&kept.manifest, at(499)).is_empty());
}

#[test]
fn a_canvas_is_made_of_the_rows_of_another_as_it_is_made_anew() {
    let (tiles, now) = (store(1 << 20), Instant::now());
    let [before, after, wide] = [&[1, 2, 3][..], &[1, 9, 3], &[1, 2, 3, 4]].map(Drawing::of);
    for drawing in [&before, &after, &wide] {
        tiles.receive(batch(drawing), now);
    }
    let anew = |drawing: &Drawing| tiles.pixels(&drawing.manifest, None, now).expect("all tiles are here");
    let from = |other: &Drawing, drawing: &Drawing, rows: Vec<u8>| {
        tiles.pixels(&drawing.manifest, Some((&other.manifest, rows)), now).expect("all tiles are here")
    };
    for (other, drawing) in [(&before, &after), (&after, &after), (&wide, &after), (&after, &wide)] {
        assert_eq!(from(other, drawing, anew(other)), anew(drawing));
    }
    // What is alike is taken as it is.
    let marked = from(&before, &after, vec![7; anew(&before).len()]);
    assert_eq!((marked[0], marked[64 * 4], marked[128 * 4]), (7, 9, 7));
}

#[test]
fn a_pinned_canvas_stays_and_its_manifest_outlives_its_tiles() {
    let (tiles, start) = (store(1 << 20), Instant::now());
    let later = start + Duration::from_secs(400);
    let drawing = Drawing::of(&[1, 2]);
    let (canvas, missing) = tiles.learn(drawing.manifest.clone(), start);
    assert_eq!((canvas, missing.len()), (drawing.digest, 2));
    let pin = tiles.pin(tiles.canvas(&canvas, start).unwrap());
    tiles.receive(batch(&drawing), start);
    assert!(tiles.missing(&drawing.manifest, later).is_empty());
    assert_eq!(
        pin.pixels(None).unwrap()[64 * 4..][..4],
        [2, 2, 2, 255],
        "the second tile is beside the first"
    );
    drop(pin);
    let much_later = later + Duration::from_secs(400);
    let manifest = tiles.canvas(&canvas, much_later).expect("a click after a while is understood");
    assert_eq!(tiles.missing(&manifest, much_later), [0, 1]);
}

#[test]
fn a_kept_canvas_comes_back_whole_however_full_it_is() {
    let (tiles, now) = (store(1 << 20), Instant::now());
    let drawing = Drawing::of(&[1, 2, 1]);
    tiles.receive(batch(&drawing), now);
    let kept = tiles.coded(&drawing.manifest, now).expect("all tiles are here");
    assert_eq!(kept.0.len(), 2, "each once");
    assert!(tiles.coded(&Drawing::of(&[1, 9]).manifest, now).is_none());
    let (full, other) = (store(400), Drawing::of(&[7, 8]));
    let _pins = [&other, &drawing].map(|drawing| full.pin(Arc::new(drawing.manifest.clone())));
    full.receive(batch(&other), now);
    full.take_back(kept, now);
    assert!(full.missing(&drawing.manifest, now).is_empty() && full.missing(&other.manifest, now).is_empty());
    assert_eq!(full.pixels(&drawing.manifest, None, now), tiles.pixels(&drawing.manifest, None, now));
}

#[test]
fn a_full_store_of_needed_tiles_refuses_more() {
    let (tiles, now) = (store(400), Instant::now());
    let (needed, more) = (Drawing::of(&[1, 2]), Drawing::of(&[3]));
    let _pin = tiles.pin(Arc::new(needed.manifest.clone()));
    assert_eq!(tiles.receive(batch(&needed), now).0.stored, 2);
    let (answer, landed) = tiles.receive(batch(&more), now);
    assert_eq!((answer.stored, landed.len(), answer.refused[0].1.code), (0, 0, Code::Busy));
}
