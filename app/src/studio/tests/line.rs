//! Several jobs at once: one is in the frame until it ends, and the others wait in the strip.

use super::{Page, drawn, picture};
use crate::studio::{Effect, Event, Looked, Shape, words};
use link::client;
use wire::{ClientMessage, Code, Digest, Fact, Job, JobId, JobState, JobView, Problem, Spec};

fn cancelled(page: &Page) -> Vec<u8> {
    let cancelled = page.said.iter().filter_map(|said| match said {
        ClientMessage::Cancel { job } => Some(job.0[0]),
        _ => None,
    });
    cancelled.collect()
}

fn step(page: &mut Page, job: u8, step: u16) {
    page.fact(&Fact::Step { job: JobId([job; 8]), step, total: 12, step_ms: 40.0 });
}

/// A page that asked for three; the first of them runs.
fn three() -> Page {
    let mut page = Page::open();
    (5..=7).for_each(|job| page.generate(job));
    page.start(5);
    step(&mut page, 5, 3);
    page
}

fn in_frame(page: &Page) -> (u8, &'static str) {
    (page.studio.job.id.map_or(0, |id| id.0[0]), page.studio.job.phase.name())
}

/// What stands in the strip before the pictures.
fn strip(page: &Page) -> Vec<String> {
    page.studio.strip().into_iter().map(|number| words::run(&page.studio, number)).collect()
}

/// Number `at` of the strip is pressed.
fn press(page: &mut Page, at: usize) {
    page.happen(Event::Watch(page.studio.strip()[at]));
}

fn drawn_in_frame(page: &mut Page) -> Vec<&'static str> {
    page.take(|effect| match effect {
        Effect::Blank { .. } => Some("blank"),
        Effect::Paint(..) => Some("preview"),
        Effect::Hang(_) => Some("picture"),
        _ => None,
    })
}

#[test]
fn what_is_being_made_stays_in_the_frame_and_the_others_wait_in_the_strip() {
    let mut page = three();
    assert_eq!(in_frame(&page), (5, "running"));
    assert_eq!(strip(&page), ["waits", "waits", "now"]);
    assert_eq!(words::job(&page.studio), "Step 3 of 12 · 1 s left · 2 wait");
    page.preview(5, 3, 1);
    assert_eq!(drawn_in_frame(&mut page).last(), Some(&"preview"));
}

#[test]
fn the_next_takes_the_frame_once_there_is_something_to_be_seen_of_it() {
    let mut page = three();
    page.finish(5);
    page.happen(Event::Hung(vec![picture(5).digest]));
    drawn_in_frame(&mut page);
    page.start(6);
    assert_eq!((in_frame(&page), drawn_in_frame(&mut page)), ((5, "finished"), vec![]));
    assert_eq!(strip(&page), ["waits", "0 %"]);
    step(&mut page, 6, 1);
    assert_eq!(in_frame(&page), (5, "finished"), "its preview is on the way");
    page.preview(6, 1, 1);
    assert_eq!(
        (in_frame(&page), drawn_in_frame(&mut page)),
        ((5, "finished"), vec![]),
        "it was not seen for long"
    );
    page.now += 1_000;
    page.preview(6, 2, 2);
    assert_eq!((in_frame(&page), drawn_in_frame(&mut page)), ((6, "running"), vec!["blank", "preview"]));
    assert!(page.studio.unseen().is_empty());
    page.finish(6);
    page.start(7);
    page.now += 1_000;
    page.preview(7, 1, 3);
    assert_eq!(page.studio.unseen(), [picture(6).digest], "it had not come before the next");
}

#[test]
fn without_previews_the_next_takes_the_frame_at_its_first_step() {
    let mut page = three();
    page.happen(Event::Every(0));
    page.finish(5);
    page.start(6);
    page.now += 1_000;
    step(&mut page, 6, 1);
    assert_eq!(in_frame(&page), (6, "running"));
}

#[test]
fn what_is_made_is_shown_before_what_waits_unless_that_was_pressed() {
    for pressed in [false, true] {
        let mut page = Page::open();
        (5..=6).for_each(|job| page.generate(job));
        page.fact(&Fact::Waiting { job: JobId([5; 8]), ahead: 0, tiles: 40 });
        if pressed {
            press(&mut page, 0);
            press(&mut page, 1);
        }
        page.start(6);
        page.preview(6, 1, 1);
        assert_eq!(in_frame(&page).0, if pressed { 5 } else { 6 }, "{pressed}");
        assert_eq!(strip(&page).len(), 2);
    }
}

