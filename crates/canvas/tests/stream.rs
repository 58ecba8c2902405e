//! Strokes told to somebody who draws them again.

use canvas::{Brush, Canvas, Deed, Fill, Mark, Sample, stream};
use proptest::prelude::*;

const INK: Brush = Brush { size: 6.0, colour: [20, 30, 40], eraser: false };

fn at(x: f32, y: f32) -> Sample {
    Sample { x, y, pressure: 0.5 }
}

/// A circle as a mouse reports it.
fn circle(radius: f32, places: usize) -> Vec<Sample> {
    let turn = |n: usize| n as f32 / places as f32 * std::f32::consts::TAU;
    (0..=places).map(|n| at(256.0 + radius * turn(n).cos(), 256.0 + radius * turn(n).sin())).collect()
}

fn mark(brush: Brush, samples: &[Sample]) -> Mark {
    Mark::of(brush, samples).expect("a stroke of usual size")
}

/// The same path, pressed harder from its middle on.
fn pressed_later(samples: &[Sample]) -> Vec<Sample> {
    let middle = samples.len() / 2;
    let press =
        |(n, sample): (usize, &Sample)| Sample { pressure: if n < middle { 0.5 } else { 0.9 }, ..*sample };
    samples.iter().enumerate().map(press).collect()
}

#[test]
fn a_circle_is_a_few_bytes_and_looks_the_same() {
    let samples = circle(150.0, 120);
    let simple = mark(INK, &samples);
    let bytes = stream::Writer::default().write(&[Deed::Mark(simple.clone())]);
    assert!(simple.knots().len() <= 10, "{} knots", simple.knots().len());
    assert!(bytes.len() <= 30, "{} bytes", bytes.len());
    let (mut drawn, mut again) = (Canvas::new(512, 512), Canvas::new(512, 512));
    drawn.begin(INK, samples[0]);
    drawn.extend(&samples[1..]);
    drawn.end();
    again.carry_out(&Deed::Mark(simple));
    // A line that moves by a pixel changes its soft edge only: nowhere black for white.
    let off = drawn.pixels().iter().zip(again.pixels()).map(|(a, b)| a.abs_diff(*b)).max();
    assert!(off < Some(200), "{off:?}");
}

#[test]
fn a_deed_told_is_the_deed_done() {
    let mut here = Canvas::new(512, 512);
    let mut there = Canvas::new(512, 512);
    let (mut writer, mut reader) = (stream::Writer::default(), stream::Reader::default());
    let red = Brush { colour: [200, 30, 20], ..INK };
    let deeds = [
        Deed::Mark(mark(INK, &circle(100.0, 60))),
        Deed::Mark(mark(red, &[at(10.0, 10.0), at(300.0, 222.5)])),
        Deed::Undo,
        Deed::Mark(mark(Brush { eraser: true, size: 40.0, ..red }, &[at(256.0, 156.0)])),
        Deed::Undo,
        Deed::Redo,
        Deed::Clear,
        Deed::Undo,
        Deed::Fill(Fill { x: 256, y: 300, colour: [7, 8, 9] }),
        Deed::Mark(mark(red, &circle(60.0, 60))),
        Deed::Fill(Fill { x: 511, y: 0, colour: red.colour }),
        Deed::UnderWay(mark(red, &circle(40.0, 20)[..12])),
        Deed::UnderWay(mark(red, &circle(40.0, 20))),
        Deed::Mark(mark(red, &circle(40.0, 20))),
        Deed::UnderWay(mark(INK, &circle(90.0, 20))),
        Deed::Abort,
        Deed::UnderWay(mark(red, &circle(90.0, 20)[..12])),
        Deed::Mark(mark(INK, &circle(90.0, 20))),
        Deed::UnderWay(mark(INK, &circle(80.0, 20))),
        Deed::Mark(mark(Brush { eraser: true, ..INK }, &circle(80.0, 20))),
        Deed::UnderWay(mark(INK, &circle(70.0, 20)[..12])),
        Deed::UnderWay(mark(INK, &[at(5.0, 5.0), at(9.0, 300.0)])),
        Deed::Mark(mark(INK, &pressed_later(&circle(70.0, 20)))),
        Deed::Undo,
    ];
    for deed in &deeds {
        here.carry_out(deed);
        for heard in reader.read(&writer.write(std::slice::from_ref(deed))).expect("readable") {
            assert_eq!(heard, *deed);
            there.carry_out(&heard);
        }
        assert!(here.pixels() == there.pixels(), "{deed:?}");
    }
}

