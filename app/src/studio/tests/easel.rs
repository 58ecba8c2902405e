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
