//! A part is marked by hand, and goes with every click until the marks are taken away.

use super::Page;
use crate::studio::{
    Command, Easel, Effect, Event, Paper, Pointer, Settings, Shape, Tool, cut_mask, mask_of, sheet_of,
};
use canvas::Canvas;
use wire::Mask;

/// What a stroke from left to right marks.
fn marked(brush: f32) -> Option<Mask> {
    let settings = Settings { masking: true, mask_size: brush, ..Settings::default() };
    let mut easel = Easel::default();
    let at = |x| Pointer { x, y: 0.5, pressure: 0.0, pen: false };
    easel.press(1, at(0.25), settings.hand(false));
    easel.drag(1, &[at(0.5), at(0.75)], false);
    easel.lift(1);
    let mask = mask_of(easel.canvas());
    easel.run(Command::Undo);
    assert_eq!(mask_of(easel.canvas()), None);
    mask
}

#[test]
fn a_stroke_marks_what_it_covers() {
    let mask = marked(64.0).expect("it is wide");
    let covered = mask.cells().iter().filter(|cell| **cell).count();
    // 256 by 64 pixels with round ends, in cells of 16.
    assert!((1_150..1_300).contains(&covered), "{covered}");
    let cell = |x: usize, y: usize| mask.cells()[y * Mask::SIDE + x];
    assert!(cell(64, 64) && cell(34, 60) && !cell(64, 80) && !cell(10, 64));
}

#[test]
fn a_mask_that_is_laid_onto_the_sheet_stays_the_same() {
    for (brush, shape) in
        [(6.0, Shape::Square), (17.0, Shape::Square), (64.0, Shape::Portrait), (64.0, Shape::Landscape)]
    {
        let (width, height) = shape.paper();
        let sheet = |mask| Canvas::of_pixels(width, height, &sheet_of(mask, width, height), 0);
        let mask = marked(brush);
        assert!(mask.is_some());
        assert_eq!(mask_of(&sheet(mask.as_ref())), mask, "{brush}, {shape:?}");
        assert!(sheet(None).pixels().iter().all(|value| *value == 255));
    }
}

#[test]
fn marks_stay_where_they_are_on_paper_of_another_shape() {
    let mask = marked(64.0);
    let cells = |mask: &Option<Mask>, y: usize| {
        mask.as_ref().map_or(0, |mask| {
            mask.cells()[y * Mask::SIDE..][..Mask::SIDE].iter().filter(|cell| **cell).count()
        })
    };
    let tall = cut_mask(mask.as_ref(), Shape::Square, Shape::Portrait);
    // As wide, and in two thirds of the rows.
    assert_eq!((cells(&tall, 64), cells(&mask, 64)), (80, 80));
    assert!(cells(&mask, 57) > 0 && cells(&tall, 57) == 0 && cells(&tall, 60) > 0);
    assert_eq!(cut_mask(None, Shape::Portrait, Shape::Landscape), None);
}

#[test]
fn a_click_asks_for_what_is_marked_until_it_is_not() {
    let mut page = Page::open();
    let mask = marked(64.0);
    page.happen(masked(mask.clone()));
    page.happen(Event::Blur(9.0));
    page.generate(5);
    page.finish(5);
    page.happen(Event::Unmask);
    assert_eq!(page.take(|effect| matches!(effect, Effect::Mask(None)).then_some(())).len(), 1);
    page.happen(masked(None));
    page.generate(6);
    let asked: Vec<_> = page.asked().into_iter().map(|(_, _, spec)| (spec.mask, spec.blur)).collect();
    assert_eq!(asked, [(mask, 9.0), (None, 4.0)]);
}

#[test]
fn what_is_marked_outlives_the_page() {
    let mut page = Page::open();
    let mask = marked(64.0);
    page.happen(masked(mask.clone()));
    let kept = page.take(|effect| match effect {
        Effect::Remember(text) => Some(text.clone()),
        _ => None,
    });
    let mut next = Page::asleep();
    next.happen(Event::Remembered(kept.last().expect("it is remembered").clone()));
    next.happen(Event::Restored {
        paper: Paper::usual(Shape::Square),
        tiles: Vec::new(),
        rest: (0..64).collect(),
    });
    assert!(next.done.contains(&Effect::Mask(mask.clone())));
    assert_eq!(next.studio.settings.mask, mask);
}

