//! Which way the page goes when, and that pictures and facts go that way too.

use crate::{
    cuts::{canvas, generate},
    world::{VIEWER, World},
};
use link::{
    LinkState, Transport,
    client::{Effect, Event},
};
use wire::{
    Code, Fact, Problem,
    limits::{DEAD_AFTER_MS, FRAMES_IN_FLIGHT},
};

fn connected(preference: Transport) -> World {
    let mut world = World::new(preference, 1);
    world.tell(Event::Start);
    world.run(2_000);
    world
}

/// A page that is opened, whatever way works, in such a world.
fn opened(seed: u64, such: impl FnOnce(&mut World)) -> World {
    let mut world = World::new(Transport::Automatic, seed);
    such(&mut world);
    world.tell(Event::Start);
    world
}

/// Lets what is under way arrive, so that both ends can be compared.
pub fn settle(world: &mut World) {
    world.ticking = false;
    world.run(60_000);
    assert_eq!(world.step, world.server.step, "every fact arrived");
}

#[test]
fn a_page_connects_by_socket_and_sees_every_fact_and_the_newest_preview() {
    let mut world = connected(Transport::Automatic);
    assert_eq!(world.state(), LinkState::Socket);
    settle(&mut world);
    assert_eq!(world.drawn, world.server.newest_frame);
    assert_eq!((world.fresh, world.resumed), (1, 0));
    assert!(world.differences > 10, "{} told what changed", world.differences);
}

#[test]
fn an_idle_page_stays_connected_for_an_hour() {
    let mut world = connected(Transport::Automatic);
    world.ticking = false;
    world.run(3_600_000);
    assert_eq!((world.sockets_tried, world.state()), (1, LinkState::Socket));
    // Many proxies end what is idle for a minute.
    assert!(world.longest_silence < 60_000 / 2, "{} ms", world.longest_silence);
}

#[test]
fn a_phone_that_slept_for_an_hour_is_back_as_soon_as_a_socket_is_open_and_hello_is_answered() {
    for goes_on in [true, false] {
        let mut world = connected(Transport::Automatic);
        world.tell(Event::Hidden);
        world.run(1_000);
        world.asleep = true;
        // The server notices, and the page hears of it when it wakes.
        world.cut();
        world.ticking = false;
        world.run(3_000_000);
        world.ticking = goes_on;
        world.run(600_000);
        world.asleep = false;
        let (step, frames) = (world.server.step, world.server.frames_made);
        world.tell(Event::Visible);
        // One for the socket to open, and one for hello and its answer.
        world.run(4 * world.delay);
        assert_eq!(world.state(), LinkState::Socket);
        assert!(world.step >= step, "{} of {step}", world.step);
        assert_eq!((world.fresh, world.resumed), (2, 0), "by then it is forgotten");
        assert!(!goes_on || world.server.frames_made > frames, "previews are made again");
        settle(&mut world);
        assert_eq!(world.drawn, world.server.newest_frame);
    }
}

#[test]
fn a_refused_socket_leads_to_polling_with_previews_and_back_when_it_can() {
    let mut world = opened(2, |world| world.sockets_allowed = false);
    world.run(5_000);
    assert_eq!(world.told, [LinkState::Polling], "nobody was offline: another way was still to be tried");
    assert_eq!(world.sockets_tried, 2, "two failures are enough");
    assert!(world.drawn.is_some_and(|(_, step)| step > 50), "polling carries previews");
    assert_eq!(world.differences, 0, "whole: an answer may get lost");

    world.sockets_allowed = true;
    world.run(60_000);
    assert_eq!(world.told, [LinkState::Polling, LinkState::Socket], "it is never without a connection");
    assert_eq!(world.fresh, 1, "the socket goes on where polling was");
    settle(&mut world);
    assert_eq!(world.drawn, world.server.newest_frame);
}

