//! The bucket.

use canvas::{Brush, Canvas, Deed, Fill, Mark, Sample};

const INK: [u8; 3] = [43, 40, 36];
const SKY: [u8; 3] = [132, 185, 227];
const LEAF: [u8; 3] = [111, 166, 70];
/// One of the steps in which a line's edge fades.
const STEP: u8 = 17;

fn fill(x: u16, y: u16, colour: [u8; 3]) -> Deed {
    Deed::Fill(Fill { x, y, colour })
}

/// A closed line around the middle.
fn ring(size: f32) -> Deed {
    let turn = |n: usize| n as f32 / 60.0 * std::f32::consts::TAU;
    let at = |n| Sample { x: 128.0 + 80.3 * turn(n).cos(), y: 128.0 + 70.7 * turn(n).sin(), pressure: 0.5 };
    let samples: Vec<_> = (0..=60).map(at).collect();
    Deed::Mark(Mark::of(Brush { size, colour: INK, eraser: false }, &samples).expect("a stroke"))
}

fn paper(deeds: &[Deed]) -> Canvas {
    let mut canvas = Canvas::new(256, 256);
    for deed in deeds {
        canvas.carry_out(deed);
    }
    canvas
}

#[test]
fn blank_paper_is_filled_to_its_edges() {
    let canvas = paper(&[fill(255, 0, SKY)]);
    assert!(canvas.pixels().chunks_exact(4).all(|pixel| pixel == [132, 185, 227, 255]));
}

#[test]
fn it_ends_at_a_line_and_the_lines_edge_is_as_if_drawn_later() {
    // A thin line is nowhere quite its own colour: there it may be off by a step of its edge.
    for (size, near) in [(2.0, STEP), (8.0, 1), (24.0, 1)] {
        let filled = paper(&[ring(size), fill(128, 128, LEAF), fill(2, 2, LEAF)]);
        let drawn = paper(&[fill(0, 0, LEAF), ring(size)]);
        let off = filled.pixels().iter().zip(drawn.pixels()).map(|(a, b)| a.abs_diff(*b)).max();
        assert!(off <= Some(near), "{size}: {off:?}");
        let inside = paper(&[ring(size), fill(128, 128, LEAF)]);
        assert_eq!(inside.colour(128, 128), LEAF);
        assert_eq!(inside.colour(2, 2), [255; 3], "{size}");
    }
}

#[test]
fn a_filled_area_can_be_filled_again() {
    let once = paper(&[ring(8.0), fill(128, 128, SKY)]);
    let twice = paper(&[ring(8.0), fill(128, 128, LEAF), fill(128, 128, SKY)]);
    let off = once.pixels().iter().zip(twice.pixels()).map(|(a, b)| a.abs_diff(*b)).max();
    assert!(off <= Some(STEP), "{off:?}");
}

#[test]
fn a_fill_is_one_step_and_names_the_tiles_that_it_changed() {
    let mut canvas = Canvas::new(256, 256);
    canvas.carry_out(&ring(8.0));
    let before = canvas.pixels().to_vec();
    canvas.take_changed_tiles();
    canvas.carry_out(&fill(128, 128, SKY));
    assert_eq!(canvas.take_changed_tiles(), [1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14]);
    canvas.carry_out(&Deed::Undo);
    assert!(canvas.pixels() == before);
    canvas.carry_out(&Deed::Redo);
    assert_eq!(canvas.colour(128, 128), SKY);
}

#[test]
fn what_is_that_colour_already_or_off_the_paper_is_no_step() {
    let mut canvas = Canvas::new(256, 256);
    canvas.take_changed_tiles();
    canvas.carry_out(&fill(10, 10, [255; 3]));
    canvas.carry_out(&fill(256, 10, SKY));
    canvas.carry_out(&fill(10, u16::MAX, SKY));
    assert!(canvas.take_changed_tiles().is_empty() && !canvas.can_undo());
}