#[test]
fn a_stroke_that_was_told_while_it_grew_is_not_told_again() {
    let winding = |n: usize| {
        let turn = n as f32 / 14.0;
        at(256.0 + (30.0 + 0.3 * n as f32) * turn.cos(), 256.0 + 3.0 * turn + 120.0 * (0.7 * turn).sin())
    };
    let samples: Vec<Sample> = (0..600).map(winding).collect();
    let told = |deed: Deed, writer: &mut stream::Writer, reader: &mut stream::Reader| {
        let message = writer.write(std::slice::from_ref(&deed));
        assert_eq!(reader.read(&message), Ok(vec![deed]));
        message.len()
    };
    let (mut writer, mut reader) = (stream::Writer::default(), stream::Reader::default());
    let whole = told(Deed::Mark(mark(INK, &samples)), &mut writer.clone(), &mut reader.clone());
    let parts = (60..600).step_by(60).map(|end| Deed::UnderWay(mark(INK, &samples[..end])));
    let along: usize = parts.map(|deed| told(deed, &mut writer, &mut reader)).sum();
    let end = told(Deed::Mark(mark(INK, &samples)), &mut writer, &mut reader);
    assert!(end * 4 < whole && along + end < whole * 2, "{along} and {end} bytes in place of {whole}");
}

#[test]
fn a_corner_is_one_knot() {
    let along = |from: (f32, f32), to: (f32, f32)| {
        (0..160).map(move |n| {
            at(from.0 + (to.0 - from.0) * n as f32 / 160.0, from.1 + (to.1 - from.1) * n as f32 / 160.0)
        })
    };
    let corners = [(100.0, 100.0), (300.0, 110.0), (290.0, 280.0), (105.0, 270.0)];
    let around = (0..4).flat_map(|n| along(corners[n], corners[(n + 1) % 4]));
    let square = mark(INK, &around.collect::<Vec<_>>());
    let found: Vec<bool> = square.knots().iter().map(|knot| knot.corner).collect();
    assert_eq!(found, [false, true, true, true, false]);
    for (knot, corner) in square.knots().iter().zip(corners) {
        assert!((knot.sample.x - corner.0).abs() < 2.5 && (knot.sample.y - corner.1).abs() < 2.5, "{knot:?}");
    }
}

#[test]
fn pressure_travels() {
    let pen = |n: u8| Sample { x: 40.0 + 4.0 * f32::from(n), y: 100.0, pressure: f32::from(n) / 100.0 };
    let samples: Vec<Sample> = (0..=100).map(pen).collect();
    let drawn = mark(Brush { size: 24.0, ..INK }, &samples);
    let told = stream::Writer::default().write(&[Deed::Mark(drawn.clone())]);
    assert_eq!(stream::Reader::default().read(&told), Ok(vec![Deed::Mark(drawn.clone())]));
    let (first, last) = (drawn.knots()[0].sample, drawn.knots()[drawn.knots().len() - 1].sample);
    assert_eq!((first.pressure, last.pressure), (0.0, 1.0));
}

