//! What pointers do on the paper, and whose stroke it is when several touch it.

use crate::studio::{Command, Easel, Hand, Paper, Pointer, Settings, Shape, Tool};
use canvas::{Deed, Fidelity, Fill};

fn at(x: f32, pen: bool) -> Pointer {
    Pointer { x, y: 0.5, pressure: 0.5, pen }
}

#[test]
fn one_pointer_draws_at_a_time() {
    let (mut easel, settings) = (Easel::default(), Settings::default());
    assert!(easel.press(1, at(0.2, false), settings.hand(false)).is_some());
    assert!(easel.press(2, at(0.8, false), settings.hand(false)).is_none());
    assert!(easel.drag(2, &[at(0.9, false)], false).is_none());
    assert!(easel.lift(1).is_some());
}

/// The colour that is taken there.
fn picked(easel: &mut Easel, at: Pointer) -> Option<[u8; 3]> {
    easel.press(9, at, Hand::Picks);
    easel.lift(9).and_then(|done| done.picked)
}

#[test]
fn a_colour_is_taken_from_where_the_pointer_is_and_never_from_beside_the_paper() {
    let (mut easel, settings) = (Easel::default(), with(Tool::Brush));
    easel.press(1, at(0.2, false), settings.hand(false));
    easel.lift(1);
    assert_eq!(picked(&mut easel, at(0.2, false)), Some([9, 8, 7]));
    for beside in [-1.0, 1.0, 7.0] {
        assert_eq!(picked(&mut easel, Pointer { y: beside, ..at(beside, false) }), Some([255; 3]));
    }
    easel.run(Command::Undo);
    assert!(!easel.canvas().can_undo(), "it is no step");
}

#[test]
fn what_changes_the_paper_is_not_told_in_deeds() {
    let (mut easel, eraser) = (Easel::default(), with(Tool::Eraser));
    let square = easel.paper();
    easel.run(Command::Cut(Shape::Portrait));
    // Nothing is to be erased: it is told, and no step.
    easel.press(1, at(0.2, false), eraser.hand(false));
    assert!(easel.lift(1).is_some_and(|done| done.deeds.is_some()));
    let undone = easel.run(Command::Undo);
    assert!(easel.paper() == square && undone.deeds.is_none());
    let redone = easel.run(Command::Redo);
    assert!(easel.paper() != square && redone.deeds.is_none());
}

#[test]
fn a_pinch_takes_no_colour() {
    let mut easel = Easel::default();
    easel.press(1, at(0.2, false), Hand::Picks);
    assert_eq!(easel.pinched(at(0.8, false)), Some(1));
    assert_eq!(easel.lose(1).and_then(|done| done.picked), None);
}

#[test]
fn a_second_finger_that_comes_down_with_the_first_makes_it_a_pinch() {
    let (mut easel, settings) = (Easel::default(), Settings::default());
    assert_eq!(easel.pinched(at(0.8, false)), None, "there is no first");
    easel.press(1, at(0.2, false), settings.hand(false));
    easel.drag(1, &[at(0.21, false)], false);
    assert_eq!((easel.pinched(at(0.8, false)), easel.pinched(at(0.8, true))), (Some(1), None));
    easel.drag(1, &[at(0.3, false), at(0.2, false)], false);
    assert_eq!(easel.pinched(at(0.8, false)), None, "it is a stroke by now");
}

#[test]
fn a_pen_takes_over_from_the_hand_that_came_down_first() {
    let (mut easel, settings) = (Easel::default(), Settings::default());
    let clean = easel.canvas().pixels().to_vec();
    easel.press(1, at(0.2, false), settings.hand(false));
    assert!(easel.press(2, at(0.8, true), settings.hand(false)).is_some());
    assert!(easel.press(1, at(0.3, false), settings.hand(false)).is_none(), "the hand does not take it back");
    easel.lift(2);
    assert_ne!(easel.canvas().pixels(), clean);
    easel.run(Command::Undo);
    assert_eq!(easel.canvas().pixels(), clean, "the hand left no mark");
}

fn seen(easel: &Easel, Pointer { x, y, .. }: Pointer) -> [u8; 3] {
    let place = |along: f32| (along * 512.0) as u32;
    easel.canvas().colour(place(x), place(y))
}

fn with(tool: Tool) -> Settings {
    Settings { tool, colour: [9, 8, 7], ..Settings::default() }
}

#[test]
fn a_bucket_is_emptied_where_the_pointer_came_down_once_it_is_lifted() {
    let (mut easel, settings) = (Easel::default(), with(Tool::Fill));
    easel.press(1, at(0.25, false), settings.hand(false));
    easel.drag(1, &[at(0.26, false)], false);
    assert_eq!(seen(&easel, at(0.25, false)), [255; 3]);
    let done = easel.lift(1).expect("its pointer");
    assert_eq!(done.deeds, Some(vec![Deed::Fill(Fill { x: 128, y: 256, colour: [9, 8, 7] })]));
    assert_eq!(seen(&easel, at(0.9, false)), [9, 8, 7]);
}

#[test]
fn a_pinch_empties_no_bucket_and_the_end_of_a_pen_still_erases() {
    let (mut easel, settings) = (Easel::default(), with(Tool::Fill));
    easel.press(1, at(0.25, false), settings.hand(false));
    assert_eq!(easel.pinched(at(0.8, false)), Some(1));
    easel.lose(1);
    assert!(easel.lift(1).is_none() && !easel.canvas().can_undo());
    easel.press(2, at(0.25, true), settings.hand(true));
    let deeds = easel.lift(2).and_then(|done| done.deeds);
    assert!(matches!(deeds.as_deref(), Some([Deed::Mark(mark)]) if mark.brush().eraser), "{deeds:?}");
}

