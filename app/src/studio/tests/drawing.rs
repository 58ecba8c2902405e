//! The drawing is hashed beside the page, named, and sent once.

use super::Page;
use crate::studio::{Effect, Event, Paper, Shape, Sync};
use link::upload;
use wire::{ClientMessage, Code, Fact, JobId, Problem, TileBatch, TilesAnswer};

fn posts(page: &mut Page) -> Vec<(u32, TileBatch)> {
    page.take(|effect| match effect {
        Effect::PostTiles { batch, tiles } => Some((*batch, tiles.clone())),
        _ => None,
    })
}

/// All that is posted arrives; how many tiles that was.
pub(super) fn land(page: &mut Page) -> usize {
    let mut tiles = 0;
    loop {
        let posted = posts(page);
        if posted.is_empty() {
            return tiles;
        }
        for (batch, sent) in posted {
            tiles += sent.0.len();
            let answer = TilesAnswer { stored: sent.0.len() as u32, refused: Vec::new() };
            page.happen(Event::Upload(upload::Event::Answered { batch, answer }));
        }
    }
}

#[test]
fn a_drawing_has_no_name_before_all_of_it_is_hashed() {
    let mut page = Page::asleep();
    page.welcome(Vec::new());
    assert_eq!(page.canvases(), []);
    page.code(255);
    assert_eq!(page.canvases().len(), 1);
}

#[test]
fn equal_tiles_travel_once() {
    let mut page = Page::open();
    assert_eq!(land(&mut page), 1, "64 blank tiles are one content");
    page.draw(&[3, 4, 5], 10);
    assert_eq!(land(&mut page), 1);
}

#[test]
fn going_back_to_what_the_server_has_sends_nothing() {
    let mut page = Page::open();
    page.draw(&[3], 10);
    land(&mut page);
    let before = page.studio.sent_tiles;
    page.draw(&[3], 255);
    assert_eq!(land(&mut page), 0);
    assert_eq!(page.studio.sent_tiles, before);
    assert_eq!(page.canvases().first(), page.canvases().last(), "blank again, the same name again");
}

#[test]
fn a_server_that_has_no_room_is_asked_again_after_a_while() {
    let mut page = Page::open();
    land(&mut page);
    page.draw(&[3], 10);
    let said = page.canvases().len();
    let [(batch, sent)] = &posts(&mut page)[..] else { panic!("one tile, one post") };
    let full = Problem::new(Code::Busy, "no room");
    let answer = TilesAnswer { stored: 0, refused: vec![(sent.0[0].0, full)] };
    page.happen(Event::Upload(upload::Event::Answered { batch: *batch, answer }));
    assert!(page.canvases().len() == said && posts(&mut page).is_empty(), "not at once");
    page.now += 60_000;
    page.happen(Event::Upload(upload::Event::Timer));
    assert_eq!(land(&mut page), 1);
}

/// Ten tiles are drawn, of which the first three are on their way, and taken back.
fn drawn_and_taken_back(page: &mut Page, between: impl FnOnce(&mut Page)) -> usize {
    land(page);
    (0..10).for_each(|tile| page.draw(&[tile], tile as u8));
    between(page);
    let drawn = *page.canvases().last().unwrap();
    (0..10).for_each(|tile| page.draw(&[tile], 255));
    page.fact(&Fact::Canvas { canvas: drawn, missing: (0..10).collect() });
    land(page)
}

#[test]
fn what_was_taken_back_is_not_sent() {
    let mut page = Page::open();
    assert_eq!(drawn_and_taken_back(&mut page, |_| {}), 3);
    assert_eq!(page.studio.progress.queued, 0);
    page.draw(&[7], 7);
    assert_eq!(land(&mut page), 1, "it is there again");
}

#[test]
fn what_a_picture_is_made_of_is_sent_also_if_it_was_taken_back() {
    let mut page = Page::open();
    assert_eq!(drawn_and_taken_back(&mut page, |page| page.generate(5)), 10);
}

