//! What had no answer when the page went is said by the next one of its tab.

use super::{Page, drawing::land};
use crate::studio::{Effect, Event, Phase, who_left};
use link::client;
use wire::{ClientMessage, Code, Digest, Fact, JobId, Problem, ViewerId};

/// What this page leaves for the next one.
fn left(page: &mut Page) -> Option<String> {
    page.done.clear();
    page.happen(Event::Link(client::Event::PageHide));
    let kept = page.take(|effect| match effect {
        Effect::KeepUnsettled(text) => Some(text.clone()),
        _ => None,
    });
    kept.into_iter().next().flatten()
}

/// A page whose connection is gone.
fn away() -> Page {
    let mut page = Page::open();
    land(&mut page);
    page.happen(Event::Link(client::Event::SocketClosed));
    page
}

/// The next page of its tab, on the same drawing.
fn next(text: &str) -> Page {
    let mut page = Page::open();
    land(&mut page);
    page.said.clear();
    page.happen(Event::Unsettled(text.to_owned()));
    page
}

#[test]
fn a_click_that_had_no_answer_is_asked_under_the_same_name() {
    let mut page = away();
    page.happen(Event::Prompt("a boat".into()));
    page.happen(Event::Generate { chance: 5 });
    page.happen(Event::Prompt("a tower".into()));
    page.happen(Event::Generate { chance: 6 });
    let asked: Vec<u32> = page.studio.runs().filter_map(|run| run.request).collect();
    let text = left(&mut page).expect("something is left");
    assert_eq!(who_left(&text), page.studio.live.name.map(|name| ViewerId(name.0)));

    let mut page = next(&text);
    let again: Vec<(u32, String)> =
        page.asked().into_iter().map(|(request, _, spec)| (request, spec.prompt)).collect();
    assert_eq!(again, [(asked[0], "a boat".into()), (asked[1], "a tower".into())]);
    assert!(page.studio.runs().all(|run| run.phase == Phase::Asked));
    page.happen(Event::Generate { chance: 7 });
    assert!(page.asked().last().is_some_and(|last| last.0 > asked[1]), "no name comes twice");
}

#[test]
fn it_is_left_as_soon_as_nobody_sees_the_page_which_may_never_hear_that_it_goes() {
    let mut page = away();
    page.happen(Event::Generate { chance: 5 });
    let kept = |page: &mut Page, visible| {
        page.done.clear();
        page.happen(Event::Visible(visible));
        let kept = page.take(|effect| match effect {
            Effect::KeepUnsettled(text) => Some(text.clone()),
            _ => None,
        });
        kept.into_iter().next().flatten()
    };
    assert!(kept(&mut page, false).is_some());
    assert_eq!(kept(&mut page, true), None);
}

#[test]
fn so_are_cancels_and_removals_and_what_is_settled_is_not() {
    let mut page = away();
    page.studio.say(ClientMessage::Cancel { job: JobId([4; 8]) }, page.now, &mut Vec::new());
    page.studio.say(ClientMessage::Remove { picture: Digest([7; 16]) }, page.now, &mut Vec::new());
    page.happen(Event::Generate { chance: 5 });
    page.happen(Event::Cancel);
    let text = left(&mut page).expect("something is left");
    let page = next(&text);
    let said: Vec<_> =
        page.said.iter().filter(|said| !matches!(said, ClientMessage::Canvas { .. })).collect();
    assert_eq!(
        said,
        [&ClientMessage::Cancel { job: JobId([4; 8]) }, &ClientMessage::Remove { picture: Digest([7; 16]) }],
        "nor is what was taken back before it was heard"
    );

    let mut page = Page::open();
    land(&mut page);
    page.happen(Event::Generate { chance: 5 });
    let request = page.studio.job.request;
    page.fact(&Fact::Refused { request, problem: Problem::new(Code::Busy, "later") });
    assert_eq!(left(&mut page), None);
}

#[test]
fn nonsense_is_passed_over() {
    for text in ["", "zz", "0102030405060708 99\n{\"type\":\"generate\"}\nwhat", "0102030405060708 x\n\n"] {
        let page = next(text);
        assert_eq!(page.studio.job.phase, Phase::Idle, "{text}");
    }
}