#[test]
fn a_socket_that_is_neither_opened_nor_refused_is_not_waited_for() {
    let mut world = opened(2, |world| world.sockets_hang = true);
    world.run(3_000);
    assert_eq!(world.told, [LinkState::Polling]);
    world.run(1_000);
    assert!(world.drawn.is_some_and(|(_, step)| step > 50), "polling carries previews");
    world.run(60_000);
    assert_eq!((world.state(), world.fresh), (LinkState::Polling, 1));
    assert!(world.sockets_tried < 5, "{} in a minute", world.sockets_tried);

    world.sockets_hang = false;
    world.run(60_000);
    assert_eq!((world.state(), world.fresh), (LinkState::Socket, 1));
    settle(&mut world);
}

#[test]
fn a_socket_that_opens_late_is_taken_all_the_same() {
    let mut world = opened(2, |world| world.delay = 2_000);
    world.run(15_000);
    assert_eq!((world.state(), world.sockets_tried), (LinkState::Socket, 1));
    settle(&mut world);
    assert_eq!(world.drawn, world.server.newest_frame);
}

#[test]
fn an_answer_that_a_browser_asked_for_twice_comes_whole() {
    let mut world = connected(Transport::Polling);
    world.repeats = true;
    while world.repeats {
        world.server.tick(world.now);
        world.ticking = false;
        world.run(100);
    }
    settle(&mut world);
    assert_eq!(world.drawn, world.server.newest_frame, "nothing newer came that would stand in for it");
    assert_eq!((world.state(), world.fresh), (LinkState::Polling, 1), "and the page never knew");
}

#[test]
fn a_page_that_polls_for_long_asks_for_a_socket_ever_more_rarely() {
    let mut world = opened(2, |world| {
        world.sockets_allowed = false;
        world.ticking = false;
    });
    world.run(3_600_000);
    assert_eq!(world.state(), LinkState::Polling);
    assert!((55..70).contains(&world.sockets_tried), "about once a minute, not {}", world.sockets_tried);
}

#[test]
fn sockets_that_carry_nothing_are_asked_for_ever_more_rarely_too() {
    let mut world = opened(2, |world| {
        world.sockets_deaf = true;
        world.ticking = false;
    });
    world.run(3_600_000);
    assert!(world.sockets_tried < 65, "about once a minute, not {}", world.sockets_tried);
    world.sockets_deaf = false;
    world.run(120_000);
    assert_eq!(world.state(), LinkState::Socket);
}

#[test]
fn a_page_that_is_refused_says_why_and_goes_on_trying() {
    let mut world = connected(Transport::Polling);
    let problem = Problem::new(Code::Forbidden, "this request comes from a page of another address");
    let told = world.client.handle(Event::Refused(problem.clone()), world.now);
    let said = Effect::Fact(Box::new(Fact::Refused { request: None, problem }));
    assert_eq!(told.iter().filter(|effect| **effect == said).count(), 1);
    assert!(matches!(world.state(), LinkState::Offline { .. }));
    world.run(60_000);
    assert_eq!(world.state(), LinkState::Polling);
}

#[test]
fn a_person_may_insist_on_either_way() {
    let mut world = connected(Transport::Polling);
    assert_eq!((world.state(), world.sockets_tried), (LinkState::Polling, 0));
    world.tell(Event::Preference(Transport::Socket));
    world.run(1_000);
    assert_eq!(world.state(), LinkState::Socket);
    world.tell(Event::Preference(Transport::Polling));
    world.run(1_000);
    assert_eq!(world.state(), LinkState::Polling);

    world.sockets_allowed = false;
    world.tell(Event::Preference(Transport::Socket));
    world.run(120_000);
    assert!(!matches!(world.state(), LinkState::Polling | LinkState::Socket));
    world.sockets_allowed = true;
    world.run(31_000);
    assert_eq!(world.state(), LinkState::Socket, "it never stops trying");
    settle(&mut world);
}

#[test]
fn a_socket_that_dies_without_a_word_is_given_up_after_45_seconds() {
    let mut world = connected(Transport::Automatic);
    world.cut_silently();
    world.run(DEAD_AFTER_MS - 1_000);
    assert_eq!(world.state(), LinkState::Socket);
    world.run(3_000);
    assert_eq!((world.state(), world.resumed), (LinkState::Socket, 0), "too far behind to resume");
    settle(&mut world);
    assert_eq!(world.drawn, world.server.newest_frame);
}

