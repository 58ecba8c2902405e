//! A page that is far away asks for pictures before they are told of.

use super::{Page, frame, picture};
use crate::studio::{Effect, Event, Looked};
use wire::{ClientMessage, Fact, JobId};

const JOB: JobId = JobId([5; 8]);

/// What was asked for ahead.
fn asked(page: &mut Page) -> usize {
    page.take(|effect| matches!(effect, Effect::AskAhead { job: JOB, pictures: 1 }).then_some(())).len()
}

/// A page whose server answers after so many milliseconds.
fn away(way_ms: u64) -> Page {
    let mut page = Page::open();
    answer(&mut page, way_ms);
    page
}

fn answer(page: &mut Page, way_ms: u64) {
    for said in std::mem::take(&mut page.said) {
        if let ClientMessage::Ping { sent } = said {
            page.now = sent + way_ms - 1;
            page.hear(0, &Fact::Pong { sent, clock_us: 1, conflated: 0, made: 0, encoded: 0, decoded: 0 });
        }
    }
}

/// A job that runs there.
fn running(way_ms: u64) -> Page {
    let mut page = away(way_ms);
    page.generate(5);
    page.start(5);
    page
}

/// So many of twelve steps are done.
fn step(page: &mut Page, step: u16) {
    page.fact(&Fact::Step { job: JOB, step, total: 12, step_ms: 100.0 });
}

/// All steps of a job are done; what was asked for ahead.
fn asked_in_a_job(page: &mut Page) -> usize {
    page.generate(5);
    page.start(5);
    (1..=12).for_each(|n| step(page, n));
    asked(page)
}

#[test]
fn a_page_that_is_near_does_not_ask() {
    assert_eq!(asked_in_a_job(&mut away(10)), 0);
}

#[test]
fn the_shortest_way_of_a_connection_counts() {
    let mut page = away(300);
    page.happen(Event::Measure(true));
    answer(&mut page, 10);
    assert_eq!(asked_in_a_job(&mut page), 0, "the first answer had to wait");
}

#[test]
fn one_late_answer_does_not_make_a_page_far() {
    let mut page = away(300);
    answer(&mut page, 10);
    assert_eq!(asked_in_a_job(&mut page), 0, "it was being opened when the first answer came");
}

#[test]
fn a_page_that_is_far_is_not_asked_for_ever_how_far_it_is() {
    let mut page = Page::open();
    let mut answers = 0;
    while page.said.iter().any(|said| matches!(said, ClientMessage::Ping { .. })) {
        answer(&mut page, 200);
        answers += 1;
    }
    assert!((2..10).contains(&answers), "{answers}");
}

#[test]
fn a_page_that_is_far_asks_once_shortly_before_the_end() {
    let mut page = running(200);
    (1..=7).for_each(|n| step(&mut page, n));
    assert_eq!(asked(&mut page), 0, "it would wait for long");
    step(&mut page, 8);
    assert_eq!(asked(&mut page), 1);
    (9..=12).for_each(|n| step(&mut page, n));
    assert_eq!(asked(&mut page), 0);
}

#[test]
fn a_page_that_nobody_sees_or_that_shows_another_picture_does_not_ask() {
    let mut page = away(200);
    page.generate(4);
    page.start(4);
    page.finish(4);
    page.generate(5);
    page.start(5);
    page.happen(Event::Visible(false));
    step(&mut page, 10);
    page.happen(Event::Visible(true));
    page.happen(Event::Look(Some(Looked::One(picture(4).digest))));
    step(&mut page, 11);
    assert_eq!(asked(&mut page), 0);
    page.happen(Event::Look(None));
    step(&mut page, 12);
    assert_eq!(asked(&mut page), 1);
}

fn shown(page: &mut Page) -> usize {
    page.take(|effect| matches!(effect, Effect::ShowAhead(0)).then_some(())).len()
}

#[test]
fn no_preview_comes_over_a_picture_that_is_there() {
    let mut page = running(200);
    page.preview(5, 1, 1);
    page.happen(Event::Painted(frame(5, 1, 1).header));
    page.happen(Event::Herald { job: JOB, picture: 0 });
    assert_eq!(shown(&mut page), 1);
    page.preview(5, 2, 11);
    assert_eq!(
        page.take(|effect| matches!(effect, Effect::Paint(frame, _) if frame.header.step == 2).then_some(())),
        []
    );
    assert!(page.said.contains(&ClientMessage::Ack { sequence: 11 }), "the server need not wait for it");
    page.finish(5);
    assert_eq!(page.take(|effect| matches!(effect, Effect::Hang(_)).then_some(())).len(), 1);
}

#[test]
fn a_picture_that_comes_ahead_waits_behind_one_that_is_looked_at() {
    let mut page = Page::open();
    page.generate(4);
    page.start(4);
    page.finish(4);
    page.generate(5);
    page.start(5);
    page.happen(Event::Look(Some(Looked::One(picture(4).digest))));
    page.happen(Event::Hung(vec![picture(4).digest]));
    page.happen(Event::Herald { job: JOB, picture: 0 });
    page.happen(Event::Herald { job: JobId([4; 8]), picture: 0 });
    assert_eq!(shown(&mut page), 0);
    page.happen(Event::Look(None));
    assert_eq!(shown(&mut page), 1);
    page.finish(5);
    page.happen(Event::Hung(vec![picture(5).digest]));
    page.happen(Event::Herald { job: JOB, picture: 0 });
    assert_eq!(shown(&mut page), 0, "it is there in full");
}
