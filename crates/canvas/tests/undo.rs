//! Undo, redo, and which tiles are reported.

use canvas::{Brush, Canvas, Deed, Fidelity, Fill, Sample, TILE_BYTES, Tile, digest};
use proptest::prelude::*;

fn dot(canvas: &mut Canvas, x: f32, y: f32, red: u8) {
    let brush = Brush { size: 10.0, colour: [red, 0, 0], eraser: false };
    canvas.begin(brush, Sample { x, y, pressure: 0.5 });
    canvas.end();
}

#[test]
fn a_new_canvas_reports_every_tile_once() {
    let mut canvas = Canvas::new(256, 128);
    assert_eq!(canvas.take_changed_tiles(), (0..8).collect::<Vec<_>>());
    assert!(canvas.take_changed_tiles().is_empty());
}

#[test]
fn sides_are_whole_tiles() {
    let canvas = Canvas::new(100, 0);
    assert_eq!((canvas.width(), canvas.height(), canvas.tiles()), (128, 64, 2));
    assert_eq!(Canvas::new(u32::MAX, 1).width(), canvas::SIDE_MAX);
}

#[test]
fn only_touched_tiles_are_reported_and_kept() {
    let mut canvas = Canvas::new(512, 512);
    canvas.take_changed_tiles();
    dot(&mut canvas, 32.0, 32.0, 9);
    dot(&mut canvas, 64.0, 32.0, 9);
    assert_eq!(canvas.take_changed_tiles(), [0, 1]);
    assert!(canvas.undo_bytes() < 4 * TILE_BYTES);
}

#[test]
fn a_tile_that_returns_to_what_it_was_is_reported_with_its_old_digest() {
    let mut canvas = Canvas::new(128, 128);
    canvas.take_changed_tiles();
    let blank = digest(&canvas.tile(0));
    dot(&mut canvas, 20.0, 20.0, 9);
    canvas.undo();
    assert_eq!(canvas.take_changed_tiles(), [0]);
    assert_eq!(digest(&canvas.tile(0)), blank);
}

#[test]
fn what_changes_nothing_is_no_step() {
    let mut canvas = Canvas::new(128, 128);
    dot(&mut canvas, -500.0, 20.0, 9);
    canvas
        .begin(Brush { size: 10.0, colour: [0; 3], eraser: true }, Sample { x: 9.0, y: 9.0, pressure: 0.5 });
    canvas.end();
    canvas.clear();
    assert!(!canvas.can_undo());
}

#[test]
fn a_fresh_step_forgets_what_was_undone() {
    let mut canvas = Canvas::new(128, 128);
    dot(&mut canvas, 20.0, 20.0, 9);
    canvas.undo();
    assert!(canvas.can_redo());
    dot(&mut canvas, 90.0, 90.0, 9);
    assert!(!canvas.can_redo());
    assert_eq!(canvas.redo(), None);
}

#[test]
fn undo_during_a_stroke_takes_that_stroke_back() {
    let mut canvas = Canvas::new(128, 128);
    let blank = canvas.pixels().to_vec();
    canvas.begin(
        Brush { size: 10.0, colour: [0; 3], eraser: false },
        Sample { x: 64.0, y: 64.0, pressure: 0.5 },
    );
    assert!(canvas.can_undo());
    assert!(canvas.undo().is_some());
    assert_eq!(canvas.pixels(), blank);
}

#[test]
fn memory_is_bounded_and_the_oldest_step_goes_first() {
    let limit = 10 * TILE_BYTES;
    let mut canvas = Canvas::with_undo_bytes(128, 128, limit);
    for red in 0..100 {
        dot(&mut canvas, 20.0, 20.0, red);
        assert!(canvas.undo_bytes() <= limit);
    }
    let mut undone = 0;
    while canvas.undo().is_some() {
        undone += 1;
        assert!(canvas.undo_bytes() <= limit);
    }
    assert_eq!(undone, 9);
    // The dot before the oldest step that is kept.
    assert_eq!(canvas.pixels()[(20 * 128 + 20) * 4], 90);
}