/// A hand that presses in place and then flicks away.
#[test]
fn a_press_before_a_flick_leaves_no_blob() {
    let brush = Brush { size: 24.0, ..INK };
    let press = (0..6).map(|n| Sample { x: 60.0 + n as f32, y: 200.0, pressure: 0.05 + 0.17 * n as f32 });
    let flick = (1..9).map(|n| Sample { x: 65.0 + 45.0 * n as f32, y: 200.0, pressure: 0.9 });
    let samples: Vec<Sample> = press.chain(flick).collect();
    let inked = |canvas: &Canvas| canvas.pixels().chunks(4).filter(|p| p[0] < 128).count();
    let (mut seen, mut kept) = (Canvas::new(512, 512), Canvas::new(512, 512));
    seen.begin(brush, samples[0]);
    seen.extend(&samples[1..]);
    seen.end();
    kept.carry_out(&Deed::Mark(mark(brush, &samples)));
    let (seen, kept) = (inked(&seen), inked(&kept));
    assert!(kept.abs_diff(seen) < seen / 10, "{kept} pixels in place of {seen}");
}

#[test]
fn what_is_nowhere_or_too_much_is_no_mark() {
    let wide = Brush { size: 512.0, ..INK };
    let across: Vec<Sample> = (0..4000).map(|n| at((n % 2 * 512) as f32, n as f32 / 8.0)).collect();
    assert_eq!(Mark::of(wide, &across), None);
    assert_eq!(Mark::of(INK, &[at(f32::NAN, 0.0)]), None);
    assert_eq!(Mark::of(INK, &[]), None);
}

#[test]
fn a_message_cannot_ask_for_more_than_so_much_work() {
    let wide = Brush { size: 300.0, ..INK };
    let across = mark(wide, &[at(0.0, 0.0), at(512.0, 512.0)]);
    let many = |count| stream::Writer::default().write(&vec![Deed::Mark(across.clone()); count]);
    assert!(stream::Reader::default().read(&many(4)).is_ok());
    assert_eq!(stream::Reader::default().read(&many(60)), Err(stream::Unreadable::Large));
    let undos = stream::Writer::default().write(&vec![Deed::Undo; stream::DEEDS_MAX + 1]);
    assert_eq!(stream::Reader::default().read(&undos), Err(stream::Unreadable::Large));
}

fn sample() -> impl Strategy<Value = Sample> {
    (-100.0f32..700.0, -100.0f32..700.0, 0.0f32..1.0).prop_map(|(x, y, pressure)| Sample { x, y, pressure })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_strokes_come_back(
        strokes in prop::collection::vec((prop::collection::vec(sample(), 1..40), 1.0f32..50.0, any::<[u8; 3]>(), any::<bool>()), 1..6),
        together in any::<bool>(),
    ) {
        // Each is told first as it began, of which some knots stay and others do not.
        let deeds = strokes.iter().flat_map(|(samples, size, colour, eraser)| {
            let brush = Brush { size: *size, colour: *colour, eraser: *eraser };
            let begun = Mark::of(brush, &samples[..samples.len().div_ceil(2)]).map(Deed::UnderWay);
            [begun, Mark::of(brush, samples).map(Deed::Mark)]
        });
        let deeds: Vec<Deed> = deeds.flatten().collect();
        prop_assume!(!deeds.is_empty());
        let (mut writer, mut reader) = (stream::Writer::default(), stream::Reader::default());
        let mut heard = Vec::new();
        for message in deeds.chunks(if together { deeds.len() } else { 1 }) {
            heard.extend(reader.read(&writer.write(message)).expect("readable"));
        }
        prop_assert_eq!(heard, deeds);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut in_the_middle = stream::Reader::default();
        let begun = stream::Writer::default().write(&[Deed::UnderWay(mark(INK, &circle(90.0, 40)))]);
        in_the_middle.read(&begun).expect("readable");
        for mut reader in [stream::Reader::default(), in_the_middle] {
            if let Ok(deeds) = reader.read(&bytes) {
                prop_assert!(deeds.len() <= stream::DEEDS_MAX);
            }
        }
    }
}
