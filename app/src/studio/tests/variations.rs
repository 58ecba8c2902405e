//! Several pictures that are made together hang side by side.

use super::{Page, drawn, frame, picture};
use crate::studio::{Command, Effect, Event, Looked, Phase, Shape, words};
use link::client;
use wire::{Digest, Fact, Frame, FrameHeader, JobId, Seed};

/// A page whose job makes so many pictures, and has started.
fn running(pictures: u16) -> Page {
    let mut page = Page::open();
    page.happen(Event::Pictures(pictures));
    page.done.clear();
    page.generate(5);
    page.start(5);
    page
}

fn preview(page: &mut Page, picture: u16, step: u16, sequence: u64) {
    let whole = frame(5, step, sequence);
    let header = FrameHeader { picture, ..whole.header };
    let bytes = Frame::new(header, whole.payload()).unwrap().bytes().clone();
    page.happen(Event::Link(client::Event::SocketFrame(bytes)));
}

fn painted(page: &mut Page) -> Vec<(u16, u16)> {
    page.take(|effect| match effect {
        Effect::Paint(latents, _) => Some((latents.header.picture, latents.header.step)),
        _ => None,
    })
}

fn finish(page: &mut Page, count: u8) -> Vec<Digest> {
    let pictures = (0..count).map(|n| wire::Picture { seed: Seed(99 + u64::from(n)), ..picture(20 + n) });
    let pictures: Vec<_> = pictures.collect();
    let digests = pictures.iter().map(|picture| picture.digest).collect();
    page.fact(&Fact::Finished { job: JobId([5; 8]), pictures, took_ms: 900.0 });
    digests
}

/// Where the frame leads that shows several, or one of them.
fn doors(page: &Page) -> Vec<(u16, Option<Looked>)> {
    (0..4).filter_map(|n| page.studio.door(n).map(|(_, to)| (n, to))).collect()
}

fn each(all: &[Digest]) -> Vec<(u16, Option<Looked>)> {
    (0..).zip(all).map(|(n, digest)| (n, Some(Looked::One(*digest)))).collect()
}

fn hung(page: &mut Page) -> Vec<Vec<Digest>> {
    page.take(|effect| if let Effect::Hang(digests) = effect { Some(digests.clone()) } else { None })
}

#[test]
fn as_many_as_the_person_wants_are_asked_for_and_have_their_places_from_the_click() {
    let mut page = running(4);
    assert_eq!(page.asked()[0].2.pictures, 4);
    assert_eq!(
        page.take(|effect| if let Effect::Blank { pictures, .. } = effect { Some(*pictures) } else { None }),
        [4]
    );
    page.happen(Event::Pictures(9));
    assert_eq!(page.studio.settings.pictures, 4, "as many as a server makes");
}

#[test]
fn each_picture_has_previews_of_its_own() {
    let mut page = running(3);
    for (sequence, (n, step)) in (1..).zip([(0, 1), (1, 1), (2, 1), (1, 2), (0, 2), (0, 1), (3, 2)]) {
        preview(&mut page, n, step, sequence);
    }
    assert_eq!(painted(&mut page), [(0, 1), (1, 1), (2, 1), (1, 2), (0, 2)]);
}

#[test]
fn all_are_hung_together_and_each_can_be_looked_at() {
    let mut page = running(3);
    let all = finish(&mut page, 3);
    assert_eq!(hung(&mut page), [all.clone()]);
    assert_eq!(page.studio.wanted(), None, "nothing says which one to take");
    assert_eq!(words::job(&page.studio), "Pick one of 3 · 0.9 s");
    assert_eq!(doors(&page), each(&all));

    page.happen(Event::Look(Some(Looked::One(all[1]))));
    assert_eq!(hung(&mut page), [[all[1]]]);
    assert_eq!(page.studio.wanted(), Some(all[1]));
    assert_eq!(doors(&page), [(1, None)], "the same button leads back");

    page.happen(Event::Look(None));
    assert_eq!(hung(&mut page), [all]);
}