#[test]
fn stored_tiles_come_back_and_forget_the_history() {
    let mut canvas = Canvas::new(128, 128);
    dot(&mut canvas, 20.0, 20.0, 9);
    canvas.take_changed_tiles();
    let tile: Tile = std::array::from_fn(|i| if i % 4 == 3 { 255 } else { i as u8 });
    canvas.set_tile(3, &tile);
    assert_eq!(canvas.tile(3), tile);
    assert_eq!(canvas.take_changed_tiles(), [3]);
    assert!(!canvas.can_undo());
}

/// Red of the pixel at (`x`, `y`).
fn red(canvas: &Canvas, x: u32, y: u32) -> u8 {
    canvas.pixels()[((y * canvas.width() + x) * 4) as usize]
}

#[test]
fn paper_that_is_cut_keeps_its_middle() {
    let mut canvas = Canvas::new(128, 256);
    dot(&mut canvas, 64.0, 128.0, 1);
    dot(&mut canvas, 64.0, 20.0, 2);
    let tall = canvas.pixels().to_vec();
    canvas.take_changed_tiles();

    canvas.cut(256, 128);
    assert_eq!((canvas.width(), canvas.height(), canvas.tiles()), (256, 128, 8));
    assert_eq!(canvas.take_changed_tiles(), (0..8).collect::<Vec<_>>());
    assert_eq!((red(&canvas, 128, 64), red(&canvas, 64, 64)), (1, 255));
    dot(&mut canvas, 10.0, 64.0, 3);

    // The stroke, then the cut.
    canvas.undo();
    canvas.undo();
    assert_eq!((canvas.width(), canvas.height()), (128, 256));
    assert_eq!(canvas.take_changed_tiles(), (0..8).collect::<Vec<_>>());
    assert_eq!(canvas.pixels(), tall, "what was cut off is there again");
    canvas.redo();
    canvas.redo();
    assert_eq!((red(&canvas, 10, 64), red(&canvas, 128, 64)), (3, 1));
}

#[test]
fn of_several_cuts_in_a_row_the_last_counts() {
    let mut canvas = Canvas::new(128, 256);
    dot(&mut canvas, 64.0, 20.0, 2);
    let tall = canvas.pixels().to_vec();
    canvas.cut(256, 128);
    canvas.cut(128, 128);
    assert_eq!(canvas.pixels().len(), 128 * 128 * 4);
    canvas.cut(128, 256);
    assert_eq!(canvas.pixels(), tall, "nothing is lost on the way");
    canvas.undo();
    assert_eq!(canvas.pixels(), vec![255; tall.len()], "the dot was the step before");
}

#[test]
fn cut_paper_counts_for_what_it_holds() {
    let mut canvas = Canvas::new(128, 256);
    canvas.cut(64, 64);
    assert_eq!(canvas.undo_bytes(), 128 * 256 * 4);
    canvas.undo();
    assert_eq!(canvas.undo_bytes(), 64 * 64 * 4);
    dot(&mut canvas, 20.0, 20.0, 9);
    dot(&mut canvas, 30.0, 30.0, 9);
    // That was blank before the first.
    assert!((TILE_BYTES..2 * TILE_BYTES).contains(&canvas.undo_bytes()));
}

#[derive(Debug, Clone)]
enum Edit {
    Dot(f32, f32, u8),
    Clear,
    Place(u8),
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        6 => (0.0f32..192.0, 0.0f32..192.0, any::<u8>()).prop_map(|(x, y, red)| Edit::Dot(x, y, red)),
        1 => Just(Edit::Clear),
        1 => any::<u8>().prop_map(Edit::Place),
    ]
}

