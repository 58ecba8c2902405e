//! What a stroke leaves on the paper.

use canvas::{Brush, Canvas, Rect, Sample, digest};
use proptest::prelude::*;

const INK: Brush = Brush { size: 24.0, colour: [20, 30, 40], eraser: false };

fn at(x: f32, y: f32) -> Sample {
    Sample { x, y, pressure: 0.5 }
}

fn draw(canvas: &mut Canvas, brush: Brush, samples: &[Sample]) -> Rect {
    let begun = canvas.begin(brush, samples[0]);
    begun.union(canvas.extend(&samples[1..])).union(canvas.end())
}

fn pixel(canvas: &Canvas, x: u32, y: u32) -> [u8; 4] {
    let mut out = Vec::new();
    canvas.copy_rect(Rect::new(x, y, 1, 1), &mut out);
    out.try_into().expect("one pixel")
}

fn row(canvas: &Canvas, y: u32) -> Vec<u8> {
    (0..canvas.width()).map(|x| pixel(canvas, x, y)[0]).collect()
}

#[test]
fn a_tap_leaves_a_round_dot_of_the_brush_size() {
    let mut canvas = Canvas::new(128, 128);
    draw(&mut canvas, INK, &[at(64.0, 64.0)]);
    let dark = canvas.pixels().chunks(4).filter(|p| p[0] < 138).count() as f32;
    let disc = std::f32::consts::PI * 12.0 * 12.0;
    assert!((dark - disc).abs() < 0.02 * disc, "{dark} pixels for a disc of {disc}");
}

#[test]
fn pressure_makes_the_stroke_wider() {
    let width = |pressure| {
        let mut canvas = Canvas::new(128, 128);
        let press = |x, y| Sample { pressure, ..at(x, y) };
        draw(&mut canvas, INK, &[press(64.0, 4.0), press(64.0, 124.0)]);
        row(&canvas, 64).iter().filter(|&&red| red < 138).count()
    };
    assert_eq!((width(0.5), width(1.0)), (24, 38));
    assert!(width(0.0) < 12);
}

#[test]
fn a_stroke_that_crosses_itself_gets_no_darker() {
    let grey = Brush { colour: [128; 3], ..INK };
    let mut canvas = Canvas::new(128, 128);
    draw(&mut canvas, grey, &[at(10.0, 60.0), at(118.0, 60.0), at(10.0, 60.0), at(118.0, 60.0)]);
    assert!(canvas.pixels().chunks(4).all(|p| p[0] >= 128));
    // The soft edge stays soft however often the stroke passes.
    let mut once = Canvas::new(128, 128);
    draw(&mut once, grey, &[at(10.0, 60.0), at(118.0, 60.0)]);
    for y in 40..80 {
        assert_eq!(pixel(&canvas, 64, y), pixel(&once, 64, y), "row {y}");
    }
}

#[test]
fn the_edge_of_a_straight_stroke_does_not_ripple() {
    let mut canvas = Canvas::new(192, 64);
    let samples: Vec<_> = (0..20).map(|i| at(16.0 + 8.0 * i as f32, 31.3)).collect();
    draw(&mut canvas, INK, &samples);
    for y in [18, 19, 20, 43, 44] {
        let edge: Vec<_> = row(&canvas, y)[40..150].to_vec();
        assert!(edge.iter().all(|red| red.abs_diff(edge[0]) <= 1), "row {y}: {edge:?}");
    }
}

#[test]
fn the_eraser_brings_back_the_paper() {
    let mut canvas = Canvas::new(128, 128);
    draw(&mut canvas, INK, &[at(20.0, 64.0), at(108.0, 64.0)]);
    let eraser = Brush { size: 80.0, eraser: true, ..INK };
    draw(&mut canvas, eraser, &[at(10.0, 64.0), at(118.0, 64.0)]);
    assert!(canvas.pixels().iter().all(|&value| value == 255));
}

#[test]
fn an_aborted_stroke_leaves_no_trace() {
    let mut canvas = Canvas::new(128, 128);
    draw(&mut canvas, INK, &[at(20.0, 64.0), at(108.0, 64.0)]);
    canvas.take_changed_tiles();
    let before = canvas.pixels().to_vec();
    canvas.begin(INK, at(0.0, 0.0));
    canvas.extend(&[at(128.0, 128.0)]);
    assert_ne!(canvas.pixels(), before);
    canvas.abort();
    assert_eq!(canvas.pixels(), before);
    assert!(!canvas.can_redo());
}

