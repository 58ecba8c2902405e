//! While it is on, a quick picture follows every change.

use super::{Page, drawn};
use crate::studio::{Effect, Event, Looked, Phase, Shape};
use link::client;
use wire::{
    ClientMessage, Code, Digest, Fact, Frame, FrameFormat, FrameHeader, JobId, JobState, JobView, Problem,
    Spec,
};

/// An open page on a machine that takes so long for a quick picture.
fn open(picture_ms: f32) -> Page {
    let mut page = Page::asleep();
    page.live_ms = Some(picture_ms);
    page.code(255);
    page.welcome(Vec::new());
    page
}

/// The quick pictures that were asked for.
fn asked(page: &mut Page) -> Vec<(Digest, Spec)> {
    let asked = page.said.iter().filter_map(|message| match message {
        ClientMessage::Live { canvas, spec } => Some((*canvas, spec.clone())),
        _ => None,
    });
    let asked = asked.collect();
    page.said.retain(|message| !matches!(message, ClientMessage::Live { .. }));
    asked
}

/// A page on which a quick picture of a drawing is to be seen.
fn showing() -> Page {
    let mut page = open(80.0);
    page.draw(&[3], 0);
    picture(&mut page, 1);
    page
}

fn picture(page: &mut Page, sequence: u64) {
    let header = FrameHeader {
        format: FrameFormat::Jpeg,
        channels: 0,
        picture: 0,
        step: 4,
        total: 4,
        width: 256,
        height: 256,
        base: 0,
        sequence,
        job: JobId([2; 8]),
        made_us: 0,
    };
    let bytes = Frame::new(header, &[1, 2, 3]).expect("a frame").bytes().clone();
    page.happen(Event::Link(client::Event::SocketFrame(bytes)));
}

fn shown(page: &mut Page) -> Vec<u64> {
    page.take(|effect| match effect {
        Effect::Picture(frame) => Some(frame.header.sequence),
        _ => None,
    })
}

#[test]
fn every_change_is_followed_once() {
    let mut page = open(80.0);
    assert!(page.studio.draws_along() && asked(&mut page).is_empty(), "there is nothing to follow yet");
    page.draw(&[3], 0);
    let canvas = page.canvases().pop().expect("the canvas was said");
    let [(named, _)] = asked(&mut page)[..] else { panic!("one picture") };
    assert_eq!(named, canvas);
    page.happen(Event::Prompt("a boat".into()));
    let prompts: Vec<String> = asked(&mut page).into_iter().map(|(_, spec)| spec.prompt).collect();
    assert_eq!(prompts, ["a boat"]);
    page.happen(Event::Every(3));
    page.happen(Event::Steps(50));
    page.happen(Event::Size(20.0));
    assert!(asked(&mut page).is_empty(), "no picture depends on that");
}

#[test]
fn a_slow_machine_follows_only_if_it_is_told_to() {
    let mut page = open(900.0);
    page.draw(&[3], 0);
    assert!(asked(&mut page).is_empty());
    page.happen(Event::Live(true));
    assert_eq!(asked(&mut page).len(), 1);
    page.happen(Event::Live(false));
    page.draw(&[4], 0);
    assert!(asked(&mut page).is_empty());
    assert!(!Page::open().studio.can_draw_along(), "a model without it has no switch");
}

#[test]
fn the_picture_stays_until_the_next_and_is_no_job() {
    let mut page = showing();
    assert_eq!((shown(&mut page), page.studio.job.phase.clone()), (vec![1], Phase::Live));
    page.draw(&[4], 0);
    assert_eq!(page.take(|effect| matches!(effect, Effect::Blank { .. }).then_some(())), []);
    picture(&mut page, 2);
    assert_eq!(shown(&mut page), [2]);
    assert!(page.studio.kept.is_empty() && page.studio.wanted().is_none());
    page.happen(Event::Live(false));
    picture(&mut page, 3);
    assert!(shown(&mut page).is_empty(), "one that was under way when it was switched off");
}

