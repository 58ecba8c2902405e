//! Whose stroke it is, when several pointers touch the paper.

use crate::studio::{Easel, Pointer, Settings};

fn at(x: f32, pen: bool) -> Pointer {
    Pointer { x, y: 0.5, pressure: 0.5, pen }
}

#[test]
fn one_pointer_draws_at_a_time() {
    let (mut easel, settings) = (Easel::default(), Settings::default());
    assert!(easel.press(1, at(0.2, false), settings.brush(false)).is_some());
    assert!(easel.press(2, at(0.8, false), settings.brush(false)).is_none());
    assert!(easel.drag(2, &[at(0.9, false)]).is_none());
    assert!(easel.lift(1).is_some());
}

#[test]
fn a_colour_is_taken_from_where_the_pointer_is_and_never_from_beside_the_paper() {
    let (mut easel, settings) = (Easel::default(), Settings { colour: [9, 8, 7], ..Settings::default() });
    easel.press(1, at(0.2, false), settings.brush(false));
    easel.lift(1);
    assert_eq!((easel.colour_at(at(0.2, false)), easel.colour_at(at(0.9, false))), ([9, 8, 7], [255; 3]));
    for beside in [-1.0, 1.0, 7.0] {
        assert_eq!(easel.colour_at(Pointer { y: beside, ..at(beside, false) }), [255; 3]);
    }
}

#[test]
fn a_second_finger_that_comes_down_with_the_first_makes_it_a_pinch() {
    let (mut easel, settings) = (Easel::default(), Settings::default());
    assert_eq!(easel.pinched(at(0.8, false)), None, "there is no first");
    easel.press(1, at(0.2, false), settings.brush(false));
    easel.drag(1, &[at(0.21, false)]);
    assert_eq!((easel.pinched(at(0.8, false)), easel.pinched(at(0.8, true))), (Some(1), None));
    easel.drag(1, &[at(0.3, false), at(0.2, false)]);
    assert_eq!(easel.pinched(at(0.8, false)), None, "it is a stroke by now");
}

#[test]
fn a_pen_takes_over_from_the_hand_that_came_down_first() {
    let (mut easel, settings) = (Easel::default(), Settings::default());
    let clean = easel.canvas().pixels().to_vec();
    easel.press(1, at(0.2, false), settings.brush(false));
    assert!(easel.press(2, at(0.8, true), settings.brush(false)).is_some());
    assert!(
        easel.press(1, at(0.3, false), settings.brush(false)).is_none(),
        "the hand does not take it back"
    );
    easel.lift(2);
    assert_ne!(easel.canvas().pixels(), clean);
    easel.run(crate::studio::Command::Undo);
    assert_eq!(easel.canvas().pixels(), clean, "the hand left no mark");
}
