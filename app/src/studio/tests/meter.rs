//! What the panel of the link says, and that nobody is asked while nobody looks.

use super::{Page, frame};
use crate::studio::{Effect, Event};
use link::{Time, Transport};
use wire::{ClientMessage, Fact, FrameHeader};

/// When the page asked, if it did.
fn asked(page: &mut Page) -> Option<u64> {
    let at = page.said.iter().position(|said| matches!(said, ClientMessage::Ping { .. }))?;
    match page.said.remove(at) {
        ClientMessage::Ping { sent } => Some(sent),
        _ => None,
    }
}

fn alarm(page: &mut Page) -> Option<Time> {
    let alarms = page.take(|effect| match effect {
        Effect::MeterTimer(at) => Some(*at),
        _ => None,
    });
    alarms.last().copied()
}

fn answer(page: &mut Page, sent: u64, clock_ms: u64) {
    page.hear(
        0,
        &Fact::Pong { sent, clock_us: clock_ms * 1_000, conflated: 3, made: 20, encoded: 1, decoded: 2 },
    );
}

#[test]
fn the_server_is_asked_while_somebody_looks() {
    let mut page = Page::open();
    assert!(asked(&mut page).is_some() && alarm(&mut page).is_none(), "how far it is, once");
    page.happen(Event::Measure(true));
    let sent = asked(&mut page).expect("it asks at once");
    page.now += 40;
    answer(&mut page, sent, 5_000);
    assert_eq!(page.studio.measured().round_trip_ms, Some(41));
    page.now = alarm(&mut page).expect("it asks again");
    page.happen(Event::MeterDue);
    assert!(asked(&mut page).is_some() && alarm(&mut page).is_some());
    page.happen(Event::Visible(false));
    page.happen(Event::MeterDue);
    assert_eq!((asked(&mut page), alarm(&mut page)), (None, None), "nobody sees it");
    page.happen(Event::Visible(true));
    assert!(asked(&mut page).is_some(), "whether the connection lives");
    assert!(asked(&mut page).is_some() && alarm(&mut page).is_some());
    page.happen(Event::Measure(false));
    page.happen(Event::MeterDue);
    assert_eq!((asked(&mut page), alarm(&mut page)), (None, None), "nobody looks");
}

#[test]
fn a_server_that_does_not_answer_is_further_and_further_away() {
    let mut page = Page::open();
    page.happen(Event::Measure(true));
    let sent = asked(&mut page).expect("it asks at once");
    answer(&mut page, sent, 5_000);
    for _ in 0..3 {
        page.now = alarm(&mut page).expect("it asks again");
        page.happen(Event::MeterDue);
    }
    let waited = page.studio.measured().round_trip_ms.expect("a span");
    assert!((2_000..2_010).contains(&waited), "{waited}");
    page.happen(Event::Link(link::client::Event::SocketClosed));
    page.now = alarm(&mut page).expect("it asks again");
    page.happen(Event::MeterDue);
    assert_eq!(page.studio.measured().round_trip_ms, None, "there is no link");
}

#[test]
fn the_age_of_a_preview_is_told_by_the_servers_clock() {
    let mut page = Page::open();
    page.happen(Event::Measure(true));
    // The server's clock is a million ahead; the quicker answer of two says so more exactly.
    for (wait, late) in [(9, 0), (300, 100)] {
        let sent = page.now;
        page.now += wait;
        answer(&mut page, sent, 1_000_000 + sent + wait.div_ceil(2) + late);
    }
    let made = page.now;
    page.now += 24;
    let made_us = (1_000_000 + made) * 1_000;
    page.happen(Event::Painted(FrameHeader { made_us, ..frame(5, 1, 1).header }));
    page.happen(Event::Dropped { sequence: 2 });
    let measured = page.studio.measured();
    assert_eq!((measured.age_ms, measured.shown, measured.conflated), (Some(25), 1, 4));
}

#[test]
fn rates_count_what_was_carried_between_two_looks() {
    let mut page = Page::open();
    page.happen(Event::Measure(true));
    assert_eq!(page.studio.measured().down_per_s, None);
    page.preview(5, 1, 1);
    page.now = alarm(&mut page).expect("it asks again") - 1;
    page.happen(Event::MeterDue);
    let bytes = frame(5, 1, 1).bytes().len() as u64;
    assert_eq!(page.studio.measured().down_per_s, Some(bytes));
    assert!(page.studio.measured().up_per_s.is_some_and(|rate| rate > 0), "the question itself");
}

#[test]
fn a_click_is_timed_to_the_end_of_its_first_step() {
    let mut page = Page::open();
    page.generate(5);
    page.start(5);
    let clicked = page.studio.measured().first_step_ms;
    page.now += 70;
    for step in 1..3 {
        page.fact(&Fact::Step { job: frame(5, 1, 1).header.job, step, total: 12, step_ms: 9.0 });
        page.now += 9;
    }
    let took = page.studio.measured().first_step_ms.expect("it was timed");
    assert!(clicked.is_none() && (70..80).contains(&took), "{took}");
}

#[test]
fn the_chosen_way_is_remembered_and_taken() {
    let mut page = Page::open();
    page.happen(Event::Transport(Transport::Polling));
    let polls = page.take(|effect| matches!(effect, Effect::Poll(_) | Effect::Post(_)).then_some(()));
    assert!(!polls.is_empty());
    assert_eq!(page.studio.settings.transport, Transport::Polling);
    assert!(page.studio.settings.to_text().contains("polling"));
}