#[test]
fn one_press_makes_it_in_earnest_from_the_same_noise() {
    let mut page = open(80.0);
    page.draw(&[3], 0);
    let (_, quick) = asked(&mut page).pop().expect("it follows");
    picture(&mut page, 1);
    page.done.clear();
    page.generate(1);
    let (_, _, spec) = page.asked().pop().expect("it was asked for");
    let blanked = page.done.iter().any(|effect| matches!(effect, Effect::Blank { .. }));
    assert_eq!((spec.seed, blanked), (quick.seed, false));
    page.start(1);
    page.preview(1, 3, 5);
    let painted = |page: &mut Page| page.take(|effect| matches!(effect, Effect::Paint(..)).then_some(()));
    assert_eq!(painted(&mut page), [], "the quick picture is better than this");
    page.preview(1, 6, 6);
    assert_eq!(painted(&mut page), [()]);
    page.draw(&[5], 0);
    assert!(asked(&mut page).is_empty(), "a real one is under way");
    page.finish(1);
    assert!(asked(&mut page).is_empty(), "what is finished stays, whatever was drawn meanwhile");
    page.draw(&[6], 0);
    assert_eq!(asked(&mut page).len(), 1, "until something is drawn");
    shown(&mut page);
    page.generate(2);
    page.finish(2);
    picture(&mut page, 7);
    assert!(shown(&mut page).is_empty(), "one from before the real one comes too late");
    page.happen(Event::Generate { chance: 99 });
    assert_eq!(page.asked().pop().expect("asked").2.seed.0, 99, "a second press is another picture");
}

#[test]
fn one_that_is_kept_stays_as_it_is_and_can_still_be_made_in_earnest() {
    let mut page = open(80.0);
    page.draw(&[3], 0);
    let (canvas, quick) = asked(&mut page).pop().expect("it follows");
    assert!(!page.studio.can_keep(), "there is nothing yet");
    picture(&mut page, 1);
    page.happen(Event::Steps(50));
    page.done.clear();
    page.happen(Event::Keep);
    let (_, named, spec) = page.asked().pop().expect("it was asked for");
    assert_eq!((named, &spec), (canvas, &Spec { quick: true, ..quick.clone() }));
    assert!(!page.studio.can_keep());
    page.admit(1);
    page.start(1);
    page.preview(1, 9, 5);
    page.finish(1);
    let seen = |effect: &Effect| matches!(effect, Effect::Blank { .. } | Effect::Paint(..)).then_some(());
    assert_eq!(page.take(seen), [], "it stays, clearer than what is on the way");
    assert!(page.studio.wanted().is_some() && page.studio.kept.iter().count() == 1);
    page.happen(Event::Restore);
    assert_eq!(page.studio.settings.tuning.steps, Some(50), "nobody chose those of a quick one");
    (page.studio.settings.seed_locked, page.studio.settings.seed) = (false, 7);
    page.happen(Event::Generate { chance: 99 });
    let (_, _, spec) = page.asked().pop().expect("it was asked for");
    assert_eq!((spec.quick, spec.steps, spec.seed.0), (false, 50, 7), "in earnest, from the same noise");
}

#[test]
fn without_drawing_along_only_what_is_shown_can_be_kept() {
    let mut page = showing();
    page.happen(Event::Live(false));
    assert!(page.studio.can_keep());
    page.happen(Event::Prompt("a boat".into()));
    assert!(!page.studio.can_keep(), "it would be another");
    page.happen(Event::Prompt(String::new()));
    assert!(page.studio.can_keep());
    page.draw(&[4], 0);
    assert!(!page.studio.can_keep());
}

