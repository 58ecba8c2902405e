//! From a click to a picture, and what may come between.

use super::{Page, drawn, grey_map, picture};
use crate::studio::{Effect, Event, Looked, Phase, Shape, words};
use link::client;
use wire::{ClientMessage, Code, Digest, Fact, Job, JobId, JobState, JobView, Problem, Spec};

#[test]
fn a_click_names_the_canvas_and_carries_the_settings() {
    let mut page = Page::open();
    page.draw(&[0], 10);
    page.happen(Event::Prompt("  a house ".into()));
    page.happen(Event::Generate { chance: 99 });
    let (_, canvas, spec) = page.asked().pop().unwrap();
    assert_eq!(canvas, *page.canvases().last().unwrap());
    assert_eq!((spec.prompt.as_str(), spec.steps, spec.seed.0), ("a house", 12, 99));
    assert_eq!(page.studio.job.phase, Phase::Asked);
}

#[test]
fn a_click_waits_for_the_last_stroke_to_be_hashed() {
    let mut page = Page::open();
    page.happen(drawn(Shape::Square, vec![0], false));
    page.happen(Event::Generate { chance: 1 });
    assert_eq!(page.asked().len(), 0);
    page.code(10);
    assert_eq!(page.asked().len(), 1);
    assert_eq!(page.asked()[0].1, *page.canvases().last().unwrap());
}

#[test]
fn a_click_says_no_manifest_that_was_confirmed_already() {
    let mut page = Page::open();
    let canvas = page.canvases()[0];
    page.fact(&Fact::Canvas { canvas, missing: vec![] });
    let said = page.canvases().len();
    page.happen(Event::Generate { chance: 1 });
    assert_eq!(page.canvases().len(), said);
}

#[test]
fn a_job_goes_from_admitted_to_finished() {
    let mut page = Page::open();
    page.generate(5);
    page.fact(&Fact::Waiting { job: JobId([5; 8]), ahead: 2, tiles: 0 });
    assert_eq!(page.studio.job.phase, Phase::Waiting { ahead: 2, tiles: 0 });
    page.start(5);
    page.fact(&Fact::Step { job: JobId([5; 8]), step: 3, total: 12, step_ms: 40.0 });
    assert_eq!(page.studio.job.steps(), (3, 12));
    page.finish(5);
    assert_eq!(page.take(|effect| matches!(effect, Effect::Hang(_)).then_some(())).len(), 1);
    assert_eq!(page.studio.hung, [], "not before it is on the screen");
    page.happen(Event::Hung(vec![picture(5).digest]));
    assert_eq!(page.studio.hung, [picture(5).digest]);
    assert_eq!(page.studio.kept.iter().count(), 1);
}

#[test]
fn cancel_before_the_answer_is_said_once_there_is_something_to_cancel() {
    let mut page = Page::open();
    page.happen(Event::Generate { chance: 1 });
    page.happen(Event::Cancel);
    let cancels =
        |page: &Page| page.said.iter().filter(|said| matches!(said, ClientMessage::Cancel { .. })).count();
    assert_eq!(cancels(&page), 0);
    let (request, canvas, spec) = page.asked().pop().unwrap();
    let job = Job { id: JobId([5; 8]), canvas, spec, created_ms: 0 };
    page.fact(&Fact::Accepted { job, request: Some(request) });
    assert_eq!(cancels(&page), 1);
    page.fact(&Fact::Cancelled { job: JobId([5; 8]), step: 0 });
    assert_eq!(page.studio.job.phase, Phase::Cancelled { step: 0 });
    assert!(!page.studio.job.stopping);
}

#[test]
fn a_refusal_is_shown_until_the_next_try() {
    let mut page = Page::open();
    page.happen(Event::Generate { chance: 1 });
    let request = Some(page.asked()[0].0);
    let problem = Problem::new(Code::Busy, "three wait already");
    page.fact(&Fact::Refused { request, problem });
    assert_eq!(page.studio.job.phase.name(), "failed");
    assert!(page.studio.refused.is_some());
    page.happen(Event::Generate { chance: 1 });
    assert!(page.studio.refused.is_none());
}

fn finished(id: u8) -> JobView {
    let job = Job { id: JobId([id; 8]), canvas: Digest([9; 16]), spec: Spec::default(), created_ms: 0 };
    JobView { job, state: JobState::Finished { pictures: vec![picture(id)], took_ms: 1.0 } }
}