#[test]
fn what_was_made_while_nobody_saw_the_page_is_marked_once_something_else_is_there() {
    let mut page = three();
    page.happen(Event::Visible(false));
    page.finish(5);
    page.happen(Event::Hung(vec![picture(5).digest]));
    page.start(6);
    page.now += 1_000;
    step(&mut page, 6, 1);
    page.happen(Event::Visible(true));
    assert_eq!(page.studio.unseen(), [picture(5).digest]);

    page.finish(6);
    page.happen(Event::Hung(vec![picture(6).digest]));
    page.happen(Event::Look(Some(Looked::One(picture(5).digest))));
    page.happen(Event::Hung(vec![picture(5).digest]));
    page.start(7);
    page.now += 1_000;
    page.preview(7, 1, 2);
    assert!(page.studio.unseen().is_empty(), "both were on the screen");
    assert_eq!(page.studio.hung, [picture(5).digest], "it is");
}

#[test]
fn one_that_is_pressed_among_all_pictures_is_seen_in_the_studio() {
    let mut page = three();
    page.happen(Event::Spread(true));
    press(&mut page, 0);
    assert!(!page.studio.spread && in_frame(&page).0 == 7);
}

#[test]
fn once_nothing_is_left_to_be_made_the_drawing_is_followed_again() {
    let mut page = Page::asleep();
    page.live_ms = Some(80.0);
    page.code(255);
    page.welcome(Vec::new());
    page.draw(&[3], 0);
    (5..=6).for_each(|job| page.generate(job));
    page.finish(5);
    page.draw(&[4], 0);
    let asked =
        |page: &Page| page.said.iter().filter(|said| matches!(said, ClientMessage::Live { .. })).count();
    assert_eq!(asked(&page), 1);
    page.fact(&Fact::Cancelled { job: JobId([6; 8]), step: 0 });
    assert_eq!(asked(&page), 2);
}

#[test]
fn what_waits_is_in_the_frame_when_the_only_picture_is_removed() {
    let mut page = Page::open();
    (5..=6).for_each(|job| page.generate(job));
    page.finish(5);
    page.happen(Event::Remove);
    assert_eq!((in_frame(&page), strip(&page)), ((6, "waiting"), vec!["now".into()]));
}

#[test]
fn a_second_press_on_cancel_is_not_for_what_came_into_its_place() {
    let mut page = three();
    page.happen(Event::Cancel);
    page.fact(&Fact::Cancelled { job: JobId([5; 8]), step: 3 });
    page.happen(Event::Cancel);
    assert_eq!(cancelled(&page), [5]);
    page.now += 1_000;
    page.happen(Event::Cancel);
    assert_eq!(cancelled(&page), [5, 6]);
}

#[test]
fn a_click_taken_back_while_it_is_asked_for_again_stays_so() {
    let mut page = Page::open();
    page.happen(Event::Generate { chance: 1 });
    page.happen(drawn(Shape::Square, vec![3], false));
    page.fact(&Fact::Astray);
    page.happen(Event::Cancel);
    page.admit(5);
    assert_eq!(cancelled(&page), [5]);
}

#[test]
fn one_without_a_step_to_tell_of_takes_the_frame_when_it_is_finished() {
    let mut page = three();
    page.finish(5);
    drawn_in_frame(&mut page);
    page.finish(6);
    assert_eq!((page.studio.wanted(), in_frame(&page)), (Some(picture(6).digest), (6, "finished")));
    assert_eq!(drawn_in_frame(&mut page).last(), Some(&"picture"));
}

#[test]
fn each_can_be_looked_at_and_come_back_to() {
    let mut page = three();
    page.preview(5, 3, 1);
    press(&mut page, 0);
    assert_eq!(
        (in_frame(&page), strip(&page)),
        ((7, "waiting"), vec!["now".into(), "waits".into(), "25 %".into()])
    );
    drawn_in_frame(&mut page);
    page.preview(5, 4, 2);
    step(&mut page, 5, 4);
    assert_eq!(drawn_in_frame(&mut page), [""; 0], "it forms where nobody looks");
    assert!(page.said.contains(&ClientMessage::Ack { sequence: 2 }));
    press(&mut page, 2);
    assert_eq!((in_frame(&page), page.studio.job.steps()), ((5, "running"), (4, 12)));
    assert_eq!(drawn_in_frame(&mut page), ["blank", "preview"]);
}

