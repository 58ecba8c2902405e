//! A picture that is removed can be had back for a while.

use super::{Page, picture};
use crate::studio::{Command, Effect, Event, Looked, Phase, words};
use canvas::{Brush, Deed, Mark, Sample};
use link::{Time, client};
use wire::{
    ClientMessage, Digest, Fact, Job, JobId, JobState, JobView, Picture, Seed, Spec, limits::SNAPSHOT_JOBS,
};

/// A page that made pictures 1 to `jobs`, one a job.
fn made(jobs: u8) -> Page {
    let mut page = Page::open();
    for job in 1..=jobs {
        page.generate(job);
        page.start(job);
        page.finish(job);
    }
    page.done.clear();
    page
}

fn strip(page: &Page) -> Vec<u8> {
    page.studio.kept.iter().map(|kept| kept.picture.digest.0[0]).collect()
}

fn look(page: &mut Page, digest: u8) {
    page.happen(Event::Look(Some(Looked::One(Digest([digest; 16])))));
}

/// The pictures that the server was told to remove.
fn told(page: &Page) -> Vec<u8> {
    let told = page.said.iter().filter_map(|message| match message {
        ClientMessage::Remove { picture } => Some(picture.0[0]),
        _ => None,
    });
    told.collect()
}

fn alarms(page: &mut Page) -> Vec<Time> {
    page.take(|effect| if let Effect::RemovalTimer(at) = effect { Some(*at) } else { None })
}

#[test]
fn it_is_off_the_page_at_once_and_off_the_disk_a_few_seconds_later() {
    let mut page = made(1);
    page.happen(Event::Remove);
    assert_eq!((strip(&page), page.studio.hanging()), (vec![], vec![]));
    assert!(page.studio.is_empty());
    assert_eq!(
        page.take(|effect| if let Effect::Blank { pictures, .. } = effect { Some(*pictures) } else { None }),
        [1]
    );
    let due = alarms(&mut page)[0];
    assert!(told(&page).is_empty() && due > page.now + 5_000);
    page.now = due;
    page.happen(Event::RemovalDue);
    assert_eq!(told(&page), [1]);
    assert!(!page.studio.can_bring_back());
    page.happen(Event::BringBack);
    assert!(strip(&page).is_empty());
}

#[test]
fn brought_back_it_hangs_where_it_was() {
    let mut page = made(3);
    look(&mut page, 2);
    page.happen(Event::Remove);
    assert_eq!(strip(&page), [3, 1]);
    page.happen(Event::BringBack);
    assert_eq!(strip(&page), [3, 2, 1]);
    assert_eq!(page.studio.wanted(), Some(Digest([2; 16])));
    page.happen(Event::RemovalDue);
    assert!(told(&page).is_empty());
}

#[test]
fn a_key_of_its_own_removes_as_fast_as_it_is_pressed() {
    let mut page = made(3);
    look(&mut page, 3);
    for _ in 0..2 {
        page.happen(Event::Cull);
        page.now += 100;
    }
    assert_eq!((strip(&page), page.studio.wanted()), (vec![1], Some(Digest([1; 16]))));
}

#[test]
fn who_clears_out_goes_on_to_the_neighbour_and_has_all_of_it_back_one_by_one() {
    let mut page = made(3);
    look(&mut page, 2);
    page.happen(Event::Remove);
    assert_eq!(page.studio.wanted(), Some(Digest([1; 16])), "the next older one");
    page.now += 1_000;
    page.happen(Event::Remove);
    assert_eq!(page.studio.wanted(), Some(Digest([3; 16])), "there is no older one");
    page.happen(Event::BringBack);
    page.happen(Event::BringBack);
    assert_eq!((strip(&page), page.studio.wanted()), (vec![3, 2, 1], Some(Digest([2; 16]))));
    page.happen(Event::BringBack);
    assert_eq!((strip(&page), told(&page)), (vec![3, 2, 1], vec![]));
}

