//! Pictures from elsewhere on the canvas.

use canvas::{Canvas, Fidelity, Rect};
use proptest::prelude::*;

fn pixel(canvas: &Canvas, x: u32, y: u32) -> [u8; 4] {
    let mut out = Vec::new();
    canvas.copy_rect(Rect::new(x, y, 1, 1), &mut out);
    out.try_into().expect("one pixel")
}

#[test]
fn a_wide_picture_fills_the_width_and_is_centred() {
    let mut canvas = Canvas::new(512, 512);
    let area = canvas.place(&[90, 80, 70, 255].repeat(400 * 100), 400, 100, Fidelity::Exact);
    assert_eq!(area, Rect::new(0, 192, 512, 128));
    assert_eq!(pixel(&canvas, 0, 192), [90, 80, 70, 255]);
    assert_eq!(pixel(&canvas, 511, 319), [90, 80, 70, 255]);
    assert_eq!(pixel(&canvas, 256, 191), [255; 4]);
    assert_eq!(pixel(&canvas, 256, 320), [255; 4]);
}

#[test]
fn nearly_the_papers_shape_leaves_no_line_at_its_edge() {
    for (width, height) in [(266, 400), (720, 480), (563, 375), (511, 768), (1125, 750)] {
        let (across, down) = if width > height { (768, 512) } else { (512, 768) };
        let mut canvas = Canvas::new(across, down);
        let area = canvas.place(
            &[9, 9, 9, 255].repeat(width * height),
            width as u32,
            height as u32,
            Fidelity::Exact,
        );
        assert_eq!((area.width, area.height), (across, down), "{width}x{height}");
    }
}

#[test]
fn shrinking_averages_everything_that_a_pixel_covers() {
    // A checkerboard of single pixels is grey from afar, in whatever ratio it shrinks.
    for side in [128u32, 200, 321] {
        let board: Vec<u8> = (0..side * side)
            .flat_map(|i| if (i % side + i / side) % 2 == 0 { [0, 0, 0, 255] } else { [255; 4] })
            .collect();
        let mut canvas = Canvas::new(64, 64);
        canvas.place(&board, side, side, Fidelity::Exact);
        let mean = canvas.pixels().chunks(4).map(|p| f64::from(p[0])).sum::<f64>() / 4096.0;
        assert!((mean - 127.5).abs() < 1.0, "{side}: {mean}");
        let far = canvas.pixels().chunks(4).map(|p| p[0].abs_diff(128)).max();
        assert!(far < Some(60), "{side}: {far:?}");
    }
}

#[test]
fn growing_interpolates_between_the_pixels() {
    let mut canvas = Canvas::new(64, 64);
    canvas.place(&[0, 0, 0, 255, 255, 255, 255, 255].repeat(2), 2, 2, Fidelity::Exact);
    let row: Vec<u8> = (0..64).map(|x| pixel(&canvas, x, 32)[0]).collect();
    assert_eq!((row[0], row[63]), (0, 255));
    assert!(row.is_sorted());
    assert!(row[31].abs_diff(128) < 6, "{row:?}");
}

#[test]
fn a_picture_that_grows_by_a_whole_factor_can_be_had_back_to_the_last_level() {
    let mut seed = 7u32;
    let mut noise = move || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 24) as u8
    };
    for (factor, width, height) in [(2, 32, 64), (3, 64, 64), (4, 16, 32)] {
        let rough: Vec<u8> =
            (0..width * height).flat_map(|_| [noise(), noise() / 9, 255 - noise() / 9, 255]).collect();
        let mut canvas = Canvas::new(width * factor, height * factor);
        canvas.place(&rough, width, height, Fidelity::Exact);
        for at in 0..width * height {
            let (x, y) = (at % width * factor, at / width * factor);
            for channel in 0..4 {
                let level = |n: u32| u32::from(pixel(&canvas, x + n % factor, y + n / factor)[channel]);
                let sum: u32 = (0..factor * factor).map(level).sum();
                let mean = u32::from(rough[at as usize * 4 + channel]);
                assert_eq!(sum, factor * factor * mean, "{at}, {factor}");
            }
        }
    }
}