#[test]
fn a_reloaded_page_shows_the_newest_job_and_keeps_all() {
    let mut page = Page::asleep();
    page.code(255);
    page.welcome(vec![finished(2), finished(1)]);
    assert_eq!(page.studio.wanted(), Some(picture(2).digest));
    let kept: Vec<_> = page.studio.kept.iter().map(|kept| kept.picture.digest).collect();
    assert_eq!(kept, [picture(2).digest, picture(1).digest]);
}

#[test]
fn a_job_that_a_restarted_server_lost_says_so() {
    let mut page = Page::open();
    page.generate(5);
    page.happen(Event::Link(link::client::Event::SocketClosed));
    page.happen(Event::Link(link::client::Event::Online));
    page.welcome(Vec::new());
    assert!(matches!(&page.studio.job.phase, Phase::Failed(problem) if problem.code == Code::NotFound));
}

#[test]
fn a_kept_picture_can_be_looked_at_and_its_settings_taken_over() {
    let mut page = Page::open();
    page.happen(Event::Prompt("a house".into()));
    page.generate(5);
    page.finish(5);
    page.happen(Event::Prompt("a boat".into()));
    page.generate(6);
    page.happen(Event::Look(Some(Looked::One(picture(5).digest))));
    assert_eq!(page.studio.wanted(), Some(picture(5).digest));
    page.happen(Event::Restore);
    assert_eq!(page.studio.settings.prompt, "a house");
    assert!(page.studio.settings.seed_locked, "the same picture again needs the same seed");
    page.happen(Event::Look(None));
    assert_eq!(page.studio.wanted(), None, "the job that is under way has no picture yet");
}

#[test]
fn a_page_that_is_opened_after_a_job_was_taken_back_shows_the_one_before_it() {
    let mut page = Page::asleep();
    page.code(255);
    let taken_back = JobView { state: JobState::Cancelled { step: 0 }, ..finished(2) };
    page.welcome(vec![taken_back, finished(1)]);
    assert_eq!(page.studio.wanted(), Some(picture(1).digest));
}

#[test]
fn what_stops_is_said_only_while_it_runs() {
    let mut page = Page::open();
    page.generate(5);
    page.happen(Event::Cancel);
    assert_eq!(words::job(&page.studio), "Taking it back");
    page.start(5);
    assert_eq!(words::job(&page.studio), "Stopping after this step");
    page.fact(&Fact::Failed { job: JobId([5; 8]), problem: Problem::new(Code::Internal, "no memory") });
    assert_eq!(words::job(&page.studio), "No picture this time");
}

#[test]
fn a_picture_that_could_not_be_fetched_is_tried_again_when_the_server_is_back() {
    let mut page = Page::open();
    page.generate(5);
    page.start(5);
    page.finish(5);
    let digest = picture(5).digest;
    page.happen(Event::Lost(digest));
    assert!(words::trouble(&page.studio).is_some_and(|words| words.contains("strip")));
    page.done.clear();
    page.happen(Event::Link(client::Event::SocketClosed));
    page.happen(Event::Link(client::Event::Online));
    page.welcome_again();
    let hung =
        page.take(|effect| if let Effect::Hang(digests) = effect { Some(digests.clone()) } else { None });
    assert!(!hung.is_empty() && hung.iter().all(|hung| *hung == [digest]), "{hung:?}");
    page.happen(Event::Hung(vec![digest]));
    assert_eq!(words::trouble(&page.studio), None);
}

#[test]
fn what_was_asked_for_offline_is_taken_back_at_once() {
    for refused in [false, true] {
        let mut page = Page::open();
        page.happen(Event::Link(client::Event::SocketClosed));
        page.happen(Event::Generate { chance: 99 });
        assert!(page.studio.can_cancel());
        page.happen(Event::Cancel);
        assert_eq!(words::job(&page.studio), "Cancelled before it began");
        assert!(!page.studio.can_cancel());

        // It goes out all the same, and is stopped when it has an answer.
        page.happen(Event::Link(client::Event::Online));
        page.welcome(Vec::new());
        let (request, canvas, spec) = page.asked().pop().expect("it was kept");
        let job = Job { id: JobId([5; 8]), canvas, spec, created_ms: 0 };
        match refused {
            true => page.hear(
                1,
                &Fact::Refused { request: Some(request), problem: Problem::new(Code::Busy, "full") },
            ),
            false => page.hear(1, &Fact::Accepted { job, request: Some(request) }),
        }
        assert_eq!(words::job(&page.studio), "Cancelled before it began");
        assert_eq!(words::trouble(&page.studio), None);
        let cancelled = page.said.iter().any(|message| matches!(message, ClientMessage::Cancel { .. }));
        assert_eq!(cancelled, !refused);
    }
}

