//! What the page says.

use super::Page;
use crate::studio::{Command, Event, Shape, Sync, words};
use link::{Transport, client};

#[test]
fn progress_says_the_step_and_the_time_left() {
    assert_eq!(words::progress(7, 20, 200.0), "Step 7 of 20 · 3 s left");
    assert_eq!(words::progress(0, 20, 0.0), "Starting");
    assert_eq!(words::progress(20, 20, 200.0), "Step 20 of 20 · finishing");
    assert_eq!(words::progress(1, 150, 2_000.0), "Step 1 of 150 · 5 min left");
}

#[test]
fn waiting_says_what_for() {
    assert_eq!(words::waiting(2, 0), "2 before this one");
    assert_eq!(words::waiting(2, 3), "Still sending 3 pieces of your drawing");
    assert_eq!(words::waiting(0, 1), "Still sending 1 piece of your drawing");
}

#[test]
fn a_size_that_the_model_was_not_made_for_is_named() {
    let mut page = Page::open();
    assert_eq!(words::size(&page.studio), None);
    page.happen(Event::Side(512));
    assert!(words::size(&page.studio).is_some_and(|words| words.contains("made for 256 px")));
    page.happen(Event::Canvas(Command::Cut(Shape::Portrait)));
    page.happen(Event::Side(256));
    assert_eq!(words::size(&page.studio), None, "those that lie or stand are half as large again");
}

#[test]
fn fractions_are_rounded_and_what_is_no_number_is_nothing() {
    let said: Vec<String> =
        [0.049, 0.05, 9.96, -0.04, -1.25, 1234.5, f64::NAN].map(|n| words::decimal(n, 1)).into();
    assert_eq!(said, ["0.0", "0.1", "10.0", "0.0", "-1.3", "1234.5", "0.0"]);
    assert_eq!([words::decimal(0.5_f32, 0), words::decimal(7.6_f32, 2)], ["1", "7.60"]);
}

#[test]
fn who_takes_only_a_socket_and_gets_none_is_told_of_other_ways() {
    let mut page = Page::open();
    page.happen(Event::Transport(Transport::Socket));
    assert_eq!(words::other_way(&page.studio), None);
    page.happen(Event::Link(client::Event::Offline));
    assert!(words::other_way(&page.studio).is_some_and(|words| words.contains("Whatever works")));
    page.happen(Event::Transport(Transport::Automatic));
    assert_eq!(words::other_way(&page.studio), None);
}

#[test]
fn durations_have_units() {
    let said: Vec<String> = [800.0, 9_960.0, 59_400.0, 125_000.0].map(words::duration).into();
    assert_eq!(said, ["0.8 s", "10 s", "59 s", "2 min 5 s"]);
}

#[test]
fn an_import_says_how_far_it_is() {
    assert_eq!(words::sync(Sync::Sending(40), Some(0.25)), "Sending 40 pieces · 25 %");
    assert_eq!(words::sync(Sync::Sending(1), Some(0.25)), "Sending 1 piece");
    assert_eq!(words::sync(Sync::Failed(40), None), "40 pieces did not arrive; trying again");
    let uploads = link::Progress { queued: 30, in_flight: 6, failed: 4, ..Default::default() };
    assert_eq!(words::uploads(&uploads), "6 sending, 30 queued, 4 failed");
}
