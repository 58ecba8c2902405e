//! Pictures from before those that a page is told of are there for the asking.

use super::{Page, picture};
use crate::studio::{Command, Effect, Event, Looked, words};
use wire::{Digest, Job, JobId, JobState, JobView, Older, Spec, limits::SNAPSHOT_JOBS};

/// A finished job of then, with a picture of its name.
fn made(n: u8) -> JobView {
    let job = Job {
        id: JobId([n; 8]),
        canvas: Digest([0; 16]),
        spec: Spec::default(),
        created_ms: u64::from(n) * 10,
    };
    JobView { job, state: JobState::Finished { pictures: vec![picture(n)], took_ms: 9.0 } }
}

/// The newest jobs until then, newest first, as many as are told of at once.
fn told(newest: u8) -> Vec<JobView> {
    (1..=newest).rev().take(SNAPSHOT_JOBS).map(made).collect()
}

fn strip(page: &Page) -> Vec<u8> {
    page.studio.kept.iter().map(|kept| kept.picture.digest.0[0]).collect()
}

fn down(from: u8, to: u8) -> Vec<u8> {
    (to..=from).rev().collect()
}

fn asked(page: &mut Page) -> Vec<u64> {
    page.take(|effect| if let Effect::AskOlder { until_ms } = effect { Some(*until_ms) } else { None })
}

/// The person asks for older ones, and the server answers.
fn ask(page: &mut Page, jobs: Vec<JobView>, until: Option<u64>) -> u64 {
    page.happen(Event::AskOlder);
    let until_ms = asked(page).pop().expect("it is asked");
    page.happen(Event::OlderCame { until_ms, older: Some(Older { jobs, until }) });
    until_ms
}

fn page_of(jobs: Vec<JobView>) -> Page {
    let mut page = Page::asleep();
    page.code(255);
    page.welcome(jobs);
    page
}

#[test]
fn older_pictures_are_hung_behind_the_others_until_there_are_none() {
    let mut page = page_of(told(65));
    assert_eq!(ask(&mut page, told(36), Some(70)), 360);
    assert_eq!(strip(&page), down(65, 7), "the last is told of twice");
    assert_eq!(ask(&mut page, told(7), None), 70);
    assert_eq!(strip(&page), down(65, 1));
    assert!(!page.studio.has_older());
    // What the server tells again is known.
    page.welcome(told(65));
    assert_eq!(strip(&page).len(), 65);
    assert!(!page.studio.has_older());
}

#[test]
fn where_all_are_told_of_there_is_nothing_to_ask_for() {
    let mut page = page_of(told(SNAPSHOT_JOBS as u8 - 1));
    assert!(!page.studio.has_older());
    page.happen(Event::AskOlder);
    assert_eq!(asked(&mut page), [0; 0]);
}

#[test]
fn one_question_at_a_time_and_each_has_its_own_answer() {
    let mut page = page_of(told(40));
    page.happen(Event::AskOlder);
    page.happen(Event::AskOlder);
    assert_eq!(asked(&mut page), [110]);
    page.happen(Event::OlderCame { until_ms: 7, older: Some(Older::default()) });
    assert!(page.studio.awaits_older(), "that answers another question");
}

#[test]
fn what_was_made_elsewhere_while_the_page_slept_is_found_between() {
    let mut page = page_of(told(31));
    page.welcome(told(100));
    assert_eq!(ask(&mut page, told(71), Some(420)), 710);
    ask(&mut page, told(42), Some(130));
    assert_eq!(strip(&page), down(100, 2));
}

#[test]
fn one_that_was_removed_a_moment_ago_does_not_come_back() {
    let mut page = page_of(told(40));
    ask(&mut page, told(11), Some(20));
    page.happen(Event::Look(Some(Looked::One(picture(5).digest))));
    page.happen(Event::Remove);
    ask(&mut page, told(11), None);
    assert!(!strip(&page).contains(&5));
    assert!(strip(&page).contains(&4));
}

#[test]
fn an_answer_that_does_not_come_is_said_and_can_be_asked_for_again() {
    let mut page = page_of(told(40));
    page.happen(Event::AskOlder);
    page.happen(Event::OlderCame { until_ms: 110, older: None });
    assert!(words::trouble(&page.studio).is_some_and(|trouble| trouble.contains("Older pictures")));
    page.happen(Event::AskOlder);
    assert_eq!(asked(&mut page), [110, 110]);
}

#[test]
fn pictures_that_lie_over_the_page_make_room_for_one_and_for_a_new_one() {
    let mut page = page_of(told(9));
    for event in [
        Event::Look(Some(Looked::One(Digest([3; 16])))),
        Event::Canvas(Command::Abort),
        Event::Generate { chance: 1 },
        Event::Spread(false),
    ] {
        page.happen(Event::Spread(true));
        assert!(page.studio.spread);
        page.happen(event);
        assert!(!page.studio.spread);
    }
}