#[test]
fn numbers_that_are_none_are_passed_over() {
    let mut canvas = Canvas::new(128, 128);
    let odd = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX];
    canvas.begin(Brush { size: f32::NAN, ..INK }, Sample { x: f32::NAN, y: 0.0, pressure: f32::NAN });
    for x in odd {
        for y in odd {
            canvas.extend(&[Sample { x, y, pressure: x }]);
        }
    }
    canvas.end();
    draw(&mut canvas, Brush { size: f32::MAX, ..INK }, &[at(f32::MAX, f32::MIN), at(f32::MIN, f32::MAX)]);
}

/// Wasm and native must agree to the bit; whoever changes how strokes look changes this value,
/// and with it what strokes stored as samples mean.
#[test]
fn the_same_samples_give_the_same_bits_everywhere() {
    let mut canvas = Canvas::new(256, 256);
    for i in 0..12u8 {
        let f = f32::from(i);
        let samples: Vec<_> = (0..30u8)
            .map(|j| {
                let g = f32::from(j);
                let x = 20.0 + 7.3 * g + 3.1 * f;
                let y = 128.0 + (g - 15.0) * (f - 6.0) * 1.37 - (g - 15.0) * (g - 15.0) * 0.21;
                Sample { x, y, pressure: (g + f) / 45.0 }
            })
            .collect();
        let brush = Brush { size: 1.0 + 3.7 * f, colour: [i * 20, 255 - i * 9, 77], eraser: i % 5 == 4 };
        draw(&mut canvas, brush, &samples);
    }
    let name: String = digest(canvas.pixels()).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(name, "f1507590e7a0848e992007e7713f98b3");
}

/// Something that may change pixels, and says where.
type Change<'a> = Box<dyn FnMut(&mut Canvas) -> Rect + 'a>;

fn samples() -> impl Strategy<Value = Vec<Sample>> {
    let place = -60.0f32..260.0;
    let sample = (place.clone(), place, 0.0f32..=1.0).prop_map(|(x, y, pressure)| Sample { x, y, pressure });
    prop::collection::vec(sample, 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damage_covers_every_pixel_that_changed(size in 0.5f32..90.0, samples in samples(), cut in 0usize..12) {
        let mut canvas = Canvas::new(192, 192);
        let (first, second) = samples.split_at(cut.min(samples.len()));
        let mut steps: Vec<Change> = vec![
            Box::new(|canvas| canvas.begin(Brush { size, ..INK }, samples[0])),
            Box::new(|canvas| canvas.extend(first)),
            Box::new(|canvas| canvas.extend(second)),
            Box::new(Canvas::end),
            Box::new(|canvas| canvas.undo().unwrap_or_default()),
            Box::new(|canvas| canvas.redo().unwrap_or_default()),
            Box::new(Canvas::clear),
        ];
        for (number, step) in steps.iter_mut().enumerate() {
            let before = canvas.pixels().to_vec();
            let damage = step(&mut canvas);
            for (i, (old, new)) in before.chunks(4).zip(canvas.pixels().chunks(4)).enumerate() {
                let (x, y) = (i as u32 % 192, i as u32 / 192);
                prop_assert!(old == new || damage.contains(x, y), "step {number}: ({x}, {y}) outside {damage:?}");
            }
        }
    }

    #[test]
    fn how_samples_are_grouped_does_not_matter(size in 0.5f32..90.0, samples in samples()) {
        let mut together = Canvas::new(192, 192);
        draw(&mut together, Brush { size, ..INK }, &samples);
        let mut apart = Canvas::new(192, 192);
        apart.begin(Brush { size, ..INK }, samples[0]);
        for sample in &samples[1..] {
            apart.extend(&[*sample]);
        }
        apart.end();
        prop_assert!(together.pixels() == apart.pixels());
    }
}

#[test]
fn a_stroke_under_way_names_its_tiles_and_an_aborted_one_names_them_again() {
    let mut canvas = Canvas::new(256, 256);
    canvas.take_changed_tiles();
    assert!(canvas.tiles_under_way().is_empty());
    let brush = Brush { size: 10.0, colour: [0; 3], eraser: false };
    let at = |x: f32| Sample { x, y: 32.0, pressure: 0.5 };
    canvas.begin(brush, at(20.0));
    canvas.extend(&[at(60.0), at(110.0), at(110.0)]);
    assert_eq!(canvas.tiles_under_way(), [0, 1]);
    assert!(canvas.take_changed_tiles().is_empty(), "it is not finished");
    canvas.abort();
    assert_eq!((canvas.tiles_under_way(), canvas.take_changed_tiles()), (vec![], vec![0, 1]));
}
