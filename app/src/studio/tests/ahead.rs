//! The server may prepare what a click would ask for once the hand rests.

use super::*;

fn alarm(page: &mut Page) -> Option<Time> {
    page.take(|effect| match effect {
        Effect::RestTimer(at) => Some(*at),
        _ => None,
    })
    .pop()
}

/// What was asked for ahead since the last time.
fn asked(page: &mut Page) -> Vec<Spec> {
    let specs = page.said.iter().filter_map(|said| match said {
        ClientMessage::Prepare { spec, .. } => Some(spec.clone()),
        _ => None,
    });
    let specs = specs.collect();
    page.said.clear();
    specs
}

/// The server has all of the drawing.
fn confirm(page: &mut Page) {
    super::drawing::land(page);
    let canvas = page.studio.sheet.current().expect("it has a name").digest;
    page.fact(&Fact::Canvas { canvas, missing: vec![] });
}

/// The hand rests until the alarm.
fn rest(page: &mut Page) {
    let at = alarm(page).expect("the alarm was set");
    page.now = page.now.max(at);
    page.happen(Event::Rested);
}

#[test]
fn once_the_hand_rests_it_is_asked_for_once() {
    let mut page = Page::open();
    confirm(&mut page);
    rest(&mut page);
    assert_eq!(asked(&mut page).len(), 1);
    page.happen(Event::Rested);
    page.happen(Event::Colour([1, 2, 3]));
    assert_eq!((alarm(&mut page), asked(&mut page)), (None, vec![]), "nothing that a click asks for changed");
    page.draw(&[3], 7);
    assert_eq!(alarm(&mut page), None, "not before it is at the server");
    confirm(&mut page);
    rest(&mut page);
    assert_eq!(asked(&mut page).len(), 1);
}

#[test]
fn a_hand_that_goes_on_is_waited_for() {
    let mut page = Page::open();
    confirm(&mut page);
    rest(&mut page);
    page.happen(Event::Prompt("a".into()));
    let at = alarm(&mut page).expect("the alarm was set");
    page.now = at - 2;
    page.happen(Event::Prompt("a boat".into()));
    page.now = at;
    page.said.clear();
    page.happen(Event::Rested);
    assert_eq!(asked(&mut page), vec![]);
    rest(&mut page);
    let asked = asked(&mut page);
    assert_eq!((asked.len(), asked[0].prompt.as_str()), (1, "a boat"));
}

#[test]
fn not_while_a_picture_is_made_nor_while_nobody_looks() {
    let mut page = Page::open();
    confirm(&mut page);
    rest(&mut page);
    page.happen(Event::Visible(false));
    page.happen(Event::Prompt("a boat".into()));
    assert_eq!(alarm(&mut page), None);
    page.happen(Event::Visible(true));
    assert!(alarm(&mut page).is_some());
    page.happen(Event::Generate { chance: 3 });
    asked(&mut page);
    page.now += 1_000;
    page.happen(Event::Rested);
    assert_eq!((alarm(&mut page), asked(&mut page)), (None, vec![]));
}