/// Steps that the paper is to take back when the person takes something back.
fn taken_back(page: &mut Page) -> usize {
    page.done.clear();
    page.happen(Event::TakeBack);
    page.take(|effect| matches!(effect, Effect::Canvas(Command::Undo)).then_some(())).len()
}

#[test]
fn a_stroke_that_is_told_in_parts_is_one_step_after_a_removal() {
    let mut page = made(3);
    look(&mut page, 2);
    page.happen(Event::Remove);
    let brush = Brush { size: 8.0, colour: [0; 3], eraser: false };
    let places = [0.0, 90.0].map(|x| Sample { x, y: 9.0, pressure: 0.5 });
    let mark = Mark::of(brush, &places).expect("a stroke");
    let begun = Deed::UnderWay(mark.clone());
    for deed in [begun.clone(), Deed::Abort, begun.clone(), begun, Deed::Mark(mark)] {
        let tiles = vec![(0, Digest([7; 16]))];
        page.happen(Event::Told { deeds: vec![deed], tiles, can_undo: true, can_redo: false });
    }
    assert_eq!((taken_back(&mut page), strip(&page)), (1, vec![3, 1]));
    page.draw(&[1], 0);
    assert_eq!((taken_back(&mut page), strip(&page)), (0, vec![3, 2, 1]));
}

#[test]
fn taking_back_brings_back_what_was_removed_unless_something_was_drawn_since() {
    let mut page = made(3);
    look(&mut page, 2);
    page.happen(Event::Remove);
    assert_eq!((taken_back(&mut page), strip(&page)), (0, vec![3, 2, 1]));
    page.now += 1_000;
    page.happen(Event::Remove);
    // A pinch, or a bucket on its own colour, tells of no change.
    page.happen(Event::Told {
        deeds: vec![Deed::Abort],
        tiles: Vec::new(),
        can_undo: false,
        can_redo: false,
    });
    assert_eq!((taken_back(&mut page), strip(&page)), (0, vec![3, 2, 1]));
    page.now += 1_000;
    page.happen(Event::Remove);
    page.draw(&[1], 0);
    look(&mut page, 3);
    page.now += 1_000;
    page.happen(Event::Remove);
    assert_eq!((taken_back(&mut page), strip(&page)), (0, vec![3, 1]));
    assert_eq!(
        (taken_back(&mut page), strip(&page)),
        (1, vec![3, 1]),
        "the stroke is younger than the first"
    );
    // The paper tells of that as of any step.
    page.draw(&[1], 0);
    assert_eq!((taken_back(&mut page), strip(&page)), (0, vec![3, 2, 1]));
}

#[test]
fn beside_other_words_the_way_back_says_what_it_brings_back() {
    let mut page = made(3);
    look(&mut page, 2);
    page.happen(Event::Remove);
    assert_eq!((&*words::job(&page.studio), words::bring_back(&page.studio)), ("Removed", "Undo"));
    page.generate(9);
    page.happen(Event::Cancel);
    assert_ne!(words::job(&page.studio), "Removed");
    assert_eq!((page.studio.can_bring_back(), words::bring_back(&page.studio)), (true, "Undo removal"));
}

#[test]
fn a_second_press_out_of_habit_removes_nothing() {
    let mut page = made(3);
    look(&mut page, 2);
    page.happen(Event::Remove);
    page.now += 200;
    page.happen(Event::Remove);
    assert_eq!(strip(&page), [3, 1]);
}

#[test]
fn the_current_picture_comes_back_as_that_and_no_empty_frame_is_gone_back_to() {
    let mut page = made(2);
    page.happen(Event::Remove);
    assert_eq!(page.studio.wanted(), Some(Digest([1; 16])));
    page.happen(Event::Canvas(Command::Abort));
    assert_eq!(page.studio.wanted(), Some(Digest([1; 16])), "behind it there is nothing");
    page.happen(Event::BringBack);
    assert_eq!(page.studio.wanted(), Some(Digest([2; 16])));
    assert!(page.studio.looking_at.is_none() && words::job(&page.studio).starts_with("Done"));
}