#[test]
fn coming_back_to_a_silent_socket_does_not_wait_for_it_to_die() {
    let mut world = connected(Transport::Automatic);
    world.ticking = false;
    world.run(1_000);
    world.cut_silently();
    world.run(30_000);
    world.tell(Event::Visible);
    world.run(200);
    assert_eq!((world.state(), world.resumed), (LinkState::Socket, 1));
}

#[test]
fn a_socket_that_is_silent_when_something_is_asked_or_looked_at_again_is_given_up_soon() {
    let asked = |world: &mut World| {
        world.say(canvas(64));
        world.say(generate(1));
    };
    let looked_at = |world: &mut World| {
        world.tell(Event::Hidden);
        world.tell(Event::Visible);
    };
    for happens in [&asked as &dyn Fn(&mut World), &looked_at] {
        let mut world = connected(Transport::Automatic);
        world.ticking = false;
        world.run(1_000);
        world.cut_silently();
        world.run(3_000);
        happens(&mut world);
        world.run(9_000);
        assert_eq!((world.state(), world.resumed), (LinkState::Socket, 0), "it may be slow");
        world.run(2_000);
        assert_eq!((world.state(), world.resumed), (LinkState::Socket, 1));
        settle(&mut world);
    }
    // One that answers stays.
    let mut world = connected(Transport::Automatic);
    world.ticking = false;
    asked(&mut world);
    looked_at(&mut world);
    world.run(40_000);
    assert_eq!((world.state(), world.sockets_tried), (LinkState::Socket, 1));
}

#[test]
fn a_server_that_comes_back_is_found_within_seconds_by_who_waits_for_it() {
    for seed in 0..20 {
        let mut world = World::new(Transport::Automatic, seed);
        world.tell(Event::Start);
        world.run(2_000);
        world.network = false;
        world.cut();
        world.run(120_000);
        world.network = true;
        world.run(5_500);
        assert!(matches!(world.state(), LinkState::Socket | LinkState::Polling), "{:?}", world.state());
    }
}

#[test]
fn offline_says_when_it_tries_again_and_online_does_not_wait() {
    let mut world = connected(Transport::Automatic);
    world.network = false;
    world.tell(Event::Offline);
    let LinkState::Offline { retry_at } = world.state() else { panic!("{:?}", world.state()) };
    assert!(retry_at <= world.now + 500);
    world.run(600_000);
    let LinkState::Offline { .. } = world.state() else { panic!("{:?}", world.state()) };
    world.network = true;
    world.tell(Event::Online);
    world.run(200);
    assert_eq!(world.state(), LinkState::Socket);
    settle(&mut world);
}

#[test]
fn a_link_that_is_cut_again_and_again_is_back_in_a_moment_each_time() {
    let mut world = connected(Transport::Automatic);
    for _ in 0..50 {
        world.run(2_000);
        world.cut();
        // The longest first wait, then a socket, and hello and its answer.
        world.run(500 + 6 * world.delay);
        assert_eq!(world.state(), LinkState::Socket);
    }
    settle(&mut world);
}

#[test]
fn a_server_that_ends_what_it_has_just_begun_is_asked_ever_more_rarely() {
    let mut world = opened(3, |world| world.ticking = false);
    let mut welcomes = 0;
    for _ in 0..6_000 {
        if world.state() == LinkState::Socket {
            welcomes += 1;
            world.run(400);
            world.cut();
        }
        world.run(100);
    }
    assert!(welcomes < 80, "{welcomes} in ten minutes");
}

#[test]
fn a_server_that_is_away_is_offline_whatever_way_is_tried() {
    let mut world = connected(Transport::Automatic);
    world.told.clear();
    world.network = false;
    world.cut();
    world.run(120_000);
    assert!(matches!(world.told[..], [LinkState::Offline { .. }]), "{:?}", world.told);

    // Also one that was never there, once each way was tried.
    let mut world = opened(1, |world| world.network = false);
    world.run(120_000);
    assert!(matches!(world.told[..], [LinkState::Offline { .. }]), "{:?}", world.told);
}

