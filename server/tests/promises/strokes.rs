//! Strokes are drawn again at the server, and become the canvas that they were at the page.

use crate::page::{Page, steps};
use crate::studio::{Drawing, Place};
use canvas::{Brush, Canvas, Deed, Mark, Sample, stream::Writer};
use tokio_tungstenite::tungstenite::Message;
use wire::{ClientMessage, Code, Digest, Fact, Manifest, Spec};

/// What a page draws on.
struct Paper {
    canvas: Canvas,
    writer: Writer,
}

impl Paper {
    /// As large as a drawing of so many blank tiles.
    fn blank(tiles: u32) -> Self {
        Self { canvas: Canvas::new(64 * tiles, 64), writer: Writer::default() }
    }

    fn line(&self, from: f32, to: f32) -> Deed {
        let at = |x| Sample { x, y: 30.0, pressure: 0.5 };
        let brush = Brush { size: 9.0, colour: [200, 10, 40], eraser: false };
        Deed::Mark(Mark::of(brush, &[at(from), at((from + to) / 2.0), at(to)]).expect("a stroke"))
    }

    fn name(&self) -> Digest {
        let tiles = (0..self.canvas.tiles()).map(|n| Digest(canvas::digest(&self.canvas.tile(n)))).collect();
        let manifest = Manifest::new(self.canvas.width(), self.canvas.height(), tiles).expect("whole tiles");
        Digest(canvas::digest(&manifest.canonical()))
    }

    /// Does it, and the message that tells it.
    fn tell(&mut self, deed: Deed) -> Message {
        self.canvas.carry_out(&deed);
        Message::Binary(self.writer.write(&[deed]).into())
    }
}

async fn followed(page: &mut Page) -> (Digest, Vec<u32>) {
    match page.until(|fact| matches!(fact, Fact::Canvas { .. })).await {
        Fact::Canvas { canvas, missing } => (canvas, missing),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_is_drawn_is_known_without_a_tile() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    place.gate.open();
    let mut page = place.drawn(&Drawing::of(&[255, 255, 255])).await;
    let before = place.studio.stats.counted().tiles_received;
    let mut paper = Paper::blank(3);
    for deed in
        [paper.line(10.0, 150.0), paper.line(90.0, 20.0), Deed::Undo, Deed::Redo, Deed::Clear, Deed::Undo]
    {
        let told = paper.tell(deed);
        page.say_raw(told).await;
        assert_eq!(followed(&mut page).await, (paper.name(), vec![]));
    }
    assert_eq!(place.studio.stats.counted().tiles_received, before);
    let drawing = Drawing { digest: paper.name(), ..Drawing::of(&[255]) };
    let told = paper.tell(Deed::Abort);
    page.say_raw(told).await;
    let job = page.generate(&drawing, steps(2)).await;
    assert_eq!(job.canvas, paper.name());
    page.until_finished().await;
}

#[tokio::test]
async fn where_strokes_led_to_is_read_ahead_without_its_name() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let prepare = ClientMessage::Prepare { canvas: None, spec: Spec::default() };
    let mut page = Page::open(place.address).await;
    page.say(&prepare).await;
    let blank = Drawing::of(&[255]);
    page.show(&blank).await;
    place.upload(&blank).await;
    let mut paper = Paper::blank(1);
    let told = paper.tell(paper.line(10.0, 50.0));
    page.say_raw(told).await;
    followed(&mut page).await;
    page.say(&prepare).await;
    while place.studio.stats.made_ahead.get() < 1 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_stroke_under_way_is_a_canvas_too() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let mut page = place.drawn(&Drawing::of(&[255, 255])).await;
    let mut paper = Paper::blank(2);
    for end in [40.0, 70.0, 110.0] {
        let Deed::Mark(mark) = paper.line(10.0, end) else { unreachable!() };
        let told = paper.tell(Deed::UnderWay(mark));
        page.say_raw(told).await;
        assert_eq!(followed(&mut page).await, (paper.name(), vec![]));
    }
    let line = paper.line(10.0, 110.0);
    let told = paper.tell(line);
    page.say_raw(told).await;
    assert_eq!(followed(&mut page).await, (paper.name(), vec![]));
}