#[test]
fn a_page_that_goes_takes_it_along_and_one_that_is_hidden_does_not() {
    let mut page = made(1);
    page.happen(Event::Remove);
    page.happen(Event::Visible(false));
    page.happen(Event::Visible(true));
    assert!(told(&page).is_empty() && page.studio.can_bring_back());
    page.happen(Event::Link(client::Event::PageHide));
    assert_eq!(told(&page), [1], "it may never come back");
}

#[test]
fn of_several_the_others_stay_together() {
    let mut page = Page::open();
    page.happen(Event::Pictures(3));
    page.generate(5);
    page.start(5);
    let pictures: Vec<Picture> =
        (0..3).map(|n| Picture { seed: Seed(99 + u64::from(n)), ..picture(20 + n) }).collect();
    page.fact(&Fact::Finished { job: JobId([5; 8]), pictures, took_ms: 900.0 });
    page.happen(Event::Remove);
    assert_eq!(strip(&page), [20, 21, 22], "which one is not said");
    look(&mut page, 21);
    page.happen(Event::Remove);
    page.happen(Event::Look(None));
    let hanging = |page: &Page| page.studio.hanging().iter().map(|digest| digest.0[0]).collect::<Vec<_>>();
    assert_eq!(hanging(&page), [20, 22]);
    page.happen(Event::BringBack);
    page.happen(Event::Look(None));
    assert_eq!(hanging(&page), [20, 21, 22]);
}

#[test]
fn what_was_removed_elsewhere_goes_here_too() {
    let mut page = made(2);
    look(&mut page, 1);
    page.fact(&Fact::Removed { picture: Digest([1; 16]) });
    assert_eq!(strip(&page), [2]);
    assert_eq!(page.studio.wanted(), Some(Digest([2; 16])), "the current one");
    page.fact(&Fact::Removed { picture: Digest([2; 16]) });
    assert_eq!((strip(&page), page.studio.job.phase.clone()), (vec![], Phase::Idle));
}

fn view(n: u8) -> JobView {
    let job =
        Job { id: JobId([n; 8]), canvas: Digest([0; 16]), spec: Spec::default(), created_ms: u64::from(n) };
    JobView { job, state: JobState::Finished { pictures: vec![picture(n)], took_ms: 900.0 } }
}

#[test]
fn after_a_fresh_welcome_what_is_gone_is_gone() {
    let mut page = Page::open();
    page.welcome(vec![view(4), view(3), view(2), view(1)]);
    assert_eq!(strip(&page), [4, 3, 2, 1]);
    page.happen(Event::Remove);
    page.done.clear();
    // The server knows nothing of that yet; 3 was removed elsewhere, as was what is looked at here now.
    page.welcome(vec![view(4), view(2), view(1)]);
    assert_eq!(strip(&page), [2, 1]);
    assert!(page.studio.can_bring_back());
    let hung = page.take(|effect| match effect {
        Effect::Hang(digests) => Some(digests.clone()),
        Effect::Blank { .. } => Some(Vec::new()),
        _ => None,
    });
    assert_eq!(hung.last().cloned().unwrap_or_default(), page.studio.hanging(), "{hung:?}");
    page.welcome(Vec::new());
    assert!(strip(&page).is_empty(), "all were removed elsewhere");
}

#[test]
fn older_pictures_than_a_server_tells_of_stay() {
    let mut page = Page::open();
    page.welcome((1..=40).rev().map(view).collect());
    assert_eq!(strip(&page).len(), 40);
    let newest = (1..=40).rev().filter(|n| *n != 35).take(SNAPSHOT_JOBS);
    page.welcome(newest.map(view).collect());
    let left = strip(&page);
    assert!(left.len() == 39 && left.contains(&1) && !left.contains(&35), "{left:?}");
}

#[test]
fn it_comes_back_to_its_place_whatever_came_meanwhile() {
    let mut page = made(3);
    look(&mut page, 2);
    page.happen(Event::Remove);
    page.generate(4);
    page.start(4);
    page.finish(4);
    page.happen(Event::BringBack);
    assert_eq!(strip(&page), [4, 3, 2, 1]);
}