#[test]
fn one_that_ends_while_another_is_looked_at_hangs_in_the_strip() {
    let mut page = three();
    press(&mut page, 0);
    page.finish(5);
    assert_eq!((in_frame(&page), strip(&page)), ((7, "waiting"), vec!["now".into(), "waits".into()]));
    assert_eq!(page.studio.unseen(), [picture(5).digest]);
}

#[test]
fn cancel_takes_back_the_one_that_is_looked_at() {
    let mut page = three();
    press(&mut page, 1);
    page.happen(Event::Cancel);
    assert_eq!((cancelled(&page), words::job(&page.studio)), (vec![6], "Taking it back".into()));
    page.fact(&Fact::Cancelled { job: JobId([6; 8]), step: 0 });
    assert_eq!((in_frame(&page), strip(&page).len()), ((5, "running"), 2), "what is being made comes first");
    page.now += 1_000;
    page.happen(Event::Cancel);
    page.fact(&Fact::Cancelled { job: JobId([5; 8]), step: 3 });
    assert_eq!(in_frame(&page), (7, "waiting"));
    page.now += 1_000;
    page.happen(Event::Cancel);
    page.fact(&Fact::Cancelled { job: JobId([7; 8]), step: 0 });
    assert_eq!((cancelled(&page), page.studio.can_cancel()), (vec![6, 5, 7], false));
    assert!(strip(&page).is_empty());
}

#[test]
fn clicks_that_wait_for_the_drawing_go_out_together() {
    let mut page = Page::open();
    page.happen(drawn(Shape::Square, vec![3], false));
    (1..=3).for_each(|chance| page.happen(Event::Generate { chance }));
    assert!(page.asked().is_empty());
    page.happen(Event::Cancel);
    assert!(page.studio.job.phase.is_active(), "the next of them");
    page.code(10);
    let seeds: Vec<_> = page.asked().iter().map(|(_, _, spec)| spec.seed.0).collect();
    assert_eq!(
        (seeds, cancelled(&page)),
        (vec![2, 3], vec![]),
        "the first was taken back before anybody knew of it"
    );
}

#[test]
fn one_that_is_under_way_can_be_come_back_to_whatever_was_looked_at_meanwhile() {
    let mut page = Page::open();
    page.generate(4);
    page.finish(4);
    page.generate(5);
    page.start(5);
    page.generate(6);
    page.happen(Event::Look(Some(Looked::One(picture(4).digest))));
    step(&mut page, 5, 7);
    assert_eq!(strip(&page), ["waits", "58 %"]);
    press(&mut page, 1);
    assert_eq!((in_frame(&page), page.studio.job.steps()), ((5, "running"), (7, 12)));
}

#[test]
fn a_click_leads_back_to_what_is_being_made() {
    let mut page = Page::open();
    page.generate(4);
    page.finish(4);
    page.generate(5);
    page.start(5);
    page.happen(Event::Look(Some(Looked::One(picture(4).digest))));
    page.generate(6);
    assert_eq!((page.studio.looking_at, in_frame(&page)), (None, (5, "running")));
    page.finish(5);
    page.fact(&Fact::Loading { job: JobId([6; 8]), read: 1, bytes: 9 });
    page.generate(7);
    assert_eq!(in_frame(&page), (6, "loading"), "where there is nothing to be seen of it yet, too");
}

#[test]
fn what_failed_is_told_while_the_next_is_made() {
    let mut page = three();
    let problem = Problem::new(Code::Internal, "no memory");
    page.fact(&Fact::Failed { job: JobId([5; 8]), problem: problem.clone() });
    assert_eq!(in_frame(&page).0, 6);
    assert_eq!(words::trouble(&page.studio), Some("no memory".into()));
    let problem = Problem::new(Code::Internal, "no disk");
    page.fact(&Fact::Failed { job: JobId([7; 8]), problem });
    assert_eq!((strip(&page).len(), words::trouble(&page.studio)), (1, Some("no disk".into())));
}

#[test]
fn a_click_that_is_refused_leaves_the_others_alone() {
    let mut page = three();
    for (number, ended) in [7, 5].into_iter().enumerate() {
        page.happen(Event::Generate { chance: 2 });
        let request = Some(page.asked()[3 + number].0);
        page.fact(&Fact::Refused { request, problem: Problem::new(Code::Busy, "three wait already") });
        assert_eq!((in_frame(&page), strip(&page).len()), ((5, "running"), 3 - number));
        assert_eq!(words::trouble(&page.studio), Some("three wait already".into()));
        page.fact(&Fact::Cancelled { job: JobId([ended; 8]), step: 0 });
        assert_eq!(words::trouble(&page.studio), None, "there is room again");
    }
}