#[tokio::test]
async fn who_goes_astray_is_told_once_and_found_by_its_canvas() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let drawing = Drawing::of(&[255, 255]);
    let mut page = place.drawn(&drawing).await;
    let mut paper = Paper::blank(2);
    // A step that the server has not: it draws something else.
    paper.canvas.carry_out(&paper.line(5.0, 60.0));
    let stroke = paper.line(60.0, 90.0);
    let told = paper.tell(stroke.clone());
    page.say_raw(told).await;
    assert_ne!(followed(&mut page).await.0, paper.name());
    page.say(&ClientMessage::Live { canvas: paper.name(), spec: steps(2) }).await;
    let told = paper.tell(stroke);
    page.say_raw(told).await;
    page.say(&ClientMessage::Generate { request: 9, canvas: paper.name(), spec: steps(2) }).await;
    page.until(|fact| matches!(fact, Fact::Astray)).await;
    assert!(page.show(&drawing).await.is_empty());
    let told = |fact: &&wire::Numbered| matches!(fact.fact, Fact::Astray | Fact::Refused { .. });
    assert_eq!(page.facts.iter().filter(told).count(), 1, "{:#?}", page.facts);
    let mut paper = Paper::blank(2);
    let line = paper.line(5.0, 60.0);
    let told = paper.tell(line);
    page.say_raw(told).await;
    assert_eq!(followed(&mut page).await, (paper.name(), vec![]));
}

#[tokio::test]
async fn a_step_that_the_server_does_not_have_is_not_passed_over() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    for deed in [Deed::Undo, Deed::Redo] {
        let mut page = place.drawn(&Drawing::of(&[255, 255])).await;
        let told = Paper::blank(2).tell(deed);
        page.say_raw(told).await;
        page.until(|fact| matches!(fact, Fact::Astray)).await;
    }
}

#[tokio::test]
async fn strokes_on_a_canvas_whose_tiles_have_not_come_lead_nowhere() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let mut page = Page::open(place.address).await;
    page.show(&Drawing::of(&[255, 255])).await;
    let mut paper = Paper::blank(2);
    let line = paper.line(5.0, 60.0);
    let told = paper.tell(line);
    page.say_raw(told).await;
    page.until(|fact| matches!(fact, Fact::Astray)).await;
}

#[tokio::test]
async fn bytes_that_are_no_strokes_do_no_harm() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let drawing = Drawing::of(&[255, 255]);
    let mut page = place.drawn(&drawing).await;
    page.say_raw(Message::Binary(vec![7; wire::limits::STROKES_MAX + 1].into())).await;
    assert_eq!(page.refused().await.code, Code::TooLarge);
    for noise in [vec![], vec![0x53; 4000], vec![0xff; 9000], vec![0x80; 200]] {
        page.say_raw(Message::Binary(noise.into())).await;
        page.until(|fact| matches!(fact, Fact::Astray | Fact::Canvas { .. })).await;
        page.show(&drawing).await;
    }
}

#[tokio::test]
async fn tiles_that_went_meanwhile_are_there_again_with_the_next_stroke() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let mut page = place.drawn(&Drawing::of(&[255, 255])).await;
    let mut paper = Paper::blank(2);
    let line = paper.line(5.0, 60.0);
    let told = paper.tell(line);
    page.say_raw(told).await;
    followed(&mut page).await;
    let later = std::time::Instant::now() + place.studio.tiles.ttl() * 2;
    place.studio.tiles.expire(later);
    assert_eq!(place.studio.stats.counted().tiles_known, 0);
    let line = paper.line(70.0, 120.0);
    let told = paper.tell(line);
    page.say_raw(told).await;
    assert_eq!(followed(&mut page).await, (paper.name(), vec![]));
}