/// Half a turn of a wave from a quarter to three quarters of the paper, so high.
fn wave(high: f32) -> Vec<Pointer> {
    let place = |n: u8| (f32::from(n) / 20.0, (f32::from(n) / 20.0 * std::f32::consts::PI).sin());
    let along =
        (0..=20).map(place).map(|(x, y)| Pointer { x: 0.25 + 0.5 * x, y: 0.5 + high * y, ..at(0.0, false) });
    along.collect()
}

/// What is at the middle of a wave, and at that of the line between its ends.
fn middles(easel: &Easel, high: f32) -> [bool; 2] {
    [0.5 + high, 0.5].map(|y| seen(easel, Pointer { y, ..at(0.5, false) }) != [255; 3])
}

#[test]
fn with_shift_there_is_a_line_from_where_the_pointer_came_down() {
    let (mut easel, settings) = (Easel::default(), with(Tool::Brush));
    let wave = wave(0.2);
    easel.press(1, wave[0], settings.hand(false));
    easel.drag(1, &wave[1..15], true);
    easel.drag(1, &wave[15..], true);
    assert_eq!(middles(&easel, 0.2), [false, true]);
    easel.lift(1);
    assert_eq!(middles(&easel, 0.2), [false, true]);
    easel.run(Command::Undo);
    assert!(!easel.canvas().can_undo(), "it is one step");
}

#[test]
fn shift_in_the_middle_of_a_stroke_goes_on_with_a_line_and_back() {
    let (mut easel, settings) = (Easel::default(), with(Tool::Brush));
    let place = |x: f32, y: f32| Pointer { y, ..at(x, false) };
    let along = |from: f32, to: f32| (0..=10).map(move |n| from + (to - from) * n as f32 / 10.0);
    easel.press(1, place(0.2, 0.2), settings.hand(false));
    easel.drag(1, &along(0.2, 0.5).map(|x| place(x, 0.2)).collect::<Vec<_>>(), false);
    easel.drag(1, &[place(0.9, 0.4), place(0.5, 0.8)], true);
    easel.drag(1, &along(0.5, 0.8).map(|x| place(x, 0.8)).collect::<Vec<_>>(), false);
    easel.lift(1);
    let is_drawn = |x, y| seen(&easel, place(x, y)) == [9, 8, 7];
    assert!(
        [(0.2, 0.2), (0.35, 0.2), (0.5, 0.2), (0.5, 0.5), (0.5, 0.8), (0.7, 0.8)]
            .iter()
            .all(|(x, y)| is_drawn(*x, *y))
    );
    assert!(!is_drawn(0.9, 0.4) && !is_drawn(0.47, 0.25), "the corner is one");
}

#[test]
fn a_hand_that_stays_straightens_what_is_nearly_a_line_and_leads_its_end() {
    let settings = with(Tool::Brush);
    for (high, becomes) in [(0.02, true), (0.2, false)] {
        let (mut easel, wave) = (Easel::default(), wave(high));
        easel.press(1, wave[0], settings.hand(false));
        assert!(easel.straighten().is_none(), "a dot is no line");
        easel.drag(1, &wave[1..], false);
        assert_eq!(easel.straighten().is_some(), becomes, "{high}");
        assert!(easel.straighten().is_none(), "once is enough");
        assert_eq!(middles(&easel, high), [!becomes, becomes]);
        easel.drag(1, &[at(0.9, false)], false);
        easel.lift(1);
        assert_eq!(middles(&easel, high), [!becomes, becomes]);
    }
}

#[test]
fn a_stroke_is_worth_telling_again_when_there_is_enough_of_it() {
    let (mut easel, settings) = (Easel::default(), Settings::default());
    let winding = |from: u16, to: u16| {
        let place = |n: u16| Pointer {
            x: 0.1 + 0.003 * f32::from(n),
            y: 0.5 + 0.2 * (0.4 * f32::from(n)).sin(),
            ..at(0.0, false)
        };
        (from..to).map(place).collect::<Vec<_>>()
    };
    easel.press(1, winding(0, 1)[0], settings.hand(false));
    easel.drag(1, &winding(1, 20), false);
    assert!(easel.under_way(16).is_none(), "it has hardly begun");
    easel.drag(1, &winding(20, 120), false);
    assert!(easel.under_way(16).is_some());
    easel.drag(1, &winding(120, 125), false);
    assert!(easel.under_way(16).is_none());
    assert!(easel.under_way(0).is_some(), "a picture follows whatever changes");
}

#[test]
fn a_large_picture_is_laid_onto_paper_of_its_pixels_and_a_brush_looks_as_wide_there() {
    let settings = Settings { brush_size: 8.0, ..Settings::default() };
    let mut easel = Easel::default();
    let fine = Paper::of(1024, 1024);
    let rgba: Vec<u8> =
        (0..1024_u32 * 1024).flat_map(|n| [(n % 251) as u8, (n / 1024 % 251) as u8, 7, 255]).collect();
    easel.place(fine, &rgba, 1024, 1024, Fidelity::Exact);
    assert_eq!(easel.paper(), fine);
    assert!(easel.canvas().pixels() == rgba, "to the last pixel");

    easel.press(1, at(0.5, false), settings.hand(false));
    easel.drag(1, &[at(0.8, false)], false);
    easel.lift(1);
    let ink = |y: u32| easel.canvas().colour(600, y) == settings.colour;
    let width = (0..1024).filter(|y| ink(*y)).count();
    assert!((14..=16).contains(&width), "{width} pixels");

    // A clean sheet is a usual one, and can be taken back.
    easel.run(Command::Clear);
    assert_eq!(easel.paper(), Paper::default());
    easel.run(Command::Undo);
    assert_eq!(easel.paper(), fine);
}