#[test]
fn who_asks_for_something_does_not_wait_for_the_next_try() {
    let mut world = connected(Transport::Automatic);
    world.network = false;
    world.cut();
    while !matches!(world.state(), LinkState::Offline { retry_at } if retry_at > world.now + 2_000) {
        world.run(50);
    }
    world.network = true;
    world.say(canvas(64));
    world.run(200);
    assert_ne!(world.state(), LinkState::Socket, "a stroke can wait");
    world.say(generate(1));
    world.run(200);
    assert_eq!((world.state(), world.accepted.get(&1)), (LinkState::Socket, Some(&1)));

    // Nor is one who asks again and again put off for it.
    world.network = false;
    world.cut();
    for request in 2..20 {
        world.run(1_000);
        world.say(generate(request));
    }
    world.network = true;
    world.run(1_000);
    assert_eq!((world.state(), world.accepted.len()), (LinkState::Socket, 19));
}

#[test]
fn retries_never_end_and_are_never_further_apart_than_half_a_minute() {
    let mut world = opened(5, |world| {
        world.network = false;
        world.ticking = false;
    });
    for _ in 0..200 {
        let before = world.sockets_tried;
        world.run(31_000);
        assert!(world.sockets_tried > before);
    }
}

#[test]
fn a_page_put_away_closes_its_socket_and_goes_on_when_shown() {
    for preference in [Transport::Socket, Transport::Polling] {
        let mut world = connected(preference);
        world.tell(Event::PageHide);
        world.run(1_000);
        let made = world.server.frames_made;
        world.run(10_000);
        assert_eq!(world.server.frames_made, made, "nobody looks");
        world.tell(Event::PageShow);
        world.run(1_000);
        assert!(matches!(world.state(), LinkState::Socket | LinkState::Polling));
        assert!(world.server.frames_made > made);
        settle(&mut world);
        assert_eq!(world.fresh, 1, "it resumes");
    }
}

#[test]
fn a_hidden_page_gets_facts_and_no_previews_and_costs_none() {
    for preference in [Transport::Socket, Transport::Polling] {
        let mut world = connected(preference);
        world.tell(Event::Hidden);
        world.run(500);
        let (made, drawn, step) = (world.server.frames_made, world.drawn, world.step);
        world.run(5_000);
        assert_eq!((world.server.frames_made, world.drawn), (made, drawn));
        assert!(world.step > step + 100, "facts go on");
        assert_eq!(world.server.frames_while_hidden, 0);
        world.tell(Event::Visible);
        world.run(500);
        assert!(world.drawn > drawn);
        settle(&mut world);
    }
}

#[test]
fn previews_in_the_background_are_the_viewers_choice() {
    let mut world = connected(Transport::Automatic);
    let background = wire::Attention { background: true, ..Default::default() };
    world.tell(Event::Attention(background));
    world.tell(Event::Hidden);
    world.run(500);
    let drawn = world.drawn;
    world.run(1_000);
    assert!(world.drawn > drawn);
    assert!(!world.server.attention(VIEWER).expect("it is known").visible);
}

#[test]
fn a_page_that_does_not_draw_is_sent_two_frames_and_then_the_newest() {
    let mut world = connected(Transport::Socket);
    world.draws = false;
    world.run(1_000);
    let (stuck, _) = world.drawn.expect("previews came");
    world.run(5_000);
    assert_eq!(world.drawn.map(|(sequence, _)| sequence), Some(stuck), "none comes unacknowledged");
    world.draws = true;
    let facts = world.step;
    world.tell(Event::Drawn { sequence: stuck });
    world.run(100);
    let (sequence, _) = world.drawn.expect("it draws again");
    assert!(sequence > stuck + 100, "what it missed is skipped: {FRAMES_IN_FLIGHT} under way at most");
    assert!(world.step > facts);
    settle(&mut world);
}