#[test]
fn it_is_in_sync_once_the_server_lacks_nothing_of_what_is_drawn_now() {
    let mut page = Page::open();
    land(&mut page);
    let blank = page.canvases()[0];
    page.fact(&Fact::Canvas { canvas: blank, missing: vec![] });
    assert_eq!(page.studio.sync(), Sync::Synced);
    page.draw(&[0], 10);
    assert_ne!(page.studio.sync(), Sync::Synced);
    land(&mut page);
    page.fact(&Fact::Canvas { canvas: blank, missing: vec![] });
    assert_ne!(page.studio.sync(), Sync::Synced, "an answer about an earlier drawing");
    let drawn = *page.canvases().last().unwrap();
    page.fact(&Fact::Canvas { canvas: drawn, missing: vec![] });
    assert_eq!(page.studio.sync(), Sync::Synced);
}

#[test]
fn the_server_is_asked_again_once_what_it_lacked_has_come() {
    let mut page = Page::open();
    land(&mut page);
    page.draw(&[3], 10);
    let drawn = *page.canvases().last().unwrap();
    page.fact(&Fact::Canvas { canvas: drawn, missing: vec![3] });
    let said = page.canvases().len();
    land(&mut page);
    assert_eq!(page.canvases()[said..], [drawn]);
}

#[test]
fn what_the_server_forgot_is_sent_again() {
    let mut page = Page::open();
    page.draw(&[7], 10);
    land(&mut page);
    let canvas = *page.canvases().last().unwrap();
    page.fact(&Fact::Canvas { canvas, missing: vec![7] });
    page.code(10);
    assert_eq!(land(&mut page), 1);
}

#[test]
fn a_restored_drawing_is_named_without_coding_or_sending() {
    let coded = crate::studio::code_tiles(&[200; canvas::TILE_BYTES]);
    let digest = TileBatch::parse(coded).unwrap().0[0].0;
    let mut page = Page::asleep();
    page.done.clear();
    page.happen(Event::Restored {
        paper: Paper::usual(Shape::Square),
        tiles: (0..64).map(|i| (i, digest)).collect(),
        rest: vec![],
    });
    assert_eq!(page.take(|effect| matches!(effect, Effect::Code(_)).then_some(())), []);
    assert_eq!(land(&mut page), 0);
}

#[test]
fn coded_tiles_are_kept_for_the_next_visit() {
    let mut page = Page::open();
    page.done.clear();
    page.draw(&[1, 2], 10);
    let kept = page.take(|effect| match effect {
        Effect::Keep(tiles) => Some(tiles.iter().map(|(index, ..)| *index).collect::<Vec<_>>()),
        _ => None,
    });
    assert_eq!(kept, [[1, 2]]);
}

#[test]
fn a_sheet_of_one_colour_is_not_clean_paper() {
    let mut page = Page::open();
    assert!(page.studio.is_blank());
    page.draw(&(0..64).collect::<Vec<_>>(), 10);
    assert!(!page.studio.is_blank());
    page.draw(&(0..64).collect::<Vec<_>>(), 255);
    assert!(page.studio.is_blank());
}

#[test]
fn of_a_drawing_that_came_from_the_server_only_what_it_lacks_is_sent() {
    let mut page = Page::open();
    land(&mut page);
    page.happen(Event::Fetched);
    page.draw(&[1, 2], 77);
    assert_eq!(land(&mut page), 0);
    let canvas = page.studio.sheet.current().expect("all is hashed").digest;
    page.fact(&Fact::Canvas { canvas, missing: vec![1] });
    assert_eq!(land(&mut page), 1, "it had let go of it");
    page.draw(&[3], 5);
    assert_eq!(land(&mut page), 1, "what is drawn on it is sent as ever");
}

#[test]
fn a_picture_of_which_a_tile_is_nowhere_any_more_is_given_up_in_words() {
    let mut page = Page::open();
    land(&mut page);
    let canvas = page.studio.sheet.current().expect("it is coded").digest;
    page.generate(1);
    // It is asked for what the page has.
    page.fact(&Fact::Canvas { canvas, missing: vec![0] });
    let cancelled = |page: &Page| page.said.contains(&ClientMessage::Cancel { job: JobId([1; 8]) });
    assert!(!cancelled(&page) && page.studio.refused.is_none());
    // The page has kept other things since, and clean paper is nowhere.
    page.draw(&(0..64).collect::<Vec<_>>(), 10);
    page.studio.uploads = link::Uploads::new(0);
    page.fact(&Fact::Canvas { canvas, missing: vec![0] });
    assert!(cancelled(&page));
    assert!(page.studio.refused.as_ref().is_some_and(|problem| problem.message.contains("drawn over")));
}