#[test]
fn one_that_was_to_be_kept_is_there_again_when_that_is_taken_back() {
    for connected in [true, false] {
        let mut page = showing();
        if !connected {
            page.happen(Event::Link(client::Event::Offline));
        }
        page.happen(Event::Keep);
        assert!(!page.studio.can_keep());
        page.happen(Event::Cancel);
        if connected {
            page.admit(1);
            page.fact(&Fact::Cancelled { job: JobId([1; 8]), step: 0 });
        }
        assert_eq!(page.studio.job.phase, Phase::Live, "{connected}");
        assert!(page.studio.can_keep(), "{connected}");
        if !connected {
            // Back again, the page says it, and takes it back.
            page.happen(Event::Link(client::Event::Online));
            page.welcome(Vec::new());
            page.admit(1);
            page.fact(&Fact::Cancelled { job: JobId([1; 8]), step: 0 });
            assert_eq!(page.studio.job.phase, Phase::Live, "after all");
        }
    }
}

#[test]
fn what_is_there_again_follows_the_drawing_again() {
    let mut page = showing();
    page.draw(&[4], 0);
    asked(&mut page);
    page.happen(Event::Keep);
    // The one of the last stroke comes too late.
    picture(&mut page, 2);
    page.happen(Event::Cancel);
    page.admit(1);
    page.fact(&Fact::Cancelled { job: JobId([1; 8]), step: 0 });
    assert_eq!(asked(&mut page).len(), 1);
}

#[test]
fn one_that_could_not_be_kept_can_be_tried_again() {
    let mut page = showing();
    page.happen(Event::Keep);
    let problem = Problem::new(Code::Busy, "Too many wait.");
    page.fact(&Fact::Refused { request: Some(1), problem: problem.clone() });
    assert!(page.studio.can_keep());
    assert_eq!(page.studio.refused, Some(problem));
}

#[test]
fn a_picture_that_was_removed_meanwhile_is_not_come_back_to() {
    let mut page = showing();
    page.happen(Event::Keep);
    page.admit(1);
    page.finish(1);
    page.happen(Event::Generate { chance: 99 });
    page.admit(2);
    page.fact(&Fact::Removed { picture: super::picture(1).digest });
    page.fact(&Fact::Cancelled { job: JobId([2; 8]), step: 0 });
    assert!(page.studio.hanging().is_empty());
}

#[test]
fn a_kept_one_of_another_drawing_is_not_what_is_made_in_earnest() {
    let mut page = showing();
    page.happen(Event::Keep);
    page.admit(1);
    page.finish(1);
    page.happen(Event::Live(false));
    page.draw(&[4], 0);
    page.done.clear();
    page.happen(Event::Generate { chance: 99 });
    assert_eq!(page.asked().pop().expect("it was asked for").2.seed.0, 99);
    assert!(page.done.iter().any(|effect| matches!(effect, Effect::Blank { .. })));
}

#[test]
fn nobody_asks_while_nobody_sees_it() {
    let mut page = open(80.0);
    page.happen(Event::Visible(false));
    page.draw(&[3], 0);
    assert!(asked(&mut page).is_empty());
    page.happen(Event::Visible(true));
    assert_eq!(asked(&mut page).len(), 1);
    page.happen(Event::Link(client::Event::SocketClosed));
    page.draw(&[4], 0);
    assert!(asked(&mut page).is_empty());
    page.happen(Event::Link(client::Event::Online));
    page.welcome(Vec::new());
    assert_eq!(asked(&mut page).len(), 1);
}

#[test]
fn an_empty_drawing_has_no_quick_picture() {
    let mut page = open(80.0);
    page.draw(&[3], 0);
    page.draw(&[3], 255);
    assert_eq!(asked(&mut page).len(), 1, "only of what was drawn");
}

#[test]
fn a_cleared_drawing_takes_its_quick_picture_with_it() {
    let mut page = showing();
    page.done.clear();
    page.draw(&[3], 255);
    assert_eq!(page.take(|effect| matches!(effect, Effect::Blank { .. }).then_some(())), [()]);
    assert_eq!((page.studio.job.phase.name(), page.studio.is_empty()), ("idle", true));
}

