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

/// A square whose right side lacks so many pixels in its middle, drawn with a line of 8.
fn open_square(gap: f32) -> Deed {
    let corners =
        [(160.0, 128.0 + gap / 2.0 + 4.0), (160.0, 200.0), (40.0, 200.0), (40.0, 60.0), (160.0, 60.0)];
    let end = (160.0, 128.0 - gap / 2.0 - 4.0);
    let all: Vec<_> = corners.into_iter().chain([end]).collect();
    let side = |(from, to): ((f32, f32), (f32, f32))| {
        (0..20).map(move |n| {
            (from.0 + (to.0 - from.0) * n as f32 / 20.0, from.1 + (to.1 - from.1) * n as f32 / 20.0)
        })
    };
    let along = all.windows(2).flat_map(|pair| side((pair[0], pair[1]))).chain([end]);
    let samples: Vec<_> = along.map(|(x, y)| Sample { x, y, pressure: 0.5 }).collect();
    Deed::Mark(Mark::of(Brush { size: 8.0, colour: INK, eraser: false }, &samples).expect("a stroke"))
}

#[test]
fn what_a_hand_left_open_by_a_few_pixels_is_closed_and_a_door_is_not() {
    let closed = paper(&[open_square(5.0), fill(100, 128, LEAF)]);
    assert_eq!((closed.colour(100, 128), closed.colour(200, 128)), (LEAF, [255; 3]));
    // Up to the lines, also where they meet.
    assert_eq!([closed.colour(46, 66), closed.colour(150, 190), closed.colour(153, 128)], [LEAF; 3]);
    let open = paper(&[open_square(16.0), fill(100, 128, LEAF)]);
    assert_eq!((open.colour(100, 128), open.colour(200, 128)), (LEAF, LEAF));
}

#[test]
fn a_sharp_corner_is_filled_to_its_tip() {
    let at = |x, y| Sample { x, y, pressure: 0.5 };
    let line = |from, to| {
        Deed::Mark(Mark::of(Brush { size: 4.0, colour: INK, eraser: false }, &[from, to]).expect("a stroke"))
    };
    let canvas = paper(&[
        line(at(20.0, 128.0), at(220.0, 100.0)),
        line(at(20.0, 128.0), at(220.0, 156.0)),
        line(at(220.0, 100.0), at(220.0, 156.0)),
        fill(180, 128, SKY),
    ]);
    let white = |x| canvas.colour(x, 128) == [255; 3];
    assert_eq!((0..20).filter(|x| white(*x)).count(), 18, "it stays inside");
    assert!((20..218).all(|x| !white(x)), "{:?}", (20..218).filter(|x| white(*x)).collect::<Vec<_>>());
}

#[test]
fn a_narrow_place_is_filled_as_it_is() {
    let at = |x, y| Sample { x, y, pressure: 0.5 };
    let line = |y| {
        Deed::Mark(
            Mark::of(Brush { size: 4.0, colour: INK, eraser: false }, &[at(-9.0, y), at(300.0, y)])
                .expect("a stroke"),
        )
    };
    let canvas = paper(&[line(100.0), line(108.0), fill(50, 104, SKY)]);
    assert_eq!([canvas.colour(0, 104), canvas.colour(255, 104)], [SKY; 2]);
    assert_eq!([canvas.colour(50, 90), canvas.colour(50, 120)], [[255; 3]; 2]);
}