#[test]
fn what_comes_to_nothing_gives_the_frame_back_to_what_was_seen_before() {
    let mut page = Page::open();
    page.generate(4);
    page.start(4);
    page.finish(4);
    let before = Some(Looked::One(picture(4).digest));
    let hung = |page: &mut Page| page.take(|effect| matches!(effect, Effect::Hang(_)).then_some(())).len();
    hung(&mut page);
    page.happen(Event::Generate { chance: 5 });
    let problem = Problem::invalid("prompt", "no LoRA is called so");
    page.fact(&Fact::Refused { request: page.studio.job.request, problem: problem.clone() });
    assert_eq!((page.studio.looking_at, hung(&mut page)), (before, 1));
    assert_eq!(
        words::trouble(&page.studio),
        Some(problem.message.clone()),
        "why there is none is still told"
    );
    page.generate(5);
    page.start(5);
    page.fact(&Fact::Cancelled { job: JobId([5; 8]), step: 0 });
    assert_eq!((page.studio.looking_at, hung(&mut page)), (before, 1));
    page.generate(6);
    page.start(6);
    page.preview(6, 1, 1);
    page.fact(&Fact::Failed { job: JobId([6; 8]), problem });
    assert_eq!((page.studio.looking_at, hung(&mut page)), (None, 0), "its previews stay");
}

#[test]
fn a_picture_that_has_not_come_is_fetched_on_the_next_connection_and_one_that_has_is_not() {
    for came in [true, false] {
        let mut page = Page::open();
        page.generate(4);
        page.start(4);
        page.finish(4);
        if came {
            page.happen(Event::Hung(vec![picture(4).digest]));
        }
        page.happen(Event::Link(client::Event::SocketClosed));
        page.happen(Event::Link(client::Event::Online));
        page.happen(Event::Link(client::Event::SocketOpened));
        page.hear(0, &Fact::Welcome { stream: 1, fresh: false, snapshot: None });
        let again = page.take(|effect| matches!(effect, Effect::HangAgain(_)).then_some(()));
        assert_eq!(again.len(), usize::from(!came));
    }
}

#[test]
fn that_one_of_several_failed_meanwhile_is_told_after_a_fresh_welcome_too() {
    let mut page = Page::open();
    (4..=5).for_each(|job| page.generate(job));
    page.start(4);
    let view = |job: u8, state| JobView { job: page.studio.jobs[usize::from(job) - 4].clone(), state };
    let problem = Problem::new(Code::Internal, "it could not be made");
    let jobs = vec![
        view(5, JobState::Failed { problem: problem.clone() }),
        view(4, JobState::Running { step: 1, total: 12, step_ms: 9.0, preview: grey_map() }),
    ];
    page.welcome(jobs);
    assert_eq!(words::trouble(&page.studio), Some(problem.message));
}

#[test]
fn a_job_of_which_nothing_is_heard_for_long_says_so_and_the_line_is_asked_for_life() {
    let mut page = Page::open();
    page.generate(4);
    page.start(4);
    let step = |page: &mut Page, step| {
        page.fact(&Fact::Step { job: JobId([4; 8]), step, total: 12, step_ms: 100.0 });
    };
    let due = |page: &mut Page| {
        page.take(|effect| if let Effect::SilenceTimer(at) = effect { Some(*at) } else { None })
    };
    step(&mut page, 1);
    let [first] = due(&mut page)[..] else { panic!("one timer") };
    page.now += 1_000;
    step(&mut page, 2);
    assert!(due(&mut page).is_empty(), "one at a time");
    page.now = first;
    page.happen(Event::SilenceDue);
    let [second] = due(&mut page)[..] else { panic!("one timer") };
    page.said.clear();
    page.now = second;
    page.happen(Event::SilenceDue);
    assert_eq!(words::job(&page.studio), "Step 2 of 12 when last heard of");
    assert!(matches!(page.said[..], [ClientMessage::Ping { .. }]), "{:?}", page.said);
    step(&mut page, 3);
    assert_eq!(words::job(&page.studio), words::progress(3, 12, 100.0));
}