#[test]
fn what_grows_by_a_whole_factor_rises_evenly_and_has_no_halo() {
    let row = |levels: &[u8; 32]| -> Vec<u8> {
        let picture: Vec<u8> =
            levels.repeat(32).into_iter().flat_map(|level| [level, level, level, 255]).collect();
        let mut canvas = Canvas::new(64, 64);
        canvas.place(&picture, 32, 32, Fidelity::Exact);
        (0..64).map(|x| pixel(&canvas, x, 32)[0]).collect()
    };
    let ramp = row(&std::array::from_fn(|x| x as u8 * 8));
    assert!(ramp[2..62].windows(2).all(|pair| pair[1] - pair[0] == 4), "{ramp:?}");
    let step = row(&std::array::from_fn(|x| if x < 16 { 100 } else { 200 }));
    assert!(step.is_sorted() && step[0] == 100 && step[63] == 200, "{step:?}");
    let line = row(&std::array::from_fn(|x| if x == 16 { 30 } else { 200 }));
    assert_eq!((line.iter().min(), line.iter().max()), (Some(&30), Some(&200)));
}

#[test]
fn transparent_parts_let_the_drawing_show() {
    let mut canvas = Canvas::new(64, 64);
    canvas.place(&[0, 0, 0, 0, 200, 0, 0, 255].repeat(2), 2, 2, Fidelity::Exact);
    assert_eq!(pixel(&canvas, 0, 0), [255; 4]);
    assert_eq!(pixel(&canvas, 63, 0), [200, 0, 0, 255]);
    // Black that nobody can see does not darken the edge.
    assert!((0..64).all(|x| pixel(&canvas, x, 5)[0] >= 199));
}

#[test]
fn bytes_that_are_not_that_picture_change_nothing() {
    let mut canvas = Canvas::new(64, 64);
    for (size, width, height) in [(15, 2, 2), (0, 0, 5), (0, 5, 0), (4, u32::MAX, u32::MAX)] {
        assert!(canvas.place(&vec![0; size], width, height, Fidelity::Exact).is_empty());
    }
    assert!(!canvas.can_undo());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_size_fits_and_keeps_its_colour(width in 1u32..300, height in 1u32..300, colour: [u8; 3]) {
        let mut canvas = Canvas::new(192, 128);
        let [red, green, blue] = colour;
        let area = canvas.place(&[red, green, blue, 255].repeat((width * height) as usize), width, height, Fidelity::Exact);
        prop_assert!(area.width == 192 || area.height == 128);
        prop_assert!(area.right() <= 192 && area.bottom() <= 128);
        for (i, found) in canvas.pixels().chunks(4).enumerate() {
            let inside = area.contains(i as u32 % 192, i as u32 / 192);
            let wanted = if inside { [red, green, blue, 255] } else { [255; 4] };
            let near = found.iter().zip(wanted).all(|(a, b)| a.abs_diff(b) <= 1);
            prop_assert!(near, "{i}: {found:?} for {wanted:?}");
        }
    }
}

#[test]
fn near_pixels_stand_only_where_an_opaque_picture_covers_whole_tiles() {
    let photograph = |width: u32, height: u32, alpha: u8| -> Vec<u8> {
        let pixel = |n: u32| [n % width * 2, n / width + n % 7, (n * 40_503) >> 9 & 63, alpha.into()];
        (0..width * height).flat_map(pixel).map(|value| value as u8).collect()
    };
    let placed = |width, height, alpha, fidelity| {
        let mut canvas = Canvas::new(128, 128);
        canvas.place(&photograph(90, 90, 255), 90, 90, Fidelity::Exact);
        canvas.place(&photograph(width, height, alpha), width, height, fidelity);
        canvas
    };
    let off = |width, height, alpha| {
        let [near, exact] =
            [Fidelity::Near, Fidelity::Exact].map(|fidelity| placed(width, height, alpha, fidelity));
        near.pixels().iter().zip(exact.pixels()).map(|(near, exact)| near.abs_diff(*exact)).max()
    };
    assert!((Some(1)..=Some(3)).contains(&off(128, 128, 255)));
    assert_eq!(off(64, 128, 255), Some(0), "in the middle it covers no tile");
    assert_eq!(off(128, 128, 0), Some(0), "what shows through is as it was");
    let mut canvas = placed(128, 128, 255, Fidelity::Near);
    canvas.undo();
    let mut before = placed(128, 128, 255, Fidelity::Exact);
    before.undo();
    assert_eq!(canvas.pixels(), before.pixels(), "it is one step");
}
