//! A page that is far away asks for pictures before they are told of.

use super::{Page, frame};
use crate::studio::{Effect, Event};
use wire::{ClientMessage, Fact, JobId};

const JOB: JobId = JobId([5; 8]);

/// What was asked for ahead.
fn asked(page: &mut Page) -> usize {
    page.take(|effect| matches!(effect, Effect::AskAhead { job: JOB, pictures: 1 }).then_some(())).len()
}

/// A job that was admitted so many milliseconds after the click.
fn admitted_after(ms: u64) -> Page {
    let mut page = Page::open();
    page.happen(Event::Generate { chance: 99 });
    page.now += ms;
    page.admit(5);
    page.start(5);
    page
}

fn step(page: &mut Page, step: u16) {
    page.fact(&Fact::Step { job: JOB, step, total: 12, step_ms: 40.0 });
}

#[test]
fn a_page_that_is_near_does_not_ask() {
    let mut page = admitted_after(10);
    step(&mut page, 1);
    assert_eq!(asked(&mut page), 0);
}

#[test]
fn a_page_that_is_far_asks_once_and_again_if_the_way_was_cut() {
    let mut page = admitted_after(200);
    assert_eq!(asked(&mut page), 1);
    step(&mut page, 1);
    assert_eq!(asked(&mut page), 0, "it is on its way");
    for n in 2..8 {
        page.happen(Event::Herald { job: JOB, picture: 0, came: false });
        step(&mut page, n);
    }
    assert_eq!(asked(&mut page), 2, "not for ever");
}

#[test]
fn a_page_that_nobody_sees_or_that_shows_another_picture_does_not_ask() {
    let mut page = Page::open();
    page.happen(Event::Generate { chance: 99 });
    page.happen(Event::Visible(false));
    page.now += 200;
    page.admit(5);
    assert_eq!(asked(&mut page), 0);
    page.happen(Event::Visible(true));
    page.start(5);
    step(&mut page, 1);
    assert_eq!(asked(&mut page), 1);
}

#[test]
fn no_preview_comes_over_a_picture_that_is_there() {
    let mut page = admitted_after(200);
    page.preview(5, 1, 1);
    page.happen(Event::Painted(frame(5, 1, 1).header));
    page.happen(Event::Herald { job: JOB, picture: 0, came: true });
    page.done.clear();
    page.preview(5, 2, 11);
    assert!(page.take(|effect| matches!(effect, Effect::Paint(..)).then_some(())).is_empty());
    assert!(page.said.contains(&ClientMessage::Ack { sequence: 11 }), "the server need not wait for it");
    page.finish(5);
    assert_eq!(page.take(|effect| matches!(effect, Effect::Hang(_)).then_some(())).len(), 1);
}