#[test]
fn a_look_at_another_picture_comes_back_to_the_previews_of_all() {
    let mut page = Page::open();
    page.generate(4);
    page.start(4);
    page.finish(4);
    page.happen(Event::Pictures(2));
    page.generate(5);
    page.start(5);
    page.happen(Event::Look(Some(Looked::One(picture(4).digest))));
    preview(&mut page, 0, 1, 1);
    preview(&mut page, 1, 1, 2);
    preview(&mut page, 1, 2, 3);
    assert_eq!(painted(&mut page), []);
    assert_eq!(doors(&page), []);
    page.done.clear();
    page.happen(Event::Look(None));
    assert_eq!(
        page.take(|effect| if let Effect::Blank { pictures, .. } = effect { Some(*pictures) } else { None }),
        [2]
    );
    assert_eq!(painted(&mut page), [(0, 1), (1, 2)]);
}

#[test]
fn the_settings_of_one_of_them_make_that_one_alone() {
    let mut page = running(4);
    let all = finish(&mut page, 4);
    page.happen(Event::Restore);
    assert_eq!(page.studio.settings.pictures, 4, "of which one?");
    page.happen(Event::Look(Some(Looked::One(all[2]))));
    page.happen(Event::Restore);
    assert_eq!((page.studio.settings.seed, page.studio.settings.pictures), (101, 1));
}

#[test]
fn one_that_cannot_be_fetched_says_so_and_all_are_tried_again() {
    let mut page = running(2);
    let all = finish(&mut page, 2);
    page.done.clear();
    page.happen(Event::Lost(all[1]));
    assert!(words::trouble(&page.studio).is_some_and(|words| words.contains("could not be fetched")));
    page.happen(Event::Link(client::Event::SocketClosed));
    page.happen(Event::Link(client::Event::Online));
    page.welcome_again();
    let hung = hung(&mut page);
    assert!(!hung.is_empty() && hung.iter().all(|hung| *hung == all), "{hung:?}");
    page.happen(Event::Hung(all));
    assert_eq!(words::trouble(&page.studio), None);
    assert!(matches!(page.studio.job.phase, Phase::Finished { .. }));
}

#[test]
fn those_of_an_earlier_job_are_seen_together_again_from_any_of_them() {
    let mut page = running(3);
    let all = finish(&mut page, 3);
    page.happen(Event::Pictures(1));
    page.generate(6);
    page.start(6);
    page.finish(6);
    page.done.clear();

    page.happen(Event::Look(Some(Looked::One(all[2]))));
    let together = Looked::All(JobId([5; 8]));
    assert_eq!(doors(&page), [(2, Some(together))]);
    page.happen(Event::Look(Some(together)));
    assert_eq!(hung(&mut page), [vec![all[2]], all.clone()]);
    assert_eq!((doors(&page), words::job(&page.studio)), (each(&all), "Pick one of 3".into()));
}

#[test]
fn escape_leads_one_step_back() {
    let mut page = running(2);
    let all = finish(&mut page, 2);
    page.happen(Event::Pictures(1));
    page.generate(6);
    page.start(6);
    page.happen(Event::Look(Some(Looked::One(all[0]))));
    for at in [Some(Looked::All(JobId([5; 8]))), None] {
        page.happen(Event::Canvas(Command::Abort));
        assert_eq!(page.studio.looking_at, at);
    }
    let aborts =
        |page: &mut Page| page.take(|effect| matches!(effect, Effect::Canvas(_)).then_some(())).len();
    assert_eq!(aborts(&mut page), 0);
    page.happen(Event::Canvas(Command::Abort));
    assert_eq!(aborts(&mut page), 1, "there is nowhere else to come back from");

    page.happen(Event::Look(Some(Looked::One(all[0]))));
    page.happen(drawn(Shape::Square, vec![3], true));
    page.happen(Event::Canvas(Command::Abort));
    assert_eq!((aborts(&mut page), page.studio.looking_at.is_some()), (1, true), "a stroke goes first");
}