fn apply(canvas: &mut Canvas, edit: &Edit) {
    match *edit {
        Edit::Dot(x, y, red) => dot(canvas, x, y, red),
        Edit::Clear => _ = canvas.clear(),
        Edit::Place(value) => _ = canvas.place(&[value; 5 * 3 * 4], 5, 3, Fidelity::Exact),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn undo_and_redo_walk_through_every_state(edits in prop::collection::vec(edit(), 1..12)) {
        let mut canvas = Canvas::new(192, 192);
        let mut states = vec![canvas.pixels().to_vec()];
        for edit in &edits {
            apply(&mut canvas, edit);
            if states.last().is_some_and(|last| last != canvas.pixels()) {
                states.push(canvas.pixels().to_vec());
            }
        }
        for state in states.iter().rev().skip(1) {
            prop_assert!(canvas.undo().is_some());
            prop_assert!(canvas.pixels() == state);
        }
        prop_assert!(canvas.undo().is_none());
        for state in &states[1..] {
            prop_assert!(canvas.redo().is_some());
            prop_assert!(canvas.pixels() == state);
        }
        prop_assert!(canvas.redo().is_none());
    }

    #[test]
    fn reported_tiles_are_enough_for_a_copy(edits in prop::collection::vec(edit(), 1..12), undos in 0usize..6) {
        let mut canvas = Canvas::new(192, 192);
        let mut copy = Canvas::new(192, 192);
        canvas.take_changed_tiles();
        for edit in &edits {
            apply(&mut canvas, edit);
        }
        for _ in 0..undos {
            canvas.undo();
        }
        for index in canvas.take_changed_tiles() {
            copy.set_tile(index, &canvas.tile(index));
        }
        prop_assert!(copy.pixels() == canvas.pixels());
    }
}

#[test]
fn a_picture_that_brings_its_paper_is_one_step_and_no_cut() {
    let mut canvas = Canvas::new(128, 128);
    canvas.place(&[9, 9, 9, 255], 1, 1, Fidelity::Exact);
    let before = canvas.pixels().to_vec();
    canvas.place_on((128, 192), &[7, 7, 7, 255].repeat(6), 2, 3, Fidelity::Exact);
    assert_eq!((canvas.width(), canvas.height()), (128, 192));
    assert!(canvas.pixels().chunks_exact(4).all(|pixel| pixel == [7, 7, 7, 255]));
    canvas.cut(192, 128);
    canvas.undo();
    assert!(
        canvas.pixels().chunks_exact(4).all(|pixel| pixel == [7, 7, 7, 255]),
        "the cut takes no picture along"
    );
    canvas.undo();
    assert_eq!((canvas.width(), canvas.height(), canvas.pixels()), (128, 128, &before[..]));
    canvas.redo();
    assert_eq!(canvas.height(), 192);
}

#[test]
fn what_is_filled_takes_no_room_to_take_back() {
    let mut canvas = Canvas::with_undo_bytes(512, 512, 8 * TILE_BYTES);
    let colours: [[u8; 3]; 4] = [[1, 2, 3], [200, 0, 0], [0, 200, 0], [0, 0, 200]];
    let fill = |colour| Deed::Fill(Fill { x: 100, y: 100, colour });
    colours.iter().for_each(|colour| _ = canvas.carry_out(&fill(*colour)));
    for colour in colours.iter().rev() {
        assert_eq!(canvas.colour(300, 300), *colour);
        assert!(canvas.undo().is_some());
    }
    assert_eq!(canvas.colour(300, 300), [255; 3]);
    while canvas.redo().is_some() {}
    assert_eq!(canvas.colour(300, 300), colours[3]);
    assert!(canvas.undo_bytes() < TILE_BYTES * 2);
}

#[test]
fn finer_paper_of_the_same_shape_has_the_same_drawing_on_it() {
    let mut canvas = Canvas::new(128, 192);
    let left = |x: u32| if x < 64 { [10, 20, 30, 255] } else { [200, 100, 0, 255] };
    let halves: Vec<u8> = (0..192).flat_map(|_| (0..128).flat_map(left)).collect();
    canvas.place(&halves, 128, 192, Fidelity::Exact);
    // A clear picture changes nothing but the paper.
    canvas.place_on((256, 384), &[0; 4], 1, 1, Fidelity::Exact);
    assert_eq!((canvas.width(), canvas.height()), (256, 384));
    for (x, y) in [(0, 0), (120, 200), (136, 200), (255, 383)] {
        assert_eq!(canvas.colour(x, y), left(x / 2)[..3], "{x}, {y}");
    }
    canvas.place_on((320, 448), &[0; 4], 1, 1, Fidelity::Exact);
    assert_eq!(canvas.colour(0, 447), [10, 20, 30], "not quite of its shape is near enough");
    assert_eq!(canvas.colour(319, 0), [200, 100, 0], "nothing is added");
    canvas.undo();
    canvas.undo();
    assert_eq!(canvas.pixels(), halves);
    canvas.renew(64, 64);
    assert!(canvas.pixels().len() == 64 * 64 * 4 && canvas.pixels().iter().all(|value| *value == 255));
    canvas.undo();
    assert_eq!(canvas.pixels(), halves);
}