#[test]
fn a_click_taken_back_before_its_answer_stays_taken_back_after_the_next_click() {
    let mut page = Page::open();
    page.happen(Event::Generate { chance: 1 });
    page.happen(Event::Cancel);
    page.happen(Event::Generate { chance: 2 });
    for (number, (request, canvas, spec)) in page.asked().into_iter().enumerate() {
        let job = Job { id: JobId([number as u8; 8]), canvas, spec, created_ms: 0 };
        page.fact(&Fact::Accepted { job, request: Some(request) });
    }
    assert_eq!(cancelled(&page), [0]);
    page.fact(&Fact::Cancelled { job: JobId([0; 8]), step: 0 });
    assert_eq!(page.studio.job.id, Some(JobId([1; 8])));
}

#[test]
fn one_that_is_refused_after_it_was_taken_back_is_over() {
    let mut page = Page::open();
    page.happen(Event::Generate { chance: 1 });
    page.happen(Event::Cancel);
    let request = Some(page.asked()[0].0);
    page.fact(&Fact::Refused { request, problem: Problem::new(Code::Busy, "three wait already") });
    assert_eq!((in_frame(&page), page.studio.can_cancel()), ((0, "cancelled"), false));
    assert_eq!(words::trouble(&page.studio), None, "nobody wants it any more");
}

fn job(id: u8) -> Job {
    Job { id: JobId([id; 8]), canvas: Digest([9; 16]), spec: Spec::default(), created_ms: id.into() }
}

fn view(id: u8, state: JobState) -> JobView {
    JobView { job: job(id), state }
}

const WAITING: JobState = JobState::Waiting { ahead: 1, tiles: 0 };

fn running() -> JobState {
    JobState::Running { step: 2, total: 12, step_ms: 9.0, preview: super::grey_map() }
}

fn finished(id: u8) -> JobState {
    JobState::Finished { pictures: vec![picture(id)], took_ms: 1.0 }
}

#[test]
fn a_page_that_is_opened_shows_what_is_being_made_and_what_waits() {
    let mut page = Page::asleep();
    page.code(255);
    page.welcome(vec![view(4, WAITING), view(3, WAITING), view(2, running()), view(1, finished(1))]);
    assert_eq!(
        (in_frame(&page), strip(&page)),
        ((2, "running"), vec!["waits".into(), "waits".into(), "now".into()])
    );
}

#[test]
fn what_ended_while_the_page_was_away_waits_no_more() {
    let mut page = Page::open();
    (5..=7).for_each(|job| page.generate(job));
    page.happen(Event::Link(client::Event::SocketClosed));
    page.happen(Event::Generate { chance: 1 });
    page.happen(Event::Link(client::Event::Online));
    page.facts = 0;
    page.welcome(vec![view(7, running()), view(6, finished(6)), view(5, finished(5))]);
    assert_eq!(strip(&page), ["waits", "17 %"], "one of them the server does not know of yet");
    page.admit(8);
    assert_eq!(strip(&page).len(), 2);
    page.now += 1_000;
    page.preview(7, 3, 1);
    assert_eq!(in_frame(&page), (7, "running"));
}

#[test]
fn one_that_a_welcome_told_of_before_its_answer_is_there_once() {
    let mut page = Page::open();
    page.generate(5);
    page.happen(Event::Generate { chance: 1 });
    let (request, ..) = page.asked()[1];
    page.happen(Event::Link(client::Event::SocketClosed));
    page.happen(Event::Link(client::Event::Online));
    page.facts = 0;
    page.welcome(vec![view(6, WAITING), view(5, running())]);
    page.fact(&Fact::Accepted { job: job(6), request: Some(request) });
    assert_eq!(strip(&page), ["waits", "now"]);
}

#[test]
fn one_of_another_page_waits_in_the_strip_unless_there_is_nothing_better_to_show() {
    let mut page = Page::open();
    page.fact(&Fact::Accepted { job: job(3), request: None });
    assert_eq!(in_frame(&page), (3, "waiting"));
    page.fact(&Fact::Accepted { job: job(4), request: None });
    assert_eq!((in_frame(&page).0, strip(&page)), (3, vec!["waits".into(), "now".into()]));
    page.finish(3);
    page.finish(4);
    page.fact(&Fact::Accepted { job: job(5), request: None });
    assert_eq!(in_frame(&page), (4, "finished"), "until there is something to be seen of it");
    page.start(5);
    page.now += 1_000;
    page.preview(5, 1, 1);
    assert_eq!(in_frame(&page), (5, "running"));
}