#[test]
fn undo_belongs_to_what_is_in_hand() {
    let mut page = Page::open();
    page.happen(Event::Masked { mask: marked(64.0), can_undo: true, can_redo: false });
    assert_eq!(page.studio.steps(), (false, false));
    page.happen(Event::Masking);
    assert_eq!(page.studio.steps(), (true, false));
    assert!(!page.studio.is_clear());
    // An eraser would find nothing to take away.
    page.happen(Event::Masking);
    page.happen(Event::Tool(Tool::Eraser));
    page.happen(Event::Masking);
    assert_eq!(page.studio.settings.tool, Tool::Brush);
    // A colour is for drawing.
    page.happen(Event::Colour([1, 2, 3]));
    assert!(!page.studio.settings.masking);
}

#[test]
fn the_thinnest_mark_counts() {
    let mut settings = Settings { masking: true, ..Settings::default() };
    settings.set_size(1.0);
    assert!(marked(settings.size()).is_some());
    // What is drawn before the drawing is there goes onto it.
    let mut studio = crate::studio::Studio::default();
    studio.update(Event::Masking, 1);
    assert!(!studio.settings.masking);
}

#[test]
fn a_clean_sheet_has_no_marks_and_to_mark_nothing_leaves_the_drawing() {
    let mut page = Page::open();
    let mask = marked(64.0);
    page.happen(masked(mask.clone()));
    page.done.clear();
    page.happen(Event::Canvas(Command::Clear));
    assert!(page.done.contains(&Effect::Mask(None)) && page.done.contains(&Effect::Canvas(Command::Clear)));
    page.happen(Event::Masking);
    page.done.clear();
    page.happen(Event::Canvas(Command::Clear));
    assert_eq!(page.done, [Effect::Canvas(Command::Clear)], "the hand knows what it clears");
}

/// The sheet of marks tells that it holds this now.
fn masked(mask: Option<wire::Mask>) -> Event {
    Event::Masked { mask, can_undo: true, can_redo: false }
}

/// The marks that are laid onto the sheet again.
fn marks_again(page: &mut Page) -> Vec<wire::Mask> {
    page.take(|effect| if let Effect::Mask(Some(mask)) = effect { Some(mask.clone()) } else { None })
}

#[test]
fn marks_that_were_taken_away_last_come_back_by_undo() {
    let mut page = Page::open();
    let mask = marked(64.0);
    for undo in [Event::TakeBack, Event::Canvas(Command::Undo)] {
        page.happen(masked(mask.clone()));
        page.happen(Event::Unmask);
        page.happen(masked(None));
        assert!(page.studio.steps().0);
        page.happen(undo);
        assert_eq!(marks_again(&mut page), mask.iter().cloned().collect::<Vec<_>>());
    }
    // Not once something was drawn after it.
    page.happen(masked(mask.clone()));
    page.happen(Event::Unmask);
    page.happen(masked(None));
    page.draw(&[3], 0);
    page.happen(Event::TakeBack);
    assert_eq!(marks_again(&mut page), []);
}

#[test]
fn what_a_clean_sheet_takes_away_comes_back_together() {
    let mut page = Page::open();
    let mask = marked(64.0);
    for drawn_over in [false, true] {
        page.draw(&[3], 0);
        page.happen(masked(mask.clone()));
        page.happen(Event::Canvas(Command::Clear));
        page.happen(masked(None));
        page.draw(&[255], 0);
        if drawn_over {
            page.draw(&[4], 0);
        }
        page.done.clear();
        page.happen(Event::TakeBack);
        assert!(page.done.contains(&Effect::Canvas(Command::Undo)));
        let wanted: Vec<_> = mask.iter().filter(|_| !drawn_over).cloned().collect();
        assert_eq!(marks_again(&mut page), wanted, "{drawn_over}");
    }
}

#[test]
fn settings_of_a_picture_without_a_mask_take_marks_away_until_one_steps_back() {
    let mut page = Page::open();
    let mask = marked(64.0);
    page.generate(5);
    page.start(5);
    page.finish(5);
    page.happen(masked(mask.clone()));
    page.happen(Event::Restore);
    page.happen(masked(None));
    assert!(page.studio.settings.mask.is_none());
    page.done.clear();
    page.happen(Event::TakeBack);
    assert_eq!(page.done.first(), Some(&Effect::Mask(mask)));
}
