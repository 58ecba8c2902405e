//! Paper and picture have the shape that the person chose.

use super::{Page, drawn, picture};
use crate::studio::{
    Command, Effect, Event, Laid, Looked, Paper, Settings, Shape, code_tiles, tuning::Tuning,
};
use wire::{ClientMessage, Digest, Fact, Job, JobId, Picture, Spec, TileBatch};

/// The paper is cut, as the browser does it.
fn cut(page: &mut Page, shape: Shape) {
    page.happen(Event::Canvas(Command::Cut(shape)));
    assert!(page.take(|effect| (*effect == Effect::Canvas(Command::Cut(shape))).then_some(())).len() == 1);
    let (width, height) = shape.paper();
    let tiles = (0..width / 64 * (height / 64)).collect();
    page.happen(drawn(shape, tiles, false));
}

/// The canvas that was said last, in pixels.
fn said(page: &Page) -> (u32, u32) {
    let mut said = page.said.iter().rev().filter_map(|message| match message {
        ClientMessage::Canvas { manifest } => Some((manifest.width(), manifest.height())),
        _ => None,
    });
    said.next().expect("one was said")
}

#[test]
fn a_click_asks_for_a_picture_of_the_shape_of_the_paper() {
    let mut page = Page::open();
    for (shape, paper, asked) in [
        (Shape::Portrait, (512, 768), (256, 384)),
        (Shape::Landscape, (768, 512), (384, 256)),
        (Shape::Square, (512, 512), (256, 256)),
    ] {
        cut(&mut page, shape);
        page.code(90);
        page.generate(5);
        page.finish(5);
        let (_, canvas, spec) = page.asked().pop().expect("one was asked for");
        assert_eq!((said(&page), (spec.width, spec.height)), (paper, asked));
        assert_eq!(page.canvases().last(), Some(&canvas));
    }
}

#[test]
fn a_size_is_that_of_the_shorter_side() {
    let spec = |shape, side| {
        let tuning = Tuning { side, ..Tuning::default() };
        Settings { shape, tuning, ..Settings::default() }.spec(None)
    };
    let sizes = |shape, side| (spec(shape, side).width, spec(shape, side).height);
    assert_eq!(sizes(Shape::Portrait, Some(512)), (512, 768));
    assert_eq!(sizes(Shape::Landscape, Some(768)), (1152, 768));
    // As many pixels as the largest square, as the largest models want it.
    assert_eq!(sizes(Shape::Portrait, Some(1024)), (832, 1216));
    assert_eq!(sizes(Shape::Square, Some(1024)), (1024, 1024));
    for (shape, side) in
        [(Shape::Portrait, Some(576)), (Shape::Landscape, Some(832)), (Shape::Square, Some(320))]
    {
        let mut settings = Settings { shape, ..Settings::default() };
        settings.restore(&spec(shape, side), wire::Seed(1));
        assert_eq!(settings.tuning.side, side, "{shape:?}");
    }
}

#[test]
fn what_was_coded_of_other_paper_names_nothing() {
    let mut page = Page::open();
    page.happen(drawn(Shape::Square, vec![3], false));
    let coded = TileBatch::parse(code_tiles(&[9; canvas::TILE_BYTES])).unwrap().0;
    let stale = coded.into_iter().map(|(digest, bytes)| (3, digest, bytes)).collect();
    page.take(|effect| matches!(effect, Effect::Code(_)).then_some(()));
    cut(&mut page, Shape::Portrait);
    page.happen(Event::Coded { paper: Paper::usual(Shape::Square), tiles: stale });
    assert_eq!(page.studio.sheet.current(), None, "all of it is other paper");
    page.code(90);
    let named = page.studio.sheet.current().expect("it is coded");
    assert_eq!((named.manifest.width(), named.manifest.tiles().len()), (512, 96));
    assert!(named.manifest.tiles().iter().all(|tile| *tile == named.manifest.tiles()[0]));
}

#[test]
fn the_shape_outlives_the_page_with_the_drawing_or_without() {
    let mut page = Page::open();
    cut(&mut page, Shape::Landscape);
    let kept =
        page.take(|effect| if let Effect::Remember(text) = effect { Some(text.clone()) } else { None });
    let settings = Settings::from_text(kept.last().expect("it is remembered"));
    assert_eq!(settings.shape, Shape::Landscape);
    assert_eq!(Settings::from_text("{\"prompt\":\"a boat\"}").shape, Shape::Square);
    // Another tab may have had other paper since.
    let mut next = Page::asleep();
    next.happen(Event::Restored {
        paper: Paper::usual(Shape::Portrait),
        tiles: Vec::new(),
        rest: (0..96).collect(),
    });
    assert_eq!(next.studio.settings.shape, Shape::Portrait);
}

#[test]
fn a_picture_of_another_shape_brings_its_paper_along() {
    let mut page = Page::open();
    let job = Job {
        id: JobId([7; 8]),
        canvas: Digest([0; 16]),
        spec: Spec { width: 384, height: 256, ..Spec::default() },
        created_ms: 0,
    };
    page.fact(&Fact::Accepted { job, request: None });
    let pictures = vec![Picture { width: 384, ..picture(7) }];
    page.fact(&Fact::Finished { job: JobId([7; 8]), pictures, took_ms: 1.0 });
    page.happen(Event::Look(Some(Looked::One(picture(7).digest))));
    assert_eq!(page.studio.size(), (384, 256));

    page.done.clear();
    page.happen(Event::TakeUp);
    assert_eq!(page.done, [Effect::Lay(Laid::Picture(picture(7).digest))]);
    page.happen(Event::Restore);
    let is_cut =
        |effect: &Effect| matches!(effect, Effect::Canvas(Command::Cut(Shape::Landscape))).then_some(());
    assert_eq!(page.take(is_cut).len(), 1);
    cut(&mut page, Shape::Landscape);
    page.happen(Event::Restore);
    assert_eq!(page.take(is_cut).len(), 0);
}

#[test]
fn quick_pictures_have_the_shape_of_the_paper_and_are_not_much_larger_than_the_models() {
    let mut page = Page::asleep();
    page.code(255);
    page.live_ms = Some(60.0);
    page.welcome(Vec::new());
    let quick = |page: &mut Page, side| {
        page.said.clear();
        page.happen(Event::Side(side));
        cut(page, Shape::Portrait);
        page.code(90);
        let mut asked = page.said.iter().rev().filter_map(|message| match message {
            ClientMessage::Live { spec, .. } => Some((spec.width, spec.height)),
            _ => None,
        });
        asked.next()
    };
    assert_eq!(quick(&mut page, 256), Some((256, 384)));
    assert_eq!(quick(&mut page, 512), Some((256, 384)));
}