#[test]
fn what_was_drawn_while_the_server_was_away_is_followed_when_it_is_back() {
    let mut page = open(80.0);
    page.draw(&[3], 0);
    page.generate(1);
    page.finish(1);
    asked(&mut page);
    page.happen(Event::Link(client::Event::SocketClosed));
    page.draw(&[4], 0);
    page.happen(Event::Link(client::Event::Online));
    let (canvas, spec) = (Digest([9; 16]), Spec::default());
    let job = wire::Job { id: JobId([1; 8]), canvas, spec, created_ms: 0 };
    let state = JobState::Finished { pictures: vec![super::picture(1)], took_ms: 1.0 };
    page.welcome(vec![JobView { job, state }]);
    assert_eq!(asked(&mut page).len(), 1);
}

#[test]
fn from_a_kept_picture_one_comes_back_to_the_quick_one() {
    let mut page = open(80.0);
    page.draw(&[3], 0);
    page.generate(1);
    page.finish(1);
    page.draw(&[4], 0);
    picture(&mut page, 7);
    page.happen(Event::Look(Some(Looked::One(super::picture(1).digest))));
    assert_eq!(page.studio.strip().len(), 1);
    shown(&mut page);
    page.happen(Event::Look(None));
    assert_eq!(shown(&mut page), [7]);
    assert!(page.studio.can_show_through());
}

#[test]
fn what_was_drawn_before_the_real_picture_is_in_it() {
    let mut page = open(80.0);
    page.draw(&[3], 0);
    asked(&mut page);
    picture(&mut page, 1);
    page.happen(drawn(Shape::Square, vec![4], false));
    page.happen(Event::Generate { chance: 1 });
    page.code(0);
    let (request, canvas, spec) = page.asked().pop().expect("it went out with the drawing's name");
    let job = wire::Job { id: JobId([1; 8]), canvas, spec, created_ms: 0 };
    page.fact(&wire::Fact::Accepted { job, request: Some(request) });
    page.start(1);
    page.finish(1);
    assert!(asked(&mut page).is_empty(), "nothing was drawn since");
}

#[test]
fn what_changes_nothing_is_not_followed() {
    let mut page = open(80.0);
    page.draw(&[3], 0);
    asked(&mut page);
    page.happen(drawn(Shape::Square, Vec::new(), false));
    page.happen(Event::Visible(false));
    picture(&mut page, 1);
    page.happen(Event::Visible(true));
    assert!(asked(&mut page).is_empty());
}

#[test]
fn one_that_did_not_come_is_asked_for_again() {
    let mut page = open(80.0);
    page.draw(&[3], 0);
    assert_eq!(asked(&mut page).len(), 1);
    page.happen(Event::Visible(false));
    page.happen(Event::Visible(true));
    assert_eq!(asked(&mut page).len(), 1, "it may have been lost while nobody looked");
    picture(&mut page, 1);
    page.happen(Event::Visible(false));
    page.happen(Event::Visible(true));
    assert!(asked(&mut page).is_empty());
}

#[test]
fn a_finger_that_became_one_of_two_and_old_settings_leave_the_picture_alone() {
    let mut page = showing();
    page.happen(Event::Keep);
    page.admit(1);
    page.start(1);
    page.finish(1);
    asked(&mut page);
    let same = Digest(canvas::digest(&[0; canvas::TILE_BYTES]));
    let told = |digest| Event::Told {
        deeds: vec![canvas::Deed::Abort],
        tiles: vec![(3, digest)],
        can_undo: true,
        can_redo: false,
    };
    page.happen(told(same));
    page.happen(Event::Prompt("a boat".into()));
    assert_eq!(asked(&mut page).len(), 1, "words are a change");
    page.happen(Event::Look(Some(Looked::One(Digest([1; 16])))));
    page.happen(Event::Restore);
    assert_eq!(asked(&mut page), [], "it is there, and its own settings again");
    page.happen(told(Digest([9; 16])));
    assert_eq!(asked(&mut page).len(), 1, "but what was seen of a stroke is gone");
}
